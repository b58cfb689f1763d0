"""Samples: a believable value for a schema, always the same, and values that say only what matters, completed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lookalike.shape import believable
from lookalike.shape.pattern import text_for
from lookalike.shape.places import Places
from lookalike.shape.prune import without_unknown, without_wrong
from lookalike.shape.schema import Schema, Validator

_NOTHING: Any = object()
_DEEPEST = 48  # twice the levels of a sample, in schemas that go in circles
_MOST_VALUES = 4000  # values of a sample; from there on only what is required
_ITEMS = 2
_BRANCHES = 12
_OBJECT_WORDS = ("properties", "required", "additionalProperties", "patternProperties", "minProperties")
_TYPES_BY_WORD = (
    ("object", _OBJECT_WORDS),
    ("array", ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains")),
    ("string", ("format", "pattern", "minLength", "maxLength")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)


def sample(schema: Schema, *, seed: str = "", document: Mapping[str, Any] | None = None) -> Any:
    """A believable value that fits a schema; the same for the same schema and seed.

    document: what references in the schema point into. Raises UsageError for a schema that can't be used. Where nothing
    that is tried fits the schema, the likeliest value comes back: `explain` says what is wrong with it.
    """
    return _sampled(schema, _NOTHING, seed, document)


def complete(schema: Schema, partial: Any, *, seed: str = "", document: Mapping[str, Any] | None = None) -> Any:
    """`partial` with what it leaves out taken from a sample: in objects, in each item of a list, and nested.

    What `partial` says always wins, keys that the schema doesn't know included; an empty list stays empty. Where
    nothing that is tried fits the schema, the likeliest value comes back: `explain` says what is wrong with it.
    """
    return _sampled(schema, partial, seed, document)


def _sampled(schema: Schema, partial: Any, seed: str, document: Mapping[str, Any] | None) -> Any:
    """The first value of several ways to make one that the schema takes, and that has no key it doesn't know."""
    validator = Validator(schema, document)
    validator.compiled()
    tried: list[Any] = []
    ways: tuple[Callable[[], Any], ...] = (
        lambda: _Sampler(validator, seed).make(partial),
        lambda: _Sampler(validator, seed, examples=False).make(partial),
        lambda: without_wrong(validator, tried[0], partial),
        lambda: _Sampler(validator, seed, lean=True).make(partial),
        lambda: _Sampler(validator, seed, examples=False, lean=True).make(partial),
    )
    for make in ways:
        made, known = without_unknown(validator, make(), partial)
        if known and validator.is_valid(made):
            return made
        tried.append(made)
    return tried[0]


