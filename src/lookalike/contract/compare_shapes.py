"""Two learned shapes of one place held against each other: what fresh answers are held to, evidence is too.

A shape has no single values, so what is told here is what its counts show for sure: a longest text, a first number of
another order, keys of which one came more often than the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lookalike.contract.compare_bounds import NUMBERS, edges, exact_before, length_bounds, number_bounds, text_bounds
from lookalike.contract.compare_extents import MOST_NAMED, never_empty, surely_gone, surely_none
from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import DOCUMENT, Field, Form, Support, kind_words
from lookalike.contract.compare_places import ITEMS, key_place, steps
from lookalike.contract.kinds import Severity
from lookalike.counted import counted
from lookalike.shape.policy import grade, size
from lookalike.shape.shape import Property, Shape
from lookalike.shape.words import SAYS_NOTHING, key_form


def reach(old: Form, new: Form) -> tuple[list[Finding], bool]:
    """What values reach that the older ones didn't; and whether that says all of them, as of positions in a list."""
    shape = new.shape
    if shape is None:
        return [], False
    found = list(_first(old, shape))
    if old.unknown:
        return found, False
    moved = _positions(old, shape)
    if "string" in old.kinds and not old.enum:
        found += _longer(old, shape)
    if NUMBERS & old.kinds:
        found += _larger(old, shape)
    if moved is None and "array" in old.kinds:
        found += _emptier(old, shape)
    found += [*_other_keys(old, shape), *_begins(old, shape), *_apart(old, shape), *_branches(old, new)]
    return ([moved, *found] if moved is not None else found), moved is not None


def _found(kind: str, before: str, now: str, **more: Any) -> Finding:
    return Finding(kind, "", ("",), before, now, **more)


def _answers(shape: Shape, values: int, of: int | None = None) -> tuple[int, int]:
    """(answers, of answers) to distinct requests that some of the values are worth: as many as their share, one at
    least.
    """
    m = max(1, min(shape.r, shape.targets))
    whole = shape.n if of is None else of
    return max(1, math.ceil(m * min(values, whole) / max(whole, 1))), m


def _first(old: Form, shape: Shape) -> Iterator[Finding]:
    known = old.shape
    if known is None:
        return
    if old.unknown and shape.kinds and known.n:
        before = f"null in {among(known.n, known.n, 'value')} seen"
        values = shape.n - shape.kind_counts.get("null", 0)
        yield _found("first-value", before, f"{kind_words(shape.kinds)} in {among(values, shape.n, 'value')}")
    elif "array" in known.kinds and known.items is None and shape.items is not None and shape.items.n:
        before = f"empty in {among(known.empty, known.empty, 'list')} seen"
        now = f"{kind_words(shape.items.kinds)} in {counted(shape.items.n, 'value')}"
        yield replace(_found("first-value", before, now), places=(ITEMS,))


def _longer(old: Form, shape: Shape) -> Iterator[Finding]:
    bounds, longest = text_bounds(old), shape.text_lengths[1] if shape.text_lengths is not None else 0
    if bounds is not None and bounds.most is not None and longest > bounds.most:
        yield _found("string-longer", bounds.words, f"up to {counted(longest, 'character')}")


def _larger(old: Form, shape: Shape) -> Iterator[Finding]:
    low, high, words, _ = number_bounds(old)
    support = exact_before(old)
    if support is not None and shape.beyond:
        k, m = _answers(shape, shape.beyond)
        yield _found(
            "number-outside-range", f"within 2^53 {words}", f"beyond 2^53 in {counted(shape.beyond, 'value')}",
            severity=Severity.RISKY, support=support, k=k, m=m, statement="values",
        )  # fmt: skip
    elif _above(shape.maximum, high, learned=old.shape is not None) or _under(shape.minimum, low):
        known = [f"{one:,}" if one is not None else "unbounded" for one in (low, high)]
        yield _found("number-outside-range", f"{known[0]} to {known[1]} {words}", "outside it")


# A shape's bounds are powers of ten outside of its numbers: what is surely there lies a digit further in.


