"""What the page of a verification shows, as JSON."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lookalike.contract.decisions import Decision
from lookalike.contract.drift import Drift
from lookalike.contract.past import Pasts, Timeline, key_of, pasts_of
from lookalike.contract.verdict import ApiReport, Verdict
from lookalike.report.data import shown

#: Runs of each API that a page shows; a timeline with more says how many.
MOST_RUNS = 90
_MOST_PLACES = 200
_MOST_MOCKS = 200
_MOST_READERS = 200
_DAYS_IGNORED = 30
# The page has that command below, to copy.
_ACCEPT = re.compile(r"; if [^;]*: lookalike accept \w+$")


def page_data(
    reports: Sequence[ApiReport],
    *,
    timelines: Mapping[tuple[str, str], Timeline],
    when: str = "",
    arguments: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`{"when", "verdict", "apis": [...]}`, the APIs in their order.

    An API: `{"api", "base_url", "day", "verdict", "message", "remarks", "operations", "findings", "timeline"}`, where
    an operation is `[operation, verdict, asked, detail, last_seen]`, a finding has an `id` that is the page's own, and
    the timeline is as `Timeline.to_json` has it.

    timelines: by API and base URL, this run included
    when:      this run's instant in UTC, or `""`
    arguments: what names an API on the command line, where that isn't its own name
    """
    pasts = {key: timeline.pasts for key, timeline in timelines.items()}
    used: set[str] = set()
    return {
        "when": when,
        "verdict": Verdict.worst(report.verdict for report in reports),
        "apis": [_api(report, timelines, pasts, used, arguments or {}) for report in reports],
    }


def _api(
    report: ApiReport,
    timelines: Mapping[tuple[str, str], Timeline],
    pasts: Pasts,
    used: set[str],
    arguments: Mapping[str, str],
) -> dict[str, Any]:
    key = key_of(report)
    timeline = timelines.get(key, Timeline(*key))
    past = pasts_of(report, pasts)
    named = arguments.get(report.api, report.api)
    decisions = {one.fingerprint: one for one in report.decided}
    found = [(drift, False) for drift in report.drifts] + [(drift, True) for drift in report.ignored]
    return {
        "api": report.api,
        "base_url": timeline.base_url,
        "day": report.day,
        "verdict": report.verdict,
        "message": shown(report.message),
        "remarks": [shown(remark) for remark in report.remarks],
        "operations": [
            [shown(one.operation), one.verdict, one.asked, shown(one.detail), one.last_seen] for one in report.results
        ],
        "findings": [
            {
                **_finding(drift, ignored=ignored),
                "id": _id(drift.fingerprint, used),
                "past": past[drift.fingerprint].to_json() if drift.fingerprint in past else None,
                "decision": _decision(decisions.get(drift.fingerprint)) if ignored else None,
                "commands": _commands(drift, named, report.day) if drift.fingerprint and not ignored else {},
            }
            for drift, ignored in found
        ],
        "timeline": timeline.to_json(most=MOST_RUNS),
    }


def _finding(drift: Drift, *, ignored: bool) -> dict[str, Any]:
    return {
        "fingerprint": drift.fingerprint,
        "kind": drift.kind,
        "severity": drift.severity,
        "suspect": drift.suspect,
        "certainty": drift.certainty,
        "ignored": ignored,
        "note": drift.is_note,
        "sentence": shown(drift.sentence),
        "at": [[shown(operation), shown(place)] for operation, place in drift.at[:_MOST_PLACES]],
        "at_total": len(drift.at),
        "before": shown(drift.before),
        "now": shown(drift.now),
        "suggestion": shown(_ACCEPT.sub("", drift.suggestion)),
        "mocks": [mock.where for mock in drift.mocks[:_MOST_MOCKS]],
        "mocks_total": len(drift.mocks),
        "readers": [[one.test, one.where, one.own] for one in drift.readers[:_MOST_READERS]],
        "readers_total": len(drift.readers),
        "used": drift.used,
    }


def _decision(decision: Decision | None) -> dict[str, str] | None:
    return {"until": decision.until, "why": shown(decision.why)} if decision is not None else None


def _id(fingerprint: str, used: set[str]) -> str:
    """What an address ends with to lead to a finding; two APIs may have the same fingerprint."""
    base = fingerprint or "finding"
    found, number = base, 1
    while found in used:
        number += 1
        found = f"{base}-{number}"
    used.add(found)
    return found


def _commands(drift: Drift, api: str, day: str) -> dict[str, str]:
    """What to type: the API is so now, or it is known and somebody else's to mend."""
    own = f"{drift.fingerprint} {shlex.quote(api)}"
    until = date.fromordinal(date.fromisoformat(day).toordinal() + _DAYS_IGNORED).isoformat()
    ignore = f'lookalike ignore {own} --until {until} --why "..."'
    if drift.suspect:
        return {"ignore": ignore}
    return {"accept": f"lookalike accept {own}", "ignore": ignore}
