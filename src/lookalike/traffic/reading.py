"""From sources to exchanges: each file found, opened, asked what it is, and read by its format's reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from os import PathLike

from lookalike.errors import FileError
from lookalike.messages import Exchange
from lookalike.traffic.detect import format_named, format_of
from lookalike.traffic.opened import DEFAULT_LIMITS, Limits, Skipped
from lookalike.traffic.opening import opening
from lookalike.traffic.sources import Source, find, shown

StrPath = str | PathLike[str]
Told = Callable[[Skipped], None]


def read(
    *sources: StrPath,
    format: str = "",  # noqa: A002  as `--format` is
    skipped: Told | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Exchange]:
    """The exchanges of recordings, in the order of the sources and of what is in each; one is held at a time.

    sources: files, folders, globs, URLs that fsspec opens (`s3://...`), `-` for standard input; `.gz` and `.zst` too
    format:  a name of `formats.FORMATS` where a file doesn't say what it is
    skipped: told of each entry that can't be read, and of each file of a folder or glob that is no recording

    Raises FileError for a source that isn't there, and for a file named here that is no recording; UsageError for no
    such format and where a library is missing. Errors of a file come when its turn comes, all others at once.
    """
    if format:
        format_named(format)
    return _each(find(*sources), format, skipped, limits)


def _each(found: Sequence[Source], kind: str, skipped: Told | None, limits: Limits) -> Iterator[Exchange]:
    for one in found:
        yield from read_file(one.name, format=kind, skipped=skipped, limits=limits, named=one.named)


def files(*sources: StrPath) -> list[str]:
    """The files that the sources are, as `read` takes them: each source's own sorted, none twice. Raises FileError."""
    return [one.name for one in find(*sources)]


def read_file(
    name: StrPath,
    *,
    format: str = "",  # noqa: A002  the option's name
    skipped: Told | None = None,
    limits: Limits = DEFAULT_LIMITS,
    named: bool = True,
) -> Iterator[Exchange]:
    """The exchanges of one file or URL.

    named: somebody named this very file, so that it is an error if it is no recording; else `skipped` is told

    Raises FileError and UsageError as `read` does, when the first exchange is asked for.
    """
    own = str(name)

    def tell(entry: str, why: str) -> None:
        if skipped is not None:
            skipped(Skipped(shown(own), entry, why))

    try:
        with opening(own, tell, limits) as opened:
            reader = (format_named(format) if format else format_of(opened)).reader
            yield from reader.read(opened)
    except FileError as error:
        if named:
            raise
        tell(error.place, error.problem)
