"""One exchange as counting sees it: what is counted of it and nothing else, in a tuple that is cheap to make.

Recordings of many millions are counted, so each is taken apart once; what tells nothing of its own (names of headers,
media types) is one object for all that have it.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

from lookalike.codec import decode_content
from lookalike.contract.header_words import Words, still_there, words_of
from lookalike.contract.skeleton import skeleton
from lookalike.messages import Exchange, Request, Response, SplitUrl
from lookalike.secrets import without_echoes

# HEAD says what GET says without a body, OPTIONS and TRACE speak of the server and not of the resource.
SKIPPED_METHODS = frozenset({"HEAD", "OPTIONS", "TRACE", "CONNECT"})
_MEDIA = re.compile(r"[\w.+*-]{1,64}/[\w.+*-]{1,96}")


class Media(NamedTuple):
    """A content type as evidence keeps it: in lower case without parameters, `""` for what is none."""

    name: str
    json: bool


class Seen(NamedTuple):
    """One exchange that is counted.

    method:   in upper case;  skeleton: of its path
    path:     relative to the base URL;  query: as it was sent;  target: the whole path with the query
    status:   of the answer;  names: of its headers, as they were sent
    media, content:             of the answer; decoded, `""` or None without a byte
    asked_media, asked_content: of the request's body, likewise
    asked_hash: of that body as it was sent, `""` without one
    day:      `YYYY-MM-DD`, or `""`
    words:    what is kept of the values of the answer's headers
    """

    method: str
    skeleton: tuple[str, ...]
    path: str
    query: str
    target: str
    status: int
    names: tuple[str, ...]
    media: Media
    content: bytes | str | None
    asked_media: Media
    asked_content: bytes | str | None
    asked_hash: str
    day: str
    words: Words = ()


@lru_cache(maxsize=4096)
def media_of(content_type: str) -> Media:
    """What a Content-Type header says."""
    kind = content_type.partition(";")[0].strip().lower()
    json = kind == "application/json" or kind.endswith("+json") or kind == "text/json"
    return Media(kind if _MEDIA.fullmatch(kind) else "", json)


def seen_of(exchange: Exchange, base: SplitUrl, day: str = "") -> Seen | None:
    """An exchange taken apart; None where it is not counted: another API's, unanswered, or of a method of no resource.

    day: of an exchange that doesn't know its own
    Raises UsageError for a URL that is none.
    """
    request, response = exchange.request, exchange.response
    path = relative_path(base, request)
    method = request.method.upper()
    if path is None or response is None or method in SKIPPED_METHODS:
        return None
    words = words_of(response.headers.pairs, response.http_version)
    clean = without_echoes(exchange)
    if clean is not exchange and clean.response is not None:
        request, response = clean.request, clean.response
        path = relative_path(base, request) or path
        words = still_there(words, response.headers)
    return Seen(
        method,
        skeleton(path),
        path,
        request.query,
        request.target,
        response.status,
        tuple(name for name, _ in response.headers.pairs),
        media_of(response.headers.get("content-type", "")),
        _content(response),
        media_of(request.headers.get("content-type", "")),
        _content(request),
        hash_of(request.content) if request.content else "",
        exchange.day or day,
        words,
    )


def hash_of(content: bytes) -> str:
    """By what one request's body is told from another."""
    return hashlib.sha1(content).hexdigest()  # noqa: S324  no secret rests on it


@lru_cache(maxsize=4096)
def marks(kind: str, asked_kind: str, names: tuple[str, ...], words: Words = ()) -> str:
    """What is counted of an exchange's headers: both content types, the names of the answer's, and words of them."""
    said = (f"{name}: {word}" for name, word in words if name != "content-type")
    return "\n".join((kind, asked_kind, *sorted({name.lower() for name in names}), *said))


def digest_of(method: str, url: str, asked: bytes, status: int, kind: str, content: bytes, day: str) -> bytes:
    """What tells an exchange from others, as a SHA-256.

    asked, content: the bodies as they were sent;  status: 0 without an answer;  kind: `marks` of the headers
    """
    head = f"{method} {status} {day} {len(url)} {len(kind)} {len(asked)} {url}{kind}"
    return hashlib.sha256(head.encode("utf-8", "surrogatepass") + asked + content).digest()


def _content(message: Request | Response) -> bytes | None:
    if not message.content:
        return None
    coding = message.headers.get("content-encoding", "")
    return decode_content(message.content, coding) if coding else message.content


def relative_path(base: SplitUrl, request: Request) -> str | None:
    """The path of a request relative to a base URL, None where it is another API's."""
    if request.host != base.host:
        return None
    if request.port != base.port and not {request.port, base.port} <= {80, 443}:
        return None
    return below(base, request.path)


def below(base: SplitUrl, path: str) -> str | None:
    """A path relative to that of a base URL, None where it isn't below it."""
    prefix = base.path.rstrip("/")
    if prefix and path != prefix and not path.startswith(prefix + "/"):
        return None
    return path[len(prefix) :] or "/"
