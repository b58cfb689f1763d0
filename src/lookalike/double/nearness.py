"""How far a request is from what was asked for, by what differs: to tell the nearest first."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import lru_cache

from lookalike.mismatch import Mismatch

# By what differs first; the path says most about what was meant.
WEIGHTS = {"host": 8.0, "path": 4.0, "method": 1.5, "scheme": 1.0}


def distance(found: Sequence[Mismatch], template: str | None, path: str) -> float:
    """How far a request for `path` is from a template, given what differs; nothing differs, nothing is far."""
    far = sum(WEIGHTS.get(one.where, 0.0) for one in found)
    if template is not None and any(one.where == "path" for one in found):
        far -= 3.5 * likeness(template, path)
    details = sum(one.where not in WEIGHTS for one in found)
    return far + details / (details + 4)


@lru_cache(maxsize=4096)
def likeness(template: str, path: str) -> float:
    """From 0 to 1: how many segments are the same or nearly so; a parameter is weaker evidence than a text."""
    ours, theirs = template.split("/")[1:], path.split("/")[1:]
    return sum(map(_alike, ours, theirs)) / max(len(ours), len(theirs))


def _alike(ours: str, theirs: str) -> float:
    if ours == theirs:
        return 1.0
    if "{" in ours:
        return 0.5 if theirs else 0.0
    ratio = difflib.SequenceMatcher(None, ours.lower(), theirs.lower()).ratio()
    return 0.9 * ratio if ratio > 0.7 else 0.0
