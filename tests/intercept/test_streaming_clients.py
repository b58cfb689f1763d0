"""Streams as each client reads them: nothing is made ahead, boundaries are kept, what is left is closed."""

from __future__ import annotations

import asyncio
import http.client
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import lookalike
from lookalike.double.mock import MockDouble
from lookalike.serve import Server

BASE = "https://api.example.com"
URL = f"{BASE}/events"
API = lookalike.Api(base_url=BASE)


def in_requests(read: Callable[[requests.Response], Iterator[bytes]]) -> Callable[..., Any]:
    @contextmanager
    def opened(timeout: float | None = None) -> Iterator[Iterator[bytes]]:
        with requests.Session() as session, session.get(URL, stream=True, timeout=timeout) as answer:
            yield read(answer)

    return opened


@contextmanager
def in_urllib3(timeout: float | None = None) -> Iterator[Iterator[bytes]]:
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("GET", URL, preload_content=False, timeout=timeout)
        yield answer.stream()
        answer.close()


@contextmanager
def in_urllib(timeout: float | None = None) -> Iterator[Iterator[bytes]]:
    with urllib.request.urlopen(URL, timeout=timeout) as answer:
        yield iter(answer.read1, b"")


@contextmanager
def in_http_client(timeout: float | None = None) -> Iterator[Iterator[bytes]]:
    connection = http.client.HTTPSConnection("api.example.com", timeout=timeout)
    connection.request("GET", "/events")
    with connection.getresponse() as answer:
        yield iter(answer.read1, b"")
    connection.close()


def in_httpx(library: Any, read: str) -> Callable[..., Any]:
    @contextmanager
    def opened(timeout: float | None = None) -> Iterator[Iterator[bytes]]:
        with library.stream("GET", URL, timeout=timeout) as answer:
            yield getattr(answer, read)()

    return opened


SYNC: dict[str, Callable[..., Any]] = {
    "requests, iter_content": in_requests(lambda answer: answer.iter_content(None)),
    "requests, iter_content(1024)": in_requests(lambda answer: answer.iter_content(1024)),
    "requests, iter_lines": in_requests(lambda answer: answer.iter_lines()),
    "requests, raw": in_requests(lambda answer: answer.raw.stream()),
    "urllib3": in_urllib3,
    "urllib.request": in_urllib,
    "http.client": in_http_client,
    "httpx, iter_bytes": in_httpx(httpx, "iter_bytes"),
    "httpx, iter_raw": in_httpx(httpx, "iter_raw"),
    "httpx, iter_lines": in_httpx(httpx, "iter_lines"),
    "httpx2": in_httpx(httpx2, "iter_bytes"),
}

ASYNC: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "httpx, aiter_bytes, asyncio": (httpx, "aiter_bytes", asyncio.run),
    "httpx, aiter_raw, asyncio": (httpx, "aiter_raw", asyncio.run),
    "httpx, aiter_lines, asyncio": (httpx, "aiter_lines", asyncio.run),
    "httpx, trio": (httpx, "aiter_bytes", lambda made: trio.run(lambda: made)),
    "httpx2, asyncio": (httpx2, "aiter_bytes", asyncio.run),
    "httpx2, trio": (httpx2, "aiter_bytes", lambda made: trio.run(lambda: made)),
}


class Endless:
    """Two sources of the same numbers, one a line, and what happened to them."""

    def __init__(self) -> None:
        self.happened: list[str] = []

    def sync(self) -> Iterator[str]:
        try:
            for number in range(1000):
                self.happened.append(str(number))
                yield f"{number}\n"
        finally:
            self.happened.append("closed")

    async def asynchronous(self) -> AsyncIterator[str]:
        try:
            for number in range(1000):
                self.happened.append(str(number))
                yield f"{number}\n"
        finally:
            self.happened.append("closed")


