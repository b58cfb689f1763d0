"""Objects of JSON that note which of their keys are read, and are otherwise what they would be without.

Only objects are tracked. Arrays stay built-in lists, whose items are tracked objects: a list's own place was read by
its key, and its items say by themselves what is read of them.
"""

from __future__ import annotations

import sys
from collections.abc import ItemsView, Iterable, Iterator, KeysView, ValuesView
from types import FrameType
from typing import Any, Protocol

ALL = None
_MOST_KEYS = 500  # of one place; an object with more is a table, of which single keys say nothing

_frame = sys._getframe
# A key that isn't there is the test's own line, as with any dict.
__tracebackhide__ = True


#: A read by one line: the key (None for all), the identity of the code, and the position in it.
Token = tuple[str | None, int, int]


class Noting(Protocol):
    """Hears of reads for the first time that each line reads a place."""

    def heard(self, node: Node, key: str | None, frame: FrameType) -> None:
        """A key of a node was read, or all of them (None)."""


class Node:
    """One place in one body: over all items of an array.

    path: steps from the body, as `compare_places.steps` has them; body: what was received, for whoever is told
    seen: reads by lines that were told already; emptied when a test ends
    """

    __slots__ = ("body", "children", "noting", "path", "seen")

    def __init__(self, body: Any, noting: Noting, path: tuple[str, ...] = ()) -> None:
        self.body = body
        self.noting = noting
        self.path = path
        self.children: dict[str, Node] = {}
        self.seen: set[Token] = set()

    @property
    def is_table(self) -> bool:
        """Whether it has more keys than are followed."""
        return len(self.children) >= _MOST_KEYS

    def child(self, step: str) -> Node | None:
        """The place one step further; None where there are too many of them."""
        found = self.children.get(step)
        if found is None:
            if len(self.children) >= _MOST_KEYS:
                return None
            found = self.children[step] = Node(self.body, self.noting, (*self.path, step))
        return found


def _read(node: Node, key: object, frame: FrameType) -> None:
    if key.__class__ is not str:
        if not isinstance(key, str):
            return  # JSON has no such key, so no read of it says anything
        key = str.__str__(key)
    token = (key, id(frame.f_code), frame.f_lasti)
    if token not in node.seen:
        node.noting.heard(node, key, frame)


def _read_all(node: Node, frame: FrameType) -> None:
    if (ALL, id(frame.f_code), frame.f_lasti) not in node.seen:
        node.noting.heard(node, ALL, frame)


_getitem = dict.__getitem__


