"""How far the values at a place reach, as a contract knows it: the bounds beyond which a value is told."""

from __future__ import annotations

from typing import NamedTuple

from lookalike.contract.compare_form import SAYS, Form, Support
from lookalike.counted import counted
from lookalike.shape.policy import DEFAULT
from lookalike.shape.shape import Shape

NUMBERS = frozenset({"integer", "number"})


class Bounds(NamedTuple):
    """The least and the most, None for any; what says so, in words; what that rests on, None for information alone."""

    least: float | None
    most: float | None
    words: str
    support: Support | None = None


def many(shape: Shape, *kinds: str) -> bool:
    """Whether so many values of some kinds were seen that their range says something."""
    return sum(shape.kind_counts.get(kind, 0) for kind in kinds) >= DEFAULT.range_n


def text_bounds(form: Form) -> Bounds | None:
    """How long strings are; None where that isn't known, or their form says it."""
    limit, shape = form.said("maxLength"), form.shape
    if isinstance(limit, int):
        return Bounds(None, limit, f"at most {limit:,} characters, {SAYS}")
    if shape is None or shape.text_lengths is None or form.format or form.prefixes or not many(shape, "string"):
        return None
    # To the next power of two: columns are cut so, and each longer title would be told otherwise.
    longest = shape.text_lengths[1]
    words = f"at most {longest:,} characters in {counted(shape.kind_counts['string'], 'string')} seen"
    return Bounds(None, 1 << max(longest - 1, 7).bit_length(), words)


def number_bounds(form: Form) -> Bounds:
    """How small and how large numbers are."""
    shape, low, high, words = form.shape, form.said("minimum"), form.said("maximum"), SAYS
    if shape is not None and low is None and high is None:
        # A smaller number than any before says nothing, but for the first below zero.
        low, high = shape.minimum and min(shape.minimum, 0), shape.maximum
        words = f"in {counted(sum(shape.kind_counts.get(kind, 0) for kind in NUMBERS), 'number')} seen"
    least, most = (
        one if isinstance(one, int | float) and not isinstance(one, bool) else None for one in (low, high)
    )  # fmt: skip
    return Bounds(least, most, words)


def exact_before(form: Form) -> Support | None:
    """What it rests on that no number was beyond those that a double can hold; None where that isn't known."""
    shape = form.shape
    if shape is None or shape.beyond or not many(shape, *NUMBERS):
        return None
    return Support(shape.size, shape.grade)


def length_bounds(form: Form) -> Bounds:
    """How many items lists have; a support where the list was never empty and a first item is relied on."""
    least, most, shape = form.said("minItems"), form.said("maxItems"), form.shape
    support, words = None, SAYS
    if shape is not None and shape.lengths is not None and shape.items is not None and least is most is None:
        n = shape.kind_counts.get("array", 0)
        support, words = Support(shape.size, shape.grade), f"in {counted(n, 'list')} seen"
        least = 1 if not shape.empty and n >= DEFAULT.tuple_n else None
        low, high = shape.lengths
        if n >= DEFAULT.range_n:
            # Pages are as long as they may be but for the last one; a vector has its length for a reason.
            fixed = low == high and not {"object", "array"} & set(shape.items.kinds)
            least, most = (low, high) if fixed else (least, 1 << max(high - 1, 3).bit_length())
    return Bounds(
        least if isinstance(least, int) else None, most if isinstance(most, int) else None, words, support
    )  # fmt: skip


def edges(least: float | None, most: float | None) -> str:
    """`1 to 4`, `3` where both are, `0 to any number`."""
    low = 0 if least is None else least
    return f"{low:,}" if low == most else f"{low:,} to {'any number' if most is None else f'{most:,}'}"
