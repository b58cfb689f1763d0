"""Answers that already are bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lookalike.double.double import Double
from lookalike.messages import Request, Response


class Kept(NamedTuple):
    """An answer as it was sent, with what the journal wants to know of it."""

    wire: bytes
    request: Callable[[], Request]
    response: Response


class Memo:
    """Keeps the bytes of `reusable` answers by the bytes of the whole request, until the double's version changes.

    The raw bytes are the safest key: whatever an answer may depend on is in them. At most `entries` answers and `size`
    bytes are kept, and the oldest goes first.
    """

    __slots__ = ("_double", "_entries", "_held", "_kept", "_size", "_version")

    def __init__(self, double: Double, *, entries: int = 4096, size: int = 64 * 1024 * 1024) -> None:
        self._double = double
        self._entries = entries
        self._size = size
        self._held = 0
        self._kept: dict[bytes, Kept] = {}
        self._version = double.version

    def get(self, raw: bytes) -> Kept | None:
        """The answer kept for these bytes, None if there is none any more."""
        if self._version != self._double.version:
            self.clear()
        return self._kept.get(raw)

    def put(self, raw: bytes, kept: Kept, version: int) -> None:
        """Keep an answer that was made when the double had this version."""
        cost = len(raw) + len(kept.wire)
        if version != self._double.version or version != self._version or cost > self._size // 4 or raw in self._kept:
            return
        while self._kept and (len(self._kept) >= self._entries or self._held + cost > self._size):
            oldest = next(iter(self._kept))
            self._held -= len(oldest) + len(self._kept.pop(oldest).wire)
        self._kept[raw] = kept
        self._held += cost

    def clear(self) -> None:
        """Forget all, and go with the double's present version."""
        self._kept.clear()
        self._held = 0
        self._version = self._double.version

    def __len__(self) -> int:
        return len(self._kept)
