"""The response of a reply, from what `.respond()` was told besides the body."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

from lookalike.double.body import Body, make_headers
from lookalike.double.encoding import codings_of, encode_chunks, encode_content
from lookalike.double.reply import check_body, check_delay, check_status, is_slip
from lookalike.double.streams import watched
from lookalike.errors import UsageError
from lookalike.messages import Response

_VERSIONS = ("1.0", "1.1", "2")
_NOT_REDIRECTS = (304,)
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
_ASCII = "".join(map(chr, range(128)))


class Said(NamedTuple):
    """The keywords of `.respond()` that aren't a body, as they were given."""

    headers: Any = None
    cookies: Any = None
    encoding: Any = None
    redirect: Any = None
    reason: Any = ""
    http_version: Any = "1.1"
    delay: Any = 0.0


def status_of(status: object, default: Callable[[], int], said: Said) -> int:
    """The status: as given, else 302 for a redirect (or the one that the contract names), else the default.

    Raises UsageError for what is no status, and for a redirect whose status is none of 300 to 399.
    """
    code = default() if status is None else check_status(status, ".respond()")
    if said.redirect is None:
        return code
    if 300 <= code < 400 and code not in _NOT_REDIRECTS:
        return code
    if status is None:
        return 302
    raise UsageError(
        f".respond({code}, redirect={said.redirect!r}): a redirect has a status from 300 to 399, not {code}"
    )


def make_response(
    code: int, kind: str, body: Body, said: Said, remember: Callable[[BaseException], None]
) -> tuple[Response, Response | None]:
    """The response to send, and the one that a contract judges: None where its body isn't known beforehand.

    kind: the body's content type; remember: told what goes wrong in a test's own stream
    """
    fields = make_headers(kind, _with_location(said), said.cookies)
    content, chunks = body.content, body.chunks
    check_body(code, bool(content) or chunks is not None, f".respond({code})")
    if said.encoding is not None and (content or chunks is not None):
        codings = codings_of(said.encoding)
        if any(name.lower() == "content-encoding" for name, _ in fields):
            raise UsageError("encoding= sets the header content-encoding, and headers= has one too; keep one of them")
        fields = (*fields, ("content-encoding", ", ".join(codings)))
        if chunks is None:
            content = encode_content(content, codings)
        else:
            chunks = encode_chunks(chunks, codings)
            content = b"".join(chunks()) if body.whole else b""  # type: ignore[arg-type]  # known chunks are bytes
    elif body.length is not None and not any(name.lower() == "content-length" for name, _ in fields):
        fields = (*fields, ("content-length", str(body.length)))
    # With its chunks: what is streamed may be a document in pieces, or a line after the other.
    whole = Response(code, fields, content, chunks=chunks) if body.whole else None
    sent = chunks if chunks is None or body.whole else watched(chunks, slips(remember))
    plain = content if chunks is None else b""
    response = Response(
        code,
        fields,
        plain,
        chunks=sent,
        delay=check_delay(said.delay),
        reason=_reason(said.reason),
        http_version=_version(said.http_version),
    )
    return response, whole


def slips(remember: Callable[[BaseException], None]) -> Callable[[Exception], None]:
    """What tells `remember` of the mistakes in a test's own stream."""

    def slipped(error: Exception) -> None:
        if is_slip(error):
            remember(error)

    return slipped


def _with_location(said: Said) -> Any:
    if said.redirect is None:
        return said.headers
    if not isinstance(said.redirect, str) or not said.redirect:
        raise UsageError(f'redirect= is where the client goes, redirect="/new", not {said.redirect!r}')
    given = said.headers.items() if hasattr(said.headers, "items") else said.headers or ()
    pairs = list(given)
    if any(isinstance(pair, tuple) and str(pair[0]).lower() == "location" for pair in pairs):
        raise UsageError("redirect= sets the header location, and headers= has one too; keep one of them")
    return [("location", _uri(said.redirect)), *pairs]


def _uri(place: str) -> str:
    """With what isn't ASCII percent-encoded (RFC 3987, section 3.1), but for a host, which has other rules."""
    if place.isascii() or any("\ud800" <= sign <= "\udfff" for sign in place):
        return place
    host = _HOST.match(place)
    start = host.end() if host else 0
    return place[:start] + quote(place[start:], safe=_ASCII)


def _reason(reason: object) -> str:
    if isinstance(reason, str) and not any(sign in reason for sign in "\r\n\0"):
        return reason
    raise UsageError(f'reason= is the phrase after the status, a single line, reason="Out of tea", not {reason!r}')


def _version(version: object) -> str:
    if isinstance(version, str) and version in _VERSIONS:
        return version
    raise UsageError(f"http_version= is one of {', '.join(map(repr, _VERSIONS))}, not {version!r}")
