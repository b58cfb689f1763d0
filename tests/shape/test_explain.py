"""Explanations: places, expected and got in words, evidence, slips, unions, references, and values of any depth."""

import time
from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.shape.describe import either, got, nearest, place
from lookalike.shape.explain import explain
from lookalike.shape.learn import learn
from lookalike.shape.policy import derive
from lookalike.shape.schema import Validator, to_schema, too_deep


def todo(index: int, **changes: Any) -> dict[str, Any]:
    return {"userId": 1, "id": index, "title": "quis ut nam", "completed": index % 2 == 0, **changes}


SHAPE = derive(learn([[todo(index) for index in range(200)]], targets=["/todos"], day="2026-11-20"))
TODOS = Validator(to_schema(SHAPE))
SEEN = "in all 200 values seen, in 1 response, on 2026-11-20"
PRESENT = "present in all 200 objects seen, in 1 response, on 2026-11-20"
ABSENT = "in none of the 200 objects seen, in 1 response, on 2026-11-20"


def without(key: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in todo(1).items() if name != key} | more


# ruff: noqa: ISC004  the tables below break one long expected line into two strings; their commas are seen to by the tests
@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ([todo(1)], []),
        ([], []),
        ([todo(1, completed="no")], [f'json[0].completed: expected a boolean, got "no" (boolean {SEEN})']),
        ([todo(1, id=None)], [f"json[0].id: expected an integer, got null (integer {SEEN})"]),
        ([todo(1, id={}, title=[1])], [
            f"json[0].id: expected an integer, got an empty object (integer {SEEN})",
            f"json[0].title: expected a string, got an array of 1 item (string {SEEN})",
        ]),
        ([todo(0), without("title")], [f"json[1].title: expected a string, got missing ({PRESENT})"]),
        ([without("completed", complete=True)], [
            f'json[0].complete: expected the key "completed" (a boolean), got the key "complete" ({PRESENT});'
            ' did you mean "completed"?',
        ]),
        ([without("userId", user_id=1)], [
            f'json[0].user_id: expected the key "userId" (an integer), got the key "user_id" ({PRESENT});'
            ' did you mean "userId"?',
        ]),
        ([todo(1, priority=1)], [
            f'json[0].priority: expected a known key (completed, id, title, userId), got the key "priority" ({ABSENT})',
        ]),
    ],
)  # fmt: skip
def test_a_learned_contract_explains_with_its_evidence(value: Any, lines: Any) -> None:
    found = explain(TODOS, value, shape=SHAPE)
    assert [str(mismatch) for mismatch in found] == lines
    assert {mismatch.level for mismatch in found} <= {"violation"}


def test_what_contradicts_an_assumed_statement_is_a_warning() -> None:
    shape = derive(learn([{"id": 1, "name": None}, {"id": 2, "name": "x"}]))
    found = explain(to_schema(shape), {"id": "1", "name": 3, "nmae": 1}, shape=shape)
    assert [(mismatch.where, mismatch.level, mismatch.evidence) for mismatch in found] == [
        ("json.id", "warning", "integer in all 2 values seen, in 2 responses"),
        ("json.name", "warning", "null in 1, string in 1 of the 2 values seen, in 2 responses"),
        ("json.nmae", "warning", "in none of the 2 objects seen, in 2 responses"),
    ]
    once = derive(learn([{"id": 1}], day="2026-01-01") + learn([], day="2026-01-02"))
    assert [mismatch.evidence for mismatch in explain(to_schema(once), {"x": 1}, shape=once)] == [
        "present in the only object seen, in 1 response, on 2026-01-01",
        "not in the only object seen, in 1 response, on 2026-01-01",
    ]


def test_days_from_first_to_last() -> None:
    shape = derive(learn([1], day="2026-01-01") + learn([2], day="2026-02-01"))
    [mismatch] = explain(to_schema(shape), "x", shape=shape, root="body")
    assert mismatch.where == "body"
    assert mismatch.evidence == "integer in all 2 values seen, in 2 responses, from 2026-01-01 to 2026-02-01"


def test_what_a_person_wrote_into_the_document_carries_no_evidence_against_it() -> None:
    edited = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["x"]}}
    found = explain(edited, [{"id": 1}], shape=SHAPE)
    assert [(mismatch.where, mismatch.evidence, mismatch.level) for mismatch in found] == [
        ("json[0].id", "", "violation"), ("json[0].x", "", "violation"),
    ]  # fmt: skip


