from __future__ import annotations
from dataclasses import dataclass
from lookalike.shape.evidence import Counts
from lookalike.shape.shape import Grade, Property, Shape


@dataclass(frozen=True, slots=True)
class Prior:
    alpha: float = 0.5
    beta: float = 0.5


@dataclass(frozen=True, slots=True)
class Policy:
    likely: float = 5.0


DEFAULT = Policy()


def size(n: int, targets: int) -> float:
    raise NotImplementedError


def grade(size: float, targets: int, policy: Policy = DEFAULT) -> Grade:
    raise NotImplementedError


def p_at_least(k: int, m: int, s: float, prior: Prior = Prior()) -> float:
    raise NotImplementedError


def derive(counts: Counts, policy: Policy = DEFAULT) -> Shape:
    raise NotImplementedError
