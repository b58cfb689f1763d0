"""What one recording says of an API: exchanges counted, operation by operation.

Counts add up: learning a recording in parts and adding gives the same as learning it whole, in any order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from lookalike.contract.headers import countable
from lookalike.contract.skeleton import Key, collapse, skeleton
from lookalike.errors import InvalidJson
from lookalike.messages import Exchange, Request, Response, SplitUrl, split_url
from lookalike.secrets import is_secret_name, is_sensitive
from lookalike.shape.evidence import EMPTY as NOTHING
from lookalike.shape.evidence import Counts
from lookalike.shape.learn import learn

K = TypeVar("K")
V = TypeVar("V")

TARGETS_CAP = 8
NAMES_CAP = 256
MANY = "*"

# HEAD says what GET says without a body, OPTIONS and TRACE speak of the server and not of the resource.
_SKIPPED = frozenset({"HEAD", "OPTIONS", "TRACE", "CONNECT"})
# A refusal that is about the request itself, not about who asks or how often.
_REFUSED = frozenset({400, 411, 413, 415, 422})
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


def _merged(one: Mapping[K, V], other: Mapping[K, V], add: Callable[[V, V], V]) -> dict[K, V]:
    result = dict(one)
    for key, value in other.items():
        result[key] = add(result[key], value) if key in result else value
    return result


def _sums(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return _merged(one, other, int.__add__)


def _first(one: str, other: str) -> str:
    return min(one, other) if one and other else one or other


def _sorted_json(items: Mapping[str, Any]) -> dict[str, Any]:
    return {key: items[key] for key in sorted(items)}


def _filled(**items: Any) -> dict[str, Any]:
    return {key: value for key, value in items.items() if value not in (0, "", {}, [], False, None)}


@dataclass(frozen=True, slots=True)
class BodyCounts:
    """Bodies of one media type.

    n: bodies; empty: those without a byte; broken: those that claim to be JSON and aren't; shape: the JSON ones
    """

    n: int = 0
    empty: int = 0
    broken: int = 0
    shape: Counts = field(default_factory=lambda: NOTHING)

    def __add__(self, other: BodyCounts) -> BodyCounts:
        return BodyCounts(
            self.n + other.n, self.empty + other.empty, self.broken + other.broken, self.shape + other.shape
        )

    def to_json(self) -> dict[str, Any]:
        shape = self.shape.to_json() if self.n > self.empty + self.broken else None
        return _filled(n=self.n, empty=self.empty, broken=self.broken, shape=shape)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BodyCounts:
        shape = Counts.from_json(data["shape"]) if "shape" in data else NOTHING
        return cls(data.get("n", 0), data.get("empty", 0), data.get("broken", 0), shape)


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Answers with one status.

    media:    by media type in lower case, `""` where none was named
    headers:  answers that had the header, by its name in lower case; every class, secrets' names without values
    """

    n: int = 0
    media: Mapping[str, BodyCounts] = field(default_factory=dict)
    headers: Mapping[str, int] = field(default_factory=dict)
    first: str = ""
    last: str = ""

    def __add__(self, other: AnswerCounts) -> AnswerCounts:
        return AnswerCounts(
            self.n + other.n,
            _capped(_merged(self.media, other.media, BodyCounts.__add__), BodyCounts()),
            _capped(_sums(self.headers, other.headers), 0),
            _first(self.first, other.first),
            max(self.last, other.last),
        )

    def to_json(self) -> dict[str, Any]:
        media = {kind: body.to_json() for kind, body in sorted(self.media.items())}
        return _filled(n=self.n, media=media, headers=_sorted_json(self.headers), first=self.first, last=self.last)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AnswerCounts:
        media = {kind: BodyCounts.from_json(body) for kind, body in data.get("media", {}).items()}
        return cls(data["n"], media, data.get("headers", {}), data.get("first", ""), data.get("last", ""))


@dataclass(frozen=True, slots=True)
class ParameterCounts:
    """One query parameter: requests that had it, those that repeated it, and the forms of its values."""

    n: int = 0
    repeated: int = 0
    forms: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: ParameterCounts) -> ParameterCounts:
        return ParameterCounts(self.n + other.n, self.repeated + other.repeated, _sums(self.forms, other.forms))

    def to_json(self) -> dict[str, Any]:
        return _filled(n=self.n, repeated=self.repeated, forms=_sorted_json(self.forms))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ParameterCounts:
        return cls(data.get("n", 0), data.get("repeated", 0), data.get("forms", {}))


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """Requests with one outcome: those that were accepted (2xx), or those that were refused (400, 422 and the like).

    bare:  requests without a body
    media: bodies by media type
    query: parameters by name
    """

    n: int = 0
    bare: int = 0
    media: Mapping[str, BodyCounts] = field(default_factory=dict)
    query: Mapping[str, ParameterCounts] = field(default_factory=dict)

    def __add__(self, other: RequestCounts) -> RequestCounts:
        return RequestCounts(
            self.n + other.n,
            self.bare + other.bare,
            _capped(_merged(self.media, other.media, BodyCounts.__add__), BodyCounts()),
            _capped(_merged(self.query, other.query, ParameterCounts.__add__), ParameterCounts()),
        )

    def to_json(self) -> dict[str, Any]:
        media = {kind: body.to_json() for kind, body in sorted(self.media.items())}
        query = {name: one.to_json() for name, one in sorted(self.query.items())}
        return _filled(n=self.n, bare=self.bare, media=media, query=query)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RequestCounts:
        media = {kind: BodyCounts.from_json(body) for kind, body in data.get("media", {}).items()}
        query = {name: ParameterCounts.from_json(one) for name, one in data.get("query", {}).items()}
        return cls(data.get("n", 0), data.get("bare", 0), media, query)


