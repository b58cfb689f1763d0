"""The API of the demo: the pack, served by a process of its own."""

from __future__ import annotations

import queue
import re
import subprocess
import sys
import threading
from collections.abc import Mapping

from lookalike.errors import LookalikeError

_URL = re.compile(r"http://127\.0\.0\.1:(\d+)")
_PATIENCE = 20.0


class RealApi:
    """Starts, changes and stops what plays the real API."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.port = 0

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options: str) -> None:
        """Serve the pack, on the same port again if it was served before. Raises LookalikeError if it doesn't start."""
        command = [
            sys.executable,
            "-m",
            "lookalike.cli",
            "serve",
            "jsonplaceholder",
            "--port",
            str(self.port),
            *options,
        ]
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self._process, self._lines), daemon=True).start()
        said: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=_PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                self.stop()
                raise LookalikeError("the API of the demo didn't start:\n" + "".join(said))
            said.append(line)
            if found := _URL.search(line):
                self.port = int(found[1])
                return

    @staticmethod
    def _listen(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    def stop(self) -> str:
        """Stop it and return what it said at its end."""
        process, self._process = self._process, None
        if process is None:
            return ""
        process.terminate()
        try:
            process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        said = []
        while (line := self._lines.get(timeout=_PATIENCE)) is not None:
            said.append(line)
        if process.stdout is not None:
            process.stdout.close()
        return "".join(said).strip()
