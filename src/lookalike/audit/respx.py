"""respx: the line that gives a route its answer, and what of it is said there."""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, place_outside, played

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True

_NAME = "_lookalike_declared"
_BODIES = ("content", "text", "html", "json", "stream")


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Note where routes are told what to answer, and which of them does."""
    route = module.Route
    make, mock, respond, percent, resolve = route.__init__, route.mock, route.respond, route.__mod__, route.resolve

    def note(self: Any, *, status: bool = True, body: bool = True) -> None:
        with ear.quietly("respx"):
            setattr(self, _NAME, Declared("respx", place_outside(), status=status, body=body))

    @wraps(make)
    def noted_make(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        # A route that is told nothing answers with an empty 200 of respx's own.
        note(self, status=False, body=False)

    @wraps(mock)
    def noted_mock(self: Any, *args: Any, **kwargs: Any) -> Any:
        note(self)
        return mock(self, *args, **kwargs)

    @wraps(respond)
    def noted_respond(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = respond(self, *args, **kwargs)
        said = any(kwargs.get(name) is not None for name in _BODIES)
        note(self, status=bool(args) or "status_code" in kwargs, body=said)
        return result

    @wraps(percent)
    def noted_percent(self: Any, response: Any) -> Any:
        said = not isinstance(response, dict) or "status_code" in response
        result = percent(self, response)
        note(self, status=said)
        return result

    @wraps(resolve)
    def noted_resolve(self: Any, request: Any, **kwargs: Any) -> Any:
        result = resolve(self, request, **kwargs)
        if result is not None:
            played(_of(self))
        return result

    for name, ours in (
        ("__init__", noted_make), ("mock", noted_mock), ("respond", noted_respond), ("__mod__", noted_percent),
        ("resolve", noted_resolve),
    ):  # fmt: skip
        patches.set(route, name, ours)


def _of(route: Any) -> Declared:
    known: Declared = getattr(route, _NAME, None) or Declared("respx")
    if not known.status and (route._side_effect or (route._return_value is not None and known.body is False)):
        # `route.return_value = httpx.Response(...)` and `route.side_effect = ...` say both.
        return known if _from_respond(route) else Declared("respx", known.place)
    return known


def _from_respond(route: Any) -> bool:
    return type(route._return_value).__name__ == "MockResponse" and not route._side_effect
