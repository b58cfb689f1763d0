"""The example project passes under each runner that it names, and really runs what it is said to run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TODOS = Path(__file__).parent.parent / "examples" / "todos"

#: The tests of each file: what a runner must find, or a test was lost.
COUNTS = {"mock": 13, "lookalike": 14, "real": 5, "testcase": 11}
ALL = sum(COUNTS.values())
REAL = 8
TESTCASE_REAL = 3
RUNNERS = {
    "pytest": ([sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "project"], ALL),
    "nosetests": (
        [str(Path(sys.executable).with_name("nosetests")), "--verbosity=2", "project"], ALL
    ),
    "unittest": ([sys.executable, "-m", "unittest", "-v"], COUNTS["testcase"]),
}  # fmt: skip
SKIPPED = {"pytest": REAL, "nosetests": REAL, "unittest": TESTCASE_REAL}
MESSAGE = "Skipping tests that hit the real API server."


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The pack on a socket: what plays the real API."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lookalike.cli", "serve", "jsonplaceholder", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None
    yield found[0]
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


def run(runner: str, **environment: str) -> tuple[str, int, int]:
    """What a runner said, how many tests it ran (skipped ones included), and how many it skipped."""
    command, _ = RUNNERS[runner]
    kept = {name: value for name, value in os.environ.items() if name not in ("SKIP_REAL", "PYTEST_ADDOPTS")}
    done = subprocess.run(
        command,
        cwd=TODOS,
        env=kept | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    if runner == "pytest":
        passed, skipped = (
            int(found[1]) if (found := re.search(rf"(\d+) {word}", said)) else 0 for word in ("passed", "skipped")
        )
        return said, passed + skipped, skipped
    ran = re.search(r"^Ran (\d+) tests?", said, re.MULTILINE)
    skips = re.search(r"(?:SKIP|skipped)=(\d+)", said)
    assert ran is not None, said
    return said, int(ran[1]), int(skips[1]) if skips else 0


@pytest.mark.parametrize("runner", RUNNERS)
def test_all_of_it_runs_against_the_served_api(runner: str, served: str) -> None:
    _, ran, skipped = run(runner, TODOS_BASE_URL=served)
    assert (ran, skipped) == (RUNNERS[runner][1], 0)


@pytest.mark.parametrize("value", ["True", "1"])
@pytest.mark.parametrize("runner", RUNNERS)
def test_the_toggle_leaves_out_what_asks_the_real_api(runner: str, value: str) -> None:
    said, ran, skipped = run(runner, SKIP_REAL=value)
    assert (ran, skipped) == (RUNNERS[runner][1], SKIPPED[runner])
    assert MESSAGE in said


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_a_toggle_that_says_no_leaves_nothing_out(value: str, served: str) -> None:
    _, _, skipped = run("pytest", SKIP_REAL=value, TODOS_BASE_URL=served)
    assert skipped == 0
