"""`--lookalike-report FILE.html`: the run as one page, from the sections that its modes and options have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike.contract.disk import replace_file
from lookalike.errors import LookalikeError
from lookalike.report.suite_page import Section, suite_page

if TYPE_CHECKING:
    from lookalike.pytest_plugin import Watch

_SECTIONS = pytest.StashKey[dict[str, Section]]()


def add_section(config: pytest.Config, section: Section) -> None:
    """Put a section on the page, in place of one of its name; nothing is written where nobody asked for the page.

    Raises FileError where the page can't be written.
    """
    path = config.getoption("lookalike_report")
    if not path:
        return
    sections = {**config.stash.get(_SECTIONS, {}), section.name: section}
    replace_file(Path(path), suite_page([one for _, one in sorted(sections.items())]).encode())
    config.stash[_SECTIONS] = sections


def end(terminal: pytest.TerminalReporter, watching: Watch) -> None:
    """Put what the mode asked of the real APIs on the page, and say where the page is."""
    config = terminal.config
    mode = config.getoption("lookalike_mode")
    if mode == "audit":
        return  # which says so itself
    try:
        if mode in ("verify", "live"):
            add_section(config, _asked(watching, mode))
    except LookalikeError as error:
        terminal.write_line(str(error), red=True)
        return
    if config.stash.get(_SECTIONS, None):
        terminal.write_line(f"the page: {config.getoption('lookalike_report')}")


def _asked(watching: Watch, mode: str) -> Section:
    from lookalike.pytest_plugin.summary import sections
    from lookalike.report.suite_page.asked import asked_section

    against = "the mocks" if mode == "verify" else "the contract"
    if not watching.used:
        return asked_section((), (), against=against, asked=0)
    run = watching.run
    found = [(one.api, one.what, [test for test in one.tests if test]) for one in run.findings]
    # The first part is the findings, with their tests in words.
    lists = [(title, lines) for title, lines, _ in sections(run)[bool(run.findings) :]]
    return asked_section(found, lists, against=against, asked=len(run.seen))
