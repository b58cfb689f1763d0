"""Learning by columns: all values of a batch that are at one place are looked at together, by builtins that run in C.

Objects are grouped by their keys and transposed; what a statistic has absorbed already isn't looked at any more. The
result is the same as that of a fold over single values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain, compress, repeat
from operator import itemgetter
from types import NoneType
from typing import Any

from lookalike.errors import UsageError
from lookalike.shape.counts import Array, Counts, KeySet, Object, Tags
from lookalike.shape.parts import Numbers, Text
from lookalike.shape.words import Privacy, is_telling_key, key_form, looks_like_identifier, privacy

Column = Sequence[Any]
Owners = Sequence[int]  # for each value of a column, which response it came in
WireKeys = tuple[str, ...]  # an object's keys in the order of the wire
Columns = dict[str, tuple[Column, Owners, Sequence[WireKeys]]]

_FEW = 12  # keys that are in some objects only, up to which each is looked for in each object

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

    __slots__ = ("_reached", "hashes", "named")

    def __init__(self, hashes: list[str | None]) -> None:
        self.hashes = hashes
        self.named = any(hashes)
        self._reached: dict[int, tuple[Owners, int, set[str]]] = {}

    def reached(self, owners: Owners) -> tuple[int, set[str]]:
        """How many responses own the values of a column, and the hashes of their targets."""
        known = self._reached.get(id(owners))
        if known is None:
            distinct = set(owners)
            targets = {hashed for owner in distinct if (hashed := self.hashes[owner])} if self.named else set()
            # The owners are kept, so that no other list gets their id.
            known = self._reached[id(owners)] = (owners, len(distinct), targets)
        return known[1], known[2]

    def once_a_key(self, columns: Columns) -> Owners:
        """Owners for columns of several keys in one: a response counts once for each key, so each pair is its own."""
        pairs: dict[tuple[str, int], int] = {}
        owners: list[int] = []
        for key, (_, owned, _) in columns.items():
            for owner in owned:
                pair = pairs.get((key, owner))
                if pair is None:
                    pair = pairs[key, owner] = len(self.hashes)
                    self.hashes.append(self.hashes[owner])
                owners.append(pair)
        return owners


def feed(
    counts: Counts, column: Column, owners: Owners, batch: Batch, *, above: Privacy = "open", depth: int = 0
) -> None:
    """Add a column of values to the counts of their place, in place. Raises UsageError for a value that isn't JSON."""
    if not column:
        return
    r, targets = batch.reached(owners)
    counts.n += len(column)
    counts.r += r
    if targets and counts.targets is not None:
        counts.add_targets(targets)
    types = set(map(type, column))
    if len(types) == 1:
        [only] = types
        _feed_part(_KINDS.get(only) or _kind_of(only), counts, column, owners, batch, above, depth)
        return
    if NoneType in types:
        # Null beside something else is what columns are mostly mixed of.
        which = [value is not None for value in column]
        some = list(compress(column, which))
        nulls = [owner for owner, is_some in zip(owners, which, strict=True) if not is_some]
        counts.add_kind("null", len(nulls), batch.reached(nulls)[0])
        column, owners = some, list(compress(owners, which))
        types.discard(NoneType)
    kinds = {found: _KINDS.get(found) or _kind_of(found) for found in types}
    if len(set(kinds.values())) == 1:
        _feed_part(next(iter(kinds.values())), counts, column, owners, batch, above, depth)
        return
    column_kinds = [kinds[type(value)] for value in column]
    for kind in sorted(set(kinds.values())):
        which = [found == kind for found in column_kinds]
        part = list(compress(column, which))
        _feed_part(kind, counts, part, list(compress(owners, which)), batch, above, depth)


def _feed_part(
    kind: str, counts: Counts, column: Column, owners: Owners, batch: Batch, above: Privacy, depth: int
) -> None:
    """Add a column of values of one kind."""
    counts.add_kind(kind, len(column), batch.reached(owners)[0])
    if depth >= counts.caps.depth:
        return
    if kind == "string":
        counts.text = counts.text or Text()
        counts.text.feed(column, counts.caps, keep=above == "open")
    elif kind == "integer" or kind == "number":
        counts.numbers = counts.numbers or Numbers()
        counts.numbers.feed(column, whole=kind == "integer")
    elif kind == "object":
        _feed_objects(counts, column, owners, batch, above, depth)
    elif kind == "array":
        _feed_arrays(counts, column, owners, batch, above, depth)


def _feed_arrays(counts: Counts, column: Column, owners: Owners, batch: Batch, above: Privacy, depth: int) -> None:
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
        feed(counts.array.items, items, item_owners, batch, above=above, depth=depth + 1)


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


