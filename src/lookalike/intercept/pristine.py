"""Whether `http.client` is as Python has it: looked at before a double changes it, asked by who skips its methods."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from types import FunctionType
from typing import Any

_METHODS = ("request", "putrequest", "putheader", "endheaders", "send", "getresponse", "_send_output")
_noted: bool | None = None


def is_own(method: Any, other: Any) -> bool:
    """Whether a method is the library's own code, as `other` is, and not what some instrument has put in its place."""
    return (
        isinstance(method, FunctionType)
        and isinstance(other, FunctionType)
        and method.__code__.co_filename == other.__code__.co_filename
    )


def is_pristine() -> bool:
    """Whether nobody has instrumented `http.client`; while a double is active, whether nobody had when it began."""
    return _look() if _noted is None else _noted


def _look() -> bool:
    methods, other = vars(http.client.HTTPConnection), http.client.parse_headers
    return all(is_own(methods[name], other) for name in _METHODS) and is_own(http.client.HTTPResponse.begin, other)


def install() -> Callable[[], None]:
    """Look now, before the seams are put in; returns how to forget it."""
    global _noted
    _noted = _look()
    return _forget


def _forget() -> None:
    global _noted
    _noted = None
