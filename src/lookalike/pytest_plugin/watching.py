"""What the plugin knows while tests run. Imports only pytest; what is kept is imported when there is something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lookalike.api.api import Api
    from lookalike.api.doubles import Mock
    from lookalike.contract.reads import Reads
    from lookalike.double.double import Double
    from lookalike.pytest_plugin.coverage import Kept
    from lookalike.pytest_plugin.run import Run
    from lookalike.pytest_plugin.wall import Wall


class Watch:
    """Hears of every mock of the run, and of the test that runs; makes the `Run` when there is something to keep."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.item: pytest.Item | None = None
        self.before: Any = None
        self.owner: pytest.Item | pytest.Collector | None = None  # what a double that starts now belongs to
        self.wall: Wall | None = None
        self._run: Run | None = None
        self.coverage: Kept | None = None  # what is covered of each API; None where nobody asked
        self.replayed: set[str] = set()
        self.reads: dict[str, Reads] = {}  # by API, once the run is over; empty where nobody tracked

    @property
    def used(self) -> bool:
        """Whether anything was kept."""
        return self._run is not None

    @property
    def run(self) -> Run:
        """What is kept of the run."""
        if self._run is None:
            self.close_with_the_run()
            from lookalike.errors import LookalikeError
            from lookalike.pytest_plugin.beside_mocks import mocks_file
            from lookalike.pytest_plugin.run import Run

            try:
                keeps_mocks = mocks_file(self.config) is not None
            except LookalikeError:
                keeps_mocks = False  # said at the end of the run
            option = self.config.getoption
            self._run = Run(option("lookalike_mode"), unsafe=option("lookalike_unsafe"), keeps_mocks=keeps_mocks)
            self._run.har_folder = option("lookalike_har") or ""
            self._run.budget = option("lookalike_budget")
        return self._run

    def close_with_the_run(self) -> None:
        """Let the run's end ask, write and say what there is to be said."""
        manager = self.config.pluginmanager
        if not manager.has_plugin("lookalike-closing"):
            from lookalike.pytest_plugin.closing import Closing

            manager.register(Closing(self), "lookalike-closing")

    def switches(self) -> dict[str, Any]:
        """What the markers `lookalike` of the running test say; that of the test wins over its class and module."""
        if self.item is None:
            return {}
        found: dict[str, Any] = {}
        for marker in reversed(list(self.item.iter_markers("lookalike"))):
            if marker.args:
                from lookalike.errors import UsageError

                raise UsageError(
                    f"@pytest.mark.lookalike({marker.args[0]!r}): say it by name: @pytest.mark.lookalike("
                    'unused="ignore")'
                )
            found.update(marker.kwargs)
        return found

    @property
    def _real(self) -> bool:
        return self.item is not None and self.item.get_closest_marker("real_api") is not None

    def learns(self, api: Api) -> bool:
        """Whether the real API answers, and is learned from."""
        return self._real and self.config.getoption("lookalike_mode") == "record"

    def opening(self, api: Api, mock: Mock) -> Double:
        """A mock starts; the mode decides who answers."""
        test = self.item.nodeid if self.item is not None else ""
        return self.run.opening(api, mock, test, real=self._real)

    def closed(self, api: Api, mock: Mock) -> None:
        """A mock ended."""
        self.run.closed(api, mock, self.item.nodeid if self.item is not None else "")
        self.faked(api, mock)

    def replaying(self, api: Api, sources: Sequence[str]) -> str:
        """Recordings are about to be replayed; the recording mode of the run, `""` for their own."""
        self.close_with_the_run()
        self.replayed.update(source if "://" in source else str(Path(source).absolute()) for source in sources)
        return self.config.getoption("lookalike_record") or ""

    def faked(self, api: Api, double: Double) -> None:
        """A fake ended."""
        if self.coverage is not None:
            self.coverage.closed(api, double)
