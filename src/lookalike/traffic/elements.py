"""The elements of an array in a JSON document, one by one, however large the document, damaged or cut off.

A parser stops at the first fault; here a fault costs the one element that it is in. Each element is parsed by itself;
its end is where the next one begins or, where that can't be seen, found by counting brackets outside strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from lookalike.traffic.opened import Opened
from lookalike.traffic.pieces import CHUNK

Path = tuple[str, ...]


def elements(opened: Opened, *paths: Path, word: str = "entry") -> Iterator[tuple[int, Any]]:
    """The elements of the arrays at `paths`, each with its number from 1 on, in the order of the file.

    paths: keys from the document's root: `("log", "entries")`; `()` where the root is the array
    word:  what an element is called where one is skipped

    Several documents in one file are read as one. What isn't JSON, is larger than `opened.limits.entry`, or is cut off,
    goes to `opened.skip`; NaN, single surrogates, control characters in strings and bytes that aren't UTF-8 are read.
    """
    yield from _Scan(opened, word).elements(paths)


def _below(paths: tuple[Path, ...], key: str) -> tuple[Path, ...]:
    return tuple(path[1:] for path in paths if path and path[0] == key)


def parsed(content: bytes) -> Any:
    """JSON as recorders write it, with what only a tolerant parser reads. Raises ValueError, RecursionError."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content.decode("utf-8", "replace"), strict=False)


class _EndedError(Exception):
    """The data ends where more has to come."""


class _BrokenError(Exception):
    """The document's structure isn't JSON."""


_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.S)
_OUTSIDE = re.compile(rb'[^"{}\[\]]*+')
# As far as the next bracket outside strings.
_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+[{}\[\]]', re.S)
_SCALAR = re.compile(rb'[^\s,:"{}\[\]]*+')
_FIRST_KEY = re.compile(rb'\{[ \t\r\n]*+"[^"\\]{1,64}"')
_OPENING = b"{["
_UNKNOWN: Any = object()
# How far the next element is looked for, and how often in a row it may be out of sight before nobody looks any more.
_SIGHT = 4 * CHUNK
_TRUST = 16


