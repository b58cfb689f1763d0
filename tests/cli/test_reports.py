"""--report: files by the end of their names, annotations on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lookalike
from lookalike.cli.app import run
from lookalike.errors import UsageError


def contract(path: Path, *keys: str) -> str:
    properties = {key: {"type": "string"} for key in keys}
    schema = {"type": "object", "required": list(keys), "properties": properties}
    answer = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": answer}}},
    }
    path.write_text(json.dumps(document, indent=1), "utf-8")
    return str(path)


def test_diff_writes_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    old, new = contract(Path("old.json"), "id", "name"), contract(Path("new.json"), "id")
    names = ["out/d.json", "d.xml", "d.SARIF", "d.md", "github"]
    assert run(["diff", old, new, *(part for name in names for part in ("--report", name))]) == 1
    finding = json.loads(Path("out/d.json").read_text("utf-8"))["apis"][0]["findings"][0]
    assert (finding["kind"], finding["fails"]) == ("field-removed", True)
    assert all(Path(name).stat().st_size for name in names[:-1])
    lines = capsys.readouterr().out.splitlines()
    word = lines[0].removeprefix("::stop-commands::")
    assert len(word) == 32
    assert lines[lines.index(f"::{word}::") + 1].startswith("::error file=new.json,line=")


@pytest.mark.parametrize("command", [["diff", "a.json", "b.json"], ["verify", "a.json"]])
def test_an_unknown_format_is_told_before_anything_else(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--report", "d.pdf"]) == 2
    told = capsys.readouterr().err
    assert all(suffix in told for suffix in (".json", ".md", ".sarif", ".xml", "github"))
    assert (".html" in told) == (command[0] == "verify")


def test_a_folder_is_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.json").mkdir()
    own = contract(Path("a.json"), "id")
    assert run(["diff", own, own, "--report", "d.json"]) != 0
    assert "d.json" in capsys.readouterr().err


def test_python_writes_reports_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = lookalike.Api(contract(tmp_path / "a.json", "id"), base_url="http://127.0.0.1:9")
    with pytest.raises(UsageError, match="no format"):
        api.verify(report="d.pdf")
    names = [tmp_path / f"d.{end}" for end in ("json", "html", "xml", "sarif", "md")]
    found = api.verify(report=[*names, "github"], timeout=1)
    assert found.verdict == "UNREACHABLE"
    data = json.loads(names[0].read_text("utf-8"))
    assert (data["verdict"], data["exit_code"]) == ("UNREACHABLE", 3)
    assert all(name.stat().st_size for name in names)
    assert capsys.readouterr().out.startswith("::error title=a%3A UNREACHABLE::")


@pytest.mark.parametrize(("command", "pages"), [("diff", False), ("verify", True)])
def test_the_help_names_the_formats_that_are_written(
    command: str, pages: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert ".sarif" in shown
    assert (".html" in shown.split("--report", 1)[1].split("Example", 1)[0]) is pages


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("folder.html", "folder.html: a folder is there, and a report is a file\nChoose another name."),
        ("file/drift.json", "file/drift.json: can't be written: file is a file, no folder\nChoose another name."),
        ("drift.txt", "--report drift.txt: the end of the name says what is written, and no format has this one\nLet"),
    ],
)
def test_a_report_that_cannot_be_written_is_told_before_anything_is_asked(
    name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.html").mkdir()
    Path("file").touch()
    with lookalike.Api("jsonplaceholder").serve() as url:
        assert run(["learn", url, "/users/1", "-o", "users.yaml"]) == 0
    capsys.readouterr()
    # Nobody is there any more: to ask would end with 3.
    assert run(["verify", "users.yaml", "--report", name]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"error: {why}")


def test_the_page_of_runs_is_not_for_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["diff", "a.yaml", "b.yaml", "--report", "d.html"]) == 2
    assert "--report d.html: that page shows runs of `lookalike verify`\nLet it end in" in capsys.readouterr().err
