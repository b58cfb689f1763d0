"""Samples are believable, valid and always the same; a partial value wins wherever it says something."""

import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.shape import formats
from lookalike.shape.believable import amount
from lookalike.shape.explain import explain
from lookalike.shape.learn import learn
from lookalike.shape.pattern import text_for
from lookalike.shape.policy import Policy, derive
from lookalike.shape.sample import complete, sample
from lookalike.shape.schema import Validator, to_schema

TODO = {"userId": 1, "id": 1, "title": "quis ut nam", "completed": False}
TODOS = to_schema(derive(learn([[TODO] * 20])))
USER = {
    "id": 1, "name": "x", "email": "a@b.io", "address": {"city": "x", "geo": {"lat": "1.5"}}, "phone": "1 2",
    "website": "a b", "created_at": "2026-01-02T03:04:05Z", "company": {"name": "x"}, "url": "https://a.io",
}  # fmt: skip
USERS = to_schema(derive(learn([[USER] * 4])))


def test_a_sample_of_a_list_has_two_items_that_differ() -> None:
    assert sample(TODOS) == [
        {"completed": False, "id": 1, "title": "Make the bed", "userId": 1},
        {"completed": True, "id": 2, "title": "Water the plants", "userId": 2},
    ]


def test_names_of_keys_guide_values() -> None:
    [user, _] = sample(USERS)
    assert user == {
        "id": 1, "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+1-555-0100", "url": "https://example.com/amber",
        "address": {"city": "Lisbon", "geo": {"lat": "38.72"}}, "website": "amber.example.com",
        "created_at": "2026-01-15T09:00:00Z", "company": {"name": "Ada Lovelace"},
    }  # fmt: skip


def test_the_seed_decides_and_nothing_else() -> None:
    assert sample(USERS, seed="a") == sample(USERS, seed="a") != sample(USERS, seed="b")


@pytest.mark.parametrize(
    ("partial", "expected"),
    [
        ([], []),
        ([{}, {"completed": True}], [
            {"completed": False, "id": 1, "title": "Make the bed", "userId": 1},
            {"completed": True, "id": 2, "title": "Water the plants", "userId": 2},
        ]),
        ([{"id": 2, "completed": "no"}, {}], [
            {"completed": "no", "id": 2, "title": "Make the bed", "userId": 1},
            {"completed": False, "id": 3, "title": "Call the plumber", "userId": 3},
        ]),
        ([{"extra": {"a": [1]}, "title": None}], [
            {"completed": False, "id": 1, "title": None, "userId": 1, "extra": {"a": [1]}},
        ]),
        (None, None), ("text", "text"), ([3, None], [3, None]),
    ],
)  # fmt: skip
def test_partial_values_win(partial: Any, expected: Any) -> None:
    assert complete(TODOS, partial) == expected


def test_partial_values_win_when_nested() -> None:
    made = complete(USERS, [{"address": {"geo": {"lat": "9"}}, "company": {}}])
    assert made[0]["address"] == {"city": "Lisbon", "geo": {"lat": "9"}}
    assert made[0]["company"] == {"name": "Ada Lovelace"}
    assert complete(True, {"a": 1}) == {"a": 1}
    assert complete({"type": "object", "additionalProperties": TODOS["items"]}, {"x": {"id": 7}})["x"]["id"] == 7


NODE = {
    "components": {
        "schemas": {
            "Node": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "parent": {"$ref": "#/components/schemas/Node"},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                },
                "required": ["id"],
            },
            "Must": {
                "type": "object",
                "properties": {"must": {"$ref": "#/components/schemas/Must"}},
                "required": ["must"],
            },
        }
    }
}


def test_circles_end() -> None:
    node = {"$ref": "#/components/schemas/Node"}
    assert sample(node, document=NODE) == {"id": 1, "children": []}
    assert complete(node, {"children": [{}, {"parent": {}}]}, document=NODE) == {
        "id": 1,
        "children": [{"id": 1, "children": []}, {"id": 2, "parent": {"id": 2, "children": []}, "children": []}],
    }
    assert "must" in sample({"$ref": "#/components/schemas/Must"}, document=NODE)


