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
        self._stop: Callable[[], None] = self._patches.undo
        self._lock = threading.Lock()
        self._made: dict[tuple[Any, str], tuple[Any, Any]] = {}
        self._forget()

    def _forget(self) -> None:
        # The allowed names behind addresses: at `connect` only the address is left of the name. Who asks may be in
        # another context than who resolved, so each is asked anew whether it is allowed.
        self._names: dict[str, set[str]] = {}
        self._own: set[str] = set()
        # Names that a task may resolve while its event loop asks a thread, which doesn't have the task's context.
        self._lent: Counter[str] = Counter()

    def install(self) -> None:
        """Put the guard in place."""
        for name, position in _WHERE_ADDRESS_IS.items():
            if hasattr(socket.socket, name):
                self._replace(socket.socket, name, self._socket_method, position)
        for name, addresses in _RESOLVERS.items():
            self._replace(socket, name, self._resolver, addresses)
        hooks = {"asyncio.base_events": self._guard_asyncio, "uvloop": self._guard_uvloop}
        self._stop = watch(hooks, self._patches.undo)

    def undo(self) -> None:
        """Take it away."""
        self._stop()
        self._forget()

    def _replace(self, owner: Any, name: str, make: Callable[[Any, Any], Any], how: Any) -> None:
        """Put in what was made of the same original for the double before, else make it."""
        original = getattr(owner, name)
        of, made = self._made.get((owner, name), (None, None))
        if of is not original:
            made = make(original, how)
            self._made[owner, name] = original, made
        self._patches.set(owner, name, made)

    def _guard_asyncio(self, module: ModuleType) -> None:
        """A loop resolves names in a thread, which doesn't know what its task may do."""
        loop: Any = module.BaseEventLoop
        self._replace(loop, "getaddrinfo", self._loop_resolver, _addresses_of_info)

    def _guard_uvloop(self, library: ModuleType) -> None:
        """uvloop resolves and connects without Python's sockets: its loop is asked instead."""
        require(library, *(f"Loop.{name}" for name in _UVLOOP))
        loop: Any = library.Loop
        self._replace(loop, "getaddrinfo", self._loop_resolver, _addresses_of_info)
        for name, find in _UVLOOP.items():
            self._replace(loop, name, self._loop_method, find)

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

    def _loop_resolver(self, original: Callable[..., Any], addresses: Callable[[Any], list[Any]]) -> Callable[..., Any]:
        @wraps(original)
        async def getaddrinfo(loop: Any, host: Any, port: Any, **options: Any) -> Any:
            name = _text(host)
            self._check_name(name)
            key = name.lower().rstrip(".")
            lent = self._lent  # of the doubles of now, which may end meanwhile
            with self._lock:
                lent[key] += 1
            try:
                found = await original(loop, host, port, **options)
            finally:
                with self._lock:
                    lent[key] -= 1
            # The thread that resolved it may not have known of this context's doubles.
            self._resolved(name, addresses(found))
            return found

        return getaddrinfo


def _addresses_of_info(found: Any) -> list[Any]:
    return [info[4][0] for info in found]


_RESOLVERS: dict[str, Callable[[Any], list[Any]]] = {
    "getaddrinfo": _addresses_of_info,
    "gethostbyname": lambda found: [found],
    "gethostbyname_ex": lambda found: found[2],
}


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


_guard = Guard()


def install() -> Callable[[], None]:
    """Put the guard in place; returns how to take it away."""
    _guard.install()
    return _guard.undo
