"""Answers that are kept as bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lookalike.messages import Request, Response
from lookalike.serve.memo import Kept, Memo

Serve = Callable[..., str]
Connect = Callable[[str], Any]

TEXT = Response(200, [("Content-Type", "text/plain")], b"hello", reusable=True)


def ask(wire: Any, times: int, *headers: str) -> list[bytes]:
    return [wire.get("/a", *headers).response()[2] for _ in range(times)]


def test_a_reusable_answer_is_made_once_and_every_call_is_in_the_journal(
    double: Any, serve: Serve, connect: Connect
) -> None:
    double.answers["/a"] = TEXT
    url = serve()
    assert ask(connect(url), 3) + ask(connect(url), 2) == [b"hello"] * 5
    assert double.asked == 1
    assert [call.request.url for call in double.calls] == ["https://api.example.com/a"] * 5
    assert {call.response for call in double.calls} == {TEXT}


def test_another_request_is_another_answer(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = lambda request: Response(200, content=request.headers["x-id"].encode(), reusable=True)
    wire = connect(serve())
    assert ask(wire, 2, "X-Id: 1") + ask(wire, 2, "X-Id: 2") == [b"1", b"1", b"2", b"2"]


def test_a_new_version_forgets(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = TEXT
    wire = connect(serve())
    assert ask(wire, 2) == [b"hello"] * 2
    double.answers["/a"] = Response(200, content=b"new", reusable=True)
    assert ask(wire, 1) == [b"hello"]
    double.version += 1
    assert ask(wire, 2) == [b"new"] * 2
    assert double.asked == 2


def test_an_answer_that_changes_the_double_is_not_kept(double: Any, serve: Serve, connect: Connect) -> None:
    def write(request: Request) -> Response:
        double.version += 1
        return Response(200, content=str(double.version).encode(), reusable=True)

    double.answers["/a"] = write
    assert ask(connect(serve()), 3) == [b"1", b"2", b"3"]


NEVER = {
    "not reusable": (Response(200, content=b"a"), b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"),
    "with a body": (TEXT, b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"),
    "a long request": (TEXT, b"GET /a HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 9000 + b"\r\n\r\n"),
    "two at once": (TEXT, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n"),
}


@pytest.mark.parametrize(("answer", "data"), NEVER.values(), ids=NEVER)
def test_never_kept(answer: Response, data: bytes, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = answer
    wire = connect(serve())
    for _ in range(3):
        wire.send(data)
        for _ in range(data.count(b"HTTP/1.1")):
            assert wire.response()[0] == 200
    assert double.asked == 3 * data.count(b"HTTP/1.1")


def test_the_memo_is_bounded(double: Any) -> None:
    def kept(size: int) -> Kept:
        return Kept(b"x" * size, lambda: Request("GET", "https://api.example.com/"), TEXT)

    memo = Memo(double, entries=3, size=1000)
    for name in (b"a", b"b", b"c", b"d"):
        memo.put(name, kept(10), double.version)
    assert len(memo) == 3
    assert memo.get(b"a") is None
    assert memo.get(b"d") is not None
    for name in (b"e", b"f", b"g", b"h", b"i"):
        memo.put(name, kept(249), double.version)
    assert len(memo) == 3
    memo.put(b"too large", kept(251), double.version)
    memo.put(b"too old", kept(1), double.version - 1)
    assert memo.get(b"too large") is memo.get(b"too old") is None
    double.version += 1
    memo.put(b"not yet renewed", kept(1), double.version)
    assert len(memo) == 3
    assert memo.get(b"i") is None
    assert len(memo) == 0
