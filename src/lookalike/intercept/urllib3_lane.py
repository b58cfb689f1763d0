"""A fast lane above the `http.client` seam, in urllib3's connection: no request line written to be read again.

Pools, retries, redirects, decoding and everything above stay urllib3's own, and so does the response, down to the
`http.client.HTTPResponse` in it, whose own code reads the body; only its header lines are not parsed, because they are
known. Whatever is out of the ordinary (a subclass, a proxy's absolute form, a streamed body, a fault, an answer that
passes through) takes the seam below, so that nothing but time changes.
"""

from __future__ import annotations

import email.message
import http.client
import io
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from lookalike import passage
from lookalike.double.double import Double
from lookalike.intercept import active, wire
from lookalike.intercept.carried import past
from lookalike.intercept.connections import target_of
from lookalike.intercept.fake_socket import FakeSocket
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches
from lookalike.intercept.pristine import is_own, is_pristine
from lookalike.intercept.told import by_connection
from lookalike.messages import Answer, Request, Response

SEAM = "http.client"
enabled = True  # Private: tests run the same table of behaviours without the lane.

_PENDING = "_lookalike_pending"
_ANSWERED = "lookalike_answered"
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})
_METHODS = _BODILESS | {"POST", "PUT", "PATCH"}
_RARE = frozenset({"transfer-encoding", "expect", "connection", "keep-alive"})
# Lines that a parser would read back as something else than what was written.
_ODD = re.compile(r"(?:^|\n)[ \t]|[ \t](?:\n|$)|[^\n -~]").search
_ODD_TARGET = re.compile(r"[^!-~]").search
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch  # RFC 9110, section 5.6.2
_REMEMBERED = 1000
_SKIP = "@@@SKIP_HEADER@@@"  # urllib3.util.SKIP_HEADER: the header is left out
_lower_names: dict[str, str] = {}


class Pending(NamedTuple):
    """A request that was sent, in the terms of the double and in those of urllib3, to send it once more below."""

    double: Double
    url: str
    fields: list[tuple[str, str]]
    content: bytes
    arguments: tuple[Any, ...]
    options: dict[str, Any]


class Head(NamedTuple):
    """What of a response doesn't change from one time to the next."""

    answer: Response  # kept, so that its id stays its own
    pairs: list[tuple[str, str]]
    length: int


