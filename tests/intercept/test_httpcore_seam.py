"""httpx and httpx2 over the httpcore seam, sync and async, on asyncio and trio."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpcore
import httpcore2
import httpx
import httpx2
import pytest
import trio

from lookalike import passage
from lookalike.errors import BlockedConnection, DoubleError, UnmatchedRequest, UsageError
from lookalike.messages import Fault, PassThrough, Request, Response

URL = "https://api.example.com"
JSON = [("Content-Type", "application/json")]


class SyncStyle:
    """One way to send requests, the same words for each."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def client(self, **options: Any) -> Any:
        return self.library.Client(**options)

    def run(self, ask: Callable[[Any], Any], client: Any = None) -> Any:
        """Run `ask(client)` to its end; without a client of your own there is a new one."""
        with client or self.client() as made:
            return ask(made)

    def each(self, responses: list[tuple[str, str, dict[str, Any]]], client: Any = None) -> list[Any]:
        """Send requests one after the other; their responses."""

        def ask(made: Any) -> list[Any]:
            return [made.request(method, url, **options) for method, url, options in responses]

        return list(self.run(ask, client))

    def pieces(self, url: str) -> list[bytes]:
        def ask(client: Any) -> list[bytes]:
            with client.stream("GET", url) as answer:
                return list(answer.iter_raw())

        return list(self.run(ask))


class AsyncStyle(SyncStyle):
    def __init__(self, library: Any, loop: Callable[[Any], Any]) -> None:
        super().__init__(library)
        self._loop = loop

    def client(self, **options: Any) -> Any:
        return self.library.AsyncClient(**options)

    def each(self, responses: list[tuple[str, str, dict[str, Any]]], client: Any = None) -> list[Any]:
        async def ask() -> list[Any]:
            async with client or self.client() as made:
                return [await made.request(method, url, **options) for method, url, options in responses]

        return list(self._loop(ask))

    def pieces(self, url: str) -> list[bytes]:
        async def ask() -> list[bytes]:
            async with self.client() as client, client.stream("GET", url) as answer:
                return [piece async for piece in answer.aiter_raw()]

        return list(self._loop(ask))


def on_asyncio(ask: Any) -> Any:
    return asyncio.run(ask())


STYLES: dict[str, SyncStyle] = {}
for library in (httpx, httpx2):
    STYLES[f"{library.__name__} sync"] = SyncStyle(library)
    STYLES[f"{library.__name__} asyncio"] = AsyncStyle(library, on_asyncio)
    STYLES[f"{library.__name__} trio"] = AsyncStyle(library, trio.run)


@pytest.fixture(params=list(STYLES), ids=list(STYLES))
def style(request: pytest.FixtureRequest) -> SyncStyle:
    return STYLES[request.param]


def get(style: SyncStyle, url: str = f"{URL}/x", method: str = "GET", client: Any = None, **options: Any) -> Any:
    return style.each([(method, url, options)], client)[0]


def test_a_get_is_answered(doubled: Any, style: SyncStyle) -> None:
    with doubled(Response(200, [*JSON, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], b'{"id": 1}')) as double:
        answer = get(style, f"{URL}/todos", params={"a": ["1", "2"]}, headers={"X-Token": "t"}, timeout=4)
    assert (answer.status_code, answer.reason_phrase, answer.http_version) == (200, "OK", "HTTP/1.1")
    assert answer.json() == {"id": 1}
    assert answer.headers["content-length"] == "9"
    assert dict(answer.cookies) == {"a": "1", "b": "2"}
    assert double.last.url == f"{URL}/todos?a=1&a=2"
    assert double.last.headers["host"] == "api.example.com"
    assert double.last.headers["x-token"] == "t"
    assert double.last.timeout == 4
    assert answer.elapsed.total_seconds() >= 0


