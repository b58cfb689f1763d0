"""A double as a WSGI or ASGI application (PEP 3333; asgi.readthedocs.io): for one client that can be given one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from lookalike.double.double import Double
from lookalike.errors import UsageError
from lookalike.messages import DEFAULT_PORTS, Answer, Fault, Pause, Request, Response
from lookalike.waiting import pieces, pieces_async

__tracebackhide__ = True

_PATH = "/:@!$&'()*+,;=~-._"  # RFC 3986, section 3.3; what else a client had encoded can't be told any more
_BODILESS = (204, 304)


def wsgi(double: Double, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    """Answer one request. Raises what the double raises, and UsageError for an answer that no application can give."""
    request = _of_environ(environ)
    response = _given(double.handle(request))
    reason = response.reason or _phrase(response.status)
    start_response(f"{response.status} {reason}", _fields(response))
    if request.method == "HEAD":
        return iter(())
    if response.chunks is None:
        return iter((response.content,))
    return (piece for piece in pieces(response.chunks()) if not isinstance(piece, Pause))


async def asgi(double: Double, scope: Mapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    """Answer one request; take part in a server's `lifespan`. Raises what the double raises."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] != "http":
        raise UsageError(f"{double.name}: a mock answers HTTP, and this is a {scope['type']}")
    request = await _of_scope(scope, receive)
    response = _given(await double.handle_async(request))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in _fields(response)]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.chunks is not None and request.method != "HEAD":
        async for piece in pieces_async(response.chunks()):
            if not isinstance(piece, Pause):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    body = response.content if response.chunks is None and request.method != "HEAD" else b""
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _lifespan(receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def _of_environ(environ: Mapping[str, Any]) -> Request:
    scheme = environ.get("wsgi.url_scheme", "http")
    path = quote(_octets(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")), safe=_PATH)
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    headers = [
        (name[5:].replace("_", "-").title(), value) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers.append((name.replace("_", "-").title(), environ[name]))
    length = environ.get("CONTENT_LENGTH", "")
    # Some transports give a body without its length; those that give none may have a stream without an end.
    content = environ["wsgi.input"].read(int(length)) if str(length).isdigit() else _rest(environ)
    return Request(
        environ["REQUEST_METHOD"], _url(scheme, host, path, environ.get("QUERY_STRING", "")), headers, content
    )


def _octets(path: str) -> bytes:
    """A path's bytes: PEP 3333 has them as the characters of latin-1; httpx has text, whose characters are its own."""
    try:
        data = path.encode("latin-1")
        data.decode()
    except UnicodeError:
        return path.encode()
    return data


def _rest(environ: Mapping[str, Any]) -> bytes:
    chunked = environ.get("HTTP_TRANSFER_ENCODING") or environ.get("wsgi.input_terminated")
    return bytes(environ["wsgi.input"].read()) if chunked else b""


async def _of_scope(scope: Mapping[str, Any], receive: Callable[..., Any]) -> Request:
    parts = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    scheme = scope.get("scheme", "http")
    raw = scope.get("raw_path")
    path = raw.decode("latin-1").partition("?")[0] if raw else quote(scope["path"], safe=_PATH)
    host = next((value for name, value in headers if name.lower() == "host"), None) or _server(scope)
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(scope["method"], _url(scheme, host, path, query), headers, b"".join(parts))


def _server(scope: Mapping[str, Any]) -> str:
    host, port = scope.get("server") or ("localhost", None)
    return host if port is None or port == DEFAULT_PORTS.get(scope.get("scheme", "http")) else f"{host}:{port}"


def _url(scheme: str, host: str, path: str, query: str) -> str:
    name, _, port = host.rpartition(":")
    if name and port.isdigit() and int(port) == DEFAULT_PORTS.get(scheme):
        host = name
    return f"{scheme}://{host.lower()}{path or '/'}" + (f"?{query}" if query else "")


def _given(answer: Answer) -> Response:
    if isinstance(answer, Response):
        return answer
    what = f'.fail("{answer.kind}")' if isinstance(answer, Fault) else "an answer that passes through"
    raise UsageError(
        f"a mock that is an application can't give {what}: there is no socket. Use mock.adapter() for requests, or "
        "api.mock(), which takes the client's own way to the network over"
    )


def _fields(response: Response) -> list[tuple[str, str]]:
    """The header fields, without those that are the connection's (RFC 9112)."""
    pairs = [pair for pair in response.headers.pairs if pair[0].lower() not in ("transfer-encoding", "connection")]
    said = any(name.lower() == "content-length" for name, _ in pairs)
    if not said and response.chunks is None and response.status >= 200 and response.status not in _BODILESS:
        pairs.append(("Content-Length", str(len(response.content))))
    return pairs


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in _KNOWN else "Unknown"


_KNOWN: Iterable[int] = frozenset(int(one) for one in HTTPStatus)
