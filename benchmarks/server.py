"""CPU time per request of a served double, beside a bare server that sends bytes which already exist.

    python benchmarks/server.py [--quick] [--json]

Each server is a process of its own; 64 connections ask it as fast as it answers (wrk where it is installed, else a
small generator here). What counts is the server's own CPU time per request, which a busy machine disturbs least. The
journal is on. Both run on plain asyncio, as in a test, and on uvloop, as `lookalike serve` does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CONNECTIONS = 64
TARGETS = {"one todo": "/todos/1", "200 todos": "/todos"}
LOOPS = ("asyncio", "uvloop")


@dataclass(frozen=True)
class Row:
    """Medians: CPU microseconds per request of the server, and requests per second."""

    what: str
    loop: str
    lookalike: float
    floor: float
    lookalike_rate: float
    floor_rate: float

    @property
    def ratio(self) -> float:
        """lookalike's CPU time as a multiple of the floor's."""
        return self.lookalike / self.floor


def rows(*, quick: bool = False) -> list[Row]:
    """Measure all; with `quick`, briefly."""
    rounds, seconds = (1, 1) if quick else (5, 3)
    return [_row(what, target, loop, rounds, seconds) for loop in LOOPS for what, target in TARGETS.items()]


def _row(what: str, target: str, loop: str, rounds: int, seconds: int) -> Row:
    servers = {name: _Process(name, target, loop) for name in ("lookalike", "floor")}
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    try:
        for server in servers.values():
            _load(server.url + target, 1)
        # Side by side: a machine that is busy for a while is so for both.
        for _ in range(rounds):
            for name, server in servers.items():
                before, begun = server.cpu(), time.perf_counter()
                requests = _load(server.url + target, seconds)
                spent, elapsed = server.cpu() - before, time.perf_counter() - begun
                measured[name].append((spent / requests * 1e6, requests / elapsed))
    finally:
        for server in servers.values():
            server.stop()
    cpu = {name: statistics.median(one for one, _ in found) for name, found in measured.items()}
    rate = {name: statistics.median(one for _, one in found) for name, found in measured.items()}
    return Row(what, loop, cpu["lookalike"], cpu["floor"], rate["lookalike"], rate["floor"])


class _Process:
    """A server in a process of its own."""

    def __init__(self, name: str, target: str, loop: str) -> None:
        command = [sys.executable, __file__, "--serve", name, "--target", target, "--loop", loop]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not self.url.startswith("http"):
            raise SystemExit(f"the {name} server did not start")

    def cpu(self) -> float:
        """Seconds of CPU time so far, of all threads."""
        fields = Path(f"/proc/{self._process.pid}/schedstat").read_text().split()
        return int(fields[0]) / 1e9

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()


def _load(url: str, seconds: int) -> int:
    """Ask for some seconds; returns how many requests were answered."""
    if shutil.which("wrk"):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(r"(\d+) requests in", out)
        if found is None or "Non-2xx" in out:
            raise SystemExit(f"wrk failed on {url}:\n{out}")
        return int(found[1])
    return asyncio.run(_asked(url, seconds))


async def _asked(url: str, seconds: int) -> int:
    host, _, target = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    request = f"GET /{target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    deadline = time.perf_counter() + seconds

    async def client() -> int:
        reader, writer = await asyncio.open_connection(name, int(port))
        count = 0
        while time.perf_counter() < deadline:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(client() for _ in range(CONNECTIONS))))


def _serve(name: str, target: str, loop: str) -> None:
    from lookalike.messages import Request
    from lookalike.packs import load
    from lookalike.serve import Server

    double = load("jsonplaceholder").fake()
    if loop == "asyncio":
        sys.modules["uvloop"] = None  # type: ignore[assignment]
    if name == "lookalike":
        Server(double).run(lambda url: print(url, flush=True))
        return
    answer: Any = double.handle(Request("GET", f"{double.base_url}{target}"))
    head = "".join(f"{key}: {value}\r\n" for key, value in answer.headers.pairs)
    asyncio.Runner(loop_factory=_factory(loop)).run(_bare(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + answer.content))


def _factory(loop: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    if loop == "asyncio":
        return None
    import uvloop

    return uvloop.new_event_loop


async def _bare(wire: bytes) -> None:
    """The floor: a parser, and bytes."""
    import httptools

    class Bare(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.write = transport.write
            self.parser = httptools.HttpRequestParser(self)

        def data_received(self, data: bytes) -> None:
            self.parser.feed_data(data)

        def on_message_complete(self) -> None:
            self.write(wire)

    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """Measure and print, or serve (for the processes that are measured)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="briefly")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--serve", choices=["lookalike", "floor"], help=argparse.SUPPRESS)
    parser.add_argument("--target", default="/todos/1", help=argparse.SUPPRESS)
    parser.add_argument("--loop", default="uvloop", choices=LOOPS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        _serve(asked.serve, asked.target, asked.loop)
        return
    measured = rows(quick=asked.quick)
    if asked.json:
        print(json.dumps([asdict(row) | {"ratio": row.ratio} for row in measured], indent=2))
        return
    print(f"{'':<24}{'lookalike':>12}{'floor':>10}{'ratio':>8}{'requests/s':>14}{'floor':>10}")
    for row in measured:
        print(
            f"{row.what + ', ' + row.loop:<24}{row.lookalike:>9.1f} us{row.floor:>7.1f} us{row.ratio:>8.2f}"
            f"{row.lookalike_rate:>14,.0f}{row.floor_rate:>10,.0f}"
        )


if __name__ == "__main__":
    main()
