"""`lookalike diff`: what changed between two contracts."""

from __future__ import annotations

from typing import Annotated

import typer

from lookalike.api.reported import HTML, checked, source_of
from lookalike.cli.opening import NAMES, allow_refs_option, complete, contract_of, open_api
from lookalike.cli.reports import diff_report_option, show, write
from lookalike.cli.screen import out
from lookalike.contract.kinds import Severity
from lookalike.contract.verdict import of_drifts
from lookalike.report.terminal import render_drifts
from lookalike.report.verification import Verification

EXAMPLE = """
lookalike diff contracts/github.yaml new-github.yaml
"""

_FAILING = {Severity.BREAKING, Severity.RISKY}


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=NAMES, autocompletion=complete)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Another.", autocompletion=complete)],
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for additions too.")] = False,
    allow_refs: Annotated[list[str] | None, allow_refs_option] = None,
    report: Annotated[list[str] | None, diff_report_option] = None,
) -> None:
    """Say what changed from one contract to another.

    And what that means to the code that calls the API. Exit code 1 where something breaking or risky changed for sure.
    """
    from lookalike.contract.compare_contracts import diff as compare

    wanted = checked(report or (), without=(HTML,))  # that page is of runs
    after = contract_of(open_api(new, allow_refs))
    drifts = compare(contract_of(open_api(old, allow_refs)), after)
    screen = out()
    show(render_drifts(drifts, paint=screen.paint), wanted, screen)
    failing = _FAILING | ({Severity.ADDITIVE} if strict else set())
    code = int(any(drift.severity in failing and not drift.suspect for drift in drifts))
    if wanted:
        source = source_of(after)
        sources = {after.name: source} if source is not None else {}
        found = of_drifts(after.name, drifts, [one.key for one in after.operations])
        run = Verification([found], code, sources=sources, strict=strict)
        write(wanted, run, screen)
    if code:
        raise typer.Exit(code)
