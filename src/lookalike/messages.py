"""Requests, responses and exchanges: frozen values that every room speaks in.

Bodies are the raw bytes of the wire; JSON, forms and query parameters are decoded when asked for, once.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Never
from urllib.parse import parse_qsl

from lookalike.errors import UsageError
from lookalike.fields import Headers as Headers
from lookalike.fields import MultiDict as MultiDict
from lookalike.fields import Pairs as Pairs
from lookalike.message import Message
from lookalike.response_parts import UNSET, body_of, bytes_of, headers_of, new_body, no_such_keyword, status_of
from lookalike.response_parts import has_no_body as has_no_body
from lookalike.urls import DEFAULT_PORTS as DEFAULT_PORTS
from lookalike.urls import SplitUrl as SplitUrl
from lookalike.urls import decode_path as decode_path
from lookalike.urls import split_url as split_url
from lookalike.waiting import pieces

_set = object.__setattr__


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How a client was told to ask, as far as its door can see; None is "not known", or not set.

    timeout: seconds that it waits for an answer
    verify:  whether it checks the server's certificate; a str is the CA bundle's path
    cert:    the client certificate's path
    proxy:   the proxy's URL
    """

    timeout: float | None = None
    verify: bool | str | None = None
    cert: str | None = None
    proxy: str | None = None


class Request(Message):
    """One HTTP request: method, absolute URL, headers, the body's raw bytes.

    timeout: seconds that the client waits for an answer, None for no limit; a door fills it in where it knows it.
    options: how the client was told to ask; a door gives a function that finds out when somebody asks
    """

    __slots__ = ("_options", "_params", "_split", "method", "timeout", "url")
    method: str
    url: str
    timeout: float | None
    _options: Callable[[], ClientOptions] | None
    _split: SplitUrl | None
    _params: MultiDict | None

    def __init__(
        self,
        method: str,
        url: str,
        headers: Headers | Mapping[str, str | Iterable[str]] | Pairs = (),
        content: bytes = b"",
        *,
        timeout: float | None = None,
        options: Callable[[], ClientOptions] | None = None,
    ) -> None:
        _set(self, "method", method)
        _set(self, "url", url)
        _set(self, "headers", headers if type(headers) is Headers else Headers(headers))
        _set(self, "content", content)
        _set(self, "timeout", timeout)
        _set(self, "_options", options)
        _set(self, "_split", None)
        _set(self, "_params", None)
        _set(self, "_json", UNSET)

    @property
    def _url(self) -> SplitUrl:
        split = self._split
        if split is None:
            split = split_url(self.url)
            _set(self, "_split", split)
        return split

    @property
    def options(self) -> ClientOptions:
        """How the client was told to ask."""
        make = self._options
        told = ClientOptions() if make is None else make()
        return told if told.timeout is not None else replace(told, timeout=self.timeout)

    @property
    def scheme(self) -> str:
        """`http` or `https`, in lower case."""
        return self._url.scheme

    @property
    def host(self) -> str:
        """The host in lower case, without the port."""
        return self._url.host

    @property
    def port(self) -> int:
        """The port, the scheme's default where the URL names none."""
        return self._url.port

    @property
    def path(self) -> str:
        """The path as it was sent (still percent-encoded), `/` where it is empty."""
        return self._url.path

    @property
    def query(self) -> str:
        """The query as it was sent, without the question mark."""
        return self._url.query

    @property
    def target(self) -> str:
        """Path and query, as on the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def params(self) -> MultiDict:
        """The query's parameters, percent-decoded; repeated ones and empty values are kept."""
        params = self._params
        if params is None:
            params = MultiDict(parse_qsl(self.query, keep_blank_values=True))
            _set(self, "_params", params)
        return params

    @property
    def form(self) -> MultiDict:
        """The body's fields where it is `application/x-www-form-urlencoded`, or doesn't say what it is."""
        if self.content_type not in ("application/x-www-form-urlencoded", ""):
            return MultiDict()
        return MultiDict(parse_qsl(self.text, keep_blank_values=True))

    @property
    def cookies(self) -> MultiDict:
        """The cookies that the Cookie header carries (RFC 6265, section 4.2)."""
        pairs = []
        for field in self.headers.get_all("cookie"):
            for part in field.split(";"):
                name, sep, value = part.strip().partition("=")
                if sep:
                    pairs.append((name, value))
        return MultiDict(pairs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Request):
            return NotImplemented
        return (self.method, self.url, self.headers, self.content) == (
            other.method, other.url, other.headers, other.content,
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.method, self.url, self.content))

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url}>"

    def __reduce__(self) -> tuple[object, ...]:
        return (_request, (self.method, self.url, self.headers.pairs, self.content, self.timeout))


