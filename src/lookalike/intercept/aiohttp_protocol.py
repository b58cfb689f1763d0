"""aiohttp's own protocol, answered in memory: a double is asked where the client begins to read its response.

It runs in the client's own task and context, so what the double raises meets the code under test as it is, and
aiohttp's own parser builds the response from bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from lookalike.double.double import Double
from lookalike.intercept import faults, wire
from lookalike.intercept.memory_transport import MemoryTransport
from lookalike.messages import Answer, ClientOptions, Fault, FaultKind, PassThrough, Request, Response

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_KEPT = 64  # Answers that were sent before, as bytes.
_SMALL = 65_536  # Up to here head and body are joined, which is quicker than to call the parser twice.


def patience_of(timeout: Any) -> float | None:
    """Seconds that a client with this `ClientTimeout` waits for an answer, None for no limit."""
    limits = [limit for limit in (timeout.total, timeout.sock_read) if limit]
    return min(limits) if limits else None


class Turn(NamedTuple):
    """One request that a double answers.

    fails:   makes the client's own exceptions, by the kind of the fault
    timeout: the client's `ClientTimeout`
    real:    opens the real connection, for an answer that passes through
    """

    double: Double
    scheme: str
    host: str
    port: int
    timeout: Any
    options: Callable[[], ClientOptions]
    fails: Callable[[FaultKind], Exception]
    real: Callable[[], Awaitable[Any]]

    @property
    def patience(self) -> float | None:
        """Seconds that the client waits for an answer, None for no limit."""
        return patience_of(self.timeout)

    def request(self, transport: MemoryTransport) -> Request:
        """The request that has arrived."""
        head, headers = transport.head()
        url = wire.absolute_url(self.scheme, self.host, self.port, wire.origin_form(head.target))
        return Request(head.method, url, headers, transport.content(), timeout=self.patience, options=self.options)

    def late(self) -> Exception:
        """What the client raises when an answer takes longer than it waits; the shorter of its limits ends first."""
        total, sock_read = self.timeout.total, self.timeout.sock_read
        return TimeoutError() if total and not (sock_read and sock_read <= total) else self.fails("read-timeout")


class _Demand:
    """The client's timer, which its stream enters while it waits for bytes: so it is known when some are wanted."""

    __slots__ = ("_protocol", "_stream", "_timer")

    def __init__(self, protocol: Answered, timer: Any) -> None:
        self._protocol = protocol
        self._timer = timer

    def __enter__(self) -> Any:
        self._stream = self._protocol._stream
        self._protocol.wanted(True)
        return self._timer.__enter__()

    def __exit__(self, *error: Any) -> Any:
        # Before a reader hears of its end, the next request may wait for bytes on this connection.
        if self._stream is None or self._stream is self._protocol._stream:
            self._protocol.wanted(False)
        return self._timer.__exit__(*error)

    def assert_timeout(self) -> None:
        """Raises what the timer raises whose time is over."""
        self._timer.assert_timeout()


