"""Who may pass to the real network while a double is active.

The doors that talk to the real API on purpose open this passage; the doors that block traffic look at it. It is a
context variable, so it holds for the task or thread that opened it and nobody else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_open: ContextVar[bool] = ContextVar("lookalike_passage", default=False)


def is_open() -> bool:
    """Whether the running context may reach the real network."""
    return _open.get()


@contextmanager
def opened() -> Iterator[None]:
    """Let everything that the block sends reach the real network."""
    token = _open.set(True)
    try:
        yield
    finally:
        _open.reset(token)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own (RFC 6761, section 6.3, for `localhost` names)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if not host or not (host[0].isdigit() or ":" in host):
        return not host  # An empty host is how sockets spell "any address", which connects to this machine.
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified


# The proxies' URLs, and the files that make clients trust them.
_ways: list[tuple[str, str]] = []


@contextmanager
def way(url: str, bundle: str = "") -> Iterator[None]:
    """A proxy at this URL is lookalike's own while the block runs: it decides what passes, so nobody replaces it.

    bundle: the file of certificates that clients trust meanwhile
    """
    one = (url, bundle)
    _ways.append(one)
    try:
        yield
    finally:
        _ways.remove(one)


def is_way(url: str) -> bool:
    """Whether a proxy at this URL is one of lookalike's own in this process."""
    return any(url == known for known, _ in _ways)


def is_passing(file: str) -> bool:
    """Whether a file of certificates is lookalike's own, which is gone when its proxy is."""
    return any(file == known for _, known in _ways)
