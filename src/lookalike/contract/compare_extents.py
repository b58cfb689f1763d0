"""How far values reach and which of them come: longer, larger, emptier, for the first time, or never any more.

What was seen is no promise, so these are information, but for what breaks code whatever was promised: a first empty
list, an integer that a double can't hold, and positions that mean something else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from lookalike.contract.compare_bounds import NUMBERS, edges, exact_before, length_bounds, number_bounds, text_bounds
from lookalike.contract.compare_column import Column
from lookalike.contract.compare_finding import Finding, among, share
from lookalike.contract.compare_form import DOCUMENT, Form, Support, kind_words
from lookalike.contract.compare_places import ITEMS, key_place, kind_of
from lookalike.contract.kinds import Severity
from lookalike.counted import counted
from lookalike.shape.policy import DEFAULT, Prior, Statement, grade, p_at_least, size
from lookalike.shape.shape import Property, Shape
from lookalike.shape.words import SAYS_NOTHING, key_form

# Beyond it a double has no room for every integer (IEEE 754, section 3.4).
_EXACT = 2**53
# Information about what doesn't come any more: surer than a finding, since so many places are looked at.
_SURE = 0.01
MOST_NAMED = 5


def first_values(form: Form, column: Column, place: str) -> Iterator[Finding]:
    """A value where only null, or only empty lists, had been seen."""
    shape = form.shape
    if shape is None:
        return
    fresh = column.kinds - {"null"}
    if form.unknown and fresh and shape.n:
        n, k = column.count(lambda value: value is not None)
        before = f"null in {among(shape.n, shape.n, 'value')} seen"
        now = f"{kind_words(fresh)} {share(n, column.n, k)}"
        yield Finding("first-value", "", (place,), before, now, k=k, m=column.reached)
    elif "array" in shape.kinds and shape.items is None and column.items.n:
        before = f"empty in {among(shape.empty, shape.empty, 'list')} seen"
        now = f"{kind_words(column.items.kinds)} in {counted(column.items.reached, 'answer')}"
        yield Finding("first-value", "", (place + ITEMS,), before, now, k=column.items.reached, m=column.reached)


def extents(form: Form, column: Column, place: str, *, wanted: Collection[str] = ()) -> Iterator[Finding]:
    """Values at a place that reach further than those known, or that come no longer.

    wanted: values that the requests asked for by name, so that others can't come
    """
    if "string" in form.kinds and not form.enum:
        yield from _texts(form, column.only("string"), place)
    if NUMBERS & form.kinds:
        yield from _numbers(form, column.only(*NUMBERS), place)
    if "array" in form.kinds and not (form.shape is not None and form.shape.tuple_items):
        yield from _lengths(form, column.only("array"), place)
    if form.shape is not None:
        yield from _never_again(form.shape, form, column, place, wanted)


def _found(
    kind: str, place: str, words: tuple[str, str], counts: tuple[int, int], severity: Severity | None = None,
    support: Support | None = None, statement: Statement | None = None,
) -> Finding:  # fmt: skip
    return Finding(
        kind, "", (place,), *words, severity=severity, support=support or DOCUMENT, k=counts[0], m=counts[1],
        statement=statement,
    )  # fmt: skip


def _never(kind: str, place: str, before: str, column: Column, noun: str) -> Finding:
    now = f"never, in {counted(column.n, noun)}"
    return _found(kind, place, (before, now), (column.reached, column.reached))


def _outside(column: Column, holds: Callable[[Any], bool], what: str) -> tuple[str, tuple[int, int]] | None:
    """Words and (answers, of answers) for the values of which something holds; None where there are none."""
    n, k = column.count(holds)
    return (f"{what} {share(n, column.n, k)}", (k, column.reached)) if n else None


def _texts(form: Form, column: Column, place: str) -> Iterator[Finding]:
    bounds = text_bounds(form)
    if bounds is None or bounds.most is None:
        return
    most = bounds.most
    found = _outside(column, lambda value: len(value) > most, "more")
    if found:
        yield _found("string-longer", place, (bounds.words, found[0]), found[1])


def _numbers(form: Form, column: Column, place: str) -> Iterator[Finding]:
    low, high, words, _ = number_bounds(form)
    support = exact_before(form)
    if support is not None:
        found = _outside(column, lambda value: type(value) is int and abs(value) > _EXACT, "beyond 2^53")
        if found:
            before = (f"within 2^53 {words}", found[0])
            yield _found("number-outside-range", place, before, found[1], Severity.RISKY, support, "values")
            return

    def outside(value: Any) -> bool:
        return (low is not None and value < low) or (high is not None and value > high)

    found = _outside(column, outside, "outside it")
    if found:
        known = [f"{one:,}" if one is not None else "unbounded" for one in (low, high)]
        yield _found("number-outside-range", place, (f"{known[0]} to {known[1]} {words}", found[0]), found[1])


def _lengths(form: Form, column: Column, place: str) -> Iterator[Finding]:
    least, most, words, support = length_bounds(form)
    if least:
        found = _outside(column, lambda value: not value, "empty")
        if found:
            yield _found(
                "array-length-changed", place, (f"never empty {words}", found[0]), found[1], never_empty(support),
                support, "values",
            )  # fmt: skip
            return
    low = least or 0
    found = _outside(column, lambda value: len(value) < low or (most is not None and len(value) > most), "otherwise")
    if found:
        yield _found("array-length-changed", place, (f"{edges(low, most)} items {words}", found[0]), found[1])


def never_empty(support: Support | None) -> Severity:
    """Code that takes the first item of a list that always had one fails where it is empty."""
    return Severity.RISKY if support is None or support.grade == "firm" else Severity.INFO


def tuples(form: Form, column: Column, place: str) -> Finding | None:
    """Lists whose positions mean something (`[longitude, latitude]`), with another length or in another order."""
    known = form.shape.tuple_items if form.shape is not None else ()
    if not known:
        return None

    def other(value: Any) -> bool:
        return len(value) != len(known) or any(
            kind_of(one) not in kinds and not (kind_of(one) == "integer" and "number" in kinds)
            for one, kinds in zip(value, known, strict=True)
        )

    n, k = column.count(other)
    if not n:
        return None
    before = f"[{', '.join(kind_words(kinds) for kinds in known)}], {form.type_words()}"
    now = f"another length or other positions {share(n, column.n, k, 'list')}"
    return _found("tuple-changed", place, (before, now), (k, column.reached), None, form.support, "kind")


def _never_again(shape: Shape, form: Form, column: Column, place: str, wanted: Collection[str]) -> Iterator[Finding]:
    """What came often and doesn't come at all in many answers."""
    nulls = shape.kind_counts.get("null", 0)
    if form.nullable and nulls and "null" not in column.kinds and surely_none(nulls, shape, column.n, column.reached):
        yield _never("became-firmer", place, f"null in {among(nulls, shape.n, 'value')} seen", column, "value")
    kinds = {"number" if kind == "integer" else kind for kind in column.kinds}
    for kind in sorted(form.kinds - {"integer", "number"} if len(form.kinds) > 1 else ()):
        had = shape.kind_counts.get(kind, 0)
        if had and kind not in kinds and kinds - {"null"} and surely_none(had, shape, column.n, column.reached):
            yield _never("type-narrowed", place, f"{kind} in {among(had, shape.n, 'value')} seen", column, "value")
    if len(form.enum) < 2 or any(value in wanted for value in shape.enum_counts):
        return
    strings = column.only("string")
    came = set(strings.strings)
    counts = sorted(shape.enum_counts.items())
    gone = [value for value, had in counts if value not in came and surely_none(had, shape, strings.n, strings.reached)]
    if gone and came & set(form.enum):
        shown = ", ".join(f'"{value}"' for value in gone[:MOST_NAMED])
        yield _never("enum-value-gone", place, f"{shown} among {counted(len(counts), 'value')}", strings, "value")


