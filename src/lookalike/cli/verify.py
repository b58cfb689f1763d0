"""`lookalike verify`: ask the real APIs again, and say what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, get_args

import typer

from lookalike import config
from lookalike.api import Api
from lookalike.api.decided import settled
from lookalike.api.kept import keep
from lookalike.api.reported import checked
from lookalike.cli.asking import (
    asker_for,
    bearer_option,
    budget_option,
    given_auth,
    header_option,
    rate_option,
    timeout_option,
)
from lookalike.cli.history import history_option
from lookalike.cli.noted import Noted, noted
from lookalike.cli.opening import allow_refs_option, base_url_of, complete, contract_of, open_api
from lookalike.cli.reports import report_option, show, sources_of, write
from lookalike.cli.screen import err, out
from lookalike.cli.several import reports_of
from lookalike.contract.disk import from_here
from lookalike.contract.verdict import ApiReport, FailOn, exit_code
from lookalike.errors import FileError, UsageError
from lookalike.report.terminal import render
from lookalike.report.verification import Verification

EXAMPLE = """
lookalike verify
lookalike verify github --update
lookalike verify --report drift.html --report drift.sarif --report github
"""


def verify(
    api: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="API",
            help="Names from pyproject.toml, or contracts' files. All of the former for none.",
            autocompletion=complete,
        ),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Learn from what fits or is only added; keep the rest apart, unread.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Additions count as drift; the same as --fail-on additive.")
    ] = False,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="The least severity that ends with 1: additive, risky or breaking.",
            show_default="`fail_on` of pyproject.toml, else risky",
        ),
    ] = "",
    recording: Annotated[
        list[str] | None,
        typer.Option(
            "--recording", metavar="FILE", help="Ask what was recorded there, and hold the answers to those of then."
        ),
    ] = None,
    header: Annotated[str, header_option] = "",
    bearer: Annotated[str, bearer_option] = "",
    rate: Annotated[float | None, rate_option] = None,
    budget: Annotated[int, budget_option] = 200,
    timeout: Annotated[float, timeout_option] = 10.0,
    allow_refs: Annotated[list[str] | None, allow_refs_option] = None,
    history: Annotated[str, history_option] = "",
    report: Annotated[list[str] | None, report_option] = None,
) -> None:
    """Ask the real API again, and say what changed.

    With GET and HEAD alone. Of all that pyproject.toml names, what has no contract is UNVERIFIED. Findings that
    `lookalike ignore` names are only counted.
    Exit codes: 0 fine, 1 drift, 3 unreachable or nothing verified, 4 credentials refused.
    """
    wanted = checked(report or ())
    failing = _failing(fail_on, strict)
    if recording:
        raise typer.Exit(
            _of_recording(
                recording, api, failing=failing, rate=rate, budget=budget, timeout=timeout,
                auth=given_auth(header, bearer), update=update, wanted=wanted,
            )
        )  # fmt: skip
    apis = [open_api(name, allow_refs) for name in api or _configured()]
    unknown = {} if api else _unknown(apis)
    auth = given_auth(header, bearer)
    if auth and len(apis) > 1:
        raise UsageError("--header and --bearer are for one API; name it: lookalike verify API --bearer env:API_TOKEN")
    known = [one for one in apis if one.name not in unknown]
    for one in known:
        _ = auth or one.auth  # what isn't in the environment is told before anything is asked
    beside = noted()
    asked = iter(
        reports_of(known, lambda one: verified(one, beside, rate=rate, budget=budget, timeout=timeout, auth=auth))
    )
    reports = [_held(unknown.get(one.name) or next(asked), failing) for one in apis]
    when = datetime.now(UTC)
    learned = {one.name for one in known if contract_of(one).learned}
    kept = keep(reports, when=when, named=history, learned=learned)
    reports = list(kept.reports)
    code = exit_code(reports)
    # As it was when the answers were held to it: --update writes another.
    sources = sources_of(apis) if wanted else {}
    screen = out()
    shown = [_doing(one) for one in reports] if update else reports
    show(render(shown, paint=screen.paint, pasts=kept.pasts), wanted, screen)
    for warning in kept.warnings:
        err().say(f"warning: {warning}", "warn")
    if any(": " in warning and ";" not in warning for warning in kept.warnings):
        err().say("Next: lookalike verify --history FILE keeps runs in another file")
    if update:
        for one, found in zip(apis, reports, strict=True):
            if one.name in unknown:
                continue
            screen.say(_updated(one, found), "dim")
    if wanted:
        configured = config.load().apis
        named = {name: source.path for name, source in sources.items() if name not in configured}
        instant = when.strftime("%Y-%m-%dT%H:%M:%SZ")
        write(
            wanted, Verification(reports, code, instant, kept.timelines, sources, named, failing == "additive"), screen
        )
    raise typer.Exit(code)


def _of_recording(
    recording: list[str], names: list[str] | None, *, failing: FailOn | None, update: bool,
    auth: Mapping[str, str] | None, rate: float | None, budget: int, timeout: float, wanted: Sequence[str],
) -> int:  # fmt: skip
    """Ask what was recorded again, and tell; the exit code."""
    from lookalike.api.recording import learned_from
    from lookalike.export.mocks import origin
    from lookalike.live.verify import verify as ask
    from lookalike.traffic import read

    if update:
        raise UsageError("--update teaches a contract; a recording is made anew: pytest --lookalike-record=all")
    if names and len(names) > 1:
        raise UsageError("--recording is of one API; name one: lookalike verify API --recording FILE")
    api = open_api(names[0]) if names else None
    first = next(iter(read(*recording)), None)
    base_url = base_url_of(api) if api is not None else origin(first.request) if first is not None else ""
    contract = learned_from(recording, base_url, api.name if api is not None else base_url.partition("://")[2])
    asker = asker_for(base_url, rate=rate, budget=budget, timeout=timeout, auth=auth or (api.auth if api else {}))
    report = _held(ask(contract, asker, base_url=base_url), failing)
    screen = out()
    show(render([report], paint=screen.paint), wanted, screen)
    code = exit_code([report])
    write(wanted, Verification([report], code, strict=failing == "additive"), screen)
    return code


def _failing(said: str, strict: bool) -> FailOn | None:
    """What the options say of the least severity that fails; None where they leave it to pyproject.toml."""
    if strict and said not in ("", "additive"):
        raise UsageError(f"--strict is --fail-on additive; leave one of them out, or --fail-on {said} as it is")
    for known in get_args(FailOn):
        if said == known:
            return said  # type: ignore[return-value]  # it is one of them
    if said:
        raise UsageError(f"--fail-on {said}: there is no such severity; write additive, risky or breaking")
    return "additive" if strict else None


def _held(report: ApiReport, failing: FailOn | None) -> ApiReport:
    """The report as the project has decided, and the command's options before it."""
    found = settled(report)
    return found if failing is None else replace(found, fail_on=failing)


