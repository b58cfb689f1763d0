"""The transport in memory by itself: requests in any pieces, and ends of every kind."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.intercept.memory_transport import MemoryTransport


class Protocol:
    """Notes how its connection ends."""

    def __init__(self) -> None:
        self.lost: list[Any] = []

    def connection_lost(self, error: Any) -> None:
        self.lost.append(error)


def made(loop: asyncio.AbstractEventLoop) -> tuple[MemoryTransport, Protocol, list[str]]:
    protocol, resumed = Protocol(), list[str]()
    return MemoryTransport(protocol, loop, ("api.test", 80), lambda: resumed.append("!")), protocol, resumed


HEAD = b"POST /x HTTP/1.1\r\nHost: api.test\r\n"
LENGTH = HEAD + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"


@given(raw=st.sampled_from([LENGTH, CHUNKED]), cuts=st.lists(st.integers(1, len(CHUNKED) - 1), max_size=6))
def test_a_request_is_the_same_however_it_is_cut(raw: bytes, cuts: list[int]) -> None:
    loop = asyncio.new_event_loop()
    transport, _, _ = made(loop)
    edges = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    for _ in range(2):
        transport.begin()
        for start, end in pairwise(edges):
            assert not transport.complete
            transport.write(raw[start:end])
        assert transport.complete
        head, headers = transport.head()
        assert (head.method, head.target, headers["host"]) == ("POST", "/x", "api.test")
        assert (transport.content(), transport.received) == (b"hello", raw)
    loop.close()


def test_heads_that_came_before_are_kept_up_to_a_number() -> None:
    loop = asyncio.new_event_loop()
    transport, _, _ = made(loop)
    for number in [*range(200), 199]:
        transport.begin()
        transport.writelines([b"GET /%d HTTP/1.1\r\n" % number, b"Host: api.test\r\n\r\n"])
        assert transport.complete
        assert transport.head()[0].target == f"/{number}"
    assert len(transport._heads) <= 64
    loop.close()


def test_who_waits_is_woken_by_a_whole_request_or_the_wish_to_go_on() -> None:
    async def main() -> None:
        transport, _, _ = made(asyncio.get_running_loop())
        for raw, waits in ((LENGTH, False), (HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", True)):
            transport.begin()
            arrival = asyncio.ensure_future(transport.arrival())
            await asyncio.sleep(0)
            transport.write(raw[:20])
            await asyncio.sleep(0)
            assert not arrival.done()
            transport.write(raw[20:])
            await arrival
            assert transport.waits_for_continue is waits
        transport.go_on()
        assert not transport.waits_for_continue

    asyncio.run(main())


@pytest.mark.parametrize("how", ["close", "abort"])
def test_the_protocol_hears_of_the_end_once_and_later(how: str) -> None:
    async def main() -> None:
        transport, protocol, _ = made(asyncio.get_running_loop())
        getattr(transport, how)()
        transport.close()
        transport.write(LENGTH)
        assert (transport.is_closing(), transport.is_reading(), transport.received) == (True, False, b"")
        assert protocol.lost == []
        await asyncio.sleep(0)
        transport.lose(OSError())
        assert protocol.lost == [None]

    asyncio.run(main())


def test_a_loop_that_is_closed_tells_nobody() -> None:
    loop = asyncio.new_event_loop()
    transport, protocol, _ = made(loop)
    loop.close()
    transport.close()
    assert (transport.is_closing(), protocol.lost) == (True, [])


def test_reading_pauses_and_goes_on() -> None:
    loop = asyncio.new_event_loop()
    transport, _, resumed = made(loop)
    transport.resume_reading()
    transport.pause_reading()
    assert not transport.is_reading()
    transport.resume_reading()
    assert (transport.is_reading(), resumed) == (True, ["!"])
    other = Protocol()
    transport.set_protocol(other)
    assert transport.get_protocol() is other
    loop.close()
