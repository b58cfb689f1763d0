"""Findings that the answers of one run can't decide, and that run after run shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lookalike.contract.compare_causes import suggestion
from lookalike.contract.decisions import again
from lookalike.contract.drift import Drift
from lookalike.contract.past import Past
from lookalike.contract.verdict import ApiReport

#: Runs in succession, the present one among them, that make such a finding sure.
RUNS = 3
# Kinds about an answer as a whole: no item's own data makes them, as it may make a field absent or null.
_WHOLE = frozenset({
    "body-empty", "body-wrapped", "discriminator-gone", "item-type-changed", "json-malformed", "media-type-changed",
    "redirected", "request-became-required", "request-requires-more", "success-gone", "success-status-changed",
})  # fmt: skip


def insisted(report: ApiReport, pasts: Mapping[str, Past], *, learned: bool) -> ApiReport:
    """The report in which a change of a whole answer is no suspicion any more once each of three runs found it.

    pasts:   what the runs before this one say, by fingerprint
    learned: whether the contract was learned, for the next step
    """
    found = tuple(
        _sure(drift, learned) if drift.suspect and _was_there(drift, pasts) else drift for drift in report.drifts
    )
    if found == report.drifts:
        return report
    touched = {operation for one in found if one not in report.drifts for operation in one.operations}
    results = tuple(again(result, found) if result.operation in touched else result for result in report.results)
    return replace(report, drifts=found, results=results)


def _was_there(drift: Drift, pasts: Mapping[str, Past]) -> bool:
    past = pasts.get(drift.fingerprint)
    return drift.kind in _WHOLE and past is not None and past.open and RUNS - 1 <= past.times == past.runs


def _sure(drift: Drift, learned: bool) -> Drift:
    next_step = suggestion(drift.severity, "likely", drift.fingerprint, learned)
    return replace(drift, certainty="likely", suggestion=next_step)
