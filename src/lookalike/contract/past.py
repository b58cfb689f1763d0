"""What earlier verifications found: since when a finding is there, in how many runs, and whether it comes and goes.

A run tells something of a finding only where it had answers of each operation that the finding touches. What wasn't
asked, an outage and refused credentials are neither its presence nor its absence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from lookalike.codec import encode_json
from lookalike.contract.drift import Drift
from lookalike.contract.verdict import ApiReport, Verdict
from lookalike.counted import counted
from lookalike.errors import UsageError
from lookalike.secrets import mask_text, mask_url

#: Verdicts about answers: only they say whether a finding is there.
TELLING = frozenset({Verdict.DRIFT, Verdict.SUSPECT, Verdict.ADDITIVE, Verdict.OK})
#: So many telling runs in succession without a finding end its story: what comes after them is a new one.
QUIET = 10
# There, gone, there, gone: one return may be a change that was rolled back and made again.
_TURNS = 3
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding in one run.

    operations: those that it touches, sorted
    suspect:    whether the evidence couldn't decide; ignored: whether somebody had decided to leave it out
    """

    fingerprint: str
    kind: str
    severity: str
    sentence: str
    operations: tuple[str, ...]
    suspect: bool = False
    ignored: bool = False

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "fingerprint": self.fingerprint,
            "kind": self.kind,
            "severity": self.severity,
            "sentence": self.sentence,
            "operations": list(self.operations),
            "suspect": self.suspect,
            "ignored": self.ignored,
        }


@dataclass(frozen=True)
class Run:
    """What one verification of one API found.

    when:     an instant in UTC, `2026-11-02T04:17:03.000000Z`: so written they sort as text
    base_url: what was asked, without credentials
    results:  pairs of an operation and its verdict, sorted
    findings: sorted by fingerprint
    message:  why the API couldn't be asked, or `""`
    """

    api: str
    base_url: str
    when: str
    verdict: Verdict
    results: tuple[tuple[str, Verdict], ...] = ()
    findings: tuple[Sighting, ...] = ()
    message: str = ""

    @cached_property
    def id(self) -> str:
        """Twenty hexadecimal digits over all that it says: the same run, kept twice, is one."""
        content = [self.api, self.base_url, self.when, self.verdict, self.message, dict(self.results)]
        told = encode_json([content, [one.to_json() for one in self.findings]])
        return hashlib.sha256(told).hexdigest()[:20]

    @cached_property
    def answered(self) -> frozenset[str]:
        """The operations of which it had answers."""
        return frozenset(operation for operation, verdict in self.results if verdict in TELLING)

    @cached_property
    def by_fingerprint(self) -> Mapping[str, Sighting]:
        """Its findings."""
        return {one.fingerprint: one for one in self.findings}

    @property
    def day(self) -> str:
        """The day in UTC, `2026-11-02`."""
        return self.when[:10]


