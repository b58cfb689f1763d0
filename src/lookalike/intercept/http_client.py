"""The seam in `http.client`: requests, urllib3, botocore, urllib.request, httplib2, Thrift and every SDK on them.

A connection is taken over where a request begins (`putrequest`), so one that was opened before the double is too; and
where a client connects ahead of its request (`connect`, in each class that has its own).
"""

from __future__ import annotations

import http.client
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from lookalike import passage
from lookalike.double.double import Double
from lookalike.intercept import active
from lookalike.intercept.connections import is_left_alone, is_unix, is_urllib3, mark_connected, target_of
from lookalike.intercept.fake_socket import FakeSocket, Place
from lookalike.intercept.patching import Patches
from lookalike.intercept.told import by_connection

SEAM = "http.client"
Connection = http.client.HTTPConnection
# A lane above this seam that has asked the double already leaves here who gives the answer that it got.
ANSWERED = "lookalike_answered"
_REMEMBERED = 64  # replacements that are kept from double to double; tests define classes without end


class Seam:
    """What the seam keeps while a double is active: its patches, and which connections it gave what."""

    def __init__(self) -> None:
        self._patches = Patches()
        self._lock = threading.Lock()
        self._made: dict[Any, Any] = {}
        self._forget()

    def _forget(self) -> None:
        self._adopted: set[type] = set()
        # A fake's connection is kept weakly: a pool that is thrown away takes its connections with it.
        self._fakes: weakref.WeakKeyDictionary[FakeSocket, weakref.ref[Any]] = weakref.WeakKeyDictionary()
        # Which connections pass, with what was active when that was decided: another context decides anew.
        self._passing: weakref.WeakKeyDictionary[Any, tuple[active.Activation, ...]] = weakref.WeakKeyDictionary()

    def install(self) -> None:
        """Put the seam in."""
        for known in _subclasses(Connection):
            self._adopt(known)
        self._replace(Connection, "__init__", self._beginning)
        self._replace(Connection, "putrequest", self._requesting)

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
        self._forget()

    def _replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Put in what was made of the same original for the double before, else make it."""
        original = vars(owner)[name]
        made = self._made.get(original)
        if made is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            made = self._made[original] = make(original)
        self._patches.set(owner, name, made)

    def _adopt(self, kind: type) -> None:
        """Take the `connect` of this class and of those it inherits from, where they have their own."""
        with self._lock:
            for one in kind.__mro__:
                if one not in self._adopted and issubclass(one, Connection):
                    self._adopted.add(one)
                    if "connect" in vars(one):
                        self._replace(one, "connect", self._connecting)

    def _beginning(self, original: Callable[..., None]) -> Callable[..., None]:
        @wraps(original)
        def init(connection: Any, *args: Any, **options: Any) -> None:
            if type(connection) not in self._adopted:
                self._adopt(type(connection))
            original(connection, *args, **options)

        return init

    def _requesting(self, original: Callable[..., None]) -> Callable[..., None]:
        @wraps(original)
        def putrequest(connection: Any, method: str, url: str, *args: Any, **options: Any) -> None:
            self.take_over(connection, url or "/")
            original(connection, method, url, *args, **options)

        return putrequest

    def _connecting(self, original: Callable[[Any], None]) -> Callable[[Any], None]:
        @wraps(original)
        def connect(connection: Any) -> None:
            if not active.may_answer(SEAM) or passage.is_open():
                original(connection)
            elif self._passes(connection):
                # The URL was decided upon, so the way there (a proxy, an address without a name) is no matter.
                with passage.opened():
                    original(connection)
            else:
                self.put(connection)

        return connect

    def _passes(self, connection: Any) -> bool:
        if is_left_alone(connection) or self._passing.get(connection) == active.seen(SEAM):
            return True
        if getattr(connection, "proxy", None) is not None and not connection._tunnel_host:
            return False  # A forwarding proxy: the request will say which host is asked for.
        _, host, port = target_of(connection, "/")
        return _decide(connection, host, port) is None

    def take_over(self, connection: Any, url: str) -> None:
        current = connection.sock
        double = None
        if not is_left_alone(connection):
            scheme, host, port = target_of(connection, url)
            double = getattr(connection, ANSWERED, None) or _decide(connection, host, port)
        if double is None:
            if active.may_answer(SEAM):
                self._passing[connection] = active.seen(SEAM)
            if isinstance(current, FakeSocket):
                connection.sock = None
                current.close()
            return
        self._passing.pop(connection, None)
        fake = current if isinstance(current, FakeSocket) else self.put(connection)
        fake.expect(Place(double, scheme, host, port, by_connection(connection, url)))

    def put(self, connection: Any) -> FakeSocket:
        """Give a connection a fake in place of its socket."""
        if connection.sock is not None:
            connection.sock.close()
        timeout = connection.timeout
        if timeout is socket._GLOBAL_DEFAULT_TIMEOUT or (timeout is None and _is_httplib2(connection)):  # type: ignore[attr-defined]  # not in typeshed
            timeout = socket.getdefaulttimeout()
        fake = FakeSocket(timeout, _Line(connection), eager=not is_urllib3(connection))
        with self._lock:
            self._fakes[fake] = weakref.ref(connection)
        connection.sock = fake
        mark_connected(connection)
        return fake


def _decide(connection: Any, host: str, port: int) -> Double | None:
    return (active.claimed if is_unix(connection) else active.decide)(host, port, SEAM)


def _is_httplib2(connection: Any) -> bool:
    """Whether no timeout means the process's default: httplib2 makes its sockets itself, and only sets one it has."""
    return type(connection).__module__.partition(".")[0] == "httplib2"


class _Line:
    """How a connection gets a real socket in place of its fake."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = weakref.ref(connection)

    def open(self) -> Any:
        connection = self._connection()
        if connection is None:
            raise ConnectionAbortedError("the connection was thrown away before its request was answered")
        connection.sock = None
        with passage.opened():
            connection.connect()
        return connection.sock

    def put_back(self, fake: FakeSocket) -> None:
        connection = self._connection()
        if connection is not None:
            connection.sock = fake


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _subclasses(one)


@contextmanager
def _undone_on_error(seam: Seam) -> Iterator[None]:
    try:
        yield
    except BaseException:
        seam.undo()
        raise


_seam = Seam()


def install() -> Callable[[], None]:
    """Put the seam in; returns how to take it out."""
    with _undone_on_error(_seam):
        _seam.install()
    return _seam.undo
