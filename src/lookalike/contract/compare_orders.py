"""Lists that were always sorted by a key and aren't now, and errors that have another status than those like them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import Support
from lookalike.contract.compare_places import ITEMS
from lookalike.contract.sorting import NO_LIST, Sorting, can_show, sorting_of
from lookalike.counted import counted
from lookalike.shape.policy import judge
from lookalike.shape.shape import Shape

_LEAST = 5
_OPPOSITE = {"+": "-", "-": "+"}
_WORDS = {"+": "ascending", "-": "descending"}
# What says why a request failed, as a word of a program.
_CAUSES = ("code", "error", "type", "reason", "error_code", "errorCode", "key", "title", "status")


def unsorted(known: Sorting, bodies: Sequence[Any], support: Support) -> Iterator[Finding]:
    """Lists in another order than all that were seen."""
    for one in known.by if known.lists >= _LEAST else ():
        where, _, way = one.rpartition(" ")
        if f"{where} {_OPPOSITE[way]}" in known.by:
            continue  # always the same value
        # A list or a key that is elsewhere now is told as that.
        fresh = [sorting_of(body) for body in bodies if can_show(body, where)]
        k = sum(one not in other.by for other in fresh)
        if k and judge(k, len(fresh), support.size, "header") == "drift":
            before = f"{_WORDS[way]} in {among(known.lists, known.lists, 'list')} seen"
            yield Finding("order-changed", "", (where,), before, f"not so {_lists(k, len(fresh))}", k=k, m=len(fresh))


def otherwise(old: Sorting, new: Sorting) -> Iterator[Finding]:
    """The same for two bodies of evidence."""
    for one in old.by if old.lists >= _LEAST and new != NO_LIST else ():
        where, _, way = one.rpartition(" ")
        elsewhere = bool(new.by) and not any(_list(other) == _list(where) for other in new.by)
        if one not in new.by and f"{where} {_OPPOSITE[way]}" not in old.by and not elsewhere:
            before = f"{_WORDS[way]} in {among(old.lists, old.lists, 'list')} seen"
            yield Finding("order-changed", "", (where,), before, "not in all lists")


def _list(where: str) -> str:
    return where.rpartition(ITEMS)[0]


def _lists(k: int, of: int) -> str:
    return f"in {among(k, of, 'list')}"


def same_cause(body: Any, status: str, shapes: Mapping[str, Shape]) -> tuple[str, str, Shape] | None:
    """(status, word, shape) of the only known error that gave the same cause as this one does under another status."""
    for key in _CAUSES if isinstance(body, dict) else ():
        word = body.get(key)
        had = [
            one
            for one, shape in shapes.items()
            if isinstance(word, str) and key in shape.properties and word in shape.properties[key].shape.words
        ]
        if len(had) == 1 and had[0] != status:
            return had[0], word, shapes[had[0]]
    return None


def error_words(status: str, word: str, shape: Shape) -> str:
    """`404 with "not_found", in 12 answers seen`."""
    return f'{status} with "{word}", in {counted(shape.n, "answer")} seen'
