"""What a contract says about a place in JSON, from a schema and from the evidence behind it, read as it is needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from lookalike.contract.compare_places import kind_of
from lookalike.contract.openapi import is_gone, is_index
from lookalike.shape.policy import grade
from lookalike.shape.shape import Property, Shape
from lookalike.shape.statements import of_kinds, of_presence, of_strings

_ALL_KINDS = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_MOST_REFERENCES = 50
SAYS = "says the document"


@dataclass(frozen=True, slots=True)
class Support:
    """What a statement rests on: `size` is its effective size, infinite for what a document or a person says."""

    size: float
    grade: str

    @property
    def certain(self) -> bool:
        """Whether it is a document's statement, or a person's, and so not a matter of samples."""
        return math.isinf(self.size)


DOCUMENT = Support(math.inf, "firm")


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the objects at a place; `seen` is what was learned about its presence, None for a document."""

    form: Form
    required: bool
    seen: Property | None


class Form:
    """What a contract says about the values at a place.

    A schema says what is promised; a shape, where there is one, what that rests on. Where the two differ, a person
    changed the document, and the document is what counts. `allOf` is read as one, `anyOf` and `oneOf` as whatever any
    of them allows.
    """

    def __init__(self, schema: Any, root: Any, shape: Shape | None = None) -> None:
        self._root = root
        self.schema = schema
        self.name = str(schema.get("$ref", "")).rpartition("/")[2] if isinstance(schema, Mapping) else ""
        self._branches = _alternatives(schema, root, _MOST_REFERENCES)
        self.shape = shape

    @cached_property
    def kinds(self) -> frozenset[str]:
        """JSON Schema's type names without null; empty where nothing is said or only null was seen."""
        found: set[str] = set()
        for branch in self._branches:
            kinds = _kinds(branch)
            if kinds is None:
                return frozenset()
            found |= kinds
        return frozenset(found - {"null"})

    @property
    def anything(self) -> bool:
        """Whether a document allows every type; a learned contract without types merely hasn't seen any."""
        return self.shape is None and any(_kinds(branch) is None for branch in self._branches)

    @cached_property
    def nullable(self) -> bool:
        """Whether null is allowed."""
        return any("null" in (_kinds(branch) or _ALL_KINDS) for branch in self._branches)

    @cached_property
    def _objects(self) -> list[Mapping[str, Any]]:
        return [branch for branch in self._branches if "object" in (_kinds(branch) or _ALL_KINDS)]

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The named keys of an object, sorted."""
        names: dict[str, list[Any]] = {}
        for branch in self._objects:
            properties = branch.get("properties") or {}
            for name, node in properties.items():
                if not is_gone(node):
                    names.setdefault(name, []).append(node)
            for name in branch.get("required") or ():
                if not is_gone(properties.get(name)):
                    names.setdefault(name, [])
        found = {}
        for name in sorted(names):
            known = self._seen(name)
            required = all(name in (branch.get("required") or ()) for branch in self._objects)
            below = _any_of(names[name])
            shape = known.shape if known else None
            found[name] = Field(Form(below, self._root, shape), required, known)
        return found

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The keys that every object has, sorted."""
        return tuple(name for name, field in self.fields.items() if field.required)

    @property
    def open(self) -> bool:
        """Whether unknown keys say nothing: the document names none, or the evidence couldn't keep all by name."""
        return self.shape.open_keys if self.shape is not None else not self.fields

    @property
    def takes_more(self) -> bool:
        """Whether a document says in so many words that other keys than the named ones may come."""
        said = [branch.get("additionalProperties") for branch in self._objects]
        return any(more is True or isinstance(more, Mapping) for more in said)

    def _seen(self, name: str) -> Property | None:
        return self.shape.properties.get(name) if self.shape is not None else None

    @cached_property
    def values(self) -> Form | None:
        """What the values of a map look like; None for a record."""
        found = [branch["additionalProperties"] for branch in self._objects if _is_map(branch)]
        if not found:
            return None
        return Form(_any_of(found), self._root, self.shape.map_values if self.shape is not None else None)

    @cached_property
    def items(self) -> Form | None:
        """What the items of an array look like; None where nothing is said."""
        found = [branch["items"] for branch in self._branches if isinstance(branch.get("items"), Mapping | bool)]
        if not found:
            return None
        return Form(_any_of(found), self._root, self.shape.items if self.shape is not None else None)

    @cached_property
    def enum(self) -> tuple[Any, ...]:
        """The only values there are, without null; empty where others may come."""
        found: list[Any] = []
        for branch in self._branches:
            values = [branch["const"]] if "const" in branch else branch.get("enum")
            if not isinstance(values, list):
                if _kinds(branch) == frozenset({"null"}):
                    continue
                # A learned enum stays open in the document; the evidence has it.
                return self.shape.enum if self.shape is not None else ()
            found += [value for value in values if value is not None and value not in found]
        return tuple(found)

    def said(self, word: str) -> Any:
        """What a keyword says where all alternatives that have it agree; None where none has it, or they don't."""
        found = [branch[word] for branch in self._branches if word in branch]
        return found[0] if found and all(one == found[0] for one in found) else None

    def below(self, schema: Any) -> Form:
        """The form of a schema of the same document."""
        return Form(schema, self._root)

    @cached_property
    def default(self) -> Any:
        """The value where none is given, None where the document names none."""
        return next((branch["default"] for branch in self._branches if "default" in branch), None)

    @cached_property
    def format(self) -> str:
        """The format of the strings, empty where they have none in common."""
        found = {
            str(branch.get("format") or "") for branch in self._branches if "string" in (_kinds(branch) or _ALL_KINDS)
        }
        return found.pop() if len(found) == 1 else ""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the strings begin with, where that was learned."""
        return self.shape.prefixes if self.shape is not None else ()

    @cached_property
    def tag(self) -> str:
        """The key that tells variants of an object apart, empty where there are none."""
        return _tag_of(self._objects)

    @cached_property
    def variants(self) -> dict[str, Form]:
        """What an object looks like by the value of its tag."""
        union = self.shape.union if self.shape is not None else None
        found = {}
        for branch in self._objects if self.tag else ():
            value = _only_value((branch.get("properties") or {}).get(self.tag))
            if value is not None:
                found[value] = Form(branch, self._root, union.branches.get(value) if union is not None else None)
        return found

    @cached_property
    def all_variants(self) -> bool:
        """Whether another value of the tag contradicts: a document that leaves a way for others says so."""
        return self.shape is not None or len(self.variants) == len(self._objects)

    @property
    def unknown(self) -> bool:
        """Whether nothing is said yet, or only null was seen: whatever comes is learned, never drift."""
        return not self.kinds

    @property
    def support(self) -> Support:
        """What the statement about the type rests on."""
        shape = self.shape
        return self._resting_on(shape is not None and self.kinds <= {*shape.kinds, "integer", "number"})

    @property
    def null_support(self) -> Support:
        """What the statement about null rests on."""
        return self._resting_on(self.shape is not None and self.shape.nullable == self.nullable)

    @property
    def enum_support(self) -> Support:
        """What the list of values rests on."""
        return self._resting_on(self.shape is not None and set(self.shape.enum) == set(map(str, self.enum)))

    def _resting_on(self, agrees: bool) -> Support:
        # Where the document says something else than the evidence, a person wrote it and vouches for it.
        shape = self.shape
        return DOCUMENT if shape is None or not shape.n or not agrees else Support(shape.size, shape.grade)

    def presence(self, name: str) -> Support:
        """What the statement that a key is required rests on."""
        known = self._seen(name)
        return DOCUMENT if known is None or not known.required else Support(known.size, known.grade)

    def of_answers(self, support: Support, values: float) -> Support:
        """What a statement rests on where several answers with so many values each are held against it, and only some
        of the values contradict: as many such answers as the values seen would fill.
        """
        shape = self.shape
        if support.certain or shape is None:
            return support
        s = min(support.size, shape.n / max(values, 1.0))
        return Support(s, grade(s, shape.targets))

    def of_one_answer(self, support: Support, values: float) -> Support:
        """The same where a single answer has some values that contradict: no surer than so many answers make it."""
        return replace(support, grade=self.of_answers(support, values).grade)

    def type_words(self, support: Support | None = None) -> str:
        """The type with what that rests on: `boolean in all 200 values seen, in 1 response`."""
        if (support or self.support).certain or self.shape is None:
            return f"{self.words}, {SAYS}"
        return of_kinds(self.shape)

    def presence_words(self, name: str) -> str:
        """How often a key was there: `present in all 200 objects seen, in 1 response`."""
        known = self._seen(name)
        if known is None or self.shape is None:
            return f"required, {SAYS}"
        if not known.required:
            return f"present in {known.present:,} of {known.of:,} objects seen"
        return of_presence(known, self.shape.first, self.shape.last)

    def string_words(self, what: str, support: Support) -> str:
        """What the strings are with what that rests on: `a uuid in all 40 strings seen, in 2 responses`."""
        return f"{what}, {SAYS}" if support.certain or self.shape is None else of_strings(self.shape, what)

    @property
    def words(self) -> str:
        """The type in words, without its evidence."""
        return kind_words(self.kinds, nullable=self.nullable and bool(self.kinds), format=self.format)


def form_of(schema: Any, shape: Shape | None = None) -> Form:
    """The form of a schema that stands alone (its references are local)."""
    return Form(schema, schema, shape)


def kind_words(kinds: Iterable[str], *, nullable: bool = False, format: str = "") -> str:  # noqa: A002  JSON Schema's own word
    """Kinds in words: `boolean`, `integer or string`, `string (date-time)`, `string or null`."""
    names = [f"string ({format})" if kind == "string" and format else kind for kind in sorted(kinds)]
    if nullable:
        names.append("null")
    if not names:
        return "unknown"
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def _alternatives(schema: Any, root: Any, budget: int) -> list[Mapping[str, Any]]:
    if not isinstance(schema, Mapping):
        return [{}] if schema is not False else []
    if budget <= 0:
        return [{}]
    rest = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "anyOf", "oneOf", "$defs")}
    parts: list[list[Mapping[str, Any]]] = [[rest]] if rest else []
    if isinstance(schema.get("$ref"), str):
        parts.append(_alternatives(resolve(schema["$ref"], root), root, budget - 1))
    for one in schema.get("allOf") or ():
        parts.append(_alternatives(one, root, budget - 1))
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            parts.append([branch for one in schema[word] for branch in _alternatives(one, root, budget - 1)])
    result: list[Mapping[str, Any]] = [{}]
    for part in parts:
        result = [_both(left, right) for left in result for right in part][:64]
    return [branch for branch in result if _kinds(branch) != frozenset()]


def resolve(reference: str, root: Any) -> Any:
    """What a local reference points at; True, which says nothing, where there is nothing."""
    node = root
    for key in unquote(reference.removeprefix("#")).split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list):
            node = node[int(key)] if is_index(key) and int(key) < len(node) else True
        else:
            node = node.get(key, True) if isinstance(node, Mapping) else True
    return node


def _both(left: Mapping[str, Any], right: Mapping[str, Any]) -> Mapping[str, Any]:
    """What two schemas say together, for the words that are looked at here."""
    if not left or not right:
        return left or right
    result = {**left, **right}
    mine, other = _kinds(left), _kinds(right)
    if mine is not None and other is not None:
        integers = {"integer"} if "integer" in mine | other and "number" in mine | other else set()
        result["type"] = sorted((mine & other) | integers)
    properties = dict(left.get("properties") or {})
    for name, node in (right.get("properties") or {}).items():
        properties[name] = {"allOf": [properties[name], node]} if name in properties else node
    if properties:
        result["properties"] = properties
    required = {*(left.get("required") or ()), *(right.get("required") or ())}
    if required:
        result["required"] = sorted(required)
    return result


def _kinds(branch: Mapping[str, Any]) -> frozenset[str] | None:
    """The types that a schema names, or that its values have; None where it names none."""
    kind = branch.get("type")
    if isinstance(kind, str):
        # OpenAPI 3.0 says null in a word of its own (3.0.3, section 4.7.24.1).
        return frozenset({kind, "null"}) if branch.get("nullable") is True else frozenset({kind})
    if isinstance(kind, Sequence):
        return frozenset(map(str, kind))
    if "const" in branch:
        return frozenset({kind_of(branch["const"])})
    if isinstance(branch.get("enum"), list):
        return frozenset(kind_of(value) for value in branch["enum"])
    if "properties" in branch or "required" in branch:
        return frozenset({"object"})
    return None


def _is_map(branch: Mapping[str, Any]) -> bool:
    return isinstance(branch.get("additionalProperties"), Mapping) and not branch.get("properties")


def _any_of(nodes: Sequence[Any]) -> Any:
    if not nodes:
        return True
    return nodes[0] if all(node == nodes[0] for node in nodes) else {"anyOf": list(nodes)}


def _tag_of(branches: Sequence[Mapping[str, Any]]) -> str:
    """The key that has another only value in each of at least two branches; a branch for all others may have none."""
    objects = [branch["properties"] for branch in branches if branch.get("properties")]
    for name in sorted(set().union(*objects)):
        values = [value for one in objects if (value := _only_value(one.get(name))) is not None]
        if len(values) >= 2 and len(set(values)) == len(values) >= len(objects) - 1:
            return str(name)
    return ""


def _only_value(node: Any) -> str | None:
    if not isinstance(node, Mapping):
        return None
    if isinstance(node.get("const"), str):
        return str(node["const"])
    values = node.get("enum")
    return values[0] if isinstance(values, list) and len(values) == 1 and isinstance(values[0], str) else None
