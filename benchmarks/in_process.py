"""CPU time of one mocked GET in process: each double with each of its clients, and a floor.

    python -m benchmarks in_process [--quick]

Each client and tool is a process of its own (worker.py), and all of one client's take turns in a shuffled order: a
machine that is busy for a while is so for all, and ratios are of what was measured in the same round. Each time the
routes are declared anew, and the one in the middle is asked for. Medians.
lookalike keeps a journal throughout; "with contract" it also holds request and reply to an OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from statistics import median

from benchmarks.clients import CLIENTS, Client
from benchmarks.worker import Failed, Worker

CASES = ((1, "small"), (100, "small"), (1000, "small"), (1, "1 MB"))


@dataclass(frozen=True)
class Row:
    """The median CPU microseconds of one request, the median ratio to the floor's in the same round, or why there
    are none.

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
                found += _measure(client, workers, rounds=3 if quick else 15, seconds=0.02 if quick else 0.04)
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
    taken: dict[tuple[str, int, str], list[float | None]] = {(tool, *case): [] for case in CASES for tool in workers}
    chance = Random(1)
    for _ in range(rounds):
        for case in chance.sample(CASES, len(CASES)):
            # All tools within a second or two, in another order each time: what slows the machine slows all of them.
            for tool in chance.sample(list(workers), len(workers)):
                taken[tool, *case].append(_asked(workers[tool], *case, seconds))
    for (tool, routes, size), values in taken.items():
        worker, floor = workers[tool], taken["floor", routes, size]
        known = [value for value in values if value is not None]
        value = median(known) if known and not worker.failure else None
        ratios = [own / base for own, base in zip(values, floor, strict=True) if own is not None and base is not None]
        ratio = median(ratios) if ratios and value is not None else None
        yield Row(client.name, worker.version, tool, tool in client.genuine, routes, size, value, ratio, worker.failure)


def _asked(worker: Worker, routes: int, size: str, seconds: float) -> float | None:
    """Microseconds, None where the tool can't."""
    try:
        return worker.ask("request", routes=routes, size=size, seconds=seconds) * 1e6
    except Failed:
        return None
