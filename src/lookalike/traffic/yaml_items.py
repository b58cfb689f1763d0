"""The items of a cassette's list in YAML, one parsed at a time: one that is broken takes no other with it.

Recorders write the list as a block, so a line that is indented as its dashes are begins the next item (YAML 1.2,
section 8.2.1). A list in brackets is read from the events of the whole file instead, up to its first error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lookalike.errors import FileError
from lookalike.traffic.lines import BLOCK, Lines
from lookalike.traffic.opened import Opened
from lookalike.traffic.yaml_values import BadYaml, Builder, refusals
from lookalike.yaml_events import Parser, parser

LISTS = ("interactions", "http_interactions")
_LEAD = 1024 * 1024  # bytes that may stand before the list


class Item(NamedTuple):
    """One item of the list.

    entry: where it is, in words
    value: as it was built; None where `why` says why it wasn't
    last:  nothing follows in the file, so the end of it may be missing
    cut:   not even the line break with which every recorder ends a file
    """

    entry: str
    value: Any
    why: str = ""
    last: bool = False
    cut: bool = False


def items(opened: Opened, *, library: str = "") -> Iterator[Item]:
    """The items of the list that a cassette holds: under a name of `LISTS`, or the whole document.

    library: the parser, as `yaml_values.parser` calls it

    Raises FileError for YAML without such a list.
    """
    using = parser(library)
    lines = Lines(opened)
    lead = _Lead(lines, opened)
    if lead.empty:
        return
    builder = Builder(opened.limits, using)
    if lead.indent < 0:
        lines.back(lead.taken)
        yield from _bracketed(opened, lines, builder, using)
    else:
        yield from _block(opened, lines, lead, builder, using)


class _Lead:
    """What stands before the list's first item.

    indent: of the list's dashes; -1 where the list isn't a block
    line:   the first item's, from 1
    taken:  the bytes read so far, where the list isn't a block
    empty:  there is a list, and nothing in it
    """

    def __init__(self, lines: Lines, opened: Opened) -> None:
        self.indent = -1
        self.line = 1
        self.taken = b""
        self.empty = False
        self._named = False  # the line that names the list was read
        self._keys = False  # a key was read
        seen = 0
        while piece := lines.piece():
            start = 0
            for match in _LINE.finditer(piece):
                if self._found(match[0]):
                    if self.indent < 0:
                        self.taken += piece
                    else:
                        lines.back(piece[match.start() :])
                    return
                self.line += 1
                start = match.end()
            seen += start
            self.taken += piece
            if seen > _LEAD:
                break
        self.empty = self._named
        if not self._named:
            raise FileError(
                opened.name, "no list of interactions in it", hint=f"A cassette has one, as {' or '.join(LISTS)}."
            )

    def _found(self, line: bytes) -> bool:
        """Whether the list begins with this line, or isn't a block."""
        text = line.strip()
        if not text or text.startswith((b"#", b"%")):
            return False
        dash = _DASH.match(line)
        if self._named:
            if dash is None:
                self.empty = True  # `interactions:` without a value
                return True
            self.indent = len(dash[1])
            return True
        if text.startswith(b"---"):
            text = _MARKS.sub(b"", text[3:]).strip()
            if not text:
                return False
        if text.startswith((b"{", b"[")):
            return not self._keys
        if dash is not None and not self._keys:
            self.indent = len(dash[1])
            return True
        named = _NAMED.match(line)
        if named is not None:
            value = _MARKS.sub(b"", named[1] or named[2] or b"").strip()
            self._named = not value or value.startswith(b"#")
            return not self._named
        self._keys = self._keys or line[:1] not in b" \t"
        return False


_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_DASH = re.compile(rb"( *)-(?=\s|$)")
_MARKS = re.compile(rb"^(?:\s*[!&][^\s]*)*")  # tags and anchors
_NAMED = re.compile(rb"""(?:http_)?interactions\s*:(?=\s|$)(.*)|"(?:http_)?interactions"\s*:(.*)""", re.S)


def _block(opened: Opened, lines: Lines, lead: _Lead, builder: Builder, using: Parser) -> Iterator[Item]:
    line, number, anchored = lead.line, 0, 0
    limit = opened.limits.entry
    for chunk, last in _chunks(lines, lead.indent, limit):
        number += 1
        entry = f"interaction {number}"
        if chunk is None:
            yield Item(entry, None, f"it is larger than {limit:,} bytes")
            continue
        cut = not chunk.endswith(b"\n")
        before = builder.anchored
        try:
            value = _parsed(chunk, builder, using)
        except BadYaml as error:
            at = f"line {line + error.line}: " if error.line >= 0 else ""
            ends = "; the file ends there" if cut else ""
            yield Item(entry, None, f"{at}{error}{ends}")
        else:
            yield Item(entry, value, last=last, cut=cut)
        line += chunk.count(b"\n")
        if builder.anchored != before:
            anchored += len(chunk)
            if anchored > limit:
                builder.forget()
                anchored = 0
    _after(opened, lines, lead.indent, number)


def _chunks(lines: Lines, indent: int, limit: int) -> Iterator[tuple[bytes | None, bool]]:
    """The bytes of each item, None for one beyond the limit; whether the file ends with it.

    What follows the list is given back.
    """
    edge = re.compile(rb"\n {0,%d}(?=[^\s#])" % indent)
    item = re.compile(rb" {%d}-(?=\s|\Z)" % indent)
    parts: list[bytes] = []
    size = 0
    while piece := lines.piece():
        begin = 0
        starts = [match.start() + 1 for match in edge.finditer(piece)]
        if edge.match(b"\n" + piece[: indent + 2]):
            starts.insert(0, 0)
        for start in starts:
            if item.match(piece, start):
                if parts or start > begin:
                    yield _joined(parts, piece[begin:start], size + start - begin, limit), False
                    parts, size = [], 0
                begin = start
            elif _END.match(piece, start):
                yield _joined(parts, piece[begin:start], size + start - begin, limit), False
                lines.back(piece[start:])
                return
        size += len(piece) - begin
        if size <= limit:
            parts.append(piece[begin:])
        else:
            parts = [b" "]  # what it holds is not kept, that there is one is
    if parts:
        yield _joined(parts, b"", size, limit), True


