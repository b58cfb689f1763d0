"""Which clients a double answers: those that are chosen, or one alone that it is given to; and what is replaced."""

from __future__ import annotations

import asyncio
import http.client
import io
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import httpcore
import httplib2  # type: ignore[import-untyped]  # without types
import httpx
import httpx2
import pytest
import requests
import tornado.httpclient
import urllib3

import lookalike
from lookalike.errors import UnmatchedRequest, UnusedRoute, UsageError
from lookalike.intercept import active, patching
from lookalike.intercept.chosen import SEAMS
from lookalike.messages import Exchange
from lookalike.pytest_plugin.run import Listening

BASE = "https://api.example.com"
API = lookalike.Api(base_url=BASE)


async def by_aiohttp(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.read()


async def by_async_httpx(url: str) -> bytes:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).content


async def by_tornado(url: str) -> bytes:
    return bytes((await tornado.httpclient.AsyncHTTPClient(force_instance=True).fetch(url)).body)


ASK: dict[str, Callable[[str], bytes]] = {
    "requests": lambda url: requests.get(url, timeout=5).content,
    "urllib3": lambda url: urllib3.PoolManager().request("GET", url).data,
    "urllib.request": lambda url: bytes(urllib.request.urlopen(url, timeout=5).read()),
    "httplib2": lambda url: bytes(httplib2.Http().request(url)[1]),
    "httpx": lambda url: httpx.get(url).content,
    "httpx2": lambda url: httpx2.get(url).content,
    "httpcore": lambda url: httpcore.request("GET", url).content,
    "aiohttp": lambda url: asyncio.run(by_aiohttp(url)),
    "tornado": lambda url: asyncio.run(by_tornado(url)),
}
SEAM_OF = {name: seam for seam, clients in SEAMS.items() for name in (seam, *clients)}


# Chosen ---------------------------------------------------------------------------------------------------------------


@pytest.mark.peer("Selectable patch target / interceptors")
@pytest.mark.parametrize("chosen", [*ASK, "http.client"])
def test_only_the_clients_of_the_chosen_seam_are_answered(chosen: str) -> None:
    with API.mock() as outer, API.mock(clients=[chosen], unused="ignore") as inner:
        outer.get("/who").optional().respond(text="outer")
        inner.get("/who").respond(text="inner")
        for client, ask in ASK.items():
            told = "inner" if SEAM_OF[client] == SEAM_OF[chosen] else "outer"
            assert ask(f"{BASE}/who") == told.encode(), client
    assert not active.any_active()


@pytest.mark.parametrize("scope", ["process", "context"])
def test_others_reach_the_real_network_as_if_no_double_were_there(server: Any, scope: Any) -> None:
    host = f"http://localhost:{server.port}"
    with lookalike.Api(base_url=host).mock(clients=["httpx", "aiohttp"], scope=scope) as mock:
        mock.get("/who").respond(text="double")
        assert httpx.get(f"{host}/who").text == "double"
        assert requests.get(f"{host}/who", timeout=5).text != "double"
        assert socket.gethostbyname("localhost") == "127.0.0.1"
        with socket.create_connection(("localhost", server.port), 5):
            pass
        with pytest.raises(UnmatchedRequest):
            httpx.get("https://elsewhere.example.com/")
        mock.failures.clear()
        child = subprocess.run(
            [sys.executable, "-c", "import os; print(sorted(os.environ))"], capture_output=True, text=True
        )
        assert "HTTP_PROXY" not in child.stdout
    assert len(server.hits) == 1


def test_seams_that_are_not_chosen_are_not_touched() -> None:
    untouched = (http.client.HTTPConnection.putrequest, aiohttp.BaseConnector.connect, subprocess.Popen.__init__)
    pool = httpcore.ConnectionPool.handle_request
    with API.mock(clients=["httpx"]):
        assert httpcore.ConnectionPool.handle_request is not pool
        assert (http.client.HTTPConnection.putrequest, aiohttp.BaseConnector.connect, subprocess.Popen.__init__) == (
            untouched
        )
        with API.mock():
            assert http.client.HTTPConnection.putrequest is not untouched[0]
        assert http.client.HTTPConnection.putrequest is untouched[0]
        assert httpcore.ConnectionPool.handle_request is not pool
    assert httpcore.ConnectionPool.handle_request is pool


