from __future__ import annotations
from typing import Any, Mapping


def sample(schema: Mapping[str, Any] | bool, *, seed: str = "", document: Mapping[str, Any] | None = None) -> Any:
    raise NotImplementedError


def complete(
    schema: Mapping[str, Any] | bool, partial: Any, *, seed: str = "", document: Mapping[str, Any] | None = None
) -> Any:
    raise NotImplementedError
