"""The exchanges that happened, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import Any, Unpack, overload

from lookalike.double.asked import Criteria, Path
from lookalike.errors import DoubleError, UsageError
from lookalike.messages import Exchange, Fault, Request, Response
from lookalike.secrets import mask_url

Entry = Exchange | Callable[[], Exchange]

# Who answered, then what happened: a request and its answer, or an entry alone.
_Row = tuple[object, Request | Entry, Response | Fault | None]

_PASSED = 5


class Calls(Sequence[Exchange]):
    """Exchanges in the order in which they happened; `base_url` is what paths in `where` are relative to."""

    __slots__ = ("_exchanges", "base_url")

    def __init__(self, exchanges: Iterable[Exchange] = (), base_url: str | None = None) -> None:
        self._exchanges = tuple(exchanges)
        self.base_url = base_url

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> Exchange | Calls:
        if isinstance(index, slice):
            return Calls(self._exchanges[index], self.base_url)
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

    def where(
        self,
        method: str | None = None,
        path: Path | None = None,
        *,
        status: int | None = None,
        **asked: Unpack[Criteria],
    ) -> Calls:
        """Those of them that are like this, in order: `calls.where("POST", "/todos", json=including({...}))`.

        method, path: as a route has them; a path may be a template. status: what answered
        asked:        what else a route can ask for: params, headers, json and so on

        Raises UsageError for what no request could fit.
        """
        # Only a test that filters pays for it.
        from lookalike.double.question import Question

        if status is not None and type(status) is not int:
            raise UsageError(f"calls.where(status={status!r}): a status is a number")
        question = Question("calls.where(", method, path, self.base_url, asked)
        return Calls((call for call in self if _answered(call, status) and _fits(question, call)), self.base_url)

    def __repr__(self) -> str:
        told = ", ".join(f"{call.request.method} {mask_url(call.request.url)}" for call in self)
        return f"<{len(self)} calls{': ' if told else ''}{told}>"


def _answered(call: Exchange, status: int | None) -> bool:
    return status is None or (call.response is not None and call.response.status == status)


def _fits(question: Any, call: Exchange) -> bool:
    return next(question.explain(call.request), None) is None


class Journal:
    """Keeps the newest `limit` exchanges and counts all; exchanges may be made only when somebody looks.

    Appending is safe from any thread.
    """

    __slots__ = ("_lock", "_passed", "_rows", "_total", "base_url")

    def __init__(self, limit: int | None = 10_000, base_url: str | None = None) -> None:
        self.base_url = base_url
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
        return Calls((_exchange(row) for row in self._snapshot()), self.base_url)

    def calls_by(self, by: object) -> Calls:
        """The kept exchanges that `by` answered."""
        return Calls((_exchange(row) for row in self._snapshot() if row[0] is by), self.base_url)

    def _snapshot(self) -> list[_Row]:
        with self._lock:
            return list(self._rows)

    def state(self) -> tuple[list[_Row], int]:
        """What is kept now, for `restore`."""
        with self._lock:
            return list(self._rows), self._total

    def restore(self, state: tuple[list[_Row], int]) -> None:
        """Keep again what was kept then; what came after is forgotten."""
        rows, total = state
        with self._lock:
            self._rows.clear()
            self._rows.extend(rows)
            self._total = total

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
            # The pauses between a stream's pieces, where they are known, take their time too.
            return Exchange(first, answer, elapsed=answer.delay + getattr(answer.chunks, "pauses", 0.0))
        return Exchange(first, None, answer)
    return first if isinstance(first, Exchange) else first()
