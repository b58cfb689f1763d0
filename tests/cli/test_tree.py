"""`show`: a document, or a learned contract, as a tree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.cli import app
from lookalike.contract.files import save
from lookalike.contract.learning import fold, learn
from lookalike.messages import Exchange, Request, Response

TODO = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": ["string", "null"]},
        "due": {"type": "string", "format": "date"},
        "kind": {"type": "string", "enum": ["a", "b", "c", "d", "e", "f"]},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Todo"}},
        "owner": {"oneOf": [{"type": "object", "properties": {"name": {"type": "string"}}}, {"type": "string"}]},
        "meta": {"type": "object", "additionalProperties": {"type": "object", "properties": {"k": True}}},
        "fixed": {"const": 3},
        "open": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "both": {
            "allOf": [{"properties": {"left": {"type": "string"}}}, {"properties": {"right": {"type": "number"}}}]
        },
    },
}


def document(**paths: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Todos", "version": "1"},
        "servers": [{"url": "https://todos.example"}],
        "paths": {f"/{path}": item for path, item in paths.items()},
        "components": {"schemas": {"Todo": TODO}},
    }


@pytest.fixture
def vendor(tmp_path: Path) -> str:
    reference = {"$ref": "#/components/schemas/Todo"}
    item = {
        "get": {
            "summary": "All of them",
            "parameters": [
                {"name": "page", "in": "query", "schema": {"type": "integer"}},
                {"name": "key", "in": "header", "required": True, "schema": {"type": "string"}},
            ],
            "responses": {
                "200": {
                    "description": "",
                    "content": {"application/json": {"schema": {"type": "array", "items": reference}}},
                },
                "404": {"description": "nothing"},
                "500": {"description": "", "content": {"text/html": {}, "application/pdf": {}}},
            },
        },
        "post": {
            "requestBody": {"content": {"application/json": {"schema": reference}}},
            "responses": {"201": {"description": ""}},
        },
    }
    path = tmp_path / "todos.json"
    path.write_text(json.dumps(document(todos=item)), encoding="utf-8")
    return str(path)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert app.run(["show", *arguments]) == 0
    return capsys.readouterr().out


def test_a_document(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, vendor, "GET /todos")
    assert said.replace(vendor, "todos.json") == _TREE


_TREE = """\
Todos  https://todos.example
todos.json, from a document, 2 operations

GET /todos  All of them
  query page            integer                         optional
  header key            string                          always
  200 application/json  array of object
  ├─ id                 integer                         always
  ├─ title              string or null                  optional
  ├─ due                string (date)                   optional
  ├─ kind               "a" | "b" | "c" | "d" | 2 more  optional
  ├─ parts              array of object                 optional
  ├─ owner              one of 2                        optional
  │  ├─ or 1            object
  │  │  └─ name         string                          optional
  │  └─ or 2            string
  ├─ meta               map of object                   optional
  │  └─ k               anything                        optional
  ├─ fixed              3                               optional
  ├─ open               any of 2                        optional
  │  ├─ or 1            string
  │  └─ or 2            integer
  └─ both               object                          optional
     ├─ left            string                          optional
     └─ right           number                          optional
  404                   no body
  500 text/html         text
  500 application/pdf   bytes
"""


def test_a_path_alone_is_all_its_operations(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, vendor, "/todos")
    assert "GET /todos" in said
    assert "POST /todos" in said
    assert "takes application/json" in said


def test_an_operation_that_is_not_there_names_the_nearest(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["show", vendor, "GET /todo"]) == 2
    assert 'Nearest: "GET /todos"' in capsys.readouterr().err


def test_a_pack(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, "jsonplaceholder", "GET /todos")
    assert "completed" in said
    assert "boolean" in said


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (["2026-11-20", "2026-11-22"], "GET /todos  seen 2 times, 2026-11-20 to 2026-11-22"),
        (["2026-11-20"], "GET /todos  seen 1 time, 2026-11-20"),
        ([""], "GET /todos  no day known"),
    ],
)
def test_the_days_of_the_evidence(
    days: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange = Exchange(Request("GET", "https://api.test/todos"), Response(200, {"Content-Type": "text/plain"}, b"x"))
    contract = learn([exchange], base_url="https://api.test", day=days[0])
    for day in days[1:]:
        other = Exchange(exchange.request, Response(200, {"Content-Type": "text/plain"}, b"y"))
        contract = fold(contract, [other], day=day)
    path = tmp_path / "todos.yaml"
    save(contract, path)
    assert told in shown(capsys, str(path), "--days").splitlines()
    assert "seen" not in shown(capsys, str(path))


def test_a_document_has_no_days(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no day known" in shown(capsys, vendor, "GET /todos", "--days")