SCHEMAS: list[Any] = [
    True, {}, {"type": "null"}, {"type": "boolean"}, {"const": {"a": 1}}, {"enum": ["x", "y"]},
    {"type": "string", "example": "e"}, {"type": "integer", "default": 7}, {"type": "integer", "examples": ["bad", 5]},
    {"type": "string", "minLength": 20}, {"type": "string", "maxLength": 2}, {"minLength": 3},
    {"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"}, {"type": "string", "pattern": "^(foo|bar)_[a-f0-9]+$", "minLength": 12},  # noqa: E501  a row a line
    {"type": "string", "pattern": "^\\w+@\\w+\\.(com|org)$"}, {"pattern": "^(?:a|b)?c{2,3}[^x]\\.$"},
    {"type": "integer", "minimum": 10}, {"type": "integer", "maximum": -10}, {"type": "integer", "minimum": 3, "maximum": 4},  # noqa: E501  a row a line
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}, {"type": "number", "minimum": 0, "maximum": 1},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, {"type": "integer", "multipleOf": 7},
    {"type": "number", "multipleOf": 0.5, "minimum": 2}, {"minimum": 4}, {"type": ["null", "integer"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3}, {"type": "array", "maxItems": 1, "items": {}},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3}, {"type": "array"},
    {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False}, {"minItems": 2},
    {"type": "object"}, {"required": ["a"]}, {"properties": {"a": False}}, {"minProperties": 2, "type": "object"},
    {"additionalProperties": {"type": "integer"}}, {"additionalProperties": {"type": "integer"}, "minProperties": 3},
    {"properties": {"a": {"type": "string"}}, "dependentRequired": {"a": ["b"]}},
    {"type": "object", "propertyNames": {"pattern": "^k\\d$"}, "additionalProperties": True, "minProperties": 1},
    {"patternProperties": {"^x": {"type": "integer"}}, "required": ["x1"]},
    {"properties": {"secret": {"type": "string", "writeOnly": True}, "id": {"type": "integer", "readOnly": True}}},
    {"oneOf": [{"type": "null"}, {"type": "integer"}]}, {"anyOf": [False, {"type": "string"}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"a": {"minLength": 9}}}]},
    {"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 3}]},
    {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}, {"allOf": [{"items": {"type": "integer"}}, {"items": {"minimum": 50}}]},  # noqa: E501  a row a line
    {"allOf": [{"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"anyOf": [{"required": ["b"]}, {"type": "null"}]}]},  # noqa: E501  a row a line
    {"properties": {"k": {"const": 1}}, "if": {"properties": {"k": {"const": 1}}}, "then": {"required": ["k", "z"]}},
    {"if": {"required": ["nope"]}, "then": False, "else": {"required": ["z"]}},
    {"type": "object", "example": {"a": 1, "b": 2}, "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
    {"type": "string", "format": "date-time"}, {"type": "string", "format": "unheard-of"},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_every_sample_fits_its_schema(schema: Any) -> None:
    for seed in ("", "x"):
        assert Validator(schema).is_valid(sample(schema, seed=seed)), sample(schema, seed=seed)


def test_what_a_schema_names_itself_comes_first() -> None:
    assert sample({"type": "object", "properties": {"a": {"example": 5}, "b": {"default": "d"}}}) == {"a": 5, "b": "d"}
    both = {"example": {"a": 1, "b": 2}, "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    assert complete(both, {"a": 9}) == {"a": 9, "b": 2}
    assert "secret" not in sample({"properties": {"secret": {"type": "string", "writeOnly": True}, "a": {}}})


SLIPS: list[Any] = [
    # an example with a key that the schema doesn't name, at the top, nested and in a list
    {"properties": {"tag": {"type": "string"}}, "example": {"tag": "x", "tga": "y"}},
    {"properties": {"list": {"type": "array", "example": [{"a": 1}, {"A": 1}], "items": {"properties": {"a": {}}}}}},
    # what is left without it fits only without the example
    {"properties": {"a": {"type": "string"}}, "minProperties": 1, "example": {"A": "slip"}},
    # an example of the whole that contradicts its parts
    {"example": {"a": "one"}, "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    # overlapping branches: only what is required tells them apart
    {"oneOf": [{"properties": {"a": {}, "b": {}}, "required": [key]} for key in "ab"]},
]  # fmt: skip


@pytest.mark.parametrize("schema", SLIPS, ids=str)
def test_a_sample_has_nothing_that_explain_would_refuse(schema: Any) -> None:
    assert explain(schema, sample(schema)) == []
    assert explain(schema, complete(schema, {})) == []


def test_keys_that_were_given_stay_and_other_unknown_ones_go() -> None:
    given = {"unknown": 1, "list": [{"A": 2}]}
    schema = {
        "example": {"list": [], "slip": 1},
        "properties": {"list": {"type": "array", "items": {"properties": {"a": {"type": "integer"}}}}},
    }
    assert complete(schema, given) == {"unknown": 1, "list": [{"A": 2, "a": 1}]}


def test_what_can_not_be_made_is_left_out_and_nothing_else() -> None:
    same = {"oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "string"}}}]}
    data = {"properties": {"data": same, "must": same, "id": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"list": {"type": "array", "items": data}, "n": {"type": "integer"}}}
    assert sample(schema) == {"list": [{"id": 1}, {"id": 2}], "n": 1}
    assert complete(schema, {"list": [{}]}) == {"list": [{"id": 1}], "n": 1}
    needed = {"properties": {"one": {"properties": {"data": same}, "required": ["data"]}, "n": {"type": "integer"}}}
    assert sample(needed) == {"n": 1}
    assert complete(needed, {"one": {"data": {}}})["one"]["data"].keys() == {"a"}


@pytest.mark.parametrize("odd", [{1, 2}, datetime(2026, 1, 2), (1, "x"), "\ud800", float("nan")])
def test_what_is_given_and_no_json_stays(odd: Any) -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    assert complete(schema, {"a": odd}) == {"a": odd, "b": 1}


def test_where_nothing_fits_the_likeliest_value_comes_back() -> None:
    twice = {"oneOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": 1}}}]}
    assert sample(twice) == {"a": 1}
    assert explain(twice, sample(twice)) != []


def test_a_sample_compiles_the_whole_and_not_each_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    branches = [
        {"type": "object", "properties": {f"k{at}": {"type": "integer"}}, "required": [f"k{at}"]} for at in range(99)
    ]
    schema = {"properties": {f"p{at}": {"anyOf": [{"type": "null"}, branch]} for at, branch in enumerate(branches)}}
    compiled: list[Any] = []
    compile_ = Validator.compiled
    monkeypatch.setattr(Validator, "compiled", lambda self: compiled.append(self.schema) or compile_(self))  # type: ignore[func-returns-value]  # None, then the real one
    assert sample(schema)["p98"] == {"k98": 1}
    assert all(one is schema for one in compiled)


TAGGED = {
    "oneOf": [
        {"type": "object", "properties": {"type": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["type", "lives"]},  # noqa: E501  a row a line
        {"type": "object", "properties": {"type": {"const": "dog"}, "tail": {"type": "boolean"}}, "required": ["type", "tail"]},  # noqa: E501  a row a line
        {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}},
    ]
}  # fmt: skip


@pytest.mark.parametrize(
    ("partial", "expected"),
    [
        ({}, {"type": "cat", "lives": 1}), ({"type": "dog"}, {"type": "dog", "tail": False}),
        ({"tail": True}, {"type": "dog", "tail": True}), ([{}], [{"n": 1}]),
    ],
)  # fmt: skip
def test_a_union_takes_the_branch_of_what_is_given(partial: Any, expected: Any) -> None:
    made = complete(TAGGED, partial)
    assert Validator(TAGGED).is_valid(made)
    if "tail" not in partial:
        assert made == expected


@pytest.mark.parametrize("form", formats.FORMATS, ids=lambda form: form.name)
def test_a_sample_of_a_format_has_it(form: Any) -> None:
    for name in ("", "id", "email", "note"):
        made = sample({"type": "object", "properties": {name: {"type": "string", "format": form.name}}}, seed=name)
        assert formats.has_format(made[name], form.name)


def test_numbers_that_names_promise() -> None:
    assert amount("year", 0, whole=True) == 2026
    assert amount("lat", 0, whole=False) == 38.72
    assert amount("", 0, whole=False) == 9.5


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z]+$", "^[A-Za-z0-9_-]{22}$", "^(?P<year>\\d{4})-\\d\\d$", "^(?<a>x|y)z*$", "a{2}", "^[^a-z]{2,}$", "^\\x41\\u0042$",  # noqa: E501  a row a line
        "^[\\w.-]+\\.[a-z]{2,4}$", "^.+?$", "^\\S+\\s\\D\\W$", "^$", "^[+-]?\\d+(\\.\\d+)?$", "^(ab|cd){2}\\t?$", "^[]a]$",  # noqa: E501  a row a line
        "^a{,3}$",
    ],
)  # fmt: skip
@pytest.mark.parametrize("extra", [0, 1, 5])
def test_texts_for_patterns(pattern: Any, extra: Any) -> None:
    text = text_for(pattern, 0, extra)
    assert text is None or Validator({"pattern": pattern}).is_valid(text)
    assert text is not None or pattern in {"^[]a]$", "^a{,3}$"}


@pytest.mark.parametrize("pattern", ["^[a-zA-Z]((?!--|__|..)[a-zA-Z0-9-_.])+$", "^(?=a)a(?<=a)b(?<!a)$"])
def test_what_looks_around_is_fulfilled_where_the_plain_text_does_so(pattern: str) -> None:
    text = text_for(pattern)
    assert text is not None
    assert re.search(pattern, text)
    assert Validator({"pattern": "^[a-zA-Z]+$"}).is_valid(sample({"type": "string", "pattern": pattern}))


@pytest.mark.parametrize(
    "pattern", ["(?=a)b", "(?=a", "(?#a)", "\\p{L}", "(a)\\1", "(", "[a", "a{2", "^a$b", "[^\\w\\W]", "\\", "(?P<n"]
)
def test_patterns_that_are_not_known_give_nothing_or_a_match(pattern: Any) -> None:
    text = text_for(pattern)
    assert text is None or pattern == "a{2"


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-99, 99), st.floats(-9, 9), st.sampled_from(["a", "open", "2026-01-02"])
)
bodies = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "type", "name", "1", "2", "x"]), inner, max_size=4),
    ),
    max_leaves=10,
)
pets = st.lists(
    st.one_of(
        st.fixed_dictionaries({"type": st.just("cat"), "lives": st.integers()}, optional={"owner": bodies}),
        st.fixed_dictionaries({"type": st.just("dog"), "tail": st.booleans()}, optional={"owner": bodies}),
    ),
    min_size=1,
    max_size=8,
)
EAGER = Policy(enum_n=1, enum_unseen=2.0, format_n=1, union_branch=1, tuple_n=1, map_after=1)


def pruned(value: Any, data: st.DataObject) -> Any:
    """A part of a value: keys left out of objects, here and there."""
    if isinstance(value, dict):
        return {key: pruned(inner, data) for key, inner in value.items() if data.draw(st.booleans())}
    return [pruned(item, data) for item in value] if isinstance(value, list) else value


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(bodies, pets), max_size=5), st.sampled_from([Policy(), EAGER]), st.data())
def test_samples_of_learned_schemas_fit_and_say_nothing_unseen(values: Any, policy: Any, data: Any) -> None:
    shape = derive(learn(values), policy)
    schema = to_schema(shape)
    assert [mismatch for mismatch in explain(schema, sample(schema)) if mismatch.level == "violation"] == []
    # A union's tag that was left out may not tell the branch any more, and the rest may fit no other: that is the
    # partial's own contradiction. Without unions, whatever part of a valid value is given, the whole is valid.
    if values and policy is not EAGER:
        value = data.draw(st.sampled_from(values))
        assert Validator(schema).is_valid(complete(schema, value))
        partial = pruned(value, data)
        assert Validator(schema).is_valid(complete(schema, partial))