def _above(maximum: float | None, high: float | None, *, learned: bool) -> bool:
    """Whether a number is surely larger than any before."""
    if maximum is None or high is None:
        return False
    largest = maximum / 10 if maximum > 1 else 0 if maximum >= 0 else maximum * 10
    return largest >= high if learned else largest > high


def _under(minimum: float | None, low: float | None) -> bool:
    """Whether a number is surely smaller than any before."""
    if minimum is None or low is None:
        return False
    if minimum < -1:
        return minimum / 10 < low
    return low >= 0 if minimum < 0 else low >= max(10 * minimum, 1)


def _emptier(old: Form, shape: Shape) -> Iterator[Finding]:
    if shape.lengths is None:
        return
    least, most, words, support = length_bounds(old)
    low, high = shape.lengths
    if least and shape.empty:
        k, m = _answers(shape, shape.empty)
        now = f"empty in {among(shape.empty, shape.kind_counts.get('array', 0), 'list')}"
        yield _found(
            "array-length-changed", f"never empty {words}", now, severity=never_empty(support),
            support=support or DOCUMENT, k=k, m=m, statement="values",
        )  # fmt: skip
    elif (least is not None and low < least) or (most is not None and high > most):
        yield _found("array-length-changed", f"{edges(least, most)} items {words}", f"{edges(low, high)} items")


def _positions(old: Form, shape: Shape) -> Finding | None:
    """Lists of another length, or with something else at a position, than those whose positions mean something."""
    known = old.shape.tuple_items if old.shape is not None else ()
    if not known or shape.lengths is None:
        return None
    items = [shape.items.kinds if shape.items is not None else ()] * len(known)
    fresh = shape.tuple_items if len(shape.tuple_items) == len(known) else items
    same = all(_may(kinds, now) for kinds, now in zip(known, fresh, strict=True))
    if shape.lengths == (len(known), len(known)) and same:
        return None
    before = f"[{', '.join(map(kind_words, known))}], {old.type_words()}"
    now = f"[{', '.join(map(kind_words, fresh))}], {shape.lengths[0]} to {shape.lengths[1]} items"
    k, m = _answers(shape, shape.n)
    return _found("tuple-changed", before, now, support=old.support, k=k, m=m, statement="kind")


def may_come(known: Field, new: Form) -> bool:
    """Whether a key that came sometimes is missing for want of samples: then it isn't gone."""
    if known.required or new.shape is None:
        return False
    return known.seen is None or not surely_gone(known.seen, new.shape.objects, new.shape.targets)


def keys_alike(old: Form, new: Form) -> bool:
    """Whether what seems to be a record here and a map there is a map of which few keys were seen."""
    record, mapped = (old, new) if old.values is None else (new, old)
    form = mapped.shape.map_form if mapped.shape is not None else ""
    return bool(form) and form not in SAYS_NOTHING and all(key_form(name) == form for name in record.fields)


def _other_keys(old: Form, shape: Shape) -> Iterator[Finding]:
    """A map whose keys have another form."""
    known = old.shape.map_form if old.shape is not None and old.values is not None else ""
    fresh = shape.map_form if shape.map_values is not None else ""
    if known and fresh and known != fresh and not {known, fresh} & SAYS_NOTHING:
        k, m = _answers(shape, shape.n)
        before = f"a map with keys that are {known}, {old.type_words()}"
        now = f"keys that are {fresh}"
        yield _found("object-became-map", before, now, support=old.support, k=k, m=m, statement="kind")


def _begins(old: Form, shape: Shape) -> Iterator[Finding]:
    """Identifiers that begin with something else, as far as what they begin with is known of all."""
    fresh = sorted(set(shape.prefixes) - set(old.prefixes))
    # That none is known of all may be for one that looks like a word; another length or form is surely another.
    known = old.shape.text_lengths if old.shape is not None else None
    apart = known is not None and shape.text_lengths is not None and (
        shape.text_lengths[1] < known[0] or shape.text_lengths[0] > known[1]
    )  # fmt: skip
    other = apart or bool(shape.format) or any(not word.startswith(old.prefixes) for word in shape.words)
    if old.prefixes and (fresh or (other and not shape.prefixes)):
        k, m = _answers(shape, shape.n)
        before = old.string_words(f"beginning with {', '.join(old.prefixes)}", old.support)
        now = f"beginning with {', '.join(fresh)}" if fresh else "begins otherwise"
        yield _found("id-form-changed", before, now, support=old.support, k=k, m=m)


