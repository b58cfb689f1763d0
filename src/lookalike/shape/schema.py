from __future__ import annotations
from typing import Any, Mapping
from lookalike.shape.shape import Shape


def to_schema(shape: Shape) -> dict[str, Any]:
    raise NotImplementedError


class Validator:
    def __init__(self, schema: Mapping[str, Any] | bool, document: Mapping[str, Any] | None = None) -> None: ...
    def is_valid(self, value: Any) -> bool:
        raise NotImplementedError
