"""A mock between a contract and a real client: what may be declared, what may be asked, what is made of it, and why."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

import lookalike
from lookalike.cli import app
from lookalike.errors import ContractViolation

BASE = "https://api.example.com/v1"
DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://api.example.com/v1"}]
paths:
  /orders:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: X-Tenant, in: header, required: true, schema: {type: string, pattern: "^t-"}}
      responses:
        "200":
          description: orders
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}
      responses:
        "201":
          description: made
          headers: {Location: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
        "422":
          description: refused
          content: {application/json: {schema: {type: object, required: [error], properties: {error: {type: string}}}}}
components:
  schemas:
    New:
      type: object
      required: [sku]
      additionalProperties: false
      properties: {sku: {type: string}, count: {type: integer, minimum: 1}}
    Order:
      type: object
      required: [id, state]
      additionalProperties: false
      properties:
        id: {type: string, format: uuid}
        state: {enum: [open, paid]}
        total: {type: [number, "null"], minimum: 0}
"""
ORDER = {"id": "6f2c1c52-8f0e-4d3a-9d5c-0d5c6b1f3a11", "state": "open", "total": 12.5}
MADE = {"Location": "/orders/1"}


@pytest.fixture
def shop(tmp_path: Path) -> lookalike.Api:
    path = tmp_path / "shop.yaml"
    path.write_text(DOCUMENT, "utf-8")
    return lookalike.Api(path)


# Replies --------------------------------------------------------------------------------------------------------------


@pytest.mark.peer("Mock reply validated against OpenAPI")
@pytest.mark.parametrize(
    ("method", "reply", "place"),
    [
        ("GET", {"json": [{**ORDER, "state": "lost"}]}, "json[0].state"),
        ("GET", {"json": [{"id": ORDER["id"]}]}, "json[0].state"),
        ("GET", {"json": [{**ORDER, "id": 7}]}, "json[0].id"),
        ("GET", {"json": [ORDER, {**ORDER, "total": -1}]}, "json[1].total"),
        ("GET", {"json": [{**ORDER, "totl": 1}]}, "json[0].totl"),
        ("GET", {"json": ORDER}, "json"),
        ("GET", {"status": 204}, "status"),
        ("GET", {"text": "no JSON at all"}, "content"),
        ("POST", {"status": 201, "json": ORDER}, "Location"),
        ("POST", {"status": 422, "json": {"message": "wrong"}, "headers": {}}, "json.error"),
    ],
)
def test_a_reply_that_the_document_forbids_fails_where_it_is_declared(
    shop: lookalike.Api, method: str, reply: dict[str, Any], place: str
) -> None:
    with shop.mock() as mock:
        route = mock.route(method, "/orders")
        with pytest.raises(ContractViolation) as caught:
            route.respond(**reply)
        assert place in str(caught.value)
        assert f"{Path(__file__).name}:" in str(caught.value)
        assert mock.routes == ()


@pytest.mark.peer("Mock reply validated against OpenAPI")
@pytest.mark.parametrize(
    ("method", "reply"),
    [
        ("GET", {"json": []}),
        ("GET", {"json": [ORDER, {**ORDER, "total": None}]}),
        ("GET", {"status": 503, "text": "errors may always be mocked"}),
        ("GET", {"json": [{"odd": 1}], "unchecked": "announced for May"}),
        ("POST", {"status": 201, "json": ORDER, "headers": MADE}),
        ("POST", {"status": 422, "json": {"error": "no such sku"}}),
    ],
)
def test_a_reply_that_it_allows_reaches_the_client(shop: lookalike.Api, method: str, reply: dict[str, Any]) -> None:
    with shop.mock() as mock:
        mock.route(method, "/orders").respond(**reply)
        found = requests.request(
            method, f"{BASE}/orders", json={"sku": "a"} if method == "POST" else None, headers={"X-Tenant": "t-1"}
        )
        assert found.status_code == reply.get("status", 200)


# Requests -------------------------------------------------------------------------------------------------------------

Send = Callable[..., Any]


def by_requests(method: str, **said: Any) -> Any:
    return requests.request(method, f"{BASE}/orders", timeout=5, **said)


def by_httpx(method: str, **said: Any) -> Any:
    async def ask() -> Any:
        async with httpx.AsyncClient() as client:
            return await client.request(method, f"{BASE}/orders", **said)

    return asyncio.run(ask())


@pytest.mark.peer("Request validated against OpenAPI")
@pytest.mark.parametrize("send", [by_requests, by_httpx])
@pytest.mark.parametrize(
    ("method", "said", "place"),
    [
        ("GET", {"params": {"page": "0"}, "headers": {"X-Tenant": "t-1"}}, "page"),
        ("GET", {"params": {"page": "one"}, "headers": {"X-Tenant": "t-1"}}, "page"),
        ("GET", {"headers": {"X-Tenant": "1"}}, "X-Tenant"),
        ("GET", {}, "X-Tenant"),
        ("POST", {"json": {"count": 1}}, "json.sku"),
        ("POST", {"json": {"sku": "a", "count": 0}}, "json.count"),
        ("POST", {"json": {"sku": "a", "cuont": 1}}, "json.cuont"),
        ("POST", {}, "body"),
    ],
)
def test_a_request_that_the_document_forbids_is_raised_into_the_code(
    shop: lookalike.Api, send: Send, method: str, said: dict[str, Any], place: str
) -> None:
    with shop.mock() as mock:
        mock.get("/orders").respond(json=[ORDER]).optional()
        mock.post("/orders").respond(201, json=ORDER, headers=MADE).optional()
        with pytest.raises(ContractViolation) as caught:
            send(method, **said)
        assert place.lower() in str(caught.value).lower()
        mock.failures.clear()


