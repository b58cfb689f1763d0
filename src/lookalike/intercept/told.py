"""How a client was told to ask, as far as it can be read off a connection or a pool: verify, cert, proxy.

It is read once and worded when somebody asks. A request refers to what was read, and not to the connection: it keeps
none alive that the client has let go.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any

from lookalike.intercept.connections import UNVERIFIED, is_urllib3
from lookalike.messages import ClientOptions


class Told:
    """What was read; called, it says so. The timeout is the request's own."""

    __slots__ = ("cert", "proxy", "verify")

    def __init__(self, verify: bool | str | None, cert: object, proxy: object) -> None:
        self.verify = verify
        self.cert = cert
        self.proxy = proxy

    def __call__(self) -> ClientOptions:
        verify = self.verify
        if isinstance(verify, str) and verify == _usual_bundle():
            verify = True
        return ClientOptions(None, verify, _text(self.cert), _text(self.proxy))


# Not on the connection: nothing of ours stays there when the double ends.
_told: weakref.WeakKeyDictionary[Any, Told] = weakref.WeakKeyDictionary()


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _usual_bundle() -> str | None:
    """The bundle that requests names to urllib3 where it was told none."""
    certifi: Any = sys.modules.get("certifi")
    return certifi.where() if certifi is not None else None


def by_connection(connection: Any, url: str) -> Told:
    """What a connection of `http.client`, or of urllib3, was told. A proxy shows in the form of `url`."""
    told = _told.get(connection)
    if told is None:
        told = _told[connection] = _urllib3(connection) if is_urllib3(connection) else _plain(connection, url)
    return told


def _urllib3(connection: Any) -> Told:
    verify: bool | str | None = None
    if connection.default_port == 443:
        checks = getattr(connection, "cert_reqs", None) not in UNVERIFIED
        bundle = getattr(connection, "ca_certs", None) or getattr(connection, "ca_cert_dir", None)
        verify = checks and (bundle or True)
    return Told(verify, getattr(connection, "cert_file", None), getattr(connection, "proxy", None))


def _plain(connection: Any, url: str) -> Told:
    context = getattr(connection, "_context", None)
    verify = None if context is None else context.verify_mode not in UNVERIFIED
    # A proxy is asked for the whole URL, or for a tunnel.
    proxied = connection._tunnel_host or "://" in url[:8]
    proxy = f"http://{connection.host}:{connection.port or connection.default_port}" if proxied else None
    return Told(verify, getattr(connection, "cert_file", None), proxy)


def by_pool(pool: Any, scheme: str) -> Told:
    """What a pool of `httpcore` was told, for a URL of this scheme. A certificate is in a context that doesn't tell."""
    told = _told.get(pool)
    if told is None:
        context = getattr(pool, "_ssl_context", None)
        verify = context is None or context.verify_mode not in UNVERIFIED
        proxy = getattr(pool, "_proxy_url", None) or getattr(getattr(pool, "_proxy", None), "url", None)
        told = _told[pool] = Told(verify, None, None if proxy is None else bytes(proxy))
    return told if scheme == "https" else Told(None, None, told.proxy)
