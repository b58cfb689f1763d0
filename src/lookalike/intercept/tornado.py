"""The seam in tornado's clients.

SimpleAsyncHTTPClient, and HTTPClient over it, get a stream in memory from `TCPClient.connect`: tornado's own code
writes the request and parses the answer, follows redirects, unpacks gzip and calls the callbacks. CurlAsyncHTTPClient
has its stack in libcurl, where no double reaches: its `fetch_impl` is answered through tornado's stack, with curl's
errors. A real answer is fetched by libcurl itself.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import Context, ContextVar, copy_context
from io import BytesIO
from types import ModuleType, SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from lookalike import passage
from lookalike.errors import UsageError
from lookalike.intercept import active, faults
from lookalike.intercept.fake_socket import Place
from lookalike.intercept.imports import watch
from lookalike.intercept.patching import Patches, require
from lookalike.intercept.tornado_stream import Connect, TornadoTalk, stream
from lookalike.messages import Fault, FaultKind, PassThrough, Request, Response, split_url


class Asking:
    """A request that a client is about to connect for, and the talk that came of it."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.talk: TornadoTalk | None = None

    def told(self, response: Any) -> Any:
        """The response with what really went wrong, if anything did.

        The fetch behind a redirect may not raise it: older tornados would then never finish the first one.
        """
        if self.talk is not None and response.error is not None and self.talk.failed is not None:
            response.error = self.talk.failed
            response.lookalike_failed = True
        if getattr(response, "lookalike_failed", False):
            response._error_is_response_code = getattr(self.request, "original_request", None) is not None
        return response


# The request that the running task connects for: TCPClient doesn't know it, and connects for WebSockets and others too.
_asking: ContextVar[Asking | None] = ContextVar("lookalike_tornado_asking", default=None)
SEAM = "tornado"
_USER_AGENT = "Mozilla/5.0 (compatible; pycurl)"  # what CurlAsyncHTTPClient says of itself
_TLS = ("ca_certs", "client_cert", "client_key")
_PROXY = ("proxy_host", "proxy_port", "proxy_username", "proxy_password", "proxy_auth_mode")
_REDIRECTS = (301, 302, 303, 307, 308)
_TOO_MANY_REDIRECTS = 47

# libcurl's error code for each fault (curl/curl.h, CURLcode), and what it says.
CURL: Mapping[FaultKind, tuple[int, str]] = {
    "dns": (6, "Could not resolve host: {host}"),
    "refused": (7, "Failed to connect to {host} port {port} after 0 ms: Could not connect to server"),
    "connect-timeout": (28, "Connection timed out after {ms} milliseconds"),
    "read-timeout": (28, "Operation timed out after {ms} milliseconds with 0 bytes received"),
    "tls": (60, "SSL certificate problem: self-signed certificate"),
    "reset": (56, "Recv failure: Connection reset by peer"),
    "closed": (52, "Empty reply from server"),
    "closed-mid-body": (18, "end of response with bytes missing"),
    "bad-chunk": (56, "Illegal or missing hexadecimal sequence in chunked-encoding"),
}


def _connecting(original: Callable[..., Any], talk: Callable[[Place, Any, Connect], TornadoTalk]) -> Callable[..., Any]:
    """`TCPClient.connect` that gives a stream in memory where a double answers."""

    async def connect(client: Any, host: str, port: int, *args: Any, **options: Any) -> Any:
        asked = _asking.get()
        if asked is None or not active.may_answer(SEAM) or passage.is_open():
            return await original(client, host, port, *args, **options)
        _asking.set(None)  # What callbacks of this request connect to is another matter.
        double = active.decide(host.lower(), port, SEAM)
        if double is None:
            with passage.opened():
                return await original(client, host, port, *args, **options)
        scheme = "http" if options.get("ssl_options") is None else "https"

        def really() -> Any:
            return original(client, host, port, *args, **options)

        asked.talk = talk(Place(double, scheme, host.lower(), port), asked.request, really)
        return stream(asked.talk, options.get("max_buffer_size"))

    return connect


