"""A WSGI application as what answers a request (PEP 3333)."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from lookalike.double.streams import source_of
from lookalike.errors import UsageError
from lookalike.messages import Headers, Request, Response


def answer(
    app: Callable[..., Any], request: Request, root: str, path: str, opened: Callable[[Iterator[bytes]], None]
) -> Response:
    """What the application answers. Raises what it raises.

    root, path: the path's part that it is mounted at, and the rest; both percent-encoded
    opened:     told the iterator of a stream, which somebody has to close

    An answer that says its length is read whole; another is a stream, with the pieces that the application yields.
    """
    begun = _Begun()
    pieces = _pieces(app, _environ(request, root, path), begun)
    first = next(pieces, b"")  # an application may begin to answer as late as with the first piece
    status, reason, headers = begun.said()
    if "content-length" in headers or request.method == "HEAD":
        return Response(status, headers, first + b"".join(pieces), reason=reason)
    second = next(pieces, None) if begun.known else b""
    if second is None:
        return Response(status, headers, first, reason=reason)
    opened(pieces)
    return Response(status, headers, chunks=source_of(_from(first, pieces), bytes), reason=reason)


def _from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    try:
        if first:
            yield first
        yield from rest
    finally:
        rest.close()  # type: ignore[attr-defined]  # a generator


class _Begun:
    """What the application said before its body: PEP 3333's `start_response`.

    known: whether its body has one piece, so that nothing is to be waited for
    """

    def __init__(self) -> None:
        self._said: tuple[int, str, Headers] | None = None
        self.written: list[bytes] = []
        self.sent = False
        self.known = False

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], Any]:
        """Begin to answer; with `exc_info` anew, where nothing was sent yet."""
        if exc_info is not None and self.sent:
            raise exc_info[1].with_traceback(exc_info[2])
        if self._said is not None and exc_info is None:
            raise UsageError("the mounted WSGI application called start_response twice")
        code, _, reason = status.partition(" ")
        if not code.isdigit():
            raise UsageError(f"the mounted WSGI application's status is {status!r}; it begins with a number: '200 OK'")
        self._said = int(code), reason, Headers(headers)
        return self.written.append

    def said(self) -> tuple[int, str, Headers]:
        """Status, reason and headers. Raises UsageError where the application never said them."""
        self.sent = True
        if self._said is None:
            raise UsageError("the mounted WSGI application answered without calling start_response")
        return self._said


def _pieces(app: Callable[..., Any], environ: dict[str, Any], begun: _Begun) -> Iterator[bytes]:
    body: Iterable[bytes] = app(environ, begun.start)
    try:
        begun.known = not begun.written and hasattr(body, "__len__") and len(body) <= 1  # type: ignore[arg-type]  # it has a length
        yield from begun.written
        for piece in body:
            if piece:
                yield piece
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def _environ(request: Request, root: str, path: str) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": _native(root),
        "PATH_INFO": _native(path),
        "QUERY_STRING": request.query,
        "REQUEST_URI": request.target,
        "SERVER_NAME": request.host,
        "SERVER_PORT": str(request.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": request.url.partition("://")[2].partition("/")[0].partition("?")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name in request.headers:
        key = name.upper().replace("-", "_")
        joined = ("; " if key == "COOKIE" else ", ").join(request.headers.get_all(name))
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = joined
    # The transfer coding is undone here, and its field says nothing any more.
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None or request.content:
        environ["CONTENT_LENGTH"] = str(len(request.content))
    return environ


def _native(path: str) -> str:
    """Decoded, its bytes as the characters of latin-1: PEP 3333's "native strings"."""
    return unquote_to_bytes(path).decode("latin-1")