def _joined(parts: list[bytes], last: bytes, size: int, limit: int) -> bytes | None:
    if size > limit:
        return None
    return b"".join((*parts, last)) if parts else last


# What ends the list: the next key, or the end of the document. Anything else is a fault of the item it stands in.
_END = re.compile(rb"""\s*(?:[A-Za-z_][\w.-]*|"[^"\n]*"|'[^'\n]*')\s*:(?:\s|\Z)|(?:---|\.\.\.)(?:\s|\Z)""")


def _after(opened: Opened, lines: Lines, indent: int, number: int) -> None:
    """Tells what follows the list and isn't read."""
    more = re.compile(rb"^ {%d}- +[\"']?request[\"']?\s*:" % indent, re.M)
    others: set[str] = set()
    told = False
    while piece := lines.piece():
        others.update(match[1].decode() for match in _OTHERS.finditer(piece))
        if not told and not others and more.search(piece):
            told = True
            opened.skip(f"after interaction {number}", "a line ends the list there, and what follows isn't read")
    for name in sorted(others):
        opened.skip(name, f"what isn't HTTP over requests and responses isn't read ({_KINDS[name]})")


_KINDS = {"grpc_interactions": "gRPC", "ws_interactions": "WebSockets"}
_OTHERS = re.compile(rb"^(grpc_interactions|ws_interactions):", re.M)


def _parsed(chunk: bytes, builder: Builder, using: Parser) -> Any:
    try:
        return _one(chunk, builder, using)
    except BadYaml:
        repaired = repair(chunk)
        if repaired == chunk:
            raise
    return _one(repaired, builder, using)


def _one(chunk: bytes, builder: Builder, using: Parser) -> Any:
    with refusals(using):
        following = using.events(chunk)
        for _ in range(3):  # the stream, the document, the list
            following()
        value = builder.value(following(), following)
        end = following()
        if type(end) is not using.ends[0]:
            raise BadYaml("it is two items in one")
        following()
        return value


def repair(text: bytes) -> bytes:
    """The text with bytes that are no UTF-8 read as Windows-1252, and controls that YAML forbids replaced."""
    known = text.decode("utf-8", "surrogateescape")
    return known.translate(_REPAIRED).encode("utf-8")


_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# YAML 1.2, section 5.1: what may not stand in a file as it is.
_REPAIRED = {
    **dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 133), *range(134, 160)), _UNKNOWN),
    **dict.fromkeys((0xFEFF, 0xFFFE, 0xFFFF), _UNKNOWN),
    **{0xDC00 + byte: bytes((byte,)).decode("cp1252", "replace") for byte in range(128, 256)},
}


def _bracketed(opened: Opened, lines: Lines, builder: Builder, using: Parser) -> Iterator[Item]:
    """The items of a list in brackets, from the events of the whole file."""
    source = _Source(lines, opened.limits.entry)
    number = 0
    try:
        with refusals(using):
            following = using.events(source)
            more = _to_list(opened, following, using)
        while more:
            with refusals(using):
                event = following()
                if type(event) is using.ends[0]:
                    return
                number += 1
                value = builder.value(event, following)
            yield Item(f"interaction {number}", value)
            source.given = 0
    except BadYaml as error:
        why = f"it is larger than {opened.limits.entry:,} bytes" if source.exceeded else str(error)
        at = f"line {error.line + 1}: " if error.line >= 0 and not source.exceeded else ""
        yield Item(f"interaction {max(number, 1)}", None, f"{at}{why}; what follows isn't read")


class _Source:
    """The file as a parser reads it; it ends where one item is too large."""

    def __init__(self, lines: Lines, limit: int) -> None:
        self._lines = lines
        self._limit = limit
        self.given = 0
        self.exceeded = False

    def read(self, size: int = -1) -> bytes:
        piece = self._lines.piece()
        self.given += len(piece)
        self.exceeded = self.exceeded or self.given > self._limit + BLOCK
        return b"" if self.exceeded else piece


def _to_list(opened: Opened, following: Callable[[], Any], using: Parser) -> bool:
    """Reads events up to the list's first; False where the list is empty."""
    following()
    if type(following()) is not using.document:
        return False
    event = following()
    if type(event) is using.sequence:
        return True
    if type(event) is using.mapping:
        while type(key := following()) is using.scalar:
            name: str = getattr(key, "value", "")
            event = following()
            if name not in LISTS:
                _pass_over(event, following, using, opened.limits.depth)
            elif type(event) is using.sequence:
                return True
            elif type(event) is using.scalar and event.value in ("", "null", "~"):
                return False
            else:
                break
    raise FileError(opened.name, "no list of interactions in it", hint=f"A cassette has one, as {' or '.join(LISTS)}.")


def _pass_over(event: Any, following: Callable[[], Any], using: Parser, depth: int) -> None:
    level = 0
    while True:
        if type(event) in (using.sequence, using.mapping):
            level += 1
        elif type(event) in using.ends:
            level -= 1
        if level > depth:
            raise BadYaml(f"nested deeper than {depth} levels", event.start_mark.line)
        if level <= 0:
            return
        event = following()
