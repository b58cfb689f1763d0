"""One request and its answer over a connection that its client can await: request bytes in, the answer's bytes out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from lookalike.intercept import faults, wire
from lookalike.intercept.fake_socket import Place
from lookalike.messages import ClientOptions, Fault, PassThrough, Pause, Request

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Talk(ABC):
    """What a client says on one connection, and what it is told. A seam says how its client fails and really asks.

    total: whether the client's limit is for the whole answer, and not for each wait for bytes
    """

    total = False

    def __init__(self, place: Place) -> None:
        self._place = place
        self._received = bytearray()
        self._head: wire.Head | None = None
        self._body = 0
        self._continued = False
        self._out: AsyncIterator[bytes] | None = None
        self._waited = 0.0  # on the virtual clock

    @abstractmethod
    def options(self) -> ClientOptions:
        """How the client was told to ask."""

    @abstractmethod
    def late(self) -> Exception:
        """What the client raises when an answer takes longer than it waits."""

    @abstractmethod
    async def fail(self, error: Exception) -> None:
        """Fail as a connection does that meets `error` on its way to the host; raises."""

    @abstractmethod
    def real(self, answer: PassThrough, sent: bytes, request: Request) -> AsyncIterator[bytes]:
        """The bytes of the real answer to the bytes that the client `sent`."""

    def receive(self, data: bytes) -> None:
        """Take the next bytes of the request. What comes after it was answered is of no interest."""
        if self._out is not None:
            return
        self._received += data
        if self._head is None:
            end = self._received.find(b"\r\n\r\n")
            if end >= 0:
                self._head = wire.read_head(bytes(self._received[:end]))
                self._body = end + 4

    @property
    def complete(self) -> bool:
        """Whether the whole request has arrived; asked for each piece of a body, so nothing is copied."""
        if self._head is None:
            return False
        if self._head.length is not None:
            return len(self._received) - self._body >= self._head.length
        # The last chunk and any trailer end so (RFC 9112, section 7.1); a chunk's data may too.
        return self._received.endswith(b"\r\n\r\n") and self._content() is not None

    @property
    def readable(self) -> bool:
        """Whether something is there to be read, now or after a while: an answer, or the word to go on."""
        return self._out is not None or self.complete or self._waits

    @property
    def _waits(self) -> bool:
        return self._head is not None and self._head.expects_continue and not self._continued

    def _content(self) -> bytes | None:
        body = bytes(memoryview(self._received)[self._body :])
        return wire.read_chunked(body) if self._head is not None and self._head.length is None else body

    def _request(self) -> Request:
        head = self._head or wire.read_head(bytes(self._received))
        place = self._place
        return Request(
            head.method,
            wire.absolute_url(place.scheme, place.host, place.port, wire.origin_form(head.target)),
            head.headers,
            self._content() or b"",
            timeout=self.options().timeout,
            options=self.options,
        )

    async def read(self) -> bytes:
        """The next bytes of the answer, `b""` at its end. Raises what the double raises, and what the client meets."""
        if self._out is None:
            if self._waits and not self.complete:
                self._continued = True
                return _CONTINUE
            self._out = self._answer()
        async for piece in self._out:
            if isinstance(piece, Pause):
                self._wait(piece.seconds)
            elif piece:
                if not self.total:
                    self._waited = 0.0
                return piece
        return b""

    def _wait(self, seconds: float) -> None:
        self._waited += seconds
        timeout = self.options().timeout
        if timeout is not None and self._waited > timeout:
            raise self.late()

    async def _answer(self) -> AsyncIterator[bytes]:
        request = self._request()
        answer = await self._place.double.handle_async(request)
        if isinstance(answer, PassThrough):
            source = self.real(answer, bytes(self._received), request)
        elif isinstance(answer, Fault):
            source = self._broken(answer, request.method)
        else:
            self._wait(answer.delay)
            source = wire.encode_async(answer, request.method)
        async for piece in source:
            yield piece

    async def _broken(self, fault: Fault, method: str) -> AsyncIterator[bytes]:
        if fault.kind == "read-timeout":
            raise self.late()
        error = faults.raised(fault.kind)
        if fault.kind in faults.CONNECT and error is not None:
            await self.fail(error)
        if error is not None:
            raise error
        async for piece in faults.encode_async(fault, method):
            yield piece

    def leave(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Nothing more is read."""

    async def close(self) -> None:
        """Stop making the answer."""
        close = getattr(self._out, "aclose", None)
        if close is not None:
            await close()
