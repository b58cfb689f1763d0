"""A contract's schema as a tree of rows: each place with its kind, its presence and the evidence for that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lookalike.contract.compare_places import ITEMS, VALUES, key_place
from lookalike.contract.openapi import Document, is_gone
from lookalike.counted import counted
from lookalike.shape.shape import Property, Shape

_ENUM_SHOWN = 4
_EXAMPLES_SHOWN = 3
_EXAMPLE_LONGEST = 40
_DEEPEST = 40
_REFERENCES = 2  # followed one below the other, where nothing was learned


@dataclass(frozen=True, slots=True)
class Row:
    """One place: its name with the branches of the tree before it, and what is known of it, in words."""

    name: str
    kind: str
    presence: str = ""
    evidence: str = ""
    grade: str = ""
    examples: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place before it is drawn.

    name:     its key, `or 1` of a branch
    node:     its schema, `pointer` where in the document that is; references are followed when it is drawn
    shape:    what was learned of it, `property` how often it was there
    required: None where presence says nothing
    place:    as findings name it: `json[].owner.login`
    """

    name: str
    node: Any
    pointer: str
    shape: Shape | None = None
    property: Property | None = None
    required: bool | None = None
    place: str = "json"


class Tree:
    """Reads schemas of one document, with the learned shapes beside them where there are any.

    learned: what is required was seen to be so, and not promised
    """

    def __init__(self, document: Document, *, learned: bool) -> None:
        self._document = document
        self._presence = {True: "always", False: "sometimes" if learned else "optional", None: ""}

    def rows(self, name: str, node: Any, pointer: str, shape: Shape | None = None) -> Iterator[Row]:
        """The rows of a schema and all below it, the root first. Raises FileError where the document is broken.

        A named schema of which nothing was learned is drawn once, and not where many references lead to it: those of
        Stripe, each of which names others, would be drawn millions of times.
        """
        root = Place(name, node, pointer, shape)
        yield self.row(root, name)
        yield from self._below(root, "", (self.resolved(root)[1],), {self.resolved(root)[1]}, 0)

    def _below(
        self, place: Place, indent: str, above: tuple[str, ...], drawn: set[str], references: int
    ) -> Iterator[Row]:
        if len(above) > _DEEPEST:
            return
        children = self.children(place)
        for number, child in enumerate(children, 1):
            last = number == len(children)
            row = self.row(child, f"{indent}{'└─ ' if last else '├─ '}{child.name}")
            pointer = self.resolved(child)[1]
            named = self._named(child)
            further = references + bool(named)
            if pointer in above:
                yield row
            elif named and child.shape is None and (named in drawn or further > _REFERENCES) and self.children(child):
                yield replace(row, kind=f"{row.kind}, see {named.rpartition('/')[2]}")
            else:
                drawn.add(named)
                yield row
                below = indent + ("   " if last else "│  ")
                yield from self._below(child, below, (*above, pointer), drawn, further)

    def _named(self, place: Place) -> str:
        """Where the schema stands that a reference leads to, from a place or from the items of an array there."""
        node, at = place.node, place.pointer
        while isinstance(node, Mapping):
            if "$ref" in node:
                return self._document.resolve(node, at)[1]
            node, at = node.get("items"), _join(at, "items")
        return ""

    def children(self, place: Place) -> list[Place]:
        """The places right below one: keys, those of items and of a map's values too, and branches."""
        node, pointer = self.resolved(place)
        return list(self._children(node, pointer, place.shape, place.place))

    def row(self, place: Place, name: str) -> Row:
        """What is known of a place, in words."""
        node, pointer = self.resolved(place)
        shape, known = place.shape, place.property
        evidence = grade = ""
        presence = self._presence[place.required]
        if known is not None:
            evidence, grade = f"{known.present:,} of {known.of:,}", known.grade
        elif shape is not None:
            answers = counted(shape.r, "answer")
            evidence, grade = (answers if shape.n == shape.r else f"{shape.n:,} in {answers}"), shape.grade
        if not presence and shape is not None and shape.n == 0:
            grade = ""
        examples = _examples(node, shape)
        return Row(name, self._words(node, pointer), presence, evidence, grade, examples, place.place)

    def _children(
        self, node: Any, pointer: str, shape: Shape | None, where: str, parts: tuple[str, ...] = ()
    ) -> Iterator[Place]:
        """What `children` says of a resolved schema; parts: where the schemas stand that it is an `allOf` part of."""
        if not isinstance(node, Mapping) or pointer in parts:
            return
        inner, inner_pointer, inner_shape, where = self._content(node, pointer, shape, where)
        if not isinstance(inner, Mapping):
            return
        known = inner_shape.properties if inner_shape is not None else {}
        required = inner.get("required") or ()
        for key, child in (inner.get("properties") or {}).items():
            if is_gone(child):
                continue
            prop = known.get(str(key))
            at = _join(inner_pointer, "properties", key)
            yield Place(str(key), child, at, prop.shape if prop else None, prop, key in required,
                         key_place(where, str(key)))  # fmt: skip
        for word in ("allOf", "oneOf", "anyOf"):
            for number, branch in enumerate(inner.get(word) or ()):
                at = _join(inner_pointer, word, number)
                if word == "allOf":
                    part, its = self._document.resolve(branch, at)
                    yield from self._children(part, its, inner_shape, where, (*parts, pointer))
                else:
                    yield Place(f"or {number + 1}", branch, at, place=where)

    def _content(
        self, node: Mapping[str, Any], pointer: str, shape: Shape | None, where: str
    ) -> tuple[Any, str, Shape | None, str]:
        """What an array's items, or a map's values, look like, however deep; the node itself for anything else."""
        while isinstance(node, Mapping):
            if isinstance(node.get("items"), Mapping):
                below, at = self._document.resolve(node["items"], _join(pointer, "items"))
                shape = shape.items if shape is not None else None
                step = ITEMS
            elif not node.get("properties") and isinstance(node.get("additionalProperties"), Mapping):
                at = _join(pointer, "additionalProperties")
                below, at = self._document.resolve(node["additionalProperties"], at)
                shape = shape.map_values if shape is not None else None
                step = VALUES
            else:
                break
            if at.startswith(pointer) or at not in pointer:
                node, pointer, where = below, at, where + step
            else:
                break
        return node, pointer, shape, where

    def resolved(self, place: Place) -> tuple[Any, str]:
        """A place's schema, with the references followed, and where it is."""
        if isinstance(place.node, Mapping):
            return self._document.resolve(place.node, place.pointer)
        return place.node, place.pointer

    def _words(self, node: Any, pointer: str, depth: int = 0) -> str:
        if not isinstance(node, Mapping) or depth > 4:
            return "anything"
        kinds = node.get("type")
        names = [str(kind) for kind in kinds] if isinstance(kinds, list) else [str(kinds)] if kinds else []
        nullable = "null" in names or node.get("nullable") is True
        words = [self._kind(name, node, pointer, depth) for name in names if name != "null"]
        if not words:
            words = [self._untyped(node)]
        if nullable:
            words.append("null")
        return " or ".join(word for word in words if word)

    def _kind(self, name: str, node: Mapping[str, Any], pointer: str, depth: int) -> str:
        if name == "array" and isinstance(node.get("items"), Mapping):
            inner, at = self._document.resolve(node["items"], _join(pointer, "items"))
            return f"array of {self._words(inner, at, depth + 1)}"
        if name == "object" and not node.get("properties") and isinstance(node.get("additionalProperties"), Mapping):
            inner, at = self._document.resolve(node["additionalProperties"], _join(pointer, "additionalProperties"))
            return f"map of {self._words(inner, at, depth + 1)}"
        if name == "string":
            return self._text(node)
        return name

    @staticmethod
    def _text(node: Mapping[str, Any]) -> str:
        values = node.get("enum")
        if isinstance(values, list):
            shown = " | ".join(f'"{value}"' for value in values[:_ENUM_SHOWN])
            return shown + (f" | {len(values) - _ENUM_SHOWN} more" if len(values) > _ENUM_SHOWN else "")
        return f"string ({node['format']})" if node.get("format") else "string"

    @staticmethod
    def _untyped(node: Mapping[str, Any]) -> str:
        if "const" in node:
            return repr(node["const"])
        for word, text in (("oneOf", "one of"), ("anyOf", "any of")):
            if node.get(word):
                return f"{text} {len(node[word])}"
        if node.get("properties") or node.get("allOf"):
            return "object"
        return "anything" if node.get("type") is None else ""


