"""--lookalike-coverage: which operations the tests mock and call, which statuses they meet, and a floor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

OPTIONS = """
[tool.pytest.ini_options]
addopts = "--strict-markers -p no:randomly -p no:hypothesispytest -p no:anyio"
"""
SKY = """
openapi: 3.1.0
info: {title: Sky, version: "1"}
servers: [{url: "https://api.example.com"}]
paths:
  /todos:
    get: {responses: {"200": {description: all}, "401": {description: who}, "5XX": {description: down}}}
    post: {responses: {"201": {description: made}, default: {description: else}}}
  /todos/{id}:
    get: {responses: {"200": {description: one}, "404": {description: none}, "429": {description: later}}}
    delete: {responses: {"204": {description: gone}}}
  /stars:
    get: {responses: {"200": {description: far}}}
"""
TESTS = """
import lookalike, pytest, requests
api = lookalike.Api("sky.yaml")
get = lambda path: requests.get("https://api.example.com" + path, timeout=5)

@pytest.mark.parametrize("time", range(3))
@api.mock()
def test_all(mock, time):
    mock.get("/todos").respond(json=[])
    get("/todos")

@api.mock()
def test_none(mock):
    mock.get("/todos/{id}").respond(404)
    mock.post("/todos").optional().respond(201)
    assert get("/todos/7").status_code == 404

@api.mock(allow=[])
def test_down(mock):
    mock.get("/todos").respond(503).then.fail("reset")
    get("/todos")
    with pytest.raises(requests.ConnectionError):
        get("/todos")

@api.mock()
def test_nowhere(mock):
    mock.get("https://api.example.com/{rest:path}").respond(404)
    get("/nowhere")
"""
TABLE = [
    "=*= lookalike: coverage of APIs =*=",
    "     operations  mocked   called   statuses",
    "sky  5           3 (60%)  2 (40%)  3 of 9",
    "",
    "sky:",
    "  never mocked:",
    "    DELETE /todos/{id}",
    "    GET /stars",
    "  mocked, never called:",
    "    POST /todos",
    "  documented errors that no test meets:",
    "    GET /todos: 401",
    "    GET /todos/{id}: 429",
    "  called, and not in the contract:",
    "    GET /nowhere (1x)",
]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml(OPTIONS)
    Path("sky.yaml").write_text(SKY, "utf-8")
    pytester.makepyfile(TESTS)
    return pytester


@pytest.mark.peer("API coverage report (operations mocked/called)")
@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n2")], ids=["alone", "xdist"])
def test_the_table_says_what_was_mocked_called_and_never_met(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    result = project.runpytest_inprocess("--lookalike-coverage", *workers)
    assert result.ret == 0
    result.stdout.fnmatch_lines(TABLE, consecutive=True)


def test_each_operation_in_full(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--lookalike-coverage", "-v")
    result.stdout.fnmatch_lines(
        [
            "  GET /todos          no answer 1x, 200 3x, 503 1x  never met: 401",
            "  POST /todos         mocked (201), never called    never met: 201",
            "  GET /todos/{id}     404 1x                        never met: 200, 429",
            "  DELETE /todos/{id}  never mocked                  never met: 204",
            "  GET /stars          never mocked                  never met: 200",
        ],
        consecutive=True,
    )


@pytest.mark.parametrize(
    ("floor", "code", "told"),
    [
        ("40", 0, ""),
        ("40.1", 1, "FAIL --lookalike-coverage-fail-under=40.1: the tests call 40.0% of the operations"),
        ("101", 4, "'101' is no percentage; write a number from 0 to 100"),
        ("most", 4, "'most' is no percentage; write a number from 0 to 100"),
    ],
)
def test_a_floor_in_percent_of_operations_called(project: pytest.Pytester, floor: str, code: int, told: str) -> None:
    result = project.runpytest_inprocess(f"--lookalike-coverage-fail-under={floor}")
    assert result.ret == code
    text = result.stdout.str() + result.stderr.str()
    assert told in text
    assert ("coverage of APIs" in text) == (code != 4)


def test_a_floor_with_workers(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("-p", "xdist", "-n2", "--lookalike-coverage-fail-under=41")
    assert result.ret == 1
    assert "FAIL --lookalike-coverage-fail-under=41: the tests call 40.0%" in result.stdout.str()


def test_a_test_that_fails_is_what_the_run_failed_with(project: pytest.Pytester) -> None:
    project.makepyfile(test_bad="def test_bad():\n    raise ValueError\n")
    result = project.runpytest_inprocess("--lookalike-coverage-fail-under=0")
    result.assert_outcomes(passed=6, failed=1)
    assert result.ret == 1


def test_nothing_covered_is_no_success(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(OPTIONS)
    pytester.makepyfile(
        """
        import lookalike, requests

        def test_unknown():
            with lookalike.Api(base_url="https://api.example.com").mock() as mock:
                mock.get("/x").respond(200)
                requests.get("https://api.example.com/x")
        """
    )
    result = pytester.runpytest_inprocess("--lookalike-coverage-fail-under=1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["no test had a double of an API with a contract", "FAIL *no test had a double*"])
    assert pytester.runpytest_inprocess("--lookalike-coverage").ret == 0
    assert "coverage of APIs" not in pytester.runpytest_inprocess("--lookalike-coverage", "--collect-only").stdout.str()


def test_a_fakes_calls_count_and_a_broken_contract_is_said(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(OPTIONS)
    Path("sky.yaml").write_text(SKY, "utf-8")
    pytester.makepyfile(
        """
        import lookalike, requests

        @lookalike.Api("sky.yaml").fake()
        def test_fake():
            assert requests.get("https://api.example.com/stars").ok
            assert requests.request("GET", "https://api.example.com/todos/1").ok
        """
    )
    result = pytester.runpytest_inprocess("--lookalike-coverage")
    result.stdout.fnmatch_lines(["sky  5           2 (40%)  2 (40%)  2 of 9"])
    pytester.makepyfile(
        test_gone="""
        import lookalike, pathlib

        def test_gone():
            with lookalike.Api("sky.yaml").mock() as mock:
                pathlib.Path("sky.yaml").write_text("- 1")
        """
    )
    result = pytester.runpytest_inprocess("--lookalike-coverage", "test_gone.py")
    result.stdout.fnmatch_lines(["not counted: sky: *"])


def test_nothing_of_it_is_imported_unless_it_is_asked_for(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_imports="""
        import sys

        def test_free():
            assert not [name for name in sys.modules if "lookalike" in name and "coverage" in name]
        """
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cov"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout
    assert "coverage" not in ran.stdout
