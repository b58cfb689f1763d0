"""A verification in plain text: one block a finding, aligned, with an ending that says what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.past import NO_PASTS, Past, Pasts, pasts_of
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.contract.weigh import UNREAD, told
from lookalike.counted import counted
from lookalike.report.data import notes_told
from lookalike.visible import one_line, visible

Style = Literal["bad", "warn", "good", "dim", "strong", ""]
Painter = Callable[[str, Style], str]

SEVERITY_STYLE: dict[Severity, Style] = {
    Severity.BREAKING: "bad",
    Severity.RISKY: "warn",
    Severity.ADDITIVE: "good",
    Severity.INFO: "dim",
    Severity.ENVIRONMENT: "dim",
}
VERDICT_STYLE: dict[Verdict, Style] = {
    Verdict.DRIFT: "bad",
    Verdict.AUTH: "bad",
    Verdict.UNREACHABLE: "bad",
    Verdict.SUSPECT: "warn",
    Verdict.ADDITIVE: "good",
    Verdict.OK: "good",
    Verdict.UNVERIFIED: "dim",
}
_WIDTH = 110
_LABEL = 2 + max(len(severity) for severity in Severity)
_PLACES_SHOWN = 8
_MOCKS_SHOWN = 10


def plain(text: str, style: Style) -> str:
    """The painter of pipes and files: no colour."""
    return text


def render(reports: ApiReport | Sequence[ApiReport], *, paint: Painter = plain, pasts: Pasts = NO_PASTS) -> str:
    """The text of one or several reports, ending in a newline.

    paint: gives a piece of text its look; styles are `bad`, `warn`, `good`, `dim`, `strong` and `""`. The layout is the
           same with every painter.
    pasts: what earlier runs say of the findings: by API and base URL, then by fingerprint
    """
    many = [reports] if isinstance(reports, ApiReport) else list(reports)
    blocks = ["".join(line + "\n" for line in _report(report, paint, pasts_of(report, pasts))) for report in many]
    if len(many) > 1:
        blocks.append("".join(line + "\n" for line in _overall(many, paint)))
    return "\n".join(blocks)


def render_drifts(drifts: Sequence[Drift], *, paint: Painter = plain) -> str:
    """The text of findings alone, as two contracts that are compared give them; says so where there are none."""
    if not drifts:
        return paint("no difference that matters to a consumer", "good") + "\n"
    lines = [line for drift in drifts for line in (*_finding(drift, paint), "")]
    return "\n".join([*lines, _severities(drifts)]) + "\n"


def _report(report: ApiReport, paint: Painter, past: Mapping[str, Past]) -> Iterator[str]:
    verdict = report.verdict
    name, base_url = one_line(report.api), one_line(report.base_url)
    yield f"{paint(verdict, VERDICT_STYLE[verdict])}  {paint(name, 'strong')} at {base_url}"
    if report.message:
        yield ""
        # What happened, and below it the next step.
        yield from _wrapped("", report.message.replace("; ", "\n", 1), paint)
    yield ""
    for drift in report.drifts:
        if not drift.is_note:
            yield from _finding(drift, paint, past.get(drift.fingerprint))
            yield ""
    notes = notes_told((drift.operation, 1) for drift in report.drifts if drift.is_note)
    if notes:
        yield from (paint(line, "dim") for line in _wrapped("", f"{notes}; --report FILE.html has them", paint))
        yield ""
    remarks = [result for result in report.results if result.detail and result.detail != report.message]
    if remarks:
        yield from _remarks(remarks, report.day, paint)
        yield ""
    if report.remarks:
        for remark in report.remarks:
            yield from (paint(line, "dim") for line in _wrapped("", remark, paint))
        yield ""
    yield _summary(report)


def _finding(drift: Drift, paint: Painter, past: Past | None = None) -> Iterator[str]:
    style = "warn" if drift.suspect else SEVERITY_STYLE[drift.severity]
    head = "suspect" if drift.suspect else str(drift.severity)
    yield paint(head.rjust(_LABEL), style) + "  " + paint(one_line(drift.sentence), "strong")
    yield from _labelled("where", _sites(drift), paint)
    yield from _wrapped("before", drift.before, paint)
    yield from _wrapped("now", drift.now, paint)
    if past is not None and (past.runs > 1 or past.before):  # a first run has nothing to tell
        yield from _labelled("history", [paint(past.words, "warn" if past.flapping else "dim")], paint)
    if drift.readers:
        yield from _wrapped("read by", told(drift.readers), paint)
    elif drift.used in UNREAD:
        yield from _wrapped("read by", UNREAD[drift.used], paint)
    if drift.mocks:
        yield from _wrapped("mocks", false_mocks(drift), paint)
    if drift.suggestion:
        yield from _wrapped("next", drift.suggestion, paint)


def _sites(drift: Drift) -> list[str]:
    shown = [(one_line(operation), one_line(place)) for operation, place in drift.at[:_PLACES_SHOWN]]
    width = max(len(operation) for operation, _ in shown)
    lines = [f"{operation.ljust(width)}  {place}" for operation, place in shown]
    more = len(drift.at) - len(shown)
    return [*lines, f"and {more} more"] if more else lines


def false_mocks(drift: Drift) -> str:
    """`tests/test_a.py:14, 30 and tests/test_b.py:2 are false now`; the finding has mocks."""
    lines: dict[str, list[str]] = {}
    for mock in drift.mocks[:_MOCKS_SHOWN]:
        path, _, line = mock.where.rpartition(":")
        lines.setdefault(path, []).append(line)
    places = [f"{path}:{', '.join(found)}" if path else ", ".join(found) for path, found in lines.items()]
    more = len(drift.mocks) - _MOCKS_SHOWN
    if more > 0:
        places.append(f"{more} more")
    listed = places[0] if len(places) == 1 else f"{'; '.join(places[:-1])} and {places[-1]}"
    return f"{listed} {'is' if len(drift.mocks) == 1 else 'are'} false now"


def _overall(reports: Sequence[ApiReport], paint: Painter) -> Iterator[str]:
    """All APIs at a glance, the worst first."""
    order = list(Verdict)
    ranked = sorted(reports, key=lambda report: order.index(report.verdict))
    words = max(len(report.verdict) for report in ranked)
    names = max(len(one_line(report.api)) for report in ranked)
    counts = ((sum(report.verdict is verdict for report in ranked), verdict) for verdict in Verdict)
    yield f"{len(ranked)} APIs: {', '.join(f'{count} {verdict}' for count, verdict in counts if count)}"
    for report in ranked:
        verdict = paint(report.verdict.ljust(words), VERDICT_STYLE[report.verdict])
        yield f"  {verdict}  {one_line(report.api).ljust(names)}  {_summary(report)}"


def _remarks(results: Sequence[OperationResult], day: str, paint: Painter) -> Iterator[str]:
    words = max(len(result.verdict) for result in results)
    names = max(len(one_line(result.operation)) for result in results)
    for result in results:
        seen = f" (last seen {result.last_seen}{_age(result.last_seen, day)})" if result.last_seen else ""
        verdict = paint(result.verdict.ljust(words), VERDICT_STYLE[result.verdict])
        yield f"  {verdict}  {one_line(result.operation).ljust(names)}  {one_line(result.detail)}{seen}"


def _age(seen: str, day: str) -> str:
    try:
        days = (date.fromisoformat(day) - date.fromisoformat(seen)).days
    except ValueError:  # a report that was made by hand
        return ""
    return f", {counted(days, 'day')} ago" if days > 0 else ""


def _summary(report: ApiReport) -> str:
    total = len(report.results)
    counts = ", ".join(f"{report.count(verdict)} {verdict}" for verdict in Verdict if report.count(verdict))
    operations = counted(total, "operation")
    findings = f"; {_severities(report.drifts)}" if report.drifts else ""
    return f"{operations}: {counts}{findings}" if total else "no operation is known"


def _severities(drifts: Sequence[Drift]) -> str:
    firm = [drift for drift in drifts if not drift.suspect]
    counts = [(sum(drift.severity is severity for drift in firm), str(severity)) for severity in Severity]
    counts.append((len(drifts) - len(firm), "suspect"))
    total = counted(len(drifts), "finding")
    return f"{total} ({', '.join(f'{count} {word}' for count, word in counts if count)})"


def _labelled(label: str, lines: Sequence[str], paint: Painter) -> Iterator[str]:
    for position, line in enumerate(lines):
        head = label if position == 0 else ""
        yield paint(head.rjust(_LABEL), "dim") + "  " + line


def _wrapped(label: str, text: str, paint: Painter) -> Iterator[str]:
    room = _WIDTH - _LABEL - 2 if label else _WIDTH - 2
    lines = [
        part
        for paragraph in visible(text).splitlines()
        for part in textwrap.wrap(paragraph, room, break_long_words=False, break_on_hyphens=False) or [""]
    ]
    if label:
        yield from _labelled(label, lines, paint)
    else:
        yield from ("  " + line for line in lines)
