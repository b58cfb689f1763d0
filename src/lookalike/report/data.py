"""What a verification found, as JSON: the one model that reports for machines and for pull requests are drawn from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lookalike.contract.decisions import Decision
from lookalike.contract.drift import Drift
from lookalike.contract.past import NO_PASTS, Past, Pasts, pasts_of
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.contract.weigh import UNREAD
from lookalike.contract.written_at import written_at
from lookalike.counted import counted
from lookalike.report.verification import Source, Verification
from lookalike.secrets import mask_text, mask_url

#: The number of the format; it is another where a reader of the old one would misread the new.
VERSION = 1
# A report is read by people and uploaded by machines: no list in it grows beyond this, and each says its whole length.
_MOST = 200
_LONGEST = 4_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE = re.compile(r"(?P<file>.+):(?P<line>\d+)")


def data_of(
    reports: Sequence[ApiReport],
    *,
    pasts: Pasts = NO_PASTS,
    sources: Mapping[str, Source] | None = None,
    strict: bool = False,
    exit_code: int | None = None,
) -> dict[str, Any]:
    """What reports say, in the form that `verification.schema.json` beside this file describes.

    pasts:     what earlier runs say of the findings
    sources:   the contracts' files, by API: operations and places have lines where they are known
    strict:    whether additions count as drift
    exit_code: what the command ends with, where it is known

    Credentials are masked, and each text is cut to 4,000 characters. The same reports give the same data.
    """
    known = sources or {}
    return {
        "format": "lookalike-verification",
        "version": VERSION,
        "verdict": str(Verdict.worst(report.verdict for report in reports)),
        "strict": strict,
        "exit_code": exit_code,
        "apis": [_api(report, pasts_of(report, pasts), known.get(report.api), strict) for report in reports],
    }


def data_of_run(run: Verification) -> dict[str, Any]:
    """What a whole run says, its history included."""
    return data_of(
        run.reports,
        pasts={key: timeline.pasts for key, timeline in run.timelines.items()},
        sources=run.sources,
        strict=run.strict,
        exit_code=run.exit_code,
    )


def shown(text: str) -> str:
    """A text as a report has it: credentials masked, cut, and with nothing that UTF-8 can't write."""
    # Cut before it is masked, a secret at the cut would be half a secret, which nobody knows by its form.
    masked = mask_text(_SURROGATE.sub("\ufffd", text))
    return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 3] + "..."


def _api(report: ApiReport, past: Mapping[str, Past], source: Source | None, strict: bool) -> dict[str, Any]:
    lines = _lines(report, source)
    decisions = {one.fingerprint: one for one in report.decided}
    verdicts = [str(verdict) for verdict in Verdict if report.count(verdict)]
    return {
        "api": shown(report.api),
        "base_url": shown(mask_url(report.base_url)),
        "day": report.day,
        "verdict": str(report.verdict),
        "message": shown(report.message),
        "contract": shown(source.path) if source is not None else None,
        "counts": {verdict: report.count(Verdict(verdict)) for verdict in verdicts},
        "operations": [_operation(one, lines) for one in report.results],
        "findings": [_finding(one, past, lines, fails=report.fails(one, strict=strict)) for one in report.drifts],
        "ignored": [
            _finding(one, past, lines, fails=False, decision=decisions.get(one.fingerprint)) for one in report.ignored
        ],
        "remarks": [shown(remark) for remark in report.remarks[:_MOST]],
    }


def _lines(report: ApiReport, source: Source | None) -> Mapping[tuple[str, str], int]:
    if source is None or source.contract is None:
        return {}
    found = [*report.drifts, *report.ignored]
    sites = [(one.operation, "") for one in report.results]
    sites += [pair for drift in found for pair in drift.at[:_MOST]]
    return written_at(source.contract, source.text, sites)


