"""What stands for every value of a kind, where a test says what it expects."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Protocol

from lookalike.errors import UsageError
from lookalike.mismatch import Mismatch

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "missing"})()
"""Stands for a value that isn't there, where None would be a value."""


class Combining(Protocol):
    """What makes matchers of matchers."""

    def matcher_for(self, value: Any) -> Matcher | None:
        """What a value that is no JSON stands for."""

    def both(self, one: Any, other: Any) -> Matcher:
        """`one & other`."""

    def either(self, one: Any, other: Any) -> Matcher:
        """`one | other`."""

    def inverted(self, one: Matcher) -> Matcher:
        """`~one`."""


class Matcher(ABC):
    """Stands for every value that it explains nothing about; `==` says so too, so assertions can use it.

    `&`, `|` and `~` combine matchers, and what stands for one: a type, a regular expression, a function.
    pure: the same value always gets the same explanation
    """

    pure = True

    @property
    @abstractmethod
    def expected(self) -> str:
        """What fits, in words: `a string that \\d+ matches`."""

    @abstractmethod
    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        """Why `got` doesn't fit; `got` is MISSING where there is no value."""

    def on_text(self, where: str) -> Matcher:
        """The same for a value that comes as text, as parameters and headers do. Raises UsageError if none can fit."""
        return self

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self) and vars(self) == vars(other):
            return True
        return next(self.explain(other, ""), None) is None

    def __hash__(self) -> int:
        return hash(repr(self))

    def __and__(self, other: object) -> Matcher:
        return combining().both(self, other)

    def __rand__(self, other: object) -> Matcher:
        return combining().both(other, self)

    def __or__(self, other: object) -> Matcher:
        return combining().either(self, other)

    def __ror__(self, other: object) -> Matcher:
        return combining().either(other, self)

    def __invert__(self) -> Matcher:
        return combining().inverted(self)

    def __bool__(self) -> bool:
        raise UsageError(f"{self!r} is neither true nor false; combine matchers with &, | and ~, not with and, or, not")


def combining() -> Combining:
    """What makes matchers of matchers; imported when it is first asked for."""
    # Here, as what it makes are matchers themselves.
    from lookalike.double import combined

    return combined
