"""The door in process: every covered HTTP client in this process gets its answers from a double.

Seams are put in when the first double is activated and taken out when the last one ends.
"""

from __future__ import annotations

import threading
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

__all__ = ["install"]

_SEAMS: tuple[Callable[[], Callable[[], None]], ...] = (
    dead_end.install,
    guard.install,
    tls.install,
    urllib3_lane.install,
    environ_lane.install,
    carried.install,
    http_client.install,
    httpcore.install,
    aiohttp.install,
    tornado.install,
    urllib3_future.install,
    children.install,
    uncovered.install,
)

_lock = threading.Lock()
_installed: ExitStack | None = None
_count = 0


def install(
    double: Double, *, allow: Sequence[str] = (), scope: active.Scope = "process", outermost: bool = False
) -> Callable[[], None]:
    """Let `double` answer requests; returns how to undo it (safe to call twice, in any order, in any context).

    allow: names or patterns (`"db"`, `"*.internal"`) of hosts that may be reached for real
    scope: whose requests: `process`, or `context` for those of the running context and its copies (tasks begun in it,
           `asyncio.to_thread`, `copy_context().run`); a plain `threading.Thread` has a context of its own
    outermost: be around what is active already, not inside of it

    Nested: the innermost double that covers a request's host answers it. Loopback passes, unless a double covers it;
    anything else goes to the innermost double, which raises UnmatchedRequest.
    """
    global _count, _installed
    with _lock:
        if not outermost:
            uncovered.announce()
        if _installed is None:
            with ExitStack() as undos:
                for seam in _SEAMS:
                    undos.callback(seam())
                _installed = undos.pop_all()
        _count += 1
        activation: active.Activation | None = active.push(double, allow, scope, outermost=outermost)
        uncovered.lead()

    def undo() -> None:
        global _count, _installed
        nonlocal activation
        with _lock:
            if activation is None:
                return
            active.remove(activation)
            activation = None
            uncovered.lead()
            _count -= 1
            if _count == 0 and _installed is not None:
                undos, _installed = _installed, None
                undos.close()

    return undo
