"""What a body's bytes are: text in a charset, JSON, or only bytes; and how they are written anew."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from lookalike.messages import Headers, Request, Response

_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# Python has codecs under other names that are no charsets.
_KNOWN = re.compile(
    r"(?i)(?:x-)?(?:utf|us-ascii|ascii|iso|latin|windows|cp|koi|mac|shift|sjis|euc|gb|big5|hz|ks|tis)[\w-]*\Z"
)
# A charset in which ASCII isn't ASCII, and that isn't one of these, hides what is in it.
_WIDE = ("utf-16", "utf-32", "utf_16", "utf_32")
_LARGEST_INSIDE = 128 * 1024**2
_GZIP = zlib.MAX_WBITS | 16
_PROBE = bytes(range(0x20, 0x7F))


class Text(NamedTuple):
    """A body as text, and the charset with which it is bytes again."""

    text: str
    charset: str


def text_of(content: bytes, headers: Headers) -> Text:
    """A body's text in the charset that its message names, else UTF-8, else each byte a character."""
    found = _CHARSET.search(headers.get("content-type", ""))
    for name in ([found[1]] if found else []) + ["utf-8"]:
        try:
            if _is_readable(name):
                return Text(content.decode(name), name.lower())
        except (UnicodeError, LookupError, ValueError):
            continue
    return Text(content.decode("latin-1"), "latin-1")


def _is_readable(name: str) -> bool:
    """Whether a charset is one in which bytes that look like ASCII are ASCII, or one whose characters are wide."""
    if not _KNOWN.match(name):
        return False
    return name.lower().startswith(_WIDE) or _PROBE.decode(name).encode("ascii") == _PROBE


def bytes_of(text: str, charset: str) -> bytes:
    """The text as bytes again."""
    return text.encode(charset, "replace")


def undone(message: Request | Response) -> bytes | None:
    """A body without its content codings, None where they can't be undone, and so not be looked through."""
    content = message.body
    coding = message.headers.get("content-encoding", "identity").strip().lower()
    return None if content is message.content and content and coding not in ("identity", "") else content


def inflated(content: bytes) -> bytes | None:
    """What is in a gzip file; None for any other bytes, and for more than 128 MB."""
    if not content.startswith(b"\x1f\x8b"):
        return None
    try:
        inner = zlib.decompressobj(_GZIP)
        plain = inner.decompress(content, _LARGEST_INSIDE)
    except zlib.error:
        return None
    return plain if inner.eof else None


def deflated(content: bytes) -> bytes:
    """A gzip file, always the same bytes."""
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    return packer.compress(content) + packer.flush()
