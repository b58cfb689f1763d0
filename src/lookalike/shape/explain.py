"""Why a value doesn't fit: one mismatch for each reason, in words. Nothing to explain means that it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from lookalike.mismatch import Level, Mismatch
from lookalike.shape import statements
from lookalike.shape.describe import Path, either, expected, got, kinds, nearest, one_of, place, quoted
from lookalike.shape.places import Places
from lookalike.shape.schema import DEEPEST, Schema, Validator, too_deep
from lookalike.shape.shape import Shape
from lookalike.shape.unseen import Unseen, unseen

# One of the engine's ValidationErrors; the attributes of its `kind` differ, which its stubs don't say.
Finding = Any
MOST = 100  # mismatches of one value; a list of thousands that are all wrong needs no more


def explain(
    schema: Validator | Schema,
    value: Any,
    *,
    shape: Shape | None = None,
    root: str = "json",
    document: Mapping[str, Any] | None = None,
    closed: bool = True,
) -> list[Mismatch]:
    """Why a value of decoded JSON doesn't fit a schema; an empty list where it does.

    schema:   a Validator, or a schema with the document that its references point into
    shape:    what evidence says of the same place. Each mismatch then carries its evidence, is a warning where that is
              only assumed, and formats and enums that were learned are looked at too
    root:     what the value is called: places are `json`, `json.name`, `json[0].owner.login`, `json["odd key"]`
    closed:   False for JSON Schema's own reading, in which keys that a schema doesn't know are welcome

    Keys that a schema with named properties doesn't know are mismatches, unless it says that others are welcome
    (`additionalProperties`); a slip of a required key is one mismatch that names both. Raises UsageError for a schema
    that can't be used.
    """
    validator = schema if isinstance(schema, Validator) else Validator(schema, document)
    validator.compiled()
    if too_deep(value):
        return [Mismatch(root, f"at most {DEEPEST:,} levels of nesting", "more than that")]
    explainer = _Explainer(validator, value, shape, root)
    try:
        valid = validator.is_valid(value)
        errors = [] if valid else list(islice(validator.errors(value), MOST))
    except (ValueError, TypeError, UnicodeEncodeError) as error:
        return [Mismatch(root, "JSON", f"a value that can't be written as JSON: {error}")]
    found = [reason for error in errors for reason in explainer.of(error)]
    unknown = unseen(explainer.places, value, shape, root) if closed else []
    reasons = explainer.with_slips(found, unknown)
    distinct = {(reason.path, reason.mismatch): reason for reason in reasons}
    ordered = sorted(distinct.values(), key=lambda reason: _order(reason.path))
    return [reason.mismatch for reason in ordered][:MOST]


def _order(path: Path) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in path)


class _Explainer:
    """Puts the engine's findings about one value in words."""

    def __init__(self, validator: Validator, value: Any, shape: Shape | None, root: str) -> None:
        self.places = Places(validator)
        self.value = value
        self.shape = shape
        self.root = root

    def of(self, error: Finding) -> list[Unseen]:
        """The reasons behind one finding: several for the nearest branch of a choice."""
        path = tuple(error.instance_path)
        if error.kind.name in {"anyOf", "oneOf"} and all(error.kind.context):
            return self._choice(path, error.kind.context)
        if error.kind.name == "required":
            return [self._missing(path, error.kind.property)]
        if error.kind.name == "unevaluatedProperties":
            # A part that doesn't fit for another reason has, to the engine, looked at none of its keys.
            named = self._names(path)
            return [self._refused(path, key) for key in error.kind.unexpected if key in error.instance.keys() - named]
        if error.kind.name == "additionalProperties":
            return [self._refused(path, key) for key in error.kind.unexpected if key in error.instance]
        if error.kind.name == "type":
            return [self._type(path, error)]
        words = _EXPECTED.get(error.kind.name, _as_told)(error)
        return [self._reason(path, words, got(error.instance, _last(path)))]

    def _reason(self, path: Path, words: str, seen: str, evidence: str = "", level: Level = "violation") -> Unseen:
        return Unseen(path, Mismatch(place(self.root, path), words, seen, evidence, level=level))

    def _type(self, path: Path, error: Finding) -> Unseen:
        words = kinds(sorted(error.kind.types, key=lambda name: (name == "null", name)))
        seen = got(error.instance, _last(path))
        said = statements.at(self.shape, self.value, path)
        if said is None or not statements.contradicts(said, error.instance):
            return self._reason(path, words, seen)
        return self._reason(path, words, seen, statements.of_kinds(said), statements.level(said.grade))

    def _missing(self, path: Path, key: str) -> Unseen:
        inside = self._at(path)
        schemas = self.places.below(self.places.at(self.value, path), key)
        said = statements.at(self.shape, self.value, path)
        evidence, level = "", statements.level("firm")
        found = None if said is None else statements.branch(said, inside).properties.get(key)
        if said is not None and found is not None and found.required:
            evidence = statements.of_presence(found, said.first, said.last)
            level = statements.level(found.grade)
        words = expected(schemas[0], self.places.validator) if schemas else "any value"
        mismatch = Mismatch(place(self.root, (*path, key)), words, "missing", evidence, level=level)
        return Unseen((*path, key), mismatch, missing=True)

    def _names(self, path: Path) -> set[str]:
        return {name for schema in self.places.at(self.value, path) for name in schema.get("properties", ())}

    def _refused(self, path: Path, key: str) -> Unseen:
        names = self._names(path)
        near = nearest(key, names - set(self._at(path)))
        hint = f'did you mean "{near}"?' if near else ""
        mismatch = Mismatch(place(self.root, (*path, key)), "no such key", got(self._at(path)[key], key), hint=hint)
        return Unseen((*path, key), mismatch, unknown=True)

    def _at(self, path: Path) -> Any:
        value = self.value
        for step in path:
            value = value[step]
        return value

    def _choice(self, path: Path, branches: Sequence[Sequence[Finding]]) -> list[Unseen]:
        """The reasons of the nearest branch; where all are of other types, or other tags, what they all expect."""
        value = self._at(path)
        tags = [_wrong_tag(path, errors) for errors in branches]
        if all(_wrong_root(path, errors) for errors in branches):
            words = either(word for errors in branches for word in self._root_words(path, errors))
            said = statements.at(self.shape, self.value, path)
            contradicted = said is not None and statements.contradicts(said, value)
            evidence = statements.of_kinds(said) if said is not None and contradicted else ""
            level = statements.level(said.grade if said is not None and contradicted else "firm")
            return [self._reason(path, words, got(value, _last(path)), evidence, level)]
        keys = {key for key in tags if key is not None}
        of_objects = [tag for tag, errors in zip(tags, branches, strict=True) if not _wrong_root(path, errors)]
        if len(keys) == 1 and all(tag in keys for tag in of_objects) and isinstance(value, dict):
            [key] = keys
            if key in value:
                return [self._tag(path, key, branches)]
        best = self.places.branch(self.value, path, len(branches))
        if best is None:
            best = min(
                range(len(branches)),
                key=lambda index: (_wrong_root(path, branches[index]), len(branches[index]), index),
            )
        return [reason for error in islice(branches[best], MOST) for reason in self.of(error)]

    def _root_words(self, path: Path, errors: Iterable[Finding]) -> list[str]:
        return [
            _EXPECTED.get(error.kind.name, _as_told)(error) for error in errors if tuple(error.instance_path) == path
        ]

    def _tag(self, path: Path, key: str, branches: Sequence[Sequence[Finding]]) -> Unseen:
        at = (*path, key)
        values: list[Any] = []
        for errors in branches:
            for error in errors:
                if tuple(error.instance_path) == at and error.kind.name in {"const", "enum"}:
                    values += _allowed(error)
        distinct = list({quoted(value): value for value in values}.values())
        return self._reason(at, one_of(distinct), got(self._at(at), key))

    def with_slips(self, found: list[Unseen], unknown: list[Unseen]) -> list[Unseen]:
        """All reasons; a missing key and an unknown one that is a slip of it become one."""
        refused = {reason.path for reason in found if reason.unknown}
        reasons = found + [reason for reason in unknown if reason.path not in refused]
        missing: dict[tuple[Path, str], Unseen] = {}
        for reason in reasons:
            if reason.missing:
                missing.setdefault((reason.path[:-1], str(reason.path[-1])), reason)
        slips: dict[Path, Unseen] = {}
        for reason in sorted((one for one in reasons if one.unknown), key=lambda one: _order(one.path)):
            key = str(reason.path[-1])
            near = nearest(key, [name for at, name in missing if at == reason.path[:-1]])
            if near:
                lacking = missing.pop((reason.path[:-1], near))
                slips[reason.path] = _slip(reason, lacking, near, key)
                slips[lacking.path] = slips[reason.path]
        kept = [reason for reason in reasons if reason.path not in slips or not (reason.missing or reason.unknown)]
        return kept + list(dict.fromkeys(slips.values()))


