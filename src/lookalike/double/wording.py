"""Values and places in words, as messages show them."""

from __future__ import annotations

from types import UnionType
from typing import Any

from lookalike.codec import encode_json
from lookalike.double.matcher import MISSING, Matcher
from lookalike.errors import UsageError
from lookalike.secrets import mask_json, mask_text

_WIDEST = 60
_READ = 1000


def words(value: Any) -> str:
    """A value as JSON text, shortened where it is long; what isn't JSON as Python shows it."""
    if value is MISSING:
        return "missing"
    if isinstance(value, Matcher):
        return value.expected
    if isinstance(value, bytes):
        return _words_of_bytes(value)
    try:
        text = _text(value)
    except RecursionError:
        return f"{'an object' if isinstance(value, dict) else 'an array'} that is nested too deeply to be shown"
    if len(text) > _WIDEST:
        # Before it is cut: half of a credential no longer looks like one.
        text = mask_text(text[:_READ])
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        value = _begun(value, [_READ])
        value = value if has_matcher(value) else mask_json(value)
    try:
        return encode_json(value).decode("utf-8", "replace")
    except UsageError:
        return repr(value)


def _begun(value: Any, left: list[int]) -> Any:
    """As much of a value as is ever shown: of a large one, masking and writing all of it would take seconds."""
    left[0] -= 1
    if isinstance(value, dict):
        found: Any = {}
        for key, item in value.items():
            if left[0] <= 0:
                break
            found[key] = _begun(item, left)
        return found
    if isinstance(value, list):
        found = []
        for item in value:
            if left[0] <= 0:
                break
            found.append(_begun(item, left))
        return found
    return value


def _words_of_bytes(value: bytes) -> str:
    try:
        return words(value.decode()) if value else "no body"
    except UnicodeDecodeError:
        return f"{len(value)} bytes that begin with {value[:8].hex(' ')}"


def child(where: str, key: object) -> str:
    """The place below `where`: `json.name`, `json[0]`, `json["odd key"]`."""
    if isinstance(key, int):
        return f"{where}[{key}]"
    text = str(key)
    return f"{where}.{text}" if text.isidentifier() else f"{where}[{words(text)}]"


def named(value: Any) -> str:
    """What a value is, in words: `a set`, `the type Request`."""
    if isinstance(value, type):
        return f"the type {value.__name__}"
    if isinstance(value, UnionType):
        return f"the type {value}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def has_matcher(value: Any) -> bool:
    """Whether a prepared value has a matcher anywhere in it."""
    if isinstance(value, dict):
        return any(has_matcher(item) for item in value.values())
    if isinstance(value, list):
        return any(has_matcher(item) for item in value)
    return isinstance(value, Matcher)
