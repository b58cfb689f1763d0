"""What is async, for callers that can't await: it runs in an event loop of its own, in a thread of its own."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def run(awaitable: Callable[[], Awaitable[T]]) -> T:
    """What an awaitable comes to. The calling thread's own event loop, if one runs here, is not entered again."""
    with _Loop() as loop:
        return loop.run(awaitable)


def pieces(stream: Iterable[bytes] | AsyncIterable[bytes]) -> Iterator[bytes]:
    """The pieces of a stream, one by one as they are asked for. Closing the iterator closes the stream."""
    if not isinstance(stream, AsyncIterable):
        yield from stream
        return
    source = aiter(stream)
    with _Loop() as loop:
        try:
            while True:
                try:
                    piece = loop.run(lambda: anext(source))
                except StopAsyncIteration:
                    return
                yield piece
        finally:
            close = getattr(source, "aclose", None)
            if close is not None and not sys.is_finalizing():
                loop.run(close)


async def pieces_async(stream: Iterable[bytes] | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same for who can await: an async stream runs in the caller's own loop."""
    if isinstance(stream, AsyncIterable):
        source = aiter(stream)
        try:
            async for piece in source:
                yield piece
        finally:
            close = getattr(source, "aclose", None)
            if close is not None:
                await close()
    else:
        # A generator's own `yield from` closes what it takes from; here that is said.
        plain = iter(stream)
        try:
            for piece in plain:
                yield piece
        finally:
            shut = getattr(plain, "close", None)
            if shut is not None:
                shut()


class _Loop:
    """One event loop in one thread, for as long as a `with` block."""

    def __enter__(self) -> _Loop:
        # Here, as asyncio costs more than the rest of `import lookalike` together.
        import asyncio

        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lookalike-waiting", daemon=True)
        self._thread.start()
        return self

    def run(self, awaitable: Callable[[], Awaitable[T]]) -> T:
        import asyncio

        async def wait() -> tuple[bool, Any]:
            # StopAsyncIteration can't leave a coroutine as itself.
            try:
                return True, await awaitable()
            except BaseException as error:
                return False, error

        fine, result = asyncio.run_coroutine_threadsafe(wait(), self._loop).result()
        if not fine:
            raise result
        outcome: T = result
        return outcome

    def __exit__(self, *error: object) -> None:
        if sys.is_finalizing():
            return  # the thread has ended already, and nobody would answer
        import asyncio

        async def rest() -> None:
            await self._loop.shutdown_asyncgens()

        asyncio.run_coroutine_threadsafe(rest(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