def _may(known: tuple[str, ...], fresh: tuple[str, ...]) -> bool:
    """Whether what is at a position may be of the kinds that were there; fresh: the kinds of all that may lie there."""
    return not known or not fresh or bool({*known, *(["integer"] if "number" in known else [])} & set(fresh))


def _apart(old: Form, shape: Shape) -> Iterator[Finding]:
    """Keys that came together or not at all, of which one came more often than another."""
    for names, before, support in _together(old):
        has = [shape.properties.get(name) for name in names]
        if not all(has) or len({one.present for one in has if one is not None}) < 2:
            continue
        present = [one.present for one in has if one is not None]
        k, m = _answers(shape, max(present) - min(present), max(present))
        now = ", ".join(f"{name} in {n:,}" for name, n in zip(names, present, strict=True))
        yield Finding(
            "presence-rule-broken", "", tuple(key_place("", name) for name in names), before,
            f"{now} of {counted(shape.objects, 'object')}", ", ".join(names), support=support, k=k, m=m,
            statement="sometimes", partly=min(present) > 0,
        )  # fmt: skip


def _together(old: Form) -> Iterator[tuple[tuple[str, ...], str, Support]]:
    known = old.shape
    for names in known.companions if known is not None else ():
        if known is not None and all(name in old.fields for name in names):
            n = known.properties[names[0]].present
            sized = size(n, min(known.targets, n))
            words = f"together in {among(n, n, 'object')} seen with any of them"
            yield names, words, Support(sized, grade(sized, known.targets))


def words_of_tag(old: Form, new: Form) -> tuple[str, ...]:
    """What the tag of an older union says in newer objects, of which too few were seen to call them one."""
    if not old.tag or old.tag == new.tag or new.shape is None or old.tag not in new.shape.properties:
        return ()
    return new.shape.properties[old.tag].shape.words


def _branches(old: Form, new: Form) -> Iterator[Finding]:
    """Variants that came often and don't come at all, and those that never came."""
    known, shape = old.shape, new.shape
    union = known.union if known is not None else None
    if known is None or shape is None or union is None or union.tag not in shape.properties:
        return
    came = shape.properties[union.tag].shape.words
    place, every = (key_place("", union.tag),), ", ".join(f'"{value}"' for value in sorted(union.branches))
    gone = [
        value
        for value, one in sorted(union.branches.items())
        if value not in came and surely_none(one.objects, known, shape.n, shape.targets)
    ]
    if gone and set(came) & set(union.branches):
        shown = ", ".join(f'"{value}"' for value in gone[:MOST_NAMED])
        before = f"{shown} among {counted(len(union.branches), 'variant')}"
        now = f"never, in {counted(shape.n, 'object')}"
        yield replace(_found("union-branch-gone", before, now), places=place)
    fresh = [value for value in words_of_tag(old, new) if value not in union.branches]
    if fresh:
        k, m = _answers(shape, math.ceil(shape.n * len(fresh) / len(came)))
        now = ", ".join(f'"{value}"' for value in fresh[:MOST_NAMED])
        found = _found("union-branch-added", old.string_words(every, old.support), now, support=old.support, k=k, m=m)
        yield replace(found, places=place)


def lengths_meet(old: Form, new: Form) -> bool:
    """Whether strings may be of one field, by how long they are: a title isn't a country code."""
    was = old.shape.text_lengths if old.shape is not None else None
    has = new.shape.text_lengths if new.shape is not None else None
    return was is None or has is None or (has[1] >= was[0] and has[0] <= was[1])


