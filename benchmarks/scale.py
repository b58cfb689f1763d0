"""How fast recorded traffic is learned, and in how much memory: NDJSON of exchanges, as files of any size have it.

`lookalike learn` reads each line, parses the body in it and keeps every statistic. The parser is orjson on the same
lines and bodies, one core; GenSON gets the same parsed bodies and keeps types and required keys alone.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from benchmarks.learning import events

SHARE = 35.0  # per cent of the parser's throughput, at least
MEMORY = 300.0  # megabytes, at most
ROUNDS = 5
_GB = 1_000_000_000
_PAGE = 20  # events of a page
_RARE = 3  # of so many exchanges one is a page, the others are of one event


def lines(size: int) -> Iterator[bytes]:
    """Exchanges of about `size` bytes in all: events one by one, and pages of them; always the same."""
    rng = random.Random(5)
    known = [one.decode() for one in events(4000)]
    written = number = 0
    while written < size:
        number += 1
        if rng.randrange(_RARE):
            body, path = rng.choice(known), f"/events/{rng.randrange(10**9)}"
        else:
            body = "[" + ",".join(rng.choices(known, k=_PAGE)) + "]"
            path = f"/repos/{rng.randrange(1000)}/events?per_page={_PAGE}&page={rng.randrange(1, 50)}"
        line = orjson.dumps(_exchange(path, body, number, rng)) + b"\n"
        written += len(line)
        yield line


def _exchange(path: str, body: str, number: int, rng: random.Random) -> dict[str, Any]:
    headers = {
        "date": f"Fri, 20 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} GMT",
        "content-type": "application/json; charset=utf-8",
        "cache-control": "private, max-age=60",
        "etag": f'W/"{rng.getrandbits(128):032x}"',
        "x-ratelimit-remaining": str(5000 - number % 5000),
        "x-request-id": f"{rng.getrandbits(128):032x}",
        "server": "nginx",
    }
    sent = {"accept": "application/json", "user-agent": "demo/1.0"}
    return {
        "request": {"method": "GET", "url": f"https://api.example.com{path}", "headers": sent},
        "response": {"status": 200, "headers": headers, "content": body},
        "day": "2026-11-20",
    }


def _write(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.writelines(lines(size))


def _parse(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            orjson.loads(orjson.loads(line)["response"]["content"])


def _genson(path: Path) -> None:
    from genson import SchemaBuilder

    builders: dict[bool, Any] = {True: SchemaBuilder(), False: SchemaBuilder()}
    with path.open("rb") as file:
        for line in file:
            entry = orjson.loads(line)
            builders["?" in entry["request"]["url"]].add_object(orjson.loads(entry["response"]["content"]))
    for builder in builders.values():
        builder.to_schema()


def _learn(path: Path) -> None:
    from lookalike.learning.plan import chunks, learn_chunk, plan
    from lookalike.traffic import find

    for work in plan(find(path)):
        for chunk in chunks(work):
            learn_chunk(chunk)


def _cpu(run: Any, path: Path) -> float:
    start = time.process_time()
    run(path)
    return time.process_time() - start


def _command(path: Path, jobs: int) -> tuple[float, float]:
    """Seconds by the clock, and megabytes of the largest process, of `lookalike learn` from start to end."""
    measured = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    learn = [
        sys.executable, "-m", "lookalike.cli", "learn", str(path), "-o", str(path.parent / f"jobs-{jobs}.yaml"),
        "--jobs", str(jobs), "--no-resume",
    ]  # fmt: skip
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", measured, *learn], check=True, capture_output=True, text=True)
    return time.monotonic() - start, int(done.stdout) / (1e6 if sys.platform == "darwin" else 1e3)


def rows(*, quick: bool = False) -> list[dict[str, Any]]:
    """One row for each measurement: `what`, `figure`, `unit`, `target` in words."""
    with tempfile.TemporaryDirectory() as folder:
        some, much = Path(folder) / "some.ndjson", Path(folder) / "much.ndjson"
        _write(some, _GB // (50 if quick else 10))
        found = _side_by_side(some, 3 if quick else ROUNDS)
        _write(much, _GB // 10 if quick else 2 * _GB)
        return found + _whole(much)


def _side_by_side(path: Path, rounds: int) -> list[dict[str, Any]]:
    taken: dict[str, list[float]] = {"parser": [], "learn": [], "genson": []}
    for turn in range(rounds):
        taken["parser"].append(_cpu(_parse, path))
        taken["learn"].append(_cpu(_learn, path))
        if not turn:
            taken["genson"].append(_cpu(_genson, path))
    size = path.stat().st_size / 1e6
    parser, learn, genson = (median(taken[name]) for name in ("parser", "learn", "genson"))
    return [
        _row("the parser alone, one core", size / parser, "MB/s"),
        _row("lookalike learn, one core", size / learn, "MB/s"),
        _row("lookalike's share of the parser's throughput", 100 * parser / learn, "%", f"at least {SHARE:.0f}"),
        _row("GenSON, one core", size / genson, "MB/s"),
        _row("lookalike over GenSON, reading the lines included", genson / learn, "times"),
    ]


def _whole(path: Path) -> list[dict[str, Any]]:
    size = path.stat().st_size
    label = f"{size / _GB:.1f} GB" if size >= _GB else f"{size / 1e6:.0f} MB"
    found = []
    for jobs in (1, min(2, os.cpu_count() or 1)):
        seconds, memory = _command(path, jobs)
        found += [
            _row(f"lookalike learn of {label}, --jobs {jobs}", size / 1e6 / seconds, "MB/s by the clock"),
            _row(f"the largest process of it, --jobs {jobs}", memory, "MB", f"at most {MEMORY:.0f}"),
        ]
    return found


def _row(what: str, figure: float, unit: str, target: str = "") -> dict[str, Any]:
    return {"what": what, "figure": figure, "unit": unit, "target": target}


def main() -> None:
    """Print the table."""
    for row in rows(quick="--quick" in sys.argv):
        print(f"{row['what']:52} {row['figure']:10.1f} {row['unit']:18} {row['target']}".rstrip())


if __name__ == "__main__":
    main()
