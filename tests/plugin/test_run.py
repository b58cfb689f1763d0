"""What a run keeps, and how it comes from a worker of pytest-xdist to the controller."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest
import requests

import lookalike
from lookalike.api.said import polite_rate
from lookalike.messages import Exchange, PassThrough, Request, Response
from lookalike.pytest_plugin.run import Listening, Real, Run
from lookalike.pytest_plugin.summary import sections

API = "https://api.example.com"
api = lookalike.Api(base_url=API, auth={"bearer": "abc"})


def filled(mode: str) -> Run:
    run = Run(mode, unsafe=False, keeps_mocks=True)
    with api.mock() as mock:
        mock.get("/a").respond(json=1, unchecked="on purpose")
        mock.get("/b").respond(json=2)
        requests.get(f"{API}/a", timeout=5)
        requests.get(f"{API}/b", timeout=5)
    run.closed(api, mock, "tests/test_a.py::test_one")
    key = next(iter(run.apis))
    exchange = Exchange(
        Request("GET", f"{API}/b", {"X": "1"}, b"\xff"), Response(200, [("A", "1")], b"2"), day="2026-11-20"
    )
    for test in ("one", "two"):
        run.note(key, exchange, test, once=mode == "verify")
    return run


@pytest.mark.parametrize(("mode", "kept"), [("verify", 1), ("record", 2)])
def test_it_arrives_as_it_was_sent(mode: str, kept: int) -> None:
    sent = filled(mode)
    arrived = Run(mode, unsafe=False, keeps_mocks=True)
    arrived.add(sent.as_data())
    assert len(arrived.seen) == len(sent.seen) == kept
    assert [seen.exchange for seen in arrived.seen.values()] == [seen.exchange for seen in sent.seen.values()]
    assert {test for seen in arrived.seen.values() for test in seen.tests} == {"one", "two"}
    assert (arrived.mocks, arrived.unknown, arrived.lies) == (sent.mocks, sent.unknown, sent.lies)
    assert next(iter(arrived.apis.values())).auth == {"bearer": "abc"}
    assert arrived.as_data() == sent.as_data()


def test_a_listener_is_the_mock_to_all_who_ask() -> None:
    heard: list[Exchange] = []
    with api.mock() as mock:
        listening = Listening(mock, heard.append)
        listening.version = 99
        before = listening.version
        route = mock.get("/a").respond(json=1)
        assert listening.version == mock.version != before
        assert listening.covers("api.example.com", 443)
        answer = listening.handle(Request("GET", f"{API}/a"))
        assert isinstance(answer, Response)
        listening.again(lambda: Request("GET", f"{API}/a"), answer)
        assert len(heard) == 1
        assert route.call_count == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("around", [Listening, functools.partial(Real, unsafe=False)], ids=["verify", "live"])
def test_an_async_function_answers_in_the_loop_of_who_awaits(around: Any, method: str) -> None:
    heard: list[Exchange] = []
    loops: list[Any] = []

    async def answering() -> Any:
        loops.append(asyncio.get_running_loop())
        return {}

    async def main() -> Any:
        loops.append(asyncio.get_running_loop())
        return await around(mock, heard.append).handle_async(Request(method, f"{API}/a"))

    with api.mock() as mock:
        mock.route(method, "/a").respond_with(answering)
        answer = asyncio.run(main())
        assert mock.calls.last.request.method == method
    if method == "GET" and around is not Listening:
        assert isinstance(answer, PassThrough)
        return
    assert isinstance(answer, Response)
    assert loops[0] is loops[1]
    assert len(heard) == (1 if method == "GET" else 0)


def test_servers_of_one_s_own_machine_are_asked_faster() -> None:
    assert polite_rate("http://127.0.0.1:8000") > polite_rate(API) == 5.0


def test_lines_are_in_the_order_of_the_file_and_pairs_are_one() -> None:
    run = Run("mock", unsafe=False, keeps_mocks=False)
    for text in (
        "tests/test_bad.py:107: the reply of GET /a: path: expected an operation",
        "tests/test_bad.py:14: the reply of GET /b: path: expected an operation",
        "tests/test_bad.py:14: the request of GET /b: path: expected an operation",
        "tests/test_bad.py:9: the request of GET /c: query x: expected nothing",
        "a warning of another form",
    ):
        run.warnings.add(("sky", text))
    run.unknown["own"] = {"test_a.py:30", "test_a.py:4"}
    (_, lines, _), (_, unknown, _) = sections(run)
    assert lines == [
        "sky: a warning of another form",
        "sky: tests/test_bad.py:9: the request of GET /c: query x: expected nothing",
        "sky: tests/test_bad.py:14: the reply and the request of GET /b: path: expected an operation",
        "sky: tests/test_bad.py:107: the reply of GET /a: path: expected an operation",
    ]
    assert unknown == ["own: 2 replies declared at test_a.py:4, test_a.py:30"]
