"""`--report`: what a command found, in files for people and for other programs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

import typer

from lookalike import __version__
from lookalike.api import Api
from lookalike.api.reported import FORMATS, GITHUB, source_of, write_reports
from lookalike.cli.opening import contract_of
from lookalike.cli.screen import Screen
from lookalike.errors import LookalikeError
from lookalike.report.verification import Source, Verification

report_option = typer.Option(
    "--report",
    metavar="FILE",
    help="Write what was found there, in the format that the name says: "
    f"{', '.join(f'{suffix} ({what})' for suffix, what in FORMATS.items())}; or `github`: print annotations. "
    "May be given several times.",
)


def sources_of(apis: Iterable[Api]) -> dict[str, Source]:
    """The contracts' files, by API; one that can't be read is left out, as the command itself says why."""
    found = {}
    for one in apis:
        try:
            source = source_of(contract_of(one))
        except LookalikeError:
            continue
        if source is not None:
            found[one.name] = source
    return found


def show(text: str, names: Sequence[str], screen: Screen) -> None:
    """Write a command's own text; where GitHub's runner reads it, so that no line of it is a command to the runner."""
    if GITHUB in names:
        # Nobody may guess the word that ends the silence: what an API answers is in the text.
        word = secrets.token_hex(16)
        text = f"::stop-commands::{word}\n{text}::{word}::\n"
    screen.write(text)


def write(names: Sequence[str], run: Verification, screen: Screen) -> None:
    """Write a run's reports. Raises FileError."""
    screen.write(write_reports(names, run))


def write(names: Iterable[str], run: Verification, screen: Screen) -> None:
    """Write a run's reports, each beside its place and then in it. Raises FileError."""
    for name in names:
        if name == GITHUB:
            from lookalike.report.github import github

            screen.write(github(run))
        else:
            replace_file(Path(name), _WRITERS[Path(name).suffix.lower()](run))


def source_of(api: Api) -> Source | None:
    """Where the contract of an API is; None for a ready-made API."""
    if api.path is None:
        return None
    shown = _relative(api.path)
    try:
        text = read_document(api.path).decode("utf-8-sig", "replace")
        return Source(shown, text=text, contract=contract_of(api))
    except LookalikeError:
        return Source(shown)


def _relative(path: Path) -> str:
    here = Path.cwd()
    own = path.absolute()
    return (own.relative_to(here) if own.is_relative_to(here) else own).as_posix()


def _html(run: Verification) -> bytes:
    from lookalike.report.verify_page import verification_page

    return verification_page(run.reports, timelines=run.timelines, when=run.when, arguments=run.arguments).encode()


def _json(run: Verification) -> bytes:
    from lookalike.report.json_report import json_report

    return json_report(run)


def _markdown(run: Verification) -> bytes:
    from lookalike.report.markdown import markdown

    return markdown(run).encode()


def _sarif(run: Verification) -> bytes:
    from lookalike.report.sarif import sarif

    return sarif(run, version=__version__)


def _junit(run: Verification) -> bytes:
    from lookalike.report.junit import junit

    return junit(run)


_WRITERS: Mapping[str, Callable[[Verification], bytes]] = {
    ".html": _html, ".json": _json, ".md": _markdown, ".sarif": _sarif, ".xml": _junit,
}  # fmt: skip
