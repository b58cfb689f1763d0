"""The clients that are measured: how each sends a request, its floor, and the tools that double it.

A floor is the client with the most trivial transport that it can be given. aiohttp has none, so a server on loopback
that sends bytes which already exist stands there, on the client's own event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from benchmarks.peers import TOOLS, Case

JSON = {"Content-Type": "application/json"}
BATCH = 10  # async requests go by tens, so that starting the loop weighs little

Send = Callable[[], Any]


def _plain_adapter(case: Case) -> Any:
    import requests

    class Plain(requests.adapters.BaseAdapter):
        def send(self, request: Any, *args: Any, **options: Any) -> Any:
            response = requests.Response()
            response.status_code = 200
            response.headers.update(JSON)
            response._content = case.content
            response.url = request.url
            response.request = request
            return response

        def close(self) -> None:
            """Nothing to close."""

    return Plain()


@contextmanager
def _session(case: Case, base: str, *, floor: bool) -> Iterator[Send]:
    import requests

    url = base + case.path
    with requests.Session() as session:
        if floor:
            session.mount("https://", _plain_adapter(case))
        yield lambda: session.get(url).content


@contextmanager
def _get(case: Case, base: str, *, floor: bool) -> Iterator[Send]:
    import requests

    url, adapter = base + case.path, _plain_adapter(case)

    def send() -> Any:
        with requests.Session() as session:
            session.mount("https://", adapter)
            return session.get(url).content

    yield send if floor else lambda: requests.get(url).content


@contextmanager
def _urllib3(case: Case, base: str, *, floor: bool) -> Iterator[Send]:
    import urllib3
    from urllib3.connection import HTTPSConnection

    class Plain(HTTPSConnection):
        def connect(self) -> None:
            """Nothing to connect to."""

        def request(self, *args: Any, **options: Any) -> None:
            """Nothing is sent."""

        def getresponse(self) -> Any:
            return urllib3.HTTPResponse(body=_Body(case.content), headers=JSON, status=200, preload_content=False)

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Plain

        def _validate_conn(self, connection: Any) -> None:
            """It would connect."""

    url = base + case.path
    with urllib3.PoolManager() as manager:
        if floor:
            manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "https": Pool}
        yield lambda: manager.request("GET", url).data


class _Body:
    """A body that is closed at its end, as urllib3 expects."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.closed = False

    def read(self, size: int | None = None) -> bytes:
        size = len(self.content) if size is None else size
        piece, self.content = self.content[:size], self.content[size:]
        self.closed = not self.content
        return piece

    def close(self) -> None:
        self.closed = True


def _transport(case: Case) -> Any:
    import httpx

    return httpx.MockTransport(lambda request: httpx.Response(200, headers=JSON, content=case.content))


@contextmanager
def _httpx(case: Case, base: str, *, floor: bool) -> Iterator[Send]:
    import httpx

    url = base + case.path
    with httpx.Client(**({"transport": _transport(case)} if floor else {})) as client:
        yield lambda: client.get(url).content


def _by_tens(runner: asyncio.Runner, once: Callable[[], Awaitable[Any]]) -> Send:
    async def ten() -> Any:
        for _ in range(BATCH):
            answer = await once()
        return answer

    return lambda: runner.run(ten())


@contextmanager
def _async_httpx(case: Case, base: str, *, floor: bool) -> Iterator[Send]:
    import httpx

    url = base + case.path
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(**({"transport": _transport(case)} if floor else {}))

        async def once() -> bytes:
            return (await client.get(url)).content

        yield _by_tens(runner, once)
        runner.run(client.aclose())


class _Loopback(asyncio.Protocol):
    """A server that answers whatever it hears with the same bytes."""

    def __init__(self, content: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self.answer = head.encode() + content

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(self.answer)


@contextmanager
def _aiohttp(case: Case, base: str, *, floor: bool) -> Iterator[Send]:
    import aiohttp

    with asyncio.Runner() as runner:
        server = None
        if floor:
            server = runner.run(_serve(case.content))
            base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        url = base + case.path

        async def begin() -> aiohttp.ClientSession:
            return aiohttp.ClientSession()

        session = runner.run(begin())

        async def once() -> bytes:
            async with session.get(url) as response:
                return await response.read()

        yield _by_tens(runner, once)
        runner.run(session.close())
        if server is not None:
            server.close()


def _serve(content: bytes) -> Coroutine[Any, Any, asyncio.Server]:
    async def begin() -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(lambda: _Loopback(content), "127.0.0.1", 0)

    return begin()


@dataclass(frozen=True)
class Client:
    """One client.

    name:     as in the tables
    package:  the distribution that it comes from
    sending:  (case, base URL, floor=) -> a context that gives what sends a request, or a batch of them
    tools:    what is measured with it, of peers.TOOLS
    genuine:  those of the tools under which the client's own stack runs, down to what carries its bytes
    batch:    requests a call of what `sending` gives
    old:      measured in the environment with the older aiohttp
    """

    name: str
    package: str
    sending: Callable[..., AbstractContextManager[Send]]
    tools: tuple[str, ...]
    genuine: frozenset[str]
    batch: int = 1
    old: bool = False

    @property
    def version(self) -> str:
        """The installed release, with the client's name."""
        return f"{self.package} {version(self.package)}"


OWN = ("lookalike", "lookalike with contract")
# These stand under the client: at its socket, at the connection that its pool uses, or on a real socket.
BELOW = frozenset({*OWN, "floor", "vcrpy", "httpretty", "mocket", "pytest-httpserver"})
SYNC = ("pook", "vcrpy", "httpretty", "mocket", "pytest-httpserver")
FOR_REQUESTS = ("floor", *OWN, "responses", "requests-mock", *SYNC)
FOR_HTTPX = ("floor", *OWN, "respx", "pytest-httpx", "pook", "vcrpy", "mocket", "pytest-httpserver")
FOR_AIOHTTP = ("floor", *OWN, "pook", "vcrpy", "mocket", "pytest-httpserver")
# respx replaces httpcore's pool, as lookalike does; the others httpx's transport, or the choice of one.
UNDER_HTTPX = BELOW - {"vcrpy"} | {"respx"}
# vcrpy replaces aiohttp's own request method.
UNDER_AIOHTTP = BELOW - {"vcrpy"}

CLIENTS = (
    Client("requests.Session", "requests", _session, FOR_REQUESTS, BELOW),
    Client("requests.get", "requests", _get, FOR_REQUESTS, BELOW),
    Client("urllib3", "urllib3", _urllib3, ("floor", *OWN, *SYNC), BELOW),
    Client("httpx.Client", "httpx", _httpx, FOR_HTTPX, UNDER_HTTPX),
    Client("httpx.AsyncClient", "httpx", _async_httpx, FOR_HTTPX, UNDER_HTTPX, BATCH),
    Client("aiohttp", "aiohttp", _aiohttp, FOR_AIOHTTP, UNDER_AIOHTTP, BATCH),
    Client("aiohttp before 3.14", "aiohttp", _aiohttp, ("floor", *OWN, "aioresponses"), UNDER_AIOHTTP, BATCH, old=True),
)
BY_NAME = {client.name: client for client in CLIENTS}


@contextmanager
def ready(client: Client, tool: str, case: Case) -> Iterator[Send]:
    """The tool's routes declared, and the client made; gives what sends."""
    with TOOLS[tool](case) as base, client.sending(case, base, floor=tool == "floor") as send:
        yield send
