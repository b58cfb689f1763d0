"""Learning by columns: all values of a batch that are at one place are looked at together, by builtins that run in C.

Objects are grouped by their keys and transposed; what a statistic has absorbed already isn't looked at any more. The
result is the same as that of a fold over single values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, compress, repeat
from typing import Any

from lookalike.errors import UsageError
from lookalike.shape.counts import Array, Counts, KeySet, Object, Tags
from lookalike.shape.parts import Numbers, Text
from lookalike.shape.words import is_telling_key, keeps_values, key_form, looks_like_identifier

Column = Sequence[Any]
Owners = Sequence[int]  # for each value of a column, which response it came in

_KINDS: dict[type, str] = {
    dict: "object", list: "array", tuple: "array", str: "string", int: "integer", float: "number", bool: "boolean",
    type(None): "null",
}  # fmt: skip


def _kind_of(found: type) -> str:
    """The kind of a class; subclasses count as what they extend. Raises UsageError for what isn't JSON."""
    for known, kind in _KINDS.items():
        if issubclass(found, known):
            return kind
    raise UsageError(
        f"a value of type {found.__name__} is no JSON; learn from decoded JSON: dict, list, str, int, float, bool, None"
    )


class Batch:
    """The responses of one batch: what their request targets are, and which of them a column reached.

    hashes: for each response the hash of its target, None where none is known
    """

    __slots__ = ("_reached", "hashes")

    def __init__(self, hashes: list[str | None]) -> None:
        self.hashes = hashes
        self._reached: dict[int, tuple[Owners, int, set[str]]] = {}

    def reached(self, owners: Owners) -> tuple[int, set[str]]:
        """How many responses own the values of a column, and the hashes of their targets."""
        known = self._reached.get(id(owners))
        if known is None:
            distinct = set(owners)
            targets = {hashed for owner in distinct if (hashed := self.hashes[owner])}
            # The owners are kept, so that no other list gets their id.
            known = self._reached[id(owners)] = (owners, len(distinct), targets)
        return known[1], known[2]

    def once_a_key(self, columns: Mapping[str, tuple[Column, Owners]]) -> Owners:
        """Owners for columns of several keys in one: a response counts once for each key, so each pair is its own."""
        pairs: dict[tuple[str, int], int] = {}
        owners: list[int] = []
        for key, (_, owned) in columns.items():
            for owner in owned:
                pair = pairs.get((key, owner))
                if pair is None:
                    pair = pairs[key, owner] = len(self.hashes)
                    self.hashes.append(self.hashes[owner])
                owners.append(pair)
        return owners


def feed(counts: Counts, column: Column, owners: Owners, batch: Batch, *, keep: bool = True, depth: int = 0) -> None:
    """Add a column of values to the counts of their place, in place. Raises UsageError for a value that isn't JSON."""
    if not column:
        return
    r, targets = batch.reached(owners)
    counts.n += len(column)
    counts.r += r
    if counts.targets is not None and targets:
        counts.add_targets(targets)
    types = set(map(type, column))
    if len(types) == 1:
        [only] = types
        kind = _KINDS.get(only) or _kind_of(only)
        counts.add_kind(kind, len(column), r)
        if depth < counts.caps.depth:
            _feed_kind(kind, counts, column, owners, batch, keep, depth)
        return
    kinds = {found: _KINDS.get(found) or _kind_of(found) for found in types}
    column_kinds = [kinds[type(value)] for value in column]
    for kind in sorted(set(kinds.values())):
        which = [found == kind for found in column_kinds]
        part, part_owners = list(compress(column, which)), list(compress(owners, which))
        counts.add_kind(kind, len(part), batch.reached(part_owners)[0])
        if depth < counts.caps.depth:
            _feed_kind(kind, counts, part, part_owners, batch, keep, depth)


def _feed_kind(kind: str, counts: Counts, column: Column, owners: Owners, batch: Batch, keep: bool, depth: int) -> None:
    if kind == "string":
        counts.text = counts.text or Text()
        counts.text.feed(column, counts.caps, keep=keep)
    elif kind in {"integer", "number"}:
        counts.numbers = counts.numbers or Numbers()
        counts.numbers.feed(column, whole=kind == "integer")
    elif kind in {"array", "object"}:
        _FEEDERS[kind](counts, column, owners, batch, keep, depth)


def _feed_arrays(counts: Counts, column: Column, owners: Owners, batch: Batch, keep: bool, depth: int) -> None:
    array = Array(counts.caps)
    sizes = list(map(len, column))
    low, high = min(sizes), max(sizes)
    array.lengths = (low, high)
    array.empty = sizes.count(0) if not low else 0
    if low == high and 2 <= low <= counts.caps.positions:
        array.positions = [
            _count_kinds(position)
            for position in zip(*column, strict=True)
        ]  # fmt: skip
    if counts.array is None:
        counts.array = array
    else:
        counts.array.absorb(array)
    if high:
        items = list(chain.from_iterable(column))
        item_owners = list(chain.from_iterable(map(repeat, owners, sizes)))
        feed(counts.array.items, items, item_owners, batch, keep=keep, depth=depth + 1)