@pytest.mark.since(httpx="0.28")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"json": {"a": 1}}, b'{"a":1}'),
        ({"content": b"\0\xff"}, b"\0\xff"),
        ({"data": {"a": "x y"}}, b"a=x+y"),
        ({}, b""),
    ],
)
def test_bodies_arrive(doubled: Any, style: SyncStyle, options: Any, expected: bytes) -> None:
    with doubled(Response(201)) as double:
        assert get(style, method="POST", **options).status_code == 201
    assert double.last.content == expected


def test_streamed_bodies_arrive(doubled: Any, style: SyncStyle) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"one ", b"two")

    async def async_pieces() -> AsyncIterator[bytes]:
        for piece in pieces():
            yield piece

    with doubled(Response()) as double:
        get(style, method="POST", content=async_pieces() if isinstance(style, AsyncStyle) else pieces())
        get(style, method="POST", files={"f": ("a.txt", b"hello")})
    assert double.calls[0].request.content == b"one two"
    assert b"hello" in double.last.content


def test_redirects_are_followed(doubled: Any, style: SyncStyle) -> None:
    def handle(request: Request) -> Response:
        return Response(307, [("Location", "/b")]) if request.path == "/a" else Response(200, (), request.content)

    with doubled(handle):
        answer = get(style, f"{URL}/a", "POST", content=b"abc", follow_redirects=True)
    assert (str(answer.url), answer.content) == (f"{URL}/b", b"abc")


def test_bodies_that_are_none(doubled: Any, style: SyncStyle) -> None:
    with doubled([Response(204), Response(304, [("ETag", "x")], b"no"), Response(200, JSON, b"{}")]):
        answers = style.each([("GET", URL, {}), ("GET", URL, {}), ("HEAD", URL, {})])
    assert [answer.content for answer in answers] == [b"", b"", b""]
    assert answers[2].headers["content-length"] == "2"


def test_gzip_is_undone_by_the_client(doubled: Any, style: SyncStyle) -> None:
    with doubled(Response(200, [*JSON, ("Content-Encoding", "gzip")], gzip.compress(b"[1]"))):
        assert get(style).json() == [1]


def test_chunks_keep_their_boundaries(doubled: Any, style: SyncStyle) -> None:
    ended: list[str] = []

    def chunks() -> Iterator[bytes]:
        try:
            yield from (b"one", b"", b"two")
        finally:
            ended.append("ended")

    with doubled(Response(200, (), chunks=chunks)):
        assert style.pieces(URL) == [b"one", b"two"]
    assert ended == ["ended"]


def test_chunks_are_made_when_asked_for_and_not_after_the_close(doubled: Any) -> None:
    made: list[int] = []
    ended: list[str] = []

    def chunks() -> Iterator[bytes]:
        try:
            for number in range(100):
                made.append(number)
                yield b"%d" % number
        finally:
            ended.append("ended")

    with doubled(Response(200, (), chunks=chunks)), httpx.Client() as client, client.stream("GET", URL) as answer:
        assert made == []
        assert next(answer.iter_raw()) == b"0"
        assert made == [0]
    assert ended == ["ended"]


def test_odd_answers(doubled: Any, style: SyncStyle) -> None:
    odd = [
        Response(299, [("X-Utf8", "grün")], b"a", reason="Words"),
        Response(200, (), b"b", http_version="2"),
        Response(200, (), b"c", http_version="1.0"),
        Response(200, [("Content-Length", "1")], b"d"),
        Response(200, [("Content-Length", "x")], b"e"),
    ]
    with doubled(list(odd)):
        answers = style.each([("GET", URL, {})] * len(odd))
    assert [answer.content for answer in answers] == [b"a", b"b", b"c", b"d", b"e"]
    assert answers[0].reason_phrase == "Words"
    assert [answer.http_version for answer in answers] == ["HTTP/1.1", "HTTP/2", "HTTP/1.0", "HTTP/1.1", "HTTP/1.1"]


def test_fewer_bytes_than_announced_are_an_error(doubled: Any, style: SyncStyle) -> None:
    with (
        doubled(Response(200, [("Content-Length", "20")], b"short")),
        pytest.raises(style.library.RemoteProtocolError, match=r"received 5 bytes, expected 20"),
    ):
        get(style)


