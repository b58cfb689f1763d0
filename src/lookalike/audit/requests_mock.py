"""requests-mock: the line that registers an answer, and what of it is said there."""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, place_outside, played

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True

_NAME = "_lookalike_declared"
_BODIES = ("json", "text", "content", "body", "raw")


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Note each answer that is registered, and which of them is given."""
    kind = module._MatcherResponse
    make, answer = kind.__init__, kind.get_response

    @wraps(make)
    def noted_make(self: Any, **kwargs: Any) -> None:
        functions = [name for name in _BODIES if callable(kwargs.get(name))]
        said = Declared(
            "requests-mock",
            place_outside(),
            status="status_code" in kwargs or bool(functions),
            body=any(kwargs.get(name) is not None for name in _BODIES),
            kind=True,
        )
        make(self, **kwargs)
        setattr(self, _NAME, said)

    @wraps(answer)
    def noted_answer(self: Any, request: Any) -> Any:
        played(getattr(self, _NAME, None) or Declared("requests-mock"))
        return answer(self, request)

    patches.set(kind, "__init__", noted_make)
    patches.set(kind, "get_response", noted_answer)
