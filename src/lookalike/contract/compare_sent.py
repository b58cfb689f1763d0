"""What answers merely say because their requests said so: data of who asks, and no change of the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.contract.compare_asked import DEEP, Asked
from lookalike.contract.compare_column import Column
from lookalike.contract.compare_form import Form
from lookalike.contract.compare_places import ITEMS, VALUES, kind_of, steps
from lookalike.shape.shape import Shape

_NOTHING: frozenset[str] = frozenset()
# Keys that an object near the top lacks and its request too, from which on the one explains the other.
_TOGETHER = 2


@dataclass(frozen=True, slots=True)
class Usual:
    """What the learned requests of an operation had.

    body:  their JSON bodies; None where they had none
    query: the parameters that all of them had
    """

    body: Shape | None = None
    query: frozenset[str] = frozenset()


class Sent:
    """What the bodies of requests had where their answers have the like.

    asked: how the answers came about, in the order of a column's
    usual: what the learned requests had
    form:  what is known of the answers' bodies, which may have an envelope around what was sent
    """

    def __init__(self, asked: Sequence[Asked], usual: Usual, form: Form) -> None:
        self._asked = asked
        self._query = usual.query
        self._usual = usual.body
        self._envelope = _envelope(usual.body, form) if usual.body is not None else ()

    def without_given(self, form: Form, column: Column, place: str) -> Column:
        """The values without those that only contradict because the requests had them so at the same place."""
        path = self._path(place)
        if self._usual is None or path is None or form.support.certain or not self._asked:
            return column

        def is_given(asked: Asked, value: Any) -> bool:
            known = type(value) in (dict, list) and kind_of(value) in form.kinds
            return not known and asked.gave(path, value)

        pairs = zip(self._asked, column.answers, strict=True)
        return Column([one for one in values if not is_given(asked, one)] for asked, values in pairs)

    def gave_all(self, form: Form, column: Column, place: str) -> bool:
        """Whether the requests had all these objects with the keys that they have."""
        path = self._path(place)
        if self._usual is None or path is None or not path or form.support.certain or not self._asked:
            return False
        pairs = zip(self._asked, column.answers, strict=True)
        return all(asked.gave(path, value) for asked, values in pairs for value in values)

    def explains(self, form: Form, place: str, name: str, column: Column) -> bool:
        """Whether all objects without a key merely say what their requests said, lack what these didn't pick by name,
        or what only came as it was sent.

        The last: all learned requests had it there, and these don't; and of several such keys the answer lacks most.
        A single key that is missing at the top says nothing, and is told as always: the API may have filled it in.
        """
        lacking = [[one for one in values if name not in one] for values in column.answers]
        pairs = [(asked, found) for asked, found in zip(self._asked, lacking, strict=False) if found]
        path = self._path(place)
        if path is not None and any(step.startswith("._") for step in path):
            path = None  # the API's own, sent back as it came: `_links`
        # What is only ever sent, such as a password, is missing in all answers.
        always = _always(self._usual, path).intersection(form.required) if path is not None else _NOTHING
        return bool(pairs) and all(
            asked.mirrors(place, name, found)
            or (not asked.picked.by <= self._query and asked.picked.leaves_out(place, name, found))
            or (path is not None and name in always and _left_out(asked, path, always, name, found))
            for asked, found in pairs
        )

    def _path(self, place: str) -> list[str] | None:
        """A place of the answer in the request's body; None where it lies outside of what was sent."""
        path, envelope = steps(place), list(self._envelope)
        return path[len(envelope) :] if path[: len(envelope)] == envelope else None


def _left_out(
    asked: Asked, path: Sequence[str], always: frozenset[str], name: str, found: Sequence[dict[str, Any]]
) -> bool:
    """Whether objects lack a key as their request left it out."""
    lefts = [] if asked.in_part else [left for left in asked.left_out(path, always) or () if name in left]
    if not lefts or 1 < len(lefts) < len(found):
        return False
    left = frozenset.intersection(*lefts)
    least = 1 if len(path) >= DEEP else _TOGETHER
    return all(max(least, len(left) / 2) <= len(left - one.keys()) for one in found)


def _always(usual: Shape | None, path: Sequence[str]) -> frozenset[str]:
    """The keys that all objects at a place of the learned requests' bodies had."""
    for step in path:
        if usual is None:
            break
        if step == ITEMS:
            usual = usual.items
        elif step == VALUES:
            usual = usual.map_values
        else:
            known = usual.properties.get(step[1:])
            usual = known.shape if known is not None else None
    return (
        frozenset(key for key, known in usual.properties.items() if known.required) if usual is not None else _NOTHING
    )


def _envelope(usual: Shape, form: Form) -> tuple[str, ...]:
    """The steps to what was sent, in an answer that has it inside of one key: `{"data": [{...}]}`."""
    if _shares(usual, form):
        return ()
    for name, known in form.fields.items():
        inner = known.form
        if _shares(usual, inner):
            return (f".{name}",)
        if inner.items is not None and _shares(usual, inner.items):
            return f".{name}", ITEMS
    return ()


def _shares(usual: Shape, form: Form) -> bool:
    keys = usual.properties.keys()
    return bool(keys) and 2 * len(keys & form.fields.keys()) > len(keys)
