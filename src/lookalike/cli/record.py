"""`lookalike record`: what programs ask an API passes through here, and a contract learns from the answers."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike import config
from lookalike.cli.notebook import Notebook, shown_target
from lookalike.cli.screen import Screen, out
from lookalike.counted import counted
from lookalike.errors import Unreachable, UsageError
from lookalike.messages import Exchange, Request, split_url
from lookalike.report.terminal import Style
from lookalike.secrets import mask_url

if TYPE_CHECKING:
    from lookalike.traffic.har_file import HarWriter

EXAMPLE = """
lookalike record --upstream https://api.example.com -o contracts/example.yaml
curl http://127.0.0.1:8000/todos
"""


def record(
    upstream: Annotated[str, typer.Option(metavar="URL", help="The real API's base URL.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The contract; an existing one learns more.",
            show_default="contracts/HOST.yaml, or what pyproject.toml names for this URL",
        ),
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="HTML pages are the API's answers too.")] = False,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8000,
    host: Annotated[
        str, typer.Option(help="The address; other machines can reach anything but a loopback address.")
    ] = "127.0.0.1",
    har: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the traffic too, as HAR, without its secrets.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the real API.", min=0.1)] = 30.0,
    max_body: Annotated[float, typer.Option(help="Megabytes of one answer, at most.", min=0.001)] = 50.0,
) -> None:
    """Learn a contract from what programs ask an API.

    Point them, in any language, at this address in place of the API's: each request goes on to the real API, the answer
    comes back as it is. At Ctrl-C the contract learns what was seen; 401, 403, 429, 5xx and a login page teach nothing.
    Credentials are sent on, never shown or written. Answers are read whole, so a stream without end can't pass.
    """
    from lookalike.live.record import Relay
    from lookalike.live.wire import Limits
    from lookalike.serve import Server

    base_url = _base_url(upstream)
    notebook = Notebook(output or _file_for(base_url), base_url, html=html)
    notebook.check()
    lines = _Lines()
    kept = _Kept(har)

    def heard(exchange: Exchange) -> None:
        lines.answered(exchange)
        kept.add(exchange)
        notebook.note(exchange)

    relay = Relay(
        base_url,
        limits=Limits(timeout, 10 * timeout, int(max_body * 1_000_000)),
        heard=heard,
        failed=lines.failed,
    )
    server = Server(relay, host=host, port=port, upstream=relay.forward)

    def ready(url: str) -> None:
        screen = out()
        screen.say(f"recording {base_url} at {url}")
        screen.say(f"until Ctrl-C, then {notebook.path} learns from it", "dim")
        if server.exposed:
            screen.say(f"other machines can reach it: it listens on {host}", "warn")

    try:
        server.run(ready)
    finally:
        kept.close()
    notebook.learn()
    notebook.tell(out())
    kept.tell(out())


class _Kept:
    """The HAR of what was seen, where one is kept; safe from any thread. Raises FileError, UsageError."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = Lock()
        self._writer: HarWriter | None = None
        if path is not None:
            from lookalike.api.placeholders import check_writable
            from lookalike.traffic.har_file import HarWriter

            check_writable(path)
            self._writer = HarWriter(path)

    def add(self, exchange: Exchange) -> None:
        """Write one more."""
        if self._writer is not None:
            with self._lock:
                self._writer.add(exchange)

    def close(self) -> None:
        """Give the file its name, where there is something in it."""
        if self._writer is not None:
            with self._lock:
                if self._writer.count:
                    self._writer.close()
                else:
                    self._writer.discard()

    def tell(self, screen: Screen) -> None:
        """Say what was kept."""
        if self._writer is not None and self._writer.count:
            screen.say(f"{self._path}: {counted(self._writer.count, 'exchange')}, without secrets")


class _Lines:
    """One line a request, whole even where threads write at once. Who reads them may leave."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._screen = out()

    def answered(self, exchange: Exchange) -> None:
        status = exchange.response.status if exchange.response is not None else 0
        self._write(exchange.request, str(status), "bad" if status >= 500 else "warn" if status >= 400 else "good")

    def failed(self, request: Request, error: Unreachable) -> None:
        from lookalike.live.reasons import REASONS

        self._write(request, f"502  {REASONS[error.reason].words}", "bad")

    def _write(self, request: Request, told: str, style: Style) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._screen.write(f"{request.method} {shown_target(request)}  {self._screen.paint(told, style)}\n")


def _base_url(upstream: str) -> str:
    if "://" not in upstream:
        host = upstream.lstrip("/")
        scheme = "http" if host.startswith(("localhost", "127.", "[::1]")) else "https"
        raise UsageError(f"--upstream {upstream!r} is not a URL: it has no scheme\nWrite it as {scheme}://{host}")
    authority = upstream.partition("://")[2].partition("/")[0]
    if "@" in authority:
        raise UsageError("--upstream holds a user or password\nLeave it out: each program sends credentials of its own")
    split_url(upstream)
    if "?" in upstream or "#" in upstream:
        raise UsageError(f"--upstream {mask_url(upstream)!r} has a query or fragment; a base URL ends with a path")
    return upstream.rstrip("/")


def _file_for(base_url: str) -> Path:
    """Where the contract of this API is, by pyproject.toml, else by the host's name."""
    named = (one.contract for one in config.load().apis.values() if (one.base_url or "").rstrip("/") == base_url)
    found = next((path for path in named if path is not None), None)
    name = re.sub(r"[^\w.-]+", "-", base_url.partition("://")[2].partition("/")[0]).strip("-")
    return found or Path("contracts") / f"{name}.yaml"
