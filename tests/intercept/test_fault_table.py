"""Which exception each client raises for each fault: the one that it raises when the real thing fails so."""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import botocore.exceptions  # type: ignore[import-untyped]  # without types
import httplib2  # type: ignore[import-untyped]  # without types
import httpx
import httpx2
import pytest
import requests
import trio
import urllib3
from botocore.config import Config  # type: ignore[import-untyped]  # without types

from lookalike.messages import Fault, FaultKind, Response

HOST = "api.example.com"
URL = f"https://{HOST}/x"
KINDS: tuple[FaultKind, ...] = (
    "dns", "refused", "connect-timeout", "read-timeout", "tls", "reset", "closed", "closed-mid-body", "bad-chunk",
)  # fmt: skip

Raises = type[BaseException]


def with_requests() -> None:
    requests.get(URL, timeout=3)


def with_urllib3() -> None:
    with urllib3.PoolManager(retries=False) as pool:
        pool.request("GET", URL)


def with_urllib_request() -> None:
    with urllib.request.urlopen(URL, timeout=3) as answer:
        answer.read()


def with_http_client() -> None:
    connection = http.client.HTTPSConnection(HOST, timeout=3)
    try:
        connection.request("GET", "/x")
        connection.getresponse().read()
    finally:
        connection.close()


def with_httplib2() -> None:
    httplib2.Http(timeout=3).request(URL)


def with_botocore() -> None:
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=f"https://{HOST}",
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )
    try:
        client.get_object(Bucket="b", Key="k")["Body"].read()
    finally:
        client.close()


def with_httpx(library: Any) -> Callable[[], None]:
    def run() -> None:
        library.get(URL, timeout=3)

    return run


def with_async_httpx(library: Any, loop: Callable[[Any], Any]) -> Callable[[], None]:
    async def ask() -> None:
        async with library.AsyncClient() as client:
            await client.get(URL, timeout=3)

    return lambda: loop(ask)


def on_asyncio(ask: Any) -> None:
    asyncio.run(ask())


def httpx_s(library: Any) -> tuple[Raises, ...]:
    return (
        library.ConnectError, library.ConnectError, library.ConnectTimeout, library.ReadTimeout, library.ConnectError,
        library.ReadError, library.RemoteProtocolError, library.RemoteProtocolError, library.RemoteProtocolError,
    )  # fmt: skip


R, U, H, B = requests.exceptions, urllib3.exceptions, http.client, botocore.exceptions

UNRESOLVED = getattr(U, "NameResolutionError", U.NewConnectionError)  # urllib3 1.26 tells no names apart

# client -> what it raises, in the order of KINDS
TABLE: dict[str, tuple[Callable[[], None], tuple[Raises, ...]]] = {
    "requests": (with_requests, (
        R.ConnectionError, R.ConnectionError, R.ConnectTimeout, R.ReadTimeout, R.SSLError,
        R.ConnectionError, R.ConnectionError, R.ChunkedEncodingError, R.ChunkedEncodingError,
    )),
    "urllib3": (with_urllib3, (
        UNRESOLVED, U.NewConnectionError, U.ConnectTimeoutError, U.ReadTimeoutError, U.SSLError,
        U.ProtocolError, U.ProtocolError, U.ProtocolError, U.ProtocolError,
    )),
    "urllib.request": (with_urllib_request, (
        urllib.error.URLError, urllib.error.URLError, urllib.error.URLError, TimeoutError, urllib.error.URLError,
        ConnectionResetError, H.RemoteDisconnected, H.IncompleteRead, H.IncompleteRead,
    )),
    "http.client": (with_http_client, (
        socket.gaierror, ConnectionRefusedError, TimeoutError, TimeoutError, ssl.SSLCertVerificationError,
        ConnectionResetError, H.RemoteDisconnected, H.IncompleteRead, H.IncompleteRead,
    )),
    "httplib2": (with_httplib2, (
        httplib2.ServerNotFoundError, ConnectionRefusedError, TimeoutError, TimeoutError,
        ssl.SSLCertVerificationError, ConnectionResetError, H.RemoteDisconnected, H.IncompleteRead, H.IncompleteRead,
    )),
    "botocore": (with_botocore, (
        B.EndpointConnectionError, B.EndpointConnectionError, B.ConnectTimeoutError, B.ReadTimeoutError, B.SSLError,
        B.ConnectionClosedError, B.ConnectionClosedError, B.ResponseStreamingError, B.ResponseStreamingError,
    )),
    "httpx": (with_httpx(httpx), httpx_s(httpx)),
    "httpx, asyncio": (with_async_httpx(httpx, on_asyncio), httpx_s(httpx)),
    "httpx, trio": (with_async_httpx(httpx, trio.run), httpx_s(httpx)),
    "httpx2": (with_httpx(httpx2), httpx_s(httpx2)),
    "httpx2, asyncio": (with_async_httpx(httpx2, on_asyncio), httpx_s(httpx2)),
    "httpx2, trio": (with_async_httpx(httpx2, trio.run), httpx_s(httpx2)),
}  # fmt: skip