def _feed_objects(counts: Counts, column: Column, owners: Owners, batch: Batch, above: Privacy, depth: int) -> None:
    made = counts.object = counts.object or Object(counts.caps)
    wire_keys = list(map(tuple, column))
    groups = {wire_keys[0]: len(column)} if wire_keys.count(wire_keys[0]) == len(column) else Counter(wire_keys)
    sets: dict[KeySet, int] = {}
    for keys in sorted(groups):
        named, forms = _sorted_keys(keys)
        sets[named] = sets.get(named, 0) + groups[keys]
        for form, n in forms:
            made.forms[form] = made.forms.get(form, 0) + n * groups[keys]
    columns = _transposed(column, owners, wire_keys, groups)
    pooled = {key: columns.pop(key) for key in [key for key in columns if is_telling_key(key)]}
    if not made.full and len(made.keys.keys() | columns.keys()) > counts.caps.keys:
        made.pool()
    if made.full:
        pooled |= columns
        columns = {}
    elif made.sets is not None:
        if len(made.sets.keys() | sets.keys()) == 1:
            for only, n in sets.items():
                made.sets[only] = made.sets.get(only, 0) + n
        else:
            made.add_sets(sets, _tags(made, columns, wire_keys))
    for key, (values, key_owners, _) in columns.items():
        feed(made.child(key), values, key_owners, batch, above=privacy(key, above), depth=depth + 1)
    _feed_pooled(made, pooled, batch, above, depth)
    made.settle()


def _transposed(column: Column, owners: Owners, wire_keys: list[WireKeys], groups: Mapping[WireKeys, int]) -> Columns:
    """The values under each key, with their owners, and the keys of the objects that they are from."""
    if len(groups) == 1:
        [keys] = groups
        transposed = zip(*map(dict.values, column), strict=True)
        return {key: (values, owners, wire_keys) for key, values in zip(keys, transposed, strict=True)}
    every = sorted(set().union(*groups))
    common = set(every).intersection(*groups)
    if len(every) - len(common) > _FEW:
        return _grouped(column, owners, wire_keys, groups)
    columns: Columns = {}
    for key in every:
        if key in common:  # The owners stay the same list, and what is known of it stays known.
            columns[key] = list(map(itemgetter(key), column)), owners, wire_keys
        else:
            which = [key in value for value in column]
            values = [value[key] for value in compress(column, which)]
            columns[key] = values, list(compress(owners, which)), list(compress(wire_keys, which))
    return columns


def _grouped(column: Column, owners: Owners, wire_keys: list[WireKeys], groups: Mapping[WireKeys, int]) -> Columns:
    """As `_transposed`, where many keys are in some objects only."""
    members: dict[WireKeys, tuple[list[Any], list[int]]] = {keys: ([], []) for keys in sorted(groups)}
    for value, owner, keys in zip(column, owners, wire_keys, strict=True):
        objects, group_owners = members[keys]
        objects.append(value)
        group_owners.append(owner)
    columns: dict[str, tuple[list[Any], list[int], list[WireKeys]]] = {}
    for keys, (objects, group_owners) in members.items():
        for key, values in zip(keys, zip(*map(dict.values, objects), strict=True), strict=True):
            into = columns.setdefault(key, ([], [], []))
            into[0].extend(values)
            into[1].extend(group_owners)
            into[2].extend([keys] * len(values))
    return dict(columns)


def _tags(made: Object, columns: Columns, wire_keys: list[WireKeys]) -> Tags:
    """The values of keys that may be tags, with the key sets that they come with; `Object.settle` drops the rest."""
    tags: Tags = {}
    number = {keys: index for index, keys in enumerate(dict.fromkeys(wire_keys))}
    named = [_sorted_keys(keys)[0] for keys in number]
    numbered: dict[int, list[int]] = {}
    for key, (values, _, keys_of) in columns.items():
        child = made.keys.get(key)
        if child is not None and child.text is not None and not made.may_be_tag(key):
            continue
        first = next((value for value in values if value is not None), None)
        if isinstance(first, str):
            if not looks_like_identifier(first):
                continue
        elif str not in set(map(type, values)):
            continue
        indexes = numbered.get(id(keys_of))
        if indexes is None:
            indexes = numbered[id(keys_of)] = list(map(number.__getitem__, keys_of))
        try:
            counted = Counter(zip(values, indexes, strict=True))
        except TypeError:  # Strings beside arrays or objects.
            pairs = zip(values, indexes, strict=True)
            counted = Counter(pair for pair in pairs if isinstance(pair[0], str))
        strings = {value for value, _ in counted if isinstance(value, str)}
        if len(strings) <= made.caps.tag_values:
            for (value, index), n in counted.items():
                if isinstance(value, str):
                    found = tags.setdefault(key, {}).setdefault(value, {})
                    found[named[index]] = found.get(named[index], 0) + n
    return tags


def _feed_pooled(made: Object, pooled: Columns, batch: Batch, above: Privacy, depth: int) -> None:
    by_privacy: dict[Privacy, Columns] = {}
    for key, column in pooled.items():
        by_privacy.setdefault(privacy(key, above), {})[key] = column
    for private, columns in by_privacy.items():
        values = list(chain.from_iterable(column for column, _, _ in columns.values()))
        feed(made.rest, values, batch.once_a_key(columns), batch, above=private, depth=depth + 1)
