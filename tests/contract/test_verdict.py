"""Verdicts, their precedence over an API, and the exit codes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict, exit_code

V = Verdict


def drift(kind: str, certainty: str = "firm") -> Drift:
    return Drift(kind, KINDS[kind].severity, (("GET /x", "json.a"),), "", "", certainty=certainty)  # type: ignore[arg-type]  # one of a table's


BREAKING, RISKY, ADDED, INFO, GONE = map(
    drift, ("field-removed", "redirected", "field-added", "became-firmer", "fixture-gone")
)
SUSPECT = drift("field-removed", "suspect")


def report(*verdicts: Verdict, drifts: tuple[Drift, ...] = ()) -> ApiReport:
    results = tuple(OperationResult(f"GET /{i}", verdict) for i, verdict in enumerate(verdicts))
    return ApiReport("api", "https://api.test", "2026-11-20", results, drifts)


@pytest.mark.parametrize(
    ("drifts", "verdict"),
    [
        ((), V.OK),
        ((INFO,), V.OK),
        ((GONE,), V.OK),
        ((ADDED, INFO), V.ADDITIVE),
        ((SUSPECT, ADDED), V.SUSPECT),
        ((RISKY,), V.DRIFT),
        ((BREAKING, SUSPECT, ADDED), V.DRIFT),
    ],
)
def test_the_verdict_over_answers(drifts: tuple[Drift, ...], verdict: Verdict) -> None:
    for order in itertools.permutations(drifts):
        assert V.of(order) is verdict


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        ((V.OK, V.DRIFT, V.AUTH, V.UNREACHABLE), V.DRIFT),
        ((V.OK, V.AUTH, V.UNREACHABLE), V.AUTH),
        ((V.OK, V.SUSPECT, V.UNREACHABLE), V.UNREACHABLE),
        ((V.OK, V.ADDITIVE, V.SUSPECT), V.SUSPECT),
        ((V.OK, V.UNVERIFIED), V.OK),
        ((V.UNVERIFIED,), V.UNVERIFIED),
        ((), V.UNVERIFIED),
    ],
)
def test_the_verdict_of_an_api(verdicts: tuple[Verdict, ...], verdict: Verdict) -> None:
    assert report(*verdicts).verdict is verdict
    assert report(V.OK, V.OK, V.DRIFT).count(V.OK) == 2


CODES = [
    ([report(V.OK)], 0),
    ([report(V.ADDITIVE, drifts=(ADDED,))], 0),
    ([report(V.SUSPECT, drifts=(SUSPECT,))], 0),
    ([report(V.OK, V.UNVERIFIED)], 0),
    ([report(V.OK), report(V.UNVERIFIED)], 0),
    ([report(V.UNVERIFIED)], 3),
    ([report()], 3),
    ([], 3),
    ([report(V.DRIFT, drifts=(BREAKING,))], 1),
    ([report(V.DRIFT, drifts=(RISKY,))], 1),
    ([report(V.UNREACHABLE)], 3),
    ([report(V.OK), report(V.UNREACHABLE)], 3),
    ([report(V.AUTH)], 4),
    ([report(V.AUTH), report(V.UNREACHABLE)], 4),
    ([report(V.UNREACHABLE), report(V.AUTH), report(V.DRIFT, drifts=(BREAKING,))], 1),
    ([report(V.AUTH, V.UNREACHABLE)], 4),
]


@pytest.mark.parametrize(("reports", "code"), CODES)
def test_exit_codes(reports: list[ApiReport], code: int) -> None:
    for order in itertools.permutations(reports):
        assert exit_code(list(order)) == code


def test_strict_counts_additions() -> None:
    assert exit_code([report(V.ADDITIVE, drifts=(ADDED,))], strict=True) == 1
    assert exit_code([report(V.SUSPECT, drifts=(SUSPECT,))], strict=True) == 0
    assert exit_code([report(V.OK, drifts=(INFO,))], strict=True) == 0


def test_risky_findings_can_be_a_warning() -> None:
    lenient = replace(report(V.DRIFT, drifts=(RISKY,)), fail_on="breaking")
    assert exit_code([lenient]) == 0
    assert exit_code([lenient], strict=True) == 1
    assert exit_code([replace(lenient, drifts=(RISKY, BREAKING))]) == 1
    assert exit_code([lenient, report(V.DRIFT, drifts=(RISKY,))]) == 1, "another API is held to more"


def test_additions_can_count_as_drift_of_one_api() -> None:
    assert exit_code([replace(report(V.ADDITIVE, drifts=(ADDED,)), fail_on="additive")]) == 1
    assert Severity.RISKY.rank == 1