@dataclass(frozen=True, slots=True)
class OperationCounts:
    """What was seen of one method on one skeleton.

    answers:  by status
    accepted: the requests that were answered with 2xx; refused: those that were refused for what they said
    targets:  up to eight concrete targets (`/todos/1?x=y`, relative to the base URL) that were answered with 2xx and
              can be asked again, without secrets, those with the smallest hashes
    """

    n: int = 0
    answers: Mapping[str, AnswerCounts] = field(default_factory=dict)
    accepted: RequestCounts = field(default_factory=RequestCounts)
    refused: RequestCounts = field(default_factory=RequestCounts)
    targets: tuple[str, ...] = ()
    first: str = ""
    last: str = ""

    def __add__(self, other: OperationCounts) -> OperationCounts:
        return OperationCounts(
            self.n + other.n,
            _merged(self.answers, other.answers, AnswerCounts.__add__),
            self.accepted + other.accepted,
            self.refused + other.refused,
            bottom({*self.targets, *other.targets}),
            _first(self.first, other.first),
            max(self.last, other.last),
        )

    def to_json(self) -> dict[str, Any]:
        return _filled(
            n=self.n,
            answers={status: answer.to_json() for status, answer in sorted(self.answers.items())},
            accepted=self.accepted.to_json(),
            refused=self.refused.to_json(),
            targets=list(self.targets),
            first=self.first,
            last=self.last,
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OperationCounts:
        return cls(
            data["n"],
            {status: AnswerCounts.from_json(answer) for status, answer in data.get("answers", {}).items()},
            RequestCounts.from_json(data.get("accepted", {})),
            RequestCounts.from_json(data.get("refused", {})),
            tuple(data.get("targets", ())),
            data.get("first", ""),
            data.get("last", ""),
        )


@dataclass(frozen=True, slots=True)
class RecordingCounts:
    """What one recording says: counts by method and skeleton."""

    operations: Mapping[Key, OperationCounts] = field(default_factory=dict)

    def __add__(self, other: RecordingCounts) -> RecordingCounts:
        return RecordingCounts(
            collapse(_merged(self.operations, other.operations, OperationCounts.__add__), OperationCounts.__add__)
        )

    def to_json(self) -> dict[str, Any]:
        """`{"GET /todos/{int}": counts}`, sorted."""
        return {
            f"{method} /{'/'.join(path)}": counts.to_json()
            for (method, path), counts in sorted(self.operations.items(), key=lambda item: (item[0][1], item[0][0]))
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RecordingCounts:
        """Read what `to_json` wrote. Raises KeyError, TypeError, ValueError or AttributeError for anything else."""
        operations: dict[Key, OperationCounts] = {}
        for name, counts in data.items():
            method, _, path = name.partition(" /")
            operations[method, tuple(path.split("/")) if path else ()] = OperationCounts.from_json(counts)
        return cls(operations)


EMPTY = RecordingCounts()


def bottom(targets: Iterable[str]) -> tuple[str, ...]:
    """The eight targets with the smallest hashes: a sample that is the same in whatever order they came."""
    return tuple(sorted(targets, key=lambda target: (hashlib.sha1(target.encode()).digest(), target))[:TARGETS_CAP])  # noqa: S324


def _capped(items: dict[str, V], zero: V) -> dict[str, V]:
    """Too many names are no names but values. A name that nobody sends marks it, so that the cap absorbs."""
    return {MANY: zero} if MANY in items or len(items) > NAMES_CAP else items


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
        if path is None or exchange.response is None or exchange.request.method.upper() in _SKIPPED:
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
    refused = [(request, when) for request, response, when in pairs if response.status in _REFUSED]
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
        _capped(
            {
                kind: _bodies([(response, _fingerprint(request), when) for request, response, when in triples])
                for kind, triples in media.items()
            },
            BodyCounts(),
        ),
        _capped(headers, 0),
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
    counted = _capped({kind: _bodies(bodies) for kind, bodies in media.items()}, BodyCounts())
    return RequestCounts(len(found), bare, counted, _capped(query, ParameterCounts()))


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
