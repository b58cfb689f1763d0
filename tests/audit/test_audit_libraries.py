"""Suites written with other libraries are heard, each answer with its line, and none of them notices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import vcr  # type: ignore[import-untyped]  # it has no types

from lookalike import packs
from lookalike.contract.audited import Audit

# pytester forgets modules that a run within the run has imported, and some can't be imported twice.
packs.load("jsonplaceholder")
assert vcr

OWNER = {"type": "object", "required": ["login"], "properties": {"login": {"type": "string"}}}
TODO = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}, "owner": OWNER},
}


def answers(**statuses: Any) -> dict[str, Any]:
    return {
        status.removeprefix("s"): {"description": "", "content": {"application/json": {"schema": schema}}}
        if schema is not None
        else {"description": ""}
        for status, schema in statuses.items()
    }


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Todos", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/todos": {
            "get": {"responses": answers(s200={"type": "array", "items": TODO}, s401=None, s429=None)},
            "post": {"responses": answers(s201=TODO)},
        },
        "/todos/{id}": {
            "get": {"responses": answers(s200=TODO, s404=None)},
            "delete": {"responses": answers(s204=None)},
        },
        "/never": {"get": {"responses": answers(s200=TODO)}},
    },
}
PROJECT = '[tool.lookalike.apis.todos]\ncontract = "contracts/todos.json"\n'


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    (pytester.path / "contracts").mkdir()
    (pytester.path / "contracts" / "todos.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    (pytester.path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return pytester


class Kept:
    """A plugin that keeps what a run's audit came to."""

    audit: Audit | None = None

    def pytest_terminal_summary(self, config: pytest.Config) -> None:
        plugin: Any = config.pluginmanager.get_plugin("lookalike-audit")
        self.audit = plugin.audit


def audited(project: pytest.Pytester, text: str, *options: str, passed: int = 1, **outcomes: int) -> Audit:
    """The audit of a suite whose tests all pass, as they do without it."""
    (project.path / "test_suite.py").write_text(text, encoding="utf-8")
    kept = Kept()
    run = project.inline_run(
        "--lookalike=audit", "-p", "no:randomly", "-p", "no:cacheprovider", *options, plugins=[kept]
    )
    counts = dict(zip(("passed", "skipped", "failed"), map(len, run.listoutcomes()), strict=True))
    assert counts == {"passed": passed, "skipped": 0, "failed": 0} | outcomes
    assert kept.audit is not None
    assert kept.audit.troubles == set()
    return kept.audit


def told(audit: Audit) -> list[tuple[str, str, str, str]]:
    """(operation, place, status, what is wrong) of each mock."""
    found = []
    for mock in audit.apis["todos"].mocks.values():
        wrong = "; ".join(sorted(f"{one.where} {one.got}" for one in mock.said)) or "fine"
        found.append((mock.operation, mock.place, ",".join(sorted(mock.statuses)), wrong))
    return sorted(found)


RESPONSES = """
import requests, responses

@responses.activate
def test_it():
    responses.add(responses.GET, "https://api.test/todos/1", json={"id": "one", "title": "a"}, status=200)
    responses.get("https://api.test/todos", json=[{"id": 1, "title": "a"}])
    responses.add(responses.Response("POST", "https://api.test/todos", json={"id": 1}))
    responses.add_callback("DELETE", "https://api.test/todos/1", callback=lambda request: (200, {}, ""))
    responses.get("https://api.test/nowhere", json={})
    assert requests.get("https://api.test/todos/1").json()["id"] == "one"
    with requests.get("https://api.test/todos", stream=True) as answer:
        assert b"".join(answer.iter_content(4)) == b'[{"id": 1, "title": "a"}]'
    requests.Session().post("https://api.test/todos", json={})
    requests.delete("https://api.test/todos/1")
    requests.get("https://api.test/nowhere")
"""
REQUESTS_MOCK = """
import requests, requests_mock

def test_it(requests_mock):
    requests_mock.get("https://api.test/todos/1", json={"id": "one", "title": "a"}, status_code=200)
    requests_mock.get("https://api.test/todos", [{"json": [{"id": 1, "title": "a"}]}])
    requests_mock.register_uri("POST", "https://api.test/todos", json={"id": 1})
    requests_mock.delete("https://api.test/todos/1", status_code=200)
    requests_mock.get("https://api.test/nowhere", text="{}")
    for _ in range(3):
        assert requests.get("https://api.test/todos/1").json()["id"] == "one"
    requests.get("https://api.test/todos").json()
    requests.post("https://api.test/todos", json={})
    requests.delete("https://api.test/todos/1")
    requests.get("https://api.test/nowhere")
"""
RESPX = """
import httpx, respx

@respx.mock
def test_it():
    respx.get("https://api.test/todos/1").mock(return_value=httpx.Response(200, json={"id": "one", "title": "a"}))
    respx.get("https://api.test/todos").respond(json=[{"id": 1, "title": "a"}])
    respx.post("https://api.test/todos").respond(json={"id": 1})
    respx.delete("https://api.test/todos/1") % 200
    respx.get("https://api.test/nowhere")
    assert httpx.get("https://api.test/todos/1").json()["id"] == "one"
    with httpx.stream("GET", "https://api.test/todos") as answer:
        assert answer.read() == b'[{"id":1,"title":"a"}]'
    httpx.post("https://api.test/todos", json={})
    httpx.delete("https://api.test/todos/1")
    httpx.get("https://api.test/nowhere")
"""
EXPECTED = [
    ("DELETE /todos/{id}", "9", "200", "status 200"),
    ("GET /nowhere", "10", "", "path GET /nowhere"),
    ("GET /todos", "7", "", "fine"),
    ("GET /todos/{id}", "6", "200", 'json.id "one"'),
    ("POST /todos", "8", "", "json.title missing"),
]


