"""What a tornado client holds instead of a connection: a stream in memory, over a talk with a double."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from lookalike import passage
from lookalike.intercept import wire
from lookalike.intercept.fake_socket import Place
from lookalike.intercept.talk import Talk
from lookalike.messages import ClientOptions, PassThrough, Request, Response

if TYPE_CHECKING:
    import asyncio

_CHUNK = 65536
Connect = Callable[[], Any]


class TornadoTalk(Talk):
    """A request of tornado's own client, with its words for failures; `failed` is what the client shall meet.

    A stream that is closed with an error in the midst of a body is one of which tornado's client notices nothing until
    its time is up. So it is closed without, and the seam says why.
    """

    total = True
    failed: BaseException | None = None

    def __init__(self, place: Place, asked: Any, connect: Connect) -> None:
        super().__init__(place)
        self._asked = asked
        self._connect = connect
        self._stream: Any = None

    def options(self) -> ClientOptions:
        """What the HTTPRequest says; its limit is for the whole request, and 0 is none."""
        asked = self._asked
        proxy = f"http://{asked.proxy_host}:{asked.proxy_port}" if asked.proxy_host else None
        verify = asked.ca_certs if asked.validate_cert and asked.ca_certs else asked.validate_cert
        return ClientOptions(asked.request_timeout or None, verify, asked.client_cert, proxy)

    def late(self) -> Exception:
        """The error of a request that took longer than its `request_timeout`."""
        from tornado.simple_httpclient import HTTPTimeoutError

        return HTTPTimeoutError("Timeout during request")

    async def fail(self, error: Exception) -> None:
        """Tornado hands on what the socket raises, but for a timeout."""
        from tornado.simple_httpclient import HTTPTimeoutError

        raise HTTPTimeoutError("Timeout while connecting") if isinstance(error, TimeoutError) else error

    async def real(self, answer: PassThrough, sent: bytes, request: Request) -> AsyncIterator[bytes]:
        """The real answer, as its bytes come in; one that is observed, or asked for in two steps, is read whole."""
        from tornado.iostream import StreamClosedError

        try:
            with passage.opened():
                stream = self._stream = await self._connect()
            if answer.reads_whole or "expect" in request.headers:
                response = answer.given(await _read_whole(stream, request))
                self.leave()
                async for piece in wire.encode_async(response, request.method):
                    yield piece
                return
            await stream.write(sent)
            while True:
                yield await stream.read_bytes(_CHUNK, partial=True)
        except StreamClosedError as error:
            if error.real_error is not None:
                raise error.real_error from None
        finally:
            self.leave()

    def leave(self) -> None:
        """Nothing more is read: of a real answer neither."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


async def _read_whole(stream: Any, request: Request) -> Response:
    """Send a request and read its whole answer, by way of tornado's own protocol."""
    from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
    from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine

    got: list[Any] = []
    body = bytearray()

    class Collecting(HTTPMessageDelegate):
        def headers_received(self, start_line: Any, headers: Any) -> None:
            got[:] = [start_line, headers]

        def data_received(self, chunk: bytes) -> None:
            body.extend(chunk)

    headers = HTTPHeaders()
    for name, value in request.headers.pairs:
        if name.lower() not in ("transfer-encoding", "content-length", "expect"):
            headers.add(name, value)
    if request.content:
        headers["Content-Length"] = str(len(request.content))
    connection = HTTP1Connection(stream, True, HTTP1ConnectionParameters(no_keep_alive=True))
    connection.write_headers(RequestStartLine(request.method, request.target, ""), headers, request.content or None)
    connection.finish()
    await connection.read_response(Collecting())
    if not got:
        raise ConnectionAbortedError("the real API closed the connection without an answer")
    start, fields = got
    pairs = [(name, value) for name, value in fields.get_all() if name.lower() != "transfer-encoding"]
    return Response(start.code, pairs, bytes(body), reason=start.reason)


class MemoryStream:
    """The five methods by which a tornado stream reaches its file: here a talk with a double.

    Its file descriptor is real, and readable exactly when there is something to read.
    """

    close: Callable[..., None]

    def begin(self, talk: TornadoTalk) -> None:
        """What `__init__` would be, if BaseIOStream's weren't needed."""
        self._talk = talk
        self._pulling: asyncio.Task[None] | None = None
        self._rest = memoryview(b"")
        self._error: BaseException | None = None
        self._ended = False
        self._pair: tuple[socket.socket, socket.socket] | None = None
        self._signalled = False

    def fileno(self) -> int:
        """A descriptor for the event loop."""
        if self._pair is None:
            self._pair = socket.socketpair()
            for end in self._pair:
                end.setblocking(False)
        self._signal()
        return self._pair[0].fileno()

    def write_to_fd(self, data: memoryview) -> int:
        """Take the next bytes of the request."""
        size = len(data)
        self._talk.receive(bytes(data))
        data.release()
        self._pull()
        return size

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """The next bytes of the answer; None where there are none yet, 0 at the end."""
        if self._rest:
            size = min(len(buf), len(self._rest))
            buf[:size] = self._rest[:size]
            self._rest = self._rest[size:]
            return size
        if self._error is not None:
            self._talk.failed = self._error
            self.close()
        elif self._ended:
            return 0
        else:
            self._pull()
        return None

    def get_fd_error(self) -> BaseException | None:
        """Why the stream failed."""
        return self._error

    def close_fd(self) -> None:
        """The client has read what it wants: the rest of the answer is never made."""
        if self._pulling is not None:
            self._pulling.cancel()
        self._rest, self._ended = memoryview(b""), True
        self._talk.leave()
        pair, self._pair = self._pair, None
        for end in pair or ():
            end.close()

    def _pull(self) -> None:
        """Have the next piece of the answer made."""
        # Here, as whoever has no tornado pays for what this file imports.
        import asyncio

        if self._pulling is None and not self._ended and self._error is None and self._talk.readable:
            self._pulling = asyncio.ensure_future(self._next())
        self._signal()

    async def _next(self) -> None:
        import asyncio

        try:
            self._rest = memoryview(await self._talk.read())
            self._ended = not self._rest
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._error = error
        self._pulling = None
        self._signal()

    def _signal(self) -> None:
        if self._pair is None:
            return
        ready = bool(self._rest) or self._ended or self._error is not None
        if ready and not self._signalled:
            self._pair[1].send(b"!")
        elif self._signalled and not ready:
            self._pair[0].recv(1)
        self._signalled = ready


def stream(talk: TornadoTalk, max_buffer_size: int | None) -> Any:
    """A tornado stream on which a client talks with a double."""
    from tornado.iostream import BaseIOStream

    kind: Any = type("MemoryStream", (MemoryStream, BaseIOStream), {"__doc__": MemoryStream.__doc__})
    made = kind(max_buffer_size=max_buffer_size)
    made.begin(talk)
    return made
