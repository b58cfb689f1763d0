"""Cookies that a reply sets, with their attributes (RFC 6265, section 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from lookalike.errors import UsageError

CookieValues = Mapping[str, str | int | float | Mapping[str, Any] | None]
_FLAGS = {"secure": "Secure", "httponly": "HttpOnly", "partitioned": "Partitioned"}
_VALUES = {"path": "Path", "domain": "Domain", "max_age": "Max-Age", "expires": "Expires", "samesite": "SameSite"}
_DELETED = {"max_age": 0, "expires": "Thu, 01 Jan 1970 00:00:00 GMT"}


def cookie_fields(cookies: object, single_line: Callable[[str, object, object], str]) -> Iterator[str]:
    """The value of each Set-Cookie field. Raises UsageError for what a cookie can't hold.

    cookies:     by name: the value; None for a cookie that is deleted; or a dict of `value` and the attributes
    single_line: refuses a value that would break out of its line
    """
    if not isinstance(cookies, Mapping):
        raise UsageError(f'cookies= takes a dict, cookies={{"session": "abc"}}, not {cookies!r}')
    for name, said in cookies.items():
        attributes = dict(said) if isinstance(said, Mapping) else {"value": "", **_DELETED} if said is None else {}
        value = attributes.pop("value", None) if isinstance(said, Mapping) or said is None else said
        if value is None:
            raise UsageError(f'cookies[{name!r}] has no value; write {{"value": "abc", "path": "/"}}')
        text = f"{name}={value}"
        single_line("cookies", name, value)
        if ";" in text:
            raise UsageError(f"cookies[{name!r}] is {value!r}; a \";\" ends a cookie's value, so it can't hold one")
        if "=" in name:
            raise UsageError(f"cookies[{name!r}]: a \"=\" ends a cookie's name, so it can't hold one")
        yield "; ".join([text, *_attributes(str(name), {"path": "/", **attributes}, single_line)])


def _attributes(
    name: str, attributes: Mapping[str, Any], single_line: Callable[[str, object, object], str]
) -> Iterator[str]:
    for spelled, value in attributes.items():
        key = str(spelled).lower().replace("-", "_")
        if key in _FLAGS:
            if value:
                yield _FLAGS[key]
        elif key in _VALUES:
            if isinstance(value, datetime):
                value = format_datetime(value.astimezone(UTC), usegmt=True)
            if value is not None:
                yield f"{_VALUES[key]}={single_line('cookies', name, value)}"
        else:
            raise UsageError(
                f"cookies[{name!r}] has no attribute {spelled!r}; there are value, " + ", ".join([*_VALUES, *_FLAGS])
            )
