"""What lookalike costs before it does anything: importing it, an idle pytest plugin, entering and leaving a mock.

    python -m benchmarks.startup [--quick]

CPU time, medians of interleaved rounds; each process has its bytecode at hand. The floors: Python that does nothing,
and pytest with an empty plugin over one empty test. The targets: `import lookalike` at most 30 ms over bare Python, and
an idle plugin at most 5 ms over bare pytest.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PYTHON = (sys.executable, "-c")
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull)


@dataclass(frozen=True)
class Row:
    """Milliseconds of CPU time (median), how much that is over the floor, and what that may be at most (None: any)."""

    what: str
    milliseconds: float
    over_floor: float
    target: float | None = None


@dataclass(frozen=True)
class Case:
    """A command, the one that is its floor, and what it may cost over that in milliseconds."""

    what: str
    floor: tuple[str, ...]
    command: tuple[str, ...]
    target: float | None


CASES = (
    Case("import lookalike", (*PYTHON, "pass"), (*PYTHON, "import lookalike"), 30.0),
    Case("import lookalike, and use Api", (*PYTHON, "pass"), (*PYTHON, "import lookalike; lookalike.Api"), None),
    # `-p` makes pytest look through the entry points of all that is installed, as it does anyway where plugins load by
    # themselves; so the floor names a plugin too, an empty one.
    Case("an idle plugin", (*PYTEST, "-p", "empty_plugin"), (*PYTEST, "-p", "lookalike.pytest_plugin"), 5.0),
)


def rows(*, quick: bool = False) -> list[Row]:
    """Measure all; with `quick`, briefly."""
    rounds = 5 if quick else 31
    return [_processes(case, rounds) for case in CASES] + _mocks(rounds)


def _processes(case: Case, rounds: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing(): pass\n", "utf-8")
        Path(folder, "empty_plugin.py").touch()
        environment = {
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode")),
        }
        taken: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds + 1):
            for found, command in zip(taken, (case.floor, case.command), strict=True):
                milliseconds = _cpu(command, folder, environment)
                if turn:  # the first writes the bytecode
                    found.append(milliseconds)
    # Neighbours are compared, so that what the machine does besides weighs on both.
    over = median(command - floor for floor, command in zip(*taken, strict=True))
    return Row(case.what, median(taken[1]), over, case.target)


def _cpu(command: Sequence[str], folder: str, environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _mocks(rounds: int) -> list[Row]:
    """Entering and leaving a mock in a process that has used one before, as each test of a suite does."""
    # Both clients are there, so that all of their seams are put in and taken out.
    import httpx  # noqa: F401
    import requests  # noqa: F401

    import lookalike

    plain = lookalike.Api(base_url="https://api.example.com")
    pack = lookalike.Api("jsonplaceholder")

    def enter(api: lookalike.Api) -> None:
        with api.mock():
            pass

    cases: tuple[tuple[str, Callable[[], None]], ...] = (
        ("enter and leave a mock", lambda: enter(plain)),
        ("enter and leave a mock with a contract", lambda: enter(pack)),
    )
    found = []
    for what, use in cases:
        use()
        taken = []
        for _ in range(rounds):
            began = time.process_time()
            for _ in range(50):
                use()
            taken.append(1000 * (time.process_time() - began) / 50)
        found.append(Row(what, median(taken), median(taken)))
    return found


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="rough figures in seconds")
    for row in rows(quick=parser.parse_args().quick):
        target = f"   at most {row.target:g}" if row.target is not None else ""
        print(f"{row.what:42} {row.milliseconds:8.2f} ms   over the floor {row.over_floor:7.2f} ms{target}")


if __name__ == "__main__":
    main()
