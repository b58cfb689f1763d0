"""Whether a value fits a part of a schema, read keyword by keyword: for parts that aren't worth compiling.

A big description has hundreds of branches, and a sample or an explanation asks each of them once or twice; the engine
takes milliseconds to compile one. What isn't read here is left to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from lookalike.shape.schema import Schema, Validator

_DEEPEST = 40  # levels of schemas that are read here, far from the end of Python's stack
# Keywords whose meaning hangs on more than the value and the schema, or that the engine computes better.
_LEFT = frozenset(
    {
        "$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$schema", "additionalItems", "contains", "dependencies",
        "multipleOf", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip


class NotRead(Exception):
    """A schema that is left to the engine."""


class Fit:
    """Reads the schemas of one document. What a dict or list fits is remembered, so it must stay as it is."""

    __slots__ = ("_known", "_validator")

    def __init__(self, validator: Validator) -> None:
        self._validator = validator
        # By the identity of schema and value; both are kept with it, so that no other one gets its id.
        self._known: dict[tuple[int, int], tuple[Any, Any, bool]] = {}

    def fits(self, schema: Schema, value: Any, depth: int = 0) -> bool:
        """Whether a value fits. Raises NotRead where the engine has to decide."""
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            raise NotRead
        if not isinstance(value, dict | list):
            return self._read(schema, value, depth)
        known = self._known.get((id(schema), id(value)))
        if known is None:
            known = self._known[id(schema), id(value)] = schema, value, self._read(schema, value, depth)
        return known[2]

    def _read(self, schema: Mapping[str, Any], value: Any, depth: int) -> bool:
        if not _LEFT.isdisjoint(schema):
            raise NotRead
        if "type" in schema and not _is_of(value, schema["type"]):
            return False
        for word, check in _WORDS.get(_family(value), ()):
            if word in schema and not check(value, schema[word]):
                return False
        if isinstance(value, dict) and not self._entries(schema, value, depth):
            return False
        if isinstance(value, list) and not self._items(schema, value, depth):
            return False
        return self._choices(schema, value, depth)

    def _entries(self, schema: Mapping[str, Any], value: dict[str, Any], depth: int) -> bool:
        properties: Mapping[str, Schema] = schema.get("properties", {})
        for key, inner in properties.items():
            if key in value and not self.fits(inner, value[key], depth + 1):
                return False
        patterns = schema.get("patternProperties", {})
        rest: Schema = schema.get("additionalProperties", True)
        if patterns or rest is not True:
            for key, inside in value.items():
                fitting = [inner for pattern, inner in patterns.items() if is_found(pattern, key)]
                if not fitting and key not in properties:
                    fitting = [rest]
                if not all(self.fits(inner, inside, depth + 1) for inner in fitting):
                    return False
        names: Schema = schema.get("propertyNames", True)
        if names is not True and not all(self.fits(names, key, depth + 1) for key in value):
            return False
        needed = schema.get("dependentSchemas", {})
        return all(self.fits(inner, value, depth + 1) for key, inner in needed.items() if key in value)

    def _items(self, schema: Mapping[str, Any], value: list[Any], depth: int) -> bool:
        first = schema.get("prefixItems", ())
        rest: Schema = schema.get("items", True)
        for index, item in enumerate(value):
            inner = first[index] if index < len(first) else rest
            if inner is not True and not self.fits(inner, item, depth + 1):
                return False
        return True

    def _choices(self, schema: Mapping[str, Any], value: Any, depth: int) -> bool:
        """The keywords that apply other schemas to the value itself."""
        if "$ref" in schema:
            target = self._validator.target(schema["$ref"])
            if target is None:
                raise NotRead
            if not self.fits(target, value, depth + 1):
                return False
        if not all(self.fits(inner, value, depth + 1) for inner in schema.get("allOf", ())):
            return False
        if "anyOf" in schema and not any(self.fits(inner, value, depth + 1) for inner in schema["anyOf"]):
            return False
        if "oneOf" in schema and sum(self.fits(inner, value, depth + 1) for inner in schema["oneOf"]) != 1:
            return False
        if "not" in schema and self.fits(schema["not"], value, depth + 1):
            return False
        if "if" not in schema:
            return True
        then: Schema = schema.get("then" if self.fits(schema["if"], value, depth + 1) else "else", True)
        return self.fits(then, value, depth + 1)


def _is_of(value: Any, types: Any) -> bool:
    """Whether a value is of a type, or of one of several; 1.0 is an integer (JSON Schema 2020-12, section 6.1.1)."""
    if isinstance(types, list):
        return any(_is_of(value, one) for one in types)
    check = _TYPES.get(types)
    if check is None:
        raise NotRead
    return check(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[Any, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _family(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return next((name for name in ("string", "number", "array", "object") if _TYPES[name](value)), "")


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 is 1.0, and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(inner, other[key]) for key, inner in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> Validator:
    return Validator({"pattern": pattern})


def is_found(pattern: str, text: str) -> bool:
    """Whether the engine finds a pattern in a text."""
    return _pattern(pattern).is_valid(text)


Check = Callable[[Any, Any], bool]
_ANY: tuple[tuple[str, Check], ...] = (
    ("const", same),
    ("enum", lambda value, options: any(same(value, option) for option in options)),
)
_WORDS: dict[str, tuple[tuple[str, Check], ...]] = {
    "": _ANY,
    "string": (
        *_ANY,
        ("minLength", lambda value, limit: len(value) >= limit),
        ("maxLength", lambda value, limit: len(value) <= limit),
        ("pattern", lambda value, pattern: is_found(pattern, value)),
    ),
    "number": (
        *_ANY,
        ("minimum", lambda value, limit: value >= limit),
        ("maximum", lambda value, limit: value <= limit),
        ("exclusiveMinimum", lambda value, limit: value > limit),
        ("exclusiveMaximum", lambda value, limit: value < limit),
    ),
    "array": (
        *_ANY,
        ("minItems", lambda value, limit: len(value) >= limit),
        ("maxItems", lambda value, limit: len(value) <= limit),
        (
            "uniqueItems",
            lambda value, wanted: (
                not wanted or not any(same(one, other) for at, one in enumerate(value) for other in value[:at])
            ),
        ),
    ),
    "object": (
        *_ANY,
        ("required", lambda value, keys: all(key in value for key in keys)),
        ("minProperties", lambda value, limit: len(value) >= limit),
        ("maxProperties", lambda value, limit: len(value) <= limit),
        (
            "dependentRequired",
            lambda value, needed: all(other in value for key in needed if key in value for other in needed[key]),
        ),
    ),
}
"""What each keyword asks of a value of a family; the others say nothing about it."""
