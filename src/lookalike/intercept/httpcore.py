"""The seam in the connection pools of `httpcore` and `httpcore2`: httpx, httpx2 and the SDKs on them, sync and async.

A pool is asked with values and answers with values, so a double answers here without a byte of HTTP/1.1. A pool that
was used before holds its real connections untouched meanwhile, and one that was used under a double holds none of it.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from lookalike import passage
from lookalike.double.double import Double
from lookalike.intercept import active, faults, wire
from lookalike.intercept.carried import is_of_a_socket
from lookalike.intercept.imports import watch
from lookalike.intercept.patching import Patches, require
from lookalike.intercept.streamed import Streamed
from lookalike.intercept.teed import Teed, TeedBody, is_open
from lookalike.intercept.told import by_pool
from lookalike.messages import DEFAULT_PORTS, Fault, FaultKind, PassThrough, Request, Response

SEAM = "httpcore"
MODULES = ("httpcore", "httpcore2")
_HTTP = {b"http": "http", b"https": "https"}
# h11, which the pools speak HTTP/1.1 with, words these two; the rest are the socket's own words.
_CLOSED = "Server disconnected without sending a response."
_BAD_CHUNK = "illegal chunk header: bytearray(b'not a size\\r\\n')"

ERRORS: dict[FaultKind, str] = {
    "dns": "ConnectError",
    "refused": "ConnectError",
    "tls": "ConnectError",
    "connect-timeout": "ConnectTimeout",
    "read-timeout": "ReadTimeout",
    "reset": "ReadError",
    "closed": "RemoteProtocolError",
    "closed-mid-body": "RemoteProtocolError",
    "bad-chunk": "RemoteProtocolError",
}
# What it makes of what a test's function raises as a socket would.
OF_A_SOCKET: tuple[tuple[tuple[type[OSError], ...], str], ...] = (
    ((TimeoutError,), "ReadTimeout"),
    ((socket.gaierror, ConnectionRefusedError, ssl.SSLError), "ConnectError"),
)
_AT_CONNECT = {**faults.CONNECT, **faults.HANDSHAKE}


# Header fields as text. Clients send the same ones again and again, and the journal keeps each request.
_known: dict[tuple[bytes, bytes], tuple[str, str]] = {}
_MOST, _LONGEST = 1024, 128


def _field(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = pair
    field = name.decode("latin-1"), value.decode("latin-1")
    if len(value) <= _LONGEST:
        if len(_known) >= _MOST:
            _known.clear()
        _known[name, value] = field
    return field


class Call(NamedTuple):
    """One request that a double answers."""

    library: Any
    pool: Any
    request: Any
    double: Double

    def ask(self, content: bytes) -> Response | Fault | PassThrough:
        """The double's answer; a pool that was told to retry failures to connect asks again, as it would really."""
        request = self._value(content)
        answer = self.double.handle(request)
        for _ in range(self._retries(answer)):
            if not _failed_to_connect(answer):
                break
            answer = self.double.handle(request)
        return answer

    async def ask_async(self, content: bytes) -> Response | Fault | PassThrough:
        """The same in the loop that runs."""
        request = self._value(content)
        answer = await self.double.handle_async(request)
        for _ in range(self._retries(answer)):
            if not _failed_to_connect(answer):
                break
            answer = await self.double.handle_async(request)
        return answer

    def _retries(self, answer: Response | Fault | PassThrough) -> int:
        return getattr(self.pool, "_retries", 0) if _failed_to_connect(answer) else 0

    def _value(self, content: bytes) -> Request:
        request = self.request
        url = request.url
        scheme = _HTTP[url.scheme]
        host = url.host.decode("ascii").lower()
        target = url.target.decode("latin-1")
        headers = [_known.get(pair) or _field(pair) for pair in request.headers]
        timeout = request.extensions.get("timeout", {}).get("read")
        return Request(
            request.method.decode("ascii"),
            wire.absolute_url(scheme, host.strip("[]"), url.port or DEFAULT_PORTS[scheme], target),
            headers,
            content,
            timeout=timeout,
            options=by_pool(self.pool, scheme),
        )

    def again(self, content: bytes) -> Any:
        """The client's request with its body, which was read, put back."""
        old = self.request
        return self.library.Request(
            method=old.method, url=old.url, headers=old.headers, content=content, extensions=old.extensions
        )

    def respond(self, answer: Response | Fault) -> Any:
        """The library's response for an answer. Raises the library's own exceptions for faults."""
        if isinstance(answer, Fault):
            response = faults.broken(answer)
            if response is None:
                raise self._error(answer.kind)
            end: Exception | None = self._cut_off(response) if answer.kind != "bad-chunk" else self._bad_chunk()
        else:
            response, end = answer, None
        timeout = self.request.extensions.get("timeout", {}).get("read")
        if timeout is not None and response.delay > timeout:
            raise self._late()
        pairs, framing = wire.frame(response, self.request.method.decode("ascii"))
        wire.check_fields(pairs)
        if response.http_version == "2":
            pairs = [pair for pair in pairs if pair[0].lower() != "transfer-encoding"]  # RFC 9113, section 8.2.2
        if framing == "none":
            body: Body | Streamed = Body((), None)
        elif response.chunks is not None:
            body = Streamed(response.chunks, timeout=timeout, late=self._late, end=end)
        else:
            body = Body((response.content,), end or self._short(response, pairs, framing))
        return self.library.Response(
            response.status,
            headers=[(_bytes(name), _bytes(value)) for name, value in pairs],
            content=body,
            extensions=_extensions(response),
        )

    def fail(self, error: OSError) -> NoReturn:
        """Raise what the library makes of an exception that a socket raises; any other as it is."""
        if not is_of_a_socket(error):
            raise error
        name = next((name for kinds, name in OF_A_SOCKET if isinstance(error, kinds)), "ReadError")
        raise getattr(self.library, name)(str(error)) from error

    def _late(self) -> Exception:
        error: Exception = self.library.ReadTimeout("timed out")
        error.__cause__ = TimeoutError("timed out")
        return error

    def _error(self, kind: FaultKind) -> Exception:
        make = _AT_CONNECT.get(kind) or faults.READ.get(kind)
        cause = make() if make is not None else None
        error: Exception = getattr(self.library, ERRORS[kind])(str(cause) if cause is not None else _CLOSED)
        error.__cause__ = cause
        return error

    def _short(self, response: Response, pairs: list[tuple[str, str]], framing: wire.Framing) -> Exception | None:
        """What meets the client where fewer bytes come than the header says."""
        if framing != "length":
            return None
        said = next(value for name, value in pairs if name.lower() == "content-length")
        return self._cut_off(response) if said.isdigit() and int(said) > len(response.content) else None

    def _cut_off(self, response: Response) -> Exception:
        said = response.headers.get("content-length")
        if said is None:
            text = "peer closed connection without sending complete message body (incomplete chunked read)"
        else:
            got = len(response.content)
            text = (
                f"peer closed connection without sending complete message body (received {got} bytes, expected {said})"
            )
        error: Exception = self.library.RemoteProtocolError(text)
        return error

    def _bad_chunk(self) -> Exception:
        error: Exception = self.library.RemoteProtocolError(_BAD_CHUNK)
        return error


