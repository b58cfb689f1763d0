"""NDJSON of exchanges: one JSON object a line, as programs log them and `lookalike export` writes them.

    {"request": {"method": "GET", "url": "https://api.example.com/todos/1", "headers": {"accept": "*/*"}},
     "response": {"status": 200, "headers": {"content-type": "application/json"}, "content": "{\\"id\\": 1}"},
     "time": "2026-11-20T12:30:00Z", "elapsed": 0.12}

all on one line. `request.url` and `response.status` are needed, everything else may be missing.

method:  GET where there is none
headers: an object of texts or lists of texts, a list of `[name, value]`, or a list of `{"name", "value"}`
a body:  `content` (or `body`, `text`), the text with its codings undone; `json`, a value; `base64`, the bytes as they
         were sent. `content` may be an object in place of a text, which is then as HAR 1.2 has it, or is the JSON value
time:    RFC 3339 or seconds since 1970; or `day`, `YYYY-MM-DD`
elapsed: seconds
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from os import PathLike
from typing import Any, BinaryIO

import orjson

from lookalike.codec import encode_json
from lookalike.errors import LookalikeError
from lookalike.messages import Exchange, Headers, Request, Response, split_url
from lookalike.secrets import redact
from lookalike.traffic.beside import Beside
from lookalike.traffic.opened import Limits, Opened
from lookalike.waiting import pieces

_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
_MARK = b"\xef\xbb\xbf"
# Of the body as it was sent, which one that is kept decoded no longer is.
OF_A_CODING = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_BODY_NAMES = ("content", "body", "text")


class Unusable(LookalikeError):
    """An entry that is no exchange, and why."""


def recognises(name: str, head: bytes) -> bool:
    """Whether the first line is an exchange: `request` with an absolute URL, and `response`."""
    line = head.removeprefix(_MARK).lstrip()
    if not line.startswith(b"{"):
        return False
    first, end, _ = line.partition(b"\n")
    if not end and len(head) >= 4096 and b'"request"' in first:  # A first line that is longer than what can be seen.
        return name.lower().removesuffix(".gz").removesuffix(".zst").endswith((".ndjson", ".jsonl")) and (
            b'"log"' not in first[:64] and b'"url"' in first
        )
    try:
        entry = orjson.loads(first)
    except orjson.JSONDecodeError:
        return False
    request = entry.get("request") if isinstance(entry, dict) else None
    return isinstance(request, dict) and "response" in entry and "://" in str(request.get("url"))


def read(opened: Opened) -> Iterator[Exchange]:
    """The exchanges, a line held at a time."""
    yield from exchanges(
        lines(opened.stream, opened.limits), lambda number, why: opened.skip(f"line {number}", why), opened.limits
    )


def lines(stream: BinaryIO, limits: Limits, end: int | None = None) -> Iterator[bytes]:
    """The lines of a stream, those that begin before the byte `end`, counted from where it is now.

    One that is longer than a limit is given as its beginning, which is more than the limit.
    """
    at = 0
    while end is None or at < end:
        line = stream.readline(limits.entry + 1)
        if not line:
            return
        at += len(line)
        yield line
        while len(line) > limits.entry and not line.endswith(b"\n"):
            line = stream.readline(limits.entry + 1)
            if not line:
                return
            at += len(line)


def exchanges(
    source: Iterable[bytes], skip: Callable[[int, str], None], limits: Limits, *, start: int = 1
) -> Iterator[Exchange]:
    """The exchanges of lines; `skip` is told the number of a line, from `start`, and why it is left out."""
    for number, line in enumerate(source, start):
        try:
            yield exchange_of(orjson.loads(line), limits)
        except (LookalikeError, orjson.JSONDecodeError, RecursionError) as error:
            why = _why(line, error, limits, first=number == 1)
            if isinstance(why, Exchange):
                yield why
            elif why:
                skip(number, why)


def _why(line: bytes, error: Exception, limits: Limits, *, first: bool) -> str | Exchange:
    """Why a line is left out, `""` for an empty one; the exchange where it was only a byte order mark."""
    if len(line) > limits.entry:
        return f"it is longer than {limits.entry:,} bytes"
    if first and line.startswith(_MARK):
        try:
            return exchange_of(orjson.loads(line.removeprefix(_MARK)), limits)
        except (LookalikeError, orjson.JSONDecodeError, RecursionError) as other:
            error, line = other, line.removeprefix(_MARK)
    if not line.strip():
        return ""
    if isinstance(error, orjson.JSONDecodeError):
        ended = "" if line.endswith(b"\n") else "; the file may have been cut off here"
        return f"not JSON at column {error.colno}: {error.msg}{ended}"
    return str(error)


def exchange_of(entry: Any, limits: Limits) -> Exchange:
    """One line's value as an exchange. Raises Unusable for what is none."""
    try:
        request, response = entry["request"], entry["response"]
        url = request["url"]
        status = response["status"] if "status" in response else response["status_code"]
    except (KeyError, TypeError, IndexError):
        raise Unusable(_lacking(entry)) from None
    if type(url) is not str or "://" not in url:
        raise Unusable(f"request.url is no absolute URL: {url!r}"[:200])
    if type(status) is not int or not 100 <= status <= 999:
        raise Unusable(f"response.status is no status: {status!r}"[:200])
    method = request.get("method", "GET")
    if type(method) is not str or not method.isalpha():
        raise Unusable(f"request.method is no method: {method!r}"[:200])
    split_url(url)
    elapsed = entry.get("elapsed", 0.0)
    return Exchange(
        Request(method, url, *_headers_and_body(request, "request", limits)),
        Response(status, *_headers_and_body(response, "response", limits)),
        elapsed=float(elapsed) if type(elapsed) in (int, float) else 0.0,
        day=day_of(entry),
    )


