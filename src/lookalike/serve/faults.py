"""Failures on a socket.

A client of the server has resolved a name, connected, and sent its request before a double is asked, so what fails
before that in the real world becomes the nearest failure that a socket still knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lookalike.messages import Fault, FaultKind, Response
from lookalike.serve.wire import chunk, frame

Ending = Literal["reset", "close", "silence"]


@dataclass(frozen=True, slots=True)
class Failure:
    """How the server fails: `reset` is a TCP reset, `close` ends the connection in order, `silence` never answers."""

    ending: Ending
    note: str


FAILURES: Mapping[FaultKind, Failure] = MappingProxyType(
    {
        "reset": Failure("reset", "a TCP reset in place of an answer"),
        "closed": Failure("close", "the connection is closed without an answer"),
        "closed-mid-body": Failure("close", "the response's content arrives, one byte short of what its head promises"),
        "bad-chunk": Failure("close", "the response's content arrives in a chunk, then a chunk size that is no number"),
        "read-timeout": Failure("silence", "no answer until the client gives up"),
        "dns": Failure("reset", "too late to fail a look-up: as reset"),
        "refused": Failure("reset", "too late to refuse: as reset"),
        "connect-timeout": Failure("silence", "too late not to connect: as read-timeout"),
        "tls": Failure(
            "close",
            "over TLS an alert that nobody can read; without TLS as closed, which is how a failed handshake ends",
        ),
    }
)

_HALF_AN_ANSWER = Response(200, [("Content-Type", "application/json")], b'{"')


def last_words(fault: Fault, *, method: str) -> bytes:
    """What arrives before the connection fails; nothing for most faults. The fault's response has its whole content."""
    if fault.kind not in ("closed-mid-body", "bad-chunk"):
        return b""
    response = fault.response or _HALF_AN_ANSWER
    content = response.content
    fields = [pair for pair in response.headers.pairs if pair[0].lower() != "transfer-encoding"]
    if fault.kind == "bad-chunk":
        fields = [pair for pair in fields if pair[0].lower() != "content-length"]
        head = frame(Response(response.status, [*fields, ("Transfer-Encoding", "chunked")]), method=method).head
        return head + (chunk(content) if content else b"") + b"no number\r\n"
    if "content-length" not in response.headers or response.headers["content-length"] == str(len(content)):
        fields = [pair for pair in fields if pair[0].lower() != "content-length"]
        fields.append(("Content-Length", str(max(2 * len(content), 1))))
    return frame(Response(response.status, fields, content), method=method).head + content
