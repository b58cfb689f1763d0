"""Criteria that ask a body to be of two kinds at once, which no request is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from lookalike.codec import decode_json
from lookalike.double.combined import exactly
from lookalike.double.matcher import Matcher
from lookalike.double.matchers import including
from lookalike.errors import InvalidJson, UsageError

# By keyword, what kind of a body it asks for. Text and content may be of any.
_KINDS = {"json": "JSON", "form": "a form", "files": "a form", "xml": "XML"}
_RAW = ("text", "content")


def check_kinds(asked: Mapping[str, Any]) -> None:
    """Raise UsageError where two of the criteria ask for different kinds of a body.

    Matchers that may fit nothing at all (`absent`, `~...`) are left alone.
    """
    given = [name for name in _KINDS if name in asked and _asks(asked[name])]
    for one, other in combinations(given, 2):
        if _KINDS[one] != _KINDS[other]:
            raise UsageError(
                f"{one}= and {other}=: a request has one body, {_KINDS[one]} or {_KINDS[other]}; keep one of them, or "
                "declare a route for each"
            )
    if "json" in given:
        for name in _RAW:
            raw = asked.get(name)
            if isinstance(raw, (str, bytes)) and not _is_json(raw):
                raise UsageError(f"json= and {name}=: {raw!r} is no JSON, so no request has both; keep one of them")


def _asks(value: Any) -> bool:
    return not isinstance(value, Matcher) or isinstance(value, (including, exactly))


def _is_json(raw: str | bytes) -> bool:
    try:
        decode_json(raw.encode() if isinstance(raw, str) else raw)
    except InvalidJson:
        return False
    return True
