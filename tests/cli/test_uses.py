"""`lookalike uses`: the tree of what tests read, by API and operation, and what it says where nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookalike.api.reads_file import DEFAULT, write_reads
from lookalike.cli import app
from lookalike.contract.reads import Reader, Reads

ONE = Reader("tests/test_a.py::test_one", "services.py:4", True)
TWO = Reader("tests/test_a.py::test_two", "services.py:9", True)
PACKAGE = Reader("tests/test_a.py::test_two", "services.py:12", False)


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def ran(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str]:
        code = app.run(["uses", *arguments])
        out, err = capfd.readouterr()
        return code, out + err

    return run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read() -> Reads:
    reads = Reads()
    reads.received("GET /todos", ONE.test)
    reads.received("GET /todos", TWO.test)
    reads.received("404 GET /todos/{id}", TWO.test)
    reads.received("DELETE /todos/{id}", ONE.test)
    reads.note("GET /todos", ("[]", ".title"), ONE.where, [ONE.test], own=ONE.own)
    reads.note("GET /todos", ("[]", ".owner"), TWO.where, [TWO.test], own=TWO.own)
    reads.note("GET /todos", ("[]", ".owner", ".login"), PACKAGE.where, [PACKAGE.test], own=PACKAGE.own)
    reads.note("404 GET /todos/{id}", (".message",), TWO.where, [TWO.test], own=TWO.own)
    reads.note_whole("GET /todos", ("[]", ".owner", ".roles"), TWO.where, [TWO.test], own=TWO.own)
    reads.cant_see("GET /todos", ("[]", ".extra"))
    return reads


def test_the_tree_has_each_place_with_its_lines_and_tests(project: Path, ran: Run) -> None:
    write_reads(project / DEFAULT, {"todos": read(), "other": read()})
    code, text = ran("todos")
    assert code == 0
    assert "other" not in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "todos 2 tests"
    assert "DELETE /todos/{id} 1 test, body not read" in lines
    assert "GET /todos 2 tests" in lines
    assert "├─ title services.py:4 test_one" in lines or "└─ title services.py:4 test_one" in lines
    assert any(line.endswith("login services.py:12 through a package test_two") for line in lines)
    assert any("roles (all keys)" in line for line in lines)
    assert any("extra" in line and "may be read elsewhere too" in line for line in lines)
    at = lines.index("404 GET /todos/{id} 1 test")
    assert "└─ message services.py:9 test_two" in lines[at : at + 4]


def test_all_apis_are_shown_for_none_named(project: Path, ran: Run) -> None:
    write_reads(project / DEFAULT, {"todos": read(), "other": read()})
    code, text = ran()
    assert code == 0
    assert text.index("other  2 tests") < text.index("todos  2 tests")


def test_where_nothing_is_known_the_next_step_is_named(project: Path, ran: Run) -> None:
    code, said = ran()
    assert code == 2
    assert "nothing is known of what the tests read" in said
    assert "pytest --lookalike-uses notes it" in said


def test_an_api_that_no_test_met_is_named_with_those_that_some_did(project: Path, ran: Run) -> None:
    write_reads(project / DEFAULT, {"todos": read()})
    code, said = ran("todo")
    assert code == 2
    assert "no test of the last runs received an answer of 'todo'" in said
    assert "Known: todos" in said


def test_run_that_cannot_be_read_is_refused_and_one_that_fails_gives_its_code(project: Path, ran: Run) -> None:
    code, said = ran("--run", 'tests "')
    assert code == 2
    assert "can't be read as arguments" in said
    write_reads(project / DEFAULT, {"todos": read()})
    (project / "tests").mkdir()
    (project / "tests" / "test_a.py").touch()  # what a test read stays while its file does
    (project / "test_it.py").write_text("def test_it():\n    assert not 1\n", encoding="utf-8")
    code, text = ran("--run", "test_it.py -q -p no:cacheprovider")
    assert code == 1
    assert "todos  2 tests" in text