def _request(method: str, url: str, headers: Pairs, content: bytes, timeout: float | None) -> Request:
    return Request(method, url, headers, content, timeout=timeout)


Stream = Iterable[bytes] | AsyncIterable[bytes]


class Pause(bytes):
    """A piece of a stream that has no bytes: what follows comes `seconds` later, on the double's own clock."""

    seconds: float

    def __new__(cls, seconds: float) -> Pause:
        self = super().__new__(cls)
        self.seconds = seconds
        return self

    def __repr__(self) -> str:
        return f"Pause({self.seconds:g})"


class Response(Message):
    """One HTTP response: status, headers, the body's raw bytes.

    content:      bytes; a str is encoded as UTF-8
    json, text:   in place of `content`, a value that is written as JSON, or text; each says its content type unless
                  the headers do
    chunks:       called for a streamed body's chunks, with their boundaries; `content` is then empty. They may come
                  from an async iterator: a door that can't await takes them through `waiting.pieces`. A `Pause` among
                  them is time that passes before the next one
    delay:        seconds that the answer takes on the double's own clock
    reason:       the reason phrase; `""` for the status's usual one
    http_version: `"1.1"`, `"1.0"` or `"2"`
    reusable:     the same request gets the same bytes until the double's `version` changes, so a door may keep them

    Raises UsageError for what none of these can be, and for two bodies.
    """

    __slots__ = ("chunks", "delay", "http_version", "reason", "reusable", "status")
    status: int
    chunks: Callable[[], Stream] | None
    delay: float
    reason: str
    http_version: str
    reusable: bool

    def __init__(
        self,
        status: int = 200,
        headers: Headers | Mapping[str, str | float | Iterable[str]] | Pairs = (),
        content: bytes | str = b"",
        *,
        json: Any = UNSET,
        text: str | None = None,
        chunks: Callable[[], Stream] | None = None,
        delay: float = 0.0,
        reason: str = "",
        http_version: str = "1.1",
        reusable: bool = False,
        **unknown: Never,
    ) -> None:
        if unknown:
            raise UsageError(no_such_keyword(next(iter(unknown))))
        if type(status) is not int:
            status = status_of(status)
        if json is not UNSET or text is not None:
            content, headers = body_of(json, text, content, chunks, headers)
        elif type(content) is not bytes:
            content = bytes_of(content)
        if chunks is not None and not callable(chunks):
            raise UsageError(
                f"Response(): chunks is a function that returns or yields the chunks, not {chunks!r}; "
                "write chunks=lambda: [...]"
            )
        _set(self, "status", status)
        _set(self, "headers", headers if type(headers) is Headers else headers_of(headers))
        _set(self, "content", content)
        _set(self, "chunks", chunks)
        _set(self, "delay", delay)
        _set(self, "reason", reason)
        _set(self, "http_version", http_version)
        _set(self, "reusable", reusable)
        _set(self, "_json", UNSET)

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    def altered(
        self,
        *,
        status: int | None = None,
        json: Any = UNSET,
        text: str | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        delay: float | None = None,
    ) -> Response:
        """A copy that differs in what is said here.

        json, text, content: the new body, one of them; length and codings of the old one are forgotten
        headers:             fields to set, in place of all of that name; None takes one away

        Raises UsageError for two bodies, and for what JSON has no word for.
        """
        body, kind = new_body(json, text, content, ".altered()")
        code = self.status if status is None else status
        gone = {name.lower() for name in headers or ()}
        if has_no_body(code):
            if body:
                raise UsageError(f".altered(): an answer of {code} has no body; leave it out, or say another status")
            if self.content or self.chunks is not None:
                body, kind = b"", ""
                gone |= {"content-type"}
        if body is not None:
            # An answer without a body may tell which version the client has (RFC 9110, section 15.4.5).
            gone |= _OF_A_BODY - ({"etag"} if has_no_body(code) else set()) | ({"content-type"} if kind else set())
        elif self.chunks is None:
            gone |= {"transfer-encoding"}
        pairs = [pair for pair in self.headers.pairs if pair[0].lower() not in gone]
        if kind and not any(name.lower() == "content-type" for name in headers or ()):
            old = self.headers.get("content-type", "")
            pairs.append(("content-type", old if kind == "application/json" and self.is_json else kind))
        pairs += [(name, value) for name, value in (headers or {}).items() if value is not None]
        return Response(
            code,
            pairs,
            self.content if body is None else body,
            chunks=self.chunks if body is None else None,
            delay=self.delay if delay is None else delay,
            reason=self.reason if status is None or status == self.status else "",
            http_version=self.http_version,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return (self.status, self.headers, self.content, self.chunks) == (
            other.status, other.headers, other.content, other.chunks,
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.status, self.content))

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.content_type or 'without a content type'}, {len(self.content)} bytes>"

    def __reduce__(self) -> tuple[object, ...]:
        content = self.content if self.chunks is None else b"".join(pieces(self.chunks()))
        return (_response, (self.status, self.headers.pairs, content, self.delay, self.reason, self.http_version))


