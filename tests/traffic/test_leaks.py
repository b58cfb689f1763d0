"""Secrets in files that exist already, and the command that tells them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from lookalike.cli import app
from lookalike.traffic.leaks import Leak, fingerprint, masked, scan
from lookalike.traffic.opened import Skipped

KEY = "ghp" + "_" + "a1B2" * 9


def har(*requests: Mapping[str, object]) -> str:
    entries = [
        {
            "startedDateTime": "2026-11-22T10:00:00Z",
            "request": {"method": "GET", "url": "https://api.test/user?page=1", "headers": [], **request},
            "response": {
                "status": 200,
                "headers": [],
                "content": {"mimeType": "application/json", "text": '{"id": 1}'},
            },
        }
        for request in requests
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    secret = {"headers": [{"name": "Authorization", "value": f"token {KEY}"}]}
    (tmp_path / "a.har").write_text(
        har({}, secret, secret, {"url": "https://api.test/?q=bob@work.de"}), encoding="utf-8"
    )
    (tmp_path / "b.har").write_text(har({"headers": [{"name": "X-Api-Key", "value": "<KEY>"}]}), encoding="utf-8")
    (tmp_path / "c.env").write_text("A=1\n\nAPI_KEY=abc123def456\nURL=https://api.test\n", encoding="utf-8")
    (tmp_path / "d.png").write_bytes(b"\x89PNG\0" + KEY.encode())
    return tmp_path


def test_each_value_once_a_file_and_where(folder: Path) -> None:
    assert list(scan(folder)) == [
        Leak(str(folder / "a.har"), "entry 2, GET /user", "request header authorization", "token credentials",
             "ghp_... (40 characters)", fingerprint("token credentials", KEY)),
        Leak(str(folder / "a.har"), "entry 4, GET /", "request query", "e-mail address", "... (11 characters)",
             fingerprint("e-mail address", "bob@work.de")),
        Leak(str(folder / "c.env"), "line 3", "", "value of API_KEY", "abc1... (12 characters)",
             fingerprint("value of API_KEY", "abc123def456")),
    ]  # fmt: skip


def test_what_is_left_out(folder: Path) -> None:
    mark = fingerprint("token credentials", KEY)
    assert [leak.kind for leak in scan(folder, personal=False, allowed={mark})] == ["value of API_KEY"]


def test_packed_files_and_long_ones(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"nothing\n" * 300_000 + f"it is {KEY}\n".encode() + b"x" * 10))
    [leak] = scan(tmp_path)
    assert (leak.entry, leak.kind) == ("line 300001", "GitHub token")
    (tmp_path / "b.txt").write_bytes(b"y" * 3_000_000 + f" {KEY} ".encode())
    assert [one.entry for one in scan(tmp_path / "b.txt")] == ["line 1"]


def test_an_entry_that_cannot_be_read_is_looked_through_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(har({}, {"url": "no url", "headers": [{"name": "X-Api-Key", "value": KEY}]}), encoding="utf-8")
    skipped: list[Skipped] = []
    found = list(scan(path, skipped=skipped))
    assert [leak.kind for leak in found] == ["GitHub token"]
    assert skipped


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (KEY, "ghp_... (40 characters)"),
        ("short", "... (5 characters)"),
        ("\x1b[31mredredred", "\\x1b[31... (14 characters)"),
    ],
)
def test_values_are_never_shown_in_full(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["scan", str(folder)]) == 1
    said = capsys.readouterr().out
    assert KEY not in said
    assert "entry 2, GET /user" in said
    assert said.endswith("3 secrets in 2 files\n")
    assert app.run(["scan", str(folder), "--json", "--credentials"]) == 1
    written = capsys.readouterr().out
    assert [one["kind"] for one in json.loads(written)] == ["token credentials", "value of API_KEY"]
    baseline = folder.parent / f"{folder.name}.json"
    baseline.write_text(written, encoding="utf-8")
    assert app.run(["scan", str(folder), "--credentials", "--baseline", str(baseline)]) == 0
    assert capsys.readouterr().out == "no secret found\n"
    marks = [one["fingerprint"] for one in json.loads(written)]
    baseline.write_text(f"# known\n{marks[0]}  # why\n", encoding="utf-8")
    assert (
        app.run(["scan", str(folder), "--credentials", "--baseline", str(baseline), "--allow", marks[1], "--json"]) == 0
    )
    assert capsys.readouterr().out == "[]\n"


def test_what_the_command_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in (
        (["--allow", "all"], "--allow takes a fingerprint"),
        (["--baseline", str(folder / "none.json")], "can't be read"),
        (["--baseline", str(folder / "a.har")], "--allow takes a fingerprint"),
    ):
        assert app.run(["scan", str(folder), *arguments]) == 2
        assert told in capsys.readouterr().err
    (folder / "broken.json").write_text('[{"kind": 1}]', encoding="utf-8")
    assert app.run(["scan", str(folder), "--baseline", str(folder / "broken.json")]) == 2
    assert "isn't what" in capsys.readouterr().err
    assert app.run(["scan", str(folder / "nowhere")]) == 2


def test_the_command_tells_what_it_read_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.har").write_text(har({}, {"url": "no url"}, {"url": "none"}), encoding="utf-8")
    assert app.run(["scan", str(tmp_path)]) == 0
    assert "a.har was read as text too, as 2 of its entries couldn't be read" in capsys.readouterr().err
