"""Compressed files undone as they are read: gzip (RFC 1952) and Zstandard (RFC 8878), told by their first bytes."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from lookalike.codec import coding_library
from lookalike.errors import FileError, LookalikeError, UsageError
from lookalike.traffic.codings import zstandard_frames
from lookalike.traffic.pieces import CHUNK, Pieces

_MAGIC = 4  # bytes that tell
_WORTH_A_LOOK = 64 * 1024 * 1024
_RATIO = 500
_STEP = 1024  # bytes of Zstandard undone at once: at most 32 MiB


def decompressed(chunks: Iterator[bytes], label: str, skip: Callable[[str, str], None]) -> Iterator[bytes]:
    """What the chunks hold, in pieces of bounded size; the chunks themselves where they aren't compressed.

    Data that is cut off or damaged ends there, and `skip` is told. Raises UsageError where a library is missing.
    """
    first = next(chunks, b"")
    while len(first) < _MAGIC and (more := next(chunks, b"")):
        first += more
    whole = itertools.chain((first,), chunks) if first else chunks
    for magic, name, undo in _COMPRESSED:
        if first.startswith(magic):
            packed = _Counted(whole)
            yield from _told(_believable(undo(packed, label), packed, label), name, skip)
            return
    yield from whole


class _Counted:
    """Pieces, and how many bytes of them were taken."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self.size += len(piece)
        return piece


def _believable(pieces: Iterator[bytes], packed: _Counted, label: str) -> Iterator[bytes]:
    """The pieces, until they are more than any recording makes of its packed bytes. Raises FileError."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > _WORTH_A_LOOK and size > _RATIO * packed.size:
            raise FileError(
                label,
                f"its {packed.size:,} bytes unpack to more than {_RATIO} times as many, as no recording's do",
                hint="If it is one all the same, unpack it first.",
            )
        yield piece


def _told(pieces: Iterator[bytes], name: str, skip: Callable[[str, str], None]) -> Iterator[bytes]:
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            yield piece
    except LookalikeError:
        raise
    except Exception as error:  # each library has errors of its own
        skip("", f"its {name} data is cut off or damaged after {size:,} bytes of content ({error})")


def _gzip(chunks: Iterator[bytes], label: str) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=cast("BinaryIO", Pieces(chunks))) as stream:
        yield from _pieces(stream)


def _zstandard(chunks: Iterator[bytes], label: str) -> Iterator[bytes]:
    library = coding_library("zstd")
    if library is None:
        raise UsageError(f'{label}: Zstandard needs a library; run: pip install "lookalike[encodings]"')
    if library.__name__ == "zstandard":
        yield from filter(None, zstandard_frames(library, chunks, _STEP))
        return
    with library.ZstdFile(Pieces(chunks)) as stream:
        yield from _pieces(stream)


def _pieces(stream: Any) -> Iterator[bytes]:
    # One read of what is below: what came before damage is given first.
    while piece := stream.read1(CHUNK):
        yield piece


_COMPRESSED: tuple[tuple[bytes, str, Callable[[Iterator[bytes], str], Iterator[bytes]]], ...] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"\x28\xb5\x2f\xfd", "Zstandard", _zstandard),
)
