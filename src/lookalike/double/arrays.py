"""Arrays of different lengths: which items are missing and which are more, not that all after them have moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from lookalike.codec import encode_json
from lookalike.errors import UsageError

# Comparing each with each other costs their product.
_ALIGNED = 2000

Step = tuple[int | None, int | None]


def aligned(expected: Sequence[Any], got: Sequence[Any], fits: Callable[[Any, Any], bool]) -> Iterator[Step]:
    """Where the arrays differ, in order: which item of one stands for which of the other, None for none.

    fits: whether an item is what is expected. What is equal at both ends is left out first, so an item that was added
          to or taken from a long array is found at once.
    """
    begin, end = 0, min(len(expected), len(got))
    while begin < end and fits(expected[begin], got[begin]):
        begin += 1
    tail = 0
    while tail < end - begin and fits(expected[-1 - tail], got[-1 - tail]):
        tail += 1
    ours, theirs = range(begin, len(expected) - tail), range(begin, len(got) - tail)
    for left, right in _blocks([expected[at] for at in ours], [got[at] for at in theirs]):
        yield from _paired([ours[at] for at in left], [theirs[at] for at in right])


def _blocks(expected: Sequence[Any], got: Sequence[Any]) -> Iterator[tuple[range, range]]:
    """The stretches that aren't equal."""
    keys = _keys(expected), _keys(got)
    if keys[0] is None or keys[1] is None:
        yield range(len(expected)), range(len(got))
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if tag != "equal":
            yield range(i1, i2), range(j1, j2)


def _keys(values: Sequence[Any]) -> list[bytes] | None:
    """The items as bytes to compare; None where there are too many, or a matcher is among them."""
    if len(values) > _ALIGNED:
        return None
    try:
        return [encode_json(value) for value in values]
    except UsageError:
        return None


def _paired(ours: Sequence[int], theirs: Sequence[int]) -> Iterator[Step]:
    shared = min(len(ours), len(theirs))
    yield from zip(ours[:shared], theirs[:shared], strict=True)
    yield from ((at, None) for at in ours[shared:])
    yield from ((None, at) for at in theirs[shared:])
