"""`lookalike demo` shows six steps with real input, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from lookalike.cli import app
from lookalike.cli.demo import command

TITLES = [
    "An API that you don't own",
    "Learn from its answers",
    "Test your code",
    "A mock that lies fails",
    "The API changes",
    "The API is down",
]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Without a word of the user's about colours; temporary folders are made where the test can look."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return kept | {"TMPDIR": str(folder)} | more


def start(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lookalike.cli", "demo", *arguments],
        cwd=folder,
        env=environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_demo(tmp_path: Path) -> None:
    said, complaints = (process := start(tmp_path)).communicate(timeout=120)
    assert (process.returncode, complaints) == (0, ""), said + complaints
    lines = said.splitlines()

    steps = [line for line in lines if re.match(r"\d  ", line)]
    assert [step[:1] for step in steps] == list("123456")
    for step, title in zip(steps, TITLES, strict=True):
        assert title in step

    runs = re.findall(r"^   (\d+) passed, (\d+) that ask the real API skipped, in ([\d.]+) s", said, re.MULTILINE)
    assert len(runs) == 2
    assert runs[0][:2] == runs[1][:2]
    assert int(runs[0][0]) >= 30

    assert said.count("   FAILED project/tests/test_lies.py:") == 3
    lies = said[said.index("FAILED") : said.index("5  The API changes")]
    assert '"no"' in lies
    assert "missing" in lies
    assert 'did you mean "title"' in lies

    drift = said[said.index("$ lookalike verify") : said.index("6  The API is down")]
    assert "DRIFT" in drift
    assert "breaking" in drift
    assert re.search(r"mocks  .*project/tests/\S+\.py:\d+", drift)
    assert "exit code 1" in drift

    down = said[said.index("6  The API is down") :]
    assert "UNREACHABLE" in down
    assert "exit code 3" in down
    assert "DRIFT" not in down
    assert "From here:" in down

    port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", said)[0])
    assert closed(port)
    assert list(tmp_path.iterdir()) == []
    assert "\x1b" not in said
    assert max(len(line) for line in lines) <= 120


def test_keep_leaves_the_files_there(tmp_path: Path) -> None:
    said, complaints = (process := start(tmp_path, "--keep", "kept", FORCE_COLOR="1", TERM="xterm")).communicate(
        timeout=120
    )
    assert (process.returncode, complaints) == (0, "")
    assert "\x1b[" in said
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert plain.count("FAILED project/tests/test_lies.py:") == 3
    assert 'expected a boolean  got "no"' in plain
    kept = tmp_path / "kept"
    for name in ("contracts/jsonplaceholder.yaml", "contracts/jsonplaceholder.evidence.json", "pyproject.toml"):
        assert (kept / name).is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_demo_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    process = start(tmp_path)
    assert process.stdout is not None
    port = 0
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            port = int(found[1])
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    for _ in range(50):
        if closed(port):
            break
        time.sleep(0.1)
    assert closed(port)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert app.run(["demo", "--keep", str(tmp_path)]) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_the_demo_needs_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "pytest" else object())
    assert app.run(["demo"]) == 2
    assert "pip install 'lookalike[all]'" in capsys.readouterr().err


def test_a_step_that_fails_says_so_and_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("lookalike.cli.demo.steps._CONTRACT", "/proc/no/such/folder.yaml")
    assert app.run(["demo"]) == 2
    assert "ended with 2, not 0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
