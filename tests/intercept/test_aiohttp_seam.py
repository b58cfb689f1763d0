"""aiohttp over its own stack, with a double where its connectors would connect."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import aiohttp.connector
import brotli  # type: ignore[import-untyped]  # without types
import pytest
import uvloop
from aiohttp_retry import ExponentialRetry, RetryClient

import lookalike
from lookalike import passage
from lookalike.errors import BlockedConnection, UnknownRelease, UnmatchedRequest, UsageError
from lookalike.intercept import aiohttp as seam
from lookalike.messages import PassThrough, Request, Response

URL = "https://api.example.com"
JSON = [("Content-Type", "application/json")]
VERSION = tuple(int(part) for part in aiohttp.__version__.split(".")[:2])
ASYNCIO, UVLOOP = asyncio.new_event_loop, uvloop.new_event_loop

Ask = Callable[[aiohttp.ClientSession], Awaitable[Any]]


@pytest.fixture(params=[ASYNCIO, UVLOOP], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`run(ask, **options)`: what `ask` comes to with a session, on each event loop."""

    def asked(ask: Ask, **options: Any) -> Any:
        async def main() -> Any:
            async with aiohttp.ClientSession(**options) as session:
                return await ask(session)

        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(main())

    return asked


def get(url: str = f"{URL}/x", method: str = "GET", **options: Any) -> Ask:
    """Asks once; the response, read."""

    async def ask(session: aiohttp.ClientSession) -> aiohttp.ClientResponse:
        async with session.request(method, url, **options) as answer:
            await answer.read()
            return answer

    return ask


def body(answer: aiohttp.ClientResponse) -> bytes:
    content = answer._body
    assert content is not None
    return content


@pytest.mark.peer("aiohttp client")
def test_a_get_is_answered(doubled: Any, run: Any) -> None:
    answer = Response(200, [*JSON, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Two", "1"), ("X-Two", "2")], b"[]")
    with doubled(answer) as double:
        got = run(get(f"{URL}/todos", params=[("a", "1"), ("a", "2 3")], headers={"X-Token": "t"}))
    assert (got.status, got.reason, tuple(got.version)) == (200, "OK", (1, 1))
    assert (got.headers.getall("X-Two"), got.headers["Content-Length"]) == (["1", "2"], "2")
    assert {name: one.value for name, one in got.cookies.items()} == {"a": "1", "b": "2"}
    assert str(got.url) == f"{URL}/todos?a=1&a=2+3"
    assert double.last.url == f"{URL}/todos?a=1&a=2+3"
    assert double.last.params.get_all("a") == ["1", "2 3"]
    assert (double.last.headers["host"], double.last.headers["x-token"]) == ("api.example.com", "t")


async def _pieces() -> AsyncIterator[bytes]:
    for piece in (b"one ", b"two"):
        await asyncio.sleep(0)
        yield piece


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (lambda: {"json": {"a": 1}}, b'{"a": 1}'),
        (lambda: {"data": b"\0\xff"}, b"\0\xff"),
        (lambda: {"data": {"a": "x y"}}, b"a=x+y"),
        (dict, b""),
        (lambda: {"data": _pieces()}, b"one two"),
        (lambda: {"data": b"abc", "chunked": True}, b"abc"),
        (lambda: {"data": b"abc", "expect100": True}, b"abc"),
        (lambda: {"data": _pieces(), "expect100": True}, b"one two"),
        (lambda: {"expect100": True}, b""),
        (lambda: {"data": b"\r\n\r\n0\r\n\r\n", "chunked": True}, b"\r\n\r\n0\r\n\r\n"),
        (lambda: {"data": b"x" * 1_000_000}, b"x" * 1_000_000),
        (lambda: {"data": b"x" * 1_000_000, "chunked": True, "expect100": True}, b"x" * 1_000_000),
    ],
    ids=lambda value: None if callable(value) else str(value[:10]),
)
def test_bodies_arrive(doubled: Any, run: Any, options: Any, expected: bytes) -> None:
    with doubled(Response(201)) as double:

        async def ask(session: aiohttp.ClientSession) -> list[int]:
            return [(await get(method="POST", **options())(session)).status for _ in range(2)]

        assert run(ask) == [201, 201]
    assert [call.request.content for call in double.calls] == [expected] * 2


