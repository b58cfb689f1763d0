"""What a connection of urllib3-future holds instead of a socket: sync, and for who awaits."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any, Protocol

from lookalike.intercept import active, wire
from lookalike.intercept.fake_socket import FakeSocket, Place
from lookalike.intercept.talk import Talk
from lookalike.messages import ClientOptions, PassThrough, Request, Response

_CHUNK = 65536


class FutureSocket(FakeSocket):
    """A fake that stays in the connection while a real socket answers: bytes go through it."""

    real_socket: Any = None

    def expect(self, place: Place) -> None:
        """The next bytes begin a new request, which a real socket of the last one has no part in."""
        self._leave()
        super().expect(place)

    def close(self) -> None:
        """Close the real socket too."""
        self._leave()
        super().close()

    def _leave(self) -> None:
        real, self.real_socket = self.real_socket, None
        if real is not None:
            real.close()

    __del__ = close


class FutureTalk(Talk):
    """A request of urllib3-future's async connections, which fail as sockets do."""

    def __init__(self, place: Place, owner: AsyncFakeSocket) -> None:
        super().__init__(place)
        self._owner = owner

    def options(self) -> ClientOptions:
        """What is said to the connection."""
        return self._owner.line.options(self._owner.gettimeout())

    def late(self) -> Exception:
        """What a socket raises whose peer says nothing."""
        return TimeoutError("timed out")

    async def fail(self, error: Exception) -> None:
        """Let the connection's own `connect` meet the error.

        A timeout is said by name: met where the name is resolved, it would be taken for a name that isn't there.
        """
        if isinstance(error, TimeoutError):
            raise self._owner.line.timed_out() from error
        with active.refusing(error):
            await self._owner.line.open()

    async def real(self, answer: PassThrough, sent: bytes, request: Request) -> AsyncIterator[bytes]:
        """The real answer, as its bytes come in; one that is observed is read whole."""
        real = self._owner.real_socket = await self._owner.line.open()
        if answer.reads_whole:
            response = answer.given(await _read_whole(real, request))
            await self._owner.leave()
            async for piece in wire.encode_async(response, request.method):
                yield piece
            return
        await real.sendall(sent)
        while piece := await real.recv(_CHUNK):
            yield piece


class AsyncLine(Protocol):
    """The connection that an async fake belongs to, as far as the fake needs it."""

    async def open(self) -> Any:
        """Connect really; returns the socket."""

    def options(self, timeout: float | None) -> ClientOptions:
        """How the connection was told to ask."""

    def timed_out(self) -> Exception:
        """The connection's error where nobody answers its attempt to connect."""


class AsyncFakeSocket:
    """What urllib3-future's `AsyncSocket` is, as far as a connection asks it."""

    def __init__(self, line: AsyncLine) -> None:
        self.line = line
        self.real_socket: Any = None
        self.family = socket.AF_INET
        self.type = socket.SOCK_STREAM
        self.proto = 0
        self.dropped = False
        self._place: Place | None = None
        self._talk: Talk | None = None
        self._rest = memoryview(b"")
        self._timeout: float | None = None
        self._closed = False

    def expect(self, place: Place) -> None:
        """The next bytes begin a new request, which goes to `place`."""
        self._place, self._talk, self._rest = place, None, memoryview(b"")

    async def sendall(self, data: Any) -> None:
        """Take the next bytes of the request."""
        if self._place is None:
            return
        if self._talk is None:
            self._talk = FutureTalk(self._place, self)
            await self.leave()
        self._talk.receive(bytes(data))

    send = write_all = sendall

    async def recv(self, size: int = -1) -> bytes:
        """The next bytes of the answer, `b""` at its end. Raises what a failing socket raises."""
        if not self._rest and self._talk is not None:
            self._rest = memoryview(await self._talk.read())
        size = len(self._rest) if size < 0 else size
        data, self._rest = self._rest[:size], self._rest[size:]
        return bytes(data)

    read_exact = recv

    async def read(self) -> bytes:
        """The next bytes of the answer."""
        return await self.recv()

    def read_ready(self) -> bool:
        """Nothing comes that wasn't asked for."""
        return False

    def should_connect(self) -> bool:
        """It is connected."""
        return False

    async def wait_for_readiness(self) -> None:
        """It is ready."""

    async def leave(self) -> None:
        """Let go of the real socket of the last request."""
        real, self.real_socket = self.real_socket, None
        if real is not None:
            real.close()
            await real.wait_for_close()

    async def wait_for_close(self) -> None:
        """The rest of the answer is never made."""
        if self._talk is not None:
            await self._talk.close()
        await self.leave()

    def close(self) -> None:
        """Nothing more is read."""
        self._closed = True

    def fileno(self) -> int:
        """There is no file; a number that isn't -1 says that the connection stands."""
        return -1 if self._closed or self.dropped else 0

    def settimeout(self, value: float | None = None) -> None:
        """The seconds that the client waits for bytes, None for no limit."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """The seconds that the client waits for bytes, None for no limit."""
        return self._timeout

    def setsockopt(self, *_: Any) -> None:
        """There is nothing to set."""

    def getsockopt(self, *_: Any) -> int:
        """No option is set."""
        return 0

    def getpeername(self) -> tuple[str, int]:
        """The host and port that were asked for."""
        if self._place is None:
            raise OSError("the connection carries no request")
        return (self._place.host, self._place.port)


async def _read_whole(real: Any, request: Request) -> Response:
    """Send a request and read its whole answer with h11, on which urllib3-future depends."""
    import h11

    left = ("transfer-encoding", "content-length", "expect")
    headers = [pair for pair in request.headers.pairs if pair[0].lower() not in left]
    if request.content:
        headers.append(("Content-Length", str(len(request.content))))
    connection = h11.Connection(h11.CLIENT)
    out = connection.send(h11.Request(method=request.method, target=request.target, headers=headers)) or b""
    if request.content:
        out += connection.send(h11.Data(data=request.content)) or b""
    await real.sendall(out + (connection.send(h11.EndOfMessage()) or b""))
    head: Any = None
    content = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await real.recv(_CHUNK))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            content += event.data
        elif isinstance(event, h11.EndOfMessage):
            break
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionAbortedError("the real API closed the connection without an answer")
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()]
    kept = [pair for pair in pairs if pair[0].lower() != "transfer-encoding"]
    return Response(head.status_code, kept, bytes(content), reason=bytes(head.reason).decode("latin-1"))
