"""Content codings of recorded bodies undone within a limit (RFC 9110, section 8.4.1; RFC 7932, RFC 8878)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from lookalike.codec import coding_library

_GZIP = zlib.MAX_WBITS | 16
# Fed in so small steps that no step's output is large, as brotli's older releases have no limit for it.
_STEP = 256
# The memory that a Zstandard frame may ask for: what its own tool takes unless told otherwise.
ZSTANDARD_WINDOW = 1 << 27


_MARKS = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_CONTROLS = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f]")


class TooLarge(Exception):
    """The decoded body exceeds the limit."""


def known(coding: str) -> bool:
    """Whether each of the codings that a Content-Encoding names is one that `undone` may know."""
    found = names(coding)
    return bool(found) and all(name in _UNDO for name in found)


def names(coding: str) -> list[str]:
    """The codings of a Content-Encoding in lower case, in the order in which they were applied."""
    return [name for part in coding.split(",") if (name := part.strip().lower()) not in ("", "identity")]


def missing(coding: str) -> str:
    """The coding whose library isn't installed, or `""`."""
    return next((name for name in names(coding) if name in ("br", "zstd") and coding_library(name) is None), "")


def is_marked(body: bytes, coding: str) -> bool:
    """Whether a body begins as the coding that was applied last does, which nothing else begins with."""
    mark = _MARKS.get(names(coding)[-1])
    return mark is not None and body.startswith(mark)


def is_plain(body: bytes, coding: str) -> bool:
    """Whether a body is not, or no longer, coded: by the mark that its coding has, or because it is text.

    brotli and deflate have no mark, but what they make isn't UTF-8 without control characters.
    """
    if names(coding)[-1] in _MARKS:
        return not is_marked(body, coding)
    if _CONTROLS.search(body):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def undone(body: bytes, coding: str, limit: int) -> bytes | None:
    """The body without its codings; None where it isn't of them. Raises TooLarge."""
    plain: bytes | None = body
    for name in reversed(names(coding)):
        undo = _UNDO.get(name)
        if undo is None or plain is None:
            return None
        try:
            plain = _joined(undo(plain), limit)
        except TooLarge:
            raise
        except Exception:  # each library has errors of its own for data that isn't of its coding
            return None
    return plain


def _joined(parts: Iterator[bytes], limit: int) -> bytes:
    found, size = [], 0
    for part in parts:
        size += len(part)
        if size > limit:
            raise TooLarge
        found.append(part)
    return b"".join(found)


_PIECE = 1 << 20


def _inflated(content: bytes, window: int) -> Iterator[bytes]:
    while True:
        stream = zlib.decompressobj(window)
        yield stream.decompress(content, _PIECE)
        while stream.unconsumed_tail:
            yield stream.decompress(stream.unconsumed_tail, _PIECE)
        if not stream.eof:
            raise zlib.error("the data ends too early")
        # A gzip file may have several members (RFC 1952, section 2.2); other trailing bytes are padding.
        content = stream.unused_data
        if window != _GZIP or not content.startswith(b"\x1f\x8b"):
            return


def _gzip(content: bytes) -> Iterator[bytes]:
    return _inflated(content, _GZIP)


def _deflate(content: bytes) -> Iterator[bytes]:
    # Some servers send it without its zlib frame, whose first two bytes are a multiple of 31 (RFC 1950, section 2.2).
    framed = len(content) > 1 and content[0] & 15 == 8 and int.from_bytes(content[:2], "big") % 31 == 0
    return _inflated(content, zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)


def _brotli(content: bytes) -> Iterator[bytes]:
    stream: Any = coding_library("br").Decompressor()
    feed = getattr(stream, "process", None) or stream.decompress
    for at in range(0, len(content), _STEP):
        yield feed(content[at : at + _STEP])
    if not stream.is_finished():
        raise ValueError("the data ends too early")


def _zstandard(content: bytes) -> Iterator[bytes]:
    library = coding_library("zstd")
    if library.__name__ == "zstandard":
        yield from zstandard_frames(library, iter((content,)), _STEP)
        return
    while content:
        stream = library.ZstdDecompressor()
        yield stream.decompress(content, _PIECE)
        while not stream.eof:
            if stream.needs_input:
                raise ValueError("the data ends too early")
            yield stream.decompress(b"", _PIECE)
        content = stream.unused_data


def zstandard_frames(library: Any, chunks: Iterator[bytes], step: int) -> Iterator[bytes]:
    """What frames hold (RFC 8878, section 3.1), by the library zstandard; its own reader tells nobody of a cut.

    step: bytes taken at once; a block of 4 bytes may hold 128 KiB. Raises ValueError, and the library's own error.
    """
    decompressor = library.ZstdDecompressor(max_window_size=ZSTANDARD_WINDOW)
    stream = None
    for chunk in chunks:
        for at in range(0, len(chunk), step):
            rest = chunk[at : at + step]
            while rest:
                stream = stream or decompressor.decompressobj()
                yield stream.decompress(rest)
                rest = stream.unused_data if stream.eof else b""
                stream = None if stream.eof else stream
    if stream is not None:
        raise ValueError("the data ends too early")


_UNDO: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstandard,
}
