"""A finding that `verify` named, looked for again: what `accept` and `ignore` decide about."""

from __future__ import annotations

from collections.abc import Mapping

from lookalike import config
from lookalike.api import Api
from lookalike.cli.noted import noted
from lookalike.cli.opening import open_api
from lookalike.cli.verify import verified
from lookalike.contract.drift import Drift
from lookalike.contract.verdict import ApiReport, Verdict
from lookalike.errors import CredentialsRefused, RealApiError, UsageError


def api_of(name: str, command: str) -> Api:
    """The API of a name, without one the project's only API. Raises UsageError where it has none or several."""
    if name:
        return open_api(name)
    apis = list(config.load().apis)
    if len(apis) != 1:
        names = f": {', '.join(apis)}" if apis else ""
        raise UsageError(f"which API? pyproject.toml names {len(apis)}{names}\nSay it: lookalike {command} API")
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
    """The finding with this fingerprint. Raises UsageError, which lists those that are there."""
    drift = next((one for one in report.drifts if one.fingerprint == fingerprint), None)
    if drift is None:
        known = ", ".join(one.fingerprint for one in report.drifts) or "none"
        raise UsageError(f"{report.api} has no finding {fingerprint} now; there is: {known}")
    return drift
