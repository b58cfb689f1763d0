"""What V8 (Node 22) says of a text that isn't JSON."""

from __future__ import annotations

import re

_SPACE = " \t\n\r"
_LITERALS = ("true", "false", "null")
_SPECIAL = frozenset({"undefined", "NaN", "Infinity", "[object Object]"})
_CONTEXT = 10  # characters shown on each side
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')


def complaint(text: str) -> str:
    """The message of the SyntaxError that JSON.parse throws; meaningless for a text that is JSON."""
    return _Reader(text).complaint()


class _Found(Exception):
    """The first thing that is wrong."""


class _Reader:
    """A reader that stops at the first thing wrong."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def complaint(self) -> str:
        if self.text in _SPECIAL:
            return f'"{self.text}" is not valid JSON'
        try:
            self._document()
        except _Found as found:
            return str(found)
        return "Unexpected end of JSON input"

    def _document(self) -> None:
        """Values without recursion: `open_` holds the brackets that aren't closed."""
        open_: list[str] = []
        wants_value = True
        while wants_value or open_:
            if wants_value:
                wants_value = self._value(open_)
                continue
            char = self._next()
            if char == ",":
                self.at += 1
                if open_[-1] == "{":
                    self._name("Expected double-quoted property name")
                wants_value = True
            elif char == {"{": "}", "[": "]"}[open_[-1]]:
                self.at += 1
                open_.pop()
            else:
                kind = ("}", "property value") if open_[-1] == "{" else ("]", "array element")
                self._stop(f"Expected ',' or '{kind[0]}' after {kind[1]}")
        if self._next():
            self._stop("Unexpected non-whitespace character after JSON", "")

    def _value(self, open_: list[str]) -> bool:
        """Read what a value begins with; whether another value must follow."""
        char = self._next()
        if char in ("{", "["):
            self.at += 1
            following = self._next()
            if following == {"{": "}", "[": "]"}[char]:
                self.at += 1
                return False
            open_.append(char)
            if char == "{":
                self._name("Expected property name or '}'")
            return True
        if char == '"':
            self._string()
        elif char == "-" or char in tuple("0123456789"):
            self._number()
        else:
            self._literal()
        return False

    def _name(self, problem: str) -> None:
        if self._next() != '"':
            self._stop(problem)
        self._string()
        if self._next() != ":":
            self._stop("Expected ':' after property name")
        self.at += 1

    def _string(self) -> None:
        found = _STRING.match(self.text, self.at)
        self.at = found.end() if found else self.at
        rest = self.text[self.at : self.at + 2]
        if rest[:1] == '"':
            self.at += 1
        elif not rest:
            self._stop("Unterminated string")
        elif rest[0] != "\\":
            self._stop("Bad control character in string literal")
        elif rest == "\\":
            raise _Found("Unexpected end of JSON input")
        elif rest == "\\u":
            self.at += 2
            while self.text[self.at : self.at + 1] in tuple("0123456789abcdefABCDEF"):
                self.at += 1
            self._stop("Bad Unicode escape")
        else:
            self.at += 1
            self._stop("Bad escaped character")

    def _number(self) -> None:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            self.at += 1
            self._stop("No number after minus sign")
            return
        self.at = found.end()
        following = self.text[self.at : self.at + 1]
        if following == ".":
            self.at += 1
            self._stop("Unterminated fractional number")
        elif following in ("e", "E"):
            self.at += 2 if self.text[self.at + 1 : self.at + 2] in ("+", "-") else 1
            self._stop("Exponent part is missing a number")
        elif following.isdigit() and found[0] in ("0", "-0"):
            self._stop("Unexpected number")

    def _literal(self) -> None:
        literal = next((one for one in _LITERALS if one[0] == self.text[self.at : self.at + 1]), "")
        for char in literal:
            if self.text[self.at : self.at + 1] != char:
                self._token()
            self.at += 1
        if not literal:
            self._token()

    def _next(self) -> str:
        while self.text[self.at : self.at + 1] and self.text[self.at] in _SPACE:
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _stop(self, problem: str, where: str = " in JSON") -> None:
        before = self.text[: self.at]
        lines = re.split(r"\r\n|\r|\n", before)
        place = f"position {_units(before)} (line {len(lines)} column {_units(lines[-1]) + 1})"
        raise _Found(f"{problem}{where} at {place}")

    def _token(self) -> None:
        text, at = self.text, self.at
        if at >= len(text):
            raise _Found("Unexpected end of JSON input")
        if text[at] == '"':
            self._stop("Unexpected string")
        if text[at] in "-0123456789":
            self._stop("Unexpected number")
        is_long = len(text) > 2 * _CONTEXT
        before = is_long and at >= _CONTEXT
        after = is_long and at < len(text) - _CONTEXT
        part = text[at - _CONTEXT if before else 0 : at + _CONTEXT if after else len(text)]
        shown = f'{"..." if before else ""}"{part}"{"..." if after else ""}'
        raise _Found(f"Unexpected token '{text[at]}', {shown} is not valid JSON")


def _units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
