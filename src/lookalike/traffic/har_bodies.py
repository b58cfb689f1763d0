"""The bodies of a HAR's entries: as text, base64, parameters, Polly.JS's chunks, or in a file beside."""

from __future__ import annotations

import binascii
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lookalike.messages import has_no_body
from lookalike.traffic.bodies import (
    Fields,
    Unreadable,
    base64_body,
    boundary_of,
    fields,
    status_code,
    text_body,
    text_of,
    whole_number,
)
from lookalike.traffic.elements import parsed
from lookalike.traffic.opened import Opened
from lookalike.traffic.sources import STANDARD_INPUT, is_url


def sent(data: Any, pairs: Fields, opened: Opened) -> tuple[bytes, Fields]:
    """A request's body of its `postData`, and its fields with the content type. Raises Unreadable."""
    if not isinstance(data, dict):
        return b"", pairs
    kind = _content_type(pairs, data.get("mimeType"))
    text = data.get("text")
    if name := text_of(data.get("_file")):
        body = _beside(name, opened)
    elif isinstance(text, str) and text:
        body = _stored(text, data, kind, pairs)
    else:
        body, kind = _of_params(data.get("params"), kind)
    return body, _with_content_type(pairs, kind) if body else pairs


def answered(got: dict[str, Any], pairs: Fields, method: str, opened: Opened) -> tuple[bytes, Fields]:
    """An answer's body of its `content`, and its fields with the content type.

    Raises Unreadable where there was a body and it wasn't recorded.
    """
    if method == "HEAD" or has_no_body(status_code(got.get("status"))):
        return b"", _with_location(pairs, got)
    content = got.get("content")
    content = content if isinstance(content, dict) else {}
    kind = _content_type(pairs, content.get("mimeType"))
    text = content.get("text")
    if name := text_of(content.get("_file")):
        body = _beside(name, opened)
    elif isinstance(text, str) and text:
        body = _stored(text, content, kind, pairs)
    elif text is not None and not isinstance(text, str):
        raise Unreadable("its body is no text")
    elif _had_body(got, content, pairs, text):
        pairs = _with_location(pairs, got)
        if not _redirects(got, pairs) or "json" in kind.lower():
            raise Unreadable("its body wasn't recorded")
        # Browsers follow a redirect before they would show its body, so they have none to write.
        return b"", [(name, value) for name, value in pairs if name.lower() not in _OF_A_BODY]
    else:
        body = b""
    return body, _with_location(_with_content_type(pairs, kind) if body else pairs, got)


# Of a body as it was sent, which isn't known (RFC 9110, section 8.4, and RFC 9112, section 6).
_OF_A_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def _redirects(got: dict[str, Any], pairs: Fields) -> bool:
    """Whether an answer says to go on elsewhere, so that its body tells nothing (RFC 9110, section 15.4)."""
    return status_code(got.get("status")) in {301, 302, 303, 307, 308} and any(
        name.lower() == "location" for name, _ in pairs
    )


def _had_body(got: dict[str, Any], content: dict[str, Any], pairs: Fields, text: Any) -> bool:
    """Whether an answer without a recorded body had one, by what says its size.

    Chrome writes a size of 0 for a body that it has dropped, too, so the answer's own length comes first, and no JSON
    is empty. Where nothing says a size, an answer with a content type had a body unless its text is said to be empty.
    """
    kind = _content_type(pairs, "")
    lengths = [whole_number(value) for name, value in pairs if name.lower() == "content-length"]
    sizes = (*lengths, whole_number(content.get("size")), whole_number(got.get("bodySize")))
    known = [size for size in sizes if size is not None and size >= 0]
    if lengths and lengths[0] == 0:
        return False
    if any(known):
        return True
    if known:
        return text is None and "json" in kind.lower()
    return text is None and bool(kind or any(name.lower() == "transfer-encoding" for name, _ in pairs))


def _stored(text: str, holder: dict[str, Any], kind: str, pairs: Fields) -> bytes:
    coding = any(name.lower() == "content-encoding" for name, _ in pairs)
    encoding = text_of(holder.get("encoding")) or text_of(holder.get("_encoding")) or ""
    in_base64 = encoding.lower() == "base64"
    if (coding or "_isBinary" in holder) and text.startswith('["') and (chunks := _chunks(text, in_base64)) is not None:
        return chunks
    if in_base64:
        return base64_body(text)
    if holder.get("_isBinary") is True and _HEX.fullmatch(text):
        return binascii.unhexlify(text)
    if coding and text.startswith("\x1f"):
        # Compressed bytes as characters: one each, or already damaged.
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            raise Unreadable("its body was damaged when it was recorded") from None
    return text_body(text, kind)


