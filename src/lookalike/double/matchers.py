"""Values that stand for many: ANY, matching, including, absent. They go wherever a route compares a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lookalike.double.diff import TooDeep, differences, is_pure, prepare
from lookalike.double.matcher import MISSING, Matcher
from lookalike.double.wording import words
from lookalike.errors import UsageError
from lookalike.mismatch import Mismatch


class _Any(Matcher):
    @property
    def expected(self) -> str:
        return "any value"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if got is MISSING:
            yield Mismatch(where, self.expected, "missing")

    def __repr__(self) -> str:
        return "ANY"


class _Absent(Matcher):
    @property
    def expected(self) -> str:
        return "nothing"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if got is not MISSING:
            yield Mismatch(where, self.expected, words(got))

    def __repr__(self) -> str:
        return "absent"


ANY: Any = _Any()
"""Fits every value that is there, null included."""

absent: Any = _Absent()
"""Fits where there is no such key, parameter, header or cookie."""


class matching(Matcher):  # noqa: N801 - read as a word in a test: json={"id": matching(r"cus_\w+")}
    """Fits a string that the regular expression matches from end to end. Raises UsageError for a bad expression."""

    def __init__(self, regex: str | re.Pattern[str], flags: int = 0) -> None:
        try:
            self._regex = re.compile(regex, flags) if flags else re.compile(regex)
        except (re.error, TypeError, ValueError) as error:
            raise UsageError(f"matching({regex!r}): not a regular expression: {error}") from None
        if not isinstance(self._regex.pattern, str):
            raise UsageError(
                f"matching({regex!r}): the expression is of bytes; write it as text, or content=lambda body: ..."
            )

    @property
    def expected(self) -> str:
        return f"a string that {self._regex.pattern} matches"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        text = got.decode("utf-8", "replace") if isinstance(got, bytes) else got
        if not isinstance(text, str) or self._regex.fullmatch(text) is None:
            yield Mismatch(where, self.expected, words(got))

    def __repr__(self) -> str:
        return f"matching({self._regex.pattern!r})"


class including(Matcher):  # noqa: N801 - read as a word in a test: json=including({"id": 1})
    """Fits what has at least this: an object with these keys, an array with these items, a text with this in it.

    Nested objects and arrays are compared in the same way; the order of an array's items is not.
    """

    def __init__(self, part: Any) -> None:
        self.part = part
        try:
            self._prepared = prepare(part, "including")
        except TooDeep:
            raise
        except UsageError:
            # Bytes are no JSON, but files= and content= compare them.
            self._prepared = part
        self.pure = is_pure(self._prepared)

    @property
    def expected(self) -> str:
        return f"something with {words(self._prepared)}"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        part = self._prepared
        if isinstance(part, (str, bytes, bytearray)):
            wanted = part if isinstance(part, str) else part.decode("utf-8", "replace")
            text = got.decode("utf-8", "replace") if isinstance(got, bytes) else got
            if not isinstance(text, str) or wanted not in text:
                yield Mismatch(where, f"a text with {words(wanted)} in it", words(got))
        elif got is MISSING:
            yield Mismatch(where, self.expected, "missing")
        else:
            yield from differences(part, got, where, part=True)

    def __repr__(self) -> str:
        return f"including({self.part!r})"
