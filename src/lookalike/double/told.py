"""Requests and calls as messages tell them."""

from __future__ import annotations

from lookalike.double.journal import Calls
from lookalike.messages import Fault, Request, Response
from lookalike.mismatch import Mismatch
from lookalike.secrets import mask_url

_SHOWN = 10


def told_calls(calls: Calls) -> str:
    """Calls for a message, one a line: the request, and the status that answered it."""
    lines = [f"\n  {told_call(call.request)} -> {_answer_of(call.response, call.fault)}" for call in calls[:_SHOWN]]
    more = len(calls) - _SHOWN
    return "".join(lines) + (f"\n  ... and {more} more" if more > 0 else "")


def told_call(request: Request) -> str:
    """A request for a message: `GET https://api.test/todos`, credentials masked."""
    return f"{request.method} {mask_url(request.url)}"


def _answer_of(response: Response | None, fault: Fault | None) -> str:
    if response is not None:
        return str(response.status)
    return fault.kind if fault is not None else "no answer"


def times_of(count: int) -> str:
    """How often, in words: `once`, `3 times`."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def told_mismatch(one: Mismatch) -> str:
    """One reason in a line: `json.name: expected "Ann", got null`."""
    got = one.got if one.got == "missing" else f"got {one.got}"
    return f"{one.where}: expected {one.expected}, {got}"
