"""What recorders write as a request, a response, headers, a body: as the values that every room speaks in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from email.message import Message
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from lookalike.errors import UsageError
from lookalike.fields import Headers, MultiDict
from lookalike.messages import Request, Response
from lookalike.traffic import codings
from lookalike.urls import split_url

Fields = list[tuple[str, str]]
LIMIT = 128 * 1024**2


class Unreadable(Exception):
    """One entry can't be read: why, in words that stand alone. A reader tells it to `opened.skip` and goes on."""


def request(method: Any, url: Any, headers: Any = (), body: bytes = b"", *, limit: int = LIMIT) -> Request:
    """A request as it was recorded, its content codings undone.

    method, url: what the recording has there; the URL is absolute, its fragment goes
    headers:     any form that `fields` takes
    limit:       bytes that the decoded body may have

    Raises Unreadable for a URL that isn't http or https, a method that is none, and a body beyond the limit.
    """
    name = method.strip().upper() if isinstance(method, str) else ""
    if not _TOKEN.fullmatch(name):
        raise Unreadable(f"its method is {said(method)}, not a name such as GET")
    address = http_url(url)
    pairs, content = plain(fields(headers), body, limit=limit)
    return Request(name, address, Headers(pairs), content)


def response(
    status: Any,
    headers: Any = (),
    body: bytes = b"",
    *,
    decoded: bool = False,
    reason: Any = "",
    limit: int = LIMIT,
) -> Response:
    """A response as it was recorded, its content codings undone.

    status:  a number, or a text that is one
    headers: any form that `fields` takes
    body:    as it was stored
    decoded: it is known to be stored with its codings undone. Otherwise it is looked at: what isn't of the coding that
             its header names was undone by the recorder
    limit:   bytes that the decoded body may have

    Raises Unreadable for a status that is none (0 is what recorders write for a request that was blocked or cut off),
    for one that is no answer (below 200), and for a body beyond the limit.
    """
    code = status_code(status)
    pairs, content = plain(fields(headers), body, decoded=decoded, limit=limit)
    return Response(code, Headers(pairs), content, reason=reason if isinstance(reason, str) else "")


def plain(pairs: Fields, body: bytes, *, decoded: bool = False, limit: int = LIMIT) -> tuple[Fields, bytes]:
    """Headers and body with the content codings undone, and without the headers that spoke of the wire.

    A coding that nobody knows stays, with its header. Raises Unreadable for a body beyond the limit, and for one whose
    coding's library is missing.
    """
    coding = ", ".join(value for name, value in pairs if name.lower() == "content-encoding")
    gone = _OF_THE_WIRE
    if codings.names(coding) and body and not decoded:
        if not codings.known(coding):
            gone = gone - {"content-encoding"}
        elif not codings.is_plain(body, coding):
            body = _undone(body, coding, limit)
    if len(body) > limit:
        raise Unreadable(f"its body is larger than {limit:,} bytes")
    return [pair for pair in pairs if pair[0].lower() not in gone], body


# What is true of a body on the wire only (RFC 9110, sections 8.4 and 8.6; RFC 9112, section 6.1).
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def _undone(body: bytes, coding: str, limit: int) -> bytes:
    if lacking := codings.missing(coding):
        raise Unreadable(f'its body is coded by {lacking}; run: pip install "lookalike[encodings]"')
    try:
        undone = codings.undone(body, coding, limit)
    except codings.TooLarge:
        raise Unreadable(f"its body is larger than {limit:,} bytes") from None
    if undone is None and codings.is_marked(body, coding):
        raise Unreadable(f"its body is cut off or damaged ({coding})")
    return body if undone is None else undone


def fields(value: Any) -> Fields:
    """Header fields in any form that recorders have; what is none is left out.

    A mapping of names to a value or to several; a list of `{"name": ..., "value": ...}`, of pairs, or flat (name,
    value, name, value). HTTP/2's pseudo-fields go; several cookies that share a value by lines are several fields.
    """
    if isinstance(value, MultiDict):
        return list(value.pairs)
    found: Fields = []
    for name, one in _named(value):
        if type(name) is str and type(one) is str and one.isascii() and one.isprintable() and _is_token(name):
            found.append((name, one.strip(" ")))  # nothing else to be done, as for nearly all
            continue
        for each in one if isinstance(one, (list, tuple)) else (one,):
            found.extend(_cleaned(name, each))
    return found


@lru_cache(4096)
def _is_token(name: str) -> bool:
    return _TOKEN.fullmatch(name) is not None


def _cleaned(name: Any, value: Any) -> list[tuple[str, str]]:
    text, content = text_of(name), text_of(value)
    if text is None or content is None or not _TOKEN.fullmatch(text := text.strip()):
        return []
    return [(text, line) for line in _lines(text, content)]


