"""--lookalike=verify, live and record, against a real API on a socket."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
import requests

import lookalike
import lookalike.intercept.door
import lookalike.live.ask
import lookalike.pytest_plugin.active
import lookalike.pytest_plugin.ending
import lookalike.pytest_plugin.real
import lookalike.pytest_plugin.summary

pack = lookalike.Api("jsonplaceholder")

# The project mocks its API where the pack is served, so that "the real API" is on this machine.
TESTS = """
import lookalike, pytest, requests
REAL = {real!r}
api = lookalike.Api({named!r}, base_url=REAL)
get = lambda path: requests.get(REAL + path, timeout=5)
"""

# Plugins that cost seconds to import are left out.
OPTIONS = """
[tool.pytest.ini_options]
addopts = "--strict-markers -p no:randomly -p no:hypothesispytest -p no:anyio"
"""


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with pack.serve() as url:
        yield url


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml(OPTIONS)
    return pytester


def write(run: pytest.Pytester, real: str, body: str, named: str | None = None) -> None:
    run.makepyfile(TESTS.format(real=real, named=named) + body)


MOCKED = """
@api.mock()
def test_right(mock):
    mock.get("/todos/1").respond(json={"userId": 1, "id": 1, "title": "x", "completed": True})
    assert get("/todos/1").json()["title"] == "x"

@pytest.mark.parametrize("time", [1, 2])
@api.mock()
def test_wrong(mock, time):
    mock.get("/todos").respond(json=[{"userId": 1, "id": "1", "titel": "x", "completed": True}])
    get("/todos")

@api.mock()
def test_error(mock):
    mock.get("/todos/2").respond(500)
    get("/todos/2")

@api.mock()
def test_invented(mock):
    mock.get("/todos/9999").respond(json={"id": 9999})
    get("/todos/9999")

@api.mock()
def test_unsafe(mock):
    mock.post("/todos").respond(201, json={"nonsense": 1})
    requests.post(REAL + "/todos", json={}, timeout=5)

@api.mock()
def test_lie(mock):
    mock.get("/users").respond(json=[{"nonsense": 1}], unchecked="on purpose")
    get("/users")
"""


@pytest.mark.peer("Mock compared with live reply (shape)")
@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_verify_compares_on_the_side(workers: tuple[str, ...], run: pytest.Pytester, real: str) -> None:
    write(run, real, MOCKED)
    result = run.runpytest_inprocess("--lookalike=verify", "-v", *workers)
    result.assert_outcomes(passed=7)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([
        "drift: the real API differs from the mocks in 3 places",
        "*GET /todos: json?].id: the real API answers a number, the mock a string*test_wrong?1?*test_wrong?2?*",
        "*GET /todos: json?].titel: the mock answers a string, the real API has no such key; did you mean \"title\"?*",
        "*GET /todos: json?].title: the real API answers a string, the mock has no such key*",
        "not compared",
        "*GET /todos/9999 can't be compared: the real API answers 404*",
    ])  # fmt: skip
    for word in ("nonsense", "/users"):
        result.stdout.no_fnmatch_line(f"*drift*{word}*")


def test_verify_without_drift_is_fine_and_so_is_an_outage(run: pytest.Pytester, real: str) -> None:
    write(run, real, MOCKED)
    result = run.runpytest_inprocess("--lookalike=verify", "-k", "right")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("drift: *")
    write(run, "http://127.0.0.1:9", MOCKED)
    result = run.runpytest_inprocess("--lookalike=verify")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["not compared", "*couldn't be asked*"])
    assert result.stdout.str().count("couldn't be asked") == 1


OPTIONAL = """
openapi: 3.1.0
info: {title: Optional, version: "1"}
paths:
  /todos/{id}:
    get:
      responses:
        "200":
          description: a todo
          content:
            application/json:
              schema:
                type: object
                required: [id, title]
                properties: {id: {type: integer}, title: {type: string}, completed: {type: boolean}}
                additionalProperties: false
"""

LEAN = """
@api.mock()
def test_lean(mock):
    mock.get("/todos/1").respond(json={"id": 1, "title": "x"})
    assert get("/todos/1").json()["title"] == "x"
