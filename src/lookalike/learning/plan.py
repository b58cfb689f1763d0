"""Work in chunks: files of NDJSON by ranges of bytes, all others as they are. A chunk is the same on any machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from lookalike.errors import LookalikeError
from lookalike.learning import bulk
from lookalike.learning.fold import Sink, fold
from lookalike.learning.tally import Tally
from lookalike.traffic import ndjson
from lookalike.traffic.detect import format_named, format_of
from lookalike.traffic.opened import Limits, Skipped
from lookalike.traffic.opening import opening
from lookalike.traffic.reading import read_file
from lookalike.traffic.sources import STANDARD_INPUT, Source, file_system, is_url, shown, unreadable

CHUNK = 32 * 1024 * 1024  # bytes of NDJSON: some tenths of a second, and a bar that moves
LIMITS = Limits()
_PLAIN = (b"{", b"\xef\xbb\xbf{")


@dataclass(frozen=True, slots=True)
class Work:
    """One file to learn from.

    name:   path or URL;  named: somebody named this very file
    size:   in bytes, as it is stored; 0 where nobody knows
    state:  what changes when the file does; `""` where nobody knows
    chunks: how many it is read in; more than one for NDJSON that isn't compressed
    format: as `--format` has it;  lines: whether it is NDJSON of exchanges
    """

    name: str
    named: bool = True
    size: int = 0
    state: str = ""
    chunks: int = 1
    format: str = ""
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a file.

    index: which of its file's chunks;  begin, end: bytes, for lines that begin there; no end for the whole file
    """

    work: Work
    index: int = 0
    begin: int = 0
    end: int | None = None

    @property
    def size(self) -> int:
        """Its bytes as they are stored."""
        return self.work.size if self.end is None else self.end - self.begin

    def __str__(self) -> str:
        if self.end is None:
            return shown(self.work.name)
        return f"{shown(self.work.name)}, bytes {self.begin:,} to {self.end:,}"


def plan(sources: Iterable[Source], *, format: str = "", chunk: int = CHUNK) -> list[Work]:  # noqa: A002  the option's name
    """The sources as work, each looked at shortly. Files that aren't recordings are found out when they are read.

    Raises UsageError where there is no such format.
    """
    if format:
        format_named(format)
    return [_work(one, format, chunk) for one in sources]


def _work(source: Source, wanted: str, chunk: int) -> Work:
    if source.name == STANDARD_INPUT:
        return Work(source.name, source.named, format=wanted)
    try:
        size, state = _stat(source.name)
    except (LookalikeError, OSError):
        return Work(source.name, source.named, format=wanted)
    lines = _is_ndjson(source.name, wanted)
    count = -(-size // chunk) if lines and size > chunk and _is_plain(source.name) else 1
    return Work(source.name, source.named, size, state, count, wanted, lines)


def _stat(name: str) -> tuple[int, str]:
    if not is_url(name):
        found = os.stat(name)
        return found.st_size, f"{os.path.realpath(name)} {found.st_size} {found.st_mtime_ns} {found.st_ino}"
    system, path = file_system(name)
    try:
        size, key = system.size(path), system.ukey(path)
    except Exception as error:  # each file system has errors of its own
        raise unreadable(name, error) from None
    return (size, f"{name} {size} {key}") if size else (0, "")


def _is_ndjson(name: str, wanted: str) -> bool:
    if wanted:
        return wanted == "ndjson"
    try:
        with opening(name, lambda entry, why: None) as opened:
            return format_of(opened).name == "ndjson"
    except (LookalikeError, OSError):
        return False


def _is_plain(name: str) -> bool:
    """Whether a file of lines is stored as it is, so that it can be read from any of them."""
    with _raw(name) as stream:
        return stream.read(4).startswith(_PLAIN)


def chunks(work: Work, *, chunk: int = CHUNK) -> Iterator[Chunk]:
    """A file's chunks, in order."""
    if work.chunks == 1:
        yield Chunk(work)
        return
    for index in range(work.chunks):
        yield Chunk(work, index, index * chunk, min((index + 1) * chunk, work.size))


def learn_chunk(chunk: Chunk, base_url: str = "", limits: Limits = LIMITS) -> Tally:
    """What one chunk says. Raises FileError where a file that somebody named can't be read."""
    tally = Tally()
    if chunk.end is not None:
        _learn_range(chunk, tally, base_url, limits)
        return tally

    def skipped(one: Skipped) -> None:
        tally.skip(one.entry, one.why)

    work = chunk.work
    if work.lines:
        with opening(work.name, lambda entry, why: tally.skip(entry, why), limits) as opened:
            sink = Sink(tally, base_url)
            bulk.feed(ndjson.lines(opened.stream, limits), sink, limits)
            sink.flush()
        return tally
    found = read_file(work.name, format=work.format, skipped=skipped, limits=limits, named=work.named)
    fold(found, tally, base_url=base_url)
    return tally


def _learn_range(chunk: Chunk, tally: Tally, base_url: str, limits: Limits) -> None:
    with _raw(chunk.work.name) as stream:
        begin = chunk.begin
        if begin:
            # From the byte before: where that ends a line, the line that begins here is this chunk's.
            stream.seek(begin - 1)
            begin += sum(map(len, _to_line_end(stream))) - 1
        if chunk.end is None or begin >= chunk.end:
            return
        sink = Sink(tally, base_url)
        tally.lines = bulk.feed(ndjson.lines(stream, limits, chunk.end - begin), sink, limits)
        sink.flush()


def _to_line_end(stream: BinaryIO) -> Iterator[bytes]:
    """The rest of a line in pieces: what is no recording may have no end of a line at all."""
    while piece := stream.readline(CHUNK):
        yield piece
        if piece.endswith(b"\n"):
            return


def _raw(name: str) -> BinaryIO:
    """A file's bytes as they are stored. Raises FileError."""
    try:
        if not is_url(name):
            return open(name, "rb", buffering=1024 * 1024)
        system, path = file_system(name)
        return cast("BinaryIO", system.open(path, "rb"))
    except Exception as error:  # each file system has errors of its own
        raise unreadable(name, error) from None
