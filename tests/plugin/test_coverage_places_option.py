"""--lookalike-coverage-places-fail-under, and coverage as a page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SKY = """
openapi: 3.1.0
info: {title: Sky, version: "1"}
servers: [{url: "https://api.example.com"}]
paths:
  /stars:
    get:
      responses:
        "200":
          description: all
          content:
            application/json:
              schema:
                type: array
                items: {type: object, properties: {name: {type: string}, mass: {type: number}}}
"""
TESTS = """
import lookalike, pytest, requests
api = lookalike.Api("sky.yaml")

@pytest.mark.parametrize("body", [[{"name": "Sol"}], []])
def test_stars(body):
    with api.mock() as mock:
        mock.get("/stars").respond(json=body)
        assert requests.get("https://api.example.com/stars", timeout=5).json() == body
"""


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (["--lookalike-coverage-places-fail-under=50"], 0, "1 of 2"),
        (["--lookalike-coverage-places-fail-under=51", "-n2"], 1, "the answers have 50.0% of the places"),
        (["--lookalike-coverage-places-fail-under=1", "-k", "body1"], 1, "the answers have 0.0% of the places"),
        (["--lookalike-coverage-places-fail-under=101"], 4, "is no percentage"),
    ],
)
def test_a_floor_of_places(tmp_path: Path, options: list[str], code: int, line: str) -> None:
    run = pytest_in(tmp_path, *options)
    assert run.returncode == code, run.stdout + run.stderr
    assert line in run.stdout + run.stderr


def test_coverage_is_a_page(tmp_path: Path) -> None:
    run = pytest_in(tmp_path, "--lookalike-coverage", "--lookalike-report=run.html")
    assert run.returncode == 0, run.stdout + run.stderr
    page = (tmp_path / "run.html").read_text("utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    section = json.loads(found[1])[0] if found else {}
    assert section["told"] == "1 of 1 operation called, 1 of 2 places met"
    assert section["data"][0]["operations"][0]["missing"] == ["json[].mass"]


def pytest_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "sky.yaml").write_text(SKY, "utf-8")
    (folder / "test_sky.py").write_text(TESTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
