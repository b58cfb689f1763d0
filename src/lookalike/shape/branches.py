"""Which branch of `anyOf` or `oneOf` an object is nearest to, where it fits none: the one that is spoken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.shape.places import Places
    from lookalike.shape.schema import Schema

# What a key of the object says for a branch: one that it names, and whose value fits, says most.
_NAMED, _FITS = 2, 1


def nearest(places: Places, branches: Sequence[Schema], value: Mapping[str, Any]) -> int:
    """The index of the branch that is about objects, has the same tag, and names most of the object's keys.

    A key counts more where its value fits too; between equals the branch wins that misses fewer required keys.
    """
    views = [places.applicable([branch], value) for branch in branches]
    tags = [_tags(places, view, value) for view in views]
    right = {key for told in tags for key, fits in told.items() if fits}

    def rank(index: int) -> tuple[bool, bool, int, int, int]:
        view = views[index]
        other = branches[index] is False or not all(_takes_objects(schema) for schema in view)
        # A constant tells branches apart only where another branch has the value.
        wrong = any(not fits and key in right for key, fits in tags[index].items())
        points = sum(_points(places, view, key, inner) for key, inner in value.items())
        required = {key for schema in view for key in schema.get("required", ()) if isinstance(key, str)}
        return other, wrong, -points, len(required - value.keys()), index

    return min(range(len(branches)), key=rank)


def named_keys(view: Sequence[Mapping[str, Any]]) -> set[str]:
    """The keys that schemas name."""
    return {key for schema in view for key in schema.get("properties", ())}


def _takes_objects(schema: Mapping[str, Any]) -> bool:
    types = schema.get("type", "object")
    return "object" in ([types] if isinstance(types, str) else types)


def _points(places: Places, view: Sequence[Mapping[str, Any]], key: str, value: Any) -> int:
    below = places.below(view, key)
    named = any(key in schema.get("properties", ()) for schema in view)
    return _NAMED * named + _FITS * (bool(below) and all(places.fits(schema, value) for schema in below))


def _tags(places: Places, view: Sequence[Mapping[str, Any]], value: Mapping[str, Any]) -> dict[str, bool]:
    """The keys with scalar values that the schemas name, and whether the value is one that they may have there.

    False only where a constant says so: a value of another type is no tag.
    """
    found: dict[str, bool] = {}
    for key in named_keys(view) & value.keys():
        inner = value[key]
        if isinstance(inner, str | bool | int):
            below = places.below(view, key)
            told = any(not {"const", "enum", "not"}.isdisjoint(one) for one in places.applicable(below, inner))
            fits = all(places.fits(schema, inner) for schema in below)
            if fits or told:
                found[key] = fits
    return found
