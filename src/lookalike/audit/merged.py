"""What is wrong with one object said once: the keys that its schema doesn't have, and those that it lacks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from lookalike.contract.audited import LACKING, keys
from lookalike.mismatch import Mismatch

_KEY = "the key "
_MISSING = "missing"
_POSITION = re.compile(r"\[\d+\]")


def merged(found: Iterable[Mismatch]) -> list[Mismatch]:
    """The mismatches, those of several keys of one object as one. Items of an array count as one object."""
    together: dict[tuple[str, ...], list[Mismatch]] = {}
    for one in found:
        together.setdefault(_key(one), []).append(one)
    return [_one(ones) for ones in together.values()]


def _key(one: Mismatch) -> tuple[str, ...]:
    """What those have in common that are one thing."""
    parent, _, name = one.where.rpartition(".")
    if parent and one.got.startswith(_KEY):
        return _POSITION.sub("[]", parent), one.level, one.expected
    if parent and one.got == _MISSING and name.isidentifier():
        return _POSITION.sub("[]", parent), one.level
    return _POSITION.sub("[]", one.where), one.level, one.expected, one.got


def _one(ones: list[Mismatch]) -> Mismatch:
    first = ones[0]
    parent = first.where.rpartition(".")[0]
    if first.got.startswith(_KEY):
        names = sorted({one.got.removeprefix(_KEY) for one in ones})
        many = replace(first, where=parent, got=keys(names), hint="")
        return many if len(names) > 1 else first
    names = sorted({one.where.rpartition(".")[2] for one in ones})
    if first.got != _MISSING or len(names) == 1:
        return first
    return Mismatch(parent, keys(names), LACKING, _reason(ones), level=first.level)


def _reason(ones: list[Mismatch]) -> str:
    """Where the document speaks of the object, as most of its keys' own reasons have it; else a reason of them all."""
    suffixes = ((one.evidence, f"/properties/{one.where.rpartition('.')[2]}") for one in ones)
    of_object = Counter(reason.removesuffix(suffix) for reason, suffix in suffixes if reason.endswith(suffix))
    if of_object:
        return of_object.most_common(1)[0][0]
    reasons = {one.evidence for one in ones}
    return reasons.pop() if len(reasons) == 1 else ""
