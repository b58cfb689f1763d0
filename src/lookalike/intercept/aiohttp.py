"""The seam in aiohttp's connectors: every session, on asyncio and uvloop, made before a double or under it.

`BaseConnector.connect` hands out a connection in memory where a double answers. The connector's own code does that,
limits, waiting, tracing and reuse included; only its way to the network is another, and so is the key under which it
keeps the connection, so that no real connection is ever taken for one in memory or the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from lookalike import passage
from lookalike.double.double import Double
from lookalike.errors import UnmatchedRequest
from lookalike.intercept import active, faults
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches, require
from lookalike.messages import ClientOptions, FaultKind

SEAM = "aiohttp"
MODULE = "aiohttp.connector"
# The last three: each connector takes its own kind's scheme for HTTP (aiodocker asks `tcp://host:2375/...`).
_HTTP = {
    "http": "http", "https": "https", "ws": "http", "wss": "https", "tcp": "http", "unix": "http", "npipe": "http",
}  # fmt: skip
_WEBSOCKET = ("ws", "wss")
# What the seam takes over or leans on, besides what `connect` itself uses.
_NEEDED = (
    "BaseConnector.connect", "BaseConnector._create_connection", "BaseConnector._available_connections",
    "UnixConnector", "NamedPipeConnector",
    "ResponseHandler.read", "ResponseHandler.set_response_params", "ResponseHandler.data_received",
    "ResponseHandler.connection_lost", "ResponseHandler.set_exception", "ResponseHandler.exception",
    "ResponseHandler.should_close", "ResponseHandler.force_close", "ResponseHandler.start_timeout",
    "ResponseHandler._drop_timeout",
)  # fmt: skip

# kind -> the names of aiohttp's exceptions, the newest first: older releases tell fewer apart
ERRORS: dict[FaultKind, tuple[str, ...]] = {
    "dns": ("ClientConnectorDNSError", "ClientConnectorError"),
    "refused": ("ClientConnectorError",),
    "connect-timeout": ("ConnectionTimeoutError", "ServerTimeoutError"),
    "read-timeout": ("SocketTimeoutError", "ServerTimeoutError"),
    "tls": ("ClientConnectorCertificateError",),
}
_READ_TIMEOUT = "Timeout on reading data from socket"


class Key(NamedTuple):
    """Under which a connector keeps a connection in memory; never equal to a key of aiohttp's, which is longer."""

    host: str
    port: int
    is_ssl: bool


class Asked:
    """A request as `connect` sees it: on a connection in memory, which no proxy is on the way to."""

    proxy = None

    def __init__(self, request: Any, key: Key) -> None:
        self.connection_key = key
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


class InMemory:
    """A connector as its own `connect` sees it, with another way to the network."""

    def __init__(self, connector: Any, connected: Callable[[Key], Any]) -> None:
        self._connector = connector
        self._connected = connected

    async def _create_connection(self, request: Asked, *_: Any) -> Any:
        return self._connected(request.connection_key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)


class Unlimited:
    """A connector as its own `connect` sees it, for a request that holds a place within its limits already."""

    def __init__(self, connector: Any) -> None:
        self._connector = connector

    def _available_connections(self, key: Any) -> int:
        return 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)


