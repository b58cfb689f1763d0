"""The formats of a verification's reports, by the suffix of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from lookalike.errors import UsageError

#: The name that asks for annotations on standard output, in place of a file's.
GITHUB = "github"
#: Drawn from the reports themselves, with their history.
HTML = ".html"


def _json(data: Mapping[str, Any]) -> str:
    from lookalike.report.json_report import as_json

    return as_json(data)


def _junit(data: Mapping[str, Any]) -> str:
    from lookalike.report.junit import as_junit

    return as_junit(data)


def _sarif(data: Mapping[str, Any]) -> str:
    from lookalike import __version__
    from lookalike.report.sarif import as_sarif

    return as_sarif(data, version=__version__)


def _markdown(data: Mapping[str, Any]) -> str:
    from lookalike.report.markdown import as_markdown

    return as_markdown(data)


FORMATS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    ".json": ("JSON", _json),
    ".xml": ("JUnit XML", _junit),
    ".sarif": ("SARIF 2.1.0", _sarif),
    ".md": ("Markdown", _markdown),
}


def format_of(name: str, *, html: bool = True) -> str:
    """The suffix that tells a report's format, or `github`. Raises UsageError that lists them.

    html: whether there is a page of what is reported
    """
    if name == GITHUB:
        return GITHUB
    suffix = PurePath(name).suffix.lower()
    if suffix in FORMATS or (html and suffix == HTML):
        return suffix
    known = [f"{one} ({title})" for one, (title, _) in FORMATS.items()] + ([f"{HTML} (a page)"] if html else [])
    raise UsageError(
        f"--report {name}: no format is known by that name\n"
        f"Name a file that ends in {', '.join(known[:-1])} or {known[-1]}, or `{GITHUB}` for annotations"
    )


def render_as(suffix: str, data: Mapping[str, Any]) -> str:
    """The text of a report in one of `FORMATS`."""
    return FORMATS[suffix][1](data)
