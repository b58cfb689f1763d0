"""niquests over the seam of urllib3-future. Run by test_urllib3_future_seam.py, in an environment that has them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import niquests
import pytest
from niquests.packages import urllib3

import lookalike
from lookalike.errors import UnmatchedRequest
from lookalike.intercept import urllib3_future, urllib3_lane
from lookalike.messages import Fault, FaultKind, PassThrough, Pause, Request, Response

URL = "https://api.example.com"
JSON = [("Content-Type", "application/json")]
E = niquests.exceptions


class Sync:
    """One way to send requests, the same words for each."""

    session: Any = niquests.Session

    def each(self, requests: list[tuple[str, str, dict[str, Any]]], **options: Any) -> list[Any]:
        with self.session(**options) as session:
            return [session.request(method, url, **more) for method, url, more in requests]

    def pieces(self, url: str) -> list[bytes]:
        with self.session() as session:
            return list(session.get(url, stream=True).iter_content(None))

    def get(self, url: str, method: str = "GET", **options: Any) -> Any:
        return self.each([(method, url, options)])[0]


class Async(Sync):
    session = niquests.AsyncSession

    def each(self, requests: list[tuple[str, str, dict[str, Any]]], **options: Any) -> list[Any]:
        async def ask() -> list[Any]:
            async with self.session(**options) as session:
                return [await session.request(method, url, **more) for method, url, more in requests]

        return asyncio.run(ask())

    def pieces(self, url: str) -> list[bytes]:
        async def ask() -> list[bytes]:
            async with self.session() as session:
                answer = await session.get(url, stream=True)
                return [piece async for piece in await answer.iter_content(None)]

        return asyncio.run(ask())


@pytest.fixture(params=[Sync(), Async()], ids=["sync", "async"])
def style(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_this_is_urllib3_future() -> None:
    assert int(urllib3.__version__.split(".")[-1]) >= 900
    assert urllib3_future.is_future(__import__(f"{urllib3.__name__}.connection", fromlist=["x"]))


def test_the_lane_of_urllib3_steps_aside() -> None:
    import urllib3.connection

    before = urllib3.connection.HTTPConnection.request
    undo = urllib3_lane.install()
    try:
        assert urllib3.connection.HTTPConnection.request is before
    finally:
        undo()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_get_is_answered(doubled: Any, style: Any) -> None:
    headers = [*JSON, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    with doubled(Response(200, headers, b'{"id": 1}')) as double:
        answer = style.get(f"{URL}/todos", params={"a": ["1", "2"]}, headers={"X-Token": "t"}, timeout=4, verify=False)
    assert (answer.status_code, answer.reason, answer.json()) == (200, "OK", {"id": 1})
    assert dict(answer.cookies) == {"a": "1", "b": "2"}
    assert answer.http_version == 11
    assert double.last.url == f"{URL}/todos?a=1&a=2"
    assert double.last.headers["host"] == "api.example.com"
    assert double.last.headers["x-token"] == "t"
    assert double.last.timeout == 4
    assert (double.last.options.timeout, double.last.options.verify) == (4, False)


def test_the_functions(doubled: Any) -> None:
    with doubled(Response(200, JSON, b"[]")):
        assert niquests.get(f"{URL}/x").json() == []
        assert asyncio.run(niquests.aget(f"{URL}/x")).json() == []


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"json": {"a": 1}}, b'{"a":1}'),
        ({"data": b"\0\xff"}, b"\0\xff"),
        ({"data": {"a": "x y"}}, b"a=x+y"),
        ({"data": b"large" * 100_000}, b"large" * 100_000),
    ],
)
def test_bodies(doubled: Any, style: Any, options: dict[str, Any], body: bytes) -> None:
    with doubled(lambda request: Response(200, (), request.content)) as double:
        assert style.get(f"{URL}/x", "POST", **options).content == body
    assert double.last.content == body


def test_a_body_that_is_streamed(doubled: Any) -> None:
    with doubled(lambda request: Response(200, (), request.content)) as double:
        assert niquests.post(f"{URL}/x", data=iter([b"one", b"two"])).content == b"onetwo"
    assert double.last.headers["transfer-encoding"] == "chunked"


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "OPTIONS", "PUT", "PATCH"])
def test_methods(doubled: Any, style: Any, method: str) -> None:
    with doubled(Response(200, [("X-A", "1")], b"answer")) as double:
        answer = style.get(f"{URL}/x", method)
    assert (double.last.method, answer.headers["x-a"]) == (method, "1")
    assert answer.content == (b"" if method == "HEAD" else b"answer")


def test_redirects_and_cookies_are_the_client_s_own(doubled: Any, style: Any) -> None:
    def handle(request: Request) -> Response:
        if request.path == "/from":
            return Response(302, [("Location", f"{URL}/to"), ("Set-Cookie", "seen=1")])
        return Response(200, (), request.headers.get("cookie", "").encode())

    with doubled(handle) as double:
        answer = style.get(f"{URL}/from")
    assert (answer.content, answer.url, len(answer.history)) == (b"seen=1", f"{URL}/to", 1)
    assert [call.request.path for call in double.calls] == ["/from", "/to"]


def test_gzip_is_unpacked(doubled: Any, style: Any) -> None:
    with doubled(Response(200, [("Content-Encoding", "gzip")], gzip.compress(b"hello" * 1000))):
        assert style.get(f"{URL}/x").content == b"hello" * 1000


def test_retries_are_the_client_s_own(doubled: Any, style: Any) -> None:
    retries = urllib3.Retry(total=3, status_forcelist=[503], backoff_factor=0)
    with doubled([Response(503), Fault("reset"), Fault("refused"), Response(200, (), b"x")]) as double:
        assert style.each([("GET", f"{URL}/x", {})], retries=retries)[0].content == b"x"
    assert len(double.calls) == 4


def test_one_connection_for_many_requests(doubled: Any, style: Any) -> None:
    with doubled(lambda request: Response(200, (), request.path.encode())) as double:
        answers = style.each([("GET", f"{URL}/{number}", {}) for number in range(10)])
    assert [answer.content for answer in answers] == [f"/{number}".encode() for number in range(10)]
    assert len(double.calls) == 10


def test_chunks_are_made_when_they_are_asked_for(doubled: Any, style: Any) -> None:
    made: list[str] = []

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for piece in (b"one", b"two", b"three"):
                made.append(piece.decode())
                yield piece
        finally:
            made.append("closed")

    with doubled(Response(200, (), chunks=chunks)):
        assert b"".join(style.pieces(f"{URL}/x")) == b"onetwothree"
    assert made == ["one", "two", "three", "closed"]


class TestMultiplexed:
    def test_a_session_that_is_lazy(self, doubled: Any) -> None:
        def handle(request: Request) -> Response:
            return Response(200, (), request.path.encode())

        with doubled(handle) as double, niquests.Session(multiplexed=True) as session:
            answers = [session.get(f"{URL}/{number}") for number in range(10)]
            session.gather()
            assert sorted(answer.content for answer in answers) == [f"/{number}".encode() for number in range(10)]
        assert len(double.calls) == 10

    def test_an_async_one(self, doubled: Any) -> None:
        async def ask() -> list[bytes]:
            async with niquests.AsyncSession(multiplexed=True) as session:
                answers = [await session.get(f"{URL}/{number}") for number in range(10)]
                await session.gather()
                return sorted([answer.content for answer in answers])

        with doubled(lambda request: Response(200, (), request.path.encode())):
            assert asyncio.run(ask()) == [f"/{number}".encode() for number in range(10)]

    def test_tasks_at_the_same_time(self, doubled: Any) -> None:
        async def ask() -> list[bytes]:
            async with niquests.AsyncSession() as session:
                answers = await asyncio.gather(*(session.get(f"{URL}/{number}") for number in range(20)))
                return [answer.content for answer in answers]

        with doubled(lambda request: Response(200, (), request.path.encode())):
            assert asyncio.run(ask()) == [f"/{number}".encode() for number in range(20)]


class TestUpgrades:
    @pytest.mark.parametrize("scheme", ["http", "https"])
    @pytest.mark.parametrize("said", ['h3=":443"; ma=3600', 'h2=":8443"', 'h2c=":8080"'])
    def test_none_leads_past_the_double(self, doubled: Any, style: Any, scheme: str, said: str) -> None:
        url = f"{scheme}://api.example.com/x"
        with doubled(Response(200, [("Alt-Svc", said)], b"x"), None) as double:
            answers = style.each([("GET", url, {})] * 3)
        assert [(answer.content, answer.http_version) for answer in answers] == [(b"x", 11)] * 3
        assert [call.request.url for call in double.calls] == [url] * 3

    @pytest.mark.parametrize("options", [{"disable_http1": True}, {"disable_http1": True, "disable_http2": True}])
    def test_a_session_that_wants_no_http_1(self, doubled: Any, style: Any, options: dict[str, Any]) -> None:
        with doubled(Response(200, (), b"x")) as double:
            assert [answer.content for answer in style.each([("GET", f"{URL}/x", {})] * 2, **options)] == [b"x"] * 2
        assert len(double.calls) == 2

    def test_a_cache_that_knows_of_http_3(self, doubled: Any) -> None:
        with niquests.Session() as session, doubled(Response(200, (), b"x")) as double:
            session.quic_cache_layer.add_domain("api.example.com")
            assert session.get(f"{URL}/x").content == b"x"
        assert len(double.calls) == 1


class TestTimeouts:
    def test_an_answer_that_takes_longer(self, doubled: Any, style: Any) -> None:
        with doubled(Response(200, (), b"x", delay=9)):
            with pytest.raises(E.ReadTimeout):
                style.get(f"{URL}/x", timeout=8)
            assert style.get(f"{URL}/x", timeout=10).content == b"x"

    def test_a_pause(self, doubled: Any, style: Any) -> None:
        with doubled(Response(200, (), chunks=lambda: [b"a", Pause(9), b"b", Pause(9), b"c"])):
            assert style.get(f"{URL}/x", timeout=10).content == b"abc"
            with pytest.raises(E.RequestException):
                style.get(f"{URL}/x", timeout=8)


def test_coroutine_functions_run_in_the_client_s_loop() -> None:
    loops: list[Any] = []

    async def reply(request: Any) -> Any:
        loops.append(asyncio.get_running_loop())
        return {"here": True}

    async def ask() -> Any:
        loops.append(asyncio.get_running_loop())
        async with niquests.AsyncSession() as session:
            return (await session.get(f"{URL}/x")).json()

    with lookalike.Api(base_url=URL).mock() as mock:
        mock.get("/x").respond_with(reply)
        assert asyncio.run(ask()) == {"here": True}
    assert loops[0] is loops[1]


def test_misses_reach_the_test(doubled: Any, style: Any) -> None:
    with doubled(None):
        for url in (f"{URL}/x", "http://elsewhere.example.com"):
            with pytest.raises(UnmatchedRequest, match="matches none"):
                style.get(url)


class Broken:
    """A real server that does one thing to each connection."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
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
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"\0" * 10)


