"""Keys that are gone and keys that are new: renamed, moved, wrapped, or really gone and really new."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lookalike.contract.compare_column import Column
from lookalike.contract.compare_finding import Finding, share
from lookalike.contract.compare_form import Form, Support, kind_words
from lookalike.contract.compare_places import key_place, kind_of

_FITS = 0.7
_DOES_NOT_FIT = 0.3
_ALIKE = 0.5
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Gone:
    """A key that no fresh object has.

    place:      of the objects that had it
    words:      how often it was there
    objects:    the fresh objects
    k:          answers that lack it
    tag:        it told variants apart
    everything: no required key of the object is left
    sometimes:  it wasn't always there before
    older:      the answers without it, by number, from before the first value of it; left_out: how many of the
                answers aren't among the `k`, since they are merely older
    """

    place: str
    name: str
    form: Form
    words: str
    support: Support
    k: int
    objects: Column
    keys: frozenset[str]
    tag: bool = False
    everything: bool = False
    sometimes: bool = False
    older: frozenset[int] = frozenset()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Added:
    """A key that the contract doesn't know, with its values; `objects` are those that may have it."""

    place: str
    name: str
    column: Column
    objects: Column
    keys: frozenset[str]


def resolve(gone: Sequence[Gone], added: Sequence[Added]) -> Iterator[Finding]:
    """The findings for the keys that are gone and new: a pair that belongs together is one."""
    left, new = list(gone), list(added)
    for place in sorted({one.place for one in left}):
        for old, fresh in _renames([g for g in left if g.place == place], [a for a in new if a.place == place]):
            yield _pair("field-renamed", [old], fresh, fresh.name)
            left.remove(old)
            new.remove(fresh)
    for fresh in list(new):
        places = [_went_to(one, fresh) for one in left]
        moved = [one for one, place in zip(left, places, strict=True) if place]
        if moved:
            # Of several keys the object that has them now, of one the whole way to it.
            place = next(filter(None, places)) if len(moved) == 1 else key_place(fresh.place, fresh.name)
            yield _pair("field-moved", moved, fresh, place)
            left = [one for one in left if one not in moved]
            new.remove(fresh)
    yield from removed(left)
    for fresh in new:
        yield _addition(fresh)


def _renames(gone: list[Gone], added: list[Added]) -> Iterator[tuple[Gone, Added]]:
    names = [one.name for one in gone], [one.name for one in added]
    for i, j in pair_up(*names, lambda i, j: _same_shape(gone[i], added[j])):
        yield gone[i], added[j]


def pair_up(
    gone: Sequence[str], added: Sequence[str], same_shape: Callable[[int, int], bool]
) -> Iterator[tuple[int, int]]:
    """Pairs of a name that is gone and a new one that may be its new name, by their indices.

    The two have the same shape, and their names are alike or neither has another candidate.
    """
    scores = {
        (i, j): difflib.SequenceMatcher(None, name.lower(), fresh.lower()).ratio()
        for i, name in enumerate(gone)
        for j, fresh in enumerate(added)
        if same_shape(i, j)
    }
    while scores:
        (i, j), score = max(scores.items(), key=lambda item: (item[1], -item[0][0], -item[0][1]))
        alone = sum(pair[0] == i or pair[1] == j for pair in scores) == 1
        if not alone and score < _ALIKE:
            return
        yield i, j
        scores = {pair: value for pair, value in scores.items() if pair[0] != i and pair[1] != j}


def _same_shape(one: Gone, fresh: Added) -> bool:
    if one.form.unknown or fit(one.form, fresh.column) < _FITS:
        return False
    if not one.sometimes and fresh.column.n < fresh.objects.n:
        return False  # what was always there would still be
    lengths = one.form.shape.text_lengths if one.form.shape is not None else None
    strings = fresh.column.strings
    if lengths is None or not strings:
        return True
    # Values of another order of length are another field: a title isn't a country code.
    longest = max(map(len, strings))
    return longest >= lengths[0] and min(map(len, strings)) <= lengths[1]


def _went_to(one: Gone, fresh: Added) -> str:
    """The place where a key that is gone is found: under a new key, or as a new key elsewhere; empty where it isn't."""
    place = key_place(fresh.place, fresh.name)
    if fresh.name == one.name:
        return place if fresh.place != one.place and fit(one.form, fresh.column) >= _FITS else ""
    return _below(one, fresh.column, place, _DEEPEST)


def _below(one: Gone, column: Column, place: str, depth: int) -> str:
    if depth == 0 or "object" not in column.kinds:
        return ""
    inside = column.key(one.name)
    if inside.n and fit(one.form, inside) >= _FITS:
        return key_place(place, one.name)
    found = (_below(one, column.key(key), key_place(place, key), depth - 1) for key in column.keys)
    return next(filter(None, found), "")


