"""The door in process: every covered HTTP client in this process gets its answers from a double.

`install` lets a double answer. It is imported when it is asked for: whoever only watches imports needs no doubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.intercept.door import install as install

__all__ = ["install"]


def __getattr__(name: str) -> Any:
    if name == "install":
        from lookalike.intercept.door import install

        return install
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
