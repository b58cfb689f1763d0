"""Memory that a double takes to write down 10,000 calls.

    python -m benchmarks memory [--quick]

By how much the process grows (resident) over so many requests of one route with a small body, after a hundred that warm
it up; each in a process of its own, once. A tool that writes nothing down grows by nothing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.clients import BY_NAME, Client
from benchmarks.worker import Failed, Worker

CLIENTS = ("requests.Session", "httpx.Client", "aiohttp before 3.14")
CALLS = 10_000


@dataclass(frozen=True)
class Row:
    """Megabytes by which the process grew, or why there are none; genuine: the client's own stack runs."""

    client: str
    tool: str
    genuine: bool
    megabytes: float | None
    note: str = ""


def rows(*, quick: bool = False) -> list[Row]:
    """Measure all; with `quick`, by a tenth of the calls."""
    cases = [(client, tool) for client in map(BY_NAME.__getitem__, CLIENTS) for tool in client.tools]
    # Nothing is timed, so two at a time.
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(lambda case: _one(*case, calls=CALLS // 10 if quick else CALLS), cases))


def _one(client: Client, tool: str, *, calls: int) -> Row:
    worker = Worker(client, tool)
    try:
        grown = worker.ask("memory", calls=calls, patience=100) * CALLS / calls / 1e6
    except Failed as error:
        return Row(client.name, tool, tool in client.genuine, None, str(error))
    finally:
        worker.close()
    return Row(client.name, tool, tool in client.genuine, grown)
