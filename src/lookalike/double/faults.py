"""The failures that a reply can be, in place of an answer."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import cast

from lookalike.errors import UsageError
from lookalike.messages import Fault, FaultKind, Response

FAULTS: dict[str, str] = {
    "dns": "the host's name can't be resolved",
    "refused": "the connection is refused",
    "connect-timeout": "connecting takes longer than the client waits",
    "read-timeout": "the answer takes longer than the client waits",
    "tls": "the TLS handshake fails",
    "reset": "the connection is reset before the answer",
    "closed": "the connection is closed before the answer",
    "closed-mid-body": "the connection is closed in the middle of the body",
    "bad-chunk": "the body's chunked coding is broken",
}
"""Every kind of failure, and what the client meets."""

# What arrives before the connection fails: the head of an answer and the beginning of its body.
_BEGUN = Response(200, {"content-type": "application/json"}, b'{"begun": ')
_WITH_BODY = frozenset({"closed-mid-body", "bad-chunk"})


def make_fault(kind: object) -> Fault:
    """The fault of this kind. Raises UsageError that lists the kinds."""
    if not isinstance(kind, str) or kind not in FAULTS:
        close = difflib.get_close_matches(str(kind), FAULTS, 1)
        known = "\n".join(f"  {name:<16} {meaning}" for name, meaning in FAULTS.items())
        raise UsageError(
            f".fail({kind!r}): no such failure"
            + (f'; did you mean "{close[0]}"?' if close else ".")
            + f"\n{known}\nor an exception of your own, .fail(OSError(...))"
        )
    return Fault(cast(FaultKind, kind), _BEGUN if kind in _WITH_BODY else None)


def made_error(error: BaseException | type[BaseException]) -> Callable[[], Exception]:
    """What makes the exception to be raised: the given one itself, or a new one of the given class each time.

    Raises UsageError for one that no `except Exception` would meet, and for a class that asks for more than a text.
    """
    kind = error if isinstance(error, type) else type(error)
    if not issubclass(kind, Exception):
        raise UsageError(f".fail({kind.__name__}): a client raises an Exception, and this is none")
    if isinstance(error, Exception):
        own = error
        return lambda: own.with_traceback(None)
    for arguments in ((), ("as the test says",)):
        with suppress(Exception):
            kind(*arguments)
            return partial(kind, *arguments)
    raise UsageError(f".fail({kind.__name__}): it can't be made of a text alone; give one, .fail({kind.__name__}(...))")
