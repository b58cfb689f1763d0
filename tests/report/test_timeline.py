"""Runs and findings in plain text, as far as the command's own tests don't show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.past import Timeline, run_of
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.report.timeline import render_timelines

BEGIN = datetime(2026, 11, 2, 4, 17, tzinfo=UTC)


def drift(number: int, **changed: str) -> Drift:
    place = (("GET /a", f"json.f{number:02}"),)
    return Drift("field-removed", Severity.BREAKING, place, "", "", fingerprint=f"{number:012}", **changed)  # type: ignore[arg-type]  # only the certainty is changed


def shown(*runs: tuple[Drift, ...]) -> list[str]:
    found = [
        run_of(
            ApiReport(
                "api", "https://api.test", "2026-11-02", (OperationResult("GET /a", Verdict.of(drifts)),), drifts
            ),
            BEGIN + timedelta(days=day),
        )
        for day, drifts in enumerate(runs)
    ]
    return render_timelines(list(Timeline.of(found).values())).splitlines()


def test_many_changes_and_many_that_ended_are_counted() -> None:
    lines = shown((), tuple(drift(number) for number in range(14)), ())
    assert lines[0] == "api at https://api.test: 3 runs, 2026-11-02 to 2026-11-04 (UTC)"
    assert lines[2:10] == [
        "  2026-11-02 04:17  OK",
        "  2026-11-03 04:17  DRIFT        14 findings",
        *(f"                    + the field f{number:02} is gone ({number:012})" for number in range(5)),
        "                    + 9 more",
    ]
    assert "                    - 9 more" in lines
    assert "open" not in lines
    assert lines[lines.index("ended") + 1].startswith("     breaking  the field f")
    assert lines[-2:] == ["               since 2026-11-03 until 2026-11-03, in 1 of 1 run; GET /a", "  and 4 more"]


def test_a_suspect_is_called_so() -> None:
    lines = shown((drift(1, certainty="suspect"),))
    assert lines[-3:] == [
        "open",
        "      suspect  the field f01 is gone (000000000001)",
        "               first seen 2026-11-02; GET /a",
    ]