class _Sampler:
    """Makes one value of one schema.

    examples: whether what the schema names itself comes first
    lean:     whether only what is required is made
    """

    def __init__(self, validator: Validator, seed: str, *, examples: bool = True, lean: bool = False) -> None:
        self.validator = validator
        self.places = Places(validator)
        self.seed = seed
        self.examples = examples
        self.lean = lean
        self.made = 0

    def make(self, partial: Any) -> Any:
        """The value."""
        return self.fill(self.validator.schema, partial, "", 0, ())

    def fill(self, schema: Schema, partial: Any, name: str, index: int, above: tuple[int, ...]) -> Any:
        """A value for a schema around what is given; `above` are the schemas that it is inside of."""
        if partial is not _NOTHING and not isinstance(partial, dict | list):
            return partial
        if isinstance(schema, bool) or len(above) > _DEEPEST:
            return None if partial is _NOTHING else partial
        self.made += 1
        best: Any = _NOTHING
        for merged in self.readings(schema, partial):
            value = self.of(merged, partial, name, index, (*above, *self.identity(schema)))
            if self.places.fits(schema, value):
                return value
            best = value if best is _NOTHING else best
        return best

    def readings(self, schema: Mapping[str, Any], partial: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
        """The schema without references and choices: one reading for each branch, the likeliest first."""
        merged = self.merged(schema)
        for word in ("oneOf", "anyOf"):
            branches = merged.get(word)
            if branches and depth < 4:
                rest = {key: value for key, value in merged.items() if key != word}
                for branch in self.ordered(branches, partial):
                    yield from self.readings({**rest, "allOf": [branch]}, partial, depth + 1)
                return
        yield merged
        if "then" in merged:
            rest = {key: value for key, value in merged.items() if key not in {"if", "then", "else"}}
            yield self.merged({**rest, "allOf": [merged.get("if", {}), merged["then"]]})
        if "else" in merged:
            yield self.merged({**merged, "allOf": [merged["else"]]})

    def ordered(self, branches: Sequence[Schema], partial: Any) -> list[Schema]:
        """Branches in their order, null last; those first that what is given doesn't contradict."""
        resolved = [(branch, self.validator.resolve(branch)) for branch in branches[:_BRANCHES]]

        def rank(pair: tuple[Schema, Schema]) -> tuple[bool, bool]:
            found = pair[1]
            if isinstance(found, bool):
                return True, not found
            contradicted = False
            if isinstance(partial, dict):
                known = self.merged(found).get("properties", {})
                contradicted = found.get("type", "object") != "object" or any(
                    not self.places.fits(known[key], value)
                    for key, value in partial.items()
                    if key in known and not isinstance(value, dict | list)
                )
            elif isinstance(partial, list):
                contradicted = found.get("type", "array") != "array"
            return contradicted, found.get("type") == "null"

        return [branch for branch, _ in sorted(resolved, key=rank)]

    def merged(self, schema: Schema, depth: int = 0) -> dict[str, Any]:
        """A schema with its references and `allOf` folded into it."""
        schema = self.validator.resolve(schema)
        if isinstance(schema, bool):
            return {}
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        if depth < 16:
            for part in schema.get("allOf", ()):
                _fold(merged, self.merged(part, depth + 1))
        return merged

    def of(self, schema: dict[str, Any], partial: Any, name: str, index: int, above: tuple[int, ...]) -> Any:
        """A value for one reading of a schema."""
        given = self.given(schema, index)
        if partial is _NOTHING and given is not _NOTHING:
            return given
        if isinstance(partial, dict):
            return self.object(schema, partial, index, above, given if isinstance(given, dict) else {})
        if isinstance(partial, list):
            return self.given_list(schema, partial, name, above)
        kind = _kind(schema)
        if kind == "object":
            return self.object(schema, {}, index, above, {})
        if kind == "array":
            return self.array(schema, name, above)
        if kind == "string":
            return self.string(schema, name, index)
        if kind in {"integer", "number"}:
            return _number(schema, name, index, whole=kind == "integer")
        return index % 2 == 1 if kind == "boolean" else None

    def given(self, schema: dict[str, Any], index: int) -> Any:
        """What the schema itself names: a constant, an example, a default, a value of the enum; `_NOTHING` without."""
        for word in ("const", "example", "examples", "default", "enum"):
            if word not in schema or not (self.examples or word in {"const", "enum"}):
                continue
            found = schema[word]
            if word in {"examples", "enum"}:
                if not isinstance(found, list) or not found:
                    continue
                found = found[index % len(found)]
            if self.places.fits(schema, found):
                return found
        return _NOTHING

    def object(
        self, schema: dict[str, Any], partial: dict[str, Any], index: int, above: tuple[int, ...], given: dict[str, Any]
    ) -> dict[str, Any]:
        """An object: every property where there is room, in the order of the schema; then what else was given."""
        properties: Mapping[str, Schema] = schema.get("properties", {})
        required = [key for key in schema.get("required", ()) if isinstance(key, str)]
        made: dict[str, Any] = {}
        for key, inner in properties.items():
            if key in partial or self.wanted(key, inner, required, above):
                made[key] = self.entry(inner, partial.get(key, _NOTHING), given.get(key, _NOTHING), key, index, above)
        waiting = [*made, *required, *partial, *given]
        while waiting:
            key = waiting.pop(0)
            if key not in made:
                inner = next(iter(self.places.below([schema], key)), True)
                made[key] = self.entry(inner, partial.get(key, _NOTHING), given.get(key, _NOTHING), key, index, above)
            waiting += [other for other in schema.get("dependentRequired", {}).get(key, ()) if other not in made]
        if not partial:
            self.entries(schema, made, above)
        return made

    def wanted(self, key: str, schema: Schema, required: list[str], above: tuple[int, ...]) -> bool:
        """Whether a property belongs into a sample: the required ones always, others until it repeats itself."""
        if key in required:
            return True
        if schema is False or (isinstance(schema, Mapping) and schema.get("writeOnly") is True):
            return False
        if self.lean or self.made > _MOST_VALUES:
            return False
        if _kind(self.merged(schema)) == "array":
            return True  # Empty where its items would begin a circle.
        return not any(identity in above for identity in self.identities(schema))

    def identities(self, schema: Schema, depth: int = 0) -> list[int]:
        """The schema itself and, where it is an array or a choice, what is in it: to notice circles."""
        if isinstance(schema, bool) or depth > 4:
            return []
        resolved = self.validator.resolve(schema)
        if isinstance(resolved, bool):
            return []
        found = list(self.identity(schema))
        inner = [resolved["items"]] if isinstance(resolved.get("items"), Mapping) else []
        inner += [part for word in ("allOf", "oneOf", "anyOf") for part in resolved.get(word, ())]
        return found + [identity for part in inner for identity in self.identities(part, depth + 1)]

    def identity(self, schema: Mapping[str, Any]) -> tuple[int, int]:
        """What a schema is, and what it refers to, by identity."""
        target = self.validator.target(schema["$ref"]) if "$ref" in schema else None
        return id(schema), id(schema if target is None else target)

    def entry(self, schema: Schema, partial: Any, given: Any, key: str, index: int, above: tuple[int, ...]) -> Any:
        if partial is _NOTHING and given is not _NOTHING:
            return given
        return self.fill(schema, partial, key, index, above)

    def entries(self, schema: dict[str, Any], made: dict[str, Any], above: tuple[int, ...]) -> None:
        """Entries of a map: one where the schema names no keys, as many as it asks for."""
        inner = schema.get("additionalProperties")
        is_map = isinstance(inner, Mapping) and not schema.get("properties") and not made
        fewest = max(int(schema.get("minProperties", 0)), 1 if is_map and len(above) < _DEEPEST - 2 else 0)
        names = schema.get("propertyNames", {})
        for index in range(fewest * 4):
            if len(made) >= fewest or inner is False:
                return
            key = self.fill(names, _NOTHING, "key", index, above) if isinstance(names, Mapping) and names else None
            key = key if isinstance(key, str) else believable.text("key", "", index, self.seed)
            key = f"{key}{index}" if key in made else key
            made[key] = self.fill(inner if isinstance(inner, Mapping) else True, _NOTHING, key, index, above)

    def array(self, schema: dict[str, Any], name: str, above: tuple[int, ...]) -> list[Any]:
        """An array of one or two items, as many as it must have, in position or alike."""
        first: Sequence[Schema] = schema.get("prefixItems", ())
        inner = schema.get("items", True)
        fewest, most = int(schema.get("minItems", 0)), schema.get("maxItems", math.inf)
        wished = len(first) or (_ITEMS if len(above) < 8 and self.made < _MOST_VALUES else 1)
        if "items" not in schema and not first:
            wished = 0
        if fewest == 0 and not first and self.repeats(inner, above):
            wished = 0
        count = int(min(max(wished, fewest), most))
        items: list[Any] = []
        for index in range(count * 3):
            if len(items) >= count:
                break
            item = self.fill(first[index] if index < len(first) else inner, _NOTHING, _singular(name), index, above)
            if not schema.get("uniqueItems") or item not in items:
                items.append(item)
        return items

    def repeats(self, schema: Schema, above: tuple[int, ...]) -> bool:
        """Whether an item would begin a circle."""
        return any(identity in above for identity in self.identities(schema))

    def given_list(self, schema: dict[str, Any], partial: list[Any], name: str, above: tuple[int, ...]) -> list[Any]:
        """Each item that was given, completed; ids that weren't given are others than those that were."""
        first: Sequence[Schema] = schema.get("prefixItems", ())
        inner = schema.get("items", True)
        taken = {item["id"] for item in partial if isinstance(item, dict) and isinstance(item.get("id"), int)}
        index = 0
        items = []
        for position, item in enumerate(partial):
            if not (isinstance(item, dict) and "id" in item):
                while index + 1 in taken:
                    index += 1
            found = first[position] if position < len(first) else inner
            items.append(self.fill(found, item, _singular(name), index, above))
            index += 1
        return items

    def string(self, schema: dict[str, Any], name: str, index: int) -> str:
        """A string of the format, pattern and length that are asked for."""
        form = schema.get("format", "")
        text = believable.text(name, form if isinstance(form, str) else "", index, self.seed)
        fewest, most = int(schema.get("minLength", 0)), schema.get("maxLength", math.inf)
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            found = [text, *believable.candidates(name, form, index, self.seed)]
            found += [made for extra in range(12) if (made := text_for(pattern, fewest, extra)) is not None]
            rule = Validator({word: schema[word] for word in ("pattern", "minLength", "maxLength") if word in schema})
            return next((one for one in found if rule.is_valid(one)), text)
        if len(text) < fewest:
            text += (text or "x") * fewest
            text = text[:fewest]
        return text if len(text) <= most else text[: int(most)]


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and len(name) > 3 else name


def _kind(schema: Mapping[str, Any]) -> str:
    """The type of a sample: the first that isn't null, or what the words of the schema are about."""
    types = schema.get("type")
    if isinstance(types, str):
        return types
    if isinstance(types, list):
        return next((str(kind) for kind in types if kind != "null"), "null")
    return next((kind for kind, words in _TYPES_BY_WORD if any(word in schema for word in words)), "null")


def _number(schema: Mapping[str, Any], name: str, index: int, *, whole: bool) -> int | float:
    """A number within its bounds, a multiple where that is asked for."""
    number = believable.amount(name, index, whole=whole)
    step = schema.get("multipleOf") or (1 if whole else 0)
    low = max(_bounds(schema, "minimum", "exclusiveMinimum", 1, step), default=-math.inf)
    high = min(_bounds(schema, "maximum", "exclusiveMaximum", -1, step), default=math.inf)
    if number < low:
        number = low + (index * step if low + index * step <= high else 0)
    if number > high:
        number = high if low == -math.inf or step == 0 else low + (index * step) % max(high - low + step, step)
        number = min(number, high)
    if step and math.isfinite(number):
        number = math.ceil(number / step) * step
        if number > high:
            number = math.floor(high / step) * step
    return int(number) if whole or (isinstance(number, float) and number.is_integer() and step == 1) else number


def _bounds(schema: Mapping[str, Any], inclusive: str, exclusive: str, sign: int, step: float) -> list[float]:
    found = []
    if isinstance(schema.get(inclusive), int | float):
        found.append(schema[inclusive])
    if isinstance(schema.get(exclusive), int | float) and not isinstance(schema[exclusive], bool):
        found.append(schema[exclusive] + sign * (step or max(abs(schema[exclusive]) * 1e-6, 1e-3)))
    return found


def _fold(into: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Fold one part of an `allOf` into the others: both must hold."""
    for word, value in part.items():
        had: Any = into.get(word)
        if word not in into:
            into[word] = value
        elif word == "properties":
            both = {
                key: {"allOf": [had[key], inner]} for key, inner in value.items() if key in had and had[key] != inner
            }
            into[word] = {**had, **value, **both}
        elif word == "required":
            into[word] = list(dict.fromkeys([*had, *value]))
        elif word in {"oneOf", "anyOf"}:
            into[word] = [{"allOf": [one, other]} for one in had[:_BRANCHES] for other in value[:_BRANCHES]]
        elif word in {"minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum"}:
            into[word] = max(had, value)
        elif word in {"maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum"}:
            into[word] = min(had, value)
        elif word == "type":
            into[word] = _common(had, value)
        elif word in {"items", "additionalProperties"} and isinstance(had, Mapping) and isinstance(value, Mapping):
            into[word] = {"allOf": [had, value]}
        elif word == "enum":
            into[word] = [one for one in had if one in value] or had


def _common(one: str | list[str], other: str | list[str]) -> list[str]:
    """The types that both allow; an integer is a number."""
    ours, theirs = ([kinds] if isinstance(kinds, str) else list(kinds) for kinds in (one, other))
    common = [kind for kind in ours if kind in theirs or (kind == "integer" and "number" in theirs)]
    common += [kind for kind in theirs if kind == "integer" and "number" in ours and kind not in common]
    return common or ours
