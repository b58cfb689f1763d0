"""What is async, for callers that can't await."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from lookalike import waiting


async def _double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


def test_an_awaitable_is_waited_for() -> None:
    assert waiting.run(lambda: _double(3)) == 6


def test_a_running_loop_is_not_entered_again() -> None:
    async def main() -> int:
        return waiting.run(lambda: _double(4))

    assert asyncio.run(main()) == 8


def test_what_a_coroutine_raises_is_raised() -> None:
    async def fail() -> None:
        raise KeyError("here")

    with pytest.raises(KeyError, match="here"):
        waiting.run(fail)


def test_pieces_come_one_by_one_and_closing_closes_the_source() -> None:
    seen: list[str] = []

    async def source() -> AsyncIterator[bytes]:
        try:
            for piece in (b"a", b"b", b"c"):
                seen.append(piece.decode())
                yield piece
        finally:
            seen.append("closed")

    before = threading.active_count()
    pieces = waiting.pieces(source())
    assert next(pieces) == b"a"
    assert seen == ["a"]
    pieces.close()  # type: ignore[attr-defined]  # a generator's
    assert seen == ["a", "closed"]
    assert threading.active_count() == before
    assert list(waiting.pieces(source())) == [b"a", b"b", b"c"]
    assert list(waiting.pieces([b"x", b"y"])) == [b"x", b"y"]


def test_who_can_await_gets_the_same() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"

    async def main() -> list[bytes]:
        return [piece async for piece in waiting.pieces_async(source())] + [
            piece async for piece in waiting.pieces_async([b"b"])
        ]

    assert asyncio.run(main()) == [b"a", b"b"]
