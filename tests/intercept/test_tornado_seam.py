"""tornado's clients over their seam: its own, the sync one over it, and the one over libcurl."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import tornado.simple_httpclient
import tornado.tcpclient
from tornado.httpclient import AsyncHTTPClient, HTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError, SimpleAsyncHTTPClient

import lookalike
from lookalike.errors import BlockedConnection, UnmatchedRequest
from lookalike.messages import Fault, FaultKind, PassThrough, Pause, Request, Response

pycurl = pytest.importorskip("pycurl", reason="CurlAsyncHTTPClient needs pycurl")
curl_httpclient = pytest.importorskip("tornado.curl_httpclient")

URL = "https://api.example.com"
JSON = [("Content-Type", "application/json")]
Fetch = Callable[..., Any]


def run(ask: Callable[[Any], Any], kind: Any = SimpleAsyncHTTPClient, **options: Any) -> Any:
    """What `ask(client)` comes to, in a loop of its own."""

    async def main() -> Any:
        client = kind(force_instance=True, **options)
        try:
            return await ask(client)
        finally:
            client.close()

    return asyncio.run(main())


def with_simple(request: Any, **options: Any) -> Any:
    return run(lambda client: client.fetch(request, **options))


def with_curl(request: Any, **options: Any) -> Any:
    return run(lambda client: client.fetch(request, **options), curl_httpclient.CurlAsyncHTTPClient)


def with_sync(request: Any, **options: Any) -> Any:
    client = HTTPClient()
    try:
        return client.fetch(request, **options)
    finally:
        client.close()


STYLES: dict[str, Fetch] = {"simple": with_simple, "sync": with_sync, "curl": with_curl}


@pytest.fixture(params=list(STYLES), ids=list(STYLES))
def fetch(request: pytest.FixtureRequest) -> Fetch:
    return STYLES[request.param]


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """tornado logs what it makes of connections that break."""
    with caplog.at_level(logging.CRITICAL, "tornado"):
        yield


def test_a_get_is_answered(doubled: Any, fetch: Fetch) -> None:
    headers = [*JSON, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Odd", "ü")]
    with doubled(Response(200, headers, b'{"id": 1}', reason="Fine")) as double:
        answer = fetch(f"{URL}/todos?a=1&a=2", headers={"X-Token": "t"}, request_timeout=4, ca_certs=None)
    assert (answer.code, answer.reason, answer.body) == (200, "Fine", b'{"id": 1}')
    assert answer.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
    assert answer.effective_url == f"{URL}/todos?a=1&a=2"
    assert double.last.url == f"{URL}/todos?a=1&a=2"
    assert double.last.headers["host"] == "api.example.com"
    assert double.last.headers["x-token"] == "t"
    assert double.last.timeout == 4
    assert (double.last.options.timeout, double.last.options.verify, double.last.options.proxy) == (4, True, None)


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"method": "POST", "body": b"\0\xff"}, b"\0\xff"),
        ({"method": "PUT", "body": "ü"}, "ü".encode()),
        ({"method": "PATCH", "body": b""}, b""),
        ({"method": "DELETE"}, b""),
        ({"method": "HEAD"}, b""),
    ],
)
def test_methods_and_bodies(doubled: Any, fetch: Fetch, options: dict[str, Any], body: bytes) -> None:
    with doubled(Response(200, [("X-A", "1")], b"answer")) as double:
        answer = fetch(f"{URL}/x", **options)
    assert (double.last.method, double.last.content) == (options["method"], body)
    assert answer.headers["X-A"] == "1"
    assert answer.body == (b"" if options["method"] == "HEAD" else b"answer")


def test_a_body_producer(doubled: Any) -> None:
    async def produce(write: Any) -> None:
        for piece in (b"one", b"two\r\n\r\n", b"three"):
            await write(piece)
            await asyncio.sleep(0)

    with doubled(lambda request: Response(200, (), request.content)) as double:
        chunked = with_simple(f"{URL}/x", method="POST", body_producer=produce)
        sized = with_simple(f"{URL}/x", method="POST", body_producer=produce, headers={"Content-Length": "15"})
    assert chunked.body == sized.body == b"onetwo\r\n\r\nthree"
    assert [call.request.headers.get("transfer-encoding") for call in double.calls] == ["chunked", None]


def test_expect_100_continue(doubled: Any) -> None:
    with doubled(lambda request: Response(200, (), request.content)) as double:
        answer = with_simple(f"{URL}/x", method="PUT", body=b"sent" * 10, expect_100_continue=True)
    assert answer.body == b"sent" * 10
    assert double.last.headers["expect"] == "100-continue"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_tornado_s_own(doubled: Any, status: int) -> None:
    def handle(request: Request) -> Response:
        if request.path == "/from":
            return Response(status, [("Location", "https://other.example.com/to")])
        return Response(200, (), f"{request.method} {request.content.decode()}".encode())

    with doubled(handle, None) as double:
        answer = with_simple(f"{URL}/from", method="POST", body=b"b")
        with pytest.raises(HTTPClientError) as caught:
            with_simple(f"{URL}/from", follow_redirects=False)
    assert caught.value.code == status
    assert answer.body == (b"GET " if status <= 303 else b"POST b")
    assert answer.effective_url == "https://other.example.com/to"
    assert [call.request.host for call in double.calls] == ["api.example.com", "other.example.com", "api.example.com"]


def test_too_many_redirects(doubled: Any) -> None:
    with doubled(Response(302, [("Location", "/again")])) as double:
        with pytest.raises(HTTPClientError) as caught:
            with_simple(f"{URL}/again", max_redirects=3)
        with pytest.raises(curl_httpclient.CurlError) as curl:
            with_curl(f"{URL}/again", max_redirects=3)
    assert caught.value.code == 302
    assert (curl.value.code, curl.value.errno) == (599, pycurl.E_TOO_MANY_REDIRECTS)
    assert len(double.calls) == 8


def test_gzip_is_unpacked(doubled: Any, fetch: Fetch) -> None:
    packed = Response(200, [("Content-Encoding", "gzip")], gzip.compress(b"hello" * 1000))
    with doubled(packed) as double:
        assert fetch(f"{URL}/x").body == b"hello" * 1000
        assert "gzip" in double.last.headers["accept-encoding"]
        assert fetch(f"{URL}/x", decompress_response=False).body == packed.content


def test_chunks_keep_their_boundaries(doubled: Any) -> None:
    made: list[str] = []

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for piece in (b"one", b"two", b"three"):
                made.append(piece.decode())
                yield piece
        finally:
            made.append("closed")

    got: list[bytes] = []
    lines: list[str] = []
    with doubled(Response(200, [("X-A", "1")], chunks=chunks)):
        answer = with_simple(f"{URL}/x", streaming_callback=got.append, header_callback=lines.append)
    assert got == [b"one", b"two", b"three"]
    assert answer.body == b""
    assert lines[0] == "HTTP/1.1 200 OK\r\n"
    assert "X-A: 1\r\n" in [line.replace("X-a", "X-A") for line in lines]
    assert made == ["one", "two", "three", "closed"]


def test_a_stream_that_is_left_is_closed(doubled: Any) -> None:
    made: list[str] = []

    def chunks() -> Iterator[bytes]:
        try:
            for number in range(1000):
                made.append(str(number))
                yield b"x" * 1000
        finally:
            made.append("closed")

    def stop(piece: bytes) -> None:
        raise KeyError("enough")

    with doubled(Response(200, (), chunks=chunks)), pytest.raises(HTTPStreamClosedError):
        with_simple(f"{URL}/x", streaming_callback=stop)
    assert made[-1] == "closed"
    assert len(made) < 900


def test_a_large_body(doubled: Any, fetch: Fetch) -> None:
    body = bytes(range(256)) * 8192
    with doubled(lambda request: Response(200, (), request.content)):
        assert fetch(f"{URL}/x", method="POST", body=body).body == body


def test_max_body_size_is_kept_to(doubled: Any) -> None:
    with doubled(Response(200, (), b"x" * 2000)), pytest.raises(HTTPStreamClosedError):
        run(lambda client: client.fetch(f"{URL}/x"), max_body_size=1000)


def test_basic_auth(doubled: Any, fetch: Fetch) -> None:
    with doubled(Response()) as double:
        fetch(f"{URL}/x", auth_username="me", auth_password="pw")
    assert double.last.headers["authorization"] == "Basic bWU6cHc="


def test_status_errors_are_raised_and_can_be_had_as_answers(doubled: Any, fetch: Fetch) -> None:
    with doubled(Response(404, JSON, b"{}")):
        with pytest.raises(HTTPClientError) as caught:
            fetch(f"{URL}/x")
        answer = fetch(f"{URL}/x", raise_error=False)
    assert (caught.value.code, getattr(caught.value.response, "body", None)) == (404, b"{}")
    assert (answer.code, answer.body) == (404, b"{}")


def test_more_requests_than_clients(doubled: Any) -> None:
    async def ask(client: Any) -> list[bytes]:
        answers = await asyncio.gather(*(client.fetch(f"{URL}/{number}") for number in range(20)))
        return [answer.body for answer in answers]

    with doubled(lambda request: Response(200, (), request.path.encode())) as double:
        assert run(ask, max_clients=3) == [f"/{number}".encode() for number in range(20)]
    assert len(double.calls) == 20


def test_a_request_that_waits_in_the_client_s_queue_keeps_its_context() -> None:
    api = lookalike.Api(base_url=URL)

    async def ask(client: Any) -> list[set[bytes]]:
        async def one(name: str) -> set[bytes]:
            with api.mock(scope="context") as mock:
                mock.get("/me").respond(text=name)
                return {answer.body for answer in await asyncio.gather(*(client.fetch(f"{URL}/me") for _ in range(4)))}

        return list(await asyncio.gather(one("Ann"), one("Ben")))

    assert run(ask, max_clients=2) == [{b"Ann"}, {b"Ben"}]


class TestTimeouts:
    def test_an_answer_that_takes_longer(self, doubled: Any) -> None:
        with doubled(Response(200, delay=21.0)), pytest.raises(HTTPTimeoutError, match="during request") as caught:
            with_simple(f"{URL}/x")  # 20 seconds, unless it is told
        assert caught.value.code == 599
        with doubled(Response(200, (), b"x", delay=21.0)):
            assert with_simple(f"{URL}/x", request_timeout=22).body == b"x"
            assert with_simple(f"{URL}/x", request_timeout=0).body == b"x"

    def test_pauses_add_up(self, doubled: Any) -> None:
        answer = Response(200, (), chunks=lambda: [b"a", Pause(3), b"b", Pause(3), b"c"], delay=1)
        with doubled(answer):
            assert with_simple(f"{URL}/x", request_timeout=7).body == b"abc"
            with pytest.raises(HTTPTimeoutError, match="during request"):
                with_simple(f"{URL}/x", request_timeout=6.9)

    def test_a_reply_that_waits_for_ever_meets_the_client_s_own_clock(self) -> None:
        api = lookalike.Api(base_url=URL)
        ended: list[str] = []

        async def never(request: Any) -> Any:
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append("cancelled")

        with api.mock() as mock:
            mock.get("/x").respond_with(never)
            with pytest.raises(HTTPTimeoutError):
                with_simple(f"{URL}/x", request_timeout=0.05)
        assert ended == ["cancelled"]


def test_coroutine_functions_run_in_the_client_s_loop() -> None:
    api = lookalike.Api(base_url=URL)
    loops: list[Any] = []

    async def reply(request: Any) -> Any:
        loops.append(asyncio.get_running_loop())
        return {"here": True}

    async def ask(client: Any) -> Any:
        loops.append(asyncio.get_running_loop())
        return await client.fetch(f"{URL}/x")

    with api.mock() as mock:
        mock.get("/x").respond_with(reply)
        run(ask)
    assert loops[0] is loops[1]


class TestMisses:
    @pytest.mark.parametrize("raise_error", [True, False])
    def test_they_reach_the_test(self, doubled: Any, fetch: Fetch, raise_error: bool) -> None:
        with doubled(None), pytest.raises(UnmatchedRequest, match="matches none"):
            fetch(f"{URL}/x", raise_error=raise_error)

    def test_other_hosts_too(self, doubled: Any, fetch: Fetch) -> None:
        with doubled(None), pytest.raises(UnmatchedRequest):
            fetch("https://elsewhere.example.com/")

    def test_a_raw_connection_is_the_guard_s(self, doubled: Any) -> None:
        async def connect() -> None:
            await tornado.tcpclient.TCPClient().connect("203.0.113.7", 80)

        with doubled(None), pytest.raises(BlockedConnection):
            asyncio.run(connect())


class Broken:
    """A real server that does one thing to each connection."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._act = act
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            with peer, contextlib.suppress(OSError):
                self._act(peer)

    def __enter__(self) -> Broken:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


