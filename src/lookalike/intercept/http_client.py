"""The seam in `http.client`: requests, urllib3, botocore, urllib.request, httplib2, Thrift and every SDK on them.

A connection is taken over where a request begins (`putrequest`), so one that was opened before the double is too; and
where a client connects ahead of its request (`connect`, in each class that has its own).
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any
from urllib.parse import urlsplit

from lookalike import passage
from lookalike.intercept import active
from lookalike.intercept.fake_socket import FakeSocket, Place
from lookalike.intercept.patching import Patches

Connection = http.client.HTTPConnection
_UNVERIFIED = {ssl.CERT_NONE, ssl.CERT_OPTIONAL, "CERT_NONE", "CERT_OPTIONAL", "NONE", "OPTIONAL"}


def target_of(connection: Any, url: str) -> tuple[str, str, int]:
    """Scheme, host (lower case) and port of the URL that was asked for, whatever proxy lies between."""
    if url[:4].lower() == "http" and "://" in url[:8]:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, parts.hostname or "", parts.port or (443 if scheme == "https" else 80)
    secure = connection.default_port == 443
    tunnel = connection._tunnel_host
    host = tunnel or connection.host
    port = (connection._tunnel_port if tunnel else connection.port) or connection.default_port
    return "https" if secure else "http", host.strip("[]").lower(), port


class Seam:
    """What the seam keeps while a double is active: its patches, and which connections it gave what."""

    def __init__(self) -> None:
        self._patches = Patches()
        self._lock = threading.Lock()
        self._adopted: set[type] = set()
        # A fake's connection is kept weakly: a pool that is thrown away takes its connections with it.
        self._fakes: weakref.WeakKeyDictionary[FakeSocket, weakref.ref[Any]] = weakref.WeakKeyDictionary()
        self._passing: weakref.WeakSet[Any] = weakref.WeakSet()

    def install(self) -> None:
        """Put the seam in."""
        begin, start = Connection.__init__, Connection.putrequest

        def init(connection: Any, *args: Any, **options: Any) -> None:
            if type(connection) not in self._adopted:
                self._adopt(type(connection))
            begin(connection, *args, **options)

        def putrequest(connection: Any, method: str, url: str, *args: Any, **options: Any) -> None:
            self._take_over(connection, url or "/")
            start(connection, method, url, *args, **options)

        for known in _subclasses(Connection):
            self._adopt(known)
        self._patches.set(Connection, "__init__", init)
        self._patches.set(Connection, "putrequest", putrequest)

    def undo(self) -> None:
        """Take it out; idle connections that a double answered connect anew."""
        self._patches.undo()
        with self._lock:
            fakes = list(self._fakes.items())
        for fake, reference in fakes:
            fake.drop()
            connection = reference()
            if connection is not None and connection.sock is fake and not fake.busy:
                connection.sock = None
                fake.close()

    def _adopt(self, kind: type) -> None:
        """Take the `connect` of this class and of those it inherits from, where they have their own."""
        with self._lock:
            for one in kind.__mro__:
                if one not in self._adopted and issubclass(one, Connection):
                    self._adopted.add(one)
                    if "connect" in vars(one):
                        self._patches.set(one, "connect", self._connecting(vars(one)["connect"]))

    def _connecting(self, original: Callable[[Any], None]) -> Callable[[Any], None]:
        def connect(connection: Any) -> None:
            if not active.any_active() or passage.is_open():
                original(connection)
            elif self._passes(connection):
                # The URL was decided upon, so the way there (a proxy, an address without a name) is no matter.
                with passage.opened():
                    original(connection)
            else:
                self._put(connection)

        return connect

    def _passes(self, connection: Any) -> bool:
        if connection in self._passing or _left_alone(connection):
            return True
        if getattr(connection, "proxy", None) is not None and not connection._tunnel_host:
            return False  # A forwarding proxy: the request will say which host is asked for.
        _, host, port = target_of(connection, "/")
        return active.decide(host, port) is None

    def _take_over(self, connection: Any, url: str) -> None:
        current = connection.sock
        double = None
        if not _left_alone(connection):
            scheme, host, port = target_of(connection, url)
            double = active.decide(host, port)
        if double is None:
            if active.any_active():
                self._passing.add(connection)
            if isinstance(current, FakeSocket):
                connection.sock = None
                current.close()
            return
        self._passing.discard(connection)
        fake = current if isinstance(current, FakeSocket) else self._put(connection)
        fake.expect(Place(double, scheme, host, port))

    def _put(self, connection: Any) -> FakeSocket:
        """Give a connection a fake in place of its socket."""
        if connection.sock is not None:
            connection.sock.close()
        timeout = connection.timeout
        if timeout is socket._GLOBAL_DEFAULT_TIMEOUT:  # type: ignore[attr-defined]
            timeout = socket.getdefaulttimeout()
        fake = FakeSocket(timeout, _Dial(connection), eager=not hasattr(connection, "is_verified"))
        with self._lock:
            self._fakes[fake] = weakref.ref(connection)
        connection.sock = fake
        mark_connected(connection)
        return fake


class _Dial:
    """How a connection gets a real socket in place of its fake."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = weakref.ref(connection)

    def __call__(self) -> Any:
        connection = self._connection()
        if connection is None:
            raise ConnectionAbortedError("the connection was thrown away before its request was answered")
        connection.sock = None
        with passage.opened():
            connection.connect()
        return connection.sock


def mark_connected(connection: Any) -> None:
    """Set what urllib3 notes of a connection that stands (no warning about verification, nor about the proxy)."""
    if not hasattr(connection, "is_verified"):
        return
    secure = connection.default_port == 443
    verified = secure and (
        getattr(connection, "cert_reqs", None) not in _UNVERIFIED
        or bool(getattr(connection, "assert_fingerprint", None))
    )
    proxy = getattr(connection, "proxy", None)
    forwarding = proxy is not None and not connection._tunnel_host
    connection.is_verified = verified and not forwarding
    connection._has_connected_to_proxy = proxy is not None
    if proxy is not None:
        connection.proxy_is_verified = verified if forwarding else getattr(proxy, "scheme", None) == "https"


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _subclasses(one)


_unix: weakref.WeakKeyDictionary[type[Any], bool] = weakref.WeakKeyDictionary()


def _left_alone(connection: Any) -> bool:
    """Whether a connection is none of ours: live's own, or one over a unix socket."""
    if getattr(connection, "lookalike_passes", False):
        return True
    kind: type[Any] = type(connection)
    unix = _unix.get(kind)
    if unix is None:
        codes = [getattr(vars(one).get("connect"), "__code__", None) for one in kind.__mro__]
        unix = _unix[kind] = any(_names(code, "AF_UNIX") for code in codes if isinstance(code, CodeType))
    return unix or getattr(connection.sock, "family", None) == getattr(socket, "AF_UNIX", -1)


def _names(code: CodeType, name: str) -> bool:
    """Whether a function's code uses a name: a `connect` that says AF_UNIX goes to no host."""
    return name in code.co_names or any(_names(one, name) for one in code.co_consts if isinstance(one, CodeType))


@contextmanager
def _undone_on_error(seam: Seam) -> Iterator[None]:
    try:
        yield
    except BaseException:
        seam.undo()
        raise


def install() -> Callable[[], None]:
    """Put the seam in; returns how to take it out."""
    seam = Seam()
    with _undone_on_error(seam):
        seam.install()
    return seam.undo
