"""What one run can't decide, and three runs show."""

from dataclasses import replace

import pytest

from lookalike.contract.drift import Drift
from lookalike.contract.insisted import insisted
from lookalike.contract.kinds import Severity
from lookalike.contract.past import Past
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict

PAST = Past(
    "f1", "body-wrapped", "breaking", "", ("GET /things",), "2026-11-01", "2026-11-01", "2026-11-02", times=2, runs=2
)


def suspicion(kind: str) -> ApiReport:
    drift = Drift(
        kind=kind, severity=Severity.BREAKING, at=(("GET /things", "json"),), before="", now="", certainty="suspect",
        fingerprint="f1", suggestion="look",
    )  # fmt: skip
    results = (OperationResult("GET /things", Verdict.SUSPECT), OperationResult("GET /users", Verdict.OK))
    return ApiReport("shop", "https://api.test", "2026-11-03", results, (drift,))


def test_a_change_of_the_whole_answer_that_three_runs_show_is_sure() -> None:
    report = insisted(suspicion("body-wrapped"), {"f1": PAST}, learned=True)
    (drift,) = report.drifts
    assert (drift.certainty, report.verdict) == ("likely", Verdict.DRIFT)
    assert [result.verdict for result in report.results] == [Verdict.DRIFT, Verdict.OK]
    assert "lookalike accept f1" in drift.suggestion


@pytest.mark.parametrize(
    ("kind", "past"),
    [
        ("body-wrapped", None),
        ("body-wrapped", replace(PAST, times=1, runs=1)),
        ("body-wrapped", replace(PAST, runs=3)),
        ("body-wrapped", replace(PAST, open=False)),
        ("field-removed", PAST),
        ("became-nullable", PAST),
        ("fixture-gone", PAST),
    ],
)
def test_what_an_items_own_data_may_be_or_came_and_went_stays_suspect(kind: str, past: Past | None) -> None:
    report = suspicion(kind)
    assert insisted(report, {} if past is None else {"f1": past}, learned=True) is report
