"""Postman collections as documents: operations, parameters, and what saved examples show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.files import load
from lookalike.errors import FileError
from lookalike.messages import Response

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def read(folder: Path, items: Any, **parts: Any) -> Contract:
    path = folder / "shop.postman_collection.json"
    path.write_text(json.dumps({"info": {"name": "Shop", "schema": SCHEMA}, "item": items, **parts}))
    return load(path)


def request(url: Any, method: str = "GET", *answers: Any, **parts: Any) -> dict[str, Any]:
    return {"name": "One", "request": {"method": method, "url": url, **parts}, "response": list(answers)}


def saved(body: Any, code: int = 200, kind: str = "application/json", **parts: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {"code": code, "header": [{"key": "Content-Type", "value": kind}], "body": text, **parts}


def wrong(contract: Contract, path: str, body: Any, status: int = 200, method: str = "GET") -> list[str]:
    content = json.dumps(body).encode()
    found = contract.check_reply(method, path, Response(status, {"content-type": "application/json"}, content))
    return [f"{one.where} {one.expected}: {one.evidence}" for one in found]


BASE = [{"key": "baseUrl", "value": "{{scheme}}://shop.example/v1"}, {"key": "scheme", "value": "https"}]


def test_folders_variables_parameters_and_examples(tmp_path: Path) -> None:
    url = {
        "raw": "{{baseUrl}}/users/:id/orders/{{order_id}}.json?page=2&debug=1&token=secret",
        "query": [
            {"key": "page", "value": "2"},
            {"key": "debug", "value": "1", "disabled": True},
            {"key": "token", "value": "secret"},
        ],
        "variable": [{"key": "id", "value": "7"}],
    }
    order = {"id": 1, "note": "hi", "lines": [{"sku": "a", "n": 2}]}
    items = [{"name": "Users", "item": [{"name": "Orders", "item": [request(url, "GET", saved(order))]}]}]
    contract = read(tmp_path, items, variable=[*BASE, {"key": "order_id", "value": "12"}])
    assert (contract.title, contract.base_url, contract.name) == (
        "Shop",
        "https://shop.example/v1",
        "shop.postman_collection",
    )
    (one,) = contract.operations
    assert one.key == "GET /users/{id}/orders/{order_id}.json"
    assert [(found.name, found.place, found.schema) for found in one.parameters] == [
        ("id", "path", {"examples": ["7"]}),
        ("order_id", "path", {"examples": ["12"]}),
        ("page", "query", {"examples": ["2"]}),
        ("token", "query", {}),
    ]
    path = "/users/9/orders/3.json"
    assert contract.example("GET", "/users/{id}/orders/{order_id}.json") == (200, "application/json", order)
    assert wrong(contract, path, {"id": 2, "more": True, "note": None}) == []
    assert wrong(contract, path, {"id": 2}, 201) == []
    (found,) = wrong(contract, path, {"lines": [{"n": "two"}]})
    assert found.startswith("json.lines[0].n an integer or null: the document says so: ")
    assert found.endswith(" #/item/0/item/0/item/0/response/0/body/properties/lines/items/properties/n")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x/y?z=1#f", "GET https://a.example /x/y"),
        ("a.example/x", "GET https://a.example /x"),
        ("http://a.example:8080", "GET http://a.example:8080 /"),
        ("{{baseUrl}}/x", "GET https://shop.example/v1 /x"),
        ("{{scheme}}://shop.example/x", "GET https://shop.example /x"),
        ("{{unknown}}/x/{{unknown}}", "GET  /x/{unknown}"),
        ("{{host}}/x", "GET https://h.example /x"),
        ("/x", "GET  /x"),
        ({"raw": "", "protocol": "https", "host": ["a", "example"], "path": ["x", {"value": ":id"}], "port": "81"},
         "GET https://a.example:81 /x/{id}"),
        ({"host": "a.example", "path": "x/:id/:id"}, "GET https://a.example /x/{id}/{id2}"),
        ({"raw": "https://a.example/a%20b/{x}"}, "GET https://a.example /a b/%7Bx%7D"),
        ("", ""),
        (None, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_where_a_url_leads(tmp_path: Path, url: Any, expected: str) -> None:
    contract = read(tmp_path, [request(url)], variable=[*BASE, {"key": "host", "value": "h.example"}])
    found = [f"{one.method} {contract.base_url or ''} {one.path}" for one in contract.operations]
    assert found == ([expected] if expected else [])


def test_requests_of_one_template_are_one_operation_and_another_host_has_a_server_of_its_own(tmp_path: Path) -> None:
    items = [
        request("https://a.example/users/:id", "GET", saved({"id": 1})),
        request("https://a.example/users/{{user}}?full=1", "GET", saved({"id": 2, "name": None}), saved({"error": "no"}, 404)),  # noqa: E501  a row a line
        request("https://a.example/users/:id", "PUT"),
        request("https://files.example/upload", "POST"),
        "https://a.example/ping",
    ]  # fmt: skip
    items[-1] = {"name": "Ping", "request": "https://a.example/ping"}
    contract = read(tmp_path, items)
    assert [one.key for one in contract.operations] == [
        "GET /users/{id}",
        "PUT /users/{id}",
        "POST /upload",
        "GET /ping",
    ]
    get, _, upload, _ = contract.operations
    assert sorted(get.responses) == ["200", "404", "default"]
    assert [one.name for one in get.parameters] == ["id", "full"]
    assert upload.servers == ("https://files.example",)
    assert contract.relative("https://files.example/upload") == "/upload"
    assert contract.relative("https://files.example/users/1") is None
    assert wrong(contract, "/users/1", {"id": "x"}) != []


def test_a_method_without_a_key_of_its_own(tmp_path: Path) -> None:
    contract = read(tmp_path, [request("https://a.example/x", "PURGE", saved({"n": 1}))])
    assert [one.key for one in contract.operations] == ["PURGE /x"]
    (found,) = wrong(contract, "/x", {"n": "x"}, method="PURGE")
    assert found.endswith("#/item/0/response/0/body/properties/n")


@pytest.mark.parametrize(
    ("body", "header", "kind", "typed"),
    [
        ({"mode": "raw", "raw": '{"n": 1}'}, [], "application/json", True),
        ({"mode": "raw", "raw": '{"n": {{count}}}'}, [], "application/json", True),
        ({"mode": "raw", "raw": '{"n": {{nobody}}}', "options": {"raw": {"language": "json"}}}, [], "application/json", False),  # noqa: E501  a row a line
        ({"mode": "raw", "raw": "<a/>", "options": {"raw": {"language": "xml"}}}, [], "application/xml", False),
        ({"mode": "raw", "raw": "hello"}, [], "text/plain", False),
        ({"mode": "raw", "raw": '{"n": 1}'}, "Content-Type: application/vnd.x+json\nX-A: 1", "application/vnd.x+json", True),  # noqa: E501  a row a line
        ({"mode": "urlencoded", "urlencoded": []}, [], "application/x-www-form-urlencoded", False),
        ({"mode": "formdata", "formdata": []}, [], "multipart/form-data", False),
        ({"mode": "graphql", "graphql": {"query": "{a}"}}, [], "application/json", False),
        ({"mode": "file"}, [], "", False),
        ({"mode": "raw", "raw": ""}, [], "", False),
        (None, [], "", False),
    ],
)  # fmt: skip
def test_bodies_of_requests(tmp_path: Path, body: Any, header: Any, kind: str, typed: bool) -> None:
    item = request("https://a.example/x", "POST", body=body, header=header)
    (one,) = read(tmp_path, [item], variable=[{"key": "count", "value": 3}]).operations
    assert list(one.request_body.media if one.request_body else ()) == ([kind] if kind else [])
    if one.request_body is not None and typed:
        assert one.request_body.media[kind].schema["properties"]["n"] == {"type": ["integer", "null"]}
    assert [found.name for found in one.parameters] == (["X-A"] if isinstance(header, str) else [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"code": 200, "body": '{"a": 1}', "header": None, "_postman_previewlanguage": "json"}, "application/json"),
        ({"code": 200, "body": '{"a": 1}', "header": []}, "application/json"),
        ({"code": 200, "body": "<p>", "_postman_previewlanguage": "html"}, "text/html"),
        ({"code": 200, "body": "x"}, "text/plain"),
        ({"code": 200, "body": "{cut", "header": "Content-Type: application/json"}, "application/json"),
        ({"code": 200, "body": None}, ""),
        ({"code": None, "body": "x"}, "none"),
        ({"code": 999, "body": "x"}, "none"),
        ("text", "none"),
    ],
)
def test_saved_answers(tmp_path: Path, answer: Any, kind: str) -> None:
    (one,) = read(tmp_path, [request("https://a.example/x", "GET", answer)]).operations
    found = one.responses.get("200")
    assert (list(found.media) if found else "none") == (
        [kind] if kind not in ("", "none") else [] if not kind else "none"
    )


def test_an_answers_own_request_tells_more(tmp_path: Path) -> None:
    own = {"url": "https://a.example/x?sort=up"}
    item = request(
        "https://a.example/x", "GET", saved({}, originalRequest=own), saved({}, originalRequest={"url": "/y?no=1"})
    )
    (one,) = read(tmp_path, [item]).operations
    assert [found.name for found in one.parameters] == ["sort"]


def test_a_collection_as_postmans_own_service_gives_it(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps({"collection": {"info": {"name": "In"}, "item": [request("https://a.example/x")]}}))
    contract = load(path)
    assert (contract.title, contract.operations[0].key) == ("In", "GET /x")
    assert contract.document.shown(contract.operations[0].pointer) == "#/collection/item/0/request"


def deep(levels: int) -> Any:
    item: Any = request("https://a.example/x")
    for _ in range(levels):
        item = {"item": [item]}
    return [item]


@pytest.mark.parametrize(
    ("items", "parts", "problem"),
    [
        ({}, {"item": 3}, "expected a list of requests and folders"),
        ([3], {}, "expected a request or a folder, this is a number"),
        ([{"request": 3}], {}, "expected a request, this is a number"),
        (deep(120), {}, "folders are nested too deeply"),
    ],
)
def test_what_is_broken_names_the_place(tmp_path: Path, items: Any, parts: Any, problem: str) -> None:
    with pytest.raises(FileError) as caught:
        read(tmp_path, items, **parts)
    assert problem in str(caught.value)
    assert "#/item" in str(caught.value)


def test_version_1_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"id": "x", "name": "Old", "order": [], "requests": []}))
    with pytest.raises(FileError, match=r"version 1 are not read(?s:.*)Export it"):
        load(path)


def test_variables_that_name_each_other_end(tmp_path: Path) -> None:
    loop = [{"key": "a", "value": "{{b}}{{b}}"}, {"key": "b", "value": "{{a}}{{a}}"}]
    (one,) = read(tmp_path, [request("https://a.example/{{a}}")], variable=loop).operations
    assert one.path == "/{a}"
