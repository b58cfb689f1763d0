"""Strict by default in every spelling; one switch for each thing that fails."""

from __future__ import annotations

import asyncio
import contextlib
import unittest
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import requests

import lookalike
from lookalike import Api, Mock, UnmatchedRequest, UnusedRoute, UsageError

BASE = "https://api.test"
api = Api(base_url=BASE)

# -- what a mock finds, in every spelling ------------------------------------------------------------------------------


def swallow(path: str) -> None:
    with contextlib.suppress(Exception, AssertionError):
        requests.get(BASE + path)


def unmatched(mock: Mock) -> None:
    requests.get(f"{BASE}/nothing")


def swallowed(mock: Mock) -> None:
    swallow("/nothing")


def unused(mock: Mock) -> None:
    mock.get("/never").respond()


def exhausted(mock: Mock) -> None:
    mock.get("/once").respond().times(1)
    requests.get(f"{BASE}/once")
    swallow("/once")


def out_of_order(mock: Mock) -> None:
    with mock.in_order():
        mock.get("/1").respond()
        mock.get("/2").respond()
    swallow("/2")
    swallow("/1")
    swallow("/2")


WRONG: dict[str, tuple[Callable[[Mock], None], type[AssertionError]]] = {
    "unmatched": (unmatched, UnmatchedRequest),
    "swallowed": (swallowed, UnmatchedRequest),
    "unused": (unused, UnusedRoute),
    "exhausted": (exhausted, UnmatchedRequest),
    "out of order": (out_of_order, UnmatchedRequest),
}


def by_with(body: Callable[[Mock], None]) -> None:
    with api.mock() as mock:
        body(mock)


def by_async_with(body: Callable[[Mock], None]) -> None:
    async def run() -> None:
        async with api.mock() as mock:
            body(mock)

    asyncio.run(run())


def by_decorator(body: Callable[[Mock], None]) -> None:
    @api.mock()
    def test(mock: Mock) -> None:
        body(mock)

    test()  # type: ignore[call-arg]  # the decorator passes it


def by_decorated_coroutine(body: Callable[[Mock], None]) -> None:
    @api.mock()
    async def test(mock: Mock) -> None:
        body(mock)

    asyncio.run(test())  # type: ignore[call-arg]  # the decorator passes it


def by_class_decorator(body: Callable[[Mock], None]) -> None:
    @api.mock()
    class Tests:
        def test_it(self, mock: Mock) -> None:
            body(mock)

    Tests().test_it()  # type: ignore[call-arg]  # the decorator passes it


def by_start_and_stop(body: Callable[[Mock], None]) -> None:
    patcher = api.mock()
    mock = patcher.start()
    try:
        body(mock)
    except BaseException:
        patcher.session()
        with contextlib.suppress(AssertionError):
            patcher.stop()
        raise
    patcher.stop()


def by_test_case(body: Callable[[Mock], None]) -> None:
    """`enterContext` ends a mock after tearDown, whatever happened: no helper class is needed."""

    class Tests(unittest.TestCase):
        def setUp(self) -> None:
            self.mock = self.enterContext(api.mock())

        def test_it(self) -> None:
            body(self.mock)

    result = unittest.TestResult()
    Tests("test_it").run(result)
    for _, told in [*result.errors, *result.failures]:
        kind = UnusedRoute if "lookalike.UnusedRoute" in told else UnmatchedRequest
        raise kind(told)


SPELLINGS = [
    pytest.param(by_with, marks=pytest.mark.peer("Context manager (sync)")),
    pytest.param(by_async_with, marks=pytest.mark.peer("Context manager (async)")),
    pytest.param(by_decorator, marks=pytest.mark.peer("Decorator on def")),
    pytest.param(by_decorated_coroutine, marks=pytest.mark.peer("Decorator on async def")),
    pytest.param(by_class_decorator, marks=pytest.mark.peer("Class decorator")),
    pytest.param(by_start_and_stop, marks=pytest.mark.peer("start / stop")),
    pytest.param(by_test_case, marks=pytest.mark.peer("unittest TestCase helper")),
]


@pytest.mark.peer("Unused mock fails (default)")
@pytest.mark.peer("Unused mock fails (opt-in)")
@pytest.mark.peer("Unmatched raises (default)")
@pytest.mark.peer("Unmatched still fails if the app swallowed it")
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_as_strict(spelling: Callable[[Any], None], wrong: str) -> None:
    body, error = WRONG[wrong]
    with pytest.raises(error):
        spelling(body)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_lets_the_right_thing_pass(spelling: Callable[[Any], None]) -> None:
    def body(mock: Mock) -> None:
        mock.get("/x").respond(204)
        assert requests.get(f"{BASE}/x").status_code == 204

    spelling(body)


# -- the switches ------------------------------------------------------------------------------------------------------


def test_unused_may_be_ignored() -> None:
    with api.mock(unused="ignore") as mock:
        unused(mock)
        mock.get("/x").respond(503).then.respond().times(3)
        requests.get(f"{BASE}/x")


