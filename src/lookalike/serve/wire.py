"""Responses as the bytes of HTTP/1.1 (RFC 9112)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from lookalike.errors import UsageError
from lookalike.messages import Response

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2
_UNSENDABLE = re.compile(r"[\r\n\0]")
# The connection is this door's own: what a double says of it is obeyed, not copied (RFC 9110, section 7.6.1).
_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Frame:
    """How a response goes out.

    head:    status line and header fields, with the empty line
    body:    what follows at once; empty for a stream
    chunked: the body goes out in chunks
    close:   the connection ends after it
    """

    head: bytes
    body: bytes
    chunked: bool
    close: bool


def frame(response: Response, *, method: str, version: str = "1.1", close: bool = False) -> Frame:
    """Lay a response out for a client that speaks `version` ("1.1" or "1.0").

    A Content-Length that isn't the body's is sent as the double says it, and the connection ends after it, so the
    client meets the lie and nothing else. Raises UsageError where the response can't be sent.
    """
    fields, length, chunked, close = _fields(response, close=close)
    bodiless = method == "HEAD" or response.status < 200 or response.status in (204, 304)
    streamed = response.chunks is not None
    chunked = (chunked or streamed) and version == "1.1" and not (response.status < 200 or response.status == 204)
    if chunked:
        fields.append("Transfer-Encoding: chunked")
    elif length is not None:
        fields.append(f"Content-Length: {length}")
        close = close or (not bodiless and length != str(len(response.content)))
    elif streamed:
        close = True
    elif not bodiless or (method == "HEAD" and response.status >= 200 and response.status not in (204, 304)):
        fields.append(f"Content-Length: {len(response.content)}")
    if response.http_version == "1.0" or response.status < 200:
        close = True
    if close:
        fields.append("Connection: close")
    elif version == "1.0":
        fields.append("Connection: keep-alive")
    head = _head(response, fields)
    if bodiless:
        body = b""
    elif chunked and not streamed:
        body = (chunk(response.content) if response.content else b"") + LAST_CHUNK
    else:
        body = response.content
    return Frame(head, body, chunked and not bodiless, close)


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body (RFC 9112, section 7.1). An empty one would end the body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def plain(status: int, text: str, *, mark: str = "", close: bool = False) -> Response:
    """What the server itself says, as text; `mark` goes into the header `x-lookalike`."""
    fields = [("Content-Type", "text/plain; charset=utf-8")]
    if mark:
        fields.append(("X-Lookalike", mark))
    if close:
        fields.append(("Connection", "close"))
    return Response(status, fields, f"{text}\n".encode())


def _fields(response: Response, *, close: bool) -> tuple[list[str], str | None, bool, bool]:
    fields: list[str] = []
    length = None
    chunked = False
    for name, value in response.headers.pairs:
        if not _TOKEN.fullmatch(name) or _UNSENDABLE.search(value):
            raise UsageError(f"the header {name!r}: {value!r} can't be sent; names are tokens, values are one line")
        lower = name.lower()
        if lower == "content-length":
            length = value.strip()
        elif lower not in _OF_THE_CONNECTION:
            fields.append(f"{name}: {value}")
        elif lower == "transfer-encoding":
            chunked = "chunked" in value.lower()
        elif lower == "connection":
            close = close or "close" in value.lower()
    return fields, length, chunked, close


def _head(response: Response, fields: list[str]) -> bytes:
    status = response.status
    if not 100 <= status <= 999:
        raise UsageError(f"the status {status} can't be sent; a status has three digits")
    reason = response.reason or _REASONS.get(status, "Unknown")
    if _UNSENDABLE.search(reason):
        raise UsageError(f"the reason phrase {reason!r} can't be sent; it is one line")
    version = "1.0" if response.http_version == "1.0" else "1.1"
    text = f"HTTP/{version} {status} {reason}\r\n" + "\r\n".join(fields) + ("\r\n\r\n" if fields else "\r\n")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()
