"""What a reply carries, encoded when it is declared: one body, its content type, header fields and cookies."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.codec import encode_json
from lookalike.double.cookies import cookie_fields
from lookalike.double.files import read_file
from lookalike.double.streams import Chunks, Known, pause_of, source_of
from lookalike.double.wording import child, named
from lookalike.errors import UsageError
from lookalike.messages import Pause

_DEEPEST = 200
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2
_PLACE = 100  # characters of a place that are shown
# What to write instead, by what was found.
_STEPS = {
    "a set": "write a list",
    "a frozenset": "write a list",
    "a Decimal": "write a number or a text, as the API sends it",
    "a bytes": "decode it, or give the whole body as content=",
    "nan": "JSON knows no such number; write None or leave it out",
    "inf": "JSON knows no such number; write None or leave it out",
    "-inf": "JSON knows no such number; write None or leave it out",
}

HeaderValues = Mapping[str, Any] | Iterable[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Body:
    """kind: the content type, `""` for none; chunks: for a streamed body; whole: whether `content` is all of it;
    length: how many bytes the chunks come to, None where that isn't known.
    """

    kind: str = ""
    content: bytes = b""
    chunks: Chunks | None = None
    whole: bool = True
    length: int | None = None


def make_body(given: Mapping[str, Any]) -> Body:
    """The body from the one keyword that was given. Raises UsageError for two, and for what can't be encoded."""
    if len(given) > 1:
        names = " and ".join(f"{name}=" for name in given)
        raise UsageError(f"a reply has one body, and here are {len(given)}: {names}; keep one of them")
    for name, value in given.items():
        return _ENCODERS[name](value)
    return Body()


def json_body(value: Any, kind: str = "application/json") -> Body:
    """A JSON body. Raises UsageError with the place inside of the value that JSON has no word for."""
    try:
        content = encode_json(value)
    except UsageError:
        raise _refusal(value) from None
    if b"null" in content and _has_nan(value):
        raise _refusal(value)
    return Body(kind, content)


def json_copy(value: Any) -> Any:
    """A value as JSON has it, on its own; integers of any size stay integers. Raises as `json_body` does."""
    return json.loads(json_body(value).content)


def _has_nan(value: Any) -> bool:
    """Whether not-a-number or an infinity is in it, which the encoder writes as null without a word."""
    try:
        json.dumps(value, allow_nan=False, default=lambda other: None)
    except ValueError:
        return True
    return False


def _refusal(value: Any) -> UsageError:
    place, what = next(_unwritable(value, "json", ()), ("json", "this value"))
    if len(place) > _PLACE:
        place = f"{place[: _PLACE // 2]}...{place[-_PLACE // 4 :]}"
    step = next((step for kind, step in _STEPS.items() if what == kind), "write what the API sends")
    return UsageError(f"{place}: {what} can't be written as JSON; {step}")


def _unwritable(value: Any, where: str, above: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield where, f"{value!r}"
    elif not isinstance(value, (dict, list, tuple)):
        if not _writable(value):
            yield where, "a text with half a surrogate pair" if isinstance(value, str) else named(value)
    elif id(value) in above:
        yield where, "a value that contains itself"
    elif len(above) > _DEEPEST:
        yield where, f"a value nested deeper than {_DEEPEST} levels"
    else:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, float) and not math.isfinite(key):
                yield where, f"{key!r} as a key"
            elif not isinstance(key, (str, int, float)) and key is not None:
                yield where, f"{named(key)} as a key"
            yield from _unwritable(item, child(where, key), (*above, id(value)))


def _writable(value: Any) -> bool:
    try:
        encode_json(value)
    except UsageError:
        return False
    return True


def _text(kind: str, keyword: str) -> Callable[[Any], Body]:
    def encode(value: Any) -> Body:
        if not isinstance(value, str):
            right = "json" if isinstance(value, (dict, list)) else "content" if isinstance(value, bytes) else "json"
            raise UsageError(f"{keyword}= takes a str, not {value!r}; write {right}=... instead")
        return Body(kind, value.encode())

    return encode


def _content(value: Any) -> Body:
    if isinstance(value, str):
        return Body("", value.encode())
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Body("", bytes(value))
    raise UsageError(f"content= takes bytes or a str, not {value!r}; write json=... for a value, stream=... for chunks")


