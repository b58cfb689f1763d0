"""Parameters, headers and cookies: names with values, which come as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import Any

from lookalike.double.check import Check, Wanted
from lookalike.double.combined import exactly, matcher_for
from lookalike.double.diff import differences, is_pure, prepare
from lookalike.double.matcher import MISSING, Matcher
from lookalike.double.matchers import absent, including
from lookalike.double.wording import words
from lookalike.errors import UsageError
from lookalike.messages import MultiDict, Request
from lookalike.mismatch import Mismatch


class NamedValues(Check):
    """Parameters or cookies: each named one must fit; others may be there, unless it is `exactly` these."""

    def __init__(self, what: str, keyword: str, wanted: Any, values: Callable[[Request], MultiDict]) -> None:
        self._what = what
        self._whole = isinstance(wanted, exactly)
        self._wanted = plain_values(_names_of(wanted), keyword)
        self._values = values
        self.pure = is_pure(self._wanted)
        self.of_url = what == "query" and self.pure

    @property
    def wanted(self) -> Wanted:
        named = tuple((f"{self._what} {name}", words(value)) for name, value in self._wanted.items())
        return (*named, (f"other {self._what}", "nothing")) if self._whole else named

    def explain(self, request: Request) -> Iterator[Mismatch]:
        values = self._values(request)
        for name, wanted in self._wanted.items():
            got = values.get_all(name)
            yield from of_values(wanted, got, f"{self._what} {name}")
        if self._whole:
            for name in values:
                if name not in self._wanted:
                    yield Mismatch(f"{self._what} {name}", "nothing", words(values[name]))


class HeaderValues(Check):
    """Header fields: the name compares without case, repeated fields are one joined by commas (RFC 9110, 5.3)."""

    def __init__(self, wanted: Any) -> None:
        if isinstance(wanted, exactly):
            raise UsageError(
                "headers=exactly(...): each client adds headers of its own; name those that must not come, "
                'headers={"X-Debug": absent}'
            )
        self._wanted = plain_values(_names_of(wanted), "headers")
        self.pure = is_pure(self._wanted)

    @property
    def wanted(self) -> Wanted:
        return tuple((f"header {name}", words(value)) for name, value in self._wanted.items())

    def explain(self, request: Request) -> Iterator[Mismatch]:
        for name, wanted in self._wanted.items():
            got = request.headers.get_all(name)
            if len(got) > 1 and not isinstance(wanted, list):
                got = [request.headers[name]]
            yield from of_values(wanted, got, f"header {name}")


def _names_of(wanted: Any) -> Any:
    if isinstance(wanted, including):
        return wanted.part
    return wanted.value if isinstance(wanted, exactly) else wanted


def of_values(wanted: Any, got: list[str], where: str) -> Iterator[Mismatch]:
    """What differs between the value or values that are expected under one name and those that came."""
    if not isinstance(wanted, list):
        value: Any = got[0] if len(got) == 1 else got or MISSING
        yield from differences(wanted, value, where)
    elif len(wanted) == len(got):
        for one, item in zip(wanted, got, strict=True):
            yield from differences(one, item, where)
    else:
        yield Mismatch(where, words(wanted), words(got or MISSING))


class _Truth(Matcher):
    """A bool among query parameters: clients write it as True or as true."""

    def __init__(self, value: bool) -> None:
        self._text = "true" if value else "false"

    @property
    def expected(self) -> str:
        return words(self._text)

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if not isinstance(got, str) or got.lower() != self._text:
            yield Mismatch(where, self.expected, words(got))

    def __repr__(self) -> str:
        return self._text


def plain_values(values: Any, keyword: str) -> dict[str, Any]:
    """Expected names and values as the wire has them: numbers as text, None as absent. Raises UsageError."""
    if not isinstance(values, Mapping):
        raise UsageError(f'{keyword}= takes a dict of names and values, {keyword}={{"name": "value"}}, not {values!r}')
    return {str(name): plain_value(value, f"{keyword}[{str(name)!r}]") for name, value in values.items()}


def plain_value(value: Any, where: str) -> Any:
    """One expected value as the wire has it. Raises UsageError for what no text fits."""
    if value is None:
        return absent
    if isinstance(value, bool):
        return _Truth(value)
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain_value(one, where) for one in value]
    matcher = matcher_for(value)
    if matcher is not None:
        return matcher.on_text(where)
    if isinstance(value, (type, UnionType, Mapping, set, frozenset, bytes)):
        raise UsageError(
            f"{where} is {value!r}, which no text fits; give a str, a number, a list of them or a matcher, "
            "or where=lambda request: ... for a rule of your own"
        )
    return prepare(value, where)