def _response(status: int, headers: Pairs, content: bytes, delay: float, reason: str, http_version: str) -> Response:
    return Response(status, headers, content, delay=delay, reason=reason, http_version=http_version)


# What describes a body as it was sent: its length, codings and digests (RFC 9110, section 8; RFC 9530).
_OF_A_BODY = frozenset({
    "content-length", "transfer-encoding", "content-encoding", "content-md5", "content-digest", "repr-digest", "digest",
    "etag", "accept-ranges", "content-range",
})  # fmt: skip

FaultKind = Literal[
    "dns", "refused", "connect-timeout", "read-timeout", "tls", "reset", "closed", "closed-mid-body", "bad-chunk"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure in place of an answer; a door turns it into the client's own exception.

    response: what arrives before the connection fails, for `closed-mid-body` and `bad-chunk`
    """

    kind: FaultKind
    response: Response | None = None


@dataclass(frozen=True, slots=True)
class PassThrough:
    """The real API answers.

    observe: is shown the whole real answer before the client gets it
    alter:   makes of the real answer what the client gets in its place

    With either (`reads_whole`) the door reads the whole answer, its transfer coding undone and its content coding not,
    and gives the client what `given` returns. An answer that is only observed and doesn't say its length may have no
    end: a door that can gives it to the client as it comes, and shows what the client has read when it stops.
    """

    observe: Callable[[Response], None] | None = None
    alter: Callable[[Response], Response] | None = None

    @property
    def reads_whole(self) -> bool:
        """Whether the door has to read the whole answer before the client gets any of it."""
        return self.observe is not None or self.alter is not None

    def given(self, response: Response) -> Response:
        """What the client gets of the real answer: the same object where nothing alters it."""
        if self.observe is not None:
            self.observe(response)
        return response if self.alter is None else self.alter(response)


Answer = Response | Fault | PassThrough


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with what answered it.

    response: None where the request was not answered by a response (a fault, a miss)
    fault:    the fault that answered it, or None
    elapsed:  seconds that the answer took, on the clock of who measured it
    day:      the day of the exchange, `YYYY-MM-DD`, or `""` where it isn't known
    """

    request: Request
    response: Response | None = None
    fault: Fault | None = None
    elapsed: float = 0.0
    day: str = ""