class Given(Double):
    """Gives the answer that another double gave already."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("given")
        self._answer = answer

    def handle(self, request: Request) -> Answer:
        """The answer, whatever the request."""
        return self._answer


class Received(http.client.HTTPResponse):
    """A response as `http.client` has it after its header was read; the message is made when somebody looks at it."""

    def __init__(self, response: Response, pairs: list[tuple[str, str]], method: str, length: int) -> None:
        self.fp: Any = Body(response.content if length or method != "HEAD" else b"")
        self.debuglevel = 0
        self.version = 11
        self.code = self.status = response.status
        self.reason = response.reason or wire.PHRASES.get(response.status, "")
        self.chunked = False
        self.chunk_left = None
        self.length = length
        self.will_close = False
        self._method = method
        self._pairs = pairs
        self._message: Any = None

    @property
    def msg(self) -> Any:
        """The header, as the parser would have made it."""
        if self._message is None:
            message = http.client.HTTPMessage()
            for name, value in self._pairs:
                message.set_raw(name, value)
            self._message = message
        return self._message

    @msg.setter
    def msg(self, message: email.message.Message) -> None:
        self._message = message

    headers = msg

    def stop(self, how: int) -> None:
        """Nothing more will be read, as after `shutdown` of the socket."""
        if self.fp is not None:
            self.fp.seek(0, io.SEEK_END)


class Body(io.BytesIO):
    """A body as the file that `http.client` reads it from."""

    def peek(self, size: int = -1) -> bytes:
        """What comes next, without taking it."""
        at = self.tell()
        data = self.read(size)
        self.seek(at)
        return data


def _fields(connection: Any, place: tuple[str, str, int], method: str, headers: Any, body: Any) -> Any:
    """The header fields as the wire would have them, or None where the ordinary way has to say what they are."""
    pairs: list[tuple[str, str]] = []
    keys: set[str] = set()
    for name, value in headers.items():
        key = _lower_names.get(name) if type(name) is str else None
        if key is None:
            if type(name) is not str or not _FIELD_NAME(name):
                return None
            key = _lower_names[name] = name.lower()
            if len(_lower_names) > _REMEMBERED:
                _lower_names.clear()
        if type(value) is not str or key in keys or value == _SKIP:
            return None
        keys.add(key)
        pairs.append((name, value))
    if _odd(pairs) or "transfer-encoding" in keys or "expect" in keys:
        return None
    if "content-length" not in keys and not (body is None and method in _BODILESS):
        return None
    first: list[tuple[str, str]] = []
    if "host" not in keys:
        _, host, port = place
        first.append(("Host", host if port == connection.default_port else f"{host}:{port}"))
    if "accept-encoding" not in keys:
        first.append(("Accept-Encoding", "identity"))
    if "user-agent" not in keys:
        first.append(("User-Agent", _user_agent()))
    return first + pairs


def _ordinary(answer: Response, method: str) -> Head | None:
    """How an answer is framed that a parser would read as it is; None for any other."""
    if answer.chunks is not None or answer.delay or answer.http_version == "1.0":
        return None
    pairs, framing = wire.frame(answer, method)
    if _odd(pairs):
        return None
    length = 0
    for name, value in pairs:
        key = name.lower()
        if key in _RARE or not _FIELD_NAME(name):
            return None
        if key == "content-length" and framing == "length":
            if not value.isdigit():
                return None
            length = int(value)
    return Head(answer, pairs, length)


def _user_agent() -> str:
    import urllib3.connection

    return urllib3.connection._get_default_user_agent()


def _odd(pairs: list[tuple[str, str]]) -> bool:
    text = "\n".join([value for _, value in pairs])
    return _ODD(text) is not None or text.count("\n") >= max(len(pairs), 1)


class Lane:
    """The replaced methods of one urllib3, with those they fall back to."""

    def __init__(self, module: Any) -> None:
        self._exact = {getattr(module, name) for name in ("HTTPConnection", "HTTPSConnection")}
        self._request: Callable[..., None] = module.HTTPConnection.request
        self._getresponse: Callable[..., Any] = module.HTTPConnection.getresponse
        self._is_connected: Callable[[Any], bool] = module.HTTPConnection.is_connected.fget
        self._headers: Callable[..., Any] = module.HTTPHeaderDict
        self._response: Callable[..., Any] | None = None
        self._heads: dict[tuple[int, bool], Head] = {}

    def is_connected(self, connection: Any) -> bool:
        """Whether the connection can be used again; a fake is asked itself, which needs no file descriptor."""
        sock = connection.sock
        if isinstance(sock, FakeSocket):
            return not sock.dropped and not sock.busy
        return self._is_connected(connection)

    def request(self, connection: Any, method: str, url: str, body: Any, headers: Any, options: dict[str, Any]) -> None:
        """Note the request for `getresponse`, or send it the ordinary way."""
        vars(connection).pop(_PENDING, None)
        pending = self._pending(connection, method, url, body, headers, options)
        if pending is None:
            self._request(connection, method, url, body, headers, **options)
            return
        if connection.sock is None:
            connection.connect()
        setattr(connection, _PENDING, pending)

    def _pending(
        self, connection: Any, method: str, url: str, body: Any, headers: Any, options: dict[str, Any]
    ) -> Pending | None:
        if (
            type(connection) not in self._exact
            or method not in _METHODS
            or not url.startswith("/")
            or options.get("chunked")
            or connection.debuglevel
            or _ODD_TARGET(url)
            or passage.is_open()
            or getattr(connection, "lookalike_passes", False)
        ):
            return None
        content = body.encode() if isinstance(body, str) else b"" if body is None else body
        if type(content) is not bytes:
            return None
        place = target_of(connection, url)
        scheme, host, port = place
        double = active.decide(host, port, SEAM)
        if double is None or ":" in host or not host.isascii():
            return None
        fields = _fields(connection, place, method, headers or {}, body)
        if fields is None:
            return None
        absolute = wire.absolute_url(scheme, host, port, url)
        return Pending(double, absolute, fields, content, (method, url, body, headers), options)

    def getresponse(self, connection: Any) -> Any:
        """The answer as urllib3's response."""
        pending: Pending | None = vars(connection).pop(_PENDING, None)
        if pending is None:
            return self._getresponse(connection)
        method, target = pending.arguments[:2]
        told = by_connection(connection, target)
        request = Request(
            method, pending.url, pending.fields, pending.content, timeout=connection.timeout, options=told
        )
        try:
            answer = pending.double.handle(request)
        except Exception as error:
            if (carried := past(error)) is not None:
                raise carried from error
            raise
        response = self._plain(answer, pending) if isinstance(answer, Response) else None
        return self._below(connection, answer, pending) if response is None else response

    def _plain(self, answer: Response, pending: Pending) -> Any:
        """The response of an ordinary answer; None where the seam below has to make it."""
        method, target = pending.arguments[:2]
        head = self._head(answer, method)
        if head is None:
            return None
        received = Received(answer, head.pairs, method, head.length)
        options = pending.options
        if self._response is None:
            from urllib3.response import HTTPResponse

            self._response = HTTPResponse
        return self._response(
            body=received,
            headers=self._headers(head.pairs),
            status=answer.status,
            version=11,
            version_string="HTTP/1.1",
            reason=received.reason,
            preload_content=options.get("preload_content", True),
            decode_content=options.get("decode_content", True),
            original_response=received,
            enforce_content_length=options.get("enforce_content_length", True),
            request_method=method,
            request_url=target,
            sock_shutdown=received.stop,
        )

    def _head(self, answer: Response, method: str) -> Head | None:
        """How an ordinary answer is framed; None for one that isn't. Answers that come again are looked at once."""
        key = (id(answer), method == "HEAD")
        head = self._heads.get(key)
        if head is None:
            head = _ordinary(answer, method)
            if head is not None and answer.reusable:
                if len(self._heads) >= _REMEMBERED:
                    self._heads.clear()
                self._heads[key] = head
        return head

    def _below(self, connection: Any, answer: Answer, pending: Pending) -> Any:
        """Let the seam below give an answer that is there already."""
        setattr(connection, _ANSWERED, Given(answer))
        try:
            self._request(connection, *pending.arguments, **pending.options)
            return self._getresponse(connection)
        finally:
            delattr(connection, _ANSWERED)


def install() -> Callable[[], None]:
    """Open the lane, in the urllib3 that is imported or will be; returns how to close it.

    It stays closed for another major version of urllib3, and where somebody has instrumented the methods that it skips.
    """
    patches = Patches()
    pristine = enabled and is_pristine()

    def hook(module: ModuleType) -> None:
        kind: Any = getattr(module, "HTTPConnection", None)
        own = getattr(kind, "putrequest", None)
        names = ("request", "getresponse", "putheader")
        if not pristine or kind is None or not hasattr(module, "HTTPHeaderDict"):
            return
        if not all(is_own(getattr(kind, name, None), own) for name in names):
            return
        lane = Lane(module)

        def request(
            connection: Any, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
        ) -> None:
            lane.request(connection, method, url, body, headers, options)

        def getresponse(connection: Any) -> Any:
            return lane.getresponse(connection)

        patches.set(kind, "request", request)
        patches.set(kind, "getresponse", getresponse)
        patches.set(kind, "is_connected", property(lane.is_connected))

    stop = when_imported("urllib3.connection", hook)

    def undo() -> None:
        stop()
        patches.undo()

    return undo