@pytest.mark.peer("Request validated against OpenAPI")
def test_a_wrong_request_that_the_code_swallows_still_fails_the_test(shop: lookalike.Api) -> None:
    patcher = shop.mock()
    mock = patcher.start()
    mock.post("/orders").respond(201, json=ORDER, headers=MADE)
    with contextlib.suppress(AssertionError):
        requests.post(f"{BASE}/orders", json={}, timeout=5)
    with pytest.raises(ContractViolation, match="sku"):
        patcher.stop()


# What a document makes ------------------------------------------------------------------------------------------------


@pytest.mark.peer("Mocks generated from OpenAPI")
def test_mocks_are_made_from_the_document(shop: lookalike.Api) -> None:
    """By a line that says only what the test is about, by a fake without a line, and on a socket: all fit it."""
    ask = {"headers": {"X-Tenant": "t-1"}, "timeout": 5}
    with shop.mock() as mock:
        mock.get("/orders").respond_like(json=[{"state": "paid"}, {}])
        first, second = requests.get(f"{BASE}/orders", **ask).json()  # type: ignore[arg-type]  # a dict of options
        assert first["state"] == "paid"
        for order in (first, second):
            assert re.fullmatch(r"[0-9a-f-]{36}", order["id"])
            assert order["state"] in ("open", "paid")
    with shop.fake():
        faked = requests.get(f"{BASE}/orders", **ask)  # type: ignore[arg-type]  # a dict of options
        assert faked.json() == requests.get(f"{BASE}/orders", **ask).json()  # type: ignore[arg-type]  # a dict of options
        made = requests.post(f"{BASE}/orders", json={"sku": "a"}, timeout=5)
        assert (made.status_code, set(made.json()) >= {"id", "state"}) == (201, True)
    with shop.serve() as url:
        assert requests.get(f"{url}/orders", timeout=5).json() == faked.json()
    with shop.mock() as mock:
        mock.get("/orders").respond(json=faked.json()).optional()


# What was seen --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with lookalike.Api("jsonplaceholder").serve() as url:
        yield url


@pytest.fixture
def learned(real: str, tmp_path: Path) -> lookalike.Api:
    """The API as 30 answers show it."""
    api = lookalike.Api(tmp_path / "todos.yaml", base_url=real)
    with api.record():
        for number in range(1, 31):
            requests.get(f"{real}/todos/{number}", timeout=5)
    return api


@pytest.mark.peer("Recorded shape constrains handwritten mocks")
@pytest.mark.parametrize(
    ("change", "place"),
    [({"completed": "no"}, "json.completed"), ({"title": None}, "json.title"), ({"titel": "x"}, "json.titel")],
)
def test_a_handwritten_mock_keeps_the_shape_that_was_recorded(
    learned: lookalike.Api, change: dict[str, Any], place: str
) -> None:
    todo = {"userId": 1, "id": 1, "title": "x", "completed": False}
    with learned.mock() as mock:
        with pytest.raises(ContractViolation) as caught:
            mock.get("/todos/{id}").respond(json={**todo, **change})
        assert place in str(caught.value)
        with pytest.raises(ContractViolation, match=r"json\.userId .* missing"):
            mock.get("/todos/{id}").respond(json={name: todo[name] for name in ("id", "title", "completed")})
        mock.get("/todos/{id}").respond(json=todo).optional()


@pytest.mark.peer("Provenance: why/when was this mock believed true")
def test_a_refusal_and_the_contract_say_from_how_many_answers_of_which_day(
    learned: lookalike.Api, capsys: pytest.CaptureFixture[str]
) -> None:
    with learned.mock() as mock, pytest.raises(ContractViolation) as caught:
        mock.get("/todos/{id}").respond(json={"userId": 1, "id": "1", "title": "x", "completed": False})
    why = re.search(r"\((integer in all 30 values seen, in 30 responses, on (\d{4}-\d\d-\d\d))\)", str(caught.value))
    assert why is not None
    assert app.run(["show", str(learned.path), "--days"]) == 0
    shown = capsys.readouterr().out
    assert f"GET /todos/{{id}}  seen 30 times, {why[2]}\n" in shown
    assert re.search(r"id\s+integer\s+always\s+30 of 30\s+firm", shown)
    assert learned.path is not None
    evidence = json.loads(learned.path.with_suffix(".evidence.json").read_text("utf-8"))
    assert why[2] in json.dumps(evidence)
    with learned.mock(unused="ignore") as mock:
        mock.get("/todos/{id}").respond(json={"odd": 1}, unchecked="the vendor announced it for May")
        assert [lie.why for lie in mock.lies] == ["the vendor announced it for May"]
        assert __file__.endswith(mock.lies[0].place.rpartition(":")[0])