_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


def _chunks(text: str, in_base64: bool) -> bytes | None:
    """Polly.JS keeps a coded body as a JSON list of its chunks, in hex or base64; None where it is something else."""
    try:
        parts = parsed(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return None
    if in_base64:
        return b"".join(base64_body(part) for part in parts)
    if all(_HEX.fullmatch(part) for part in parts if part):
        return b"".join(binascii.unhexlify(part) for part in parts)
    return None


def _of_params(params: Any, kind: str) -> tuple[bytes, str]:
    """The body of a form that was recorded field by field, and its content type."""
    found = [
        (name, one)
        for one in (params if isinstance(params, list) else ())
        if isinstance(one, dict) and (name := text_of(one.get("name")))
    ]
    if not found:
        return b"", kind
    if not kind.lower().startswith("multipart/"):
        form = kind or "application/x-www-form-urlencoded"
        return urlencode([(name, text_of(one.get("value")) or "") for name, one in found]).encode(), form
    boundary = boundary_of(kind)
    if not boundary:
        boundary = "lookalike"
        kind = f"{kind.rstrip('; ')}; boundary={boundary}"
    parts = []
    for name, one in found:
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if file := text_of(one.get("fileName")):
            head += f'; filename="{_quoted(file)}"'
        if content_type := text_of(one.get("contentType")):
            head += f"\r\nContent-Type: {_quoted(content_type)}"
        parts.append(f"--{boundary}\r\n{head}\r\n\r\n{text_of(one.get('value')) or ''}\r\n")
    return ("".join(parts) + f"--{boundary}--\r\n").encode(), kind


def _quoted(text: str) -> str:
    # As HTML has it in a form's names: https://html.spec.whatwg.org/#multipart-form-data
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _beside(name: str, opened: Opened) -> bytes:
    """A body that is in a file of its own beside the HAR, as Playwright attaches it."""
    own = opened.name
    if is_url(own) or own == STANDARD_INPUT:
        raise Unreadable(f"its body is in a file beside, {name!r}, which is only read from a disk")
    if Path(name).name != name or name.startswith("."):
        raise Unreadable(f"its body is said to be in {name!r}, which is no file's plain name")
    file = Path(own).with_name(name)
    try:
        if not file.is_file():
            raise Unreadable(f"its body is in a file beside, {name!r}, which isn't there")
        with file.open("rb") as stream:
            body = stream.read(opened.limits.body + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"its body is in {name!r}, which can't be read: {error}") from None
    if len(body) > opened.limits.body:
        raise Unreadable(f"its body is larger than {opened.limits.body:,} bytes")
    return body


_MEDIA = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+\s*(?:;.*)?", re.ASCII)


def _content_type(pairs: Fields, stated: Any) -> str:
    """The content type of the fields; where they have none, what the recorder says, if it is one."""
    for name, value in pairs:
        if name.lower() == "content-type":
            return value
    if isinstance(stated, list) and stated:
        stated = stated[0]  # Polly.JS has the list of a header's values
    return stated.strip() if isinstance(stated, str) and _MEDIA.fullmatch(stated.strip()) else ""


def _with_content_type(pairs: Fields, kind: str) -> Fields:
    """The fields with this content type, which may have got a boundary."""
    others = [pair for pair in pairs if pair[0].lower() != "content-type"]
    if not kind or (len(others) != len(pairs) and ("content-type", kind) in [(n.lower(), v) for n, v in pairs]):
        return pairs
    return [*others, *fields({"content-type": kind})]


def _with_location(pairs: Fields, got: dict[str, Any]) -> Fields:
    """The fields with where an answer redirects to, where only the entry says it."""
    target = got.get("redirectURL")
    if not isinstance(target, str) or not target or any(name.lower() == "location" for name, _ in pairs):
        return pairs
    status = whole_number(got.get("status"))
    return [*pairs, *fields({"location": target})] if status is not None and 300 <= status < 400 else pairs
