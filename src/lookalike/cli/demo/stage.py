"""What the steps stand on: a folder, the API's process, commands that are really run, and the page they are told on."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self
from xml.etree import ElementTree

from lookalike.cli.demo.real_api import RealApi
from lookalike.cli.screen import Screen
from lookalike.errors import LookalikeError
from lookalike.report.terminal import Style

_INDENT = "   "
_COMMAND_WIDTH = 90
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed: its name, where, and what the error says."""

    test: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """What pytest did; `seconds` is what the tests themselves took."""

    passed: int
    skipped: int
    failures: tuple[Failure, ...]
    seconds: float


class Stage:
    """Runs the demo's commands in its folder and shows them. Leaving it stops the API."""

    def __init__(self, folder: Path, screen: Screen) -> None:
        self.folder = folder
        self._cache = TemporaryDirectory(prefix="lookalike-demo-cache-")
        self.screen = screen
        self.api = RealApi(self._environment())
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.api.stop()
        self._cache.cleanup()

    def title(self, text: str) -> None:
        """Begin the next step."""
        self._number += 1
        self.screen.write(f"\n{self.screen.paint(str(self._number), 'good')}  {self.screen.paint(text, 'strong')}\n")

    def note(self, text: str, style: Style = "") -> None:
        """One line of the step."""
        self.screen.write(f"{_INDENT}{self.screen.paint(text, style)}\n")

    def block(self, text: str, *, indent: str = _INDENT) -> None:
        """Lines of output as they came, but for those too long for the page."""
        for line in text.rstrip().splitlines():
            for part in _wrapped(line, self.screen.width - len(indent)):
                self.screen.repeat((indent + part).rstrip() + "\n")

    def shown(self, *words: str) -> None:
        """The command as a reader would type it, over several lines where it is long."""
        lines = [""]
        for word in map(shlex.quote, words):
            if len(lines[-1]) + len(word) > _COMMAND_WIDTH:
                lines.append("   ")
            lines[-1] += f" {word}"
        for number, line in enumerate(lines, 1):
            text = ("$" if number == 1 else " ") + line + (" \\" if number < len(lines) else "")
            self.screen.write(f"{_INDENT}{self.screen.paint(text, 'dim')}\n")

    def lookalike(self, *arguments: str, expect: int, quiet: bool = False) -> str:
        """Run a command of ours, show it and its output, and return that. Raises if its exit code is another."""
        self.shown("lookalike", *arguments)
        done = self._run([sys.executable, "-m", "lookalike.cli", *arguments])
        if done.returncode != expect:
            raise LookalikeError(
                f"`lookalike {shlex.join(arguments)}` ended with {done.returncode}, not {expect}:\n"
                f"{_ANSI.sub('', done.stdout + done.stderr).rstrip()}"
            )
        if not quiet:
            self.block(done.stdout + (done.stderr if expect > 1 else ""))
        return _ANSI.sub("", done.stdout)

    def pytest(self, *arguments: str, expect: int = 0) -> SuiteRun:
        """Run tests of the folder and return what happened. Raises if pytest's exit code is another."""
        self.shown("pytest", *arguments)
        report = self.folder / "report.xml"
        options = [
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "lookalike.pytest_plugin",
            f"--junitxml={report}",
        ]
        done = self._run([sys.executable, "-m", "pytest", *options, *arguments])
        if done.returncode != expect or not report.exists():
            raise LookalikeError(
                f"pytest ended with {done.returncode}, not {expect}:\n{_ANSI.sub('', done.stdout + done.stderr)}"
            )
        run = _read(report)
        report.unlink()
        return run

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self._environment(), capture_output=True, text=True, timeout=120, check=False
        )

    def _environment(self) -> dict[str, str]:
        """The user's environment without what would change the story: pytest options, plugins, proxies."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "LOOKALIKE_")) and not name.lower().endswith("_proxy")
        }
        look = {"FORCE_COLOR": "1"} if self.screen.paint("x", "bad") != "x" else {"NO_COLOR": "1"}
        return (
            {name: value for name, value in kept.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
            | look
            | {
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "PY_COLORS": "0",  # its report is read, not shown
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONUNBUFFERED": "1",
                "SKIP_REAL": "True",
                "XDG_CACHE_HOME": self._cache.name,  # what is kept of large contracts goes with it
                "COLUMNS": str(self.screen.width - len(_INDENT)),
            }
        )


def _wrapped(line: str, width: int) -> list[str]:
    if len(_ANSI.sub("", line)) <= width:
        return [line]
    deeper = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, width, subsequent_indent=deeper, break_long_words=False, break_on_hyphens=False)


def _read(report: Path) -> SuiteRun:
    # Our own pytest wrote this file a moment ago, so no hostile XML is read here.
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314  see above
    if suite is None:
        raise LookalikeError(f"{report} holds no test suite")
    total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failures = tuple(
        _failure(case, failure) for case in suite.iter("testcase") for failure in case.iter() if _failed(failure)
    )
    return SuiteRun(total - skipped - len(failures), skipped, failures, float(suite.get("time", 0)))


def _failed(element: ElementTree.Element) -> bool:
    return element.tag in ("failure", "error")


def _failure(case: ElementTree.Element, failure: ElementTree.Element) -> Failure:
    text = _ANSI.sub("", failure.text or "")
    said = textwrap.dedent("\n".join(line[1:] for line in text.splitlines() if re.match(r"E( |$)", line)))
    places = [line for line in text.splitlines() if re.match(r"project/\S+\.py:\d+:", line)]
    where = ":".join(places[-1].split(":")[:2]) if places else case.get("classname", "")
    return Failure(case.get("name", ""), where, said.strip())


def clock() -> float:
    """Seconds on a clock that only goes forward."""
    return time.perf_counter()
