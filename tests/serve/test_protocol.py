"""HTTP/1.1 as a client meets it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from lookalike.errors import ContractViolation, UnmatchedRequest, UsageError
from lookalike.messages import PassThrough, Request, Response
from lookalike.serve import Limits

Serve = Callable[..., str]
Connect = Callable[[str], Any]

TEXT = Response(200, [("Content-Type", "text/plain")], b"hello", reusable=True)


def echo(request: Request) -> Response:
    return Response(200, [("X-Method", request.method)], request.content)


def test_the_double_sees_its_own_host_and_the_clients_headers(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/v1/a"] = TEXT
    connect(serve()).get("/v1/a?b=%20c", "X-Id: 7").response()
    request = double.calls.last.request
    assert request.url == "https://api.example.com/v1/a?b=%20c"
    assert request.headers["host"] == "test"
    assert request.headers["x-id"] == "7"


def test_a_double_of_any_host_sees_the_host_that_was_asked(serve: Serve, connect: Connect, double: Any) -> None:
    anywhere = type(double)(None)
    anywhere.answers["/a"] = TEXT
    url = serve(double=anywhere)
    connect(url).get("/a").response()
    connect(url).send(b"GET /a HTTP/1.0\r\n\r\n").response()
    assert [call.request.url for call in anywhere.calls] == ["http://test/a", "http://localhost/a"]
    assert connect(url).send(b"GET /a HTTP/1.1\r\nHost: :x:\r\n\r\n").response()[0] == 400


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("http://api.example.com/a", "http://api.example.com/a"),
        ("http://127.0.0.1:9/a?x=1", "https://api.example.com/a?x=1"),
        ("*", "https://api.example.com/*"),
        ("//evil/a", "https://api.example.com//evil/a"),
    ],
)
def test_every_form_of_target(target: str, url: str, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/a": TEXT, "/*": TEXT, "//evil/a": TEXT}
    assert connect(serve()).get(target).response()[0] == 200
    assert double.calls.last.request.url == url


def test_pipelined_requests_are_answered_in_order(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {
        "/slow": Response(200, content=b"slow", delay=0.05),
        "/fast": TEXT,
        "/echo": echo,
    }
    wire = connect(serve())
    wire.send(
        b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\n\r\n"
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET /fast HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    assert [wire.response()[2] for _ in range(4)] == [b"slow", b"hello", b"hi", b"hello"]


def test_a_client_that_pipelines_without_reading_is_held_back(double: Any, serve: Serve, connect: Connect) -> None:
    body = b"x" * 200_000
    double.answers["/big"] = Response(200, content=body)
    wire = connect(serve())
    count = 300
    sender = threading.Thread(target=lambda: [wire.get("/big") for _ in range(count)])
    sender.start()
    time.sleep(0.1)
    assert double.asked < count
    assert all(len(wire.response()[2]) == len(body) for _ in range(count))
    sender.join()


def test_many_pipelined_requests_behind_a_slow_one(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/slow": Response(200, content=b"s", delay=0.1), "/fast": TEXT}
    wire = connect(serve()).get("/slow")
    for _ in range(200):
        wire.get("/fast")
    assert [wire.response()[2] for _ in range(201)] == [b"s", *[b"hello"] * 200]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_request_in_pieces(size: int, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/echo"] = echo
    wire = connect(serve())
    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = (
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n"
    )
    for start in range(0, len(data), size):
        wire.send(data[start : start + size])
    assert wire.response()[2] == b"abcdefg"
    assert "trailer" not in double.calls.last.request.headers


def test_head_has_the_length_and_no_body(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = TEXT
    wire = connect(serve()).get("/a", method="HEAD")
    assert "Content-Length: 5" in wire.head()
    assert wire.get("/a").response()[2] == b"hello"


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body(status: int, double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/none": Response(status, content=b"never sent"), "/a": TEXT}
    wire = connect(serve()).get("/none")
    assert "content-length" not in wire.head().lower()
    assert wire.get("/a").response()[2] == b"hello"


def test_expect_100_continue(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/echo"] = echo
    wire = connect(serve()).get("/echo", "Content-Length: 3", "Expect: 100-continue", method="PUT")
    assert wire.head() == "HTTP/1.1 100 Continue"
    assert wire.send(b"abc").response()[2] == b"abc"
    wire.get("/echo", "Content-Length: 3", "Expect: a miracle", method="PUT")
    assert wire.response()[0] == 417


def test_100_continue_waits_for_earlier_answers(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/slow": Response(200, content=b"slow", delay=0.05), "/echo": echo}
    wire = connect(serve()).get("/slow").get("/echo", "Content-Length: 2", "Expect: 100-continue", method="PUT")
    assert wire.response()[2] == b"slow"
    assert wire.head() == "HTTP/1.1 100 Continue"
    assert wire.send(b"ok").response()[2] == b"ok"


def test_http_1_0_closes_unless_asked_to_keep(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = TEXT
    url = serve()
    assert connect(url).send(b"GET /a HTTP/1.0\r\n\r\n").rest().endswith(b"Connection: close\r\n\r\nhello")
    wire = connect(url).send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert wire.response()[1]["connection"] == "keep-alive"
    assert wire.get("/a").response()[2] == b"hello"


def test_connection_close_is_obeyed_from_both_sides(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/a": TEXT, "/bye": Response(200, [("Connection", "close")], b"bye")}
    url = serve()
    # In one piece: what is sent to a server that has closed already is answered by a reset.
    last = b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert connect(url).send(last + last).rest().count(b"HTTP/1.1 200") == 1
    assert connect(url).get("/bye").rest().count(b"Connection: close") == 1


def test_an_offer_of_another_protocol_is_declined(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/a": TEXT, "/echo": echo}
    wire = connect(serve()).get("/a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    assert wire.response()[2] == b"hello"
    upgrade = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    wire.send(upgrade + upgrade)
    assert [wire.response()[2], wire.response()[2]] == [b"hello", b"hello"]


def test_a_half_closed_client_gets_its_answer(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/slow"] = Response(200, content=b"slow", delay=0.05)
    wire = connect(serve()).get("/slow")
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.rest().endswith(b"slow")
    idle = connect(serve())
    idle.socket.shutdown(socket.SHUT_WR)
    assert idle.rest() == b""


LIMITS = Limits(target=100, head=1000, fields=10, body=1000)
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
REFUSED = [
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("no method", b"???? / HTTP/1.1\r\n\r\n", 400),
    ("HTTP/2 without an upgrade", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("another version", b"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505),
    ("a space in the target", b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("a target beyond ASCII", "GET /caf\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 400),
    ("a header without a colon", b"GET / HTTP/1.1\r\nHost x\r\n\r\n", 400),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("two lengths", POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ("a length and chunks", POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("a bad chunk", POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    ("CONNECT", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501),
    ("a target that is no path", b"GET ftp://x/a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("a long target", b"GET /" + b"a" * 100 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    ("a target without end", b"GET /" + b"a" * 5000, 414),
    ("a long header", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 1000 + b"\r\n\r\n", 431),
    ("a header without end", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 5000, 431),
    ("many headers", b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 10 + b"\r\n", 431),
    ("a long body, said", POST + b"Content-Length: 1001\r\n\r\n", 413),
    ("a long body, said and awaited", POST + b"Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n", 413),
    ("a long body, in chunks", POST + b"Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"a" * 1001, 413),
]  # fmt: skip


@pytest.mark.parametrize(("data", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_malformed_or_too_long_is_refused_and_the_connection_ends(
    data: bytes, status: int, double: Any, serve: Serve, connect: Connect
) -> None:
    url = serve(limits=LIMITS)
    wire = connect(url).send(data)
    got, headers, body = wire.response()
    assert (got, headers["connection"], headers["x-lookalike"]) == (status, "close", "refused")
    assert body.endswith(b"\n")
    assert b"Traceback" not in body
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.rest() == b""
    assert double.asked == 0


def test_a_refusal_arrives_though_the_client_goes_on_sending(double: Any, serve: Serve, connect: Connect) -> None:
    wire = connect(serve(limits=Limits(body=1000)))
    wire.get("/", "Content-Length: 5000000", method="POST")
    for _ in range(50):
        wire.send(b"x" * 100_000)
    assert wire.response()[0] == 413


def test_a_refusal_comes_after_earlier_answers(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/a": TEXT, "/slow": Response(200, content=b"slow", delay=0.05)}
    wire = connect(serve()).send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
    assert [wire.response()[0], wire.response()[0]] == [200, 400]
    wire = connect(serve()).send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n").send(b"more")
    assert [wire.response()[0], wire.response()[0]] == [200, 400]


def test_more_connections_than_allowed(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = TEXT
    url = serve(limits=Limits(connections=2))
    first, second = connect(url), connect(url)
    assert first.get("/a").response()[0] == second.get("/a").response()[0] == 200
    assert connect(url).response()[0] == 503
    first.close()
    for _ in range(100):
        if connect(url).get("/a").response()[0] == 200:
            break
        time.sleep(0.01)
    else:
        pytest.fail("the place was not given free")


def test_idle_connections_are_closed_and_unfinished_requests_refused(
    double: Any, serve: Serve, connect: Connect
) -> None:
    double.answers["/slow"] = Response(200, content=b"slow", delay=0.6)
    url = serve(limits=Limits(idle=0.2))
    idle, unfinished, slow = connect(url), connect(url).send(b"GET /a HTTP/1.1\r\nHo"), connect(url).get("/slow")
    assert idle.rest() == b""
    assert unfinished.response()[0] == 408
    assert slow.response()[2] == b"slow"


def test_a_client_that_takes_no_answer_is_dropped(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/big"] = Response(200, content=b"x" * 8_000_000)
    wire = connect(serve(limits=Limits(idle=0.2))).get("/big").get("/big")
    time.sleep(0.6)
    got = 0
    with contextlib.suppress(ConnectionResetError):  # what was under way may be lost with the connection
        while part := wire.socket.recv(65536):
            got += len(part)
    assert got < 16_000_000


MISSES = [
    (UnmatchedRequest("matches none of 3 routes"), 501, "unmatched", "matches none of 3 routes\n"),
    (ContractViolation("not allowed"), 501, "violation", "not allowed\n"),
    (UsageError("used wrongly"), 500, "error", "used wrongly\n"),
    (KeyError("inner"), 500, "error", "The double raised KeyError: 'inner'\n"),
]


@pytest.mark.parametrize(("miss", "status", "mark", "text"), MISSES, ids=[type(row[0]).__name__ for row in MISSES])
def test_what_the_double_raises_becomes_a_text(
    miss: Exception, status: int, mark: str, text: str, double: Any, serve: Serve, connect: Connect
) -> None:
    double.miss = miss
    wire = connect(serve())
    got, headers, body = wire.get("/nowhere").response()
    assert (got, headers["x-lookalike"], body.decode()) == (status, mark, text)
    assert headers["content-type"] == "text/plain; charset=utf-8"
    double.answers["/a"] = TEXT
    assert wire.get("/a").response()[2] == b"hello"


UNSENDABLE = [
    Response(200, [("X-A", "b\r\nSet-Cookie: c")]),
    Response(200, [("X A", "b")]),
    Response(99),
    Response(200, reason="O\nK"),
    Response(200, [("X-A", "b\r\n")], chunks=lambda: [b"a"]),
]


@pytest.mark.parametrize("answer", UNSENDABLE)
def test_a_response_that_would_break_the_protocol_is_not_sent(
    answer: Response, double: Any, serve: Serve, connect: Connect
) -> None:
    double.answers["/a"] = answer
    status, headers, body = connect(serve()).get("/a").response()
    assert (status, headers["x-lookalike"], headers["connection"]) == (500, "error", "close")
    assert b"can't be sent" in body


def test_what_is_no_answer_is_said_to_be_none(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = lambda request: "text"
    status, _, body = connect(serve()).get("/a").response()
    assert (status, body) == (500, b"The double answered with str, which is no answer.\n")


def test_a_false_length_is_sent_and_ends_the_connection(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = Response(200, [("Content-Length", "9")], b"hello")
    assert connect(serve()).get("/a").rest().endswith(b"Content-Length: 9\r\nConnection: close\r\n\r\nhello")


def test_reason_version_and_unusual_texts(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {
        "/reason": Response(299, reason="Nearly OK"),
        "/unknown": Response(299),
        "/old": Response(200, content=b"old", http_version="1.0"),
        "/snow": Response(200, [("X-A", "\u2603")]),
        "/early": Response(103),
        "/nothing": Response(200, [("Transfer-Encoding", "chunked")]),
    }
    url = serve()
    assert connect(url).get("/reason").head().startswith("HTTP/1.1 299 Nearly OK\r\n")
    assert connect(url).get("/unknown").head().startswith("HTTP/1.1 299 Unknown\r\n")
    assert connect(url).get("/old").rest().startswith(b"HTTP/1.0 200 OK\r\n")
    assert "\u2603" in connect(url).get("/snow").head().encode("latin-1").decode()
    assert connect(url).get("/early").rest().startswith(b"HTTP/1.1 103 Early Hints\r\nConnection: close")
    assert connect(url).get("/nothing", "Connection: close").rest().endswith(b"\r\n\r\n0\r\n\r\n")


def test_streams_keep_their_chunks(double: Any, serve: Serve, connect: Connect) -> None:
    parts = [b"data: 1\n\n", b"", b"data: 2\n\n"]
    double.answers = {"/sse": Response(200, chunks=lambda: iter(parts)), "/a": TEXT}
    wire = connect(serve()).get("/sse")
    head = wire.head()
    assert "Transfer-Encoding: chunked" in head
    assert "Content-Length" not in head
    expected = b"9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n"
    assert wire.read(len(expected)) == expected
    assert "chunked" in wire.get("/sse", method="HEAD").head()
    assert wire.get("/a").response()[2] == b"hello"
    old = connect(serve()).send(b"GET /sse HTTP/1.0\r\n\r\n")
    assert old.rest().partition(b"\r\n\r\n")[2] == b"".join(parts)


def test_a_body_that_says_it_is_chunked_is(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = Response(200, [("Transfer-Encoding", "chunked")], b"hello")
    wire = connect(serve()).get("/a", "Connection: close")
    assert wire.rest().endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


def test_a_stream_that_breaks_off_ends_the_connection(double: Any, serve: Serve, connect: Connect) -> None:
    def parts() -> Any:
        yield b"one"
        raise OSError("gone")

    double.answers["/a"] = Response(200, chunks=parts)
    assert connect(serve()).get("/a").rest().endswith(b"3\r\none\r\n")


def test_a_client_that_leaves_stops_its_stream(double: Any, serve: Serve, connect: Connect) -> None:
    sent = 0

    def parts() -> Any:
        nonlocal sent
        for _ in range(100_000):
            sent += 1
            yield b"x" * 10_000

    double.answers["/a"] = Response(200, chunks=parts)
    wire = connect(serve()).get("/a")
    wire.head()
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()
    time.sleep(0.2)
    before = sent
    time.sleep(0.1)
    assert sent == before < 100_000


def test_a_client_that_leaves_is_answered_no_more(
    double: Any, serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """What it pipelined isn't asked of the double any more, and asyncio has nothing to warn of."""
    gone = threading.Event()

    def slow(request: Request) -> Response:
        assert gone.wait(10)
        return TEXT

    double.answers["/a"] = slow
    url = serve()
    wire = connect(url).send(b"GET /a HTTP/1.1\r\nHost: test\r\n\r\n" * 300)
    while not double.asked:
        time.sleep(0.01)
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()
    gone.set()
    double.answers["/b"] = TEXT
    assert connect(url).get("/b").response()[0] == 200
    assert double.asked < 10
    assert caplog.records == []


