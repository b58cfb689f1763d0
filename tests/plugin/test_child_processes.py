"""Child processes ask a mock that is served: their requests are matched, checked and kept, by the same rules."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

import lookalike

API = lookalike.Api("jsonplaceholder")

CHILD = """
import json, sys, urllib.error, urllib.request
method, url, body = sys.argv[1:]
request = urllib.request.Request(url, body.encode() or None, {"Content-Type": "application/json"}, method=method)
try:
    with urllib.request.urlopen(request) as response:
        print(response.status, response.read().decode())
except urllib.error.HTTPError as error:
    print(error.code, error.headers["x-lookalike"], error.read().decode())
"""


def ask(method: str, url: str, body: str = "") -> str:
    command = [sys.executable, "-c", textwrap.dedent(CHILD), method, url, body]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.peer("Child processes intercepted")
def test_a_child_s_requests_are_answered_and_kept() -> None:
    with API.mock() as mock, mock.serve() as url:
        route = mock.get("/todos", params={"userId": 1}).respond(json=[]).times(4)
        mock.post("/todos", json={"title": "Sleep"}).respond(201, json={"id": 201})
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda _: ask("GET", f"{url}/todos?userId=1"), range(4))) == ["200 []"] * 4
        assert ask("POST", f"{url}/todos", '{"title": "Sleep"}') == '201 {"id":201}'
        assert route.call_count == 4
        assert [call.request.method for call in mock.calls] == ["GET"] * 4 + ["POST"]
        assert mock.calls.last.request.json() == {"title": "Sleep"}


def test_a_child_s_miss_and_lie_fail_the_test() -> None:
    patcher = API.mock()
    mock = patcher.start()
    with mock.serve() as url:
        mock.get("/todos/{id}").respond_like(json={"title": "x"}).optional()
        assert ask("GET", f"{url}/todos").startswith("501 unmatched GET ")
    assert [type(failure) for failure in mock.failures] == [lookalike.UnmatchedRequest]
    with pytest.raises(lookalike.UnmatchedRequest, match=r"Nearest: GET /todos/\{id\}"):
        patcher.stop()


def test_what_a_child_never_asked_for_fails_too() -> None:
    patcher = API.mock()
    mock = patcher.start()
    mock.get("/todos").respond(json=[])
    mock.get("/users").respond(json=[])
    with mock.serve() as url:
        assert ask("GET", f"{url}/todos") == "200 []"
    with pytest.raises(lookalike.UnusedRoute, match=r"GET /users .* never called"):
        patcher.stop()
