"""JavaScript's regular expressions, without flags but `i`, as Python's (ECMA-262, section 22.2 and annex B.1.2)."""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = r"\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_OUTSIDE = {
    "d": "[0-9]", "D": "[^0-9]", "w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]", "s": f"[{_SPACE}]", "S": f"[^{_SPACE}]",
    "b": r"(?a:\b)", "B": r"(?a:(?!\b))",
}  # fmt: skip
_INSIDE = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE, "D": r"\D", "W": r"\W", "S": r"\S", "b": r"\x08", "-": r"\-"}
_CLASSES = ("d", "D", "w", "W", "s", "S")
_GROUPS = re.compile(r"\(\?(?::|=|!|<=|<!|<([A-Za-z_$][\w$]*)>)")
_BRACES = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_HEX = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})")


class InvalidRegExp(ValueError):
    """JavaScript wouldn't take the pattern."""


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """`new RegExp(pattern, "i")`. Raises InvalidRegExp, also for a look-behind of variable width: Python has none."""
    try:
        return re.compile(_Translation(pattern).text(), re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        reason = str(error).partition(" at position")[0].capitalize()
        raise InvalidRegExp(f"Invalid regular expression: /{pattern}/: {reason}") from None


class _Translation:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = len(re.findall(r"(?<!\\)\((?!\?)|\(\?<(?![=!])", pattern))

    def text(self) -> str:
        parts = []
        while self._at < len(self._pattern):
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        char = self._pattern[self._at]
        self._at += 1
        match char:
            case "\\":
                return self._escape(_OUTSIDE, inside=False)
            case "[":
                return self._members()
            case "(":
                return self._group()
            case "*" | "+" | "?" | "{":
                return self._quantifier(char)
            case ".":
                return r"[^\n\r\u2028\u2029]"
            case "$":
                return r"\Z"
        return char if char in "|)^" else re.escape(char)

    def _quantifier(self, char: str) -> str:
        if char == "{":
            found = _BRACES.match(self._pattern, self._at - 1)
            if found is None:
                return r"\{"
            self._at = found.end()
            char = found[0]
        if self._peek() == "?":
            self._at += 1
            char += "?"
        if self._peek() in ("*", "+") or _BRACES.match(self._pattern, self._at):
            raise re.error("nothing to repeat")  # possessive in Python
        return char

    def _group(self) -> str:
        if self._peek() != "?":
            return "("
        found = _GROUPS.match(self._pattern, self._at - 1)
        if found is None:
            raise re.error("invalid group")
        self._at = found.end()
        return f"(?P<{found[1].replace('$', '_')}>" if found[1] else found[0]

    def _members(self) -> str:
        negated = self._peek() == "^"
        if negated:
            self._at += 1
        parts: list[str] = []
        while (char := self._peek()) != "]":
            if not char:
                raise re.error("unterminated character class")
            first, single = self._member()
            if self._peek() != "-" or self._pattern[self._at + 1 : self._at + 2] in ("", "]"):
                parts.append(first)
                continue
            self._at += 1
            last, last_single = self._member()
            # A range whose ends are classes is none: the hyphen is itself.
            parts.append(f"{first}-{last}" if single and last_single else f"{first}\\-{last}")
        self._at += 1
        if not parts:
            return r"[\s\S]" if negated else "(?!)"
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _member(self) -> tuple[str, bool]:
        """One character or class of a set, and whether it is one character."""
        char = self._peek()
        self._at += 1
        if char != "\\":
            return re.escape(char), True
        classes = self._peek() in _CLASSES
        return self._escape(_INSIDE, inside=True), not classes

    def _escape(self, classes: dict[str, str], *, inside: bool) -> str:
        char = self._peek()
        if not char:
            raise re.error(r"\ at end of pattern")
        self._at += 1
        if char in classes:
            return classes[char]
        if char in "tnvfr":
            return f"\\{char}"
        if char in "xu":
            found = _HEX.match(self._pattern, self._at - 1)
            if found is not None:
                self._at = found.end()
                return re.escape(chr(int(found[1] or found[2], 16)))
        if char == "c":
            letter = self._peek()
            if not (letter.isalpha() and letter.isascii()):
                return r"\\c"
            self._at += 1
            return f"\\x{ord(letter) % 32:02x}"
        if char.isdigit():
            return self._number(inside=inside)
        if char == "k" and not inside and "(?<" in self._pattern:
            found = re.compile(r"<([\w$]+)>").match(self._pattern, self._at)
            if found is None:
                raise re.error("invalid named reference")
            self._at = found.end()
            return f"(?P={found[1].replace('$', '_')})"
        return re.escape(char)

    def _number(self, *, inside: bool) -> str:
        found = re.compile("[0-9]+").match(self._pattern, self._at - 1)
        digits = found[0] if found else ""
        if not inside and digits[0] != "0" and int(digits) <= self._groups:
            self._at += len(digits) - 1
            return f"(?:\\{digits})"
        octal = re.match("[0-3]?[0-7]{1,2}", digits)
        if octal is None:
            return re.escape(digits[0])
        self._at += len(octal[0]) - 1
        return f"\\x{int(octal[0], 8):02x}"

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]