STRINGS = derive(
    learn([{"at": "2026-01-02T03:04:05Z", "state": ["open", "closed"][i % 2], "hex": "c0ffee"} for i in range(40)])
)


def test_learned_formats_and_enums_are_looked_at() -> None:
    value = {"at": "yesterday", "state": "opne", "hex": "xyz"}
    found = explain(to_schema(STRINGS), value, shape=STRINGS)
    assert [(mismatch.where, mismatch.expected, mismatch.level, mismatch.hint) for mismatch in found] == [
        ("json.at", "a date-time (RFC 3339)", "violation", ""),
        ("json.hex", "hexadecimal digits", "warning", ""),
        ("json.state", 'one of "closed", "open"', "warning", 'did you mean "open"?'),
    ]
    assert "in all 40 strings seen" in found[0].evidence
    assert explain(to_schema(STRINGS), value) == []
    plain = {"type": "object", "properties": {"at": {"type": "string"}, "state": {}, "hex": {}}}
    assert explain(plain, value, shape=STRINGS) == []


CAT, DOG = {"type": "cat", "lives": 9}, {"type": "dog", "tail": True}
PETS = derive(learn([[CAT, DOG] * 20]))


@pytest.mark.parametrize(
    ("value", "places"),
    [
        (CAT, []), (DOG, []),
        ({"type": "cow", "horns": 2}, []),  # unions of responses stay open
        ({"type": "cat", "lives": "nine"}, ["json[0].lives"]),
        ({"type": "cat", "lives": 9, "tail": True}, ["json[0].tail"]),
        ({"type": "dog"}, ["json[0].tail"]),
        (3, ["json[0]"]),
    ],
)  # fmt: skip
def test_a_learned_union_explains_the_branch_of_the_tag(value: Any, places: Any) -> None:
    assert [mismatch.where for mismatch in explain(to_schema(PETS), [value], shape=PETS)] == places


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


S, I, N = {"type": "string"}, {"type": "integer"}, {"type": "null"}  # noqa: E741  the kinds' first letters


