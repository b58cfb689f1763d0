"""Which places the JSON of an operation's successes has by its contract, and which of them a body has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lookalike.contract.compare_places import ITEMS, ROOT, VALUES, key_place, steps
from lookalike.contract.openapi import Document, is_json, pointer_to
from lookalike.contract.operation import Operation

#: Beyond this many places an operation's are cut: a schema that refers to itself has no end.
MOST = 2_000
_DEEPEST = 12
_COMBINED = ("allOf", "anyOf", "oneOf")


def places_of(document: Document, operation: Operation) -> frozenset[str]:
    """The places below the bodies of its successes, `json[].owner.login`, each step known to the schema.

    A schema that refers to itself is followed once. Raises FileError where a reference leads nowhere.
    """
    found: set[str] = set()
    for status in operation.success_statuses:
        answer = operation.answer(status)
        for name, media in answer.media.items() if answer is not None else ():
            if is_json(name):
                for place in _places(document, media.schema, media.pointer, ROOT, ()):
                    found.add(place)
                    if len(found) >= MOST:
                        return frozenset(found)
    return frozenset(found)


def _places(document: Document, schema: Any, pointer: str, place: str, above: tuple[str, ...]) -> Iterator[str]:
    node, own = document.resolve(schema, pointer)
    if own in above or len(above) > _DEEPEST or not isinstance(node, Mapping):
        return
    inside = (*above, own)
    properties = node.get("properties")
    for key, part in properties.items() if isinstance(properties, Mapping) else ():
        below = key_place(place, str(key))
        yield below
        yield from _places(document, part, pointer_to("properties", key, base=own), below, inside)
    for word, step in (("items", ITEMS), ("additionalProperties", VALUES)):
        if isinstance(node.get(word), Mapping):
            yield from _places(document, node[word], pointer_to(word, base=own), place + step, inside)
    for word in _COMBINED:
        parts = node.get(word)
        for at, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from _places(document, part, pointer_to(word, at, base=own), place, inside)


class PlaceTree:
    """Known places as steps that a body is walked along."""

    __slots__ = ("_root", "size")

    def __init__(self, known: Collection[str]) -> None:
        self.size = len(known)
        self._root = _Step()
        for place in known:
            one = self._root
            for step in steps(place.removeprefix(ROOT)):
                if step == ITEMS:
                    one.items = one.items or _Step()
                    one = one.items
                elif step == VALUES:
                    one.values = one.values or _Step()
                    one = one.values
                else:
                    one = one.keys.setdefault(step[1:], _Step())
            one.place = place

    def met(self, value: Any) -> set[str]:
        """The known places at which a body has a value, null included."""
        found: set[str] = set()
        stack: list[tuple[Any, _Step | None]] = [(value, self._root)]
        while stack:
            one, at = stack.pop()
            if at is None:
                continue
            if isinstance(one, list):
                stack += [(item, at.items) for item in one]
            elif isinstance(one, dict):
                keys = at.keys
                for key, inner in one.items():
                    named = keys.get(key)
                    if named is not None and named.place:
                        found.add(named.place)
                    else:
                        named = at.values
                    if inner.__class__ in _CONTAINERS:
                        stack.append((inner, named))
        return found


class _Step:
    """Where a step leads; its place, `""` where that isn't one of the known."""

    __slots__ = ("items", "keys", "place", "values")

    def __init__(self) -> None:
        self.place = ""
        self.keys: dict[str, _Step] = {}
        self.items: _Step | None = None
        self.values: _Step | None = None


_CONTAINERS = frozenset({dict, list})
