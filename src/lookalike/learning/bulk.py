"""Lines of NDJSON counted in bulk: what nearly all of them are is taken apart without making an Exchange of each.

A line that is anything out of the ordinary goes the long way, over `ndjson.exchange_of`; both ways count the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from lookalike.contract.header_words import Kept, Words, kept_of, word_of
from lookalike.contract.seen import Seen, below, hash_of, marks, media_of
from lookalike.contract.skeleton import skeleton
from lookalike.learning.fold import BATCH, MOST, Sink, host_of, is_for_browsers
from lookalike.messages import SplitUrl, split_url
from lookalike.secrets import carried_in, is_secret_name, names_secrets
from lookalike.shape.learn import no_collections
from lookalike.traffic import ndjson
from lookalike.traffic.opened import Limits

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_ORIGIN = re.compile(r"https?://[a-z0-9._-]+(?::[0-9]{1,4})?")
# A query too short in each part to hold a credential that has no name.
_PLAIN = re.compile(r"[\w.~\[\]-]{1,40}=[\w.~:,-]{0,13}(?:&[\w.~\[\]-]{1,40}=[\w.~:,-]{0,13})*+", re.ASCII)
_NOTHING = media_of("")
_ORIGINS_CAP = 10_000


class Layout(NamedTuple):
    """What the names of headers say, the same for all that have them.

    kind, length: the names of Content-Type and Content-Length as they are written, None where there is none
    names, with_length: those that hold for a decoded body: without those of codings, without and with its length
    secret: those of credentials
    telling: those of whose values something is kept, each in lower case too and with what is kept, sorted by that
    """

    kind: str | None
    length: str | None
    names: tuple[str, ...]
    with_length: tuple[str, ...]
    secret: tuple[str, ...]
    telling: tuple[tuple[str, str, Kept], ...]


class Message(NamedTuple):
    """A request or an answer as far as it is counted.

    names: of the headers that hold;  kind: its Content-Type;  content: its body
    secrets: the headers that carry credentials;  words: what is kept of the values of headers
    """

    names: tuple[str, ...]
    kind: str
    content: str
    secrets: tuple[tuple[str, str], ...] = ()
    words: Words = ()


class Origin:
    """A scheme with a host, and what waits to be counted of it.

    host: as a tally has it;  base: to which paths are relative, None where they aren't counted;  secure: https
    """

    __slots__ = ("base", "digests", "found", "host", "secure")

    def __init__(self, host: str, base: SplitUrl | None, *, secure: bool) -> None:
        self.host = host
        self.base = base
        self.secure = secure
        self.found: list[Seen] = []
        self.digests: list[bytes] = []


@lru_cache(maxsize=4096)
def _layout(names: tuple[str, ...]) -> Layout | None:
    """None where a name is there in two spellings."""
    lower = [name.lower() for name in names]
    if len(set(lower)) != len(lower):
        return None
    spelled = dict(zip(lower, names, strict=True))
    without = tuple(name for name in names if name.lower() not in ndjson.OF_A_CODING)
    length = spelled.get("content-length")
    kept = tuple(name for name in names if name in without or name == length)
    secret = tuple(name for name in names if is_secret_name(name))
    telling = [(name, known, word) for known, name in sorted(spelled.items()) if (word := kept_of(known))]
    return Layout(spelled.get("content-type"), length, without, kept, secret, tuple(telling))


def feed(lines: Iterable[bytes], sink: Sink, limits: Limits) -> int:
    """Count lines, and say how many there were; what can't be read is told to the sink's tally."""
    origins: dict[str, Origin] = {}
    loads, most = orjson.loads, limits.body
    number = size = waiting = 0
    with no_collections():
        for number, line in enumerate(lines, 1):
            try:
                known = _seen(loads(line), origins, sink, most)
            except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, UnicodeEncodeError):
                known = False
            if not known:
                for one in ndjson.exchanges((line,), sink.tally.skip, limits, start=number):
                    sink.add(one)
                continue
            size += len(line)
            waiting += 1
            if size >= BATCH or waiting >= MOST:
                _hand_over(origins, sink)
                size = waiting = 0
        _hand_over(origins, sink)
    return number


def _hand_over(origins: dict[str, Origin], sink: Sink) -> None:
    for one in origins.values():
        if one.found:
            sink.take(one.host, one.found, one.digests, secure=one.secure)
            one.found, one.digests = [], []
    sink.flush()
    if len(origins) > _ORIGINS_CAP:
        origins.clear()


def _seen(entry: Any, origins: dict[str, Origin], sink: Sink, most: int) -> bool:
    """Whether one line's value was put among those that wait; False, or an error, where it has to go the long way."""
    request, response = entry["request"], entry["response"]
    url, status, method = request["url"], response["status"], request.get("method", "GET")
    at = url.find("/", 8)
    if at < 0:
        return False
    origin = origins.get(url[:at]) or _origin(url[:at], origins, sink)
    rest = url[at:]
    if origin is None or method not in _METHODS or type(status) is not int or not 100 <= status <= 999:
        return False
    if not rest.isascii() or not rest.isprintable() or "#" in rest or " " in rest:
        return False
    answer = _message(response)
    asked = _message(request)
    if answer is None or asked is None or origin.base is None:
        return False
    if _may_repeat(rest, asked, answer):
        return False
    names, kind, content, _, words = answer
    media = media_of(kind)
    if 200 <= status < 300 and not media.json and (is_for_browsers(kind) or content[:64].lstrip()[:1] == "<"):
        return False
    whole_path, _, query = rest.partition("?")
    path = below(origin.base, whole_path)
    if path is None:
        return False
    day = ndjson.day_of(entry)
    sent = content.encode()
    asked_sent = asked.content.encode() if asked.content else b""
    if len(sent) > most or len(asked_sent) > most:
        return False
    told = marks(kind, asked.kind if asked_sent else "", names, words)
    head = f"{method} {status} {day} {len(url)} {len(told)} {len(asked_sent)} {url}{told}"
    seen = Seen(
        method,
        skeleton(path),
        path,
        query,
        f"{whole_path}?{query}" if query else whole_path,
        status,
        names,
        media,
        content or None,
        media_of(asked.kind) if asked_sent else _NOTHING,
        asked.content or None,
        hash_of(asked_sent) if asked_sent else "",
        day,
        words,
    )
    digest = sha256(head.encode() + asked_sent)
    digest.update(sent)
    origin.found.append(seen)
    origin.digests.append(digest.digest())
    return True


