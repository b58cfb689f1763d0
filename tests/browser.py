"""A real browser for tests of pages: Chromium, spoken to over two pipes (Chrome DevTools Protocol).

https://chromedevtools.github.io/devtools-protocol/; `--remote-debugging-pipe` reads messages from file descriptor 3 and
writes them to 4, each ended by a null byte. Nothing listens on a port, and the network is resolved to nowhere.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from typing import Any, Literal

import pytest

EXECUTABLE = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome", "chrome") if (found := shutil.which(name))), ""
)
NEEDS_BROWSER = pytest.mark.skipif(
    not EXECUTABLE or os.name == "nt", reason="no Chromium on the path, or no pipes that a child inherits by number"
)
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
_PATIENCE = 60.0
# Both first to numbers that are surely free, as 3 and 4 may be among the two.
_LAUNCH = """
import os, sys
incoming, outgoing = os.dup2(int(sys.argv[1]), 30), os.dup2(int(sys.argv[2]), 31)
os.dup2(incoming, 3)
os.dup2(outgoing, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class PageError(Exception):
    """What the page itself did wrong: an uncaught error, a refused resource, an error on its console."""


class Browser:
    """One browser with one page.

    problems: uncaught errors, console errors and log entries of the page that is shown, in words
    """

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, receive
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.problems: list[str] = []
        self._loaded = False
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(
        self, path: Path, *, fragment: str = "", width: int = 1280, height: int = 900,
        look: Literal["light", "dark"] = "light", media: Literal["screen", "print"] = "screen",
    ) -> None:  # fmt: skip
        """Show a file. Raises PageError for whatever goes wrong in it."""
        self.size(width, height)
        features = [{"name": "prefers-color-scheme", "value": look}]
        self._call("Emulation.setEmulatedMedia", media=media, features=features)
        self._call("Page.navigate", url="about:blank")  # another fragment alone would load nothing
        self.problems.clear()
        self._loaded = False
        self._call("Page.navigate", url=path.resolve().as_uri() + fragment)
        end = time.monotonic() + _PATIENCE
        while not self.run("document.readyState === 'complete' && location.href !== 'about:blank'"):
            if time.monotonic() > end:
                raise PageError(f"{path} isn't loaded after {_PATIENCE:.0f} s")
        self.check()

    def size(self, width: int, height: int) -> None:
        """The size of the window, in CSS pixels."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def run(self, expression: str) -> Any:
        """The JSON value of an expression in the page; a promise is awaited. Raises PageError where it fails."""
        found = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in found:
            raise PageError(_told(found["exceptionDetails"]))
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key, as `Tab`, `Enter`, `ArrowLeft`."""
        text = {"Enter": "\r", "/": "/"}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text if kind == "keyDown" else "")

    def check(self) -> None:
        """Raises PageError where something went wrong since the page was opened."""
        self.run("new Promise((done) => setTimeout(done))")  # what is under way is told first
        if self.problems:
            raise PageError("; ".join(self.problems))

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write a PNG of the window, or of the whole page."""
        data = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self) -> bytes:
        """The page as it prints."""
        return base64.b64decode(self._call("Page.printToPDF", printBackground=True)["data"])

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + _PATIENCE
        while True:
            answer = self._message(end, method)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise PageError(f"{method}: {answer['error'].get('message')}")
                result: dict[str, Any] = answer["result"]
                return result
            self._heard(answer)

    def _message(self, end: float, method: str) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select([self._receive], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"the browser says nothing to {method} within {_PATIENCE:.0f} s")
            piece = os.read(self._receive, 1 << 16)
            if not piece:
                raise EOFError("the browser has ended")
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def _heard(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.problems.append(_told(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "assert"):
                self.problems.append(f"console: {[one.get('value') for one in parameters['args']]}")
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                self.problems.append(parameters["entry"]["text"])
            case "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith(("file:", "about:", "data:", "blob:")):
                    self.problems.append(f"asked for {url}")


def _told(details: dict[str, Any]) -> str:
    return str(details.get("exception", {}).get("description") or details.get("text"))


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser with a profile of its own, ended and cleaned up at the end."""
    with tempfile.TemporaryDirectory(prefix="lookalike-browser-", ignore_cleanup_errors=True) as profile:
        read_own, write_own = os.pipe()
        read_its, write_its = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, str(read_own), str(write_its), EXECUTABLE, *_FLAGS,
             f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(read_own, write_its), start_new_session=True, env={**os.environ, "TMPDIR": profile},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(read_own)
        os.close(write_its)
        try:
            yield Browser(write_own, read_its)
        finally:
            os.close(write_own)
            os.close(read_its)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=_PATIENCE)
