"""A double on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from lookalike.double.double import Double
from lookalike.errors import UsageError
from lookalike.messages import Request, Response
from lookalike.serve.limits import Limits

if TYPE_CHECKING:
    from lookalike.double.route import Route
    from lookalike.serve.hub import Hub

Upstream = Callable[[Request], Response]


class Server:
    """Serves a double over HTTP/1.1. Requests reach it as if they had been sent to its `base_url`.

    A miss is answered with 501, the miss message as text and the header `x-lookalike: unmatched`; the header says
    `violation` for a request that the contract forbids and `passes-through` where the real API would have to answer.

    double:   any double; it is asked on the server's own thread
    host:     the address to listen on; other machines can reach anything but a loopback address
    port:     0 for a free one
    limits:   what a client may use
    upstream: answers what the double passes through to the real API; called in a thread of its own
    """

    def __init__(
        self,
        double: Double,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
        upstream: Upstream | None = None,
    ) -> None:
        if not 0 <= port <= 65535:
            raise UsageError(f"{port} is no port; a port is a number from 0 (a free one) to 65535")
        self.double = double
        self.host = host
        self.port = port
        self._limits = limits or Limits()
        self._upstream = upstream
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash; once started, with the real port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def exposed(self) -> bool:
        """Whether other machines may reach it."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    def start(self) -> str:
        """Listen, in a thread with a loop of its own; returns the URL. Raises UsageError where that can't be."""
        _need_httptools()
        if self._thread is not None:
            raise UsageError(f"this server already listens at {self.url}; stop() it first, or make another")
        listener = self._listen()
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._serve_in_thread, args=(listener, started), name=f"lookalike-serve-{self.port}", daemon=True
        )
        self._thread.start()
        started.wait()
        return self.url

    def stop(self) -> None:
        """Answer what is in flight, and end: no thread and no socket is left. Does nothing if it isn't running."""
        thread, loop, stopping = self._thread, self._loop, self._stopping
        if thread is None:
            return
        if loop is not None and stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(stopping.set)
        thread.join()
        self._thread = self._loop = self._stopping = None

    def wait(self, route: Route | None = None, *, timeout: float = 10.0) -> None:
        """Block until another program has called what is declared: `route`, or every route of the mock.

        timeout: seconds. Raises UnusedRoute, which lists what is missing, when they have passed; at once what the
        mock raised meanwhile, a request that no route matches above all; UsageError for a double without routes.
        """
        from lookalike.serve.expected import wait

        wait(self.double, route, timeout)

    def run(self, ready: Callable[[str], None] | None = None) -> None:
        """Serve until SIGINT or SIGTERM. `ready` is called with the URL once it listens.

        For the main thread of a program. Raises UsageError where it can't listen.
        """
        _need_httptools()
        listener = self._listen()

        def listening() -> None:
            if ready is not None:
                ready(self.url)

        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._serve(listener, listening, signals=True))

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve_in_thread(self, listener: socket.socket, started: threading.Event) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve(listener, started.set))
        finally:
            started.set()

    async def _serve(self, listener: socket.socket, listening: Callable[[], None], *, signals: bool = False) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._stopping = stopping = asyncio.Event()
        hub = self._hub()
        try:
            listen = await loop.create_server(hub.connection, sock=listener, backlog=1024)
        except BaseException:
            listener.close()
            raise
        with _signals(loop, stopping) if signals else contextlib.nullcontext():
            sweep = loop.create_task(hub.sweep())
            try:
                listening()
                await stopping.wait()
            finally:
                sweep.cancel()
                listen.close()
                await hub.drain()

    def _hub(self) -> Hub:
        # httptools, which is an extra, is asked for when a server starts and not when this module is imported.
        from lookalike.serve.hub import Hub

        return Hub(self.double, self._limits, self._upstream)

    def _listen(self) -> socket.socket:
        where = f"{self.host}, port {self.port}"
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except OSError as error:
            raise UsageError(f"can't listen on {where}: {error.strerror}; use host 127.0.0.1") from None
        # `localhost` may be several addresses, whose free ports would differ: the IPv4 one wins.
        family, kind, proto, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        listener = socket.socket(family, kind, proto)
        try:
            if hasattr(signal, "SIGHUP"):  # on Windows the option would let two servers share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1024)
            listener.setblocking(False)
        except OSError as error:
            listener.close()
            raise UsageError(_why_not(error, where)) from None
        self.port = listener.getsockname()[1]
        return listener


def _why_not(error: OSError, where: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"can't listen on {where}: the port is in use; choose another, or 0 for a free one"
    if error.errno == errno.EACCES:
        return f"can't listen on {where}: not permitted; choose a port from 1024 up, or 0 for a free one"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"can't listen on {where}: this machine has no such address; use host 127.0.0.1"
    return f"can't listen on {where}: {error.strerror}"


def _need_httptools() -> None:
    try:
        importlib.import_module("httptools")
    except ImportError:
        raise UsageError(
            "serving needs the package httptools, which is not installed: pip install 'lookalike[server]'"
        ) from None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        uvloop: Any = importlib.import_module("uvloop")
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> Iterator[None]:
    """SIGINT and SIGTERM end the server in order."""
    names = [signal.SIGINT, signal.SIGTERM]
    try:
        for name in names:
            loop.add_signal_handler(name, stopping.set)
    except NotImplementedError:  # Windows
        before = {name: signal.signal(name, lambda *_: loop.call_soon_threadsafe(stopping.set)) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)
        return
    try:
        yield
    finally:
        for name in names:
            loop.remove_signal_handler(name)