@pytest.mark.parametrize(
    ("schema", "value", "lines"),
    [
        ({"type": ["integer", "null"]}, "x", ['json: expected an integer or null, got "x"']),
        ({"const": 3}, 4, ["json: expected 3, got 4"]),
        ({"enum": ["a", "b"]}, "c", ['json: expected one of "a", "b", got "c"']),
        ({"enum": list(range(20))}, -1, ["json: expected one of 0, 1, 2, 3, 4, 5, 6, 7 and 12 more, got -1"]),
        ({"minimum": 3}, 2, ["json: expected at least 3, got 2"]),
        ({"maximum": 3}, 4, ["json: expected at most 3, got 4"]),
        ({"exclusiveMinimum": 3}, 3, ["json: expected more than 3, got 3"]),
        ({"exclusiveMaximum": 3}, 3, ["json: expected less than 3, got 3"]),
        ({"multipleOf": 2}, 3, ["json: expected a multiple of 2, got 3"]),
        ({"minLength": 1}, "", ['json: expected at least 1 character, got ""']),
        ({"maxLength": 2}, "abc", ['json: expected at most 2 characters, got "abc"']),
        ({"pattern": "^a"}, "b", ['json: expected text that matches ^a, got "b"']),
        ({"minItems": 2}, [1], ["json: expected at least 2 items, got an array of 1 item"]),
        ({"maxItems": 1}, [1, 2], ["json: expected at most 1 item, got an array of 2 items"]),
        ({"uniqueItems": True}, [1, 1], ["json: expected items that all differ, got an array of 2 items"]),
        ({"contains": S}, [1], ["json: expected an item of the kind that the schema asks for, got an array of 1 item"]),
        ({"minProperties": 1}, {}, ["json: expected an object of at least 1 keys, got an empty object"]),
        ({"maxProperties": 0}, {"a": 1}, ["json: expected an object of at most 0 keys, got an object"]),
        ({"not": {"type": "string"}}, "x", ['json: expected anything but {"type": "string"}, got "x"']),
        (False, 1, ["json: expected nothing, got 1"]),
        ({"prefixItems": [S], "items": False}, ["a", 2], ["json[1]: expected nothing, got 2"]),
        ({"prefixItems": [S], "unevaluatedItems": False}, ["a", 2],
         ["json: expected no further items, got an array of 2 items"]),
        ({"oneOf": [S, N]}, 3, ["json: expected a string or null, got 3"]),
        ({"anyOf": [S, {"const": 7}]}, 3, ["json: expected a string or 7, got 3"]),
        ({"oneOf": [I, {"type": "number"}]}, 1,
         ["json: expected a value that fits exactly one of the forms, not several, got 1"]),
        ({"oneOf": [obj(a=S, b=S), obj(c=S, d=S, e=S)]}, {"a": 1, "b": "x"}, ["json.a: expected a string, got 1"]),
        ({"anyOf": [obj(t={"const": "x"}), obj(t={"enum": ["y", "z"]}), N]}, {"t": "w"},
         ['json.t: expected one of "x", "y", "z", got "w"']),
        ({"anyOf": [obj(t={"const": "x"}, n=S), obj(t={"const": "y"})]}, {"t": "x"}, ["json.n: expected a string, got missing"]),  # noqa: E501  a row a line
        ({"allOf": [obj(a=S), obj(b=I)]}, {"a": "x", "b": 1}, []),
        ({"allOf": [obj(a=S), obj(b=I)]}, {"a": "x", "b": 1, "c": 2},
         ['json.c: expected a known key (a, b), got the key "c"']),
        ({**obj(name=S), "additionalProperties": False}, {"nmae": "x"},
         ['json.nmae: expected the key "name" (a string), got the key "nmae"; did you mean "name"?']),
        ({**obj(name=S), "additionalProperties": False}, {"name": "x", "age": 3},
         ["json.age: expected no such key, got 3"]),
        ({"properties": {"name": S}, "additionalProperties": False}, {"nam": "x"},
         ['json.nam: expected no such key, got "x"; did you mean "name"?']),
        ({"properties": {"a": S}, "unevaluatedProperties": False}, {"b": 1}, ["json.b: expected no such key, got 1"]),
        ({**obj(a=S), "additionalProperties": True}, {"a": "x", "b": 1}, []),
        ({**obj(a=S), "additionalProperties": I}, {"a": "x", "b": 1}, []),
        ({**obj(a=S), "patternProperties": {"^x-": {}}}, {"a": "x", "x-b": 1}, []),
        ({**obj(a=S), "patternProperties": {"[": {}}}, {"a": "x"}, UsageError),
        ({"type": "object"}, {"whatever": 1}, []),
        ({"additionalProperties": S}, {"k": 1}, ["json.k: expected a string, got 1"]),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, ['json: expected other keys ("b" does not match "^a"), got an object']),  # noqa: E501  a row a line
        ({"dependentRequired": {"a": ["b"]}, "properties": {"a": {}}}, {"a": 1}, ["json.b: expected any value, got missing"]),  # noqa: E501  a row a line
        ({"if": {"properties": {"k": {"const": 1}}}, "then": obj(k=I, a=S), "else": obj(k=I)}, {"k": 1, "a": "x"}, []),
        ({"if": {"properties": {"k": {"const": 1}}}, "then": obj(k=I, a=S), "else": obj(k=I)}, {"k": 2, "a": "x"},
         ['json.a: expected a known key (k), got the key "a"']),
        ({"properties": {"k": I}, "dependentSchemas": {"k": obj(l=I)}}, {"k": 1, "l": 2}, []),
        ({"type": "strin"}, 1, UsageError), ({"$ref": "#/nowhere"}, 1, UsageError), ({"pattern": "("}, 1, UsageError),
        ({"$ref": "https://example.com/schema.json"}, 1, UsageError), ({"enum": [object()]}, 1, UsageError),
    ],
)  # fmt: skip
def test_schemas_of_others(schema: Any, value: Any, lines: Any) -> None:
    if lines is UsageError:
        with pytest.raises(UsageError, match=r"this (JSON Schema|schema) can't be"):
            explain(schema, value)
    else:
        assert [str(mismatch) for mismatch in explain(schema, value)] == lines


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {"/": {"get": {"responses": {200: {"description": "a key that is a number, as YAML has it"}}}}},
    "components": {
        "schemas": {
            "Node": {"type": "object", "properties": {"ok": {"type": "boolean"}, "next": {"$ref": "#/components/schemas/Node"}},  # noqa: E501  a row a line
                     "required": ["ok"]},
            "Named": {"allOf": [{"$ref": "#/components/schemas/Node"}, {"properties": {"name": S}}]},
            "a/b~c": {"type": "integer"},
            "Loop": {"$ref": "#/components/schemas/Loop"},
        }
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "value", "lines"),
    [
        ("Node", {"ok": True, "next": {"ok": False}}, []),
        ("Node", {"ok": True, "next": {"okay": 1}}, [
            "json.next.ok: expected a boolean, got missing",
            'json.next.okay: expected a known key (next, ok), got the key "okay"',
        ]),
        ("Named", {"ok": True, "name": "x", "nam": 1}, [
            'json.nam: expected a known key (name, next, ok), got the key "nam"; did you mean "name"?',
        ]),
        ("a~1b~0c", "x", ['json: expected an integer, got "x"']),
    ],
)  # fmt: skip
def test_references_point_into_the_document(schema: Any, value: Any, lines: Any) -> None:
    found = explain({"$ref": f"#/components/schemas/{schema}"}, value, document=DOCUMENT)
    assert [str(mismatch) for mismatch in found] == lines
    validator = Validator({"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}, DOCUMENT)
    assert [mismatch.where for mismatch in explain(validator, [value])] == [
        line.partition(":")[0].replace("json", "json[0]", 1) for line in lines
    ]


def test_references_in_circles_and_to_nothing_resolve_to_anything() -> None:
    validator = Validator({}, DOCUMENT)
    assert validator.resolve({"$ref": "#/components/schemas/Loop"}) == {}
    assert validator.resolve({"$ref": "#/components/schemas/None"}) == {}
    assert validator.resolve({"$ref": "other.yaml"}) == {}
    assert validator.target("#/components/schemas/Node/required/0") is None
    node = DOCUMENT["components"]["schemas"]["Node"]
    assert validator.resolve({"$ref": "#/components/schemas/Node", "title": "x"}) is node
    assert validator.resolve({"$ref": "#/components/schemas/Node", "minProperties": 1}) == {
        "minProperties": 1, "allOf": [node],
    }  # fmt: skip


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


ENDLESS = {"type": "array", "items": {"$ref": "#"}}


@pytest.mark.parametrize("schema", [ENDLESS, {"type": "array"}, {"type": "object"}, {}, {"enum": [1]}])
def test_a_value_that_is_nested_too_deep_is_one_clear_mismatch(schema: Any) -> None:
    assert [str(mismatch) for mismatch in explain(schema, nested(100_000))] == [
        "json: expected at most 1,000 levels of nesting, got more than that"
    ]
    assert Validator(ENDLESS).is_valid(nested(100_000)) is False


def test_what_is_nested_less_is_looked_at() -> None:
    assert explain(ENDLESS, nested(900)) == []
    assert Validator(ENDLESS).is_valid({"a": nested(300)}) is False
    assert too_deep({"a": nested(10)}, 5)
    assert not too_deep({"a": {1: nested(300)}})


@pytest.mark.parametrize("value", [object(), {1: 2}, "\ud800", b"x"])
def test_a_value_that_is_no_json(value: Any) -> None:
    [mismatch] = explain({"type": "object"}, value)
    assert mismatch.where == "json"
    assert mismatch.expected in {"JSON", "an object"}
    assert Validator({"type": "object"}).is_valid(value) is False


def test_a_long_list_that_is_all_wrong_gives_a_hundred_reasons() -> None:
    assert len(explain(TODOS, [{"id": "x"}] * 5000, shape=SHAPE)) == 100


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"), (True, "true"), (1.5, "1.5"), ("x", '"x"'), ({}, "an empty object"), ({"a": 1}, "an object"),
        ([], "an empty array"), ([1, 2], "an array of 2 items"), (object(), "a value of type object, which is no JSON"),
        ("é" * 100, '"' + "é" * 60 + '…"'), (10**90, "1" + "0" * 59 + "…"),
    ],
)  # fmt: skip
def test_values_in_words(value: Any, words: Any) -> None:
    assert got(value) == words


