"""A proxy on loopback that leads nowhere, for what no seam reaches: native clients and child processes.

Proxy variables point them at it while a double is active. It answers every request with 502 and the reason, and tells
the double, so that the test fails even if the client's error is swallowed. This machine and allowed hosts are reached
without it (NO_PROXY).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence

from lookalike import passage
from lookalike.double.double import Double
from lookalike.errors import BlockedConnection
from lookalike.intercept import active
from lookalike.messages import split_url

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_HERE = ("localhost", "127.0.0.1", "::1")
# Who reads which case differs (curl takes HTTP_PROXY in lower case alone, others prefer upper case).
NAMES = tuple(sorted(name for upper in (*_PROXIES, "NO_PROXY") for name in (upper, upper.lower())))
_LIMIT = 65_536
_PATIENCE = 2.0


class DeadEnd:
    """The proxy, for what one double is active around."""

    def __init__(self, double: Double) -> None:
        self._double = double
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = False
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, name="lookalike dead end", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # It was shut down.
            with connection:
                if self._stopped:
                    return
                try:
                    connection.settimeout(_PATIENCE)
                    self._refuse(connection)
                except OSError:
                    continue  # The client went away, or says nothing.

    def _refuse(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _LIMIT:
            piece = connection.recv(_LIMIT)
            if not piece:
                return
            head += piece
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        error = BlockedConnection(_message(method, rest.rpartition(" ")[0] or rest))
        remember = getattr(self._double, "remember", None)
        if callable(remember):
            remember(error)
        body = f"lookalike: {error}\n".encode()
        connection.sendall(
            b"HTTP/1.1 502 Blocked by lookalike\r\nContent-Type: text/plain; charset=utf-8\r\nX-Lookalike: blocked\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), b"" if method == "HEAD" else body)
        )

    def close(self) -> None:
        """Listen no longer, and wait until the thread is over."""
        self._stopped = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            # Where a listening socket can't be shut down, a last client wakes the thread.
            with passage.opened(), socket.create_connection(self._listener.getsockname(), timeout=_PATIENCE):
                pass
        self._thread.join(2 * _PATIENCE)
        self._listener.close()


_ends: dict[int, DeadEnd] = {}
_lock = threading.Lock()


def variables(environment: Mapping[str, str], seen: Sequence[active.Activation]) -> dict[str, str]:
    """The proxy variables to set in an environment; none where all may pass, and none over a proxy of our own.

    seen: what is active, the innermost first

    A proxy that the environment already names is kept where it is a server of lookalike's, which itself decides what
    passes (`serve(everything=True)`).
    """
    allowed = {pattern for one in seen for pattern in one.allow}
    if not seen or "*" in allowed:
        return {}
    if any(passage.is_way(environment.get(name, "")) for name in NAMES):
        return {}
    double = seen[0].double
    with _lock:
        end = _ends.get(id(double))
        if end is None:
            end = _ends[id(double)] = DeadEnd(double)
    # What a pattern like `*.internal` says is spelled `.internal` here; a finer one can't be said.
    direct = ",".join([*_HERE, *sorted(pattern.removeprefix("*") for pattern in allowed)])
    values = {**dict.fromkeys(_PROXIES, end.url), "NO_PROXY": direct}
    return {**values, **{name.lower(): value for name, value in values.items()}}


def is_here(url: str) -> bool:
    """Whether a proxy's URL is on this machine."""
    try:
        return active.is_loopback(split_url(url if "://" in url else f"http://{url}").host)
    except ValueError:
        return False


def _message(method: str, target: str) -> str:
    return (
        f"{method} {target} of a client that no double in process reaches (a child process, or a native library) was "
        "blocked. A double is active, and no request leaves this machine by accident meanwhile.\n"
        "Next: give it the API on a port: `with api.serve(everything=True)` sets what points it there; or let the "
        'host pass: `api.mock(allow=["..."])`.'
    )


def install() -> Callable[[], None]:
    """Make a dead end where one is asked for; returns how to end those that were made."""

    def undo() -> None:
        with _lock:
            ends = list(_ends.values())
            _ends.clear()
        for end in ends:
            end.close()

    return undo
