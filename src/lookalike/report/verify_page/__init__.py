"""A verification as one HTML page that needs nothing else: what changed, since when, and what that makes false."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from lookalike.contract.past import Timeline
from lookalike.contract.verdict import ApiReport, Verdict
from lookalike.counted import counted
from lookalike.report.html import document
from lookalike.report.verify_page.data import page_data

_BODY = """<header>
<div class="top">
<h1>{title}</h1>
<p id="told">{told}</p>
</div>
<nav id="apis" aria-label="APIs">
<ul>
{apis}
</ul>
</nav>
</header>
<div id="filters" role="search" aria-label="Findings"></div>
<main id="main">
<noscript><p>The findings are drawn by the script of this page; without it only the verdicts are here.</p></noscript>
</main>
<div id="said" role="status" class="hidden"></div>"""


def verification_page(
    reports: Sequence[ApiReport],
    *,
    timelines: Mapping[tuple[str, str], Timeline] | None = None,
    when: str = "",
    arguments: Mapping[str, str] | None = None,
) -> str:
    """The page of one run's reports; the same reports are the same page.

    timelines: the APIs' runs by API and base URL, this one included
    when:      this run's instant in UTC, `2026-11-02T04:17:03Z`, or `""`
    arguments: what names an API on the command line, by API, where that isn't its own name
    """
    data = page_data(reports, timelines=timelines or {}, when=when, arguments=arguments)
    title = _title(reports)
    days = sorted({report.day for report in reports})
    told = f"{when[:10]} {when[11:16]} UTC" if when else " to ".join(dict.fromkeys(days[:1] + days[-1:]))
    body = _BODY.format(
        title=escape(title),
        told=escape(told),
        apis="\n".join(_item(at, report) for at, report in enumerate(reports)),
    )
    return document(title=title, body=body, data=data, style=_asset("page.css"), script=_asset("page.js"))


def _title(reports: Sequence[ApiReport]) -> str:
    """`todos: DRIFT`, `3 APIs: 1 DRIFT, 2 OK`."""
    if len(reports) == 1:
        return f"{reports[0].api}: {reports[0].verdict}"
    verdicts = [report.verdict for report in reports]
    counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict in verdicts]
    return f"{len(reports)} APIs: {', '.join(counts)}" if reports else "Nothing was verified"


def _item(at: int, report: ApiReport) -> str:
    findings = len(report.drifts)
    many = f" <small>{counted(findings, 'finding')}</small>" if findings else ""
    return (
        f'<li><a href="#api-{at}"><b class="verdict {report.verdict.lower()}">{report.verdict}</b> '
        f"<span>{escape(report.api)}</span>{many}</a></li>"
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
