"""Lists and keys that always came in one order and don't now, and errors under another status than those like them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import Form, Support
from lookalike.contract.compare_places import ITEMS, ROOT
from lookalike.contract.counts import AnswerCounts, BodyCounts
from lookalike.contract.key_order import ANY, key_order, order_mark
from lookalike.contract.openapi import is_json
from lookalike.contract.sorting import NO_LIST, Sorting, can_show, sorting_of
from lookalike.counted import counted
from lookalike.shape.policy import judge
from lookalike.shape.shape import Shape

_LEAST = 5
_IN_ORDER = "keys in one order in all answers seen"
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


def json_counts(answer: AnswerCounts | None) -> BodyCounts | None:
    """What was counted of the JSON bodies of answers; None where there are none, or of several media types."""
    bodies = [body for kind, body in (answer.media if answer is not None else {}).items() if is_json(kind)]
    return bodies[0] if len(bodies) == 1 else None


def keys_otherwise(known: str, n: int, form: Form, bodies: Sequence[Any]) -> Iterator[Finding]:
    """The same keys in another order than in all answers seen; n: how many these were."""
    if not _ordered(known, n):
        return
    held = [(place, keys) for place, keys in map(key_order, bodies) if keys and _same_keys(form, place, keys)]
    k = sum(order_mark(keys) not in (known, ANY) for _, keys in held)
    if k and judge(k, len(held), form.support.size, "header") == "drift":
        now = f"in another, in {among(k, len(held), 'answer')}"
        yield Finding("order-changed", "", (held[0][0],), _IN_ORDER, now, "keys", k=k, m=len(held))


def keys_between(old: BodyCounts, new: BodyCounts, before: Form, after: Form) -> Iterator[Finding]:
    """The same for two bodies of evidence."""
    place = ROOT + ITEMS if before.kinds == {"array"} else ROOT
    form = after.items if place != ROOT and after.items is not None else after
    same = _same_keys(before, place, tuple(form.fields)) and form.required == tuple(form.fields)
    if _ordered(old.keys, old.n) and new.keys not in ("", old.keys) and same and before.kinds == after.kinds:
        now = "in another" if new.keys != ANY else "not always in that"
        yield Finding("order-changed", "", (place,), _IN_ORDER, now, "keys")


def _ordered(known: str, n: int) -> bool:
    return known not in ("", ANY) and n >= _LEAST


def _same_keys(form: Form, place: str, keys: Sequence[str]) -> bool:
    """Whether an object has just the keys that all had, so that their order alone may differ."""
    inner = form if place == ROOT else form.items
    return inner is not None and set(keys) == set(inner.fields) and inner.required == tuple(inner.fields)


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
