"""The order that `_sort` asks for, as the package sort-on makes it."""

from __future__ import annotations

import unicodedata
from functools import cmp_to_key
from typing import Any

from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.one.paths import get
from lookalike.packs.jsonplaceholder.store import Row

# The Unicode root collation's order of ASCII's punctuation and symbols, which all come before digits and letters.
_MARKS = {char: index for index, char in enumerate("\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$")}
_EXPANDED = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l"})

Key = tuple[list[tuple[int, int]], list[str], list[bool], str]


def ordered(rows: list[Row], sort: str) -> list[Row]:
    """The rows by a list of paths, each descending where a minus leads it. Raises Failed for what is no path."""
    orders = [(path.removeprefix("-"), path.startswith("-")) for path in sort.split(",")] if sort else []
    columns = [[get(row.value, path) for row in rows] for path, _ in orders]
    keys: dict[str, Key] = {one: _key(one) for column in columns for one in column if isinstance(one, str)}

    def compare(a: int, b: int) -> int:
        for column, (_, descending) in zip(columns, orders, strict=True):
            result = _compared(column[a], column[b], keys)
            if result:
                return -result if descending else result
        return 0

    # Values of mixed kinds have no order that all agree on: the steps of one comparison are those of V8's sort.
    return [rows[index] for index in sorted(range(len(rows)), key=cmp_to_key(compare))] if orders else rows


def _compared(a: Any, b: Any, keys: dict[str, Key]) -> int:
    """What is empty goes last; of what can't be compared the first goes last."""
    if js.same(a, b):
        return 0
    if _is_empty(b):
        return -1
    if _is_empty(a):
        return 1
    if isinstance(a, str) and isinstance(b, str):
        return (keys[a] > keys[b]) - (keys[a] < keys[b])
    return -1 if js.less(a, b) else 1


def _is_empty(value: Any) -> bool:
    return not js.truthy(value) and (isinstance(value, bool) or value != 0)


def _key(text: str) -> Key:
    """A text's place in the root collation: letters first, then accents, then small before capital.

    Of the Latin letters; all others are in the order of their code points, after them.
    """
    plain = unicodedata.normalize("NFD", text.translate(_EXPANDED))
    letters, accents, capitals = [], [], []
    for char in plain:
        if unicodedata.combining(char):
            accents.append(char)
        elif char in _MARKS or char >= " ":
            letters.append(_letter(char))
            accents.append("")
            capitals.append(char != char.lower())
    return letters, accents, capitals, "ß" if "ß" in text else ""


def _letter(char: str) -> tuple[int, int]:
    if char in _MARKS:
        return 0, _MARKS[char]
    return (1, ord(char)) if char.isdigit() else (2, ord(char.lower()[0]))
