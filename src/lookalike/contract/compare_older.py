"""Answers from before the evidence, or to somebody else: what they lack needn't be gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lookalike.contract.compare_asked import Asked
from lookalike.contract.compare_column import Column

# What one representation lacks besides a key, from which on that key is one of several that came later.
_TOGETHER = 2


class Lacking:
    """What each answer lacks of what the contract calls required, collected while bodies are walked through.

    An API adds fields far more often than it takes them away. So a key that an answer lacks which is older than the
    first value ever seen under it is no removal, where the answer's whole representation is another: it lacks several
    such keys, or has the name nowhere while the contract knows objects without it. A single key that is missing says
    nothing of the representation, and is told as always. Who asks without the credentials that all learned requests
    had sees less in the same way, whatever the day.

    asked: how the answers came about, in the order of a column's
    """

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked
        self._places: list[set[tuple[str, str]]] = [set() for _ in asked]
        self._names: list[set[str]] = [set() for _ in asked]
        self._optional: set[str] = set()

    def see(self, name: str, column: Column, *, required: bool) -> None:
        """Note a key that the contract knows, with the values that it has here."""
        if not required:
            self._optional.add(name)
        for names, values in zip(self._names, column.answers, strict=False):
            if values:
                names.add(name)

    def miss(self, place: str, name: str, column: Column, first: str) -> frozenset[int]:
        """Note the objects that lack a required key, whose first value was seen on a day; returns the answers that are
        older than that, or to a stranger.
        """
        older = frozenset(self._excused(column.answers, name, first))
        for at in older:
            self._places[at].add((place, name))
        return older

    def _excused(self, answers: Iterable[list[Any]], name: str, first: str) -> Iterable[int]:
        for at, (asked, values) in enumerate(zip(self._asked, answers, strict=False)):
            if (asked.stranger or (asked.day and asked.day < first)) and any(name not in one for one in values):
                yield at

    def explained(self, name: str, older: frozenset[int]) -> int:
        """How many of these answers have another representation, once all was walked through."""
        return sum(
            len(self._places[at]) >= _TOGETHER or (name in self._optional and name not in self._names[at])
            for at in older
        )
