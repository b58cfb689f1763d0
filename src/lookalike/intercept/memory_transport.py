"""An asyncio transport without a socket: a client writes its request into memory, and somebody answers it there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from lookalike.intercept import wire
from lookalike.messages import Headers

_KEPT = 64  # Heads of requests that came before, as most come again.


class MemoryTransport(asyncio.Transport):
    """Takes the bytes of one request after the other, and says when one can be answered.

    protocol: the client's protocol, which is told of the connection's end
    peer:     the host and port that the client believes to be connected with
    resumed:  called when the protocol wants to read on
    """

    def __init__(
        self, protocol: Any, loop: asyncio.AbstractEventLoop, peer: tuple[str, int], resumed: Callable[[], None]
    ) -> None:
        super().__init__({"peername": peer, "sockname": ("127.0.0.1", 0)})
        self._protocol = protocol
        self._loop = loop
        self._resumed = resumed
        self._received = bytearray()
        self._head: wire.Head | None = None
        self._heads: dict[bytes, tuple[wire.Head, Headers]] = {}
        self._body = 0
        self._continued = False
        self._waiter: asyncio.Future[None] | None = None
        self._closing = False
        self._lost = False
        self.paused = False

    def begin(self) -> None:
        """The next bytes begin a new request."""
        self._received = bytearray()
        self._head = None
        self._continued = False

    @property
    def received(self) -> bytes:
        """The request's bytes, as far as they have arrived."""
        return bytes(self._received)

    def head(self) -> tuple[wire.Head, Headers]:
        """The request's first line and how it is framed, and its header fields. They have arrived."""
        raw = bytes(self._received[: self._body])
        head = self._heads.get(raw)
        if head is None:
            found = self._head or wire.read_head(raw)
            head = found, Headers(found.headers)
            if len(self._heads) >= _KEPT:
                self._heads.clear()
            self._heads[raw] = head
        return head

    @property
    def complete(self) -> bool:
        """Whether the whole request has arrived; asked for each piece of a body, so nothing is copied."""
        head = self._head
        if head is None:
            return False
        if head.length is not None:
            return len(self._received) - self._body >= head.length
        # The last chunk and any trailer end so (RFC 9112, section 7.1); a chunk's data may too.
        return self._received.endswith(b"\r\n\r\n") and self._chunks() is not None

    @property
    def waits_for_continue(self) -> bool:
        """Whether the client waits for the word to send the body (RFC 9110, section 10.1.1)."""
        return self._head is not None and self._head.expects_continue and not self._continued

    def go_on(self) -> None:
        """The client was told to send the body."""
        self._continued = True

    def content(self) -> bytes:
        """The request's content, its chunks put together."""
        if self._head is not None and self._head.length is None:
            return self._chunks() or b""
        return bytes(memoryview(self._received)[self._body :]) if len(self._received) > self._body else b""

    def _chunks(self) -> bytes | None:
        return wire.read_chunked(bytes(memoryview(self._received)[self._body :]))

    async def arrival(self) -> None:
        """Wait until there is something to answer, or `wake` is called."""
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def wake(self) -> None:
        """End the waiting for an arrival."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def write(self, data: Any) -> None:
        """Take the next bytes of the request; what is written after the end is lost, as in a kernel."""
        if self._closing:
            return
        self._received += data
        if self._head is None:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            self._body = end + 4
            known = self._heads.get(bytes(self._received[: self._body]))
            self._head = wire.read_head(bytes(self._received[:end])) if known is None else known[0]
        if self._waiter is not None and (self.waits_for_continue or self.complete):
            self.wake()

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """As `write`, for several pieces."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """A request's end is known by its framing."""
        return False

    def get_write_buffer_size(self) -> int:
        """What is written has arrived."""
        return 0

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Writing never has to wait."""
        return (0, 0)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Writing never has to wait."""

    def is_reading(self) -> bool:
        """Whether the protocol takes bytes."""
        return not self.paused and not self._closing

    def pause_reading(self) -> None:
        """The protocol has enough for now."""
        self.paused = True

    def resume_reading(self) -> None:
        """The protocol wants to read on."""
        if self.paused:
            self.paused = False
            self._resumed()

    def get_protocol(self) -> Any:
        """The client's protocol."""
        return self._protocol

    def set_protocol(self, protocol: Any) -> None:
        """Another protocol hears of the end."""
        self._protocol = protocol

    def is_closing(self) -> bool:
        """Whether the connection is closed, or about to be."""
        return self._closing

    def close(self) -> None:
        """End the connection; the protocol hears of it in the loop's next round, as with a socket."""
        if not self._closing:
            self._closing = True
            if not self._loop.is_closed():
                self._loop.call_soon(self.lose, None)

    abort = close

    def lose(self, error: Exception | None) -> None:
        """The other side ends the connection: cleanly, or with an error."""
        if not self._lost:
            self._closing = self._lost = True
            self._protocol.connection_lost(error)
            self.wake()
