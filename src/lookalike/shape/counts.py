"""Counts: what one recording says of one place in JSON, and of the places below it.

Adding is associative and commutative, EMPTY is its identity, and learning is a homomorphism: the counts of all values
are the sum of the counts of any parts. So every statistic is a sum, an outermost value, a bounded set or a state that
absorbs ("many"); none depends on the order in which values came.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from lookalike.errors import UsageError
from lookalike.shape.parts import (
    CAPS,
    MANY,
    Caps,
    Numbers,
    Range,
    Text,
    add_counts,
    read_count,
    read_counts,
    read_range,
    wider,
)  # fmt: skip

KINDS = ("array", "boolean", "integer", "null", "number", "object", "string")
KeySet = tuple[str, ...]  # sorted
Tags = dict[str, dict[str, dict[KeySet, int]]]  # key -> its value -> key set of the object -> objects


class Array:
    """Arrays: lengths, empty ones, the items, and the kinds at each position while all have one length."""

    __slots__ = ("empty", "items", "lengths", "positions")

    def __init__(self, caps: Caps) -> None:
        self.lengths: Range | None = None
        self.empty = 0
        self.items = Counts(caps)
        self.positions: list[dict[str, int]] = []  # empty unless all lengths agree, on 2 up to the cap

    def absorb(self, other: Array) -> None:
        """Add the counts of other arrays, in place."""
        self.add(other.lengths, other.empty, other.positions)
        self.items.absorb(other.items)

    def add(self, lengths: Range | None, empty: int, positions: list[dict[str, int]]) -> None:
        """Add what arrays are without their items, in place."""
        before, self.lengths = self.lengths, wider(self.lengths, lengths)
        self.empty += empty
        if self.lengths is None or self.lengths[0] != self.lengths[1]:
            self.positions = []
        elif before is None:
            self.positions = [dict(kinds) for kinds in positions]
        elif lengths is not None:
            for kinds, more in zip(self.positions, positions, strict=True):
                add_counts(kinds, more, len(KINDS))

    def to_json(self, above: Counts) -> dict[str, Any]:
        """A JSON object; read back by `from_json`. `above` counts the arrays."""
        written: dict[str, Any] = {"lengths": list(self.lengths or ())}
        if self.empty:
            written["empty"] = self.empty
        if self.items.n:
            written["items"] = self.items.to_json(above)
        if self.positions:
            written["positions"] = [dict(sorted(kinds.items())) for kinds in self.positions]
        return written

    @classmethod
    def from_json(cls, data: Any, caps: Caps, above: Counts) -> Array:
        """Read what `to_json` wrote."""
        array = cls(caps)
        array.lengths = read_range(data["lengths"])
        array.empty = read_count(data.get("empty", 0))
        if "items" in data:
            array.items = Counts.read(data["items"], caps, above)
        array.positions = [read_counts(kinds) or {} for kinds in data.get("positions", ())]
        return array


class Object:
    """Objects: their keys with what is under them, the forms of the keys, which keys come together, and tags.

    keys: by name. Presence is the child's own n and r.
    rest: what is under the keys that aren't kept by name, because they are telling or because there are too many
          (`full`); its r counts a response once for each key.
    sets: combinations of named keys, None beyond the cap
    tags: for each string key of few values, the key sets that it came with; left out while there is one key set
          only, since the child's own values say the same then
    """

    __slots__ = ("caps", "forms", "full", "keys", "rest", "sets", "tags")

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.keys: dict[str, Counts] = {}
        self.rest = Counts(caps)
        self.full = False
        self.forms: dict[str, int] = {}
        self.sets: dict[KeySet, int] | None = {}
        self.tags: Tags = {}

    def absorb(self, other: Object) -> None:
        """Add the counts of other objects, in place."""
        for form, n in other.forms.items():
            self.forms[form] = self.forms.get(form, 0) + n
        self.rest.absorb(other.rest)
        if self.full or other.full:
            self.pool()
            for child in other.keys.values():
                self.rest.absorb(child)
            return
        self.add_sets(other.sets, other.every_tag(), before=self.every_tag())
        for key, child in other.keys.items():
            self.child(key).absorb(child)
        self.settle()

    def child(self, key: str) -> Counts:
        """The counts under a key."""
        child = self.keys.get(key)
        if child is None:
            child = self.keys[key] = Counts(self.caps)
        return child

    def pool(self) -> None:
        """Give up the names of keys, for good."""
        self.full = True
        for child in self.keys.values():
            self.rest.absorb(child)
        self.keys, self.sets, self.tags = {}, None, {}

    def may_be_tag(self, key: str) -> bool:
        """Whether the strings under a key are identifiers, and few."""
        child = self.keys.get(key)
        if child is None or child.text is None or child.text.values is None:
            return False
        return 0 < len(child.text.values) <= self.caps.tag_values

    def every_tag(self) -> Tags:
        """The tags, also while there is one key set only."""
        if self.sets is None or len(self.sets) != 1:
            return self.tags
        [keys] = self.sets
        return {
            key: {value: {keys: n} for value, n in text.values.items()}
            for key in keys
            if self.may_be_tag(key) and (text := self.keys[key].text) and text.values
        }

    def add_sets(self, sets: dict[KeySet, int] | None, tags: Tags, *, before: Tags) -> None:
        """Add key sets and their tags, in place; `settle` is to be called after.

        before: `every_tag` of the time before the children got the same objects
        """
        if self.sets is None or sets is None:
            self.sets, self.tags = None, {}
            return
        for keys, n in sets.items():
            self.sets[keys] = self.sets.get(keys, 0) + n
        if len(self.sets) > self.caps.key_sets:
            self.sets, self.tags = None, {}
        elif len(self.sets) > 1:
            self.tags = _add_tags(before, tags)

    def settle(self) -> None:
        """Drop what has grown beyond its cap."""
        if len(self.keys) > self.caps.keys:
            self.pool()
        for key in [key for key in self.tags if not self.may_be_tag(key)]:
            del self.tags[key]

    def to_json(self, above: Counts) -> dict[str, Any]:
        """A JSON object; read back by `from_json`. A key set is written as the keys that it lacks.

        above: counts the objects
        """
        names = sorted(self.keys)
        written: dict[str, Any] = {"keys": {name: self.keys[name].to_json(above) for name in names}}
        if self.rest.n:
            written["rest"] = self.rest.to_json(above)
        if self.full:
            written["full"] = True
        if self.forms:
            written["forms"] = dict(sorted(self.forms.items()))
        if self.sets is None:
            written["sets"] = MANY
            return written
        order = sorted(self.sets)
        written["sets"] = [[self.sets[keys], [name for name in names if name not in keys]] for keys in order]
        if self.tags:
            written["tags"] = {
                key: {
                    value: [[order.index(keys), n] for keys, n in sorted(found.items())]
                    for value, found in sorted(by.items())
                }
                for key, by in sorted(self.tags.items())
            }
        return written

    @classmethod
    def from_json(cls, data: Any, caps: Caps, above: Counts) -> Object:
        """Read what `to_json` wrote."""
        made = cls(caps)
        made.keys = {str(name): Counts.read(child, caps, above) for name, child in data["keys"].items()}
        if "rest" in data:
            made.rest = Counts.read(data["rest"], caps, above)
        made.full = data.get("full") is True
        made.forms = read_counts(data.get("forms", {})) or {}
        if data["sets"] == MANY:
            made.sets = None
            return made
        order = [tuple(sorted(made.keys.keys() - set(lacking))) for _, lacking in data["sets"]]
        made.sets = dict(zip(order, (read_count(n) for n, _ in data["sets"]), strict=True))
        made.tags = {
            str(key): {str(value): {order[at]: read_count(n) for at, n in found} for value, found in by.items()}
            for key, by in data.get("tags", {}).items()
        }
        return made


def _add_tags(added: Tags, other: Tags) -> Tags:
    """Tags added to others, in place."""
    for key, by in other.items():
        for value, found in by.items():
            into = added.setdefault(key, {}).setdefault(value, {})
            for keys, n in found.items():
                into[keys] = into.get(keys, 0) + n
    return added


class Counts:
    """What a recording says of one place in JSON. A value: `+` makes new counts.

    n:           values seen;  r: responses that reached the place
    targets:     hashes of the request targets that reached it, None beyond the cap
    first, last: the days of the first and last value, `""` where no day is known
    kinds:       values and responses of each kind
    """

    __slots__ = ("array", "caps", "first", "kinds", "last", "n", "numbers", "object", "r", "targets", "text")

    def __init__(self, caps: Caps = CAPS) -> None:
        self.caps = caps
        self.n = 0
        self.r = 0
        self.targets: set[str] | None = set()
        self.first = ""
        self.last = ""
        self.kinds: dict[str, tuple[int, int]] = {}
        self.text: Text | None = None
        self.numbers: Numbers | None = None
        self.array: Array | None = None
        self.object: Object | None = None

    def __add__(self, other: Counts) -> Counts:
        if not isinstance(other, Counts):
            return NotImplemented
        total = Counts(self.caps if self.n else other.caps)
        total.absorb(self)
        total.absorb(other)
        return total

    @classmethod
    def total(cls, counts: Iterable[Counts]) -> Counts:
        """The sum of any number of counts; EMPTY of none."""
        total: Counts | None = None
        for one in counts:
            total = total or cls(one.caps)
            total.absorb(one)
        return total or cls()

    def absorb(self, other: Counts) -> None:
        """Add other counts, in place: only for counts that nobody else holds. Nothing of `other` is shared."""
        if not other.n:
            return
        self.n += other.n
        self.r += other.r
        self.add_targets(other.targets)
        self.add_days(other.first, other.last)
        for kind, (n, r) in other.kinds.items():
            self.add_kind(kind, n, r)
        if other.text is not None:
            self.text = self.text or Text()
            self.text.absorb(other.text, self.caps)
        if other.numbers is not None:
            self.numbers = self.numbers or Numbers()
            self.numbers.absorb(other.numbers)
        if other.array is not None:
            self.array = self.array or Array(self.caps)
            self.array.absorb(other.array)
        if other.object is not None:
            self.object = self.object or Object(self.caps)
            self.object.absorb(other.object)

    def add_targets(self, targets: Iterable[str] | None) -> None:
        """Add hashes of request targets, in place."""
        if self.targets is None:
            return
        if targets is None:
            self.targets = None
            return
        self.targets.update(targets)
        if len(self.targets) > self.caps.targets:
            self.targets = None

    def add_days(self, first: str, last: str) -> None:
        """Widen the span of days, in place; `""` is no day."""
        if first and (not self.first or first < self.first):
            self.first = first
        self.last = max(self.last, last)

    def add_kind(self, kind: str, n: int, r: int) -> None:
        """Count values of a kind, in place."""
        had = self.kinds.get(kind, (0, 0))
        self.kinds[kind] = (had[0] + n, had[1] + r)

    @property
    def distinct_targets(self) -> int:
        """Distinct request targets, counted up to the cap; at least 1 where a value was seen."""
        known = self.caps.targets + 1 if self.targets is None else len(self.targets)
        return min(max(known, 1), self.n)

    def to_json(self, above: Counts | None = None) -> dict[str, Any]:
        """A JSON object that holds everything; written with sorted keys it is the same to the byte for equal counts.

        above: of the place that this one is inside of; targets and days that are the same there aren't written again
        """
        written: dict[str, Any] = {"n": self.n, "r": self.r}
        if self.targets != (set() if above is None else above.targets):
            written["targets"] = MANY if self.targets is None else sorted(self.targets)
        if (self.first, self.last) != (("", "") if above is None else (above.first, above.last)):
            written["days"] = [self.first, self.last]
        if self.kinds:
            written["kinds"] = {kind: list(seen) for kind, seen in sorted(self.kinds.items())}
        if self.text is not None:
            written["text"] = self.text.to_json()
        if self.numbers is not None:
            written["numbers"] = self.numbers.to_json()
        if self.array is not None:
            written["array"] = self.array.to_json(self)
        if self.object is not None:
            written["object"] = self.object.to_json(self)
        return written

    @classmethod
    def from_json(cls, data: Any, *, caps: Caps = CAPS) -> Counts:
        """Read what `to_json` wrote. Raises UsageError for anything else."""
        try:
            return cls.read(data, caps)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
            raise UsageError(f"these are no counts: {type(error).__name__}: {error}") from None

    @classmethod
    def read(cls, data: Any, caps: Caps, above: Counts | None = None) -> Self:
        """As `from_json`, with the errors as they come."""
        counts = cls(caps)
        counts.n, counts.r = read_count(data["n"]), read_count(data["r"])
        if "targets" in data:
            targets = data["targets"]
            counts.targets = None if targets == MANY else {str(target) for target in targets}
        elif above is not None:
            counts.targets = None if above.targets is None else set(above.targets)
        inherited = ("", "") if above is None else (above.first, above.last)
        counts.first, counts.last = (str(day) for day in data.get("days", inherited))
        for kind, (n, r) in data.get("kinds", {}).items():
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is no kind of JSON")
            counts.kinds[kind] = (read_count(n), read_count(r))
        if "text" in data:
            counts.text = Text.from_json(data["text"])
        if "numbers" in data:
            counts.numbers = Numbers.from_json(data["numbers"])
        if "array" in data:
            counts.array = Array.from_json(data["array"], caps, counts)
        if "object" in data:
            counts.object = Object.from_json(data["object"], caps, counts)
        return counts

    def __eq__(self, other: object) -> bool:
        return self.to_json() == other.to_json() if isinstance(other, Counts) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __bool__(self) -> bool:
        return self.n > 0

    def __repr__(self) -> str:
        kinds = ", ".join(f"{kind} {n}" for kind, (n, _) in sorted(self.kinds.items()))
        return f"<Counts of {self.n} values in {self.r} responses: {kinds or 'nothing'}>"


EMPTY = Counts()
