"""Waiting for another program to have called what a mock declares."""

from __future__ import annotations

import time

from lookalike.double.double import Double
from lookalike.double.ending import unused_routes
from lookalike.double.mock import MockDouble
from lookalike.double.route import Route
from lookalike.double.told import told_call
from lookalike.errors import UnusedRoute, UsageError

_STEP = 0.005
_SHOWN = 5

__tracebackhide__ = True


def wait(double: Double, route: Route | None, timeout: float) -> None:
    """Block until nothing is left over of a mock, or of one route of it; see `Server.wait`."""
    if not isinstance(double, MockDouble):
        raise UsageError(f"wait() waits for the routes of a mock; {double.name} is served by what has none: ask .calls")
    if route is not None and route not in double.routes:
        raise UsageError(f"wait({route!r}): that is no route of the mock which this server serves")
    mock = double
    end = time.monotonic() + timeout
    routes = mock.routes if route is None else (route,)
    while True:
        if mock.failures:
            raise mock.failures[0]
        left = unused_routes(mock, routes)
        if not left and all(one.called for one in routes if one is route):
            return
        if time.monotonic() >= end:
            raise UnusedRoute(_told(mock, left, timeout))
        time.sleep(_STEP)


def _told(mock: MockDouble, left: str, timeout: float) -> str:
    calls = mock.calls
    asked = [f"  {told_call(call.request)}" for call in calls[-_SHOWN:]]
    more = f"  ... and {len(calls) - _SHOWN} before" if len(calls) > _SHOWN else ""
    heard = "\n".join(["Asked so far:", *([more] if more else []), *asked]) if asked else "Nothing was asked so far."
    # The list alone: the words around it are for a mock that ends.
    missing = left.split("\n\n")[1] if left else "  the route, which may stay unused: never called"
    return f"after {timeout:g} seconds there is still to come:\n{missing}\n{heard}"
