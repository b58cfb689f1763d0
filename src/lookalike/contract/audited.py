"""What a suite's own mocks say of the APIs that they stand for: how many there are, which of them lie, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lookalike.contract.coverage import NO_STATUS, Coverage
from lookalike.contract.skeleton import skeleton
from lookalike.counted import counted
from lookalike.mismatch import Level, Mismatch

_POSITION = re.compile(r"\[\d+\]")
# Evidence that names a place of a document.
_PLACE = re.compile(r"(?:the document says so|a person wrote so): .+", re.DOTALL)
LACKING = "none of them"  # what a mock has of the keys that it lacks
_LACKING_SOME = "not all of them"
_KEYS = "the keys "
_VALUES = 3  # of those that mocks have at one place


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a mock says and its contract doesn't allow, or has never seen.

    where:    as `Mismatch.where`, positions of arrays left out: `json[].id`
    level:    a `violation` is a lie, a `warning` is what the contract has only never seen
    stranger: whether the contract has no such operation at all
    disputed: whether an example of the contract itself says the same, so that it is no lie
    """

    where: str
    expected: str
    got: str
    evidence: str = ""
    hint: str = ""
    level: Level = "violation"
    stranger: bool = False
    disputed: bool = False

    @classmethod
    def of(cls, one: Mismatch, *, stranger: bool = False, disputed: bool = False) -> Said:
        """What a mismatch says, wherever in an array it was."""
        where = _POSITION.sub("[]", one.where)
        return cls(where, one.expected, one.got, one.evidence, one.hint, one.level, stranger, disputed)

    @property
    def is_lie(self) -> bool:
        """Whether it contradicts what the contract says of an operation that it has."""
        return self.level == "violation" and not self.stranger and not self.disputed

    def __str__(self) -> str:
        return str(Mismatch(self.where, self.expected, self.got, self.evidence, self.hint))


