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
    """Known places as steps that bodies are walked along. It tells each place once: when a body first has it."""

    __slots__ = ("_root", "size")

    def __init__(self, known: Collection[str]) -> None:
        self.size = len(known)
        self._root = _Step()
        for place in known:
            at = self._root
            for step in steps(place.removeprefix(ROOT)):
                at = at.below(step)
            at.place = place
        self._root.forget()

    def met(self, value: Any) -> list[str]:
        """The known places at which this body is the first to have a value, null included."""
        found: list[str] = []
        stack: list[tuple[Any, _Step | None]] = [(value, self._root)]
        while stack:
            one, at = stack.pop()
            if at is None:
                continue
            if isinstance(one, list):
                if not _LEAVES.issuperset(map(type, one)):
                    stack += [(item, at.items) for item in one]
            elif isinstance(one, dict):
                if at.unmet:
                    found += [at.unmet.pop(key).place for key in at.unmet.keys() & one.keys()]
                if not _LEAVES.issuperset(map(type, one.values())):
                    for key, inner in one.items():
                        if type(inner) not in _LEAVES:
                            named = at.keys.get(key)
                            stack.append((inner, named if named is not None and named.place else at.values))
        return found


class _Step:
    """Where a step leads.

    place: `""` where that isn't one of the known
    keys:  the steps below by key, those of them that no body had yet in `unmet`; items, values: of an array, a map
    """

    __slots__ = ("items", "keys", "place", "unmet", "values")

    def __init__(self) -> None:
        self.place = ""
        self.keys: dict[str, _Step] = {}
        self.unmet: dict[str, _Step] = {}
        self.items: _Step | None = None
        self.values: _Step | None = None

    def below(self, step: str) -> _Step:
        """One step further, made where it isn't there."""
        if step == ITEMS:
            self.items = self.items or _Step()
            return self.items
        if step == VALUES:
            self.values = self.values or _Step()
            return self.values
        return self.keys.setdefault(step[1:], _Step())

    def forget(self) -> None:
        """No body had anything yet."""
        self.unmet = {key: one for key, one in self.keys.items() if one.place}
        for one in (*self.keys.values(), self.items, self.values):
            if one is not None:
                one.forget()


# What has nothing below it; most of what is looked at, and told apart without a look at each.
_LEAVES = frozenset({str, int, float, bool, type(None)})
