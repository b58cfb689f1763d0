"""Conditions: what a request may be asked, as values that `&`, `|` and `~` combine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from lookalike.double.asked import Criteria
from lookalike.double.check import Check, Wanted
from lookalike.double.columns import masked
from lookalike.double.combined import anything_but, with_hint
from lookalike.double.misuse import CRITERIA_HABITS, refusal
from lookalike.errors import UsageError
from lookalike.messages import Request
from lookalike.mismatch import Mismatch

__tracebackhide__ = True

# A body of another kind says that something else was meant.
_FAR = 3
_KEYWORDS = tuple(Criteria.__annotations__)


class Condition(Check):
    """Something that is asked of a request; made by `having(...)`, combined by `&`, `|` and `~`."""

    checks: tuple[Check, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        return All((self, _condition(other)))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((self, _condition(other)))

    def __invert__(self) -> Condition:
        return Not(self)

    def __bool__(self) -> bool:
        raise UsageError("a condition is neither true nor false; combine conditions with &, | and ~, not and, or, not")

    @property
    def told(self) -> str:
        """What is asked, in words, without credentials: `header X-Id "7" and query page "2"`."""
        return " and ".join(_told(check) for check in self.checks)

    @property
    def wanted(self) -> Wanted:
        return tuple(one for check in self.checks for one in check.wanted)

    def __repr__(self) -> str:
        return f"<condition: {self.told}>"


def _told(check: Check) -> str:
    if isinstance(check, Condition):
        return check.told
    shown = (masked(Mismatch(where, expected, "")) for where, expected in check.wanted)
    return " and ".join(f"{one.where} {one.expected}" for one in shown)


def _condition(value: object) -> Condition:
    if isinstance(value, Condition):
        return value
    raise UsageError(f"having(...) is combined with having(...), not with {value!r}; a function goes into where=")


class All(Condition):
    """Every one of its checks."""

    def __init__(self, checks: tuple[Check, ...]) -> None:
        self.checks = tuple(part for one in checks for part in (one.checks if isinstance(one, All) else (one,)))
        self.pure = all(check.pure for check in self.checks)
        self.of_url = all(check.of_url for check in self.checks)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        for check in self.checks:
            yield from check.explain(request)


class AnyOf(Condition):
    """One of its conditions. Where none is met, the nearest one explains, with a hint that names the others."""

    parts: tuple[Condition, ...]

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = tuple(part for one in parts for part in (one.parts if isinstance(one, AnyOf) else (one,)))
        self.checks = self.parts
        self.pure = all(part.pure for part in self.parts)
        self.of_url = all(part.of_url for part in self.parts)

    @property
    def told(self) -> str:
        return f"({' or '.join(part.told for part in self.parts)})"

    @property
    def wanted(self) -> Wanted:
        return (("one of", self.told),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        found: list[list[Mismatch]] = []
        for part in self.parts:
            reasons = list(part.explain(request))
            if not reasons:
                return
            found.append(reasons)
        at = min(range(len(found)), key=lambda one: sum(_FAR if why.where == "body" else 1 for why in found[one]))
        others = " or ".join(part.told for part in self.parts if part is not self.parts[at])
        yield from with_hint(found[at], f"or {others}")


class Not(Condition):
    """Every request that its condition isn't met by."""

    def __init__(self, part: Condition) -> None:
        self.part = part
        self.checks = (part,)
        self.pure = part.pure
        self.of_url = part.of_url

    def __invert__(self) -> Condition:
        return self.part

    @property
    def told(self) -> str:
        return f"anything but {self.part.told}"

    @property
    def wanted(self) -> Wanted:
        return (("request", self.told),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        if next(self.part.explain(request), None) is not None:
            return
        wanted = self.part.wanted
        if len(wanted) == 1 and not isinstance(self.part, (AnyOf, Not)):
            one = masked(Mismatch(wanted[0][0], wanted[0][1], ""))
            yield Mismatch(one.where, anything_but(one.expected), "just that")
        else:
            yield Mismatch("request", self.told, "just that")


def having(**asked: Unpack[Criteria]) -> Condition:
    """A condition from the keywords of a route: `having(params={"page": 2}) | having(json={"page": 2})`.

    It goes into a route as its second value, or as `where=`. Raises UsageError for what no request could fit.
    """
    from lookalike.double.match import compile_checks

    given: Mapping[str, Any] = asked
    for keyword in given:
        if keyword not in _KEYWORDS:
            raise UsageError(refusal("having()", keyword, _KEYWORDS, CRITERIA_HABITS))
    criteria = {key: value for key, value in given.items() if value is not None or key == "json"}
    if not criteria:
        raise UsageError('having() asks for nothing; say what, having(params={"page": 2})')
    return All(compile_checks(criteria))


def asked_with(condition: Condition | None, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """A route's keywords together with the condition that is its second value. Raises UsageError for another value."""
    if condition is None:
        return asked
    if not isinstance(condition, Condition):
        raise UsageError(
            f"a route's second value is a condition, having(...), not {condition!r}; criteria are said by name, "
            "json={...} or params={...}"
        )
    where = asked.get("where")
    return {**asked, "where": condition if where is None else condition & having(where=where)}
