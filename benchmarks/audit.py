"""What `pytest --lookalike=audit` adds to a mocked suite's time, its start and the tracking of reads included.

    python -m benchmarks audit [--quick]

The suite is that of benchmarks/mocked.py: a client of an issue tracker with its tests, which answer with responses,
respx or unittest.mock. Whole runs of pytest, each in a process of its own, with the option and without it by turns; CPU
time, medians. Bytecode is cached, as it is in any run but the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import mocked

_STYLES = ("responses", "respx", "unittest.mock")


@dataclass(frozen=True)
class Row:
    """One suite: CPU milliseconds of its run without and with the audit, and how much that is more, in percent."""

    suite: str
    tests: int
    without: float
    audited: float
    more_percent: float


def rows(*, quick: bool = False) -> list[Row]:
    """Measure each style by itself, and all of them together."""
    tests = 100 if quick else 600
    found = []
    for suite, styles in [*((name, (name,)) for name in _STYLES), ("all three", _STYLES)]:
        without, audited = mocked.by_turns(styles, tests, [[], ["--lookalike=audit"]], 3 if quick else 9)
        found.append(Row(suite, tests, without, audited, 100 * (audited / without - 1)))
    return found
