"""Users' code checks under mypy and pyright, and their mistakes don't."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def run(*command: str) -> str:
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    return "" if done.returncode == 0 else done.stdout + done.stderr


# All at once: each start of a checker costs seconds.
CODE = [str(path) for path in sorted(HERE.glob("*_code.py"))]


@pytest.mark.peer("py.typed / d.ts")
def test_mypy() -> None:
    assert run(sys.executable, "-m", "mypy", "--strict", "--warn-unused-ignores", *CODE) == ""


@pytest.mark.peer("py.typed / d.ts")
def test_pyright() -> None:
    assert run(sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *CODE) == ""
