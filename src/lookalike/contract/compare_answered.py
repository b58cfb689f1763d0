"""One fresh answer, and what of a contract it is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lookalike.contract.compare_finding import Finding, among
from lookalike.contract.compare_form import DOCUMENT, SAYS, Form, Support, form_of
from lookalike.contract.contract import Contract
from lookalike.contract.counts import AnswerCounts, OperationCounts
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Operation
from lookalike.contract.schemas import Bundler
from lookalike.messages import Response
from lookalike.shape.policy import grade, size

# What a statement rests on, and that in words.
Rests = tuple[Support, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: what was asked (the target, `/todos/1?x=y`), whether it used to succeed, and what came.

    body: a hash of what was sent with it: what tells one request from another to the same target
    day:  when it came, `YYYY-MM-DD`, `""` where unknown
    content: what was sent with it, kind: its media type; authorized: credentials, as it seems
    """

    target: str
    known_good: bool
    method: str
    response: Response
    body: int = 0
    day: str = ""
    content: bytes = b""
    authorized: bool = False
    kind: str = ""

    @property
    def asked(self) -> tuple[str, int]:
        """What tells this request from others of the operation."""
        return self.target, self.body


def response_form(contract: Contract, operation: Operation, status: int) -> Form | None:
    """What the contract says of an operation's JSON body with a status, None where it says nothing."""
    answer = operation.answer(status)
    media = next((one for kind, one in (answer.media if answer else {}).items() if is_json(kind)), None)
    if media is None or media.schema is None:
        return None
    schema = Bundler(contract.document, "response").bundle(media.schema, media.pointer)
    return form_of(schema, contract.shape_of(operation, status))


def status_support(contract: Contract, operation: Operation) -> Rests:
    """What "this operation succeeds with this status" rests on, and that in words."""
    counts = operation_counts(contract, operation)
    if counts is None:
        return DOCUMENT, SAYS
    seen = sum(answer.n for status, answer in counts.answers.items() if status.startswith("2"))
    targets = max(1, len(counts.targets))
    s = size(seen, targets)
    return Support(s, grade(s, targets)), f"in {among(seen, seen, 'response')} seen"


def answer_counts(contract: Contract, operation: Operation, status: str) -> AnswerCounts | None:
    """What was counted of an operation's answers with a status, None for a document."""
    counts = operation_counts(contract, operation)
    return counts.answers.get(status) if counts is not None else None


def operation_counts(contract: Contract, operation: Operation) -> OperationCounts | None:
    """What was counted of an operation, None for a document."""
    return contract.evidence.counts_of(operation) if contract.learned and contract.evidence is not None else None


def in_error(one: Finding, status: str) -> Finding:
    """A finding in the body of an error: code maps errors by it, and that is all."""
    places = tuple(f"{status} {place}" for place in one.places)
    severity = one.severity or KINDS[one.kind].severity
    if severity.rank > Severity.RISKY.rank:
        return replace(one, places=places)
    detail = " ".join(part for part in (one.kind, one.detail) if part)
    return replace(one, kind="error-body-changed", places=places, severity=Severity.RISKY, detail=detail)


def listed(values: Sequence[object]) -> str:
    """`a, b, c and 4 more`."""
    shown = ", ".join(map(str, values[:3]))
    return f"{shown} and {len(values) - 3} more" if len(values) > 3 else shown
