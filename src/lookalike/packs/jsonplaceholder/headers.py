"""The headers of the service, as live captures show them, on the bodies that it sends.

Left out is what belongs to the network in front of it (server, via, age, nel, cf-*) and what a clock would write (date,
x-ratelimit-reset): a double answers the same bytes every time. What remains of the rate limit is therefore constant.
"""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha1

from lookalike.messages import Headers, Request, Response

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"

_COMPRESSES_FROM = 1024  # bytes; the package compression's threshold
_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE"

Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Reply:
    """What a route answers, before the service's headers.

    delay:  seconds
    static: a file of the site, which other rules of caching hold for
    """

    status: int
    body: bytes
    content_type: str = JSON
    headers: Pairs = field(default_factory=list)
    delay: float = 0.0
    static: bool = False


def etag(body: bytes) -> str:
    """The weak tag that Express makes: the length in hex and 27 characters of the SHA-1."""
    digest = b64encode(sha1(body, usedforsecurity=False).digest()).decode()[:27]
    return f'W/"{len(body):x}-{digest}"'


def preflight(request: Request) -> Response:
    """The answer to any OPTIONS: everything is allowed to everyone."""
    asked = request.headers.get("access-control-request-headers")
    headers = _base("Origin, Access-Control-Request-Headers", request.headers)
    headers.append(("Access-Control-Allow-Methods", _METHODS))
    if asked:
        headers.append(("Access-Control-Allow-Headers", asked))
    headers.append(("Content-Length", "0"))
    return Response(204, headers, reusable=True)


def dressed(reply: Reply, request: Request, method: str) -> Response:
    """The whole response: the reply with the service's headers, its tag, compressed where the client takes it."""
    tag = etag(reply.body)
    fresh = method in ("GET", "HEAD") and 200 <= reply.status < 300 and _is_fresh(request.headers, tag)
    vary = ["Origin"]
    if request.method == "POST" and not reply.static:
        vary.append("X-HTTP-Method-Override")
    if not fresh:
        vary.append("Accept-Encoding")
    headers = _base(", ".join(vary), request.headers)
    headers += _caching(reply, method) + reply.headers
    if reply.content_type in (JSON, SCRIPT):
        headers.append(("X-Content-Type-Options", "nosniff"))
    if fresh:
        return Response(304, [*headers, ("ETag", tag)], delay=reply.delay, reusable=True)
    headers += [("Content-Type", reply.content_type), ("ETag", tag)]
    body, coding = reply.body, ""
    if len(body) >= _COMPRESSES_FROM and request.method != "HEAD":
        coding = _coding(request.headers.get("accept-encoding"))
    if coding:
        body = _compressed(body, coding)
        headers.append(("Content-Encoding", coding))
    else:
        headers.append(("Content-Length", str(len(body))))
    content = b"" if request.method == "HEAD" else body
    return Response(reply.status, headers, content, delay=reply.delay, reusable=True)


def _base(vary: str, asked: Headers) -> Pairs:
    headers = [
        ("X-Powered-By", "Express"),
        ("X-Ratelimit-Limit", "1000"),
        ("X-Ratelimit-Remaining", "999"),
        ("Vary", vary),
        ("Access-Control-Allow-Credentials", "true"),
    ]
    origin = asked.get("origin")
    if origin:
        headers.append(("Access-Control-Allow-Origin", origin))
    return headers


def _caching(reply: Reply, method: str) -> Pairs:
    if reply.static:
        return [("Cache-Control", "public, max-age=0")]
    keeps = method in ("GET", "HEAD") and reply.status < 500
    return [
        ("Cache-Control", "max-age=43200" if keeps else "no-cache"),
        ("Pragma", "no-cache"),
        ("Expires", "-1"),
    ]


def _is_fresh(asked: Headers, tag: str) -> bool:
    """Whether the client has it (the package fresh): its tags compare weakly, and dates never match."""
    wanted = asked.get("if-none-match")
    if not wanted or "if-modified-since" in asked or re.search(r"(?:^|,)\s*no-cache\s*(?:,|$)", _cache_control(asked)):
        return False
    if wanted == "*":
        return True
    return any(one.strip().removeprefix("W/") == tag.removeprefix("W/") for one in wanted.split(","))


def _cache_control(asked: Headers) -> str:
    return asked.get("cache-control", "")


def _coding(accepted: str | None) -> str:
    """gzip or deflate where the client prefers one to the plain body; gzip before deflate where it takes both."""
    weights: dict[str, tuple[float, int]] = {}
    for index, part in enumerate((accepted or "").split(",")):
        name, *options = [one.strip() for one in part.split(";")]
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        if name:
            weights[name.lower()] = (_weight(weight), -index)
    star = weights.get("*")
    ranked = []
    for name in ("gzip", "deflate", "identity"):
        found = weights.get(name) or star
        if name == "identity" and name not in weights:
            # The plain body is always taken, as the last choice, unless refused.
            lowest = min((weight for weight, _ in weights.values() if weight), default=1.0)
            found = (lowest if star is None else star[0], -len(weights) - 1)
        if found is not None and found[0] > 0:
            ranked.append((found, name))
    best = max(ranked)[1] if ranked else "identity"
    if best == "deflate" and any(name == "gzip" for _, name in ranked):
        return "gzip"
    return "" if best == "identity" else best


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _compressed(body: bytes, coding: str) -> bytes:
    # No time in it: the same body has the same bytes every time.
    return gzip.compress(body, 6, mtime=0) if coding == "gzip" else zlib.compress(body, 6)
