"""Where the pieces of a stream come from: each source, sync and async, again for each request, closed when left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest
import trio

from lookalike.double.mock import MockDouble
from lookalike.errors import UsageError
from lookalike.messages import Request, Response
from lookalike.waiting import pieces, pieces_async

BASE = "https://api.test"
GET = Request("GET", BASE + "/x")


def function() -> list[str]:
    return ["one", "two"]


def generator() -> Iterator[str]:
    yield from ("one", "two")


async def async_generator() -> AsyncIterator[str]:
    for piece in ("one", "two"):
        yield piece


class Iterable:
    def __iter__(self) -> Iterator[str]:
        return generator()


class AsyncIterable:
    def __aiter__(self) -> AsyncIterator[str]:
        return async_generator()


SOURCES: dict[str, Callable[[], Any]] = {
    "list": function,
    "tuple": lambda: ("one", "two"),
    "iterator": lambda: iter(["one", "two"]),
    "function": lambda: function,
    "generator": generator,
    "generator function": lambda: generator,
    "iterable": Iterable,
    "async generator": async_generator,
    "async generator function": lambda: async_generator,
    "async iterable": AsyncIterable,
    "function that returns an async generator": lambda: lambda: async_generator(),
}


def chunks_of(double: MockDouble) -> Any:
    answer = double.handle(GET)
    assert isinstance(answer, Response)
    assert answer.chunks is not None
    return answer.chunks()


def declared(stream: Any, **reply: Any) -> MockDouble:
    double = MockDouble("api", BASE)
    double.get("/x").respond(stream=stream, **reply)
    return double


async def gathered(stream: Any) -> list[bytes]:
    return [piece async for piece in pieces_async(stream)]


@pytest.mark.peer("Iterator / streamed body")
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_each_source_gives_its_pieces_to_each_request(source: Callable[[], Any]) -> None:
    double = declared(source())
    assert list(pieces(chunks_of(double))) == [b"one", b"two"]
    assert asyncio.run(gathered(chunks_of(double))) == [b"one", b"two"]
    assert trio.run(gathered, chunks_of(double)) == [b"one", b"two"]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_events_come_from_each_source_too(source: Callable[[], Any]) -> None:
    double = MockDouble("api", BASE)
    double.get("/x").respond(sse=source())
    assert list(pieces(chunks_of(double))) == [b"data: one\n\n", b"data: two\n\n"]


def endless(happened: list[str]) -> Iterator[str]:
    try:
        for number in range(1000):
            happened.append(str(number))
            yield str(number)
    finally:
        happened.append("closed")


async def endless_async(happened: list[str]) -> AsyncIterator[str]:
    try:
        for number in range(1000):
            happened.append(str(number))
            yield str(number)
    finally:
        happened.append("closed")


LEFT: dict[str, Callable[[list[str]], Any]] = {
    "generator": endless,
    "generator function": lambda happened: lambda: endless(happened),
    "async generator": endless_async,
    "async generator function": lambda happened: lambda: endless_async(happened),
}


@pytest.mark.parametrize("encoding", [None, "gzip"])
@pytest.mark.parametrize("source", LEFT.values(), ids=LEFT)
def test_a_stream_that_is_left_is_closed(source: Callable[[list[str]], Any], encoding: str | None) -> None:
    happened: list[str] = []
    stream = pieces(chunks_of(declared(source(happened), encoding=encoding)))
    assert happened == []
    next(stream)
    assert happened == ["0"]
    stream.close()  # type: ignore[attr-defined]  # a generator's
    assert happened == ["0", "closed"]


@pytest.mark.parametrize("source", LEFT.values(), ids=LEFT)
@pytest.mark.parametrize("run", [asyncio.run, lambda made: trio.run(lambda: made)], ids=["asyncio", "trio"])
def test_a_stream_that_is_left_is_closed_in_the_loop(source: Callable[[list[str]], Any], run: Any) -> None:
    happened: list[str] = []

    async def main() -> None:
        async with aclosing(pieces_async(chunks_of(declared(source(happened))))) as stream:  # type: ignore[type-var]  # a generator in all but its type
            await anext(stream)
            assert happened == ["0"]
        assert happened == ["0", "closed"]

    run(main())


def test_an_iterator_is_closed_when_its_last_reader_leaves() -> None:
    happened: list[str] = []
    double = declared(endless(happened))
    one, two = (pieces(chunks_of(double)) for _ in range(2))
    assert (next(one), next(two), next(two)) == (b"0", b"0", b"1")
    two.close()  # type: ignore[attr-defined]  # a generator's
    assert happened == ["0", "1"]
    assert [next(one), next(one)] == [b"1", b"2"]
    one.close()  # type: ignore[attr-defined]  # a generator's
    assert happened == ["0", "1", "2", "closed"]


@pytest.mark.parametrize("source", [endless, endless_async])
def test_who_reads_on_in_a_closed_iterator_is_told(source: Callable[[list[str]], Any]) -> None:
    double = declared(source([]))
    stream = pieces(chunks_of(double))
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator's
    again = pieces(chunks_of(double))
    assert next(again) == b"0", "what was seen is there"
    with pytest.raises(UsageError, match=r"closed when a client hung up .* stream=chunks") as caught:
        next(again)
    assert double.failures == [caught.value]


@pytest.mark.parametrize("as_function", [True, False], ids=["function", "iterator"])
@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
@pytest.mark.parametrize(("error", "fails"), [(KeyError("slip"), True), (ConnectionResetError("played"), False)])
def test_what_a_stream_raises_is_a_slip_or_a_failure(
    error: Exception, fails: bool, is_async: bool, as_function: bool
) -> None:
    def broken() -> Iterator[str]:
        yield "one"
        raise error

    async def broken_async() -> AsyncIterator[str]:
        yield "one"
        raise error

    source: Any = broken_async if is_async else broken
    double = declared(source if as_function else source())
    for _ in range(2):
        stream = pieces(chunks_of(double))
        assert next(stream) == b"one"
        with pytest.raises(type(error)) as caught:
            next(stream)
        assert caught.value is error
    assert double.failures == ([error] if fails else [])


def test_a_function_that_fails_at_once() -> None:
    def broken() -> Any:
        raise KeyError("slip")

    double = declared(broken)
    with pytest.raises(KeyError):
        chunks_of(double)
    assert [type(failure) for failure in double.failures] == [KeyError]


async def not_a_stream() -> list[str]:
    return ["one"]


@pytest.mark.parametrize("stream", [not_a_stream, lambda: "text", lambda: None, lambda: {"a": 1}])
def test_a_function_that_gives_no_stream_is_told(stream: Any) -> None:
    double = declared(stream)
    with pytest.raises(UsageError, match="let it yield, or return a list") as caught:
        list(pieces(chunks_of(double)))
    assert double.failures == [caught.value]


def test_a_piece_that_is_none_is_told_when_it_comes() -> None:
    double = declared(iter([b"a", 7]))
    stream = pieces(chunks_of(double))
    next(stream)
    with pytest.raises(UsageError, match="bytes or a str, or a timedelta"):
        next(stream)


def test_two_that_read_an_async_iterator_at_once_are_told() -> None:
    async def main() -> None:
        wake = asyncio.Event()

        async def slow() -> AsyncIterator[str]:
            await wake.wait()
            yield "one"

        double = declared(slow())
        first = asyncio.ensure_future(gathered(chunks_of(double)))
        await asyncio.sleep(0)
        with pytest.raises(UsageError, match="two requests read it at once"):
            await gathered(chunks_of(double))
        wake.set()
        assert await first == [b"one"]
        assert await gathered(chunks_of(double)) == [b"one"]

    asyncio.run(main())