@pytest.mark.parametrize("client", ["httpx", "aiohttp"])
def test_a_fault_of_a_chosen_client_is_its_own_exception(client: str) -> None:
    expected = {"httpx": httpx.ConnectError, "aiohttp": aiohttp.ClientConnectorError}[client]
    with API.mock(clients=[client]) as mock:
        mock.get("/who").fail("dns")
        with pytest.raises(expected):
            ASK[client](f"{BASE}/who")


@pytest.mark.parametrize(
    ("clients", "words"),
    [
        (["request"], 'did you mean "requests"?'),
        (["pycurl"], "urllib3-future, niquests"),
        ("httpx", 'clients=["requests", "httpx"]'),
        (7, "is a list of names"),
        ([7], "7 is no client"),
    ],
)
def test_a_name_that_is_no_clients_is_refused_with_those_that_are(clients: Any, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        API.mock(clients=clients)
    assert words in str(caught.value)


# One client alone -----------------------------------------------------------------------------------------------------


def session(mock: Any) -> Callable[..., Any]:
    own = requests.Session()
    own.mount(BASE, mock.adapter())
    return lambda method, path, **said: own.request(method, f"{BASE}{path}", timeout=5, **said)


def over_wsgi(mock: Any) -> Callable[..., Any]:
    client = httpx.Client(transport=httpx.WSGITransport(app=mock.wsgi), base_url=BASE)
    return client.request


def over_asgi(mock: Any) -> Callable[..., Any]:
    def ask(method: str, path: str, **said: Any) -> Any:
        async def asked() -> Any:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=mock.asgi), base_url=BASE) as client:
                return await client.request(method, path, **said)

        return asyncio.run(asked())

    return ask


GIVEN = pytest.mark.parametrize("give", [session, over_wsgi, over_asgi])


def replaced() -> tuple[Any, ...]:
    return (
        http.client.HTTPConnection.putrequest, http.client.HTTPConnection.connect, urllib3.HTTPSConnectionPool.urlopen,
        requests.adapters.HTTPAdapter.send, httpcore.ConnectionPool.handle_request, socket.socket.connect,
        socket.getaddrinfo, subprocess.Popen.__init__, tuple(sys.meta_path),
    )  # fmt: skip


