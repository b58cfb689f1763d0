"""The end of a run: what its mode asks and writes, and what is said in the terminal.

Registered once there is something to keep, or an option asks for an end: an idle run has none.
"""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.pytest_plugin import Watch


class Closing:
    """The hooks of a run's end."""

    def __init__(self, watching: Watch) -> None:
        self._watching = watching

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist is done: take over what it kept."""
        watching, output = self._watching, getattr(node, "workeroutput", {})
        if kept := output.get("lookalike"):
            watching.run.add(kept)
        watching.replayed.update(output.get("lookalike_replayed", ()))
        if (kept := output.get("lookalike_coverage")) and watching.coverage is not None:
            watching.coverage.add(kept)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Ask and write what the mode says; drift makes the run fail."""
        watching, config = self._watching, session.config
        auditing = config.pluginmanager.get_plugin("lookalike-audit")
        if auditing is not None and watching.coverage is not None:
            auditing.cover(watching.coverage)
        output = getattr(config, "workeroutput", None)
        if output is not None:
            self._hand_over(output)
            return
        failed = self._has_orphans(config)
        if watching.coverage is not None and not config.getoption("collectonly"):
            failed |= bool(watching.coverage.shortfalls())
        if watching.used or config.getoption("lookalike_mocks"):
            from lookalike.pytest_plugin.ending import end

            watching.run.reads = watching.reads
            failed |= end(watching.run, session)
        if failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _hand_over(self, output: dict[str, Any]) -> None:
        """What a worker of pytest-xdist kept, for the process that says it."""
        watching = self._watching
        output["lookalike_replayed"] = sorted(watching.replayed)
        if watching.used:
            output["lookalike"] = watching.run.as_data()
        if watching.coverage is not None:
            output["lookalike_coverage"] = watching.coverage.as_data()

    def _has_orphans(self, config: pytest.Config) -> bool:
        """Name recordings that no test replays; they make the run fail."""
        folders = config.getoption("lookalike_orphans")
        if not folders or config.getoption("collectonly"):
            return False
        from lookalike.pytest_plugin.orphans import write

        reporter = config.pluginmanager.get_plugin("terminalreporter")
        return reporter is not None and write(reporter, folders, self._watching.replayed)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Say what the tests can't: what was unknown, doubtful, said on purpose, or drifted."""
        watching, verbose = self._watching, config.get_verbosity() > 0
        if watching.used:
            from lookalike.pytest_plugin.summary import write

            write(terminalreporter, watching.run, verbose=verbose)
        if config.getoption("collectonly"):
            return
        if watching.coverage is not None:
            from lookalike.pytest_plugin import coverage

            coverage.write(terminalreporter, watching.coverage, verbose=verbose)
        if config.getoption("lookalike_report"):
            from lookalike.pytest_plugin import page

            page.end(terminalreporter, watching)
