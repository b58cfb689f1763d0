"""Recordings of nock (`nock.recorder`, `nock.back`): a JSON array of interceptors.

A body is what nock makes of it: JSON as a value, text as a string, bytes in hexadecimal, and an encoded body as an
array of its chunks in hexadecimal (nock's recorder.js).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.codec import encode_json
from lookalike.messages import Exchange
from lookalike.traffic.bodies import Fields, Unreadable, fields, request, response, text_body
from lookalike.traffic.elements import elements
from lookalike.traffic.opened import Limits, Opened
from lookalike.traffic.stored import content_type, day_said, first, typed

_FIRST = re.compile(rb'\s*\[\s*\{\s*"scope"\s*:')
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


def recognises(name: str, head: bytes) -> bool:
    """Whether it is a JSON array of objects that have a scope and a path."""
    if _FIRST.match(head):
        return True
    return head.lstrip()[:1] == b"[" and all(f'"{key}"'.encode() in head for key in ("scope", "method", "path"))


def read(opened: Opened) -> Iterator[Exchange]:
    """Its interceptors as exchanges, in their order."""
    for number, node in elements(opened, (), word="interceptor"):
        try:
            yield _exchange(node, opened.limits)
        except Unreadable as error:
            opened.skip(f"interceptor {number}", str(error))


def _exchange(node: Any, limits: Limits) -> Exchange:
    if not isinstance(node, Mapping):
        raise Unreadable("it is no object")
    scope, path = node.get("scope"), node.get("path")
    if not isinstance(scope, str) or not isinstance(path, str):
        raise Unreadable("its scope or path is no text" + (", but a regular expression" if path == {} else ""))
    asking, headers = fields(node.get("reqheaders")), fields(first(node, "rawHeaders", "headers"))
    asked, asked_type = _body(node.get("body"), asking)
    answer, answer_type = _body(node.get("response"), headers, binary=node.get("responseIsBinary") is True)
    return Exchange(
        request(
            node.get("method"), scope.rstrip("/") + path, typed(asking, asked_type), asked,
            limit=limits.body,
        ),
        response(
            first(node, "status", "statusCode", default=200), typed(headers, answer_type), answer, limit=limits.body,
        ),
        day=day_said(headers),
    )  # fmt: skip


def _body(value: Any, headers: Fields, *, binary: bool = False) -> tuple[bytes, str]:
    """The bytes of a body as nock has it, and the media type that goes without saying."""
    if value is None or value == "":
        return b"", ""
    if isinstance(value, str):
        return (_bytes([value]) if binary else text_body(value, content_type(headers))), ""
    binary = binary or any(name.lower() == "content-encoding" for name, _ in headers)
    if binary and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return _bytes(value), ""
    return encode_json(value), "application/json"


def _bytes(chunks: list[str]) -> bytes:
    text = "".join(chunks)
    if text and not _HEX.fullmatch(text):
        raise Unreadable("its body is neither JSON nor hexadecimal")
    return bytes.fromhex(text)
