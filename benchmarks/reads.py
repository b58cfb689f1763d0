"""What `pytest --lookalike-uses` adds to a mocked suite's time, the file that it writes included.

    python -m benchmarks reads [--quick]

The suite is that of benchmarks/mocked.py: a client of an issue tracker, whose tests declare mocks of lookalike.
Whole runs of pytest, each in a process of its own, with the option and without it by turns; CPU time, medians.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import mocked


@dataclass(frozen=True)
class Row:
    """One suite: CPU milliseconds of its run without and with tracking, and how much that is more, in percent."""

    suite: str
    tests: int
    without: float
    tracked: float
    more_percent: float


def rows(*, quick: bool = False) -> list[Row]:
    """Measure it."""
    tests = 100 if quick else 600
    without, tracked = mocked.by_turns(("lookalike",), tests, [[], ["--lookalike-uses"]], 3 if quick else 9)
    return [Row("lookalike", tests, without, tracked, 100 * (tracked / without - 1))]
