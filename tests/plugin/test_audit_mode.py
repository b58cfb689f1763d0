"""`--lookalike=audit`: what it says at the end, what --lookalike-strict fails, and the page; under xdist too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lookalike import packs
from lookalike.api.reads_file import read_reads
from lookalike.contract.reads import Reader

packs.load("jsonplaceholder")  # pytester forgets modules that a run within the run has imported

TODO = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}, "done": {"type": "boolean"}},
}
BODY = {"description": "", "content": {"application/json": {"schema": TODO}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Todos", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/todos/{id}": {
            "get": {"responses": {"200": BODY, "404": {"description": ""}, "429": {"description": ""}}},
            "delete": {"responses": {"204": {"description": ""}}},
        }
    },
}
SUITE = """
import unittest
from unittest.mock import patch
import pytest, requests, responses

def lies():
    responses.get("https://api.test/todos/1", json={"id": "1", "title": "a", "odd": 1, "more": 2}, status=200)

@pytest.mark.parametrize("n", range(3))
@responses.activate
def test_lies(n):
    lies()
    requests.get("https://api.test/todos/1")

@responses.activate
def test_honest():
    responses.get("https://api.test/todos/2", json={"id": 1, "title": "a"}, status=200)
    requests.get("https://api.test/todos/2")

class TestCase(unittest.TestCase):
    @patch("requests.get")
    def test_patch(self, get):
        get.return_value.json.return_value = {"id": 1}
        requests.get("https://api.test/todos/3").json()

