"""What vendors mean and JSON Schema doesn't say: tags, closed parts, formats, streams, methods of 3.2, examples."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.contract.sequences import MAX_ITEMS, items_of
from lookalike.errors import FileError
from lookalike.messages import Response
from lookalike.mismatch import Mismatch

BASE = "https://api.test"


def contract(paths: dict[str, Any], version: str = "3.1.0", **schemas: Any) -> Contract:
    info = {"title": "Vendor", "version": "1"}
    root = {"openapi": version, "info": info, "paths": paths, "components": {"schemas": schemas}}
    return Contract(Document(root, "vendor.yaml"), base_url=BASE)


def media(kind: str = "application/json", **said: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "Fine.", "content": {kind: said}}}}


def check(made: Contract, body: Any, kind: str = "application/json", method: str = "GET") -> list[Mismatch]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return made.check_reply(method, "/a", Response(200, {"content-type": kind}, content))


# -- forms that a tag chooses among ---------------------------------------------------------------------------------

CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}
DOG = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"type": "string"}, "tricks": {"type": "integer"}},
}
ONE_OF = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("discriminator", "body", "fits"),
    [
        ({"propertyName": "kind"}, {"kind": "any"}, True),
        ({"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "#/components/schemas/Dog"}}, {"kind": "cat"}, True),
        ({"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}}, {"kind": "cat", "lives": "9"}, False),
        ({"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}}, {"kind": "cow"}, False),
        ({"propertyName": "kind", "mapping": {"cat": "Cat"}}, {"kind": "cow"}, True),
        ({"propertyName": "kind"}, {"lives": 9}, False),
        ({"propertyName": 3}, {"kind": "any"}, True),
        ({}, {"kind": "any"}, True),
    ],
)
def test_a_tag_chooses_among_forms_that_overlap(version: str, discriminator: Any, body: Any, fits: bool) -> None:
    schema = {"oneOf": ONE_OF, "discriminator": discriminator}
    found = check(contract({"/a": {"get": media(schema=schema)}}, version, Cat=CAT, Dog=DOG), body)
    assert (found == []) is fits


def test_without_a_tag_forms_that_overlap_are_refused() -> None:
    assert check(contract({"/a": {"get": media(schema={"oneOf": ONE_OF})}}, Cat=CAT, Dog=DOG), {"kind": "any"}) != []


# -- closed parts of a whole ----------------------------------------------------------------------------------------

ID = {"type": "object", "properties": {"id": {"type": "integer"}}, "additionalProperties": False}
NAMED = {"type": "object", "properties": {"name": {"type": "string"}}}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"$ref": "#/components/schemas/Id"}, NAMED]},
        {"allOf": [{"$ref": "#/components/schemas/Id"}], "properties": NAMED["properties"]},
        {
            "allOf": [{"$ref": "#/components/schemas/Named"}],
            "properties": ID["properties"],
            "additionalProperties": False,
        },
    ],
)
def test_a_closed_part_closes_the_whole(version: str, schema: Any) -> None:
    made = contract({"/a": {"get": media(schema=schema)}}, version, Id=ID, Named=NAMED)
    assert check(made, {"id": 1, "name": "x"}) == []
    assert [one.where for one in check(made, {"id": 1, "name": "x", "nmae": "y"})] == ["json.nmae"]
    assert [one.where for one in check(made, {"id": "1", "name": 2})] == ["json.id", "json.name"]


def test_a_closed_schema_alone_and_one_that_holds_itself() -> None:
    alone = contract({"/a": {"get": media(schema={"allOf": [{"$ref": "#/components/schemas/Id"}]})}}, Id=ID)
    assert check(alone, {"id": 1}) == []
    assert check(alone, {"id": 1, "name": "x"}) != []
    tree = {
        "additionalProperties": False,
        "properties": {"child": {"allOf": [{"$ref": "#/components/schemas/Tree"}, {}]}},
    }
    whole = contract({"/a": {"get": media(schema={"allOf": [{"$ref": "#/components/schemas/Tree"}, {}]})}}, Tree=tree)
    assert check(whole, {"child": {"child": {}}}) == []


# -- formats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fine", "not_one"),
    [
        ("date-time", ["2026-11-20T10:00:00Z", "2026-11-20 10:00:00", "2011-01-26", "20261120T100000Z", "", "1767225600",  # noqa: E501  a row a line
                       "Tue, 20 Jan 2026"], ["yesterday", "soon", "10:00"]),
        ("date", ["2026-11-20", "1/2/2026"], ["x"]),
        ("uuid", ["f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE7DEC11D0A76500A0C91E6BF6"], ["1", "not-a-uuid"]),
        ("email", ["a@b.example", "a@localhost", "***"], ["ann", "@"]),
        ("uri", ["anything"], []),
    ],
)  # fmt: skip
def test_what_plainly_lacks_its_format_is_a_doubt(name: str, fine: list[str], not_one: list[str]) -> None:
    schema = {"type": "object", "properties": {"at": {"type": ["string", "null"], "format": name}}}
    made = contract({"/a": {"get": media(schema=schema)}})
    assert [check(made, {"at": text}) for text in (*fine, None)] == [[]] * (len(fine) + 1)
    for text in not_one:
        (one,) = check(made, {"at": text})
        assert (one.where, one.level) == ("json.at", "warning")
        assert one.evidence.endswith("/schema/properties/at")


def test_a_doubt_is_not_told_beside_a_contradiction() -> None:
    properties = {"at": {"type": "string", "format": "uuid"}, "n": {"type": "integer"}}
    made = contract({"/a": {"get": media(schema={"type": "object", "properties": properties})}})
    assert [one.where for one in check(made, {"at": "x", "n": "y"})] == ["json.n"]


# -- streams --------------------------------------------------------------------------------------------------------

ROW = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("kind", "content", "items"),
    [
        ("application/jsonl", b'{"n": 1}\n{"n": 2}\n\n{"n": ', [{"n": 1}, {"n": 2}]),
        ("application/x-ndjson", b'{"n": 1}', [{"n": 1}]),
        ("application/json-seq", b'\x1e{"n": 1}\n\x1e{"n": 2}\n', [{"n": 1}, {"n": 2}]),
        ("text/event-stream", b": hello\ndata: a\ndata:b\nid: 3\nretry: 10\n\nevent: x\r\n\r\nretry: no\n\n",
         [{"data": "a\nb", "id": "3", "retry": 10}, {"event": "x"}, {"retry": "no"}]),
        ("text/csv", b"a,b", []),
    ],
)  # fmt: skip
def test_the_items_of_a_stream(kind: str, content: bytes, items: list[Any]) -> None:
    assert list(items_of(kind, content)) == items


def test_a_stream_is_looked_at_up_to_a_limit() -> None:
    assert len(list(items_of("application/jsonl", b"1\n" * (MAX_ITEMS + 5)))) == MAX_ITEMS


def test_items_are_held_to_their_schema() -> None:
    kind = "application/jsonl"
    made = contract({"/a": {"get": media(kind, itemSchema=ROW)}}, "3.2.0")
    assert check(made, b'{"n": 1}\n{"n": 2}\n', kind) == []
    (one,) = check(made, b'{"n": 1}\n{"n": "x"}\n{"n": "y"}\n', kind)
    assert one.where == "item[1].n"
    assert one.evidence.endswith("/content/application~1jsonl/itemSchema/properties/n")


# -- OpenAPI 3.2 ----------------------------------------------------------------------------------------------------


def test_methods_of_3_2() -> None:
    item = {"query": media(schema=ROW), "additionalOperations": {"LINK": media(schema=ROW)}}
    made = contract({"/a": item}, "3.2.0")
    assert [(one.key, one.pointer) for one in made.operations] == [
        ("QUERY /a", "#/paths/~1a/query"),
        ("LINK /a", "#/paths/~1a/additionalOperations/LINK"),
    ]
    assert check(made, {"n": "x"}, method="LINK") != []
    assert contract({"/a": item}, "3.1.0").operations == ()
    with pytest.raises(FileError, match="'NO WAY' is no method"):
        contract({"/a": {"additionalOperations": {"NO WAY": {}}}}, "3.2.0")


def test_a_query_that_is_one_value() -> None:
    form = {"in": "querystring", "name": "all", "content": {"application/x-www-form-urlencoded": {"schema": ROW}}}
    other = {"in": "querystring", "name": "all", "content": {"application/json": {"schema": ROW}}}
    one, two = contract({"/a": {"get": {"parameters": [form]}, "post": {"parameters": [other]}}}, "3.2.0").operations
    made = contract({"/a": {"get": {"parameters": [form]}}}, "3.2.0")
    assert made.query_names(made.operations[0]) == frozenset({"all", "n"})
    assert (one.parameters[0].schema, two.parameters[0].schema) == (ROW, {"type": "object"})


# -- servers, paths, examples ---------------------------------------------------------------------------------------


def test_operations_and_paths_have_servers_of_their_own() -> None:
    upload = {"post": {**media(schema=ROW), "servers": [{"url": "https://up.test/api/"}]}}
    old = {"servers": [{"url": "https://{v}.test", "variables": {"v": {"default": "old"}}}], "get": media(schema=ROW)}
    relative = {"get": {**media(schema=ROW), "servers": [{"url": "/v2"}, {"url": "https://no.test"}]}}
    made = contract({"/up": upload, "/old": old, "/rel": relative})
    assert [one.servers for one in made.operations] == [("https://up.test/api",), ("https://old.test",), ()]
    urls = ("https://up.test/api/up", "https://old.test/old", "https://up.test/api/old", "https://api.test/up")
    assert [made.relative(url) for url in urls] == ["/up", "/old", None, "/up"]


def test_a_last_parameter_may_span_segments() -> None:
    several = {"name": "where", "in": "path", "schema": {"type": "string"}, "x-multi-segment": True}
    plain = {"name": "what", "in": "path", "schema": {"type": "string"}}
    item: dict[str, Any] = {"parameters": [{"$ref": "#/components/nowhere"}, several], "get": {}}
    made = contract({"/tree/{where}": item, "/leaf/{what}": {"parameters": [plain], "get": {}}})
    assert made.find("GET", "/tree/a/b/c") is made.operations[0]
    assert made.find("GET", "/leaf/a/b") is None


@pytest.mark.parametrize(
    "said",
    [
        {"example": {"n": 41}},
        {"examples": {"one": {"value": {"n": 41}}}},
        {"examples": {"one": {"dataValue": {"n": 41}}}},
        {"examples": {"lost": {"$ref": "#/nowhere"}, "far": {"externalValue": "x"}, "one": {"value": {"n": 41}}}},
    ],
)
def test_a_body_that_is_shown_is_what_is_made_up(said: Any) -> None:
    made = contract({"/a": {"get": media(schema=ROW, **said)}})
    assert made.example("GET", "/a")[2] == {"n": 41}
    assert made.complete("GET", "/a", 200, {}) == {"n": 41}
    wrong = contract({"/a": {"get": media(schema={"properties": {"n": {"type": "string"}}}, **said)}})
    assert wrong.example("GET", "/a")[2]["n"] != 41