class CurlTalk(TornadoTalk):
    """A request of tornado's client over libcurl, which says in its own words what failed."""

    def _error(self, kind: FaultKind) -> Exception:
        from tornado.curl_httpclient import CurlError

        code, text = CURL[kind]
        place, milliseconds = self._place, int(1000 * (self.options().timeout or 0))
        error: Exception = CurlError(code, text.format(host=place.host, port=place.port, ms=milliseconds))
        return error

    def late(self) -> Exception:
        """The error of a request that took longer than its `request_timeout`."""
        return self._error("read-timeout")

    async def _broken(self, fault: Fault, method: str) -> AsyncIterator[bytes]:
        self.failed = self._error(fault.kind)
        if faults.broken(fault) is None:
            raise self.failed
        async for piece in faults.encode_async(fault, method):
            yield piece

    async def real(self, answer: PassThrough, sent: bytes, request: Request) -> AsyncIterator[bytes]:
        """Libcurl asks for itself."""
        raise _CurlAsks(answer)
        yield b""


class _CurlAsks(Exception):
    """The answer of a request that libcurl itself sends."""

    def __init__(self, answer: PassThrough) -> None:
        super().__init__("the real API answers")
        self.answer = answer


class Curl:
    """Answers for CurlAsyncHTTPClient."""

    def __init__(self, fetch_impl: Callable[..., None], connect: Callable[..., Any]) -> None:
        self._fetch_impl = fetch_impl
        self._connect = connect

    def fetch(self, client: Any, request: Any, callback: Callable[[Any], None]) -> None:
        """As `fetch_impl`: call `callback` with the HTTPResponse when it is there."""
        if not active.may_answer(SEAM) or passage.is_open() or self._passes(request.url):
            self._fetch_impl(client, request, callback)
            return
        from tornado.simple_httpclient import SimpleAsyncHTTPClient

        inner: Any = SimpleAsyncHTTPClient(force_instance=True, max_body_size=getattr(client, "max_body_size", None))
        tcp = inner.tcp_client

        talks: list[CurlTalk] = []

        def talk(place: Place, asked: Any, really: Connect) -> TornadoTalk:
            talks.append(CurlTalk(place, request, really))
            return talks[-1]

        connect = _connecting(self._connect, talk)

        async def connecting(*args: Any, **options: Any) -> Any:
            return await connect(tcp, *args, **options)

        def done(response: Any) -> None:
            inner.close()
            if isinstance(response.error, _CurlAsks):
                self._fetch_impl(client, _for_curl(request, response), _given(response.error.answer, callback))
                return
            if talks and response.error is not None:
                response.error = talks[-1].failed or _too_many_redirects(request, response) or response.error
            response.request = request
            callback(response)

        inner.tcp_client = SimpleNamespace(connect=connecting, close=tcp.close)
        inner.fetch_impl(_for_tornado(request), done)

    def _passes(self, url: str) -> bool:
        try:
            parts = split_url(url)
        except UsageError:
            return True  # libcurl says what is wrong with it.
        return active.decide(parts.host, parts.port, SEAM) is None


def _for_tornado(request: Any) -> Any:
    """The request without what libcurl itself would do: it has files of its own, a proxy, and first no digest."""
    asked = copy.copy(request.request)
    asked.headers = copy.copy(request.headers)
    for name in (*_PROXY, *_TLS):
        setattr(asked, name, None)
    if request.auth_mode not in (None, "basic"):
        asked.auth_username = asked.auth_password = asked.auth_mode = None
    if not request.user_agent:
        asked.headers["User-Agent"] = _USER_AGENT
    defaults = {name: value for name, value in (request.defaults or {}).items() if name not in (*_PROXY, *_TLS)}
    return type(request)(asked, defaults)


