"""Objects turned into tables: those with the same keys together, and their values by key.

An object's keys are proved by looking the keys of another one up in it (all found, and as many), which costs less than
to list them, and gives the values as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from lookalike.errors import UsageError
from lookalike.shape.words import Privacy, is_telling_key, key_form, privacy

Column = list[Any]
# For each value of a column which response it came in; None where each came in one of its own, and nobody asks which.
Owners = Sequence[int] | None
WireKeys = tuple[str, ...]  # an object's keys in the order of the wire
Columns = dict[str, tuple[Column, Owners]]


class Key(NamedTuple):
    """Whether a key is kept by name, and what the values under it are."""

    named: bool
    privacy: Privacy


class Names(NamedTuple):
    """What the keys of an object say.

    named: those that are kept by name, sorted;  forms: how many have each form
    getters: for each key what gets the value of an object;  below: what each key is;  plain: whether all are named
    """

    named: tuple[str, ...]
    forms: tuple[tuple[str, int], ...]
    getters: tuple[Callable[[Any], Any], ...]
    below: dict[str, Key]
    plain: bool


@lru_cache(maxsize=4096)
def names_of(keys: WireKeys, above: Privacy) -> Names:
    """What keys say, below a place of that privacy. Raises UsageError for a key that isn't a string."""
    for key in keys:
        if not isinstance(key, str):
            raise UsageError(f"the key {key!r} is no JSON: keys are strings")
    below = {key: Key(not is_telling_key(key), privacy(key, above)) for key in keys}
    named = tuple(sorted(key for key, known in below.items() if known.named))
    return Names(
        named, tuple(Counter(map(key_form, keys)).items()), tuple(map(itemgetter, keys)), below, len(named) == len(keys)
    )


class Table(NamedTuple):
    """Objects with the same keys: how many they are, whose, and for each key their values."""

    keys: WireKeys
    names: Names
    n: int
    owners: Owners
    columns: Sequence[Column]


def tables(column: Column, owners: Owners, above: Privacy) -> list[Table]:
    """The tables that a column of objects makes, in the order in which their sizes and keys first came.

    Raises TypeError or UsageError where something else is among them, UsageError for a key that isn't a string.
    """
    sizes = list(map(len, column))
    if sizes.count(sizes[0]) == len(sizes):
        return _of_one_size(column, owners, above)
    found: list[Table] = []
    for objects, object_owners in _parted(column, sizes, owners):
        found += _of_one_size(objects, object_owners, above)
    return found


def _of_one_size(objects: Column, owners: Owners, above: Privacy) -> list[Table]:
    keys = tuple(objects[0])
    names = names_of(keys, above)
    if not keys:
        _only_dicts(objects)
    try:
        return [_table(keys, names, objects, owners)]
    except KeyError:
        _only_dicts(objects)
        parted = _parted(objects, list(map(tuple, objects)), owners)
        first = [(tuple(part[0]), part, part_owners) for part, part_owners in parted]
        return [_table(keys, names_of(keys, above), part, part_owners) for keys, part, part_owners in first]


def _table(keys: WireKeys, names: Names, objects: Column, owners: Owners) -> Table:
    return Table(keys, names, len(objects), owners, [list(map(getter, objects)) for getter in names.getters])


def _only_dicts(objects: Column) -> None:
    if set(map(type, objects)) != {dict}:
        raise TypeError("these are not all objects")


def _parted(column: Column, by: Iterable[Any], owners: Owners) -> list[tuple[Column, Owners]]:
    """A column with its owners in parts that have the same word in `by`."""
    parts: dict[Any, list[Any]] = {}
    if owners is None:
        for value, word in zip(column, by, strict=True):
            if word in parts:
                parts[word].append(value)
            else:
                parts[word] = [value]
        return [(part, None) for part in parts.values()]
    whose: dict[Any, list[int]] = {}
    for value, word, owner in zip(column, by, owners, strict=True):
        if word in parts:
            parts[word].append(value)
            whose[word].append(owner)
        else:
            parts[word], whose[word] = [value], [owner]
    return list(zip(parts.values(), whose.values(), strict=True))


def columns_of(found: Sequence[Table]) -> Columns:
    """All values under each key, with their owners; keys of the same tables have the same list of owners."""
    if len(found) == 1:
        [table] = found
        return {key: (values, table.owners) for key, values in zip(table.keys, table.columns, strict=True)}
    parts: dict[str, list[Column]] = {}
    places: dict[str, list[int]] = {}
    for index, table in enumerate(found):
        for key, values in zip(table.keys, table.columns, strict=True):
            if key in parts:
                parts[key].append(values)
                places[key].append(index)
            else:
                parts[key], places[key] = [values], [index]
    joined: dict[tuple[int, ...], Owners] = {}
    columns: Columns = {}
    for key, several in parts.items():
        owners: Owners = None
        if found[0].owners is not None:
            at = tuple(places[key])
            if at not in joined:
                joined[at] = list(chain.from_iterable(found[index].owners or () for index in at))
            owners = joined[at]
        columns[key] = several[0] if len(several) == 1 else list(chain.from_iterable(several)), owners
    return columns
