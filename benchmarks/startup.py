"""What a double costs before it answers anything: its import, its first use, and its pytest plugin in an idle run.

    python -m benchmarks startup [--quick]

CPU time over the floor, medians of interleaved rounds, five times as many where there is a target; each process has
its bytecode at hand. The floors: Python that imports the client, and pytest with an empty plugin over one empty test.
"first use" is the import, a double entered, one route declared, and the double left. The targets: `import lookalike` at
most 30 ms over bare Python, and an idle plugin at most 5 ms over bare pytest.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.worker import NO_PYTHON, ROOT, old_python

MORE = 5  # times as many rounds: what is held to a target is a small difference of two large figures
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull)


@dataclass(frozen=True)
class Row:
    """Milliseconds of CPU time over the floor (median), what that may be at most, or why there are none."""

    what: str
    on_top_of: str
    tool: str
    milliseconds: float | None
    target: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Floor:
    """A command, and what is measured over it: rows without a figure, each with its command."""

    command: tuple[str, ...]
    over: tuple[tuple[Row, tuple[str, ...]], ...]


#: The module that a tool's users import, by the client that is imported before. lookalike's face is lazy, so its class
#: is asked for too.
MODULES = {
    "requests": {
        "lookalike": "lookalike; lookalike.Api",
        "responses": "responses",
        "requests-mock": "requests_mock",
        "pook": "pook",
        "vcrpy": "vcr",
        "httpretty": "httpretty",
        "mocket": "mocket",
        "pytest-httpserver": "pytest_httpserver",
    },
    "httpx": {
        "lookalike": "lookalike; lookalike.Api",
        "respx": "respx",
        "pytest-httpx": "pytest_httpx",
    },
    "aiohttp": {"lookalike": "lookalike; lookalike.Api", "aioresponses": "aioresponses"},
}
PLUGINS = {
    "lookalike": "lookalike.pytest_plugin",
    "requests-mock": "requests_mock.contrib._pytest_plugin",
    "respx": "respx.plugin",
    "pytest-httpx": "pytest_httpx",
    "pook": "pook.pytest_fixture",
    "pytest-httpserver": "pytest_httpserver.pytest_plugin",
}


def _floors() -> list[Floor]:
    """All that is measured."""
    bare = Row("import", "Python", "lookalike", None, 30.0)
    floors = [Floor((sys.executable, "-c", "pass"), ((bare, (sys.executable, "-c", "import lookalike")),))]
    for client, modules in MODULES.items():
        python = old_python() if client == "aiohttp" else sys.executable
        ready = f"import {client}\nfrom benchmarks.peers import TOOLS, Case\n"
        uses = (f"with TOOLS[{tool!r}](Case(1, 'small')): pass" for tool in modules)
        for what, prefix, codes in (
            ("import", f"import {client}; ", (f"import {name}" for name in modules.values())),
            ("first use", ready, uses),
        ):
            over = tuple(
                (Row(what, client, tool, None), (python, "-c", prefix + code))
                for tool, code in zip(modules, codes, strict=True)
            )
            floors.append(Floor((python, "-c", prefix), over))
    # `-p` makes pytest look through the entry points of all that is installed, as it does anyway where plugins load by
    # themselves; so the floor names a plugin too, an empty one.
    plugins = tuple(
        (Row("idle plugin", "pytest", tool, None, 5.0 if tool == "lookalike" else None), (*PYTEST, "-p", plugin))
        for tool, plugin in PLUGINS.items()
    )
    own = tuple(over for over in plugins if over[0].target)
    peers = tuple(over for over in plugins if not over[0].target)
    return [*floors, *(Floor((*PYTEST, "-p", "empty_plugin"), over) for over in (own, peers))]


def rows(*, quick: bool = False) -> list[Row]:
    """Measure all; with `quick`, briefly."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing(): pass\n", "utf-8")
        Path(folder, "empty_plugin.py").touch()
        environment = {
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode")),
            "PYTHONWARNINGS": "ignore",
        }
        rounds = 2 if quick else 9
        return [row for floor in _floors() for row in _processes(floor, rounds, folder, environment)]


def _processes(floor: Floor, rounds: int, folder: str, environment: dict[str, str]) -> list[Row]:
    taken: list[list[float]] = [[] for _ in floor.over]
    failures = ["" for _ in floor.over]
    closer = MORE if any(row.target for row, _ in floor.over) else 1
    for turn in range(closer * rounds + 1):
        try:
            before = _cpu(floor.command, folder, environment)
        except _Ended as error:
            return [_failed(row, str(error)) for row, _ in floor.over]
        for at, (_, command) in enumerate(floor.over):
            if failures[at]:
                continue
            try:
                over = _cpu(command, folder, environment) - before
            except _Ended as error:
                failures[at] = str(error)
                continue
            if turn:  # the first writes the bytecode
                taken[at].append(over)
    return [
        _failed(row, failure) if failure else Row(row.what, row.on_top_of, row.tool, median(values), row.target)
        for (row, _), values, failure in zip(floor.over, taken, failures, strict=True)
    ]


def _failed(row: Row, why: str) -> Row:
    return Row(row.what, row.on_top_of, row.tool, None, row.target, why)


class _Ended(Exception):
    """A process ended with an error; its last line."""


def _cpu(command: Sequence[str], folder: str, environment: dict[str, str]) -> float:
    if not command[0]:
        raise _Ended(NO_PYTHON)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or str(done.returncode)).splitlines()[-1]
        raise _Ended(f"does not work: {last[:100]}")
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