# With urllib3 1.26 requests takes a body that is shorter than its Content-Length for a whole one.
_CHECKED = pytest.mark.since(urllib3="2.0")
_SINCE = {("requests", "closed-mid-body"): [_CHECKED]}

ROWS = [
    pytest.param(run, kind, error, id=f"{client}: {kind}", marks=_SINCE.get((client, kind), ()))
    for client, (run, errors) in TABLE.items()
    for kind, error in zip(KINDS, errors, strict=True)
]


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize(("run", "kind", "error"), ROWS)
def test_the_client_s_own_exception(doubled: Any, run: Callable[[], None], kind: FaultKind, error: Raises) -> None:
    with doubled(Fault(kind)), pytest.raises(error) as caught:
        run()
    assert type(caught.value) is error


def test_urllib_request_s_reasons(doubled: Any) -> None:
    reasons: dict[FaultKind, type[Exception]] = {
        "dns": socket.gaierror,
        "refused": ConnectionRefusedError,
        "connect-timeout": TimeoutError,
        "tls": ssl.SSLCertVerificationError,
    }
    for kind, reason in reasons.items():
        with doubled(Fault(kind)), pytest.raises(urllib.error.URLError) as caught:
            with_urllib_request()
        assert type(caught.value.reason) is reason


PARTIAL = Response(200, [("Content-Type", "application/json"), ("Content-Length", "12")], b'{"id": 1')


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("Connection dropped mid-body")
@pytest.mark.parametrize(
    ("library", "kind"),
    [
        pytest.param(requests, "closed-mid-body", id="requests-closed-mid-body", marks=_CHECKED),
        pytest.param(requests, "bad-chunk", id="requests-bad-chunk"),
        pytest.param(httpx, "closed-mid-body", id="httpx-closed-mid-body"),
        pytest.param(httpx, "bad-chunk", id="httpx-bad-chunk"),
        pytest.param(httpx2, "closed-mid-body", id="httpx2-closed-mid-body"),
        pytest.param(httpx2, "bad-chunk", id="httpx2-bad-chunk"),
    ],
)
def test_what_arrives_before_the_failure_is_there(doubled: Any, library: Any, kind: Any) -> None:
    def pieces(answer: Any) -> Iterator[bytes]:
        yield from answer.iter_content(8) if library is requests else answer.iter_raw()

    client: Any = requests.Session() if library is requests else library.Client()
    got: list[bytes] = []
    with doubled(Fault(kind, PARTIAL)), client:
        stream = client.get(URL, stream=True) if library is requests else client.stream("GET", URL)
        with stream as answer:
            assert answer.status_code == 200
            with suppress(requests.RequestException, httpx.HTTPError, httpx2.HTTPError):
                got.extend(pieces(answer))
                pytest.fail("the body ended well")
    assert b"".join(got) == PARTIAL.content


@pytest.mark.usefixtures("lane")
def test_a_stream_may_break_off(doubled: Any) -> None:
    fault = Fault("closed-mid-body", Response(200, (), chunks=lambda: [b"one", b"two"]))
    with doubled(fault):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(URL)
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            httpx.get(URL)


def test_the_real_failures_look_the_same(doubled: Any, server: Any) -> None:
    """The wording of a fault is the wording of the real thing."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    for get in (requests.get, httpx.get, httpx2.get):
        with pytest.raises((requests.ConnectionError, httpx.ConnectError, httpx2.ConnectError)) as real:
            get(url)
        with doubled(Fault("refused"), url), pytest.raises(type(real.value)) as fake:
            get(url)
        assert type(fake.value) is type(real.value)
        assert words(fake.value) == words(real.value)


def words(error: BaseException) -> str:
    """What an error says, without addresses in memory."""
    return re.sub(" at 0x[0-9a-f]+", "", str(error))
