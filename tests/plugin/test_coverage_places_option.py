"""Floors of coverage, by options and by pyproject.toml, and coverage as a page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

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
        "404": {description: none}
  /moons:
    get:
      responses:
        "200":
          description: all
          content:
            application/json:
              schema: {type: object, properties: {count: {type: integer}, next: {type: string}}}
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
        (["--lookalike-coverage-places-fail-under=25"], 0, "1 of 4 (25%)"),
        (["--lookalike-coverage-places-fail-under=26", "-n2"], 1, "the answers have 25.0% of the places"),
        (["--lookalike-coverage-places-fail-under=1", "-k", "body1"], 1, "the answers have 0.0% of the places"),
        (["--lookalike-coverage-places-fail-under=101"], 4, "is no percentage"),
        (["--lookalike-coverage-statuses-fail-under=33"], 0, "1 of 3"),
        (["--lookalike-coverage-statuses-fail-under=34"], 1, "the tests meet 33.3% of the documented statuses"),
        (["--lookalike-coverage-fail-under=51"], 1, "the tests call 50.0% of the operations"),
    ],
)
def test_floors_of_options(tmp_path: Path, options: list[str], code: int, line: str) -> None:
    run = pytest_in(tmp_path, *options)
    assert run.returncode == code, run.stdout + run.stderr
    assert line in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("project", "options", "code", "line"),
    [
        ("[tool.lookalike.coverage]\nplaces = 26", ["--lookalike-coverage"], 1,
         "FAIL [tool.lookalike.coverage] places = 26: the answers have 25.0% of the places"),
        ("[tool.lookalike.coverage]\nplaces = 26", [], 0, "2 passed"),
        ("[tool.lookalike.coverage]\nplaces = 26", ["--lookalike-report=run.html"], 0, "the page: run.html"),
        ("[tool.lookalike.coverage]\nplaces = 26", ["--lookalike-coverage-places-fail-under=20"], 0, "2 passed"),
        ("[tool.lookalike.coverage]\nstatuses = 90", ["--lookalike-coverage-fail-under=20"], 1, "statuses = 90"),
        ("[tool.lookalike.apis.sky]\ncontract = 'sky.yaml'\ncoverage = { operations = 51 }", ["--lookalike-coverage"],
         1, "FAIL [tool.lookalike.apis.sky] coverage.operations = 51: the tests call 50.0% of the operations"),
        ("[tool.lookalike.apis.sky]\ncontract = 'sky.yaml'\ncoverage = { operations = 51 }",
         ["--lookalike-coverage-fail-under=50"], 0, "2 passed"),
        ("[tool.lookalike.coverage]\nplace = 26", ["--lookalike-coverage"], 4, 'did you mean "places"?'),
    ],
)  # fmt: skip
def test_floors_of_the_project(tmp_path: Path, project: str, options: list[str], code: int, line: str) -> None:
    (tmp_path / "pyproject.toml").write_text(project, "utf-8")
    run = pytest_in(tmp_path, *options)
    assert run.returncode == code, run.stdout + run.stderr
    assert line in run.stdout + run.stderr


def test_coverage_is_a_page(tmp_path: Path) -> None:
    run = pytest_in(tmp_path, "--lookalike-report=run.html")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "the page: run.html" in run.stdout
    [section] = sections_of(tmp_path / "run.html")
    assert section["told"] == "1 of 2 operations called, 1 of 4 places met"
    stars, moons = section["data"][0]["operations"]
    assert stars["missing"] == ["json[].mass"]
    assert (moons["places"], moons["missing"]) == (2, [])


AUDITED = """
import pytest, requests, responses
from unittest.mock import patch

@responses.activate
def test_stars():
    responses.get("https://api.example.com/stars", json=[{"name": "Sol"}])
    assert requests.get("https://api.example.com/stars", timeout=5).json()

def test_moons():
    with patch("requests.get") as get:
        get.return_value.json.return_value = {"count": 1}
        assert requests.get("https://api.example.com/moons", timeout=5).json()
"""


@pytest.mark.parametrize("options", [[], ["-n2"]])
def test_what_an_audit_hears_is_covered(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.lookalike.apis.sky]\ncontract = 'sky.yaml'", "utf-8")
    wanted = ["--lookalike=audit", "--lookalike-coverage-places-fail-under=51", "--lookalike-report=run.html"]
    run = pytest_in(tmp_path, *wanted, *options, tests=AUDITED)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "the answers have 50.0% of the places" in run.stdout
    audit, coverage = sections_of(tmp_path / "run.html")
    assert (audit["name"], coverage["told"]) == ("audit", "2 of 2 operations called, 2 of 4 places met")


def test_what_the_real_api_answers_is_on_the_page(tmp_path: Path) -> None:
    run = pytest_in(tmp_path, "--lookalike=verify", "--lookalike-report=run.html", tests=VERIFIED)
    assert run.returncode == 1, run.stdout + run.stderr
    [asked] = sections_of(tmp_path / "run.html")
    assert asked["told"] == "1 place differs from the mocks, 1 request made by the tests"
    [[api, what, tests]] = asked["data"]["differences"]
    assert "json[0].name: the real API answers 7" in what
    assert (api, tests) == ("sky", ["test_sky.py::test_stars"])
    nothing = pytest_in(tmp_path, "--lookalike=verify", "--lookalike-report=run.html", "-knothing", tests=VERIFIED)
    assert "the page: run.html" in nothing.stdout
    assert sections_of(tmp_path / "run.html")[0]["told"] == "no difference from the mocks, 0 requests made by the tests"


def test_a_page_that_cant_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "run.html").mkdir()
    run = pytest_in(tmp_path, "--lookalike=verify", "--lookalike-coverage", "--lookalike-report=run.html")
    assert "run.html" in run.stdout
    assert "the page:" not in run.stdout
    assert "INTERNALERROR" not in run.stdout + run.stderr


VERIFIED = """
import http.server, threading, lookalike, pytest, requests

class Sky(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'[{"name": 7}]'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sky)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

def test_stars():
    with lookalike.Api("sky.yaml", base_url=url).mock() as mock:
        mock.get("/stars").respond(json=[{"name": "Sol", "mass": 2}])
        assert requests.get(url + "/stars", timeout=5).json()[0]["name"] == "Sol"

def test_nothing():
    pass
"""


def sections_of(path: Path) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"), re.S)
    sections: list[dict[str, Any]] = json.loads(found[1]) if found else []
    return sections


def pytest_in(folder: Path, *options: str, tests: str = TESTS) -> subprocess.CompletedProcess[str]:
    (folder / "sky.yaml").write_text(SKY, "utf-8")
    (folder / "test_sky.py").write_text(tests, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