def read(peer: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += peer.recv(1000)


def reset(peer: socket.socket) -> None:
    read(peer)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closed_mid_body(peer: socket.socket) -> None:
    read(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789")


def bad_chunk(peer: socket.socket) -> None:
    read(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\nnot a size\r\n")


def silent(peer: socket.socket) -> None:
    read(peer)
    peer.recv(1)


def no_tls(peer: socket.socket) -> None:
    peer.recv(10)
    peer.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


REAL: dict[FaultKind, Callable[[socket.socket], None]] = {
    "read-timeout": silent,
    "reset": reset,
    "closed": read,
    "closed-mid-body": closed_mid_body,
    "bad-chunk": bad_chunk,
}


def outcome(fetch: Fetch, url: str) -> Any:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is compared
        fetch(url, request_timeout=0.3)
    error = caught.value
    assert not isinstance(error, AssertionError)
    return error


def told(error: Any) -> Any:
    return type(error), getattr(error, "code", None), getattr(error, "errno", None)


class TestFaults:
    @pytest.mark.parametrize("kind", list(REAL))
    def test_as_a_real_server_that_fails(self, doubled: Any, fetch: Fetch, kind: FaultKind) -> None:
        with Broken(REAL[kind]) as server:
            url = f"http://127.0.0.1:{server.port}"
            real = outcome(fetch, f"{url}/x")
            with doubled(Fault(kind), url) as double:
                fake = outcome(fetch, f"{url}/x")
        assert told(fake) == told(real)
        if fetch is not with_curl:
            assert str(fake) == str(real)
        assert len(double.calls) == 1

    def test_as_a_port_that_refuses(self, doubled: Any, fetch: Fetch) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        real = outcome(fetch, url)
        with doubled(Fault("refused"), url):
            fake = outcome(fetch, url)
        assert told(fake) == told(real)
        assert "refused" in str(fake) or "Could not connect" in str(fake)

    def test_as_a_name_that_is_not_there(self, doubled: Any, fetch: Fetch) -> None:
        url = "http://nowhere.invalid"
        real = outcome(fetch, url)
        with doubled(Fault("dns"), url):
            fake = outcome(fetch, url)
        assert type(fake) is type(real)
        assert fetch is not with_curl or fake.errno == pycurl.E_COULDNT_RESOLVE_HOST

    def test_tls_and_a_connection_that_never_stands(self, doubled: Any) -> None:
        with doubled(Fault("tls")):
            assert isinstance(outcome(with_simple, URL), ssl.SSLCertVerificationError)
            assert outcome(with_curl, URL).errno == pycurl.E_PEER_FAILED_VERIFICATION
        with doubled(Fault("connect-timeout")):
            error = outcome(with_simple, URL)
            assert isinstance(error, HTTPTimeoutError)
            assert str(error) == "Timeout while connecting"
            assert outcome(with_curl, URL).errno == pycurl.E_OPERATION_TIMEDOUT

    def test_what_arrives_before_the_failure_is_there(self, doubled: Any) -> None:
        got: list[bytes] = []
        with doubled(Fault("closed-mid-body", Response(200, (), b"begun"))), pytest.raises(HTTPStreamClosedError):
            with_simple(f"{URL}/x", streaming_callback=got.append)
        assert got == [b"begun"]

    def test_a_body_that_is_shorter_than_said(self, doubled: Any) -> None:
        with doubled(Response(200, [("Content-Length", "12")], b"short")), pytest.raises(HTTPStreamClosedError):
            with_simple(f"{URL}/x")


class TestPassThrough:
    @pytest.mark.parametrize("path", ["/plain", "/chunked"])
    @pytest.mark.parametrize("observe", [False, True])
    def test_the_real_answer_reaches_the_client(
        self, doubled: Any, fetch: Fetch, server: Any, observe: bool, path: str
    ) -> None:
        seen: list[Response] = []
        with doubled(PassThrough(seen.append if observe else None), server.url) as double:
            answers = [
                fetch(f"{server.url}{path}", method="POST", body=b"sent"),
                fetch(f"{server.url}{path}"),
            ]
        assert [(one.body, one.headers["X-Real"]) for one in answers] == [(b'{"real": true}', "yes")] * 2
        assert server.hits == [("POST", path, b"sent"), ("GET", path, b"")]
        assert len(double.calls) == 2
        assert [(one.status, one.json(), one.headers["x-real"]) for one in seen] == [(200, {"real": True}, "yes")] * (
            2 * observe
        )

    def test_altered(self, doubled: Any, fetch: Fetch, server: Any) -> None:
        def alter(real: Response) -> Response:
            return Response(203, [*JSON, ("X-Was", str(real.status))], b"[]")

        with doubled(PassThrough(alter=alter), server.url):
            answer = fetch(f"{server.url}/x")
        assert (answer.code, answer.body, answer.headers["X-Was"]) == (203, b"[]", "200")

    def test_a_real_server_that_is_down_fails_as_really(self, doubled: Any, fetch: Fetch) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        real = outcome(fetch, url)
        with doubled(PassThrough(), url):
            assert told(outcome(fetch, url)) == told(real)

    def test_what_the_client_asks_in_two_steps(self, doubled: Any, server: Any) -> None:
        with doubled(PassThrough(), server.url):
            answer = with_simple(f"{server.url}/x", method="PUT", body=b"sent", expect_100_continue=True)
        assert answer.body == b'{"real": true}'
        assert server.hits == [("PUT", "/x", b"sent")]

    @pytest.mark.parametrize("act", [read, reset])
    @pytest.mark.parametrize("observe", [False, True])
    def test_a_real_server_that_breaks_off(self, doubled: Any, observe: bool, act: Any) -> None:
        with Broken(act) as broken:
            url = f"http://127.0.0.1:{broken.port}"
            with doubled(PassThrough((lambda real: None) if observe else None), url):
                error = outcome(with_simple, url)
        assert isinstance(error, (HTTPStreamClosedError, ConnectionError))

    def test_redirected_to_what_passes(self, doubled: Any, fetch: Fetch, server: Any) -> None:
        def handle(request: Request) -> Any:
            return PassThrough() if request.path == "/real" else Response(302, [("Location", "/real")])

        with doubled(handle, server.url) as double:
            assert fetch(f"{server.url}/from").body == b'{"real": true}'
        assert [call.request.path for call in double.calls] == ["/from", "/real"]

    def test_loopback_passes(self, doubled: Any, fetch: Fetch, server: Any) -> None:
        with doubled(None):
            assert fetch(f"{server.url}/x").body == b'{"real": true}'
        assert server.hits == [("GET", "/x", b"")]


class TestCurl:
    def test_it_says_who_it_is_and_goes_through_no_proxy(self, doubled: Any) -> None:
        request = HTTPRequest(f"{URL}/x", proxy_host="proxy.test", proxy_port=3128, ca_certs="/ca.pem")
        with doubled(Response()) as double:
            with_curl(request)
            with_curl(f"{URL}/x", user_agent="mine", auth_mode="digest", auth_username="a", auth_password="b")
        first, second = (call.request for call in double.calls)
        assert first.headers["user-agent"] == "Mozilla/5.0 (compatible; pycurl)"
        assert (first.options.proxy, first.options.verify) == ("http://proxy.test:3128", "/ca.pem")
        assert second.headers["user-agent"] == "mine"
        assert "authorization" not in second.headers

    def test_a_url_that_is_none_is_libcurl_s_to_judge(self, doubled: Any) -> None:
        with doubled(Response()), pytest.raises(curl_httpclient.CurlError) as caught:
            with_curl("nonsense://x")
        assert caught.value.errno == pycurl.E_UNSUPPORTED_PROTOCOL


def test_a_client_that_was_made_before_and_one_that_is_used_after(doubled: Any, server: Any) -> None:
    async def ask(client: Any) -> list[bytes]:
        bodies = [(await client.fetch(f"{server.url}/x")).body]
        with doubled(Response(200, (), b"double"), server.url):
            bodies.append((await client.fetch(f"{server.url}/x")).body)
        bodies.append((await client.fetch(f"{server.url}/x")).body)
        return bodies

    for kind in (SimpleAsyncHTTPClient, curl_httpclient.CurlAsyncHTTPClient):
        assert run(ask, kind) == [b'{"real": true}', b"double", b'{"real": true}']


def test_nothing_of_it_stays(doubled: Any) -> None:
    connect, handle = tornado.tcpclient.TCPClient.connect, SimpleAsyncHTTPClient._handle_request
    fetch_impl = curl_httpclient.CurlAsyncHTTPClient.fetch_impl
    with doubled(Response()):
        assert tornado.tcpclient.TCPClient.connect is not connect
    assert tornado.tcpclient.TCPClient.connect is connect
    assert SimpleAsyncHTTPClient._handle_request is handle
    assert curl_httpclient.CurlAsyncHTTPClient.fetch_impl is fetch_impl


def test_the_configured_client(doubled: Any) -> None:
    async def ask() -> Any:
        client = AsyncHTTPClient()
        try:
            return await client.fetch(f"{URL}/x")
        finally:
            client.close()

    with doubled(Response(200, (), b"x")):
        assert asyncio.run(ask()).body == b"x"


@pytest.mark.parametrize("raise_error", [True, False])
def test_a_miss_behind_redirects_reaches_the_test(doubled: Any, fetch: Fetch, raise_error: bool) -> None:
    def handle(request: Request) -> Response:
        if request.path == "/nowhere":
            raise UnmatchedRequest("nowhere matches none")
        return Response(302, [("Location", "/second" if request.path == "/first" else "/nowhere")])

    with doubled(handle), pytest.raises(UnmatchedRequest, match="nowhere"):
        fetch(f"{URL}/first", raise_error=raise_error)
