"""`lookalike accept`: the API is so now; a new era begins."""

from __future__ import annotations

from typing import Annotated

import typer

from lookalike.api.decided import decisions_file, keep_acceptance, read_decisions
from lookalike.cli.asking import (
    bearer_option,
    budget_option,
    given_auth,
    header_option,
    rate_option,
    timeout_option,
)
from lookalike.cli.finding import api_argument, api_of, asked_again, finding, fingerprint_argument, why_option
from lookalike.cli.opening import learned_of
from lookalike.cli.screen import out
from lookalike.contract.decisions import acceptance_of
from lookalike.contract.disk import from_here
from lookalike.report.terminal import false_mocks

EXAMPLE = """
lookalike accept 3f9c2a71b0de
lookalike accept 3f9c2a71b0de contracts/github.yaml --why "announced for May"
"""


def accept(
    fingerprint: Annotated[str, fingerprint_argument],
    api: Annotated[str, api_argument] = "",
    why: Annotated[str, why_option] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided so.")] = "",
    header: Annotated[str, header_option] = "",
    bearer: Annotated[str, bearer_option] = "",
    rate: Annotated[float | None, rate_option] = None,
    budget: Annotated[int, budget_option] = 200,
    timeout: Annotated[float, timeout_option] = 10.0,
) -> None:
    """Take a finding for how the API is from now on.

    Asks the API again, and begins a new era of the operations that the finding is about: the contract says what they
    answer now, and what was seen before stays as history. Names the mocks that tests declare and that are false now.
    The decision is noted in `lookalike-decisions.yaml` beside pyproject.toml, for review.
    Exit codes: 0 accepted, 3 unreachable, 4 credentials refused; then nothing is.
    """
    from lookalike.contract import files
    from lookalike.live.update import accept as accepted

    opened = api_of(api, "accept FINGERPRINT")
    contract, path = learned_of(opened, "accept")
    auth = given_auth(header, bearer)
    report = asked_again(opened, rate=rate, budget=budget, timeout=timeout, auth=auth, undone="nothing was accepted")
    drift = finding(report, fingerprint)
    decisions = decisions_file()
    read_decisions(decisions)  # a file that can't be read is told before anything is accepted
    files.save(accepted(contract, report, drift.fingerprint), path)
    keep_acceptance(decisions, acceptance_of(drift, report, by=by, why=why))
    screen = out()
    screen.say(f"{screen.paint('accepted', 'good')}  {drift.sentence}")
    for operation in drift.operations:
        screen.say(f"  {operation} is read from today on", "dim")
    screen.say(f"{from_here(path)}: updated", "dim")
    screen.say(f"{from_here(decisions)}: updated", "dim")
    if drift.mocks:
        screen.say(f"{false_mocks(drift)}: correct {'it' if len(drift.mocks) == 1 else 'them'}", "warn")
