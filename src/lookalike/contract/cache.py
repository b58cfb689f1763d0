"""What was parsed or fetched, kept on disk by what it was made of. Any of it may be deleted at any time.

An entry is believed only if it is whole and in a folder of one's own that nobody else can write to; all else is as if
it weren't there. A cache that can't be written changes nothing but time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG

# All entries of one kind together; the oldest go when there are more.
MAX_BYTES = 256 * 1024 * 1024
_DIGEST = 20
_OTHERS_WRITE = 0o022


def key_of(*parts: bytes) -> str:
    """The name of an entry that is made of these bytes."""
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


class Cache:
    """The entries of one kind, a file each in `$XDG_CACHE_HOME/lookalike/KIND`, else `~/.cache/lookalike/KIND`."""

    def __init__(self, kind: str, *, limit: int = MAX_BYTES) -> None:
        self._kind = kind
        self._limit = limit

    @property
    def folder(self) -> Path | None:
        """Where the entries are, None where there is no place for them."""
        named = os.environ.get("XDG_CACHE_HOME") or ""
        with suppress(RuntimeError):
            root = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
            return root / "lookalike" / self._kind
        return None

    def get(self, key: str) -> bytes | None:
        """What was kept under a key, None where nothing whole is."""
        folder = self.folder
        if folder is None or not _own(folder):
            return None
        with suppress(OSError):
            file = folder / key
            found = os.lstat(file)
            if not S_ISREG(found.st_mode) or not _ours(found):
                return None
            content = file.read_bytes()
            digest, body = content[:_DIGEST], content[_DIGEST:]
            if hashlib.blake2b(body, digest_size=_DIGEST).digest() == digest:
                return body
        return None

    def age(self, key: str, now: float) -> float:
        """Seconds since an entry was written, infinite where there is none."""
        folder = self.folder
        with suppress(OSError):
            if folder is not None:
                return max(0.0, now - os.lstat(folder / key).st_mtime)
        return float("inf")

    def put(self, key: str, body: bytes) -> None:
        """Keep something; older entries go where there are too many bytes of them."""
        folder = self.folder
        if folder is None or len(body) > self._limit:
            return
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _own(folder):
                return
            self._make_room(folder, len(body))
            handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.blake2b(body, digest_size=_DIGEST).digest() + body)
                os.replace(name, folder / key)
            except OSError:
                Path(name).unlink(missing_ok=True)

    def _make_room(self, folder: Path, needed: int) -> None:
        entries: list[tuple[float, int, str]] = []
        for one in os.scandir(folder):
            with suppress(OSError):
                found = one.stat(follow_symlinks=False)
                entries.append((found.st_mtime, found.st_size, one.path))
        total = sum(size for _, size, _ in entries) + needed
        for _, size, path in sorted(entries):
            if total <= self._limit:
                return
            with suppress(OSError):
                os.unlink(path)
            total -= size


def _own(folder: Path) -> bool:
    """Whether a folder is one's own, and nobody else's to write to."""
    with suppress(OSError):
        found = os.lstat(folder)
        return S_ISDIR(found.st_mode) and _ours(found)
    return False


def _ours(found: os.stat_result) -> bool:
    # Windows has neither owners nor modes of this kind; a home folder is private there.
    own = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return own and (os.name == "nt" or not found.st_mode & _OTHERS_WRITE)
