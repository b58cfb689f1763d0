"""OpenAPI documents read: operations, references, schemas in the words of 2020-12."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.contract.openapi import Document, is_json, media_for, pointer_keys, pointer_to
from lookalike.contract.operation import Media
from lookalike.contract.schemas import Bundler, locate, usable_pattern
from lookalike.errors import FileError


def document(version: str = "3.1.0", **parts: Any) -> Document:
    return Document({"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}, **parts}, "api.yaml")


def schemas(version: str, **named: Any) -> Document:
    return document(version, components={"schemas": named})


def bundled(source: Document, name: str = "A", direction: Any = "response") -> Any:
    pointer = f"#/components/schemas/{name}"
    return Bundler(source, direction).bundle(source.at(pointer), pointer)


@pytest.mark.parametrize(
    ("root", "problem"),
    [
        (None, "the file is empty"),
        ([1], "a contract is a mapping, this is a list"),
        ("text", "a contract is a mapping, this is a string"),
        ({"swagger": "1.2"}, "Swagger 1.2 is not read"),
        ({"info": {}}, "it has no `openapi` key"),
        ({"openapi": "4.0.0"}, "OpenAPI '4.0.0' is not read"),
        ({"openapi": "3.3.0"}, "OpenAPI '3.3.0' is not read"),
        ({"openapi": 3.1}, "OpenAPI 3.1 is not read"),
        ({"openapi": "3.1.0", "paths": []}, "expected a mapping, this is a list"),
    ],
)
def test_what_is_no_document_says_so_with_the_next_step(root: Any, problem: str) -> None:
    with pytest.raises(FileError) as caught:
        Document(root, "api.yaml")
    assert problem in str(caught.value)
    assert str(caught.value).startswith("api.yaml")


@pytest.mark.parametrize(
    ("paths", "problem"),
    [
        ({"todos": {}}, "a path begins with a slash"),
        ({"/a": 3}, "expected a mapping, this is a number"),
        ({"/a": {"get": []}}, "expected a mapping, this is a list"),
        ({"/a": {"get": {"parameters": {}}}}, "expected a list, this is a mapping"),
        ({"/a": {"get": {"parameters": [{"name": "x"}]}}}, "a parameter needs `name`"),
        ({"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/No"}}}}}, "there is no 'components'"),
        ({"/a": {"get": {"responses": {"200": {"$ref": "other.yaml#/x"}}}}}, "leads to another file"),
        ({"/a": {"get": {"responses": {"200": {"$ref": "#anchor"}}}}}, "the anchor '#anchor' can't be followed"),
        ({"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}, "references lead in a circle"),
        ({"/a": {"get": {"responses": {"200": "text"}}}}, "expected a mapping, this is a string"),
    ],
)
def test_a_broken_document_names_the_place(paths: Any, problem: str) -> None:
    with pytest.raises(FileError) as caught:
        [operation.details for operation in document(paths=paths).operations()]
    assert problem in str(caught.value)
    assert "#/paths" in caught.value.place


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ([{"url": "https://api.test/v1/"}], "https://api.test/v1"),
        (
            [{"url": "https://{region}.test/{v}", "variables": {"region": {"default": "eu"}, "v": {"default": "v2"}}}],
            "https://eu.test/v2",
        ),
        ([{"url": "https://{host}.test"}], None),
        ([{"url": "/v1"}], None),
        ([], None),
        (None, None),
        (["https://x.test"], None),
    ],
)
def test_the_base_url_is_the_first_servers(servers: Any, expected: str | None) -> None:
    assert document(servers=servers).base_url == expected


PETS = {
    "x-note": "no path",
    "/pets/{id}": {
        "parameters": [
            {"name": "id", "in": "path", "schema": {"type": "integer"}, "x-multi-segment": True},
            {"name": "lang", "in": "query", "schema": {"type": "string"}},
        ],
        "get": {
            "summary": "One pet",
            "parameters": [
                {"name": "lang", "in": "query", "required": True, "schema": {"type": "string"}},
                {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
                {"$ref": "#/components/parameters/Trace"},
                {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
            ],
            "responses": {
                "200": {
                    "description": "a pet",
                    "headers": {"X-Rate": {"$ref": "#/components/headers/Rate"}},
                    "content": {"application/json; charset=utf-8": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                },
                "4xx": {"$ref": "#/components/responses/Error"},
                "default": {"description": "else"},
                "x-other": 1,
            },
        },
        "put": {"operationId": "pets.put", "requestBody": {"$ref": "#/components/requestBodies/Pet"}},
    },
}
COMPONENTS = {
    "schemas": {"Pet": {"type": "object"}},
    "parameters": {"Trace": {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}},
    "headers": {"Rate": {"required": True, "schema": {"type": "integer"}}},
    "responses": {"Error": {"description": "error", "content": {"application/problem+json": {}}}},
    "requestBodies": {"Pet": {"required": True, "content": {"application/json": {"schema": {}}}}},
    "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "Key"}, "oauth": {"type": "oauth2"}},
}


def test_an_operation_is_read_with_its_references() -> None:
    source = document(paths=PETS, components=COMPONENTS)
    get, put = source.operations()
    assert (get.id, get.key, get.summary, get.pointer) == (
        "get /pets/{id}", "GET /pets/{id}", "One pet", "#/paths/~1pets~1{id}/get",
    )  # fmt: skip
    found = [
        (one.name, one.place, one.required, one.style, one.explode, one.media, one.multi) for one in get.parameters
    ]
    assert found == [
        ("id", "path", True, "simple", False, "", True),
        ("lang", "query", True, "form", True, "", False),
        ("filter", "query", False, "form", True, "application/json", False),
        ("X-Trace", "header", False, "simple", False, "", False),
    ]
    ok, error = get.responses["200"], get.responses["4XX"]
    assert ok.headers["X-Rate"].required
    assert ok.media["application/json"].schema == {"$ref": "#/components/schemas/Pet"}
    assert ok.media["application/json"].pointer.endswith("/content/application~1json; charset=utf-8/schema")
    assert list(error.media) == ["application/problem+json"]
    assert error.pointer == "#/components/responses/Error"
    assert (get.answer(404), get.answer(302), get.names(404), get.names(500)) == (
        error, get.responses["default"], True, False,
    )  # fmt: skip
    assert get.success_statuses == (200,)
    assert put.request_body is not None
    assert put.request_body.required
    assert source.security_parameters() == {("query", "key")}
    assert repr(put) == "<Operation PUT /pets/{id}>"


def test_details_are_read_when_they_are_asked_for() -> None:
    source = document(paths={"/a": {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}}})
    (operation,) = source.operations()
    assert operation.key == "GET /a"
    with pytest.raises(FileError, match="leads nowhere"):
        _ = operation.responses


@pytest.mark.parametrize(
    ("version", "schema", "expected"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ("3.0.3", {"type": "string", "nullable": False}, {"type": "string"}),
        ("3.0.3", {"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),  # noqa: E501  a row a line
        ("3.0.3", {"nullable": True, "allOf": [{"type": "object"}]}, {"anyOf": [{"allOf": [{"type": "object"}]}, {"type": "null"}]}),  # noqa: E501  a row a line
        ("3.0.3", {"nullable": True}, {}),
        ("3.0.3", {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ("3.0.3", {"maximum": 9, "exclusiveMaximum": False}, {"maximum": 9}),
        ("3.0.3", {"example": 3}, {"examples": [3]}),
        ("3.1.0", {"exclusiveMinimum": 1, "type": ["string", "null"]}, {"exclusiveMinimum": 1, "type": ["string", "null"]}),  # noqa: E501  a row a line
        ("3.1.0", {"x-a": 1, "xml": {}, "discriminator": {}, "$id": "u"}, {}),
        ("3.1.0", {"required": True, "type": "string"}, {"type": "string"}),
        ("3.1.0", {"pattern": "\\Aa\\z"}, {"pattern": "^a$"}),
        ("3.1.0", {"pattern": "(?<n"}, {}),
        ("3.1.0", {"patternProperties": {"(?<n": {}, "a": True}}, {"patternProperties": {"a": True}}),
        ("3.1.0", {"properties": {"nullable": {"type": "string"}}}, {"properties": {"nullable": {"type": "string"}}}),
        ("3.1.0", {"items": {"not": {"x-y": 1}}}, {"items": {"not": {}}}),
        ("3.1.0", False, False),
    ],
)  # fmt: skip
def test_schemas_become_2020_12(version: str, schema: Any, expected: Any) -> None:
    assert bundled(schemas(version, A=schema)) == expected


def test_references_are_bundled_with_what_they_refer_to() -> None:
    source = schemas(
        "3.1.0",
        A={"$ref": "#/components/schemas/B", "description": "kept"},
        B={"properties": {"self": {"$ref": "#/components/schemas/B"}, "c": {"$ref": "#/components/schemas/C"}}},
        C={"type": "string"},
    )
    assert bundled(source) == {
        "description": "kept",
        "$ref": "#/$defs/B",
        "$defs": {
            "B": {"properties": {"self": {"$ref": "#/$defs/B"}, "c": {"$ref": "#/$defs/C"}}},
            "C": {"type": "string"},
        },
    }


def test_a_reference_of_3_0_stands_alone() -> None:
    source = schemas("3.0.3", A={"$ref": "#/components/schemas/B", "nullable": True}, B={"type": "string"})
    assert bundled(source) == {"$ref": "#/$defs/B", "$defs": {"B": {"type": "string"}}}


def test_definitions_of_one_name_are_told_apart() -> None:
    source = document(
        components={"schemas": {"A": {"anyOf": [{"$ref": "#/x/A"}, {"$ref": "#/x_A"}]}}},
        x={"A": {"type": "string"}},
        x_A={"type": "integer"},
    )
    assert bundled(source)["$defs"] == {"x_A": {"type": "string"}, "x_A_2": {"type": "integer"}}


def test_read_only_is_not_asked_of_requests_nor_write_only_of_responses() -> None:
    schema = {
        "required": ["id", "password", "name"],
        "properties": {
            "id": {"$ref": "#/components/schemas/Id"},
            "password": {"writeOnly": True},
            "name": {},
        },
    }
    source = schemas("3.1.0", A=schema, Id={"type": "integer", "readOnly": True})
    assert bundled(source, direction="request")["required"] == ["password", "name"]
    assert bundled(source, direction="response")["required"] == ["id", "name"]


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ({"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}, "refers to itself without end"),
        (
            {
                "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
                "B": {"anyOf": [{"$ref": "#/components/schemas/C"}]},
                "C": {"oneOf": [{"$ref": "#/components/schemas/B"}]},
            },
            "refers to itself without end: #/components/schemas/B -> #/components/schemas/C -> #/components/schemas/B",
        ),
        ({"A": {"$ref": "#/components/schemas/A"}}, "references lead in a circle"),
        ({"A": {"items": {"$ref": "#/components/schemas/No"}}}, "there is no 'No'"),
        ({"A": {"items": {"$ref": "https://x.test/a.json"}}}, "leads to another file"),
        ({"A": {"properties": {"a": "text"}}}, "a schema is a mapping or a boolean"),
    ],
)
def test_endless_and_broken_schemas_are_errors(named: Any, problem: str) -> None:
    with pytest.raises(FileError) as caught:
        bundled(schemas("3.1.0", **named))
    assert problem in str(caught.value)


@pytest.mark.parametrize("name", [{}, ["b"], None, 3])
def test_a_required_name_that_is_none_is_left_to_the_engine(name: Any) -> None:
    schema = {"properties": {"b": {"writeOnly": True}}, "required": [name, "b"]}
    assert bundled(schemas("3.1.0", A=schema))["required"] == [name]


def test_a_schema_that_is_nested_too_deeply_is_an_error() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"items": deep}
    with pytest.raises(FileError, match="nested too deeply"):
        bundled(schemas("3.1.0", A=deep))


def test_a_place_in_a_value_is_found_in_the_document() -> None:
    source = schemas(
        "3.1.0",
        A={"type": "array", "items": {"$ref": "#/components/schemas/B"}},
        B={
            "allOf": [{"properties": {"x": {"type": "string"}}}],
            "additionalProperties": {"$ref": "#/components/schemas/C"},
        },
        C={"type": "integer"},
    )
    base = "#/components/schemas"
    assert locate(source, f"{base}/A", [0, "x"]) == f"{base}/B/allOf/0/properties/x"
    assert locate(source, f"{base}/A", [3, "other"]) == f"{base}/C"
    assert locate(source, f"{base}/A", ["no"]) == f"{base}/A"
    assert locate(source, f"{base}/A", [0, "x", "deeper"]) == f"{base}/B/allOf/0/properties/x"


def test_a_place_is_in_the_branch_that_names_most_of_the_keys() -> None:
    source = schemas(
        "3.1.0",
        A={"anyOf": [{"properties": {"id": {}, "name": {}}}, {"properties": {"id": {}, "deleted": {}}}]},
        L={"items": {"$ref": "#/components/schemas/A"}},
    )
    base = "#/components/schemas"
    gone = {"id": 3, "deleted": False}
    assert locate(source, f"{base}/A", ["id"], gone) == f"{base}/A/anyOf/1/properties/id"
    assert locate(source, f"{base}/A", ["id"], {"id": 3, "name": "x"}) == f"{base}/A/anyOf/0/properties/id"
    assert locate(source, f"{base}/L", [1, "id"], [{}, gone]) == f"{base}/A/anyOf/1/properties/id"
    assert locate(source, f"{base}/L", [1, "id"], []) == f"{base}/A/anyOf/0/properties/id"


def test_pointers() -> None:
    assert pointer_to("paths", "/a~b", 200) == "#/paths/~1a~0b/200"
    assert pointer_keys("#/paths/~1a~0b/a%20b") == ["paths", "/a~b", "a b"]
    source = document(x={200: {"a": [5]}})
    assert source.at("#/x/200/a/0") == 5
    with pytest.raises(FileError, match="Known there: 1 items"):
        source.at("#/x/200/a/7")
    with pytest.raises(FileError, match="Known there: no keys"):
        source.at("#/x/200/a/0/z")


def test_media_types() -> None:
    media = {name: Media(name, None, "#") for name in ("application/json", "text/*")}
    assert media_for(media, "text/csv") is media["text/*"]
    assert media_for({**media, "*/*": media["text/*"]}, "image/png") is media["text/*"]
    assert media_for(media, "image/png") is None
    assert [is_json(kind) for kind in ("application/json", "application/hal+json", "*/*", "text/html")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert usable_pattern(3) is None


def test_nothing_of_a_document_must_be_there() -> None:
    assert (document(info=None).title, document(info=None).learned) == ("", False)
    bare = document(paths={"/a": {"get": {"parameters": [{"name": "x", "in": "query"}]}}}, components=None)
    (operation,) = bare.operations()
    assert operation.parameters[0].schema is None
    assert (operation.responses, operation.request_body, operation.answer(200)) == ({}, None, None)
    assert bare.security_parameters() == set()
