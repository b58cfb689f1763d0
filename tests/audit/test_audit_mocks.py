"""Patches of functions that send requests, in every spelling of unittest.mock, pytest-mock and monkeypatch."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lookalike.contract.audited import Audit

# pytest imports this folder's files by their paths.
_spec = importlib.util.spec_from_file_location("audit_libraries", Path(__file__).with_name("test_audit_libraries.py"))
assert _spec is not None
assert _spec.loader is not None
libraries = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(libraries)
audited, told = libraries.audited, libraries.told
project = libraries.project

SERVICES = """
import urllib.request
import aiohttp, httpx, json, requests
from requests import get as fetch

def todo(session=requests):
    return session.get("https://api.test/todos/1", timeout=3).json()

def by_name():
    return fetch("https://api.test/todos/1").json()

def by_session():
    with requests.Session() as session:
        return session.request("GET", "https://api.test/todos/1").json()

def by_urlopen():
    with urllib.request.urlopen("https://api.test/todos/1") as answer:
        return json.loads(answer.read())

def by_httpx():
    return httpx.Client(base_url="https://api.test").get("/todos/1").json()

async def by_async_httpx():
    async with httpx.AsyncClient() as client:
        return (await client.get("https://api.test/todos/1")).json()

async def by_aiohttp():
    async with aiohttp.ClientSession() as session:
        async with session.get("https://api.test/todos/1") as answer:
            return await answer.json()
"""
HEAD = """import asyncio, json, unittest
from unittest import mock
from unittest.mock import AsyncMock, MagicMock, Mock, PropertyMock, create_autospec, patch
import httpx, requests, services
LIE = {"id": "one", "title": "a"}
class Answer:
    status_code = 200
    def json(self):
        return dict(LIE)
"""
AT = HEAD.count("\n")


def heard(project: pytest.Pytester, test: str, *options: str) -> Audit:
    (project.path / "services.py").write_text(SERVICES, encoding="utf-8")
    return audited(project, HEAD + test, "-p", "no:asyncio", *options)  # type: ignore[no-any-return]  # loaded by path


# What is declared on the first line of the test unless the second item says another one.
SPELLINGS: dict[str, tuple[str, int, str]] = {
    "with": ("""def test_it():
    with patch("services.requests.get") as get:
        get.return_value.json.return_value = LIE
        assert services.todo() == LIE
""", 2, ""),
    "decorator": ("""@patch("services.requests.get")
def test_it(get):
    get.return_value = Mock(status_code=200, json=Mock(return_value=LIE))
    assert services.todo() == LIE
""", 1, "200"),
    "imported name": ("""@patch("services.fetch", **{"return_value.status_code": 200})
def test_it(get):
    get.return_value.json.return_value = LIE
    assert services.by_name() == LIE
""", 1, "200"),
    "whole module": ("""def test_it():
    with patch("services.requests") as module:
        module.get.return_value.status_code = 200
        module.get.return_value.json.return_value = LIE
        assert services.todo(module) == LIE
""", 2, "200"),
    "client class": ("""def test_it():
    with patch.object(services.requests, "Session") as session:
        answer = session.return_value.__enter__.return_value.request.return_value
        answer.status_code, answer.json.return_value = 200, LIE
        assert services.by_session() == LIE
""", 2, "200"),
    "method, autospec": ("""@patch.object(requests.Session, "request", autospec=True)
def test_it(request):
    request.return_value.status_code = 200
    request.return_value.json.return_value = LIE
    assert services.by_session() == LIE
    request.assert_called_once()
""", 1, "200"),
    "start and stop in a TestCase": ("""class TestIt(unittest.TestCase):
    def setUp(self):
        patcher = patch("services.requests.get", side_effect=lambda url, timeout: Answer())
        patcher.start()
        self.addCleanup(patcher.stop)
    def test_it(self):
        self.assertEqual(services.todo(), LIE)
""", 3, "200"),
    "new= a function": ("""@patch("services.requests.get", new=lambda url, timeout: Answer())
def test_it():
    assert services.todo() == LIE
