"""A test's own exception on its way out of a client that would make another of it.

requests makes a ConnectionError of every OSError that comes from below, and its own exceptions are OSErrors; botocore
wraps whatever comes. So an exception that a double raises on purpose passes them as a BaseException that neither
catches, and is itself again where the client's transport ends: at the place where the client raises its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from lookalike.errors import LookalikeError
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches

__tracebackhide__ = True

# Where each client's transport ends: module, class, method.
_ENDS = (("requests.adapters", "HTTPAdapter", "send"), ("botocore.httpsession", "URLLib3Session", "send"))
# What comes from the wire, of which the client is to make its own.
_OF_THE_WIRE = frozenset({"socket", "ssl", "http", "urllib", "urllib3"})


class Carried(BaseException):
    """An exception between a double and the end of a client's transport."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def is_of_a_socket(error: Exception) -> bool:
    """Whether it is an OSError of Python's own: of such a client makes its own exception."""
    return isinstance(error, OSError) and type(error).__module__ in ("builtins", "socket", "ssl")


def past(error: Exception) -> Carried | None:
    """What to raise for an exception that a double raised, so that it reaches the caller as it is.

    None where it does so by itself, or where it is for the client to make its own of it: what a socket raises.
    """
    home = type(error).__module__.partition(".")[0]
    if home in _OF_THE_WIRE or is_of_a_socket(error) or isinstance(error, LookalikeError | AssertionError):
        return None
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code is _CODE:
            return Carried(error)
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
    return None


def _ending(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def send(*args: Any, **options: Any) -> Any:
        try:
            return original(*args, **options)
        except Carried as carried:
            error = carried.error
        raise error

    return send


_CODE = _ending(lambda: None).__code__


def install() -> Callable[[], None]:
    """Put the ends in, of what is imported or will be; returns how to take them out."""
    patches = Patches()

    def ending(kind: str, method: str) -> Callable[[ModuleType], None]:
        def hook(module: ModuleType) -> None:
            owner = getattr(module, kind, None)
            original = vars(owner).get(method) if owner is not None else None
            if original is not None:
                patches.set(owner, method, _ending(original))

        return hook

    stops = [when_imported(module, ending(kind, method)) for module, kind, method in _ENDS]

    def undo() -> None:
        for stop in stops:
            stop()
        patches.undo()

    return undo
