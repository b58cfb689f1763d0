"""A document's schemas as JSON Schema 2020-12 that stands alone: references bundled, OpenAPI's own words translated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from lookalike.contract.openapi import Document, is_gone, pointer_keys, pointer_to
from lookalike.errors import UsageError
from lookalike.shape.schema import Validator

Direction = Literal["request", "response"]

# Which keywords hold schemas, and how (JSON Schema 2020-12 core, section 10).
_SINGLE = frozenset(
    {
        "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
# Applied to the value itself, so a circle through them alone would never end.
_IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
# Words of OpenAPI that say nothing about validity, and identifiers that would change what a reference means.
_DROPPED = frozenset({"$id", "$schema", "$anchor", "discriminator", "externalDocs", "xml", "nullable", "deprecated"})
_HIDDEN = {"request": "readOnly", "response": "writeOnly"}
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


class Bundler:
    """Makes self-contained schemas; what one refers to is under its `$defs`, translated once for all of them.

    direction: a response need not have what is writeOnly, a request not what is readOnly (OpenAPI 3.1, 4.8.24)
    """

    def __init__(self, document: Document, direction: Direction) -> None:
        self._document = document
        self._hidden = _HIDDEN[direction]
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._definitions: dict[str, Any] = {}
        # What each definition refers to, and what it refers to about the value itself.
        self._uses: dict[str, set[str]] = {}
        self._in_place: dict[str, set[str]] = {}
        self._endings: set[str] = set()
        self._at = ""
        # Parts of an `allOf` that are written out where they stand.
        self._inside: set[str] = set()

    def bundle(self, node: Any, pointer: str) -> Any:
        """The schema at a pointer, with everything it refers to. Raises FileError for broken or endless references."""
        result = self._translated(node, pointer)
        reached: set[str] = set()
        pending = list(self._uses[pointer])
        while pending:
            target = pending.pop()
            if target not in reached:
                reached.add(target)
                if target not in self._definitions:
                    self._definitions[target] = self._translated(self._document.at(target), target)
                pending += self._uses[target] - reached
        self._refuse_endless([pointer, *sorted(reached)])
        if reached and isinstance(result, dict):
            definitions = {self._names[target]: self._definitions[target] for target in reached}
            result["$defs"] = {**result.get("$defs", {}), **dict(sorted(definitions.items()))}
        return result

    def _translated(self, node: Any, pointer: str) -> Any:
        self._at = pointer
        self._uses[pointer], self._in_place[pointer] = set(), set()
        try:
            return self._schema(node, pointer, in_place=True)
        except RecursionError:
            raise self._document.error(
                "a schema is nested too deeply", place=pointer, hint="Split it with references."
            ) from None

    def _schema(self, node: Any, pointer: str, *, in_place: bool) -> Any:
        if isinstance(node, bool):
            return node
        if not isinstance(node, Mapping):
            raise self._document.error("a schema is a mapping or a boolean", place=pointer)
        if isinstance(node.get("$ref"), str):
            reference = {"$ref": self._reference(node["$ref"], pointer, in_place=in_place)}
            rest = {key: value for key, value in node.items() if key != "$ref"}
            # In 3.0 a reference stands alone; 3.1 lets keywords stand beside it.
            if self._document.version <= (3, 0) or not rest:
                return reference
            return {**self._keywords(rest, pointer, in_place=in_place), **reference}
        result = self._keywords(node, pointer, in_place=in_place)
        if self._document.version == (2, 0) and result.get("type") == "file":
            del result["type"]  # Swagger 2.0's word for bytes (section 5.2.12)
        return self._from_3_0(node, result) if self._document.version <= (3, 0) else result

    def _keywords(self, node: Mapping[str, Any], pointer: str, *, in_place: bool) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.items():
            key = str(key)
            if key in _DROPPED or key.startswith("x-"):
                continue
            below = pointer_to(key, base=pointer)
            stays = in_place and key in _IN_PLACE
            if key in _SINGLE and isinstance(value, Mapping | bool):
                result[key] = self._schema(value, below, in_place=stays)
            elif key == "allOf" and isinstance(value, list):
                parts, closed = self._parts(node, value, below, in_place=stays)
                result[key] = parts
                if closed:
                    result["unevaluatedProperties"] = False
            elif key in _LISTS and isinstance(value, list):
                result[key] = [
                    self._schema(one, pointer_to(at, base=below), in_place=stays) for at, one in enumerate(value)
                ]
            elif key in _MAPS and isinstance(value, Mapping):
                result[key] = self._map(key, value, below)
            elif key == "pattern":
                pattern = usable_pattern(value)
                if pattern is not None:
                    result[key] = pattern
            else:
                result[key] = value
        self._leave_out_hidden(node, result, pointer)
        if "allOf" in result and result.get("additionalProperties") is False:
            result["unevaluatedProperties"] = result.pop("additionalProperties")
        if "discriminator" in node and "oneOf" in result and "anyOf" not in result:
            # The tag chooses among forms that overlap, which `oneOf` alone would refuse (OpenAPI 3.1, 4.8.25).
            result["anyOf"] = self._tagged(node, result.pop("oneOf"), pointer)
        return result

    def _parts(
        self, node: Mapping[str, Any], parts: list[Any], pointer: str, *, in_place: bool
    ) -> tuple[list[Any], bool]:
        """The parts of an `allOf`, and whether the whole takes no other keys.

        A part that takes none forbids, to the letter, what the parts beside it say. Nobody means that: it closes the
        whole. Such a part is written out where it stands, without the word.
        """
        alone = len(parts) == 1 and not node.get("properties")
        translated, closed = [], False
        for at, one in enumerate(parts):
            place = pointer_to(at, base=pointer)
            found, there = self._document.resolve(one, place)
            shut = isinstance(found, Mapping) and found.get("additionalProperties") is False and "allOf" not in found
            if alone or not shut or there in self._inside:
                translated.append(self._schema(one, place, in_place=in_place))
                continue
            closed = True
            self._inside.add(there)
            rest = {key: value for key, value in found.items() if key != "additionalProperties"}
            translated.append(self._schema(rest, there, in_place=in_place))
            self._inside.discard(there)
        return translated, closed

    def _tagged(self, node: Mapping[str, Any], branches: list[Any], pointer: str) -> list[Any]:
        """The forms that a discriminator chooses among, each with the values of the tag that mean it.

        Only where the document maps values to each of them: without that many documents' tags have other values.
        """
        said = node["discriminator"]
        tag = said.get("propertyName") if isinstance(said, Mapping) else None
        mapping = said.get("mapping") if isinstance(said, Mapping) else None
        if not isinstance(tag, str) or not isinstance(mapping, Mapping):
            return branches
        values: dict[str, list[str]] = {}
        for value, target in mapping.items():
            name = str(target)
            values.setdefault(name if "#" in name else f"#/components/schemas/{name}", []).append(str(value))
        targets = [one.get("$ref") if isinstance(one, Mapping) else None for one in node["oneOf"]]
        if not all(target in values for target in targets):
            return branches
        return [
            {**branch, "properties": {tag: {"enum": values[str(target)]}}} if len(branch) == 1 else branch
            for branch, target in zip(branches, targets, strict=True)
        ]

    def _map(self, key: str, nodes: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        named = {str(name): name for name in nodes}
        if key == "patternProperties":
            named = {pattern: name for name in nodes if (pattern := usable_pattern(str(name))) is not None}
        return {
            name: self._schema(nodes[own], pointer_to(own, base=pointer), in_place=False)
            for name, own in named.items()
            if not is_gone(nodes[own])
        }

    def _leave_out_hidden(self, node: Mapping[str, Any], result: dict[str, Any], pointer: str) -> None:
        required = node.get("required")
        if not isinstance(required, list):
            result.pop("required", None)
            return
        properties = node.get("properties")
        if not isinstance(properties, Mapping):
            return
        # What is no name stays for the engine to complain of.
        hidden: list[str] = []
        for name in required:
            if isinstance(name, str) and isinstance(properties.get(name), Mapping):
                one, _ = self._document.resolve(properties[name], pointer_to("properties", name, base=pointer))
                if isinstance(one, Mapping) and (one.get(self._hidden) is True or is_gone(one)):
                    hidden.append(name)
        if hidden:
            result["required"] = [name for name in required if name not in hidden]

    def _reference(self, reference: str, pointer: str, *, in_place: bool) -> str:
        target = self._document.local(reference, pointer)
        name = self._names.get(target)
        if name is None:
            self._document.resolve({"$ref": reference}, pointer)
            name = self._names[target] = self._name(target)
        self._uses[self._at].add(target)
        if in_place:
            self._in_place[self._at].add(target)
        return f"#/$defs/{name}"

    def _name(self, target: str) -> str:
        keys = pointer_keys(target)
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", keys[-1] if keys[:2] == ["components", "schemas"] else "_".join(keys))
        name, number = plain or "root", 2
        while name in self._taken:
            name, number = f"{plain}_{number}", number + 1
        self._taken.add(name)
        return name

    def _refuse_endless(self, starts: list[str]) -> None:
        """A schema that refers to itself without going into the value would never be decided."""
        done = self._endings
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(one, False) for one in reversed(starts)]
        while stack:
            at, leaving = stack.pop()
            if leaving:
                path.pop()
                done.add(at)
            elif at in path:
                raise self._document.error(
                    f"a schema refers to itself without end: {' -> '.join([*path[path.index(at) :], at])}",
                    place=at,
                    hint="Take the reference out of allOf, anyOf or oneOf, or refer to it from a property.",
                )
            elif at not in done:
                path.append(at)
                stack.append((at, True))
                stack.extend((below, False) for below in sorted(self._in_place.get(at, ())))

    @staticmethod
    def _from_3_0(node: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI 3.0's boolean bounds, `example` and `nullable` in the words of 2020-12."""
        for exclusive, bound in _BOUNDS.items():
            if isinstance(result.get(exclusive), bool) and result.pop(exclusive) and bound in result:
                result[exclusive] = result.pop(bound)
        if "example" in result:
            result["examples"] = [result.pop("example")]
        # Swagger 2.0 has no word for null; `x-nullable` is what most vendors and tools settled on.
        return _nullable(result) if node.get("nullable") is True or node.get("x-nullable") is True else result


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if kind is None:
        # Nothing but `nullable` allows everything already; an applicator needs the null beside it.
        return {"anyOf": [schema, {"type": "null"}]} if set(schema) & {"allOf", "anyOf", "oneOf", "enum"} else schema
    kinds = list(kind) if isinstance(kind, list) else [kind]
    schema["type"] = kinds if "null" in kinds else [*kinds, "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def usable_pattern(pattern: Any) -> str | None:
    """A regular expression as JSON Schema writes it (ECMA-262), None for one that the engine can't use.

    Documents are full of other dialects: Ruby's and Python's anchors become `^` and `$`; what is left is not checked.
    """
    return _usable(pattern) if isinstance(pattern, str) else None


@lru_cache(maxsize=4096)
def _usable(pattern: str) -> str | None:
    translated = re.sub(r"\\A", "^", re.sub(r"\\[zZ]", "$", pattern))
    try:
        Validator({"pattern": translated}).compiled()
    except UsageError:
        return None
    return translated


def locate(document: Document, pointer: str, path: list[str | int], value: Any = None) -> str:
    """Where a document speaks of a place in a value: the pointer of the deepest schema on the way there.

    With the value itself, the branch of a choice is the one that names most of its keys.
    """
    try:
        node, found = document.resolve(document.at(pointer), pointer)
        for key in path:
            step = _step(document, node, found, key, value)
            if step is None:
                break
            node, found = step
            value = _inside(value, key)
    except LookupError:
        return pointer
    return found


def _inside(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _step(document: Document, node: Any, pointer: str, key: str | int, value: Any) -> tuple[Any, str] | None:
    if not isinstance(node, Mapping):
        return None
    candidates: list[tuple[Any, str]] = []
    if isinstance(key, int):
        candidates.append((node.get("items"), pointer_to("items", base=pointer)))
    else:
        properties = node.get("properties")
        if isinstance(properties, Mapping) and key in properties and not is_gone(properties[key]):
            candidates.append((properties[key], pointer_to("properties", key, base=pointer)))
    for candidate, place in candidates:
        if isinstance(candidate, Mapping):
            return document.resolve(candidate, place)
    for word in ("allOf", "anyOf", "oneOf"):
        branches = [
            document.resolve(one, pointer_to(word, at, base=pointer)) for at, one in enumerate(node.get(word) or ())
        ]
        if word != "allOf" and isinstance(value, dict):
            branches.sort(key=lambda branch: -len(_names(branch[0]) & value.keys()))
        for branch, place in branches:
            found = _step(document, branch, place, key, value)
            if found is not None:
                return found
    extra = node.get("additionalProperties")
    if isinstance(key, str) and isinstance(extra, Mapping):
        return document.resolve(extra, pointer_to("additionalProperties", base=pointer))
    return None


def _names(node: Any) -> set[str]:
    properties = node.get("properties") if isinstance(node, Mapping) else None
    return set(properties) if isinstance(properties, Mapping) else set()
