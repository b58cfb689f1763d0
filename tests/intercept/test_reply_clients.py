"""Replies as each client has them: codings decoded, cookies kept, redirects followed, timeouts met, own exceptions."""

from __future__ import annotations

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
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

import lookalike

HOST = "api.example.com"
BASE = f"https://{HOST}"
URL = f"{BASE}/x"
API = lookalike.Api(base_url=BASE)


def with_requests(url: str = URL) -> tuple[int, bytes]:
    answer = requests.get(url)
    return answer.status_code, answer.content


def with_urllib3(url: str = URL) -> tuple[int, bytes]:
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url)
        return answer.status, answer.data


def with_httplib2(url: str = URL) -> tuple[int, bytes]:
    answer, content = httplib2.Http().request(url)
    return answer.status, content


def with_httpx(library: Any) -> Callable[..., tuple[int, bytes]]:
    def ask(url: str = URL) -> tuple[int, bytes]:
        answer = library.get(url, follow_redirects=True)
        return answer.status_code, answer.content

    return ask


def with_async_httpx(run: Callable[[Any], Any]) -> Callable[..., tuple[int, bytes]]:
    def ask(url: str = URL) -> tuple[int, bytes]:
        async def main() -> tuple[int, bytes]:
            async with httpx.AsyncClient(follow_redirects=True) as client:
                answer = await client.get(url)
                return answer.status_code, answer.content

        outcome: tuple[int, bytes] = run(main)
        return outcome

    return ask


def with_urllib(url: str = URL) -> tuple[int, bytes]:
    with urllib.request.urlopen(url) as answer:
        return answer.status, answer.read()


CLIENTS: dict[str, Callable[..., tuple[int, bytes]]] = {
    "requests": with_requests,
    "urllib3": with_urllib3,
    "urllib.request": with_urllib,
    "httplib2": with_httplib2,
    "httpx": with_httpx(httpx),
    "httpx2": with_httpx(httpx2),
    "httpx, asyncio": with_async_httpx(lambda main: asyncio.run(main())),
    "httpx, trio": with_async_httpx(trio.run),
}
# What a client decodes by itself.
DECODES: dict[str, tuple[str, ...]] = {
    "requests": ("gzip", "deflate", "br", "zstd"),
    "urllib3": ("gzip", "deflate", "br", "zstd"),
    "httplib2": ("gzip", "deflate"),
    "httpx": ("gzip", "deflate", "br", "zstd"),
    "httpx2": ("gzip", "deflate", "br", "zstd"),
    "httpx, asyncio": ("gzip", "deflate", "br", "zstd"),
    "httpx, trio": ("gzip", "deflate", "br", "zstd"),
}
# What older releases leave as it comes, by client: of which package which release brought it.
_LEARNT_ZSTD = {"requests": {"urllib3": "2.0"}, "urllib3": {"urllib3": "2.0"}, "httpx": {"httpx": "0.27.1"}}
ENCODED = [
    pytest.param(
        name,
        coding,
        id=f"{name}-{coding}",
        marks=pytest.mark.since(**(_LEARNT_ZSTD.get(name.partition(",")[0], {}) if coding == "zstd" else {})),
    )
    for name, codings in DECODES.items()
    for coding in codings
]


async def chunks() -> Any:
    yield "many "
    yield "words"


BODIES: dict[str, dict[str, Any]] = {
    "text": {"text": "many words"},
    "stream": {"stream": ["many ", "words"]},
    "async stream": {"stream": chunks},
}


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("name", "coding"), ENCODED)
def test_a_client_decodes_what_was_encoded(name: str, coding: Any, body: dict[str, Any]) -> None:
    with API.mock() as mock:
        mock.get("/x").respond(**body, encoding=coding)
        assert CLIENTS[name]() == (200, b"many words")


