"""What a function of the test may return, and what is told of all else; answers that have no body."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx
import pytest
import requests

from lookalike.api.api import Api
from lookalike.double.mock import MockDouble
from lookalike.errors import UsageError
from lookalike.messages import Request, Response

BASE = "https://api.test"
GET = Request("GET", BASE + "/a")


def answered(result: Any) -> Response:
    double = MockDouble("api", BASE)
    double.get("/a").respond_with(lambda request: result)
    answer = double.handle(GET)
    assert isinstance(answer, Response)
    return answer


def test_a_triple_is_status_headers_and_value() -> None:
    text = answered((201, {"X": "b", "N": 3}, "hi"))
    assert (text.status, text.text, text.headers["x"], text.headers["n"]) == (201, "hi", "b", "3")
    assert text.content_type == "text/plain"
    value = answered((HTTPStatus.ACCEPTED, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], {"a": 1}))
    assert (type(value.status), value.status, value.json()) == (int, 202, {"a": 1})
    assert value.headers.get_all("set-cookie") == ["a=1", "b=2"]
    typed = answered((200, {"Content-Type": "application/problem+json"}, {"a": 1}))
    assert typed.headers.pairs == (("Content-Type", "application/problem+json"),)
    empty = answered((302, {"Location": "/b"}, None))
    assert (empty.status, empty.headers.pairs, empty.content) == (302, (("Location", "/b"),), b"")


REFUSED: dict[str, tuple[Any, str]] = {
    "Flask's order": (({"a": 1}, 201), "is none of (status, value) and (status, headers, value); the status comes fi"),
    "Flask's three": (("hi", 201, {"X": "b"}), "(status, headers, value); the status comes first"),
    "four": ((201, {}, "hi", 1), "the tuple (201, {}, 'hi', 1) is none of (status, value) and"),
    "no number": (("a", "b"), "a list is sent as a JSON array"),
    "no status": ((99, {}), "a status is a number from 200 to 599, not 99"),
    "a flag": ((True, {}), "is none of (status, value)"),
    "a bare status": (404, "404 may be a status or a JSON body; write (404, None) for an answer of that status, (200"),
    "a bare enum": (HTTPStatus.NOT_FOUND, "(200, 404) for the number"),
    "an exception": (ValueError("x"), "it returned an exception; write raise ValueError(...), or .fail(ValueError"),
    "a class of them": (ValueError, "write raise ValueError(...)"),
    "headers of another form": ((201, "X: b", "hi"), "headers= takes a dict"),
    "a body with 204": ((204, {"a": 1}), "an answer of 204 has no body"),
    "a response with 304": (Response(304, content=b"x"), "an answer of 304 has no body"),
    "a response with 103": (Response(103, content=b"x"), "an answer of 103 has no body"),
    "a stream with 204": ((204, iter(["a"])), "an answer of 204 has no body"),
}


@pytest.mark.parametrize(("result", "told"), REFUSED.values(), ids=REFUSED)
def test_what_could_be_meant_otherwise_is_refused(result: Any, told: str) -> None:
    double = MockDouble("api", BASE)
    double.get("/a").respond_with(lambda request: result)
    with pytest.raises(UsageError, match=re.escape(told)) as caught:
        double.handle(GET)
    assert "respond_with(<lambda>), declared at" in str(caught.value)
    assert "test_results.py" in str(caught.value)
    assert double.failures == [caught.value]


@pytest.mark.parametrize("number", [0, 7, 99, 600, -1, 2.5, True])
def test_numbers_that_are_no_status_are_json(number: float) -> None:
    assert answered(number).json() == number


def test_an_exception_in_place_of_a_function_is_told() -> None:
    for given in (requests.ConnectionError, requests.ConnectionError("down")):
        double = MockDouble("api", BASE)
        for declare in (double.get("/a").respond_with, double.get("/b").respond):
            with pytest.raises(UsageError, match=re.escape("write .fail(ConnectionError(...))")):
                declare(given)  # type: ignore[arg-type]  # of each kind in the table
        assert not double.routes


def pieces() -> Iterator[Any]:
    yield "é"
    yield timedelta(seconds=2)
    yield b"b"


async def pieces_async() -> AsyncIterator[Any]:
    yield "é"
    yield b"b"


STREAMS: dict[str, Any] = {
    "a generator function": pieces,
    "a generator": lambda: pieces(),
    "with a status": lambda: (200, pieces()),
    "with headers": lambda: (200, {"content-type": "text/csv"}, pieces()),
    "async": pieces_async,
    "chunks of a response": lambda: Response(chunks=pieces),
    "async chunks of a response": lambda: Response(chunks=pieces_async),
}


@pytest.mark.parametrize("function", STREAMS.values(), ids=STREAMS)
def test_a_function_may_stream(function: Any) -> None:
    async def asynchronous() -> bytes:
        async with httpx.AsyncClient() as client:
            return (await client.get(BASE + "/a")).content

    with Api(base_url=BASE).mock() as mock:
        mock.get("/a").respond_with(function)
        for _ in range(2):
            assert requests.get(BASE + "/a").content == "éb".encode()
        assert httpx.get(BASE + "/a").content == "éb".encode()
        assert asyncio.run(asynchronous()) == "éb".encode()


def test_a_mistake_in_such_a_stream_is_told() -> None:
    def broken() -> Iterator[Any]:
        yield "a"
        yield 3

    for function in (broken, lambda: Response(chunks=broken)):
        double = MockDouble("api", BASE)
        double.get("/a").respond_with(function)
        answer = double.handle(GET)
        assert isinstance(answer, Response)
        assert answer.chunks is not None
        stream = iter(answer.chunks())  # type: ignore[arg-type]  # known to be no async one
        assert next(stream) == b"a"
        with pytest.raises(UsageError, match="timedelta for a pause, not 3") as caught:
            next(stream)
        assert double.failures == [caught.value]


BODIES: list[dict[str, Any]] = [{"json": {"a": 1}}, {"json": None}, {"text": "a"}, {"stream": ["a"]}, {"sse": ["a"]}]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: next(iter(body)))
@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_refuses_one(status: int, body: dict[str, Any]) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError, match=rf"^\.respond\({status}\): an answer of {status} has no body, and a client"):
        double.get("/a").respond(status, **body)
    assert not double.routes
    double.get("/a").respond(status, headers={"ETag": '"a"'}).then.respond(status, text="")
    assert [double.handle(GET) for _ in range(2)] == [
        Response(status, {"ETag": '"a"'}), Response(status, {"content-type": "text/plain; charset=utf-8"}),
    ]  # fmt: skip