@pytest.mark.parametrize("text", [RESPONSES, REQUESTS_MOCK, RESPX], ids=["responses", "requests-mock", "respx"])
def test_each_answer_is_held_to_its_contract_with_the_line_that_declares_it(
    project: pytest.Pytester, text: str
) -> None:
    shift = 1 if "def test_it(requests_mock)" in text else 0
    found = told(audited(project, text))
    places = [(one, f"test_suite.py:{int(line) - shift}", status, wrong) for one, line, status, wrong in EXPECTED]
    assert found == places


def test_an_async_client_is_heard_too_and_its_stream(project: pytest.Pytester) -> None:
    audit = audited(
        project,
        """
import asyncio, httpx, respx

async def ask():
    async with httpx.AsyncClient(follow_redirects=True) as client:
        assert (await client.get("https://api.test/old")).json() == {"id": 1, "title": 2}
        async with client.stream("GET", "https://api.test/todos") as answer:
            assert await answer.aread() == b'[{"id":"1","title":"a"}]'

@respx.mock
def test_it():
    respx.get("https://api.test/old").respond(302, headers={"location": "https://api.test/todos/1"})
    respx.get("https://api.test/todos/1").respond(200, json={"id": 1, "title": 2})
    respx.get("https://api.test/todos").respond(200, json=[{"id": "1", "title": "a"}])
    asyncio.run(ask())
""",
    )
    assert told(audit) == [
        ("GET /old", "test_suite.py:12", "302", "path GET /old"),
        ("GET /todos", "test_suite.py:14", "200", 'json[].id "1"'),
        ("GET /todos/{id}", "test_suite.py:13", "200", "json.title 2"),
    ]


def test_a_redirect_is_heard_hop_by_hop(project: pytest.Pytester) -> None:
    audit = audited(
        project,
        """
import requests, responses

@responses.activate
def test_it():
    responses.get("https://api.test/never", status=302, headers={"location": "https://api.test/todos/1"})
    responses.get("https://api.test/todos/1", status=200, json={"id": 1, "title": 2})
    assert requests.get("https://api.test/never").json()["title"] == 2
""",
    )
    assert told(audit) == [
        ("GET /never", "test_suite.py:6", "302", "status 302"),
        ("GET /todos/{id}", "test_suite.py:7", "200", "json.title 2"),
    ]


CASSETTE = """
interactions:
- request: {method: GET, uri: "https://api.test/todos/1", body: null, headers: {}}
  response: {body: {string: '{"id": 1, "title": "a"}'}, headers: {Content-Type: [application/json]}, status: {code: 200, message: OK}}
- request: {method: GET, uri: "https://api.test/todos", body: null, headers: {}}
  response: {body: {string: '[{"id": null, "title": "a"}]'}, headers: {Content-Type: [application/json]}, status: {code: 200, message: OK}}
version: 1
"""  # noqa: E501  a row a line


@pytest.mark.parametrize(
    "ask",
    [
        "requests.get(url).json()",
        "httpx.get(url).json()",
        "json.load(urllib.request.urlopen(url))",
    ],
)
def test_a_cassette_is_heard_with_its_entry_whichever_client_asks(project: pytest.Pytester, ask: str) -> None:
    (project.path / "talk.yaml").write_text(CASSETTE, encoding="utf-8")
    audit = audited(
        project,
        f"""
import json, urllib.request, httpx, requests, vcr

def ask(url):
    return {ask}

def test_it():
    with vcr.use_cassette("talk.yaml", record_mode="none"):
        assert ask("https://api.test/todos/1")["id"] == 1
        assert ask("https://api.test/todos")[0]["id"] is None
""",
    )
    assert told(audit) == [
        ("GET /todos", "talk.yaml entry 2", "200", "json[].id null"),
        ("GET /todos/{id}", "talk.yaml entry 1", "200", "fine"),
    ]


