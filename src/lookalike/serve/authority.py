"""A certificate authority that is made on the spot, and lives no longer than the server it is for."""

from __future__ import annotations

import importlib
import ssl
from typing import Any, cast

from lookalike.errors import UsageError

_HOSTS = 256  # contexts that are kept; a host that is asked again after as many others gets a new certificate
_VERSION = ssl.TLSVersion.TLSv1_2


class _Named(ssl.SSLObject):
    """A TLS connection's server side, with the name that its client asked for (RFC 6066, section 3)."""

    name: str = ""


class Authority:
    """Issues a certificate for each host that is asked for; its private key is never written.

    Raises UsageError where the package trustme isn't installed.
    """

    def __init__(self) -> None:
        try:
            trustme = importlib.import_module("trustme")
        except ImportError:
            raise UsageError(
                "serve(everything=True) speaks TLS with certificates of its own, made by the package trustme, which "
                "is not installed: pip install 'lookalike[server]'"
            ) from None
        self._authority: Any = trustme.CA(organization_name="lookalike", organization_unit_name="Test doubles only")
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}

    @property
    def pem(self) -> bytes:
        """The authority's own certificate, as clients are given it to trust."""
        found: bytes = self._authority.cert_pem.bytes()
        return found

    def serve(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *names: str) -> _Named:
        """The server side of a TLS connection; `names` are the hosts to be where the client names none."""
        return cast("_Named", self._context(names).wrap_bio(incoming, outgoing, server_side=True))

    def _context(self, names: tuple[str, ...]) -> ssl.SSLContext:
        found = self._contexts.pop(names, None)
        if found is None:
            found = self._made(names)
            while len(self._contexts) >= _HOSTS:
                del self._contexts[next(iter(self._contexts))]
        self._contexts[names] = found  # the one used last is dropped last
        return found

    def _made(self, names: tuple[str, ...]) -> ssl.SSLContext:
        certificate = self._authority.issue_cert(*names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = _VERSION
        context.options |= ssl.OP_NO_RENEGOTIATION
        # HTTP/2 isn't spoken: a client that offers it falls back (RFC 7301, section 3.2).
        context.set_alpn_protocols(["http/1.1"])
        certificate.configure_cert(context)
        context.sslobject_class = _Named
        context.sni_callback = self._named
        return context

    def _named(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        """A client says which host it wants: it gets that host's certificate."""
        if not name:
            return None
        name = name.lower().rstrip(".")
        try:
            connection.context = self._context((name,))
        except ValueError:
            return int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
        cast("_Named", connection).name = name
        return None
