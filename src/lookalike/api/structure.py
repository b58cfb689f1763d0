"""Whether two pieces of JSON have one structure: the same keys and kinds at each place.

Null and empty arrays say nothing about what belongs there. The order of keys doesn't count, nor do values. The items of
an array are taken together: a key that only some items have is optional. 1 and 1.0 are both numbers: JSON has one kind
of number, and servers drop a fraction of zero (RFC 8259, section 6).
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from lookalike.codec import decode_json
from lookalike.double.columns import aligned
from lookalike.errors import DoubleError, InvalidJson, UsageError
from lookalike.mismatch import Mismatch

__tracebackhide__ = True

_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*\Z")
_SHOWN = 20


def compare(actual: Any, mocked: Any) -> list[Mismatch]:
    """Where the structure of `mocked` differs from that of `actual`; an empty list means nowhere.

    Each is JSON (dicts, lists, strings, numbers, booleans, None) or has a method `json()`, as the responses of
    requests and httpx do. In a mismatch, `expected` is what the actual data has, and `got` what the mocked data has.

    Of two responses whose statuses differ, that comes first: where one of them failed, and where their data differs.

    Raises UsageError for a `json()` that has to be awaited first.
    """
    found = _compare(actual, mocked)
    theirs, ours = _status(actual), _status(mocked)
    if theirs is None or ours is None or theirs == ours or not (found or (theirs < 400) != (ours < 400)):
        return found
    return [Mismatch("status", str(theirs), str(ours)), *found]


def _status(value: Any) -> int | None:
    """The status of a response, as requests and httpx (`status_code`), urllib3 and aiohttp (`status`) name it."""
    for name in ("status_code", "status"):
        status = getattr(value, name, None)
        if type(status) is int or isinstance(status, HTTPStatus):
            return int(status)
    return None


def _compare(actual: Any, mocked: Any) -> list[Mismatch]:
    real, problem = _json_of(actual, "actual")
    fake, other_problem = _json_of(mocked, "mocked")
    if problem or other_problem:
        if problem and other_problem:
            return []
        return [Mismatch("body", problem or "JSON", "JSON" if problem else other_problem)]
    found: list[Mismatch] = []
    work = [("json", _Place.of(real), _Place.of(fake))]
    while work:
        where, left, right = work.pop()
        found.extend(_here(where, left, right))
        work.extend((_key(where, key), left.keys[key], right.keys[key]) for key in left.keys if key in right.keys)
        if left.items is not None and right.items is not None:
            work.append((f"{where}[]", left.items, right.items))
    return sorted(found, key=lambda one: one.where)


def assert_same_structure(actual: Any, mocked: Any) -> None:
    """Raises DoubleError, an AssertionError that names each place, where the two differ in structure; see `compare`."""
    found = compare(actual, mocked)
    if found:
        first = ""
        if found[0].where == "status":
            first = f"the actual answer is {found[0].expected}, the mocked one {found[0].got}"
            found = found[1:]
            if not found:
                raise DoubleError(f"{first}.")
            first += "; "
        places = "1 place" if len(found) == 1 else f"{len(found)} places"
        raise DoubleError(
            f"{first}the mocked data isn't built like the actual data, in {places}.\n\n"
            f"{aligned(found, limit=_SHOWN)}\n\n"
            "(expected: what the actual data has; got: what the mocked data has)"
        )


class _Place:
    """What is at one place, over all the values there."""

    __slots__ = ("counts", "items", "keys", "kinds", "objects")

    def __init__(self) -> None:
        self.kinds: dict[str, None] = {}
        self.objects = 0
        self.keys: dict[str, _Place] = {}
        self.counts: dict[str, int] = {}
        self.items: _Place | None = None

    @classmethod
    def of(cls, value: Any) -> _Place:
        root = cls()
        work: list[tuple[_Place, Any]] = [(root, value)]
        while work:
            place, one = work.pop()
            place.kinds[_kind(one)] = None
            if isinstance(one, Mapping):
                place.objects += 1
                for key, below in one.items():
                    name = str(key)
                    place.counts[name] = place.counts.get(name, 0) + 1
                    work.append((place.keys.setdefault(name, cls()), below))
            elif _kind(one) == "an array" and one:
                items = place.items = place.items or cls()
                work.extend((items, item) for item in one)
        return root


def _here(where: str, left: _Place, right: _Place) -> list[Mismatch]:
    found = []
    expected = [kind for kind in left.kinds if kind != "null"]
    got = [kind for kind in right.kinds if kind != "null" and kind not in expected]
    if expected and got:
        found.append(Mismatch(where, _either(expected), _either(got)))
    if left.objects and right.objects:
        extra = [key for key in right.keys if key not in left.keys]
        missing = [
            key for key in left.keys if left.counts[key] == left.objects and right.counts.get(key, 0) < right.objects
        ]
        for key in missing:
            some = (
                f"missing in {right.objects - right.counts[key]} of {right.objects}" if key in right.keys else "missing"
            )
            kinds = [kind for kind in left.keys[key].kinds if kind != "null"]
            found.append(Mismatch(_key(where, key), _either(kinds) if kinds else "any value", some))
        for key in extra:
            near = difflib.get_close_matches(key, left.keys, 1)
            hint = f'did you mean "{near[0]}"?' if near else ""
            found.append(Mismatch(_key(where, key), "no such key", _either(list(right.keys[key].kinds)), hint=hint))
    return found


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"),
    ((int, float), "a number"),
    (str, "a string"),
    (Mapping, "an object"),
    ((bytes, bytearray), "bytes"),
    (Sequence, "an array"),
)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), f"a {type(value).__name__}")


def _key(where: str, key: str) -> str:
    return f"{where}.{key}" if _PLAIN_KEY.match(key) else f'{where}["{key}"]'


def _either(kinds: list[str]) -> str:
    kinds = sorted(kinds)
    return kinds[0] if len(kinds) == 1 else ", ".join(kinds[:-1]) + " or " + kinds[-1]


def _json_of(value: Any, side: str) -> tuple[Any, str]:
    """The JSON of a value or response, and in words why there is none."""
    method = getattr(value, "json", None)
    if not callable(method) or isinstance(value, Mapping):
        return value, ""
    try:
        found = method()
        if inspect.iscoroutine(found):
            found.close()
            raise UsageError(f"the {side} response's json() has to be awaited: pass `await response.json()`")
        # pydantic's `json()` of version 1 is text.
        return (decode_json(found.encode()) if isinstance(found, str) and not _is_response(value) else found), ""
    except UsageError:
        raise
    except (ValueError, InvalidJson) as error:
        return None, f"something that isn't JSON ({str(error).splitlines()[0][:80]})"


def _is_response(value: Any) -> bool:
    return hasattr(value, "status_code") or hasattr(value, "status")
