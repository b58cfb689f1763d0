"""TLS between a transport and a protocol: over a socket, in a tunnel, or in TLS again."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

from lookalike.serve.authority import Authority

_PIECE = 64 * 1024
# A fatal handshake_failure that isn't encrypted (RFC 8446, section 6): after the handshake no client can read it.
_SPOILT = b"\x15\x03\x03\x00\x02\x02\x28"


class Waiting(Protocol):
    """Who is told that the connection is secured, and gets its bytes until another protocol is set."""

    def secured(self, transport: Secured, name: str) -> None:
        """The handshake is done; `name` is the host that the client asked for, or `""`."""


class Secured(asyncio.Protocol, asyncio.Transport):
    """The protocol of the outer transport, and the transport of the inner protocol.

    ssl.SSLObject over two memory buffers: asyncio's own TLS can begin only on a socket from which nothing was read yet.

    names:  the hosts to be where the client names none
    failed: told of what went wrong with TLS, a client that doesn't trust the certificate above all
    """

    def __init__(
        self,
        outer: asyncio.Transport,
        inner: asyncio.BaseProtocol,
        authority: Authority,
        names: Iterable[str],
        failed: Callable[[ssl.SSLError], None],
    ) -> None:
        super().__init__()
        self._outer = outer
        self._inner = inner
        self._failed = failed
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = authority.serve(self._incoming, self._outgoing, *names)
        self._shaken = False
        self._paused = False
        self._closing = False
        self._ended = False  # the own side has said its last word
        outer.set_protocol(self)

    # The outer transport's side

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._incoming.write(data)
        self._advance()

    def eof_received(self) -> bool:
        return self._inner_eof() if self._shaken and not self._ended else False

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = self._ended = True
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _advance(self) -> None:
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
                self._flush()
                cast("Waiting", self._inner).secured(self, self._tls.name)
            while not self._paused and not self._ended:
                data = self._tls.read(_PIECE)
                if not data:
                    self._eof()
                    return
                cast("asyncio.Protocol", self._inner).data_received(data)
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLZeroReturnError:
            self._eof()
        except ssl.SSLError as error:
            self._failed(error)
            # What is wrong is told by an alert, then the connection ends (RFC 8446, section 6.2).
            self._flush()
            self._closing = self._ended = True
            self._outer.close()

    def _eof(self) -> None:
        """The client has sent all."""
        if not self._inner_eof():
            self.close()

    def _inner_eof(self) -> bool:
        return bool(cast("asyncio.Protocol", self._inner).eof_received())

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data and not self._outer.is_closing():
            self._outer.write(data)

    # The inner protocol's side

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._inner = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._outer.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self._ended:
            return
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]
        self._flush()

    def can_write_eof(self) -> bool:
        return self._outer.can_write_eof()

    def write_eof(self) -> None:
        self._farewell()
        self._outer.write_eof()

    def is_closing(self) -> bool:
        return self._closing or self._outer.is_closing()

    def close(self) -> None:
        self._closing = True
        self._farewell()
        self._outer.close()

    def abort(self) -> None:
        self._closing = self._ended = True
        self._outer.abort()

    def spoil(self) -> None:
        """Break the TLS itself, so that the client meets a failure of TLS."""
        self._closing = self._ended = True
        self._outer.write(_SPOILT)
        self._outer.close()

    def pause_reading(self) -> None:
        if not self._paused:
            self._paused = True
            self._outer.pause_reading()

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            if not self._outer.is_closing():
                self._outer.resume_reading()
            # What was decrypted from is here already: no event tells of it.
            asyncio.get_running_loop().call_soon(self._resumed)

    def _resumed(self) -> None:
        if self._shaken and not self._ended and not self._paused:
            self._advance()

    def _farewell(self) -> None:
        """Say that nothing follows (close_notify), once."""
        if self._ended:
            return
        self._ended = True
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()
