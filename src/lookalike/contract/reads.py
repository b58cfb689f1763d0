"""Which places of an API's answers the code under test reads: by operation, with the tests and lines that read them.

What wasn't seen is told from what can't be seen: where code hands an object to something that leaves no trace (an
extension in C, a parser of its own), nobody knows what was read of it, and nothing there is called unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(slots=True)
class _Place:
    """What happened at one place: who read it, who read it whole, whether something untraceable did."""

    readers: set[Reader]
    whole: set[Reader]
    blind: bool = False


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

    def received(self, operation: str, test: str) -> None:
        """A test received an answer of this operation."""
        self.tests.setdefault(operation, set()).add(test)

    def note(self, operation: str, path: Path, *readers: Reader) -> None:
        """Somebody read a place."""
        self._at(operation, path).readers.update(readers)

    def note_whole(self, operation: str, path: Path, *readers: Reader) -> None:
        """Somebody read all keys, or items, of what is at a place."""
        self._at(operation, path).whole.update(readers)

    def cant_see(self, operation: str, path: Path) -> None:
        """Something that leaves no trace may have read what is at a place, and below it."""
        self._at(operation, path).blind = True

    def _at(self, operation: str, path: Path) -> _Place:
        places = self._places.setdefault(operation, {})
        found = places.get(path)
        if found is None:
            found = places[path] = _Place(set(), set())
        return found

    def readers(self, operation: str, place: str) -> tuple[Reader, ...]:
        """Who reads a place of drift (`json[].title`, `404 json.error`), sorted; the user's own lines first."""
        operation, path = _located(operation, place)
        while path and path[-1] == ITEMS:  # whoever reads a list is taken to read its items
            path = path[:-1]
        found: set[Reader] = set()
        if path is not None:
            found.update(*(one.readers for one in self._alike(operation, path)))
            if path:
                found.update(*(one.whole for one in self._alike(operation, path[:-1])))
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
            yield path, frozenset(found.readers | found.whole), bool(found.whole), found.blind

    def add(self, other: Reads) -> None:
        """Count in the reads of another run or worker."""
        for operation, tests in other.tests.items():
            self.tests.setdefault(operation, set()).update(tests)
        for operation, places in other._places.items():
            for path, theirs in places.items():
                ours = self._at(operation, path)
                ours.readers |= theirs.readers
                ours.whole |= theirs.whole
                ours.blind = ours.blind or theirs.blind

    def to_json(self) -> dict[str, Any]:
        """As JSON, sorted; `from_json` reads it."""
        return {
            operation: {
                "tests": sorted(self.tests[operation]),
                "places": [
                    [list(path), _listed(found.readers), _listed(found.whole), found.blind]
                    for path, found in sorted(self._places.get(operation, {}).items())
                ],
            }
            for operation in self.operations
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], keep: Callable[[str], bool] = lambda test: True) -> Reads:
        """What `to_json` gave, without the tests that `keep` says no to. What can't be seen stays where a test does.

        Raises KeyError, TypeError, ValueError or AttributeError for anything else.
        """
        reads = cls()
        for operation, one in data.items():
            tests = set(filter(keep, map(str, one["tests"])))
            if one["tests"] and not tests:
                continue
            reads.tests[str(operation)] = tests
            for path, readers, whole, blind in one["places"]:
                sets = [{Reader(str(test), str(where), bool(own)) for test, where, own in known if keep(str(test))}
                        for known in (readers, whole)]  # fmt: skip
                if any(sets) or blind:
                    found = reads._at(str(operation), tuple(map(str, path)))
                    found.readers, found.whole, found.blind = *sets, bool(blind)
        return reads


def _listed(readers: set[Reader]) -> list[list[Any]]:
    return [list(one) for one in sorted(readers)]


def _located(operation: str, place: str) -> tuple[str, Path | None]:
    """What reads of a place are kept under, and the steps that lead there; None for what isn't in a body."""
    status, inside = split_place(place)
    key = f"{status} {operation}" if status and not status.startswith("2") else operation
    return key, tuple(steps(inside)) if inside.startswith(ROOT) else None
