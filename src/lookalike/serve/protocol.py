"""One client's connection: requests in, in order; answers out, in the same order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
from collections.abc import Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from lookalike.double.double import Double
from lookalike.errors import UsageError
from lookalike.messages import Answer, Fault, PassThrough, Pause, Request, Response
from lookalike.serve.arriving import Arriving
from lookalike.serve.faults import FAILURES, last_words
from lookalike.serve.incoming import Incoming, Refused
from lookalike.serve.memo import Kept
from lookalike.serve.origin import Origin
from lookalike.serve.secured import Secured
from lookalike.serve.wire import CONTINUE, LAST_CHUNK, chunk, frame, plain
from lookalike.waiting import pieces_async

if TYPE_CHECKING:
    from lookalike.serve.hub import Guest, Hub

log = logging.getLogger("lookalike.serve")

_KEY = 8 * 1024  # longer requests are not worth a place in the memo
_LINGER = 2.0  # seconds that a client has to take a refusal
_WAITING = 64  # requests read ahead of their answers before reading pauses


class Connection(Arriving, asyncio.Protocol):
    """HTTP/1.1 over one transport (RFC 9112).

    origin: where the requests are meant to go as far as the connection says: the name in its TLS, a tunnel's target
    """

    __slots__ = (
        "_admitted", "_busy", "_closing", "_discards", "_hub", "_last_word", "_memo", "_origin", "_paused", "_quick",
        "_silent", "_task", "_transport", "_writable",
    )  # fmt: skip

    def __init__(self, hub: Hub, origin: Origin | None = None) -> None:
        super().__init__(hub.limits)
        self._hub = hub
        self._origin = origin
        self._memo = hub.memo_of(origin)
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._admitted = False
        self._task: asyncio.Task[None] | None = None  # the answer that takes its time
        self._busy = False
        self._silent = False
        self._closing = False  # no further request is answered
        self._last_word: Refused | None = None  # said after the answers that are still owed
        self._discards = False  # the last word is said: what still arrives is thrown away
        self._paused = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._quick = True  # nothing arrives, waits or goes out: the memo may answer

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._admitted = self._hub.opened(self)
        if not self._admitted:
            self.refuse(Refused(503, f"more than {self._hub.limits.connections} connections are open"))

    def take_over(self, transport: asyncio.Transport, old: Guest) -> None:
        """Go on where another guest of the hub began."""
        self._transport = transport
        self._admitted = True
        self._hub.handed_over(old, self)
        transport.set_protocol(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._hub.closed(self, admitted=self._admitted)
        self._quick = False
        self._closing = self._discards = True
        self._queue.clear()
        self._writable.set()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        if self._quick:
            kept = self._memo.get(data)
            if kept is not None:
                self._ticks = 0
                # First the journal, then the client: it may look at once.
                self._hub.double.again(kept.request, kept.response)
                self._transport.write(kept.wire)
                return
        if not self._discards and self._last_word is None:
            self._read(data)

    def eof_received(self) -> bool:
        """A client that has sent all may still wait for its answer."""
        if (self._queue or self._busy) and not self._silent:
            self._closing = True
            return True
        return False

    def pause_writing(self) -> None:
        self._quick = False
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()
        self._pump()

    # What the server wants

    def tick(self, limit: int) -> None:
        """A part of the idle time has passed. An answer that takes its time is not idleness."""
        self._ticks += 1
        if self._ticks < limit or (self._busy and self._writable.is_set()):
            return
        if self._queue or self._busy:
            self.abort()  # the client doesn't take its answers
        elif self._incoming is not None:
            self.refuse(Refused(408, "the request did not arrive in time"))
        else:
            self._transport.close()

    def end(self) -> None:
        """Answer what has arrived, then close."""
        self._quick = False
        if self._silent:
            self.abort()
        elif self._discards:
            self._transport.close()
        elif not self._busy and not self._queue and self._incoming is None:
            self._closing = True
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # In

    def _read(self, data: bytes) -> None:
        begun = self._incoming
        alone = self._quick and len(data) <= _KEY
        self._quick = False
        try:
            self._feed(data)
            self._check_head(begun, data)
        except Refused as refused:
            self._pump()
            self.refuse(refused)
            return
        if alone and self._incoming is None and len(self._queue) == 1 and not self._queue[0].body:
            self._queue[0].raw = data
        self._pump()

    # Out

    def _pump(self) -> None:
        """Answer what waits, as far as the client takes it."""
        queue, writable, transport = self._queue, self._writable, self._transport
        # A client that is gone is seen when it is written to, before it is told of.
        while queue and not self._busy and not self._discards and writable.is_set() and not transport.is_closing():
            self._answer(queue.popleft())
        if self._discards or self._transport.is_closing():
            return
        if self._busy or queue or not writable.is_set():
            self._pause(len(queue) >= _WAITING or not writable.is_set())
            return
        self._pause(False)
        if self._last_word is not None:
            refused, self._last_word = self._last_word, None
            self.refuse(refused)
            return
        if self._closing or (self._hub.stopping and self._incoming is None):
            self._transport.close()
            return
        if self._continue:
            self._continue = False
            self._transport.write(CONTINUE)
        self._quick = self._incoming is None

    def _pause(self, wanted: bool) -> None:
        if wanted is not self._paused:
            self._paused = wanted
            (self._transport.pause_reading if wanted else self._transport.resume_reading)()

    def _answer(self, incoming: Incoming) -> None:
        hub = self._hub
        try:
            double, request = hub.addressed(incoming, self._origin)
        except Refused as refused:
            self.refuse(refused)
            return
        version = double.version
        if double.awaits:
            self._start(self._answer_async(double, request, incoming, version))
            return
        answer = hub.ask(double, request)
        if not self._answer_now(answer, double, request, incoming, version):
            self._start(self._answer_slowly(request, answer, incoming))

    def _start(self, answering: Coroutine[None, None, None]) -> None:
        self._busy = True
        self._task = asyncio.get_running_loop().create_task(self._finally_pump(answering))

    async def _finally_pump(self, answering: Coroutine[None, None, None]) -> None:
        try:
            await answering
        finally:
            answering.close()  # where this task was cancelled before it began
            self._busy = False
            self._task = None
            self._ticks = 0
            if not self._discards:
                self._pump()

    async def _answer_async(self, double: Double, request: Request, incoming: Incoming, version: int) -> None:
        answer = await self._hub.ask_async(double, request)
        if not self._answer_now(answer, double, request, incoming, version):
            await self._answer_slowly(request, answer, incoming)

    def _answer_now(self, answer: Answer, double: Double, request: Request, incoming: Incoming, version: int) -> bool:
        """Send what can go out as a whole at once. Returns whether that was all."""
        if not isinstance(answer, Response) or answer.chunks is not None or answer.delay > 0:
            return False
        wire, close = self._wire(answer, incoming)
        if answer.reusable and incoming.raw is not None and not close and double is self._hub.double:
            self._memo.put(incoming.raw, Kept(wire, lambda: request, answer), version)
        self._transport.write(wire)
        if close:
            self._finish()
        return True

    def _wire(self, response: Response, incoming: Incoming) -> tuple[bytes, bool]:
        close = self._closes_after(incoming)
        try:
            laid = frame(response, method=incoming.method, version=incoming.version, close=close)
        except UsageError as error:
            laid = frame(plain(500, str(error), mark="error"), method=incoming.method, close=True)
        return laid.head + laid.body, laid.close

    def _closes_after(self, incoming: Incoming) -> bool:
        last = not self._queue and self._incoming is None and self._last_word is None
        return not incoming.keep_alive or (last and (self._closing or self._hub.stopping))

    async def _answer_slowly(self, request: Request, answer: Answer, incoming: Incoming) -> None:
        if isinstance(answer, PassThrough):
            answer = await self._hub.pass_through(request, answer)
        if isinstance(answer, Fault):
            await self._fail(answer, incoming)
            return
        if answer.delay > 0:
            await asyncio.sleep(answer.delay)
        if answer.chunks is not None:
            await self._stream(answer, incoming)
            return
        wire, close = self._wire(answer, incoming)
        self._transport.write(wire)
        if close:
            self._finish()

    async def _stream(self, response: Response, incoming: Incoming) -> None:
        """Send a body chunk by chunk; one that breaks off ends the connection, so that the client sees it."""
        try:
            laid = frame(response, method=incoming.method, version=incoming.version, close=self._closes_after(incoming))
        except UsageError as error:
            self._transport.write(self._wire(plain(500, str(error), mark="error", close=True), incoming)[0])
            self._finish()
            return
        self._transport.write(laid.head)
        if incoming.method != "HEAD" and response.chunks is not None:
            try:
                async with aclosing(pieces_async(response.chunks())) as parts:  # type: ignore[type-var]  # a generator in all but its type
                    async for part in parts:
                        if part:  # an empty chunk would end the body
                            self._transport.write(chunk(part) if laid.chunked else part)
                        await asyncio.sleep(part.seconds if isinstance(part, Pause) else 0)
                        await self._writable.wait()
            except Exception:
                log.exception("the stream that answers %s %r broke off", incoming.method, incoming.target)
                self._finish()
                return
            if laid.chunked:
                self._transport.write(LAST_CHUNK)
        if laid.close:
            self._finish()

    async def _fail(self, fault: Fault, incoming: Incoming) -> None:
        failure = FAILURES[fault.kind]
        if failure.ending == "silence":
            self._silent = True
            if self._hub.stopping or self._closing:
                self.abort()
            await asyncio.get_running_loop().create_future()
        if failure.ending == "reset":
            self._reset()
            return
        if fault.kind == "tls" and isinstance(self._transport, Secured):
            self._discards = self._closing = True
            self._transport.spoil()
            return
        self._transport.write(last_words(await _whole(fault), method=incoming.method))
        self._finish()

    def _reset(self) -> None:
        self._discards = True
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            # Lingering for no time makes closing a reset (socket(7), SO_LINGER).
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0))
        self._transport.abort()

    def refuse(self, refused: Refused) -> None:
        """Say why nothing more is answered, after the answers that are still owed, and end."""
        if self._discards or self._transport.is_closing():
            return
        if self._busy or self._queue:
            self._last_word = refused
            self._incoming = None
            return
        laid = frame(plain(refused.status, str(refused), mark=refused.mark, close=True), method="GET")
        self._transport.write(laid.head + laid.body)
        self._finish(lingers=True)

    def _finish(self, *, lingers: bool = False) -> None:
        """Nothing more is said.

        Closing while the client still sends would reset the connection and lose the answer. So with `lingers` the own
        side is closed first, and what arrives is thrown away until the client closes too, or for a short time.
        """
        self._discards = self._closing = True
        self._quick = False
        self._incoming = None
        self._queue.clear()
        self._pause(False)
        if not lingers or self._hub.stopping or not self._transport.can_write_eof():
            self._transport.close()
            return
        with contextlib.suppress(OSError, RuntimeError):
            self._transport.write_eof()
        asyncio.get_running_loop().call_later(_LINGER, self._transport.close)


async def _whole(fault: Fault) -> Fault:
    """The fault with a streamed body read to its end."""
    response = fault.response
    if response is None or response.chunks is None:
        return fault
    content = b"".join([part async for part in pieces_async(response.chunks())])
    return Fault(fault.kind, Response(response.status, response.headers, content))
