"""Changes planted into the traffic of simulated services: each kind is found, once, and what merely varies is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from benchmarks.drift import __main__ as command
from benchmarks.drift import in_documents
from benchmarks.drift.measure import CERTAIN, ENDPOINTS, kinds_in_answers, plant_all, rewrite_all, unchanged
from benchmarks.drift.planting import PLANTERS
from benchmarks.drift.table import CERTAIN_TARGET, FALSE_TARGET, TARGET, Measured, as_markdown, as_text

from lookalike.contract.compare_contracts import diff
from lookalike.contract.kinds import KINDS


@cache
def measured() -> Measured:
    return Measured(plant_all(each=8, seed=0), rewrite_all(each=3), unchanged(times=3, seed=0))


def test_there_are_endpoints_and_changes_enough() -> None:
    assert len({one.operation for one in ENDPOINTS}) == len(ENDPOINTS) >= 20
    assert sum(tally.planted for tally in measured().answers.values()) >= 200
    assert sum(one.recordings for one in measured().unchanged.values()) >= 200


@pytest.mark.parametrize("kind", kinds_in_answers())
def test_every_kind_that_answers_show_is_planted_and_found(kind: str) -> None:
    assert kind in PLANTERS
    tally = measured().answers[kind]
    assert tally.planted >= 1
    assert tally.found >= (tally.planted if kind in CERTAIN else 0.7 * tally.planted), tally.missed
    assert tally.alone >= 0.7 * tally.found, tally.beside


@pytest.mark.parametrize("kind", [kind.id for kind in KINDS.values() if "documents" in kind.found])
def test_every_kind_that_documents_show_is_planted_and_found(kind: str) -> None:
    assert kind in {one.kind for one in in_documents.REWRITES}
    tally = measured().documents[kind]
    assert tally.found == tally.planted >= 3, tally.missed


def test_the_targets_hold() -> None:
    found = measured()
    assert found.recall(CERTAIN) >= CERTAIN_TARGET
    assert found.recall() >= TARGET
    assert found.false <= FALSE_TARGET, [one.alarms for one in found.unchanged.values()]
    assert found.misses() == []
    assert all(tally.false == 0 for tally in found.answers.values())


def test_nothing_changes_in_a_document_that_is_the_same() -> None:
    old, new = in_documents.contract(), in_documents.contract()
    assert diff(old, new) == []


def test_a_contract_that_notices_nothing_misses_the_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.drift.measure.compare", lambda *_, **__: [])
    blind = Measured(plant_all(each=1, seed=0, kinds=["field-removed", "became-nullable"]))
    assert blind.recall() == 0.0
    assert len(blind.misses()) == 2
    assert "field-removed" in as_text(blind)
    assert "missed" in as_text(blind)


def test_the_figures_are_the_same_each_time() -> None:
    kinds = ["field-removed", "type-widened", "enum-value-added"]
    assert plant_all(each=3, seed=4, kinds=kinds) == plant_all(each=3, seed=4, kinds=kinds)
    assert ENDPOINTS[0].record(3, "x") == ENDPOINTS[0].record(3, "x") != ENDPOINTS[0].record(3, "y")


def test_the_command_prints_and_writes_the_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["drift", "--seeds", "1", "--each", "1", "--times", "1", "--out", str(tmp_path)])
    command.main()
    printed = capsys.readouterr().out
    written = (tmp_path / "drift.md").read_text()
    assert written in printed
    assert written == as_markdown(_again())
    assert "| in documents |" in written


def _again() -> Measured:
    return Measured(plant_all(each=1, seed=0), rewrite_all(each=1), unchanged(times=1, seed=0))