def test_the_answers_delay_is_waited_for(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers = {"/a": Response(200, content=b"a", delay=0.2, reusable=True)}
    wire = connect(serve())
    begun = time.monotonic()
    assert wire.get("/a").response()[2] == wire.get("/a").response()[2] == b"a"
    assert time.monotonic() - begun >= 0.4


def test_passing_through_needs_an_upstream(double: Any, serve: Serve, connect: Connect) -> None:
    double.answers["/a"] = PassThrough()
    status, headers, body = connect(serve()).get("/a").response()
    assert (status, headers["x-lookalike"]) == (501, "passes-through")
    assert b"upstream" in body


def test_the_upstream_answers_in_a_thread_of_its_own(double: Any, serve: Serve, connect: Connect) -> None:
    seen: list[Any] = []

    def upstream(request: Request) -> Response:
        seen.append((threading.current_thread().name, request.url))
        if request.query == "fail":
            raise ConnectionError("no route")
        if request.query == "usage":
            raise UsageError("no way there")
        return Response(201, [("Connection", "keep-alive"), ("X-Up", "1")], b"from afar")

    double.answers["/a"] = PassThrough(observe=seen.append)
    wire = connect(serve(upstream=upstream))
    status, headers, body = wire.get("/a?x=1").response()
    assert (status, headers["x-up"], body) == (201, "1", b"from afar")
    assert seen[0][0].startswith("lookalike-upstream")
    assert seen[0][1] == "https://api.example.com/a?x=1"
    assert seen[1].content == b"from afar"
    assert wire.get("/a?fail").response()[::2] == (502, b"The upstream raised ConnectionError: no route\n")
    assert wire.get("/a?usage").response()[::2] == (502, b"no way there\n")
