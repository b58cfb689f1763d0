"""Attributes that are replaced for a while."""

from __future__ import annotations

from typing import Any

_MISSING: Any = object()


class Patches:
    """Attributes that were replaced, to be put back in reverse order."""

    __slots__ = ("_replaced",)

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Replace an attribute of a module or class, also one that a class inherits."""
        self._replaced.append((owner, name, vars(owner).get(name, _MISSING), value))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put back what was there.

        What somebody else has replaced since is left alone: their replacement calls ours, which then only calls the
        original.
        """
        while self._replaced:
            owner, name, before, ours = self._replaced.pop()
            if vars(owner).get(name, _MISSING) is not ours:
                continue
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
