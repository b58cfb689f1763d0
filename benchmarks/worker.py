"""One client under one tool, in a process of its own that measures when it is told to.

So one tool's patches and imports weigh on no other, and a tool that fails, hangs or kills its process is a line in a
table. Many of them take turns. A question and its answer are a line of JSON each.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.clients import BY_NAME, Client, ready
from benchmarks.peers import TOOLS, Case

ROOT = Path(__file__).parent.parent
OLD = "LOOKALIKE_OLD_AIOHTTP"  # names the Python of the environment with the older aiohttp, where it isn't this one
OLD_PYTHON = ROOT / ".venv-bench-aiohttp" / "bin" / "python"
PATIENCE = 60.0


NO_PYTHON = f"not measured: there is no {OLD_PYTHON.relative_to(ROOT)}; `make bench` makes it"


def old_python() -> str:
    """The Python of the environment with the older aiohttp; "" where it isn't made."""
    found = ROOT / os.environ.get(OLD, OLD_PYTHON)
    return str(found) if found.exists() else ""


class Failed(Exception):
    """A tool doesn't work with this client; why, in a line."""


class Worker:
    """The process of one client and tool. Raises Failed where it can't be asked, from then on."""

    def __init__(self, client: Client, tool: str) -> None:
        self.client, self.tool = client, tool
        self.version = ""
        self.failure = ""
        python = old_python() if client.old else sys.executable
        if not python:
            self.failure = NO_PYTHON
            return
        # It is killed in the end, so it can't clean up what its tool leaves on the disk.
        self._folder = tempfile.TemporaryDirectory(prefix="lookalike-benchmark-")
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", client.name, tool], cwd=ROOT, text=True,
            env={**os.environ, "TMPDIR": self._folder.name},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with suppress(Failed):
            self.version = str(self.ask("version"))

    def ask(self, what: str, *, patience: float = PATIENCE, **options: Any) -> Any:
        """The answer of `measure_WHAT`, within so many seconds. Raises Failed, also if it failed before."""
        if self.failure:
            raise Failed(self.failure)
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"what": what, **options}) + "\n")
            process.stdin.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                if not selector.select(patience):
                    raise Failed(f"no answer with {self.version} in {patience:.0f} seconds")
            answer = json.loads(process.stdout.readline() or "null")
        except (OSError, ValueError):
            answer = None
        except Failed as error:
            self.failure = str(error)
            process.kill()
            raise
        if answer is None or "error" in answer:
            why = answer["error"] if answer else "its process ended"
            self.failure = f"does not work with {self.version or self.client.package}: {why}"
            raise Failed(self.failure)
        return answer["value"]

    def close(self) -> None:
        """End the process."""
        if hasattr(self, "_process"):
            self._process.kill()
            self._process.communicate()
            self._folder.cleanup()


def measure_version(client: Client, tool: str) -> str:
    """The client's release."""
    return client.version


def measure_request(client: Client, tool: str, *, routes: int, size: str, seconds: float) -> float:
    """CPU seconds of one request, over about so many seconds of requests."""
    case = Case(routes, size)
    with ready(client, tool, case) as send:
        if (answer := send()) != case.content and json.loads(answer) != case.body:
            raise ValueError(f"it answered {answer[:40]!r}")
        gc.collect()
        start = time.process_time()
        send()
        count = max(1, int(seconds / max(time.process_time() - start, 1e-6)))
        start = time.process_time()
        for _ in range(count):
            send()
        return (time.process_time() - start) / count / client.batch


def measure_test(client: Client, tool: str, *, seconds: float, beside: Sequence[str] = ()) -> float:
    """CPU seconds of entering a double, declaring a route and leaving, in a process that has used it before."""
    for module in beside:
        importlib.import_module(module)
    case, use = Case(1, "small"), TOOLS[tool]
    with ready(client, tool, case) as send:  # what a first request puts off belongs to no test
        send()
    gc.collect()
    count, start = 0, time.process_time()
    while (taken := time.process_time() - start) < seconds:
        for _ in range(5):
            with use(case):
                pass
        count += 5
    return taken / count


def measure_memory(client: Client, tool: str, *, calls: int) -> float:
    """Bytes by which the process grew over so many requests that a double wrote down."""
    with ready(client, tool, Case(1, "small")) as send:
        for _ in range(max(1, 100 // client.batch)):  # buffers, caches and pools are there before
            send()
        gc.collect()
        before = _resident()
        for _ in range(calls // client.batch):
            send()
        gc.collect()
        return _resident() - before


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Answer until the input ends."""
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # what a tool prints is no answer
    client, tool = BY_NAME[sys.argv[1]], sys.argv[2]
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            value = globals()[f"measure_{asked.pop('what')}"](client, tool, **asked)
            answer = {"value": value}
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}".partition("\n")[0][:100]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
