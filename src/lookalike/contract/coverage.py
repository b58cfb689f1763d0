"""What a test run did with an API: which operations were mocked and called, which statuses came up, what never did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lookalike.codec import decode_json
from lookalike.contract.contract import Contract
from lookalike.contract.coverage_places import PlaceTree, places_of
from lookalike.contract.operation import Operation
from lookalike.errors import InvalidJson
from lookalike.messages import Response

# What no status says: the answer of a function that isn't known beforehand, a connection that failed.
NO_STATUS = ""


class OperationCoverage:
    """One operation in a run.

    key:        `GET /todos/{id}`
    documented: the statuses that the contract names: codes, ranges such as `4XX`, `default`
    mocked:     the statuses of declared replies, `""` for a reply whose status isn't known beforehand, or that fails
    called:     how often each status came up, `""` where no answer came
    places:     the places of its successes' JSON by the contract, once a success was received; else none
    met:        those of them that an answer had
    expected:   how many places the contract names for it, once `Coverage.count_places` counted them

    An operation that a double answered is mocked too, however the double came to it.
    """

    __slots__ = ("called", "documented", "expected", "key", "met", "mocked", "places")

    def __init__(self, key: str, documented: Iterable[str]) -> None:
        self.key = key
        self.documented = tuple(documented)
        self.mocked: set[str] = set()
        self.called: Counter[str] = Counter()
        self.places: set[str] = set()
        self.met: set[str] = set()
        self.expected = 0

    @property
    def known_places(self) -> int:
        """How many places the contract names for it, as far as that is known."""
        return max(self.expected, len(self.places))

    @property
    def is_mocked(self) -> bool:
        """Whether a mock declares it, or a double answered it."""
        return bool(self.mocked or self.called)

    @property
    def calls(self) -> int:
        """How often it was called."""
        return sum(self.called.values())

    @property
    def statuses(self) -> tuple[str, ...]:
        """The documented statuses, `default` aside, which names none."""
        return tuple(status for status in self.documented if status != "default")

    @property
    def unmet(self) -> tuple[str, ...]:
        """The documented statuses that no call met. A range is met by any status of it that isn't named by itself."""
        return tuple(status for status in self.statuses if not self._met(status))

    @property
    def unmet_errors(self) -> tuple[str, ...]:
        """Those of them that are errors: what a client has to be ready for, and no test shows that it is."""
        return tuple(status for status in self.unmet if status[0] in "45")

    def _met(self, status: str) -> bool:
        if not status.endswith("XX"):
            return self.called[status] > 0
        return any(met[:1] == status[0] and met not in self.documented for met in self.called)


