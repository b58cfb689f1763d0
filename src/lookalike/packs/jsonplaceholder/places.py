"""Places in a value by lodash's dotted paths."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lookalike.packs.jsonplaceholder.javascript import UNDEFINED

_PART = re.compile(r"[^.\[\]]+|\[(?:([^\"'\[\]]*)|([\"'])(.*?)\2)\]|(?=\.(?:\.|$)|^\.)")


@lru_cache(maxsize=1024)
def _parts(path: str) -> tuple[str, ...]:
    """lodash's toPath: `a.b`, `a[0].b`, `a["odd key"]`."""
    parts = []
    for found in _PART.finditer(path):
        if found[0].startswith("["):
            parts.append(found[3] if found[2] else found[1])
        else:
            parts.append(found[0])
    return tuple(parts) or (path,)


def get(value: Any, path: str) -> Any:
    """`_.get(value, path)`: UNDEFINED where there is no such place. A key that is the whole path comes first."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in _parts(path):
        value = _step(value, part)
        if value is UNDEFINED:
            return UNDEFINED
    return value


def has(value: Any, path: str) -> bool:
    """`_.has(value, path)`."""
    return get(value, path) is not UNDEFINED


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part, UNDEFINED)
    if isinstance(value, list | str):
        if part == "length":
            return len(value)
        if part.isdigit() and str(int(part)) == part and int(part) < len(value):
            return value[int(part)]
    return UNDEFINED
