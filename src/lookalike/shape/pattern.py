"""A text for a pattern: the plain part of regular expressions that API descriptions use."""

from __future__ import annotations

import re
from functools import lru_cache

_CLASSES = {"d": "0123456789", "w": "abc123_", "s": " ", "D": "ab", "W": "-", "S": "ab1"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_ANY = "abcdefghij0123456789ABCDEF-_ .:/"
_MOST = 4096


class _Unknown(Exception):
    """A part of a pattern that isn't known here."""


@lru_cache(maxsize=1024)
def text_for(pattern: str, length: int = 0, extra: int = 0) -> str | None:
    """A text that matches the pattern and has `length` characters if its repetitions allow that; None if none is found.

    extra: how often repetitions without an upper bound are repeated more than they must
    """
    for repeats in (extra, length + extra):
        try:
            text = _Maker(pattern, repeats).alternatives()[:_MOST]
        except (_Unknown, RecursionError, IndexError, ValueError):
            return None
        try:
            # ECMA-262 writes named groups without Python's `P`.
            found = re.search(re.sub(r"\(\?<(?![=!])", "(?P<", pattern), text) is not None
        except re.error:
            return None
        if found and len(text) >= length:
            return text
    return None


class _Maker:
    """Reads a pattern from left to right and writes the first text that it matches."""

    def __init__(self, pattern: str, repeats: int) -> None:
        self.pattern = pattern
        self.repeats = repeats
        self.at = 0

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        if self.at >= len(self.pattern):
            raise _Unknown
        self.at += 1
        return self.pattern[self.at - 1]

    def alternatives(self) -> str:
        """The first of several alternatives; the others are read and dropped."""
        text = self.sequence()
        while self.peek() == "|":
            self.take()
            self.sequence()
        return text

    def sequence(self) -> str:
        parts: list[str] = []
        while self.peek() not in {"", "|", ")"}:
            choices = self.atom()
            fewest, most = self.quantifier()
            count = min(max(fewest, min(self.repeats, most)), _MOST)
            if not fewest and not self.repeats:
                count = 0
            parts.append("".join(choices[index % len(choices)] for index in range(count)) if choices else "")
        return "".join(parts)

    def atom(self) -> list[str]:
        """The texts that one atom matches, the first of many."""
        char = self.take()
        if char in "^$":
            return []
        if char == "(":
            return self.group()
        if char == "[":
            return self.class_()
        if char == ".":
            return list(_ANY)
        return list(self.escape()) if char == "\\" else [char]

    def group(self) -> list[str]:
        if self.peek() == "?":
            self.take()
            kind = self.take()
            if kind == "P" or (kind == "<" and self.peek() not in {"=", "!"}):
                while self.take() != ">":
                    pass
            elif kind in "=!" or (kind == "<" and self.peek() in "=!"):
                self.looked_around()
                return []
            elif kind != ":":
                raise _Unknown
        text = self.alternatives()
        if self.take() != ")":
            raise _Unknown
        return [text]

    def looked_around(self) -> None:
        """Read what looks ahead or behind, and write nothing: the search at the end decides."""
        if self.peek() in {"=", "!"}:
            self.take()
        self.alternatives()
        if self.take() != ")":
            raise _Unknown

    def class_(self) -> list[str]:
        """The characters of `[a-z_]`, a few of a range."""
        negated = self.peek() == "^"
        if negated:
            self.take()
        found: list[str] = []
        while not found or self.peek() != "]":
            char = self.take()
            options = list(self.escape()) if char == "\\" else [char]
            if self.peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in {"]", ""} and len(options) == 1:
                self.take()
                end = self.take()
                end = self.escape() if end == "\\" else end
                options = [chr(code) for code in range(ord(options[0]), min(ord(end), ord(options[0]) + 40) + 1)]
            found += options
        self.take()
        if negated:
            found = [char for char in _ANY if char not in found]
        if not found:
            raise _Unknown
        return found

    def escape(self) -> str:
        char = self.take()
        if char in "bBAZ":
            return ""
        if char in _CLASSES:
            return _CLASSES[char]
        if char in {"x", "u"}:
            digits = "".join(self.take() for _ in range(2 if char == "x" else 4))
            return chr(int(digits, 16))
        if char.isalnum() and char not in _ESCAPES:
            raise _Unknown  # A back reference or a property of Unicode.
        return _ESCAPES.get(char, char)

    def quantifier(self) -> tuple[int, int]:
        """How often the atom before may be there."""
        char = self.peek()
        found = {"*": (0, _MOST), "+": (1, _MOST), "?": (0, 1)}.get(char, (1, 1))
        if char and char in "*+?":
            self.take()
        elif char == "{" and (match := re.compile(r"\{(\d+)(,(\d*))?\}").match(self.pattern, self.at)):
            self.at = match.end()
            low = int(match[1])
            found = (low, low if match[2] is None else int(match[3]) if match[3] else _MOST)
        else:
            return found
        if self.peek() in {"?", "+"}:
            self.take()
        return found
