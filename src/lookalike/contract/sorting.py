"""By which keys the items of an operation's lists are always sorted, as far as evidence tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lookalike.contract.compare_places import ITEMS, ROOT, key_place
from lookalike.secrets import is_secret_name
from lookalike.shape.parts import read_count
from lookalike.shape.words import is_telling_key, looks_like_identifier

_LEAST, _MOST = 3, 16  # items of a list that shows an order, and those that are looked at, from the first on
_MOST_KEYS = 64
# Keys by which lists are sorted: ids, times, numbers of an order.
_SORTS = re.compile(
    r"(?:.*[_-])?(?:id|iid|number|no|index|position|rank|order|score|time|date|day|at|on|created|updated|timestamp|ts)"
    r"|.*[a-z](?:Id|At|On|Date|Time|Number|Index|Rank|Position)"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")
_ASKED = re.compile(r"(?:^|[&_-])(?:sort|order|direction|dir|ordering)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sorting:
    """lists: how many were looked at; by: what all of them are sorted by, `json[].id +` (up) or `-` (down), sorted.

    None were seen where `lists` is 0; where nothing sorts all of them it is the absorbing state, whatever is added.
    """

    lists: int = 0
    by: tuple[str, ...] = ()

    def __add__(self, other: Sorting) -> Sorting:
        if not self.lists or not other.lists:
            return self if self.lists else other
        kept = tuple(one for one in self.by if one in other.by)
        return Sorting(self.lists + other.lists, kept) if kept else UNSORTED

    @property
    def settled(self) -> bool:
        """Whether more lists change nothing."""
        return self.lists > 0 and not self.by

    def to_json(self) -> Any:
        """`{"lists": 12, "by": [...]}`, `"no"` for the absorbing state, None where no list was seen."""
        if not self.lists:
            return None
        return {"lists": self.lists, "by": list(self.by)} if self.by else "no"

    @classmethod
    def from_json(cls, data: Any) -> Sorting:
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        if data is None:
            return cls()
        if data == "no":
            return UNSORTED
        by = tuple(data["by"])
        if not by or not all(isinstance(one, str) for one in by):
            raise TypeError(f"{data['by']!r} are no keys")
        return cls(read_count(data["lists"]), by)


NO_LIST = Sorting()
UNSORTED = Sorting(1)


def asks_for_order(query: str) -> bool:
    """Whether a query says how lists are sorted, so that the answer's order says nothing of the API."""
    return bool(query) and _ASKED.search(query) is not None


def sorting_of(body: Any, among: Collection[str] | None = None) -> Sorting:
    """What the list of a body, or of its only key that has one, is sorted by.

    among: what is still in question, None for everything
    """
    place, found = _list_of(body)
    if len(found) < _LEAST:
        return NO_LIST
    items = found[:_MOST]
    if set(map(type, items)) != {dict}:
        return NO_LIST
    by = [
        one
        for key, up, down in _keys(place, tuple(items[0]))
        if among is None or up in among or down in among
        for one in _ways(items, key, up, down)
        if among is None or one in among
    ]
    return Sorting(1, tuple(sorted(by))) if by else UNSORTED


def can_show(body: Any, where: str) -> bool:
    """Whether the list of a body may be sorted by what lies at a place (`json[].id`): all items have it."""
    place, found = _list_of(body)
    items = found[:_MOST]
    return len(items) >= _LEAST and all(
        type(one) is dict and any(key_place(place, key) == where for key in one) for one in items
    )


def _list_of(body: Any) -> tuple[str, list[Any]]:
    if type(body) is list:
        return ROOT + ITEMS, body
    if type(body) is not dict:
        return "", []
    lists = [(key, value) for key, value in body.items() if type(value) is list]
    if len(lists) != 1 or not is_named(lists[0][0]):
        return "", []
    return key_place(ROOT, lists[0][0]) + ITEMS, lists[0][1]


@lru_cache(maxsize=1024)
def _keys(place: str, names: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """The keys of an item by which a list may be sorted, each with what says so, up and down."""
    kept = [key for key in names[:_MOST_KEYS] if _SORTS.fullmatch(key) and is_named(key)]
    return tuple((key, f"{key_place(place, key)} +", f"{key_place(place, key)} -") for key in kept)


@lru_cache(maxsize=4096)
def is_named(key: str) -> bool:
    """Whether a key may be kept by its name: it is one, and tells nothing of anybody."""
    return looks_like_identifier(key) and not is_telling_key(key) and not is_secret_name(key)


def _ways(items: list[Any], key: str, up: str, down: str) -> Iterator[str]:
    values = [one.get(key) for one in items]
    kinds = set(map(type, values))
    if kinds == {str}:
        if not _MOMENT.match(values[0]):
            return
    elif not kinds <= {int, float}:
        return
    rising = sorted(values)
    if values == rising:
        yield up
        if values[0] == values[-1]:
            yield down
    elif values == rising[::-1]:
        yield down