""", 1, "200"),
    "multiple": ("""def test_it():
    with patch.multiple("services.requests", get=Mock(return_value=Answer()), post=Mock()):
        assert services.todo() == LIE
""", 2, "200"),
    "a real response": ("""def test_it():
    answer = requests.Response()
    answer.status_code, answer._content = 200, json.dumps(LIE).encode()
    with patch("services.requests.get", return_value=answer):
        assert services.todo() == LIE
""", 4, "200"),
    "json with a side effect": ("""def test_it():
    answer = Mock(status_code=200)
    answer.json.side_effect = [LIE, {"id": 1}]
    with patch("services.requests.get", return_value=answer):
        assert services.todo() == LIE
""", 4, "200"),
    "json as a function": ("""def test_it():
    answer = Mock(json=lambda: LIE)
    type(answer).status_code = PropertyMock(return_value=200)
    with patch("services.requests.get", return_value=answer):
        assert services.todo() == LIE
    assert answer.json() == LIE and answer.json.__name__ == "<lambda>"
""", 4, "200"),
    "text": ("""def test_it():
    answer = Mock(status_code=200, text=json.dumps(LIE))
    with patch("services.requests.get", return_value=answer):
        requests.get("https://api.test/todos/1")
""", 3, "200"),
    "urlopen": ("""def test_it():
    with patch("urllib.request.urlopen") as opened:
        opened.return_value.__enter__.return_value.status = 200
        opened.return_value.__enter__.return_value.read.return_value = json.dumps(LIE).encode()
        assert services.by_urlopen() == LIE
""", 2, "200"),
    "an address without a host": ("""def test_it():
    with patch.object(httpx.Client, "get", return_value=httpx.Response(200, json=LIE)):
        assert services.by_httpx() == LIE
""", 2, "200"),
    "async": ("""def test_it():
    with patch("httpx.AsyncClient.get", AsyncMock(return_value=Mock(status_code=200, json=lambda: LIE))):
        assert asyncio.run(services.by_async_httpx()) == LIE
""", 2, "200"),
    "aiohttp": ("""def test_it():
    with patch("aiohttp.ClientSession.get") as get:
        get.return_value.__aenter__.return_value.status = 200
        get.return_value.__aenter__.return_value.json.return_value = LIE
        assert asyncio.run(services.by_aiohttp()) == LIE
""", 2, "200"),
    "monkeypatch": ("""def test_it(monkeypatch):
    monkeypatch.setattr(requests, "get", lambda url, timeout: Answer())
    assert services.todo() == LIE
""", 2, "200"),
    "monkeypatch by name, a Mock": ("""def test_it(monkeypatch):
    monkeypatch.setattr("services.requests.get", Mock(return_value=Answer()))
    assert services.todo() == LIE
""", 2, "200"),
    "monkeypatch of an async method": ("""def test_it(monkeypatch):
    async def get(self, url):
        return httpx.Response(200, json=LIE)
    monkeypatch.setattr(httpx.AsyncClient, "get", get)
    assert asyncio.run(services.by_async_httpx()) == LIE
""", 4, "200"),
    "injected": ("""def test_it():
    session = Mock()
    session.get.return_value.status_code = 200
    session.get.return_value.json.return_value = LIE
    assert services.todo(session) == LIE
""", 1, "200"),
    "injected, autospec": ("""def test_it():
    session = create_autospec(requests.Session, instance=True)
    session.get.return_value.status_code = 200
    session.get.return_value.json.return_value = LIE
    assert services.todo(session) == LIE
""", 1, "200"),
    "below the client": ("""def test_it():
    answer = requests.Response()
    answer.status_code, answer._content = 200, json.dumps(LIE).encode()
    def send(request, **options):
        answer.request = request
        return answer
    with patch("requests.adapters.HTTPAdapter.send", side_effect=send):
        assert services.by_session() == LIE
