"""Files that tests left beside pyproject.toml and that are broken: a run goes on without them, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import lookalike
from lookalike.cli import app

WITHOUT = {
    "mocks.ndjson": "no finding names the mocks that it makes false",
    "reads.ndjson": "every place counts as read",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    pack = lookalike.Api("jsonplaceholder")
    with pack.serve() as url:
        assert app.run(["learn", url, "/users", "/users/{id}", "-o", "users.yaml"]) == 0
    with pack.serve(changed=True) as url:
        Path("pyproject.toml").write_text(
            f'[tool.lookalike.apis.users]\ncontract = "users.yaml"\nbase_url = "{url}"\n', "utf-8"
        )
        (tmp_path / ".lookalike").mkdir()
        yield tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = app.run(arguments)
    found = capsys.readouterr()
    return code, found.out, found.err


@pytest.mark.parametrize("name", WITHOUT)
def test_a_broken_line_is_named_and_stays(name: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / ".lookalike" / name
    good = {"mocks.ndjson": b'{"api":"a","method":"GET","path":"/","status":200,"where":"a:1"}', "reads.ndjson": b""}
    content = (good[name] or b'{"api":"a","reads":{}}') + b"\n{ broken\n"
    path.write_bytes(content)
    expected, plain, _ = said(capsys, "verify", "--history", "one.sqlite")
    code, out, complaints = said(capsys, "verify")
    assert (code, expected) == (1, 1)
    assert out == plain
    warning, next_step = complaints.splitlines()
    assert warning.startswith(f"warning: .lookalike/{name}, line 2: ")
    assert warning.endswith(f"; in this run {WITHOUT[name]}")
    assert next_step.startswith("Next: delete it; the next ")
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", WITHOUT)
@pytest.mark.parametrize("command", ["verify", "accept"])
def test_a_folder_of_that_name(command: str, name: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".lookalike" / name).mkdir()
    mark = said(capsys, "verify")[1].partition("lookalike accept ")[2].split()[0]
    code, _, complaints = said(capsys, command, *([mark] if command == "accept" else []))
    assert code == (0 if command == "accept" else 1)
    assert complaints.startswith(f"warning: .lookalike/{name}: can't be read: ")
    assert complaints.count("warning:") == 1
    assert (project / ".lookalike" / name).is_dir()


def test_one_warning_for_several_apis(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("pyproject.toml").read_text("utf-8")
    Path("pyproject.toml").write_text(text + text.replace("apis.users", "apis.more"), "utf-8")
    (project / ".lookalike" / "reads.ndjson").write_bytes(b"[]\n")
    code, out, complaints = said(capsys, "verify")
    assert code == 1
    assert "2 APIs: 2 DRIFT" in out
    assert complaints.count("warning:") == 1


def test_uses_is_about_that_file_and_ends(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".lookalike" / "reads.ndjson").write_bytes(b"[]\n")
    code, out, complaints = said(capsys, "uses")
    assert (code, out) == (2, "")
    assert "reads.ndjson, line 1: not what tests read of an API\nNext: delete it;" in complaints