def _slip(unknown: Unseen, lacking: Unseen, near: str, key: str) -> Unseen:
    level: Level = "violation" if "violation" in {unknown.mismatch.level, lacking.mismatch.level} else "warning"
    return Unseen(
        unknown.path,
        replace(
            unknown.mismatch,
            expected=f"the key {quoted(near)} ({lacking.mismatch.expected})",
            got=f"the key {quoted(key)}",
            evidence=lacking.mismatch.evidence or unknown.mismatch.evidence,
            hint=f'did you mean "{near}"?',
            level=level,
        ),
        unknown=True,
    )


def _wrong_root(path: Path, errors: Iterable[Finding]) -> bool:
    """Whether a branch is about another type or value altogether."""
    roots = {"type", "const", "enum", "falseSchema"}
    return any(tuple(error.instance_path) == path and error.kind.name in roots for error in errors)


def _wrong_tag(path: Path, errors: Iterable[Finding]) -> str | None:
    """The key whose constant tells that an object belongs to another branch."""
    for error in errors:
        at = tuple(error.instance_path)
        if len(at) == len(path) + 1 and isinstance(at[-1], str) and error.kind.name in {"const", "enum", "not"}:
            return at[-1]
    return None


def _allowed(error: Finding) -> list[Any]:
    return [error.kind.expected_value] if error.kind.name == "const" else list(error.kind.options)