def _pair(kind: str, gone: list[Gone], fresh: Added, detail: str) -> Finding:
    first = gone[0]
    inside = share(fresh.column.n, fresh.objects.n, fresh.objects.reached, "object")
    now = f"{fresh.name}: {_kinds_of(fresh.column)} {inside}"
    return Finding(
        kind, "", tuple(key_place(one.place, one.name) for one in gone),
        before="; ".join(_was(one) for one in gone), now=f"{now}; no {_names(gone)}", detail=detail,
        support=first.support, k=first.k, m=first.objects.reached - first.left_out, keys=first.keys,
    )  # fmt: skip


def _was(one: Gone) -> str:
    return f"{one.name}: {one.form.type_words()}" + (f" ({one.words})" if one.sometimes else "")


def _names(gone: Sequence[Gone]) -> str:
    return ", ".join(one.name for one in gone)


def _kinds_of(column: Column) -> str:
    return kind_words(column.kinds - {"null"}, nullable="null" in column.kinds)


def removed(gone: Sequence[Gone]) -> Iterator[Finding]:
    """The findings for keys that are gone for good: an object of which nothing is left is one."""
    together: dict[tuple[str, str], list[Gone]] = {}
    for one in gone:
        key = (one.place, "" if one.everything and not one.tag else one.name)
        together.setdefault(key, []).append(one)
    for group in together.values():
        first = group[0]
        kind = "optional-field-removed" if first.sometimes else "field-removed"
        yield Finding(
            "discriminator-gone" if first.tag else kind, "",
            tuple(key_place(one.place, one.name) for one in group),
            before=_before_gone(group),
            now=f"missing {share(first.objects.n, first.objects.n, first.k + first.left_out, 'object')}",
            support=first.support, k=first.k, m=first.objects.reached - first.left_out, keys=first.keys,
        )  # fmt: skip


def _before_gone(group: Sequence[Gone]) -> str:
    first = group[0]
    if len(group) > 1:
        return f"{_names(group)}: {first.words}"
    return first.words if first.form.unknown else f"{first.form.words}, {first.words}"


def _addition(fresh: Added) -> Finding:
    now = f"{_kinds_of(fresh.column)} {share(fresh.column.n, fresh.objects.n, fresh.column.reached, 'object')}"
    return Finding(
        "field-added", "", (key_place(fresh.place, fresh.name),), before="never seen", now=now,
        k=fresh.column.reached, m=fresh.objects.reached, keys=fresh.keys,
    )  # fmt: skip


def fit(form: Form, column: Column) -> float:
    """How well values fit a form, from 0 to 1: by kind, by the share of the known keys, by their items."""
    values = column.n - column.count(lambda value: value is None)[0]
    if not values or form.unknown:
        return 0.0
    allowed = form.kinds | ({"integer"} if "number" in form.kinds else set())
    right = column.count(lambda value: kind_of(value) in allowed)[0] / values
    if right < _FITS:
        return 0.0
    if "object" in column.kinds and form.fields and form.values is None:
        names = form.required or tuple(form.fields)
        kept = sum(_key_fits(form.fields[name].form, column.key(name)) for name in names)
        return right * kept / len(names)
    if "array" in column.kinds and form.items is not None and not form.items.unknown:
        return right * fit(form.items, column.items) if column.items.n else 0.5
    return right


def _key_fits(form: Form, column: Column) -> bool:
    return bool(column.n) and (form.unknown or not (column.kinds - {"null"}) or bool(column.kinds & form.kinds))


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Values that lie one key deeper or higher than a form says: `words`, and what to compare instead."""

    words: str
    form: Form
    column: Column


def wrapping(form: Form, column: Column) -> Wrapped | None:
    """Whether values lie one key deeper than a form says, or one key higher; None where neither."""
    nested = {"object", "array"}
    if not nested & form.kinds or not nested & column.kinds or fit(form, column) >= _DOES_NOT_FIT:
        return None
    known = form.fields
    score, key = max(((fit(form, column.key(key)), key) for key in column.keys if key not in known), default=(0.0, ""))
    if score >= _FITS:
        return Wrapped(f"inside the key {key}", form, column.key(key))
    outer = [(fit(one.form, column), name) for name, one in known.items() if nested & one.form.kinds]
    score, key = max(outer, default=(0.0, ""))
    if score >= _FITS and key not in column.keys:
        return Wrapped(f"no longer inside the key {key}", known[key].form, column)
    return None
