"""Recordings that no test of a run replays."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

_SUFFIXES = {".har", ".yaml", ".yml", ".json", ".ndjson", ".jsonl"}
_PACKED = {".gz", ".zst"}


def orphans(folder: str, replayed: Iterable[str]) -> list[str]:
    """The recordings in a folder, and below it, that none of the replayed files, folders and globs is. Sorted.

    Raises FileError for a folder that isn't there or holds nothing.
    """
    from lookalike.errors import FileError
    from lookalike.traffic import files

    used: set[str] = set()
    for source in replayed:
        try:
            used.update(map(os.path.abspath, files(source)))
        except FileError:
            continue  # recorded and gone again
    return sorted(
        Path(one).as_posix() for one in files(folder) if _is_recording(one) and os.path.abspath(one) not in used
    )


def _is_recording(name: str) -> bool:
    path = Path(name)
    return Path(path.stem).suffix in _SUFFIXES if path.suffix in _PACKED else path.suffix in _SUFFIXES


def write(reporter: pytest.TerminalReporter, folders: Iterable[str], replayed: Iterable[str]) -> bool:
    """Name them; whether there are any."""
    from lookalike.errors import LookalikeError
    from lookalike.visible import visible

    used, left = list(replayed), []
    for folder in folders:
        try:
            left += orphans(folder, used)
        except LookalikeError as error:
            reporter.write_line(f"lookalike: {error}")
    if left:
        reporter.section("lookalike: recordings that no test replays", sep="=")
        for one in left:
            reporter.write_line(visible(f"  {one}"))
        reporter.write_line("Next: delete them, or let a test replay them.")
    return bool(left)
