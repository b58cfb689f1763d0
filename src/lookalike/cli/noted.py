"""What the tests' last runs noted beside pyproject.toml: the replies that they declare, and what they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lookalike import config
from lookalike.api.declared import mocks_of, read_lines
from lookalike.api.reads_file import DEFAULT, MOCKS, read_reads
from lookalike.cli.screen import err
from lookalike.contract.disk import from_here
from lookalike.contract.reads import Reads
from lookalike.errors import FileError

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract
    from lookalike.contract.drift import DeclaredMock

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Noted:
    """lines: of the file of declared replies; reads: by API."""

    lines: Sequence[dict[str, Any]] = ()
    reads: Mapping[str, Reads] = field(default_factory=dict)

    def mocks(self, api: str, contract: Contract) -> list[DeclaredMock]:
        """The declared replies of one API."""
        return mocks_of(self.lines, api=api, contract=contract)


def noted() -> Noted:
    """What is there; a file that is broken is left as it is, and a warning says what the run goes on without."""
    project = config.load().path
    folder = project.parent if project is not None else Path.cwd()
    return Noted(
        _read(read_lines, folder / MOCKS, [], "no finding names the mocks that it makes false"),
        _read(read_reads, folder / DEFAULT, {}, "every place counts as read"),
    )


def _read(read: Callable[[Path], _Read], path: Path, nothing: _Read, without: str) -> _Read:
    try:
        return read(from_here(path))
    except FileError as error:
        where = f"{error.path}, {error.place}" if error.place else error.path
        err().say(f"warning: {where}: {error.problem}; in this run {without}", "warn")
        err().say(error.hint)
        return nothing