def test_headers_that_break_out_are_our_error(doubled: Any, style: SyncStyle) -> None:
    with doubled(Response(200, [("X", "a\r\nb")])), pytest.raises(UsageError, match="line break"):
        get(style)


def test_characters_beyond_latin_1_are_utf_8(doubled: Any) -> None:
    with doubled(Response(200, [("X", "日本")])):
        assert httpx.get(URL).headers.raw[0] == (b"X", "日本".encode())


def test_a_delay_beyond_the_timeout_is_a_timeout_at_once(doubled: Any, style: SyncStyle) -> None:
    with doubled(Response(200, delay=60)):
        with pytest.raises(style.library.ReadTimeout):
            get(style, timeout=style.library.Timeout(90, read=1))
        assert get(style, timeout=90).status_code == 200
        assert get(style, timeout=None).status_code == 200


def test_a_transport_that_retries_to_connect_does(doubled: Any, style: SyncStyle) -> None:
    kind = "AsyncHTTPTransport" if isinstance(style, AsyncStyle) else "HTTPTransport"
    transport = getattr(style.library, kind)(retries=2)
    with doubled([Fault("refused"), Fault("dns"), Response(200, (), b"there")]) as double:
        assert get(style, client=style.client(transport=transport)).content == b"there"
    assert len(double.calls) == 3
    with doubled(Fault("refused")) as double, pytest.raises(style.library.ConnectError):
        get(style, client=style.client(transport=getattr(style.library, kind)(retries=2)))
    assert len(double.calls) == 3


def test_the_double_s_errors_come_out_unwrapped(doubled: Any, style: SyncStyle) -> None:
    with doubled() as double:
        with pytest.raises(UnmatchedRequest, match="api"):
            get(style)
        with pytest.raises(DoubleError, match="elsewhere"):
            get(style, "https://elsewhere.test/")
    assert len(double.calls) == 0