def _unknown(apis: Sequence[Api]) -> dict[str, ApiReport]:
    """Reports, by name, of the project's APIs that can't be asked: nothing says what they should answer, or where.

    Raises UsageError where that is all of them.
    """
    found: dict[str, ApiReport] = {}
    for one in apis:
        try:
            contract_of(one)
            base_url_of(one)
        except FileError:
            raise
        except UsageError as error:
            if len(found) == len(apis) - 1:
                raise
            where = one.base_url or "an unknown place"
            found[one.name] = ApiReport(one.name, where, date.today().isoformat(), message=str(error))
    return found


def verified(
    api: Api, beside: Noted, *, rate: float | None, budget: int, timeout: float, auth: Mapping[str, str] | None = None
) -> ApiReport:
    """The report about one API, with the mocks that its tests declared when they last ran.

    auth: in place of what the API's own settings say
    """
    from lookalike.live.verify import verify as ask

    contract, base_url = contract_of(api), base_url_of(api)
    asker = asker_for(base_url, rate=rate, budget=budget, timeout=timeout, auth=auth or api.auth)
    mocks = beside.mocks(api.name, contract)
    return ask(contract, asker, base_url=base_url, mocks=mocks, reads=beside.reads.get(api.name))


def _doing(report: ApiReport) -> ApiReport:
    """The report without the advice to do what `--update` does right now."""
    drifts = tuple(replace(one, suggestion="") if "--update" in one.suggestion else one for one in report.drifts)
    return replace(report, drifts=drifts)


def _configured() -> list[str]:
    settings = config.load()
    if not settings.apis:
        where = f"{settings.path} names no API" if settings.path else "there is no pyproject.toml here or above"
        raise UsageError(
            f"{where}, so there is nothing to verify\n"
            "Name one in pyproject.toml:\n"
            "  [tool.lookalike.apis.example]\n"
            '  contract = "contracts/example.yaml"\n'
            '  base_url = "https://api.example.com"\n'
            "or here: lookalike verify contracts/example.yaml"
        )
    return list(settings.apis)


def _updated(api: Api, report: ApiReport) -> str:
    """Teach the contract what was found; a sentence about it."""
    from lookalike.contract import files
    from lookalike.live.update import update

    before = contract_of(api)
    if api.path is None:
        return f"{api.name}: a ready-made API isn't updated"
    after = update(before, report)
    if after is before:
        return f"{from_here(api.path)}: nothing to learn"
    beside = files.evidence_path(api.path)
    kept = [(path, _content(path)) for path in (api.path, beside)]
    files.save(after, api.path)
    written = [str(path) for path, content in kept if _content(path) != content]
    if str(api.path) in written:
        return f"{from_here(api.path)}: updated"
    why = "is as it was" if before.learned else "wasn't learned, and stays as it is"
    return f"{from_here(api.path)} {why}; {f'{from_here(beside)}: updated' if written else 'nothing to learn'}"


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
