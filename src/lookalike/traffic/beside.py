"""A file that is written piece by piece beside its place, and has its name only when it is whole."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import BinaryIO, NoReturn

from lookalike.errors import FileError


class Beside:
    """A new file beside `path`; `finish` gives it that name, `discard` leaves nothing. Raises FileError.

    path: where it will be, its folder is made; what is there stays until `finish`
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, self._name = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".new", dir=self.path.parent)
        except OSError as error:
            self._refused(error)
        self._file: BinaryIO | None = os.fdopen(handle, "wb")

    @property
    def finished(self) -> bool:
        """Whether it has its name, or was given up."""
        return self._file is None

    def write(self, content: bytes) -> None:
        """Add bytes. Raises FileError where the disk takes no more; nothing is left then."""
        if self._file is None:
            raise FileError(self.path, "this file is finished", hint="Open another writer to write it anew.")
        try:
            self._file.write(content)
        except OSError as error:
            self.discard()
            self._refused(error)

    def finish(self) -> None:
        """Give the file its name. Once is enough."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            with file:
                file.flush()
                os.fsync(file.fileno())
            # A temporary file is private to its owner; this one is as readable as a new file is.
            os.chmod(self._name, _mode(self.path))
            os.replace(self._name, self.path)
        except OSError as error:
            self._remove()
            self._refused(error)

    def discard(self) -> None:
        """Leave nothing of it."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()
            self._remove()

    def _remove(self) -> None:
        Path(self._name).unlink(missing_ok=True)

    def _refused(self, error: OSError) -> NoReturn:
        raise FileError(
            self.path, f"can't be written: {error.strerror}", hint="Check the folder's permissions and the free space."
        ) from None


def _mode(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