@pytest.mark.parametrize("name", ["requests", "urllib3", "httpx"])
def test_a_client_decodes_several_codings(name: str) -> None:
    with API.mock() as mock:
        mock.get("/x").respond(text="many words", encoding=["gzip", "br"])
        assert CLIENTS[name]() == (200, b"many words")


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("File body")
@pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS)
def test_a_file_arrives(ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(b"0123456789" * 20_000)
    for at_once in (8 << 20, 10):
        monkeypatch.setattr("lookalike.double.files._READ_AT_ONCE", at_once)
        with API.mock() as mock:
            mock.get("/x").respond(file=path)
            assert ask() == (200, path.read_bytes())


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("Redirects as the real client does")
@pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(ask: Any, status: int) -> None:
    with API.mock() as mock:
        mock.get("/x").respond(status, redirect="/new")
        mock.get("/new").respond(redirect="https://other.test/newer")
        mock.get("https://other.test/newer").respond(text="here")
        assert ask() == (200, b"here")
        assert [call.request.url for call in mock.calls] == [URL, f"{BASE}/new", "https://other.test/newer"]


def in_session(library: Any) -> Callable[[], list[str]]:
    def ask() -> list[str]:
        with library.Session() if library is requests else library.Client() as client:
            return [client.get(f"{BASE}{path}").text for path in ("/login", "/x", "/logout", "/x")]

    return ask


def in_urllib() -> list[str]:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    return [opener.open(f"{BASE}{path}").read().decode() for path in ("/login", "/x", "/logout", "/x")]


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("Cookies helper")
@pytest.mark.parametrize(
    "ask", [in_session(requests), in_session(httpx), in_urllib], ids=["requests", "httpx", "urllib.request"]
)
def test_cookies_are_kept_and_deleted(ask: Callable[[], list[str]]) -> None:
    with API.mock() as mock:
        sid = {"value": "abc", "httponly": True, "secure": True, "max_age": 60}
        mock.get("/login").respond(text="in", cookies={"sid": sid, "elsewhere": {"value": "1", "path": "/other"}})
        mock.get("/logout").respond(text="out", cookies={"sid": None})
        mock.get("/x").respond_with(lambda request: request.headers.get("cookie", "none"))
        assert ask() == ["in", "sid=abc", "out", "none"]


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("HTTP version")
def test_the_version_and_the_reason_as_far_as_a_client_knows_them() -> None:
    versions: Any = (("1.0", "HTTP/1.0", 10), ("1.1", "HTTP/1.1", 11), ("2", "HTTP/2", 11))
    for version, told, number in versions:
        with API.mock() as mock:
            mock.get("/x").respond(http_version=version, reason="Out of tea", text="a").then.respond(
                http_version=version, stream=["a", "b"]
            )
            answer = httpx.get(URL)
            assert (answer.http_version, answer.reason_phrase) == (told, "Out of tea")
            streamed = httpx.get(URL)
            assert (streamed.http_version, streamed.reason_phrase, streamed.text) == (told, "OK", "ab")
            framed = {"1.0": None, "1.1": "chunked", "2": None}[version]
            assert streamed.headers.get("transfer-encoding") == framed
        with API.mock() as mock:
            mock.get("/x").respond(http_version=version, reason="Out of tea", stream=["a", "b"])
            spoken = requests.get(URL)
            assert (spoken.raw.version, spoken.reason, spoken.text) == (number, "Out of tea", "ab")


@pytest.mark.usefixtures("lane")
def test_repeated_headers_stay_apart() -> None:
    with API.mock() as mock:
        mock.get("/x").respond(text="a", headers={"link": ["<a>", "<b>"]})
        assert httpx.get(URL).headers.get_list("link") == ["<a>", "<b>"]
        assert requests.get(URL).raw.headers.getlist("link") == ["<a>", "<b>"]
        with urllib.request.urlopen(URL) as answer:
            assert answer.headers.get_all("link") == ["<a>", "<b>"]


# -- timeouts ------------------------------------------------------------------------------------------------------


def s3(**config: Any) -> None:
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=BASE,
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, **config),
    )
    try:
        client.get_object(Bucket="b", Key="k")["Body"].read()
    finally:
        client.close()


def pooled(seconds: Any, **options: Any) -> None:
    with urllib3.PoolManager(retries=False, timeout=seconds) as pool:
        pool.request("GET", URL, **options)


def opened(**timeout: Any) -> None:
    with urllib.request.urlopen(URL, **timeout) as answer:
        answer.read()


def by_default(ask: Callable[[], object]) -> Callable[[float], None]:
    def asked(seconds: float) -> None:
        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(seconds)
        try:
            ask()
        finally:
            socket.setdefaulttimeout(before)

    return asked


def in_loop(run: Callable[[Any], Any], library: Any) -> Callable[[float], None]:
    def asked(seconds: float) -> None:
        async def main() -> None:
            async with library.AsyncClient(timeout=library.Timeout(60, read=seconds)) as client:
                await client.get(URL)

        run(main)

    return asked


