"""Reports of a verification, written to files: the format is told by the name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.contract.disk import from_here, read_document, replace_file
from lookalike.contract.verdict import ApiReport, exit_code
from lookalike.errors import FileError, LookalikeError, UsageError
from lookalike.report.verification import Source, Verification

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract

StrPath = str | os.PathLike[str]
#: The name that asks for annotations, which go to standard output.
GITHUB = "github"
HTML = ".html"
#: By the suffix of a file's name.
FORMATS: Mapping[str, str] = {
    HTML: "a page to look at",
    ".json": "JSON, with a schema",
    ".md": "Markdown, for a pull request",
    ".sarif": "SARIF 2.1.0, for code scanning",
    ".xml": "JUnit XML",
}


def checked(names: StrPath | Iterable[StrPath], *, without: Sequence[str] = ()) -> list[str]:
    """The names, each once, before anything is asked. Raises UsageError for one whose suffix no format has, and
    FileError for one that can't be written.

    without: formats that can't show what is reported
    """
    given = [names] if isinstance(names, str | os.PathLike) else list(names)
    known = {suffix: what for suffix, what in FORMATS.items() if suffix not in without}
    found = list(dict.fromkeys(os.fspath(name) for name in given))
    for name in found:
        if name == GITHUB:
            continue
        if _suffix(name) not in known:
            listed = ", ".join(f"{suffix} ({what})" for suffix, what in known.items())
            why = (
                "that page shows runs of `lookalike verify`"
                if _suffix(name) in FORMATS
                else "the end of the name says what is written, and no format has this one"
            )
            raise UsageError(f"--report {name}: {why}\nLet it end in one of {listed}; or `{GITHUB}` for annotations")
        _check_place(Path(name))
    return found


def _check_place(path: Path) -> None:
    """Raise FileError for a report that couldn't be written, before anything is asked for it."""
    if path.is_dir():
        raise FileError(path, "a folder is there, and a report is a file", hint="Choose another name.")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise FileError(path, f"can't be written: {from_here(above)} is a file, no folder", hint="Choose another name.")
    if not os.access(above, os.W_OK):
        raise FileError(
            path, f"can't be written: nobody may write in {from_here(above)}", hint="Choose another name, or allow it."
        )


def write_reports(names: Iterable[str], run: Verification) -> str:
    """Write a run's reports, each beside its place and then renamed; the annotations, if asked for, as text.

    names: as `checked` gave them. Raises FileError.
    """
    annotations = ""
    for name in names:
        if name == GITHUB:
            from lookalike.report.github import github

            annotations = github(run)
        else:
            path = Path(name)
            _check_place(path)
            replace_file(path, _WRITERS[_suffix(name)](run))
    return annotations


def write_report(names: Iterable[str], report: ApiReport, contract: Contract) -> None:
    """Write one report that Python asked for; annotations are for a command's output, and are printed."""
    source = source_of(contract)
    run = Verification([report], exit_code([report]), sources={report.api: source} if source is not None else {})
    annotations = write_reports(names, run)
    if annotations:
        sys.stdout.write(annotations)


def source_of(contract: Contract) -> Source | None:
    """The file of a contract, named as it is reached from here; None where it isn't a file."""
    path = Path(contract.source)
    if not contract.source or not path.is_file():
        return None
    shown = from_here(path.absolute()).as_posix()
    try:
        text = "" if path.suffix == ".gz" else read_document(path).decode("utf-8-sig", "replace")
    except LookalikeError:
        text = ""
    return Source(shown, text, contract)


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


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
    from lookalike import __version__
    from lookalike.report.sarif import sarif

    return sarif(run, version=__version__)


def _junit(run: Verification) -> bytes:
    from lookalike.report.junit import junit

    return junit(run)


_WRITERS: Mapping[str, Callable[[Verification], bytes]] = {
    HTML: _html,
    ".json": _json,
    ".md": _markdown,
    ".sarif": _sarif,
    ".xml": _junit,
}
