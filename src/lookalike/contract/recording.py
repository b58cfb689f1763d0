"""What one recording says of an API: its exchanges counted, operation by operation.

Learning a recording in parts and adding gives the same as learning it whole, in any order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from lookalike.contract.counts import (
    AnswerCounts,
    BodyCounts,
    OperationCounts,
    ParameterCounts,
    RecordingCounts,
    RequestCounts,
    bottom,
    capped,
)
from lookalike.contract.headers import countable
from lookalike.contract.skeleton import Key, collapse, skeleton
from lookalike.errors import InvalidJson
from lookalike.messages import Exchange, Request, Response, SplitUrl, split_url
from lookalike.secrets import is_secret_name, is_sensitive
from lookalike.shape.evidence import EMPTY as NOTHING
from lookalike.shape.learn import learn

__all__ = ["SKIPPED_METHODS", "RecordingCounts", "askable", "learn_exchanges", "relative_path"]

# HEAD says what GET says without a body, OPTIONS and TRACE speak of the server and not of the resource.
SKIPPED_METHODS = frozenset({"HEAD", "OPTIONS", "TRACE", "CONNECT"})
# A refusal that is about the request itself, not about who asks or how often.
REFUSED = frozenset({400, 411, 413, 415, 422})
_PARAMETER = re.compile(r"[A-Za-z_$@.~-][\w$@.~:\[\]-]{0,63}")
_MEDIA = re.compile(r"[\w.+*-]{1,64}/[\w.+*-]{1,96}")
_TEXT_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("empty", re.compile(r"")),
    ("integer", re.compile(r"-?\d{1,18}")),
    ("number", re.compile(r"-?\d+\.\d+")),
    ("boolean", re.compile(r"true|false")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("date-time", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
)


def learn_exchanges(exchanges: Iterable[Exchange], *, base_url: str, day: str = "") -> RecordingCounts:
    """Count the exchanges of one API, those of other hosts left out.

    base_url: paths are relative to it; the scheme isn't compared
    day:      the day of exchanges that don't know their own
    Raises UsageError for a base URL that is none.
    """
    base = split_url(base_url)
    groups: dict[Key, list[Exchange]] = {}
    for exchange in exchanges:
        path = relative_path(base, exchange.request)
        if path is None or exchange.response is None or exchange.request.method.upper() in SKIPPED_METHODS:
            continue
        groups.setdefault((exchange.request.method.upper(), skeleton(path)), []).append(exchange)
    counted = {key: _operation(group, base, day) for key, group in groups.items()}
    return RecordingCounts(collapse(counted, OperationCounts.__add__))


def relative_path(base: SplitUrl, request: Request) -> str | None:
    """The path of a request relative to a base URL, None where it is another API's."""
    if request.host != base.host:
        return None
    if request.port != base.port and not {request.port, base.port} <= {80, 443}:
        return None
    prefix = base.path.rstrip("/")
    if prefix and request.path != prefix and not request.path.startswith(prefix + "/"):
        return None
    return request.path[len(prefix) :] or "/"


def _operation(group: Sequence[Exchange], base: SplitUrl, day: str) -> OperationCounts:
    pairs = [(one.request, one.response, one.day or day) for one in group if one.response is not None]
    days = [when for _, _, when in pairs if when]
    by_status: dict[int, list[tuple[Request, Response, str]]] = {}
    for pair in pairs:
        by_status.setdefault(pair[1].status, []).append(pair)
    accepted = [(request, when) for request, response, when in pairs if 200 <= response.status < 300]
    refused = [(request, when) for request, response, when in pairs if response.status in REFUSED]
    return OperationCounts(
        len(pairs),
        {str(status): _answer(found) for status, found in by_status.items()},
        _requests(accepted),
        _requests(refused),
        bottom({target for request, _ in accepted if (target := askable(base, request))}),
        min(days, default=""),
        max(days, default=""),
    )


def _answer(found: Sequence[tuple[Request, Response, str]]) -> AnswerCounts:
    headers: dict[str, int] = {}
    media: dict[str, list[tuple[Request, Response, str]]] = {}
    for triple in found:
        response = triple[1]
        for name in {countable(name) for name in response.headers} - {""}:
            headers[name] = headers.get(name, 0) + 1
        kind = response.content_type
        media.setdefault(kind if _MEDIA.fullmatch(kind) else "", []).append(triple)
    days = [when for _, _, when in found if when]
    return AnswerCounts(
        len(found),
        capped(
            {
                kind: _bodies([(response, _fingerprint(request), when) for request, response, when in triples])
                for kind, triples in media.items()
            },
            BodyCounts(),
        ),
        capped(headers, 0),
        min(days, default=""),
        max(days, default=""),
    )


def _bodies(messages: Sequence[tuple[Request | Response, str, str]]) -> BodyCounts:
    """Bodies of one media type, each with its request's fingerprint and its day."""
    empty = broken = 0
    by_day: dict[str, tuple[list[Any], list[str]]] = {}
    for message, target, when in messages:
        if not message.content:
            empty += 1
        elif message.is_json:
            try:
                value = message.json()
            except InvalidJson:
                broken += 1
                continue
            values, targets = by_day.setdefault(when, ([], []))
            values.append(value)
            targets.append(target)
    shape = NOTHING
    for when, (values, targets) in by_day.items():
        shape = shape + learn(values, targets=targets, day=when)
    return BodyCounts(len(messages), empty, broken, shape)


def _requests(found: Sequence[tuple[Request, str]]) -> RequestCounts:
    media: dict[str, list[tuple[Request | Response, str, str]]] = {}
    query: dict[str, ParameterCounts] = {}
    bare = 0
    for request, when in found:
        for name, one in _parameters(request).items():
            query[name] = query[name] + one if name in query else one
        if request.content:
            kind = request.content_type
            media.setdefault(kind if _MEDIA.fullmatch(kind) else "", []).append((request, _fingerprint(request), when))
        else:
            bare += 1
    counted = capped({kind: _bodies(bodies) for kind, bodies in media.items()}, BodyCounts())
    return RequestCounts(len(found), bare, counted, capped(query, ParameterCounts()))


def _parameters(request: Request) -> dict[str, ParameterCounts]:
    result = {}
    params = request.params
    for name in params:
        if not _PARAMETER.fullmatch(name) or is_sensitive(name):
            continue
        values = params.get_all(name)
        forms: dict[str, int] = {}
        for value in values:
            form = next((form for form, pattern in _TEXT_FORMS if pattern.fullmatch(value)), "text")
            forms[form] = forms.get(form, 0) + 1
        result[name] = ParameterCounts(1, int(len(values) > 1), forms)
    return result


def _fingerprint(request: Request) -> str:
    """What tells one request from another, as far as its answer may depend on it."""
    body = hashlib.sha1(request.content).hexdigest() if request.content else ""  # noqa: S324  no secret rests on it
    return f"{request.method} {request.target} {body}"


def askable(base: SplitUrl, request: Request) -> str:
    """The target of a GET as it may be kept and asked again, relative to the base URL; empty where it holds a secret.

    Secret parameters are left out: who asks again sends credentials of their own.
    """
    path = relative_path(base, request)
    if request.method.upper() != "GET" or path is None or len(request.target) > 1024:
        return ""
    if any(is_sensitive(part) for part in path.split("/")):
        return ""
    pairs = [(name, value) for name, value in request.params.pairs if not is_secret_name(name)]
    if any(is_sensitive(value, name) for name, value in pairs):
        return ""
    return path + ("?" + urlencode(pairs, quote_via=quote) if pairs else "")
