"""Failures as a client on a socket meets them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, get_args

import pytest
import requests

from lookalike.messages import Fault, FaultKind, Response
from lookalike.serve.faults import FAILURES

Serve = Callable[..., str]
Connect = Callable[[str], Any]


def test_every_fault_has_its_failure() -> None:
    assert set(FAILURES) == set(get_args(FaultKind))


@pytest.mark.parametrize("kind", ["reset", "dns", "refused"])
def test_a_reset(kind: FaultKind, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = Fault(kind)
    wire = connect(serve()).get("/a")
    with pytest.raises(ConnectionResetError):
        wire.rest()


@pytest.mark.parametrize("kind", ["closed", "tls"])
def test_an_end_without_an_answer(kind: FaultKind, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = Fault(kind)
    assert connect(serve()).get("/a").rest() == b""


@pytest.mark.parametrize("kind", ["read-timeout", "connect-timeout"])
def test_silence_until_the_client_gives_up(kind: FaultKind, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/a": Fault(kind)}
    url = serve()
    wire = connect(url).get("/a")
    wire.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        wire.rest()
    with pytest.raises(requests.ReadTimeout):
        requests.get(url + "/a", timeout=0.1)


MID_BODY = [
    (None, b'{"', "Content-Length: 4"),
    (Response(200, content=b"hello"), b"hello", "Content-Length: 10"),
    (Response(200, [("Content-Length", "5")], b"hello"), b"hello", "Content-Length: 10"),
    (Response(200, [("Transfer-Encoding", "chunked"), ("Content-Length", "9")], b"hey"), b"hey", "Content-Length: 9"),
    (Response(200, chunks=lambda: [b"he", b"llo"]), b"hello", "Content-Length: 10"),
]  # fmt: skip


@pytest.mark.parametrize(("response", "content", "length"), MID_BODY)
def test_an_end_in_the_middle_of_the_body(
    response: Response | None, content: bytes, length: str, double: Any, serve: Serve, connect: Connect
) -> None:
    double.answers["/a"] = Fault("closed-mid-body", response)
    url = serve()
    wire = connect(url).get("/a")
    assert length in wire.head()
    assert wire.rest() == content
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(url + "/a", timeout=5)


@pytest.mark.parametrize("response", [None, Response(200, [("Content-Length", "2")], b"hi"), Response(200)])
def test_a_chunk_size_that_is_no_number(response: Response | None, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = Fault("bad-chunk", response)
    url = serve()
    wire = connect(url).get("/a")
    head = wire.head()
    assert "Transfer-Encoding: chunked" in head
    assert "Content-Length" not in head
    assert wire.rest().endswith(b"no number\r\n")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(url + "/a", timeout=5)


def test_a_stop_doesnt_wait_for_silence(double: Any, connect: Connect) -> None:
    from lookalike.serve import Server

    double.answers["/a"] = Fault("read-timeout")
    server = Server(double)
    wire = connect(server.start()).get("/a")
    while not double.asked:
        pass
    stopper = threading.Thread(target=server.stop)
    stopper.start()
    stopper.join(2)
    assert not stopper.is_alive()
    assert wire.rest() == b""


def test_silence_begins_while_the_server_stops(double: Any, connect: Connect) -> None:
    from lookalike.serve import Server

    double.answers = {"/slow": Response(200, content=b"slow", delay=0.2), "/a": Fault("read-timeout")}
    server = Server(double)
    wire = connect(server.start()).send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    while not double.asked:
        pass
    server.stop()
    assert wire.rest().endswith(b"slow")