class _Scan:
    """A forward scan over a document: it stands at `_at` of `_buffer`, before which there were `_before` bytes."""

    def __init__(self, opened: Opened, word: str) -> None:
        self._buffer = b""
        self._at = 0
        self._before = 0
        self._stream: BinaryIO = opened.stream
        self._limit = opened.limits.entry
        self._skip = opened.skip
        self._word = word
        self._number = 0
        self._inside = False
        self._begin = b""
        self._trust = _TRUST

    def elements(self, paths: tuple[Path, ...]) -> Iterator[tuple[int, Any]]:
        try:
            while self._peek():
                yield from self._walk(paths)
        except _EndedError:
            place = f"{self._word} {self._number}" if self._inside else self._after()
            self._skip(place, "the file ends within it" if self._inside else "the file ends too early")
        except _BrokenError:
            self._skip(self._after(), f"what follows isn't JSON (at byte {self._before + self._at:,})")

    def _after(self) -> str:
        whole = self._number - self._inside
        return f"after {self._word} {whole}" if whole else ""

    def _walk(self, paths: tuple[Path, ...]) -> Iterator[tuple[int, Any]]:
        first = self._needed()
        if first == b"[" and () in paths:
            yield from self._array()
        elif first == b"{" and any(paths):
            yield from self._object(paths)
        else:
            self._pass()

    def _array(self) -> Iterator[tuple[int, Any]]:
        self._at += 1
        while (first := self._needed()) != b"]":
            if first == b",":
                self._at += 1
                continue
            self._number += 1
            self._inside = True
            value = self._quick() if self._trust else _UNKNOWN
            if value is _UNKNOWN:
                value = self._exact()
            self._inside = False
            if value is not _UNKNOWN:
                yield self._number, value
        self._at += 1

    def _quick(self) -> Any:
        """The element that begins here, if the next one begins with the same key and is in sight.

        What is between the two beginnings is the element if it parses, as no JSON object is the beginning of another.
        """
        buffer, at = self._buffer, self._at
        if not self._begin or not buffer.startswith(self._begin, at):
            found = _FIRST_KEY.match(buffer, at)
            if found is None:
                return _UNKNOWN
            self._begin = found[0]
        following = buffer.find(self._begin, at + len(self._begin), at + self._limit)
        while following < 0 and len(buffer) - at < _SIGHT and self._more():
            buffer, at = self._buffer, self._at
            following = buffer.find(self._begin, at + len(self._begin), at + self._limit)
        if following < 0:
            self._trust -= 1
            return _UNKNOWN
        end = buffer.rfind(b"}", at, following) + 1
        try:
            value = orjson.loads(memoryview(buffer)[at:end])
        except orjson.JSONDecodeError:
            self._trust -= 1
            return _UNKNOWN
        self._at = end
        self._trust = _TRUST
        return value

    def _exact(self) -> Any:
        """The element that begins here, found by its brackets; told where it can't be read."""
        content = self._kept()
        if content is None:
            self._pass()
            self._skip(f"{self._word} {self._number}", f"it is larger than {self._limit:,} bytes")
            return _UNKNOWN
        try:
            return parsed(content)
        except (ValueError, RecursionError) as error:
            self._skip(f"{self._word} {self._number}", f"it isn't JSON: {error}")
            return _UNKNOWN

    def _object(self, paths: tuple[Path, ...]) -> Iterator[tuple[int, Any]]:
        self._at += 1
        while (first := self._needed()) != b"}":
            if first == b",":
                self._at += 1
                continue
            if first != b'"':
                raise _BrokenError
            below = self._key(paths)
            if self._needed() != b":":
                raise _BrokenError
            self._at += 1
            if below:
                yield from self._walk(below)
            else:
                self._needed()
                self._pass()
        self._at += 1

    def _key(self, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        """The paths below the key that begins here."""
        content = self._kept()
        if content is None:
            self._pass()
            return ()
        try:
            return _below(paths, parsed(content))
        except ValueError:
            return ()

    def _more(self) -> bool:
        # As much as there is already, so that what has to be looked at again stays in proportion.
        chunk = self._stream.read(max(CHUNK, len(self._buffer) - self._at))
        if not chunk:
            return False
        self._buffer = self._buffer[self._at :] + chunk
        self._before += self._at
        self._at = 0
        return True

    def _peek(self) -> bytes:
        """The next byte that is no white space, `b""` at the end."""
        while True:
            self._at = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # may be empty
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def _needed(self) -> bytes:
        first = self._peek()
        if not first:
            raise _EndedError
        return first

    def _kept(self) -> bytes | None:
        """The value that begins here; None where it exceeds the limit, and the scan stays."""
        first = self._buffer[self._at]
        if first not in b'{["':
            return self._scalar()
        pattern = _STRING if first == 0x22 else _BRACKET
        buffer, start = self._buffer, self._at
        at, depth = start, 0
        while True:
            found = pattern.match(buffer, at)
            if found is None:
                if len(buffer) - start > self._limit:
                    return None
                if not self._more():
                    raise _EndedError
                buffer, at, start = self._buffer, at - start, 0
                continue
            at = found.end()
            if first != 0x22:
                depth += 1 if buffer[at - 1 : at] in _OPENING else -1
            if not depth:
                break
        if at - start > self._limit:
            return None
        self._at = at
        return buffer[start:at]

    def _scalar(self) -> bytes | None:
        while True:
            end = _SCALAR.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # may be empty
            if end < len(self._buffer):
                break
            if not self._more():
                raise _EndedError
            if len(self._buffer) > self._limit:
                return None
        if end - self._at > self._limit:
            return None
        content, self._at = self._buffer[self._at : end], end
        if not content:
            raise _BrokenError
        return content

    def _pass(self) -> None:
        """Go over the value that begins here, whose size doesn't matter."""
        if self._buffer[self._at] not in b'{["':
            self._pass_scalar()
            return
        depth, quoted = 0, False
        while True:
            pattern = _IN_STRING if quoted else _OUTSIDE
            self._at = pattern.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # may be empty
            byte = self._buffer[self._at : self._at + 1]
            if byte in (b"", b"\\"):  # a backslash waits for the character that it escapes
                if not self._more():
                    raise _EndedError
                continue
            self._at += 1
            if byte == b'"':
                quoted = not quoted
            else:
                depth += 1 if byte in _OPENING else -1
            if not depth and not quoted:
                return

    def _pass_scalar(self) -> None:
        start = self._before + self._at
        while True:
            self._at = _SCALAR.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # may be empty
            if self._at < len(self._buffer) or not self._more():
                break
        if self._before + self._at == start:
            raise _BrokenError
