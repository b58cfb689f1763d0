"""pytest-httpx: the line that adds a response, and what of it is said there."""

from __future__ import annotations

import inspect
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, place_outside, played

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True

_BODIES = ("content", "text", "html", "json", "stream")


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Note each response that is added, and let its own callback tell that it is given."""
    mock = module.HTTPXMock
    add_response, add_callback = mock.add_response, mock.add_callback
    declaring: list[Declared] = []

    @wraps(add_response)
    def noted_add_response(self: Any, *args: Any, **kwargs: Any) -> Any:
        said = any(kwargs.get(name) is not None for name in _BODIES)
        status = bool(args) or "status_code" in kwargs
        declaring.append(Declared("pytest-httpx", place_outside(), status=status, body=said))
        try:
            return add_response(self, *args, **kwargs)
        finally:
            declaring.pop()

    @wraps(add_callback)
    def noted_add_callback(self: Any, callback: Any, *args: Any, **kwargs: Any) -> Any:
        told = declaring[-1] if declaring else Declared("pytest-httpx", place_outside())
        return add_callback(self, _telling(callback, told) if callable(callback) else callback, *args, **kwargs)

    patches.set(mock, "add_response", noted_add_response)
    patches.set(mock, "add_callback", noted_add_callback)


def _telling(callback: Any, told: Declared) -> Any:
    if inspect.iscoroutinefunction(callback):

        @wraps(callback)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            played(told)
            return await callback(*args, **kwargs)

        return awaited

    @wraps(callback)
    def called(*args: Any, **kwargs: Any) -> Any:
        played(told)
        return callback(*args, **kwargs)

    return called
