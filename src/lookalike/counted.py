"""A number with its noun."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 value`, `2,000 values`.

    many: the plural, where it isn't the singular with an s
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
