"""`--lookalike-report FILE.html`: the run as one page, from the sections that its modes and options have."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.contract.disk import replace_file
from lookalike.report.suite_page import Section, suite_page

_SECTIONS = pytest.StashKey[dict[str, Section]]()


def add_section(config: pytest.Config, section: Section) -> None:
    """Put a section on the page, in place of one of its name; nothing is written where nobody asked for the page.

    Raises FileError where the page can't be written.
    """
    path = config.getoption("lookalike_report")
    if not path:
        return
    sections = config.stash.setdefault(_SECTIONS, {})
    sections[section.name] = section
    replace_file(Path(path), suite_page([one for _, one in sorted(sections.items())]).encode())
