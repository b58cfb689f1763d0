"""What a new connection speaks, told by its first bytes: HTTP, TLS, or CONNECT with one of the two inside."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, cast

from lookalike.serve.incoming import Refused
from lookalike.serve.origin import Origin
from lookalike.serve.protocol import Connection
from lookalike.serve.secured import Secured
from lookalike.serve.tunnel import Tunnel

if TYPE_CHECKING:
    from lookalike.serve.junction import Junction

_HANDSHAKE = b"\x16"  # a TLS record of a handshake (RFC 8446, section 5.1); no method of HTTP begins so
_CONNECT = b"CONNECT "
_PREFACE = b"PRI * HTTP/2.0\r\n"  # of a client that takes HTTP/2 for granted (RFC 9113, section 3.4)
_END = b"\r\n\r\n"
_THROUGH = b"HTTP/1.1 200 Connection established\r\n\r\n"
# authority-form (RFC 9112, section 3.2.3)
_TARGET = re.compile(rb"CONNECT (\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5}) HTTP/1\.[01]\r\n")


class Doorway(asyncio.Protocol):
    """A connection until it is known what it speaks; then another protocol has its transport."""

    def __init__(self, junction: Junction) -> None:
        self._junction = junction
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._admitted = False
        self._data = b""
        self._ticks = 0
        self._target: Origin | None = None  # of CONNECT
        self._tls = False  # since the last CONNECT
        self._name = ""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._admitted = self._junction.opened(self)
        if not self._admitted:
            # Whether it speaks TLS isn't known: it would have to be asked first, which is what there is no room for.
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._junction.closed(self, admitted=self._admitted)

    def data_received(self, data: bytes) -> None:
        self._ticks = 0
        self._data += data
        if self._admitted and self._data:
            self._look()

    def secured(self, transport: Secured, name: str) -> None:
        """The handshake is done: what follows is looked at as what came before it was."""
        self._transport = transport
        self._tls = True
        self._name = name

    def _look(self) -> None:
        data = self._data
        if data.startswith(_HANDSHAKE) and not self._tls:
            self._data = b""
            names = (self._target.host,) if self._target is not None else self._junction.own_names
            try:
                secured = Secured(self._transport, self, self._junction.authority, names, self._junction.not_secured)
            except ValueError:
                self._refuse(Refused(400, f"no certificate can be made for {names[0]}"))
                return
            secured.data_received(data)
        elif data.startswith(_PREFACE):
            self._refuse(Refused(505, "HTTP/2 is not spoken here; HTTP/1.1 is"))
        elif _CONNECT.startswith(data[: len(_CONNECT)]) and self._target is None:
            if len(data) >= len(_CONNECT):
                self._connect(data)
        else:
            self._speak()

    def _connect(self, data: bytes) -> None:
        limits = self._junction.limits
        line = data.find(b"\r\n")
        head, end, rest = data.partition(_END)
        if (line if line >= 0 else len(data)) > limits.target:
            self._refuse(Refused(414, f"the request target is longer than {limits.target} bytes"))
        elif len(head) > limits.target + limits.head:
            self._refuse(Refused(431, f"the header fields are longer than {limits.head} bytes"))
        elif end:
            found = _TARGET.match(head + end)
            port = int(found[2]) if found is not None else 0
            if found is None or not 0 < port <= 65535:
                self._refuse(Refused(400, "CONNECT names a host and a port: CONNECT api.example.com:443 HTTP/1.1"))
                return
            host = found[1].decode("ascii").strip("[]").lower().rstrip(".")
            self._open(Origin("https", host, port), rest)

    def _open(self, target: Origin, rest: bytes) -> None:
        junction = self._junction
        if junction.is_own(target) or junction.owner(target) is not None:
            self._target = target
            self._tls, self._name, self._data = False, "", b""
            self._transport.write(_THROUGH)
            if rest:
                self.data_received(rest)
        elif junction.lets_through(target):
            self._transport.pause_reading()
            self._task = asyncio.get_running_loop().create_task(self._tunnel(target, rest))
        else:
            self._refuse(junction.blocked(target))

    async def _tunnel(self, target: Origin, rest: bytes) -> None:
        tunnel = Tunnel(self._junction, self._transport)
        self._junction.handed_over(self, tunnel)
        why = await tunnel.open(target)
        if not why:
            tunnel.begin(_THROUGH, rest)
        elif not self._transport.is_closing():
            self._transport.resume_reading()
            self._junction.handed_over(tunnel, self)
            self._refuse(Refused(502, f"{target.place} can't be reached: {why}", mark="unreachable"))

    def _speak(self) -> None:
        self._hand_over().data_received(self._data)

    def _refuse(self, refused: Refused) -> None:
        self._hand_over().refuse(refused)

    def _hand_over(self) -> Connection:
        connection = Connection(self._junction, self._origin())
        connection.take_over(self._transport, self)
        return connection

    def _origin(self) -> Origin | None:
        """Where requests are meant to go: the name in the TLS decides, then the tunnel's target."""
        scheme, junction = "https" if self._tls else "http", self._junction
        if self._target is None:
            named = Origin(scheme, self._name, 0)
            return named if self._name and not junction.is_own_name(self._name) else None
        if junction.is_own(self._target):
            return None
        return Origin(scheme, self._name or self._target.host, self._target.port)

    def tick(self, limit: int) -> None:
        """A part of the idle time has passed."""
        self._ticks += 1
        if self._ticks < limit:
            return
        if self._data.startswith(_CONNECT):
            self._refuse(Refused(408, "the request did not arrive in time"))
        else:
            self.abort()

    def end(self) -> None:
        """The server stops."""
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()
