"""Which places of an API's answers the code under test reads: by operation, with the tests and lines that read them.

What wasn't seen is told from what can't be seen: where code hands an object to something that leaves no trace (an
extension in C, a parser of its own), nobody knows what was read of it, and nothing there is called unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from lookalike.contract.compare_places import ITEMS, ROOT, VALUES, split_place, steps

#: `read`: seen; `unseen`: watched, and never read; `unknown`: nobody watched, or somebody who leaves no trace read it;
#: `unreceived`: no test that was watched received an answer of the operation.
Used = Literal["read", "unseen", "unknown", "unreceived"]
Path = tuple[str, ...]


class Reader(NamedTuple):
    """Who reads a place.

    test:  the test's node id, `""` where none ran
    where: the line of the user's code that reads it, or that led to it: `services.py:12`
    own:   whether that line reads it itself, and no installed package on its behalf
    """

    test: str
    where: str
    own: bool


# A line that reads, and whether it is the user's own; with the tests in which it does.
_Lines = dict[tuple[str, bool], set[str]]


class _Place:
    """What happened at one place: which lines read it, which read it whole, whether something untraceable did."""

    __slots__ = ("blind", "readers", "whole")

    def __init__(self) -> None:
        self.readers: _Lines = {}
        self.whole: _Lines = {}
        self.blind = False


class Reads:
    """The reads of one API. Those of several runs or workers add up, in any order.

    An operation is `GET /todos` for its successes; its other answers are kept apart, as `404 GET /todos`.
    A place is a path of steps from the body, as `compare_places.steps` has them: `("[]", ".owner", ".login")`.
    """

    def __init__(self) -> None:
        self._places: dict[str, dict[Path, _Place]] = {}
        self.tests: dict[str, set[str]] = {}

    @property
    def operations(self) -> tuple[str, ...]:
        """Operations (`GET /todos`) of which answers were received, sorted."""
        return tuple(sorted(self.tests))

    def received(self, operation: str, *tests: str) -> None:
        """Tests received an answer of this operation."""
        self.tests.setdefault(operation, set()).update(tests)

    def note(self, operation: str, path: Path, where: str, tests: Iterable[str], *, own: bool) -> None:
        """A line read a place in these tests; `where` and `own` are a Reader's."""
        self._at(operation, path).readers.setdefault((where, own), set()).update(tests)

    def note_whole(self, operation: str, path: Path, where: str, tests: Iterable[str], *, own: bool) -> None:
        """A line read all keys, or items, of what is at a place."""
        self._at(operation, path).whole.setdefault((where, own), set()).update(tests)

    def cant_see(self, operation: str, path: Path) -> None:
        """Something that leaves no trace may have read what is at a place, and below it."""
        self._at(operation, path).blind = True

    def _at(self, operation: str, path: Path) -> _Place:
        places = self._places.setdefault(operation, {})
        found = places.get(path)
        if found is None:
            found = places[path] = _Place()
        return found

    def readers(self, operation: str, place: str) -> tuple[Reader, ...]:
        """Who reads a place of drift (`json[].title`, `404 json.error`), sorted; the user's own lines first."""
        operation, path = _located(operation, place)
        while path and path[-1] == ITEMS:  # whoever reads a list is taken to read its items
            path = path[:-1]
        found: set[Reader] = set()
        if path is not None:
            found.update(*(_readers(one.readers) for one in self._alike(operation, path)))
            if path:
                found.update(*(_readers(one.whole) for one in self._alike(operation, path[:-1])))
        return tuple(sorted(found, key=lambda one: (not one.own, one.test, one.where)))

    def used(self, operation: str, place: str) -> Used:
        """Whether a place of drift is read, as far as anybody can tell."""
        operation, path = _located(operation, place)
        if operation not in self.tests:
            return "unreceived"
        if path is None:
            return "unknown"
        if self.readers(operation, place):
            return "read"
        for depth, step in enumerate(path):
            here = self._alike(operation, path[:depth])
            if any(one.blind for one in here):
                return "unknown"
            if step == ITEMS or any(one.whole for one in here):
                continue
            if not any(one.readers for one in self._alike(operation, path[: depth + 1])):
                return "unseen"  # keys were read here, and this way wasn't taken
        return "unknown"

    def _alike(self, operation: str, path: Path) -> list[_Place]:
        """What is known of a place; `.*` in it stands for every key."""
        places = self._places.get(operation, {})
        if VALUES not in path:
            found = places.get(path)
            return [found] if found is not None else []
        return [
            found
            for known, found in places.items()
            if len(known) == len(path)
            and all(own == step or (step == VALUES and own != ITEMS) for own, step in zip(known, path, strict=True))
        ]

    def places(self, operation: str) -> Iterator[tuple[Path, frozenset[Reader], bool, bool]]:
        """The places of an operation that were reached: path, who read it, whether all keys, whether unseen too."""
        for path, found in sorted(self._places.get(operation, {}).items()):
            yield path, frozenset({*_readers(found.readers), *_readers(found.whole)}), bool(found.whole), found.blind

    def add(self, other: Reads) -> None:
        """Count in the reads of another run or worker."""
        for operation, tests in other.tests.items():
            self.tests.setdefault(operation, set()).update(tests)
        for operation, places in other._places.items():
            for path, theirs in places.items():
                ours = self._at(operation, path)
                for own, other_s in ((ours.readers, theirs.readers), (ours.whole, theirs.whole)):
                    for line, tests in other_s.items():
                        own.setdefault(line, set()).update(tests)
                ours.blind = ours.blind or theirs.blind

    def to_json(self) -> dict[str, Any]:
        """As JSON, sorted; `from_json` reads it. Tests are named once an operation, and by their number after that."""
        found = {}
        for operation in self.operations:
            tests = sorted(self.tests[operation])
            places = self._places.get(operation, {})
            missing = {test for one in places.values() for known in (one.readers, one.whole)
                       for readers in known.values() for test in readers}.difference(tests)  # fmt: skip
            numbers = {test: number for number, test in enumerate([*tests, *sorted(missing)])}
            found[operation] = {
                "tests": tests,
                "more": sorted(missing),
                "places": [
                    [list(path), _listed(one.readers, numbers), _listed(one.whole, numbers), one.blind]
                    for path, one in sorted(places.items())
                ],
            }
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any], keep: Callable[[str], bool] = lambda test: True) -> Reads:
        """What `to_json` gave, without the tests that `keep` says no to. What can't be seen stays where a test does.

        Raises KeyError, TypeError, ValueError or AttributeError for anything else.
        """
        reads = cls()
        for operation, one in data.items():
            named = [*map(str, one["tests"]), *map(str, one["more"])]
            kept = {number: test for number, test in enumerate(named) if keep(test)}
            tests = {test for number, test in kept.items() if number < len(one["tests"])}
            if one["tests"] and not tests:
                continue
            reads.tests[str(operation)] = tests
            for path, readers, whole, blind in one["places"]:
                lines = [_lines(known, kept, len(named)) for known in (readers, whole)]
                if any(lines) or blind:
                    found = reads._at(str(operation), tuple(map(str, path)))
                    found.readers, found.whole, found.blind = *lines, bool(blind)
        return reads


def _readers(lines: _Lines) -> Iterator[Reader]:
    return (Reader(test, where, own) for (where, own), tests in lines.items() for test in tests)


def _listed(lines: _Lines, numbers: Mapping[str, int]) -> list[list[Any]]:
    return [[where, own, sorted(map(numbers.__getitem__, tests))] for (where, own), tests in sorted(lines.items())]


def _lines(data: Any, kept: Mapping[int, str], most: int) -> _Lines:
    found: _Lines = {}
    for where, own, numbers in data:
        if not all(isinstance(number, int) and 0 <= number < most for number in numbers):
            raise ValueError(numbers)
        tests = {kept[number] for number in numbers if number in kept}
        if tests:
            found[str(where), bool(own)] = tests
    return found


def _located(operation: str, place: str) -> tuple[str, Path | None]:
    """What reads of a place are kept under, and the steps that lead there; None for what isn't in a body."""
    status, inside = split_place(place)
    key = f"{status} {operation}" if status and not status.startswith("2") else operation
    return key, tuple(steps(inside)) if inside.startswith(ROOT) else None
