"""The headers of json-server 1, which tinyhttp and its packages write. Left out is what a clock would write."""

from __future__ import annotations

import html

from lookalike.messages import Request, Response
from lookalike.packs.jsonplaceholder.headers import Pairs, Reply, etag
from lookalike.packs.jsonplaceholder.one.service import JSON

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
REFUSED = b"Bad Request"
"""What is said of a path that can't be decoded, in which even HEAD's headers are those of other verbs."""

_METHODS = "GET, HEAD, PUT, PATCH, POST, DELETE"


def failure(status: int, message: str) -> Reply:
    """An error that no route has answered: its message, made safe for HTML."""
    return Reply(status, html.escape(message).encode("utf-8", "replace").replace(b"&#x27;", b"&#39;"), TEXT,
                 [("X-Content-Type-Options", "nosniff")])  # fmt: skip


def is_doubled(request: Request) -> bool:
    """Whether the path begins with two slashes before a name: tinyhttp then leaves out CORS and bodies."""
    return request.path.startswith("//") and request.path.strip("/") != ""


def preflight(request: Request) -> Response:
    """The answer to any OPTIONS."""
    return Response(204, [*_base(request), ("Content-Length", "0")], reusable=True)


def dressed(reply: Reply, request: Request) -> Response:
    """The whole response."""
    headers = _base(request, echoes=request.method != "HEAD" or reply.body == REFUSED)
    if reply.static:
        tag = etag(reply.body)
        wanted = request.headers.get("if-none-match", "")
        if reply.status == 200 and ("*" in wanted or tag.removeprefix("W/") in wanted):
            return Response(304, [*headers, ("ETag", tag)], reusable=True)
        headers += [("Content-Type", reply.content_type), ("ETag", tag)]
    else:
        headers += [("Content-Type", reply.content_type), *reply.headers]
    if request.method == "HEAD":
        return Response(reply.status, headers, reusable=True)
    if reply.static or reply.content_type == JSON:
        headers.append(("Content-Length", str(len(reply.body))))
    return Response(reply.status, headers, reply.body, reusable=True)


def _base(request: Request, *, echoes: bool = True) -> Pairs:
    powered = ("X-Powered-By", "tinyhttp")
    if is_doubled(request):
        return [powered]
    asked = request.headers.get("access-control-request-headers") if echoes else None
    return [
        powered,
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", _METHODS),
        ("Access-Control-Allow-Headers", "content-type" if asked is None else asked),
    ]