@pytest.mark.peer("Per-client install, no global patch")
@GIVEN
def test_a_mock_that_one_client_is_given_replaces_nothing(give: Any) -> None:
    before = replaced()
    with API.mock(clients=()) as mock:
        mock.post(
            "/todos/{id:int}", params={"q": "a b&c", "tag": ["1", "2"]}, headers={"X-Id": "7"}, json={"n": 1}
        ).respond(201, json={"ok": True}, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-More", "yes")])
        answer = give(mock)(
            "POST", "/todos/3", params={"q": "a b&c", "tag": ["1", "2"]}, headers={"X-Id": "7"}, json={"n": 1}
        )
        assert replaced() == before
        assert not active.any_active()
        assert (answer.status_code, answer.json(), answer.headers["X-More"]) == (201, {"ok": True}, "yes")
        assert dict(answer.cookies) == {"a": "1", "b": "2"}
        assert mock.calls.last.request.url.startswith(f"{BASE}/todos/3?q=a")
        with pytest.raises(requests.ConnectionError):
            requests.get("http://127.0.0.1:9/", timeout=1)  # nobody listens there, and nobody stands in
    assert replaced() == before


@GIVEN
def test_its_rules_are_the_same(give: Any, tmp_path: Path) -> None:
    with pytest.raises(UnusedRoute), API.mock(clients=()) as mock:
        mock.get("/never").respond(200)
    with API.mock(clients=()) as mock:
        with pytest.raises(UnmatchedRequest, match=r"GET https://api\.example\.com/nowhere"):
            give(mock)("GET", "/nowhere")
        mock.failures.clear()
    document = tmp_path / "sky.yaml"
    document.write_text(DOCUMENT, "utf-8")
    with lookalike.Api(document).mock(clients=()) as mock:
        mock.post("/todos").optional().respond(201)
        with pytest.raises(lookalike.ContractViolation, match="title"):
            give(mock)("POST", "/todos", json={"name": "x"})
        mock.failures.clear()


DOCUMENT = """
openapi: 3.1.0
info: {title: Sky, version: "1"}
servers: [{url: "https://api.example.com"}]
paths:
  /todos:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [title], properties: {title: {type: string}}}}}
      responses: {"201": {description: made}}
"""


@GIVEN
def test_what_is_around_the_mock_hears_of_it(give: Any) -> None:
    """As `--lookalike=verify` does, which asks the real API what the mock was asked."""
    heard: list[Exchange] = []
    with API.mock(clients=()) as mock:
        mock.door = Listening(mock, heard.append)
        mock.get("/todos").respond(json=[])
        give(mock)("GET", "/todos")
    assert [(one.request.method, one.request.url) for one in heard] == [("GET", f"{BASE}/todos")]


async def late() -> AsyncIterator[bytes]:
    for piece in (b"one ", b"two"):
        await asyncio.sleep(0)
        yield piece


@GIVEN
@pytest.mark.parametrize(
    ("method", "reply", "content"),
    [
        ("GET", {"stream": [b"one ", b"two"]}, b"one two"),
        ("GET", {"stream": late}, b"one two"),
        ("GET", {"content": b""}, b""),
        ("GET", {"status": 204}, b""),
        ("HEAD", {"text": "not sent"}, b""),
        ("HEAD", {"stream": [b"not sent"]}, b""),
        ("GET", {"status": 299, "text": "odd", "delay": 3}, b"odd"),
    ],
)
def test_each_kind_of_body(give: Any, method: str, reply: dict[str, Any], content: bytes) -> None:
    with API.mock(clients=()) as mock:
        given = {name: value() if callable(value) else value for name, value in reply.items()}
        mock.route(method, "/body").respond(**given)
        answer = give(mock)(method, "/body")
        assert (answer.status_code, answer.content) == (reply.get("status", 200), content)


@GIVEN
def test_a_path_that_is_encoded_and_a_body_in_pieces(give: Any) -> None:
    with API.mock(clients=()) as mock:
        mock.put("/files/{name}").respond(200)
        pieces = {"data": iter([b"x" * 10, b"y"])} if give is session else {"content": b"x" * 10 + b"y"}
        give(mock)("PUT", "/files/a%20b%C3%BC", **pieces)
        sent = mock.calls.last.request
        assert (sent.path, sent.content) == ("/files/a%20b%C3%BC", b"x" * 10 + b"y")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("dns", requests.ConnectionError),
        ("refused", requests.ConnectionError),
        ("connect-timeout", requests.ConnectTimeout),
        ("read-timeout", requests.ConnectionError),
        ("tls", requests.exceptions.SSLError),
        ("reset", requests.ConnectionError),
        pytest.param(
            "closed-mid-body",
            requests.exceptions.ChunkedEncodingError,
            marks=pytest.mark.since(urllib3="2.0"),  # a body that ends early counts as whole for requests over 1.26
        ),
    ],
)
def test_an_adapters_faults_are_the_clients_own_exceptions_and_retries(kind: Any, expected: type[Exception]) -> None:
    with API.mock(clients=()) as mock:
        mock.get("/who").fail(kind)
        own = requests.Session()
        own.mount(BASE, mock.adapter(max_retries=urllib3.Retry(2, backoff_factor=0)))
        with pytest.raises(expected):
            own.get(f"{BASE}/who", timeout=5)
        assert len(mock.calls) == (1 if kind == "closed-mid-body" else 3)


