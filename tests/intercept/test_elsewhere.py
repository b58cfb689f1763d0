"""A context without the double that another has: requests for that API fail closed, all others are left alone."""

from __future__ import annotations

import asyncio
import contextvars
import http.client
import socket
import sys
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import tornado.httpclient

import lookalike
from lookalike.errors import BlockedConnection
from lookalike.intercept import active

BASE = "https://api.nowhere.invalid"
URL = f"{BASE}/me"
API = lookalike.Api(base_url=BASE)


async def by_aiohttp(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.read()


async def by_httpx(url: str) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).read()


async def by_tornado(url: str) -> Any:
    return (await tornado.httpclient.AsyncHTTPClient(force_instance=True).fetch(url)).body


def by_socket(url: str) -> Any:
    parts = httpx.URL(url)
    with socket.create_connection((parts.host, parts.port or 443), timeout=5):
        return b""


CLIENTS: dict[str, Callable[[str], Any]] = {
    "requests": lambda url: requests.get(url, timeout=5).content,
    "httpx": lambda url: httpx.get(url).read(),
    "urllib": lambda url: urllib.request.urlopen(url, timeout=5).read(),
    "a socket": by_socket,
    "httpx async": lambda url: asyncio.run(by_httpx(url)),
    "aiohttp": lambda url: asyncio.run(by_aiohttp(url)),
    "tornado": lambda url: asyncio.run(by_tornado(url)),
}


def in_thread(work: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("client", CLIENTS)
def test_a_thread_without_the_context_reaches_no_network(client: str) -> None:
    with API.mock(scope="context") as mock:
        with pytest.raises(BlockedConnection) as caught:
            in_thread(lambda: CLIENTS[client](URL))
        assert mock.failures == [caught.value]
        mock.failures.clear()
    assert not active.may_answer("requests")


def test_the_message_says_where_the_double_began_and_how_a_context_is_copied() -> None:
    patcher = API.mock(scope="context")
    began = sys._getframe().f_lineno + 1
    mock = patcher.start()
    with pytest.raises(BlockedConnection) as caught:
        in_thread(lambda: requests.get(URL, timeout=5))
    assert str(caught.value) == (
        f"GET {URL} was blocked. The double of api.nowhere.invalid that began at "
        f"tests/intercept/test_elsewhere.py:{began} is of another context "
        '(scope="context"), which this thread or task has no copy of.\n\n'
        "Next: give it one: contextvars.copy_context().run(function) in a thread or an executor, or "
        "asyncio.to_thread(function), which copies the context by itself. A context that is to reach the real API "
        'has a double of its own: api.mock(scope="context", unmatched="pass").'
    )
    mock.failures.clear()
    patcher.stop()


def test_run_in_executor_fails_closed_and_to_thread_is_answered() -> None:
    async def main() -> tuple[Any, Any]:
        async with API.mock(scope="context") as mock:
            mock.get("/me").respond(json=1)
            copied = await asyncio.to_thread(requests.get, URL)
            with pytest.raises(BlockedConnection) as caught:
                await asyncio.get_running_loop().run_in_executor(None, requests.get, URL)
            mock.failures.remove(caught.value)
            return copied.json(), len(mock.calls)

    assert asyncio.run(main()) == (1, 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_a_thread_swallows_is_raised_again_by_the_double() -> None:
    patcher = API.mock(scope="context")
    patcher.start()
    thread = threading.Thread(target=requests.get, args=(URL,))
    thread.start()
    thread.join()
    with pytest.raises(BlockedConnection, match=r"GET https://api.nowhere.invalid/me was blocked"):
        patcher.stop()


def test_the_newest_double_of_the_host_tells_it() -> None:
    with API.mock(scope="context") as first, API.mock(scope="context") as second:
        with pytest.raises(BlockedConnection):
            in_thread(lambda: requests.get(URL, timeout=5))
        assert [len(first.failures), len(second.failures)] == [0, 1]
        second.failures.clear()


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("client", CLIENTS)
def test_other_hosts_and_this_machine_pass(server: Any, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`other.invalid` is said to be the server's address, so that its real traffic is seen."""
    original = socket.getaddrinfo

    def resolve(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return original("127.0.0.1" if name == "other.invalid" else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with API.mock(scope="context"), lookalike.Api(base_url=server.url).mock(scope="context"):
        for url in (f"{server.url}/x", server.url.replace("127.0.0.1", "other.invalid") + "/x"):
            in_thread(partial(CLIENTS[client], url))
    assert len(server.hits) == (0 if client == "a socket" else 2)


def test_a_context_with_a_double_of_its_own_is_not_disturbed(server: Any) -> None:
    elsewhere = contextvars.copy_context()

    def own() -> Any:
        with API.mock(scope="context") as mock:
            mock.get("/me").respond(json="mine")
            return requests.get(URL, timeout=5).json()

    with API.mock(scope="context") as mock:
        mock.get("/me").respond(json="here")
        assert in_thread(own) == elsewhere.run(own) == "mine"
        assert requests.get(URL, timeout=5).json() == "here"
    real = lookalike.Api(base_url=server.url)
    with real.mock(scope="context") as mock:

        def let_through() -> Any:
            with real.mock(scope="context", unmatched="pass"):
                return requests.get(f"{server.url}/x", timeout=5).json()

        assert in_thread(let_through) == {"real": True}
        assert len(mock.calls) == 0


def test_clients_that_the_double_has_not_chosen_are_none_of_its_business() -> None:
    with API.mock(scope="context", clients=["httpx"]) as mock:
        with pytest.raises(requests.ConnectionError):
            in_thread(lambda: requests.get(URL, timeout=5))
        with pytest.raises(BlockedConnection):
            in_thread(lambda: httpx.get(URL))
        mock.failures.clear()


def test_a_proxy_in_an_unrelated_context_is_used_as_ever(server: Any) -> None:
    """A connection that forwards is made before its request says for which host it is."""
    with API.mock(scope="context"):
        proxies = {"http": server.url}
        in_thread(lambda: requests.get("http://other.invalid/x", proxies=proxies, timeout=5))
        assert [path for _, path, _ in server.hits] == ["http://other.invalid/x"]
    assert http.client.HTTPConnection.putrequest.__module__ == "http.client"
