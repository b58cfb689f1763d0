"""One contradiction at one place of one operation, before findings with one cause are brought together."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.contract.compare_form import DOCUMENT, Support
from lookalike.contract.kinds import Severity
from lookalike.counted import counted
from lookalike.shape.policy import Statement


@dataclass(frozen=True, slots=True)
class Finding:
    """A contradiction in one operation.

    places:  where, the first one names it
    detail:  what tells it from others of its kind, the same from run to run
    support: what the contradicted statement rests on
    k, m:    how many of the answers to distinct requests contradict it
    keys:    the keys that the contract knows of the object which has the first place
    subject: what the first place belongs to and where in it, where a document says so (a shared schema), else `()`
    statement: what kind of statement is contradicted, where that isn't the kind's own
    partly:  whether other values in the same answers agree
    """

    kind: str
    operation: str
    places: tuple[str, ...]
    before: str
    now: str
    detail: str = ""
    severity: Severity | None = None
    support: Support = DOCUMENT
    k: int = 1
    m: int = 1
    keys: frozenset[str] = frozenset()
    subject: tuple[str, ...] = ()
    statement: Statement | None = None
    partly: bool = False


def share(values: int, of: int, answers: int, noun: str = "value") -> str:
    """`in 12 of 200 values, in 1 answer`."""
    return f"in {among(values, of, noun)}, in {counted(answers, 'answer')}"


def among(some: int, of: int, noun: str) -> str:
    """`all 200 values`, `12 of 200 values`, `the only value`."""
    if some == of:
        return f"the only {noun}" if of == 1 else f"all {counted(of, noun)}"
    return f"{some:,} of {counted(of, noun)}"
