from __future__ import annotations
from typing import Any, Mapping
from lookalike.mismatch import Mismatch
from lookalike.shape.schema import Validator
from lookalike.shape.shape import Shape


def explain(
    schema: Validator | Mapping[str, Any] | bool,
    value: Any,
    *,
    shape: Shape | None = None,
    root: str = "json",
    document: Mapping[str, Any] | None = None,
) -> list[Mismatch]:
    raise NotImplementedError
