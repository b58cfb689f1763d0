"""Answers from before the evidence: what they lack may be what the API has had since, and no removal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lookalike.contract.compare_column import Column

# What one representation lacks besides a key, from which on that key is one of several that came later.
_TOGETHER = 2


class Lacking:
    """What each answer lacks of what the contract calls required, collected while bodies are walked through.

    An API adds fields far more often than it takes them away. So a key that an answer lacks which is older than the
    first value ever seen under it is no removal, where the answer's whole representation is another: it lacks several
    such keys, or has the name nowhere while the contract knows objects without it. A single key that is missing says
    nothing of the representation, and is told as always.

    days: of the answers, in the order of a column's; `""` where unknown
    """

    def __init__(self, days: Sequence[str]) -> None:
        self._days = days
        self._places: list[set[tuple[str, str]]] = [set() for _ in days]
        self._names: list[set[str]] = [set() for _ in days]
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
        older than that.
        """
        older = frozenset(self._older(column.answers, name, first))
        for at in older:
            self._places[at].add((place, name))
        return older

    def _older(self, answers: Iterable[list[Any]], name: str, first: str) -> Iterable[int]:
        for at, (day, values) in enumerate(zip(self._days, answers, strict=False)):
            if day and day < first and any(name not in one for one in values):
                yield at

    def explained(self, name: str, older: frozenset[int]) -> int:
        """How many of the answers that are older have another representation, once all was walked through."""
        return sum(
            len(self._places[at]) >= _TOGETHER or (name in self._optional and name not in self._names[at])
            for at in older
        )
