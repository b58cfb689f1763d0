"""What an http.client connection holds instead of a socket: request bytes go in, a double's answer comes out."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from typing import Any, Literal, NamedTuple, Protocol

from lookalike import passage
from lookalike.double.double import Double
from lookalike.intercept import active, faults, wire
from lookalike.intercept.carried import past
from lookalike.intercept.teed import Teed, TeedSocket, is_open
from lookalike.messages import ClientOptions, Fault, PassThrough, Request, Response

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Place(NamedTuple):
    """Who answers, and where the request was going; `options` says how the client was told to ask."""

    double: Double
    scheme: str
    host: str
    port: int
    options: Callable[[], ClientOptions] | None = None


class Line(Protocol):
    """The connection that a fake belongs to, as far as the fake needs it."""

    def open(self) -> Any:
        """Connect really; returns the socket."""

    def put_back(self, fake: FakeSocket) -> None:
        """Put the fake in place of the real socket again."""


class FakeSocket:
    """Stands in for the socket of one connection, over any number of requests.

    line:    gives the connection a real socket in place of this one, for answers that pass through, and back
    eager:   answer as soon as the request is complete, so that failures to connect meet the client where it sends.
             Otherwise when it begins to read: urllib3 sets the timeout for reading only then.
    """

    def __init__(self, timeout: float | None, line: Line, *, eager: bool = True) -> None:
        self._timeout = timeout
        self._line = line
        self.eager = eager
        self._place: Place | None = None
        self._turn: Turn | None = None
        self._pair: tuple[socket.socket, socket.socket] | None = None
        self._signalled = False
        self._closed = False
        self.dropped = False
        self.family = socket.AF_INET
        self.type = socket.SOCK_STREAM
        self.proto = 0

    def expect(self, place: Place) -> None:
        """The next bytes begin a new request, which goes to `place`."""
        self._place = place
        self._turn = None

    @property
    def busy(self) -> bool:
        """Whether a request is under way, or its answer isn't read to the end."""
        return self._turn is not None and not self._turn.finished

    def drop(self) -> None:
        """Look like a connection that the other side has closed."""
        self.dropped = True
        self._signal()

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Take the next bytes of the request; a request that is complete is answered at once."""
        if self._turn is None:
            if self._place is None:
                return  # Sent into a connection that was dropped: the kernel would swallow it too.
            self._turn = Turn(self._place, self)
        self._turn.receive(bytes(data))
        self._signal()

    def send(self, data: Any, flags: int = 0) -> int:
        """As `sendall`; says how many bytes were taken."""
        self.sendall(data)
        return len(data)

    def makefile(self, mode: str = "r", buffering: int | None = None, **_: Any) -> Any:
        """A binary file from which the answer is read, as `socket.makefile("rb")` gives it."""
        raw = Reader(self._turn)
        if buffering == 0:
            return raw
        return io.BufferedReader(raw)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """The next bytes of the answer, `b""` at its end."""
        return bytes(self._turn.take(size)) if self._turn is not None else b""

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As `recv`, into a buffer."""
        data = self.recv(nbytes or len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def real(self) -> Any:
        """Open the real connection, in place of this one; its socket."""
        return self._line.open()

    def put_back(self) -> None:
        """Stand in for the socket again."""
        self._line.put_back(self)

    def fileno(self) -> int:
        """A real file descriptor, readable exactly when there is something to read: an answer, or the end."""
        if self._closed:
            return -1
        if self._pair is None:
            self._pair = socket.socketpair()
            self._pair[0].setblocking(False)
        self._signal()
        return self._pair[0].fileno()

    def _signal(self) -> None:
        if self._pair is None:
            return
        ready = self.dropped or (self._turn is not None and self._turn.readable)
        if ready and not self._signalled:
            self._pair[1].send(b"!")
        elif self._signalled and not ready:
            self._pair[0].recv(1)
        self._signalled = ready

    def settimeout(self, value: float | None) -> None:
        """The seconds that the client waits for bytes, None for no limit."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """The seconds that the client waits for bytes, None for no limit."""
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        """As for a socket: blocking without a limit, or not at all."""
        self._timeout = None if flag else 0.0

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

    def getsockname(self) -> tuple[str, int]:
        """An address of this machine."""
        return ("127.0.0.1", 0)

    def getpeercert(self, binary_form: bool = False) -> Any:
        """A double has no certificate: what a socket says whose peer's certificate wasn't verified."""
        return None if binary_form else {}

    def selected_alpn_protocol(self) -> str | None:
        """Nothing was negotiated."""
        return None

    def shutdown(self, how: int) -> None:
        """Nothing more will be read."""
        if self._turn is not None:
            self._turn.finish()

    def close(self) -> None:
        """Give the file descriptor back; files that `makefile` gave out can still be read to their end."""
        self._closed = True
        pair, self._pair = self._pair, None
        for end in pair or ():
            end.close()

    __del__ = close

    def __enter__(self) -> FakeSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Turn:
    """One request and its answer."""

    __slots__ = (
        "_body",
        "_continued",
        "_file",
        "_head",
        "_out",
        "_patience",
        "_place",
        "_real",
        "_received",
        "_rest",
        "_socket",
        "_teed",
        "finished",
    )

    def __init__(self, place: Place, owner: FakeSocket) -> None:
        self._place = place
        self._socket = owner
        self._received = bytearray()
        self._head: wire.Head | None = None
        self._body = 0
        self._continued = False
        self._out: Iterator[bytes] | None = None
        self._patience = wire.Patience()
        self._rest = memoryview(b"")
        self._real: Any = None
        self._teed: TeedSocket | None = None
        self._file: Any = None
        self.finished = False

    def receive(self, data: bytes) -> None:
        """Take bytes of the request; answer it when it is complete.

        Raises what the double raises, and what a client's own `connect` makes of a network that fails.
        """
        if self._out is not None or self._real is not None:
            return  # Answered already: the rest of the request is of no interest, as for a server that answers early.
        self._received += data
        if self._head is None:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            self._head = wire.read_head(bytes(self._received[:end]))
            self._body = end + 4
        if self._socket.eager and self._complete():
            self._answer()

    def _complete(self) -> bool:
        """Whether the whole request has arrived; asked for each piece of a body, so nothing is copied."""
        if self._head is None:
            return False
        if self._head.length is not None:
            return len(self._received) - self._body >= self._head.length
        # The last chunk and any trailer end so (RFC 9112, section 7.1); a chunk's data may too.
        return self._received.endswith(b"\r\n\r\n") and self._content() is not None

    def _content(self) -> bytes | None:
        """The request's content, its chunks put together; None where these have no end."""
        body = bytes(memoryview(self._received)[self._body :])
        return wire.read_chunked(body) if self._head is not None and self._head.length is None else body

    @property
    def readable(self) -> bool:
        """Whether there is something to read: an answer, or the word to go on with the body."""
        if self.finished:
            return False
        return self._out is not None or self._real is not None or self._waits() or self._complete()

    def _waits(self) -> bool:
        return self._head is not None and self._head.expects_continue and not self._continued

    def _request(self) -> Request:
        head = self._head or wire.read_head(bytes(self._received))
        content = self._content()
        body = bytes(self._received[self._body :]) if content is None else content
        place = self._place
        target = head.target
        if target[:7].lower() == "http://" or target[:8].lower() == "https://":
            # The absolute form, which proxies are sent; path and query are kept as they are.
            rest = target.partition("://")[2]
            slash = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
            target = rest[slash:]
        url = wire.absolute_url(place.scheme, place.host, place.port, target)
        return Request(head.method, url, head.headers, body, timeout=self._socket.gettimeout(), options=place.options)

    def _answer(self) -> None:
        request = self._request()
        try:
            answer = self._place.double.handle(request)
        except Exception as error:
            if (carried := past(error)) is not None:
                raise carried from error
            if not isinstance(error, OSError):
                raise
            # As a socket would: it comes while the answer is read, not while the request is sent.
            self._out = _raising(error)
            return
        if isinstance(answer, PassThrough):
            self._pass_through(answer, request.method)
        elif isinstance(answer, Fault):
            self._fail(answer, request.method)
        else:
            self._out = self._timed(answer, request.method)

    def _timed(self, response: Response, method: str) -> Iterator[bytes]:
        timeout = self._socket.gettimeout()
        if timeout is not None and response.delay > timeout:
            raise TimeoutError("timed out")
        yield from wire.encode(response, method)

    def _fail(self, fault: Fault, method: str) -> None:
        kind = fault.kind
        if kind in faults.CONNECT:
            self.finished = True
            active.refuse(self._socket.real, faults.CONNECT[kind]())
        elif kind in faults.HANDSHAKE:
            self.finished = True
            raise faults.HANDSHAKE[kind]()
        elif kind in faults.READ:
            self._out = _raising(faults.READ[kind]())
        else:
            self._out = faults.encode(fault, method)

    def _pass_through(self, answer: PassThrough, method: str) -> None:
        with passage.opened():
            real = self._socket.real()
            real.sendall(bytes(self._received))
        if not answer.reads_whole:
            self._real = real
            return
        try:
            self._out = wire.encode(self._given(answer, real, method), method)
        except BaseException:
            real.close()
            raise
        finally:
            self._socket.put_back()

    def _given(self, answer: PassThrough, real: Any, method: str) -> Response:
        """What the client gets of a real answer: what comes of it, or what was made of it when it was read whole."""
        reading, head = begin_response(real, method)
        if answer.observe is not None and answer.alter is None and is_open(head, method):
            teed = TeedSocket(reading, real, Teed(head, answer.observe), self._socket.gettimeout)
            self._teed = teed
            return Response(
                head.status, head.headers, chunks=lambda: teed, reason=head.reason, http_version=head.http_version
            )
        response = rest_of_response(reading, head)
        real.close()
        return answer.given(response)

    def take(self, size: int) -> bytes | memoryview:
        """At most `size` bytes of the answer, `b""` at its end. Raises what a failing socket raises."""
        if self._out is None and self._real is None and not self.finished:
            if self._waits() and not self._complete():
                self._continued = True
                self._rest = memoryview(_CONTINUE)
            elif not self._rest:
                self._answer()
        if self._real is not None:
            return self._take_real(size)
        while not self._rest:
            piece = next(self._out, None) if self._out is not None else None
            if piece is None:
                self.finished = self._out is not None or self.finished
                return b""
            if self._patience.ends(piece, self._socket.gettimeout()):
                raise TimeoutError("timed out")
            self._rest = memoryview(piece)  # sliced without being copied, however large it is
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def _take_real(self, size: int) -> bytes:
        # Made only here: a client that found the real socket in the fake's place already reads from that itself.
        if self._file is None:
            self._file = self._real.makefile("rb")
        data: bytes = b"" if self._file.closed else self._file.read1(size)
        return data

    def finish(self) -> None:
        """Forget what is left of the answer, if it has begun."""
        if self._file is not None:
            self._file.close()
        if self._out is None and self._real is None:
            return
        self.finished = True
        self._rest = memoryview(b"")
        out, self._out = self._out, iter(())
        close = getattr(out, "close", None)
        if close is not None:
            close()
        if self._teed is not None:
            self._teed.close()


class Reader(io.RawIOBase):
    """The answer as a file."""

    def __init__(self, turn: Turn | None) -> None:
        self._turn = turn

    def readable(self) -> Literal[True]:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._turn.take(len(buffer)) if self._turn is not None else b""
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """The client has read what it wants: chunks that it left are never made."""
        if not self.closed:
            super().close()
            if self._turn is not None:
                self._turn.finish()


def _raising(error: Exception) -> Iterator[bytes]:
    raise error
    yield b""


def begin_response(sock: Any, method: str) -> tuple[HTTPResponse, Response]:
    """Read a real answer's head. Raises what http.client raises."""
    reading = HTTPResponse(sock, method=method)
    try:
        reading.begin()
    except BaseException:
        reading.close()
        raise
    pairs = [(name, value) for name, value in reading.getheaders() if name.lower() != "transfer-encoding"]
    version = "1.0" if reading.version == 10 else "1.1"
    return reading, Response(reading.status, pairs, reason=reading.reason, http_version=version)


def rest_of_response(reading: HTTPResponse, head: Response) -> Response:
    """Read a real answer's body, its transfer coding undone. Raises what http.client raises."""
    with reading:
        content = reading.read()
    return Response(head.status, head.headers, content, reason=head.reason, http_version=head.http_version)


def read_response(sock: Any, method: str) -> Response:
    """Read a whole real answer, its transfer coding undone. Raises what http.client raises."""
    return rest_of_response(*begin_response(sock, method))
