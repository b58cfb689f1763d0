"""Every run of `verify` is kept, told by the next one and by `lookalike history`, and never in its way."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

import lookalike
from lookalike.api.kept import keep
from lookalike.cli import app
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict

DAY = r"\d{4}-\d\d-\d\d"
KEPT = Path(".lookalike") / "history.sqlite"
PATHS = ["/todos", "/users", "/users/{id}"]


class Real:
    """The real API on one port, as it is, changed, or down."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.port = 0
        self.url = ""

    def begin(self, *, changed: bool = False) -> None:
        self.stop()
        server = lookalike.Api("jsonplaceholder").serve(port=self.port, changed=changed)
        self.url = self._stack.enter_context(server)
        self.port = server.port

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Real]:
    """A project whose API was learned."""
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:
        found = Real(stack)
        found.begin()
        assert app.run(["learn", found.url, *PATHS, "-o", "todos.yaml"]) == 0
        Path("pyproject.toml").write_text('[tool.lookalike.apis.todos]\ncontract = "todos.yaml"\n')
        yield found


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> tuple[str, str]:
    """What a command prints and complains of."""
    capsys.readouterr()
    ended = app.run(arguments)
    found = capsys.readouterr()
    assert ended == code, found.out + found.err
    return found.out, found.err


def test_since_when(real: Real, capsys: pytest.CaptureFixture[str]) -> None:
    assert "history" not in said(capsys, 0, "verify")[0]
    real.begin(changed=True)
    assert "      history  new, not found in the run before\n" in said(capsys, 1, "verify")[0]
    real.stop()
    assert said(capsys, 3, "verify")[1] == ""
    real.begin()
    assert said(capsys, 0, "verify")[0].startswith("OK")
    real.begin(changed=True)
    told = said(capsys, 1, "verify")[0]
    # The outage isn't counted, and one return is no habit.
    assert re.search(rf"^      history  since {DAY}, in 2 of 3 runs$", told, re.MULTILINE)
    real.begin()
    assert said(capsys, 0, "verify")[0].startswith("OK")
    real.begin(changed=True)
    told = said(capsys, 1, "verify")[0]
    assert re.search(
        rf"^      history  since {DAY}, in 3 of 5 runs, flapping \(it comes and goes\)$", told, re.MULTILINE
    )
    shown, complaints = said(capsys, 0, "history", "todos")
    assert complaints == ""
    lines = shown.splitlines()
    assert lines[0].startswith(f"todos at {real.url}: 7 runs, ")
    verdicts = [line.split()[2] for line in lines if re.match(f"  {DAY} ", line)]
    assert verdicts == ["OK", "DRIFT", "UNREACHABLE", "OK", "DRIFT", "OK", "DRIFT"]
    assert "                    + id has another type (a4876579e602)" in lines
    assert "                    - id has another type (a4876579e602)" in lines
    found = lines.index("     breaking  id has another type (a4876579e602)")
    assert found > lines.index("open")
    assert lines[found + 1].endswith("flapping (it comes and goes); GET /users, GET /users/{id}")
    assert said(capsys, 0, "history", "--runs", "2")[0].splitlines()[2] == "  5 earlier runs not shown"
    [told_as_json] = json.loads(said(capsys, 0, "history", "--json")[0])
    assert [run["verdict"] for run in told_as_json["runs"]] == [
        "OK",
        "DRIFT",
        "UNREACHABLE",
        "OK",
        "DRIFT",
        "OK",
        "DRIFT",
    ]
    assert all(one["flapping"] for one in told_as_json["findings"])


def test_what_has_ended(real: Real, capsys: pytest.CaptureFixture[str]) -> None:
    real.begin(changed=True)
    assert said(capsys, 1, "verify")
    real.begin()
    assert said(capsys, 0, "verify")
    lines = said(capsys, 0, "history")[0].splitlines()
    assert "open" not in lines
    assert " until " in lines[lines.index("ended") + 2]


def test_what_is_ignored_and_what_was_not_asked(capsys: pytest.CaptureFixture[str], real: Real) -> None:
    real.begin(changed=True)
    assert said(capsys, 0, "ignore", "a4876579e602", "--until", "2999-01-01", "--why", "known")
    assert said(capsys, 1, "verify")
    assert "DRIFT        1 finding, 1 ignored\n" in said(capsys, 0, "history")[0]
    assert said(capsys, 1, "verify", "--budget", "1")
    assert ", 1 of 3 operations answered\n" in said(capsys, 0, "history")[0]