def test_swallowed_may_be_ignored() -> None:
    with api.mock(swallowed="ignore") as mock:
        swallowed(mock)
        assert len(mock.failures) == 1
    with pytest.raises(UnmatchedRequest), api.mock(swallowed="ignore") as mock:
        unmatched(mock)


def test_what_is_exhausted_may_repeat() -> None:
    with api.mock(exhausted="repeat") as mock:
        route = mock.get("/x").respond(201).then.respond(202).times(1)
        assert [requests.get(f"{BASE}/x").status_code for _ in range(4)] == [201, 202, 202, 202]
        assert (route.call_count, len(route.calls)) == (4, 4)
        mock.get("/never").respond().times(0)
        with pytest.raises(UnmatchedRequest):
            requests.get(f"{BASE}/never")
        mock.failures.clear()


def test_an_older_route_goes_before_what_repeats() -> None:
    with api.mock(exhausted="repeat") as mock:
        mock.get("/x").respond(500)
        mock.get("/x").respond(201).times(1)
        assert [requests.get(f"{BASE}/x").status_code for _ in range(3)] == [201, 500, 500]


def test_what_matches_nothing_may_be_answered() -> None:
    with api.mock(unmatched=404) as mock:
        mock.get("/todos").respond()
        answer = requests.get(f"{BASE}/todo")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
        assert answer.text.startswith("GET https://api.test/todo doesn't match the only route.\n")
        assert mock.calls.where(status=404).last.request.path == "/todo"
        assert httpx.post("https://elsewhere.test/").status_code == 404
        assert requests.get(f"{BASE}/todos").ok
        assert mock.failures == []


@pytest.fixture
def real() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(299)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.peer("Unmatched → network switch")
def test_what_matches_nothing_may_pass(real: str) -> None:
    with Api(base_url=real).mock(unmatched="pass") as mock:
        mock.get("/mocked").respond(201)
        assert requests.get(f"{real}/mocked").status_code == 201
        assert requests.get(f"{real}/other").status_code == 299
        assert httpx.get(f"{real}/other").status_code == 299
        assert mock.calls.where(path="/other").last.response.status == 299  # type: ignore[union-attr]  # it has one
    with pytest.raises(UnmatchedRequest), Api(base_url=real).mock():
        requests.get(f"{real}/other")


def test_a_route_without_a_reply_is_a_mistake_however_loose_the_mock() -> None:
    with pytest.raises(UsageError, match="has no reply"), api.mock(unmatched=404) as mock:  # noqa: PT012  what is inside is the test
        mock.get("/x")
        requests.get(f"{BASE}/x")


@pytest.mark.peer("Strict order of calls")
def test_a_mock_may_be_ordered() -> None:
    with pytest.raises(UnmatchedRequest, match="came out of turn"), api.mock(ordered=True) as mock:  # noqa: PT012  what is inside is the test
        mock.get("/1").respond()
        mock.get("/2").respond()
        requests.get(f"{BASE}/2")


MISUSE: list[tuple[dict[str, Any], str]] = [
    ({"unused": "no"}, 'api.mock(): unused=\'no\': write "fail" or "ignore"'),
    ({"unused": False}, 'api.mock(): unused=False: write "fail" or "ignore"'),
    ({"unmatched": 99}, 'api.mock(): unmatched=99: write "fail" or "pass", or a status to answer with'),
    ({"unmatched": True}, "api.mock(): unmatched=True: write"),
    ({"swallowed": None}, "api.mock(): swallowed=None: write"),
    ({"exhausted": "repeats"}, 'write "fail" or "repeat"'),
    ({"ordered": 1}, "api.mock(): ordered=1: write False or True"),
    ({"unusd": "ignore"}, "api.mock() has no keyword 'unusd'; did you mean \"unused\"?"),
    ({"assert_all_called": False}, 'write unused="ignore"; a single route that may stay unused says .optional()'),
    ({"assert_all_mocked": False}, 'write unmatched="pass" to let the real server answer, or unmatched=404'),
    ({"real_http": True}, 'write unmatched="pass"'),
    ({"registry": 1}, "write ordered=True"),
]


@pytest.mark.parametrize(("switches", "told"), MISUSE)
def test_misuse(switches: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        api.mock(**switches)
    assert told in str(caught.value)


# -- the project -------------------------------------------------------------------------------------------------------


def test_the_project_may_say_it_and_the_mock_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.lookalike.mock]\nunused = "ignore"\nunmatched = 404\n')
    monkeypatch.chdir(tmp_path)
    loose = Api(base_url=BASE)
    with loose.mock() as mock:
        unused(mock)
        assert requests.get(f"{BASE}/x").status_code == 404
    with pytest.raises(UnusedRoute), loose.mock(unused="fail") as mock:
        unused(mock)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('unused = "no"', '[tool.lookalike.mock]: unused=\'no\': write "fail" or "ignore"'),
        ('unusd = "ignore"', "unknown key 'unusd'\ndid you mean \"unused\"? Known: unmatched, unused"),
    ],
)
def test_a_project_that_says_it_wrongly_is_told(
    line: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.lookalike.mock]\n{line}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(lookalike.FileError) as caught:
        Api(base_url=BASE).mock().start()
    assert told in str(caught.value)
