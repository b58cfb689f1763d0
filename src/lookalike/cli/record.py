"""`lookalike record`: what programs ask an API passes through here, and a contract learns from the answers."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike import config
from lookalike.cli.learn import existing, report, unreadable_of
from lookalike.cli.screen import Screen, out
from lookalike.errors import LookalikeError, Unreachable, UsageError
from lookalike.messages import Exchange, Request, split_url
from lookalike.report.terminal import Style
from lookalike.secrets import mask_url

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract
    from lookalike.traffic.har_file import HarWriter

EXAMPLE = """
lookalike record --upstream https://api.example.com -o contracts/example.yaml
curl http://127.0.0.1:8000/todos
"""

_FULL = 64_000_000  # bytes of answers that are kept before they are learned
_MOST = 20  # requests that taught nothing, named one by one


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
            screen.say(f"{self._path}: {_count(self._writer.count, 'exchange')}, without secrets")


class Notebook:
    """What was seen, until the contract's file learns it; safe from any thread.

    path:     the contract's file
    base_url: what was asked
    html:     pages teach too
    """

    def __init__(self, path: Path, base_url: str, *, html: bool = False) -> None:
        self.path = path
        self._html = html
        self._base_url = base_url
        self._lock = Lock()
        self._new: list[Exchange] = []
        self._size = 0
        self._full = _FULL
        self._seen = 0
        self._written = False
        self._contract: Contract | None = None
        self._learned: list[Exchange] = []
        self._untaught: dict[str, None] = {}  # in order, each once

    def check(self) -> None:
        """Before anything is seen: raises FileError or UsageError where the file could learn nothing in the end."""
        self.known()
        folder = next(one for one in self.path.absolute().parents if one.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UsageError(f"{self.path} can't be written: {folder} is no folder, or not yours to write to")

    def known(self) -> Contract | None:
        """The contract as its file has it now, None where there is none.

        Raises FileError where it can't be read.
        """
        return existing(self.path, self._base_url)

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange; many of them are learned at once, so that a long recording needs no more memory."""
        with self._lock:
            self._seen += 1
            self._new.append(exchange)
            self._size += len(exchange.request.content) + (len(exchange.response.content) if exchange.response else 0)
            if self._size < self._full:
                return
            try:
                self._learn(self.path, self.known())
            except (LookalikeError, OSError):
                self._full += _FULL  # the end tries again, and says why

    def learn(self) -> None:
        """Let the file learn what is new. What a file that was broken meanwhile can't take is written beside it.

        Raises FileError, UsageError.
        """
        with self._lock:
            try:
                self._learn(self.path, self.known())
            except UsageError as error:
                spare = self.path.with_name(f"{self.path.stem}-recorded{self.path.suffix}")
                if not self._new or spare.exists():
                    raise
                self._learn(spare, None)
                raise UsageError(
                    f"{error}\nWhat was recorded is in {spare}. Once {self.path.name} is mended: "
                    f"lookalike merge {self.path} {spare} -o {self.path}"
                ) from None

    def _learn(self, path: Path, known: Contract | None) -> None:
        from lookalike.contract import files
        from lookalike.live.record import lesson

        if not self._new:
            return
        taught = lesson(known, self._new, base_url=self._base_url, name=path.stem, html=self._html)
        if taught.contract is not None and taught.contract is not known:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.save(taught.contract, path)
            self._written = True
        self._contract = taught.contract
        self._learned += map(_slim, taught.learned)
        dropped = [str(replace(one, request=_masked(one.request))) for one in taught.dropped]
        shown = [Exchange(Request(one.request.method, _shown(one.request)), one.response) for one in taught.learned]
        unreadable = [f"{text}; its body taught nothing" for text in unreadable_of(shown)]
        self._untaught.update(dict.fromkeys([*dropped, *unreadable]))
        self._new, self._size, self._full = [], 0, _FULL

    def tell(self, screen: Screen) -> None:
        """Say what was seen, and what became of it."""
        if not self._seen:
            screen.say("no answer was seen, so nothing is written")
            return
        if self._contract is not None and self._written:
            report(screen, self._contract, self._learned, self.path)
        else:
            screen.say(f"{_count(self._seen, 'answer')} came and taught nothing new, so nothing is written")
        for text in list(self._untaught)[:_MOST]:
            screen.say(f"  {text}", "warn")
        if len(self._untaught) > _MOST:
            screen.say(f"  and {len(self._untaught) - _MOST} more like these", "warn")


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
            self._screen.write(f"{request.method} {_target(request)}  {self._screen.paint(told, style)}\n")


def _masked(called: str) -> str:
    """`GET /path` as it may be shown."""
    method, _, path = called.partition(" ")
    return f"{method} {_target(Request(method, f'http://api{path}'))}"


def _target(request: Request) -> str:
    """Path and query as they may be shown."""
    return _shown(request).removeprefix("http://api")


def _shown(request: Request) -> str:
    return mask_url(f"http://api{request.target}")


def _slim(exchange: Exchange) -> Exchange:
    """What the report needs: address and status."""
    request, response = exchange.request, exchange.response
    status = type(response)(response.status) if response is not None else None
    return Exchange(Request(request.method, request.url), status)


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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