def test_credentials_are_never_shown() -> None:
    [mismatch] = explain({"properties": {"password": I}}, {"password": "hunter2"})
    assert "hunter2" not in str(mismatch)


@pytest.mark.parametrize(
    ("path", "text"),
    [((), "json"), (("a", 0, "b"), "json.a[0].b"), (("odd key", 'q"'), 'json["odd key"]["q\\""]'), ((0,), "json[0]")],
)
def test_places_in_words(path: Any, text: Any) -> None:
    assert place("json", path) == text


def test_lists_in_words_and_nearest_names() -> None:
    assert either(["a"]) == "a"
    assert either(["a", "b", "a", "c"]) == "a, b or c"
    assert nearest("complete", ["completed", "id"]) == "completed"
    assert nearest("USER-ID", ["userId"]) == "userId"
    assert nearest("xyz", ["completed"]) == ""
    assert nearest("_", ["-"]) == ""


def test_equal_schemas_are_compiled_once() -> None:
    first, second = (Validator({"type": "object", "properties": {"a": {"maxLength": 77}}}) for _ in range(2))
    assert first.compiled() is second.compiled()
    assert Validator({"type": "string"}, {"a": 1}).compiled() is Validator({"type": "string"}).compiled()


def test_time_is_not_wasted_on_long_valid_lists() -> None:
    """Not a measurement: a quadratic walk would take minutes."""
    before = time.monotonic()
    assert explain(TODOS, [todo(index) for index in range(20_000)], shape=SHAPE) == []
    assert time.monotonic() - before < 60


