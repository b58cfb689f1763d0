"""betamax: what a cassette plays to a session of requests, with the entry that it is."""

from __future__ import annotations

from functools import wraps
from os.path import normpath
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lookalike.audit.ear import Declared, Ear, played
from lookalike.double.source import relative

if TYPE_CHECKING:
    from lookalike.audit import Patching

__tracebackhide__ = True


def observe(module: ModuleType, ear: Ear, patches: Patching) -> None:
    """Say which entry answers; the answer itself is heard at the session."""
    find = module.Cassette.find_match

    @wraps(find)
    def told_find(self: Any, request: Any) -> Any:
        found = find(self, request)
        with ear.quietly("betamax"):
            entry = next((at for at, one in enumerate(self.interactions, 1) if one is found), None)
            if entry is not None:
                played(Declared("betamax", f"{relative(normpath(self.cassette_path))} entry {entry}"))
        return found

    patches.set(module.Cassette, "find_match", told_find)
