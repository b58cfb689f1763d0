"""An asker whose waits cost nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lookalike.live.ask import Asker


class Clock:
    """A clock that sleeping moves, and nothing else."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asker(clock: Clock) -> Callable[..., Asker]:
    """Makes askers on a clock of their own; who is to meet a limit says a shorter one."""

    def make(**options: Any) -> Asker:
        options = {"timeout": 10.0, "deadline": 20.0, "rate": 1e6, "clock": clock, "sleep": clock.sleep, **options}
        return Asker(now=clock, **options)

    return make
