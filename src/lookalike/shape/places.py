"""Which schemas apply at a place of a value: references, allOf, and the branches that the value takes, followed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from lookalike.shape.branches import nearest
from lookalike.shape.fit import Fit, NotRead
from lookalike.shape.schema import Schema, Validator

_MOST = 500  # schemas that are followed for one value, in documents whose references go in circles
_CHOOSE = ("anyOf", "oneOf")
_CHOICES = 8  # of choices in choices the nearest branch is looked for, so deep
_COMPILED_AFTER = 16  # values that a branch is held to; a list of many objects is worth compiling it
_STEPS = 20_000  # keys and items of schemas that are remembered
_OPEN = {"additionalProperties": True}
_NOTES = frozenset({"description", "title", "summary", "example", "examples", "default", "$comment"})


class Places:
    """Reads a validator's schema place by place, for one explanation or sample."""

    __slots__ = (
        "_asked",
        "_branches",
        "_choices",
        "_facts",
        "_fit",
        "_open",
        "_spoken",
        "_taken",
        "validator",
    )

    def __init__(self, validator: Validator) -> None:
        self.validator = validator
        self._branches: dict[int, Validator] = {}
        self._asked: dict[int, int] = {}
        self._fit = Fit(validator)
        self._open: dict[int, tuple[Sequence[Schema], bool]] = {}
        self._choices = 0
        # The branch that a value takes, by the identity of both; both are kept with it.
        self._taken: dict[tuple[int, int], tuple[Any, Any, int]] = {}
        self._spoken: set[tuple[tuple[str | int, ...], int]] = set()
        self._facts = validator.facts

    def applicable(self, schemas: Sequence[Schema], value: Any) -> list[Mapping[str, Any]]:
        """The schemas whose keywords apply to a value: those given, what they refer to, and the branches that it fits.

        Where an object fits no branch, the nearest one is there; of other values all are.
        """
        if len(schemas) == 1:
            plain = self._facts.plain.get(id(schemas[0]))
            if plain is not None:
                return plain[1]
        found: list[Mapping[str, Any]] = []
        waiting = list(reversed(schemas))
        seen: set[int] = set()
        depends = False
        while waiting and len(found) < _MOST:
            schema = waiting.pop()
            if isinstance(schema, bool) or id(schema) in seen:
                continue
            seen.add(id(schema))
            found.append(schema)
            target = self.validator.target(schema["$ref"]) if "$ref" in schema else None
            chosen = [] if target is None else [target]
            chosen += [part for part in schema.get("allOf", ()) if isinstance(part, Mapping)]
            if not schema.keys().isdisjoint(_DEPENDING):
                depends = True
                chosen += self._chosen(schema, value)
            waiting += reversed(chosen)
        if len(schemas) == 1 and not depends:
            self._facts.plain[id(schemas[0])] = schemas[0], found
        return found

    def _chosen(self, schema: Mapping[str, Any], value: Any) -> list[Schema]:
        chosen: list[Schema] = []
        for word in _CHOOSE:
            branches = schema.get(word, ())
            if branches and self._welcomes(branches):
                chosen.append(_OPEN)  # Such a branch welcomes whatever there is, unknown keys too.
            chosen += [branch for branch in branches if self.fits(branch, value)] or self._nearest(branches, value)
        if "if" in schema:
            fits = self.fits(schema["if"], value)
            chosen += [schema["if"]] if fits else []
            chosen += [schema[word] for word in (("then",) if fits else ("else",)) if word in schema]
        if isinstance(value, dict):
            chosen += [part for key, part in schema.get("dependentSchemas", {}).items() if key in value]
        return chosen

    def _welcomes(self, branches: Sequence[Schema]) -> bool:
        """Whether a branch says nothing, so that every value is welcome."""
        known = self._open.get(id(branches))
        if known is None:
            resolved = [self.validator.resolve(branch) for branch in branches]
            found = any(one is True or (isinstance(one, Mapping) and one.keys() <= _NOTES) for one in resolved)
            known = self._open[id(branches)] = branches, found
        return known[1]

    def _nearest(self, branches: Sequence[Schema], value: Any) -> list[Schema]:
        if not isinstance(value, dict) or len(branches) < 2 or self._choices >= _CHOICES:
            return list(branches)
        return [branches[self._take(branches, value)]]

    def _take(self, branches: Sequence[Schema], value: Mapping[str, Any]) -> int:
        key = id(branches), id(value)
        if key not in self._taken:
            self._choices += 1
            try:
                self._taken[key] = branches, value, nearest(self, branches, value)
            finally:
                self._choices -= 1
        return self._taken[key][2]

    def fits(self, schema: Schema, value: Any) -> bool:
        """Whether a value fits a part of the document."""
        if isinstance(schema, bool):
            return schema
        branch = self._branches.get(id(schema))
        if branch is None:
            asked = self._asked[id(schema)] = self._asked.get(id(schema), 0) + 1
            if asked <= _COMPILED_AFTER:
                try:
                    return self._fit.fits(schema, value)
                except NotRead:
                    pass
            branch = self._branches[id(schema)] = self.validator.at(schema)
        return branch.is_valid(value)

    def below(self, applicable: Sequence[Mapping[str, Any]], step: str | int) -> list[Schema]:
        """The schemas of a key's value, or of an item."""
        found: list[Schema] = []
        steps = self._facts.steps
        for schema in applicable:
            known = steps.get((id(schema), step))
            if known is None:
                known = schema, _key(schema, step) if isinstance(step, str) else _item(schema, step)
                if len(steps) >= _STEPS:  # keys of maps are no schema's own, and have no end
                    steps.clear()
                steps[id(schema), step] = known
            found += known[1]
        return found

    def known_keys(self, applicable: Sequence[Mapping[str, Any]]) -> frozenset[str] | None:
        """The keys that objects may have by name, None where others are welcome, or are refused by the schema itself.

        applicable: as `applicable` gives it
        """
        known = self._facts.known.get(id(applicable))
        if known is None:
            known = applicable, _known_keys(applicable)
            if len(applicable) and self._facts.plain.get(id(applicable[0]), (None, None))[1] is applicable:
                self._facts.known[id(applicable)] = known
        return known[1]

    def branch(self, value: Any, path: Sequence[str | int], count: int) -> int | None:
        """The index of the nearest of `count` branches of the choice at a path of a value that fits none of them.

        A choice is told once; the next call tells of the one inside it. None where the value is no object, or where
        there is no such choice.
        """
        schemas = self.at(value, path)
        for step in path:
            value = value[step]
        if not isinstance(value, dict):
            return None
        for branches in (schema[word] for schema in schemas for word in _CHOOSE if word in schema):
            key = tuple(path), id(branches)
            if (
                len(branches) == count
                and key not in self._spoken
                and not any(self.fits(one, value) for one in branches)
            ):
                self._spoken.add(key)
                return self._take(branches, value)
        return None

    def at(self, value: Any, path: Sequence[str | int]) -> list[Mapping[str, Any]]:
        """The schemas that apply at a path of a value."""
        schemas: list[Schema] = [self.validator.schema]
        for step in path:
            schemas = self.below(self.applicable(schemas, value), step)
            value = value[step]
        return self.applicable(schemas, value)


