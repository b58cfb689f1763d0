"""A body as a cassette stores it: text, base64, hexadecimal, JSON written out, objects of Python; as its bytes."""

from __future__ import annotations

import re
from typing import Any

from lookalike.codec import decode_json, encode_json
from lookalike.errors import InvalidJson, UsageError
from lookalike.traffic.bodies import Fields, Unreadable, base64_body, said, text_body, whole
from lookalike.traffic.yaml_values import typed


def stored_body(node: dict[str, Any], body: Any, headers: Fields) -> bytes:
    """A body's bytes as the recorder stored them."""
    if type(body) is dict and len(body) == 1 and "string" in body:  # as vcrpy has it
        return _bytes(body["string"])
    if "parsed_body" in node and not body:  # some serializers of vcrpy's users write JSON out
        return _json(node["parsed_body"])
    if body is None and "body_content" in node:  # cassetter's TOML
        return _of_type(node.get("body_type"), node["body_content"], headers, written=True)
    if isinstance(body, dict):
        return _in_object(body, headers, sent="method" in node)
    if node.get("binary") is True and isinstance(body, str):  # ExVCR
        term = base64_body(body)
        # Erlang's external term format, section "BINARY_EXT": 131, 109, four bytes of length.
        return term[6:] if term.startswith(b"\x83m") else term
    return _bytes(body)


def _in_object(body: dict[str, Any], headers: Fields, *, sent: bool) -> bytes:
    if str(body.get("file")).lower() in ("true", "yes"):  # R's vcr
        raise Unreadable(f"its body is in a file of its own, {said(body.get('string'))}, which isn't read")
    coded = body.get("base64_string")
    if coded:
        if isinstance(coded, bytes):
            return coded
        if not isinstance(coded, str):
            raise Unreadable(f"its body's base64_string is {said(coded)}")
        return base64_body(coded)
    if "string" in body:
        return _bytes(body["string"], body.get("encoding"))
    if "type" in body:  # cassetter
        return _of_type(body["type"], body.get("content"), headers)
    if body.keys() <= {"encoding", "base64_string"}:
        return b""
    if body.keys() <= {"args", "state"}:
        return _of_object(body)
    if sent:
        return _json(body)  # what aiohttp was given as `json=`, vcrpy keeps as it is
    raise Unreadable(f"its body has none of string, base64_string and content, but {', '.join(sorted(body))}")


def _of_object(body: dict[str, Any]) -> bytes:
    """What vcrpy kept of an iterator (`args: [[piece, ...]]`) or a BytesIO (`state: [content, position, ...]`)."""
    for name in ("args", "state"):
        parts = body.get(name)
        if isinstance(parts, list) and parts:
            first = parts[0]
            return b"".join(map(_bytes, first)) if isinstance(first, list) else _bytes(first)
    return b""


def _of_type(kind: Any, content: Any, headers: Fields, *, written: bool = False) -> bytes:
    """cassetter's bodies: JSON as a value (or `written`), bytes as hexadecimal digits."""
    if kind == "none" or content is None:
        return b"null" if kind == "json" else b""
    if kind == "json":
        return whole(content).encode() if written else _json(content)
    if kind == "binary" and isinstance(content, str):
        try:
            return bytes.fromhex(content)
        except ValueError:
            raise Unreadable("its body is said to be hexadecimal and isn't") from None
    if kind == "text" and isinstance(content, str):
        media = next((value for name, value in headers if name.lower() == "content-type"), "")
        return text_body(content, media)
    raise Unreadable(f"its body is of the type {said(kind)}")


def _json(value: Any) -> bytes:
    try:
        return encode_json(typed(value))
    except UsageError as error:
        raise Unreadable(f"its body can't be written as JSON: {error}") from None
    except RecursionError:
        raise Unreadable("its body is nested too deeply to be written as JSON") from None


def _bytes(body: Any, encoding: Any = "") -> bytes:
    """The bytes of a text, in the encoding that the recorder names for it; another value is JSON."""
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        if body.isascii():
            return body.encode()
        if isinstance(encoding, str) and encoding.lower() not in _UTF8:
            try:
                return body.encode(encoding)
            except (LookupError, ValueError):
                pass
        return whole(body).encode()
    return _json(body)


# ASCII-8BIT is what Ruby calls bytes: the text is UTF-8, as the file is.
_UTF8 = frozenset(("", "utf-8", "utf8", "ascii-8bit", "binary", "us-ascii", "ascii"))


# Ruby VCR and Betamax write a name such as <ACCOUNT_ID> wherever a secret value's digits stood, in numbers too.
_PLACEHOLDER = re.compile(rb"[:\[,0-9-]\s*<{1,2}[A-Z]\w*>")
_OUTSIDE_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|<{1,2}[A-Z]\w*>{1,2}', re.S)


def filled(content: bytes) -> bytes:
    """JSON with a digit for each placeholder outside of its strings; what isn't JSON even so stays as it is."""
    if b"<" not in content or content[:1] not in (b"{", b"[") or _PLACEHOLDER.search(content) is None:
        return content
    result = _OUTSIDE_STRINGS.sub(lambda found: found[0] if found[0].startswith(b'"') else b"1", content)
    try:
        decode_json(result)
    except InvalidJson:
        return content
    return result