def _examples(node: Any, shape: Shape | None) -> str:
    """A few values, in words: those that a document gives, else those that traffic repeated, else their bounds."""
    given: list[Any] = []
    if isinstance(node, Mapping):
        more = node.get("examples")
        given = list(more) if isinstance(more, list | tuple) else []
        given += [node[word] for word in ("example", "default") if node.get(word) is not None and not given]
    shown = [_value(one) for one in given if not isinstance(one, Mapping | list)]
    if not shown and shape is not None:
        shown = [_value(one) for one in shape.enum] or [f"{prefix}..." for prefix in shape.prefixes]
        if not shown and shape.minimum is not None and shape.maximum is not None:
            return _bounds(shape.minimum, shape.maximum)
    shown = list(dict.fromkeys(shown))
    if not shown:
        return ""
    rest = len(shown) - _EXAMPLES_SHOWN
    return "e.g. " + ", ".join(shown[:_EXAMPLES_SHOWN]) + (f", {rest} more" if rest > 0 else "")


def _bounds(low: int, high: int) -> str:
    """Outer bounds of numbers, powers of ten that needn't have been seen, in words that are true of them."""
    return f"up to {high:,}" if low in (0, 1) else f"between {low:,} and {high:,}"


def _value(value: Any) -> str:
    text = " ".join(str(value).split()) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _EXAMPLE_LONGEST else text[: _EXAMPLE_LONGEST - 3] + "..."


def _join(pointer: str, *keys: object) -> str:
    return "/".join([pointer, *(str(key).replace("~", "~0").replace("/", "~1") for key in keys)])
