"""One request and its answer over a real connection, within a deadline and a size."""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lookalike import passage
from lookalike.live.reasons import FAILURES, reason_of, unreachable
from lookalike.messages import Request, Response

_PIECE = 65_536
_MOST_INFORMATIONAL = 32  # answers of 1xx before the final one; servers send one or two
_LENGTHS = re.compile(r"\s*(\d+)\s*(?:,\s*\1\s*)*")
_BODILESS = frozenset({204, 304})
_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


@dataclass(frozen=True, slots=True)
class Limits:
    """timeout: seconds for connecting and for each wait; deadline: for the whole exchange; max_body: bytes of a body,
    as sent and decoded."""

    timeout: float = 10.0
    deadline: float = 30.0
    max_body: int = 50_000_000


class _Reader(io.RawIOBase):
    """Reads a socket; each wait ends at the deadline, so bytes that drip can't prolong an answer."""

    def __init__(self, sock: socket.socket, remaining: Callable[[], float]) -> None:
        self._socket = sock
        self._remaining = remaining
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.ended:
            return 0
        self._socket.settimeout(self._remaining())
        return self._socket.recv_into(buffer)


class HTTPConnection(http.client.HTTPConnection):
    """A connection that the doubles let pass."""

    lookalike_passes = True


class HTTPSConnection(http.client.HTTPSConnection):
    """A TLS connection that the doubles let pass."""

    lookalike_passes = True


def exchange(request: Request, limits: Limits, *, tls: ssl.SSLContext | None = None) -> Response:
    """Send a request and read its whole answer, redirects not followed. Raises Unreachable."""
    end = time.monotonic() + limits.deadline

    def remaining() -> float:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline for the whole answer has passed")
        return min(limits.timeout, left)

    connection = _connection(request, limits, tls)
    phase = "while connecting"
    try:
        with passage.opened():
            connection.connect()
            phase = "while sending"
            _send(connection, request)
            phase = "while waiting for the answer"
            return _receive(connection, request, limits, remaining)
    except FAILURES as error:
        reason = reason_of(error)
        detail = phase if reason in ("timeout", "reset") else ""
        raise unreachable(reason, shown(request), detail=detail) from None
    finally:
        connection.close()


def shown(request: Request) -> str:
    """The URL as messages show it: without user, password and query, which may hold credentials."""
    port = "" if request.port == {"http": 80, "https": 443}[request.scheme] else f":{request.port}"
    host = f"[{request.host}]" if ":" in request.host else request.host
    return f"{request.scheme}://{host}{port}{request.path}"


def _connection(request: Request, limits: Limits, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    timeout = min(limits.timeout, limits.deadline)
    if request.scheme == "https":
        context = tls or ssl.create_default_context()
        return HTTPSConnection(request.host, request.port, timeout=timeout, context=context)
    return HTTPConnection(request.host, request.port, timeout=timeout)


def _send(connection: http.client.HTTPConnection, request: Request) -> None:
    connection.putrequest(
        request.method, request.target, skip_accept_encoding=True, skip_host="host" in request.headers
    )
    for name, value in request.headers.pairs:
        connection.putheader(name, value)
    if request.content and "content-length" not in request.headers:
        connection.putheader("Content-Length", str(len(request.content)))
    connection.endheaders(request.content or None)


def _receive(
    connection: http.client.HTTPConnection, request: Request, limits: Limits, remaining: Callable[[], float]
) -> Response:
    reader = _Reader(connection.sock, remaining)
    stream: io.BufferedReader[Any] = io.BufferedReader(reader)
    with stream:
        answer = _begun(connection, request, stream)
        informational = 0
        # http.client skips 100 alone of the informational answers (RFC 9110, section 15.2).
        while 100 <= answer.status < 200 and answer.status != 101:
            informational += 1
            if informational > _MOST_INFORMATIONAL:
                raise http.client.HTTPException("informational answers without end")
            answer.fp = None  # type: ignore[assignment]  # it would close the stream when it is collected
            answer = _begun(connection, request, stream)
        announced = _announced(request.method, answer)
        content = _read(answer, request, limits.max_body)
        reader.ended = True
        if announced and stream.read().strip():
            raise unreachable("wrong-length", shown(request), detail=f"{announced} bytes")
    version = "1.0" if answer.version == 10 else "1.1"
    response = Response(answer.status, answer.getheaders(), content, reason=answer.reason, http_version=version)
    _check_coding(response, request, limits.max_body)
    return response


def _announced(method: str, answer: http.client.HTTPResponse) -> str:
    """The body's length as its header says, empty where it says none or there can't be a body.

    One that is no number, or several that differ, make an answer that nobody can read (RFC 9112, section 6.3), though
    http.client reads on.
    """
    length = answer.getheader("content-length")
    if length is None or answer.chunked or method == "HEAD" or answer.status in _BODILESS:
        return ""
    found = _LENGTHS.fullmatch(length)
    if found is None:
        raise http.client.HTTPException("a Content-Length that is no number")
    answer.length = int(found.group(1))  # http.client takes one that is said twice for none
    return found.group(1)


def _begun(
    connection: http.client.HTTPConnection, request: Request, stream: io.BufferedReader[Any]
) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(connection.sock, method=request.method)
    answer.fp.close()
    answer.fp = stream
    answer.begin()
    return answer


def _read(answer: http.client.HTTPResponse, request: Request, limit: int) -> bytes:
    pieces = []
    size = 0
    while piece := answer.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise unreachable("too-large", shown(request), detail=f"more than {limit:,} bytes")
    if answer.length:  # what Content-Length announced and never came; read1 doesn't raise for it
        raise http.client.IncompleteRead(b"".join(pieces), answer.length)
    return b"".join(pieces)


def _check_coding(response: Response, request: Request, limit: int) -> None:
    """Raises Unreachable for a body that is too large, cut off or broken once its content coding is undone."""
    window = _WINDOWS.get(response.headers.get("content-encoding", "").strip().lower())
    if window is None or not response.content:
        return
    stream = zlib.decompressobj(window)
    try:
        if len(stream.decompress(response.content, limit + 1)) > limit:
            raise unreachable("too-large", shown(request), detail=f"more than {limit:,} bytes when decoded")
        if not stream.eof:
            raise unreachable("truncated", shown(request), detail="when decoded")
    except zlib.error:
        if response.body is response.content:  # deflate has two forms, of which the window knows one
            raise unreachable("bad-coding", shown(request)) from None
