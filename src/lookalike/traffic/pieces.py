"""Bytes that come in pieces: as a file, and as UTF-8."""

from __future__ import annotations

import codecs
import io
import itertools
from collections.abc import Iterator
from typing import Any

CHUNK = 256 * 1024


class Pieces(io.RawIOBase):
    """A file to read once, forwards, over pieces of bytes; none of them is empty."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


# What tells UTF-16 and a byte order mark (RFC 8259, section 8.1: a parser may ignore one).
_MARKS = ((codecs.BOM_UTF8, ""), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def as_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same text without its byte order mark; UTF-16 that begins with one becomes UTF-8."""
    first = next(pieces, b"")
    while len(first) < len(codecs.BOM_UTF8) and (more := next(pieces, b"")):
        first += more
    for mark, encoding in _MARKS:
        if not first.startswith(mark):
            continue
        first = first[len(mark) :]
        if encoding:
            yield from _recoded(first, pieces, encoding)
            return
        break
    if first:
        yield first
    yield from pieces


def _recoded(first: bytes, pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in itertools.chain((first,), pieces):
        if text := decoder.decode(piece):
            yield text.encode()
    if text := decoder.decode(b"", final=True):
        yield text.encode()