def bad_chunk(peer: socket.socket) -> None:
    read(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\nnot a size\r\n")


def silent(peer: socket.socket) -> None:
    read(peer)
    peer.recv(1)


REAL: dict[FaultKind, Callable[[socket.socket], None]] = {
    "read-timeout": silent,
    "reset": reset,
    "closed": read,
    "closed-mid-body": closed_mid_body,
    "bad-chunk": bad_chunk,
}


def outcome(style: Any, url: str) -> list[Any]:
    """The error that a request meets, and what it was made of."""
    with pytest.raises((E.RequestException, urllib3.exceptions.HTTPError)) as caught:
        style.get(url, timeout=0.3, allow_redirects=False)
    error: Any = caught.value
    inner = error.args[0] if error.args else None
    return [type(error), type(inner), type(getattr(inner, "reason", None))]


class TestFaults:
    @pytest.mark.parametrize("kind", list(REAL))
    def test_as_a_real_server_that_fails(self, doubled: Any, style: Any, kind: FaultKind) -> None:
        with Broken(REAL[kind]) as server:
            real = outcome(style, server.url)
            with doubled(Fault(kind), server.url):
                assert outcome(style, server.url) == real

    def test_as_a_port_that_refuses(self, doubled: Any, style: Any) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        real = outcome(style, url)
        with doubled(Fault("refused"), url):
            assert outcome(style, url) == real

    def test_as_a_name_that_is_not_there(self, doubled: Any, style: Any) -> None:
        url = "http://nowhere.invalid"
        real = outcome(style, url)
        with doubled(Fault("dns"), url):
            assert outcome(style, url) == real

    def test_tls_and_a_connection_that_never_stands(self, doubled: Any, style: Any) -> None:
        with doubled(Fault("tls")), pytest.raises(E.SSLError):
            style.get(URL)
        with doubled(Fault("connect-timeout")), pytest.raises(E.ConnectTimeout):
            style.get(URL, timeout=0.3)


class TestPassThrough:
    @pytest.mark.parametrize("path", ["/plain", "/chunked"])
    @pytest.mark.parametrize("observe", [False, True])
    def test_the_real_answer_reaches_the_client(
        self, doubled: Any, style: Any, server: Any, observe: bool, path: str
    ) -> None:
        seen: list[Response] = []
        with doubled(PassThrough(seen.append if observe else None), server.url) as double:
            url = f"{server.url}{path}"
            answers = style.each([("POST", url, {"data": b"sent"}), ("GET", url, {})])
        assert [(one.json(), one.headers["x-real"]) for one in answers] == [({"real": True}, "yes")] * 2
        assert server.hits == [("POST", path, b"sent"), ("GET", path, b"")]
        assert len(double.calls) == 2
        assert [(one.status, one.json(), one.headers["x-real"]) for one in seen] == [(200, {"real": True}, "yes")] * (
            2 * observe
        )

    def test_sometimes(self, doubled: Any, style: Any, server: Any) -> None:
        answers = [Response(200, (), b"double"), PassThrough(), Response(200, (), b"again")]
        with doubled(answers, server.url):
            got = style.each([("GET", f"{server.url}/x", {})] * 3)
        assert [one.content for one in got] == [b"double", b'{"real": true}', b"again"]

    def test_a_real_server_that_is_down_fails_as_really(self, doubled: Any, style: Any) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        real = outcome(style, url)
        with doubled(PassThrough(), url):
            assert outcome(style, url) == real

    def test_loopback_passes(self, doubled: Any, style: Any, server: Any) -> None:
        with doubled(None):
            assert style.get(f"{server.url}/x").json() == {"real": True}


class TestWarmedSessions:
    def test_sync(self, doubled: Any, server: Any) -> None:
        with niquests.Session() as session:
            assert session.get(f"{server.url}/before").json() == {"real": True}
            with doubled(Response(200, JSON, b"[]"), server.url) as double:
                assert [session.get(f"{server.url}/during").json() for _ in range(2)] == [[], []]
            assert session.get(f"{server.url}/after").json() == {"real": True}
            with doubled(Response(200, JSON, b"[]"), server.url):
                assert session.get(f"{server.url}/during").json() == []
        assert [path for _, path, _ in server.hits] == ["/before", "/after"]
        assert len(double.calls) == 2

    def test_async(self, doubled: Any, server: Any) -> None:
        async def ask() -> list[Any]:
            async with niquests.AsyncSession() as session:
                got = [(await session.get(f"{server.url}/before")).json()]
                with doubled(Response(200, JSON, b"[]"), server.url):
                    got += [(await session.get(f"{server.url}/during")).json() for _ in range(2)]
                got.append((await session.get(f"{server.url}/after")).json())
                return got

        assert asyncio.run(ask()) == [{"real": True}, [], [], {"real": True}]
        assert [path for _, path, _ in server.hits] == ["/before", "/after"]


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://proxy.test:3128")


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_no_matter(doubled: Any, style: Any, scheme: str) -> None:
    with doubled(Response(200, (), b"x")) as double:
        answers = style.each([("GET", f"{scheme}://api.example.com/x", {})] * 2)
    assert [answer.content for answer in answers] == [b"x"] * 2
    assert {call.request.url for call in double.calls} == {f"{scheme}://api.example.com/x"}


def test_nothing_of_it_stays(doubled: Any) -> None:
    from importlib import import_module

    places = [
        (import_module(f"{urllib3.__name__}.connection").HTTPConnection, ("connect", "putrequest", "is_connected")),
        (import_module(f"{urllib3.__name__}._async.connection").AsyncHTTPSConnection, ("connect", "putrequest")),
    ]
    before = [[getattr(kind, name) for name in names] for kind, names in places]
    with doubled(Response(200, (), b"x")):
        niquests.get(f"{URL}/x")
        assert [[getattr(kind, name) for name in names] for kind, names in places] != before
    assert [[getattr(kind, name) for name in names] for kind, names in places] == before
