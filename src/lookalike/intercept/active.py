"""Which doubles are active, and who answers for a host.

A double is the process's, so that worker threads and tasks which the code under test starts are covered too, or one
context's (`scope="context"`): then the task that began it sees it, and whatever copies that task's context.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from lookalike import passage
from lookalike.double.double import Double
from lookalike.errors import DoubleError
from lookalike.intercept.chosen import SOCKETS
from lookalike.intercept.elsewhere import Elsewhere
from lookalike.messages import split_url
from lookalike.passage import is_loopback as is_loopback

Scope = Literal["process", "context"]

# The error that the way to the network raises in this context: a client's own `connect` is run with it, so that the
# client itself turns it into the exceptions of its users.
_refusing: ContextVar[Exception | None] = ContextVar("lookalike_refusing", default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """One double that is active, with the hosts that may be reached for real meanwhile.

    seams: whose requests it answers; for all others it isn't there. None: those of every client
    began: where it began, for messages
    """

    double: Double
    allow: tuple[str, ...]
    seams: frozenset[str] | None = None
    began: object = None


class _Ticket:
    """What a context holds of a double: contexts live longer than doubles, so they hold nothing heavy."""

    __slots__ = ()


# Each is replaced as a whole, so that a thread which walks it never sees it change. `_contextual` has what is still
# active of what contexts hold tickets for: a double may be ended in another context than the one that began it, where
# no variable could be set back.
_stack: tuple[Activation, ...] = ()
_contextual: dict[_Ticket, Activation] = {}
_tickets: ContextVar[tuple[_Ticket, ...]] = ContextVar("lookalike_doubles", default=())
_choosy = False  # whether any of them has chosen its seams: most never do, and pay nothing for it
_lock = threading.Lock()


def push(
    double: Double,
    allow: Sequence[str],
    scope: Scope = "process",
    *,
    outermost: bool = False,
    seams: frozenset[str] | None = None,
    began: object = None,
) -> Activation:
    """Make a double the innermost one (or the process's outermost), of the process or of the running context."""
    global _stack, _contextual, _choosy
    activation = Activation(double, tuple(pattern.lower() for pattern in allow), seams, began)
    with _lock:
        if scope == "context":
            ticket = _Ticket()
            _contextual = {**_contextual, ticket: activation}
            _tickets.set((ticket, *(one for one in _tickets.get() if one in _contextual)))
        else:
            _stack = (*_stack, activation) if outermost else (activation, *_stack)
        _choosy = _choosy or seams is not None
    return activation


def remove(activation: Activation) -> None:
    """Take a double out, wherever it is, in whichever context."""
    global _stack, _contextual, _choosy
    with _lock:
        _stack = tuple(one for one in _stack if one is not activation)
        _contextual = {ticket: one for ticket, one in _contextual.items() if one is not activation}
        _choosy = any(one.seams is not None for one in (*_stack, *_contextual.values()))


def seen(seam: str | None = None) -> tuple[Activation, ...]:
    """What is active for the running context, the innermost first: its own doubles are inside of the process's.

    seam: without those that don't act there (`chosen.SOCKETS`: for what passes no seam)
    """
    contextual, stack = _contextual, _stack
    if contextual:
        stack = (*(contextual[ticket] for ticket in _tickets.get() if ticket in contextual), *stack)
    return _acting(stack, seam) if _choosy and seam is not None else stack


def _acting(stack: tuple[Activation, ...], seam: str) -> tuple[Activation, ...]:
    return tuple(one for one in stack if one.seams is None or seam in one.seams)


def any_active(seam: str | None = None) -> bool:
    """Whether any double is active in the running context, at this seam or anywhere."""
    if _choosy and seam is not None:
        return bool(seen(seam))
    return bool(_stack) or (bool(_contextual) and bool(seen()))


def may_answer(seam: str) -> bool:
    """Whether `decide` has to be asked: a context's double says no where it isn't seen, so it isn't passed over."""
    if _choosy:
        return bool(_contextual) or bool(seen(seam))
    return bool(_stack) or bool(_contextual)


def process_wide() -> tuple[Activation, ...]:
    """What is active for the whole process and what passes no seam, the innermost first."""
    return _acting(_stack, SOCKETS)


def innermost(seam: str | None = None) -> Double | None:
    """The double that answers where nobody claims a host: the innermost of the running context."""
    stack = seen(seam)
    return stack[0].double if stack else None


def is_allowed(host: str, seam: str | None = None) -> bool:
    """Whether a pattern of an active double lets this host pass."""
    return any(fnmatchcase(host, pattern) for one in seen(seam) for pattern in one.allow)


def covering(host: str, port: int, seam: str | None = None) -> Double | None:
    """The innermost double whose API is on this host and port; None where nobody claims it.

    A double without a base URL claims everything but this machine and the hosts that are allowed by name, unless it
    knows them by name itself.
    """
    for one in seen(seam):
        double = one.double
        if not double.covers(host, port):
            continue
        if double.claims(host, port) or not (is_loopback(host) or is_allowed(host, seam)):
            return double
    return None


def claimed(host: str, port: int, seam: str | None = None) -> Double | None:
    """Who answers over a unix socket, which is this machine's, whatever the host: a double whose base URL names it."""
    found = covering(host, port, seam)
    return found if found is not None and found.base_url is not None else None


def stands_in(host: str, seam: str | None = None) -> bool:
    """Whether a double answers for this host on any port: a name is resolved before anybody says for which."""
    homes = (split_url(one.double.base_url).port for one in seen(seam) if one.double.base_url is not None)
    return any(covering(host, port, seam) is not None for port in {80, 443, *homes})


def elsewhere(host: str, port: int | None, seam: str) -> Elsewhere | None:
    """Who says no to a request for an API that a double of another context stands in for, the newest of them.

    port: None where a name is resolved. This machine is reached from other contexts as ever: nothing leaves it.
    """
    if not _contextual or is_loopback(host):
        return None
    for one in _acting(tuple(reversed(_contextual.values())), seam):
        home = one.double.base_url
        if home is None:
            continue
        place = split_url(home)
        if one.double.covers(host, port or place.port) and host == place.host:
            return Elsewhere(one.double, one.began)
    return None


def decide(host: str, port: int, seam: str | None = None) -> Double | None:
    """Who answers a request to this host (lower case) and port: a double, or None where the request passes.

    The innermost double that covers the host answers. Loopback and allowed hosts pass unless a double covers them.
    Everything else goes to the innermost double, which says that it knows no such route: nothing leaves by accident.
    Where no double is seen, and one of another context stands in for the host, an `Elsewhere` raises.
    """
    stack = seen(seam) if _contextual or _choosy else _stack
    if not stack or passage.is_open():
        return None if stack or passage.is_open() else elsewhere(host, port, seam or SOCKETS)
    double = stack[0].double
    if double.base_url is not None and double.covers(host, port):
        return double
    found = covering(host, port, seam)
    if found is not None:
        return found
    why = "loopback" if is_loopback(host) else "allowed" if is_allowed(host, seam) else ""
    if not why:
        return double
    for one in stack:
        one.double.journal.let_through(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", why)
    return None


def doubles(seam: str | None = None) -> tuple[Double, ...]:
    """The doubles that are active in the running context, the innermost first."""
    return tuple(one.double for one in seen(seam))


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
    remember = getattr(innermost(SOCKETS), "remember", None)
    if callable(remember):
        remember(error)
