"""Places in JSON, over all items of its arrays: `json[].owner.login`, `json["odd key"]`, `json.rates.*`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lookalike.codec import decode_json, encode_json

ROOT = "json"
ITEMS = "[]"
VALUES = ".*"
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")
_STEP = re.compile(r'(\[\])|\.(\*)|\.([A-Za-z_$][\w$-]*)|\[("(?:[^"\\]|\\.)*")\]')


def split_place(place: str) -> tuple[str, str]:
    """What stands before a place in a body, if anything, and the place: `404 json.error` is (`404`, `json.error`)."""
    before, _, inside = place.partition(" ")
    return (before, inside) if inside.startswith(ROOT) and not before.startswith(ROOT) else ("", place)


def key_place(place: str, key: str) -> str:
    """The place of a key of the objects at a place."""
    return f"{place}.{key}" if _PLAIN.fullmatch(key) else f"{place}[{encode_json(key).decode()}]"


def steps(place: str) -> list[str]:
    """A place in steps: `[]` for items, `.*` for a map's values, `.key` for a key, whatever its spelling."""
    found = []
    for items, values, name, quoted in _STEP.findall(place):
        if items:
            found.append(ITEMS)
        elif values:
            found.append(VALUES)
        else:
            found.append("." + (name or decode_json(quoted.encode())))
    return found


def values_at(value: Any, path: list[str]) -> Iterator[Any]:
    """The values at a place's steps; none where the way there doesn't exist."""
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    if step == ITEMS:
        for item in value if isinstance(value, list) else ():
            yield from values_at(item, rest)
    elif isinstance(value, dict):
        if step == VALUES:
            for one in value.values():
                yield from values_at(one, rest)
        elif step[1:] in value:
            yield from values_at(value[step[1:]], rest)


def kind_of(value: Any) -> str:
    """JSON Schema's name for what a decoded value is; a number without a fraction is an `integer` only as one."""
    return _KINDS.get(type(value), "object")


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
