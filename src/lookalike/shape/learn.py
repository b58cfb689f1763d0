from __future__ import annotations
from typing import Any, Iterable, Sequence
from lookalike.shape.evidence import Counts


def learn(values: Iterable[Any], *, targets: Sequence[str] = (), day: str = "") -> Counts:
    raise NotImplementedError
