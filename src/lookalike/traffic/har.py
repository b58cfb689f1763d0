"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as browsers, proxies and recorders write it.

Chrome, Firefox, Safari, Charles, Fiddler, mitmproxy, Insomnia, WebPagetest, Playwright, Polly.JS and others each leave
out, add or misspell something; an entry is read as long as request, answer and body can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

from lookalike.messages import Exchange
from lookalike.traffic.bodies import Fields, Unreadable, fields, request, response, said, status_code, text_of
from lookalike.traffic.dates import day_of, seconds_of
from lookalike.traffic.elements import elements
from lookalike.traffic.har_bodies import answered, sent
from lookalike.traffic.opened import Opened

_BEGINS = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_LOG = re.compile(rb'"(?:log|entries)"\s*:\s*[\[{]')


def recognises(name: str, head: bytes) -> bool:
    """Whether the document begins with a `log`, has one with entries, or is an object in a file named `.har`."""
    if _BEGINS.match(head):
        return True
    if not head.lstrip().startswith(b"{"):
        return False
    return name.lower().endswith((".har", ".har.gz", ".har.zst")) or (
        _LOG.search(head) is not None and b'"startedDateTime"' in head and b'"entries"' in head
    )


def read(opened: Opened) -> Iterator[Exchange]:
    """Its exchanges in the file's order, one entry held at a time.

    Left out, and told: what got no answer, isn't HTTP (WebSockets, `data:`), or was recorded without its body, as an
    empty body in its place would be a lie.
    """
    count = 0
    told = False

    def skip(entry: str, why: str) -> None:
        nonlocal told
        told = True
        opened.skip(entry, why)

    inner = Opened(opened.name, opened.stream, opened.head, skip, opened.limits)
    for count, entry in elements(inner, ("log", "entries"), ("entries",)):
        try:
            exchange = exchange_of(entry, opened)
        except Unreadable as error:
            skip(f"entry {count}", str(error))
        else:
            yield exchange
    if not count and not told:
        skip("", "it holds no entry")


def exchange_of(entry: Any, opened: Opened) -> Exchange:
    """One entry as an exchange. Raises Unreadable."""
    if not isinstance(entry, dict):
        raise Unreadable(f"it is {said(entry)}, not an object")
    asked, got = entry.get("request"), entry.get("response")
    if not isinstance(asked, dict):
        raise Unreadable("it has no request")
    if not isinstance(got, dict):
        raise Unreadable("it has no response")
    if entry.get("_resourceType") == "websocket" or entry.get("_webSocketMessages"):
        raise Unreadable("it is a WebSocket")
    status_code(got.get("status"))
    if error := got.get("_error"):
        raise Unreadable(f"its answer was cut off ({said(error)})")
    sending = _with_cookies(fields(asked.get("headers")), asked.get("cookies"))
    body, sending = sent(asked.get("postData"), sending, opened)
    limit = opened.limits.body
    question = request(asked.get("method"), _url(asked), sending, body, limit=limit)
    receiving = _with_set_cookies(fields(got.get("headers")), got.get("cookies"))
    content, receiving = answered(got, receiving, question.method, opened)
    return Exchange(
        question,
        response(got.get("status"), receiving, content, reason=got.get("statusText"), limit=limit),
        elapsed=seconds_of(entry.get("time")),
        day=day_of(entry.get("startedDateTime")),
    )


def _url(asked: dict[str, Any]) -> Any:
    """The request's URL; made whole from the host field and the list of parameters where it lacks them."""
    url = asked.get("url")
    if not isinstance(url, str):
        return url
    if url.startswith("/") and (host := _host(asked.get("headers"))):
        url = f"https://{host}{url}"
    listed = asked.get("queryString")
    if "?" not in url and isinstance(listed, list) and listed:
        url, sep, fragment = url.partition("#")
        pairs = [
            f"{quote_plus(name)}={quote_plus(text_of(one.get('value')) or '')}"
            for one in listed
            if isinstance(one, dict) and (name := text_of(one.get("name")))
        ]
        url = f"{url}?{'&'.join(pairs)}{sep}{fragment}" if pairs else url + sep + fragment
    return url


def _host(headers: Any) -> str:
    for one in headers if isinstance(headers, list) else ():
        if isinstance(one, dict) and str(one.get("name")).lower() in ("host", ":authority"):
            return text_of(one.get("value")) or ""
    return ""


def _with_cookies(pairs: Fields, cookies: Any) -> Fields:
    """The request's fields, with the cookies where only their list has them."""
    if any(name.lower() == "cookie" for name, _ in pairs):
        return pairs
    found = [f"{name}={value}" for name, value, _ in _cookies(cookies)]
    return [*pairs, *fields({"cookie": "; ".join(found)})] if found else pairs


def _with_set_cookies(pairs: Fields, cookies: Any) -> Fields:
    """The answer's fields, with the cookies where only their list has them."""
    if any(name.lower() == "set-cookie" for name, _ in pairs):
        return pairs
    lines = []
    for name, value, cookie in _cookies(cookies):
        parts = [f"{name}={value}"]
        parts += [f"{word}={text}" for word in ("Path", "Domain") if (text := text_of(cookie.get(word.lower())))]
        parts += [word for key, word in (("httpOnly", "HttpOnly"), ("secure", "Secure")) if cookie.get(key) is True]
        parts += [f"SameSite={text}" for text in [text_of(cookie.get("sameSite"))] if text]
        lines.append("; ".join(parts))
    return [*pairs, *fields({"set-cookie": lines})] if lines else pairs


def _cookies(cookies: Any) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (name, text_of(one.get("value")) or "", one)
        for one in (cookies if isinstance(cookies, list) else ())
        if isinstance(one, dict) and (name := text_of(one.get("name")))
    ]
