"""What must not be shown, and what must not be written.

Shown (a message, a log): credentials are replaced, a test's own data stays: `mask`, `mask_url`, `mask_headers`,
`mask_json`, `mask_text`. Written (a file that is kept): e-mail addresses, telephone and card numbers are replaced too:
`redact`.

What is a secret is said by tables: the words of names in `names`, the forms of values in `forms`, of personal data in
`personal`. A replaced string becomes `REDACTED`, a replaced number 0, so that kinds stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from lookalike.codec import decode_json
from lookalike.errors import InvalidJson
from lookalike.messages import Exchange, Headers
from lookalike.secrets.bodies import text_of
from lookalike.secrets.cleaner import Cleaner
from lookalike.secrets.names import is_secret_name
from lookalike.secrets.personal import is_personal_name
from lookalike.secrets.placeholders import is_placeholder
from lookalike.secrets.recurring import Recurrences
from lookalike.secrets.scrub import Found, Scrubber
from lookalike.secrets.spans import REDACTED, spans

__all__ = [
    "REDACTED",
    "Found",
    "carried_in",
    "find",
    "find_in_text",
    "is_placeholder",
    "is_secret_name",
    "is_sensitive",
    "mask",
    "mask_headers",
    "mask_json",
    "mask_text",
    "mask_url",
    "names_secrets",
    "redact",
    "without",
    "without_echoes",
]


def is_sensitive(value: str, name: str = "") -> bool:
    """Whether a string is, contains, or by its name must be, a credential or personal data."""
    if not value:
        return False
    if is_secret_name(name) or (is_personal_name(name) and any(map(str.isdigit, value))):
        return True
    return bool(spans(value, personal=True))


def _shown() -> Scrubber:
    return Scrubber(personal=False)


def mask(name: str, value: str) -> str:
    """`value` as it may be shown under `name`: credentials are replaced.

    The scheme of Authorization and the names of cookies stay.
    """
    return _shown().header(name, value)


def mask_text(text: str) -> str:
    """Any text with the credentials replaced that are known by their form, or by their name in a URL."""
    return _shown().text(text)


def mask_url(url: str) -> str:
    """A URL with credentials replaced: user and password, secret parameters, tokens in the path."""
    return _shown().url(url)


def mask_headers(headers: Headers | Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]]) -> Headers:
    """Header fields with credentials replaced, in the same order."""
    return _shown().headers(headers if isinstance(headers, Headers) else Headers(headers))


def mask_json(value: Any) -> Any:
    """A copy of a JSON value with credentials replaced; every kind stays."""
    return _shown().json(value)


def redact(exchange: Exchange) -> Exchange:
    """The exchange as it may be written to disk.

    Replaced: credentials in headers, cookies, query, path, form, multipart, JSON, XML and HTML, by name and by form;
    e-mail addresses, telephone and card numbers; and each of them, from 6 characters on, wherever it recurs in the
    exchange: as it is, in base64 or hex, percent-encoded, in the escapes of JSON and HTML, inside a gzip body. Bodies
    are written decoded; one whose coding is unknown is left out.
    """
    scrubber = Scrubber(personal=True)
    clean = scrubber.exchange(exchange)
    known = Recurrences(one.value for one in scrubber.found)
    return Cleaner(known).exchange(clean) if known else clean


def without_echoes(exchange: Exchange) -> Exchange:
    """The exchange, where its answer or its path repeats a credential that it carries, without that; else itself.

    For who counts an exchange and keeps no values: nothing else is replaced, so that formats stay, and most exchanges
    cost a look at the names of their header fields.
    """
    return without(exchange, _carried(exchange))


def without(exchange: Exchange, secrets: frozenset[str]) -> Exchange:
    """The exchange, where its answer, its URL or its body repeats one of the secrets, without it; else itself.

    Those of fewer than 6 characters aren't looked for.
    """
    known = _recurrences(secrets)
    request, response = exchange.request, exchange.response
    if not known or response is None:
        return exchange
    kept = [request.path, request.query, *response.headers, text_of(response.body, response.headers).text]
    if request.content:
        kept.append(text_of(request.body, request.headers).text)
    return Cleaner(known).exchange(exchange) if any(map(known.there, kept)) else exchange


@lru_cache(maxsize=256)
def carried_in(headers: tuple[tuple[str, str], ...]) -> Recurrences:
    """What finds the credentials of header fields, given with their names, in texts."""
    scrubber = Scrubber(personal=False)
    for name, value in headers:
        if is_secret_name(name):
            scrubber.header(name, value)
    return _recurrences(frozenset(one.value for one in scrubber.found))


def names_secrets(body: str) -> bool:
    """Whether a body may have a key that names a credential: a look that costs a part of parsing it."""
    return any(word in body for word in _NAMING_TEXT)


@lru_cache(maxsize=64)
def _recurrences(secrets: frozenset[str]) -> Recurrences:
    return Recurrences(secrets)


# In a body whose keys name a secret is one of these.
_NAMING = (
    b"oken", b"ecret", b"assw", b"_key", b"Key", b"ookie", b"essi", b'"auth"', b"redential", b"jwt", b"pwd",
)  # fmt: skip
_NAMING_TEXT = tuple(word.decode() for word in _NAMING)


def _carried(exchange: Exchange) -> frozenset[str]:
    """The credentials that an exchange carries where such things are."""
    scrubber = Scrubber(personal=False)
    request, response = exchange.request, exchange.response
    for message in (request, response):
        if message is None:
            continue
        for name, value in message.headers.pairs:
            if is_secret_name(name):
                scrubber.header(name, value)
        if message.content and any(naming in message.content for naming in _NAMING):
            try:
                scrubber.named_in(decode_json(message.body))
            except InvalidJson:
                scrubber.body(message)
    if "@" in request.url or "?" in request.url:
        scrubber.url(request.url)
    return frozenset(one.value for one in scrubber.found)


def find(exchange: Exchange) -> list[Found]:
    """The secrets of known places and forms in an exchange, in the order of request and response."""
    scrubber = Scrubber(personal=True)
    scrubber.exchange(exchange)
    return scrubber.found


def find_in_text(text: str) -> list[Found]:
    """The secrets in any text, in its order: of a known form, and what a line or JSON assigns to a secret name."""
    scrubber = Scrubber(personal=True)
    scrubber.loose(text)
    return scrubber.found
