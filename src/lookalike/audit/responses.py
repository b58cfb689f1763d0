"""responses: the line that makes a mock, and what of its answer it says by itself."""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, place_outside, played

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True

_NAME = "_lookalike_declared"
_STATUS_AT = 4  # Response(method, url, body, json, status, ...)


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Note each mock, and which of them answers."""
    _note(module.Response, ear, patches, _said)
    _note(module.CallbackResponse, ear, patches, _said_by_function)


def _said(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, bool]:
    return {
        "status": "status" in kwargs or len(args) > _STATUS_AT,
        "body": len(args) > 2 or bool(kwargs.get("body")) or kwargs.get("json") is not None,
        "kind": "content_type" in kwargs or bool(kwargs.get("json") is not None),
    }


def _said_by_function(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, bool]:
    return {"kind": "content_type" in kwargs}


def _note(kind: Any, ear: Ear, patches: Patching, said: Any) -> None:
    make, answer = kind.__init__, kind.get_response

    @wraps(make)
    def noted_make(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        with ear.quietly("responses"):
            setattr(self, _NAME, Declared("responses", place_outside(), **said(args, kwargs)))

    @wraps(answer)
    def noted_answer(self: Any, request: Any) -> Any:
        played(getattr(self, _NAME, None) or Declared("responses"))
        return answer(self, request)

    patches.set(kind, "__init__", noted_make)
    patches.set(kind, "get_response", noted_answer)
