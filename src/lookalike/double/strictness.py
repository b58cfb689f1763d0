"""How strict a mock is: by default with all that it can find; one switch for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

from lookalike.double.misuse import refusal
from lookalike.errors import UsageError

__tracebackhide__ = True


class Switches(TypedDict, total=False):
    """What is said of a mock where it should be less strict than it is.

    unmatched: a request that no route matches: "fail", "pass" lets the real server answer it (the opposite of failing
               closed), a status is answered
    unused:    a route that is never called, or a reply that is never reached: "fail" or "ignore"
    swallowed: what was raised into the code under test and didn't come out of it: "fail" or "ignore"
    exhausted: a request beyond a route's `.times(n)`: "fail", or "repeat" its last reply
    ordered:   routes are called in the order in which they are declared
    """

    unmatched: Literal["fail", "pass"] | int
    unused: Literal["fail", "ignore"]
    swallowed: Literal["fail", "ignore"]
    exhausted: Literal["fail", "repeat"]
    ordered: bool


_WORDS: Mapping[str, tuple[object, ...]] = {
    "unmatched": ("fail", "pass"),
    "unused": ("fail", "ignore"),
    "swallowed": ("fail", "ignore"),
    "exhausted": ("fail", "repeat"),
    "ordered": (False, True),
}

SWITCHES = tuple(_WORDS)

HABITS: Mapping[str, str] = {
    **dict.fromkeys(
        ("assert_all_called", "assert_all_requests_are_fired", "assert_all_responses_were_requested"),
        'write unused="ignore"; a single route that may stay unused says .optional()',
    ),
    **dict.fromkeys(
        ("assert_all_mocked", "assert_all_requests_were_expected", "strict", "real_http"),
        'write unmatched="pass" to let the real server answer, or unmatched=404',
    ),
    "can_send_already_matched_responses": 'write exhausted="repeat"',
    **dict.fromkeys(("registry", "in_order", "order"), "write ordered=True"),
}
"""What other libraries call these switches."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """The switches of one mock, as `Switches` has them."""

    unmatched: str | int = "fail"
    unused: str = "fail"
    swallowed: str = "fail"
    exhausted: str = "fail"
    ordered: bool = False

    def changed(self, switches: Mapping[str, Any], call: str, *known: str) -> Strictness:
        """With these switches set. Raises UsageError for one that isn't there, or a value that it doesn't have.

        call: where they were said, for messages: `api.mock()`; known: what else may be said there
        """
        for name, value in switches.items():
            check_switch(name, value, call, *known)
        return replace(self, **switches) if switches else self


def check_switch(name: str, value: object, call: str, *known: str) -> None:
    """Raises UsageError for a switch that isn't there, or a value that it doesn't have."""
    words = _WORDS.get(name)
    if words is None:
        raise UsageError(refusal(call, name, (*known, *SWITCHES), HABITS))
    status = name == "unmatched" and type(value) is int and 200 <= value <= 599
    if not status and not any(value is word or (isinstance(word, str) and value == word) for word in words):
        choices = " or ".join(repr(word) if not isinstance(word, str) else f'"{word}"' for word in words)
        also = ", or a status to answer with" if name == "unmatched" else ""
        raise UsageError(f"{call}: {name}={value!r}: write {choices}{also}")


STRICT = Strictness()