class Coverage:
    """What a run did with one API, by its contract. Coverages of one API add up, in any order.

    api:        its name
    operations: by their keys, in the contract's order
    strangers:  calls of what the contract doesn't have: `GET /nowhere`, and how often
    """

    def __init__(self, api: str, operations: Iterable[OperationCoverage] = ()) -> None:
        self.api = api
        self.operations: dict[str, OperationCoverage] = {one.key: one for one in operations}
        self.strangers: Counter[str] = Counter()
        self._trees: dict[str, PlaceTree] = {}

    @classmethod
    def of(cls, contract: Contract, api: str = "") -> Coverage:
        """The coverage of a contract that nothing was done with yet. Raises FileError where the document is broken."""
        found = (OperationCoverage(one.key, map(str, one.responses)) for one in contract.operations)
        return cls(api or contract.name, found)

    def declared(self, operation: Operation | None, status: int | None) -> None:
        """A mock declares a reply of this operation; status: None where it isn't known beforehand."""
        if operation is not None:
            self._of(operation).mocked.add(NO_STATUS if status is None else str(status))

    def called(self, operation: Operation | None, request: str, status: int | None) -> None:
        """A request was answered with this status, or with none.

        request: `GET /todos/1`, for one that the contract doesn't have
        """
        if operation is None:
            self.strangers[request] += 1
        else:
            self._of(operation).called[NO_STATUS if status is None else str(status)] += 1

    def received(self, contract: Contract, operation: Operation | None, response: Response | None) -> None:
        """An answer reached the code under test: the places that its JSON has are met, if it is a success.

        Raises FileError where the document is broken.
        """
        if operation is not None and response is not None and 200 <= response.status < 300 and response.is_json:
            self.meet(contract, operation, response.body)

    def meet(self, contract: Contract, operation: Operation, content: bytes) -> None:
        """The body of a success reached the code under test, whoever gave it; one that is no JSON meets no place.

        Raises FileError where the document is broken.
        """
        try:
            body = decode_json(content)
        except InvalidJson:
            return
        one = self._of(operation)
        if not one.places:
            one.places.update(places_of(contract.document, operation))
        tree = self._trees.get(operation.key)
        if tree is None or tree.size != len(one.places):
            tree = self._trees[operation.key] = PlaceTree(one.places)
        one.met.update(tree.met(body))

    def count_places(self, contract: Contract) -> None:
        """Count the places of all operations: of those too that no answer came of. Raises FileError where the document
        is broken.
        """
        for operation in contract.operations:
            one = self._of(operation)
            one.expected = len(one.places) or len(places_of(contract.document, operation))

    def _of(self, operation: Operation) -> OperationCoverage:
        return self.operations.setdefault(operation.key, OperationCoverage(operation.key, ()))

    @property
    def known(self) -> int:
        """How many operations the contract has."""
        return len(self.operations)

    @property
    def never_called(self) -> tuple[str, ...]:
        """The operations that were never called, mocked or not."""
        return tuple(one.key for one in self.operations.values() if not one.calls)

    @property
    def never_mocked(self) -> tuple[str, ...]:
        """The operations that no mock declares and no double answered."""
        return tuple(one.key for one in self.operations.values() if not one.is_mocked)

    @property
    def percent(self) -> float:
        """How many of the operations were called, in percent; 100 of none."""
        return percent_called((self,))

    def add(self, other: Coverage) -> None:
        """Count in what another run, or another worker, did with the same API."""
        for key, one in other.operations.items():
            own = self.operations.setdefault(key, OperationCoverage(key, one.documented))
            own.mocked |= one.mocked
            own.called += one.called
            own.places |= one.places
            own.met |= one.met
            own.expected = max(own.expected, one.expected)
        self.strangers += other.strangers

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON; `from_json` reads it."""
        operations = {
            key: [
                list(one.documented),
                sorted(one.mocked),
                dict(sorted(one.called.items())),
                sorted(one.places),
                sorted(one.met),
                one.expected,
            ]
            for key, one in self.operations.items()
        }
        return {"api": self.api, "operations": operations, "strangers": dict(sorted(self.strangers.items()))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Coverage:
        """What `to_json` gave."""
        coverage = cls(data["api"])
        for key, (documented, mocked, called, places, met, expected) in data["operations"].items():
            one = coverage.operations[key] = OperationCoverage(key, documented)
            one.mocked.update(mocked)
            one.called.update(called)
            one.places.update(places)
            one.met.update(met)
            one.expected = expected
        coverage.strangers.update(data["strangers"])
        return coverage


def percent_called(coverages: Iterable[Coverage]) -> float:
    """How many of all operations were called, in percent; 100 where there are none."""
    return _percent((one.known - len(one.never_called), one.known) for one in coverages)


def percent_of_statuses(coverages: Iterable[Coverage]) -> float:
    """How many of the documented statuses of all operations came up, in percent; 100 where there are none."""
    return _percent((len(one.statuses) - len(one.unmet), len(one.statuses)) for one in _operations(coverages))


def percent_met(coverages: Iterable[Coverage]) -> float:
    """How many of the places of all operations an answer had, in percent; 100 where there are none.

    Those of operations of which no answer came count where `Coverage.count_places` counted them.
    """
    return _percent((len(one.met), one.known_places) for one in _operations(coverages))


def _operations(coverages: Iterable[Coverage]) -> Iterator[OperationCoverage]:
    return (one for coverage in coverages for one in coverage.operations.values())


def _percent(counts: Iterable[tuple[int, int]]) -> float:
    parts, wholes = zip((0, 0), *counts, strict=True)
    return 100.0 * sum(parts) / sum(wholes) if sum(wholes) else 100.0
