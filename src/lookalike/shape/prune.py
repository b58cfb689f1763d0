"""Made-up values without what no reader of the schema would expect in them."""

from __future__ import annotations

from typing import Any

from lookalike.shape.describe import Path
from lookalike.shape.places import Places
from lookalike.shape.schema import Validator, too_deep
from lookalike.shape.unseen import unseen

_PRUNINGS = 8  # another branch of a choice may fit what is left, and know other keys


def without_unknown(validator: Validator, made: Any, partial: Any) -> tuple[Any, bool]:
    """A value without the keys that `explain` would call unknown, but for those that were given; and whether that did.

    Examples in descriptions have such keys: slips, and what an API once had.
    """
    for _ in range(_PRUNINGS):
        unknown = {one.path for one in unseen(Places(validator), made, None, "") if not says(partial, one.path)}
        if not unknown:
            return made, True
        made = _pruned(made, unknown, ())
    return made, False


def without_wrong(validator: Validator, made: Any, partial: Any) -> Any:
    """A value without the optional keys whose values fit nothing, but for those that were given."""
    for _ in range(_PRUNINGS):
        try:
            paths = [] if too_deep(made) else [tuple(error.instance_path) for error in validator.errors(made)]
        except (ValueError, TypeError, UnicodeEncodeError):
            return made  # what was given is no JSON; who writes it says so
        wrong: set[Path] = set()
        for path in paths:
            while path and isinstance(path[-1], int):
                path = path[:-1]
            if not path or says(partial, path):
                return made
            wrong.add(path)
        if not wrong:
            return made
        made = _pruned(made, wrong, ())
    return made


def says(partial: Any, path: Path) -> bool:
    """Whether what was given has a place."""
    for step in path:
        if isinstance(partial, list):
            if not isinstance(step, int) or step >= len(partial):
                return False
        elif not isinstance(partial, dict) or step not in partial:
            return False
        partial = partial[step]
    return True


def _pruned(value: Any, unknown: set[Path], path: Path) -> Any:
    """A copy without the keys at some paths."""
    if isinstance(value, dict):
        return {
            key: _pruned(inner, unknown, (*path, key)) for key, inner in value.items() if (*path, key) not in unknown
        }
    if isinstance(value, list):
        return [_pruned(inner, unknown, (*path, at)) for at, inner in enumerate(value)]
    return value
