"""Which doubles are active, and who answers for a host.

The stack is the process's, not a context's: worker threads and tasks that the code under test starts are covered too.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lookalike import passage
from lookalike.double.double import Double
from lookalike.errors import DoubleError
from lookalike.messages import split_url

# The error that the way to the network raises in this context: a client's own `connect` is run with it, so that the
# client itself turns it into the exceptions of its users.
_refusing: ContextVar[Exception | None] = ContextVar("lookalike_refusing", default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """One double that is active, with the hosts that may be reached for real meanwhile."""

    double: Double
    allow: tuple[str, ...]


# Replaced as a whole, so that a thread which walks it never sees it change.
_stack: tuple[Activation, ...] = ()
_lock = threading.Lock()


def push(double: Double, allow: Sequence[str]) -> Activation:
    """Make a double the innermost one."""
    global _stack
    activation = Activation(double, tuple(pattern.lower() for pattern in allow))
    with _lock:
        _stack = (activation, *_stack)
    return activation


def remove(activation: Activation) -> None:
    """Take a double out, wherever it is in the stack."""
    global _stack
    with _lock:
        _stack = tuple(one for one in _stack if one is not activation)


def any_active() -> bool:
    """Whether any double is active."""
    return bool(_stack)


def innermost() -> Double | None:
    """The double that was activated last."""
    stack = _stack
    return stack[0].double if stack else None


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


def is_allowed(host: str) -> bool:
    """Whether a pattern of an active double lets this host pass."""
    return any(fnmatchcase(host, pattern) for one in _stack for pattern in one.allow)


def covering(host: str, port: int) -> Double | None:
    """The innermost double whose API is on this host and port; None where nobody claims it.

    A double without a base URL claims everything but this machine and the hosts that are allowed by name.
    """
    for one in _stack:
        double = one.double
        if double.covers(host, port) and (double.base_url is not None or not (is_loopback(host) or is_allowed(host))):
            return double
    return None


def stands_in(host: str) -> bool:
    """Whether a double answers for this host on any port: a name is resolved before anybody says for which."""
    homes = (split_url(one.double.base_url).port for one in _stack if one.double.base_url is not None)
    return any(covering(host, port) is not None for port in {80, 443, *homes})


def decide(host: str, port: int) -> Double | None:
    """Who answers a request to this host (lower case) and port: a double, or None where the request passes.

    The innermost double that covers the host answers. Loopback and allowed hosts pass unless a double covers them.
    Everything else goes to the innermost double, which says that it knows no such route: nothing leaves by accident.
    """
    stack = _stack
    if not stack or passage.is_open():
        return None
    double = stack[0].double
    if double.base_url is not None and double.covers(host, port):
        return double
    found = covering(host, port)
    if found is not None:
        return found
    why = "loopback" if is_loopback(host) else "allowed" if is_allowed(host) else ""
    if not why:
        return double
    for one in stack:
        one.double.journal.let_through(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", why)
    return None


def doubles() -> tuple[Double, ...]:
    """The active doubles, the innermost first."""
    return tuple(one.double for one in _stack)


def refusal() -> Exception | None:
    """The error that a connection attempt in this context has to fail with, or None."""
    return _refusing.get()


@contextmanager
def refusing(error: Exception) -> Iterator[None]:
    """Let every way to the network in this block fail with `error`."""
    token = _refusing.set(error)
    try:
        with passage.opened():
            yield
    finally:
        _refusing.reset(token)


def refuse(connect: Callable[[], object], error: Exception) -> None:
    """Run a client's own `connect` so that the network fails with `error`; raises what the client makes of it."""
    with refusing(error):
        connect()
    raise error


def blocked(error: DoubleError) -> None:
    """Tell the innermost double of a connection that was blocked, so that it shows even if the code swallows it."""
    remember = getattr(innermost(), "remember", None)
    if callable(remember):
        remember(error)
