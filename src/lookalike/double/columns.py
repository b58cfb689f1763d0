"""Mismatches in aligned columns for a message: where, expected, got, and why. Credentials are masked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lookalike.contract.compare_places import VALUES, steps
from lookalike.mismatch import Mismatch
from lookalike.secrets import is_secret_name, mask_text
from lookalike.secrets.names import QUERY_NAMES

_NAMED = ("header", "cookie", "query", "form")
_WIDEST_CELL = 48
_LONG = 18
_KIND = "any value|an? (?:array|boolean|integer|number|object|string)|null"
# Words that no credential hides behind.
_NO_VALUE = re.compile(f"nothing|no such field|(?:{_KIND})(?:(?:, | or )(?:{_KIND}))*")


def aligned(mismatches: Sequence[Mismatch], *, limit: int) -> str:
    """One line a mismatch, indented by two; beyond `limit` they are counted."""
    rows = [_row(masked(one)) for one in mismatches[:limit]]
    widths = [max(min(len(row[at]), _WIDEST_CELL) for row in rows) for at in range(3)]
    lines = [
        f"  {where.ljust(widths[0])}    {expected.ljust(widths[1])}  {got.ljust(widths[2])}  {why}"
        for where, expected, got, why in rows
    ]
    more = len(mismatches) - limit
    return "\n".join([*(line.rstrip() for line in lines), *([f"  ... and {more} more"] if more > 0 else [])])


def _row(one: Mismatch) -> tuple[str, str, str, str]:
    got = one.got if one.got == "missing" else f"got {one.got}"
    why = "; ".join(part for part in (one.evidence, one.hint) if part)
    return one.where, f"expected {one.expected}", got, f"({why})" if why else ""


def masked(one: Mismatch) -> Mismatch:
    """The mismatch with credentials replaced: by the name of the place, and by their form."""
    if _is_secret(one) and one.expected.startswith("anything but "):
        return Mismatch(one.where, "anything but a secret (masked)", "just that", one.evidence, one.hint, one.level)
    if _is_secret(one):
        expected = one.expected if _NO_VALUE.fullmatch(one.expected) else "a secret (masked)"
        got = (
            one.got if one.got == "missing" else "another (masked)" if expected.endswith("(masked)") else "one (masked)"
        )
        return Mismatch(one.where, expected, got, one.evidence, one.hint, one.level)
    return Mismatch(one.where, mask_text(one.expected), mask_text(one.got), one.evidence, one.hint, one.level)


def is_secret_value(where: str, value: str) -> bool:
    """Whether the value at a place is a credential, by the name of the place or by its own form."""
    return _is_secret(Mismatch(where, "", value)) or mask_text(value) != value


def _is_secret(one: Mismatch) -> bool:
    where = one.where
    kind, _, name = where.partition(" ")
    if kind in _NAMED:
        # `key` and `code` are also the names of harmless things, which are shorter.
        long = max(len(one.expected), len(one.got)) >= _LONG
        return kind == "cookie" or is_secret_name(name) or (kind == "query" and long and name.lower() in QUERY_NAMES)
    if kind == "xml":
        return is_secret_name(where.rpartition("/")[2].partition("[")[0].removeprefix("@"))
    keys = [step for step in steps(where) if step != VALUES and step.startswith(".")] if kind.startswith("json") else []
    return bool(keys) and is_secret_name(keys[-1].removeprefix("."))