def number_of(piece: bytes | str) -> int:
    return int(piece)


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("is_async", [False, True], ids=["generator", "async generator"])
@pytest.mark.parametrize("opened", SYNC.values(), ids=SYNC)
@pytest.mark.peer("Iterator / streamed body")
def test_a_piece_is_made_when_the_client_asks_for_it(opened: Any, is_async: bool) -> None:
    source = Endless()
    with API.mock() as mock:
        mock.get("/events").respond(stream=source.asynchronous if is_async else source.sync)
        with opened() as pieces:
            for number in range(3):
                assert number_of(next(pieces)) == number
                assert source.happened == [str(made) for made in range(number + 1)]
        assert source.happened == ["0", "1", "2", "closed"]


@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")  # which httpx leaves to trio itself
@pytest.mark.parametrize("is_async", [False, True], ids=["generator", "async generator"])
@pytest.mark.parametrize(("library", "read", "run"), ASYNC.values(), ids=ASYNC)
@pytest.mark.peer("Iterator / streamed body")
def test_a_piece_is_made_when_an_async_client_asks_for_it(library: Any, read: str, run: Any, is_async: bool) -> None:
    source = Endless()

    async def main() -> None:
        async with (
            library.AsyncClient() as client,
            client.stream("GET", URL) as answer,
            aclosing(getattr(answer, read)()) as pieces,
        ):
            for number in range(3):
                assert number_of(await anext(pieces)) == number
                assert source.happened == [str(made) for made in range(number + 1)]
        assert source.happened == ["0", "1", "2", "closed"]

    with API.mock() as mock:
        mock.get("/events").respond(stream=source.asynchronous if is_async else source.sync)
        run(main())


def test_an_async_stream_runs_in_the_loop_of_its_client() -> None:
    loops: list[Any] = []

    async def chunks() -> AsyncIterator[bytes]:
        loops.append(asyncio.get_running_loop())
        yield b"one"

    async def main() -> None:
        async with httpx.AsyncClient() as client:
            assert (await client.get(URL)).content == b"one"
        loops.append(asyncio.get_running_loop())

    with API.mock() as mock:
        mock.get("/events").respond(stream=chunks)
        asyncio.run(main())
    assert loops[0] is loops[1]


async def in_aiohttp(limits: aiohttp.ClientTimeout, count: int) -> list[bytes]:
    pieces: list[bytes] = []
    async with aiohttp.ClientSession(timeout=limits) as session, session.get(URL) as answer:
        async for piece in answer.content.iter_any():
            pieces.append(piece)
            if len(pieces) == count:
                break
    return pieces


@pytest.mark.parametrize("is_async", [False, True], ids=["generator", "async generator"])
def test_aiohttp_leaves_a_stream(is_async: bool) -> None:
    source = Endless()

    async def main() -> list[bytes]:
        pieces = await in_aiohttp(aiohttp.ClientTimeout(), 3)
        await asyncio.sleep(0.01)  # the connection is closed by a task of the seam's
        return pieces

    with API.mock() as mock:
        mock.get("/events").respond(stream=source.asynchronous if is_async else source.sync)
        assert b"".join(asyncio.run(main())) == b"0\n1\n2\n"
    assert source.happened == ["0", "1", "2", "closed"]


@pytest.mark.parametrize(
    ("timeout", "error"),
    [
        # Before 3.10 aiohttp had one name for all of these.
        (aiohttp.ClientTimeout(sock_read=5), getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError)),
        (aiohttp.ClientTimeout(total=5), TimeoutError),
        (aiohttp.ClientTimeout(total=7), None),
    ],
    ids=["sock_read", "total", "patient"],
)
def test_a_pause_that_is_longer_than_aiohttp_waits(timeout: Any, error: Any) -> None:
    with API.mock() as mock:
        mock.get("/events").respond(stream=PAUSED["list"])
        if error is None:
            assert b"".join(asyncio.run(in_aiohttp(timeout, 9))) == b"onetwo"
            return
        with pytest.raises(error) as caught:
            asyncio.run(in_aiohttp(timeout, 9))
        assert type(caught.value) is error


