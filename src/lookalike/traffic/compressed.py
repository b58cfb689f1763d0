"""Compressed files undone as they are read: gzip (RFC 1952) and Zstandard (RFC 8878), told by their first bytes."""

from __future__ import annotations

import gzip
import io
import itertools
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from lookalike.codec import coding_library
from lookalike.errors import UsageError
from lookalike.traffic.pieces import CHUNK, Pieces

_MAGIC = 4  # bytes that tell
# The memory that a Zstandard frame may ask for: what its own tool takes unless told otherwise.
_WINDOW = 1 << 27


def decompressed(chunks: Iterator[bytes], label: str, skip: Callable[[str, str], None]) -> Iterator[bytes]:
    """What the chunks hold, in pieces of bounded size; the chunks themselves where they aren't compressed.

    Data that is cut off or damaged ends there, and `skip` is told. Raises UsageError where a library is missing.
    """
    first = next(chunks, b"")
    while len(first) < _MAGIC and (more := next(chunks, b"")):
        first += more
    whole = itertools.chain((first,), chunks) if first else chunks
    for magic, name, opened in _COMPRESSED:
        if first.startswith(magic):
            with opened(Pieces(whole), label) as stream:
                yield from _pieces(stream, name, skip)
            return
    yield from whole


def _pieces(stream: BinaryIO, name: str, skip: Callable[[str, str], None]) -> Iterator[bytes]:
    size = 0
    read = getattr(stream, "read1", stream.read)  # what came before the damage is given first
    while True:
        try:
            piece = read(CHUNK)
        except UsageError:
            raise
        except Exception as error:  # each library has errors of its own
            skip("", f"its {name} data is cut off or damaged after {size:,} bytes of content ({error})")
            return
        if not piece:
            return
        size += len(piece)
        yield piece


def _gzip(raw: io.RawIOBase, label: str) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=cast("BinaryIO", raw)))


def _zstandard(raw: io.RawIOBase, label: str) -> BinaryIO:
    library = coding_library("zstd")
    if library is None:
        raise UsageError(f'{label}: Zstandard needs a library; run: pip install "lookalike[encodings]"')
    if library.__name__ == "zstandard":
        reader = library.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(raw, read_across_frames=True)
        return cast("BinaryIO", reader)
    return cast("BinaryIO", library.ZstdFile(raw))


_COMPRESSED: tuple[tuple[bytes, str, Callable[[io.RawIOBase, str], BinaryIO]], ...] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"\x28\xb5\x2f\xfd", "Zstandard", _zstandard),
)