def _for_curl(request: Any, response: Any) -> Any:
    """What libcurl shall ask: the request, or the one that a double's redirects have made of it."""
    if response.request.url == request.url:
        return request
    asked = copy.copy(response.request)
    for name in (*_PROXY, *_TLS):
        setattr(asked, name, getattr(request.request, name))
    return type(request)(asked, request.defaults)


def _too_many_redirects(request: Any, response: Any) -> Exception | None:
    if not (request.follow_redirects and response.code in _REDIRECTS and response.headers.get("Location")):
        return None
    from tornado.curl_httpclient import CurlError

    error: Exception = CurlError(_TOO_MANY_REDIRECTS, f"Maximum ({request.max_redirects}) redirects followed")
    return error


def _given(answer: PassThrough, callback: Callable[[Any], None]) -> Callable[[Any], None]:
    """Give the client what `answer` makes of a real one, whose body libcurl has decoded."""
    if not answer.reads_whole:
        return callback

    def give(response: Any) -> None:
        if response.code == 599:
            callback(response)
            return
        from tornado.httpclient import HTTPResponse
        from tornado.httputil import HTTPHeaders

        left = ("content-encoding", "content-length", "transfer-encoding")
        pairs = [(name, value) for name, value in response.headers.get_all() if name.lower() not in left]
        real = Response(response.code, pairs, response.body or b"", reason=response.reason or "")
        given = answer.given(real)
        if given is real:
            callback(response)
            return
        headers = HTTPHeaders()
        for name, value in given.headers.pairs:
            headers.add(name, value)
        callback(HTTPResponse(response.request, given.status, headers, BytesIO(given.content), response.effective_url))

    return give


def install() -> Callable[[], None]:
    """Put the seam into tornado where it is imported, and as soon as it is; returns how to take it out."""
    patches = Patches()
    connects: list[Callable[..., Any]] = []

    def tcp(module: ModuleType) -> None:
        require(module, "TCPClient.connect")
        kind: Any = module.TCPClient
        connects.append(kind.connect)
        patches.set(kind, "connect", _connecting(kind.connect, TornadoTalk))

    def simple(module: ModuleType) -> None:
        require(module, "SimpleAsyncHTTPClient._handle_request", "SimpleAsyncHTTPClient.fetch_impl", "HTTPTimeoutError")
        kind: Any = module.SimpleAsyncHTTPClient
        original, fetches = kind._handle_request, kind.fetch_impl
        # A request that waited in the client's queue is begun by the one that ended, in that one's context.
        contexts: WeakKeyDictionary[Callable[[Any], None], Context] = WeakKeyDictionary()

        def fetch_impl(client: Any, request: Any, callback: Callable[[Any], None]) -> None:
            if active.may_answer(SEAM):
                contexts[callback] = copy_context()
            fetches(client, request, callback)

        def handle_request(client: Any, request: Any, release: Any, callback: Callable[[Any], None]) -> None:
            asking = Asking(request)

            def handle() -> None:
                token = _asking.set(asking)
                try:
                    original(client, request, release, lambda response: callback(asking.told(response)))
                finally:
                    _asking.reset(token)

            context = contexts.pop(callback, None)
            handle() if context is None else context.run(handle)

        patches.set(kind, "_handle_request", handle_request)
        patches.set(kind, "fetch_impl", fetch_impl)

    def curl(module: ModuleType) -> None:
        import tornado.tcpclient  # noqa: F401 - its hook has run then

        require(module, "CurlAsyncHTTPClient.fetch_impl", "CurlError")
        kind: Any = module.CurlAsyncHTTPClient
        lane = Curl(kind.fetch_impl, connects[0])

        def fetch_impl(client: Any, request: Any, callback: Callable[[Any], None]) -> None:
            lane.fetch(client, request, callback)

        patches.set(kind, "fetch_impl", fetch_impl)

    hooks = {"tornado.tcpclient": tcp, "tornado.simple_httpclient": simple, "tornado.curl_httpclient": curl}
    return watch(hooks, patches.undo)