"""


def test_verify_asks_the_contract_what_is_optional(run: pytest.Pytester, real: str) -> None:
    (run.path / "lean.yaml").write_text(OPTIONAL, "utf-8")
    write(run, real, LEAN, "lean.yaml")
    result = run.runpytest_inprocess("--lookalike=verify")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*drift:*")
    result.stdout.no_fnmatch_line("*completed*")
    result.stdout.fnmatch_lines(["new in the real API*", "*GET /todos/1: json.userId: the real API answers this key*"])


def test_verify_needs_its_credentials(run: pytest.Pytester, real: str) -> None:
    run.makepyprojecttoml(
        f'[tool.lookalike.apis.own]\nbase_url = "{real}"\nauth = {{ bearer = "env:NOBODY_SET_THIS" }}\n' + OPTIONS
    )
    write(run, real, MOCKED, "own")
    result = run.runpytest_inprocess("--lookalike=verify")
    result.stdout.fnmatch_lines(["*NOBODY_SET_THIS, which is not set*"])


BLOCKED = """
import socket

@pytest.mark.real_api
@api.mock()
def test_blocked(mock):
    with pytest.raises(lookalike.BlockedConnection):
        socket.create_connection(("203.0.113.1", 80), timeout=1)
"""


@pytest.mark.parametrize("mode", ["mock", "verify", "live"])
def test_a_blocked_socket_fails_in_each_mode(mode: str, run: pytest.Pytester, real: str) -> None:
    write(run, real, BLOCKED)
    run.runpytest_inprocess(f"--lookalike={mode}").assert_outcomes(failed=1)


LIVE = """
@pytest.mark.real_api
@api.mock()
def test_real(mock):
    route = mock.get("/todos/1").respond(json={"userId": 1, "id": 1, "title": "mocked", "completed": True})
    assert (get("/todos/1").json()["title"] == "mocked") is {mocked}
    assert route.called
    assert {mocked} or get("/users/1").ok

@api.mock()
def test_unmarked(mock):
    mock.get("/todos/1").respond(json={"userId": 1, "id": 1, "title": "mocked", "completed": True})
    assert get("/todos/1").json()["title"] == "mocked"

@pytest.mark.real_api
@api.mock()
def test_unsafe(mock):
    mock.post("/todos").respond(201, json={"id": 1234}, unchecked="x")
    made = requests.post(REAL + "/todos", json={"title": "x"}, timeout=5).json()
    assert (made["id"] == 1234) is {posts_mocked}

@pytest.mark.real_api
@api.mock()
def test_other_hosts_stay_mocked(mock):
    mock.get("https://other.test/a").respond(text="other")
    assert requests.get("https://other.test/a", timeout=5).text == "other"
"""


@pytest.mark.parametrize(
    ("options", "mocked", "posts_mocked"),
    [
        ((), True, True),
        (("--lookalike=live",), False, True),
        (("--lookalike=live", "--lookalike-unsafe"), False, False),
    ],
)
def test_live_lets_the_real_api_answer_marked_tests(
    options: tuple[str, ...], mocked: bool, posts_mocked: bool, run: pytest.Pytester, real: str
) -> None:
    write(
        run, real, LIVE.replace("{mocked}", str(mocked)).replace("{posts_mocked}", str(posts_mocked)), "jsonplaceholder"
    )
    result = run.runpytest_inprocess(*options)
    result.assert_outcomes(passed=4)
    assert result.ret == 0


DOCUMENT = """
openapi: 3.1.0
info: {title: Wrong, version: "1"}
paths:
  /todos/{id}:
    get:
      responses:
        "200":
          description: a todo
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}, additionalProperties: true}
"""


def test_live_holds_the_real_answers_to_the_contract(run: pytest.Pytester, real: str) -> None:
    (run.path / "wrong.yaml").write_text(DOCUMENT, "utf-8")
    body = """
@pytest.mark.real_api
@api.mock()
def test_real(mock):
    assert get("/todos/1").json()["id"] == 1
"""
    write(run, real, body, "wrong.yaml")
    # The Api is said to be elsewhere than its document says: what counts is where it was asked.
    result = run.runpytest_inprocess("--lookalike=live")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([
        "drift: the real API differs from the contract in 1 place",
        "*wrong: GET /todos/1: json.id: the real API answers 1, the contract says a string*test_real*",
    ])  # fmt: skip
    write(run, real, body)
    run.runpytest_inprocess("--lookalike=live").stdout.fnmatch_lines(["*held to nothing*"])


RECORDED = """
@pytest.mark.real_api
@pytest.mark.parametrize("number", [1, 2, 3])
@api.mock()
def test_real(mock, number):
    assert get(f"/todos/{number}").json()["id"] == number
