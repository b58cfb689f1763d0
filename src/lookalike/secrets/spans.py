"""Where secrets of a known form stand in a text, and the text without them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

from lookalike.secrets.forms import FORMS, Form
from lookalike.secrets.names import QUERY_NAMES, is_secret_name
from lookalike.secrets.personal import EMAIL, cards, emails, phones, zeros

REDACTED = "REDACTED"

_USERINFO = re.compile(r"://([^\s/?#@\"'<>\\]{1,512})@")
_PARAMETER = re.compile(r"[?&;]([\w.\[\]%-]{1,64})=([^&;\s\"'<>#\\]+)")
_HINTS = tuple((hint, form) for form in FORMS for hint in form.hints)
# No form is shorter; texts up to the other length come again and again (header fields).
_SHORTEST, _REMEMBERED = 14, 200
_LONG_CODE = 16


class Span(NamedTuple):
    """A secret in a text: from `start` to `end`, of what kind, and what stands there instead of it."""

    start: int
    end: int
    kind: str
    instead: str


def is_query_secret(name: str, value: str) -> bool:
    """Whether a query's parameter, or a form's field, carries a credential: by its name, or as a long `code`."""
    return is_secret_name(name) or (name.lower() in QUERY_NAMES and len(value) >= _LONG_CODE)


def credentials(text: str) -> Iterator[Span]:
    """Credentials by their form, and those in URLs by their place."""
    for form in _forms_in(text):
        for start, end in form.spans(text):
            yield Span(start, end, form.kind, REDACTED)
    if "://" in text:
        for found in _USERINFO.finditer(text):
            # A name alone is no secret, a long one is a token.
            if ":" in found[1] or len(found[1]) >= _LONG_CODE:
                yield Span(*found.span(1), "password in a URL", REDACTED)
    if "=" in text:
        for found in _PARAMETER.finditer(text):
            name = unquote_plus(found[1])
            if is_query_secret(name.removeprefix("amp;"), found[2]):
                yield Span(*found.span(2), f"value of {name}", REDACTED)


def _forms_in(text: str) -> Iterable[Form]:
    if len(text) < _SHORTEST:
        return ()
    return dict.fromkeys([form for hint, form in _HINTS if hint in text])


_PERSONAL: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    ("e-mail address", emails),
    ("telephone number", phones),
    ("card number", cards),
)


def personal_data(text: str) -> Iterator[Span]:
    """E-mail addresses, telephone and card numbers."""
    for kind, find in _PERSONAL:
        for start, end in find(text):
            yield Span(start, end, kind, EMAIL if find is emails else zeros(text[start:end]))


def spans(text: str, *, personal: bool) -> Sequence[Span]:
    """Every secret of a known form, in order and apart from one another; what is replaced already isn't one."""
    return _remembered(text, personal) if len(text) <= _REMEMBERED else _spans(text, personal)


@lru_cache(maxsize=8192)
def _remembered(text: str, personal: bool) -> Sequence[Span]:
    return _spans(text, personal)


def _spans(text: str, personal: bool) -> Sequence[Span]:
    found = list(credentials(text))
    if personal:
        found += personal_data(text)
    if len(found) > 1:
        found.sort(key=lambda one: (one.start, -one.end))
    apart: list[Span] = []
    for one in found:
        secret = text[one.start : one.end]
        if secret == one.instead or REDACTED in secret:
            continue
        if apart and one.start < apart[-1].end:
            if one.end > apart[-1].end:  # two that overlap are one
                apart[-1] = Span(apart[-1].start, one.end, apart[-1].kind, REDACTED)
        else:
            apart.append(one)
    return apart


def without(text: str, found: Sequence[Span]) -> str:
    """The text with each span replaced."""
    parts, done = [], 0
    for one in found:
        parts += [text[done : one.start], one.instead]
        done = one.end
    return "".join([*parts, text[done:]])