_DEPENDING = frozenset({*_CHOOSE, "if", "dependentSchemas"})


def _key(schema: Mapping[str, Any], key: str) -> list[Schema]:
    found: list[Schema] = []
    if key in schema.get("properties", {}):
        found.append(schema["properties"][key])
    found += [part for pattern, part in schema.get("patternProperties", {}).items() if matches(pattern, key)]
    if not found and isinstance(schema.get("additionalProperties"), Mapping):
        found.append(schema["additionalProperties"])
    return found


def _item(schema: Mapping[str, Any], index: int) -> list[Schema]:
    first = schema.get("prefixItems", ())
    if index < len(first):
        return [first[index]]
    return [schema["items"]] if isinstance(schema.get("items"), Mapping) else []


def _known_keys(applicable: Sequence[Mapping[str, Any]]) -> frozenset[str] | None:
    names: set[str] = set()
    for schema in applicable:
        if "additionalProperties" in schema or "unevaluatedProperties" in schema or "propertyNames" in schema:
            return None
        names.update(schema.get("properties", ()))
    if not names:
        return None
    for schema in applicable:
        names.update(key for key in schema.get("required", ()) if isinstance(key, str))
        for key, others in schema.get("dependentRequired", {}).items():
            names.update((key, *others))
    return frozenset(names)


def is_patterned(applicable: Sequence[Mapping[str, Any]], key: str) -> bool:
    """Whether a key has one of the patterns of `patternProperties`."""
    return any(matches(pattern, key) for schema in applicable for pattern in schema.get("patternProperties", ()))


@lru_cache(maxsize=1024)
def matches(pattern: str, key: str) -> bool:
    """Whether a pattern of JSON Schema is found in a key (not anchored, as in ECMA-262)."""
    try:
        return re.search(pattern, key) is not None
    except re.error:
        return False