def weighed(one: Finding, old: Form, new: Form) -> Finding | None:
    """A finding of one place with what it rests on and what speaks against that, where both were learned.

    None where it only says that something wasn't seen again, and that may be for want of samples.
    """
    if new.shape is None:
        return one
    if one.places == ("",):
        if one.kind in _FEWER:
            return one if old.shape is not None and _FEWER[one.kind](old, old.shape, new.shape) else None
        counts = _VALUES.get(one.kind)
        if counts is None or old.shape is None or not one.support.certain:
            return one
        k, m = _answers(new.shape, counts(old, new.shape))
        support = _SUPPORT.get(one.kind, _of_type)(old)
        return replace(one, support=support, k=k, m=m, partly=one.partly or counts(old, new.shape) < new.shape.n)
    path = steps(one.places[0])
    name = path[0].removeprefix(".") if len(path) == 1 else ""
    known = old.fields.get(name)
    if one.kind == "enum-value-gone" and name == old.tag:
        return None  # told as a variant that is gone
    if known is None or known.seen is None:
        return None if one.kind == "became-firmer" and one.before == "optional" and old.shape is None else one
    return _of_key(one, old, name, known.seen, new.shape)


def _of_key(one: Finding, old: Form, name: str, seen: Property, shape: Shape) -> Finding | None:
    if one.kind == "became-firmer":
        if one.before != "optional":
            return one  # that its value is never null, weighed at its own place
        if old.tag:
            return None  # of another mixture of variants
        known = old.shape
        lacked = seen.of - seen.present
        return one if known is not None and surely_none(lacked, known, shape.objects, shape.targets) else None
    if one.kind not in _OF_KEYS or not one.support.certain:
        return one
    has = shape.properties.get(name)
    k, m = _answers(shape, shape.objects - (has.present if has is not None else 0), shape.objects)
    return replace(one, support=old.presence(name), k=k, m=m, partly=has is not None and has.present > 0)


def _of_type(old: Form) -> Support:
    return old.support


def _nulls(old: Form, shape: Shape) -> int:
    return shape.kind_counts.get("null", 0)


def _others(old: Form, shape: Shape) -> int:
    """Values of kinds that weren't there."""
    known = old.kinds | ({"integer"} if "number" in old.kinds else set()) | {"null"}
    return sum(n for kind, n in shape.kind_counts.items() if kind not in known)


def _words(old: Form, shape: Shape) -> int:
    counted_ones = sum(n for value, n in shape.enum_counts.items() if value not in old.enum)
    if counted_ones or not shape.words:
        return counted_ones or shape.n
    return math.ceil(shape.n * sum(value not in old.enum for value in shape.words) / len(shape.words))


def _all(old: Form, shape: Shape) -> int:
    return shape.n


def _no_null(old: Form, known: Shape, shape: Shape) -> bool:
    return surely_none(known.kind_counts.get("null", 0), known, shape.n, shape.targets)


def _no_kind(old: Form, known: Shape, shape: Shape) -> bool:
    kinds = {"number" if kind == "integer" else kind for kind in shape.kind_counts}
    had = [n for kind, n in known.kind_counts.items() if ("number" if kind == "integer" else kind) not in kinds]
    return bool(had) and surely_none(max(had), known, shape.n, shape.targets)


def _no_word(old: Form, known: Shape, shape: Shape) -> bool:
    gone = [n for value, n in known.enum_counts.items() if value not in shape.enum_counts]
    return bool(gone) and surely_none(max(gone), known, shape.n, shape.targets)


# By kind: how many of the newer values contradict, for those that are about a place itself.
_VALUES: Mapping[str, Callable[[Form, Shape], int]] = {
    "became-nullable": _nulls,
    "type-changed": _all,
    "type-widened": _others,
    "item-type-changed": _all,
    "enum-value-added": _words,
    "constant-changed": _words,
    "format-changed": _all,
    "object-became-map": _all,
    "body-wrapped": _all,
}
_SUPPORT: Mapping[str, Callable[[Form], Support]] = {
    "became-nullable": lambda form: form.null_support,
    "enum-value-added": lambda form: form.enum_support,
    "constant-changed": lambda form: form.enum_support,
}
# Those that are about a key of it.
_OF_KEYS = frozenset({"field-removed", "field-became-optional", "field-renamed", "field-moved", "discriminator-gone"})
# What isn't there any more, with whether that would be a rare accident.
_FEWER: Mapping[str, Callable[[Form, Shape, Shape], bool]] = {
    "became-firmer": _no_null,
    "type-narrowed": _no_kind,
    "enum-value-gone": _no_word,
}
