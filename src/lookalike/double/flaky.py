"""Failures before an answer."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterator
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from lookalike.double.reply import FaultReply, RaisingReply, Reply, StaticReply, check_status
from lookalike.double.results import parts
from lookalike.double.source import caller
from lookalike.errors import UsageError
from lookalike.messages import Response

if TYPE_CHECKING:
    from lookalike.double.route import Route

__tracebackhide__ = True

_PHRASES = {int(status): status.phrase for status in HTTPStatus}


def failures(fail: object, how: Any, refusal: Callable[[int, str], Response]) -> list[Reply]:
    """The replies that fail. Raises UsageError."""
    if type(fail) is not int or fail < 1:
        raise UsageError(f".flaky({fail!r}): how many requests fail, 1 or more")
    ways = list(how) if isinstance(how, (list, tuple)) else [how]
    if not ways:
        raise UsageError(".flaky(): with_= is a status, a failure, or several of them, not an empty list")
    found: list[Reply] = []
    for way, turns in groupby(ways[at % len(ways)] for at in range(fail)):
        found.append(_failure(way, refusal))
        found[-1].times = len(list(turns))
    return found


def _failure(way: object, refusal: Callable[[int, str], Response]) -> Reply:
    if isinstance(way, (BaseException, type)):
        return RaisingReply(way, caller())
    if not isinstance(way, int):
        return FaultReply(way, caller())
    status = check_status(way, ".flaky(with_=...)")
    if status < 400:
        raise UsageError(f".flaky(): with_={status} is no failure; a status from 400 on, or a failure as reset")
    response = refusal(status, _PHRASES.get(status, f"status {status}").lower())
    return StaticReply(response, caller(), "", response)


def answer(route: Route, then: Any) -> Route:
    """Let a route answer with what a function of `respond_with` may return, or with such a function."""
    if callable(then):
        return route.respond_with(then)
    if isinstance(then, Response):
        return route.respond_with(lambda: then)
    status, headers, then = parts(then, ".flaky(then=...)")
    if then is None:
        return route.respond(status, headers=headers)
    kind = "text" if isinstance(then, str) else "content" if isinstance(then, bytes) else "json"
    kind = "stream" if isinstance(then, (Iterator, AsyncIterable)) else kind
    body: dict[str, Any] = {kind: then}
    return route.respond(status, headers=headers, **body)