"""


@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_record_learns_the_real_answers(workers: tuple[str, ...], run: pytest.Pytester, real: str) -> None:
    path = run.path / "contracts" / "own.yaml"
    with lookalike.Api(path, base_url=real).record():
        requests.get(f"{real}/users/1", timeout=5)
    write(run, real, RECORDED, "contracts/own.yaml")
    result = run.runpytest_inprocess("--lookalike=record", *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["learned", "*own: 3 answers learned into *own.yaml, which knows 2 operations now"])
    contract = lookalike.Api(path).contract
    assert contract is not None
    assert contract.find("GET", "/todos/7") is not None
    assert contract.find("GET", "/users/1") is not None


@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_record_makes_a_contract_that_is_not_there_yet(
    workers: tuple[str, ...], run: pytest.Pytester, real: str
) -> None:
    write(run, real, RECORDED, "contracts/own.yaml")
    run.runpytest_inprocess().stdout.fnmatch_lines(["*FileError: contracts/own.yaml: no such file*"])
    run.runpytest_inprocess("--lookalike=record", *workers).assert_outcomes(passed=3)
    contract = lookalike.Api(run.path / "contracts" / "own.yaml").contract
    assert contract is not None
    assert [one.key for one in contract.operations] == ["GET /todos/{id}"]


def test_record_needs_a_file_to_learn_into(run: pytest.Pytester, real: str) -> None:
    write(run, real, RECORDED)
    result = run.runpytest_inprocess("--lookalike=record")
    result.stdout.fnmatch_lines(["*3 answers can't be learned: it has no contract's file*"])


class Gate(http.server.BaseHTTPRequestHandler):
    """An API, some of which stands behind a login."""

    BODIES: ClassVar[dict[str, tuple[int, str, bytes]]] = {
        "/places": (200, "application/json", b'[{"id": 1}]'),
        "/places/1": (200, "application/json", b'{"id": 1, "name": "Ulm"}'),
        "/streets": (200, "text/html", b"<!doctype html><title>Log in</title>"),
        "/me": (401, "application/json", b"{}"),
    }

    def do_GET(self) -> None:
        status, kind, body = self.BODIES[self.path]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def gate() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


BEHIND_A_GATE = """
@pytest.mark.real_api
@pytest.mark.parametrize("path", ["/places", "/streets", "/me"])
@api.mock()
def test_any(mock, path):
    get(path)

@pytest.mark.real_api
@api.mock()
def test_failing(mock):
    assert get("/places/1").json()["name"] == "Bonn"
"""


@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_record_learns_neither_from_gates_nor_from_tests_that_failed(
    workers: tuple[str, ...], run: pytest.Pytester, gate: str
) -> None:
    path = run.path / "gate.yaml"
    with lookalike.Api(path, base_url=gate).record():
        requests.get(f"{gate}/places", timeout=5)
    write(run, gate, BEHIND_A_GATE, "gate.yaml")
    result = run.runpytest_inprocess("--lookalike=record", *workers)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines([
        "learned",
        "*gate: 1 answer learned into *gate.yaml, which knows 1 operation now",
        "not learned",
        "*gate: 1 answer to tests that failed (*test_failing)",
        "*gate: GET /me answered 401, which says who asks*",
        "*gate: GET /streets answered an HTML page (it looks like a login page?): not learned",
    ])  # fmt: skip
    contract = lookalike.Api(path).contract
    assert contract is not None
    assert [(one.key, list(one.responses)) for one in contract.operations] == [("GET /places", ["200"])]


def test_a_recording_says_what_taught_nothing(gate: str, tmp_path: Path) -> None:
    path = tmp_path / "gate.yaml"
    api = lookalike.Api(path, base_url=gate)

    def record(*paths: str, error: Exception | None = None) -> list[str]:
        with api.record() as recording:
            for one in paths:
                requests.get(gate + one, timeout=5)
            if error is not None:
                raise error
        return [one.key for one in recording.contract.operations]

    with pytest.raises(lookalike.CredentialsRefused, match="nothing was learned from gate\n  GET /me answered 401"):
        record("/me")
    with pytest.raises(KeyError) as caught:
        record("/streets", error=KeyError("own"))
    assert "it looks like a login page" in caught.value.__notes__[0]
    assert not path.exists()
    with pytest.warns(UserWarning, match="GET /streets answered an HTML page"):
        assert record("/places", "/streets") == ["GET /places"]
