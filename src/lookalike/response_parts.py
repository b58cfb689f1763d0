"""What a response is made of, as people write it; what is written wrong is told where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.codec import encode_json
from lookalike.errors import UsageError
from lookalike.fields import Headers, MultiDict

UNSET: Any = object()
"""Stands for what was not said, where None would be a value."""


def has_no_body(status: int) -> bool:
    """Whether answers of a status end with their head: 1xx, 204, 304 (RFC 9110, sections 15.2, 15.3.5 and 15.4.5)."""
    return status < 200 or status in (204, 304)


_KEYWORDS = {
    **dict.fromkeys(("status_code", "code", "statuscode"), "the status comes first, Response(404)"),
    **dict.fromkeys(("body", "data", "payload"), "a body is json=..., text=... or content=..."),
    "html": 'write text=..., headers={"content-type": "text/html; charset=utf-8"}',
    **dict.fromkeys(
        ("stream", "iterator", "sse"),
        "chunks=function is for a stream, or let the function of the route be a generator",
    ),
    **dict.fromkeys(("content_type", "mimetype", "media_type"), 'write headers={"content-type": "..."}'),
    "cookies": 'write headers={"set-cookie": ["a=1; Path=/", "b=2; Path=/"]}',
}


def no_such_keyword(name: str) -> str:
    """What is written in place of a keyword that there isn't."""
    hint = f"; {_KEYWORDS[name]}" if name in _KEYWORDS else ""
    return f"Response() has no keyword {name!r}{hint}. There are status, headers, {', '.join(_ALL)}."


_ALL = ("content", "json", "text", "chunks", "delay", "reason", "http_version")


def status_of(status: Any) -> int:
    """The status as a plain number. Raises UsageError for what is none."""
    if isinstance(status, int) and not isinstance(status, bool):
        return int(status)  # of an enum, http.HTTPStatus say
    right = "Response(200, json=...)" if isinstance(status, (dict, list, str, bytes)) else "Response(404)"
    raise UsageError(f"Response(): the status comes first and is a number, not {status!r}; write {right}")


def headers_of(headers: Any) -> Headers:
    """The header fields of a dict or of pairs. Raises UsageError for what is neither."""
    if type(headers) is tuple or type(headers) is list:
        return Headers(headers)
    try:
        pairs = [] if isinstance(headers, (str, bytes)) else list(Headers(_spelled(headers)).pairs)
    except (TypeError, ValueError):
        pairs = []
    if (not pairs and headers) or not all(type(name) is str and type(value) is str for name, value in pairs):
        raise UsageError(
            f'Response(): headers are a dict of texts, {{"x-total-count": "3"}}, or pairs of them, not {headers!r}'
        )
    return Headers(pairs)


def _spelled(headers: Any) -> Any:
    """Numbers in a dict are written as texts, as replies take them."""
    if not isinstance(headers, Mapping) or isinstance(headers, MultiDict):
        return headers
    return {
        name: str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        for name, value in headers.items()
    }


def bytes_of(content: Any) -> bytes:
    """The content as bytes. Raises UsageError for what is no content."""
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    raise UsageError(f"Response(): content is bytes or a str, not {content!r}; write json=... for a value")


def body_of(json: Any, text: Any, content: Any, chunks: Any, headers: Any) -> tuple[bytes, Headers]:
    """The bytes of `json=` or `text=`, and the headers with their content type."""
    if content or chunks is not None:
        raise UsageError("Response(): a response has one body: json=, text=, content= or chunks=; keep one of them")
    if text is not None and not isinstance(text, str):
        raise UsageError(f"Response(): text is a str, not {text!r}; write json=... or content=... instead")
    body, kind = new_body(json, text, None, "Response()")
    fields = headers_of(headers)
    if "content-type" not in fields:
        fields = Headers((("content-type", kind), *fields.pairs))
    return body or b"", fields


def new_body(json: Any, text: str | None, content: bytes | None, call: str) -> tuple[bytes | None, str]:
    """A body's bytes, None where none is given, and its content type. Raises UsageError for two bodies."""
    given = [name for name, value in (("text", text), ("content", content)) if value is not None]
    if json is not UNSET:
        given.insert(0, "json")
    if len(given) > 1:
        raise UsageError(f"{call}: a response has one body, and here are {' and '.join(given)}; keep one of them")
    if json is not UNSET:
        return encode_json(json), "application/json"
    return (text.encode(), "text/plain; charset=utf-8") if text is not None else (content, "")
