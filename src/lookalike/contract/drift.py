"""One difference between a contract and the real API, or between two contracts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Literal

from lookalike.contract.compare_places import split_place
from lookalike.contract.kinds import KINDS, Kind, Severity
from lookalike.contract.reads import Reader, Used

Certainty = Literal["firm", "likely", "suspect"]
_MOST_NAMES = 4
_QUOTED = re.compile(r'\["((?:[^"\\]|\\.)*)"\]$')


@dataclass(frozen=True, slots=True)
class DeclaredMock:
    """A reply that a test declares: what a drift may make false.

    operation: the operation's id or `METHOD /template` where the contract knows it, else `""`
    method:    in upper case
    path:      as declared: relative to the base URL, concrete or a template
    status:    the reply's status
    body:      the reply's JSON value; None where it has no JSON body
    where:     file and line of the declaration, `tests/test_todos.py:14`
    """

    operation: str
    method: str
    path: str
    status: int
    body: Any
    where: str


@dataclass(frozen=True, slots=True)
class Drift:
    """One finding, for one root cause, with every operation and place that it touches.

    kind:        a key of `KINDS`
    severity:    for the consumer; milder or worse than the kind's own where the finding says so
    at:          pairs of an operation (`METHOD /template`) and a place in it: in the body (`json[].title`), or
                 `header Link`, `status`, `query page`, `path`; sorted
    before, now: in words, with the evidence: `boolean in all 200 values seen, in 1 response`
    detail:      what tells this from other findings of its kind at its place: the new name, the new type, the status
    certainty:   `suspect` where the evidence can't decide yet; `likely` and `firm` by the grade of the statement
    fingerprint: twelve hexadecimal digits, the same from run to run
    suggestion:  what to do next
    mocks:       the declared replies that this makes false
    used:        whether the code under test reads it, as `contract.reads` knows; `""` where nobody looked
    readers:     who reads it, the user's own lines first
    """

    kind: str
    severity: Severity
    at: tuple[tuple[str, str], ...]
    before: str
    now: str
    detail: str = ""
    certainty: Certainty = "firm"
    fingerprint: str = ""
    suggestion: str = ""
    mocks: tuple[DeclaredMock, ...] = ()
    used: Used | Literal[""] = ""
    readers: tuple[Reader, ...] = ()

    @property
    def row(self) -> Kind:
        """The kind's row of the table."""
        return KINDS[self.kind]

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that it touches, each once."""
        return tuple(dict.fromkeys(operation for operation, _ in self.at))

    @property
    def places(self) -> tuple[str, ...]:
        """The places that it touches, each once."""
        return tuple(dict.fromkeys(place for _, place in self.at))

    @property
    def operation(self) -> str:
        """The first operation."""
        return self.operations[0]

    @property
    def place(self) -> str:
        """The first place."""
        return self.places[0]

    @property
    def sentence(self) -> str:
        """What happened, in one sentence without its evidence."""
        names = list(dict.fromkeys(last_part(place) for place in self.places))
        shown = ", ".join(names[:_MOST_NAMES]) + (
            f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        )
        return self.row.sentence.format(name=shown, detail=self.detail)

    @property
    def suspect(self) -> bool:
        """Whether the evidence can't decide yet."""
        return self.certainty == "suspect"

    @property
    def is_note(self) -> bool:
        """Whether it is of a kind that asks nothing of anybody, and makes no mock false: reports count such."""
        severities = {self.severity, self.row.severity}
        return severities == {Severity.INFO} and not self.suspect and not self.mocks


def last_part(place: str) -> str:
    """The name that a sentence uses for a place: `title` of `json[].title`, `Link` of `header Link`."""
    _, place = split_place(place)
    if " " in place and not place.startswith("json"):
        return place.partition(" ")[2]
    quoted = _QUOTED.search(place)
    if quoted is not None:
        return quoted[1]
    bare = re.sub(r"(\[\]|\.\*)+$", "", place)
    if bare == "json":
        return "the body" if place == "json" else "each item of the body"
    name = bare.rpartition(".")[2]
    return name if bare == place else f"each value of {name}"


def fingerprint(kind: str, subject: str, place: str, detail: str) -> str:
    """Twelve hexadecimal digits that name a finding: no count, date or sample goes in, so runs agree."""
    text = "\x1f".join((kind, subject, place, detail))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
