"""The exchanges that happened, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

from lookalike.errors import DoubleError
from lookalike.messages import Exchange

Entry = Exchange | Callable[[], Exchange]


class Calls(Sequence[Exchange]):
    """Exchanges in the order in which they happened."""

    __slots__ = ("_exchanges",)

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        self._exchanges = tuple(exchanges)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> Exchange | Calls:
        if isinstance(index, slice):
            return Calls(self._exchanges[index])
        try:
            return self._exchanges[index]
        except IndexError:
            raise DoubleError(f"there is no call {index}: {len(self._exchanges)} happened") from None

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    @property
    def last(self) -> Exchange:
        """The newest call. Raises DoubleError if there was none."""
        return self[-1]

    def __repr__(self) -> str:
        return f"<{len(self)} calls: " + ", ".join(f"{c.request.method} {c.request.url}" for c in self) + ">"


class Journal:
    """Keeps the newest `limit` exchanges and counts all; entries may be made only when somebody looks.

    Appending is safe from any thread.
    """

    __slots__ = ("_entries", "_total")

    def __init__(self, limit: int | None = 10_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._total = 0

    def record(self, entry: Entry) -> None:
        """Append an exchange, or a function that makes it when it is looked at."""
        self._entries.append(entry)
        self._total += 1

    @property
    def total(self) -> int:
        """How many exchanges happened, also those that were dropped beyond the limit."""
        return self._total

    @property
    def calls(self) -> Calls:
        """The exchanges that are kept."""
        # A slice of a snapshot: another thread may append while this one looks.
        entries = list(islice(self._entries.copy(), None))
        return Calls(entry if isinstance(entry, Exchange) else entry() for entry in entries)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self._total = 0