@dataclass(frozen=True, slots=True)
class Past:
    """What the kept runs say of one finding.

    first:    when it was found for the first time, of all kept runs
    since:    when its present story began: after ten telling runs without it a new one begins
    last:     when it was found last
    times:    in how many runs it was found, of `runs` from `since` to `last` that can tell
    before:   in how many runs before the story nobody found it, though they could have told
    open:     whether the last run that can tell found it
    ended:    when the first run after `last` told that it is gone; `""` where it is open
    returns:  how often it came back within the story
    flapping: whether it comes and goes: within the last ten runs that can tell it went, came back, and went again, or
              came back twice
    suspect:  whether the evidence couldn't decide when it was found last
    """

    fingerprint: str
    kind: str
    severity: str
    sentence: str
    operations: tuple[str, ...]
    first: str
    since: str
    last: str
    times: int
    runs: int
    before: int = 0
    open: bool = True
    ended: str = ""
    returns: int = 0
    flapping: bool = False
    suspect: bool = False

    @property
    def new(self) -> bool:
        """Whether the last run that can tell is the first to find it."""
        return self.open and self.runs == 1

    @property
    def words(self) -> str:
        """`since 2026-11-02, in 5 of 9 runs, flapping (it comes and goes)`; days are UTC's."""
        if self.new:
            if not self.before:
                return f"first seen {self.since[:10]}"
            without = "the run before" if self.before == 1 else f"the {self.before:,} runs before"
            return f"new, not found in {without}"
        until = "" if self.open else f" until {self.last[:10]}"
        often = f"{self.times:,} of {counted(self.runs, 'run')}"
        told = f"since {self.since[:10]}{until}, in {often}"
        return f"{told}, flapping (it comes and goes)" if self.flapping else told

    def to_json(self) -> dict[str, Any]:
        """As JSON; instants are in UTC."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return {**fields, "operations": list(self.operations), "new": self.new, "words": self.words}


#: What earlier runs say of each finding: by API and base URL, then by fingerprint.
Pasts = Mapping[tuple[str, str], Mapping[str, Past]]
NO_PASTS: Pasts = MappingProxyType({})


def pasts_of(report: ApiReport, pasts: Pasts) -> Mapping[str, Past]:
    """What earlier runs say of the findings of one report."""
    return pasts.get(key_of(report), {})


@dataclass(frozen=True, slots=True)
class Step:
    """A run, and what is other in it than in the runs before that can tell.

    came: found now and not when it was told last; went: found when it was told last, and not now
    """

    run: Run
    came: tuple[Sighting, ...] = ()
    went: tuple[Sighting, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """The kept runs of one API at one base URL, the oldest first, each once."""

    api: str
    base_url: str
    runs: tuple[Run, ...] = ()

    @classmethod
    def of(cls, runs: Iterable[Run]) -> dict[tuple[str, str], Timeline]:
        """The timelines of any runs, in any order, by API and base URL."""
        found: dict[tuple[str, str], dict[str, Run]] = {}
        for run in runs:
            found.setdefault((run.api, run.base_url), {})[run.id] = run
        return {
            key: cls(*key, tuple(sorted(own.values(), key=lambda run: (run.when, run.id))))
            for key, own in sorted(found.items())
        }

    def add(self, run: Run) -> Timeline:
        """With one more run of the same API and base URL; a run that is known changes nothing."""
        if any(one.id == run.id for one in self.runs):
            return self
        return replace(self, runs=tuple(sorted((*self.runs, run), key=lambda one: (one.when, one.id))))

    @cached_property
    def pasts(self) -> dict[str, Past]:
        """What the runs say of each finding, by fingerprint; those of the last run first, then by day."""
        found = {one: _past(list(self._marks(one)), self.runs) for one in self._fingerprints}
        return dict(sorted(found.items(), key=lambda pair: (not pair[1].open, pair[1].since, pair[0])))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The runs, each with what came and what went."""
        came: dict[int, list[Sighting]] = {}
        went: dict[int, list[Sighting]] = {}
        for fingerprint in self._fingerprints:
            there = False
            for at, one, now in self._marks(fingerprint):
                if now is not there:
                    (came if now else went).setdefault(at, []).append(one)
                there = now
        return tuple(Step(run, tuple(came.get(at, ())), tuple(went.get(at, ()))) for at, run in enumerate(self.runs))

    def marks(self, fingerprint: str) -> str:
        """A letter a run, the oldest first: `+` found, `-` not found, `?` can't be told; blank before the first."""
        letters = [" "] * len(self.runs)
        for at, _, there in self._marks(fingerprint):
            letters[at] = "+" if there else "-"
        begun = "".join(letters).find("+")
        return "".join("?" if letter == " " and at > begun >= 0 else letter for at, letter in enumerate(letters))

    @cached_property
    def _fingerprints(self) -> list[str]:
        return sorted({fingerprint for run in self.runs for fingerprint in run.by_fingerprint})

    def _marks(self, fingerprint: str) -> Iterator[tuple[int, Sighting, bool]]:
        """From a finding's first sighting on: the runs that can tell, with the sighting last known, and whether it was
        there.
        """
        known: Sighting | None = None
        for at, run in enumerate(self.runs):
            seen = run.by_fingerprint.get(fingerprint)
            known = seen or known
            if known is not None and (seen is not None or run.answered.issuperset(known.operations)):
                yield at, known, seen is not None

    def to_json(self, *, most: int = 0) -> dict[str, Any]:
        """As JSON: the last `most` runs (all for 0), each with what came and went, and the pasts."""
        return {
            "api": self.api,
            "base_url": self.base_url,
            "runs": [_step_json(step) for step in self.steps[-most:]],
            "total": len(self.runs),
            "findings": [
                {**past.to_json(), "marks": self.marks(past.fingerprint)[-most:]} for past in self.pasts.values()
            ],
        }


