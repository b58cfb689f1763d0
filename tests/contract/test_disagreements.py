"""A vendor's document and the evidence beside it: what is promised and broken, what is seen and not promised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.disagreements import KINDS, Disagreement, causes, disagreements, remarks
from lookalike.contract.files import load, save
from lookalike.contract.learning import fold, learn
from lookalike.contract.openapi import Document
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
USER = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "plan": {"type": "string", "enum": ["free", "pro"]},
        "manager": {"$ref": "#/components/schemas/User"},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "open": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
        "score": {"type": "number"},
        "any": {},
    },
}
REF = {"$ref": "#/components/schemas/User"}


def said(schema: Any, status: str = "200") -> dict[str, Any]:
    return {"responses": {status: {"description": "Fine.", "content": {"application/json": {"schema": schema}}}}}


PATHS = {
    "/users": {
        "get": {
            **said({"type": "array", "items": REF}),
            "parameters": [
                {"name": "page", "in": "query", "schema": {"type": "integer"}},
                {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
            ],
        }
    },
    "/users/{id}": {"get": said(REF), "delete": {"responses": {"204": {"description": "Gone."}}}},
    "/files/{name}": {"get": said({"type": "object", "properties": {"size": {"type": "integer"}}})},
}


def vendor() -> Contract:
    components = {
        "schemas": {"User": USER},
        "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "appid"}},
    }
    info = {"title": "Users", "version": "1"}
    root = {"openapi": "3.1.0", "info": info, "servers": [{"url": BASE}], "paths": PATHS, "components": components}
    return Contract(Document(root, "users.yaml"))


def seen(target: str, body: Any = None, *, status: int = 200, method: str = "GET", kind: str = "") -> Exchange:
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": kind or "application/json"} if content else {}
    return Exchange(Request(method, BASE + target), Response(status, headers, content), day="2026-11-20")


def user(**more: Any) -> dict[str, Any]:
    return {"id": 1, "name": "Ann", **more}


def found(*exchanges: Exchange) -> list[Disagreement]:
    return disagreements(fold(vendor(), exchanges))


@pytest.mark.parametrize(
    ("exchange", "kind", "text"),
    [
        (seen("/users/1", {"id": 1}), "required-missing", "200 json.name: what is required was missing; absent in 1 of 1 object"),  # noqa: E501  a row a line
        (seen("/users/1", user(id="1")), "type-contradicted", "200 json.id: another type came, where integer is promised; string in 1 of 1 value"),  # noqa: E501  a row a line
        (seen("/users", [user(), user(name=None)]), "null-contradicted", "200 json[].name: null came where it isn't allowed, where string is promised; null in 1 of 2 values"),  # noqa: E501  a row a line
        (seen("/users/1", user(plan="team")), "enum-exceeded", '200 json.plan: a value came that isn\'t one of those listed, which are free | pro; "team" once'),  # noqa: E501  a row a line
        (seen("/users", [user(age=3), user()]), "field-unnamed", "200 json[].age: no document names this field; seen in 1 of 2 objects"),  # noqa: E501  a row a line
        (seen("/users/1", user(manager=user(age=3))), "field-unnamed", "200 json.manager.age: no document names this field; seen in 1 of 1 object"),  # noqa: E501  a row a line
        (seen("/users/1", user(tags={"a": 1})), "type-contradicted", "200 json.tags.*: another type came, where string is promised; integer in 1 of 1 value"),  # noqa: E501  a row a line
        (seen("/users/1", user(), status=203), "status-unnamed", "status: no document names this status, which has 200; 203 came once"),  # noqa: E501  a row a line
        (seen("/users/1", b"<p>", kind="text/html"), "media-unnamed", "200 header content-type: no document names this media type, which has application/json; text/html came once"),  # noqa: E501  a row a line
        (seen("/users/1", {"ok": True}, status=204, method="DELETE"), "media-unnamed", "204 header content-type: no document names this media type, which has no body; application/json came once"),  # noqa: E501  a row a line
        (seen("/users?sort=name&page=2", []), "parameter-unnamed", "query sort: no document names this parameter; sent with 1 of 1 request"),  # noqa: E501  a row a line
        (seen("/teams/7", {"id": 7}), "operation-unnamed", "operation: no document names this operation; answered 200 once"),  # noqa: E501  a row a line
    ],
)  # fmt: skip
def test_what_traffic_and_document_say_differently(exchange: Exchange, kind: str, text: str) -> None:
    assert [(one.kind, one.text) for one in found(exchange)] == [(kind, text)]


@pytest.mark.parametrize(
    "exchange",
    [
        seen("/users", [user(plan="pro", score=1, tags={"k": "v"}, open={"b": 1}, any=[1]), user(score=1.5, any="x")]),
        seen("/users?page=1&filter[name]=x&filter[age]=2&appid=k&access_token=t", []),
        seen("/users/1", {"message": "no such user"}, status=404),
        seen("/users/1", user(manager=user(manager=user()))),
        seen("/users/1", {"error": "down"}, status=503),
        seen("/users/1", b"", status=304),
        seen("/users/1", method="DELETE", status=204),
        # a value of a form that hides in a longer segment is still the document's parameter
        seen("/files/0f3a9c1d2e.json", {"size": 3}),
        seen("/teams/7", {"message": "not found"}, status=404),
    ],
)
def test_what_agrees_or_says_nothing(exchange: Exchange) -> None:
    told = [one for one in found(exchange) if one.kind != "status-unnamed" or one.status != "404"]
    assert told == []


def test_an_error_that_no_document_names_is_told() -> None:
    (one,) = found(seen("/users/1", {"message": "no such user"}, status=404))
    assert (one.kind, one.status, one.promise) == ("status-unnamed", "404", "which has 200")


def test_counts_add_up_over_recordings() -> None:
    contract = fold(vendor(), [seen("/users/1", user(age=1))])
    contract = fold(contract, [seen("/users/2", user()), seen("/users/3", user(age=2))])
    (one,) = disagreements(contract)
    assert one.seen == "seen in 2 of 3 objects"


def test_one_schema_is_one_cause() -> None:
    contract = fold(vendor(), [seen("/users", [user(age=1)]), seen("/users/1", user(age=1)), seen("/teams", [])])
    told = disagreements(contract)
    assert [len(group) for group in causes(told)] == [2, 1]
    assert {one.kind for one in told} <= set(KINDS)
    first, second = remarks(contract)
    assert first.startswith("document and traffic disagree: GET /users 200 json[].age:")
    assert first.endswith("(and 1 operation more)")
    assert "GET /teams" in second
    assert remarks(contract, most=1)[1] == "document and traffic disagree on 1 more; see: lookalike show users.yaml"


def test_a_learned_contract_is_its_evidence() -> None:
    assert disagreements(learn([seen("/users/1", user())], base_url=BASE)) == []
    assert disagreements(vendor()) == []


def test_evidence_beside_a_vendors_document_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    path.write_text(json.dumps(vendor().document.root))
    before = path.read_bytes()
    save(fold(load(path), [seen("/users/1", user(age=3))]), path)
    assert path.read_bytes() == before
    (one,) = disagreements(load(path))
    assert (one.kind, one.operation, one.status, one.place) == ("field-unnamed", "GET /users/{id}", "200", "json.age")
    assert one.source == "#/components/schemas/User age"


OPEN = {"parameters": [{"name": "any", "in": "query", "schema": {"type": "object"}}]}
ODD: dict[str, tuple[dict[str, Any], Exchange]] = {
    "a query that may have any name": ({**said({}), **OPEN}, seen("/odd?a=1", {})),
    "JSON of another name": (said({"type": "object"}), seen("/odd", {"a": 1}, kind="application/vnd.x+json")),
    "text where text is said": (
        {"responses": {"200": {"description": "", "content": {"text/plain": {}}}}},
        seen("/odd", b"x", kind="text/plain"),
    ),
    "no status is said": ({}, seen("/odd", {})),
    "JSON that is none": (said({"type": "object"}), seen("/odd", b"{", kind="application/json")),
    "a type that says nothing of keys": (said({"type": ["object", "string"]}), seen("/odd", {"a": 1})),
    "keys too many to keep": (
        said({"type": "object", "required": ["k"], "properties": {"k": {}}}),
        seen("/odd", {f"key{number}": 1 for number in range(600)}),
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_nobody_can_tell_is_not_told(name: str) -> None:
    operation, exchange = ODD[name]
    info = {"title": "Odd", "version": "1"}
    root = {"openapi": "3.1.0", "info": info, "servers": [{"url": BASE}], "paths": {"/odd": {"get": operation}}}
    assert disagreements(fold(Contract(Document(root)), [exchange])) == []


def test_what_holds_itself_is_followed_to_an_end() -> None:
    body = user()
    for _ in range(40):
        body = user(manager=body, age=1)
    told = found(seen("/users/1", body))
    assert {one.kind for one in told} == {"field-unnamed"}
    assert 20 < len(told) < 40
