"""What people name as a source of traffic, a file, a folder, a glob or a URL, as the files that it is."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any

from lookalike.errors import FileError, UsageError
from lookalike.secrets import mask_text, mask_url

STANDARD_INPUT = "-"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|[a-z]+::", re.ASCII)
_MAGIC = re.compile(r"[*?\[]")
_ONE_FILE = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read.

    name:  its path or URL
    named: somebody named this very file; else it was found in a folder or by a glob, where other things may lie about
    """

    name: str
    named: bool


def find(*sources: str | PathLike[str]) -> list[Source]:
    """The files of the sources: in the order of the sources, each one's sorted, none twice.

    Folders are read to the bottom, without what is hidden. Raises FileError for a source that isn't there, or where
    nothing is; UsageError without sources, and for a URL whose library is missing.
    """
    if not sources:
        raise UsageError("nothing to read: name a file, a folder, a glob or a URL of recorded traffic")
    found: dict[str, Source] = {}
    for source in sources:
        text = os.fspath(source)
        for one in _remote(text) if is_url(text) else _local(text):
            known = found.get(one.name)
            if known is None or (one.named and not known.named):
                found[one.name] = one
    return list(found.values())


def is_url(name: str) -> bool:
    """Whether fsspec opens it."""
    return _URL.match(name) is not None


def shown(name: str) -> str:
    """A source's name as it may be shown: without the credentials of its URL."""
    if name == STANDARD_INPUT:
        return "standard input"
    return mask_url(name) if is_url(name) else name


def _local(text: str) -> list[Source]:
    path = text if text == STANDARD_INPUT else os.path.expanduser(text)
    if path == STANDARD_INPUT:
        return [Source(path, True)]
    if os.path.isdir(path):
        found = [Source(name, False) for name in _inside(path)]
        if not found:
            raise FileError(text, "the folder holds no file", hint=_HINT)
        return found
    if os.path.exists(path):
        return [Source(path, True)]
    if not _MAGIC.search(path):
        raise FileError(text, "no such file or folder", hint=_HINT)
    matches = sorted(glob.glob(path, recursive=True), key=lambda match: match.split(os.sep))
    names = [name for match in matches for name in (_inside(match) if os.path.isdir(match) else [match])]
    if not names:
        raise FileError(text, "no file matches", hint=_HINT)
    return [Source(name, False) for name in names]


_HINT = "Name a file, a folder, a glob or a URL of recorded traffic, or - for standard input."


def _inside(folder: str) -> Iterator[str]:
    """The files of a folder and of those in it, in the order of their names; links to folders aren't followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise FileError(folder, f"can't be read: {error.strerror}", hint="Check the folder's permissions.") from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _inside(entry.path)
        elif entry.is_file():
            yield entry.path


def file_system(url: str) -> tuple[Any, str]:
    """fsspec's file system for a URL, and the path in it. Raises UsageError where a library is missing, FileError."""
    try:
        import fsspec
    except ImportError:
        raise UsageError(f'{shown(url)}: URLs are read with fsspec; run: pip install "lookalike[traffic]"') from None
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise UsageError(f"{shown(url)}: a library for this kind of URL is missing: {error}") from None
    except ValueError as error:
        raise FileError(shown(url), str(error), hint="Schemes that are read: those of fsspec.") from None
    return system, str(path)


def _remote(url: str) -> list[Source]:
    if url.startswith(_ONE_FILE):
        return [Source(url, True)]
    system, path = file_system(url)
    chained = url.partition("::")[2]
    tail = f"::{chained}" if chained else ""
    try:
        if _MAGIC.search(path):
            matches, what = system.glob(path), "no file matches"
            inside = [name for match in matches for name in (system.find(match) if system.isdir(match) else [match])]
        elif system.isdir(path):
            inside, what = system.find(path), "the folder holds no file"
        else:
            return [Source(url, True)]
    except Exception as error:  # each file system has errors of its own
        raise unreadable(url, error) from None
    kept = sorted((name for name in inside if not _hidden(name, path)), key=lambda name: name.split("/"))
    if not kept:
        raise FileError(shown(url), what, hint=_HINT)
    return [Source(system.unstrip_protocol(name) + tail, False) for name in kept]


def _hidden(name: str, folder: str) -> bool:
    below = name.removeprefix(folder)
    return any(part.startswith(".") for part in below.split("/"))


def unreadable(name: str, error: Exception) -> FileError:
    """The error for what a disk or a file system says."""
    # fsspec over HTTP calls every failure a missing file, and has what happened as its cause.
    cause = error.__cause__
    if isinstance(error, FileNotFoundError) and isinstance(cause, OSError):
        error = cause
    if isinstance(error, FileNotFoundError):
        return FileError(shown(name), "no such file or folder", hint=_HINT)
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
    hint = "Check the name, the permissions and the connection."
    return FileError(shown(name), f"can't be read: {mask_text(said)}", hint=hint)
