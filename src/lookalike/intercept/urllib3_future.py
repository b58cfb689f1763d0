"""The seam in urllib3-future, which niquests stands on: as `urllib3`, whose place it takes, or as `urllib3_future`.

Its connections are no `http.client` ones. Here `connect` gives them a fake socket that speaks HTTP/1.1, whatever they
would have negotiated, so that their own code above it runs: state machine, retries, redirects, multiplexed sessions.
No upgrade to HTTP/2 or HTTP/3 is followed meanwhile, as that would leave the double.
"""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

from lookalike import passage
from lookalike.double.double import Double
from lookalike.intercept import active
from lookalike.intercept.connections import mark_connected, target_of
from lookalike.intercept.fake_socket import FakeSocket, Place
from lookalike.intercept.future_socket import AsyncFakeSocket, FutureSocket
from lookalike.intercept.imports import watch
from lookalike.intercept.patching import Patches, require
from lookalike.intercept.told import by_connection
from lookalike.messages import ClientOptions

SEAM = "urllib3-future"
NAMES = ("urllib3", "urllib3_future")
_FAKES = (FutureSocket, AsyncFakeSocket)
# What belongs to the protocol that a connection speaks with the double, while it also opens a real socket.
_SPOKEN = ("sock", "_protocol", "_svn", "conn_info", "_connected_at", "_disabled_svn", "_response", "_promises")


class Seam:
    """What the seam keeps while a double is active: its patches, and the fakes that it gave away."""

    def __init__(self) -> None:
        self._patches = Patches()
        self._lock = threading.Lock()
        self._given: weakref.WeakKeyDictionary[Any, weakref.ref[Any]] = weakref.WeakKeyDictionary()
        self._passing: weakref.WeakSet[Any] = weakref.WeakSet()

    def sync(self, module: ModuleType) -> None:
        """Patch the sync connections, if this is urllib3-future's module."""
        if not is_future(module):
            return
        require(module, *_needed("HTTPConnection"), "HTTPConnection.peek_and_react", "HTTPSConnection.connect")
        for name in ("HTTPConnection", "HTTPSConnection"):
            kind: Any = getattr(module, name)
            self._patches.set(kind, "connect", self._connecting(kind.connect, module))
        self._share(module.HTTPConnection, module)
        upgrade, peek = module.HTTPConnection._upgrade, module.HTTPConnection.peek_and_react

        def stay(connection: Any) -> None:
            if not isinstance(connection.sock, _FAKES):
                upgrade(connection)

        def peek_and_react(connection: Any, *args: Any, **options: Any) -> bool:
            # A double says nothing unasked; who looked would wait for it.
            return not isinstance(connection.sock, _FAKES) and peek(connection, *args, **options)

        self._patches.set(module.HTTPConnection, "_upgrade", stay)
        self._patches.set(module.HTTPConnection, "peek_and_react", peek_and_react)

    def awaited(self, module: ModuleType) -> None:
        """Patch the async connections."""
        require(module, *_needed("AsyncHTTPConnection"), "AsyncHTTPSConnection.connect", "ConnectTimeoutError")
        for name in ("AsyncHTTPConnection", "AsyncHTTPSConnection"):
            kind: Any = getattr(module, name)
            self._patches.set(kind, "connect", self._connecting_async(kind.connect, module))
        self._share(module.AsyncHTTPConnection, module)
        upgrade = module.AsyncHTTPConnection._upgrade

        async def stay(connection: Any) -> None:
            if not isinstance(connection.sock, _FAKES):
                await upgrade(connection)

        self._patches.set(module.AsyncHTTPConnection, "_upgrade", stay)

    def undo(self) -> None:
        """Take it out; connections that a double answered are dropped, so that their pools make new ones."""
        self._patches.undo()
        with self._lock:
            given = list(self._given.items())
        for fake, reference in given:
            fake.dropped = True
            connection = reference()
            if connection is not None and connection.sock is fake and connection.is_idle:
                connection.sock = connection._protocol = None
                fake.close()

    def _share(self, kind: Any, module: Any) -> None:
        """What sync and async connections have alike: a request begins, and a connection is looked at."""
        start, is_connected = kind.putrequest, kind.is_connected.fget

        def putrequest(connection: Any, method: str, url: str, *args: Any, **options: Any) -> None:
            self._take_over(connection, url or "/", module)
            start(connection, method, url, *args, **options)

        def connected(connection: Any) -> bool:
            if isinstance(connection.sock, _FAKES):
                protocol = connection._protocol
                return not (connection.sock.dropped or protocol is None or protocol.has_expired())
            stands: bool = is_connected(connection)
            return stands

        self._patches.set(kind, "putrequest", putrequest)
        self._patches.set(kind, "is_connected", property(connected))

    def _connecting(self, original: Callable[[Any], None], module: Any) -> Callable[[Any], None]:
        def connect(connection: Any) -> None:
            if not active.may_answer(SEAM) or passage.is_open():
                original(connection)
            elif self._passes(connection):
                with passage.opened():
                    original(connection)
            else:
                self._put(connection, module)
                with _http11(connection, module):
                    connection._post_conn()

        return connect

    def _connecting_async(
        self, original: Callable[[Any], Awaitable[None]], module: Any
    ) -> Callable[[Any], Awaitable[None]]:
        async def connect(connection: Any) -> None:
            if not active.may_answer(SEAM) or passage.is_open():
                await original(connection)
            elif self._passes(connection):
                with passage.opened():
                    await original(connection)
            else:
                self._put(connection, module)
                with _http11(connection, module):
                    await connection._post_conn()

        return connect

    def _passes(self, connection: Any) -> bool:
        if connection in self._passing or getattr(connection, "lookalike_passes", False):
            return True
        if connection.proxy is not None and not connection._tunnel_host:
            return False  # A forwarding proxy: the request will say which host is asked for.
        _, host, port = target_of(connection, "/")
        return active.decide(host, port, SEAM) is None

    def _take_over(self, connection: Any, url: str, module: Any) -> None:
        """A request begins: it meets the double, whatever the connection was connected to until now."""
        if not active.may_answer(SEAM) or passage.is_open() or getattr(connection, "lookalike_passes", False):
            return
        scheme, host, port = target_of(connection, url)
        double = active.decide(host, port, SEAM)
        if double is None:
            self._passing.add(connection)
            if isinstance(connection.sock, _FAKES):
                connection.sock.close()
                connection.sock = connection._protocol = connection._svn = None
            return
        self._passing.discard(connection)
        if connection.sock is not None and not isinstance(connection.sock, _FAKES):
            _forget_real(connection)
        if connection.sock is not None:
            connection.sock.expect(_place(connection, double, scheme, host, port))

    def _put(self, connection: Any, module: Any) -> None:
        """Give a connection a fake in place of a socket."""
        scheme, host, port = target_of(connection, "/")
        double = active.decide(host, port, SEAM) or active.innermost(SEAM)
        fake: Any = (
            AsyncFakeSocket(_AsyncLine(connection, module))
            if inspect.iscoroutinefunction(connection.request)
            else FutureSocket(connection.timeout, _SyncLine(connection, module), eager=False)
        )
        if double is not None:
            fake.expect(_place(connection, double, scheme, host, port))
        with self._lock:
            self._given[fake] = weakref.ref(connection)
        connection.sock = fake
        mark_connected(connection)


