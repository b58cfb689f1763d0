"""Names that lookalike doesn't have: the error says the nearest one that it has, or how a habit is spelled here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import CO_VARARGS, unwrap
from typing import Any, ParamSpec, TypeVar

from lookalike.errors import LookalikeError, NoSuchAttribute, UsageError

__tracebackhide__ = True

P = ParamSpec("P")
R = TypeVar("R")

_BODY = "a body is json=..., text=... or content=..."

REPLY_HABITS: Mapping[str, str] = {
    **dict.fromkeys(("status_code", "statuscode", "code", "http_status"), "write status=..., or .respond(404)"),
    **dict.fromkeys(("body", "data", "payload", "response", "content_json"), _BODY),
    "return_value": "the answer's value is json=...",
    "side_effect": "write .respond_with(function), or .fail(exception) for a failure",
    **dict.fromkeys(("exc", "exception", "error"), "a failure is .fail(kind), or .fail(exception)"),
    **dict.fromkeys(("body_file", "filename", "path"), 'a file is file="..."'),
    **dict.fromkeys(("content_encoding", "compress", "gzip"), 'a body is coded with encoding="gzip"'),
    **dict.fromkeys(("location", "redirect_to"), 'a redirect is redirect="/new"'),
    **dict.fromkeys(("chunks", "iterator", "events"), "chunks are stream=[...], events are sse=[...]"),
    **dict.fromkeys(("latency", "wait", "sleep", "timeout"), "the seconds that an answer takes are delay="),
    **dict.fromkeys(
        ("content_type", "mimetype", "media_type"),
        'write headers={"content-type": "..."}; json=, text= and html= set it',
    ),
    "times": "how often it answers is said after it: .respond(...).times(2)",
    "header": "write headers={...}",
}
"""Keywords of replies elsewhere, by what other libraries call them."""

CRITERIA_HABITS: Mapping[str, str] = {
    **dict.fromkeys(("query", "query_string", "querystring", "qs", "url_params"), "a query is params={...}"),
    **dict.fromkeys(("data", "payload"), "a body is json=..., form=..., text=... or content=..."),
    **dict.fromkeys(("timeout", "verify", "cert", "proxy"), 'what the client was told is client={"verify": False}'),
    **dict.fromkeys(("match", "matchers", "matcher", "condition"), "a condition is the second value, or where=..."),
    **dict.fromkeys(("schema", "json_schema"), "a JSON Schema is json=schema({...}), from lookalike.match"),
    **dict.fromkeys(("basic_auth", "bearer"), 'credentials are auth=("user", "password") or auth=bearer("token")'),
    "times": "how often it answers is said after a reply: .respond(...).times(2)",
}
"""Keywords of criteria elsewhere."""

REPLAY_HABITS: Mapping[str, str] = {
    **dict.fromkeys(("record_mode", "mode"), 'write record="once"'),
    **dict.fromkeys(("match_on", "match_requests_on", "matchRequestsBy"), 'write match=["method", "url", "body"]'),
    "allow_playback_repeats": 'write exhausted="repeat"',
    "drop_unused_requests": 'write unused="ignore"',
    **dict.fromkeys(("re_record_interval", "expires_in", "expiry"), 'write max_age="30d", expired="record"'),
    **dict.fromkeys(
        ("filter_headers", "filter_query_parameters", "filter_post_data_parameters"),
        "credentials are replaced in what is written and never compared; other places are ignore=[...]",
    ),
    **dict.fromkeys(("placeholder", "define_cassette_placeholder"), 'write placeholders={"<NAME>": "env:NAME"}'),
    **dict.fromkeys(
        ("cassette", "path", "file", "cassette_library_dir"), 'the recording comes first: api.replay("session.har")'
    ),
}
"""What recorders elsewhere call what a replay takes."""

ROUTE_HABITS: Mapping[str, str] = {
    "return_value": "a reply is declared with .respond(json=...)",
    "side_effect": "a function that answers is .respond_with(function), a failure is .fail(kind)",
    "mock": "a reply is .respond(json=...), a failure .fail(exception), a function .respond_with(function)",
    **dict.fromkeys(("call_args", "call_args_list", "mock_calls"), "what was sent is route.calls.last.request"),
    **dict.fromkeys(("reply", "returns", "will_return", "json", "text", "body"), "a reply is .respond(json=...)"),
    **dict.fromkeys(("assert_called_times", "assert_call_count"), "compare route.call_count"),
    **dict.fromkeys(("responds", "response", "respond_json"), 'did you mean "respond"?'),
    **dict.fromkeys(("reset", "reset_mock"), "a new mock begins with nothing"),
}

MOCK_HABITS: Mapping[str, str] = {
    **dict.fromkeys(
        ("return_value", "side_effect", "respond", "respond_json", "reply"),
        "a reply is declared on a route: mock.get(path).respond(json=...)",
    ),
    **dict.fromkeys(
        ("call_args", "call_args_list", "mock_calls", "request_history", "last_request"),
        "what was sent is mock.calls.last.request, and mock.calls.where(...) finds more",
    ),
    **dict.fromkeys(
        ("called", "call_count"),
        "ask a route, route.called, or len(mock.calls)",
    ),
    **dict.fromkeys(
        ("add", "register_uri", "request", "when", "on", "expect", "expect_request"),
        'write mock.get(path), or mock.route("GET", path)',
    ),
    **dict.fromkeys(("reset", "reset_mock"), "a new mock begins with nothing"),
}


_ROUTES = 'mock.{0}(...), of a mock: with lookalike.Api("NAME").mock() as mock'
MODULE_HABITS: Mapping[str, str] = {
    **dict.fromkeys(("mock", "mocker", "mock_api", "activate", "start", "patch_all"), 'lookalike.Api("NAME").mock()'),
    **{name: _ROUTES.format(name) for name in ("get", "post", "put", "patch", "delete", "head", "options", "route")},
    **dict.fromkeys(("add", "request", "register_uri", "stub", "expect"), _ROUTES.format("get")),
    **{name: f'lookalike.Api("NAME").{name}()' for name in ("fake", "serve", "record", "verify")},
    "calls": 'mock.calls, of a mock: with lookalike.Api("NAME").mock() as mock',
}
"""What other libraries have at their top, and what is written instead."""


class _Habit:
    """An attribute that other libraries have: reading and setting it are refused, and say what is written instead.

    Not `__getattr__`: Python then reads every attribute more slowly, on the way of each request.
    """

    def __init__(self, what: str, name: str, told: str) -> None:
        self._what = what
        self._name = name
        self._told = told

    def __get__(self, owner: object, kind: type | None = None) -> Any:
        if owner is None:
            return self
        raise self._error()

    def __set__(self, owner: object, value: object) -> None:
        raise self._error()

    def _error(self) -> NoSuchAttribute:
        error = NoSuchAttribute(f"{self._what} has no .{self._name}; {self._told}")
        # Python adds a suggestion of its own where it knows who was asked.
        error.obj = self
        return error


def habits_of(kind: type, what: str, habits: Mapping[str, str]) -> None:
    """Let a class refuse what other libraries have, unless it has it too; checkers don't see these attributes."""
    for name, told in habits.items():
        if not hasattr(kind, name):
            setattr(kind, name, _Habit(what, name, told))


