"""Places, values and schemas in words, for messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from lookalike.counted import counted
from lookalike.secrets import mask_json
from lookalike.shape.schema import Schema, Validator

Path = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_LONGEST = 60
_MOST = 8


def place(root: str, path: Iterable[str | int]) -> str:
    """A place in words: `json[0].owner.login`, `json["odd key"]`."""
    text = root
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if _PLAIN.fullmatch(step) else f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def got(value: Any, key: str = "") -> str:
    """A value in words: `null`, `"no"`, `an object`; long texts are cut, credentials are masked."""
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list | tuple):
        return f"an array of {counted(len(value), 'item')}" if value else "an empty array"
    if isinstance(value, str):
        return quoted(mask_json({key: value})[key])
    if value is None or isinstance(value, bool | int | float):
        return _cut(_dumped(value))
    return f"a value of type {type(value).__name__}, which is no JSON"


def quoted(value: Any) -> str:
    """A JSON value as it is written, cut where it is long."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return json.dumps(value[:_LONGEST], ensure_ascii=False)[:-1] + '…"'
    return _cut(_dumped(value))


def _dumped(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return f"a value of type {type(value).__name__}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST + 20 else text[:_LONGEST] + "…"


def kinds(names: Iterable[str]) -> str:
    """Names of types with their articles: `a string or null`."""
    return either(_WORDS.get(name, name) for name in names)


def either(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`; each once."""
    distinct = list(dict.fromkeys(words))
    return distinct[0] if len(distinct) == 1 else ", ".join(distinct[:-1]) + " or " + distinct[-1]


def one_of(values: Sequence[Any]) -> str:
    """`"a"` for one value, `one of "a", "b"` for several; the first few of many."""
    shown = [quoted(value) for value in values[:_MOST]]
    if len(values) == 1:
        return shown[0]
    more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
    return f"one of {', '.join(shown)}{more}"


def expected(schema: Schema, within: Validator, depth: int = 0) -> str:
    """What a schema expects, in words: `a string`, `an integer or null`, `one of "a", "b"`."""
    schema = within.resolve(schema)
    if isinstance(schema, bool):
        return "any value" if schema else "nothing"
    if "const" in schema:
        return quoted(schema["const"])
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return one_of(schema["enum"])
    types = schema.get("type")
    if isinstance(types, str):
        return kinds([types])
    if isinstance(types, list) and types:
        return kinds(sorted(types, key=lambda name: (name == "null", str(name))))
    if depth < 8:
        for word in ("oneOf", "anyOf"):
            if isinstance(schema.get(word), list) and schema[word]:
                return either(expected(branch, within, depth + 1) for branch in schema[word])
        for branch in schema.get("allOf", ()):
            words = expected(branch, within, depth + 1)
            if words != "any value":
                return words
    if "properties" in schema or "required" in schema or "additionalProperties" in schema:
        return "an object"
    return "an array" if "items" in schema or "prefixItems" in schema else "any value"


def nearest(key: str, known: Iterable[str]) -> str:
    """The known key that `key` is a slip of (`complete` for `completed`, `user_id` for `userId`), or `""`."""
    plain = {_bare(name): name for name in sorted(known, reverse=True)}
    if _bare(key) in plain:
        return plain[_bare(key)]
    close = get_close_matches(_bare(key), sorted(plain), n=1, cutoff=0.75)
    return plain[close[0]] if close else ""


def _bare(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower()) or key
