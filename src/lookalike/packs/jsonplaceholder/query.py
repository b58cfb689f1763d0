"""A query string as Express reads it (the package qs, with dots taken literally)."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

# A parameter of which a part is in brackets is an object, to which no value of an element is equal.
Value = str | list[str] | dict[str, str]
Query = dict[str, Value]

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_PARAMETERS = 1000  # qs reads no more


def parse(text: str) -> Query:
    """The parameters: a repeated one is a list, `a[]` and `a[0]` too, `a[b]` an object."""
    query: Query = {}
    for part in [one for one in text.split("&") if one][:_PARAMETERS]:
        at = part.find("]=")
        name, _, value = part.partition("=") if at < 0 else (part[: at + 1], "=", part[at + 2 :])
        _add(query, _decoded(name), _decoded(value))
    return query


def _add(query: Query, name: str, value: str) -> None:
    start = name.find("[")
    keys = _BRACKETS.findall(name[start:]) if start > 0 else []
    if keys:
        name = name[:start]
    if not name:
        return
    present = query.get(name)
    nested = bool(keys) and not (keys[0] == "" or (keys[0].isdigit() and int(keys[0]) <= 20))
    if nested and not isinstance(present, str | list):
        kept = present if isinstance(present, dict) else {}
        query[name] = {**kept, keys[0]: value}
    elif isinstance(present, list):
        present.append(value)
    elif isinstance(present, str):
        query[name] = [present, value]
    elif present is None:
        query[name] = [value] if keys else value


def _decoded(text: str) -> str:
    """decodeURIComponent, and the text as it is where its escapes are not UTF-8."""
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    if re.search(r"%(?![0-9a-fA-F]{2})", text):
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text