@pytest.mark.parametrize("proxy", ["http://proxy.test:3128", "https://proxy.test:3128"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxies_make_no_difference(
    doubled: Any, style: SyncStyle, monkeypatch: pytest.MonkeyPatch, scheme: str, proxy: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with doubled(Response(200, (), b"x")) as double:
        assert get(style, f"{scheme}://API.example.com/x?y=1").content == b"x"
    assert double.last.url == f"{scheme}://api.example.com/x?y=1"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_a_client_that_was_used_before_and_is_used_after(doubled: Any, server: Any, library: Any) -> None:
    with library.Client() as client:
        assert client.get(f"{server.url}/before").json() == {"real": True}
        with doubled(Response(200, (), b"double"), server.url):
            assert client.get(f"{server.url}/during").content == b"double"
        assert client.get(f"{server.url}/after").json() == {"real": True}
    assert [path for _, path, _ in server.hits] == ["/before", "/after"]


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("loop", [on_asyncio, trio.run], ids=["asyncio", "trio"])
def test_an_async_client_that_was_used_before_and_is_used_after(
    doubled: Any, server: Any, library: Any, loop: Callable[[Any], Any]
) -> None:
    async def ask() -> None:
        async with library.AsyncClient() as client:
            assert (await client.get(f"{server.url}/before")).json() == {"real": True}
            with doubled(Response(200, (), b"double"), server.url):
                assert (await client.get(f"{server.url}/during")).content == b"double"
            assert (await client.get(f"{server.url}/after")).json() == {"real": True}

    loop(ask)
    assert [path for _, path, _ in server.hits] == ["/before", "/after"]


@pytest.mark.parametrize("observe", [False, True])
@pytest.mark.parametrize("path", ["/plain", "/chunked"])
def test_answers_that_pass_through(doubled: Any, style: SyncStyle, server: Any, observe: bool, path: str) -> None:
    seen: list[Response] = []
    with doubled(PassThrough(seen.append if observe else None), server.url) as double:
        answers = style.each([("POST", server.url + path, {"content": b"sent"}), ("GET", server.url + path, {})])
    assert [answer.json() for answer in answers] == [{"real": True}] * 2
    assert server.hits == [("POST", path, b"sent"), ("GET", path, b"")]
    assert len(double.calls) == 2
    assert [(one.status, one.json(), one.headers["x-real"]) for one in seen] == [(200, {"real": True}, "yes")] * (
        2 * observe
    )


def test_loopback_passes_and_so_does_an_open_passage(doubled: Any, style: SyncStyle, server: Any) -> None:
    with doubled() as double:
        assert get(style, server.url).json() == {"real": True}
        if not isinstance(style, AsyncStyle):
            with passage.opened(), pytest.raises(style.library.ConnectError):
                get(style, "http://127.0.0.1:1/")
    with doubled(None, server.url), passage.opened():
        assert get(style, server.url).json() == {"real": True}
    assert len(double.calls) == 0


def test_other_protocols_meet_the_guard(doubled: Any) -> None:
    with doubled():
        with httpcore.ConnectionPool() as pool, pytest.raises(BlockedConnection):
            pool.request("GET", "ws://elsewhere.test/")

        async def ask() -> None:
            async with httpcore.AsyncConnectionPool() as pool:
                await pool.request("GET", "ws://elsewhere.test/")

        with pytest.raises(BlockedConnection):
            asyncio.run(ask())


@pytest.mark.parametrize("core", [httpcore, httpcore2], ids=["httpcore", "httpcore2"])
def test_the_pools_themselves(doubled: Any, core: Any) -> None:
    with doubled(Response(200, (), b"x"), "http://[::1]:81") as double:
        with core.ConnectionPool() as pool:
            assert pool.request("GET", "http://[::1]:81/a?b").content == b"x"
            pool.request("OPTIONS", core.URL(scheme=b"http", host=b"::1", port=81, target=b"*"))
        assert [call.request.url for call in double.calls] == ["http://[::1]:81/a?b", "http://[::1]:81/"]
        with core.ConnectionPool() as pool:
            pool.lookalike_passes = True
            with pytest.raises((core.ConnectError, BlockedConnection)):
                pool.request("GET", "http://[::1]:81/a")


def test_unix_sockets_are_left_alone(doubled: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()

    def answer() -> None:
        peer, _ = listening.accept()
        with peer:
            peer.recv(1000)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix")

    thread = threading.Thread(target=answer)
    thread.start()
    transport = httpx.HTTPTransport(uds=path)
    with listening, doubled(Response(), None), httpx.Client(transport=transport) as client:
        assert client.get("http://docker/version").content == b"unix"
    thread.join()


@pytest.mark.parametrize("is_async", [False, True])
def test_who_names_the_host_of_a_unix_socket_answers(doubled: Any, tmp_path: Path, is_async: bool) -> None:
    path = str(tmp_path / "nobody listens")

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=path)) as client:
            return await client.get("http://docker/version")

    with doubled(Response(200, (), b"double"), "http://docker"):
        if is_async:
            assert asyncio.run(ask()).content == b"double"
            return
        with httpx.Client(transport=httpx.HTTPTransport(uds=path)) as client:
            assert client.get("http://docker/version").content == b"double"


def test_many_at_once(doubled: Any) -> None:
    async def ask() -> list[str]:
        async with httpx.AsyncClient() as client:
            answers = await asyncio.gather(*(client.get(f"{URL}/{number}") for number in range(50)))
        return [answer.text for answer in answers]

    with doubled(lambda request: Response(200, (), request.path.encode())):
        assert asyncio.run(ask()) == [f"/{number}" for number in range(50)]


def test_names_are_resolved_for_hosts_that_may_pass(doubled: Any, server: Any) -> None:
    name = socket.gethostname()

    async def ask(library: Any) -> bool:
        async with library.AsyncClient() as client:
            try:
                await client.get(f"http://{name}:1/")
            except library.ConnectError:
                return True
        return False

    with doubled(None, allow=(name,)):
        assert asyncio.run(ask(httpx))
        assert asyncio.run(ask(httpx2))
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://{name}:1/")