def test_compressed_bodies_arrive_as_they_were_sent(doubled: Any, run: Any) -> None:
    with doubled(Response()) as double:
        run(get(method="POST", data=b"a" * 1000, compress="gzip"))
    assert (double.last.headers["content-encoding"], double.last.body) == ("gzip", b"a" * 1000)
    assert gzip.decompress(double.last.content) == b"a" * 1000


def test_multipart_forms_arrive(doubled: Any, run: Any) -> None:
    async def ask(session: aiohttp.ClientSession) -> None:
        form = aiohttp.FormData()
        form.add_field("name", "Ann")
        form.add_field("file", b"hello", filename="a.txt", content_type="text/plain")
        await get(method="POST", data=form)(session)

    with doubled(Response()) as double:
        run(ask)
    assert double.last.content_type == "multipart/form-data"
    assert b'filename="a.txt"' in double.last.content
    assert b"hello" in double.last.content


@pytest.mark.since(aiohttp="3.9.4")  # older ones raise the upload's own error
def test_an_upload_that_fails_is_the_client_s_own_error(doubled: Any, run: Any) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        await asyncio.sleep(0)
        raise KeyError("no more")

    with doubled(Response()) as double, pytest.raises(aiohttp.ClientConnectionError):
        run(lambda session: get(method="POST", data=broken())(session))
    assert len(double.calls) == 0


def test_redirects_are_followed(doubled: Any, run: Any) -> None:
    def handle(request: Request) -> Response:
        location = {"/a": "/b", "/b": "https://api.example.com:443/c"}.get(request.path)
        cookie = [("Set-Cookie", f"at={request.path[1:]}")]
        if location is not None:
            return Response(307, [("Location", location), *cookie])
        return Response(200, cookie, request.content)

    with doubled(handle) as double:
        got = run(get(f"{URL}/a", "POST", data=b"abc"))
        stopped = run(get(f"{URL}/a", "POST", data=b"abc", allow_redirects=False))
    assert (str(got.url), body(got), [one.status for one in got.history]) == (f"{URL}/c", b"abc", [307, 307])
    assert stopped.status == 307
    assert double.calls[2].request.cookies["at"] == "b"


def test_raise_for_status(doubled: Any, run: Any) -> None:
    with doubled(Response(404, JSON, b"{}")), pytest.raises(aiohttp.ClientResponseError, match="404") as caught:
        run(get(raise_for_status=True))
    assert (caught.value.status, caught.value.message) == (404, "Not Found")


def test_bodies_that_are_none(doubled: Any, run: Any) -> None:
    answers = [
        Response(204),
        Response(304, [("ETag", "x")], b"no"),
        Response(200, JSON, b"{}"),
        Response(200, (), chunks=lambda: [b"no"]),
    ]

    async def ask(session: aiohttp.ClientSession) -> list[Any]:
        return [await get(method=method)(session) for method in ("GET", "GET", "HEAD", "HEAD")]

    with doubled(answers):
        got = run(ask)
    assert [body(answer) for answer in got] == [b""] * 4
    assert got[2].headers["Content-Length"] == "2"


def squeezed(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=1))


