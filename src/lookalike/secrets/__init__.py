"""What must not be shown, and what must not be written.

Shown (a message, a log): credentials are replaced, a test's own data stays: `mask`, `mask_url`, `mask_headers`,
`mask_json`, `mask_text`. Written (a file that is kept): e-mail addresses, telephone and card numbers are replaced too:
`redact`.

What is a secret is said by tables: the words of names in `names`, the forms of values in `scrub.CREDENTIALS`. A
replaced string becomes `REDACTED`, a replaced number 0, so that kinds stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.messages import Exchange, Headers
from lookalike.secrets.names import is_secret_name
from lookalike.secrets.scrub import REDACTED, Scrubber

__all__ = [
    "REDACTED",
    "is_secret_name",
    "is_sensitive",
    "mask",
    "mask_headers",
    "mask_json",
    "mask_text",
    "mask_url",
    "redact",
]

_SHOWN = Scrubber(personal=False)


def is_sensitive(value: str, name: str = "") -> bool:
    """Whether a string is, contains, or by its name must be, a credential or personal data."""
    return bool(value) and (is_secret_name(name) or Scrubber(personal=True).named(name, value) != value)


def mask(name: str, value: str) -> str:
    """`value` as it may be shown under `name`: credentials are replaced.

    The scheme of Authorization and the names of cookies stay.
    """
    return _SHOWN.header(name, value)


def mask_text(text: str) -> str:
    """Any text with the credentials replaced that are known by their form, or by their name in a URL."""
    return _SHOWN.text(text)


def mask_url(url: str) -> str:
    """A URL with credentials replaced: user and password, secret parameters, tokens in the path."""
    return _SHOWN.url(url)


def mask_headers(headers: Headers | Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]]) -> Headers:
    """Header fields with credentials replaced, in the same order."""
    return _SHOWN.headers(headers if isinstance(headers, Headers) else Headers(headers))


def mask_json(value: Any) -> Any:
    """A copy of a JSON value with credentials replaced; every kind stays."""
    return _SHOWN.json(value)


def redact(exchange: Exchange) -> Exchange:
    """The exchange as it may be written to disk.

    Replaced: credentials in headers, cookies, query, path, form, multipart, JSON and XML, by name and by form; e-mail
    addresses, telephone and card numbers; and each of them (from 6 characters on) wherever it recurs in the exchange,
    also percent-encoded or in base64. Bodies are written decoded; one whose coding is unknown is left out.
    """
    first = Scrubber(personal=True)
    first.exchange(exchange)
    second = Scrubber(personal=True, known=first.found)
    return second.exchange(exchange)
