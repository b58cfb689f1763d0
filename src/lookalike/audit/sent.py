"""What observers of clients share: which mock answered, and what of an answer it said."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.audit.ear import HEARD_ALREADY, Declared, Ear, Heard
from lookalike.errors import UsageError
from lookalike.messages import split_url

# A longer body is not kept: it is not what a mock is written with.
BODY_KEPT = 1 << 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]", "testserver", "testclient")


def heard_of(
    ear: Ear, method: str, url: str, status: int, headers: Iterable[tuple[str, str]], by: Declared | None
) -> Heard | None:
    """Note an answer that a client got, without its body.

    by: the mock; None where no library told: then it is another double's, or a server's, and what is on this machine is
    a test's own server. None where nobody need hold it to anything.
    """
    if by is HEARD_ALREADY:
        return None
    if by is None:
        try:
            parts = split_url(url)
        except UsageError:
            return None
        if parts.host in _LOOPBACK or ear.ours(parts.host, parts.port):
            return None
        by = _OTHER
    one = ear.hear(method, url, by)
    one.received = status
    one.status = status if by.status else None
    one.headers = tuple(headers)
    return one


_OTHER = Declared("another double, or a server")


def with_body(ear: Ear, one: Heard, content: bytes) -> None:
    """Add the body, where the mock said one."""
    if ear.reader is not None and one.received is not None:
        ear.reader(one.method, one.url, one.received, content)
    if len(content) <= BODY_KEPT and (content or one.declared.body):
        one.content = content
