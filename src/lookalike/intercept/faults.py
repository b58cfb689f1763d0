"""What each fault is at a socket: which error, and when."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from lookalike.intercept import wire
from lookalike.messages import Fault, FaultKind, Response

# A name that can't be resolved, a refusal and a timeout come from the attempt to connect: the client's own `connect`
# is run against a network that fails so, because clients tell these from later errors (retries count them apart).
CONNECT: Mapping[FaultKind, Callable[[], Exception]] = {
    "dns": lambda: socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    "refused": lambda: ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)),
    "connect-timeout": lambda: TimeoutError("timed out"),
}


def bad_certificate() -> ssl.SSLCertVerificationError:
    """What a handshake raises that meets a certificate which nobody signed."""
    error = ssl.SSLCertVerificationError(
        1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
    )
    error.verify_code = 18  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
    error.verify_message = "self-signed certificate"
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    error.library = "SSL"
    return error


HANDSHAKE: Mapping[FaultKind, Callable[[], Exception]] = {"tls": bad_certificate}

READ: Mapping[FaultKind, Callable[[], Exception]] = {
    "read-timeout": lambda: TimeoutError("timed out"),
    "reset": lambda: ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)),
}


def raised(kind: FaultKind) -> Exception | None:
    """The error of a fault before any byte of the answer; None for a connection that ends without one."""
    make = CONNECT.get(kind) or HANDSHAKE.get(kind) or READ.get(kind)
    return make() if make is not None else None


_BAD_CHUNK = b"not a size\r\n"
_DEFAULT = Response(200, [("Content-Type", "application/octet-stream")], b"\0" * 10)


def broken(fault: Fault) -> Response | None:
    """The response whose bytes end too early, framed so that a client notices; None where no byte arrives."""
    if fault.kind not in ("closed-mid-body", "bad-chunk"):
        return None
    response = fault.response or _DEFAULT
    chunked = fault.kind == "bad-chunk" or response.chunks is not None
    pairs = [pair for pair in response.headers.pairs if pair[0].lower() not in ("content-length", "transfer-encoding")]
    if chunked:
        pairs.append(("Transfer-Encoding", "chunked"))
    else:
        pairs.append(("Content-Length", str(max(2 * len(response.content), 1))))
    return Response(
        response.status, pairs, response.content, chunks=response.chunks, delay=response.delay, reason=response.reason
    )


def encode(fault: Fault, method: str) -> Iterator[bytes]:
    """The bytes that arrive before the connection ends; none at all for `closed`."""
    response = broken(fault)
    if response is None:
        return
    for piece in wire.encode(response, method):
        if piece == wire.LAST_CHUNK:
            if fault.kind == "bad-chunk":
                yield _BAD_CHUNK
            return
        yield piece


async def encode_async(fault: Fault, method: str) -> AsyncIterator[bytes]:
    """The same for who can await."""
    response = broken(fault)
    if response is None:
        return
    async for piece in wire.encode_async(response, method):
        if piece == wire.LAST_CHUNK:
            if fault.kind == "bad-chunk":
                yield _BAD_CHUNK
            return
        yield piece
