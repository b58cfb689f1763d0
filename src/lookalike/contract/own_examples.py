"""Where a vendor's document contradicts itself: bodies that it shows as examples and its own schema doesn't allow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.checks import BodyChecks, place_path
from lookalike.contract.compiled import Compiled
from lookalike.contract.openapi import pointer_to
from lookalike.contract.operation import Media
from lookalike.contract.schemas import locate
from lookalike.mismatch import Mismatch
from lookalike.shape.describe import place

_ROOT = "json"
_POSITION = re.compile(r"\[\d+\]")
_DEEPEST = 8  # parts of an `allOf` within each other
_MOST = 50  # examples of one schema

# What is wrong with a value of a schema: (place below it, what was expected, the kind of what was there).
_Wrong = tuple[str, str, str]


class OwnExamples:
    """Tells what contradicts a document's schemas as the document's own examples do."""

    def __init__(self, compiled: Compiled) -> None:
        self._document = compiled.document
        self._bodies = BodyChecks(compiled, learned=False)
        self._wrong: dict[tuple[str, str], frozenset[_Wrong]] = {}

    def disputed(self, media: Media, value: Any, found: Iterable[Mismatch]) -> set[Mismatch]:
        """Those of the mismatches of a body that an example of the document has as well.

        That is one at the same place of the same schema, with the same kind of value (a null, a string, a missing key)
        where the same was expected. Looked at are the examples of the body and of each schema on the way to the place.
        """
        asked: dict[_Wrong, bool] = {}
        result = set()
        for one in found:
            if one.level == "violation" and one.where.startswith(_ROOT):
                wrong = (_POSITION.sub("[]", one.where)[len(_ROOT) :], one.expected, _kind(one.got))
                # Items of an array are asked about once.
                if wrong not in asked:
                    asked[wrong] = self._is_shown(media, value, place_path(one.where[len(_ROOT) :]), wrong)
                if asked[wrong]:
                    result.add(one)
        return result

    def _is_shown(self, media: Media, value: Any, path: list[str | int], wrong: _Wrong) -> bool:
        if wrong in self._of("body", media.schema, media.pointer, media.examples):
            return True
        where, *rest = wrong
        seen = set()
        for depth in range(len(path) + 1):
            pointer = locate(self._document, media.pointer, path[:depth], value)
            if pointer not in seen:
                seen.add(pointer)
                above = _POSITION.sub("[]", place("", path[:depth]))
                if (where[len(above) :], *rest) in self._of_schema(pointer):
                    return True
        return False

    def _of_schema(self, pointer: str) -> frozenset[_Wrong]:
        """What the examples in a schema have wrong, and in the parts that it is made of."""
        found = frozenset[_Wrong]()
        for node, there in self._parts(self._document.at(pointer), pointer, _DEEPEST):
            shown = node.get("examples")
            examples = [*([node["example"]] if "example" in node else ()), *(shown if isinstance(shown, list) else ())]
            found |= self._of("schema", node, there, examples)
        return found

    def _parts(self, node: Any, pointer: str, deepest: int) -> Iterator[tuple[Mapping[str, Any], str]]:
        node, pointer = self._document.resolve(node, pointer)
        if isinstance(node, Mapping):
            yield node, pointer
            for at, part in enumerate(node.get("allOf") or () if deepest else ()):
                yield from self._parts(part, pointer_to("allOf", at, base=pointer), deepest - 1)

    def _of(self, beside: str, node: Any, pointer: str, examples: Sequence[Any]) -> frozenset[_Wrong]:
        if not examples:
            return frozenset()
        key = (beside, pointer)
        found = self._wrong.get(key)
        if found is None:
            found = self._wrong[key] = frozenset(
                (_POSITION.sub("[]", one.where)[len(_ROOT) :], one.expected, _kind(one.got))
                for example in examples[:_MOST]
                for one in self._bodies.check_node(node, pointer, example, "response", None, _ROOT)
                if one.level == "violation"
            )
        return found


def _kind(got: str) -> str:
    """What kind of value words are for: `null`, a text, a number; a key is itself."""
    if got[:1] == '"':
        return "text"
    if got[:1].isdigit() or got[:1] == "-":
        return "number"
    return "an array" if got.startswith("an array of") else got
