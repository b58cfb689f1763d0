"""A finding that `verify` named, looked for again: what `accept` and `ignore` decide about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

from lookalike import config
from lookalike.api import Api
from lookalike.cli.noted import noted
from lookalike.cli.opening import complete_configured, open_api
from lookalike.cli.verify import verified
from lookalike.contract.drift import Drift
from lookalike.contract.verdict import ApiReport, Verdict
from lookalike.errors import CredentialsRefused, RealApiError, UsageError
from lookalike.visible import one_line

fingerprint_argument = typer.Argument(metavar="FINGERPRINT", help="Of a finding, as `verify` says it.")
api_argument = typer.Argument(
    metavar="API",
    help="A name from pyproject.toml, or a contract's file. Not needed where there is only one.",
    autocompletion=complete_configured,
)
why_option = typer.Option("--why", metavar="TEXT", help="The reason, for who reviews it.")

_FEWEST = 4
_SHOWN = 20


def api_of(name: str, command: str) -> Api:
    """The API of a name, without one the project's only API. Raises UsageError where it has none or several."""
    if name:
        return open_api(name)
    apis = list(config.load().apis)
    if not apis:
        raise UsageError(
            f"which API? pyproject.toml names none\nSay its contract: lookalike {command} contracts/example.yaml\n"
            "A fingerprint is what `lookalike verify` says of a finding"
        )
    if len(apis) > 1:
        raise UsageError(
            f"which API? pyproject.toml names {len(apis)}: {', '.join(apis)}\nSay it: lookalike {command} API"
        )
    return open_api(apis[0])


def asked_again(
    api: Api, *, rate: float | None, budget: int, timeout: float, auth: Mapping[str, str], undone: str
) -> ApiReport:
    """The report of now. Raises RealApiError or CredentialsRefused, beginning with what was not done, where there is
    none.
    """
    report = verified(api, noted(), rate=rate, budget=budget, timeout=timeout, auth=auth)
    if report.message:
        refused = any(result.verdict is Verdict.AUTH for result in report.results)
        raise (CredentialsRefused if refused else RealApiError)(f"{undone}: {report.message}")
    return report


def finding(report: ApiReport, fingerprint: str) -> Drift:
    """The finding with this fingerprint, or with the only one that begins so, four digits or more.

    Raises UsageError, which lists those that are there.
    """
    wanted = fingerprint.strip().lower()
    found = [one for one in report.drifts if one.fingerprint == wanted]
    if not found and len(wanted) >= _FEWEST:
        found = [one for one in report.drifts if one.fingerprint.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} findings begin with {wanted}; write more of it:\n{_listed(found)}")
    if not report.drifts:
        raise UsageError(
            f"{report.api} has no finding {fingerprint} now, and no other\n"
            "Nothing is to be decided: the API is as its contract says."
        )
    raise UsageError(f"{report.api} has no finding {fingerprint} now; there is:\n{_listed(report.drifts)}")


def _listed(drifts: Sequence[Drift]) -> str:
    lines = [f"  {one.fingerprint}  {one_line(one.sentence)}" for one in drifts[:_SHOWN]]
    more = len(drifts) - _SHOWN
    return "\n".join([*lines, f"  and {more} more: lookalike verify"] if more > 0 else lines)
