"""TLS over memory: however its bytes are cut and whenever reading pauses, what was said arrives, in order, once."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.serve.authority import Authority
from lookalike.serve.secured import Secured

AUTHORITY = Authority()


class Outer(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.log: list[str] = []
        self.protocol: Any = None
        self.closing = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.written += bytes(data)

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True
        self.log.append("close")

    def abort(self) -> None:
        self.closing = True
        self.log.append("abort")

    def write_eof(self) -> None:
        self.log.append("eof")

    def pause_reading(self) -> None:
        self.log.append("pause")

    def resume_reading(self) -> None:
        self.log.append("resume")

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return name


class Echo(asyncio.Protocol):
    """Says back what it hears; `stays` keeps the connection when the client has said all."""

    def __init__(self) -> None:
        self.transport: Secured | None = None
        self.name = ""
        self.heard = b""
        self.log: list[str] = []
        self.stays = False
        self.pauses = 0

    def secured(self, transport: Secured, name: str) -> None:
        self.transport, self.name = transport, name

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.heard += data
        self.transport.write(data)
        if self.pauses:
            self.pauses -= 1
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        self.log.append("eof")
        return self.stays

    def connection_lost(self, exc: Exception | None) -> None:
        self.log.append("lost")

    def pause_writing(self) -> None:
        self.log.append("full")

    def resume_writing(self) -> None:
        self.log.append("room")


class Client:
    """The other side, over memory too."""

    def __init__(self, failed: list[ssl.SSLError] | None = None, context: ssl.SSLContext | None = None) -> None:
        if context is None:
            context = ssl.create_default_context(cadata=AUTHORITY.pem.decode())
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="api.example.com")
        self.outer, self.echo = Outer(), Echo()
        failures = failed if failed is not None else []
        self.secured = Secured(self.outer, self.echo, AUTHORITY, ("localhost",), failures.append)
        self.heard = b""

    def exchange(self, cuts: Iterator[int]) -> None:
        """Carry bytes to and fro in pieces until nothing moves."""
        while data := self.outgoing.read():
            while data:
                size = next(cuts, len(data))
                piece, data = data[:size], data[size:]
                self.outer.protocol.data_received(piece)
                self.take()

    def take(self) -> None:
        written, self.outer.written = self.outer.written, b""
        self.incoming.write(written)
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            self.tls.do_handshake()
            while data := self.tls.read(65536):
                self.heard += data

    def begin(self, cuts: Iterator[int] | None = None) -> None:
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        self.exchange(cuts or iter(()))


@settings(max_examples=60, deadline=None)
@given(
    messages=st.lists(st.binary(min_size=1, max_size=40_000), min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 3000), max_size=80),
    pauses=st.integers(0, 3),
)
def test_however_it_is_cut_what_was_said_arrives(messages: list[bytes], cuts: list[int], pauses: int) -> None:
    async def talk() -> None:
        client, pieces = Client(), iter(cuts)
        client.begin(pieces)
        assert client.echo.name == "api.example.com"
        client.echo.pauses = pauses
        for message in messages:
            client.tls.write(message)
            client.exchange(pieces)
        while client.outer.log.count("resume") < client.outer.log.count("pause"):
            client.secured.resume_reading()
            await asyncio.sleep(0)
            client.take()
        assert client.echo.heard == client.heard == b"".join(messages)

    asyncio.run(talk())


def test_who_has_said_all_may_still_be_answered() -> None:
    client = Client()
    client.begin()
    client.echo.stays = True
    with contextlib.suppress(ssl.SSLWantReadError):
        client.tls.unwrap()
    client.exchange(iter(()))
    assert client.echo.log == ["eof"]
    assert client.outer.log == []
    client.secured.write(b"after all")
    client.secured.close()
    client.secured.write(b"too late")
    assert client.outer.log == ["close"]


@pytest.mark.parametrize("shaken", [False, True])
def test_the_end_of_the_socket_is_the_end(shaken: bool) -> None:
    client = Client()
    if shaken:
        client.begin()
    assert client.secured.eof_received() is False
    assert client.echo.log == (["eof"] if shaken else [])
    client.secured.connection_lost(None)
    assert client.echo.log[-1] == "lost"
    assert client.secured.is_closing()
    client.secured.data_received(b"nobody listens")


def test_what_the_inner_protocol_is_told_and_asks_for() -> None:
    client = Client()
    client.begin()
    client.secured.pause_writing()
    client.secured.resume_writing()
    assert client.echo.log == ["full", "room"]
    assert client.secured.get_extra_info("socket") == "socket"
    assert client.secured.can_write_eof()
    client.secured.write_eof()
    client.secured.write_eof()
    assert client.outer.log == ["eof", "eof"]
    client.secured.abort()
    assert client.outer.log[-1] == "abort"


def test_nothing_is_read_again_where_the_end_came_while_reading_paused() -> None:
    async def talk() -> None:
        client = Client()
        client.begin()
        client.secured.pause_reading()
        client.secured.pause_reading()
        client.secured.abort()
        client.secured.resume_reading()
        client.secured.resume_reading()
        await asyncio.sleep(0)
        assert client.outer.log == ["pause", "abort"]

    asyncio.run(talk())


def test_a_failure_is_told_and_ends_it() -> None:
    failed: list[ssl.SSLError] = []
    client = Client(failed)
    client.outer.protocol.data_received(b"this is no TLS at all")
    assert len(failed) == 1
    assert client.outer.log == ["close"]


def test_a_spoilt_connection_fails_as_tls() -> None:
    client = Client()
    client.begin()
    client.secured.spoil()
    with pytest.raises(ssl.SSLError):
        client.take()
    assert client.outer.log == ["close"]
