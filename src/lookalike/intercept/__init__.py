"""The door in process: every covered HTTP client in this process gets its answers from a double.

A seam is put in when the first double is activated that it acts for, and taken out when the last such one ends.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from lookalike.double.double import Double
from lookalike.intercept import (
    active,
    aiohttp,
    carried,
    children,
    dead_end,
    environ_lane,
    guard,
    http_client,
    httpcore,
    tls,
    tornado,
    uncovered,
    urllib3_future,
    urllib3_lane,
)
from lookalike.intercept.chosen import SOCKETS

__all__ = ["install"]

_ALL = ""  # what a double needs whichever its seams are: a fault at a socket meets the client by way of the guard
# In this order: the lanes come before the seam below them.
_SEAMS: dict[str, tuple[Callable[[], Callable[[], None]], ...]] = {
    _ALL: (guard.install, tls.install),
    http_client.SEAM: (urllib3_lane.install, environ_lane.install, carried.install, http_client.install),
    httpcore.SEAM: (httpcore.install,),
    aiohttp.SEAM: (aiohttp.install,),
    tornado.SEAM: (tornado.install,),
    urllib3_future.SEAM: (urllib3_future.install,),
    SOCKETS: (dead_end.install, children.install, uncovered.install),
}

_lock = threading.Lock()
_installed: dict[str, ExitStack] = {}
_counts: Counter[str] = Counter()


def _put_in(names: Sequence[str]) -> None:
    """Install what isn't yet, all or nothing."""
    with ExitStack() as undone_on_error:
        for name in names:
            if not _counts[name]:
                with ExitStack() as undos:
                    for seam in _SEAMS[name]:
                        undos.callback(seam())
                    _installed[name] = undos.pop_all()
                undone_on_error.callback(_take_out, name)
        undone_on_error.pop_all()
    _counts.update(names)


def _take_out(name: str) -> None:
    _installed.pop(name).close()


def install(
    double: Double,
    *,
    allow: Sequence[str] = (),
    scope: active.Scope = "process",
    outermost: bool = False,
    seams: frozenset[str] | None = None,
    began: object = None,
) -> Callable[[], None]:
    """Let `double` answer requests; returns how to undo it (safe to call twice, in any order, in any context).

    allow: names or patterns (`"db"`, `"*.internal"`) of hosts that may be reached for real
    scope: whose requests: `process`, or `context` for those of the running context and its copies (tasks begun in it,
           `asyncio.to_thread`, `copy_context().run`); a plain `threading.Thread` has a context of its own, where
           requests for the double's API raise BlockedConnection
    outermost: be around what is active already, not inside of it
    seams: which of `chosen.SEAMS` act for it; for other clients, and what passes no seam, it isn't there. None: all
    began: where it began, for messages

    Nested: the innermost double that covers a request's host answers it. Loopback passes, unless a double covers it;
    anything else goes to the innermost double, which raises UnmatchedRequest.
    """
    names = [name for name in _SEAMS if seams is None or name == _ALL or name in seams]
    with _lock:
        if not outermost and seams is None:
            uncovered.announce()
        _put_in(names)
        activation: active.Activation | None = active.push(
            double, allow, scope, outermost=outermost, seams=seams, began=began
        )
        uncovered.lead()

    def undo() -> None:
        nonlocal activation
        with _lock:
            if activation is None:
                return
            active.remove(activation)
            activation = None
            uncovered.lead()
            _counts.subtract(names)
            with ExitStack() as ended:
                for name in names:
                    if not _counts[name]:
                        ended.callback(_take_out, name)

    return undo
