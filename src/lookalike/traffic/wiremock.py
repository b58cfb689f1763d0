"""WireMock's mappings: one in a file, `{"mappings": [...]}`, or a folder `mappings` with `__files` beside it.

A mapping says what a request must be like. Its request here has what must be equal to something; a path that is a
template or a regular expression gives one that fits. Mappings name no host: requests go to `metadata.baseUrl` where
somebody wrote that (`lookalike export` does), else to WireMock's own address, `http://localhost:8080`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from lookalike.codec import encode_json
from lookalike.messages import Exchange
from lookalike.shape.pattern import text_for
from lookalike.traffic.bodies import Fields, Unreadable, base64_body, fields, request, response, text_body, whole
from lookalike.traffic.elements import elements, parsed
from lookalike.traffic.opened import Limits, Opened
from lookalike.traffic.stored import content_type, day_said, file_beside, first, typed

WIREMOCK = "http://localhost:8080"
_FIRST = re.compile(
    rb'\s*\{\s*"(?:id|uuid|name|request|response|priority|scenarioName|requiredScenarioState|newScenarioState'
    rb'|persistent|metadata|insertionIndex|postServeActions|serveEventListeners|mappings|meta|importOptions)"\s*:'
)
_LIST = re.compile(rb'"mappings"\s*:\s*\[')
# A recording of exchanges has whole URLs, a mapping paths.
_URL = re.compile(rb'"(?:url"\s*:\s*"/|url(?:Path|Pattern|PathPattern|PathTemplate)"\s*:\s*")')
_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.S)
# WireMock's parser takes comments in JSON, of both kinds; what is in quotes is none.
_COMMENT = re.compile(rb'("(?:[^"\\]|\\.)*+")|//[^\n]*+|/\*.*?\*/', re.S)
_VARIABLE = re.compile(r"\{([^{}]*)\}")


def recognises(name: str, head: bytes) -> bool:
    """Whether it is a JSON object that begins as a mapping does, and has a request for a path."""
    return _FIRST.match(head) is not None and b'"request"' in head and _URL.search(head) is not None


def read(opened: Opened) -> Iterator[Exchange]:
    """Its mappings as exchanges, in their order."""
    folder = _files(Path(opened.name))
    for number, node in elements(opened, ("mappings",), word="mapping") if _many(opened.head) else _alone(opened):
        try:
            yield _exchange(node, folder, opened.limits)
        except Unreadable as error:
            opened.skip(f"mapping {number}", str(error))


def _many(head: bytes) -> bool:
    """Whether a file holds a list of mappings, not one."""
    before, found, _ = head.partition(b'"request"')
    return bool(found) and _LIST.search(before) is not None


def _alone(opened: Opened) -> Iterator[tuple[int, Any]]:
    content = opened.stream.read(opened.limits.entry + 1)
    if len(content) > opened.limits.entry:
        opened.skip("", f"it has more than {opened.limits.entry:,} bytes")
        return
    try:
        yield 1, _parsed(content)
    except (ValueError, RecursionError):
        opened.skip("", "it is no whole JSON document")


def _parsed(content: bytes) -> Any:
    try:
        return parsed(content)
    except ValueError:
        return parsed(_COMMENT.sub(lambda found: found[1] or b" ", content))


def _files(path: Path) -> Path:
    """The folder of bodies: beside the folder `mappings` that the file is in, at any depth, else beside the file."""
    above = next((one for one in path.parents if one.name == "mappings"), None)
    return (above.parent if above is not None else path.parent) / "__files"


def _exchange(node: Any, folder: Path, limits: Limits) -> Exchange:
    asked, answered = (node.get(key) if isinstance(node, Mapping) else None for key in ("request", "response"))
    if not isinstance(asked, Mapping) or not isinstance(answered, Mapping):
        raise Unreadable("it has no request or no response")
    for key, what in (("fault", "a fault"), ("proxyBaseUrl", "what another server says")):
        if answered.get(key):
            raise Unreadable(f"its answer is {what}")
    headers = fields(answered.get("headers"))
    content, kind = _content(answered, headers, folder, limits)
    if _is_template(node, answered, headers, content):
        raise Unreadable("its response is made by a template")
    sent, sent_kind = _sent(asked)
    method = asked.get("method") or "ANY"
    return Exchange(
        request(
            "GET" if method == "ANY" else method, _base(node, asked) + _target(asked),
            typed(_equal_pairs(asked.get("headers")), sent_kind), sent, limit=limits.body,
        ),
        response(
            answered.get("status", 200), typed(headers, kind), content,
            reason=answered.get("statusMessage") or "", limit=limits.body,
        ),
        day=day_said(headers),
    )  # fmt: skip


def _is_template(node: Mapping[str, Any], answered: Mapping[str, Any], headers: Fields, content: bytes) -> bool:
    transformers = answered.get("transformers")
    if not isinstance(transformers, list) or "response-template" not in transformers:
        return False
    texts = [content.decode("utf-8", "replace"), *(value for _, value in headers)]
    return any(_TEMPLATE.search(text) for text in texts)


def _base(node: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    metadata = node.get("metadata")
    base = metadata.get("baseUrl") if isinstance(metadata, Mapping) else None
    if isinstance(base, str):
        return base.rstrip("/")
    host = _equal(asked.get("host"))
    if host is None:
        return WIREMOCK
    port = asked.get("port")
    return f"{asked.get('scheme') or 'http'}://{host}" + (f":{port}" if port else "")


def _target(asked: Mapping[str, Any]) -> str:
    """Path and query of a request that the mapping answers."""
    url = asked.get("url")
    if isinstance(url, str):
        return url if url.startswith("/") else "/" + url
    target = _path(asked)
    if "?" not in target and (pairs := _equal_pairs(asked.get("queryParameters"))):
        target += "?" + "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    return target


def _path(asked: Mapping[str, Any]) -> str:
    if isinstance(path := asked.get("urlPath"), str):
        return path
    if isinstance(template := asked.get("urlPathTemplate"), str):
        given = dict(_equal_pairs(asked.get("pathParameters")))
        return _VARIABLE.sub(lambda found: quote(given.get(found[1], "1"), safe=""), template)
    pattern = first(asked, "urlPathPattern", "urlPattern")
    if not isinstance(pattern, str):
        raise Unreadable("it answers any path")
    made = _fitting(pattern)
    if made is None or not made.startswith("/"):
        raise Unreadable(f"no path was found that its pattern {pattern[:80]!r} takes")
    return made


def _fitting(pattern: str) -> str | None:
    """A path that a pattern takes as a whole, as WireMock asks."""
    # What takes anything up to a slash takes a number too, which looks like the identifier that it most often is.
    plain = re.sub(r"\(?(?:\[\^/\?*\]|\\d|\[0-9\]|\\w|\.)[+*]\)?", "1", pattern)
    for one in (plain.strip("^$"), text_for(f"^(?:{pattern})$")):
        try:
            if one is not None and re.fullmatch(pattern, one):
                return one
        except (re.error, RecursionError):
            return None
    return None


def _equal(matcher: Any) -> str | None:
    """What a matcher says something is equal to."""
    if not isinstance(matcher, Mapping):
        return None
    value = matcher.get("equalTo")
    if value is None and isinstance(matcher.get("hasExactly"), list):
        return next((found for one in matcher["hasExactly"] if (found := _equal(one)) is not None), None)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else None


def _equal_pairs(node: Any) -> Fields:
    if not isinstance(node, Mapping):
        return []
    return [(str(name), value) for name, one in node.items() if (value := _equal(one)) is not None]


def _sent(asked: Mapping[str, Any]) -> tuple[bytes, str]:
    """The request's body and the media type that goes without saying."""
    if form := _equal_pairs(asked.get("formParameters")):
        written = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form)
        return written.encode(), "application/x-www-form-urlencoded"
    patterns = asked.get("bodyPatterns")
    for one in patterns if isinstance(patterns, list) else ():
        if not isinstance(one, Mapping):
            continue
        if (value := one.get("equalToJson")) is not None:
            return (whole(value).encode() if isinstance(value, str) else encode_json(value)), "application/json"
        for key, kind in (("equalToXml", "application/xml"), ("equalTo", "")):
            if isinstance(one.get(key), str):
                return whole(one[key]).encode(), kind
        if isinstance(one.get("binaryEqualTo"), str):
            return base64_body(one["binaryEqualTo"]), ""
    return b"", ""


def _content(answered: Mapping[str, Any], headers: Fields, folder: Path, limits: Limits) -> tuple[bytes, str]:
    """The response's body and the media type that goes without saying."""
    if "jsonBody" in answered and answered["jsonBody"] is not None:
        return encode_json(answered["jsonBody"]), "application/json"
    if isinstance(answered.get("base64Body"), str):
        return base64_body(answered["base64Body"]), ""
    if answered.get("bodyFileName"):
        return file_beside(folder, answered["bodyFileName"], limits.body), ""
    body = answered.get("body") or ""
    if not isinstance(body, str):
        raise Unreadable("its body is no text")
    return text_body(body, content_type(headers)), ""
