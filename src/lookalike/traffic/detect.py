"""What a file is: the format of its recorded traffic, told by its content; or what it is instead."""

from __future__ import annotations

import re

from lookalike.errors import FileError, UsageError
from lookalike.traffic import formats
from lookalike.traffic.formats import Format
from lookalike.traffic.opened import Opened


def format_named(name: str) -> Format:
    """The format that `--format` calls by its name. Raises UsageError that lists them."""
    found = {one.name: one for one in formats.FORMATS}
    if name in found:
        return found[name]
    import difflib

    near = difflib.get_close_matches(name, found, 1)
    meant = f"; did you mean {near[0]!r}? There are" if near else "; there are"
    raise UsageError(f"no format {name!r}{meant} {', '.join(sorted(found))}.")


def format_of(opened: Opened) -> Format:
    """The format of an opened file, the first of `formats.FORMATS` that recognises it.

    Raises FileError that says what the file is instead, as far as its first bytes tell.
    """
    for one in formats.FORMATS:
        if one.reader.recognises(opened.name, opened.head):
            return one
    what = kind_of(opened.head)
    hint = "" if not opened.head else f"What is read: {', '.join(one.label for one in formats.FORMATS)}."
    raise FileError(opened.name, f"{what}, no recorded traffic", hint=hint)


def kind_of(head: bytes) -> str:
    """What a file is by its first bytes, in words that follow its name."""
    if not head.strip():
        return "is empty" if not head else "holds only white space"
    for magic, words in _BINARY:
        if head.startswith(magic):
            return words
    if b"\0" in head:
        return "is binary"
    for pattern, words in _TEXT:
        if pattern.match(head):
            return words
    try:
        head[:-4].decode()
    except UnicodeDecodeError:
        return "is neither UTF-8 text nor a known binary format"
    return "is text"


_BINARY = (
    (b"PK\x03\x04", "is a zip archive (unpack it, or name what is in it as zip://*.har::FILE)"),
    (b"BZh", "is compressed by bzip2 (unpack it first)"),
    (b"\xfd7zXZ\0", "is compressed by xz (unpack it first)"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive (unpack it first)"),
    (b"\x89PNG", "is a PNG image"),
    (b"\xff\xd8\xff", "is a JPEG image"),
    (b"GIF8", "is a GIF image"),
    (b"%PDF", "is a PDF"),
    (b"SQLite format 3\0", "is an SQLite database"),
    (b"\x7fELF", "is a program"),
    (b"MZ", "is a program"),
    (b"\xd4\xc3\xb2\xa1", "is a packet capture"),
    (b"\xa1\xb2\xc3\xd4", "is a packet capture"),
    (b"\x0a\x0d\x0d\x0a", "is a packet capture"),
)
_TEXT = (
    (re.compile(rb"\s*<(?:!doctype html|html)", re.I), "is an HTML page"),
    (re.compile(rb"\s*<\?xml|\s*<\w"), "is XML"),
    (re.compile(rb'\s*\{(?:[^{}]*?)"(?:openapi|swagger)"\s*:'), "is an OpenAPI document"),
    (re.compile(rb"(?:[^\n]*\n){0,20}?(?:openapi|swagger)\s*:"), "is an OpenAPI document"),
    (re.compile(rb"\s*[\[{]"), "is JSON of another kind"),
)
