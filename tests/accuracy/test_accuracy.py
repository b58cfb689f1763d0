"""False alarms and planted changes on the traffic of a simulated service: the targets hold, and the figures are the
same each time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from benchmarks.accuracy.endpoints import Endpoint, endpoints
from benchmarks.accuracy.measure import Score, measure
from benchmarks.accuracy.table import TARGETS, Row, as_json, as_markdown, as_text
from tests.accuracy.service import recordings

from lookalike.traffic import har_file

OPERATIONS = {
    "DELETE /v1/orders/{id}", "GET /v1/customers/{customer}", "GET /v1/events", "GET /v1/orders", "GET /v1/orders/{id}",
    "GET /v1/products/{id}", "PATCH /v1/orders/{id}", "POST /v1/orders",
}  # fmt: skip


@cache
def found(seed: int) -> list[Endpoint]:
    return endpoints(recordings(seed))


@cache
def measured(seed: int, learned: int) -> Score:
    return measure(found(seed), learned, splits=3, seed=seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_operation_is_found(seed: int) -> None:
    assert {one.operation for one in found(seed)} == OPERATIONS


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("learned", [1, 3])
def test_traffic_that_varies_raises_few_alarms(seed: int, learned: int) -> None:
    score = measured(seed, learned)
    drift, suspect = TARGETS[learned]
    assert score.checked > 400
    assert score.drift <= drift * score.checked, score.causes.most_common(5)
    assert score.suspect <= suspect * score.checked, score.causes.most_common(5)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("learned", [1, 3])
def test_planted_changes_are_suspect_at_the_first_and_drift_within_five(seed: int, learned: int) -> None:
    score = measured(seed, learned)
    assert set(score.first) == set(score.within) == {"removed field", "changed type", "changed status"}
    assert score.missed == []
    assert all(hits == of > 10 for hits, of in (*score.first.values(), *score.within.values()))


def test_the_figures_are_the_same_each_time() -> None:
    again = measure(endpoints(recordings(1)), 1, splits=3, seed=1)
    assert again == measured(1, 1)
    rows = [Row("shop", 8, 1, again)]
    assert json.loads(as_json(rows))[0]["checked"] == again.checked
    assert "| shop | 8 | 1 |" in as_markdown(rows)
    assert as_text(rows).splitlines()[1].startswith("shop")


def test_the_command_writes_the_table(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    har_file.write(tmp_path / "in" / "shop.har", recordings(3, count=6))
    (tmp_path / "in" / "README.txt").write_text("no recording")
    command = [
        sys.executable,
        "-m",
        "benchmarks.accuracy",
        str(tmp_path / "in"),
        "--splits",
        "1",
        "--out",
        str(tmp_path),
    ]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=root, timeout=120,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
    )  # fmt: skip
    assert "planted: noticed at the first" in done.stdout
    assert (tmp_path / "accuracy.md").read_text().count("\n") == 6
    assert {one["learned"] for one in json.loads((tmp_path / "accuracy.json").read_bytes())} == {1, 3}
