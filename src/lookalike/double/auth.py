"""Basic and bearer credentials (RFC 7617, RFC 6750). No message shows a password or a token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lookalike.double.check import Check, Wanted
from lookalike.double.combined import matcher_for
from lookalike.double.diff import differences, is_pure
from lookalike.double.matcher import MISSING, Matcher
from lookalike.double.matchers import absent
from lookalike.double.wording import words
from lookalike.errors import UsageError
from lookalike.messages import Request
from lookalike.mismatch import Mismatch

_SECRET = "a secret (masked)"  # noqa: S105 - the words in its place
_ANOTHER = "another (masked)"


def _part(value: Any, call: str, what: str) -> Any:
    matcher = None if isinstance(value, str) else matcher_for(value)
    if matcher is not None:
        return matcher.on_text(call)
    if not isinstance(value, str):
        raise UsageError(f"{call}: {what} is a str or a matcher, not {type(value).__name__}")
    return value


class basic(Matcher):  # noqa: N801 - read as a word in a test: auth=basic("kim", ANY)
    """Fits an Authorization header with this user and password, each a str or a matcher. Messages mask the password."""

    def __init__(self, user: Any, password: Any) -> None:
        self._user, self._password = _part(user, "basic()", "the user"), _part(password, "basic()", "the password")
        if isinstance(user, str) and ":" in user:
            raise UsageError(f"basic({user!r}, ...): a user name holds no colon (RFC 7617, section 2)")
        self.pure = is_pure([self._user, self._password])

    @property
    def expected(self) -> str:
        return f"basic auth of {words(self._user)}"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        value = _credentials(got, "basic")
        if value is None:
            yield Mismatch(where, self.expected, _scheme(got))
            return
        try:
            raw = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
        except (binascii.Error, ValueError):
            yield Mismatch(where, self.expected, "basic auth that isn't base64")
            return
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("latin-1")  # as requests encodes it
        user, _, password = text.partition(":")
        yield from differences(self._user, user, f"{where} user")
        if next(differences(self._password, password, where), None) is not None:
            yield Mismatch(f"{where} password", _SECRET, _ANOTHER if password else '""')

    def __repr__(self) -> str:
        return f"basic({self._user!r}, masked)"


class bearer(Matcher):  # noqa: N801 - read as a word in a test: auth=bearer("token")
    """Fits an Authorization header with this bearer token, a str or a matcher. Messages mask it."""

    def __init__(self, token: Any) -> None:
        self._token = _part(token, "bearer()", "the token")
        self.pure = is_pure(self._token)

    @property
    def expected(self) -> str:
        return "a bearer token"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        value = _credentials(got, "bearer")
        if value is None:
            yield Mismatch(where, self.expected, _scheme(got))
        elif next(differences(self._token, value, where), None) is not None:
            yield Mismatch(f"{where} token", _SECRET, _ANOTHER)

    def __repr__(self) -> str:
        return "bearer(masked)"


def _credentials(got: Any, scheme: str) -> str | None:
    """What follows the scheme, whose case doesn't matter (RFC 9110, section 11.1); None for another scheme."""
    if not isinstance(got, str):
        return None
    name, _, rest = got.strip().partition(" ")
    return rest.strip() if name.lower() == scheme else None


def _scheme(got: Any) -> str:
    if got is MISSING:
        return "missing"
    name = got.strip().partition(" ")[0] if isinstance(got, str) and " " in got.strip() else ""
    return f"{name} (masked)" if name else "something else (masked)"


class Auth(Check):
    """The credentials of the Authorization header."""

    def __init__(self, wanted: Any) -> None:
        if isinstance(wanted, tuple) and len(wanted) == 2:
            wanted = basic(*wanted)
        if not isinstance(wanted, Matcher):
            raise UsageError(
                'auth= takes ("user", "password"), basic("user", ANY), bearer("token") or absent, '
                f"not {'a str' if isinstance(wanted, str) else type(wanted).__name__}"
            )
        self._wanted: Matcher = wanted
        self.pure = wanted.pure

    @property
    def wanted(self) -> Wanted:
        return (("auth", self._wanted.expected),)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        got: Any = request.headers.get("authorization", MISSING)
        if self._wanted is absent and got is not MISSING:
            yield Mismatch("auth", "nothing", _scheme(got))
            return
        for one in self._wanted.explain(got, "auth"):
            # A matcher of any kind shows what it got.
            yield replace(one, got=_scheme(got)) if one.got == words(got) else one