USER = obj(login=S, id=I, url=S, admin={"type": "boolean"})
EMPTY = {"type": "object", "properties": {}, "additionalProperties": False}
CUSTOMER = obj(id=S, object={"enum": ["customer"]}, created=I, livemode={"type": "boolean"})
CUSTOMER["properties"] = {**CUSTOMER["properties"], "email": S}
DELETED = obj(id=S, object={"enum": ["customer"]}, deleted={"enum": [True]})
CAT, DOG = obj(kind={"const": "cat"}, lives=I), obj(kind={"const": "dog"}, name=S, owner=S)


@pytest.mark.parametrize(
    ("branches", "value", "lines"),
    [
        # the branch that forbids every key is never nearer than the one that names them
        ([USER, EMPTY], {"login": 1, "url": "u"},
         ["json.admin: expected a boolean, got missing", "json.id: expected an integer, got missing",
          "json.login: expected a string, got 1"]),
        ([EMPTY, USER], {"login": "a", "id": 1, "url": "u", "admn": True},
         ['json.admn: expected the key "admin" (a boolean), got the key "admn"; did you mean "admin"?']),
        # one branch speaks, about missing, wrong and unknown keys alike
        ([CUSTOMER, DELETED], {"id": "c", "object": "customer", "email": "x"},
         ["json.created: expected an integer, got missing", "json.livemode: expected a boolean, got missing"]),
        ([CUSTOMER, DELETED], {"id": 3, "object": "customer", "deleted": True}, ["json.id: expected a string, got 3"]),
        ([CUSTOMER, DELETED], {"id": "c", "object": "customer", "deleted": False},
         ["json.deleted: expected true, got false"]),
        ([CUSTOMER, DELETED], {"id": 3, "object": "customer", "email": "x", "created": 1, "deleted": 0},
         ["json.deleted: expected a known key (created, email, id, livemode, object), got the key \"deleted\"",
          "json.id: expected a string, got 3", "json.livemode: expected a boolean, got missing"]),
        # a tag that another branch has decides, whatever the other keys are
        ([CAT, DOG], {"kind": "cat", "name": "x", "owner": "y"},
         ["json.lives: expected an integer, got missing",
          "json.name: expected a known key (kind, lives), got the key \"name\"",
          "json.owner: expected a known key (kind, lives), got the key \"owner\""]),
        ([S, obj(a=S, b=S), {"type": "null"}], {"a": 1, "b": "x"}, ["json.a: expected a string, got 1"]),
        ([False, {"additionalProperties": I}, obj(a=S)], {"b": "x"}, ["json.b: expected an integer, got \"x\""]),
        ([{"anyOf": [obj(a=S, b=S), obj(c=S)]}, obj(d=S, e=S)], {"a": "x", "b": 1},
         ["json.b: expected a string, got 1"]),
    ],
)  # fmt: skip
def test_one_nearest_branch_is_spoken_of(branches: list[Any], value: Any, lines: list[str]) -> None:
    for word in ("anyOf", "oneOf"):
        assert [str(one) for one in explain({word: branches}, value)] == lines
    inside = [line.replace("json", "json[0].of", 1) for line in lines]
    schema = {"items": {"properties": {"of": {"anyOf": branches}}}}
    assert [str(one) for one in explain(schema, [{"of": value}])] == inside


def test_choices_within_choices_have_an_end() -> None:
    schema: Any = obj(a=S)
    for _ in range(20):
        schema = {"anyOf": [schema, obj(b=S)]}
    assert [one.where for one in explain(schema, {"a": 1})] == ["json.a"]


def test_a_slip_beside_the_right_key_is_a_slip_all_the_same() -> None:
    schema = {"type": "object", "properties": {"completed": {}, "id": {}}, "required": ["completed"]}
    [found] = explain(schema, {"completed": True, "id": 1, "complted": True})
    assert (found.got, found.hint) == ('the key "complted"', 'did you mean "completed"?')
