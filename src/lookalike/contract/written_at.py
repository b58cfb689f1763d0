"""Where in a contract's document an operation, or a place in its answers, is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lookalike.contract.compare_places import ITEMS, ROOT, VALUES, split_place, steps
from lookalike.contract.contract import Contract
from lookalike.contract.lines import lines_of
from lookalike.contract.openapi import pointer_to
from lookalike.contract.operation import Operation
from lookalike.errors import LookalikeError

_DEEPEST = 32
_COMBINED = ("allOf", "anyOf", "oneOf")


def written_at(contract: Contract, text: str, sites: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The line, from 1, of each pair of an operation's key and a place of drift, `""` for the operation itself.

    text: the document as it lies on disk
    Where the place itself isn't in the text (it is new, or stands in another file) it is the nearest of what is around
    it: an outer place, the answer, the operation. A pair of which nothing is there is left out.
    """
    operations = {one.key: one for one in contract.operations}
    ways = {
        (key, place): _way(contract, operations[key], place) for key, place in dict.fromkeys(sites) if key in operations
    }
    lines = lines_of(text, {pointer for way in ways.values() for pointer in way})
    found = {}
    for site, way in ways.items():
        line = next((lines[pointer] for pointer in way if pointer in lines), None)
        if line is not None:
            found[site] = line
    return found


def _way(contract: Contract, operation: Operation, place: str) -> list[str]:
    """Pointers to a place and to what is around it, the nearest first."""
    way = [operation.pointer]
    with suppress(LookalikeError):  # a reference that leads nowhere: what is above it is known
        way.extend(_inside(contract, operation, place) if place else ())
    return way[::-1]


def _inside(contract: Contract, operation: Operation, place: str) -> Iterator[str]:
    before, inside = split_place(place)
    if not inside.startswith(ROOT):
        yield from _beside_body(operation, inside)
        return
    status = int(before) if before.isdecimal() else next(iter(operation.success_statuses), None)
    answer = operation.answer(status) if status is not None else None
    if answer is None:
        return
    yield answer.pointer
    path = steps(inside)
    ways = [list(_walk(contract, media.schema, media.pointer, path)) for media in answer.media.values()]
    yield from max(ways, key=len, default=[])


def _beside_body(operation: Operation, place: str) -> Iterator[str]:
    what, _, name = place.partition(" ")
    if what == "header":
        for status in operation.success_statuses:
            answer = operation.answer(status)
            if answer is not None:
                yield answer.pointer
                yield pointer_to("headers", name, base=answer.pointer)
    yield from (one.pointer for one in operation.parameters if one.name == name and one.place == what)


def _walk(contract: Contract, schema: Any, pointer: str, path: Sequence[str], depth: int = 0) -> Iterator[str]:
    """Pointers on the way from a schema to a place in it, the outermost first."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    yield pointer
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        target, at = contract.document.resolve(schema, pointer)
        yield from _walk(contract, target, at, path, depth + 1)
        return
    if path:
        below = _below(schema, path[0])
        if below is not None:
            keys, part = below
            yield from _walk(contract, part, pointer_to(*keys, base=pointer), path[1:], depth + 1)
            return
    branches = [
        list(_walk(contract, part, pointer_to(word, at, base=pointer), path, depth + 1))
        for word in _COMBINED
        for at, part in enumerate(schema.get(word) or () if isinstance(schema.get(word), list) else ())
    ]
    # A branch in which the next step isn't known says no more than what is around all of them.
    yield from max((branch for branch in branches if len(branch) > 1), key=len, default=[])


def _below(schema: Mapping[str, Any], step: str) -> tuple[tuple[str, ...], Any] | None:
    if step == ITEMS:
        return (("items",), schema["items"]) if "items" in schema else None
    if step == VALUES:
        word = "additionalProperties"
        return ((word,), schema[word]) if word in schema else None
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and step[1:] in properties:
        return ("properties", step[1:]), properties[step[1:]]
    return None
