"""Matchers of single values: a range, and a rule of the test's own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from lookalike.double.diff import prepare
from lookalike.double.matcher import MISSING, Matcher
from lookalike.double.wording import words
from lookalike.errors import UsageError
from lookalike.mismatch import Mismatch

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class between(Matcher):  # noqa: N801 - read as a word in a test: json={"age": between(18, 99)}
    """Fits a number from `low` to `high`, both included; None is no bound. In a parameter, the text of such a number.

    Bounds of text fit a text that sorts between them, dates and times of one form also by their time:
    `between("2026-01-01", "2026-12-31")`, `between(date(2026, 1, 1))`. Raises UsageError for bounds that nothing fits.
    """

    def __init__(self, low: Any = None, high: Any = None, *, _as_text: bool = False) -> None:
        self._low, self._high = prepare(low, "between"), prepare(high, "between")
        self._as_text = _as_text
        given = [bound for bound in (self._low, self._high) if bound is not None]
        shown = f"between({low!r}, {high!r})"
        if not given:
            raise UsageError(f"{shown}: give one bound or both, between(1, 9), between(18), between(high=9)")
        self._text = isinstance(given[0], str)
        if any(not self._is_kind(bound) or (isinstance(bound, float) and math.isnan(bound)) for bound in given):
            raise UsageError(f"{shown}: the bounds are two numbers, two texts or two dates")
        if len(given) == 2 and given[0] > given[1]:
            raise UsageError(f"{shown}: nothing is between them; the lower bound comes first")

    def _is_kind(self, value: Any) -> bool:
        if self._text:
            return isinstance(value, str)
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    @property
    def expected(self) -> str:
        what = "a text" if self._text else "a number"
        if self._low is None:
            return f"{what} up to {words(self._high)}"
        return f"{what} from {words(self._low)}" + ("" if self._high is None else f" to {words(self._high)}")

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        value = got
        if self._as_text and isinstance(got, str) and _NUMBER.fullmatch(got):
            value = float(got) if {*got} & {*".eE"} else int(got)
        fits = self._is_kind(value) and (self._low is None or self._low <= value)
        if not (fits and (self._high is None or value <= self._high)):
            yield Mismatch(where, self.expected, words(got))

    def on_text(self, where: str) -> Matcher:
        return self if self._text else between(self._low, self._high, _as_text=True)

    def __repr__(self) -> str:
        return f"between({self._low!r}, {self._high!r})"


class satisfying(Matcher):  # noqa: N801 - read as a word in a test: json={"id": satisfying(is_prime)}
    """Fits where a function of the value returns something true; what it raises is a reason. A bare function is one."""

    pure = False

    def __init__(self, function: Callable[[Any], object]) -> None:
        if not callable(function):
            raise UsageError(f"satisfying() takes a function of the value, satisfying(str.isdigit), not {function!r}")
        self._function = function
        self._name: str = getattr(function, "__qualname__", repr(function)).rpartition("<locals>.")[2]

    @property
    def expected(self) -> str:
        return f"a value that {self._name} is true of"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if got is MISSING:
            yield Mismatch(where, self.expected, "missing")
            return
        try:
            result = self._function(got)
        except Exception as error:
            # A rule for one kind of value fails on another: it doesn't fit, and the miss says why.
            yield Mismatch(where, self.expected, f"{words(got)} ({type(error).__name__}: {error})")
            return
        if not result:
            yield Mismatch(where, self.expected, words(got))

    def __repr__(self) -> str:
        return f"satisfying({self._name})"
