"""Where every request of a program goes: to the double that covers its host, on to the network, or nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lookalike.double.double import Double
from lookalike.errors import BlockedConnection, UsageError
from lookalike.messages import Answer, PassThrough, Request, split_url
from lookalike.serve.authority import Authority
from lookalike.serve.doorway import Doorway
from lookalike.serve.hub import Hub
from lookalike.serve.incoming import Incoming, Refused
from lookalike.serve.limits import Limits
from lookalike.serve.memo import Memo
from lookalike.serve.origin import Origin

if TYPE_CHECKING:
    from lookalike.serve.server import Upstream

log = logging.getLogger("lookalike.serve")

_OF_THE_PROXY = ("proxy-connection", "proxy-authorization")
_MEMOS = 64  # origins whose answers are kept


# Alerts of a client that doesn't trust who it talks to (RFC 8446, section 6.2), in the words of OpenSSL.
_UNTRUSTED = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN")


@dataclass(frozen=True, slots=True)
class Reach:
    """Who answers beside the double that is served, and which hosts are reached for real.

    passes: why a host (in lower case) is reached for real, as the journal shows it; `""` where it isn't
    others: doubles that answer for hosts which the served one doesn't cover, the first that does wins
    own:    the names of this machine under which the server itself is asked
    """

    passes: Callable[[str], str]
    others: Callable[[], Sequence[Double]]
    own: tuple[str, ...]


class _Network(Double):
    """Answers for hosts that are reached for real, by leaving it to them."""

    def __init__(self) -> None:
        super().__init__("the network", journal_limit=0)

    def handle(self, request: Request) -> Answer:
        return PassThrough()


class Junction(Hub):
    """A hub whose connections may be to any host."""

    def __init__(
        self,
        double: Double,
        limits: Limits,
        upstream: Upstream | None,
        *,
        authority: Authority,
        reach: Reach,
        port: int,
    ) -> None:
        super().__init__(double, limits, upstream)
        self.authority = authority
        self.own_names = reach.own
        self._reach = reach
        self._port = port
        self._memos: dict[Origin, Memo] = {}
        self._network = _Network()

    def connection(self) -> asyncio.Protocol:
        """A protocol for a new connection."""
        return Doorway(self)

    def memo_of(self, origin: Origin | None) -> Memo:
        """The answers that are kept for requests to this origin: their bytes alone don't say whom they are for."""
        if origin is None:
            return self.memo
        found = self._memos.pop(origin, None) or Memo(self.double, size=8 * 1024 * 1024)
        while len(self._memos) >= _MEMOS:
            del self._memos[next(iter(self._memos))]
        self._memos[origin] = found
        return found

    def addressed(self, incoming: Incoming, origin: Origin | None) -> tuple[Double, Request]:
        """Who answers a request that has arrived, and the request as that double sees it. Raises Refused."""
        try:
            url = self._url(incoming, origin)
            parts = split_url(url) if url else None
        except UsageError as error:
            raise Refused(400, str(error)) from None
        if parts is None:
            return super().addressed(incoming, None)
        target = Origin(parts.scheme, parts.host, parts.port)
        double = self.owner(target)
        if double is None:
            if not self.lets_through(target):
                raise self.blocked(target)
            double = self._network
        # They were for the proxy (RFC 9110, section 11.7.1; the other is older than any RFC).
        incoming.fields = [field for field in incoming.fields if field[0].lower() not in _OF_THE_PROXY]
        return double, incoming.request_to(url)

    def _url(self, incoming: Incoming, origin: Origin | None) -> str:
        """The URL that the client asked for, `""` where it asked this server itself."""
        asked = incoming.asked
        if not asked.startswith("/"):
            parts = split_url(asked)
            own = self.is_own(Origin(parts.scheme, parts.host, parts.port))
            return "" if own else asked
        if origin is None:
            # A name that leads here, as of a hosts file, is meant for the API where a double stands in for it.
            with contextlib.suppress(UsageError):
                url = f"http://{incoming.host}{asked}"
                parts = split_url(url)
                place = Origin("http", parts.host, parts.port)
                return url if not self.is_own_name(parts.host) and self.owner(place) is not None else ""
            return ""
        if not origin.port:
            named = split_url(f"{origin.scheme}://{incoming.host or origin.host}")
            origin = origin._replace(port=named.port if named.host == origin.host else 443)
        return f"{origin.scheme}://{origin.authority}{asked}"

    def owner(self, target: Origin) -> Double | None:
        """The double that answers for a host: the served one, else the first of the others that covers it."""
        for double in (self.double, *self._reach.others()):
            if double.covers(target.host, target.port) and (
                # One without a base URL covers every host, and means neither this machine nor what is allowed by name.
                double.claims(target.host, target.port) or not self._reach.passes(target.host)
            ):
                return double
        return None

    def is_own_name(self, host: str) -> bool:
        """Whether a host is this machine under a name of the server's."""
        return host in self.own_names

    def is_own(self, target: Origin) -> bool:
        """Whether this server itself is meant."""
        return target.port == self._port and self.is_own_name(target.host)

    def lets_through(self, target: Origin) -> bool:
        """Whether a host is reached for real; the journal is told."""
        why = self._reach.passes(target.host)
        if why:
            self.double.journal.let_through(target.place, why)
        return bool(why)

    def blocked(self, target: Origin) -> Refused:
        """The answer for a host that isn't reached; the double keeps the error, so that it shows in the end."""
        error = BlockedConnection(
            f"a request to {target.place} was blocked: {self.double.name} doesn't stand in for that host, and nothing "
            f"leaves by accident while it is served.\n"
            f"If it is needed, let it pass: serve(everything=True, allow=[{target.host!r}])."
        )
        remember = getattr(self.double, "remember", None)
        # A client that tries again and again is told of once.
        if callable(remember) and str(error) not in map(str, getattr(self.double, "failures", ())):
            remember(error)
        return Refused(502, str(error), mark="blocked")

    def not_secured(self, error: ssl.SSLError) -> None:
        """TLS failed, which the client knows best; that it refused the certificate is worth a line here too."""
        if any(word in (error.reason or "") for word in _UNTRUSTED):
            log.warning(
                "a client refused the certificate (%s): it has to trust what is in SSL_CERT_FILE of server.env",
                error.reason,
            )
        else:
            log.info("TLS failed: %s", error)
