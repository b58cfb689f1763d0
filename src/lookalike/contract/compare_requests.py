"""What refusals say of requests that used to be good, and successes of requests that used to be refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from lookalike.codec import decode_json
from lookalike.contract.counts import OperationCounts
from lookalike.contract.operation import Operation
from lookalike.contract.refusals import named
from lookalike.errors import InvalidJson
from lookalike.messages import Response

_UNSUPPORTED, _NOT_ALLOWED = 415, 405
_REFUSED = frozenset({400, 422})
# Texts of requests that are looked for in sentences: shorter ones stand in any, longer ones in none.
_TELLING, _LONGEST = 4, 4096
Told = tuple[str, str]  # a kind and a place

# What is wrong with a value, by the words of its refusal; the first that fits.
_WRONG: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        ("request-part-removed", r"unknown|unexpected|unrecogni[sz]ed|not permitted|extra (?:field|input|param)"),
        ("request-null-refused", r"not be null|none is not"),
        ("request-became-enum", r"one of|(?:permitted|allowed|valid) values"),
        (
            "request-limit-tightened",
            r"too (?:long|short|large|small|many|few)|at (?:most|least)|(?:less|greater) than|maximum|exceed|length",
        ),
        (
            "request-type-narrowed",
            r"must be an? |valid (?:integer|number|date|uuid|boolean|string)|\btype|format|pattern",
        ),
    )
)


def refused(operation: Operation, target: str, content: bytes, kind: str, response: Response) -> list[Told]:
    """What of a request that was good an answer says is to blame; empty where it says nothing.

    kind: the media type of what was sent
    """
    if response.status == _NOT_ALLOWED:
        return [("operation-removed", "path")]
    if response.status == _UNSUPPORTED and content:
        return [("request-media-type-removed", f"body {kind}".strip())]
    if response.status not in _REFUSED:
        return []
    try:
        body = response.json()
    except InvalidJson:
        return []
    query = dict(parse_qsl(target.partition("?")[2], keep_blank_values=True))
    said = response.text[:4096]
    return [_to_blame(operation, name, why, query, _sent(content), said) for name, why in named(body).items()]


def speaks_of(content: bytes, response: Response) -> bool:
    """Whether a sentence of an answer has a text that was sent: "The model `x` does not exist" is about the model."""
    try:
        said, sent = response.json(), _sent(content)
    except InvalidJson:
        return False
    sentences = [f" {one} " for one in _texts(said) if " " in one]
    pieces = {one for one in _texts(sent) if len(one) >= _TELLING and any(one in sentence for sentence in sentences)}
    return any(
        re.search(rf"(?<![\w-]){re.escape(piece)}(?![\w-])", sentence) for piece in pieces for sentence in sentences
    )


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        one = left.pop()
        if type(one) is str:
            if len(one) <= _LONGEST:
                yield one
        elif type(one) in (dict, list):
            left += one.values() if type(one) is dict else one


def _sent(content: bytes) -> Any:
    try:
        return decode_json(content) if content else None
    except InvalidJson:
        return None


def _to_blame(operation: Operation, name: str, why: str, query: dict[str, str], sent: Any, said: str) -> Told:
    parameters = {one.name: one for one in operation.parameters if one.place == "query"}
    in_query = name in query or name in parameters or sent is None
    place = f"query {name}" if in_query else f"request json.{name}"
    known = name in parameters if in_query else name in _properties(operation)
    there = name in query if in_query else isinstance(sent, dict) and name in sent
    if why == "missing" and not there:
        return ("request-became-required" if known else "request-requires-more"), place
    if not in_query and isinstance(sent, dict) and there and sent[name] is None:
        return "request-null-refused", place
    schema = parameters[name].schema if in_query and name in parameters else None
    if isinstance(schema, dict) and query.get(name) in schema.get("enum", ()):
        return "request-enum-value-gone", place
    kind = next((one for one, words in _WRONG if words.search(said)), "request-enum-value-gone")
    return kind, place


def _properties(operation: Operation) -> dict[str, Any]:
    body = operation.request_body
    for media in body.media.values() if body is not None else ():
        if isinstance(media.schema, dict) and isinstance(media.schema.get("properties"), dict):
            return media.schema["properties"]  # type: ignore[no-any-return]  # a dict, as asked above
    return {}


def laxer(
    operation: Operation, target: str, content: bytes, response: Response, counts: OperationCounts | None
) -> Iterator[str]:
    """Places that a request lacks which was taken, though it was said or seen that none is taken without them."""
    if not 200 <= response.status < 300:
        return
    # What a learned contract requires was merely always sent, unless refusals said so.
    demanded = {name for name, why in counts.refused.named.items() if why.get("missing")} if counts else None
    query = dict(parse_qsl(target.partition("?")[2], keep_blank_values=True))
    for one in operation.parameters:
        if one.place == "query" and one.name not in query and _demands(one.name, demanded, said=one.required):
            yield f"query {one.name}"
    sent = _sent(content)
    body = operation.request_body
    required = {
        name
        for media in (body.media.values() if body is not None else ())
        if isinstance(media.schema, dict)
        for name in media.schema.get("required") or ()
    } | (demanded or set())
    if isinstance(sent, dict):
        for name in sorted(required - sent.keys()):
            if _demands(name, demanded, said=True):
                yield f"request json.{name}"


def _demands(name: str, demanded: set[str] | None, *, said: bool) -> bool:
    return name in demanded if demanded is not None else said
