"""`lookalike serve`: a fake of an API on a socket, for any program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lookalike.cli.opening import double_of
from lookalike.cli.screen import out

EXAMPLE = """
lookalike serve jsonplaceholder --port 8000
lookalike serve contracts/github.yaml --port 8000
"""


def serve(
    api: Annotated[
        str,
        typer.Argument(metavar="NAME-OR-CONTRACT", help="A pack, a name from pyproject.toml, or a contract's file."),
    ],
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8000,
    host: Annotated[
        str, typer.Option(help="The address; other machines can reach anything but a loopback address.")
    ] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Collections to serve, in the form of json-server's db.json.")
    ] = None,
    stateful: Annotated[bool, typer.Option("--stateful", help="Keep what is created, changed and deleted.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Serve the API as if it had changed, to see what notices.")
    ] = False,
) -> None:
    """Serve a fake of an API on a socket.

    Until Ctrl-C. A ready-made API behaves as the real one does; a contract answers with examples.
    """
    from lookalike.serve import Server

    options: dict[str, Any] = {"stateful": stateful, "changed": changed}
    double = double_of(api, data=data, **{name: True for name, asked in options.items() if asked})
    server = Server(double, host=host, port=port)

    def ready(url: str) -> None:
        screen = out()
        screen.say(f"{double.name} at {url}")
        if server.exposed:
            screen.say(f"other machines can reach it: it listens on {host}", "warn")

    server.run(ready)
    answered = double.journal.total
    out().say(f"answered {answered:,} request{'' if answered == 1 else 's'}", "dim")
