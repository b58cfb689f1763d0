"""Places in a value by dotted paths as the package dot-prop reads them: `a.b`, `a[0].b`, `a\\.b` for a dot in a key."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

from lookalike.packs.jsonplaceholder.javascript import UNDEFINED
from lookalike.packs.jsonplaceholder.one.failed import Failed

Parts = tuple[str | int, ...]

_INDEX = re.compile(r"0|[1-9][0-9]{0,14}")
_FORBIDDEN = frozenset({"__proto__", "prototype", "constructor"})
# What every object inherits: a path that goes there sets nothing of the object's own.
_INHERITED = frozenset(
    {"hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"}
)


@lru_cache(maxsize=1024)
def parts(path: str) -> Parts:
    """The keys of a path, an index as an int; none where the path goes through a prototype. Raises Failed."""
    found: list[str | int] = []
    key, at = "", 0
    after_index = False
    while at < len(path):
        char = path[at]
        if char == "\\":
            key += path[at + 1 : at + 2] or char
            at += 2
        elif char == "[" and path[at : at + 2] != "[]":
            if key or not found:
                found += [_key(key)] if key else []
            index, at = _index(path, at + 1)
            found.append(index)
            key, after_index = "", True
            if at < len(path) and path[at] not in ".[":
                raise Failed(f"Invalid character '{path[at]}' after an index at position {at + 1}")
            continue
        elif char == ".":
            if not after_index:
                found.append(_key(key))
            key, at = "", at + 1
            after_index = False
            if at == len(path):
                found.append("")
            continue
        else:
            key += char
            at += 1
        after_index = False
    if key:
        found.append(_key(key))
    return () if _FORBIDDEN.intersection(found) else tuple(found)


def _index(path: str, start: int) -> tuple[str | int, int]:
    """What is in brackets, and where the path goes on."""
    at = start
    while at < len(path) and path[at] != "]":
        if path[at] not in "0123456789":
            raise Failed(f"Invalid character '{path[at]}' in an index at position {at + 1}")
        at += 1
    if at == len(path):
        raise Failed("Index was not closed")
    return _key(path[start:at]), at + 1


def _key(text: str) -> str | int:
    return int(text) if _INDEX.fullmatch(text) else text


def get(value: Any, path: str) -> Any:
    """The value at a path, UNDEFINED where there is none. Raises Failed for what is no path."""
    keys = parts(path)
    if not keys:
        return UNDEFINED
    for part in keys:
        if isinstance(value, dict):
            value = value.get(str(part), UNDEFINED)
        elif isinstance(value, list | str) and isinstance(part, int) and part < len(value):
            value = value[part]
        elif isinstance(value, list | str) and part == "length":
            value = len(value)
        else:
            return UNDEFINED
    return value


def put(holder: dict[str, Any], path: Parts, value: Any) -> None:
    """Set a place, making what is missing on the way: an array where an index follows, else an object.

    An array that is made so is a dict of class `Indexed`: all that matters of it is that it is none.
    """
    for part, following in pairwise(path):
        if part in _INHERITED:
            return
        inner = holder.get(str(part))
        if not isinstance(inner, dict):
            inner = holder[str(part)] = Indexed() if isinstance(following, int) else {}
        holder = inner
    holder[str(path[-1])] = value


class Indexed(dict[str, Any]):
    """An array that a path has made."""
