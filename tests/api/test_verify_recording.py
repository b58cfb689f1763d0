"""What was recorded is asked of the real API again; and a recording on a socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import lookalike
from lookalike.cli.app import run

pack = lookalike.Api("jsonplaceholder")


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with pack.serve() as url:
        yield url


@pytest.fixture
def recording(real: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    with lookalike.Api(base_url=real).replay("session.har", record="once"), requests.Session() as session:
        for number in range(1, 6):
            session.get(f"{real}/todos/{number}", timeout=5)
        session.post(f"{real}/todos", json={"title": "x"}, timeout=5)
    return "session.har"


@pytest.mark.peer("Verify recording against live")
def test_a_recording_is_held_to_what_the_real_api_answers_now(real: str, recording: str) -> None:
    api = lookalike.Api(base_url=real)
    report = api.verify(recording=recording)
    assert report.verdict == "OK"
    text = Path(recording).read_text(encoding="utf-8")
    Path(recording).write_text(text.replace('\\"completed\\":', '\\"finished\\":'), encoding="utf-8")
    report = api.verify(recording=[recording])
    assert report.verdict in ("DRIFT", "SUSPECT")
    assert any("finished" in one.sentence for one in report.drifts)


def test_the_command_says_so_too(real: str, recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--recording", recording]) == 0
    assert "2 operations: 1 OK, 1 UNVERIFIED" in capsys.readouterr().out
    text = Path(recording).read_text(encoding="utf-8")
    Path(recording).write_text(text.replace('\\"completed\\":', '\\"finished\\":'), encoding="utf-8")
    assert run(["verify", "--recording", recording]) == 1
    assert "finished" in capsys.readouterr().out
    assert run(["verify", "--recording", recording, "--update"]) == 2
    assert run(["verify", "a", "b", "--recording", recording]) == 2
    with pytest.raises(lookalike.UsageError, match="holds no answer of"):
        lookalike.Api(base_url="https://api.example.com").verify(recording=recording)
    capsys.readouterr()
