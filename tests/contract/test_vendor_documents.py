"""What real vendors' documents do: bracketed lists, slips in examples, odd statuses, streams of lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.double.mock import MockDouble
from lookalike.errors import ContractViolation, UsageError
from lookalike.messages import Request, Response

BASE = "https://api.test"
FORM = (("content-type", "application/x-www-form-urlencoded"),)
JSON = "application/json"


def contract(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> Contract:
    info = {"title": "Vendor", "version": "1"}
    root = {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas or {}}}
    return Contract(Document(root), base_url=BASE)


def answers(*statuses: str, body: tuple[str, ...] = ()) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for status in statuses:
        said[status] = {"description": "Fine."}
        if status in body:
            said[status]["content"] = {JSON: {"schema": {"type": "object"}}}
    return {"responses": said}


def body_of(schema: dict[str, Any], status: str = "200") -> dict[str, Any]:
    return {"responses": {status: {"description": "Fine.", "content": {JSON: {"schema": schema}}}}}


# -- requests ------------------------------------------------------------------------------------------------------

ITEM = {"type": "object", "properties": {"price": {"type": "string"}, "quantity": {"type": "integer"}}}
FIELDS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/item"}},
        "expand": {"type": "array", "items": {"type": "string", "maxLength": 20}},
        "metadata": {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"enum": [""]}]},
        "tax": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "string", "enum": [""]}]},
    },
}
QUERY = [
    {"name": "types", "in": "query", "style": "deepObject", "schema": {"type": "array", "items": {"type": "integer"}}},
    {"name": "ids", "in": "query", "required": True, "schema": {"type": "array", "items": {"type": "integer"}}},
    {"name": "created", "in": "query", "schema": {"type": "object", "properties": {"gt": {"type": "integer"}}}},
    {"name": "q", "in": "query", "schema": {"type": "string"}},
]
BILLING = contract(
    {
        "/v1/subscriptions": {
            "post": {
                **answers("200"),
                "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": FIELDS}}},
            },
            "get": {**answers("200"), "parameters": QUERY},
        }
    },
    {"item": ITEM},
)


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ("items[0][price]=p&items[0][quantity]=2&items[1][price]=q", []),
        ("items[][price]=p&expand[]=a&expand[]=b", []),
        ("expand[0]=a&expand[1]=b&metadata[0]=x&metadata[k]=y", []),
        ("tax[0]=1&metadata=", []),
        ("tax=", []),
        ("&".join(f"items[{at}][quantity]={at}" for at in range(12)), []),
        ("items[1][price]=p&items[0][quantity]=many", ["form.items[0].quantity"]),
        ("expand[a]=b", ["form.expand"]),
        ("expand[0]=a&expand[1]=" + "x" * 21, ["form.expand[1]"]),
        ("tax[0]=one", ["form.tax[0]"]),
        ("exapnd[0]=a", ["form.exapnd"]),
    ],
)
def test_lists_in_the_brackets_of_a_form(form: str, wrong: list[str]) -> None:
    request = Request("POST", f"{BASE}/v1/subscriptions", FORM, form.encode())
    assert [one.where for one in BILLING.check_request(request, "/v1/subscriptions")] == wrong


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("ids[0]=1&ids[1]=2&types[0]=3", []),
        ("ids=1&ids=2&types[]=3", []),
        ("ids[]=1&created[gt]=5", []),
        ("ids[0]=x", ["query ids[0]"]),
        ("ids=1&created[gt]=x", ["query created.gt"]),
        ("ids=1&types[a]=3", ["query types"]),
        # a text that is sent with brackets is another parameter to the server
        ("ids=1&q[a]=3", []),
        ("types[0]=1", ["query ids"]),
    ],
)
def test_lists_in_the_brackets_of_a_query(query: str, wrong: list[str]) -> None:
    request = Request("GET", f"{BASE}/v1/subscriptions?{query}")
    assert [one.where for one in BILLING.check_request(request, "/v1/subscriptions")] == wrong


# -- statuses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (answers("200", "404"), 200),
        (answers("201"), 201),
        (answers("200", "201", "204", body=("201",)), 200),
        (answers("2XX", "201"), 200),
        (answers("204", "201"), 201),
        (answers("202", "204", "201", body=("202",)), 202),
        (answers("204", "202"), 202),
        (answers("302"), 302),
        (answers("304", "307", "404"), 307),
        (answers("304"), 304),
        (answers("3XX"), 302),
        (answers("301", "default"), 301),
        (answers("default"), 200),
        (answers("401"), 200),
    ],
)
def test_the_status_that_no_test_says(operation: dict[str, Any], expected: int) -> None:
    made = contract({"/a": {"get": operation}})
    assert made.default_status("GET", "/a") == expected
    assert made.default_status("GET", "/b") == 200
    mock = MockDouble("vendor", BASE, contract=made)
    assert mock.get("/a").respond_like().replies[0].response is not None
    assert mock.failures == []


def test_a_document_that_lists_errors_only_does_not_say_what_success_is() -> None:
    made = contract({"/logs": {"get": answers("401")}})
    assert made.check_reply("GET", "/logs", Response(200)) == []
    [moved] = made.check_reply("GET", "/logs", Response(302))
    assert moved.where == "status"


# -- replies -------------------------------------------------------------------------------------------------------

LINKS = {"type": "object", "properties": {"first": {"type": "string"}}}
ODD: dict[str, dict[str, Any]] = {
    "an example with a slip": {
        "type": "object",
        "properties": {"images": {"type": "integer"}, "name": {"type": "string"}},
        "example": {"imgages": 1, "name": "awesome"},
    },
    "a branch that says nothing": {
        "type": "object",
        "properties": {"pages": {"anyOf": [LINKS, {}], "example": {"pages": {"first": "x"}}}},
    },
    "a pattern that looks ahead": {
        "type": "object",
        "required": ["label"],
        "properties": {"label": {"type": "string", "pattern": "^[a-zA-Z]((?!--|__|..)[a-zA-Z0-9-_.])+$"}},
    },
    "branches that overlap": {
        "type": "object",
        "properties": {
            "data": {
                "oneOf": [
                    {"type": "object", "properties": {"card": {"type": "string", "example": "1"}}},
                    {"type": "object", "properties": {"card": {"type": "integer"}, "email": {"type": "string"}}},
                ]
            }
        },
    },
}


@pytest.mark.parametrize("schema", ODD.values(), ids=ODD)
def test_respond_like_says_nothing_that_is_refused(schema: dict[str, Any]) -> None:
    mock = MockDouble("vendor", BASE, contract=contract({"/a": {"get": body_of(schema)}}))
    response = mock.get("/a").respond_like().replies[0].response
    assert response is not None
    assert response.json()


SAME = {"oneOf": [{"properties": {"card": {"type": "string"}}}, {"properties": {"card": {"type": "string"}}}]}
IMPOSSIBLE = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": SAME, "ok": {"type": "boolean"}, "list": {"type": "array", "items": {"type": "object"}}},
}


def test_what_can_not_be_made_up_is_asked_for() -> None:
    mock = MockDouble("vendor", BASE, contract=contract({"/a": {"get": body_of(IMPOSSIBLE)}}))
    says: list[dict[str, Any]] = [{}, {"json": {"ok": True}}, {"json": {}}]
    for said in says:
        with pytest.raises(UsageError, match=r"(?s)nothing can be made up here.*json\.data.*respond_like\(json="):
            mock.get("/a").respond_like(**said)
    assert mock.routes == ()
    mock.get("/a").respond_like(unchecked="the document contradicts itself")


@pytest.mark.parametrize("said", [{"data": {"card": "1"}}, {"data": {}}, {"ok": 1}, {"list": [1], "ok": True}, []])
def test_what_a_test_says_is_the_tests_own_contradiction(said: Any) -> None:
    mock = MockDouble("vendor", BASE, contract=contract({"/a": {"get": body_of(IMPOSSIBLE)}}))
    with pytest.raises(ContractViolation):
        mock.get("/a").respond_like(json=said)


def pods(parameter: str = "") -> tuple[MockDouble, dict[str, str]]:
    schema = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": {}}}}
    mock = MockDouble("vendor", BASE, contract=contract({"/pods": {"get": body_of(schema)}}))
    return mock, {"content-type": JSON + parameter}


LINE = json.dumps({"type": "ADDED", "object": {}}).encode() + b"\n"


@pytest.mark.parametrize("parameter", ["", "; charset=utf-8", ";stream=watch"])
@pytest.mark.parametrize("lines", [[LINE], [LINE, LINE], [LINE[:9], LINE[9:], LINE]])
def test_a_stream_of_lines_is_not_one_document(lines: list[bytes], parameter: str) -> None:
    mock, headers = pods(parameter)
    mock.get("/pods").respond(stream=lines, headers=headers)


@pytest.mark.parametrize("chunks", [[b'{"items"', b":1}"], [b'{\n"items"', b":1\n}\n"]])
def test_a_stream_of_one_document_is_held_to_the_contract(chunks: list[bytes]) -> None:
    mock, headers = pods()
    with pytest.raises(ContractViolation, match="items"):
        mock.get("/pods").respond(stream=chunks, headers=headers)
    mock.get("/pods").respond(stream=[b'{"items":', b"[]}"], headers=headers)


def test_the_type_of_a_stream_is_held_to_the_contract() -> None:
    mock, _ = pods()
    with pytest.raises(ContractViolation, match="content-type"):
        mock.get("/pods").respond(stream=[LINE], headers={"content-type": "text/plain"})