@pytest.mark.parametrize(
    ("coding", "squeeze"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", squeezed)],
)
def test_codings_are_undone_by_the_client(doubled: Any, run: Any, coding: str, squeeze: Any) -> None:
    content = json.dumps(list(range(20_000))).encode()
    sent = squeeze(content)
    with doubled(Response(200, [*JSON, ("Content-Encoding", coding)], sent)):
        assert body(run(get())) == content
        assert body(run(get(), auto_decompress=False)) == sent


@pytest.mark.parametrize("answer", [
    Response(200, (), b"x" * 1_000_000),
    Response(200, (), chunks=lambda: [b"x" * 10_000] * 100),
    Response(200, [("Transfer-Encoding", "chunked")], b"x" * 1_000_000),
    Response(200, (), chunks=lambda: [b"x" * 10_000] * 100, http_version="1.0"),
], ids=["length", "streamed", "chunked", "until the end"])  # fmt: skip
@pytest.mark.parametrize("options", [{}, {"read_bufsize": 1000}, {"read_until_eof": True}], ids=str)
def test_large_answers_arrive_at_any_pace(doubled: Any, run: Any, answer: Response, options: Any) -> None:
    async def ask(session: aiohttp.ClientSession) -> list[int]:
        sizes = []
        async with session.get(URL, **options) as got:
            sizes.append(len(await got.read()))
        async with session.get(URL, **options) as got:
            size = 0
            async for piece in got.content.iter_chunked(5000):
                size += len(piece)
                if size % 50_000 == 0:
                    await asyncio.sleep(0)
            sizes.append(size)
        return sizes

    with doubled(answer):
        assert run(ask) == [1_000_000, 1_000_000]


def test_odd_answers(doubled: Any, run: Any) -> None:
    odd = [
        Response(299, [("X-Utf8", "grün")], b"a", reason="Words"),
        Response(200, (), b"b", http_version="2"),
        Response(200, (), b"c", http_version="1.0"),
        Response(200, [("Content-Length", "1")], b"d"),
        Response(200, [("Connection", "close")], b"e"),
    ]

    async def ask(session: aiohttp.ClientSession) -> list[Any]:
        return [await get()(session) for _ in odd]

    with doubled(list(odd)):
        got = run(ask)
    assert [body(answer) for answer in got] == [b"a", b"b", b"c", b"d", b"e"]
    assert got[0].reason == "Words"
    assert [tuple(answer.version) for answer in got] == [(1, 1), (1, 1), (1, 0), (1, 1), (1, 1)]


def test_http_1_0_clients(doubled: Any, run: Any) -> None:
    with doubled(Response(200, (), b"x")):
        assert body(run(get(), version=aiohttp.HttpVersion10)) == b"x"


def test_headers_that_break_out_are_our_error(doubled: Any, run: Any) -> None:
    with doubled(Response(200, [("X", "a\r\nb")])), pytest.raises(UsageError, match="line break"):
        run(get())


def test_the_double_s_errors_come_out_unwrapped(doubled: Any, run: Any) -> None:
    with doubled() as double:
        for options in ({}, {"method": "POST", "data": b"x"}, {"timeout": aiohttp.ClientTimeout(5, sock_read=3)}):
            with pytest.raises(UnmatchedRequest, match="api"):
                run(get(**options))
        with pytest.raises(UnmatchedRequest, match="elsewhere"):
            run(get("https://elsewhere.test/"))
    assert len(double.calls) == 0


@pytest.mark.parametrize("proxy", ["http://proxy.test:3128", "https://proxy.test:3128"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxies_make_no_difference(doubled: Any, run: Any, scheme: str, proxy: str) -> None:
    async def ask(session: aiohttp.ClientSession) -> list[bytes]:
        url = f"{scheme}://API.example.com/x?y=1"
        headers = {"Proxy-Authorization": "Basic eDp5"}
        return [body(await get(url, proxy=proxy, proxy_headers=headers)(session)) for _ in range(2)]

    with doubled(Response(200, (), b"x")) as double:
        assert run(ask) == [b"x", b"x"]
    assert [call.request.url for call in double.calls] == [f"{scheme}://api.example.com/x?y=1"] * 2
    assert double.last.options.proxy == proxy
    assert "proxy-authorization" not in double.last.headers


def test_how_the_client_was_told_to_ask(doubled: Any, run: Any) -> None:
    timeout = aiohttp.ClientTimeout(total=9, sock_read=4)
    with doubled(Response()) as double:
        run(get(timeout=timeout, ssl=False))
        run(get(timeout=aiohttp.ClientTimeout(total=None)))
        run(get(), timeout=aiohttp.ClientTimeout(total=3))

        async def lax(session: aiohttp.ClientSession) -> None:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as own:
                await get()(own)

        run(lax)
    told = [call.request.options for call in double.calls]
    assert [one.timeout for one in told] == [4, None, 3, 300]
    assert [one.verify for one in told] == [False, True, True, False]
    assert [call.request.timeout for call in double.calls] == [4, None, 3, 300]


@pytest.mark.skipif(VERSION < (3, 11), reason="before, whether a real connection is free again in time is a race")
def test_requests_share_a_connection_and_traces_say_so(doubled: Any, run: Any, server: Any) -> None:
    async def events(session_url: str, connector: aiohttp.BaseConnector | None = None) -> list[str]:
        said: list[str] = []
        trace = aiohttp.TraceConfig()
        for signal in vars(trace):
            if "dns" not in signal and signal.startswith("_on_"):

                async def note(*_: Any, name: str = signal) -> None:
                    said.append(name)

                getattr(trace, signal[1:]).append(note)
        async with aiohttp.ClientSession(connector=connector, trace_configs=[trace]) as session:
            await get(session_url)(session)
            await get(session_url, "POST", data=b"x")(session)
        return said

    async def ask(session: aiohttp.ClientSession) -> None:
        real = await events(server.url)
        with doubled(Response(200, JSON, b'{"real": true}'), server.url):
            assert await events(server.url) == real
        assert "_on_connection_reuseconn" in real
        closing = aiohttp.TCPConnector(force_close=True)
        with doubled(Response(200, JSON, b"{}"), server.url) as double:
            assert "_on_connection_reuseconn" not in await events(server.url, closing)
            assert double.last.headers["connection"] == "close"

    run(ask)


def test_a_connector_s_limit_holds(doubled: Any, run: Any) -> None:
    async def ask(_: aiohttp.ClientSession) -> list[int]:
        connector = aiohttp.TCPConnector(limit=2)
        async with aiohttp.ClientSession(connector=connector) as session:
            answers = [await session.get(URL), await session.get(URL)]
            third = asyncio.ensure_future(get()(session))
            await asyncio.sleep(0.01)
            waiting = not third.done()
            answers[0].close()
            assert (await third).status == 200
            answers[1].close()
            return [waiting]

    with doubled(Response(200, (), chunks=lambda: [b"x"])):
        assert run(ask) == [True]


def test_a_session_that_was_used_before_and_is_used_after(doubled: Any, run: Any, server: Any) -> None:
    async def ask(session: aiohttp.ClientSession) -> None:
        for _ in range(2):
            assert body(await get(f"{server.url}/before")(session)) == b'{"real": true}'
            with doubled(Response(200, (), b"double"), server.url) as double:
                for _ in range(2):
                    assert body(await get(f"{server.url}/during")(session)) == b"double"
                assert len(double.calls) == 2
            assert body(await get(f"{server.url}/after")(session)) == b'{"real": true}'

    run(ask)
    assert [path for _, path, _ in server.hits] == ["/before", "/after"] * 2


@pytest.mark.parametrize("path", ["/plain", "/chunked"])
@pytest.mark.parametrize("way", ["plain", "observe", "alter"])
@pytest.mark.parametrize("limit", [1, 100])
def test_answers_that_pass_through(doubled: Any, run: Any, server: Any, way: str, path: str, limit: int) -> None:
    seen: list[Response] = []

    def alter(real: Response) -> Response:
        return Response(201, real.headers, b"other")

    answer = {
        "plain": PassThrough(),
        "observe": PassThrough(seen.append),
        "alter": PassThrough(seen.append, alter=alter),
    }[way]

    async def ask(_: aiohttp.ClientSession) -> list[Any]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=limit)) as session:
            sent: list[tuple[str, dict[str, Any]]] = [
                ("POST", {"data": b"sent"}),
                ("GET", {}),
                ("POST", {"data": _pieces(), "expect100": True}),
            ]
            return [await get(server.url + path, method, **options)(session) for method, options in sent]

    if way == "alter" and path == "/plain":
        pytest.skip("the real Content-Length would be that of another body")
    with doubled(answer, server.url) as double:
        got = run(ask)
    told = (201, b"other") if way == "alter" else (200, b'{"real": true}')
    assert [(one.status, body(one)) for one in got] == [told] * 3
    assert server.hits == [("POST", path, b"sent"), ("GET", path, b""), ("POST", path, b"one two")]
    assert len(double.calls) == 3
    real = (200, {"real": True}, "yes")
    assert [(one.status, one.json(), one.headers["x-real"]) for one in seen] == [real] * (3 * (way != "plain"))


def test_a_real_answer_left_unread_is_closed(doubled: Any, run: Any, server: Any) -> None:
    async def ask(session: aiohttp.ClientSession) -> int:
        async with session.get(f"{server.url}/chunked") as answer:
            return answer.status

    with doubled(PassThrough(), server.url):
        assert run(ask) == 200


def test_a_real_server_that_is_down_fails_as_really(doubled: Any, run: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with doubled(PassThrough(), url), pytest.raises(aiohttp.ClientConnectorError):
        run(get(url))


def test_loopback_passes_and_so_does_an_open_passage(doubled: Any, run: Any, server: Any) -> None:
    with doubled() as double:
        assert body(run(get(server.url))) == b'{"real": true}'
    with doubled(None, server.url), passage.opened():
        assert body(run(get(server.url))) == b'{"real": true}'
    assert len(double.calls) == 0


def test_a_connector_may_be_left_alone(doubled: Any, run: Any, server: Any) -> None:
    async def ask(_: aiohttp.ClientSession) -> bytes:
        connector = aiohttp.TCPConnector()
        connector.lookalike_passes = True  # type: ignore[attr-defined]  # the seam's own mark
        async with aiohttp.ClientSession(connector=connector) as session:
            return body(await get(server.url)(session))

    with doubled(None, server.url):
        assert run(ask) == b'{"real": true}'


@pytest.mark.parametrize("url", ["wss://api.example.com/live", "https://api.example.com/live", "ws://elsewhere.test/"])
def test_websockets_are_refused_clearly(doubled: Any, run: Any, url: str) -> None:
    with doubled(Response()) as double, pytest.raises(UnmatchedRequest, match="WebSocket, which no double speaks"):
        run(lambda session: session.ws_connect(url))
    assert len(double.failures) == 1


def test_websockets_on_this_machine_pass(doubled: Any, run: Any) -> None:
    from aiohttp import web

    async def talk(request: web.Request) -> web.WebSocketResponse:
        peer = web.WebSocketResponse()
        await peer.prepare(request)
        await peer.send_str("hello")
        await peer.close()
        return peer

    async def ask(session: aiohttp.ClientSession) -> str:
        app = web.Application()
        app.router.add_get("/", talk)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            async with session.ws_connect(f"ws://127.0.0.1:{port}/") as peer:
                return await peer.receive_str()
        finally:
            await runner.cleanup()

    with doubled(Response()):
        assert run(ask) == "hello"


def test_other_protocols_meet_the_guard(doubled: Any, run: Any) -> None:
    class Foreign(aiohttp.TCPConnector):
        allowed_protocol_schema_set = frozenset({"foreign"})

    async def ask(_: aiohttp.ClientSession) -> None:
        async with aiohttp.ClientSession(connector=Foreign()) as session:
            await get("foreign://elsewhere.test:99/")(session)

    with doubled(Response()), pytest.raises(BlockedConnection):
        run(ask)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("tcp://docker.test:2375/v1/info?a=1", "http://docker.test:2375"),
        ("tcp://docker.test/v1/info?a=1", "http://docker.test"),
    ],
)
def test_http_under_the_scheme_of_its_connector(doubled: Any, run: Any, url: str, asked: str) -> None:
    with doubled(Response(200, (), b"double"), asked) as double:
        assert body(run(get(url))) == b"double"
    assert double.calls[-1].request.url == f"{asked}/v1/info?a=1"


