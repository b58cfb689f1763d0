"""What fresh answers have at one place, answer by answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from lookalike.contract.compare_places import kind_of


class Column:
    """The values at one place: one list for each answer, in which an answer that doesn't reach the place has none."""

    def __init__(self, answers: Iterable[list[Any]]) -> None:
        self.answers = tuple(answers)

    @cached_property
    def reached(self) -> int:
        """How many answers have a value here."""
        return sum(bool(values) for values in self.answers)

    @cached_property
    def n(self) -> int:
        """How many values there are."""
        return sum(len(values) for values in self.answers)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of all values, `null` among them."""
        return frozenset(kind_of(value) for values in self.answers for value in values)

    def count(self, holds: Callable[[Any], bool]) -> tuple[int, int]:
        """(values, answers) for which something holds; an answer counts once."""
        counts = [sum(map(holds, values)) for values in self.answers]
        return sum(counts), sum(bool(count) for count in counts)

    def only(self, *kinds: str) -> Column:
        """The values of some kinds."""
        return Column([value for value in values if kind_of(value) in kinds] for values in self.answers)

    def where(self, holds: Callable[[Any], bool]) -> Column:
        """The values for which something holds."""
        return Column([value for value in values if holds(value)] for values in self.answers)

    def key(self, name: str) -> Column:
        """The values of a key, of the objects that have it."""
        return Column([one[name] for one in values if type(one) is dict and name in one] for values in self.answers)

    @cached_property
    def items(self) -> Column:
        """The items of the arrays."""
        return Column([item for one in values if type(one) is list for item in one] for values in self.answers)

    @cached_property
    def map_values(self) -> Column:
        """The values of the objects, whatever their keys."""
        return Column(
            [one for value in values if type(value) is dict for one in value.values()] for values in self.answers
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys that any object has, sorted."""
        return tuple(sorted({key for values in self.answers for one in values if type(one) is dict for key in one}))

    @cached_property
    def scalars(self) -> list[Any]:
        """The values of all answers that are neither arrays nor objects."""
        return [value for values in self.answers for value in values if type(value) not in (list, dict)]

    @cached_property
    def strings(self) -> list[str]:
        """The strings of all answers."""
        return [value for values in self.answers for value in values if type(value) is str]
