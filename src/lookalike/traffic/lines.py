"""A file in pieces of whole lines."""

from __future__ import annotations

from lookalike.errors import FileError
from lookalike.traffic.opened import Opened

BLOCK = 256 * 1024


class Lines:
    """A file read forwards; what was taken may be given back."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._back: list[bytes] = []

    def back(self, piece: bytes) -> None:
        """Give back what begins a line, to be the next piece."""
        if piece:
            self._back.append(piece)

    def piece(self) -> bytes:
        """Some whole lines, the last of the file perhaps without its end; empty at the end.

        Raises FileError for a line that is larger than an entry may be.
        """
        if self._back:
            return self._back.pop()
        piece = self._opened.stream.read(BLOCK)
        if not piece or piece.endswith(b"\n"):
            return piece
        limit = self._opened.limits.entry
        rest = self._opened.stream.readline(limit)
        if len(rest) >= limit and not rest.endswith(b"\n"):
            raise FileError(self._opened.name, f"it has a line of more than {limit:,} bytes", hint="Is it a cassette?")
        return piece + rest
