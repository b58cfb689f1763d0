"""Who watches the mocks of this process: the pytest plugin, which reports on them and may let the real API answer.

This module imports nothing, so that an idle plugin costs nothing.
"""

from __future__ import annotations

# As in the package's own file; and a Protocol costs as much as all the rest of an idle plugin's imports.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Protocol

    from lookalike.api.api import Api
    from lookalike.api.doubles import Mock
    from lookalike.double.double import Double

    class Watcher(Protocol):
        """Hears of every mock."""

        def switches(self) -> Mapping[str, Any]:
            """How strict the mocks of the running test are to be, as `Switches` has it."""

        def learns(self, api: Api) -> bool:
            """Whether the running test's answers make the API's contract, so that none needs to be there yet."""

        def opening(self, api: Api, mock: Mock) -> Double:
            """A mock starts; returns what is installed: the mock itself, or a double around it."""

        def closed(self, api: Api, mock: Mock) -> None:
            """A mock ended, whatever it ended with."""

        def replaying(self, api: Api, sources: Sequence[str]) -> str:
            """Recordings are about to be replayed; the recording mode that the run asks for, `""` for their own."""

        def faked(self, api: Api, double: Double) -> None:
            """A fake ended, whatever it ended with."""


_watcher: Watcher | None = None


def current() -> Watcher | None:
    """Who watches now."""
    return _watcher


def replace(watcher: Watcher | None) -> Watcher | None:
    """Let somebody else watch (None: nobody); returns who did before."""
    global _watcher
    before, _watcher = _watcher, watcher
    return before
