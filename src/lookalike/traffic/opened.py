"""One opened file of recorded traffic: its name as it is shown, its bytes, and whom a reader tells what it skips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a reader left out.

    file:  its path or URL
    entry: where in it, in words: `entry 12`, `line 7`; `""` for the whole file
    why:   in words, to follow "skipped: "
    """

    file: str
    entry: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}, {self.entry}: {self.why}" if self.entry else f"{self.file}: {self.why}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader takes before it refuses, in bytes but for `depth` and `aliases`.

    file:    of one file, decompressed
    entry:   of one exchange as it is written
    body:    of one decoded body
    depth:   levels of nesting
    aliases: values of one entry of a YAML file that come from aliases
    """

    file: int = 64 * 1024**3
    entry: int = 256 * 1024**2
    body: int = 128 * 1024**2
    depth: int = 500
    aliases: int = 10_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened file, decompressed.

    name:   path or URL, as it is shown
    stream: at its beginning; a reader reads it once, forwards
    head:   its first bytes, at most 64 KiB, which are read again from `stream`
    skip:   told the entry and why it is left out
    """

    name: str
    stream: BinaryIO
    head: bytes
    skip: Callable[[str, str], None]
    limits: Limits = DEFAULT_LIMITS
