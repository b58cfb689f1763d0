"""Bytes that pass the server as they are: to hosts that may be reached for real."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, cast

from lookalike import passage
from lookalike.serve.origin import Origin

if TYPE_CHECKING:
    from lookalike.serve.junction import Junction


class _End(asyncio.Protocol):
    """One end of a tunnel: what it reads is written to the other."""

    def __init__(self, tunnel: Tunnel) -> None:
        self._tunnel = tunnel
        self.other: _End | None = None
        self.transport: asyncio.Transport | None = None
        self.sent_all = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._tunnel.moved()
        far = self._far()
        if far is not None:
            far.write(data)

    def eof_received(self) -> bool:
        self.sent_all = True
        far = self._far()
        if far is None or not far.can_write_eof():
            return False
        with contextlib.suppress(OSError, RuntimeError):
            far.write_eof()
        return self.other is not None and not self.other.sent_all

    def pause_writing(self) -> None:
        far = self._far()
        if far is not None:
            far.pause_reading()

    def resume_writing(self) -> None:
        far = self._far()
        if far is not None:
            far.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        far = self._far()
        self.transport = None
        if far is not None:
            far.close() if exc is None else far.abort()
        self._tunnel.lost()

    def _far(self) -> asyncio.Transport | None:
        far = self.other.transport if self.other is not None else None
        return far if far is not None and not far.is_closing() else None


class Tunnel:
    """A client's connection and the one to the host that it asked for, joined."""

    def __init__(self, junction: Junction, near: asyncio.Transport) -> None:
        self._junction = junction
        self._near = _End(self)
        self._near.connection_made(near)
        near.set_protocol(self._near)
        self._far = _End(self)
        self._near.other, self._far.other = self._far, self._near
        self._open = 1
        self._ticks = 0

    async def open(self, place: Origin) -> str:
        """Reach the host. Returns `""`, or why it can't be reached."""
        try:
            with passage.opened():
                await asyncio.get_running_loop().create_connection(lambda: self._far, place.host, place.port)
        except (OSError, UnicodeError) as error:  # a name that can't be one is refused by its encoding
            return str(error)
        self._open += 1
        return ""

    def begin(self, head: bytes, data: bytes) -> None:
        """Tell the client that it is through, and send on what it said already."""
        near, far = self._near.transport, self._far.transport
        if near is None or far is None:
            self.abort()  # one of them has left meanwhile
            return
        near.write(head)
        if data:
            far.write(data)
        near.resume_reading()

    def moved(self) -> None:
        """Bytes went through."""
        self._ticks = 0

    def lost(self) -> None:
        """One of the two connections has ended."""
        self._open -= 1
        if self._open == 0:
            self._junction.closed(self, admitted=True)

    def tick(self, limit: int) -> None:
        """A part of the idle time has passed."""
        self._ticks += 1
        if self._ticks >= limit:
            self.abort()

    def end(self) -> None:
        """The server stops: what it doesn't answer itself isn't waited for."""
        self.abort()

    def abort(self) -> None:
        """Close both at once."""
        for end in (self._near, self._far):
            if end.transport is not None:
                end.transport.abort()