def _message(part: dict[str, Any]) -> Message | None:
    """None for what is not so simple."""
    content = part.get("content")
    if content is None:
        content = part.get("body")
        if content is None:
            content = part.get("text")
            if content is None:
                if "json" in part or "base64" in part:
                    return None
                content = ""
                decoded = False
            else:
                decoded = True
        else:
            decoded = True
    else:
        decoded = True
    if type(content) is not str:
        return None
    headers = part.get("headers")
    if not headers:
        return Message((), "", content)
    if type(headers) is not dict:
        return None
    "".join(headers.values())  # a TypeError where one is no text
    names = tuple(headers)
    layout = _layout(names)
    if layout is None:
        return None
    kind = headers[layout.kind] if layout.kind is not None else ""
    secrets = tuple([(name, headers[name]) for name in layout.secret]) if layout.secret else ()
    words = tuple([(known, word) for name, known, kept in layout.telling if (word := word_of(kept, headers[name]))])
    if not decoded or len(layout.names) == len(names):
        return Message(names, kind, content, secrets, words)
    if layout.length is not None and headers[layout.length] == str(len(content.encode())):
        return Message(layout.with_length, kind, content, secrets, words)
    return Message(layout.names, kind, content, secrets, words)


def _may_repeat(target: str, asked: Message, answer: Message) -> bool:
    """Whether what is counted may repeat a credential that the line carries; `secrets.without_echoes` knows.

    What the answer itself names is left to `repeats`: to look for it costs a third of learning a line.
    """
    if "=" in target and _carries(target.partition("?")[2]):
        return True
    if asked.content and names_secrets(asked.content):
        return True
    if not asked.secrets and not answer.secrets:
        return False
    known = carried_in(asked.secrets + answer.secrets)
    return bool(known) and any(map(known.there, (target, answer.content, asked.content, *answer.names)))


@lru_cache(maxsize=4096)
def _carries(query: str) -> bool:
    """Whether a query carries a credential, or what may be one by its form."""
    return _PLAIN.fullmatch(query) is None or any(is_secret_name(part.partition("=")[0]) for part in query.split("&"))


def _origin(text: str, origins: dict[str, Origin], sink: Sink) -> Origin | None:
    if not _ORIGIN.fullmatch(text):
        return None
    parts = split_url(text)
    name = host_of(parts)
    origins[text] = Origin(name, sink.base_of(name), secure=parts.scheme == "https")
    return origins[text]