@dataclass(slots=True)
class Mocked:
    """One mock: what one line declares for one operation.

    operation: `GET /todos/{id}`; for what the contract doesn't have, the request: `GET /nowhere`
    library:   who gave the answer: `responses`, `unittest.mock`; place: `tests/test_todos.py:14`, or a cassette's entry
    statuses:  those that tests received, `""` where the mock doesn't say one
    received:  how often; tests: by which
    said:      what is wrong with it, each with the tests that received that
    """

    operation: str
    library: str
    place: str
    statuses: set[str] = field(default_factory=set)
    received: int = 0
    tests: set[str] = field(default_factory=set)
    said: dict[Said, set[str]] = field(default_factory=dict)

    @property
    def lies(self) -> list[Said]:
        """What contradicts the contract."""
        return [one for one in self.said if one.is_lie]

    @property
    def is_stranger(self) -> bool:
        """Whether the contract has no such operation."""
        return any(one.stranger for one in self.said)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with every mock that says it: one line of a report.

    operations: those of the mocks; several where it is about one place of a schema that they share
    said:       as most of them say it: the place may be another in each operation
    tests:      those that received it, in order
    """

    operations: tuple[str, ...]
    said: Said
    mocks: tuple[Mocked, ...]
    tests: tuple[str, ...]

    @property
    def operation(self) -> str:
        """The first of the operations, and how many more there are."""
        more = len(self.operations) - 1
        return self.operations[0] + (f" and {counted(more, 'more operation')}" if more else "")


def keys(names: Iterable[str]) -> str:
    """Several keys in words: `the keys id, title`."""
    return _KEYS + ", ".join(names)


@dataclass(frozen=True, slots=True)
class _Lack:
    """Keys that an object lacks: its place in the mock, that of its schema in words, and the keys."""

    where: str
    evidence: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, said: Said) -> _Lack | None:
        """What is said of keys that a document requires; None where something else is said."""
        if not _PLACE.fullmatch(said.evidence):
            return None
        if said.got == LACKING and said.expected.startswith(_KEYS):
            return cls(said.where, said.evidence, tuple(said.expected.removeprefix(_KEYS).split(", ")))
        parent, _, name = said.where.rpartition(".")
        own = f"/properties/{name}"
        if parent and said.got == "missing" and said.evidence.endswith(own):
            return cls(parent, said.evidence.removesuffix(own), (name,))
        return None


def _cause(operation: str, said: Said) -> tuple[Any, ...]:
    """What those have in common that are one thing: a place of the document, and what was there; of operations that the
    contract doesn't have, the path but for the values in it.
    """
    if said.stranger:
        method, _, path = operation.partition(" ")
        return method, skeleton(path), said.hint
    place = _PLACE.fullmatch(said.evidence)
    if place is None:
        return operation, said
    lack = _Lack.of(said)
    if lack is not None:
        return lack.evidence, said.level, said.disputed
    # Of several keys the evidence names their object, whatever that is called in its parent.
    name = "" if said.got.startswith(_KEYS) else said.where.removesuffix("[]").rpartition(".")[2]
    return said.evidence, name, said.expected, _kind(said.got), said.level, said.disputed


def _kind(got: str) -> str:
    """What there was: values of one kind are one thing that is wrong."""
    return "text" if got[:1] == '"' else "number" if got[:1].isdigit() or got[:1] == "-" else got


def _united(found: Sequence[Said]) -> Said:
    """One for all that have a cause in common: as most say it, and all the keys that any of them lacks."""
    often = Counter(found)
    said = min(often, key=lambda one: (-often[one], len(one.where), str(one)))
    lacks = [lack for one in often if (lack := _Lack.of(one)) is not None]
    names = {lack.names for lack in lacks}
    if len(names) < 2:
        values = sorted({one.got for one in often}, key=natural)
        more = len(values) - _VALUES
        return replace(said, got=", ".join(values[:_VALUES]) + (f" and {more} more" if more > 0 else ""))
    own = _Lack.of(said) or lacks[0]
    every = sorted({name for some in names for name in some})
    return replace(said, where=own.where, expected=keys(every), got=_LACKING_SOME, evidence=own.evidence, hint="")


def _finding(found: list[tuple[Mocked, Said]]) -> Finding:
    mocks = {id(mock): mock for mock, _ in found}.values()
    return Finding(
        tuple(sorted({mock.operation for mock in mocks})),
        _united([said for _, said in found]),
        tuple(sorted(mocks, key=lambda one: (natural(one.place), one.operation, one.library))),
        tuple(sorted({test for mock, one in found for test in mock.said[one]})),
    )


class AuditedApi:
    """The mocks of one API.

    name: as pyproject.toml has it; source: its contract's file
    """

    def __init__(self, name: str, coverage: Coverage, source: str = "") -> None:
        self.name = name
        self.source = source
        self.coverage = coverage
        self.mocks: dict[tuple[str, str, str], Mocked] = {}

    def mock(self, operation: str, library: str, place: str) -> Mocked:
        """The mock that this line is, made where it is new."""
        key = (operation, library, place)
        found = self.mocks.get(key)
        if found is None:
            found = self.mocks[key] = Mocked(operation, library, place)
        return found

    @property
    def lying(self) -> list[Mocked]:
        """The mocks that contradict the contract."""
        return [mock for mock in self.mocks.values() if mock.lies]

    @property
    def strangers(self) -> list[Mocked]:
        """The mocks of operations that the contract doesn't have."""
        return [mock for mock in self.mocks.values() if mock.is_stranger]

    @property
    def lies(self) -> list[Finding]:
        """What contradicts the contract, what most mocks say first."""
        return self._findings(lambda one: one.is_lie)

    @property
    def unknown(self) -> list[Finding]:
        """Operations that mocks answer and the contract doesn't have."""
        return self._findings(lambda one: one.stranger)

    @property
    def doubts(self) -> list[Finding]:
        """What the contract has only never seen."""
        return self._findings(lambda one: one.level == "warning" and not one.stranger)

    @property
    def disputes(self) -> list[Finding]:
        """What contradicts the contract, as an example of the contract itself does."""
        return self._findings(lambda one: one.disputed)

    def _findings(self, wanted: Callable[[Said], bool]) -> list[Finding]:
        causes: dict[tuple[Any, ...], list[tuple[Mocked, Said]]] = {}
        for mock in self.mocks.values():
            for said in mock.said:
                if wanted(said):
                    causes.setdefault(_cause(mock.operation, said), []).append((mock, said))
        findings = [_finding(found) for found in causes.values()]
        return sorted(findings, key=lambda one: (-len(one.mocks), one.operations, one.said.where, str(one.said)))

    @property
    def unsaid(self) -> int:
        """How many mocks don't say a status."""
        return sum(NO_STATUS in mock.statuses for mock in self.mocks.values())

    @property
    def never_mocked(self) -> tuple[str, ...]:
        """The operations that no mock answers."""
        return self.coverage.never_mocked

    @property
    def errors_never_met(self) -> list[tuple[str, tuple[str, ...]]]:
        """Of each operation that tests meet: the documented errors (4xx, 5xx) that none of them does."""
        operations = self.coverage.operations.values()
        return [(one.key, one.unmet_errors) for one in operations if one.is_mocked and one.unmet_errors]

    def add(self, other: AuditedApi) -> None:
        """Count in what another worker saw."""
        self.source = self.source or other.source
        self.coverage.add(other.coverage)
        for key, one in other.mocks.items():
            own = self.mock(*key)
            own.statuses |= one.statuses
            own.received += one.received
            own.tests |= one.tests
            for said, tests in one.said.items():
                own.said.setdefault(said, set()).update(tests)

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON; `from_json` reads it."""
        mocks = [
            [mock.operation, mock.library, mock.place, sorted(mock.statuses), mock.received, sorted(mock.tests), [
                [[said.where, said.expected, said.got, said.evidence, said.hint, said.level, said.stranger,
                  said.disputed], sorted(tests)]
                for said, tests in mock.said.items()
            ]]
            for mock in self.mocks.values()
        ]  # fmt: skip
        return {"name": self.name, "source": self.source, "coverage": self.coverage.to_json(), "mocks": mocks}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AuditedApi:
        """What `to_json` gave."""
        api = cls(data["name"], Coverage.from_json(data["coverage"]), data["source"])
        for operation, library, place, statuses, received, tests, said in data["mocks"]:
            mock = api.mock(operation, library, place)
            mock.statuses.update(statuses)
            mock.received += received
            mock.tests.update(tests)
            for one, by in said:
                mock.said.setdefault(Said(*one), set()).update(by)
        return api


class Audit:
    """What a run saw.

    apis:     by their names
    unnamed:  hosts that no API of pyproject.toml is at, each with the places of its mocks; `""` for addresses without
              a host
    unread:   APIs whose contract can't be held to, and why
    troubles: what went wrong while it watched, which is never a test's fault
    """

    def __init__(self) -> None:
        self.apis: dict[str, AuditedApi] = {}
        self.unnamed: dict[str, set[str]] = {}
        self.unread: dict[str, str] = {}
        self.troubles: set[str] = set()

    @property
    def mocks(self) -> int:
        """How many mocks of named APIs were seen."""
        return sum(len(api.mocks) for api in self.apis.values())

    @property
    def lying(self) -> int:
        """How many of them contradict their contract."""
        return sum(len(api.lying) for api in self.apis.values())

    def add(self, other: Audit) -> None:
        """Count in what another worker saw."""
        for name, api in other.apis.items():
            if name in self.apis:
                self.apis[name].add(api)
            else:
                self.apis[name] = api
        for host, places in other.unnamed.items():
            self.unnamed.setdefault(host, set()).update(places)
        self.unread.update(other.unread)
        self.troubles |= other.troubles

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON; `from_json` reads it."""
        return {
            "apis": [api.to_json() for _, api in sorted(self.apis.items())],
            "unnamed": {host: sorted(places) for host, places in sorted(self.unnamed.items())},
            "unread": dict(sorted(self.unread.items())),
            "troubles": sorted(self.troubles),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Audit:
        """What `to_json` gave."""
        audit = cls()
        audit.apis = {one["name"]: AuditedApi.from_json(one) for one in data["apis"]}
        audit.unnamed = {host: set(places) for host, places in data["unnamed"].items()}
        audit.unread = dict(data["unread"])
        audit.troubles = set(data["troubles"])
        return audit


_NUMBER = re.compile(r"(\d+)")


def natural(text: str) -> list[tuple[int, str]]:
    """A key that puts line 14 before line 107."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(text)]
