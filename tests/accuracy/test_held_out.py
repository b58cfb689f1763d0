"""Priors tuned on other recordings than those that are measured, and endpoints by the version that was asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.accuracy import __main__ as command
from benchmarks.accuracy.endpoints import endpoints
from benchmarks.accuracy.held_out import GRID, Tuned, held_out, judged_by
from benchmarks.accuracy.measure import measure
from tests.accuracy.service import recordings

from lookalike.contract.compare import compare
from lookalike.contract.learning import learn
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response
from lookalike.traffic import har_file

# By the first, five answers that all contradict are no drift yet.
DEAF, USUAL = Tuned(0.001, 0.75, 0.07), Tuned(1.0, 0.75, 0.07)


def verdict() -> Verdict:
    contract = learn([asked(1)], base_url="https://api.test")
    bare = replace(asked(2), response=Response(200, {"Content-Type": "application/json"}, b"{}"))
    return Verdict.of(compare(contract, [bare]))


def broken() -> None:
    with judged_by(Tuned(1000.0, 0.75, 0.07)):
        raise RuntimeError


def test_judging_by_other_priors_ends() -> None:
    assert verdict() is Verdict.SUSPECT
    with judged_by(Tuned(1000.0, 0.75, 0.07)):
        assert verdict() is Verdict.DRIFT
    assert verdict() is Verdict.SUSPECT
    with pytest.raises(RuntimeError):
        broken()
    assert verdict() is Verdict.SUSPECT


def test_a_folder_is_judged_by_what_was_best_without_it() -> None:
    folders = {"one": endpoints(recordings(1, count=7)), "two": endpoints(recordings(2, count=7))}
    rows = held_out(folders, (1,), splits=1, seed=0, grid=(DEAF, USUAL))
    assert [row.name for row in rows] == [f"one ({USUAL})", f"two ({USUAL})", "all, each held out"]
    assert rows[0].score == measure(folders["one"], 1, splits=1, seed=0)
    assert rows[2].score.checked == rows[0].score.checked + rows[1].score.checked
    assert USUAL in GRID


def test_the_command_writes_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LEARNED", (1,))
    monkeypatch.setattr(command, "GRID", (USUAL,))
    for name, seed in (("one", 1), ("two", 2)):
        (tmp_path / "in" / name).mkdir(parents=True)
        har_file.write(tmp_path / "in" / name / "shop.har", recordings(seed, count=3))
    arguments = ["accuracy", str(tmp_path / "in"), "--held-out", "--splits", "1", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", arguments)
    command.main()
    assert "all, each held out" in capsys.readouterr().out
    assert (tmp_path / "held_out.md").read_text().count("\n") == 5


def asked(number: int, **headers: str) -> Exchange:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = Request("GET", f"https://api.test/things/{number}", named)
    return Exchange(request, Response(200, {"Content-Type": "application/json"}, json.dumps({"id": number})))


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({"Accept": "application/json"}, ""),
        ({"Accept": "*/*", "User_Agent": "v3"}, ""),
        ({"Accept": "application/vnd.things.v2+json; q=1, */*"}, "application/vnd.things.v2+json"),
        ({"X_Things_Api_Version": "2026-01-01"}, "x-things-api-version: 2026-01-01"),
        ({"Things_Version": "7"}, "things-version: 7"),
    ],
)
def test_answers_in_a_version_that_was_asked_for_are_an_endpoint_of_their_own(
    headers: dict[str, str], version: str
) -> None:
    found = endpoints([*(asked(n) for n in range(3)), *(asked(10 + n, **headers) for n in range(2))])
    sizes = {one.version: len(one.exchanges) for one in found}
    assert sizes == ({"": 5} if not version else {"": 3, version: 2})
