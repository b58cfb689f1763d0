"""What is found out about a schema once, whatever the values are that it is read for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_Schema = Mapping[str, Any] | bool


class Facts:
    """What a schema says whatever the value is, found once. Each by identity, with its schema kept beside it.

    plain: the schemas that apply where one does and no choice depends on the value; known: the keys that they name
    steps: the schemas of a key or an item
    """

    __slots__ = ("known", "plain", "steps")

    def __init__(self) -> None:
        self.plain: dict[int, tuple[_Schema, list[Mapping[str, Any]]]] = {}
        self.known: dict[int, tuple[Sequence[Mapping[str, Any]], frozenset[str] | None]] = {}
        self.steps: dict[tuple[int, str | int], tuple[_Schema, list[_Schema]]] = {}
