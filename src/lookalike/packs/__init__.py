"""Ready-made APIs: a contract, and behaviour where it needs one."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
from typing import TYPE_CHECKING, Any

from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.packs.pack import Pack

__all__ = ["Pack", "load", "names"]

_PACKS = {"jsonplaceholder": "lookalike.packs.jsonplaceholder"}


def names() -> list[str]:
    """The names of all packs, sorted."""
    return sorted(_PACKS)


def load(name: str, **options: Any) -> Pack:
    """A pack by its name; `options` are what its `fake` uses unless told otherwise.

    Raises UsageError that lists the packs where there is none of this name.
    """
    if name not in _PACKS:
        near = difflib.get_close_matches(name, _PACKS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"there is no pack {name!r}; {hint}the packs are: {', '.join(names())}")
    from lookalike.packs.pack import Pack  # it imports doubles, which to know the names needn't

    pack = importlib.import_module(_PACKS[name]).PACK
    if not isinstance(pack, Pack):
        raise UsageError(f"the pack {name!r} is broken: its module has no PACK")
    return dataclasses.replace(pack, options=options) if options else pack


def __getattr__(name: str) -> Any:
    if name == "Pack":
        from lookalike.packs.pack import Pack

        return Pack
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
