"""A streamed body as httpcore reads it: pieces are made when they are asked for, in the caller's own loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from lookalike.intercept import wire
from lookalike.messages import Stream
from lookalike.waiting import pieces, pieces_async


class Streamed:
    """The pieces of a response's stream, for sync and async clients.

    chunks:  gives the stream
    timeout: the seconds that the client waits between two pieces, None for no limit
    late:    makes what is raised where it waits longer
    end:     what is raised after the last piece, or None
    """

    def __init__(
        self,
        chunks: Callable[[], Stream],
        *,
        timeout: float | None,
        late: Callable[[], Exception],
        end: Exception | None = None,
    ) -> None:
        self._chunks: Callable[[], Stream] = chunks
        self._timeout = timeout
        self._late = late
        self._end = end
        self._pieces: Any = None
        self._patience = wire.Patience()

    def __iter__(self) -> Iterator[bytes]:
        self._pieces = pieces(self._chunks())
        patience = wire.Patience()
        for piece in self._pieces:
            if patience.ends(piece, self._timeout):
                raise self._late()
            if piece:
                yield piece
        if self._end is not None:
            raise self._end

    def __aiter__(self) -> AsyncIterator[bytes]:
        # No generator of its own: trio warns of one that its client leaves to the garbage collector.
        self._pieces = pieces_async(self._chunks())
        self._patience = wire.Patience()
        return self

    async def __anext__(self) -> bytes:
        while self._pieces is not None:
            piece: bytes | None = await anext(self._pieces, None)
            if piece is None:
                break
            if self._patience.ends(piece, self._timeout):
                raise self._late()
            if piece:
                return piece
        if self._pieces is not None and self._end is not None:
            raise self._end
        raise StopAsyncIteration

    def close(self) -> None:
        """Stop making pieces."""
        stream, self._pieces, self._chunks = self._pieces, None, tuple
        if stream is not None:
            stream.close()

    async def aclose(self) -> None:
        """Stop making pieces."""
        stream, self._pieces, self._chunks = self._pieces, None, tuple
        if stream is not None:
            await stream.aclose()
