"""The credentials that the real API is asked with: sent to its own host only, never shown."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_plus

from lookalike.errors import UsageError
from lookalike.messages import Exchange, Request
from lookalike.secrets import without
from lookalike.secrets.recurring import Recurrences

_FORMS = (
    'auth = { bearer = "..." }, { basic = "user:password" }, { header = "X-Api-Key: ..." }, { cookie = "name=..." } '
    'or { query = "name=..." }'
)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.1
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]* +(?=\S)")  # `Token abc`; RFC 9110, section 11.4
_PAIRS = re.compile(r"[;,]\s*")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves who asks: header fields, and parameters of the query. Its repr shows their names alone."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, auth: Mapping[str, str] | None) -> Credentials:
        """From configuration whose `env:` values are already resolved.

        Raises UsageError, which doesn't repeat the value, where the form isn't known.
        """
        given = dict(auth or {})
        query = tuple(_pair("query", value) for kind, value in given.items() if kind == "query")
        return cls(tuple(_header(kind, value) for kind, value in given.items() if kind != "query"), query)

    def in_query(self, request: Request) -> Request:
        """The request with the query's own parameters, as it goes over the wire and nowhere else."""
        if not self.query:
            return request
        bare = self.without_query(request.url)
        added = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.query)
        url = f"{bare}{'&' if '?' in bare else '?'}{added}"
        return Request(request.method, url, request.headers, request.content, timeout=request.timeout)

    def without_query(self, url: str) -> str:
        """A URL without the query's own parameters, as where a redirect leads may repeat them."""
        base, mark, query = url.partition("?")
        own = {name for name, _ in self.query}
        kept = [part for part in query.split("&") if unquote_plus(part.partition("=")[0]) not in own]
        return base + (mark + "&".join(kept) if kept and mark else "") if own else url

    def taken_out(self, exchange: Exchange) -> Exchange:
        """The exchange without them, where its URL or its answer repeats one, however encoded; else itself."""
        return without(exchange, self._values())

    def taken_out_of(self, text: str) -> str:
        """A text without them."""
        return Recurrences(self._values()).without(text)

    def _values(self) -> frozenset[str]:
        found = {value for _, value in self.query}
        for _, value in self.headers:
            scheme = _SCHEME.match(value)
            bare = value[scheme.end() :] if scheme is not None else value
            found.update((value, bare))
            found.update(part.partition("=")[2].strip('"') for part in _PAIRS.split(bare))
            if scheme is not None and scheme[0].strip().lower() == "basic":
                with suppress(ValueError):
                    login = base64.b64decode(bare).decode("utf-8", "replace")
                    found.update((login, login.partition(":")[2]))
        return frozenset(found - {""})

    def __bool__(self) -> bool:
        return bool(self.headers or self.query)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(name for name, _ in (*self.headers, *self.query)) or 'none'})"


def _pair(kind: str, value: object) -> tuple[str, str]:
    name, equals, content = value.partition("=") if isinstance(value, str) else ("", "", "")
    if not equals or not name.strip() or not content.strip():
        raise UsageError(f"auth: {kind} is no name with a value; write {_FORMS}")
    return (name.strip(), content.strip())


def _header(kind: str, value: str) -> tuple[str, str]:
    if not isinstance(value, str) or not value.strip() or not _SENDABLE.fullmatch(value):
        raise UsageError(f"auth: {kind} is empty or can't stand in a header; write {_FORMS}")
    if kind == "bearer":
        return ("Authorization", f"Bearer {value}")
    if kind == "basic":
        if ":" not in value:
            raise UsageError(f"auth: basic has no colon between user and password; write {_FORMS}")
        return ("Authorization", f"Basic {base64.b64encode(value.encode()).decode()}")
    if kind == "cookie":
        return ("Cookie", "=".join(_pair(kind, value)))
    name, colon, content = value.partition(":")
    if kind == "header" and colon and _HEADER.fullmatch(name.strip()) and content.strip():
        return (name.strip(), content.strip())
    raise UsageError(f"auth: {kind} isn't a known form; write {_FORMS}")
