"""A file as a reply's body: read when the reply is declared; a large one is streamed from the disk when it is sent."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lookalike.errors import UsageError

_READ_AT_ONCE = 8 << 20  # bytes; above, a file isn't kept in memory
_PIECE = 64 << 10
_PACKED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def read_file(value: object) -> tuple[str, bytes, Callable[[], Iterator[bytes]] | None, int]:
    """A file's content type, its bytes or, for a large one, what yields them when it is sent, and its length in bytes.

    value: a path, or a file opened for reading bytes, which is read here

    Raises UsageError for a file that isn't there or can't be read, and for one that is opened as text.
    """
    if isinstance(value, (str, os.PathLike)):
        return _at(Path(os.fsdecode(value)))
    read = getattr(value, "read", None)
    if read is None:
        raise UsageError(f'file= is a path or a file opened with "rb", not {value!r}; bytes are content=')
    content = read()
    if not isinstance(content, bytes):
        raise UsageError(f'file= is a file opened for bytes, open(path, "rb"), not {value!r}')
    name = getattr(value, "name", "")
    return content_type(name if isinstance(name, str) else ""), content, None, len(content)


def _at(path: Path) -> tuple[str, bytes, Callable[[], Iterator[bytes]] | None, int]:
    kind, full = content_type(path.name), Path(os.path.abspath(path))
    try:
        size = full.stat().st_size
        if size <= _READ_AT_ONCE:
            return kind, full.read_bytes(), None, size
        full.open("rb").close()
    except OSError as error:
        raise UsageError(
            f'file="{path}": {(error.strerror or str(error)).lower()} ({full}); a path is relative to the working '
            "directory, Path(__file__).parent / ... to the test"
        ) from None

    def pieces() -> Iterator[bytes]:
        with full.open("rb") as opened:
            while piece := opened.read(_PIECE):
                yield piece

    return kind, b"", pieces, size


def content_type(name: str) -> str:
    """The content type for a file's name, by Python's own table and not the machine's; text is taken to be UTF-8."""
    from mimetypes import MimeTypes

    tables: Any = MimeTypes()
    kind, packed = tables.guess_type(name)
    if packed is not None or kind is None:
        return _PACKED.get(packed or "", "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else str(kind)
