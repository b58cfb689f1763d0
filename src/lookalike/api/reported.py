"""Reports of a verification, written to files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.contract.past import NO_PASTS, Pasts, Timeline
from lookalike.contract.verdict import ApiReport
from lookalike.errors import FileError, LookalikeError
from lookalike.report.data import Source, data_of
from lookalike.report.formats import GITHUB, HTML, format_of, render_as

if TYPE_CHECKING:
    from lookalike.api.api import Api
    from lookalike.contract.contract import Contract

StrPath = str | os.PathLike[str]
# A line in a document beyond this isn't worth the time to find it.
_MOST_READ = 64 * 1024 * 1024


def check(named: Iterable[StrPath], *, html: bool = True) -> tuple[str, ...]:
    """The names of reports, each of a known format. Raises UsageError: before an API is asked, not after."""
    found = tuple(dict.fromkeys(os.fspath(name) for name in named))
    for name in found:
        format_of(name, html=html)
    return found


def source_of(contract: Contract) -> Source | None:
    """The file of a contract; None where it isn't one."""
    path = Path(contract.source) if contract.source else None
    if path is None or not path.is_file():
        return None
    shown = path.resolve()
    here = Path.cwd().resolve()
    named = shown.relative_to(here) if shown.is_relative_to(here) else shown
    text = ""
    if path.suffix != ".gz" and path.stat().st_size <= _MOST_READ:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    return Source(named.as_posix(), text, contract)


def sources_of(apis: Iterable[Api]) -> dict[str, Source]:
    """The contracts' files of APIs; one that can't be read is left out, as verification says why."""
    found = {}
    for api in apis:
        try:
            contract = api.contract
            source = source_of(contract) if contract is not None else None
        except (LookalikeError, OSError):
            continue
        if source is not None:
            found[api.name] = source
    return found


def write_reports(
    named: Sequence[str],
    reports: Sequence[ApiReport],
    *,
    sources: Mapping[str, Source] | None = None,
    pasts: Pasts = NO_PASTS,
    timelines: Mapping[tuple[str, str], Timeline] | None = None,
    when: str = "",
    arguments: Mapping[str, str] | None = None,
    strict: bool = False,
    exit_code: int | None = None,
) -> str:
    """Write each report beside its place, then rename it; the text of the annotations, if they are asked for.

    named: as `check` gave them. Raises FileError.
    """
    data = data_of(reports, pasts=pasts, sources=sources, strict=strict, exit_code=exit_code)
    annotations = ""
    for name in named:
        suffix = format_of(name)
        if suffix == GITHUB:
            from lookalike.report.github import as_annotations

            annotations = as_annotations(data)
        elif suffix == HTML:
            from lookalike.report.verify_page import verification_page

            page = verification_page(reports, timelines=timelines, when=when, arguments=arguments)
            _write(name, page)
        else:
            _write(name, render_as(suffix, data))
    return annotations


def _write(name: str, text: str) -> None:
    from lookalike.contract.disk import replace_file

    path = Path(name)
    if path.is_dir():
        raise FileError(path, "a folder is there, and a report is a file", hint="Choose another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text.encode())


def silenced(text: str, token: str) -> str:
    """A text between commands that make GitHub's runner take no line of it for a command of its own.

    token: nobody may guess it, as it ends the silence
    """
    return f"::stop-commands::{token}\n{text}::{token}::\n"