def names_of(owner: object) -> list[str]:
    """The names of an object's attributes, as `dir` has them, without the refused ones."""
    kinds = type(owner).__mro__
    return [
        name for name in object.__dir__(owner) if not any(isinstance(vars(kind).get(name), _Habit) for kind in kinds)
    ]


def refusal(call: str, name: str, known: Iterable[str], habits: Mapping[str, str], what: str = "keyword") -> str:
    """The message for a name that isn't there: how the habit is spelled, or the nearest name, then all of them."""
    names = list(known)
    hint = habits.get(name) or nearest(name, names)
    told = f"; {hint}" if hint else ""
    takes = f"There {'are' if len(names) > 1 else 'is'} {', '.join(names)}." if names else "It takes none."
    return f"{call} has no {what} {name!r}{told}{'' if told.endswith('?') else '.'} {takes}"


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean "params"?`, or nothing where no name is near."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), 1)
    return f'did you mean "{close[0]}"?' if close else ""


def slip(error: BaseException, kinds: Mapping[type, str]) -> str:
    """What to say of an AttributeError for a name that one of our objects doesn't have; empty for any other error."""
    owner, name = getattr(error, "obj", None), getattr(error, "name", None)
    if isinstance(error, LookalikeError) or not isinstance(error, AttributeError) or not isinstance(name, str):
        return ""
    what = next((told for kind, told in kinds.items() if isinstance(owner, kind)), "")
    if not what:
        return ""
    hint = nearest(name, sorted(each for each in names_of(owner) if not each.startswith("_")))
    return f"{what} has no .{name}" + (f"; {hint}" if hint else "")


def keywords_of(method: Callable[..., Any]) -> tuple[str, ...]:
    """What a method takes by name."""
    code = unwrap(method).__code__
    first = min(code.co_argcount, code.co_posonlyargcount or 1)
    names: tuple[str, ...] = code.co_varnames
    return names[first : code.co_argcount + code.co_kwonlyargcount]


def spelled(
    call: str,
    habits: Mapping[str, str],
    *,
    by_name: str = "",
    more: Iterable[str] = (),
    refused: Callable[[Any], None] = lambda owner: None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a method refuse keywords that it doesn't have with a UsageError; what checkers see stays as it is.

    call:    the call in messages: `.respond()`
    by_name: what to write where too many values are given by position
    more:    keywords that it takes by `**`
    refused: told the object before the error is raised
    """

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        last = 1 << 30 if method.__code__.co_flags & CO_VARARGS else method.__code__.co_argcount
        names = (*keywords_of(method), *more)
        known = frozenset(names)

        @wraps(method)
        def checked(*args: P.args, **keywords: P.kwargs) -> R:
            if not known.issuperset(keywords):
                refused(args[0])
                name = next(name for name in keywords if name not in known)
                raise UsageError(refusal(call, name, names, habits))
            if len(args) > last:
                refused(args[0])
                raise UsageError(f"{call} takes no value {args[last]!r} by position; {by_name or 'say it by name'}")
            return method(*args, **keywords)

        return checked

    return decorate
