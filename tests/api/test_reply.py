"""api.reply: a response that the client itself built, held to the contract."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import httpx
import pytest
import requests

import lookalike

pack = lookalike.Api("jsonplaceholder")
TODO = {"userId": 1, "id": 1, "title": "x", "completed": False}


def test_a_requests_response() -> None:
    with patch("requests.get", return_value=pack.reply("GET", "/todos", json=[TODO])):
        response = requests.get("https://jsonplaceholder.typicode.com/todos", timeout=5)
    assert isinstance(response, requests.Response)
    assert response.ok
    assert response.json() == [TODO]
    assert response.headers["content-type"].startswith("application/json")
    assert response.url == "https://jsonplaceholder.typicode.com/todos"


def test_an_httpx_response() -> None:
    response = pack.reply("GET", "/todos/1", json=TODO, client="httpx")
    assert isinstance(response, httpx.Response)
    assert response.json() == TODO
    response.raise_for_status()


@pytest.mark.parametrize("client", ["requests", "httpx"])
@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_any_status_as_it_is(client: Any, status: int) -> None:
    response: Any = pack.reply(
        "GET", "/todos/{id}", status=status, headers={"Location": "/elsewhere"}, unchecked="any", client=client
    )
    assert response.status_code == status


def test_a_lie_fails_where_it_is_declared() -> None:
    with pytest.raises(lookalike.ContractViolation, match="completed"):
        pack.reply("GET", "/todos", json=[TODO | {"completed": "no"}])
    assert pack.reply("GET", "/todos", json=[{}], unchecked="on purpose").json() == [{}]


def test_without_a_contract_anything_goes() -> None:
    api = lookalike.Api(base_url="https://api.example.com/v1")
    assert api.reply("post", "/a b", text="é").text == "é"
    assert api.reply("HEAD", "/x", headers={"A": "1"}).headers["A"] == "1"


@pytest.mark.parametrize(
    ("args", "reply", "message"),
    [
        (("GET", "/todos"), {"client": "urllib"}, "httpx, requests"),
        (("GET", "todos"), {}, "begins with /"),
        (("GET", "/todos"), {"jsn": []}, "jsn"),
        (("GET", "/todos"), {"json": object()}, "JSON"),
        (("G T", "/todos"), {}, "method"),
    ],
)
def test_misuse(args: tuple[str, str], reply: dict[str, Any], message: str) -> None:
    with pytest.raises(lookalike.UsageError, match=message):
        pack.reply(*args, **reply)


def test_the_status_may_be_said_as_in_respond() -> None:
    assert pack.reply("GET", "/todos/1", 404, json={}).status_code == 404
    assert pack.reply("GET", "/todos/1", status=404, client="httpx").status_code == 404


def test_a_client_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)
    with pytest.raises(lookalike.UsageError, match="httpx is not installed"):
        pack.reply("GET", "/todos", json=[], client="httpx")
