"""`--report`: what a command found, in files for people and for other programs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from lookalike.api import Api
from lookalike.api.reported import FORMATS, GITHUB, HTML, source_of, write_reports
from lookalike.cli.opening import contract_of
from lookalike.cli.screen import Screen
from lookalike.errors import LookalikeError
from lookalike.report.verification import Source, Verification


def _option(without: Iterable[str] = ()) -> Any:
    """`--report` of a command that writes all formats but these."""
    formats = [f"{suffix} ({what})" for suffix, what in FORMATS.items() if suffix not in without]
    return typer.Option(
        "--report",
        metavar="FILE",
        help=f"Write what was found there, in the format that the name says: {', '.join(formats)}; or `github`: "
        "print annotations. May be given several times.",
    )


report_option = _option()
diff_report_option = _option(without=(HTML,))  # that page is of runs


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