""", 7, "200"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_patch_is_heard_with_its_line_and_the_status_that_it_says(project: pytest.Pytester, name: str) -> None:
    text, line, status = SPELLINGS[name]
    assert told(heard(project, text)) == [("GET /todos/{id}", f"test_suite.py:{AT + line}", status, 'json.id "one"')]


def test_pytest_mock(project: pytest.Pytester) -> None:
    pytest.importorskip("pytest_mock", reason="an environment of its own has it")
    text = """def test_it(mocker):
    mocker.patch("services.requests.get", return_value=Answer())
    assert services.todo() == LIE
"""
    assert told(heard(project, text)) == [("GET /todos/{id}", f"test_suite.py:{AT + 2}", "200", 'json.id "one"')]


def test_what_a_mock_does_not_say_is_no_lie(project: pytest.Pytester) -> None:
    audit = heard(
        project,
        """def test_it():
    with patch("services.requests.delete") as delete, patch("services.requests.post") as post:
        requests.delete("https://api.test/todos/1").raise_for_status()
        post.return_value.json.return_value = {"id": 1, "title": "a"}
        requests.post("https://api.test/todos").json()
        post.return_value.status_code = 200
        requests.post("https://api.test/todos").json()
        post.side_effect = requests.Timeout
        try:
            requests.post("https://api.test/todos")
        except requests.Timeout:
            pass
""",
    )
    line = f"test_suite.py:{AT + 2}"
    assert told(audit) == [
        ("DELETE /todos/{id}", line, "", "fine"),
        ("POST /todos", line, ",200", "status 200"),
    ]
    assert audit.apis["todos"].unsaid == 2


def test_what_code_does_to_a_body_is_not_the_mock_s(project: pytest.Pytester) -> None:
    audit = heard(
        project,
        """def test_it():
    with patch("services.requests.get") as get:
        get.return_value.json.return_value = {"id": 1, "title": "a"}
        services.todo().pop("id")
""",
    )
    assert told(audit) == [("GET /todos/{id}", f"test_suite.py:{AT + 2}", "", "fine")]


def test_an_answer_of_somebody_s_own_class_is_heard_each_time_however_its_memory_is_used(
    project: pytest.Pytester,
) -> None:
    text = """import pytest
@pytest.mark.parametrize("n", range(40))
def test_it(n):
    with patch("services.requests.get", side_effect=lambda url, timeout: Answer()):
        assert [services.todo() for _ in range(5)] == [LIE] * 5
"""
    (project.path / "services.py").write_text(SERVICES, encoding="utf-8")
    audit = libraries.audited(project, HEAD + text, "-p", "no:asyncio", passed=40)
    (mock,) = audit.apis["todos"].mocks.values()
    assert (mock.received, len(mock.tests)) == (200, 40)
    (tests,) = mock.said.values()
    assert len(tests) == 40


def test_mocks_that_have_nothing_to_do_with_it_are_left_alone(project: pytest.Pytester) -> None:
    audit = heard(
        project,
        """def test_it():
    cache, logger = MagicMock(), Mock()
    cache.get("https://api.test/todos/1")
    logger.info("https://api.test/todos/1")
    with patch("json.dumps", return_value="x"), patch.dict("os.environ", {}), patch("services.todo") as todo:
        assert json.dumps(1) == "x"
        todo("https://api.test/todos/1")
    with patch("requests.get", return_value={"https": "//"}):
        assert requests.get(3) == {"https": "//"}
    assert cache.mock_calls == [mock.call.get("https://api.test/todos/1")]
""",
    )
    assert audit.apis == {}
    assert audit.unnamed == {}


def test_everything_is_as_it_was_afterwards(project: pytest.Pytester) -> None:
    import unittest.mock

    import httpx
    import requests
    import requests_mock.mocker
    import responses

    def places() -> list[object]:
        return [
            requests.Session.send, httpx.Client.send, httpx.AsyncClient.send, responses.Response.__init__,
            responses.Response.get_response, unittest.mock._patch.__enter__, unittest.mock._patch.__init__,
            unittest.mock.CallableMixin._execute_mock_call,  # type: ignore[attr-defined]  # private
            pytest.MonkeyPatch.setattr,
            requests_mock.mocker._original_send,  # type: ignore[attr-defined]  # private
        ]  # fmt: skip

    before = places()
    heard(project, SPELLINGS["with"][0])
    assert places() == before