class TrackedDict(dict[str, Any]):
    """A dict that notes which keys are read. Made by `tracked` alone; called, its class makes a built-in dict."""

    __slots__ = ("_node",)
    _node: Node

    def __new__(cls, *args: Any, **more: Any) -> Any:
        # Code that rebuilds what it got, as `type(value)(...)`, gets what is its own.
        return dict(*args, **more)

    fromkeys = dict.fromkeys

    def __getitem__(self, key: Any) -> Any:
        try:
            value = _getitem(self, key)
        except KeyError:
            _read(self._node, key, _frame(1))  # it was asked for all the same
            raise
        frame = _frame(1)
        # By far the most frequent read: told once a line, then only looked up.
        if (key, id(frame.f_code), frame.f_lasti) not in self._node.seen:
            _read(self._node, key, frame)
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        value = dict.get(self, key, default)
        frame = _frame(1)
        if (key, id(frame.f_code), frame.f_lasti) not in self._node.seen:  # as above
            _read(self._node, key, frame)
        return value

    def __contains__(self, key: object) -> bool:
        found = dict.__contains__(self, key)
        frame = _frame(1)
        if (key, id(frame.f_code), frame.f_lasti) not in self._node.seen:  # as above
            _read(self._node, key, frame)
        return found

    def pop(self, key: Any, *default: Any) -> Any:
        _read(self._node, key, _frame(1))
        return dict.pop(self, key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        _read(self._node, key, _frame(1))
        return dict.setdefault(self, key, default)

    def popitem(self) -> tuple[str, Any]:
        _read_all(self._node, _frame(1))
        return dict.popitem(self)

    def __iter__(self) -> Iterator[str]:
        _read_all(self._node, _frame(1))
        return dict.__iter__(self)

    def __reversed__(self) -> Iterator[str]:
        _read_all(self._node, _frame(1))
        return dict.__reversed__(self)

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # the annotation names dict_keys, which has no name
        _read_all(self._node, _frame(1))
        return dict.keys(self)

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # as above
        _read_all(self._node, _frame(1))
        return dict.values(self)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # as above
        _read_all(self._node, _frame(1))
        return dict.items(self)

    def __eq__(self, other: object) -> bool:
        _read_all(self._node, _frame(1))
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        _read_all(self._node, _frame(1))
        return dict.__ne__(self, other)

    __hash__ = None

    def __or__(self, other: Any) -> Any:
        _read_all(self._node, _frame(1))
        return dict.__or__(self, other)

    def __ror__(self, other: Any) -> Any:
        _read_all(self._node, _frame(1))
        return dict.__ror__(self, other)

    def __repr__(self) -> str:
        _read_all(self._node, _frame(1))
        return dict.__repr__(self)

    def copy(self) -> Any:
        return _made(self, self._node)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        from copy import deepcopy

        made = memo[id(self)] = _made({}, self._node)
        for key, value in dict.items(self):
            dict.__setitem__(made, deepcopy(key, memo), deepcopy(value, memo))
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        _read_all(self._node, _frame(1))
        return dict, (), None, None, iter(dict.items(self))

    def __reduce__(self) -> Any:
        _read_all(self._node, _frame(1))
        return dict, (), None, None, iter(dict.items(self))


# Messages name types: what is wrong with a dict is told as it would be.
TrackedDict.__name__ = TrackedDict.__qualname__ = "dict"
TrackedDict.__module__ = "builtins"

_new = dict.__new__
_update = dict.update


def _made(value: dict[str, Any], node: Node) -> TrackedDict:
    made: TrackedDict = _new(TrackedDict)
    made._node = node
    _update(made, dict.items(value))
    return made


def tracked(value: Any, node: Node, met: set[Node]) -> Any:
    """A decoded JSON value with its objects tracked; built-in lists and dicts of it are changed in place.

    met: gets the places of objects that were found
    """
    kind = value.__class__
    if kind is dict:
        met.add(node)
        if not _CONTAINERS.isdisjoint(map(type, value.values())):
            for key, inner in value.items():
                if inner.__class__ in _CONTAINERS:
                    child = node.child("." + key)
                    if child is not None:
                        value[key] = tracked(inner, child, met)
        made: TrackedDict = _new(TrackedDict)
        made._node = node
        _update(made, value)
        return made
    if kind is list and not _CONTAINERS.isdisjoint(map(type, value)):
        child = None
        for position, inner in enumerate(value):
            if inner.__class__ in _CONTAINERS:
                if child is None and (child := node.child("[]")) is None:
                    break
                value[position] = tracked(inner, child, met)
    return value


_CONTAINERS = frozenset({dict, list})


def tracked_in(value: Any) -> Iterator[TrackedDict]:
    """The tracked objects in a value of dicts, lists and tuples."""
    if isinstance(value, dict):
        if value.__class__ is TrackedDict:
            yield value
        inner: Iterable[Any] = dict.values(value)
    elif isinstance(value, list | tuple):
        inner = value
    else:
        return
    for one in inner:
        yield from tracked_in(one)


def plain(value: Any) -> Any:
    """The value with built-in dicts in place of tracked ones; itself where there is none in it."""
    if next(tracked_in(value), None) is None:
        return value
    if isinstance(value, dict):
        made = {key: plain(inner) for key, inner in dict.items(value)}
        return made if value.__class__ in (dict, TrackedDict) else value
    if value.__class__ in (list, tuple):
        return value.__class__([plain(inner) for inner in value])
    return value
