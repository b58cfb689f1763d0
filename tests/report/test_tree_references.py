"""Schemas that name one another: drawn in time, and each once."""

from __future__ import annotations

from typing import Any

from lookalike.contract.openapi import Document
from lookalike.report.tree import Tree

N = 12


def rows(schemas: dict[str, Any], root: dict[str, Any]) -> list[tuple[str, str]]:
    document = Document(
        {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": schemas}},
        "t.yaml",
    )
    tree = Tree(document, learned=False)
    return [(row.name.lstrip("│├└─ "), row.kind) for row in tree.rows("200", root, "#/x")]


def test_schemas_that_all_name_one_another_are_drawn_once_each() -> None:
    refs = {f"k{n}": {"$ref": f"#/components/schemas/S{n}"} for n in range(N)}
    schemas = {f"S{n}": {"type": "object", "properties": refs} for n in range(N)}
    found = rows(schemas, {"$ref": "#/components/schemas/S0"})
    assert len(found) < 2 * N * N
    assert ("k11", "object, see S11") in found


def test_what_a_second_reference_leads_to_is_named() -> None:
    schemas = {"Person": {"type": "object", "properties": {"name": {"type": "string"}}}}
    person = {"$ref": "#/components/schemas/Person"}
    root = {"type": "object", "properties": {"author": person, "editors": {"type": "array", "items": person}}}
    assert rows(schemas, root) == [
        ("200", "object"),
        ("author", "object"),
        ("name", "string"),
        ("editors", "array of object, see Person"),
    ]


def test_references_are_followed_twice_and_no_further() -> None:
    schemas = {
        f"S{n}": {"type": "object", "properties": {f"to{n + 1}": {"$ref": f"#/components/schemas/S{n + 1}"}}}
        for n in range(5)
    } | {"S5": {"type": "string"}}
    found = rows(schemas, {"type": "object", "properties": {"to0": {"$ref": "#/components/schemas/S0"}}})
    assert found == [("200", "object"), ("to0", "object"), ("to1", "object"), ("to2", "object, see S2")]


def test_a_schema_that_is_a_part_of_itself_ends() -> None:
    itself = {"$ref": "#/components/schemas/A"}
    schemas = {"A": {"type": "object", "allOf": [itself], "properties": {"b": {"type": "string"}}}}
    assert rows(schemas, itself) == [("200", "object"), ("b", "string")]
