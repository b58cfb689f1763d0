"""What of a request is compared with a recorded one: both as they would be written, without secrets and nonces."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import orjson

from lookalike.codec import decode_json
from lookalike.double.compared_parts import EXPLAINED, KEYS, explain_field, field_of
from lookalike.double.misuse import nearest
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Exchange, Request
from lookalike.mismatch import Mismatch
from lookalike.secrets import REDACTED, is_secret_name, mask_headers, mask_text, mask_url, redact

__tracebackhide__ = True

Criterion = str | Callable[[Request, Request], object]
# Bodies are compared with their coding undone.
_CODED = frozenset({"content-encoding"})
_STEP = re.compile(r'\.([\w$@-]+)|\[(\d+|\*|)\]|\["((?:[^"\\]|\\.)*)"\]')
_PLACES = ("query", "header", "cookie", "form", "json")
_PLAIN = ("method", "scheme", "host", "port", "path", "query", "headers", "body")
_URL = ("host", "port", "path", "query")
_ALSO = {"uri": _URL, "url": _URL, "raw_body": ("body",), "raw-body": ("body",), "address": _URL[:3]}

EVERYTHING = ("method", "url", "body")
ADDRESS = ("method", "address")


@dataclass(frozen=True, slots=True)
class Ignored:
    """Places that are not compared, by what they are of; `json` as steps, `*` for any key or position."""

    query: frozenset[str] = frozenset()
    header: frozenset[str] = frozenset()
    cookie: frozenset[str] = frozenset()
    form: frozenset[str] = frozenset()
    json: tuple[tuple[str | int, ...], ...] = ()


class Comparison:
    """Which parts of a request have to be equal to a recorded one's.

    match:  `method`, `scheme`, `host`, `port`, `path`, `query`, `url` (host, port, path and query), `headers`,
            `header NAME`, `body`, or functions of the request and the recorded one that return whether they are alike
            (or raise an AssertionError that says why not)
    ignore: places that aren't compared, as messages name them: `query page`, `header X-Id`, `form nonce`,
            `json.items[*].sent_at`

    Credentials are compared by their names alone: a recording doesn't have them. JSON and forms are compared by their
    values, multipart without its boundary. Raises UsageError for a criterion or a place that isn't one.
    """

    def __init__(self, match: Iterable[Criterion] = EVERYTHING, ignore: Iterable[str] = ()) -> None:
        named: list[str] = []
        functions: list[Callable[[Request, Request], object]] = []
        for one in _listed(match, "match"):
            if callable(one):
                functions.append(one)
            else:
                named += _criteria(one)
        self.parts = tuple(dict.fromkeys(named))
        self.functions = tuple(functions)
        self.ignored = _ignored(_listed(ignore, "ignore"))
        self._of_headers = any(part.startswith("header") for part in self.parts)

    @property
    def identity(self) -> Hashable:
        """Equal for two that compare the same."""
        return (self.parts, self.functions, self.ignored)

    def plain(self, request: Request) -> Request:
        """The request as it is compared where a recording holds personal data in clear: without credentials."""
        headers = mask_headers(request.headers) if self._of_headers else request.headers
        return self._cut(Request(request.method, mask_url(request.url), headers, _masked(request)))

    def written(self, request: Request) -> Request:
        """The request as it is compared with a recording that was redacted."""
        return self._cut(redact(Exchange(request)).request)

    def seen(self, request: Request) -> Hashable:
        """All of a request that may decide what it is alike to."""
        return (request.method, request.url, request.content, request.headers.pairs if self._of_headers else ())

    def key(self, request: Request) -> Hashable:
        """What two requests of `plain`, or of `written`, have in common when they are alike."""
        return tuple(KEYS[part](request) if part in KEYS else field_of(part, request) for part in self.parts)

    def explain(self, recorded: Request, got: Request, parts: Sequence[str] = ()) -> Iterator[Mismatch]:
        """Where two such requests differ, in what is compared; of these parts where some are given."""
        for part in parts or self.parts:
            yield from EXPLAINED[part](recorded, got) if part in EXPLAINED else explain_field(part, recorded, got)

    def doubts(self, recorded: Request, got: Request) -> Iterator[Mismatch]:
        """What functions of the test say against two requests, as they are."""
        for function in self.functions:
            name = getattr(function, "__name__", repr(function))
            try:
                alike = function(got, recorded)
            except AssertionError as error:
                yield Mismatch(name, "the recorded request", str(error) or "another")
                continue
            # A matcher of vcrpy's says no by an AssertionError, and returns nothing when it says yes.
            if alike is not None and not alike:
                yield Mismatch(name, "the recorded request", "another")

    def _cut(self, request: Request) -> Request:
        """The request without credentials, which recorders leave out or replace, and without what is ignored."""
        cut = self.ignored
        headers = [pair for pair in request.headers.pairs if pair[0].lower() not in cut.header | _CODED]
        if cut.cookie:
            headers = [(name, _without_cookies(name, value, cut.cookie)) for name, value in headers]
        url, content = request.url.partition("#")[0], request.content
        if request.query:
            query = _without_fields(request.query, cut.query)
            url = url.partition("?")[0] + (f"?{query}" if query else "")
        if content and request.content_type == "application/x-www-form-urlencoded":
            content = _without_fields(content.decode("latin-1"), cut.form).encode("latin-1")
        elif content[:1] in (b"{", b"["):
            content = _without_places(content, cut.json)
        return Request(request.method, url, headers, content)


def _masked(request: Request) -> bytes:
    """The body, its coding undone, without what has the form of a credential."""
    body = request.body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    masked = mask_text(text)
    return body if masked == text else masked.encode()


def _listed(values: Any, keyword: str) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError(f'api.replay({keyword}={values!r}): it is a list: {keyword}=["{values}"]')
    return list(values)


def _criteria(name: object) -> Sequence[str]:
    if isinstance(name, str):
        if name in _ALSO:
            return _ALSO[name]
        if name in _PLAIN or name.startswith("header "):
            return (name.lower(),)
        if name == "digest-auth":
            raise UsageError(
                'api.replay(match=...): "digest-auth" compares credentials, which a recording doesn\'t have'
            )
    known = [*_PLAIN, "url"]
    hint = nearest(str(name), known)
    raise UsageError(
        f"api.replay(match=...): {name!r} is nothing to compare{'; ' + hint if hint else '.'} There are "
        f'{", ".join(known)}, "header NAME", and functions of the request and the recorded one.'
    )


def _ignored(places: Sequence[Any]) -> Ignored:
    found: dict[str, set[str]] = {kind: set() for kind in ("query", "header", "cookie", "form")}
    json: list[tuple[str | int, ...]] = []
    for place in places:
        kind, _, name = place.partition(" ") if isinstance(place, str) else ("", "", "")
        if kind in found and name:
            found[kind].add(name.lower() if kind == "header" else name)
        elif isinstance(place, str) and place.startswith(("json.", "json[")) and _steps(place[4:]):
            json.append(_steps(place[4:]))
        else:
            raise UsageError(
                f"api.replay(ignore=[...]): {place!r} is no place; write it as messages do: "
                '"query page", "header X-Id", "cookie sid", "form nonce", "json.items[*].sent_at"'
            )
    return Ignored(**{kind: frozenset(names) for kind, names in found.items()}, json=tuple(json))


def _steps(place: str) -> tuple[str | int, ...]:
    """The keys and positions of a place below `json`; empty where it isn't one."""
    found = list(_STEP.finditer(place))
    if "".join(one[0] for one in found) != place:
        return ()
    return tuple(one[1] or _key(one) for one in found)


