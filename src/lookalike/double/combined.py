"""Matchers made of others: what a type, a regular expression or a function stands for, and `&`, `|`, `~`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, UnionType
from typing import Any

from lookalike.double.diff import _KINDS, Equal, Kind, differences, is_pure, prepare
from lookalike.double.matcher import MISSING, Matcher
from lookalike.double.matchers import absent, matching
from lookalike.double.values import satisfying
from lookalike.double.wording import words
from lookalike.mismatch import Mismatch

_NULL = Kind(type(None))
_FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, MethodDescriptorType, partial)


def matcher_for(value: Any) -> Matcher | None:
    """What a value that is no JSON stands for by itself; None where it stands for nothing of the kind."""
    if isinstance(value, Matcher):
        return value
    if isinstance(value, re.Pattern):
        return matching(value)
    if isinstance(value, type):
        if value is type(None):
            return _NULL
        if value in _KINDS:
            return Kind(value)
        # A class whose own kind says what equals it, as those of dirty-equals do: IsInt, without brackets.
        return Equal(value) if type(value).__eq__ is not type.__eq__ else None
    if isinstance(value, UnionType):
        parts = [matcher_for(one) for one in value.__args__]
        known = [one for one in parts if one is not None]
        return Either(known) if len(known) == len(parts) else None
    return satisfying(value) if isinstance(value, _FUNCTIONS) else None


def _part(value: Any) -> Matcher:
    matcher = _NULL if value is None else matcher_for(value)
    return exactly(value) if matcher is None else matcher


def both(one: Any, other: Any) -> Matcher:
    """`one & other`."""
    return Both([_part(one), _part(other)])


def either(one: Any, other: Any) -> Matcher:
    """`one | other`."""
    return Either([_part(one), _part(other)])


def inverted(one: Matcher) -> Matcher:
    """`~one`; `~~one` is one again."""
    return one.part if isinstance(one, Other) else Other(one)


class exactly(Matcher):  # noqa: N801 - read as a word in a test: params=exactly({"page": 1})
    """Fits one value and nothing else, at every depth: as `json=` compares by itself, also inside of `including`.

    For `params=` and `cookies=`: no others may be there.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self._prepared = prepare(value, "exactly")
        self.pure = is_pure(self._prepared)

    @property
    def expected(self) -> str:
        return words(self._prepared)

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if got is MISSING and not isinstance(self._prepared, Matcher):
            yield Mismatch(where, self.expected, "missing")
        else:
            yield from differences(self._prepared, got, where)

    def on_text(self, where: str) -> Matcher:
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool):
            return exactly(str(self.value))
        return self

    def __repr__(self) -> str:
        return f"exactly({self.value!r})"


class _Parts(Matcher):
    """Several matchers as one; a None that comes as text is no text, so that `int | None` may be left out."""

    _word = ""
    parts: list[Matcher]

    def __init__(self, parts: list[Matcher]) -> None:
        self.parts = [inner for part in parts for inner in (part.parts if type(part) is type(self) else [part])]
        self.pure = all(part.pure for part in self.parts)

    @property
    def expected(self) -> str:
        return f" {self._word} ".join(part.expected for part in self.parts)

    def on_text(self, where: str) -> Matcher:
        return type(self)([absent if part is _NULL else part.on_text(where) for part in self.parts])


class Both(_Parts):
    """What all of its parts fit."""

    _word = "and"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        for part in self.parts:
            yield from part.explain(got, where)

    def __repr__(self) -> str:
        return " & ".join(map(repr, self.parts))


class Either(_Parts):
    """What one of its parts fits. Where none does, the nearest one explains."""

    _word = "or"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        found: list[list[Mismatch]] = []
        for part in self.parts:
            reasons = list(part.explain(got, where))
            if not reasons:
                return
            found.append(reasons)
        if all(len(reasons) == 1 and reasons[0].where == where for reasons in found):
            yield Mismatch(where, self.expected, found[0][0].got)
            return
        # The one that gets furthest into the value: a reason below is nearer than one at the value itself.
        at = min(range(len(found)), key=lambda one: (any(r.where == where for r in found[one]), len(found[one])))
        others = " or ".join(part.expected for part in self.parts if part is not self.parts[at])
        yield from with_hint(found[at], f"or {others}")

    def __repr__(self) -> str:
        return f"({' | '.join(map(repr, self.parts))})"


def with_hint(found: list[Mismatch], hint: str) -> Iterator[Mismatch]:
    """The reasons, the first with a hint that the others needn't repeat."""
    for at, one in enumerate(found):
        more = "; ".join(part for part in (one.hint, hint) if part) if at == 0 else one.hint
        yield Mismatch(one.where, one.expected, one.got, one.evidence, more, one.level)


def anything_but(expected: str) -> str:
    """The words for everything that doesn't fit."""
    return {"any value": "nothing", "nothing": "any value"}.get(expected, f"anything but {expected}")


class Other(Matcher):
    """Everything but what its part fits, a value that isn't there included."""

    def __init__(self, part: Matcher) -> None:
        self.part = part
        self.pure = part.pure

    @property
    def expected(self) -> str:
        return anything_but(self.part.expected)

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if next(self.part.explain(got, where), None) is None:
            yield Mismatch(where, self.expected, words(got))

    def on_text(self, where: str) -> Matcher:
        return Other(self.part.on_text(where))

    def __repr__(self) -> str:
        return f"~{self.part!r}"
