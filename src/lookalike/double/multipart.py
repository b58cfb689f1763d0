"""The parts of a multipart/form-data body (RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lookalike.double.wording import words
from lookalike.messages import Headers, Request
from lookalike.mismatch import Mismatch

_PARAMETER = re.compile(r';\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))')


@dataclass(frozen=True, slots=True)
class Part:
    """One field or file: `filename` is None for a field."""

    name: str
    filename: str | None
    content_type: str
    content: bytes


def no_boundary(request: Request) -> Iterator[Mismatch]:
    """Why nothing of the body can be read: its header was set by hand, and lacks what only the client knows."""
    kind = request.headers.get("content-type", "")
    if request.content_type == "multipart/form-data" and not _parameters(kind).get("boundary"):
        yield Mismatch("header content-type", "a boundary", words(kind), hint="let the client set this header")


def parts(request: Request) -> list[Part]:
    """The body's parts in order; an empty list where the body isn't multipart/form-data."""
    kind = request.headers.get("content-type", "")
    boundary = _parameters(kind).get("boundary", "")
    if not kind.lower().startswith("multipart/form-data") or not boundary:
        return []
    found = []
    for raw in (b"\r\n" + request.body).split(b"\r\n--" + boundary.encode("latin-1", "replace"))[1:]:
        if raw.startswith(b"--"):
            break
        head, blank, content = raw.partition(b"\r\n\r\n")
        if not blank:
            continue
        headers = Headers(
            (name.strip(), value.strip())
            for name, _, value in (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n"))
        )
        fields = _parameters(headers.get("content-disposition", ""))
        filename = _extended(fields.get("filename*")) or fields.get("filename")
        found.append(Part(_unescaped(fields.get("name", "")), filename, headers.get("content-type", ""), content))
    return found


def _unescaped(name: str) -> str:
    """A field's name without what forms escape in it (HTML, "multipart/form-data encoding algorithm")."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n") if "%" in name else name


def _extended(value: str | None) -> str | None:
    """A file name as older clients send one beyond ASCII: `utf-8''na%C3%AFve.txt` (RFC 8187, section 3.2)."""
    charset, quote, rest = (value or "").partition("'")
    if not quote:
        return None
    try:
        return unquote(rest.partition("'")[2], charset or "utf-8", "replace")
    except LookupError:
        return None


def _parameters(field: str) -> dict[str, str]:
    return {name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain for name, quoted, plain in _PARAMETER.findall(field)}
