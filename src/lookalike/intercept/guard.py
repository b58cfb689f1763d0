"""The guard at Python's own sockets: what no seam carries doesn't leave the machine by accident either.

Loopback, unix sockets and allowed hosts pass; so does whoever holds the passage (a seam that lets a request through,
or what talks to the real API on purpose).
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from lookalike import passage
from lookalike.errors import BlockedConnection
from lookalike.intercept import active
from lookalike.intercept.chosen import SOCKETS
from lookalike.intercept.imports import watch
from lookalike.intercept.patching import Patches, require

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_WHERE_ADDRESS_IS = {"connect": 0, "connect_ex": 0, "sendto": -1, "sendmsg": 3}

# Where the address is among the arguments of a uvloop method.
_UVLOOP: dict[str, Callable[..., Any]] = {
    "create_connection": lambda factory, host=None, port=None, **_: (host, port),
    "create_datagram_endpoint": lambda factory, local_addr=None, remote_addr=None, **_: remote_addr,
    "sock_connect": lambda sock, address: address if sock.family in _INTERNET else None,
}


class Guard:
    """What the guard keeps: its patches, and the addresses that allowed names were resolved to."""

    def __init__(self) -> None:
        self._patches = Patches()
        self._lock = threading.Lock()
        # The allowed names behind addresses: at `connect` only the address is left of the name. Who asks may be in
        # another context than who resolved, so each is asked anew whether it is allowed.
        self._names: dict[str, set[str]] = {}
        self._own: set[str] = set()
        # Names that a task may resolve while its event loop asks a thread, which doesn't have the task's context.
        self._lent: Counter[str] = Counter()
        self._stop: Callable[[], None] = self._patches.undo

    def install(self) -> None:
        """Put the guard in place."""
        patches = self._patches
        for name, position in _WHERE_ADDRESS_IS.items():
            if hasattr(socket.socket, name):
                patches.set(socket.socket, name, self._socket_method(getattr(socket.socket, name), position))
        patches.set(socket, "getaddrinfo", self._resolver(socket.getaddrinfo, _addresses_of_info))
        patches.set(socket, "gethostbyname", self._resolver(socket.gethostbyname, lambda found: [found]))
        patches.set(socket, "gethostbyname_ex", self._resolver(socket.gethostbyname_ex, lambda found: found[2]))
        hooks = {"asyncio.base_events": self._guard_asyncio, "uvloop": self._guard_uvloop}
        self._stop = watch(hooks, self._patches.undo)

    def undo(self) -> None:
        """Take it away."""
        self._stop()

    def _guard_asyncio(self, module: ModuleType) -> None:
        """A loop resolves names in a thread, which doesn't know what its task may do."""
        loop: Any = module.BaseEventLoop
        self._patches.set(loop, "getaddrinfo", self._loop_resolver(loop.getaddrinfo))

    def _guard_uvloop(self, library: ModuleType) -> None:
        """uvloop resolves and connects without Python's sockets: its loop is asked instead."""
        require(library, *(f"Loop.{name}" for name in _UVLOOP))
        loop: Any = library.Loop
        self._patches.set(loop, "getaddrinfo", self._loop_resolver(loop.getaddrinfo))
        for name, find in _UVLOOP.items():
            self._patches.set(loop, name, self._loop_method(getattr(loop, name), find))

    def _loop_method(self, original: Callable[..., Any], find: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        async def method(loop: Any, *args: Any, **options: Any) -> Any:
            address = find(*args, **options)
            if isinstance(address, tuple) and len(address) >= 2 and address[0] is not None:
                self.check(_text(address[0]), address[1] if isinstance(address[1], int) else 0)
            return await original(loop, *args, **options)

        return method

    def check(self, host: str, port: int) -> None:
        """Raises BlockedConnection where this host must not be reached; in a refusing context, what it refuses with."""
        refusal = active.refusal()
        if refusal is not None:
            raise refusal
        if passage.is_open():
            return
        host = host.lower().rstrip(".")
        if not active.any_active(SOCKETS):
            double = active.elsewhere(host, port or None, SOCKETS)
            if double is not None and not self._lent[host]:
                double.refuse(f"a connection to {host}:{port}" if port else f"a connection to {host}")
            return
        covering = active.covering(host, port, SOCKETS) if port else None
        if covering is None and (active.is_loopback(host) or self._is_allowed(host) or self._lent[host]):
            return
        covered = covering is not None or (not port and active.stands_in(host, SOCKETS))
        # A double may have words of its own, where the network is blocked without any for the host.
        refusal_of = getattr(active.innermost(SOCKETS), "refusal", None)
        place = f"{host}:{port}" if port else host
        error = (
            refusal_of(f"a connection to {place}", host)
            if callable(refusal_of)
            else BlockedConnection(_message(host, port, covered))
        )
        active.blocked(error)
        raise error

    def _is_allowed(self, host: str) -> bool:
        return (
            active.is_allowed(host, SOCKETS)
            or host in self._own
            or any(active.is_allowed(name, SOCKETS) for name in self._names.get(host, ()))
        )

    def _resolved(self, name: str, addresses: list[Any]) -> None:
        """Keep what an allowed name was resolved to."""
        name = name.lower()
        own = _is_own_name(name)
        if name and (own or active.is_allowed(name, SOCKETS)):
            with self._lock:
                for address in map(str, addresses):
                    if own:
                        self._own.add(address)
                    else:
                        self._names[address] = {name, *self._names.get(address, ())}

    def _socket_method(self, original: Callable[..., Any], position: int) -> Callable[..., Any]:
        @wraps(original)
        def method(sock: socket.socket, *args: Any, **options: Any) -> Any:
            if sock.family in _INTERNET and len(args) > position:
                address = args[position]
                if isinstance(address, tuple) and len(address) >= 2:
                    try:
                        self.check(_text(address[0]), address[1] if isinstance(address[1], int) else 0)
                    except BlockedConnection:
                        # Callers close a socket for which connect raised an OSError; this isn't one.
                        if position == 0:
                            sock.close()
                        raise
            return original(sock, *args, **options)

        return method

    def _resolver(self, original: Callable[..., Any], addresses: Callable[[Any], list[Any]]) -> Callable[..., Any]:
        @wraps(original)
        def resolve(host: Any, *args: Any, **options: Any) -> Any:
            name = _text(host)
            self._check_name(name)
            found = original(host, *args, **options)
            self._resolved(name, addresses(found))
            return found

        return resolve

    def _check_name(self, name: str) -> None:
        """Resolving is leaving too: a name server learns of it. Only names that a double doesn't cover are asked."""
        refusal = active.refusal()
        if refusal is not None:
            raise refusal
        if name and not _is_address(name) and not _is_own_name(name):
            self.check(name, 0)

    def _loop_resolver(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        async def getaddrinfo(loop: Any, host: Any, port: Any, **options: Any) -> Any:
            name = _text(host)
            self._check_name(name)
            key = name.lower().rstrip(".")
            with self._lock:
                self._lent[key] += 1
            try:
                found = await original(loop, host, port, **options)
            finally:
                with self._lock:
                    self._lent[key] -= 1
            # The thread that resolved it may not have known of this context's doubles.
            self._resolved(name, _addresses_of_info(found))
            return found

        return getaddrinfo


def _addresses_of_info(found: Any) -> list[Any]:
    return [info[4][0] for info in found]


def _text(host: Any) -> str:
    if isinstance(host, (bytes, bytearray)):
        return bytes(host).decode("utf-8", "replace")
    return host if isinstance(host, str) else ""


def _is_own_name(host: str) -> bool:
    """Whether a name is this machine's own, which programs resolve to learn their address."""
    return host.lower() == socket.gethostname().lower()


def _is_address(host: str) -> bool:
    for family in _INTERNET:
        try:
            socket.inet_pton(family, host.partition("%")[0])
        except OSError:
            continue
        return True
    return False


def _message(host: str, port: int, covered: bool) -> str:
    place = f"{host}:{port}" if port else host
    if covered:
        why = "A double stands in for this host, but the client that connects to it is none that is covered in process."
        step = "Point the client at the double on a socket: `with mock.serve() as url`."
    else:
        why = "A double is active, and no request leaves this machine by accident meanwhile."
        step = f"If the test needs this host, let it pass: `api.mock(allow=[{host!r}])`."
    return f"a connection to {place} was blocked. {why}\n{step}"


def install() -> Callable[[], None]:
    """Put the guard in place; returns how to take it away."""
    guard = Guard()
    guard.install()
    return guard.undo