def is_future(module: Any) -> bool:
    """Whether this is urllib3-future's `connection` module, and not urllib3's own."""
    return hasattr(module, "HfaceBackend")


def _needed(kind: str) -> list[str]:
    """What connections are asked for, sync and async."""
    methods = ("connect", "putrequest", "is_connected", "is_idle", "_upgrade", "_post_conn")
    return ["HttpVersion.h11", *(f"{kind}.{method}" for method in methods)]


def _place(connection: Any, double: Double, scheme: str, host: str, port: int) -> Place:
    def options() -> ClientOptions:
        return replace(by_connection(connection, "")(), timeout=connection.timeout)

    return Place(double, scheme, host, port, options)


def _forget_real(connection: Any) -> None:
    """Let go of a real socket; a sync connection says goodbye, an async one can't wait for that here."""
    sock, connection.sock = connection.sock, None
    connection._protocol = connection._svn = None
    sock.close()


@contextmanager
def _http11(connection: Any, module: Any) -> Iterator[None]:
    """Let a connection choose HTTP/1.1 in this block, also one that was told not to."""
    told = connection._disabled_svn
    http11 = module.HttpVersion.h11
    connection._disabled_svn = {version for version in module.HttpVersion if version is not http11}
    connection._protocol = connection._svn = None
    try:
        yield
    finally:
        connection._disabled_svn = told


@contextmanager
def _aside(connection: Any, module: Any) -> Iterator[None]:
    """Let a connection open a real socket in this block, in the midst of what it says to a double."""
    kept = {name: getattr(connection, name) for name in _SPOKEN}
    connection.sock = None
    try:
        with _http11(connection, module):
            yield
    finally:
        for name, value in kept.items():
            setattr(connection, name, value)


class _Line:
    """How a connection gets a real socket behind its fake, and how it was told to ask."""

    def __init__(self, connection: Any, module: Any) -> None:
        self._connection = weakref.ref(connection)
        self._module = module

    def connection(self) -> Any:
        """The connection, as long as it is there."""
        found = self._connection()
        if found is None:
            raise ConnectionAbortedError("the connection was thrown away before its request was answered")
        return found

    def options(self, timeout: float | None) -> ClientOptions:
        """How it was told to ask."""
        found = self._connection()
        return ClientOptions(timeout) if found is None else replace(by_connection(found, "")(), timeout=timeout)


class _SyncLine(_Line):
    def open(self) -> Any:
        connection = self.connection()
        fake = connection.sock
        with _aside(connection, self._module), passage.opened():
            connection.connect()
            fake.real_socket = connection.sock
        return fake.real_socket

    def put_back(self, fake: FakeSocket) -> None:
        """The fake was never away."""


class _AsyncLine(_Line):
    def timed_out(self) -> Exception:
        connection = self.connection()
        text = f"Connection to {connection.host} timed out. (connect timeout={connection.timeout})"
        error: Exception = self._module.ConnectTimeoutError(connection, text)
        return error

    async def open(self) -> Any:
        connection = self.connection()
        with _aside(connection, self._module), passage.opened():
            await connection.connect()
            return connection.sock


def install() -> Callable[[], None]:
    """Put the seam into urllib3-future where it is imported, and as soon as it is; returns how to take it out."""
    seam = Seam()
    hooks = {f"{name}.connection": seam.sync for name in NAMES}
    hooks |= {f"{name}._async.connection": seam.awaited for name in NAMES}
    return watch(hooks, seam.undo)
