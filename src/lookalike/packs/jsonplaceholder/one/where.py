"""Which rows a query asks for: conditions on fields, and `_where`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from lookalike.errors import InvalidJson
from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.one.paths import Indexed, parts, put

Pairs = list[tuple[str, str]]

_OWN = frozenset({"_sort", "_page", "_per_page", "_embed", "_where"})
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_OLDER = re.compile(r"(.+)_(eq|ne|lte?|gte?|in|contains)", re.DOTALL)
_NEWER = re.compile(r"(.*):([^:]+)", re.DOTALL)


def _in(value: Any, wanted: Any) -> bool:
    return any(js.same(value, one) for one in (wanted if isinstance(wanted, list) else [wanted]))


def _texts(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: isinstance(value, str) and test(value.lower(), js.to_string(wanted).lower())


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": js.same,
    "ne": lambda value, wanted: not js.same(value, wanted),
    "lt": lambda value, wanted: js.less(value, wanted) is True,
    "lte": js.at_most,
    "gt": lambda value, wanted: js.less(wanted, value) is True,
    "gte": lambda value, wanted: js.at_most(wanted, value),
    "in": _in,
    "contains": _texts(lambda value, wanted: wanted in value),
    "startsWith": _texts(str.startswith),
    "endsWith": _texts(str.endswith),
}


def clause(pairs: Pairs) -> dict[str, Any]:
    """What a query's parameters ask for, `_where` before all others. Raises Failed for a name that is no path."""
    asked: dict[str, Any] = {}
    for name, value in pairs:
        if name not in _OWN:
            _add(asked, name, value)
    where = next((value for name, value in pairs if name == "_where"), "")
    try:
        found = None if where.startswith("\ufeff") else js.parse(where)
    except (InvalidJson, RecursionError):
        found = None
    if isinstance(found, list):
        return {str(index): one for index, one in enumerate(found)}
    return found if isinstance(found, dict) else asked


def _add(asked: dict[str, Any], name: str, value: str) -> None:
    field, operator = name, "eq"
    newer = _NEWER.fullmatch(name)
    older = _OLDER.fullmatch(name)
    if newer is not None:
        field, operator = newer.groups()
        if operator not in OPERATORS:
            return
    elif older is not None:
        field, operator = older.groups()
    path = parts(f"{field}.{operator}")
    if path:
        wanted = [_typed(one.strip(js.WHITESPACE)) for one in value.split(",")] if operator == "in" else _typed(value)
        put(asked, path, wanted)


def _typed(text: str) -> Any:
    """A parameter's value: a finite number, true, false or null where it reads as one."""
    if text in _LITERALS:
        return _LITERALS[text]
    if not text.strip(js.WHITESPACE):
        return text
    found = js.to_number(text)
    return js.number(found) if math.isfinite(found) else text


def matches(value: dict[str, Any], asked: Any) -> bool:
    """Whether an object is what a clause asks for."""
    return all(_fits(value, key, wanted) for key, wanted in asked.items())


def _fits(value: dict[str, Any], key: str, wanted: Any) -> bool:
    if key == "or":
        choices = list(wanted.values()) if isinstance(wanted, Indexed) else wanted
        return isinstance(choices, list) and any(isinstance(one, dict) and matches(value, one) for one in choices)
    if not isinstance(wanted, dict) or isinstance(wanted, Indexed):
        return False
    field = value.get(key, js.UNDEFINED)
    operators = [name for name in wanted if name in OPERATORS]
    if operators:
        return field is not js.UNDEFINED and all(OPERATORS[name](field, wanted[name]) for name in operators)
    # A condition on what is inside an object says nothing about a value that is none.
    return matches(field, wanted) if isinstance(field, dict) else True