def _streamed(source: Chunks, kind: str) -> Body:
    if isinstance(source, Known):
        return Body(kind, b"".join(source.pieces), chunks=source)
    return Body(kind, chunks=source, whole=False)


def _stream(value: Any) -> Body:
    source = source_of(value, chunk)
    if source is None:
        raise UsageError(
            f'stream= takes the chunks, stream=[b"one", b"two"], or a function that yields them, not {value!r}'
        )
    return _streamed(source, "")


def chunk(value: Any) -> bytes:
    """A piece of `stream=` as bytes. Raises UsageError."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)) and not isinstance(value, Pause):
        return bytes(value)
    pause = pause_of(value)
    if pause is None:
        raise UsageError(f"a chunk of stream= is bytes or a str, or a timedelta for a pause, not {value!r}")
    return pause


def _sse(value: Any) -> Body:
    source = source_of(value, _event)
    if source is None:
        raise UsageError(
            f'sse= takes a list of events, sse=["text", {{"event": "done", "data": {{}}}}], or a function that yields '
            f"them, not {value!r}"
        )
    return _streamed(source, "text/event-stream")


def _file(value: Any) -> Body:
    kind, content, chunks, length = read_file(value)
    return Body(kind, content) if chunks is None else Body(kind, chunks=chunks, whole=False, length=length)


_EVENT_FIELDS = ("event", "id", "retry", "data")


def _event(value: Any) -> bytes:
    """One server-sent event (HTML standard, section 9.2.6); data that is no text is written as JSON."""
    pause = pause_of(value)
    if pause is not None:
        return pause
    fields = dict(value) if isinstance(value, Mapping) else {"data": value}
    unknown = sorted(set(fields) - set(_EVENT_FIELDS))
    if unknown:
        raise UsageError(f"an event of sse= has {', '.join(_EVENT_FIELDS)}, not {unknown[0]}; put the rest into data")
    lines = []
    for name in _EVENT_FIELDS:
        if name in fields:
            data = fields[name]
            text = data if isinstance(data, str) else json_body(data).content.decode()
            lines += [f"{name}: {line}" for line in text.splitlines() or [""]]
    return ("\n".join(lines) + "\n\n").encode()


_ENCODERS: dict[str, Callable[[Any], Body]] = {
    "json": json_body,
    "text": _text("text/plain; charset=utf-8", "text"),
    "html": _text("text/html; charset=utf-8", "html"),
    "content": _content,
    "file": _file,
    "stream": _stream,
    "sse": _sse,
}
"""The keywords for a body, and what encodes each."""


def make_headers(kind: str, headers: Any, cookies: Any) -> tuple[tuple[str, str], ...]:
    """The header fields of a reply: the body's type unless the headers name one, then the headers, then the cookies."""
    pairs = list(_pairs(headers)) if headers is not None else []
    if kind and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.insert(0, ("content-type", kind))
    if cookies is not None:
        pairs += [("set-cookie", field) for field in cookie_fields(cookies, _one)]
    return tuple(pairs)


def _pairs(headers: Any) -> Iterator[tuple[str, str]]:
    items = headers.items() if isinstance(headers, Mapping) else headers
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        raise UsageError(f'headers= takes a dict, headers={{"x-total-count": "3"}}, not {headers!r}')
    for item in items:
        if not isinstance(item, tuple) or len(item) != 2:
            raise UsageError(f'headers= takes a dict or pairs, headers=[("set-cookie", "a=1")], not {item!r} in a list')
        name, values = item
        for value in values if isinstance(values, (list, tuple)) else (values,):
            text = _one("headers", name, value)
            if not _TOKEN.fullmatch(name):
                raise UsageError(
                    f"headers[{name!r}]: a header's name has letters, digits and signs like -, no space and no colon"
                )
            yield name, text


def _one(keyword: str, name: object, value: object) -> str:
    if not isinstance(name, str) or not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise UsageError(f"{keyword}[{name!r}] is {value!r}; a value is a str or a number")
    text = str(value)
    # A line break would end the field and begin another (RFC 9110, section 5.5).
    if not name or any(sign in text + name for sign in "\r\n\0"):
        raise UsageError(f"{keyword}[{name!r}] is {value!r}; names and values are single lines")
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UsageError(f"{keyword}[{name!r}] is {value!r}; half of a surrogate pair is no character")
    return text
