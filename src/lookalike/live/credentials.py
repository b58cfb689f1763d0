"""The credentials that the real API is asked with: sent to its own host only, never shown."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lookalike.errors import UsageError
from lookalike.messages import Exchange
from lookalike.secrets import without
from lookalike.secrets.recurring import Recurrences

_FORMS = 'auth = { bearer = "..." }, { basic = "user:password" } or { header = "X-Api-Key: ..." }'
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.1
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Header fields that prove who asks. Its repr shows their names alone."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, auth: Mapping[str, str] | None) -> Credentials:
        """From configuration whose `env:` values are already resolved.

        Raises UsageError, which doesn't repeat the value, where the form isn't known.
        """
        headers = tuple(_header(kind, value) for kind, value in (auth or {}).items())
        return cls(headers)

    def taken_out(self, exchange: Exchange) -> Exchange:
        """The exchange without them, where its URL or its answer repeats one, however encoded; else itself."""
        return without(exchange, self._values())

    def taken_out_of(self, text: str) -> str:
        """A text without them."""
        return Recurrences(self._values()).without(text)

    def _values(self) -> frozenset[str]:
        found = set()
        for name, value in self.headers:
            scheme, _, rest = value.partition(" ")
            found.add(rest if name == "Authorization" and rest else value)
            if scheme == "Basic" and name == "Authorization":
                login = base64.b64decode(rest).decode("utf-8", "replace")
                found.update((login, login.partition(":")[2]))
        return frozenset(found)

    def __bool__(self) -> bool:
        return bool(self.headers)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(name for name, _ in self.headers) or 'none'})"


def _header(kind: str, value: str) -> tuple[str, str]:
    if not isinstance(value, str) or not value.strip() or not _SENDABLE.fullmatch(value):
        raise UsageError(f"auth: {kind} is empty or can't stand in a header; write {_FORMS}")
    if kind == "bearer":
        return ("Authorization", f"Bearer {value}")
    if kind == "basic":
        if ":" not in value:
            raise UsageError(f"auth: basic has no colon between user and password; write {_FORMS}")
        return ("Authorization", f"Basic {base64.b64encode(value.encode()).decode()}")
    name, colon, content = value.partition(":")
    if kind == "header" and colon and _HEADER.fullmatch(name.strip()) and content.strip():
        return (name.strip(), content.strip())
    raise UsageError(f"auth: {kind} isn't a known form; write {_FORMS}")