def _failed_to_connect(answer: Response | Fault | PassThrough) -> bool:
    return isinstance(answer, Fault) and answer.kind in _AT_CONNECT


class Body:
    """A response's body that is there already, for sync and async clients."""

    def __init__(self, pieces: tuple[bytes, ...], end: Exception | None) -> None:
        self._pieces = pieces
        self._end = end

    def _iterate(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if piece:
                yield piece
        if self._end is not None:
            raise self._end

    def __iter__(self) -> Iterator[bytes]:
        return self._iterate()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._iterate():
            yield piece

    def close(self) -> None:
        """Give no more."""
        self._pieces = ()

    async def aclose(self) -> None:
        """Give no more."""
        self._pieces = ()


def _extensions(response: Response) -> dict[str, bytes]:
    version = {"http_version": b"HTTP/" + response.http_version.encode("ascii")}
    if response.http_version == "2" and not response.reason:  # there is no phrase in HTTP/2 (RFC 9113, section 8.3.2)
        return version
    return version | {"reason_phrase": _bytes(response.reason or wire.PHRASES.get(response.status, ""))}


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def _double_for(pool: Any, request: Any) -> Double | None:
    url = request.url
    scheme = _HTTP.get(url.scheme)
    if scheme is None or getattr(pool, "lookalike_passes", False):
        return None
    decide = active.decide if getattr(pool, "_uds", None) is None else active.claimed
    return decide(url.host.decode("ascii").strip("[]").lower(), url.port or DEFAULT_PORTS[scheme], SEAM)


def _may_pass(request: Any) -> bool:
    # A protocol that no double speaks (a WebSocket) isn't decided upon here: the guard looks at its host.
    return request.url.scheme in _HTTP


def _received(real: Any, content: bytes = b"") -> Response:
    """A real answer as a value."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in real.headers]
    reason = real.extensions.get("reason_phrase", b"").decode("latin-1")
    version = real.extensions.get("http_version", b"HTTP/1.1").decode("ascii").removeprefix("HTTP/")
    kept = [pair for pair in pairs if pair[0].lower() != "transfer-encoding"]
    return Response(real.status, kept, content, reason=reason, http_version=version)


def _given(answer: PassThrough, real: Any, content: bytes, call: Call) -> Any:
    """What the client gets of a real answer that was read whole."""
    response = _received(real, content)
    given = answer.given(response)
    return call.respond(given) if given is not response else _anew(real, Body((content,), None), call)


def _as_it_comes(answer: PassThrough, real: Any, call: Call) -> Any:
    """What the client gets of a real answer that may have no end; None for one that is to be read whole."""
    head = _received(real)
    if answer.observe is None or answer.alter is not None or not is_open(head, call.request.method.decode("ascii")):
        return None
    return _anew(real, TeedBody(real, Teed(head, answer.observe)), call)


def _anew(real: Any, body: Body | TeedBody, call: Call) -> Any:
    extensions = {name: value for name, value in real.extensions.items() if name != "network_stream"}
    return call.library.Response(real.status, headers=real.headers, content=body, extensions=extensions)


def _sync(library: Any, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def handle_request(pool: Any, request: Any) -> Any:
        if not active.may_answer(SEAM) or passage.is_open():
            return original(pool, request)
        double = _double_for(pool, request)
        if double is None:
            if not _may_pass(request):
                return original(pool, request)
            with passage.opened():
                return original(pool, request)
        call = Call(library, pool, request, double)
        content = b"".join(request.stream)
        try:
            answer = call.ask(content)
        except OSError as error:
            call.fail(error)
        if not isinstance(answer, PassThrough):
            return call.respond(answer)
        with passage.opened():
            real = original(pool, call.again(content))
            if not answer.reads_whole:
                return real
            if (streamed := _as_it_comes(answer, real, call)) is not None:
                return streamed
            try:
                body = real.read()
            finally:
                real.close()
        return _given(answer, real, body, call)

    return handle_request


def _async(library: Any, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    async def handle_async_request(pool: Any, request: Any) -> Any:
        if not active.may_answer(SEAM) or passage.is_open():
            return await original(pool, request)
        double = _double_for(pool, request)
        if double is None:
            if not _may_pass(request):
                return await original(pool, request)
            with passage.opened():
                return await original(pool, request)
        call = Call(library, pool, request, double)
        content = b"".join([part async for part in request.stream])
        try:
            answer = await call.ask_async(content)
        except OSError as error:
            call.fail(error)
        if not isinstance(answer, PassThrough):
            return call.respond(answer)
        with passage.opened():
            real = await original(pool, call.again(content))
            if not answer.reads_whole:
                return real
            if (streamed := _as_it_comes(answer, real, call)) is not None:
                return streamed
            try:
                body = await real.aread()
            finally:
                await real.aclose()
        return _given(answer, real, body, call)

    return handle_async_request


def install() -> Callable[[], None]:
    """Put the seam into the pools of what is imported, and of what will be; returns how to take it out."""
    patches = Patches()

    def hook(library: ModuleType) -> None:
        require(
            library, "ConnectionPool.handle_request", "AsyncConnectionPool.handle_async_request", "Request", "Response"
        )
        pool, async_pool = library.ConnectionPool, library.AsyncConnectionPool
        patches.set(pool, "handle_request", _sync(library, pool.handle_request))
        patches.set(async_pool, "handle_async_request", _async(library, async_pool.handle_async_request))

    return watch(dict.fromkeys(MODULES, hook), patches.undo)
