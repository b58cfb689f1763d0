"""Transports that others wrote, around httpx's own or beside them: a double answers below, and they do their work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import httpx2
import pytest

import lookalike

BASE = "https://api.example.com"
API = lookalike.Api(base_url=BASE)
LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2])


def retrying(library: Any) -> Any:
    """Asks again on 503 and on a failure to connect, as packages for retries do."""

    class Retrying(library.BaseTransport):  # type: ignore[misc]  # httpx or httpx2
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def handle_request(self, request: Any) -> Any:
            for last in (False, False, True):
                try:
                    response = self.inner.handle_request(request)
                except library.ConnectError:
                    if last:
                        raise
                    continue
                if response.status_code != 503 or last:
                    return response
                response.close()
            raise AssertionError("the last time returns or raises")

        def close(self) -> None:
            self.inner.close()

    return Retrying


def caching(library: Any) -> Any:
    """Keeps what may be kept, as packages for caching do; reads the answer itself and makes another of it."""

    class Caching(library.AsyncBaseTransport):  # type: ignore[misc]  # httpx or httpx2
        def __init__(self, inner: Any) -> None:
            self.inner = inner
            self.kept: dict[str, Any] = {}

        async def handle_async_request(self, request: Any) -> Any:
            known = self.kept.get(str(request.url))
            if known is None:
                response = await self.inner.handle_async_request(request)
                known = (response.status_code, response.headers.raw, await response.aread())
                await response.aclose()
                if "max-age" in response.headers.get("cache-control", ""):
                    self.kept[str(request.url)] = known
            status, headers, content = known
            return library.Response(status, headers=headers, stream=Body(content))

        async def aclose(self) -> None:
            await self.inner.aclose()

    class Body(library.AsyncByteStream):  # type: ignore[misc]  # httpx or httpx2
        def __init__(self, content: bytes) -> None:
            self.content = content

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self.content

    return Caching


@pytest.mark.peer("httpx custom/third-party transports")
@LIBRARIES
def test_a_transport_around_httpxs_own_retries_what_the_double_refuses(library: Any) -> None:
    transport = retrying(library)(library.HTTPTransport(retries=1))
    with API.mock() as mock, library.Client(transport=transport) as client:
        mock.get("/flaky").respond(503).then.fail("refused").then.fail("refused").then.respond(json={"at": "last"})
        mock.get("/down").respond(503).times(3)
        assert client.get(f"{BASE}/flaky").json() == {"at": "last"}
        assert len(mock.calls.where("GET", "/flaky")) == 4
        assert client.get(f"{BASE}/down").status_code == 503
        mock.get("/gone").fail("dns")
        with pytest.raises(library.ConnectError):
            client.get(f"{BASE}/gone")
        assert len(mock.calls.where("GET", "/gone")) == 6  # thrice, and httpx's own second try each time


@pytest.mark.peer("httpx custom/third-party transports")
@LIBRARIES
def test_a_transport_that_caches_asks_the_double_once(library: Any) -> None:
    async def ask() -> list[Any]:
        transport = caching(library)(library.AsyncHTTPTransport())
        async with library.AsyncClient(transport=transport) as client:
            return [(await client.get(f"{BASE}{path}")).text for path in ("/kept", "/kept", "/new", "/new")]

    with API.mock() as mock:
        mock.get("/kept").respond(text="kept", headers={"Cache-Control": "max-age=60"}).times(1)
        mock.get("/new").respond(stream=[b"n", b"ew"]).times(2)
        assert asyncio.run(ask()) == ["kept", "kept", "new", "new"]


@LIBRARIES
def test_a_transport_that_answers_by_itself_is_left_to_it(library: Any) -> None:
    transport = library.MockTransport(lambda request: library.Response(299))
    with API.mock() as mock, library.Client(transport=transport) as client:
        assert client.get(f"{BASE}/any").status_code == 299
        assert len(mock.calls) == 0


@LIBRARIES
def test_each_of_the_mounted_transports_meets_the_double(library: Any) -> None:
    mounts = {BASE: retrying(library)(library.HTTPTransport()), "all://": library.HTTPTransport(http2=False)}
    with API.mock() as mock, library.Client(mounts=mounts) as client:
        mock.get("/a").respond(503).then.respond(200)
        mock.get("https://other.example.com/b").respond(503)
        assert [client.get(url).status_code for url in (f"{BASE}/a", "https://other.example.com/b")] == [200, 503]


# One object for all ---------------------------------------------------------------------------------------------------


def everyone() -> Iterator[tuple[str, Callable[[str], str]]]:
    import urllib.request

    import aiohttp
    import requests

    async def by_httpx(url: str) -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(url)).text

    async def by_aiohttp(url: str) -> str:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.text()

    yield "requests", lambda url: requests.get(url, timeout=5).text
    yield "urllib", lambda url: str(urllib.request.urlopen(url, timeout=5).read().decode())
    yield "httpx", lambda url: httpx.get(url).text
    yield "httpx, async", lambda url: asyncio.run(by_httpx(url))
    yield "aiohttp", lambda url: asyncio.run(by_aiohttp(url))


@pytest.mark.peer("One object covers sync+async clients")
def test_one_mock_answers_sync_and_async_clients_from_one_sequence_into_one_journal() -> None:
    clients = dict(everyone())
    with API.mock() as mock:
        route = mock.get("/turn").respond(text="0")
        for number in range(1, len(clients)):
            route.then.respond(text=str(number))
        assert [ask(f"{BASE}/turn") for ask in clients.values()] == [str(number) for number in range(len(clients))]
        assert [call.response.text for call in mock.calls if call.response] == ["0", "1", "2", "3", "4"]
        assert route.call_count == len(clients)


@pytest.mark.peer("One object covers sync+async clients")
def test_both_kinds_of_client_at_once_in_one_coroutine() -> None:
    async def both() -> list[int]:
        async with API.mock() as mock, httpx.AsyncClient() as client:
            mock.get("/sync").respond(201)
            mock.get("/async").respond(202)
            one, two = await asyncio.gather(asyncio.to_thread(httpx.get, f"{BASE}/sync"), client.get(f"{BASE}/async"))
            return [one.status_code, two.status_code, len(mock.calls)]

    assert asyncio.run(both()) == [201, 202, 2]
