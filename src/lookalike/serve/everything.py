"""A double for every client there is: one port that is the API's server, its TLS, and the proxy on the way to it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from lookalike.double.double import Double
from lookalike.errors import UsageError
from lookalike.messages import split_url
from lookalike.passage import is_loopback, way
from lookalike.serve.authority import Authority
from lookalike.serve.environment import known_roots, put, variables
from lookalike.serve.limits import Limits
from lookalike.serve.server import Server, Upstream
from lookalike.serve.trust import trusting

if TYPE_CHECKING:
    from lookalike.serve.hub import Hub

_OWN = ("localhost", "127.0.0.1", "::1")


class Everything(Server):
    """Serves a double to clients of every kind, also those that no seam of this process reaches.

    One port takes HTTP, TLS (with a certificate for whatever host the client names, by an authority made on the spot),
    requests to a proxy in absolute form, and CONNECT. HTTP/1.1 is spoken, HTTP/2 isn't offered. While it runs,
    environment variables point clients in this process and in its children at it and let them trust it; in the end
    they are what they were. Requests for hosts that the double covers are the double's; this machine and the hosts
    that are allowed are reached for real; any other request is answered with 502 and `x-lookalike: blocked`, and the
    error is told to `Double.remember`.

    allow:  names in lower case or patterns that may be reached, as a function of a host
    others: doubles that answer for hosts that `double` doesn't cover
    changed: called when the environment is set and when it is brought back
    finish: called in the end of a `with` block with what the block fails with, or None
    """

    def __init__(
        self,
        double: Double,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
        upstream: Upstream | None = None,
        allow: Callable[[str], bool] = lambda host: False,
        others: Callable[[], Sequence[Double]] = tuple,
        changed: Callable[[], None] = lambda: None,
        finish: Callable[[BaseException | None], None] | None = None,
    ) -> None:
        super().__init__(double, host=host, port=port, limits=limits, upstream=upstream)
        self._allow = allow
        self._others = others
        self._changed = changed
        self._finish = finish
        self._authority: Authority | None = None
        self._folder: Path | None = None
        self._variables: Mapping[str, str] | None = None
        self._undo: ExitStack | None = None

    @property
    def env(self) -> dict[str, str]:
        """The environment for a child: this process's, pointed at the server. Raises UsageError unless started."""
        return {**os.environ, **self.variables}

    @property
    def variables(self) -> Mapping[str, str]:
        """What the server sets in the environment. Raises UsageError unless started."""
        if self._variables is None:
            raise UsageError("the server has no port yet; read .env inside of `with server as url`")
        return self._variables

    @property
    def bundle(self) -> Path:
        """A PEM file of all that a client should trust: the server's authority, and the roots that it knew before."""
        return Path(self.variables["SSL_CERT_FILE"])

    def start(self) -> str:
        """Listen, and set the environment. Raises UsageError where that can't be."""
        if self._variables is not None:
            raise UsageError(f"this server already listens at {self.url}; stop() it first, or make another")
        authority = Authority()
        self._authority = authority
        folder = self._folder = Path(tempfile.mkdtemp(prefix="lookalike-"))
        try:
            own, bundle = folder / "authority.pem", folder / "bundle.pem"
            own.write_bytes(authority.pem)
            bundle.write_bytes(b"".join([authority.pem, *known_roots(os.environ)]))
            url = super().start()
            through = self._covers_this_machine()
            values = variables(self._reachable, bundle=bundle, authority=own, through=through)
            self._variables = MappingProxyType(values)
            with ExitStack() as undo:
                undo.callback(self._changed)
                undo.enter_context(way(values["HTTP_PROXY"], str(bundle)))
                undo.callback(put(values))
                undo.callback(trusting(bundle))
                self._changed()
                self._undo = undo.pop_all()
        except BaseException:
            self.stop()
            raise
        return url

    def stop(self) -> None:
        """Bring the environment back, answer what is in flight, and end: nothing is left."""
        undo, self._undo, self._variables = self._undo, None, None
        if undo is not None:
            undo.close()
        super().stop()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        self._authority = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._finish is not None:
            self._finish(error)

    @property
    def _reachable(self) -> str:
        """The URL for clients on this machine."""
        return self.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

    def _covers_this_machine(self) -> bool:
        homes = (one.base_url for one in (self.double, *self._others()))
        return any(home is not None and is_loopback(split_url(home).host) for home in homes)

    def _passes(self, host: str) -> str:
        if self._allow(host):
            return "allowed"
        # For others than this machine its own services are none of their business.
        return "loopback" if not self.exposed and is_loopback(host) else ""

    def _hub(self) -> Hub:
        from lookalike.serve.junction import Junction, Reach

        authority = self._authority or Authority()
        reach = Reach(self._passes, self._others, tuple(dict.fromkeys((*_OWN, self.host))))
        return Junction(self.double, self._limits, self._upstream, authority=authority, reach=reach, port=self.port)
