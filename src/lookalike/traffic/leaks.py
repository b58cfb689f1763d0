"""Secrets in files that exist already: recordings of any format, exchange by exchange, and any other file as text."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from os import PathLike

from lookalike.errors import FileError
from lookalike.secrets import Found, find, find_in_text, is_placeholder, mask_url
from lookalike.traffic.opened import DEFAULT_LIMITS, Limits, Opened, Skipped
from lookalike.traffic.opening import opening
from lookalike.traffic.reading import read_file
from lookalike.traffic.sources import Source, shown
from lookalike.traffic.sources import find as sources_of

PERSONAL = frozenset({"e-mail address", "telephone number", "card number"})
_BLOCK = 1 << 20
_LONGEST_LINE = 16 << 20
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret in a file.

    file:   its path or URL
    entry:  where in it: `entry 3, GET /user`, `line 7`
    place:  in the exchange: `request header authorization`, `response body json.token`; `""` in a text
    kind:   what it is, or the name that it stands under
    masked: its first characters and its length
    fingerprint: of kind and value, to allow it by
    """

    file: str
    entry: str
    place: str
    kind: str
    masked: str
    fingerprint: str


def scan(
    *sources: str | PathLike[str],
    personal: bool = True,
    allowed: Collection[str] = (),
    skipped: list[Skipped] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Leak]:
    """The secrets in files, folders, globs and URLs, each value once a file, at the first place where it is.

    personal: e-mail addresses, telephone and card numbers too
    allowed:  fingerprints of what isn't told
    skipped:  takes what a recording's reader left out; such a file is looked through as text too

    What stands in place of a secret (`<TOKEN>`, `REDACTED`, test cards, example.com) isn't told. Raises FileError for
    a source that isn't there.
    """
    for source in sources_of(*sources):
        seen: set[str] = set()
        for entry, found in _found_in(source, skipped, limits):
            if is_placeholder(found.value, found.kind) or (not personal and found.kind in PERSONAL):
                continue
            mark = fingerprint(found.kind, found.value)
            # One value may be found as two kinds: by its form in a text, by its name in a header.
            if found.value in seen or mark in allowed:
                continue
            seen.add(found.value)
            yield Leak(shown(source.name), entry, found.place, found.kind, masked(found.value), mark)


def _found_in(source: Source, skipped: list[Skipped] | None, limits: Limits) -> Iterator[tuple[str, Found]]:
    left: list[Skipped] = []
    number = 0
    try:
        for number, exchange in enumerate(read_file(source.name, skipped=left.append, limits=limits), 1):
            request = exchange.request
            path = mask_url(request.url).partition("?")[0].partition("://")[2].partition("/")[2]
            for found in find(exchange):
                yield f"entry {number}, {request.method} /{path}", found
    except FileError:
        if not number:
            left.clear()  # no recording at all, which is no fault of it
    else:
        if not left:
            return
    if skipped is not None:
        skipped += left
    with opening(source.name, lambda entry, why: None, limits) as opened:
        yield from _in_text(opened)


def _in_text(opened: Opened) -> Iterator[tuple[str, Found]]:
    if b"\0" in opened.head:
        return  # a picture or a program has no text
    line = 1
    for block in _blocks(opened):
        text = block.decode("utf-8", "replace")
        at = 0
        for found in find_in_text(text):
            place = text.find(found.value)
            at = max(place, 0)
            yield f"line {line + text.count(chr(10), 0, at)}", found
        line += block.count(b"\n")


def _blocks(opened: Opened) -> Iterator[bytes]:
    """A file in blocks of whole lines; a longer line is cut."""
    rest = b""
    while block := opened.stream.read(_BLOCK):
        block = rest + block
        cut = block.rfind(b"\n") + 1
        if not cut and len(block) < _LONGEST_LINE:
            rest = block
            continue
        cut = cut or len(block)
        rest = block[cut:]
        yield block[:cut]
    if rest:
        yield rest


def masked(value: str) -> str:
    """A value as it may be shown: its first characters, where it has many more, and its length."""
    begin = value[:_SHOWN] if len(value) >= 3 * _SHOWN else ""
    return f"{begin.encode('unicode_escape').decode()}... ({len(value)} characters)"


def fingerprint(kind: str, value: str) -> str:
    """A short hash of a finding, which says nothing of a long value."""
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "replace")).hexdigest()[:16]
