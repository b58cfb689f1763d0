"""--lookalike=verify: the real API is asked each distinct request once, safely, in time, and within the budget."""

from __future__ import annotations

import http.server
import json
import threading
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import ClassVar

import pytest
from tests.faults import FAULTS, Server, says, whole

from lookalike.live.ask import Asker

# pytester forgets modules that a run within the run has imported.
for name in ("intercept.door", *(f"pytest_plugin.{one}" for one in ("active", "asking", "ending", "real", "summary"))):
    import_module(f"lookalike.{name}")

TESTS = """
import lookalike, pytest, requests

URL = "{url}"
api = lookalike.Api(base_url=URL)
ONE = {{"id": 1, "name": "one"}}

def get(path, **options):
    return requests.get(URL + path, timeout=5, **options)

@pytest.mark.parametrize("time", range(6))
def test_again(mock_api, time):
    mock_api(api).get("/things/1").respond(json=ONE)
    get("/things/1")
    get("/things/1")

@pytest.mark.parametrize("number", range({count}))
def test_each(mock_api, number):
    mock_api(api).get(f"/many/{{number}}").respond(json=ONE)
    get(f"/many/{{number}}")

def test_head(mock_api):
    mock_api(api).head("/things/1").respond(200)
    requests.head(URL + "/things/1", timeout=5)

@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_unsafe(mock_api, method):
    mock_api(api).route(method, "/things/1").respond(json=ONE)
    requests.request(method, URL + "/things/1", timeout=5)

@pytest.mark.parametrize("name", ["one", 1])
def test_two_mocks_of_one_request(mock_api, name):
    mock_api(api).get("/things/2").respond(json={{"id": 1, "name": name}})
    get("/things/2")
"""
PLAIN = ("-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:cacheprovider", "-q")


class Counting(http.server.ThreadingHTTPServer):
    """The real API; it counts what it is asked, and how much of it at the same time."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.under_way = self.most = 0
        self.lock = threading.Lock()
        self.together: threading.Barrier | None = None
        self.sent: set[str] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Counting
    body: ClassVar[bytes] = b'{"id": 1, "name": "one"}'

    def log_message(self, *args: object) -> None:
        """Nothing is printed."""

    def _answer(self) -> None:
        own = self.server
        with own.lock:
            own.asked.append((self.command, self.path))
            own.sent.add(self.headers.get("Authorization", ""))
            own.under_way += 1
            own.most = max(own.most, own.under_way)
        if own.together is not None and self.path.startswith("/many/") and self.path != "/many/0":
            own.together.wait(5)
        with own.lock:
            own.under_way -= 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815  the names that http.server looks for


@pytest.fixture
def real() -> Iterator[Counting]:
    server = Counting()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ran(pytester: pytest.Pytester, url: str, *options: str, count: int = 4) -> pytest.RunResult:
    pytester.makepyfile(TESTS.format(url=url, count=count))
    return pytester.runpytest_inprocess(*PLAIN, "--lookalike=verify", *options)


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n2")], ids=["alone", "xdist"])
def test_each_distinct_request_is_asked_once(
    workers: tuple[str, ...], pytester: pytest.Pytester, real: Counting
) -> None:
    result = ran(pytester, real.url, *workers)
    asked = Counter(real.asked)
    assert asked == Counter(
        [("GET", "/things/1"), ("HEAD", "/things/1"), ("GET", "/things/2"), *(("GET", f"/many/{n}") for n in range(4))]
    )
    # Of the two mocks of one request, the one that lies is found, and its test alone is named.
    result.stdout.fnmatch_lines(["*GET /things/2: json.name: the real API answers a string, the mock a number*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    told = result.stdout.str()
    assert "test_two_mocks_of_one_request[1]" in told
    assert "test_two_mocks_of_one_request[one]" not in told


def test_several_are_asked_at_the_same_time_and_not_too_many(pytester: pytest.Pytester, real: Counting) -> None:
    real.together = threading.Barrier(8)
    ran(pytester, real.url, count=17)  # the first is asked alone
    assert not real.together.broken
    assert real.most == 8


@pytest.mark.parametrize("budget", [1, 3, 5])
def test_the_budget_is_kept_and_what_is_left_out_is_said(
    budget: int, pytester: pytest.Pytester, real: Counting
) -> None:
    result = ran(pytester, real.url, f"--lookalike-budget={budget}")
    assert len(real.asked) == budget
    result.stdout.fnmatch_lines([f"*the call budget is used up ({budget} requests)*"])
    result.stdout.fnmatch_lines(
        [f"*{7 - budget - 1} more requests were not asked"] if budget < 5 else ["*1 more request was not asked"]
    )
    assert result.ret == 0, "what wasn't asked is no drift"


def test_credentials_come_from_the_configuration(
    pytester: pytest.Pytester, real: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MANY_TOKEN", "planted-credential")
    pytester.makepyprojecttoml(
        f'[tool.lookalike.apis.many]\nbase_url = "{real.url}"\nauth = {{ bearer = "env:MANY_TOKEN" }}\n'
    )
    pytester.makepyfile(
        TESTS.replace("lookalike.Api(base_url=URL)", 'lookalike.Api("many")').format(url=real.url, count=1)
    )
    result = pytester.runpytest_inprocess(*PLAIN, "--lookalike=verify")
    assert real.sent == {"Bearer planted-credential"}
    assert "planted" not in result.stdout.str()


SAID = (
    "reset after the request", "half a body", "a bad chunk", "a login page", "a burst of errors", "maintenance",
    "too many requests, in seconds", "too many requests, by a date", "a circle", "gzip that is none",
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "workers"), [*((fault, ()) for fault in SAID), ("a login page", ("-p", "xdist", "-n2"))]
)
def test_a_fault_is_said_and_no_drift(
    fault: str, workers: tuple[str, ...], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = Asker.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", lambda seconds: None)
    play, reason = FAULTS[fault]
    server = Server(play)
    try:
        result = ran(pytester, server.url, *workers)
    finally:
        server.close()
    assert result.ret == 0
    assert "couldn't be asked" in result.stdout.str()
    # One that lasts is asked about once; else no more than three requests are, three times each.
    assert 1 <= server.connections <= 9 * 8, reason


def test_retry_after_is_obeyed_and_all_is_asked_then(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = Asker.__init__.__kwdefaults__
    assert defaults is not None
    slept: list[float] = []
    monkeypatch.setitem(defaults, "sleep", slept.append)
    answers = [
        whole("429 Too Many Requests", b"{}", Retry_After=7),
        whole("429 Too Many Requests", b"{}", Retry_After=5),
    ]
    server = Server(lambda peer: says(answers.pop(0) if answers else whole())(peer))
    try:
        result = ran(pytester, server.url)
    finally:
        server.close()
    assert server.connections == 7 + 2
    assert {5, 7} <= {round(one) for one in slept}
    assert "couldn't be asked" not in result.stdout.str()


def test_refused_credentials_are_said_once(pytester: pytest.Pytester) -> None:
    server = Server(says(whole("401 Unauthorized", json.dumps({"message": "who?"}).encode())))
    try:
        result = ran(pytester, server.url)
    finally:
        server.close()
    assert result.ret == 0
    assert server.connections == 1
    assert result.stdout.str().count("the API answered 401") == 1
