"""Chunks that are done, kept until all are: who is interrupted goes on from there."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from lookalike.contract.files import replace_file
from lookalike.errors import FileError
from lookalike.learning.plan import Chunk

_FORM = 1  # of what is kept; another one is not read
_WORTH = 4 * 1024 * 1024  # bytes: what is smaller is learned as quickly as it is found
_OLD = 14 * 24 * 3600  # seconds after which nobody will come back for it


class Kept:
    """What was learned of chunks, as bytes, in a folder; the key is the file's path, size and time, and the chunk.

    folder:  None keeps nothing
    base_url: what paths are relative to; another one gives other counts
    """

    def __init__(self, folder: Path | None, base_url: str = "") -> None:
        self._folder = folder
        self._base_url = base_url
        self._own: set[Path] = set()

    def get(self, chunk: Chunk) -> bytes | None:
        """What was kept of a chunk."""
        file = self._file(chunk)
        if file is None:
            return None
        try:
            content = file.read_bytes()
        except OSError:
            return None
        self._own.add(file)
        return content

    def put(self, chunk: Chunk, content: bytes) -> None:
        """Keep a chunk. A folder that takes nothing changes nothing but what an interruption costs."""
        file = self._file(chunk)
        if file is None:
            return
        with suppress(FileError):
            if not self._own:
                _prune(file.parent)
            replace_file(file, content)
            self._own.add(file)

    def forget(self) -> None:
        """Delete what was kept and used: all of it is learned."""
        for file in self._own:
            with suppress(OSError):
                file.unlink()
        self._own.clear()

    @property
    def n(self) -> int:
        """How many chunks are kept."""
        return len(self._own)

    def _file(self, chunk: Chunk) -> Path | None:
        if self._folder is None or not chunk.work.state or chunk.size < _WORTH:
            return None
        said = f"{_FORM}\n{chunk.work.state}\n{chunk.work.format}\n{self._base_url}\n{chunk.begin} {chunk.end}"
        return self._folder / f"{sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}.json"


def folder() -> Path | None:
    """Where chunks are kept: `~/.cache/lookalike/learning`, under `$XDG_CACHE_HOME` where that is set."""
    try:
        named = os.environ.get("XDG_CACHE_HOME", "")
        root = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    except RuntimeError:  # nobody's home
        return None
    return root / "lookalike" / "learning"


def _prune(own: Path) -> None:
    """Delete what nobody came back for."""
    with suppress(OSError):
        for file in own.iterdir():
            if time.time() - file.stat().st_mtime > _OLD:
                file.unlink()
