"""CPU time of one mocked GET in process: each double with each of its clients, and a floor.

    python -m benchmarks in_process [--quick]

Each client and tool is a process of its own (worker.py), and all of one client's take turns, so that a machine which is
busy for a while is so for all. Each time the routes are declared anew, and the one in the middle is asked for. Medians.
lookalike keeps a journal throughout; "with contract" it also holds request and reply to an OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks.clients import CLIENTS, Client
from benchmarks.worker import Failed, Worker

CASES = ((1, "small"), (100, "small"), (1000, "small"), (1, "1 MB"))


@dataclass(frozen=True)
class Row:
    """The median CPU microseconds of one request and their ratio to the floor, or why there are none.

    genuine: the client's own stack runs under this tool, down to what carries its bytes
    """

    client: str
    version: str
    tool: str
    genuine: bool
    routes: int
    body: str
    microseconds: float | None
    ratio: float | None
    note: str = ""


def rows(*, quick: bool = False, clients: Sequence[str] = ()) -> list[Row]:
    """Measure all; with `quick`, briefly."""
    found = []
    for client in CLIENTS:
        if not clients or client.name in clients:
            with crew(client, client.tools) as workers:
                found += _measure(client, workers, rounds=3 if quick else 5, seconds=0.02 if quick else 0.06)
    return found


@contextmanager
def crew(client: Client, tools: Sequence[str]) -> Iterator[dict[str, Worker]]:
    """A worker for each tool."""
    workers: dict[str, Worker] = {}
    try:
        for tool in tools:
            workers[tool] = Worker(client, tool)
        yield workers
    finally:
        for worker in workers.values():
            worker.close()


def _measure(client: Client, workers: dict[str, Worker], *, rounds: int, seconds: float) -> Iterator[Row]:
    taken: dict[tuple[str, int, str], list[float]] = {(tool, *case): [] for case in CASES for tool in workers}
    order = list(taken)
    for turn in range(rounds):
        at = turn * len(order) // rounds  # each round from another start
        for tool, routes, size in order[at:] + order[:at]:
            try:
                one = workers[tool].ask("request", routes=routes, size=size, seconds=seconds)
            except Failed:
                continue
            taken[tool, routes, size].append(one * 1e6)
    for (tool, routes, size), values in taken.items():
        worker, floor = workers[tool], taken["floor", routes, size]
        value = median(values) if values and not worker.failure else None
        ratio = value / median(floor) if value is not None and floor else None
        yield Row(client.name, worker.version, tool, tool in client.genuine, routes, size, value, ratio, worker.failure)
