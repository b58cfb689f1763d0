"""What `pytest --lookalike=audit` adds to a mocked suite's time, its start and the reading of the contract included.

    python -m benchmarks audit [--quick]

A suite that answers with responses, respx and unittest.mock is run in processes of its own, with the option and without
it by turns: CPU time of the whole run, medians. The contract is a document of 40 operations; each test has a
mock of its own line or shares one, as suites do, and asks it a few times.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

_FIELDS: Mapping[str, Any] = {
    "id": {"type": "integer"},
    "title": {"type": "string"},
    "done": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "owner": {"type": "object", "required": ["login"], "properties": {"login": {"type": "string"}}},
}
_BODY = {"id": 1, "title": "Make the bed", "done": False, "tags": ["home"], "owner": {"login": "ann"}}
_STYLES = {
    "responses": """
@responses.activate
def test_{at}():
    responses.get("https://api.test/things{of}/{at}", json=BODY, status=200)
    for _ in range(5):
        assert requests.get("https://api.test/things{of}/{at}").json()["id"] == 1
""",
    "respx": """
@respx.mock
def test_{at}():
    respx.get("https://api.test/things{of}/{at}").respond(200, json=BODY)
    with httpx.Client(verify=False) as client:
        for _ in range(5):
            assert client.get("https://api.test/things{of}/{at}").json()["id"] == 1
""",
    "unittest.mock": """
@patch("requests.get")
def test_{at}(get):
    get.return_value.status_code = 200
    get.return_value.json.return_value = BODY
    for _ in range(5):
        assert requests.get("https://api.test/things{of}/{at}").json()["id"] == 1
""",
}
_HEAD = f"""from unittest.mock import patch
import httpx, requests, responses, respx
BODY = {_BODY!r}
"""


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
    for suite, styles in [*((name, [name]) for name in _STYLES), ("all three", list(_STYLES))]:
        with tempfile.TemporaryDirectory(prefix="lookalike-audit-") as folder:
            _write(Path(folder), styles, tests)
            taken: dict[bool, list[float]] = {False: [], True: []}
            for turn in range(3 if quick else 9):
                for audited in (turn % 2 == 0, turn % 2 == 1):
                    taken[audited].append(_run(Path(folder), audited=audited))
        without, audited_time = median(taken[False]), median(taken[True])
        found.append(Row(suite, tests, without, audited_time, 100 * (audited_time / without - 1)))
    return found


def _write(folder: Path, styles: list[str], tests: int) -> None:
    schema = {"type": "object", "required": list(_FIELDS), "properties": _FIELDS}
    answers = {
        "200": {"description": "", "content": {"application/json": {"schema": schema}}},
        "404": {"description": ""},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.test"}],
        "paths": {f"/things{at}/{{id}}": {"get": {"responses": answers}} for at in range(40)},
    }
    (folder / "things.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.lookalike.apis.things]\ncontract = "things.json"\n', encoding="utf-8")
    parts = [_STYLES[styles[at % len(styles)]].format(at=at, of=at % 40) for at in range(tests)]
    (folder / "test_things.py").write_text(_HEAD + "".join(parts), encoding="utf-8")


def _run(folder: Path, *, audited: bool) -> float:
    """CPU milliseconds of one run. Raises RuntimeError where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    options = ["--lookalike=audit"] if audited else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTEST_ADDOPTS": "-p no:recording"},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"the suite of the benchmark fails: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