def test_a_pause_on_a_real_socket_is_real() -> None:
    double = MockDouble("api")
    double.get("/events").respond(stream=[b"one", timedelta(seconds=0.4), b"two"])
    with Server(double) as url:
        with httpx.stream("GET", f"{url}/events", timeout=0.1) as answer:
            pieces = answer.iter_bytes()
            assert next(pieces) == b"one"
            with pytest.raises(httpx.ReadTimeout):
                next(pieces)
        assert httpx.get(f"{url}/events", timeout=20).content == b"onetwo"


EVENTS = ["one", {"event": "two", "data": {"a": 1}}, "three"]
PIECES = [b"data: one\n\n", b'event: two\ndata: {"a":1}\n\n', b"data: three\n\n"]


async def events() -> AsyncIterator[Any]:
    for event in EVENTS:
        yield event


RAW = [name for name in SYNC if "lines" not in name]


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("SSE helper")
@pytest.mark.parametrize("sse", [EVENTS, events], ids=["list", "async generator"])
@pytest.mark.parametrize("name", RAW)
def test_events_keep_their_boundaries(name: str, sse: Any) -> None:
    with API.mock() as mock:
        mock.get("/events").respond(sse=sse)
        with SYNC[name]() as pieces:
            assert list(pieces) == PIECES


@pytest.mark.peer("SSE helper")
@pytest.mark.parametrize("sse", [EVENTS, events], ids=["list", "async generator"])
@pytest.mark.parametrize(("library", "read", "run"), [one for one in ASYNC.values() if "lines" not in one[1]])
def test_events_keep_their_boundaries_for_async_clients(library: Any, read: str, run: Any, sse: Any) -> None:
    async def main() -> None:
        async with library.AsyncClient() as client, client.stream("GET", URL) as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            assert [piece async for piece in getattr(answer, read)()] == PIECES

    with API.mock() as mock:
        mock.get("/events").respond(sse=sse)
        run(main())


# What a client raises that waits less than a pause in a stream takes.
LATE: dict[str, type[BaseException]] = {
    "requests, iter_content": requests.ConnectionError,  # requests' own choice: a ReadTimeoutError of urllib3 in it
    "urllib3": urllib3.exceptions.ReadTimeoutError,
    "urllib.request": TimeoutError,
    "http.client": TimeoutError,
    "httpx, iter_bytes": httpx.ReadTimeout,
    "httpx2": httpx2.ReadTimeout,
}
PAUSED: dict[str, Any] = {
    "list": [b"one", timedelta(seconds=3), b"", timedelta(seconds=3), b"two"],
    "generator": lambda: iter([b"one", timedelta(seconds=3), timedelta(seconds=3), b"two"]),
}


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("Latency honours client timeout")
@pytest.mark.parametrize("encoding", [None, "gzip"])
@pytest.mark.parametrize("stream", PAUSED.values(), ids=PAUSED)
@pytest.mark.parametrize("name", LATE)
def test_a_pause_that_is_longer_than_the_client_waits(name: str, stream: Any, encoding: Any) -> None:
    with API.mock() as mock:
        mock.get("/events").respond(stream=stream, encoding=encoding)
        with SYNC[name](timeout=5) as pieces:
            first = next(pieces)
            assert encoding or first == b"one"
            with pytest.raises(LATE[name]) as caught:
                list(pieces)
            assert type(caught.value) is LATE[name]
        for patient in (7, None):
            with SYNC[name](timeout=patient) as pieces:
                assert encoding or b"".join(pieces) == b"onetwo"


@pytest.mark.parametrize(("library", "read", "run"), ASYNC.values(), ids=ASYNC)
def test_a_pause_that_is_longer_than_an_async_client_waits(library: Any, read: str, run: Any) -> None:
    async def main() -> None:
        async with library.AsyncClient(timeout=5) as client, client.stream("GET", URL) as answer:
            pieces = getattr(answer, read)()
            with pytest.raises(library.ReadTimeout):
                async for _ in pieces:
                    pass

    with API.mock() as mock:
        mock.get("/events").respond(stream=PAUSED["list"])
        run(main())
