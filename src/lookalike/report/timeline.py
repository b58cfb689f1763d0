"""The runs of an API in plain text, the oldest first, and its findings: those that are open, and those that ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lookalike.contract.decisions import Acceptance, Decision
from lookalike.contract.kinds import Severity
from lookalike.contract.past import Past, Sighting, Step, Timeline
from lookalike.contract.verdict import Verdict
from lookalike.counted import counted
from lookalike.report.terminal import SEVERITY_STYLE, VERDICT_STYLE, Painter, Style, plain
from lookalike.visible import one_line

_CHANGES_SHOWN = 5
_ENDED_SHOWN = 10
_VERDICTS = max(len(verdict) for verdict in Verdict)
_SEVERITIES = [str(severity) for severity in Severity]
_WIDTH = max(map(len, _SEVERITIES))


def render_timelines(
    timelines: Sequence[Timeline],
    *,
    most: int = 14,
    decided: Sequence[Decision | Acceptance] = (),
    paint: Painter = plain,
) -> str:
    """The text of timelines, ending in a newline.

    most:    how many runs of each are shown, the last ones
    decided: what people decided about findings; each API's own stand below its findings
    """
    blocks = []
    for one in timelines:
        own = [decision for decision in decided if decision.api == one.api]
        lines = [*_timeline(one, most, paint), *_decided(own, paint)]
        blocks.append("".join(line + "\n" for line in lines))
    return "\n".join(blocks)


def _timeline(timeline: Timeline, most: int, paint: Painter) -> Iterator[str]:
    runs = timeline.runs
    days = runs[0].day if runs[0].day == runs[-1].day else f"{runs[0].day} to {runs[-1].day}"
    name, base_url = one_line(timeline.api), one_line(timeline.base_url)
    yield f"{paint(name, 'strong')} at {base_url}: {counted(len(runs), 'run')}, {days} (UTC)"
    yield ""
    if len(runs) > most:
        yield paint(f"  {counted(len(runs) - most, 'earlier run')} not shown", "dim")
    for step in timeline.steps[-most:]:
        yield from _step(step, paint)
    findings = list(timeline.pasts.values())
    still = sorted((one for one in findings if one.open), key=lambda one: _SEVERITIES.index(one.severity))
    yield from _findings("open", still, paint)
    ended = sorted((one for one in findings if not one.open), key=lambda one: one.ended, reverse=True)
    yield from _findings("ended", ended[:_ENDED_SHOWN], paint)
    if len(ended) > _ENDED_SHOWN:
        yield paint(f"  and {len(ended) - _ENDED_SHOWN:,} more", "dim")


def _decided(decisions: Sequence[Decision | Acceptance], paint: Painter) -> Iterator[str]:
    if not decisions:
        return
    yield ""
    yield paint("decided", "strong")
    for one in decisions:
        if isinstance(one, Acceptance):
            head, why = f"accepted on {one.accepted}", ", ".join(part for part in (one.by, one.why) if part)
        else:
            head, why = f"ignored until {one.until}", one.why
        yield f"  {head}  {one_line(one.what)} ({one_line(one.fingerprint)})"
        if why:
            yield paint(f"      {one_line(why)}", "dim")


def _step(step: Step, paint: Painter) -> Iterator[str]:
    run = step.run
    verdict = paint(run.verdict.ljust(_VERDICTS), VERDICT_STYLE[run.verdict])
    changes = [*_changes("+", step.came), *_changes("-", step.went)]
    told = _findings_of(step) if run.answered else one_line(run.message.partition("; ")[0])
    head = f"  {run.day} {run.when[11:16]}  {verdict}  {told}".rstrip()
    yield head
    for change in changes:
        yield paint(f"{' ' * 20}{change}", "dim")


def _findings_of(step: Step) -> str:
    """`3 findings, 1 ignored`; a part of the operations that wasn't answered is said too."""
    run = step.run
    ignored = sum(one.ignored for one in run.findings)
    parts = [counted(len(run.findings) - ignored, "finding")] if len(run.findings) > ignored else []
    parts += [f"{ignored:,} ignored"] if ignored else []
    if len(run.answered) < len(run.results):
        parts.append(f"{len(run.answered):,} of {len(run.results):,} operations answered")
    return ", ".join(parts)


def _changes(mark: str, sightings: Sequence[Sighting]) -> list[str]:
    shown = [f"{mark} {one_line(one.sentence)} ({one.fingerprint})" for one in sightings[:_CHANGES_SHOWN]]
    more = len(sightings) - _CHANGES_SHOWN
    return [*shown, f"{mark} {more:,} more"] if more > 0 else shown


def _findings(title: str, pasts: Sequence[Past], paint: Painter) -> Iterator[str]:
    if not pasts:
        return
    yield ""
    yield paint(title, "strong")
    for past in pasts:
        style = "warn" if past.suspect else SEVERITY_STYLE[Severity(past.severity)]
        head = "suspect" if past.suspect else past.severity
        yield f"  {paint(head.rjust(_WIDTH), style)}  {one_line(past.sentence)} ({past.fingerprint})"
        look: Style = "warn" if past.flapping else "dim"
        yield paint(f"{' ' * (_WIDTH + 4)}{past.words}; {one_line(', '.join(past.operations))}", look)
