"""`lookalike verify`: ask the real APIs again, and say what changed."""

from __future__ import annotations

from typing import Annotated

import typer

from lookalike import config
from lookalike.cli.asking import asker_for, budget_option, rate_option, timeout_option
from lookalike.cli.opening import Opened, open_api
from lookalike.cli.screen import out
from lookalike.contract.verdict import ApiReport, Verdict, exit_code
from lookalike.errors import UsageError
from lookalike.messages import Exchange
from lookalike.report.terminal import render

EXAMPLE = """
lookalike verify
lookalike verify github --update
"""

_FOLDED = {Verdict.OK, Verdict.ADDITIVE}


def verify(
    api: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="API", help="Names from pyproject.toml, or contracts' files; all of the former for none."
        ),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Learn from what is fine or only added; keep the rest apart as disputed.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Additions count as drift.")] = False,
    rate: Annotated[float | None, rate_option] = None,
    budget: Annotated[int, budget_option] = 200,
    timeout: Annotated[float, timeout_option] = 10.0,
) -> None:
    """Ask the real API again, and say what changed.

    With GET and HEAD alone. Exit codes: 0 fine, 1 drift, 3 unreachable or nothing verified, 4 credentials refused.
    """
    opened = [open_api(name, credentials=True) for name in api or _configured()]
    reports = [_verified(one, rate, budget, timeout) for one in opened]
    screen = out()
    screen.write(render(reports, paint=screen.paint))
    if update:
        for one, report in zip(opened, reports, strict=True):
            screen.say(_updated(one, report), "dim")
    raise typer.Exit(exit_code(reports, strict=strict))


def _configured() -> list[str]:
    settings = config.load()
    if not settings.apis:
        where = settings.path or "a pyproject.toml"
        raise UsageError(
            f"{where} names no API to verify\n"
            "Name one there:\n"
            "  [tool.lookalike.apis.example]\n"
            '  contract = "contracts/example.yaml"\n'
            '  base_url = "https://api.example.com"\n'
            "or here: lookalike verify contracts/example.yaml"
        )
    return list(settings.apis)


def _verified(opened: Opened, rate: float | None, budget: int, timeout: float) -> ApiReport:
    from lookalike.live import verify

    if opened.base_url is None:
        raise UsageError(
            f"where is the real API {opened.name!r}? Neither its contract nor pyproject.toml has a base URL\n"
            f'Write there: [tool.lookalike.apis.{opened.name}] base_url = "https://api.example.com"'
        )
    asker = asker_for(opened.base_url, rate=rate, budget=budget, timeout=timeout, auth=opened.auth)
    return verify.verify(opened.contract, asker, base_url=opened.base_url)


def _updated(opened: Opened, report: ApiReport) -> str:
    """Fold into the contract what was fine, keep apart what wasn't; a sentence about it."""
    from lookalike.contract import files, learning

    if opened.path is None or not opened.contract.learned:
        return f"{opened.name}: not updated, its contract was not learned"
    fine = {result.operation for result in report.results if result.verdict in _FOLDED}
    folded: list[Exchange] = []
    disputed: list[Exchange] = []
    for exchange in report.answers:
        path = opened.contract.relative(exchange.request.url)
        operation = opened.contract.find(exchange.request.method, path) if path is not None else None
        (folded if operation is None or operation.key in fine else disputed).append(exchange)
    contract = opened.contract
    if folded:
        contract = learning.fold(contract, folded, day=report.day)
    if disputed:
        contract = learning.dispute(contract, disputed, day=report.day)
    if contract is not opened.contract:
        files.save(contract, opened.path)
    return f"{opened.path}: {len(folded)} answers learned, {len(disputed)} kept apart as disputed"