@responses.activate
def test_elsewhere():
    responses.get("https://elsewhere.test/x?token=SECRETSECRETSECRET", json={})
    requests.get("https://elsewhere.test/x?token=SECRETSECRETSECRET")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    (pytester.path / "contracts").mkdir()
    (pytester.path / "contracts" / "todos.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    (pytester.path / "pyproject.toml").write_text(
        '[tool.lookalike.apis.todos]\ncontract = "contracts/todos.json"\n', encoding="utf-8"
    )
    (pytester.path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    return pytester


SAID = [
    "todos (contracts/todos.json): 3 mocks, 2 lie, 1 without a status of its own (unsaid)",
    "  lies:",
    "    GET /todos/{id}: json: expected a known key (done, id, title), got the keys \"more\", \"odd\" *",
    "      test_suite.py:7   responses, in 3 tests: test_lies[[]0], test_lies[[]1], test_lies[[]2]",
    "    GET /todos/{id}: json.id: expected an integer, got \"1\" (*",
    "      test_suite.py:7   responses, in 3 tests: test_lies[[]0], test_lies[[]1], test_lies[[]2]",
    "    GET /todos/{id}: json.title: expected a string, got missing (*",
    "      test_suite.py:21   unittest.mock, in 1 test: test_patch",
    "  no mock answers 1 operation of 2:",
    "    DELETE /todos/{id}",
    "  documented errors that no test meets:",
    "    GET /todos/{id}: 404, 429",
    "mocks of hosts that pyproject.toml names no API for:",
    "  elsewhere.test: 1 mock at test_suite.py:28",
    "  to hold them to a contract: lookalike learn SOURCE -o contracts/NAME.yaml, and in pyproject.toml",
]  # fmt: skip


def test_the_summary_says_what_lies_where_and_what_is_missing_and_changes_no_outcome(project: pytest.Pytester) -> None:
    run = project.runpytest_inprocess("--lookalike=audit", "-p", "no:randomly")
    run.assert_outcomes(passed=6)
    assert run.ret == 0
    run.stdout.fnmatch_lines(SAID, consecutive=True)
    assert "SECRET" not in run.stdout.str()


@pytest.mark.parametrize("options", [("-n2",), ("-n2", "--dist=loadfile"), ("-p", "randomly", "-p", "no:xdist")])
def test_workers_and_any_order_say_the_same(project: pytest.Pytester, options: tuple[str, ...]) -> None:
    run = project.runpytest_subprocess("--lookalike=audit", "--lookalike-report=page.html", *options)
    run.assert_outcomes(passed=6)
    run.stdout.fnmatch_lines(SAID, consecutive=True)
    assert audit_of(project.path / "page.html")["apis"][0]["lying"] == 2


def test_strict_fails_the_tests_that_received_a_lie_and_no_others(project: pytest.Pytester) -> None:
    run = project.runpytest_inprocess("--lookalike=audit", "--lookalike-strict", "-p", "no:randomly")
    run.assert_outcomes(passed=2, failed=4)
    run.stdout.fnmatch_lines([
        "*ContractViolation: the mock of GET /todos/{id} at test_suite.py:7 contradicts the contract of todos *",
        "*json.id*expected an integer*got \"1\"*",
        "*Next: fix the mock; without --lookalike-strict it is only reported.",
    ])  # fmt: skip


def test_strict_fails_no_mock_of_what_the_contract_does_not_have(project: pytest.Pytester) -> None:
    """It is listed apart: either nobody answers there, or the contract is older than the code."""
    text = """
import requests, responses

@responses.activate
def test_strange():
    responses.get("https://api.test/nowhere", json={}, status=200)
    responses.put("https://api.test/todos/1", json={}, status=200)
    requests.get("https://api.test/nowhere")
    requests.put("https://api.test/todos/1")
    for number in range(3):
        responses.get(f"https://api.test/boards/{number}/cards", json=[], status=200)
        requests.get(f"https://api.test/boards/{number}/cards")
"""
    (project.path / "test_suite.py").write_text(text, encoding="utf-8")
    run = project.runpytest_inprocess("--lookalike=audit", "--lookalike-strict")
    run.assert_outcomes(passed=1)
    run.stdout.fnmatch_lines([
        "todos (contracts/todos.json): 5 mocks, 0 lie, 5 of what the contract doesn't have",
        "  mocked, and not in the contract:",
        "    GET /boards/0/cards and 2 more operations: no such operation",
        "      test_suite.py:11   responses, 3 mocks in 1 test: test_strange",
        "    GET /nowhere: no such operation",
        "      *",
        "    PUT /todos/1: the contract has DELETE or GET there",
    ])  # fmt: skip


def test_strict_fails_nothing_where_the_contract_contradicts_itself(project: pytest.Pytester) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    media = document["paths"]["/todos/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    media["example"] = {"id": "7", "title": "a"}
    (project.path / "contracts" / "todos.json").write_text(json.dumps(document), encoding="utf-8")
    text = SUITE.replace(', "odd": 1, "more": 2', "")
    (project.path / "test_suite.py").write_text(text, encoding="utf-8")
    run = project.runpytest_inprocess(
        "--lookalike=audit", "--lookalike-strict", "--lookalike-report=page.html", "-p", "no:randomly", "-k", "lies"
    )
    run.assert_outcomes(passed=3)
    run.stdout.fnmatch_lines([
        "todos (contracts/todos.json): 1 mock, 0 lie",
        "  the contract's own examples say the same, so it contradicts itself here:",
        '    GET /todos/{id}: json.id: expected an integer, got "1" *',
    ])  # fmt: skip
    [api] = audit_of(project.path / "page.html")["apis"]
    assert (api["lies"], [one["where"] for one in api["disputes"]]) == ([], ["json.id"])


def test_a_test_that_works_elsewhere_is_named_as_any_other(project: pytest.Pytester) -> None:
    text = """
import requests, responses

@responses.activate
def test_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    responses.get("https://api.test/todos/1", json={"id": 1}, status=200)
    requests.get("https://api.test/todos/1")
"""
    (project.path / "test_suite.py").write_text(text, encoding="utf-8")
    run = project.runpytest_inprocess("--lookalike=audit")
    run.assert_outcomes(passed=1)
    run.stdout.fnmatch_lines(["      test_suite.py:7   responses, in 1 test: test_elsewhere"])


def test_strict_leaves_a_test_that_failed_by_itself_its_own_failure(project: pytest.Pytester) -> None:
    text = SUITE.replace("    lies()\n", "    lies()\n    requests.get('https://api.test/todos/1')\n    assert n > 5\n")
    (project.path / "test_suite.py").write_text(text, encoding="utf-8")
    run = project.runpytest_inprocess("--lookalike=audit", "--lookalike-strict", "-p", "no:randomly", "-k", "test_lies")
    run.assert_outcomes(failed=3)
    assert "ContractViolation" not in run.stdout.str()


def audit_of(page: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert found is not None
    sections = json.loads(found[1])
    assert [one["name"] for one in sections] == ["audit"]
    data: dict[str, Any] = sections[0]["data"]
    return data


def test_the_page_has_all_of_it(project: pytest.Pytester) -> None:
    run = project.runpytest_inprocess("--lookalike=audit", "--lookalike-report", "page.html", "-p", "no:randomly")
    run.stdout.fnmatch_lines(["the page: page.html"])
    data = audit_of(project.path / "page.html")
    (api,) = data["apis"]
    assert (api["name"], api["mocks"], api["lying"], api["unsaid"], api["tests"]) == ("todos", 3, 2, 1, 5)
    assert [(one["where"], one["many"], one["places"]) for one in api["lies"]] == [
        ("json", 3, [["test_suite.py:7", "responses"]]),
        ("json.id", 3, [["test_suite.py:7", "responses"]]),
        ("json.title", 1, [["test_suite.py:21", "unittest.mock"]]),
    ]
    assert api["errors"] == [["GET /todos/{id}", ["404", "429"]]]
    assert data["unnamed"] == [{"host": "elsewhere.test", "places": ["test_suite.py:28"]}]
    assert "SECRET" not in (project.path / "page.html").read_text("utf-8")


def test_a_contract_that_is_not_there_is_named_and_breaks_nothing(project: pytest.Pytester) -> None:
    (project.path / "contracts" / "todos.json").unlink()
    run = project.runpytest_inprocess("--lookalike=audit", "--lookalike-report=no/such/folder/page.html")
    run.assert_outcomes(passed=6)
    run.stdout.fnmatch_lines(["not held to a contract: todos: *contracts/todos.json*"])
    assert run.ret == 0


def test_a_library_that_has_moved_is_named_and_breaks_nothing(project: pytest.Pytester) -> None:
    (project.path / "conftest.py").write_text(
        "import responses\nclass Other(responses.Response):\n    pass\ndel responses.CallbackResponse.get_response\n"
        "responses.CallbackResponse = object\n",
        encoding="utf-8",
    )
    run = project.runpytest_subprocess("--lookalike=audit")
    run.assert_outcomes(passed=6)
    run.stdout.fnmatch_lines(["not seen because of an error of lookalike's own: responses: AttributeError: *"])


def test_without_mocks_it_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    run = pytester.runpytest_inprocess("--lookalike=audit", "--collect-only")
    assert "audit" not in run.stdout.str().partition("collected")[2]
    run = pytester.runpytest_inprocess("--lookalike=audit")
    run.stdout.fnmatch_lines(["no test received an answer from a mock"])


def test_reads_need_no_status_that_the_mock_says(project: pytest.Pytester) -> None:
    text = """
import requests, responses

@responses.activate
def test_it():
    responses.get("https://api.test/todos/1", json={"id": 1, "title": "a", "done": True})
    assert requests.get("https://api.test/todos/1").json()["title"]
"""
    run = project.runpytest_subprocess("--lookalike=audit", project.makepyfile(test_unsaid=text))
    run.assert_outcomes(passed=1)
    run.stdout.fnmatch_lines(["*1 without a status of its own (unsaid)*"])
    noted = project.path / ".lookalike" / "reads.ndjson"
    assert read_reads(noted)["todos"].used("GET /todos/{id}", "json.title") == "read"
    before = noted.read_bytes()
    # Where nobody listens to other libraries, what was noted stays.
    run = project.runpytest_subprocess("--lookalike-uses", "test_unsaid.py")
    run.assert_outcomes(passed=1)
    run.stdout.fnmatch_lines(["*so no reads are noted*pytest --lookalike=audit"])
    assert noted.read_bytes() == before


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["alone", "workers"])
def test_what_the_tests_read_of_answers_from_other_libraries_is_noted(
    project: pytest.Pytester, options: tuple[str, ...]
) -> None:
    text = """
from unittest.mock import Mock, patch
import httpx, requests, respx, responses

@responses.activate
def test_it():
    responses.get("https://api.test/todos/1", json={"id": 1, "title": "a"}, status=200)
    assert requests.get("https://api.test/todos/1").json()["title"] == "a"

@respx.mock
def test_other():
    respx.get("https://api.test/todos/2").respond(200, json={"id": 1, "title": "a"})
    assert httpx.get("https://api.test/todos/2").json()["id"] == 1

@patch("requests.delete", return_value=Mock(status_code=200, json=Mock(return_value={"id": 1})))
def test_patch(delete):
    assert requests.delete("https://api.test/todos/1").json()["id"] == 1

@patch("requests.delete", return_value=Mock(status_code=204))
def test_nothing(delete):
    requests.delete("https://api.test/todos/1")

@responses.activate
def test_same_text():
    responses.get("https://api.test/todos/1", json={"id": 1, "title": "a"}, status=404)
    assert requests.get("https://api.test/todos/1").json()["id"] == 1
"""
    (project.path / "test_suite.py").write_text(text, encoding="utf-8")
    run = project.runpytest_subprocess("--lookalike=audit", "-p", "no:randomly", *options)
    run.assert_outcomes(passed=5)
    reads = read_reads(project.path / ".lookalike" / "reads.ndjson")["todos"]
    key = "GET /todos/{id}"
    assert reads.readers(key, "json.title") == (Reader("test_suite.py::test_it", "test_suite.py:8", True),)
    assert reads.readers(key, "json.id") == (Reader("test_suite.py::test_other", "test_suite.py:13", True),)
    assert reads.used(key, "json.done") == "unseen"
    # What a Mock's json() gives is the test's own object: nobody sees what is read of it.
    assert reads.used("DELETE /todos/{id}", "json.id") == "unknown"
    # The text was received in two tests, of two operations: each has its own.
    assert reads.tests["404 GET /todos/{id}"] == {"test_suite.py::test_same_text"}
    assert reads.readers("404 GET /todos/{id}", "404 json.title") == ()
