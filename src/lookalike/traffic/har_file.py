"""Writing HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): redacted, an entry a line, one held at a time.

What the format has no place for is written so that other readers pass it by: an unknown day is the first of 1970, a
binary request body has `encoding: base64` as the format's response bodies have, and who was answered by no response
has the status 0, as browsers write it, with the fault's kind as `_error`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from os import PathLike
from types import TracebackType
from typing import Any, Self

from lookalike.codec import encode_json
from lookalike.fields import MultiDict
from lookalike.messages import Exchange, Request, Response
from lookalike.secrets import redact
from lookalike.traffic.beside import Beside
from lookalike.traffic.dates import UNKNOWN

_UNKNOWN_TIMES = {"blocked": -1, "dns": -1, "connect": -1, "ssl": -1}


def write(
    path: str | PathLike[str],
    exchanges: Iterable[Exchange],
    *,
    creator: str = "lookalike",
    version: str = "",
    redacted: Callable[[Exchange], Exchange] = redact,
) -> int:
    """Write exchanges as a HAR and say how many; the same ones are the same bytes. Nothing is left of a failure.

    creator, version: of the program that it says it is from; the version of lookalike where none is given
    redacted:         what is written of an exchange
    Raises FileError where the file can't be written.
    """
    with HarWriter(path, creator=creator, version=version, redacted=redacted) as har:
        for exchange in exchanges:
            har.add(exchange)
        return har.count


class HarWriter:
    """Writes a HAR as exchanges come; it has its name when the block ends without an error, or with `close`.

        with HarWriter("session.har") as har:
            har.add(exchange)

    count: entries written
    Raises FileError where the file can't be written.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        creator: str = "lookalike",
        version: str = "",
        redacted: Callable[[Exchange], Exchange] = redact,
    ) -> None:
        from importlib import metadata

        self.count = 0
        self._redacted = redacted
        self._file = Beside(path)
        made_by = encode_json({"name": creator, "version": version or metadata.version("lookalike")})
        self._file.write(b'{"log":{"version":"1.2","creator":' + made_by + b',"entries":[')

    def add(self, exchange: Exchange) -> None:
        """Write one more entry, without its secrets."""
        self._file.write((b",\n" if self.count else b"\n") + encode_json(entry(self._redacted(exchange))))
        self.count += 1

    def close(self) -> None:
        """End the file and give it its name. Once is enough."""
        if not self._file.finished:
            self._file.write(b"\n]}}\n")
            self._file.finish()

    def discard(self) -> None:
        """Leave nothing; a file that had the name before stays."""
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            self.discard()


def entry(exchange: Exchange) -> dict[str, Any]:
    """One entry as JSON values, as it is: whoever writes it to a file redacts the exchange first."""
    taken = round(max(exchange.elapsed, 0.0) * 1000, 3)
    response = exchange.response
    written: dict[str, Any] = {
        "startedDateTime": f"{exchange.day or UNKNOWN}T00:00:00.000Z",
        "time": taken,
        "request": _request(exchange.request),
        "response": _response(Response(0) if response is None else response),
        "cache": {},
        "timings": {**_UNKNOWN_TIMES, "send": 0, "wait": taken, "receive": 0},
    }
    if response is None:
        written["_error"] = exchange.fault.kind if exchange.fault is not None else "no answer"
    return written


def _request(request: Request) -> dict[str, Any]:
    written = {
        "method": _text(request.method),
        "url": _text(request.url),
        "httpVersion": "HTTP/1.1",
        "cookies": _pairs(request.cookies),
        "headers": _pairs(request.headers),
        "queryString": _pairs(request.params),
        "headersSize": -1,
        "bodySize": len(request.content),
    }
    if request.content:
        body = {"mimeType": _text(request.headers.get("content-type", "")), **_body(request)}
        written["postData"] = body
    return written


def _response(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "statusText": _text(response.reason),
        "httpVersion": f"HTTP/{response.http_version}",
        "cookies": [_cookie(field) for field in response.headers.get_all("set-cookie")],
        "headers": _pairs(response.headers),
        "content": {
            "size": len(response.content),
            "mimeType": _text(response.headers.get("content-type", "")),
            **_body(response),
        },
        "redirectURL": _text(response.headers.get("location", "")),
        "headersSize": -1,
        "bodySize": len(response.content),
    }


def _pairs(found: MultiDict) -> list[dict[str, str]]:
    return [{"name": _text(name), "value": _text(value)} for name, value in found.pairs]


def _cookie(field: str) -> dict[str, str]:
    name, _, value = field.partition(";")[0].partition("=")
    return {"name": _text(name.strip()), "value": _text(value.strip())}


def _text(value: str) -> str:
    """Text as UTF-8 can say it; header fields in another charset may hold half characters."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _body(message: Request | Response) -> dict[str, str]:
    """The body as text where whoever reads it gets the same bytes back, else in base64."""
    if not message.content:
        return {"text": ""}  # readers take what isn't there for a body that wasn't kept
    try:
        text = message.content.decode()
    except UnicodeDecodeError:
        text = ""
    # A reader may go by the charset that the content type names.
    if text and message.text == text:
        return {"text": text}
    return {"text": b64encode(message.content).decode(), "encoding": "base64"}