def test_where_it_is_kept(real: Real, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, 0, "verify")[1] == ""
    assert (KEPT.parent / ".gitignore").read_text() == "*\n"
    assert said(capsys, 0, "verify", "--history", "elsewhere/runs.sqlite")[1] == ""
    assert "1 run," in said(capsys, 0, "history", "--history", "elsewhere/runs.sqlite")[0]
    with Path("pyproject.toml").open("a") as file:
        file.write('[tool.lookalike.history]\npath = "kept/runs.sqlite"\nkeep = 2\n')
    for _ in range(4):
        assert said(capsys, 0, "verify")
    assert "2 runs," in said(capsys, 0, "history")[0]
    assert Path("kept/runs.sqlite").exists()


def test_without_a_project_nothing_is_written(real: Real, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").unlink()
    assert said(capsys, 0, "verify", "todos.yaml")[1] == ""
    assert not KEPT.parent.exists()
    assert "pyproject.toml has a [tool.lookalike]" in said(capsys, 2, "history")[1]


def test_history_of_nothing(real: Real, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"{KEPT} has no run\nNext: lookalike verify" in said(capsys, 2, "history")[1]
    said(capsys, 0, "verify")
    assert f"{KEPT} has no run of sky\nKnown: todos" in said(capsys, 2, "history", "sky")[1]


@pytest.mark.parametrize("content", [b"broken", b"SQLite format 3\x00 and no more"])
def test_a_broken_file_is_a_warning(real: Real, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    KEPT.parent.mkdir()
    KEPT.write_bytes(content)
    assert "warning: earlier runs aren't known" in said(capsys, 2, "history")[1]
    told, complaints = said(capsys, 0, "verify")
    assert told.startswith("OK")
    assert complaints.startswith("warning: ")
    assert "it is history.sqlite.broken now, and a new one begins" in complaints
    assert said(capsys, 0, "verify")[1] == ""


def test_another_programs_file_is_a_warning(real: Real, capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect("other.sqlite")
    connection.execute("CREATE TABLE things (name TEXT)")
    connection.close()
    told, complaints = said(capsys, 0, "verify", "--history", "other.sqlite")
    assert told.startswith("OK")
    assert "warning: this run isn't kept: other.sqlite is no history of lookalike; name another file" in complaints


def test_a_python_without_sqlite_verifies(
    real: Real, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "lookalike.history.store", raising=False)
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    report = ApiReport("todos", real.url, "2026-11-02", (OperationResult("GET /todos", Verdict.OK),))
    kept = keep([report], when=datetime(2026, 11, 2, tzinfo=UTC))
    assert kept.warnings[0].startswith("this run isn't kept: this Python has no SQLite")
    assert [len(one.runs) for one in kept.timelines.values()] == [1]
    assert not KEPT.exists()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("keep = 0", "keep = 0 is not a number of runs"),
        ("keep = true", "keep = True is not a number of runs"),
        ('path = ""', "path = '' is not a path"),
        ('path = "a\\u0000b"', "is not a path"),
        ("keeps = 3", "unknown key 'keeps'"),
    ],
)
def test_settings_without_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(f"[tool.lookalike.history]\n{lines}\n")
    complaint = said(capsys, 2, "history")[1]
    assert told in complaint
    assert "[tool.lookalike.history]" in complaint


def test_a_suspicion_that_three_runs_show_is_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    order = {"id": 7, "total": 12, "state": "paid"}
    api = lookalike.Api(base_url="https://shop.test")
    with api.mock(unused="ignore") as mock, mock.serve() as url:
        answer = mock.get("/orders/7")
        answer.respond(json=order)
        assert app.run(["learn", url, "/orders/7", "-o", "shop.yaml"]) == 0
        Path("pyproject.toml").write_text('[tool.lookalike.apis.shop]\ncontract = "shop.yaml"\n')
        said(capsys, 0, "verify")
        answer.respond(json={"data": order})
        for _ in range(2):
            told = said(capsys, 0, "verify")[0]
            assert told.startswith("SUSPECT")
            assert "look at an answer: too little was seen to decide; if the API is meant to be so now" in told
        told = said(capsys, 1, "verify")[0]
        assert told.startswith("DRIFT")
        assert "history  since " in told
        said(capsys, 1, "verify")
        answer.respond(json=order)
        assert said(capsys, 0, "verify")[0].startswith("OK")
        answer.respond(json={"data": order})
        assert said(capsys, 0, "verify")[0].startswith("SUSPECT")