def _key(step: re.Match[str]) -> str | int:
    """A quoted key, a position, or `*`."""
    if step[3] is not None:
        return str(decode_json(f'"{step[3]}"'.encode()))
    return int(step[2]) if step[2].isdigit() else "*"


def _without_fields(encoded: str, names: frozenset[str]) -> str:
    return "&".join(part for part in encoded.split("&") if _compared(*part.partition("=")[::2], names))


def _compared(name: str, value: str, ignored: frozenset[str]) -> bool:
    plain = unquote_plus(name)
    return plain not in ignored and value != REDACTED and not is_secret_name(plain)


def _without_cookies(name: str, value: str, names: frozenset[str]) -> str:
    if name.lower() != "cookie":
        return value
    return "; ".join(part for part in value.split("; ") if part.partition("=")[0] not in names)


def _without_places(content: bytes, places: Sequence[tuple[str | int, ...]]) -> bytes:
    try:
        value = decode_json(content)
    except InvalidJson:
        return content
    changed = _without_secrets(value)
    for steps in places:
        changed = _remove(value, steps) or changed
    return orjson.dumps(value) if changed else content


def _without_secrets(value: Any) -> bool:
    """Take keys that hold credentials out of JSON; whether there were any. Not recursive: bodies may be deep."""
    changed, work = False, [value]
    while work:
        item = work.pop()
        if isinstance(item, dict):
            secret = [key for key, one in item.items() if one == REDACTED or is_secret_name(key)]
            for key in secret:
                del item[key]
            changed = changed or bool(secret)
            work += item.values()
        elif isinstance(item, list):
            work += item
    return changed


def _remove(value: Any, steps: tuple[str | int, ...]) -> bool:
    """Take a place out of JSON; whether it was there."""
    step, *rest = steps
    if isinstance(value, dict):
        names: list[Any] = list(value) if step == "*" else [step] if step in value else []
    elif isinstance(value, list):
        here = step == "*" or (isinstance(step, int) and step < len(value))
        names = [] if not here else list(range(len(value))) if step == "*" else [step]
    else:
        return False
    found = False
    for name in reversed(names):
        if rest:
            found = _remove(value[name], tuple(rest)) or found
        else:
            del value[name]
            found = True
    return found
