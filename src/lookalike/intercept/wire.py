"""HTTP/1.1 on the wire, as far as an in-process double needs it: a request's bytes read, a response's bytes written."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from lookalike.errors import UsageError
from lookalike.messages import DEFAULT_PORTS, Pause, Response, Stream
from lookalike.waiting import pieces, pieces_async

Framing = Literal["none", "length", "chunked", "close"]
LAST_CHUNK = b"0\r\n\r\n"  # RFC 9112, section 7.1
PHRASES = {int(status): status.phrase for status in HTTPStatus}

_BREAK = re.compile("[\r\n\0]").search


@dataclass(slots=True)
class Head:
    """A request's first line and header fields, and how its body is framed.

    length: the body's length in bytes, 0 for no body; None where it is chunked
    """

    method: str
    target: str
    headers: list[tuple[str, str]]
    length: int | None
    expects_continue: bool


def read_head(data: bytes) -> Head:
    """Parse a request's head, without the empty line that ends it. A client wrote it: it is taken to be well formed."""
    first, *lines = data.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target = rest.rpartition(" ")[0]
    headers: list[tuple[str, str]] = []
    length: int | None = 0
    chunked = expects = False
    for line in lines:
        if line[:1] in (" ", "\t") and headers:  # obsolete folding, which http.client writes for several values
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}")
            continue
        name, _, value = line.partition(":")
        value = value.strip()
        headers.append((name, value))
        key = name.lower()
        if key == "content-length":
            length = int(value) if value.isdigit() else 0
        elif key == "transfer-encoding":
            chunked = value.lower().endswith("chunked")
        elif key == "expect":
            expects = value.lower() == "100-continue"
    return Head(method, target, headers, None if chunked else length, expects)


def read_chunked(data: bytes) -> bytes | None:
    """The content of a chunked body, or None while its end hasn't arrived (RFC 9112, section 7.1)."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(data[at:end].partition(b";")[0], 16)
        if size == 0:
            return b"".join(parts) if data.startswith(b"\r\n", end + 2) or b"\r\n\r\n" in data[end:] else None
        start = end + 2
        if len(data) < start + size + 2:
            return None
        parts.append(data[start : start + size])
        at = start + size + 2


def absolute_url(scheme: str, host: str, port: int, target: str) -> str:
    """The URL of a request target on a host, without the scheme's default port."""
    name = f"[{host}]" if ":" in host else host
    authority = name if DEFAULT_PORTS.get(scheme) == port else f"{name}:{port}"
    path = "" if target == "*" else target  # OPTIONS of the server itself (RFC 9110, section 7.1)
    return f"{scheme}://{authority}{path if path.startswith('/') else '/' + path}"


def origin_form(target: str) -> str:
    """Path and query of a request target, also of the absolute form, as proxies are sent it."""
    if target[:7].lower() != "http://" and target[:8].lower() != "https://":
        return target
    rest = target.partition("://")[2]
    slash = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    return rest[slash:]


def frame(response: Response, method: str) -> tuple[list[tuple[str, str]], Framing]:
    """The header fields to send and how the body is framed (RFC 9112, section 6).

    What the response says of its own framing stays, right or wrong: a client meets it as it would meet it in reality.
    Where it says nothing, the field that frames the body is added.
    """
    pairs = list(response.headers.pairs)
    names = {name.lower() for name, _ in pairs}
    status = response.status
    bodiless = status in (204, 304) or status < 200
    if "transfer-encoding" in names:
        return pairs, "none" if bodiless or method == "HEAD" else "chunked"
    if "content-length" in names:
        return pairs, "none" if bodiless or method == "HEAD" else "length"
    if bodiless:
        return pairs, "none"
    if response.chunks is None:
        pairs.append(("Content-Length", str(len(response.content))))
        return pairs, "none" if method == "HEAD" else "length"
    if response.http_version == "1.0":
        return pairs, "none" if method == "HEAD" else "close"
    pairs.append(("Transfer-Encoding", "chunked"))
    return pairs, "none" if method == "HEAD" else "chunked"


def check_fields(pairs: list[tuple[str, str]]) -> None:
    """Raises UsageError where a field would break out of its line."""
    for name, value in pairs:
        if _BREAK(name) or _BREAK(value):
            raise UsageError(f"the header {name!r} of a reply holds a line break or NUL: {value!r}; take it out")


def encode(response: Response, method: str) -> Iterator[bytes]:
    """A response's bytes, piece by piece; a streamed body is asked for its chunks only when they are read.

    A `Pause` of the stream is a piece without bytes; `Patience` says whether the client waits so long.
    """
    head, framing = _encode_head(response, method)
    yield head
    if framing == "none":
        return
    source: Iterable[bytes] = (response.content,) if response.chunks is None else pieces(response.chunks())
    if framing != "chunked":
        yield from source
        return
    for piece in source:
        if piece:  # an empty chunk would end the body
            yield _chunk(piece)
        elif isinstance(piece, Pause):
            yield piece
    yield LAST_CHUNK


async def encode_async(response: Response, method: str) -> AsyncIterator[bytes]:
    """The same for who can await: chunks that are async are made in the caller's own loop."""
    head, framing = _encode_head(response, method)
    yield head
    if framing == "none":
        return
    source: Stream = (response.content,) if response.chunks is None else response.chunks()
    async with aclosing(pieces_async(source)) as parts:  # type: ignore[type-var]  # it is a generator
        async for piece in parts:
            if framing != "chunked" or isinstance(piece, Pause):
                yield piece
            elif piece:
                yield _chunk(piece)
    if framing == "chunked":
        yield LAST_CHUNK


def _encode_head(response: Response, method: str) -> tuple[bytes, Framing]:
    pairs, framing = frame(response, method)
    check_fields(pairs)
    version = "1.0" if response.http_version == "1.0" else "1.1"
    reason = response.reason or PHRASES.get(response.status, "")
    lines = [f"HTTP/{version} {response.status} {reason}", *(f"{name}: {value}" for name, value in pairs), "", ""]
    # Field values beyond latin-1 are sent as UTF-8, which is what servers do that send them at all.
    text = "\r\n".join(lines)
    try:
        return text.encode("latin-1"), framing
    except UnicodeEncodeError:
        return text.encode(), framing


class Patience:
    """How long a client waits between two pieces of a body, on the virtual clock.

    timeout: the seconds that the client waits for bytes, None for no limit
    """

    __slots__ = ("_waited",)

    def __init__(self) -> None:
        self._waited = 0.0

    def ends(self, piece: bytes, timeout: float | None) -> bool:
        """Whether it ends with this piece, which is a `Pause` then."""
        if piece:
            self._waited = 0.0
        elif isinstance(piece, Pause):
            self._waited += piece.seconds
        return timeout is not None and self._waited > timeout


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)
