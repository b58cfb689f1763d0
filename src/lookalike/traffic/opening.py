"""One file opened: its bytes as text has them, decompressed within the limits, whatever holds them."""

from __future__ import annotations

import io
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from stat import S_ISFIFO
from typing import BinaryIO, cast

from lookalike.errors import FileError
from lookalike.traffic.compressed import decompressed
from lookalike.traffic.opened import DEFAULT_LIMITS, Limits, Opened
from lookalike.traffic.pieces import CHUNK, Pieces, as_utf8
from lookalike.traffic.sources import STANDARD_INPUT, file_system, is_url, shown, unreadable

HEAD = 64 * 1024
_HINT = "Name the files in it, one by one, or the folder."


@contextmanager
def opening(name: str, skip: Callable[[str, str], None], limits: Limits = DEFAULT_LIMITS) -> Iterator[Opened]:
    """Open one file, URL or `-` for reading: gzip and Zstandard undone, byte order marks gone, UTF-16 as UTF-8.

    skip: told the entry and why it is left out

    Compressed data that is cut off or damaged ends where it ends, and `skip` is told. Raises FileError for what can't
    be read or exceeds the limits, UsageError where a library is missing.
    """
    with ExitStack() as stack:
        chunks = _chunks(_raw(name, stack), name)
        yield stack.enter_context(opened(chunks, shown(name), skip, limits))


@contextmanager
def opened(
    chunks: Iterator[bytes], label: str, skip: Callable[[str, str], None], limits: Limits = DEFAULT_LIMITS
) -> Iterator[Opened]:
    """What `opening` opens, of bytes that come from anywhere. `label` is the name that is shown."""
    pieces = as_utf8(_limited(decompressed(chunks, label, skip), label, limits))
    begin: list[bytes] = []
    while sum(map(len, begin)) < HEAD and (piece := next(pieces, b"")):
        begin.append(piece)
    with io.BufferedReader(Pieces(itertools.chain(begin, pieces)), CHUNK) as stream:
        yield Opened(label, cast("BinaryIO", stream), b"".join(begin)[:HEAD], skip, limits)


def _raw(name: str, stack: ExitStack) -> BinaryIO:
    if name == STANDARD_INPUT:
        return sys.stdin.buffer
    try:
        if not is_url(name):
            _check_kind(name)
            return stack.enter_context(open(name, "rb", buffering=0))
        system, path = file_system(name)
        return cast("BinaryIO", stack.enter_context(system.open(path, "rb")))
    except FileError:
        raise
    except IsADirectoryError:
        raise FileError(shown(name), "this is a folder", hint=_HINT) from None
    except Exception as error:  # each file system has errors of its own
        raise unreadable(name, error) from None


def _check_kind(name: str) -> None:
    """Raises FileError for a named pipe, which may stay silent for ever; what a shell makes of `<(command)` is none."""
    if S_ISFIFO(os.stat(name).st_mode) and not name.startswith(("/dev/", "/proc/")):
        import shlex

        hint = f"Name - in its place, and give it as standard input: < {shlex.quote(name)}"
        raise FileError(name, "this is a named pipe", hint=hint)


def _chunks(raw: BinaryIO, name: str) -> Iterator[bytes]:
    while True:
        try:
            chunk = raw.read(CHUNK)
        except Exception as error:
            raise unreadable(name, error) from None
        if not chunk:
            return
        yield chunk


def _limited(pieces: Iterator[bytes], label: str, limits: Limits) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limits.file:
            raise FileError(
                label, f"more than {limits.file:,} bytes, which is the limit of one file", hint="Split the file."
            )
        yield piece
