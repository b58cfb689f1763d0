"""Swagger 2.0 read as it is: operations, parameters, bodies and places of the user's own document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.errors import FileError
from lookalike.messages import Request, Response

PET = {
    "type": "object",
    "required": ["name"],
    "discriminator": "kind",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "note": {"type": "string", "x-nullable": True},
        "id": {"type": "integer", "readOnly": True},
    },
    "example": {"name": "Rex", "age": 3},
}
ROOT: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Pets", "version": "1"},
    "host": "pets.example",
    "basePath": "/v2/",
    "schemes": ["http", "https"],
    "consumes": ["application/json"],
    "produces": ["application/json; charset=utf-8"],
    "securityDefinitions": {"key": {"type": "apiKey", "in": "query", "name": "api_key"}},
    "parameters": {"Page": {"name": "page", "in": "query", "type": "integer", "required": True}},
    "responses": {"Missing": {"description": "No.", "schema": {"$ref": "#/definitions/Error"}}},
    "definitions": {"Pet": PET, "Error": {"type": "object", "properties": {"message": {"type": "string"}}}},
    "paths": {
        "/pets": {
            "parameters": [{"name": "X-Trace", "in": "header", "type": "string", "x-example": "t"}],
            "get": {
                "operationId": "listPets",
                "parameters": [
                    {"$ref": "#/parameters/Page"},
                    {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}},
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string", "maxLength": 3},
                     "collectionFormat": "pipes"},
                    {"name": "each", "in": "query", "type": "array", "items": {"type": "integer"},
                     "collectionFormat": "multi"},
                    {"name": "Accept", "in": "header", "type": "string"},
                ],
                "responses": {
                    "200": {
                        "description": "Pets.",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}},
                        "headers": {"X-Total": {"type": "integer", "description": "all"}},
                        "examples": {"application/json": [{"name": "Tom"}]},
                    },
                    "404": {"$ref": "#/responses/Missing"},
                    "x-note": 1,
                },
            },
            "post": {
                "parameters": [{"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}],  # noqa: E501  a row a line
                "responses": {"201": {"description": "Made."}, "default": {"description": "Else."}},
            },
        },
        "/pets/{id}/photo": {
            "post": {
                "consumes": ["multipart/form-data"],
                "produces": ["image/png"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "type": "integer"},
                    {"name": "file", "in": "formData", "required": True, "type": "file"},
                    {"name": "title", "in": "formData", "type": "string", "maxLength": 5},
                ],
                "responses": {"200": {"description": "It.", "schema": {"type": "file"}}},
            }
        },
        "/login": {
            "post": {
                "parameters": [
                    {"name": "user", "in": "formData", "required": True, "type": "string"},
                    {"name": "age", "in": "formData", "type": "integer"},
                ],
                "responses": {"200": {"description": "In."}},
            }
        },
    },
}  # fmt: skip


def contract(**parts: Any) -> Contract:
    return Contract(Document({**ROOT, **parts}, "pets.json"))


PETS = contract()


def reply(path: str, body: Any, status: int = 200, method: str = "GET", **headers: str) -> list[str]:
    kind = headers.pop("kind", "application/json")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {"content-type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return [str(one) for one in PETS.check_reply(method, path, Response(status, names, content))]


def test_what_the_document_says_of_itself() -> None:
    assert (PETS.base_url, PETS.title) == ("https://pets.example/v2", "Pets")
    assert [one.id for one in PETS.operations] == ["listPets", "post /pets", "post /pets/{id}/photo", "post /login"]
    assert PETS.operations[0].pointer == "#/paths/~1pets/get"
    assert PETS.document.security_parameters() == {("query", "api_key")}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"schemes": ["http"]}, "http://pets.example/v2"),
        ({"schemes": ["ws"]}, "https://pets.example/v2"),
        ({"basePath": "/"}, "https://pets.example"),
        ({"basePath": None}, "https://pets.example"),
        ({"host": "localhost:8080"}, "https://localhost:8080/v2"),
        ({"host": None}, None),
        ({"host": "{region}.pets.example"}, None),
    ],
)
def test_the_base_url(parts: dict[str, Any], expected: str | None) -> None:
    assert contract(**parts).base_url == expected


@pytest.mark.parametrize(
    ("path", "body", "status", "wrong"),
    [
        ("/pets", [{"name": "Rex", "note": None, "id": 7}], 200, ""),
        ("/pets", [{"name": 7}], 200, "#/definitions/Pet/properties/name"),
        ("/pets", [{"name": "x", "age": 0}], 200, "json[0].age"),
        ("/pets", [{"name": None}], 200, "json[0].name"),
        ("/pets", {}, 200, "#/paths/~1pets/get/responses/200/schema"),
        ("/pets", {"message": 1}, 404, "#/definitions/Error/properties/message"),
        ("/pets", {}, 202, "#/paths/~1pets/get/responses"),
    ],
)
def test_replies_are_held_to_it(path: str, body: Any, status: int, wrong: str) -> None:
    found = reply(path, body, status)
    assert len(found) == bool(wrong)
    assert wrong in "".join(found)


def test_headers_and_files_of_replies() -> None:
    assert reply("/pets", [], X_Total="3") == []
    (one,) = reply("/pets", [], X_Total="many")
    assert "header X-Total" in one
    assert reply("/pets/1/photo", b"\x89PNG", method="POST", kind="image/png") == []
    (two,) = reply("/pets/1/photo", {}, method="POST")
    assert "image/png" in two


@pytest.mark.parametrize(
    ("method", "target", "kind", "body", "wrong"),
    [
        ("GET", "/pets?page=1&ids=1,2&tags=a|b&each=1&each=2", "", b"", []),
        ("GET", "/pets?page=1&api_key=k", "", b"", []),
        ("GET", "/pets", "", b"", ["query page"]),
        ("GET", "/pets?page=x", "", b"", ["query page"]),
        ("GET", "/pets?page=1&ids=1,x", "", b"", ["query ids[1]"]),
        ("GET", "/pets?page=1&tags=a|long", "", b"", ["query tags[1]"]),
        ("GET", "/pets?page=1&each=1&each=x", "", b"", ["query each[1]"]),
        ("POST", "/pets", "application/json", b'{"name": "Rex"}', []),
        ("POST", "/pets", "application/json", b'{"name": ""}', ["json.name"]),
        ("POST", "/pets", "application/json", b"", ["body"]),
        ("POST", "/pets", "text/plain", b"x", ["header content-type"]),
        ("POST", "/login", "application/x-www-form-urlencoded", b"user=a&age=3", []),
        ("POST", "/login", "application/x-www-form-urlencoded", b"age=x", ["form.age", "form.user"]),
        ("POST", "/pets/x/photo", "multipart/form-data; boundary=b", b"--b--", ["path id"]),
    ],
)
def test_requests_are_held_to_it(method: str, target: str, kind: str, body: bytes, wrong: list[str]) -> None:
    request = Request(method, "https://pets.example/v2" + target, {"content-type": kind} if kind else {}, body)
    assert sorted(one.where for one in PETS.check_request(request, target.partition("?")[0])) == wrong


def test_its_examples_are_what_is_made_up() -> None:
    assert PETS.example("GET", "/pets") == (200, "application/json", [{"name": "Tom"}])
    assert PETS.complete("GET", "/pets", 200, [{"name": "Mia"}])[0]["age"] == 3


def read_whole(parts: dict[str, Any]) -> None:
    made = contract(**parts)
    made.document.security_parameters()
    for one in made.operations:
        assert one.details


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"definitions": []}, "#/definitions: expected a mapping"),
        ({"swagger": "1.1"}, "Swagger 1.1 is not read, only 2.0"),
        ({"paths": {"/a": {"get": {"parameters": {}}}}}, "expected a list, this is a mapping"),
        ({"paths": {"/a": {"get": {"parameters": [{"name": "x", "in": "nowhere"}]}}}}, "a parameter needs `name`"),
        ({"paths": {"/a": {"get": {"responses": {"200": {"$ref": "#/responses/No"}}}}}}, "there is no 'No'"),
        ({"securityDefinitions": []}, "expected a mapping"),
    ],
)
def test_what_is_broken_names_the_place(parts: dict[str, Any], problem: str) -> None:
    with pytest.raises(FileError) as caught:
        read_whole(parts)
    assert problem in str(caught.value)
    assert str(caught.value).startswith("pets.json")
