"""What people decided about findings: known, and not to be told until a day; or how the API is from now on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lookalike.contract.drift import Drift
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.counted import counted
from lookalike.secrets import mask_text

_MOST_PLACES = 50
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


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A record that a finding was taken for how the API is now. It leaves nothing out: the contract says so itself.

    api, fingerprint, what: as a decision has them
    accepted: the day, `YYYY-MM-DD`
    at:       the operations that begin a new era, each with the places that were found, `GET /todos  json[].title`
    by, why:  who accepted it and for which reason, where somebody said so
    """

    api: str
    fingerprint: str
    what: str
    accepted: str
    at: tuple[str, ...]
    by: str = ""
    why: str = ""


def acceptance_of(drift: Drift, report: ApiReport, *, by: str = "", why: str = "") -> Acceptance:
    """The record of a finding that is accepted on the report's day; credentials masked, at most 50 places."""
    at = [f"{operation}  {place}".rstrip() for operation, place in drift.at]
    if len(at) > _MOST_PLACES:
        at = [*at[: _MOST_PLACES - 1], f"and {counted(len(at) - _MOST_PLACES + 1, 'more place')}"]
    return Acceptance(
        api=report.api,
        fingerprint=drift.fingerprint,
        what=mask_text(drift.sentence),
        accepted=report.day,
        at=tuple(map(mask_text, at)),
        by=mask_text(by.strip()),
        why=mask_text(why.strip()),
    )


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
