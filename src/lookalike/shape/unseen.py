"""What a schema allows and nobody has seen: unknown keys, strings without the learned format or enum."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.mismatch import Mismatch
from lookalike.shape import statements
from lookalike.shape.describe import Path, got, nearest, one_of, place, quoted
from lookalike.shape.formats import BY_NAME, has_format
from lookalike.shape.places import Places, is_patterned
from lookalike.shape.schema import Schema
from lookalike.shape.shape import Shape

_DEEPEST = 100  # levels that are looked at; no schema of a document names more
_FIRST = 12
_SAYING = (dict, list)
# What there is nothing to say of; of a text there is only where evidence knows its format or its enum.
_SILENT = frozenset({int, float, bool, type(None)})
_LEAVES = _SILENT | {str}


@dataclass(frozen=True, slots=True)
class Unseen:
    """A reason with its path; `missing` and `unknown` keys may turn out to be one slip."""

    path: Path
    mismatch: Mismatch
    missing: bool = False
    unknown: bool = False


def unseen(places: Places, value: Any, shape: Shape | None, root: str) -> list[Unseen]:
    """The unknown keys of a value, and with a shape the strings that contradict a learned format or enum."""
    found: list[Unseen] = []
    _walk(places, [places.validator.schema], value, shape, (), root, found)
    return found


def _walk(
    places: Places,
    schemas: Sequence[Schema],
    value: Any,
    shape: Shape | None,
    path: Path,
    root: str,
    found: list[Unseen],
) -> None:
    if isinstance(value, str):
        if shape is not None and (shape.format or shape.enum):
            found += _string(places.applicable(schemas, value), value, shape, path, root)
        return
    if not isinstance(value, _SAYING) or not schemas or len(path) > _DEEPEST:
        return
    applicable = places.applicable(schemas, value)
    leaves = _LEAVES if shape is None else _SILENT
    if isinstance(value, list):
        if not leaves.issuperset(map(type, value)):
            for index, item in enumerate(value):
                if type(item) not in leaves:
                    inner = places.below(applicable, index)
                    _walk(places, inner, item, statements.below(shape, index, value), (*path, index), root, found)
        return
    known = places.known_keys(applicable)
    strange: Collection[str] = ()
    if known is not None and not value.keys() <= known:
        strange = [key for key in value if key not in known and not is_patterned(applicable, key)]
        found += [_unknown(key, known, value, shape, path, root) for key in strange]
    if not leaves.issuperset(map(type, value.values())):
        for key, item in value.items():
            if type(item) not in leaves and key not in strange:
                inner = places.below(applicable, key)
                _walk(places, inner, item, statements.below(shape, key, value), (*path, key), root, found)


def _unknown(
    key: str, known: frozenset[str], value: Mapping[str, Any], shape: Shape | None, path: Path, root: str
) -> Unseen:
    # A key that is there already may be meant all the same: a slip beside a reply that the contract completed.
    near = nearest(key, known - value.keys()) or nearest(key, known)
    names = sorted(known)
    listed = ", ".join(names[:_FIRST]) + (f" and {len(names) - _FIRST} more" if len(names) > _FIRST else "")
    evidence, level = "", statements.level("firm")
    if shape is not None and shape.objects:
        said = statements.branch(shape, value)
        evidence, level = statements.of_absence(said), statements.level(statements.object_grade(said))
    mismatch = Mismatch(
        place(root, (*path, key)),
        f"a known key ({listed})",
        f"the key {quoted(key)}",
        evidence,
        f'did you mean "{near}"?' if near else "",
        level,
    )
    return Unseen((*path, key), mismatch, unknown=True)


def _string(applicable: Sequence[Mapping[str, Any]], value: str, shape: Shape, path: Path, root: str) -> list[Unseen]:
    """What was learned of strings, where the schema still says it: people may have taken it out."""
    last = next((step for step in reversed(path) if isinstance(step, str)), "")
    stated = shape.format and any(schema.get("format") == shape.format for schema in applicable)
    if stated and not has_format(value, shape.format):
        form = BY_NAME[shape.format]
        level = statements.level(statements.string_grade(shape) if form.checked else "assumed")
        evidence = statements.of_strings(shape, form.words)
        return [Unseen(path, Mismatch(place(root, path), form.words, got(value, last), evidence, level=level))]
    if shape.enum and value not in shape.enum and any("examples" in schema for schema in applicable):
        near = nearest(value, shape.enum)
        hint = f'did you mean "{near}"?' if near else ""
        evidence = statements.of_strings(shape, one_of(shape.enum))
        mismatch = Mismatch(place(root, path), one_of(shape.enum), got(value, last), evidence, hint, "warning")
        return [Unseen(path, mismatch)]
    return []