def _step_json(step: Step) -> dict[str, Any]:
    run = step.run
    return {
        "when": run.when,
        "verdict": run.verdict,
        "message": run.message,
        "operations": len(run.results),
        "answered": len(run.answered),
        "findings": [one.fingerprint for one in run.findings if not one.ignored],
        "ignored": [one.fingerprint for one in run.findings if one.ignored],
        "came": [one.fingerprint for one in step.came],
        "went": [one.fingerprint for one in step.went],
    }


def _past(marks: list[tuple[int, Sighting, bool]], runs: tuple[Run, ...]) -> Past:
    begins = quiet = 0
    for number, (_, _, there) in enumerate(marks):
        if there and quiet >= QUIET:
            begins = number
        quiet = 0 if there else quiet + 1
    story = marks[begins:]
    last = max(number for number, (_, _, there) in enumerate(story) if there)
    turns = [number for number in range(1, len(story)) if story[number][2] is not story[number - 1][2]]
    begin, first, _ = story[0]
    known = story[-1][1]
    told = story[last + 1 :]
    return Past(
        fingerprint=known.fingerprint,
        kind=known.kind,
        severity=known.severity,
        sentence=known.sentence,
        operations=known.operations,
        first=runs[marks[0][0]].when,
        since=runs[begin].when,
        last=runs[story[last][0]].when,
        times=sum(there for _, _, there in story),
        runs=last + 1,
        before=sum(
            run.answered.issuperset(first.operations) and known.fingerprint not in run.by_fingerprint
            for run in runs[:begin]
        ),
        open=not told,
        ended=runs[told[0][0]].when if told else "",
        returns=sum(story[number][2] for number in turns),
        suspect=known.suspect,
        flapping=sum(number >= len(story) - QUIET for number in turns) >= _TURNS,
    )


def run_of(report: ApiReport, when: datetime) -> Run:
    """What is kept of a report: no answers, no values, nothing secret.

    when: of the run, with its time zone. Raises UsageError for a time without one.
    """
    return Run(
        api=_text(report.api),
        base_url=place_of(report.base_url),
        when=instant(when),
        verdict=report.verdict,
        results=tuple(sorted((_text(result.operation), result.verdict) for result in report.results)),
        findings=tuple(
            sorted(
                [
                    *(_sighting(drift, ignored=False) for drift in report.drifts if _has_a_past(drift)),
                    *(_sighting(drift, ignored=True) for drift in report.ignored if _has_a_past(drift)),
                ],
                key=lambda one: one.fingerprint,
            )
        ),
        message=_text(report.message)[:_LONGEST],
    )


def key_of(report: ApiReport) -> tuple[str, str]:
    """The API and the base URL by which timelines know a report."""
    return _text(report.api), place_of(report.base_url)


def place_of(base_url: str) -> str:
    """A base URL as history has it: without credentials and without a slash at its end."""
    return _text(mask_url(base_url.rstrip("/")))


def _text(text: str) -> str:
    """Without credentials, and without what UTF-8 can't write: half a pair of UTF-16 in an API's own names."""
    return mask_text(text.encode("utf-8", "backslashreplace").decode())


def _has_a_past(drift: Drift) -> bool:
    """Whether it is followed from run to run: what asks nothing of anybody would fill the file."""
    return bool(drift.fingerprint) and not drift.is_note


def _sighting(drift: Drift, *, ignored: bool) -> Sighting:
    return Sighting(
        drift.fingerprint,
        drift.kind,
        str(drift.severity),
        _text(drift.sentence)[:_LONGEST],
        tuple(sorted(map(_text, drift.operations))),
        drift.suspect,
        ignored,
    )


def instant(when: datetime) -> str:
    """An instant in UTC, `2026-11-02T04:17:03.000000Z`. Raises UsageError for a time without a time zone."""
    if when.tzinfo is None:
        raise UsageError(f"{when.isoformat()} has no time zone; give one: datetime.now(UTC)")
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