def _operation(result: OperationResult, lines: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    return {
        "operation": shown(result.operation),
        "verdict": str(result.verdict),
        "asked": result.asked,
        "detail": shown(result.detail),
        "last_seen": result.last_seen or None,
        "line": lines.get((result.operation, "")),
    }


def _finding(
    drift: Drift,
    past: Mapping[str, Past],
    lines: Mapping[tuple[str, str], int],
    *,
    fails: bool,
    decision: Decision | None = None,
) -> dict[str, Any]:
    readers = drift.readers
    own = past.get(drift.fingerprint)
    return {
        "fingerprint": drift.fingerprint,
        "kind": drift.kind,
        "severity": str(drift.severity),
        "certainty": drift.certainty,
        "fails": fails,
        "note": drift.is_note,
        "sentence": shown(drift.sentence),
        "at": [
            {"operation": shown(operation), "place": shown(place), "line": lines.get((operation, place))}
            for operation, place in drift.at[:_MOST]
        ],
        "at_total": len(drift.at),
        "before": shown(drift.before),
        "now": shown(drift.now),
        "detail": shown(drift.detail),
        "suggestion": shown(drift.suggestion),
        "used": drift.used or None,
        "mocks": [_where(mock.where) for mock in drift.mocks[:_MOST]],
        "mocks_total": len(drift.mocks),
        "readers": [{"test": shown(one.test), "own": one.own, **_where(one.where)} for one in readers[:_MOST]],
        "readers_total": len(readers),
        "past": _past(own) if own is not None else None,
        "decision": {"until": decision.until, "why": shown(decision.why)} if decision is not None else None,
    }


def _where(where: str) -> dict[str, Any]:
    """`tests/test_a.py:14` as a file and a line."""
    found = _LINE.fullmatch(where)
    if found is None:
        return {"file": shown(where), "line": None}
    return {"file": shown(found["file"]), "line": int(found["line"])}


def _past(past: Past) -> dict[str, Any]:
    return {
        "since": past.since,
        "last": past.last,
        "times": past.times,
        "runs": past.runs,
        "new": past.new,
        "flapping": past.flapping,
        "words": past.words,
    }


def findings_by_operation(api: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """An API's findings by the operations that they touch; every operation of the API is there."""
    found: dict[str, list[dict[str, Any]]] = {one["operation"]: [] for one in api["operations"]}
    for finding in api["findings"]:
        for operation in _operations(finding):
            found.setdefault(operation, []).append(finding)
    return found


def _operations(finding: Mapping[str, Any]) -> Iterable[str]:
    return dict.fromkeys(site["operation"] for site in finding["at"])


def is_suspect(finding: Mapping[str, Any]) -> bool:
    """Whether the evidence can't decide yet."""
    return bool(finding["certainty"] == "suspect")


def notes_told(findings: Iterable[tuple[str, int]]) -> str:
    """`6 notes that ask nothing of anybody: GET /todos (4), GET /users (2)`; `""` for none.

    findings: the first operation of each, and how often
    """
    counts: dict[str, int] = {}
    for operation, count in findings:
        counts[operation] = counts.get(operation, 0) + count
    total = sum(counts.values())
    if not total:
        return ""
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = _listed([f"{operation} ({count:,})" for operation, count in most], len(most), 5)
    return f"{counted(total, 'note')} that ask{'s' if total == 1 else ''} nothing of anybody: {listed}"


def told(finding: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A finding in words: pairs of a label and a text of one line, none of them empty."""
    sites = [f"{site['operation']}  {site['place']}".strip() for site in finding["at"]]
    pairs = [("where", _listed(sites, finding["at_total"])), ("before", finding["before"]), ("now", finding["now"])]
    past = finding["past"]
    if past is not None:
        pairs.append(("history", past["words"]))
    pairs.append(("false mocks", _listed([placed(one) for one in finding["mocks"]], finding["mocks_total"])))
    readers = [f"{placed(one)} in {one['test']}" for one in finding["readers"]]
    read = _listed(readers, finding["readers_total"]) or UNREAD.get(finding["used"], "")
    pairs += [("read at", read), ("next", finding["suggestion"])]
    return [(label, text) for label, text in pairs if text]


def placed(where: Mapping[str, Any]) -> str:
    """`tests/test_a.py:14`."""
    return where["file"] if where["line"] is None else f"{where['file']}:{where['line']}"


def _listed(names: Sequence[str], total: int, shown_at_once: int = 10) -> str:
    first = list(names[:shown_at_once])
    more = total - len(first)
    return ", ".join([*first, f"and {more} more"] if more > 0 else first)
