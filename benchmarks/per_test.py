"""CPU time that a double adds to a test: entering it, declaring one route, and leaving.

    python -m benchmarks per_test [--quick]

In a process that has used it before, as each test of a suite does but the first. What a double has to take over, and to
give back, depends on the clients that are imported: the one that is named, and then three of them beside each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.clients import BY_NAME
from benchmarks.in_process import crew
from benchmarks.worker import Failed

THREE = ("requests", "httpx", "aiohttp")
# What is imported: the client that is measured with, and what else is imported beside it.
GROUPS: tuple[tuple[str, str, Sequence[str]], ...] = (
    ("requests", "requests.Session", ()),
    ("httpx", "httpx.Client", ()),
    ("aiohttp", "aiohttp", ()),
    ("aiohttp before 3.14", "aiohttp before 3.14", ()),
    ("requests, httpx and aiohttp", "requests.Session", THREE),
)


@dataclass(frozen=True)
class Row:
    """The median CPU microseconds a test, or why there are none; genuine: the client's own stack runs."""

    imported: str
    tool: str
    genuine: bool
    microseconds: float | None
    note: str = ""


def rows(*, quick: bool = False) -> list[Row]:
    """Measure all; with `quick`, briefly."""
    found = []
    for imported, name, beside in GROUPS:
        client = BY_NAME[name]
        tools = [tool for tool in client.tools if tool != "floor"]
        taken: dict[str, list[float]] = {tool: [] for tool in tools}
        with crew(client, tools) as workers:
            for turn in range(3 if quick else 9):
                at = turn % len(tools)
                for tool in tools[at:] + tools[:at]:
                    try:
                        taken[tool].append(1e6 * workers[tool].ask("test", seconds=0.05, beside=beside))
                    except Failed:
                        continue
            for tool, values in taken.items():
                failure = workers[tool].failure
                value = median(values) if values and not failure else None
                found.append(Row(imported, tool, tool in client.genuine, value, failure))
    return found