BETAMAX = """
import betamax, pytest, requests

def test_it():
    session = requests.Session()
    with betamax.Betamax(session, cassette_library_dir=".").use_cassette("talk", record="none"):
        assert session.get("https://api.test/todos/1").json()["id"] == 1
        assert session.get("https://api.test/todos").json()[0]["id"] is None
        with pytest.raises(betamax.BetamaxError):
            session.get("https://api.test/todos")
"""


def test_betamax_is_heard_with_its_entries(project: pytest.Pytester) -> None:
    entries = [
        {
            "recorded_at": "2026-01-01T00:00:00",
            "request": {"method": "GET", "uri": url, "headers": {}, "body": {"encoding": "utf-8", "string": ""}},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"]},
                "body": {"encoding": "utf-8", "string": json.dumps(body)},
                "url": url,
            },
        }
        for url, body in (
            ("https://api.test/todos/1", {"id": 1, "title": "a"}),
            ("https://api.test/todos", [{"id": None, "title": "a"}]),
        )
    ]
    cassette = {"http_interactions": entries, "recorded_with": "betamax/0.9.0"}
    (project.path / "talk.json").write_text(json.dumps(cassette), encoding="utf-8")
    audit = audited(project, BETAMAX)
    assert told(audit) == [
        ("GET /todos", "talk.json entry 2", "200", "json[].id null"),
        ("GET /todos/{id}", "talk.json entry 1", "200", "fine"),
    ]
    assert {mock.library for mock in audit.apis["todos"].mocks.values()} == {"betamax"}


def test_pytest_httpx(project: pytest.Pytester) -> None:
    pytest.importorskip("pytest_httpx", reason="a peer of the benchmarks' environment")
    audit = audited(
        project,
        """
import httpx

def test_it(httpx_mock):
    httpx_mock.add_response(url="https://api.test/todos/1", json={"id": "one", "title": "a"}, status_code=200)
    httpx_mock.add_response(url="https://api.test/todos", json=[{"id": 1, "title": "a"}])
    httpx_mock.add_callback(lambda request: httpx.Response(200), url="https://api.test/todos/2", method="DELETE")
    assert httpx.get("https://api.test/todos/1").json()["id"] == "one"
    httpx.get("https://api.test/todos")
    httpx.delete("https://api.test/todos/2")
""",
    )
    assert told(audit) == [
        ("DELETE /todos/{id}", "test_suite.py:7", "200", "status 200"),
        ("GET /todos", "test_suite.py:6", "", "fine"),
        ("GET /todos/{id}", "test_suite.py:5", "200", 'json.id "one"'),
    ]


def test_aioresponses(project: pytest.Pytester) -> None:
    pytest.importorskip("aioresponses", reason="no release of it works with the newest aiohttp")
    audit = audited(
        project,
        """
import asyncio, aiohttp
from aioresponses import aioresponses

async def ask():
    async with aiohttp.ClientSession() as session:
        async with session.get("https://api.test/todos/1") as answer:
            assert (await answer.json())["id"] == "one"
        async with session.get("https://api.test/todos") as answer:
            assert await answer.json()

def test_it():
    with aioresponses() as mock:
        mock.get("https://api.test/todos/1", payload={"id": "one", "title": "a"}, status=200)
        mock.get("https://api.test/todos", payload=[{"id": 1, "title": "a"}])
        asyncio.run(ask())
""",
    )
    assert told(audit) == [
        ("GET /todos", "test_suite.py:15", "", "fine"),
        ("GET /todos/{id}", "test_suite.py:14", "200", 'json.id "one"'),
    ]


def test_what_no_library_tells_is_another_double_s_and_loopback_is_the_test_s_own(
    project: pytest.Pytester, tmp_path: Path
) -> None:
    audit = audited(
        project,
        """
import httpx

def test_it():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"id": 1}))
    with httpx.Client(transport=transport) as client:
        client.get("https://api.test/todos/1")
        client.get("http://127.0.0.1:9/todos/1")
        client.get("https://elsewhere.test/x")
""",
    )
    assert told(audit) == [("GET /todos/{id}", "test_suite.py:4", "200", "json.title missing")]
    assert audit.unnamed == {"elsewhere.test": {"test_suite.py:4"}}


def test_doubles_of_lookalike_hold_their_own_answers_to_the_contract(project: pytest.Pytester) -> None:
    audit = audited(
        project,
        """
import httpx, lookalike, requests

def test_it(mock_api):
    mock = mock_api("todos")
    mock.get("/todos/1").respond(json={"id": "x"}, unchecked="a lie on purpose")
    httpx.get("https://api.test/todos/1")
    requests.get("https://api.test/todos/1")
""",
    )
    assert audit.apis == {}
