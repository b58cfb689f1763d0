"""What a verification found, over an operation and over an API, and the exit code it ends with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.messages import Exchange

if TYPE_CHECKING:
    from lookalike.contract.decisions import Decision

FailOn = Literal["additive", "risky", "breaking"]
#: The severities that make a run fail, by the least of them.
FAILING: Mapping[FailOn, frozenset[Severity]] = {
    "additive": frozenset({Severity.BREAKING, Severity.RISKY, Severity.ADDITIVE}),
    "risky": frozenset({Severity.BREAKING, Severity.RISKY}),
    "breaking": frozenset({Severity.BREAKING}),
}


class Verdict(StrEnum):
    """What a verification found. Of several over one API, the first in this order is the API's."""

    DRIFT = "DRIFT"
    AUTH = "AUTH"
    UNREACHABLE = "UNREACHABLE"
    SUSPECT = "SUSPECT"
    ADDITIVE = "ADDITIVE"
    OK = "OK"
    UNVERIFIED = "UNVERIFIED"

    @classmethod
    def of(cls, drifts: Iterable[Drift]) -> Verdict:
        """The verdict over answers that came: DRIFT, SUSPECT, ADDITIVE or OK."""
        found = {_VERDICT_OF[drift.severity] if not drift.suspect else cls.SUSPECT for drift in drifts}
        return cls.worst(found | {cls.OK})

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """The first of them in the order of this class; UNVERIFIED for none."""
        found = set(verdicts)
        return next((verdict for verdict in cls if verdict in found), cls.UNVERIFIED)


_VERDICT_OF = {
    Severity.BREAKING: Verdict.DRIFT,
    Severity.RISKY: Verdict.DRIFT,
    Severity.ADDITIVE: Verdict.ADDITIVE,
    Severity.INFO: Verdict.OK,
    Severity.ENVIRONMENT: Verdict.OK,
}


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What was found about one operation.

    operation: `METHOD /template`
    asked:     how many requests were answered
    detail:    why, where the verdict isn't about answers (`POST is not safe to ask`), with the next step
    last_seen: the last day on which evidence for it was seen, `YYYY-MM-DD`, or `""`
    """

    operation: str
    verdict: Verdict
    asked: int = 0
    detail: str = ""
    last_seen: str = ""


@dataclass(frozen=True, slots=True)
class ApiReport:
    """What was found about one API.

    api:      its name
    base_url: what was asked
    day:      when, `YYYY-MM-DD`
    results:  one an operation, sorted by path and method
    drifts:   the findings, the worst first
    message:  why the API couldn't be asked, with the next step; empty where it could
    answers:  what the API answered, by operation: what `--update` folds in
    ignored:  findings that somebody decided to leave out; never learned
    decided:  the decisions about them, in their order
    remarks:  what else is to be said, a sentence each
    fail_on:  the least severity of a finding that makes a run fail
    """

    api: str
    base_url: str
    day: str
    results: tuple[OperationResult, ...] = ()
    drifts: tuple[Drift, ...] = ()
    message: str = ""
    answers: tuple[Exchange, ...] = field(default=(), repr=False, compare=False)
    ignored: tuple[Drift, ...] = ()
    decided: tuple[Decision, ...] = ()
    remarks: tuple[str, ...] = ()
    fail_on: FailOn = "risky"

    def fails(self, drift: Drift, *, strict: bool = False) -> bool:
        """Whether one of its findings makes a run fail; with `strict`, additions do."""
        return drift.severity in FAILING["additive" if strict else self.fail_on] and not drift.suspect

    @property
    def verdict(self) -> Verdict:
        """The worst of the operations' verdicts; UNVERIFIED where nothing at all was verified."""
        return Verdict.worst(result.verdict for result in self.results)

    def count(self, verdict: Verdict) -> int:
        """How many operations have this verdict."""
        return sum(result.verdict is verdict for result in self.results)


def exit_code(reports: Sequence[ApiReport], *, strict: bool = False) -> int:
    """The exit code of a verification: 0 fine, 1 drift, 3 unreachable, 4 credentials refused; 1 before 4 before 3.

    With `strict`, additions count as drift; else each report's `fail_on` says which findings do. Where nothing at all
    was verified it is 3: no answer was had.
    """
    codes = {_code(report, strict) for report in reports}
    for code in (1, 4, 3):
        if code in codes:
            return code
    verified = any(result.verdict is not Verdict.UNVERIFIED for report in reports for result in report.results)
    return 0 if verified else 3


def _code(report: ApiReport, strict: bool) -> int:
    if any(report.fails(drift, strict=strict) for drift in report.drifts):
        return 1
    verdicts = {result.verdict for result in report.results}
    if Verdict.AUTH in verdicts:
        return 4
    return 3 if Verdict.UNREACHABLE in verdicts else 0


def of_drifts(api: str, drifts: Sequence[Drift], operations: Iterable[str] = ()) -> ApiReport:
    """What two contracts differ in, as a report without a day; operations: those of the later contract."""
    found: dict[str, list[Drift]] = {operation: [] for operation in operations}
    for drift in drifts:
        for operation in drift.operations:
            found.setdefault(operation, []).append(drift)
    results = tuple(OperationResult(operation, Verdict.of(own)) for operation, own in sorted(found.items()))
    return ApiReport(api, "", "", results, tuple(drifts))