def _lacking(entry: Any) -> str:
    if not isinstance(entry, dict):
        return "no object"
    for name, needed in (("request", "url"), ("response", "status")):
        part = entry.get(name)
        if not isinstance(part, dict):
            return f"no object under {name!r}" if name in entry else f"no {name!r}"
        if needed not in part:
            return f"no {name}.{needed}"
    return "no exchange"


def _headers_and_body(part: Mapping[str, Any], name: str, limits: Limits) -> tuple[Headers, bytes]:
    headers = _headers(part.get("headers"), name)
    content, decoded = _body(part, name)
    if len(content) > limits.body:
        raise Unusable(f"the {name}'s body is longer than {limits.body:,} bytes")
    return (_without_coding(headers, content) if decoded else headers), content


def _headers(found: Any, name: str) -> Headers:
    if not found:
        return Headers()
    try:
        if type(found) is dict:
            pairs = tuple(found.items())
            if not all(map(str.__instancecheck__, found.values())):
                pairs = tuple(
                    (key, one) for key, value in pairs for one in (value if isinstance(value, list) else [value])
                )
        else:
            pairs = tuple((one["name"], one["value"]) if type(one) is dict else tuple(one) for one in found)
        if all(type(key) is str and type(value) is str for key, value in pairs):
            return Headers(pairs)
        return Headers(tuple((str(key), str(value)) for key, value in pairs if value is not None))
    except (TypeError, KeyError, ValueError):
        raise Unusable(f"{name}.headers are no names with values") from None


def _body(part: Mapping[str, Any], name: str) -> tuple[bytes, bool]:
    """The body's bytes, and whether its codings are undone."""
    for key in _BODY_NAMES:
        found = part.get(key)
        if type(found) is str:
            return _utf8(found), True
        if found is not None:
            return _of_value(found, name)
    if "json" in part:
        return encode_json(part["json"]), True
    if (text := part.get("base64")) is not None:
        return _unpacked(text, name), False
    return b"", False


def _of_value(found: Any, name: str) -> tuple[bytes, bool]:
    """A body that is written as an object: as HAR has it, or the JSON value itself."""
    if isinstance(found, dict) and isinstance(found.get("text"), str) and found.keys() <= _HAR_KEYS:
        if found.get("encoding") == "base64":
            return _unpacked(found["text"], name), True
        return _utf8(found["text"]), True
    return encode_json(found), True


_HAR_KEYS = frozenset({"text", "encoding", "mimeType", "size", "compression", "comment"})


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _unpacked(text: Any, name: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (BadBase64, AttributeError, ValueError):
        raise Unusable(f"{name}.base64 is no base64") from None


def _without_coding(headers: Headers, content: bytes) -> Headers:
    """The headers of a body whose codings are undone, without those that no longer hold."""
    if not any(key.lower() in OF_A_CODING for key, _ in headers.pairs):
        return headers
    length = str(len(content))
    return Headers(
        tuple(
            (key, value)
            for key, value in headers.pairs
            if (lower := key.lower()) not in OF_A_CODING or (lower == "content-length" and value == length)
        )
    )


def day_of(entry: Mapping[str, Any]) -> str:
    day: Any = entry.get("day") or entry.get("time") or ""
    if type(day) is str:
        found = _DAY.match(day)
        return found[0] if found is not None else ""
    return _date_of(int(day) // 86_400) if type(day) in (int, float) and 0 <= day < 1e11 else ""


@lru_cache(maxsize=1024)
def _date_of(days: int) -> str:
    return datetime.fromtimestamp(days * 86_400, UTC).date().isoformat()


def write(path: str | PathLike[str], found: Iterable[Exchange]) -> int:
    """Write exchanges as NDJSON, each without its secrets, and say how many; one without a response is left out.

    What is read back is what was written, but for the time of day. Raises FileError where the file can't be written.
    """
    count = 0
    file = Beside(path)
    try:
        for one in found:
            if one.response is not None:
                file.write(line(redact(one)))
                count += 1
    except BaseException:
        file.discard()
        raise
    file.finish()
    return count


def line(exchange: Exchange) -> bytes:
    """An exchange that has a response as a line, with its line break, as it is: not redacted."""
    request, response = exchange.request, exchange.response
    entry: dict[str, Any] = {"request": {"method": request.method, "url": request.url, **_written(request)}}
    if response is not None:
        entry["response"] = {"status": response.status, **_written(response)}
    if exchange.day:
        entry["day"] = exchange.day
    if exchange.elapsed:
        entry["elapsed"] = exchange.elapsed
    return encode_json(entry) + b"\n"


def _written(message: Request | Response) -> dict[str, Any]:
    """Headers and body: as a text where reading it gives the same, else in base64."""
    pairs = message.headers.pairs
    content = message.content
    if isinstance(message, Response) and message.chunks is not None:
        content = b"".join(pieces(message.chunks()))
    written: dict[str, Any] = {}
    if pairs:
        written["headers"] = dict(pairs) if len({name for name, _ in pairs}) == len(pairs) else list(map(list, pairs))
    if content:
        text = _text(content) if _without_coding(message.headers, content).pairs == pairs else None
        written |= {"base64": b64encode(content).decode()} if text is None else {"content": text}
    return written


def _text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
