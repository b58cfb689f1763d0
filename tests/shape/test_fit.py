"""What is read keyword by keyword says what the engine says, or leaves it to the engine."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.shape import places as places_module
from lookalike.shape.explain import explain
from lookalike.shape.fit import Fit, NotRead
from lookalike.shape.places import Places
from lookalike.shape.schema import Validator

KEYS = st.sampled_from(["a", "b", "x1"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.sampled_from([0, 1, 2, 1.0, 1.5, -3, "", "a", "ab", "x1", "é"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)
TYPES = st.sampled_from(["null", "boolean", "string", "number", "integer", "array", "object"])
SMALL = st.integers(0, 3)
PATTERNS = st.sampled_from(["^a", "\\d$", "^x\\d+$", "^\\p{L}+$"])


def words(inner: Any) -> Any:
    """A schema of some keywords, some of them with schemas in them."""
    some = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=2, unique=True)),
            "const": VALUES, "enum": st.lists(VALUES, min_size=1, max_size=3), "minLength": SMALL, "maxLength": SMALL,
            "pattern": PATTERNS, "minimum": SMALL, "maximum": SMALL, "exclusiveMinimum": SMALL,
            "exclusiveMaximum": SMALL, "minItems": SMALL, "maxItems": SMALL, "uniqueItems": st.booleans(),
            "required": st.lists(KEYS, max_size=2, unique=True), "minProperties": SMALL, "maxProperties": SMALL,
            "dependentRequired": st.dictionaries(KEYS, st.lists(KEYS, max_size=2, unique=True), max_size=1),
            "properties": st.dictionaries(KEYS, inner, max_size=2), "additionalProperties": inner,
            "patternProperties": st.dictionaries(PATTERNS, inner, max_size=1), "propertyNames": inner,
            "dependentSchemas": st.dictionaries(KEYS, inner, max_size=1), "items": inner, "prefixItems": some,
            "allOf": some, "anyOf": some, "oneOf": some, "not": inner, "if": inner, "then": inner, "else": inner,
            "$ref": st.just("#/$defs/N"),
        },
    )  # fmt: skip


SCHEMAS = st.recursive(st.booleans(), words, max_leaves=5)
DEFS = {"N": {"type": ["integer", "object"], "properties": {"a": {"$ref": "#/$defs/N"}}}}


@settings(max_examples=300, deadline=None)
@given(SCHEMAS, VALUES)
def test_it_says_what_the_engine_says(schema: Any, value: Any) -> None:
    whole = {**schema, "$defs": DEFS} if isinstance(schema, dict) else schema
    validator = Validator(whole)
    assert Fit(validator).fits(whole, value) == validator.is_valid(value)


CIRCLE: dict[str, Any] = {"properties": {"a": {"$ref": "#"}}}


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"multipleOf": 0.1}, 0.3), ({"contains": {"type": "string"}}, []),
        ({"unevaluatedProperties": False}, {"a": 1}),
        ({"$ref": "#/nowhere"}, 1), ({"type": "text"}, 1), (CIRCLE, nested(60)), ([], 1),
    ],
)  # fmt: skip
def test_what_is_not_read_is_left_to_the_engine(schema: Any, value: Any) -> None:
    with pytest.raises(NotRead):
        Fit(Validator(schema)).fits(schema, value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [({"multipleOf": 2}, 3), ({"unevaluatedProperties": False}, {"a": 1}), (CIRCLE, nested(60)), (CIRCLE, nested(900))],
)
def test_places_ask_the_engine_for_the_rest(schema: Any, value: Any) -> None:
    assert Places(Validator(schema)).fits(schema, value) == Validator(schema).is_valid(value)


def test_a_branch_is_compiled_for_many_values_only(monkeypatch: Any) -> None:
    choice = {"anyOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "integer"}}}]}
    compiled: list[Any] = []
    compile_ = Validator.compiled
    monkeypatch.setattr(Validator, "compiled", lambda self: compiled.append(self.schema) or compile_(self))  # type: ignore[func-returns-value]  # None, then the real one
    places = Places(Validator(choice))
    values = [{"a": at} for at in range(3 * places_module._COMPILED_AFTER)]
    for value in values[: places_module._COMPILED_AFTER]:
        assert places.fits(choice["anyOf"][0], value)
    assert compiled == []
    assert all(places.fits(choice["anyOf"][0], value) for value in values)
    assert compiled


@pytest.mark.parametrize("open_", [{}, True, {"description": "Anything."}, {"$ref": "#/$defs/Any"}])
def test_a_branch_that_says_nothing_welcomes_unknown_keys(open_: Any) -> None:
    named = {"type": "object", "properties": {"first": {"type": "string"}}}
    schema = {"properties": {"pages": {"anyOf": [named, open_]}}, "$defs": {"Any": {}}}
    assert explain(schema, {"pages": {"pages": {}}}) == []


def test_a_branch_that_only_requires_keys_welcomes_no_others() -> None:
    schema = {"properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    [unknown] = explain(schema, {"a": 1, "c": 1})
    assert unknown.where == "json.c"
