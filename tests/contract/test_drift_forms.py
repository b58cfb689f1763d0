"""What a schema says of a place, whatever words it says it in."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.contract.compare_body import compare_body
from lookalike.contract.compare_column import Column
from lookalike.contract.compare_form import Form, form_of, kind_words, resolve

STRING = {"type": "string"}
ROOT = {"a/b": {"x y": [STRING]}, "~": {"type": "integer"}}


def column(*values: Any) -> Column:
    return Column([[value] for value in values])


@pytest.mark.parametrize(
    ("schema", "kinds", "nullable"),
    [
        ({"type": "string"}, {"string"}, False),
        ({"type": ["string", "null"]}, {"string"}, True),
        ({"type": "string", "nullable": True}, {"string"}, True),
        ({"enum": ["a", 1, None]}, {"string", "integer"}, True),
        ({"const": 1.5}, {"number"}, False),
        ({"properties": {"a": STRING}}, {"object"}, False),
        ({"required": ["a"]}, {"object"}, False),
        ({"anyOf": [STRING, {"type": "null"}]}, {"string"}, True),
        ({"oneOf": [STRING, {"type": "integer"}]}, {"string", "integer"}, False),
        ({"allOf": [{"type": ["string", "integer"]}, STRING]}, {"string"}, False),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, {"integer"}, False),
        ({"allOf": [STRING, {"type": "integer"}]}, set(), False),
        ({}, set(), True),
        (True, set(), True),
        (False, set(), False),
        ({"$ref": "#/$defs/Gone"}, set(), True),
        ({"$ref": "#"}, set(), True),
    ],
)
def test_types(schema: Any, kinds: set[str], nullable: bool) -> None:
    form = form_of(schema)
    assert (set(form.kinds), form.nullable, form.unknown) == (kinds, nullable, not kinds)


def test_keys_of_alternatives_are_read_together() -> None:
    one = {"type": "object", "properties": {"a": STRING, "b": STRING}, "required": ["a", "b"]}
    other = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    form = form_of({"anyOf": [one, other]})
    assert form.required == ("a",)
    assert form.fields["a"].form.kinds == {"string", "integer"}
    both = form_of({"allOf": [one, other]})
    assert both.required == ("a", "b")
    assert both.fields["a"].form.kinds == set()


def test_a_key_that_is_only_required_says_nothing_of_its_value() -> None:
    form = form_of({"type": "object", "required": ["a"]})
    assert form.fields["a"].form.unknown
    assert [one.kind for one in compare_body(form, column({"b": 1}))] == ["field-removed", "field-added"]
    assert compare_body(form, column({"a": [1]})) == []


def test_enums_of_alternatives() -> None:
    assert form_of({"anyOf": [{"enum": ["a"]}, {"const": "b"}, {"type": "null"}]}).enum == ("a", "b")
    assert form_of({"anyOf": [{"enum": ["a"]}, STRING]}).enum == ()
    assert form_of({"enum": [1, True]}).enum == (1, True)
    form = form_of({"enum": [1, 2]})
    assert [one.kind for one in compare_body(form, column(3))] == ["enum-value-added"]
    assert compare_body(form, column(1, 2)) == []


def test_items_of_alternatives_and_defaults() -> None:
    form = form_of(
        {"anyOf": [{"type": "array", "items": STRING, "default": []}, {"type": "array", "items": {"type": "integer"}}]}
    )
    assert form.items is not None
    assert form.items.kinds == {"string", "integer"}
    assert form.default == []
    assert form_of(STRING).items is None


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("#/a~1b/x%20y/0", STRING),
        ("#/~0", {"type": "integer"}),
        ("#/a~1b/x y/7", True),
        ("#/nothing/below", True),
        ("#/a~1b/x y/0/type/deeper", True),
    ],
)
def test_references(reference: str, found: Any) -> None:
    assert resolve(reference, ROOT) == found


def test_a_schema_that_refers_to_itself_without_end_says_nothing_in_the_end() -> None:
    root = {"$ref": "#/a", "a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}
    assert Form(root, root).unknown


def test_tags_need_values_of_their_own() -> None:
    def branch(value: str) -> dict[str, Any]:
        return {"type": "object", "properties": {"kind": {"enum": [value]}}, "required": ["kind"]}

    assert form_of({"oneOf": [branch("a"), branch("b")]}).tag == "kind"
    assert form_of({"oneOf": [branch("a"), branch("a")]}).tag == ""
    assert form_of({"oneOf": [branch("a")]}).tag == ""
    half_open = form_of({"oneOf": [branch("a"), branch("b"), {"type": "object", "properties": {"kind": STRING}}]})
    assert half_open.tag == "kind"
    assert compare_body(half_open, column({"kind": "c"})) == []
    closed = form_of({"oneOf": [branch("a"), branch("b")]})
    assert [one.kind for one in compare_body(closed, column({"kind": "c"}))] == ["union-branch-added"]


def test_formats_that_nothing_tests_are_left_alone() -> None:
    assert compare_body(form_of({"type": "string", "format": "made-up"}), column("x")) == []


def test_objects_without_named_keys_may_have_any() -> None:
    assert compare_body(form_of({"type": "object"}), column({"a": 1})) == []


def test_no_rename_without_a_reason() -> None:
    form = form_of({"type": "object", "properties": {"a": {}, "b": STRING}, "required": ["a", "b"]})
    # Of `a` nothing is known; `c` isn't always there, so it isn't what `b` was.
    found = compare_body(form, Column([[{"c": "x"}, {}]]))
    assert sorted(one.kind for one in found) == ["field-added", "field-removed"]


def test_a_key_that_moved_up_or_down() -> None:
    inner = {"type": "object", "properties": {"city": STRING, "zip": STRING}, "required": ["city", "zip"]}
    form = form_of({"type": "object", "properties": {"address": inner}, "required": ["address"]})
    (moved,) = compare_body(form, column({"address": {"zip": "1"}, "city": "x"}))
    assert (moved.kind, moved.places, moved.detail) == ("field-moved", ("json.address.city",), "json.city")
    (deeper,) = compare_body(form, column({"address": {"zip": "1", "place": {"in": {"city": "x"}}}}))
    assert (deeper.kind, deeper.places) == ("field-moved", ("json.address.city",))
    assert deeper.detail == "json.address.place.in.city"


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["string"], "string"),
        ([], "unknown"),
        (["integer", "string"], "integer or string"),
        (["a", "b", "c"], "a, b or c"),
    ],
)
def test_kinds_in_words(kinds: list[str], words: str) -> None:
    assert kind_words(kinds) == words