R, U, H, B = requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, httpx.ReadTimeout, botocore.exceptions
FORMS: dict[str, tuple[Callable[[float], object], type[BaseException]]] = {
    "requests": (lambda s: requests.get(URL, timeout=s), R),
    "requests (connect, read)": (lambda s: requests.get(URL, timeout=(60, s)), R),
    "requests Timeout(total=)": (lambda s: requests.get(URL, timeout=urllib3.Timeout(total=s)), R),  # type: ignore[arg-type]  # any timeout
    "urllib3, socket.setdefaulttimeout": (by_default(lambda: pooled(urllib3.Timeout.DEFAULT_TIMEOUT)), U),
    "urllib3": (pooled, U),
    "urllib3 Timeout(read=)": (lambda s: pooled(urllib3.Timeout(connect=60, read=s)), U),
    "urllib3 Timeout(total=)": (lambda s: pooled(urllib3.Timeout(total=s, read=60)), U),
    "urllib3, for one request": (lambda s: pooled(60, timeout=s), U),
    "urllib.request": (lambda s: opened(timeout=s), TimeoutError),
    "urllib.request, socket.setdefaulttimeout": (by_default(opened), TimeoutError),
    "httplib2": (lambda s: httplib2.Http(timeout=s).request(URL), TimeoutError),
    "httplib2, socket.setdefaulttimeout": (by_default(lambda: httplib2.Http().request(URL)), TimeoutError),
    "botocore": (lambda s: s3(read_timeout=s, connect_timeout=60), B.ReadTimeoutError),
    "httpx": (lambda s: httpx.get(URL, timeout=s), H),
    "httpx Timeout(read=)": (lambda s: httpx.get(URL, timeout=httpx.Timeout(60, read=s)), H),
    "httpx, asyncio": (in_loop(lambda main: asyncio.run(main()), httpx), H),
    "httpx, trio": (in_loop(trio.run, httpx), H),
    "httpx2": (lambda s: httpx2.get(URL, timeout=s), httpx2.ReadTimeout),
    "httpx2, asyncio": (in_loop(lambda main: asyncio.run(main()), httpx2), httpx2.ReadTimeout),
}


async def late() -> Any:
    return lookalike.Response(200, {}, b"late", delay=30)


DELAYS: dict[str, Callable[[lookalike.Route], lookalike.Route]] = {
    "delay=": lambda route: route.respond(text="late", delay=30),
    "of a stream": lambda route: route.respond(stream=["late"], delay=30),
    "of a function": lambda route: route.respond_with(lambda: lookalike.Response(200, {}, b"late", delay=30)),
    "of an async function": lambda route: route.respond_with(late),
}


def _delays_of(form: str) -> list[str]:
    return list(DELAYS) if form in ("requests", "urllib3", "httpx", "httpx, asyncio", "httpx, trio") else ["delay="]


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("Latency")
@pytest.mark.peer("Latency honours client timeout")
@pytest.mark.parametrize(("form", "delay"), [(form, delay) for form in FORMS for delay in _delays_of(form)])
def test_a_client_that_waits_less_meets_its_own_timeout_at_once(form: str, delay: str) -> None:
    (ask, error), delayed = FORMS[form], DELAYS[delay]
    with API.mock() as mock:
        route = delayed(mock.route("*", f"{BASE}/{{anything}}"))
        delayed(mock.route("*", f"{BASE}/b/k")).optional()
        route.optional()
        with pytest.raises(error) as caught:
            ask(20)
        assert type(caught.value) is error
        ask(40)
        hasty, patient = mock.calls
        assert (hasty.response, hasty.elapsed) == (None, 30)
        assert patient.response is not None
        assert (patient.response.status, patient.elapsed) == (200, 30)


# -- exceptions of a test --------------------------------------------------------------------------------------


class Own(OSError):
    """An exception of the code under test."""


def made_by(ask: Callable[[], object]) -> BaseException | None:
    try:
        ask()
    except Exception as error:
        return error
    return None


AS_THEY_ARE: list[Exception] = [
    requests.Timeout("given"),
    requests.ConnectTimeout("given"),
    requests.exceptions.ChunkedEncodingError("given"),
    requests.TooManyRedirects("given"),
    httpx.ConnectTimeout("given"),
    httpx.PoolTimeout("given"),
    Own("given"),
    KeyError("given"),
    B.EndpointConnectionError(endpoint_url=BASE),
]
FEW = ("Own", "KeyError", "EndpointConnectionError")  # a client of boto3 takes its time
ASKERS: dict[str, Callable[[], object]] = {
    **CLIENTS,
    "botocore": s3,
}
WRAPPERS = ("urllib3", "httplib2", "urllib.request")  # which have no exceptions of their own in the list


