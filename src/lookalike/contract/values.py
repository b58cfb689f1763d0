"""Parameters as they are written in URLs and headers, decoded by their style into JSON values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lookalike.messages import MultiDict

_INTEGER = re.compile(r"-?(0|[1-9]\d*)\Z")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?\Z")
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_INDEX = re.compile(r"[0-9]{1,9}\Z")
_DEEPEST = 64  # brackets of one name; more are no form that an API describes
_COMBINED = ("anyOf", "oneOf", "allOf")
_DEEP = re.compile(r"\[([^\[\]]*)\]")


def types_of(schema: Any) -> set[str]:
    """The JSON kinds that a schema allows, as far as they decide how text is read; empty where it doesn't say."""
    return _types(schema, schema, 0)


def _types(schema: Any, root: Any, depth: int) -> set[str]:
    if not isinstance(schema, Mapping) or depth > 8:
        return set()
    reference = schema.get("$ref")
    if isinstance(reference, str) and isinstance(root, Mapping):
        return _types(_mapping(root, "$defs").get(reference.rpartition("/")[2]), root, depth + 1)
    kind = schema.get("type")
    if kind is not None:
        return {str(one) for one in kind} if isinstance(kind, list) else {str(kind)}
    found: set[str] = set()
    for one in _alternatives(schema):
        found |= _types(one, root, depth + 1)
    if not found and isinstance(schema.get("enum"), list):
        found = {_kind(value) for value in schema["enum"]}
    if not found and "properties" in schema:
        found = {"object"}
    return found


def _mapping(schema: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    """What stands under a keyword, where that is a mapping: a document may hold anything there."""
    found = schema.get(word)
    return found if isinstance(found, Mapping) else {}


def _alternatives(schema: Mapping[str, Any]) -> list[Any]:
    """The schemas of anyOf, oneOf and allOf."""
    return [one for word in _COMBINED if isinstance(schema.get(word), list) for one in schema[word]]


def _kind(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _below(schema: Any, word: str, name: str = "") -> Any:
    """The schema of an array's items or of an object's property, references followed."""
    root, node = schema, schema
    for _ in range(8):
        if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            node = _mapping(root, "$defs").get(node["$ref"].rpartition("/")[2])
    if not isinstance(node, Mapping):
        return True
    found = _mapping(node, word).get(name) if name else node.get(word)
    if found is None:
        for one in _alternatives(node):
            below = _below({**one, "$defs": root.get("$defs")} if isinstance(one, Mapping) else one, word, name)
            if below is not True:
                return below
        return True
    return {**found, "$defs": root.get("$defs")} if isinstance(found, Mapping) and root.get("$defs") else found


def scalar(text: str, schema: Any) -> Any:
    """Text as the kind that the schema wants, where it can be read as that; else the text itself."""
    kinds = types_of(schema)
    if "string" in kinds or not kinds:
        return text
    if "integer" in kinds and _INTEGER.match(text):
        return int(text)
    if "number" in kinds and _NUMBER.match(text):
        return float(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    if "null" in kinds and text in ("", "null"):
        return None
    return text


def decode_parameter(values: list[str], schema: Any, *, style: str, explode: bool) -> Any:
    """The JSON value that a parameter's text stands for (OpenAPI 3.1, section 4.8.12.3); `values` in the order sent."""
    kinds = types_of(schema)
    if "array" in kinds and not (kinds - {"array", "null"} and len(values) == 1 and "," not in values[0]):
        if style == "form" and explode:
            parts = values
        else:
            separator = _SEPARATORS.get(style, ",")
            parts = [part for value in values for part in value.split(separator)] if any(values) else []
        items = _below(schema, "items")
        return [scalar(part, items) for part in parts]
    if "object" in kinds:
        return _object(values[0], schema, explode=explode)
    return scalar(values[0], schema)


def _object(text: str, schema: Any, *, explode: bool) -> Any:
    """`a=1,b=2` with explode, `a,1,b,2` without (style simple)."""
    if explode:
        pairs = [part.partition("=")[::2] for part in text.split(",")]
    else:
        parts = text.split(",")
        if len(parts) % 2:
            return text
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
    return {name: scalar(value, _below(schema, "properties", name)) for name, value in pairs}


def exploded_object(params: MultiDict, schema: Any) -> dict[str, Any]:
    """An object whose properties are parameters of their own (style form, exploded)."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    known = properties if isinstance(properties, Mapping) else {}
    return {name: scalar(params[name], _below(schema, "properties", name)) for name in known if name in params}


def deep_object(params: MultiDict, name: str, schema: Any) -> dict[str, Any] | list[Any] | None:
    """`filter[a]=1&filter[b][c]=2` as an object (style deepObject, nested too); None if none is sent.

    Where the schema has an array, indices and empty brackets are its positions: `items[0][price]=p`, `ids[]=1`.
    """
    found: dict[str, Any] = {}
    for key, text in params.pairs:
        if not key.startswith(name + "["):
            continue
        keys = _DEEP.findall(key[len(name) :])
        if not 0 < len(keys) <= _DEEPEST:
            continue
        place, below = found, schema
        for step in keys[:-1]:
            deeper = place.setdefault(step, {})
            if not isinstance(deeper, dict):
                break  # `f[n]=1&f[n][b]=2`: what came first stays
            place, below = deeper, _inside(below, step)
        else:
            _put(place, keys[-1], scalar(text, _inside(below, keys[-1])))
    return _listed(found, schema) if found else None


def _put(place: dict[str, Any], step: str, value: Any) -> None:
    if step:
        place[step] = value
    elif not isinstance(place.get(""), dict):
        place[""] = [*place.get("", []), value]


def _inside(schema: Any, step: str) -> Any:
    """The schema of what `[step]` leads to: an array's item by its index, an object's property by its name."""
    if _is_index(step) and "array" in types_of(schema):
        return _below(schema, "items")
    return _below(schema, "properties", step) if step else True


def _is_index(step: str) -> bool:
    return not step or _INDEX.match(step) is not None


def _listed(value: Any, schema: Any) -> Any:
    """Objects as arrays where the schema has one and the keys are positions in it."""
    if not isinstance(value, dict):
        return value
    if "array" in types_of(schema) and all(map(_is_index, value)):
        items = _below(schema, "items")
        found = [_listed(value[step], items) for step in sorted(value.keys() - {""}, key=int)]
        unnumbered = value.get("", [])
        # `items[][price]=1`: whose keys belong together nobody says, so they are one item
        return [*found, *(unnumbered if isinstance(unnumbered, list) else [_listed(unnumbered, items)])]
    return {step: _listed(below, _inside(schema, step)) for step, below in value.items()}
