"""JSON as a file of evidence has it: what is short in one line, what is long with a line for each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.codec import encode_json

WIDTH = 100


def lines(value: Any) -> str:
    """JSON in lines: `{"n": 200, "r": 1}` stays together, a mapping that doesn't fit has a line for each key."""
    return _text(value, 0)


def _text(value: Any, depth: int) -> str:
    if isinstance(value, Mapping):
        parts = [f"{_plain(str(key))}: {_text(one, depth + 1)}" for key, one in value.items()]
        opening, closing = "{", "}"
    elif isinstance(value, list | tuple):
        parts = [_text(one, depth + 1) for one in value]
        opening, closing = "[", "]"
    else:
        return _plain(value)
    if sum(map(len, parts)) + 2 * len(parts) <= WIDTH and not any("\n" in part for part in parts):
        return opening + ", ".join(parts) + closing
    edge = "\n" + " " * (depth + 1)
    return opening + edge + ("," + edge).join(parts) + "\n" + " " * depth + closing


def _plain(value: Any) -> str:
    return encode_json(value).decode()
