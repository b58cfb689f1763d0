"""Hoverfly simulations, all versions of their schema: pairs of what a request must be like and its response.

A request is made of the parts that must be equal to something; of other matchers there is no request to tell, and
where one is about the host or the path, the pair is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from lookalike.codec import encode_json
from lookalike.messages import Exchange
from lookalike.traffic.bodies import Fields, Unreadable, base64_body, fields, request, response, text_body, whole
from lookalike.traffic.elements import elements
from lookalike.traffic.opened import Limits, Opened
from lookalike.traffic.stored import content_type, day_said, file_beside, first, typed

_FIRST = re.compile(rb'\s*\{\s*"(?:data|meta)"\s*:')
# What it was at first had no schema's version: a list of pairs alone.
_FIRST_SCHEMA = re.compile(rb'\s*\{\s*"data"\s*:\s*\[\s*\{\s*"(?:request|response|id)"\s*:')
_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.S)
_GLOBS = "*?[" + "\\"


def recognises(name: str, head: bytes) -> bool:
    """Whether it is a JSON object with pairs, in which destinations or a schema's version are named."""
    if _FIRST_SCHEMA.match(head) is not None:
        return b'"destination"' in head
    return _FIRST.match(head) is not None and b'"pairs"' in head


def read(opened: Opened) -> Iterator[Exchange]:
    """Its pairs as exchanges, in their order."""
    folder = Path(opened.name).parent
    place = ("data",) if _FIRST_SCHEMA.match(opened.head) else ("data", "pairs")
    for number, node in elements(opened, place, word="pair"):
        try:
            yield _exchange(node, folder, opened.limits)
        except Unreadable as error:
            opened.skip(f"pair {number}", str(error))


def _exchange(node: Any, folder: Path, limits: Limits) -> Exchange:
    asked, answered = (node.get(key) if isinstance(node, Mapping) else None for key in ("request", "response"))
    if not isinstance(asked, Mapping) or not isinstance(answered, Mapping):
        raise Unreadable("it has no request or no response")
    if asked.get("requestType") == "template":
        raise Unreadable("its request is a template")
    headers = fields(answered.get("headers") or {})
    sent, kind = _sent(asked)
    method = _said(asked.get("method")) or "GET"
    content = _content(answered, headers, folder, limits)
    return Exchange(
        request(method, _url(asked), typed(_headers(asked), kind), sent, limit=limits.body),
        response(answered.get("status"), headers, content, limit=limits.body),
        day=day_said(headers),
    )


def _said(node: Any) -> str | None:
    """What a part is equal to, None where it is not said: a text (v1), `{"exactMatch": ...}` (v2, v3), matchers."""
    if isinstance(node, str):
        return node
    if isinstance(node, Mapping):
        found = node.get("exactMatch")
        if found is None and node.get("matcher", "exact") in ("exact", ""):
            found = node.get("value")
        if found is None and _is_plain_glob(node):
            found = first(node, "value", "globMatch")
        return found if isinstance(found, str) else None
    for one in node if isinstance(node, list) else ():
        if (found := _said(one)) is not None:
            return found
    return None


def _is_plain_glob(node: Mapping[str, Any]) -> bool:
    value = node.get("value") if node.get("matcher") == "glob" else node.get("globMatch")
    return isinstance(value, str) and not any(sign in value for sign in _GLOBS)


def _url(asked: Mapping[str, Any]) -> str:
    host, path = _said(asked.get("destination")), _said(asked.get("path"))
    if not host:
        raise Unreadable("its host is not one name")
    if path is None:
        raise Unreadable("its path is a pattern" if asked.get("path") else "it says no path")
    query = _query(first(asked, "query", "deprecatedQuery", "queriesWithMatchers"))
    return f"{_said(asked.get('scheme')) or 'http'}://{host}{path if path[:1] == '/' else '/' + path}{query}"


def _query(node: Any) -> str:
    if isinstance(node, Mapping) and not {"exactMatch", "globMatch", "matcher"} & set(node):
        pairs = [(name, value) for name, one in node.items() for value in _values(one)]
        written = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    else:
        written = _said(node) or ""
    return f"?{written}" if written else ""


def _values(node: Any) -> list[str]:
    """The values of one parameter or header: of a matcher for arrays, of one that is exact, or a list as it is."""
    if isinstance(node, list) and all(isinstance(one, str) for one in node):
        return node
    for one in node if isinstance(node, list) else [node]:
        if isinstance(one, Mapping) and one.get("matcher") == "array" and isinstance(one.get("value"), list):
            return [value for value in one["value"] if isinstance(value, str)]
    found = _said(node)
    return [] if found is None else [found]


def _headers(asked: Mapping[str, Any]) -> Fields:
    found = first(asked, "headers", "headersWithMatchers")
    if not isinstance(found, Mapping):
        return []
    return [(str(name), value) for name, one in found.items() for value in _values(one)]


def _sent(asked: Mapping[str, Any]) -> tuple[bytes, str]:
    """The request's body and the media type that goes without saying."""
    body = asked.get("body")
    for one in body if isinstance(body, list) else [body]:
        if not isinstance(one, Mapping):
            continue
        for key, kind in (("json", "application/json"), ("xml", "application/xml")):
            value = one.get("value") if one.get("matcher") == key else one.get(f"{key}Match")
            if value is not None:
                return (value.encode() if isinstance(value, str) else encode_json(value)), kind
    return whole(_said(body) or "").encode(), ""


def _content(answered: Mapping[str, Any], headers: Fields, folder: Path, limits: Limits) -> bytes:
    if answered.get("bodyFile"):
        return file_beside(folder, answered["bodyFile"], limits.body)
    body = answered.get("body") or ""
    if not isinstance(body, str):
        raise Unreadable("its body is no text")
    if answered.get("templated") and _TEMPLATE.search(body):
        raise Unreadable("its response is made by a template")
    return base64_body(body) if answered.get("encodedBody") else text_body(body, content_type(headers))
