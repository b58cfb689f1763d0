"""Whether a document's own examples contradict its schemas as an answer does: at one place, in one way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.messages import Response

NODE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "kind": {"enum": ["raw", "ext4"]},
        "owner": {"$ref": "#/components/schemas/Owner"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
OWNER: dict[str, Any] = {"type": "object", "required": ["login"], "properties": {"login": {"type": "string"}}}
FINE: dict[str, Any] = {"id": 1, "name": "a"}


def contract(
    schema: Any = None, *, shown: Any = None, owner: dict[str, Any] | None = None, node: dict[str, Any] | None = None
) -> Contract:
    """A document with `shown` beside the schema of a body."""
    media: dict[str, Any] = {"schema": schema or {"$ref": "#/components/schemas/Node"}}
    media |= {"examples": {"one": {"value": shown}}} if shown is not None else {}
    root = {
        "openapi": "3.1.0",
        "info": {"title": "Nodes", "version": "1"},
        "paths": {"/n": {"get": {"responses": {"200": {"description": "", "content": {"application/json": media}}}}}},
        "components": {"schemas": {"Node": {**NODE, **(node or {})}, "Owner": {**OWNER, **(owner or {})}}},
    }
    return Contract(Document(root, "nodes.json"))


def places(contract: Contract, value: Any) -> tuple[list[str], list[str]]:
    """(all places where a body is wrong, those where the document itself is)."""
    response = Response(200, [("content-type", "application/json")], orjson.dumps(value))
    found = contract.check_reply("GET", "/n", response)
    operation = contract.find("GET", "/n")
    assert operation is not None
    disputed = contract.disputed(operation, 200, value, found)
    return [one.where for one in found], [one.where for one in found if one in disputed]


@pytest.mark.parametrize(
    ("made", "value", "wrong"),
    [
        # Beside the schema of the body.
        (lambda: contract(shown={"id": "x", "name": "a"}), {"id": "y", "name": "a"}, ["json.id"]),
        (lambda: contract(shown={"id": None, "name": "a"}), {"id": "y", "name": "a"}, []),
        (lambda: contract(shown={"name": "a"}), {"name": "b"}, ["json.id"]),
        (lambda: contract(shown={"name": "a"}), {"id": None, "name": "b"}, []),
        (lambda: contract(shown={**FINE, "odd": 1}), {**FINE, "odd": 2}, ["json.odd"]),
        (lambda: contract(shown={**FINE, "odd": 1}), {**FINE, "other": 2}, []),
        (lambda: contract(shown={"id": 1, "name": "A-1"}), {"id": 1, "name": "B_2"}, ["json.name"]),
        (lambda: contract(shown={**FINE, "kind": "ext-4"}), {**FINE, "kind": "ext3"}, ["json.kind"]),
        (lambda: contract(shown={**FINE, "owner": {}}), {**FINE, "owner": {}}, ["json.owner.login"]),
        (lambda: contract(shown={**FINE, "owner": {}}), {**FINE, "owner": {"login": 1}}, []),
        (lambda: contract(shown=FINE), {"id": "y"}, []),
        # In the schema, and in those on the way to the place.
        (lambda: contract(node={"example": {"id": "x", "name": "a"}}), {"id": "y", "name": "a"}, ["json.id"]),
        (lambda: contract(owner={"examples": [{}, {"login": None}]}), {**FINE, "owner": {"login": None}},
         ["json.owner.login"]),
        (lambda: contract(owner={"example": {"login": None}}), {**FINE, "owner": {"login": 5}}, []),
        (lambda: contract({"type": "integer", "example": "1"}), "2", ["json"]),
        # Parts that a schema is made of.
        (lambda: contract({"allOf": [{"$ref": "#/components/schemas/Owner"}, {"properties": {"x": {}}}]},
                          owner={"example": {"login": 1}}), {"login": 2}, ["json.login"]),
        # Items of arrays, wherever they stand.
        (lambda: contract({"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                          shown=[FINE, {"id": "x", "name": "a"}]),
         [{"id": "y", "name": "a"}, FINE, {"id": "z", "name": "a"}], ["json[0].id", "json[2].id"]),
        (lambda: contract(shown={**FINE, "tags": ["a", 5]}), {**FINE, "tags": [7]}, ["json.tags[0]"]),
        (lambda: contract(shown={**FINE, "tags": ["a", 5]}), {**FINE, "tags": -7}, []),
        (lambda: contract(shown={**FINE, "id": [1]}), {**FINE, "id": [1, 2]}, ["json.id"]),
    ],
)  # fmt: skip
def test_the_document_contradicts_itself_at_the_same_place_in_the_same_way(
    made: Callable[[], Contract], value: Any, wrong: list[str]
) -> None:
    one = made()
    everything, disputed = places(one, value)
    assert everything, "the value fits, so that nothing is tried"
    assert disputed == wrong
    assert places(one, value)[1] == wrong


def test_what_is_no_body_and_what_is_only_doubted_is_not_disputed() -> None:
    one = contract({"type": "object", "properties": {"at": {"type": "string", "format": "date-time", "example": "x"}}},
                   shown={"at": "yesterday"})  # fmt: skip
    everything, disputed = places(one, {"at": "today"})
    assert (everything, disputed) == (["json.at"], [])
    operation = one.find("GET", "/n")
    assert operation is not None
    found = one.check_reply("GET", "/n", Response(201, [("content-type", "application/json")], b"{}"))
    assert [one.where for one in found] == ["status"]
    assert one.disputed(operation, 200, {}, found) == set()
    assert one.disputed(operation, 404, {}, found) == set()
