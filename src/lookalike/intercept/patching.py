"""Attributes that are replaced for a while."""

from __future__ import annotations

import sys
from typing import Any

from lookalike.errors import UnknownRelease

_MISSING: Any = object()


def require(module: Any, *places: str) -> None:
    """Raises UnknownRelease where a client's module has no such place, as `TCPClient.connect`.

    A seam says first what it takes over and leans on: a release that has moved it is a clear error, and never a double
    that answers nothing.
    """
    for place in places:
        owner = module
        for name in place.split("."):
            owner = getattr(owner, name, _MISSING)
            if owner is _MISSING:
                raise UnknownRelease(_message(module.__name__, place))


def _message(module: str, place: str) -> str:
    client = module.partition(".")[0]
    return (
        f"{client} {_version(client)} has no {place} in {module}, where lookalike takes its requests over. "
        "No double can answer them, so none was begun.\n"
        f"Next: update lookalike. If it is the newest, report this message, and use an older {client} meanwhile."
    )


def _version(client: str) -> str:
    package = sys.modules.get(client)
    for name in ("__version__", "version"):
        said = getattr(package, name, None)
        if isinstance(said, str):
            return said
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(client.replace("_", "-"))
    except PackageNotFoundError:
        return "(of an unknown version)"


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
