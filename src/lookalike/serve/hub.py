"""What the connections of one server share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from lookalike.double.double import Double
from lookalike.errors import ContractViolation, DoubleError, LookalikeError, UnmatchedRequest, UsageError
from lookalike.messages import Answer, Fault, PassThrough, Request, Response
from lookalike.serve.incoming import Incoming
from lookalike.serve.limits import Limits
from lookalike.serve.memo import Memo
from lookalike.serve.origin import Origin
from lookalike.serve.protocol import Connection
from lookalike.serve.wire import plain

if TYPE_CHECKING:
    from lookalike.serve.server import Upstream

log = logging.getLogger("lookalike.serve")

_MARKS: tuple[tuple[type[DoubleError], str], ...] = ((UnmatchedRequest, "unmatched"), (ContractViolation, "violation"))
_THREADS = 32  # requests that wait for the upstream at once; more wait for those
_TICKS = 4  # sweeps in which a connection may stay idle
_NO_UPSTREAM = (
    "The double passes this request through to the real API, and this server has no way there.\n"
    "Give the server an upstream, or the route an answer."
)


class Guest(Protocol):
    """What is open to a client."""

    def tick(self, limit: int) -> None:
        """One of `limit` parts of the idle time has passed."""

    def end(self) -> None:
        """The server stops: end when what has arrived is answered."""

    def abort(self) -> None:
        """Close at once."""


class Hub:
    """The double, the memo, and the connections that are open."""

    def __init__(self, double: Double, limits: Limits, upstream: Upstream | None) -> None:
        self.double = double
        self.limits = limits
        self.memo = Memo(double)
        self.connections: set[Guest] = set()
        self.stopping = False
        self._empty = asyncio.Event()
        self._guests = 0
        self._upstream = upstream
        # Each waits for the real API and not for a processor, so the number of those doesn't limit them.
        threads = ThreadPoolExecutor(_THREADS, "lookalike-upstream") if upstream is not None else None
        self._threads = threads

    def connection(self) -> asyncio.Protocol:
        """A protocol for a new connection."""
        return Connection(self)

    def memo_of(self, origin: Origin | None) -> Memo:
        """The answers that are kept for a connection on which requests to `origin` arrive."""
        return self.memo

    def addressed(self, incoming: Incoming, origin: Origin | None) -> tuple[Double, Request]:
        """Who answers a request that has arrived, and the request as that double sees it. Raises Refused."""
        return self.double, incoming.request(self.double)

    def opened(self, connection: Guest) -> bool:
        """A connection begins. Returns whether there is room for it; one that is refused takes none."""
        self.connections.add(connection)
        self._empty.clear()
        if self.stopping or self._guests >= self.limits.connections:
            return False
        self._guests += 1
        return True

    def handed_over(self, old: Guest, new: Guest) -> None:
        """What was one guest is another from now on."""
        self.connections.discard(old)
        self.connections.add(new)

    def closed(self, connection: Guest, *, admitted: bool) -> None:
        """A connection has ended."""
        self.connections.discard(connection)
        self._guests -= admitted
        if not self.connections:
            self._empty.set()

    def ask(self, double: Double, request: Request) -> Answer:
        """The double's answer; what it raises becomes a response, never a traceback."""
        try:
            return _checked(double.handle(request))
        except Exception as error:
            return _told(request, error)

    async def ask_async(self, double: Double, request: Request) -> Answer:
        """The same of a double that awaits something before it answers."""
        try:
            return _checked(await double.handle_async(request))
        except Exception as error:
            return _told(request, error)

    async def pass_through(self, request: Request, answer: PassThrough) -> Response:
        """The real API's answer, through the upstream."""
        if self._upstream is None:
            return plain(501, _NO_UPSTREAM, mark="passes-through")
        try:
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(self._threads, self._upstream, request)
            response = answer.given(response)
        except LookalikeError as error:
            return plain(502, str(error), mark="upstream")
        except Exception as error:
            log.exception("the upstream failed for %s %s", request.method, request.url)
            return plain(502, f"The upstream raised {type(error).__name__}: {error}", mark="upstream")
        return response

    async def sweep(self) -> None:
        """Close connections that stay idle, and requests that stay incomplete."""
        while True:
            await asyncio.sleep(self.limits.idle / _TICKS)
            for connection in list(self.connections):
                connection.tick(_TICKS)

    async def drain(self) -> None:
        """Let what is in flight be answered, then close every connection."""
        # What clients sent before the end was asked for may still wait to be read.
        for _ in range(3):
            await asyncio.sleep(0)
        self.stopping = True
        for connection in list(self.connections):
            connection.end()
        if self.connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), self.limits.grace)
        for connection in list(self.connections):
            connection.abort()
        if self.connections:
            await self._empty.wait()
        if self._threads is not None:
            await asyncio.to_thread(self._threads.shutdown)


def _checked(answer: Answer) -> Answer:
    if isinstance(answer, Response | Fault | PassThrough):
        return answer
    return plain(500, f"The double answered with {type(answer).__name__}, which is no answer.", mark="error")


def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, DoubleError):
        return plain(501, str(error), mark=next((mark for kind, mark in _MARKS if isinstance(error, kind)), "error"))
    if isinstance(error, UsageError):
        return plain(500, str(error), mark="error")
    log.error("the double raised while it answered %s %s", request.method, request.url, exc_info=error)
    return plain(500, f"The double raised {type(error).__name__}: {error}", mark="error")
