"""Each mock library that the audit listens to, or the guide compares with, in an environment that has all of them.

No release of aioresponses works with the newest aiohttp, so `make mocks` makes that environment, as `make test` does.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-mocks"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LIBRARIES = (
    "aioresponses", "betamax", "mock", "pytest_httpx", "pytest_mock", "pytest_recording", "requests_mock",
    "responses", "respx", "vcr",
)  # fmt: skip
TESTS = ("tests/audit/test_audit_libraries.py", "tests/audit/test_audit_mocks.py", "tests/test_migrate_guide.py")


@pytest.mark.skipif(not PYTHON.exists(), reason=f"{ENVIRONMENT.name} isn't there: `make mocks` makes it")
def test_every_library_is_heard_where_all_of_them_are_installed() -> None:
    measured = "COVERAGE_PROCESS_START" in os.environ or "COVERAGE_PROCESS_CONFIG" in os.environ
    run = ["-m", "coverage", "run"] if measured else []
    without = ("PYTEST_", "COV_CORE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(without)}

    def ran(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PYTHON), *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400
        )

    there = ran("-c", f"import {', '.join(LIBRARIES)}")
    assert there.returncode == 0, there.stderr
    done = ran(*run, "-m", "pytest", *TESTS, "-q", "-rs", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
