"""The project's history of verifications: where it lies, and a run added to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lookalike import config
from lookalike.api.reads_file import MOCKS
from lookalike.contract.disk import from_here
from lookalike.contract.insisted import insisted
from lookalike.contract.past import Pasts, Timeline, key_of, run_of
from lookalike.contract.verdict import ApiReport

if TYPE_CHECKING:
    from lookalike.history.store import History

#: Beside the declared replies, in a folder that Git ignores.
DEFAULT = MOCKS.with_name("history.sqlite")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known after a run, the run included.

    timelines: by API and base URL
    reports:   those of the run, with what the runs before make sure
    warnings:  why nothing was kept or read, a sentence each
    """

    timelines: dict[tuple[str, str], Timeline]
    reports: tuple[ApiReport, ...]
    warnings: tuple[str, ...] = ()

    @property
    def pasts(self) -> Pasts:
        """What all kept runs say of each finding."""
        return {key: timeline.pasts for key, timeline in self.timelines.items()}


def history_of(named: str = "") -> History | None:
    """The project's history: `named`, else what `[tool.lookalike.history]` says, else `.lookalike/history.sqlite`.

    None where there is no project with a `[tool.lookalike]`, and no file is named. Raises ImportError where this Python
    was built without SQLite.
    """
    from lookalike.history.store import KEEP, History

    settings = config.load()
    keep = settings.history.keep or KEEP
    if named:
        return History(named, keep=keep)
    if settings.history.path is not None:
        return History(settings.history.path, keep=keep)
    if settings.path is None or not settings.declared:
        return None
    return History(from_here(settings.path.parent / DEFAULT), keep=keep, own=True)


def keep(reports: Sequence[ApiReport], *, when: datetime, named: str = "", learned: Collection[str] = ()) -> Kept:
    """Add a run to the project's history, and read what came before. Nothing is raised for a history that is broken,
    locked or can't be written: then the run stands alone, or beside what can be read.

    when: of the run, with its time zone; named: a file in place of the project's; learned: APIs with learned contracts
    """
    warnings: list[str] = []
    try:
        history = history_of(named)
    except ImportError as error:
        history, warnings = None, [f"this run isn't kept: this Python has no SQLite ({error})"]
    earlier = history_of(named) if history is not None else None  # what is wrong with the file is told by who writes
    if history is not None and earlier is not None:
        reports = [insisted(one, earlier.past(*key_of(one)), learned=one.api in learned) for one in reports]
        history.add(reports, when=when)
        warnings = history.warnings
    found = {}
    for report in reports:
        key = key_of(report)
        before = history.timeline(*key) if history is not None else Timeline(*key)
        found[key] = before.add(run_of(report, when))
    return Kept(found, tuple(reports), tuple(warnings))
