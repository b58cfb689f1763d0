"""The exchanges that happened, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import overload

from lookalike.errors import DoubleError
from lookalike.messages import Exchange, Fault, Request, Response
from lookalike.secrets import mask_url

Entry = Exchange | Callable[[], Exchange]

# Who answered, then what happened: a request and its answer, or an entry alone.
_Row = tuple[object, Request | Entry, Response | Fault | None]

_PASSED = 5


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

    def __eq__(self, other: object) -> bool:
        return self._exchanges == other._exchanges if isinstance(other, Calls) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._exchanges)

    @property
    def last(self) -> Exchange:
        """The newest call. Raises DoubleError if there was none."""
        return self[-1]

    def __repr__(self) -> str:
        told = ", ".join(f"{call.request.method} {mask_url(call.request.url)}" for call in self)
        return f"<{len(self)} calls{': ' if told else ''}{told}>"


class Journal:
    """Keeps the newest `limit` exchanges and counts all; exchanges may be made only when somebody looks.

    Appending is safe from any thread.
    """

    __slots__ = ("_lock", "_passed", "_rows", "_total")

    def __init__(self, limit: int | None = 10_000) -> None:
        self._rows: deque[_Row] = deque(maxlen=limit)
        self._total = 0
        self._passed: dict[str, None] = {}
        self._lock = Lock()

    def record(self, entry: Entry, *, by: object = None) -> None:
        """Append an exchange, or a function that makes it when it is looked at; `by` is who answered."""
        with self._lock:
            self._rows.append((by, entry, None))
            self._total += 1

    def note(self, request: Request, answer: Response | Fault, *, by: object = None) -> None:
        """Append a request with its answer; the exchange's time is the response's delay."""
        with self._lock:
            self._rows.append((by, request, answer))
            self._total += 1

    def let_through(self, place: str, why: str) -> None:
        """Remember that a request went past the double: to `localhost:8080`, as that is `loopback` or `allowed`."""
        if len(self._passed) < _PASSED:
            self._passed[f"{place} ({why})"] = None

    @property
    def passed(self) -> tuple[str, ...]:
        """Where requests went past the double, the first of them: `localhost:8080 (loopback)`."""
        return tuple(self._passed)

    @property
    def total(self) -> int:
        """How many exchanges happened, also those that were dropped beyond the limit."""
        return self._total

    @property
    def calls(self) -> Calls:
        """The exchanges that are kept."""
        return Calls(_exchange(row) for row in self._snapshot())

    def calls_by(self, by: object) -> Calls:
        """The kept exchanges that `by` answered."""
        return Calls(_exchange(row) for row in self._snapshot() if row[0] is by)

    def _snapshot(self) -> list[_Row]:
        with self._lock:
            return list(self._rows)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._rows.clear()
            self._passed = {}
            self._total = 0


def _exchange(row: _Row) -> Exchange:
    _, first, answer = row
    if isinstance(first, Request):
        if isinstance(answer, Response):
            return Exchange(first, answer, elapsed=answer.delay)
        return Exchange(first, None, answer)
    return first if isinstance(first, Exchange) else first()
