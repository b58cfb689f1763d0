"""Streamed answers over aiohttp: chunk boundaries, pace, and who makes the chunks when."""

from __future__ import annotations

import asyncio
import contextvars
import gzip
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lookalike
from lookalike.messages import Fault, Response

URL = "https://api.example.com"
Reader = Callable[[aiohttp.ClientResponse], Awaitable[Any]]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def read(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`read(reader, **options)`: what a reader makes of one answer, on each event loop."""

    def run(reader: Reader, **options: Any) -> Any:
        async def main() -> Any:
            async with asyncio.timeout(10), aiohttp.ClientSession() as session, session.get(URL, **options) as answer:
                return await reader(answer)

        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(main())

    return run


def streamed(pieces: list[bytes], *, awaits: bool, **options: Any) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            await asyncio.sleep(0)
            yield piece

    return Response(200, (), chunks=chunks if awaits else lambda: pieces, **options)


async def by_chunks(answer: aiohttp.ClientResponse) -> list[bytes]:
    got, part = [], b""
    async for piece, end in answer.content.iter_chunks():
        part += piece
        if end and part:  # The end of the stream comes alone, as it does from a server that streams.
            got.append(part)
            part = b""
    return got


async def by_any(answer: aiohttp.ClientResponse) -> list[bytes]:
    return [piece async for piece in answer.content.iter_any()]


async def by_size(answer: aiohttp.ClientResponse) -> list[bytes]:
    return [piece async for piece in answer.content.iter_chunked(100)]


async def by_lines(answer: aiohttp.ClientResponse) -> list[bytes]:
    return [line async for line in answer.content]


async def exactly(answer: aiohttp.ClientResponse) -> list[bytes]:
    return [await answer.content.readexactly(4), await answer.content.read(2), await answer.content.read()]


async def slowly(answer: aiohttp.ClientResponse) -> list[bytes]:
    got = []
    while piece := await answer.content.readany():
        got.append(piece)
        await asyncio.sleep(0.005)
    return got


PIECES = [b"one\n", b"", b"two\nth", b"ree\n"]


@pytest.mark.parametrize("awaits", [True, False])
@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (by_chunks, [b"one\n", b"two\nth", b"ree\n"]),
        (by_any, [b"one\n", b"two\nth", b"ree\n"]),
        (slowly, [b"one\n", b"two\nth", b"ree\n"]),
        (by_size, [b"one\n", b"two\nth", b"ree\n"]),
        (by_lines, [b"one\n", b"two\n", b"three\n"]),
        (exactly, [b"one\n", b"tw", b"o\nthree\n"]),
    ],
)
def test_chunks_keep_their_boundaries(doubled: Any, read: Any, reader: Reader, expected: Any, awaits: bool) -> None:
    with doubled(streamed(PIECES, awaits=awaits)):
        assert read(reader) == expected


@pytest.mark.parametrize("awaits", [True, False])
def test_http_1_0_streams_end_with_the_connection(doubled: Any, read: Any, awaits: bool) -> None:
    with doubled(streamed(PIECES, awaits=awaits, http_version="1.0")):
        assert read(by_any) == [piece for piece in PIECES if piece]


def test_a_slow_reader_meets_no_timeout(doubled: Any, read: Any) -> None:
    """The client's timeout for reading runs while it waits for bytes, and none is ever late."""

    async def late(answer: aiohttp.ClientResponse) -> bytes:
        got = await answer.content.readany()
        await asyncio.sleep(0.1)
        return got + await answer.content.read()

    with doubled(streamed([b"a", b"b"], awaits=False)):
        assert read(late, timeout=aiohttp.ClientTimeout(sock_read=0.05)) == b"ab"


def test_a_stream_that_really_stops_meets_the_timeout(doubled: Any, read: Any) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(5)

    with doubled(Response(200, (), chunks=chunks)), pytest.raises(aiohttp.ServerTimeoutError):
        read(by_any, timeout=aiohttp.ClientTimeout(sock_read=0.02))


def test_compressed_streams_are_undone(doubled: Any, read: Any) -> None:
    squeezed = gzip.compress(b"hello " * 1000)
    answer = Response(200, [("Content-Encoding", "gzip")], chunks=lambda: [bytes([byte]) for byte in squeezed])
    with doubled(answer):
        assert b"".join(read(by_any)) == b"hello " * 1000


def test_chunks_are_made_when_asked_for_and_not_after_the_close(doubled: Any, read: Any) -> None:
    made: list[int] = []
    ended: list[str] = []

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for number in range(100):
                made.append(number)
                yield b"%d" % number
        finally:
            ended.append("async")

    def sync() -> Iterator[bytes]:
        try:
            for number in range(100):
                made.append(number)
                yield b"%d" % number
        finally:
            ended.append("sync")

    async def some(answer: aiohttp.ClientResponse) -> list[bytes]:
        assert made == []
        got = [await answer.content.readany(), await answer.content.readany()]
        assert made == [0, 1]
        return got

    for source in (chunks, sync):
        made.clear()
        with doubled(Response(200, (), chunks=source)):
            assert read(some) == [b"0", b"1"]
    assert ended == ["async", "sync"]
    assert len(made) <= 3


@pytest.mark.parametrize("reader", [by_any, by_chunks])
def test_a_stream_that_was_read_leaves_no_task_behind(doubled: Any, read: Any, reader: Reader) -> None:
    """A task that waits for ever is told of by asyncio when it is thrown away."""

    async def then(answer: aiohttp.ClientResponse) -> int:
        assert await reader(answer) == [b"ab", b"cd"]
        await asyncio.sleep(0)
        return len(asyncio.all_tasks())

    with doubled(streamed([b"ab", b"cd"], awaits=True)):
        assert read(then) == 1


STREAMED = streamed([b"ab", b"cd"], awaits=True)
PLAIN = Response(200, (), b"plain")


@pytest.mark.parametrize(
    "answers", [[STREAMED, PLAIN, STREAMED], [STREAMED, STREAMED, PLAIN], [STREAMED, Response(204), PLAIN, PLAIN]]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_is_used_again_after_a_stream(doubled: Any, answers: list[Response], method: str) -> None:
    reused = aiohttp.TraceConfig()
    times: list[object] = []

    async def count(*about: object) -> None:
        times.append(about)

    reused.on_connection_reuseconn.append(count)

    async def main() -> list[bytes]:
        async with asyncio.timeout(10), aiohttp.ClientSession(trace_configs=[reused]) as session:
            got = []
            for _ in answers:
                async with session.request(method, URL) as answer:
                    got.append(await answer.read())
            return got

    with doubled([*answers]):
        assert asyncio.run(main()) == [b"abcd" if answer is STREAMED else answer.content for answer in answers]
    assert len(times) == len(answers) - 1


def test_a_stream_that_ends_late_leaves_the_next_answer_alone(doubled: Any) -> None:
    """What a source still does once its last byte was read happens while the connection serves the next request."""
    ended = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"ab"
        finally:
            await asyncio.sleep(0.02)
            ended.set()

    async def second() -> AsyncIterator[bytes]:
        yield b"c"
        await ended.wait()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        yield b"d"

    async def main() -> list[bytes]:
        async with asyncio.timeout(10), aiohttp.ClientSession() as session:
            got = []
            for _ in range(2):
                async with session.get(URL) as answer:
                    got.append(await answer.read())
            return got

    length = [("Content-Length", "2")]
    with doubled([Response(200, length, chunks=chunks), Response(200, length, chunks=second)]):
        assert asyncio.run(main()) == [b"ab", b"cd"]
    assert ended.is_set()


@pytest.mark.parametrize("awaits", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_streams_that_wait_for_each_others_connection(doubled: Any, awaits: bool, seed: int) -> None:
    """The next request may begin on a connection before the reader of the last one has heard of its end."""
    chance = random.Random(seed)
    answer = streamed([b"ab", b"cd"], awaits=awaits)
    answers = [answer if chance.random() < 0.5 else Fault("reset") for _ in range(60)]

    async def main() -> list[bytes | BaseException]:
        connector = aiohttp.TCPConnector(limit=3)
        async with asyncio.timeout(5), aiohttp.ClientSession(connector=connector) as session:

            async def one() -> bytes:
                async with session.post(URL) as answer:
                    return await answer.read()

            return await asyncio.gather(*(one() for _ in answers), return_exceptions=True)

    with doubled([*answers]):
        got = asyncio.run(main())
    assert got.count(b"abcd") == answers.count(answer)
    assert {type(one) for one in got} == {bytes, aiohttp.ClientOSError}


def test_a_stream_that_nobody_reads_is_never_begun(doubled: Any, read: Any) -> None:
    made: list[str] = []

    def chunks() -> Iterator[bytes]:
        made.append("begun")
        yield b"x"

    async def none(answer: aiohttp.ClientResponse) -> int:
        return answer.status

    with doubled(Response(200, (), chunks=chunks)):
        assert read(none) == 200
    assert made == []


def test_endless_streams_let_others_run_and_can_be_left(doubled: Any, read: Any) -> None:
    def chunks() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    async def until(answer: aiohttp.ClientResponse) -> int:
        over = asyncio.get_running_loop().create_task(asyncio.sleep(0.01))
        size = 0
        async for piece in answer.content.iter_any():
            size += len(piece)
            if over.done():
                return size
        raise AssertionError("it ended")

    with doubled(Response(200, (), chunks=chunks)):
        assert read(until) > 0


def test_reply_functions_that_are_async_run_in_the_caller_s_loop_and_context(read: Any) -> None:
    who: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")
    seen: list[Any] = []

    async def reply(request: lookalike.Request) -> Any:
        await asyncio.sleep(0)
        seen.append((who.get(), asyncio.get_running_loop()))
        return {"path": request.path}

    async def main() -> Any:
        who.set("ann")
        async with aiohttp.ClientSession() as session, session.get(f"{URL}/x") as answer:
            seen.append(("ann", asyncio.get_running_loop()))
            return await answer.json()

    with lookalike.Api(base_url=URL).mock() as mock:
        mock.get("/x").respond_with(reply)
        assert asyncio.run(main()) == {"path": "/x"}
    assert seen[0] == seen[1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.binary(max_size=300), max_size=8),
    awaits=st.booleans(),
    version=st.sampled_from(["1.0", "1.1"]),
    size=st.integers(1, 400),
    bufsize=st.sampled_from([16, 1024, 65536]),
)
def test_whatever_is_sent_arrives(
    doubled: Any, pieces: list[bytes], awaits: bool, version: str, size: int, bufsize: int
) -> None:
    """Sent whole or in pieces, echoed from an upload in pieces, and read at any pace: the bytes are the same."""

    async def upload() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def main() -> None:
        async with asyncio.timeout(10), aiohttp.ClientSession(read_bufsize=bufsize) as session:
            async with session.post(URL, data=upload()) as answer:
                got = [piece async for piece in answer.content.iter_chunked(size)]
            assert b"".join(got) == b"".join(pieces)
            assert all(len(piece) <= size for piece in got)

    with doubled(streamed(pieces, awaits=awaits, http_version=version)) as double:
        asyncio.run(main())
    assert double.last.content == b"".join(pieces)
