"""The parts of a request that recordings are found by: what of each has to be equal, and where two differ."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import orjson

from lookalike.double import multipart
from lookalike.double.combined import exactly
from lookalike.double.diff import differences
from lookalike.double.forms import FormBody
from lookalike.double.named import HeaderValues, NamedValues
from lookalike.double.target import canonical
from lookalike.double.wording import words
from lookalike.errors import InvalidJson
from lookalike.fields import MultiDict
from lookalike.messages import Request
from lookalike.mismatch import Mismatch

__tracebackhide__ = True

# Each client adds these by itself, or they differ from one asking to the next.
_VOLATILE = frozenset({
    "accept-encoding", "connection", "content-length", "date", "host", "traceparent", "tracestate", "transfer-encoding",
    "user-agent", "x-request-id",
})  # fmt: skip


def _port(request: Request) -> str:
    return "" if request.port in (80, 443) else str(request.port)


def _headers(request: Request) -> Hashable:
    return tuple(
        sorted((name.lower(), value) for name, value in request.headers.pairs if name.lower() not in _VOLATILE)
    )


def field_of(part: str, request: Request) -> Hashable:
    """What has to be equal of one header field: `header NAME`."""
    return tuple(request.headers.get_all(part.removeprefix("header ")))


def _body(request: Request) -> Hashable:
    kind, value = _content(request)
    if kind == "json":
        return kind, orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if kind == "form":
        return kind, tuple(sorted(value.pairs))
    return kind, tuple(value) if kind == "parts" else value


def _content(request: Request) -> tuple[str, Any]:
    """What a body is, and its value: JSON, the fields of a form, multipart's parts, or bytes."""
    if request.content_type == "application/x-www-form-urlencoded":
        return "form", request.form
    if request.content_type == "multipart/form-data":
        return "parts", multipart.parts(request) or request.body
    if request.content[:1] in (b"{", b"[") or (request.is_json and request.content):
        try:
            return "json", request.json()
        except InvalidJson:
            pass
    return "body", request.body


# What has to be equal, by the part of a request.
KEYS: dict[str, Callable[[Request], Hashable]] = {
    "method": lambda request: request.method.upper(),
    "scheme": lambda request: request.scheme,
    "host": lambda request: request.host,
    "port": _port,
    "path": lambda request: canonical(request.path),
    "query": lambda request: tuple(sorted(request.params.pairs)),
    "headers": _headers,
    "body": _body,
}

# -- and in words ----------------------------------------------------------------------------------------------------


def _of(name: str) -> Callable[[Request, Request], Iterator[Mismatch]]:
    part = KEYS[name]

    def explain(recorded: Request, got: Request) -> Iterator[Mismatch]:
        ours, theirs = part(recorded), part(got)
        if ours != theirs:
            yield Mismatch(name, str(ours) or "the scheme's own", str(theirs) or "the scheme's own")

    return explain


def _of_path(recorded: Request, got: Request) -> Iterator[Mismatch]:
    if canonical(recorded.path) != canonical(got.path):
        yield Mismatch("path", recorded.path, got.path)


def _of_query(recorded: Request, got: Request) -> Iterator[Mismatch]:
    if sorted(recorded.params.pairs) != sorted(got.params.pairs):
        wanted = exactly(_named(recorded.params))
        yield from NamedValues("query", "params", wanted, lambda request: request.params).explain(got)


def _of_headers(recorded: Request, got: Request) -> Iterator[Mismatch]:
    names = {name.lower() for name, _ in (*recorded.headers.pairs, *got.headers.pairs)} - _VOLATILE
    for name in sorted(names):
        yield from explain_field(f"header {name}", recorded, got)


def explain_field(part: str, recorded: Request, got: Request) -> Iterator[Mismatch]:
    """Where one header field of two requests differs: `header NAME`."""
    name = part.removeprefix("header ")
    wanted = recorded.headers.get_all(name)
    if not wanted and got.headers.get_all(name):
        yield Mismatch(part, "nothing", words(got.headers[name]))
    elif wanted != got.headers.get_all(name):
        yield from HeaderValues({name: wanted if len(wanted) > 1 else wanted[0]}).explain(got)


def _of_body(recorded: Request, got: Request) -> Iterator[Mismatch]:
    if _body(recorded) == _body(got):
        return
    (kind, ours), (other, theirs) = _content(recorded), _content(got)
    if kind == other == "form":
        yield from FormBody(_named(ours)).explain(got)
    elif kind == other == "parts" and isinstance(ours, list) and isinstance(theirs, list):
        yield from _of_multipart(ours, theirs)
    elif kind == other == "json":
        yield from differences(ours, theirs)
    elif not recorded.content or not got.content:
        yield Mismatch("body", _told(recorded), _told(got))
    else:
        found = list(differences(recorded.body, got.body, "body"))
        yield from found or [Mismatch("header content-type", words(recorded.content_type), words(got.content_type))]


def _told(request: Request) -> str:
    return words(request.body) if request.content else "no body"


def _of_multipart(ours: list[multipart.Part], theirs: list[multipart.Part]) -> Iterator[Mismatch]:
    if len(ours) != len(theirs):
        yield Mismatch("body", f"{len(ours)} parts", f"{len(theirs)} parts")
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            yield Mismatch(f"form {one.name}", words(one.content), words(other.content))


def _named(values: MultiDict) -> dict[str, Any]:
    every = {name: values.get_all(name) for name in values}
    return {name: found[0] if len(found) == 1 else found for name, found in every.items()}


# Where two requests differ, by the part.
EXPLAINED: dict[str, Callable[[Request, Request], Iterator[Mismatch]]] = {
    **{name: _of(name) for name in ("method", "scheme", "host", "port")},
    "path": _of_path,
    "query": _of_query,
    "headers": _of_headers,
    "body": _of_body,
}
