"""`lookalike ignore`: a finding is known, and not told until a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from lookalike.api.decided import decisions_file, is_day, keep_decision
from lookalike.cli.asking import bearer_option, budget_option, given_auth, header_option, rate_option, timeout_option
from lookalike.cli.finding import api_argument, api_of, asked_again, finding, fingerprint_argument, why_option
from lookalike.cli.screen import out
from lookalike.contract.decisions import Decision
from lookalike.contract.disk import from_here
from lookalike.errors import UsageError
from lookalike.secrets import mask_text

EXAMPLE = """
lookalike ignore 3f9c2a71b0de --until 2027-01-31 --why "the vendor rolls it back, ticket 4711"
"""


def ignore(
    fingerprint: Annotated[str, fingerprint_argument],
    api: Annotated[str, api_argument] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day, as 2027-01-31.")] = "",
    why: Annotated[str, why_option] = "",
    header: Annotated[str, header_option] = "",
    bearer: Annotated[str, bearer_option] = "",
    rate: Annotated[float | None, rate_option] = None,
    budget: Annotated[int, budget_option] = 200,
    timeout: Annotated[float, timeout_option] = 10.0,
) -> None:
    """Leave a finding out of reports and exit codes until a day.

    Asks the API again, so that what is ignored is there, and notes the decision in `lookalike-decisions.yaml` beside
    pyproject.toml, for review. The contract stays as it is, and `verify` says what it ignores.
    Exit codes: 0 noted, 3 unreachable, 4 credentials refused; then nothing is.
    """
    if not is_day(until):
        said = f"--until {until!r} is no day" if until else "--until is missing: say the last day"
        raise UsageError(f"{said}; write it as --until {_in_a_month()}")
    if until < date.today().isoformat():
        raise UsageError(f"--until {until} is past, so nothing would be ignored; write a later day: {_in_a_month()}")
    if not why.strip():
        raise UsageError('--why is missing: say the reason, --why "the vendor rolls it back, ticket 4711"')
    opened = api_of(api, "ignore FINGERPRINT --until DATE --why TEXT")
    auth = given_auth(header, bearer)
    report = asked_again(opened, rate=rate, budget=budget, timeout=timeout, auth=auth, undone="nothing was noted")
    drift = finding(report, fingerprint)
    path = decisions_file()
    keep_decision(
        path, Decision(report.api, drift.fingerprint, mask_text(drift.sentence), mask_text(why.strip()), until)
    )
    screen = out()
    screen.say(f"{screen.paint('ignored', 'warn')}  {drift.sentence}, until {until}")
    screen.say(f"{from_here(path)}: updated", "dim")


def _in_a_month() -> str:
    return date.fromordinal(date.today().toordinal() + 30).isoformat()
