"""What people decided about findings: known, and not to be told until a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lookalike.contract.drift import Drift
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict

_ABOUT_ANSWERS = frozenset({Verdict.DRIFT, Verdict.SUSPECT, Verdict.ADDITIVE})


@dataclass(frozen=True, slots=True)
class Decision:
    """A finding that is ignored.

    api, fingerprint: which
    what:             the finding's sentence when it was decided, for who reviews the file
    why:              the reason, in words
    until:            the last day on which it is ignored, `YYYY-MM-DD`
    """

    api: str
    fingerprint: str
    what: str
    why: str
    until: str


def settle(report: ApiReport, decisions: Sequence[Decision]) -> ApiReport:
    """The report without the findings that somebody decided to ignore on its day; `remarks` says how many, and which
    decisions are over or about nothing any more.
    """
    own = {one.fingerprint: one for one in decisions if one.api == report.api}
    if not own:
        return report
    found = {drift.fingerprint for drift in report.drifts}
    current = {fingerprint for fingerprint, one in own.items() if report.day <= one.until}
    ignored = [drift for drift in report.drifts if drift.fingerprint in current]
    left = tuple(drift for drift in report.drifts if drift.fingerprint not in current)
    touched = {operation for drift in ignored for operation in drift.operations}
    results = tuple(again(result, left) if result.operation in touched else result for result in report.results)
    remarks = [f"ignored until {own[one.fingerprint].until}: {one.sentence} ({one.fingerprint})" for one in ignored]
    for fingerprint, one in own.items():
        if fingerprint in found and fingerprint not in current:
            remarks.append(f"no longer ignored, {one.until} is past: {one.what} ({fingerprint})")
        elif fingerprint not in found and not report.message:
            remarks.append(f"not found any more, the decision can go: {one.what} ({fingerprint})")
    return replace(
        report,
        drifts=left,
        results=results,
        ignored=tuple(ignored),
        decided=tuple(own[one.fingerprint] for one in ignored),
        remarks=(*report.remarks, *remarks),
    )


def again(result: OperationResult, drifts: Sequence[Drift]) -> OperationResult:
    """The operation with the verdict over these findings, where it had one about answers."""
    if result.verdict not in _ABOUT_ANSWERS:
        return result
    return replace(result, verdict=Verdict.of(one for one in drifts if result.operation in one.operations))