@pytest.mark.usefixtures("lane")
@pytest.mark.peer("Raise exception")
@pytest.mark.parametrize(
    ("name", "error"),
    [
        pytest.param(name, error, id=f"{name}: {type(error).__name__}")
        for name in ASKERS
        for error in AS_THEY_ARE
        if name not in WRAPPERS and (name != "botocore" or type(error).__name__ in FEW)
    ],
)
def test_an_exception_is_raised_as_it_is(name: str, error: Exception) -> None:
    declared: list[Callable[[lookalike.Route], object]] = [
        lambda route: route.fail(error),
        lambda route: route.respond_with(lambda: _raise(error)),
    ]
    for declare in declared:
        with API.mock() as mock:
            declare(mock.route("*", f"{BASE}/x").optional())
            declare(mock.route("*", f"{BASE}/b/k").optional())
            assert made_by(ASKERS[name]) is error
            assert len(mock.calls) == 1
            mock.failures.clear()


def _raise(error: Exception) -> None:
    raise error


OF_A_SOCKET: list[tuple[OSError, dict[str, type[BaseException]]]] = [
    (ConnectionResetError(104, "given"), {"requests": requests.ConnectionError, "httpx": httpx.ReadError}),
    (TimeoutError("given"), {"requests": requests.ReadTimeout, "httpx": httpx.ReadTimeout}),
    (ConnectionRefusedError(111, "given"), {"requests": requests.ConnectionError, "httpx": httpx.ConnectError}),
    (socket.gaierror(-2, "given"), {"requests": requests.ConnectionError, "httpx": httpx.ConnectError}),
]


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize(("error", "made"), OF_A_SOCKET, ids=lambda value: type(value).__name__)
def test_of_what_a_socket_raises_a_client_makes_its_own(error: OSError, made: dict[str, Any]) -> None:
    asked = {"requests": ["requests"], "httpx": ["httpx", "httpx, asyncio", "httpx, trio"]}
    for library, names in asked.items():
        for name in names:
            with API.mock() as mock:
                mock.get("/x").fail(error)
                assert type(made_by(CLIENTS[name])) is made[library]


def test_urllib_meets_it_while_it_reads() -> None:
    with API.mock() as mock:
        mock.get("/x").fail(ConnectionResetError(104, "given"))
        assert type(made_by(with_urllib)) is ConnectionResetError
        mock.get("/x").fail(urllib.error.URLError("given"))
        assert str(made_by(with_urllib)) == "<urlopen error given>"


@pytest.mark.peer("Retry loop of the client runs")
def test_retries_are_the_client_s_own() -> None:
    with API.mock() as mock:
        mock.get("/x").fail(ConnectionResetError(104, "given")).times(2).then.respond(text="third")
        with urllib3.PoolManager(retries=urllib3.Retry(3, backoff_factor=0)) as pool:
            assert pool.request("GET", URL).data == b"third"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
@pytest.mark.parametrize("run", [None, lambda main: asyncio.run(main()), trio.run], ids=["sync", "asyncio", "trio"])
def test_a_pool_that_retries_connects_again(library: Any, run: Any) -> None:
    def once() -> str:
        with library.Client(transport=library.HTTPTransport(retries=2)) as client:
            return str(client.get(URL).text)

    async def main() -> str:
        async with library.AsyncClient(transport=library.AsyncHTTPTransport(retries=2)) as client:
            return str((await client.get(URL)).text)

    with API.mock() as mock:
        mock.get("/x").fail("refused").then.respond(text="second")
        assert (once() if run is None else run(main)) == "second"
        route = mock.get("/x").fail("connect-timeout").times(3)
        with pytest.raises(library.ConnectTimeout):
            once() if run is None else run(main)
        assert route.call_count == 3


def test_nothing_of_it_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    send = requests.adapters.HTTPAdapter.send
    with API.mock():
        assert requests.adapters.HTTPAdapter.send is not send
    assert requests.adapters.HTTPAdapter.send is send


@pytest.fixture(autouse=True)
def _no_delay_is_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    def slept(seconds: float) -> None:
        assert seconds < 1, f"{seconds} seconds are slept"

    monkeypatch.setattr("time.sleep", slept)
