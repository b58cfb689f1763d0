"""Flows of mitmproxy (`mitmdump -w FILE`): every version of its file format, one flow held at a time.

The names of parts have changed since 0.13 (`content` was `body`, `status_code` was `code`), texts were bytes; the
HTTP of a flow is otherwise written as ever (mitmproxy/io/compat.py tells the changes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.errors import FileError
from lookalike.messages import Exchange
from lookalike.traffic.bodies import Fields, Unreadable, request, response
from lookalike.traffic.dates import day_of
from lookalike.traffic.opened import Limits, Opened
from lookalike.traffic.tnetstring import Broken, TooLarge, next_value

_FIRST = re.compile(rb"\d{1,12}:\d{1,3}:[a-z_]{1,40}[;,]")
_PORTS = {"http": 80, "https": 443}


def recognises(name: str, head: bytes) -> bool:
    """Whether a file begins as a dump of flows: a mapping whose first key is a word."""
    return _FIRST.match(head) is not None


def read(opened: Opened) -> Iterator[Exchange]:
    """The exchanges of its HTTP flows; others, and flows without an answer, are skipped."""
    number = 0
    while True:
        number += 1
        try:
            flow = next_value(opened.stream, limit=opened.limits.entry, depth=opened.limits.depth)
        except EOFError:
            return
        except TooLarge as error:
            opened.skip(f"flow {number}", str(error))
            continue
        except Broken as error:
            if number == 1 and not recognises(opened.name, opened.head):
                raise FileError(opened.name, f"this is no dump of mitmproxy: {error}") from None
            opened.skip(f"flow {number}", f"{error}; what comes after it can't be read")
            return
        try:
            yield _exchange(flow, opened.limits)
        except Unreadable as error:
            opened.skip(f"flow {number}", str(error))


def _exchange(flow: Any, limits: Limits) -> Exchange:
    if not isinstance(flow, Mapping):
        raise Unreadable("it is no flow")
    kind = _words(flow.get("type", b"http"))
    if kind != "http":
        raise Unreadable(f"it is a flow of {kind}, not of HTTP")
    asked, answered = flow.get("request"), flow.get("response")
    if not isinstance(asked, Mapping):
        raise Unreadable("it has no request")
    if not isinstance(answered, Mapping):
        raise Unreadable(f"no response came{_reason(flow.get('error'))}")
    headers, method = _headers(asked), _words(asked.get("method"))
    if method.upper() == "CONNECT":
        raise Unreadable("it is a tunnel")
    return Exchange(
        request(method, _url(asked, headers), headers, _content(asked), limit=limits.body),
        response(
            answered.get("status_code", answered.get("code")),
            _headers(answered),
            _content(answered),
            reason=_words(answered.get("reason", answered.get("msg"))),
            limit=limits.body,
        ),
        elapsed=_elapsed(asked, answered),
        day=day_of(asked.get("timestamp_start")),
    )


def _reason(error: Any) -> str:
    said = _words(error.get("msg")) if isinstance(error, Mapping) else ""
    return f": {said}" if said else ""


def _words(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _headers(message: Mapping[str, Any]) -> Fields:
    """Names and values, in Latin-1 as a door reads them off the wire (RFC 9110, section 5.5); no HTTP/2 pseudo ones."""
    found = message.get("headers")
    pairs = []
    for field in found if isinstance(found, list) else ():
        if not isinstance(field, list) or len(field) != 2:
            raise Unreadable("its headers are no list of pairs")
        name, value = (one.decode("latin-1") if isinstance(one, bytes) else _words(one) for one in field)
        if not name.startswith(":"):
            pairs.append((name, value))
    return pairs


def _content(message: Mapping[str, Any]) -> bytes:
    content = message.get("content", message.get("body"))
    if content is None:
        raise Unreadable("its body wasn't kept")
    if not isinstance(content, bytes):
        raise Unreadable("its body is no bytes")
    return content


def _url(asked: Mapping[str, Any], headers: Fields) -> str:
    """Where the client asked: the name that it said, as a transparent proxy knows the server by its address alone."""
    path = _words(asked.get("path")) or "/"
    if path.lower().startswith(("http://", "https://")):
        return path
    scheme = _words(asked.get("scheme")).lower() or "http"
    named = _words(asked.get("authority")) or next((v for n, v in headers if n.lower() == "host"), "")
    host = re.sub(r":\d+$", "", named) or _words(asked.get("host"))
    if not host:
        raise Unreadable("it says no host")
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    port = asked.get("port")
    beside = f":{port}" if isinstance(port, int) and port != _PORTS.get(scheme) else ""
    return f"{scheme}://{host}{beside}{path if path.startswith('/') else '/'}"


def _elapsed(asked: Mapping[str, Any], answered: Mapping[str, Any]) -> float:
    start, end = asked.get("timestamp_start"), answered.get("timestamp_end") or answered.get("timestamp_start")
    if not isinstance(start, int | float) or not isinstance(end, int | float):
        return 0.0
    return max(0.0, round(end - start, 6))