def test_an_application_without_the_headers_that_clients_send() -> None:
    """A server's own environment says host and length in its own words."""
    begun: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/todos", "SERVER_NAME": "api.example.com", "SERVER_PORT": "443",
        "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(b"xyz"), "wsgi.input_terminated": True,
        "CONTENT_TYPE": "text/plain",
    }  # fmt: skip
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/a b",
        "headers": [],
        "scheme": "https",
        "server": None,
    }
    parts = iter([{"type": "http.request", "body": b"xy", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(parts)

    async def send(message: dict[str, Any]) -> None:
        begun.append(message["type"])

    with API.mock(clients=()) as mock:
        mock.post("/todos", content="xyz", headers={"Content-Type": "text/plain"}).respond(298)
        assert b"".join(mock.wsgi(environ, lambda status, headers: begun.append(status))) == b""
        mock.post("https://localhost/a%20b", content="xy").respond(200)
        asyncio.run(mock.asgi(scope, receive, send))
    assert begun == ["298 Unknown", "http.response.start", "http.response.body"]


def test_an_adapter_follows_redirects_passes_through_and_asks_no_proxy(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    host = f"http://localhost:{server.port}"
    with lookalike.Api(base_url=host).mock(clients=()) as mock:
        mock.get("/old").respond(302, headers={"Location": "/new"})
        mock.get("/new").pass_through()
        own = requests.Session()
        own.mount(host, mock.adapter())
        assert own.get(f"{host}/old", timeout=5).status_code == 200
        with API.mock() as around:
            around.get("/who").respond(text="around")
            assert own.get(f"{host}/old", timeout=5).status_code == 200
            assert requests.get(f"{BASE}/who", timeout=5).text == "around"
    assert len(server.hits) == 2


def test_an_application_takes_part_in_a_lifespan_and_speaks_http_alone() -> None:
    sent: list[dict[str, Any]] = []

    async def run(kind: str) -> None:
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> Any:
            return next(messages)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        with API.mock(clients=()) as mock:
            await mock.asgi({"type": kind}, receive, send)

    asyncio.run(run("lifespan"))
    assert [one["type"] for one in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    with pytest.raises(UsageError, match="websocket"):
        asyncio.run(run("websocket"))


@pytest.mark.parametrize("give", [over_wsgi, over_asgi])
def test_an_application_has_no_socket_that_could_fail(give: Any) -> None:
    with API.mock(clients=()) as mock:
        mock.get("/a").fail("reset")
        mock.get("/b").pass_through()
        for path, words in (("/a", r'\.fail\("reset"\)'), ("/b", "passes through")):
            with pytest.raises(UsageError, match=words):
                give(mock)("GET", path)


# What is replaced -----------------------------------------------------------------------------------------------------

#: What is replaced under a name that begins with an underscore, and why nothing public does.
PRIVATE = {
    # `TCPClient.connect` isn't told which request it is for, and `fetch_impl` would skip the client's queue and limits.
    "tornado.simple_httpclient.SimpleAsyncHTTPClient._handle_request",
}


@pytest.mark.peer("Public extension points instead of private patches")
def test_what_is_replaced_has_public_names(monkeypatch: pytest.MonkeyPatch) -> None:
    import botocore.httpsession  # type: ignore[import-untyped]  # noqa: F401 - there to be taken over
    import httpcore2  # noqa: F401  asked whether it is there
    import tornado.curl_httpclient
    import tornado.simple_httpclient
    import uvloop  # noqa: F401  asked whether it is there

    found: set[str] = set()
    plain = patching.Patches.set

    def noting(patches: Any, owner: Any, name: str, value: Any) -> None:
        place = owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__qualname__}"
        found.add(f"{place}.{name}")
        plain(patches, owner, name, value)

    monkeypatch.setattr(patching.Patches, "set", noting)
    with API.mock(unused="ignore"):
        pass
    assert tornado.curl_httpclient is not None
    for needed in (
        "http.client.HTTPConnection.putrequest",
        *(["urllib3.connection.HTTPConnection.request"] if version("urllib3")[0] != "1" else []),
        "aiohttp.connector.BaseConnector.connect", "tornado.tcpclient.TCPClient.connect", "socket.getaddrinfo",
        "httpcore._sync.connection_pool.ConnectionPool.handle_request",
    ):  # fmt: skip
        assert needed in found or needed.replace("._sync.connection_pool", "") in found
    private = {place for place in found if place.rpartition(".")[2].startswith("_") and not place.endswith("__")}
    assert private == PRIVATE
    page = (Path(__file__).parents[2] / "docs" / "isolation.md").read_text("utf-8")
    assert all(place.rpartition(".")[2] in page for place in private)
