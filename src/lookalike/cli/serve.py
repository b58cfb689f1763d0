"""`lookalike serve`: a fake of an API on a socket, for any program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.cli.opening import NAMES, allow_refs_option, complete, open_api
from lookalike.cli.screen import out
from lookalike.counted import counted
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.serve import Server

EXAMPLE = """
lookalike serve jsonplaceholder --port 8000
lookalike serve contracts/github.yaml --port 8000
lookalike serve contracts/github.yaml --port 8000 --replay session.har
"""


def serve(
    api: Annotated[str, typer.Argument(metavar="NAME-OR-CONTRACT", help=NAMES, autocompletion=complete)],
    replay: Annotated[
        list[str] | None,
        typer.Option("--replay", metavar="SOURCE", help="Answer what was recorded there: a file, folder or glob."),
    ] = None,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8000,
    host: Annotated[
        str, typer.Option(help="The address; other machines can reach anything but a loopback address.")
    ] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Collections to serve, in the form of json-server's db.json.")
    ] = None,
    stateful: Annotated[bool, typer.Option("--stateful", help="Keep what is created, changed and deleted.")] = False,
    dialect: Annotated[
        str | None, typer.Option(metavar="VERSION", help="The json-server to speak like: 0.16, unless told, or 1.")
    ] = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Serve the API as if it had changed, to see what notices.")
    ] = False,
    allow_refs: Annotated[list[str] | None, allow_refs_option] = None,
) -> None:
    """Serve a fake of an API on a socket.

    Until Ctrl-C. A ready-made API behaves as the real one does; a contract answers with samples; a
    recording answers each request with what was recorded for it, the last answer again and again.
    """
    opened = open_api(api, allow_refs)
    asked: dict[str, Any] = {"data": data, "stateful": stateful, "dialect": dialect, "changed": changed}
    options = {name: value for name, value in asked.items() if value}
    if options and opened.pack is None:
        raise UsageError(
            f"--{next(iter(options))} is for a ready-made API; {opened.name} answers with samples of its contract\n"
            f"Write: lookalike serve {api}"
        )
    if replay and options:
        raise UsageError(f"--{next(iter(options))} is of the fake; --replay answers what was recorded")
    if replay:
        patcher = opened.replay(*replay, unused="ignore", exhausted="repeat", swallowed="ignore", clients=())
        with patcher as double:
            _run(double.serve(port=port, host=host), opened.name, host)
    else:
        _run(opened.serve(port=port, host=host, **options), opened.name, host)


def _run(server: Server, name: str, host: str) -> None:
    """Until a signal; then say how much was answered."""

    def ready(url: str) -> None:
        screen = out()
        screen.say(f"{name} at {url}")
        if server.exposed:
            screen.say(f"other machines can reach it: it listens on {host}", "warn")

    server.run(ready)
    answered = server.double.journal.total
    out().say(f"answered {counted(answered, 'request')}", "dim")
