"""Where a streamed body's pieces come from: known ones, functions, iterators that run once; sync and async."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from threading import Lock
from typing import Any

from lookalike.errors import UsageError
from lookalike.messages import Pause, Stream

Chunks = Callable[[], Stream]
Piece = Callable[[Any], bytes]
"""One value of the test as bytes of the stream."""


def pause_of(value: object) -> Pause | None:
    """A timedelta among the pieces of `stream=` or `sse=` as time on the virtual clock; None for any other value.

    A client that waits less times out there. Nothing sleeps in process; on a real socket the server waits.
    """
    if isinstance(value, Pause):
        return value
    if not isinstance(value, timedelta):
        return None
    if value < timedelta():
        raise UsageError(f"a pause in a stream takes time, and {value!r} is less than none")
    return Pause(value.total_seconds())


class Known:
    """Pieces that are known beforehand; `pauses` is how many seconds are between them altogether."""

    __slots__ = ("pauses", "pieces")

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self.pieces = pieces
        self.pauses = sum(piece.seconds for piece in pieces if isinstance(piece, Pause))

    def __call__(self) -> tuple[bytes, ...]:
        return self.pieces


def source_of(value: Any, piece: Piece) -> Chunks | None:
    """What gives a stream's pieces, again for each request; None for what is no stream.

    value: a list or tuple (`Known`), a function that returns or yields the values, or an iterable, sync or async. An
           iterator that runs once is remembered, so that it can be sent again
    """
    if isinstance(value, (list, tuple)):
        return Known(tuple(piece(one) for one in value))
    if isinstance(value, (str, bytes, bytearray, memoryview, Mapping)):
        return None
    if hasattr(value, "__aiter__"):
        return _OnceAsync(value, piece).pieces if hasattr(value, "__anext__") else lambda: each(value, piece)
    if isinstance(value, Iterable):
        return _Once(value, piece).pieces if isinstance(value, Iterator) else lambda: each(value, piece)
    return (lambda: each(value(), piece)) if callable(value) else None


def each(values: Any, piece: Piece, end: Callable[[], bytes] | None = None) -> Stream:
    """Each value as a piece, and what `end` gives after them; closing it closes where the values come from."""
    if hasattr(values, "__aiter__"):
        return _each_async(values, piece, end)
    if isinstance(values, Iterable) and not isinstance(values, (str, bytes, Mapping)):
        return _each(values, piece, end)
    close = getattr(values, "close", None)  # a coroutine that nobody awaits would say so
    if close is not None:
        close()
    raise UsageError(
        f"the function of a stream gives an iterable of chunks, not {values!r}; let it yield, or return a list"
    )


def _each(values: Iterable[Any], piece: Piece, end: Callable[[], bytes] | None) -> Iterator[bytes]:
    source = iter(values)
    try:
        for value in source:
            yield piece(value)
        if end is not None:
            yield end()
    finally:
        _close(source)


async def _each_async(
    values: AsyncIterable[Any], piece: Piece, end: Callable[[], bytes] | None
) -> AsyncIterator[bytes]:
    source = aiter(values)
    try:
        async for value in source:
            yield piece(value)
        if end is not None:
            yield end()
    finally:
        await _aclose(source)


def watched(chunks: Chunks, slipped: Callable[[Exception], None]) -> Chunks:
    """The pieces of a test's own function; what goes wrong in it is told, then raised."""

    def watch(stream: Iterable[bytes]) -> Iterator[bytes]:
        try:
            yield from stream
        except Exception as error:
            slipped(error)
            raise

    async def watch_async(stream: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        source = aiter(stream)
        try:
            async for piece in source:
                yield piece
        except Exception as error:
            slipped(error)
            raise
        finally:
            await _aclose(source)

    def begin() -> Stream:
        try:
            stream = chunks()
        except Exception as error:
            slipped(error)
            raise
        return watch_async(stream) if isinstance(stream, AsyncIterable) else watch(stream)

    return begin


def _close(source: Any) -> None:
    close = getattr(source, "close", None)
    if close is not None:
        close()


async def _aclose(source: Any) -> None:
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()


class _Kept(ABC):
    """What was read of an iterator that runs once, so that it can be sent again.

    The iterator is closed when the client hangs up that reads it alone: who reads on later is told.
    """

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._seen: list[bytes] = []
        self._ended = False
        self._closed = False
        self._error: Exception | None = None
        self._readers = 0

    @abstractmethod
    def pieces(self) -> Stream:
        """The pieces from the first on."""

    def _over(self) -> bool:
        """Whether nothing is to come after what was seen. Raises what the iterator raised, and UsageError."""
        if self._error is not None:
            raise self._error
        if self._closed:
            raise UsageError(
                "stream= was given an iterator, and it was closed when a client hung up before its end; give the "
                "function that makes it, stream=chunks, so that each request gets a stream of its own"
            )
        return self._ended

    def _left(self) -> bool:
        """A reader leaves; whether the iterator is to be closed."""
        self._readers -= 1
        hung_up = not (self._readers or self._ended or self._closed or self._error)
        self._closed = self._closed or hung_up
        return hung_up


class _Once(_Kept):
    """Of a plain iterator."""

    def __init__(self, values: Any, piece: Piece) -> None:
        super().__init__(piece)
        self._values = iter(values)
        self._lock = Lock()

    def pieces(self) -> Iterator[bytes]:
        with self._lock:
            self._readers += 1
        at = 0
        try:
            while self._has(at):
                yield self._seen[at]
                at += 1
        finally:
            with self._lock:
                if self._left():
                    _close(self._values)

    def _has(self, at: int) -> bool:
        with self._lock:
            if at < len(self._seen):
                return True
            if self._over():
                return False
            try:
                self._seen.append(self._piece(next(self._values)))
            except StopIteration:
                self._ended = True
            except Exception as error:
                self._error = error
                raise
            return not self._ended


class _OnceAsync(_Kept):
    """Of an async iterator, which belongs to the loop where it runs: one reader at a time waits for it."""

    def __init__(self, values: Any, piece: Piece) -> None:
        super().__init__(piece)
        self._values = aiter(values)
        self._asked = False

    async def pieces(self) -> AsyncIterator[bytes]:
        self._readers += 1
        at = 0
        try:
            while await self._has(at):
                yield self._seen[at]
                at += 1
        finally:
            if self._left():
                await _aclose(self._values)

    async def _has(self, at: int) -> bool:
        if at < len(self._seen):
            return True
        if self._over():
            return False
        if self._asked:
            raise UsageError(
                "stream= was given an async iterator, and two requests read it at once; give the function that makes "
                "it, stream=chunks, so that each request gets a stream of its own"
            )
        self._asked = True
        try:
            self._seen.append(self._piece(await anext(self._values)))
        except StopAsyncIteration:
            self._ended = True
        except Exception as error:
            self._error = error
            raise
        finally:
            self._asked = False
        return not self._ended
