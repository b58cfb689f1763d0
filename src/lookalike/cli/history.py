"""`lookalike history`: what verifications found, run after run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from lookalike.api.decided import decisions_file, read_decisions
from lookalike.api.kept import history_of
from lookalike.cli.opening import complete_configured
from lookalike.cli.screen import err, out
from lookalike.contract.decisions import Acceptance, Decision
from lookalike.errors import UsageError
from lookalike.report.timeline import render_timelines

EXAMPLE = """
lookalike history
lookalike history github --runs 30
"""

history_option = typer.Option(
    "--history", metavar="FILE", help="Where runs are kept, in place of the project's .lookalike/history.sqlite."
)


def history(
    api: Annotated[
        str,
        typer.Argument(metavar="API", help="An API's name. All for none.", autocompletion=complete_configured),
    ] = "",
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", help="How many runs are shown, the last ones.", min=1)
    ] = 14,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all that is known.")] = False,
    history: Annotated[str, history_option] = "",
) -> None:
    """What `verify` found, run after run: what is open, since when, how often, what has ended, and what was decided.

    Days and times are in UTC. An outage says nothing of a finding, and isn't counted.
    """
    kept = history_of(history)
    if kept is None:
        raise UsageError(
            "there is no history here: it is kept where pyproject.toml has a [tool.lookalike]\n"
            "Name an API there (`[tool.lookalike.apis.NAME]`), or a file: lookalike verify API --history FILE"
        )
    timelines = kept.timelines(api)
    for warning in kept.warnings:
        err().say(f"warning: {warning}", "warn")
    if not timelines:
        what = f"no run of {api}" if api else "no run"
        known = sorted({one.api for one in kept.timelines()})
        hint = f"Known: {', '.join(known)}" if known else "Next: lookalike verify"
        raise UsageError(f"{kept.path} has {what}\n{hint}")
    decisions = read_decisions(decisions_file())
    decided: list[Decision | Acceptance] = [*decisions.accepted, *decisions.ignored]
    screen = out()
    if as_json:
        from lookalike.codec import encode_json

        told = [
            {**one.to_json(), "decisions": [asdict(decision) for decision in decided if decision.api == one.api]}
            for one in timelines
        ]
        screen.say(encode_json(told).decode())
        return
    screen.write(render_timelines(timelines, most=runs, decided=decided, paint=screen.paint))
