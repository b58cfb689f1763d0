"""What holds for every stream of bytes."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.double.double import Double
from lookalike.messages import Answer, Exchange, Request, Response
from lookalike.serve.hub import Hub
from lookalike.serve.limits import Limits


class Echo(Double):
    """Answers with what it was asked; a GET is reusable."""

    def __init__(self) -> None:
        super().__init__("echo", "https://api.example.com")

    def handle(self, request: Request) -> Answer:
        text = f"{request.method} {request.url} {len(request.content)}"
        response = Response(200, content=text.encode(), reusable=request.method == "GET")
        self.journal.record(Exchange(request, response))
        return response


class Memory(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def answered(pieces: list[bytes]) -> tuple[bytes, list[str]]:
    """What a connection writes when these pieces arrive, and what its journal holds."""

    async def fed() -> tuple[bytes, list[str]]:
        double = Echo()
        connection = Hub(double, Limits(body=1000, head=1000, target=100), None).connection()
        transport = Memory()
        connection.connection_made(transport)
        for piece in pieces:
            if not transport.closed:
                connection.data_received(piece)
        connection.connection_lost(None)
        return transport.written, [f"{call.request.method} {call.request.target}" for call in double.calls]

    return asyncio.run(fed())


paths = st.sampled_from(["/a", "/b?x=1", "/c/d"])
gets = st.builds(lambda path: f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode(), paths)
puts = st.builds(
    lambda path, body: f"PUT {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body,
    paths,
    st.binary(max_size=20),
)
chunked = st.builds(
    lambda path, parts: (
        f"POST {path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        + b"0\r\n\r\n"
    ),
    paths,
    st.lists(st.binary(min_size=1, max_size=20), max_size=3),
)
streams = st.lists(st.one_of(gets, puts, chunked), min_size=1, max_size=6)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(ends)]


@given(streams, st.lists(st.integers(0, 10_000), max_size=12))
@settings(max_examples=150, deadline=None)
def test_however_a_stream_is_cut_its_answers_are_the_same(requests: list[bytes], places: list[int]) -> None:
    assert answered(cut(b"".join(requests), places)) == answered(requests)
    assert len(answered(requests)[1]) == len(requests)


@given(st.lists(st.one_of(gets, puts, chunked, st.binary(max_size=60)), max_size=5), st.data())
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_it(pieces: list[bytes], data: Any) -> None:
    stream = bytearray(b"".join(pieces))
    for _ in range(data.draw(st.integers(0, 3))):
        if stream:
            stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    written, _ = answered(cut(bytes(stream), data.draw(st.lists(st.integers(0, 1000), max_size=5))))
    assert written == b"" or written.startswith((b"HTTP/1.1 ", b"HTTP/1.0 "))
    assert b"Traceback" not in written