def branch_gone(form: Form, column: Column, place: str, wanted: Collection[str]) -> Iterator[Finding]:
    """Variants of an object that came often and don't come at all in many answers."""
    shape = form.shape
    union = shape.union if shape is not None else None
    if shape is None or union is None or any(value in wanted for value in union.branches):
        return
    came = set(column.key(form.tag).strings)
    gone = [
        value
        for value, branch in sorted(union.branches.items())
        if value not in came and surely_none(branch.objects, shape, column.n, column.reached)
    ]
    if gone and came & set(union.branches):
        shown = ", ".join(f'"{value}"' for value in gone[:MOST_NAMED])
        before = f"{shown} among {counted(len(union.branches), 'variant')}"
        yield _never("union-branch-gone", key_place(place, form.tag), before, column, "object")


def always_now(known: Property, name: str, column: Column, place: str) -> Iterator[Finding]:
    """A key that was lacking often and is in every one of many objects."""
    lacked = known.of - known.present
    if not lacked or not known.present or column.key(name).n < column.n:
        return
    if _none(lacked / known.of, known.size, column.n, column.reached):
        before = f"present in {known.present:,} of {known.of:,} objects seen"
        now = f"in {among(column.n, column.n, 'object')}"
        yield _found("became-firmer", key_place(place, name), (before, now), (column.reached, column.reached))


