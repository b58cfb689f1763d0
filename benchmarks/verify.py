"""How long `verify` takes where the API answers after 50 milliseconds, beside what its rate allows at best.

    python -m benchmarks verify [--quick]

100 operations, a request each. At a rate of R requests a second they can't be asked in less than 100 / R seconds; the
target is at most 1.5 times that, whatever the rate.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

OPERATIONS = 100
LATENCY = 0.05  # seconds
RATES = (5, 20, 50, 100)
TARGET = 1.5

_SERVER = f"""
import asyncio

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    await asyncio.sleep({LATENCY})
    body = b'{{"id": 1, "name": "one"}}'
    head = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nConnection: close\\r\\n"
    writer.write(head + b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
    await writer.drain()
    writer.close()

async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass(frozen=True)
class Row:
    """rate: requests a second; allowed: seconds at best; seconds: by the clock, the median; ratio: of the two."""

    rate: int
    allowed: float
    seconds: float
    ratio: float
    target: float = TARGET


def rows(*, quick: bool = False) -> list[Row]:
    """A row a rate, the slowest first."""
    found = []
    with _served() as url:
        for rate in RATES[1:] if quick else RATES:
            taken = median(_verify(url, rate) for _ in range(1 if quick or rate < 20 else 3))
            allowed = (OPERATIONS - 1) / rate  # the first one needn't wait
            found.append(Row(rate, allowed, taken, taken / allowed))
    return found


def _verify(url: str, rate: float) -> float:
    from lookalike.contract.contract import Contract
    from lookalike.contract.openapi import Document
    from lookalike.contract.verdict import Verdict
    from lookalike.live.ask import Asker
    from lookalike.live.verify import verify

    body = {"schema": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}}
    get = {"responses": {"200": {"description": "", "content": {"application/json": body}}}}
    paths = {f"/things/{number}": {"get": get} for number in range(OPERATIONS)}
    contract = Contract(
        Document({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}, "t.yaml")
    )
    asker = Asker(rate=rate, budget=100 * OPERATIONS)
    began = time.monotonic()
    report = verify(contract, asker, base_url=url)
    taken = time.monotonic() - began
    if report.verdict is not Verdict.OK or asker.spent != OPERATIONS:
        raise RuntimeError(f"{report.verdict} after {asker.spent} requests: {report.message}")
    return taken


@contextmanager
def _served() -> Iterator[str]:
    command: Sequence[str] = (sys.executable, "-c", _SERVER)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip() if server.stdout else ''}"
        finally:
            server.kill()