def test_a_unix_scheme_is_http_over_a_unix_socket(doubled: Any, run: Any) -> None:
    async def ask(_: aiohttp.ClientSession) -> bytes:
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector("/no/such/socket")) as session:
            return body(await get("unix://docker/version")(session))

    with doubled(Response(200, (), b"double"), "http://docker"):
        assert run(ask) == b"double"


@pytest.mark.parametrize("named", [True, False])
def test_unix_sockets(doubled: Any, run: Any, tmp_path: Path, named: bool) -> None:
    path = str(tmp_path / "s")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()

    def answer() -> None:
        peer, _ = listening.accept()
        with peer:
            peer.recv(1000)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix")

    async def ask(_: aiohttp.ClientSession) -> bytes:
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session:
            return body(await get("http://docker/version")(session))

    thread = threading.Thread(target=answer)
    with listening, doubled(Response(200, (), b"double"), "http://docker" if named else None):
        if not named:
            thread.start()
        assert run(ask) == (b"double" if named else b"unix")
    if not named:
        thread.join()


def test_connectors_with_their_own_way_to_the_network(doubled: Any, run: Any) -> None:
    class Socks(aiohttp.TCPConnector):
        async def _create_connection(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("it reached the network")

    class Counting(Socks):
        asked = 0

        async def connect(self, *args: Any, **options: Any) -> Any:
            self.asked += 1
            return await super().connect(*args, **options)

    async def ask(_: aiohttp.ClientSession) -> int:
        async with aiohttp.ClientSession(connector=Socks()) as session:
            assert body(await get()(session)) == b"double"
        connector = Counting()
        async with aiohttp.ClientSession(connector=connector) as session:
            assert body(await get()(session)) == b"double"
        return connector.asked

    with doubled(Response(200, (), b"double")):
        assert run(ask) == 1


def test_third_party_retries(doubled: Any, run: Any) -> None:
    async def ask(_: aiohttp.ClientSession) -> bytes:
        options = ExponentialRetry(attempts=3, start_timeout=0, statuses={503})
        async with RetryClient(retry_options=options) as client, client.get(URL) as answer:
            return await answer.read()

    with doubled([Response(503), Response(503), Response(200, (), b"there")]) as double:
        assert run(ask) == b"there"
    assert len(double.calls) == 3


@pytest.mark.skipif(VERSION < (3, 12), reason="middlewares came with aiohttp 3.12")
def test_middlewares(doubled: Any, run: Any) -> None:
    async def again(request: Any, handler: Any) -> Any:
        request.headers["X-Try"] = "1"
        first = await handler(request)
        if first.status == 401:
            request.headers["X-Try"] = "2"
            return await handler(request)
        return first

    def handle(request: Request) -> Response:
        return Response(200 if request.headers["x-try"] == "2" else 401)

    with doubled(handle) as double:
        assert run(get(), middlewares=[again]).status == 200
    assert len(double.calls) == 2


@pytest.mark.skipif(VERSION < (3, 12), reason="digest authentication came with aiohttp 3.12")
def test_digest_authentication(doubled: Any, run: Any) -> None:
    def handle(request: Request) -> Response:
        said = request.headers.get("authorization", "")
        if said.startswith("Digest ") and 'username="ann"' in said:
            return Response(200, (), request.content)
        return Response(401, [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5')])

    with doubled(handle) as double:
        got = run(get(method="POST", data=b"x"), middlewares=[aiohttp.DigestAuthMiddleware("ann", "secret")])
    assert (got.status, body(got)) == (200, b"x")
    assert len(double.calls) == 2


def test_many_at_once(doubled: Any, run: Any) -> None:
    async def ask(session: aiohttp.ClientSession) -> list[bytes]:
        answers = await asyncio.gather(*(get(f"{URL}/{number}")(session) for number in range(200)))
        return [body(answer) for answer in answers]

    with doubled(lambda request: Response(200, (), request.path.encode())):
        assert run(ask) == [f"/{number}".encode() for number in range(200)]


def test_the_transport_is_one(doubled: Any, run: Any) -> None:
    async def ask(session: aiohttp.ClientSession) -> None:
        async with session.get(URL) as answer:
            connection = answer.connection
            assert connection is not None
            transport: Any = connection.transport
            assert transport.get_extra_info("peername") == ("api.example.com", 443)
            assert transport.get_extra_info("socket") is None
            assert (transport.get_write_buffer_size(), transport.get_write_buffer_limits()) == (0, (0, 0))
            transport.set_write_buffer_limits(1)
            assert transport.get_protocol() is connection.protocol
            assert not transport.can_write_eof()
            assert transport.is_reading()
            await answer.read()

    with doubled(Response(200, (), chunks=lambda: [b"a"])):
        run(ask)


def test_aiohttp_imported_while_a_double_is_active() -> None:
    code = (
        "import asyncio, sys, lookalike\n"
        "with lookalike.Api(base_url='https://api.example.com').mock() as mock:\n"
        "    assert 'aiohttp' not in sys.modules\n"
        "    mock.get('/x').respond(json=[1])\n"
        "    import aiohttp\n"
        "    async def main():\n"
        "        async with aiohttp.ClientSession() as s, s.get('https://api.example.com/x') as r:\n"
        "            print(await r.json())\n"
        "    asyncio.run(main())\n"
        "print(aiohttp.BaseConnector.connect.__module__)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert said.stdout == "[1]\naiohttp.connector\n", said.stderr


@pytest.mark.parametrize("place", seam._NEEDED)
def test_a_changed_seam_is_said(monkeypatch: pytest.MonkeyPatch, scripted: Any, place: str) -> None:
    from lookalike.intercept import install

    before = aiohttp.BaseConnector.connect
    owner, _, name = place.partition(".")
    if name:
        kept = [one.partition(".")[2] for one in seam._NEEDED if one.startswith(f"{owner}.") and one != place]
        monkeypatch.setattr(aiohttp.connector, owner, type(owner, (), dict.fromkeys(kept)))
    else:
        monkeypatch.delattr(aiohttp.connector, owner)
    said = rf"^aiohttp {aiohttp.__version__} has no {re.escape(place)} in aiohttp.connector, where lookalike"
    with pytest.raises(UnknownRelease, match=said):
        install(scripted(None))
    assert aiohttp.BaseConnector.connect is before


def test_answers_that_are_sent_again(run: Any) -> None:
    """What is kept as bytes follows what is declared, and HEAD has no body."""

    async def ask(session: aiohttp.ClientSession) -> list[bytes]:
        return [body(await get(f"{URL}/{number % 100}", method)(session)) for number, method in asked]

    asked = [(number, method) for number in range(200) for method in ("GET", "HEAD")]
    with lookalike.Api(base_url=URL).mock() as mock:
        routes = [mock.route("*", f"/{number}").respond(json={"number": number}) for number in range(100)]
        got = run(ask)
        assert [route.call_count for route in routes] == [4] * 100
    assert got == [b'{"number":%d}' % (number % 100) if method == "GET" else b"" for number, method in asked]


def test_what_a_context_verifies(doubled: Any, run: Any) -> None:
    lax = ssl.create_default_context()
    lax.check_hostname = False
    lax.verify_mode = ssl.CERT_NONE
    with doubled(Response()) as double:
        for given in (lax, ssl.create_default_context(), aiohttp.Fingerprint(b"\0" * 32)):
            run(get(ssl=given))
    assert [call.request.options.verify for call in double.calls] == [False, True, False]
