"""The behaviours: what a double is told, the bytes that a real server sends in that place, and what is asked of it."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.behaviours.asked import Ask
from tests.behaviours.plain_server import Recorded, recorded

JSON = b'[{"id":1,"title":"Make the bed","completed":false}]'
LARGE = hashlib.sha512(b"large").digest() * 16384
TODOS = [{"id": 1, "title": "Make the bed", "completed": False}]


@dataclass(frozen=True)
class Behaviour:
    """declare: the routes of a mock; real: what a server sends, by method and path; asks: in one session.

    needs: what a client has to be able to do beside what the asks need
    """

    name: str
    declare: Callable[[Any], None]
    real: Mapping[str, Sequence[Recorded]]
    asks: Sequence[Ask]
    needs: frozenset[str] = frozenset()

    @property
    def all_needs(self) -> frozenset[str]:
        """With what its asks need."""
        return self.needs.union(*(ask.needs for ask in self.asks))


def _fixed(status: str, kind: str, body: bytes, *fields: str) -> Recorded:
    extra = "".join(f"\n{field}" for field in fields)
    typed = f"\ncontent-type: {kind}" if kind else ""
    return recorded(f"HTTP/1.1 {status}{typed}{extra}\ncontent-length: {len(body)}", body)


def _chunks(*pieces: bytes) -> tuple[bytes, ...]:
    return (*(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces), b"0\r\n\r\n")


def _json(mock: Any) -> None:
    mock.get("/todos").respond(json=TODOS)


_OK = _fixed("200 OK", "application/json", JSON)
_ASK = Ask("GET", "/todos")


def _statuses(mock: Any) -> None:
    mock.get("/gone").respond(410, json={"why": "old"})
    mock.get("/broken").respond(500, text="oops")
    mock.delete("/todos/1").respond(204)
    mock.get("/etag", headers={"if-none-match": '"a"'}).respond(304, headers={"etag": '"a"'})
    mock.get("/created").respond(201, json=1)


def _redirects(mock: Any) -> None:
    mock.get("/old").respond(301, headers={"location": "/newer"})
    mock.get("/newer").respond(302, headers={"location": "/todos?page=2"})
    mock.get("/todos").respond(json=TODOS)


def _loop(mock: Any) -> None:
    mock.get("/loop").respond(302, headers={"location": "/loop"})


def _see_other(mock: Any) -> None:
    mock.post("/form").respond(303, headers={"location": "/todos"})
    mock.get("/todos").respond(json=TODOS)


def _same_method(mock: Any) -> None:
    mock.post("/old").respond(307, headers={"location": "/new"})
    mock.post("/new").respond(201, json={"id": 7})


def _cookies(mock: Any) -> None:
    mock.get("/login").respond(json=True, headers=[("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2; Path=/")])
    mock.get("/todos").respond(json=TODOS)


def _codings(mock: Any) -> None:
    mock.get("/gzip").respond(
        content=gzip.compress(JSON, mtime=0), headers={"content-type": "application/json", "content-encoding": "gzip"}
    )
    mock.get("/deflate").respond(
        content=zlib.compress(JSON), headers={"content-type": "application/json", "content-encoding": "deflate"}
    )


def _large(mock: Any) -> None:
    mock.get("/large").respond(content=LARGE)
    mock.put("/large").respond(204)


def _streamed(mock: Any) -> None:
    mock.get("/chunks").respond(stream=[b"one,", b"two,", b"three"])
    mock.get("/events").respond(sse=["first", {"event": "done", "data": {"id": 1}}])


def _headers(mock: Any) -> None:
    mock.get("/todos").respond(json=TODOS, headers=[("x-page", "1"), ("link", "<a>; rel=a"), ("link", "<b>; rel=b")])


def _bodies(mock: Any) -> None:
    for path in ("/json", "/form", "/file", "/bytes", "/pieces"):
        mock.post(path).respond(201, json={"id": 1})


def _auth(mock: Any) -> None:
    mock.get("/basic", headers={"authorization": "Basic dXNlcjpwYXNz"}).respond(json=TODOS)


_CHALLENGE = 'Digest realm="r", nonce="abc", qop="auth", algorithm=MD5, opaque="o"'


def _digest(mock: Any) -> None:
    mock.get("/digest").respond(401, headers={"www-authenticate": _CHALLENGE}).then.respond(json=TODOS)


def _retried(mock: Any) -> None:
    mock.get("/busy").respond(503).times(2).then.respond(json=TODOS)


def _slow(mock: Any) -> None:
    mock.get("/slow").respond(json=TODOS, delay=1.0)


def _failing(path: str, how: str) -> Callable[[Any], None]:
    def declare(mock: Any) -> None:
        mock.get(path).fail(how)

    return declare


def _odd_urls(mock: Any) -> None:
    mock.get("//twice").respond(json=1)
    mock.get("/a b/ü").respond(json=2)
    mock.get("/q").respond(json=3)


def _expecting(mock: Any) -> None:
    mock.put("/put").respond(200, json={"ok": True})


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("an answer in JSON, three times over one session", _json, {"GET /todos": [_OK]}, [_ASK, _ASK, _ASK]),
    Behaviour(
        "statuses with and without a body",
        _statuses,
        {
            "GET /gone": [_fixed("410 Gone", "application/json", b'{"why":"old"}')],
            "GET /broken": [_fixed("500 Internal Server Error", "text/plain; charset=utf-8", b"oops")],
            "DELETE /todos/1": [recorded("HTTP/1.1 204 No Content")],
            "GET /etag": [recorded('HTTP/1.1 304 Not Modified\netag: "a"')],
            "GET /created": [_fixed("201 Created", "application/json", b"1")],
        },
        [
            Ask("GET", "/gone"),
            Ask("GET", "/broken"),
            Ask("DELETE", "/todos/1"),
            Ask("GET", "/etag", headers=(("if-none-match", '"a"'),)),
            Ask("GET", "/created"),
        ],
    ),
    Behaviour(
        "HEAD",
        lambda mock: mock.head("/todos").respond(json=TODOS),
        {"HEAD /todos": [recorded(f"HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: {len(JSON)}")]},
        [Ask("HEAD", "/todos")],
    ),
    Behaviour(
        "redirects are followed by the client",
        _redirects,
        {
            "GET /old": [_fixed("301 Moved Permanently", "", b"", "location: /newer")],
            "GET /newer": [_fixed("302 Found", "", b"", "location: /todos?page=2")],
            "GET /todos": [_OK],
        },
        [Ask("GET", "/old")],
    ),
    Behaviour(
        "a redirect that isn't followed",
        _redirects,
        {"GET /old": [_fixed("301 Moved Permanently", "", b"", "location: /newer")]},
        [Ask("GET", "/old", follow=False)],
    ),
    Behaviour(
        "redirects without an end",
        _loop,
        {"GET /loop": [_fixed("302 Found", "", b"", "location: /loop")]},
        [Ask("GET", "/loop")],
    ),
    Behaviour(
        "POST, then GET where the answer sends to",
        _see_other,
        {"POST /form": [_fixed("303 See Other", "", b"", "location: /todos")], "GET /todos": [_OK]},
        [Ask("POST", "/form", form=(("a", "1"),))],
    ),
    Behaviour(
        "a redirect that keeps method and body",
        _same_method,
        {
            "POST /old": [_fixed("307 Temporary Redirect", "", b"", "location: /new")],
            "POST /new": [_fixed("201 Created", "application/json", b'{"id":7}')],
        },
        [Ask("POST", "/old", json={"a": 1})],
    ),
    Behaviour(
        "cookies are kept by the session",
        _cookies,
        {
            "GET /login": [
                _fixed("200 OK", "application/json", b"true", "set-cookie: a=1; Path=/", "set-cookie: b=2; Path=/")
            ],
            "GET /todos": [_OK],
        },
        [Ask("GET", "/login"), _ASK],
    ),
    Behaviour(
        "content codings are undone by the client",
        _codings,
        {
            "GET /gzip": [
                _fixed("200 OK", "application/json", gzip.compress(JSON, mtime=0), "content-encoding: gzip")
            ],
            "GET /deflate": [_fixed("200 OK", "application/json", zlib.compress(JSON), "content-encoding: deflate")],
        },
        [Ask("GET", "/gzip"), Ask("GET", "/deflate"), Ask("GET", "/gzip", stream=True)],
    ),
    Behaviour(
        "a megabyte down and up",
        _large,
        {"GET /large": [_fixed("200 OK", "", LARGE)], "PUT /large": [recorded("HTTP/1.1 204 No Content")]},
        [Ask("GET", "/large"), Ask("PUT", "/large", content=LARGE), Ask("GET", "/large", stream=True, piece=10_007)],
    ),
    Behaviour(
        "streams and events",
        _streamed,
        {
            "GET /chunks": [
                recorded("HTTP/1.1 200 OK\ntransfer-encoding: chunked", *_chunks(b"one,", b"two,", b"three"))
            ],
            "GET /events": [
                recorded(
                    "HTTP/1.1 200 OK\ncontent-type: text/event-stream\ntransfer-encoding: chunked",
                    *_chunks(b"data: first\n\n", b'event: done\ndata: {"id":1}\n\n'),
                )
            ],
        },
        [Ask("GET", "/chunks", stream=True), Ask("GET", "/events", stream=True), Ask("GET", "/chunks")],
    ),
    Behaviour(
        "header fields that repeat",
        _headers,
        {
            "GET /todos": [
                _fixed("200 OK", "application/json", JSON, "x-page: 1", "link: <a>; rel=a", "link: <b>; rel=b")
            ]
        },
        [Ask("GET", "/todos", headers=(("x-asked", "yes"),))],
    ),
    Behaviour(
        "bodies of requests",
        _bodies,
        {
            f"POST {path}": [_fixed("201 Created", "application/json", b'{"id":1}')]
            for path in ("/json", "/form", "/file", "/bytes", "/pieces")
        },
        [
            Ask("POST", "/json", json={"name": "Zoë", "tags": []}),
            Ask("POST", "/form", form=(("a", "1"), ("b", "ü &"))),
            Ask("POST", "/bytes", content=b"\0\xff", headers=(("content-type", "application/octet-stream"),)),
        ],
    ),
    Behaviour(
        "a file is uploaded",
        _bodies,
        {"POST /file": [_fixed("201 Created", "application/json", b'{"id":1}')]},
        [Ask("POST", "/file", file=("a.txt", b"content"))],
    ),
    Behaviour(
        "a body that the client streams",
        _bodies,
        {"POST /pieces": [_fixed("201 Created", "application/json", b'{"id":1}')]},
        [Ask("POST", "/pieces", pieces=(b"one,", b"two"))],
    ),
    Behaviour("basic authentication", _auth, {"GET /basic": [_OK]}, [Ask("GET", "/basic", basic=("user", "pass"))]),
    Behaviour(
        "digest authentication asks twice",
        _digest,
        {"GET /digest": [_fixed("401 Unauthorized", "", b"", f"www-authenticate: {_CHALLENGE}"), _OK]},
        [Ask("GET", "/digest", digest=("user", "pass"))],
    ),
    Behaviour(
        "the client's own retries",
        _retried,
        {"GET /busy": [_fixed("503 Service Unavailable", "", b"")] * 2 + [_OK]},
        [Ask("GET", "/busy", retries=3)],
    ),
    Behaviour(
        "retries that are used up",
        lambda mock: mock.get("/busy").respond(503),
        {"GET /busy": [_fixed("503 Service Unavailable", "", b"")]},
        [Ask("GET", "/busy", retries=1)],
    ),
    Behaviour(
        "an answer that takes longer than the client waits",
        _slow,
        {"GET /slow": [Recorded((), "hang")]},
        [Ask("GET", "/slow", timeout=0.3)],
    ),
    Behaviour(
        "the connection closes before an answer",
        _failing("/closed", "closed"),
        {"GET /closed": [Recorded((), "close")]},
        [Ask("GET", "/closed")],
    ),
    Behaviour(
        "the connection is reset",
        _failing("/reset", "reset"),
        {"GET /reset": [Recorded((), "reset")]},
        [Ask("GET", "/reset")],
    ),
    Behaviour(
        "the connection closes in the middle of the body",
        _failing("/half", "closed-mid-body"),
        {"GET /half": [recorded("HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: 20", b'{"begun": ',
                                then="close")]},
        [Ask("GET", "/half")],
    ),
    Behaviour(
        "a chunk that is none",
        _failing("/chunk", "bad-chunk"),
        {"GET /chunk": [recorded("HTTP/1.1 200 OK\ncontent-type: application/json\ntransfer-encoding: chunked",
                                 b'a\r\n{"begun": \r\nnot a size\r\n', then="close")]},
        [Ask("GET", "/chunk")],
        frozenset({"an end to a chunk that is none"}),
    ),
    Behaviour(
        "paths and queries as they are sent",
        _odd_urls,
        {
            "GET //twice": [_fixed("200 OK", "application/json", b"1")],
            "GET /a%20b/%C3%BC": [_fixed("200 OK", "application/json", b"2")],
            "GET /q": [_fixed("200 OK", "application/json", b"3")],
        },
        [
            Ask("GET", "//twice"),
            Ask("GET", "/a%20b/%C3%BC"),
            Ask("GET", "/q", params=(("a", "1"), ("a", "2"), ("b", ""), ("c", "ü +&"))),
        ],
    ),
    Behaviour(
        "Expect: 100-continue",
        _expecting,
        {"PUT /put": [_fixed("200 OK", "application/json", b'{"ok":true}')]},
        [Ask("PUT", "/put", content=b"body", expect=True)],
    ),
)  # fmt: skip
