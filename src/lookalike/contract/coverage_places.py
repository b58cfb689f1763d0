"""Which places the JSON of an operation's successes has by its contract, and which of them a body has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lookalike.contract.compare_places import ITEMS, ROOT, VALUES, key_place
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


def places_in(value: Any, known: Collection[str], place: str = ROOT) -> Iterator[str]:
    """The known places at which a body has a value, null included; a place may come more than once."""
    stack = [(value, place)]
    while stack:
        one, at = stack.pop()
        if isinstance(one, list):
            stack += [(item, at + ITEMS) for item in one]
        elif isinstance(one, Mapping):
            for key, below in one.items():
                named = key_place(at, key)
                if named in known:
                    yield named
                    stack.append((below, named))
                else:
                    stack.append((below, at + VALUES))
