"""What aiohttp raises for each fault and each timeout: what it raises when a real socket fails so."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import aiohttp.abc
import pytest
import uvloop
from aiohttp.client_exceptions import UnixClientConnectorError

import lookalike
from lookalike.messages import Fault, FaultKind, Request, Response

URL = "https://api.example.com"
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
QUICK = aiohttp.ClientTimeout(total=20, connect=0.05, sock_read=0.05)
PATIENT = aiohttp.ClientTimeout(total=20)
CONTENT = b"\0" * 10
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# kind -> the bytes that a real server sends before it ends the connection; None where it sends nothing and waits
SENT: dict[FaultKind, bytes | None] = {
    "read-timeout": None,
    "closed": b"",
    "reset": b"",
    "closed-mid-body": HEAD + b"Content-Length: 20\r\n\r\n" + CONTENT,
}


class Resolver(aiohttp.abc.AbstractResolver):
    """Resolves no name: it fails, or takes longer than anybody waits."""

    def __init__(self, fails: bool) -> None:
        self._fails = fails

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Any:
        if not self._fails:
            await asyncio.sleep(60)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def close(self) -> None:
        pass


@asynccontextmanager
async def failing(kind: FaultKind) -> AsyncIterator[tuple[str, aiohttp.ClientSession, list[int]]]:
    """A URL whose server really fails so, a session for it, and how many requests have reached it."""
    asked: list[int] = []
    context = None
    if kind == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(Path(__file__).parent / "tls" / "server.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"POST" in head:
                await reader.readexactly(2)
            asked.append(1)
            sent = SENT[kind]
            if sent is None:
                await asyncio.sleep(2)
            elif sent:
                writer.write(sent)
                await writer.drain()
            elif kind == "reset":
                reset(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    if kind == "refused":
        server.close()
        await server.wait_closed()
    resolver = Resolver(kind == "dns") if kind in ("dns", "connect-timeout") else None
    name = "api.invalid" if resolver is not None else "127.0.0.1"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver)) as session:
        yield f"{'https' if kind == 'tls' else 'http'}://{name}:{port}/", session, asked
    server.close()


async def ask(session: aiohttp.ClientSession, url: str, **options: Any) -> bytes:
    async with session.request(url=url, **options) as answer:
        return await answer.read()


def words(error: BaseException) -> str:
    """What an error says, without what differs from run to run."""
    return re.sub(r"127\.0\.0\.1|\d{4,5}|0x[0-9a-f]+|\(_ssl\.c.*?\)", "", str(error))


NAMES: dict[FaultKind, tuple[str, ...]] = {
    "dns": ("ClientConnectorDNSError", "ClientConnectorError"),
    "refused": ("ClientConnectorError",),
    "connect-timeout": ("ConnectionTimeoutError", "ServerTimeoutError"),
    "read-timeout": ("SocketTimeoutError", "ServerTimeoutError"),
    "tls": ("ClientConnectorCertificateError",),
    "reset": ("ClientOSError",),
    "closed": ("ServerDisconnectedError",),
    "closed-mid-body": ("ClientPayloadError",),
    "bad-chunk": ("ClientPayloadError",),
}


# aiohttp's parser in C leaves the reader of a real malformed chunk waiting for its timeout: nothing to compare with.
@pytest.mark.parametrize("kind", [kind for kind in NAMES if kind != "bad-chunk"])
@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_faults_are_what_real_failures_are(doubled: Any, kind: FaultKind, loop: Any, method: str) -> None:
    if kind == "tls" and not hasattr(aiohttp, "SocketTimeoutError"):
        pytest.skip("aiohttp 3.9 leaves the real socket of a refused certificate open")
    # On a busy machine what isn't about time may take its own.
    timeout = QUICK if kind.endswith("timeout") else PATIENT
    options: dict[str, Any] = {"method": method, "data": b"ab" if method == "POST" else None, "timeout": timeout}

    async def real_and_doubled() -> None:
        async with failing(kind) as (url, session, asked):
            with pytest.raises((aiohttp.ClientError, OSError)) as real:
                await ask(session, url, **options)
            with doubled(Fault(kind), url) as double, pytest.raises(type(real.value)) as fake:
                await ask(session, url, **options)
            with doubled(Response(200, (), b"fine"), url):
                assert await ask(session, url, **options) == b"fine"
        assert type(fake.value) is type(real.value)
        # uvloop has other words for a refusal, and a certificate can be bad in several ways.
        if kind != "tls" and (kind != "refused" or loop is asyncio.new_event_loop):
            assert words(fake.value) == words(real.value)
        assert type(fake.value.__cause__) is type(real.value.__cause__)
        assert not asked or len(double.calls) == len(asked)
        expected = next(found for name in NAMES[kind] if (found := getattr(aiohttp, name, None)))
        assert type(fake.value) is expected

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(real_and_doubled())


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_a_malformed_chunk_is_said_at_once(doubled: Any, loop: Any) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        run(doubled, Fault("bad-chunk"), loop=loop)


def run(doubled: Any, answer: Any, *, loop: Any = asyncio.new_event_loop, **options: Any) -> Any:
    async def main() -> bytes:
        async with asyncio.timeout(5), aiohttp.ClientSession() as session:
            return await ask(session, URL, **{"method": "GET", **options})

    with doubled(answer), asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main())


@pytest.mark.parametrize("kind", ["closed-mid-body", "bad-chunk"])
@pytest.mark.parametrize("streamed", [True, False])
def test_what_arrives_before_the_end_can_be_read(doubled: Any, kind: FaultKind, streamed: bool) -> None:
    answer = Response(200, (), chunks=lambda: [b"one", b"two"]) if streamed else Response(200, (), b"onetwo")

    async def main() -> bytes:
        got = b""
        async with asyncio.timeout(5), aiohttp.ClientSession() as session, session.get(URL) as response:
            assert response.status == 200
            try:
                async for piece in response.content.iter_any():
                    got += piece
            except aiohttp.ClientPayloadError:
                return got
        raise AssertionError("the body ended well")

    with doubled(Fault(kind, answer)):
        assert asyncio.run(main()) == b"onetwo"


@pytest.mark.skipif(not hasattr(aiohttp, "SocketTimeoutError"), reason="aiohttp 3.9 sends nothing again")
def test_idempotent_requests_are_sent_again_as_really(doubled: Any) -> None:
    for kind in ("reset", "closed"):
        assert run(doubled, [Fault(kind), Response(200, (), b"second")]) == b"second"
        with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
            run(doubled, [Fault(kind), Response()], method="POST", data=b"x")


def test_unix_connectors_say_so(doubled: Any) -> None:
    async def main() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector("/no/such/socket")) as session:
            await session.get("http://docker/")

    with (
        doubled(Fault("refused"), "http://docker"),
        pytest.raises(UnixClientConnectorError) as caught,
    ):
        asyncio.run(main())
    assert caught.value.path == "/no/such/socket"


SOCK = aiohttp.ClientTimeout(total=90, sock_read=1)
TOTAL = aiohttp.ClientTimeout(total=1, sock_read=90)
ONLY_TOTAL = aiohttp.ClientTimeout(total=1)
SERVER_TIMEOUT = getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError)


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize(
    ("timeout", "error"), [(SOCK, SERVER_TIMEOUT), (TOTAL, TimeoutError), (ONLY_TOTAL, TimeoutError)]
)
@pytest.mark.parametrize("answer", [Response(200, delay=60), Response(200, (), chunks=lambda: [b"x"], delay=60)])
def test_a_delay_beyond_the_timeout_is_a_timeout_at_once(
    doubled: Any, loop: Any, timeout: aiohttp.ClientTimeout, error: type[Exception], answer: Response
) -> None:
    with pytest.raises(error) as caught:
        run(doubled, answer, loop=loop, timeout=timeout)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("timeout", "error"),
    [
        (SOCK, SERVER_TIMEOUT),
        (TOTAL, TimeoutError),
        (ONLY_TOTAL, TimeoutError),
        (aiohttp.ClientTimeout(), SERVER_TIMEOUT),
    ],
)
@pytest.mark.parametrize("late", ["delay", "fail"])
def test_a_mock_s_late_answer_ends_the_client_s_shorter_limit(timeout: Any, error: type[Exception], late: str) -> None:
    """`total` is no error of aiohttp's, so `except aiohttp.ClientError` doesn't catch it."""
    if late == "delay" and timeout == aiohttp.ClientTimeout():
        pytest.skip("a client without a limit waits as long as it takes")
    with lookalike.Api(base_url=URL).mock() as mock:
        route = mock.get("/")
        if late == "delay":
            route.respond(text="x", delay=60)
        else:
            route.fail("read-timeout")

        async def main() -> bytes:
            async with aiohttp.ClientSession(timeout=timeout) as session:
                return await ask(session, URL, method="GET")

        with pytest.raises(error) as caught:
            asyncio.run(main())
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "timeout", [aiohttp.ClientTimeout(total=90), aiohttp.ClientTimeout(total=0), aiohttp.ClientTimeout(connect=1)]
)
def test_a_delay_within_the_timeout_takes_no_time(doubled: Any, timeout: aiohttp.ClientTimeout) -> None:
    assert run(doubled, Response(200, (), b"x", delay=60), timeout=timeout) == b"x"


def test_a_double_that_really_takes_long_meets_the_client_s_timeouts(doubled: Any, scripted: Any) -> None:
    cancelled: list[str] = []

    async def slow(self: Any, request: Request) -> Response:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(request.path)
            raise
        return Response()

    kind = type("Slow", (scripted,), {"handle_async": slow})
    from lookalike.intercept import install

    async def main() -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(SERVER_TIMEOUT):
                await session.get(f"{URL}/a", timeout=aiohttp.ClientTimeout(sock_read=0.1))
            with pytest.raises(TimeoutError):
                await session.post(f"{URL}/b", data=b"x", timeout=aiohttp.ClientTimeout(total=0.1))
            with pytest.raises(TimeoutError):
                await session.get(f"{URL}/c", timeout=aiohttp.ClientTimeout(total=0.1, sock_read=5))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await session.get(f"{URL}/d")

    undo = install(kind(None, URL))
    try:
        asyncio.run(main())
    finally:
        undo()
    assert cancelled == ["/a", "/b", "/c", "/d"]


def test_a_real_answer_that_times_out_or_fails_does_so_beyond_the_double(doubled: Any) -> None:
    from lookalike.messages import PassThrough

    async def main(kind: FaultKind) -> None:
        async with failing(kind) as (url, session, _):
            name = next(found for name in NAMES[kind] if (found := getattr(aiohttp, name, None)))
            with doubled(PassThrough(), url), pytest.raises(name) as caught:
                await ask(session, url, method="POST", data=b"ab", timeout=QUICK)
            assert type(caught.value) is name

    kinds: list[FaultKind] = ["dns", "refused", "connect-timeout", "read-timeout", "reset", "closed", "closed-mid-body"]
    for kind in kinds:
        asyncio.run(main(kind))


def broken() -> Iterator[bytes]:
    yield b"one"
    raise KeyError("no more")


def test_a_stream_that_fails_meets_the_reader(doubled: Any) -> None:
    with pytest.raises(KeyError, match="no more"):
        run(doubled, Response(200, (), chunks=broken))
