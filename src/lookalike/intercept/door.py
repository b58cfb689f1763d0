"""Where doubles come in and go: the seams that one needs are put in, and taken out.

A seam is put in when the first double is activated that it acts for, and taken out when the last such one ends.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from lookalike.double.double import Double
from lookalike.intercept import active, carried, children, dead_end, guard, http_client, pristine, tls, uncovered
from lookalike.intercept.chosen import SOCKETS
from lookalike.intercept.late import late

_ALL = ""  # what a double needs whichever its seams are: a fault at a socket meets the client by way of the guard
# By the names of `chosen.SEAMS`, in this order.
_SEAMS: dict[str, tuple[Callable[[], Callable[[], None]], ...]] = {
    _ALL: (guard.install, tls.install),
    http_client.SEAM: (
        pristine.install,
        late("urllib3_lane", "urllib3"),
        late("environ_lane", "requests"),
        carried.install,
        http_client.install,
    ),
    "httpcore": (late("httpcore", "httpcore", "httpcore2"),),
    "aiohttp": (late("aiohttp", "aiohttp"),),
    "tornado": (late("tornado", "tornado"),),
    # `_async` tells it from the urllib3 whose name it takes.
    "urllib3-future": (late("urllib3_future", "urllib3._async", "urllib3_future"),),
    SOCKETS: (dead_end.install, children.install, uncovered.install),
}

_lock = threading.Lock()
_installed: dict[str, list[Callable[[], None]]] = {}
_counts: Counter[str] = Counter()


def _put_in(names: Sequence[str]) -> None:
    """Install what isn't yet, all or nothing."""
    # No ExitStack: each test that has a double comes here.
    new: list[str] = []
    try:
        for name in names:
            if not _counts[name]:
                undos: list[Callable[[], None]] = []
                _installed[name] = undos
                new.append(name)
                for seam in _SEAMS[name]:
                    undos.append(seam())
    except BaseException:
        _take_out(new)
        raise
    for name in names:
        _counts[name] += 1


def _take_out(names: Sequence[str]) -> None:
    """Undo what is installed, the last first; where something fails, all the rest is undone nevertheless."""
    undos = [undo for name in names for undo in _installed.pop(name)]
    while undos:
        try:
            undos.pop()()
        except BaseException:
            _undo_all(undos)
            raise


def _undo_all(undos: list[Callable[[], None]]) -> None:
    with ExitStack() as rest:
        for undo in undos:
            rest.callback(undo)


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
            for name in names:
                _counts[name] -= 1
            _take_out([name for name in names if not _counts[name]])

    return undo
