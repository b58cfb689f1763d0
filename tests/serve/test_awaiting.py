"""What a double awaits, and what it streams as it comes: nobody else waits for it."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from lookalike.double.mock import MockDouble
from lookalike.messages import Answer, Fault, Request, Response
from lookalike.serve import Server
from lookalike.serve.everything import Everything

Serve = Callable[..., str]
Connect = Callable[[str], Any]


@pytest.fixture
def awaiting(double: Any) -> Any:
    """A double whose answers may be coroutine functions."""

    class Awaiting(type(double)):  # type: ignore[misc]  # a class known at run time
        awaits = True

        def __init__(self) -> None:
            super().__init__()
            self.slow: dict[str, Callable[[Request], Any]] = {}

        async def handle_async(self, request: Request) -> Answer:
            slow = self.slow.get(request.path)
            if slow is not None:
                answer: Answer = await slow(request)
                return answer
            return self.handle(request)  # type: ignore[no-any-return]  # the class is known at run time

    made = Awaiting()
    made.answers["/quick"] = Response(200, content=b"quick", reusable=True)
    return made


class Gate:
    """Lets a coroutine in the server's loop go on from the test's thread."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.thread = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: asyncio.Event | None = None

    async def wait(self) -> None:
        self._loop, self._open = asyncio.get_running_loop(), asyncio.Event()
        self.thread = threading.current_thread().name
        self.reached.set()
        async with asyncio.timeout(10):
            await self._open.wait()

    def open(self) -> None:
        assert self._loop is not None
        assert self._open is not None
        self._loop.call_soon_threadsafe(self._open.set)


def test_what_is_awaited_runs_in_the_servers_loop_and_blocks_nobody(
    awaiting: Any, serve: Serve, connect: Connect
) -> None:
    gate = Gate()

    async def slow(request: Request) -> Answer:
        await gate.wait()
        return Response(200, content=b"slow")

    awaiting.slow["/slow"] = slow
    url = serve(double=awaiting)
    waiting, other = connect(url).get("/slow").get("/quick"), connect(url)
    assert gate.reached.wait(5)
    assert gate.thread.startswith("lookalike-serve-")
    for _ in range(3):
        assert other.get("/quick").response()[2] == b"quick"
    gate.open()
    assert [waiting.response()[2] for _ in range(2)] == [b"slow", b"quick"]


def test_a_reusable_answer_is_kept_also_where_it_was_awaited(awaiting: Any, serve: Serve, connect: Connect) -> None:
    wire = connect(serve(double=awaiting))
    for _ in range(3):
        assert wire.get("/quick").response()[2] == b"quick"
    assert awaiting.asked == 1
    assert len(awaiting.calls) == 3


def test_what_an_awaited_function_raises_becomes_a_text(awaiting: Any, serve: Serve, connect: Connect) -> None:
    async def fails(request: Request) -> Answer:
        await asyncio.sleep(0)
        raise ZeroDivisionError("by zero")

    async def nothing(request: Request) -> Any:
        return None

    awaiting.slow.update({"/fails": fails, "/nothing": nothing})
    wire = connect(serve(double=awaiting))
    assert wire.get("/fails").response()[::2] == (500, b"The double raised ZeroDivisionError: by zero\n")
    assert wire.get("/nothing").response()[::2] == (500, b"The double answered with NoneType, which is no answer.\n")


def test_awaited_faults_delays_and_streams(awaiting: Any, serve: Serve, connect: Connect) -> None:
    async def fault(request: Request) -> Answer:
        return Fault("closed")

    async def delayed(request: Request) -> Answer:
        return Response(200, content=b"late", delay=0.01)

    awaiting.slow.update({"/fault": fault, "/delayed": delayed})
    url = serve(double=awaiting)
    assert connect(url).get("/delayed").response()[2] == b"late"
    assert connect(url).get("/fault").rest() == b""


def test_a_client_that_breaks_off_ends_what_is_awaited(awaiting: Any, serve: Serve, connect: Connect) -> None:
    gate, cancelled = Gate(), threading.Event()

    async def slow(request: Request) -> Answer:
        try:
            await gate.wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return Response(204)

    awaiting.slow["/slow"] = slow
    wire = connect(serve(double=awaiting)).get("/slow")
    assert gate.reached.wait(5)
    # One that just closes may have closed its own side alone, and still wait for its answer.
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()
    assert cancelled.wait(5)


def test_a_stop_waits_for_what_is_awaited(awaiting: Any, connect: Connect) -> None:
    gate = Gate()

    async def slow(request: Request) -> Answer:
        await gate.wait()
        return Response(200, content=b"slow")

    awaiting.slow["/slow"] = slow
    server = Server(awaiting)
    wire = connect(server.start()).get("/slow")
    assert gate.reached.wait(5)
    threading.Timer(0.05, gate.open).start()
    server.stop()
    assert wire.response()[2] == b"slow"


# -- streams -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secure", [False, True])
def test_an_async_stream_keeps_its_chunks_and_blocks_nobody(secure: bool, connect: Connect) -> None:
    import ssl

    gate, closed = Gate(), threading.Event()

    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield b"first"
            yield b""
            await gate.wait()
            yield b"second"
        finally:
            closed.set()

    mock = MockDouble("api", "https://api.example.com")
    mock.get("/stream").respond(stream=pieces)
    mock.get("/quick").respond(text="quick")
    server = Everything(mock)
    with server as url:
        wire = connect(url)
        if secure:
            context = ssl.create_default_context(cafile=str(server.bundle))
            wire.socket = context.wrap_socket(wire.socket, server_hostname="api.example.com")
        assert "Transfer-Encoding: chunked" in wire.get("/stream").head()
        assert wire.read(10) == b"5\r\nfirst\r\n"
        assert gate.reached.wait(5)
        assert connect(url).get("/quick").response()[2] == b"quick"
        gate.open()
        assert wire.read(16) == b"6\r\nsecond\r\n0\r\n\r\n"
    assert closed.is_set()


def test_a_client_that_leaves_ends_an_async_stream(double: Any, serve: Serve, connect: Connect) -> None:
    closed, begun = threading.Event(), threading.Event()

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"tick"
                begun.set()
                await asyncio.sleep(0.001)
        finally:
            closed.set()

    double.answers["/stream"] = Response(200, chunks=pieces)
    wire = connect(serve()).get("/stream")
    assert begun.wait(5)
    wire.close()
    gc.collect()
    assert closed.wait(5)


def test_an_async_stream_that_breaks_off_is_seen(
    double: Any, serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        raise ZeroDivisionError

    double.answers["/stream"] = Response(200, chunks=pieces)
    assert connect(serve()).get("/stream").rest().endswith(b"5\r\nfirst\r\n")
    assert "broke off" in caplog.text


def test_a_fault_in_the_middle_of_an_async_stream(double: Any, serve: Serve, connect: Connect) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"he"
        yield b"llo"

    double.answers["/cut"] = Fault("closed-mid-body", Response(200, chunks=pieces))
    assert connect(serve()).get("/cut").rest().endswith(b"\r\n\r\nhello")