def _last(path: Path) -> str:
    """The nearest key above a value, which tells whether it is a credential."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _as_told(error: Finding) -> str:
    return f"a value that fits {quoted(error.kind.name)}"


def _items(word: str) -> Callable[[Finding], str]:
    def words(error: Finding) -> str:
        what, _, noun = word.partition(" ")
        limit = error.kind.limit
        return f"at {what} {limit} {noun if limit == 1 else noun + 's'}"

    return words


_EXPECTED: dict[str, Callable[[Finding], str]] = {
    "type": lambda error: kinds(sorted(error.kind.types, key=lambda name: (name == "null", name))),
    "const": lambda error: quoted(error.kind.expected_value),
    "enum": lambda error: one_of(list(error.kind.options)),
    "minimum": lambda error: f"at least {error.kind.limit}",
    "maximum": lambda error: f"at most {error.kind.limit}",
    "exclusiveMinimum": lambda error: f"more than {error.kind.limit}",
    "exclusiveMaximum": lambda error: f"less than {error.kind.limit}",
    "multipleOf": lambda error: f"a multiple of {error.kind.multiple_of}",
    "minLength": _items("least character"),
    "maxLength": _items("most character"),
    "minItems": _items("least item"),
    "maxItems": _items("most item"),
    "minProperties": lambda error: f"an object of at least {error.kind.limit} keys",
    "maxProperties": lambda error: f"an object of at most {error.kind.limit} keys",
    "pattern": lambda error: f"text that matches {error.kind.pattern}",
    "uniqueItems": lambda _: "items that all differ",
    "contains": lambda _: "an item of the kind that the schema asks for",
    "falseSchema": lambda _: "nothing",
    "unevaluatedItems": lambda _: "no further items",
    "additionalItems": lambda _: "no further items",
    "propertyNames": lambda error: f"other keys ({error.kind.error.message})",
    "not": lambda error: f"anything but {quoted(error.kind.schema)}",
    "oneOf": lambda _: "a value that fits exactly one of the forms, not several",
}
