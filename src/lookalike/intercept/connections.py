"""What can be read off, and noted on, a connection of `http.client` or of a library that builds on it."""

from __future__ import annotations

import inspect
import socket
import ssl
import weakref
from types import CodeType
from typing import Any
from urllib.parse import urlsplit

UNVERIFIED = {ssl.CERT_NONE, ssl.CERT_OPTIONAL, "CERT_NONE", "CERT_OPTIONAL", "NONE", "OPTIONAL"}

_unix: weakref.WeakKeyDictionary[type[Any], bool] = weakref.WeakKeyDictionary()


def target_of(connection: Any, url: str) -> tuple[str, str, int]:
    """Scheme, host (lower case) and port of the URL that was asked for, whatever proxy lies between."""
    if url[:4].lower() == "http" and "://" in url[:8]:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, parts.hostname or "", parts.port or (443 if scheme == "https" else 80)
    default: int = connection.default_port
    tunnel = connection._tunnel_host
    host = tunnel or connection.host
    port = (connection._tunnel_port if tunnel else connection.port) or default
    return "https" if default == 443 else "http", host.strip("[]").lower(), port


def is_urllib3(connection: Any) -> bool:
    """Whether a connection is urllib3's, of whatever version or copy."""
    return hasattr(connection, "is_verified")


def mark_connected(connection: Any) -> None:
    """Set what urllib3 notes of a connection that stands, so that it warns of nothing that isn't so."""
    if not is_urllib3(connection):
        return
    verified = connection.default_port == 443 and (
        getattr(connection, "cert_reqs", None) not in UNVERIFIED
        or bool(getattr(connection, "assert_fingerprint", None))
    )
    proxy = getattr(connection, "proxy", None)
    forwarding = proxy is not None and not connection._tunnel_host
    connection.is_verified = verified and not forwarding
    if not hasattr(connection, "_has_connected_to_proxy"):
        return  # urllib3 1.26 warns of a proxy only if it is told that the proxy wasn't verified.
    connection._has_connected_to_proxy = proxy is not None
    if proxy is not None:
        connection.proxy_is_verified = verified if forwarding else getattr(proxy, "scheme", None) == "https"


def is_left_alone(connection: Any) -> bool:
    """Whether a connection is none of a double's: live's own."""
    return bool(getattr(connection, "lookalike_passes", False))


def is_unix(connection: Any) -> bool:
    """Whether a connection goes over a unix socket, as docker's does."""
    kind: type[Any] = type(connection)
    unix = _unix.get(kind)
    if unix is None:
        connects = [vars(one)["connect"] for one in kind.__mro__ if "connect" in vars(one)]
        codes = [getattr(inspect.unwrap(connect), "__code__", None) for connect in connects]
        unix = _unix[kind] = any(_names(code, "AF_UNIX") for code in codes if isinstance(code, CodeType))
    return unix or getattr(connection.sock, "family", None) == getattr(socket, "AF_UNIX", -1)


def _names(code: CodeType, name: str) -> bool:
    """Whether a function's code uses a name: a `connect` that says AF_UNIX goes to no host."""
    return name in code.co_names or any(_names(one, name) for one in code.co_consts if isinstance(one, CodeType))
