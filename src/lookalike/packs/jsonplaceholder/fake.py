"""JSONPlaceholder as a double."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Request, Response, split_url
from lookalike.packs.jsonplaceholder import changed as changes
from lookalike.packs.jsonplaceholder import data as generated
from lookalike.packs.jsonplaceholder import headers, site
from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.answering import BASE_URL, Answering
from lookalike.packs.jsonplaceholder.headers import Reply
from lookalike.packs.jsonplaceholder.one import store as one
from lookalike.packs.jsonplaceholder.one.fake import JsonServer1
from lookalike.packs.jsonplaceholder.query import parse
from lookalike.packs.jsonplaceholder.service import Call, Service, failure
from lookalike.packs.jsonplaceholder.store import Store, read
from lookalike.packs.jsonplaceholder.thrown import Thrown

_BODY_LIMIT = 10 * 1024 * 1024
_OVERRIDES = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class JsonPlaceholder(Answering):
    """Answers like jsonplaceholder.typicode.com, or like json-server 0.16 over other data."""

    def __init__(self, store: Store, *, stateful: bool = False, journal_limit: int | None = 10_000) -> None:
        super().__init__(journal_limit=journal_limit)
        self._service = Service(store, keeps=stateful)
        self._host = split_url(BASE_URL).host

    def _made(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return headers.preflight(request)
        page = site.page(request.path) if request.method in ("GET", "HEAD") else None
        if page is not None:
            return headers.dressed(page, request, request.method)
        method = self._method(request)
        writes = self._service.writes
        try:
            call = Call(method, request.path, parse(request.query), _body(request), self._full_url(request))
            reply = self._service.answer(call)
            callback = call.query.get("callback")
            if reply.content_type == headers.JSON and callback:
                reply = _padded(reply, callback)
        except Thrown as thrown:
            reply = failure(thrown)
        if self._service.writes != writes:
            self._written()
        return headers.dressed(reply, request, method)

    @staticmethod
    def _method(request: Request) -> str:
        """The method that the package method-override leaves: a POST may ask for another."""
        wanted = request.headers.get("x-http-method-override", "").partition(",")[0].strip().upper()
        return wanted if request.method == "POST" and wanted in _OVERRIDES else request.method

    def _full_url(self, request: Request) -> str:
        """The URL as the client knows it: the real service's, or the address of the server that it asked."""
        host = request.headers.get("host", "")
        if not host or host.partition(":")[0].lower() == self._host:
            return BASE_URL + request.target
        return f"http://{host}{request.target}"


# version -> what speaks like it
DIALECTS: Mapping[str, type[JsonPlaceholder] | type[JsonServer1]] = {"0.16": JsonPlaceholder, "1": JsonServer1}


def make(
    *,
    data: str | Path | None = None,
    stateful: bool = False,
    changed: bool = False,
    dialect: str = "0.16",
    journal_limit: int | None = 10_000,
) -> Answering:
    """The fake.

    data:          a dump in the form of json-server's db.json; without it, generated data
    stateful:      what is written is there afterwards; without it nothing is stored, as on the public service
    changed:       the API as it is after a change: see `changed.CHANGES`
    dialect:       the version of json-server that it speaks like: "0.16" as the public service does, or "1", which is
                   another API over the same data and which the pack's contract doesn't describe
    journal_limit: how many exchanges are kept, None for all

    Raises UsageError for another dialect or options that exclude each other, FileError for data that can't be served.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"there is no dialect {dialect!r}; the dialects are: {', '.join(DIALECTS)}")
    if data is not None and changed:
        raise UsageError("changed=True is about the pack's own data; leave out data=... or changed=True")
    if data is not None:
        store = read(data) if dialect == "0.16" else one.normalized(read(data), data)
    elif stateful:
        store = _own(changed, dialect)
    else:
        store = _shared(changed, dialect)
    kind = DIALECTS[dialect]
    return kind(store, stateful=stateful, journal_limit=journal_limit)


def _own(changed: bool, dialect: str) -> Store:
    store = Store(changes.applied(generated.SOURCES) if changed else generated.SOURCES)
    return store if dialect == "0.16" else one.normalized(store)


@cache
def _shared(changed: bool, dialect: str) -> Store:
    """One store for every fake that stores nothing, so that its texts are made once in a process."""
    return _own(changed, dialect)


def _body(request: Request) -> object:
    """What Express's body parsers make of the body. Raises Thrown."""
    content = request.content
    kind = request.content_type
    if not content or kind not in ("application/json", "application/x-www-form-urlencoded"):
        return {}
    coding = request.headers.get("content-encoding", "identity")
    if coding != "identity":
        content = _inflated(content, coding)
    if len(content) > _BODY_LIMIT:
        raise Thrown("PayloadTooLargeError: request entity too large", "read")
    if kind != "application/json":
        return _form(content)
    text = content.decode("utf-8-sig", "replace").lstrip(" \t\r\n")
    if not text:
        raise Thrown("SyntaxError: Unexpected end of JSON input", "parse")
    if text[0] not in "{[":
        # The parser's strict mode: only objects and arrays.
        raise Thrown(f"SyntaxError: Unexpected token {text[0]} in JSON at position 0", "parse")
    try:
        return js.parse(content)
    except InvalidJson as error:
        raise Thrown(f"SyntaxError: {error}", "parse") from None
    except RecursionError:
        raise Thrown("RangeError: Maximum call stack size exceeded", "parse") from None


def _inflated(content: bytes, coding: str) -> bytes:
    if coding.lower() not in ("gzip", "deflate"):
        raise Thrown(f'UnsupportedMediaTypeError: unsupported content encoding "{coding}"', "read")
    try:
        # By its header gzip or zlib; one byte beyond the limit is enough to refuse it.
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(content, _BODY_LIMIT + 1)
    except zlib.error:
        raise Thrown("Error: incorrect header check", "read") from None


def _form(content: bytes) -> dict[str, object]:
    """Node's querystring: values are texts, and lists where a name is repeated."""
    form: dict[str, object] = {}
    for name, value in parse_qsl(content.decode("utf-8-sig", "replace"), keep_blank_values=True):
        present = form.get(name)
        if name not in form:
            form[name] = value
        elif isinstance(present, list):
            present.append(value)
        else:
            form[name] = [present, value]
    return js.ordered(form)


def _padded(reply: Reply, callback: object) -> Reply:
    """JSONP, as Express writes it."""
    name = callback[0] if isinstance(callback, list) else callback
    if not isinstance(name, str) or not name:
        return reply
    name = "".join(char for char in name if char in "[]$._" or (char.isascii() and char.isalnum()))
    body = reply.body.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")
    script = b"/**/ typeof %b === 'function' && %b(%b);" % (name.encode(), name.encode(), body)
    return Reply(reply.status, script, headers.SCRIPT, reply.headers, reply.delay)