def _count_kinds(position: Column) -> dict[str, int]:
    counted: dict[str, int] = {}
    for found, n in Counter(map(type, position)).items():
        kind = _KINDS.get(found) or _kind_of(found)
        counted[kind] = counted.get(kind, 0) + n
    return counted


@lru_cache(maxsize=4096)
def _sorted_keys(keys: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """The named ones of an object's keys, sorted, and how many keys there are of each form. Raises UsageError."""
    for key in keys:
        if not isinstance(key, str):
            raise UsageError(f"the key {key!r} is no JSON: keys are strings")
    named = tuple(sorted(key for key in keys if not is_telling_key(key)))
    return named, tuple(Counter(map(key_form, keys)).items())


def _feed_objects(counts: Counts, column: Column, owners: Owners, batch: Batch, keep: bool, depth: int) -> None:
    made = counts.object = counts.object or Object(counts.caps)
    columns: dict[str, tuple[Column, Owners]] = {}
    groups = _grouped(column, owners)
    sets: dict[KeySet, int] = {}
    tags: Tags = {}
    several = len(groups) > 1 or (made.sets is not None and len(made.sets) > 1)
    for keys, (objects, group_owners) in groups.items():
        named, forms = _sorted_keys(keys)
        sets[named] = sets.get(named, 0) + len(objects)
        for form, n in forms:
            made.forms[form] = made.forms.get(form, 0) + n * len(objects)
        if not keys:
            continue
        transposed = list(zip(*map(dict.values, objects), strict=True))
        if made.sets is not None and (several or made.sets.keys() - {named}):
            _count_tags(tags, made, named, keys, transposed)
        for key, column_of_group in zip(keys, transposed, strict=True):
            _extend(columns, key, column_of_group, group_owners)
    pooled = {key: columns.pop(key) for key in [key for key in columns if is_telling_key(key)]}
    if not made.full and len(made.keys.keys() | columns.keys()) > counts.caps.keys:
        made.pool()
    if made.full:
        pooled |= columns
        columns = {}
    elif made.sets is not None:
        if len(sets) == 1 and not made.sets:
            made.sets = sets
        elif len(sets) == 1 and made.sets.keys() == sets.keys():
            for only, n in sets.items():
                made.sets[only] += n
        else:
            made.add_sets(sets, tags)
    for key, (values, key_owners) in columns.items():
        feed(made.child(key), values, key_owners, batch, keep=keep and keeps_values(key), depth=depth + 1)
    _feed_pooled(made, pooled, batch, keep, depth)
    made.settle()


def _grouped(column: Column, owners: Owners) -> dict[tuple[str, ...], tuple[Column, Owners]]:
    """Objects by their keys in the order of the wire, with their owners."""
    found = set(map(tuple, column))
    if len(found) == 1:
        return {found.pop(): (column, owners)}
    groups: dict[tuple[str, ...], tuple[list[Any], list[int]]] = {keys: ([], []) for keys in sorted(found)}
    for value, owner in zip(column, owners, strict=True):
        objects, group_owners = groups[tuple(value)]
        objects.append(value)
        group_owners.append(owner)
    return dict(groups)


def _extend(columns: dict[str, tuple[Column, Owners]], key: str, values: Column, owners: Owners) -> None:
    had = columns.get(key)
    if had is None:
        columns[key] = (values, owners)
    elif isinstance(had[0], list):
        had[0].extend(values)
        had[1].extend(owners)  # type: ignore[attr-defined]
    else:
        columns[key] = ([*had[0], *values], [*had[1], *owners])


def _count_tags(
    tags: Tags, made: Object, named: tuple[str, ...], keys: tuple[str, ...], transposed: Sequence[Column]
) -> None:
    """Count the values of string keys of few values for this key set; the rest is dropped by `Object.settle`."""
    for key, values in zip(keys, transposed, strict=True):
        child = made.keys.get(key)
        if child is not None and child.text is not None and not made.may_be_tag(key):
            continue
        strings = [value for value in values if isinstance(value, str)]
        if not strings or not looks_like_identifier(strings[0]):
            continue
        counted = Counter(strings)
        if len(counted) <= made.caps.tag_values:
            for value, n in counted.items():
                found = tags.setdefault(key, {}).setdefault(value, {})
                found[named] = found.get(named, 0) + n


def _feed_pooled(
    made: Object, pooled: Mapping[str, tuple[Column, Owners]], batch: Batch, keep: bool, depth: int
) -> None:
    for kept in (False, True):
        columns = {key: column for key, column in pooled.items() if (keep and keeps_values(key)) is kept}
        if columns:
            values = list(chain.from_iterable(column for column, _ in columns.values()))
            feed(made.rest, values, batch.once_a_key(columns), batch, keep=kept, depth=depth + 1)


_FEEDERS: dict[str, Callable[[Counts, Column, Owners, Batch, bool, int], None]] = {
    "array": _feed_arrays,
    "object": _feed_objects,
}