def parted(form: Form, column: Column, place: str, gone: Collection[str]) -> Iterator[Finding]:
    """Optional keys that always came together, and of which an object has one without the other."""
    shape = form.shape
    for names in shape.companions if shape is not None else ():
        if shape is None or any(name in gone or name not in form.fields for name in names):
            continue
        some = column.where(partial(_has_any, names))
        n, k = some.count(partial(_lacks_any, names))
        if not n:
            continue
        present = shape.properties[names[0]].present
        sized = size(present, min(shape.targets, present))
        support = Support(sized, grade(sized, shape.targets))
        places = tuple(key_place(place, name) for name in names)
        before = f"together in {among(present, present, 'object')} seen with any of them"
        yield Finding(
            "presence-rule-broken", "", places, before, f"apart {share(n, some.n, k, 'object')}", ", ".join(names),
            support=support, k=k, m=some.reached, statement="sometimes", partly=n < some.n,
        )  # fmt: skip


def _has_any(names: Iterable[str], one: Mapping[str, Any]) -> bool:
    return any(name in one for name in names)


def _lacks_any(names: Iterable[str], one: Mapping[str, Any]) -> bool:
    return any(name not in one for name in names)


def other_keys(form: Form, column: Column, place: str) -> Finding | None:
    """Objects of named keys that are maps now, whose keys are data; and maps whose keys have another form."""
    shape = form.shape
    if shape is None or not column.keys or any(name in form.fields for name in column.keys):
        return None
    forms = {key_form(key) for key in column.keys}
    if form.values is not None:
        if not shape.map_form or shape.map_form in forms | SAYS_NOTHING:
            return None
        before = f"a map with keys that are {shape.map_form}, {form.type_words()}"
    else:
        told = len(forms) == 1 and len(column.keys) > 1 and forms.isdisjoint(SAYS_NOTHING)
        if not told or not form.required or forms <= {key_form(name) for name in form.fields}:
            return None
        before = f"a record with {', '.join(form.required[:MOST_NAMED])}, {form.type_words()}"
    now = f"keys that are {' or '.join(sorted(forms))} {share(column.n, column.n, column.reached, 'object')}"
    counts = column.reached, column.reached
    return _found("object-became-map", place, (before, now), counts, None, form.support, "kind")


def surely_gone(known: Property, n: int, answers: int) -> bool:
    """Whether it would be a rare accident that none of `n` objects has a key that came sometimes."""
    if not known.of:
        return False
    had = known.size * known.present / known.of
    tries = int(size(n, answers))
    return p_at_least(tries, tries, had, Prior(0.5 + known.size - had, 0.5)) <= DEFAULT.drift


def surely_none(had: int, shape: Shape, n: int, answers: int) -> bool:
    """Whether it would be a rare accident that none of `n` values in so many answers is as `had` of those seen were."""
    return bool(shape.n) and _none(had / shape.n, shape.size, n, answers)


def _none(part: float, known: float, n: int, answers: int) -> bool:
    tries = int(size(n, answers))
    return p_at_least(tries, tries, known * part, Prior(0.5 + known * (1 - part), 0.5)) <= _SURE
