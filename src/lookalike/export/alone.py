"""Objects that change what they extend, written out as objects of their own: no class may do what `allOf` may.

A key that is optional in a base can't be required in a TypedDict that extends it, nor have another type (PEP 589), and
type checkers hold models to the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.export.bodies import MAPS, VALUES

_WHERE = "#/$defs/"
# A schema with one of these is more than an object with keys.
_MORE = frozenset({"anyOf", "const", "else", "enum", "if", "items", "not", "oneOf", "patternProperties", "then"})
_COMES_TOGETHER = frozenset({"description", "required", "title"})
_SAYS_NO_TYPE = frozenset(
    {"default", "deprecated", "description", "example", "examples", "readOnly", "title", "writeOnly"}
)  # fmt: skip


class _Object(NamedTuple):
    """What a schema says of an object's keys; null: whether it may be null, None where it says nothing of it."""

    properties: dict[str, Any]
    required: frozenset[str]
    null: bool | None


class _Document:
    """The schemas of a document, of which some extend others."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def alone(self, node: Any) -> Any:
        """A copy of a schema in which nothing extends what it changes."""
        if isinstance(node, list):
            return [self.alone(one) for one in node]
        if not isinstance(node, Mapping):
            return node
        node = self._written_out(node) or node
        found: dict[str, Any] = {}
        for key, one in node.items():
            if key in MAPS and isinstance(one, Mapping):
                found[key] = {name: self.alone(below) for name, below in one.items()}
            else:
                found[key] = one if key in VALUES else self.alone(one)
        return found

    def _written_out(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        """An object that changes what it extends, with all of its keys; None for every other schema."""
        if not isinstance(node.get("allOf"), list) or not any("$ref" in one for one in _mappings(node["allOf"])):
            return None
        parts = self._parts(node, frozenset())
        if parts is None or not _changes(parts):
            return None
        merged = _merged(parts)
        kept = {key: one for key, one in node.items() if key not in {"allOf", "properties", "required", "type"}}
        kept["type"] = ["object", "null"] if merged.null else "object"
        kept["properties"] = merged.properties
        if merged.required:
            kept["required"] = [name for name in merged.properties if name in merged.required]
        return kept

    def _parts(self, node: Any, seen: frozenset[str]) -> list[_Object] | None:
        """What a schema is made of, the bases first; None where it is more than an object, or goes in circles."""
        if not isinstance(node, Mapping) or any(_is_more(one) for key, one in node.items() if key in _MORE):
            return None
        parts: list[_Object] = []
        reference = node.get("$ref")
        if reference is not None:
            name = str(reference).removeprefix(_WHERE)
            if name in seen or name not in self._definitions:
                return None
            base = self._parts(self._definitions[name], seen | {name})
            if base is None:
                return None
            parts.append(_merged(base))
        for one in node.get("allOf", ()):
            part = self._parts(one, seen)
            if part is None:
                return None
            parts.append(_merged(part))
        kinds = node.get("type", "object")
        if kinds != "object" and (not isinstance(kinds, list) or set(kinds) - {"null"} != {"object"}):
            return None
        null = None if "type" not in node else "null" in kinds
        return [*parts, _Object(dict(node.get("properties", {})), frozenset(node.get("required", ())), null)]


def _is_more(said: Any) -> bool:
    """Whether a keyword says more than which keys come together, of which classes know nothing."""
    branches = said if isinstance(said, list) else [said]
    return not all(isinstance(one, Mapping) and one.keys() <= _COMES_TOGETHER for one in branches)


def _mappings(nodes: list[Any]) -> Iterator[Mapping[str, Any]]:
    return (one for one in nodes if isinstance(one, Mapping))


def _changes(parts: list[_Object]) -> bool:
    """Whether a part declares a key otherwise than another does, or requires it where that doesn't."""
    required = frozenset[str]().union(*(one.required for one in parts))
    known: dict[str, Any] = {}
    for one in parts:
        for name, schema in one.properties.items():
            if (name in known and known[name] != schema) or (name in required) != (name in one.required):
                return True
            known[name] = schema
    return False


def _merged(parts: list[_Object]) -> _Object:
    properties: dict[str, Any] = {}
    for one in parts:
        for name, schema in one.properties.items():
            properties[name] = _both(properties[name], schema) if name in properties else schema
    said = [one.null for one in parts if one.null is not None]
    return _Object(properties, frozenset[str]().union(*(one.required for one in parts)), all(said) if said else None)


def _both(base: Any, own: Any) -> Any:
    """A key's schema where two parts declare it: what both say, else what the later one does."""
    if base == own or not isinstance(base, Mapping) or not isinstance(own, Mapping):
        return own
    if own.keys() <= _SAYS_NO_TYPE:
        return {**base, **own}
    if base.keys() <= _SAYS_NO_TYPE:
        return {**base, **own}
    if "properties" in own and "$ref" not in own and "allOf" not in own and ("properties" in base or "$ref" in base):
        return {"allOf": [base, own]}
    alike = base.get("type", own.get("type")) == own.get("type", base.get("type"))
    if alike and {"$ref", "allOf", "anyOf", "oneOf"}.isdisjoint({*base, *own}):
        return {**base, **own}
    return own


def standing_alone(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a document of schemas (`$defs`) in which no object extends one of which it changes a key."""
    found: dict[str, Any] = _Document(document.get("$defs", {})).alone(document)
    return found
