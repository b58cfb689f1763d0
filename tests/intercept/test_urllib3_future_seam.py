"""niquests over urllib3-future, which takes the place of urllib3: its tests run in an environment of its own."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from lookalike.intercept import urllib3_future

ROOT = Path(__file__).parents[2]
# `make test-oldest` and `make test-next` name another one.
ENVIRONMENT = ROOT / os.environ.get("LOOKALIKE_NIQUESTS", ".venv-niquests")
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# The seam's own tests, and niquests' rows in the table of behaviours.
TESTS = {"seam": ["tests/intercept/niquests_seam.py"], "behaviours": ["tests/behaviours", "-k", "niquests"]}


@pytest.mark.peer("niquests")
@pytest.mark.parametrize("tests", TESTS.values(), ids=TESTS)
@pytest.mark.skipif(not PYTHON.exists(), reason=f"{ENVIRONMENT.name} isn't there: `make niquests` makes it")
def test_niquests(tests: list[str]) -> None:
    measured = "COVERAGE_PROCESS_START" in os.environ or "COVERAGE_PROCESS_CONFIG" in os.environ
    run = ["-m", "coverage", "run"] if measured else []
    command = [str(PYTHON), *run, "-m", "pytest", *tests, "-q", "-rs", "-p", "no:cacheprovider"]
    without = ("PYTEST_", "COV_CORE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "not installed" not in done.stdout


def test_urllib3_itself_is_none_of_its_business() -> None:
    module = importlib.import_module("urllib3.connection")
    before = module.HTTPConnection.connect
    assert not urllib3_future.is_future(module)
    undo = urllib3_future.install()
    try:
        assert module.HTTPConnection.connect is before
    finally:
        undo()


def test_another_module_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = types.ModuleType("urllib3_future.connection")
    monkeypatch.setitem(sys.modules, "urllib3_future.connection", stranger)
    urllib3_future.install()()
    assert not hasattr(stranger, "HTTPConnection")