class Seam:
    """The replaced `connect` of one aiohttp, with what it needs of it."""

    def __init__(self, library: Any) -> None:
        # Here, as it imports asyncio, which aiohttp has imported.
        import asyncio

        from lookalike.intercept import aiohttp_protocol, memory_transport

        self._library = library
        self._original: Callable[..., Any] = library.BaseConnector.connect
        self._local = (library.UnixConnector, library.NamedPipeConnector)
        self._loop = asyncio.get_running_loop
        self._transport = memory_transport.MemoryTransport
        self._turn = aiohttp_protocol.Turn
        self._patience = aiohttp_protocol.patience_of
        bases = (aiohttp_protocol.Answered, library.ResponseHandler)
        own = {
            "_payload_error": _module("aiohttp.client_exceptions").ClientPayloadError,
            # Before 3.11 a task ends each request, also one without a body, and no answer comes before it has run.
            "_writes_later": not hasattr(_module("aiohttp.http_writer").StreamWriter, "set_eof"),
        }
        self._protocol: Any = type("ResponseHandler", bases, own)

    async def connect(self, connector: Any, request: Any, traces: Any, limits: Any) -> Any:
        """A connection for a request: in memory where a double answers it, else the connector's own."""
        if not active.may_answer(SEAM) or passage.is_open():
            return await self._original(connector, request, traces, limits)
        url = request.url
        scheme = _HTTP.get(url.scheme)
        if scheme is None:  # No double speaks it: the guard looks where it goes.
            return await self._original(connector, request, traces, limits)
        host = url.raw_host.lower()
        port = url.port or 80  # no port is known of a connector's own scheme
        double = self._double_for(connector, host, port)
        if double is None:
            with passage.opened():
                return await self._original(connector, request, traces, limits)
        if url.scheme in _WEBSOCKET or "Upgrade" in request.headers:
            _refuse_upgrade(request)
        key = Key(host, port, scheme == "https")
        connection = await self._original(InMemory(connector, self._connected), Asked(request, key), traces, limits)
        connection.protocol.begin(self._asked(double, key, connector, request, limits))
        return connection

    def _double_for(self, connector: Any, host: str, port: int) -> Double | None:
        if getattr(connector, "lookalike_passes", False):
            return None
        decide = active.claimed if isinstance(connector, self._local) else active.decide
        return decide(host, port, SEAM)

    def _connected(self, key: Key) -> Any:
        loop = self._loop()
        protocol = self._protocol(loop)
        protocol.connection_made(self._transport(protocol, loop, (key.host, key.port), protocol.resumed))
        return protocol

    def _asked(self, double: Double, key: Key, connector: Any, request: Any, limits: Any) -> Any:
        def real() -> Any:
            return self._real(connector, request, limits)

        def fails(kind: FaultKind) -> Exception:
            return self._error(kind, connector, request)

        # The journal keeps the options with each call, so they hold neither the request nor its response.
        patience, proxy = self._patience, request.proxy
        verify, default = getattr(request, "ssl", None), getattr(connector, "_ssl", True)

        def options() -> ClientOptions:
            return _options(patience(limits), verify, default, proxy)

        scheme = "https" if key.is_ssl else "http"
        return self._turn(double, scheme, key.host, key.port, limits, options, fails, real)

    async def _real(self, connector: Any, request: Any, limits: Any) -> Any:
        """The real connection for a request. Raises what a session makes of a connection that fails."""
        import asyncio

        with passage.opened():
            try:
                async with asyncio.timeout(limits.connect or None):
                    return await self._original(Unlimited(connector), request, [], limits)
            except TimeoutError as error:
                raise self._error("connect-timeout", connector, request) from error

    def _error(self, kind: FaultKind, connector: Any, request: Any) -> Exception:
        """What aiohttp raises for a fault."""
        errors = _module("aiohttp.client_exceptions")
        make = next(found for name in ERRORS[kind] if (found := getattr(errors, name, None)) is not None)
        cause = faults.raised(kind)
        error: Exception
        if kind == "read-timeout":
            error = make(_READ_TIMEOUT)
            cause = None
        elif kind == "connect-timeout":
            error = make(f"Connection timeout to host {request.url}")
        elif kind != "tls" and isinstance(connector, self._library.UnixConnector):
            error = errors.UnixClientConnectorError(connector.path, request.connection_key, cause)
        else:
            if isinstance(cause, ConnectionRefusedError):
                # asyncio's words.
                cause = ConnectionRefusedError(
                    cause.errno, f"Connect call failed {request.url.raw_host, request.url.port}"
                )
            error = make(request.connection_key, cause)
        error.__cause__ = cause
        return error


def _module(name: str) -> Any:
    import sys

    return sys.modules[name]


def _options(timeout: float | None, verify: Any, default: Any, proxy: Any) -> ClientOptions:
    if verify is True or verify is None:
        verify = default
    if verify is None:
        verify = True
    if not isinstance(verify, bool):
        # An SSLContext says it itself; a Fingerprint is compared in place of a chain of certificates.
        verify = bool(getattr(verify, "verify_mode", False))
    return ClientOptions(timeout, verify, None, str(proxy) if proxy else None)


def _refuse_upgrade(request: Any) -> None:
    """Raises UnmatchedRequest for a WebSocket."""
    error = UnmatchedRequest(
        f"{request.method} {request.url} asks for a WebSocket, which no double speaks.\n"
        f"Let the code connect to a server on this machine, or replace what calls `ws_connect` in this test."
    )
    active.blocked(error)
    raise error


def install() -> Callable[[], None]:
    """Put the seam into aiohttp, now or as soon as it is imported; returns how to take it out."""
    patches = Patches()

    def hook(library: ModuleType) -> None:
        require(library, *_NEEDED)
        seam = Seam(library)

        async def connect(connector: Any, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109 - its own name
            return await seam.connect(connector, req, traces, timeout)

        patches.set(library.BaseConnector, "connect", connect)

    stop = when_imported(MODULE, hook)

    def undo() -> None:
        stop()
        patches.undo()

    return undo
