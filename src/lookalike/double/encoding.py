"""Content codings that a reply's body is sent in: gzip, deflate, br, zstd (RFC 9110, section 8.4.1)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from lookalike.codec import coding_library
from lookalike.double.streams import Chunks, Known, each
from lookalike.errors import UsageError

Coding = Literal["gzip", "deflate", "br", "zstd"]


class Coder(NamedTuple):
    """One body on its way through a coding.

    add: bytes in, and all that a client needs to have them back; end: what closes the body
    """

    add: Callable[[bytes], bytes]
    end: Callable[[], bytes]


def _zlib(window: int) -> Callable[[], Coder]:
    def make() -> Coder:
        coder = zlib.compressobj(wbits=window)
        return Coder(lambda data: coder.compress(data) + coder.flush(zlib.Z_SYNC_FLUSH), coder.flush)

    return make


def _brotli() -> Coder:
    coder = coding_library("br").Compressor()
    return Coder(lambda data: coder.process(data) + coder.flush(), coder.finish)


def _zstd() -> Coder:
    library = coding_library("zstd")
    if library.__name__ == "zstandard":
        coder = library.ZstdCompressor().compressobj()
        block = library.COMPRESSOBJ_FLUSH_BLOCK
        return Coder(lambda data: coder.compress(data) + coder.flush(block), coder.flush)
    packer: Any = library.ZstdCompressor()
    return Coder(lambda data: packer.compress(data, packer.FLUSH_BLOCK), packer.flush)


_CODERS: dict[str, Callable[[], Coder]] = {
    "gzip": _zlib(zlib.MAX_WBITS | 16),
    "deflate": _zlib(zlib.MAX_WBITS),
    "br": _brotli,
    "zstd": _zstd,
}
_INSTALL = {"br": "brotli", "zstd": "zstandard"}


def codings_of(encoding: object) -> tuple[str, ...]:
    """The codings in the order in which they are applied. Raises UsageError for others, and for a missing library."""
    names: Sequence[object] = (encoding,) if isinstance(encoding, str) else encoding  # type: ignore[assignment]  # refused below
    if not isinstance(names, (list, tuple)) or not names:
        raise UsageError(f'encoding= is a content coding or a list of them, encoding="gzip", not {encoding!r}')
    for name in names:
        if not isinstance(name, str) or name not in _CODERS:
            raise UsageError(
                f"encoding={name!r}: the codings are {', '.join(_CODERS)}; for another one give the coded bytes, "
                f'content=b"...", headers={{"content-encoding": ...}}'
            )
        if name in _INSTALL and coding_library(name) is None:
            raise UsageError(f'encoding="{name}" needs a library that isn\'t installed: pip install {_INSTALL[name]}')
    return tuple(str(name) for name in names)


def encode_content(content: bytes, codings: Sequence[str]) -> bytes:
    """A whole body in its codings."""
    for name in codings:
        coder = _CODERS[name]()
        content = coder.add(content) + coder.end()
    return content


def encode_chunks(chunks: Chunks, codings: Sequence[str]) -> Chunks:
    """A streamed body in its codings; each piece can be decoded as soon as it is there."""
    for name in codings:
        chunks = _coded(chunks, _CODERS[name])
    return chunks


def _coded(chunks: Chunks, make: Callable[[], Coder]) -> Chunks:
    if isinstance(chunks, Known):
        coder = make()
        return Known((*(_piece(coder)(one) for one in chunks.pieces), coder.end()))

    def begin() -> Any:
        coder = make()
        return each(chunks(), _piece(coder), coder.end)

    return begin


def _piece(coder: Coder) -> Callable[[bytes], bytes]:
    return lambda one: coder.add(one) if one else one  # a pause stays one