def _named(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return value.items()
    if not isinstance(value, (list, tuple)) or not value:
        return ()
    if all(isinstance(one, dict) for one in value):
        return [(one.get("name", one.get("key")), one.get("value")) for one in value]
    if all(isinstance(one, str) for one in value):
        return zip(value[::2], value[1::2], strict=False)
    found: list[tuple[Any, Any]] = []
    for one in value:
        if isinstance(one, (list, tuple)) and len(one) == 2:
            found.append((one[0], one[1]))
        elif isinstance(one, dict):
            found.extend(_named([one]))
    return found


def _lines(name: str, value: str) -> list[str]:
    if "\n" not in value and "\r" not in value:
        return [value.strip()]
    lines = [line.strip() for line in value.splitlines() if line.strip()]
    # Browsers write the Set-Cookie fields of one answer into one, a line each; elsewhere it is a folded value.
    return lines if name.lower() == "set-cookie" else [" ".join(lines)]


def text_of(value: Any) -> str | None:
    """A text, or a number as text; None for what is neither. Halves of surrogate pairs are replaced."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return whole(value) if isinstance(value, str) else None


def whole(text: str) -> str:
    """A text without halves of surrogate pairs, which no encoding has."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_SCHEME = re.compile(r"https?://", re.I)
# What VCR, R's vcr and templates write in place of a host: `<API_URL>`, `{{base_url}}`, `%{host}`.
_PLACEHOLDER = re.compile(r"<+[^<>/]+>+|\{\{[^{}]*\}\}|[%$]\{[^{}]*\}")
_OTHER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def http_url(url: Any) -> str:
    """An absolute http or https URL as it is asked for: without its fragment, percent-encoded where it has to be.

    Raises Unreadable.
    """
    if not isinstance(url, str) or not url:
        raise Unreadable("it has no URL")
    text = whole(url).strip().partition("#")[0]
    if not _SCHEME.match(text):
        if stands_in := _PLACEHOLDER.match(text):
            raise Unreadable(f"its URL has the placeholder {said(stands_in[0])} where its host was")
        other = _OTHER.match(text)
        raise Unreadable(f"its URL is a {other[0]} URL, not HTTP" if other else f"its URL is {said(url)}, not absolute")
    if not _SENT.fullmatch(text):
        text = _encoded(text)
    try:
        split_url(text)
    except UsageError:
        raise Unreadable(f"its URL is {said(url)}, which is none") from None
    return text


_SENT = re.compile(r"[!-~]+")


def _encoded(url: str) -> str:
    head, sep, rest = url.partition("://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    try:
        host = authority if authority.isascii() else authority.encode("idna").decode()
    except UnicodeError:
        raise Unreadable(f"its URL is {said(url)}, which is none") from None
    return head + sep + host + quote(rest[len(authority) :], safe="!\"$%&'()*+,/:;<=>?@[\\]^_`{|}~-.")


def status_code(status: Any) -> int:
    """A status as a number, 200 to 999. Raises Unreadable."""
    number = whole_number(status)
    if number is None or not 0 <= number <= 999:
        raise Unreadable(f"its status is {said(status)}")
    if number == 0:
        raise Unreadable("no answer came (its status is 0)")
    if number < 200:
        raise Unreadable(f"{number} is no final answer")
    return number


def whole_number(value: Any) -> int | None:
    """A whole number, or a text or float that is one; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,18}\s*", value, re.ASCII):
        return int(value)
    return None


def charset_of(content_type: str) -> str:
    """The charset that a content type names, in lower case, or `""`."""
    if "charset" not in content_type.lower():
        return ""
    message = Message()
    message["content-type"] = content_type
    charset = message.get_param("charset")
    return charset.strip().lower() if isinstance(charset, str) else ""


def boundary_of(content_type: str) -> str:
    """The boundary that a multipart content type names, or `""`."""
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    return boundary if isinstance(boundary, str) else ""


def text_body(text: str, content_type: str) -> bytes:
    """A body that was stored as text, in the charset that its content type names.

    JSON is UTF-8 whatever its type says (RFC 8259, section 8.1), and so is what the charset has no bytes for.
    """
    if text.isascii():
        return text.encode()
    charset = "" if "json" in content_type.lower() else charset_of(content_type)
    if charset:
        try:
            return text.encode(charset)
        except (LookupError, ValueError):
            pass
    return whole(text).encode()


def base64_body(text: str) -> bytes:
    """A body that was stored as base64, also in its URL's alphabet, in lines or without padding. Raises Unreadable."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (ValueError, TypeError):
        pass
    try:
        bare = re.sub(r"\s", "", text).rstrip("=").translate(_URL_ALPHABET).encode("ascii")
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except (ValueError, TypeError):
        raise Unreadable("its body is said to be base64 and isn't") from None


_URL_ALPHABET = str.maketrans("-_", "+/")


def said(value: Any) -> str:
    """A value as a message shows it: short."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