class _Stream:
    """A body whose chunks are made while the client waits for them, and no sooner."""

    def __init__(self, protocol: Answered, pieces: AsyncIterator[bytes], turn: Turn) -> None:
        self._protocol = protocol
        self._pieces = pieces
        self._turn = turn
        self._patience = wire.Patience()
        self._demand = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.payload: Any = None

    def want(self, wanted: bool) -> None:
        """Whether the client waits for bytes. The first time starts the making."""
        if not wanted:
            self._demand.clear()
            return
        self._demand.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._make())

    def stop(self) -> None:
        """Make no more."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self.close())
        elif not self._task.done():
            self._task.cancel()

    async def close(self) -> None:
        """Tell the source that nothing more is wanted."""
        await self._pieces.aclose()  # type: ignore[attr-defined]  # an async generator's

    async def _make(self) -> None:
        try:
            while True:
                await self._demand.wait()
                piece = await anext(self._pieces, None)
                if piece is None:
                    break
                if self._patience.ends(piece, self._turn.patience):
                    raise self._turn.late()
                self._protocol.data_received(piece)
                if self.payload.is_eof():
                    break  # Nobody asks for more, so this would wait for ever.
                await asyncio.sleep(0)  # The client reads what came before it gets more.
        except Exception as error:
            self.payload.set_exception(error)
            self._protocol.force_close()
        finally:
            await self.close()
        if self._protocol._stream is self:  # The connection may serve another request by now.
            self._protocol.settle()


class Answered:
    """Stands before aiohttp's ResponseHandler in a class of both: reading a response is what asks the double."""

    data_received: Callable[[bytes], None]
    force_close: Callable[[], None]
    start_timeout: Callable[[], None]
    exception: Callable[[], BaseException | None]
    _drop_timeout: Callable[[], None]
    should_close: bool
    transport: Any

    _turn: Turn | None = None
    _real: Any = None
    _stream: _Stream | None = None
    _settling = False
    _failed: asyncio.Future[Answer] | None = None
    _parameters: Mapping[str, Any] = {}
    _payload_error: Callable[[str], Exception]
    _writes_later: bool
    _body: Any = None

    def connection_made(self, transport: Any) -> None:
        """As aiohttp's own."""
        super().connection_made(transport)  # type: ignore[misc]  # aiohttp's, mixed in at run time
        self._encoded: dict[tuple[int, bool], tuple[Response, tuple[bytes, ...]]] = {}

    def begin(self, turn: Turn) -> None:
        """The next request on this connection is answered as `turn` says."""
        self._turn = turn
        self._body = None
        self._stream = None
        self._settling = False
        self.transport.begin()

    def set_response_params(self, *, timer: Any = None, **parameters: Any) -> None:
        """As aiohttp's own; the timer tells when the body is waited for."""
        self._parameters = {"timer": timer, **parameters}
        if timer is not None:
            timer = _Demand(self, timer)
        super().set_response_params(timer=timer, **parameters)  # type: ignore[misc]  # aiohttp's, mixed in at run time

    async def read(self) -> Any:
        """The next message of the response, with its body's stream. Raises what the double raises."""
        turn, transport = self._turn, self.transport
        if turn is None or transport is None:
            return await super().read()  # type: ignore[misc]  # aiohttp's, mixed in at run time
        while self.exception() is None and not transport.is_closing():
            if transport.complete:
                self._turn = None
                if self._writes_later:
                    await asyncio.sleep(0)  # The task ends,
                    await asyncio.sleep(0)  # and the client hears of it.
                return await self._answer(turn, transport)
            if transport.waits_for_continue:
                transport.go_on()
                self.data_received(_CONTINUE)
                break
            await transport.arrival()
        return await super().read()  # type: ignore[misc]  # aiohttp's, mixed in at run time

    async def _answer(self, turn: Turn, transport: MemoryTransport) -> Any:
        request = turn.request(transport)
        answer = await (self._ask(turn, request) if turn.timeout.sock_read else turn.double.handle_async(request))
        if answer is None:
            return await super().read()  # type: ignore[misc]  # aiohttp's, mixed in at run time
        if isinstance(answer, PassThrough):
            self._real = real = await turn.real()
            message, payload = await self._read_real(real, transport, answer.reads_whole)
            if not answer.reads_whole:
                return message, payload
            answer = answer.given(await _whole(message, payload))
        if isinstance(answer, Fault):
            self._break(answer, turn, request.method)
        elif request.timeout is not None and answer.delay > request.timeout:
            raise turn.late()
        elif answer.chunks is None:
            self._respond(answer, request.method)
        else:
            self._stream = _Stream(self, wire.encode_async(answer, request.method), turn)
        return await self._begun()

    async def _ask(self, turn: Turn, request: Request) -> Answer | None:
        """The double's answer; None where the client's timeout for reading ended first, which the protocol tells."""
        loop = asyncio.get_running_loop()
        asked = loop.create_task(turn.double.handle_async(request))
        self._failed = loop.create_future()
        try:
            await asyncio.wait((asked, self._failed), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else None
        finally:
            self._failed = None
            asked.cancel()

    async def _begun(self) -> Any:
        """The head of an answer, and the stream that is fed with the rest."""
        stream = self._stream
        if stream is not None:
            self.data_received(await anext(stream._pieces))
        message, payload = await super().read()  # type: ignore[misc]  # aiohttp's, mixed in at run time
        self._body = payload
        if stream is not None:
            stream.payload = payload
            if not payload.is_eof():
                return message, payload
            self._stream = None
            await stream.close()
        self.settle()
        return message, payload

    def _respond(self, response: Response, method: str) -> None:
        """Send a whole response; what a double may send again and again is encoded once."""
        if not response.reusable:
            self._send(wire.encode(response, method), len(response.content))
            return
        key = (id(response), method == "HEAD")
        kept = self._encoded.get(key)
        if kept is None:
            if len(self._encoded) >= _KEPT:
                self._encoded.clear()
            # The response is kept with its bytes, so that its id stays its own.
            kept = self._encoded[key] = response, tuple(wire.encode(response, method))
        self._send(kept[1], len(response.content))

    def _send(self, pieces: Any, size: int) -> None:
        if size <= _SMALL:
            self.data_received(b"".join(pieces))
        else:
            for piece in pieces:
                self.data_received(piece)

    def _break(self, fault: Fault, turn: Turn, method: str) -> None:
        """Fail as the connection would; what fails before a byte has come is raised. Raises the client's exceptions."""
        kind = fault.kind
        if kind == "closed" or kind == "reset":
            error = faults.raised(kind)
            asyncio.get_running_loop().call_soon(self.transport.lose, error)
        elif kind not in ("closed-mid-body", "bad-chunk"):
            raise turn.late() if kind == "read-timeout" else turn.fails(kind)
        elif fault.response is not None and fault.response.chunks is not None:
            self._stream = _Stream(self, faults.encode_async(fault, method), turn)
        else:
            self._send(faults.encode(fault, method), _SMALL + 1)

    async def _read_real(self, real: Any, transport: MemoryTransport, whole: bool) -> Any:
        """Send the request on the real connection; the head and the stream of its answer."""
        protocol = real.protocol
        changed = {"auto_decompress": False} if whole else {}
        protocol.set_response_params(**{**self._parameters, **changed})
        real.transport.write(transport.received)
        protocol.start_timeout()
        self.force_close()  # This connection has nothing to keep; the real one is kept by its own pool.
        while True:
            message, payload = await protocol.read()
            if message.code < 100 or message.code > 199 or message.code == 101:
                break
        payload.on_eof(real.release)
        return message, payload

    def wanted(self, wanted: bool) -> None:
        """Whether the client waits for bytes of the body. Its timeout for reading runs only meanwhile."""
        stream = self._stream
        if stream is not None:
            stream.want(wanted)
            if wanted:
                self.start_timeout()
            else:
                self._drop_timeout()

    def settle(self) -> None:
        """The whole answer was sent: close the connection where nothing else tells the client that it has ended."""
        transport = self.transport
        if transport is None:
            return
        self._settling = transport.paused
        if not self._settling and self.should_close:
            asyncio.get_running_loop().call_soon(transport.lose, None)

    def resumed(self) -> None:
        """The client reads on."""
        if self._settling:
            self.settle()

    def set_exception(self, error: Any, *cause: Any) -> None:
        """As aiohttp's own; whoever waits for the request, or for the double, hears of it too."""
        super().set_exception(error, *cause)  # type: ignore[misc]  # aiohttp's, mixed in at run time
        if self.transport is not None:
            self.transport.wake()
        if self._failed is not None and not self._failed.done():
            self._failed.cancel()

    def connection_lost(self, error: Any) -> None:
        """As aiohttp's own; nothing more is made of an answer, and a real connection that is under way is closed."""
        before, body = self.exception(), self._body
        super().connection_lost(error)  # type: ignore[misc]  # aiohttp's, mixed in at run time
        if before is not None and body is not None and not body.is_eof() and body.exception() is None:
            # aiohttp's parser in C leaves the reader of a malformed chunk waiting; its parser in Python raises this.
            body.set_exception(self._payload_error(str(before)))
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.stop()
        real, self._real = self._real, None
        if real is not None:
            real.close()


async def _whole(message: Any, payload: Any) -> Response:
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message.raw_headers]
    kept = [pair for pair in pairs if pair[0].lower() != "transfer-encoding"]
    version = "1.0" if tuple(message.version) == (1, 0) else "1.1"
    return Response(message.code, kept, await payload.read(), reason=message.reason, http_version=version)
