"""The failures that a reply can be, in place of an answer."""

from __future__ import annotations

import difflib
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
            f".fail({kind!r}): no such failure" + (f'; did you mean "{close[0]}"?' if close else ".") + f"\n{known}"
        )
    return Fault(cast(FaultKind, kind), _BEGUN if kind in _WITH_BODY else None)
