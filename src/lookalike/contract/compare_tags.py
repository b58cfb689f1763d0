"""What a tag tells of an object: the key that it names (`{"type": "card", "card": {...}}`), and its variant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from lookalike.contract.compare_column import Column
from lookalike.contract.compare_form import Form
from lookalike.shape.policy import TAG_NAMES

_SEVERAL = 2
_ALIKE = 0.5
# The tag, and the key of the object inside which it lies, "" for the object itself.
_Place = tuple[str, str]


def told_by_tag(form: Form, name: str, column: Column) -> bool:
    """Whether each object without a key has another value of a tag than the one that names the key.

    The tag lies in the object or in one directly inside it (`owner.type` is `Organization` where there is an
    `organization`), and the key's own name was seen as a value of it.
    """
    tags = list(_tags(form, name))
    if not tags:
        return False
    lacking = [one for values in column.answers for one in values if name not in one]
    return all(any(_other(one, place, name) for place in tags) for one in lacking)


def fewer_kinds(form: Form, column: Column) -> bool:
    """Whether of the kinds of objects that were seen, by the values of a tag, some don't come.

    What only these have isn't gone then, be it in the object or inside of it (`{"kind": "comment", "data": {...}}`).
    """
    return any(_lacks_kind(form, tag, column) for tag in TAG_NAMES)


def _lacks_kind(form: Form, tag: str, column: Column) -> bool:
    known = form.fields.get(tag)
    words = known.form.shape.words if known is not None and known.form.shape is not None else ()
    return len(words) > 1 and not set(words) <= set(column.key(tag).only("string").strings)


def other_link(form: Form, name: str, column: Column, place: str) -> bool:
    """Whether all objects of links without this one (HAL's `_links`) have one like it instead, never seen before.

    Links say what can be done with a thing now: what is active has no `activate`, and a `deactivate`.
    """
    if not place.endswith("._links") or form.support.grade == "firm":
        return False
    fresh = [one.keys() - form.fields.keys() for values in column.answers for one in values if name not in one]
    return all(difflib.get_close_matches(name, names, 1, _ALIKE) for names in fresh)


def is_new_variant(form: Form, one: Any, *, among_others: bool = True) -> bool:
    """Whether an object has a value of a tag that was never seen, and keys of its own: nothing is known of it yet.

    among_others: it is one of an array. One that stands alone has to lack several keys besides: a single missing one
                  may as well be gone
    """
    fresh = one.keys() - form.fields.keys()
    if not among_others and len(set(form.required) - one.keys()) < _SEVERAL:
        return False
    return bool(fresh) and any(_is_new(form, tag, one.get(tag)) for tag in TAG_NAMES)


def _is_new(form: Form, tag: str, value: Any) -> bool:
    known = form.fields.get(tag)
    words = known.form.shape.words if known is not None and known.form.shape is not None else ()
    return bool(words) and type(value) is str and value not in words


def _tags(form: Form, name: str) -> Iterator[_Place]:
    for key, known in form.fields.items():
        if key == name:
            continue
        if _names(known.form, name):
            yield "", key
        for inner, below in known.form.fields.items() if "object" in known.form.kinds else ():
            if _names(below.form, name):
                yield key, inner


def _names(form: Form, name: str) -> bool:
    words = form.shape.words if form.shape is not None else ()
    return any(_plain(word) == _plain(name) for word in words)


def _other(one: Any, place: _Place, name: str) -> bool:
    holder, tag = place
    found = one.get(holder) if holder else one
    value = found.get(tag) if type(found) is dict else None
    return type(value) is str and bool(value) and _plain(value) != _plain(name)


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()
