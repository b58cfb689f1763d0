"""Parameters decoded by their style (OpenAPI 3.1, section 4.8.12)."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from lookalike.contract.requests import form_value, path_values
from lookalike.contract.values import decode_parameter, deep_object, exploded_object, scalar, types_of
from lookalike.messages import MultiDict

INTEGERS = {"type": "array", "items": {"type": "integer"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "on": {"type": "boolean"}}}
DEFS = {"$defs": {"N": {"type": "integer"}, "L": INTEGERS, "P": POINT}}


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        ("1", {"type": "integer"}, 1),
        ("-0", {"type": "integer"}, 0),
        ("007", {"type": "integer"}, "007"),
        ("1.0", {"type": "integer"}, "1.0"),
        ("1.5", {"type": "number"}, 1.5),
        ("1e3", {"type": "number"}, 1000.0),
        ("x", {"type": "number"}, "x"),
        ("true", {"type": "boolean"}, True),
        ("True", {"type": "boolean"}, "True"),
        ("null", {"type": ["integer", "null"]}, None),
        ("", {"type": ["integer", "null"]}, None),
        ("1", {"type": ["integer", "string"]}, "1"),
        ("1", {}, "1"),
        ("1", True, "1"),
        ("1", {"enum": [1, 2]}, 1),
        ("1", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ("1", {"$ref": "#/$defs/N", **DEFS}, 1),
        ("1", {"$ref": "#/$defs/Nowhere"}, "1"),
    ],
)
def test_scalars(text: str, schema: Any, expected: Any) -> None:
    assert scalar(text, schema) == expected


@pytest.mark.parametrize(
    ("values", "schema", "style", "explode", "expected"),
    [
        (["1", "2"], INTEGERS, "form", True, [1, 2]),
        (["1,2"], INTEGERS, "form", False, [1, 2]),
        (["1,2"], INTEGERS, "simple", False, [1, 2]),
        (["1 2"], INTEGERS, "spaceDelimited", False, [1, 2]),
        (["1|2", "3"], INTEGERS, "pipeDelimited", False, [1, 2, 3]),
        ([""], INTEGERS, "form", False, []),
        (["1", "x"], INTEGERS, "form", True, [1, "x"]),
        (["1"], {"$ref": "#/$defs/L", **DEFS}, "form", True, [1]),
        (["1"], {"type": "array"}, "form", True, ["1"]),
        (["1"], {"type": "array", "items": {"$ref": "#/$defs/N"}, **DEFS}, "form", True, [1]),
        (["1", "2"], {"anyOf": [{"type": "null"}, INTEGERS]}, "form", True, [1, 2]),
        # one value where a list or a text may stand is the text
        (["a"], {"type": ["array", "string"]}, "form", True, "a"),
        (["a,b"], {"type": ["array", "string"]}, "simple", False, ["a", "b"]),
        (["x,1,on,true"], POINT, "simple", False, {"x": 1, "on": True}),
        (["x=1,on=true"], POINT, "simple", True, {"x": 1, "on": True}),
        (["x,1,on"], POINT, "simple", False, "x,1,on"),
        (["x,1"], {"$ref": "#/$defs/P", **DEFS}, "simple", False, {"x": 1}),
        (["x,1"], {"allOf": [POINT]}, "simple", False, {"x": 1}),
        (["7"], {"type": "integer"}, "simple", False, 7),
    ],
)
def test_styles(values: list[str], schema: Any, style: str, explode: bool, expected: Any) -> None:
    assert decode_parameter(values, schema, style=style, explode=explode) == expected


NESTED = {"properties": {"a": {"properties": {"b": {"type": "integer"}}}, "n": {"type": "integer"}, "l": INTEGERS}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([("f[n]", "1")], {"n": 1}),
        ([("f[a][b]", "1"), ("f[n]", "2")], {"a": {"b": 1}, "n": 2}),
        ([("f[unknown]", "1")], {"unknown": "1"}),
        ([("f[n]", "1"), ("f[n][b]", "1")], {"n": 1}),
        ([("f[]", "x")], {"": ["x"]}),
        ([("f[]", "x"), ("f[][b]", "y")], {"": ["x"]}),
        ([("f[][b]", "y"), ("f[]", "x")], {"": {"b": "y"}}),
        ([("f[l][]", "1"), ("f[l][]", "2")], {"l": [1, 2]}),
        ([("f[l][1]", "1"), ("f[l][0]", "2")], {"l": [2, 1]}),
        ([("f[n][0]", "1")], {"n": {"0": "1"}}),
        ([("f" + "[a]" * 65, "1")], None),
        ([("f" + "[l]" * 64, "1")], {"l": ANY}),
        ([("f[broken", "1")], None),
        ([("f", "1")], None),
        ([("g[n]", "1")], None),
    ],
)
def test_deep_objects(query: list[tuple[str, str]], expected: Any) -> None:
    assert deep_object(MultiDict(query), "f", NESTED) == expected


PRICED = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"price": {"type": "string"}, "quantity": {"type": "integer"}, "at": INTEGERS},
    },
}
CHOICE = {"anyOf": [PRICED, {"type": "string", "enum": [""]}]}


@pytest.mark.parametrize("schema", [PRICED, CHOICE, {"$ref": "#/$defs/I", "$defs": {"I": CHOICE}}])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([("f[0][price]", "p"), ("f[0][quantity]", "2")], [{"price": "p", "quantity": 2}]),
        # positions are numbers: the tenth comes after the second
        ([(f"f[{at}][quantity]", f"{at}") for at in range(12)], [{"quantity": at} for at in range(12)]),
        ([("f[3][price]", "q"), ("f[1][price]", "p")], [{"price": "p"}, {"price": "q"}]),
        ([("f[0][at][0]", "1"), ("f[0][at][1]", "2")], [{"at": [1, 2]}]),
        ([("f[0][at][]", "1"), ("f[0][at][]", "x")], [{"at": [1, "x"]}]),
        ([("f[][price]", "p"), ("f[][quantity]", "2")], [{"price": "p", "quantity": 2}]),
        # a name among the positions, and what is no position, leave an object
        ([("f[0]", "x"), ("f[price]", "p")], {"0": "x", "price": "p"}),
        ([("f[price]", "p")], {"price": "p"}),
        ([("f[²]", "x")], {"²": "x"}),
        ([("f[" + "9" * 5000 + "]", "x")], {"9" * 5000: "x"}),
    ],
)
def test_positions_in_brackets_are_a_list(schema: Any, query: list[tuple[str, str]], expected: Any) -> None:
    assert deep_object(MultiDict(query), "f", schema) == expected


def test_an_exploded_object_is_spread_over_parameters() -> None:
    assert exploded_object(MultiDict([("x", "1"), ("other", "2")]), POINT) == {"x": 1}
    assert exploded_object(MultiDict([("x", "1")]), True) == {}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"string"}),
        ({"properties": {}}, {"object"}),
        ({"enum": ["a", 1, None]}, {"string", "integer", "null"}),
        ({"allOf": [{"type": "string"}, {}]}, {"string"}),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, set()),
        (True, set()),
    ],
)
def test_kinds(schema: Any, expected: set[str]) -> None:
    assert types_of(schema) == expected


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/a/{id}", "/a/7", {"id": "7"}),
        ("/a/{id}.json", "/a/7.json", {"id": "7"}),
        ("/c/{base}...{head}", "/c/main...dev", {"base": "main", "head": "dev"}),
        ("/f/{path}", "/f/lib/x.py", {"path": "lib/x.py"}),
        ("/a/{id}/b", "/a/x%20y/b", {"id": "x y"}),
        ("/a/{id}", "/a/{id}", {}),
        ("/a/{id}", "/a", {}),
    ],
)
def test_values_of_a_path(template: str, path: str, expected: dict[str, str]) -> None:
    assert path_values(template, path) == expected


@pytest.mark.parametrize(
    ("pairs", "schema", "expected"),
    [
        ([("n", "1")], {"properties": {"n": {"$ref": "#/$defs/N"}}, **DEFS}, {"n": 1}),
        ([("l", "1")], {"properties": {"l": INTEGERS}}, {"l": [1]}),
        ([("l", "1"), ("l", "2")], {"properties": {"l": INTEGERS}}, {"l": [1, 2]}),
        ([("m[a]", "1"), ("m[b]", "2")], {}, {"m": {"a": "1", "b": "2"}}),
        ([("l[]", "1"), ("l[]", "2")], True, {"l": ["1", "2"]}),
        ([("l[]", "1"), ("l[]", "2")], {"properties": {"l": INTEGERS}}, {"l": [1, 2]}),
        ([("l[0]", "1"), ("l[1]", "2")], {"properties": {"l": INTEGERS}}, {"l": [1, 2]}),
        ([("l[0]", "1")], {"properties": {"l": {"$ref": "#/$defs/L"}}, **DEFS}, {"l": [1]}),
        ([("m[0]", "1")], {"properties": {"m": {"type": "object"}}}, {"m": {"0": "1"}}),
        ([("l[0", "1"), ("l[0", "2")], {}, {"l[0": "1"}),
    ],
)
def test_forms(pairs: list[tuple[str, str]], schema: Any, expected: Any) -> None:
    assert form_value(MultiDict(pairs), schema) == expected
