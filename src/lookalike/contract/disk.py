"""Files on disk: read whole within limits, written beside their place and then renamed."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_ISFIFO

from lookalike.errors import FileError

MAX_DOCUMENT = 64 * 1024 * 1024


def from_here(path: Path) -> Path:
    """The path as messages show it: relative to the working directory where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def read_document(own: Path, what: str = "a contract") -> bytes:
    """What a document's file holds, unpacked. Raises FileError."""
    return _unpack(read_bytes(own, MAX_DOCUMENT, what), own)


def read_bytes(own: Path, limit: int, what: str) -> bytes:
    """What a file holds, at most `limit` bytes; what: it should be, for messages. Raises FileError."""
    try:
        found = own.stat()
        if S_ISFIFO(found.st_mode) and not str(own).startswith(("/dev/", "/proc/")):
            raise FileError(own, "this is a named pipe", hint="Write what comes out of it to a file first.")
        size = found.st_size
        if size <= limit:
            with own.open("rb") as file:  # devices and pipes have no size
                content = file.read(limit + 1)
            size = len(content)
        if size > limit:
            many = f"{size:,} bytes" if size > limit + 1 else "its bytes"
            raise FileError(own, f"{many} are too many for {what}, the limit is {limit:,}", hint="Split it.")
        return content
    except FileNotFoundError:
        raise FileError(own, "no such file", hint="Make it with `lookalike learn URL PATH -o FILE`.") from None
    except IsADirectoryError:
        raise FileError(own, "this is a folder", hint="Name the contract's file in it.") from None
    except OSError as error:
        raise FileError(own, f"can't be read: {error.strerror}", hint="Check the file's permissions.") from None


def unpacked(own: Path) -> Path:
    """A file's name without the `.gz` of a packed one."""
    return own.with_suffix("") if own.suffix == ".gz" else own


def _unpack(content: bytes, own: Path) -> bytes:
    """The content of a packed file. Raises FileError for one that is broken, or too large when it is unpacked."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            plain = packed.read(MAX_DOCUMENT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(own, f"broken gzip: {error}", hint="Restore the file, or fetch it again.") from None
    if len(plain) > MAX_DOCUMENT:
        raise FileError(own, f"unpacked it has more than {MAX_DOCUMENT:,} bytes", hint="Split it.")
    return plain


def replace_file(own: Path, content: bytes) -> None:
    """Write a file beside its place, then rename it. Raises FileError."""
    write_all({own: content})


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write all files beside their places first, then rename one after the other: a full disk harms none of them."""
    beside: list[tuple[Path, Path]] = []
    own = Path()
    try:
        for own, content in files.items():
            own.parent.mkdir(parents=True, exist_ok=True)
            if own.exists() and own.read_bytes() == content:
                continue
            beside.append((_beside(own, content), own))
        while beside:
            temporary, own = beside[0]
            os.replace(temporary, own)
            beside.pop(0)
    except OSError as error:
        # Where a new file has no place, the folder is to blame, whichever file comes first.
        raise FileError(
            own if own.exists() else own.parent,
            f"can't be written: {error.strerror}",
            hint="Check the folder's permissions and the free space.",
        ) from None
    finally:
        for temporary, _ in beside:
            temporary.unlink(missing_ok=True)


def _beside(own: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{own.name}.", suffix=".new", dir=own.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is private to its owner; the contract is as readable as a new file is.
        os.chmod(name, _mode(own))
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _mode(own: Path) -> int:
    with suppress(OSError):
        return own.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
