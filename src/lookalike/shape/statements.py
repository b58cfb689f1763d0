"""What a shape says of a place, in words: the evidence sentences, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lookalike.counted import counted
from lookalike.mismatch import Level
from lookalike.shape.shape import Grade, Property, Shape

_KINDS: dict[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array", tuple: "array",
    type(None): "null",
}  # fmt: skip


def kind_of(value: Any) -> str:
    """The kind of a JSON value as a schema sees it: 1.0 is an integer."""
    kind = _KINDS.get(type(value), "")
    return "integer" if kind == "number" and value.is_integer() else kind


def below(shape: Shape | None, step: str | int, value: Any) -> Shape | None:
    """The shape of a key's value, or of an item; `value` is the object or array itself."""
    if shape is None:
        return None
    if isinstance(step, int):
        return None if shape.tuple_items else shape.items
    if shape.map_values is not None:
        return shape.map_values
    found = branch(shape, value).properties.get(step)
    return found.shape if found else None


def branch(shape: Shape, value: Any) -> Shape:
    """The branch of a union that an object takes, the shape itself where there is none."""
    if shape.union is None or not isinstance(value, dict):
        return shape
    tag = value.get(shape.union.tag)
    return shape.union.branches.get(tag, shape) if isinstance(tag, str) else shape


def at(shape: Shape | None, value: Any, path: Sequence[str | int]) -> Shape | None:
    """The shape at a path of a value, None where evidence says nothing of it."""
    for step in path:
        shape = below(shape, step, value)
        value = value[step]
    return shape


def contradicts(shape: Shape, value: Any) -> bool:
    """Whether a value is of a kind that was never seen at its place, where kinds were."""
    if not shape.kinds:
        return False
    kind = kind_of(value)
    if kind == "null":
        return not shape.nullable
    return kind not in shape.kinds and not (kind == "integer" and "number" in shape.kinds)


def of_kinds(shape: Shape) -> str:
    """`boolean in all 200 values seen, in 1 response, on 2026-11-20`."""
    counted = shape.kind_counts
    if len(counted) == 1:
        return f"{next(iter(counted))} in {_all(shape.n, 'value')}{_where(shape.r, shape.first, shape.last)}"
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    words = ", ".join(f"{kind} in {n}" for kind, n in ordered)
    return f"{words} of the {shape.n} values seen{_where(shape.r, shape.first, shape.last)}"


def of_presence(found: Property, first: str = "", last: str = "") -> str:
    """`present in all 200 objects seen, in 1 response`."""
    return f"present in {_all(found.of, 'object')}{_where(found.of_r, first, last)}"


def of_absence(shape: Shape) -> str:
    """`in none of the 200 objects seen, in 1 response`."""
    seen = f"none of the {shape.objects} objects" if shape.objects != 1 else "the only object"
    return f"{'in ' if shape.objects != 1 else 'not in '}{seen} seen{_where(shape.objects_r, shape.first, shape.last)}"


def of_strings(shape: Shape, what: str) -> str:
    """`a date-time in all 200 strings seen, in 1 response`."""
    return f"{what} in {_all(shape.kind_counts.get('string', 0), 'string')}{_where(shape.r, shape.first, shape.last)}"


def string_grade(shape: Shape) -> Grade:
    """How sure a statement about the strings of a place is."""
    return _grade(shape.kind_counts.get("string", 0), shape)


def object_grade(shape: Shape) -> Grade:
    """How sure a statement about the objects of a place is."""
    return _grade(shape.objects, shape)


def _grade(values: int, shape: Shape) -> Grade:
    from lookalike.shape.policy import grade, size  # schemas of documents have no grades

    return grade(size(values, shape.targets), shape.targets)


def level(graded: Grade) -> Level:
    """What contradicts an assumed statement is a warning."""
    return "warning" if graded == "assumed" else "violation"


def _all(n: int, noun: str) -> str:
    return f"all {n} {noun}s seen" if n != 1 else f"the only {noun} seen"


def _where(r: int, first: str, last: str) -> str:
    text = f", in {counted(r, 'response')}"
    if first and last and first != last:
        return f"{text}, from {first} to {last}"
    return f"{text}, on {last}" if last else text
