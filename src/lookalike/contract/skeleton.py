"""A path's skeleton: its segments, with those that are values by their form alone replaced by the form's name.

It is a pure function of one path, so counts that are keyed by it add up in any order. What only a whole recording can
tell (names that vary, such as logins) is decided in `templates.py` when the evidence is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

from lookalike.contract.paths import split_path
from lookalike.secrets import is_sensitive

T = TypeVar("T")
# A method and a skeleton.
Key = tuple[str, tuple[str, ...]]

# Beyond this many names beside one another a place is one variable: the cap absorbs, in any order of adding. An API of
# procedures has more of them where it begins (`/api/vote`).
NAMES_CAP, PROCEDURES_CAP = 64, 256
ANY = "{*}"

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("{int}", re.compile(r"-?\d{1,30}")),
    ("{uuid}", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("{date}", re.compile(r"\d{4}-\d\d-\d\d(?:[T_ ][\d:.+Z-]+)?")),
    ("{number}", re.compile(r"-?\d+\.\d+(?:,-?\d+(?:\.\d+)?)*")),
    ("{hash}", re.compile(r"(?=[^g-z]*\d)(?=[^g-z]*[a-f])[0-9a-f]{7,128}|[0-9A-F]{32,128}")),
    ("{email}", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    # What recorders write in place of somebody's own names: <LOGIN>, <<ACCESS_TOKEN>>.
    ("{id}", re.compile(r".*<[A-Za-z][\w -]*>.*")),
    # Identifiers with a prefix of their own: cus_NffrFeUfNV2Hib, U024BE7LH1.
    ("{id}", re.compile(r"[a-z]{2,8}_(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{6,}")),
    ("{id}", re.compile(r"(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{8,64}")),
    # Short codes in groups: wdq-4fb-9dc.
    ("{id}", re.compile(r"(?=[a-z-]*\d)[a-z0-9]{3}(?:-[a-z0-9]{3}){2}")),
    # Letters of both cases and digits, mixed, as base62 and base64 give.
    ("{id}", re.compile(r"(?=[^0-9]*\d)(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9]{10,64}")),
    ("{id}", re.compile(r"(?=[^0-9]*\d)(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9_=-]{20,}")),
)
_ENDING = re.compile(r"(?P<stem>.+)(?P<ending>\.(?:json|xml|html|csv|txt|js|pdf|png|jpg|svg|ics|atom|rss|diff|patch))")
# What is done with a thing, behind its name: `/operations/7:cancel`, `/models/gemini:countTokens` (Google's AIP-136).
_VERB = re.compile(r"(?P<stem>.+)(?P<ending>:[a-z][A-Za-z]{2,40})")
_VERSION = re.compile(r"\d{1,2}(?:\.\d{1,2})?|\d{4}-\d\d-\d\d")
_NAMED_VERSION = re.compile(r"v\d+(\.\d+)*(?:(?:alpha|beta|rc|preview)\d*)?", re.IGNORECASE)
# Segments that say where an API begins, or how it is asked, and name nothing in it.
_DOORS = frozenset({"ajax", "api", "apis", "rest", "rpc", "service", "services"})
_LONGEST_NAME = 128
_NOT_PLAIN = re.compile(r"[{}/?#%\x00-\x1f]")


def skeleton(path: str) -> tuple[str, ...]:
    """The skeleton of a concrete path that is relative to the base URL: `/users/7/posts` is `users`, `{int}`, `posts`.

    A first segment such as `1`, `1.1` or `2010-04-01` with more behind it is a version and stays.
    """
    parts = split_path(path)
    # Numbers are asked for first: they are most of what varies, and would only fill the cache.
    found = ["{int}" if part.isdigit() and part.isascii() and len(part) <= 30 else _form(part) for part in parts]
    if len(parts) > 1 and _VERSION.fullmatch(parts[0]):
        found[0] = parts[0]
    return tuple(found)


@lru_cache(maxsize=16384)
def _form(part: str) -> str:
    verb = _VERB.fullmatch(part)
    if verb is not None:
        stem = _form(verb["stem"])
        if is_form(stem):
            return stem + verb["ending"]
    for name, pattern in _FORMS:
        if pattern.fullmatch(part):
            return name
    match = _ENDING.fullmatch(part)
    if match is not None:
        stem = _form(match["stem"])
        if is_form(stem):
            return stem + match["ending"]
    if len(part) > _LONGEST_NAME or is_sensitive(part):
        return "{id}"
    # In a template these would begin a parameter, a query or another segment.
    return quote(part, safe="!$&'()*+,;=:@ .~-_") if _NOT_PLAIN.search(part) else part


def is_form(segment: str) -> bool:
    """Whether a segment of a skeleton stands for values."""
    return segment.startswith("{")


def verb_of(segment: str) -> str:
    """What a segment says is done with the thing that it names: `:cancel` of `op-7:cancel`; else empty."""
    found = _VERB.fullmatch(segment)
    return found["ending"] if found is not None else ""


def is_version(segment: str) -> bool:
    """Whether a segment is a version by its name: `v2`, `v4beta`."""
    return bool(_NAMED_VERSION.fullmatch(segment))


def is_door(segment: str) -> bool:
    """Whether a segment says where an API begins: `api`, `rpc`."""
    return segment.lower() in _DOORS


def at_root(path: Sequence[str]) -> bool:
    """Whether an API begins below a path: `/`, `/v2`, `/api`, `/api/v2`."""
    if not path:
        return True
    return (len(path) <= 2 and is_version(path[-1])) or all(is_door(part) or is_version(part) for part in path)


def collapse(items: Mapping[Key, T], add: Callable[[T, T], T]) -> dict[Key, T]:
    """Counts with the cap applied: where more than the cap of names stand beside one another, or ANY, they become ANY
    and what is below them is added up.

    It depends only on the set of skeletons, so adding then collapsing is the same as collapsing, adding, collapsing.
    """
    current = dict(items)
    depth = 0
    while True:
        names: dict[tuple[str, ...], set[str]] = {}
        longest = 0
        for _, path in current:
            longest = max(longest, len(path))
            if len(path) > depth and (path[depth] == ANY or not is_form(path[depth])):
                names.setdefault(path[:depth], set()).add(path[depth])
        full = {prefix for prefix, found in names.items() if ANY in found or len(found) > _cap(prefix)}
        if full:
            current = _widened(current.items(), full, depth, add)
        depth += 1
        if depth >= longest:
            return current


def _cap(prefix: tuple[str, ...]) -> int:
    return PROCEDURES_CAP if prefix and at_root(prefix) else NAMES_CAP


def _widened(
    items: Iterable[tuple[Key, T]],
    full: set[tuple[str, ...]],
    depth: int,
    add: Callable[[T, T], T],
) -> dict[Key, T]:
    result: dict[Key, T] = {}
    for (method, path), value in items:
        if path[:depth] in full and len(path) > depth and not is_form(path[depth]):
            path = (*path[:depth], ANY, *path[depth + 1 :])
        key = (method, path)
        result[key] = add(result[key], value) if key in result else value
    return result
