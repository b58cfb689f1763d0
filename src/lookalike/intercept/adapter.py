"""A double for one session of requests: its adapter's own connections hold what answers, and nothing is replaced.

`requests.Session.mount` and urllib3's `pool_classes_by_scheme` and `ConnectionCls` are where these libraries let such a
thing be given. Pools, retries, timeouts, decoding and exceptions are theirs.
"""

from __future__ import annotations

import socket
from typing import Any

import requests.adapters
import urllib3
from urllib3 import exceptions

from lookalike import passage
from lookalike.double.double import Double
from lookalike.intercept import active
from lookalike.intercept.http_client import ANSWERED, Seam

__tracebackhide__ = True


def adapter(double: Double, **options: Any) -> requests.adapters.HTTPAdapter:
    """An adapter that lets this double answer whatever its session sends through it."""
    pools = {"http": _pool(double, "http"), "https": _pool(double, "https")}
    return _Adapter(pools, **options)


class _Adapter(requests.adapters.HTTPAdapter):
    def __init__(self, pools: dict[str, Any], **options: Any) -> None:
        self._pools = pools
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        # The URL that is asked for decides, whatever proxy variables say.
        if len(args) < 5:
            options["proxies"] = {}
        return super().send(request, *args[:4], **options)


def _pool(double: Double, scheme: str) -> Any:
    """A pool whose connections are answered by the double."""
    plain: Any = {"http": urllib3.HTTPConnectionPool, "https": urllib3.HTTPSConnectionPool}[scheme]
    kind: Any = plain.ConnectionCls
    seam = Seam()  # not installed: it only answers for these

    def connect(connection: Any) -> None:
        if (refusal := active.refusal()) is not None:
            raise _failed(connection, refusal) from refusal
        if passage.is_open():
            kind.connect(connection)
        else:
            seam.put(connection)

    def putrequest(connection: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
        seam.take_over(connection, url or "/")
        return kind.putrequest(connection, method, url, *args, **options)

    own = {"connect": connect, "putrequest": putrequest, ANSWERED: double}
    return type(plain.__name__, (plain,), {"ConnectionCls": type(kind.__name__, (kind,), own)})


def _failed(connection: Any, error: Exception) -> Exception:
    """What urllib3 makes of an error that the way to the network meets, so that its retries count it as it does."""
    if isinstance(error, TimeoutError):
        words = f"Connection to {connection.host} timed out. (connect timeout={connection.timeout})"
        return exceptions.ConnectTimeoutError(connection, words)
    # Before urllib3 2 a name that isn't known was one of the failures to connect.
    unknown: Any = getattr(exceptions, "NameResolutionError", None)
    if isinstance(error, socket.gaierror) and unknown is not None:
        named: Exception = unknown(connection.host, connection, error)
        return named
    return exceptions.NewConnectionError(connection, f"Failed to establish a new connection: {error}")
