"""In which order the keys of an operation's bodies come, as far as evidence tells: one fingerprint, whatever the keys.

An object's keys have no order (RFC 8259, section 4), so this is information alone; files written from an answer and
tests that compare text see it all the same.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any

from lookalike.contract.compare_places import ITEMS, ROOT
from lookalike.contract.sorting import is_named

# The absorbing state: keys came in more than one order, or not always the same ones.
ANY = "no"
_LEAST, _MOST = 2, 64
_WRITTEN = re.compile(r"[0-9a-f]{8}|no")


def key_order(body: Any) -> tuple[str, tuple[str, ...]]:
    """The place and the keys, in their order, of a body or of the first item of a list; no keys for anything else."""
    place = ROOT
    if type(body) is list and body:
        body, place = body[0], ROOT + ITEMS
    return place, tuple(body) if type(body) is dict and _LEAST <= len(body) <= _MOST else ()


def order_of(body: Any) -> str:
    """The order of a body's keys as evidence keeps it; empty where it has no names that may be kept."""
    keys = key_order(body)[1]
    return order_mark(keys) if keys else ""


@lru_cache(maxsize=4096)
def order_mark(keys: tuple[str, ...]) -> str:
    """Eight hexadecimal digits that stand for keys in one order; the absorbing state for names that are data."""
    if not all(map(is_named, keys)):
        return ANY
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()[:8]


def either(one: str, other: str) -> str:
    """What is so of both: associative and commutative, with the empty order as identity."""
    return one if one == other or not other else ANY if one else other


def read_order(data: Any) -> str:
    """Read what was written. Raises TypeError for anything else."""
    if data is None:
        return ""
    if not isinstance(data, str) or not _WRITTEN.fullmatch(data):
        raise TypeError(f"{data!r} is no order of keys")
    return data
