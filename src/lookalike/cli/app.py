"""The commands, put together, and what an error ends with."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from lookalike.cli.screen import err, out
from lookalike.errors import CredentialsRefused, LookalikeError, RealApiError, UsageError

#: The commands in the order of the help: a module `lookalike.cli.NAME` with a function NAME and an EXAMPLE.
COMMANDS = (
    "demo", "learn", "show", "verify", "uses", "serve", "record", "diff", "accept", "ignore", "history", "merge",
    "migrate", "export", "scan",
)  # fmt: skip

_EXIT_CODES: tuple[tuple[type[LookalikeError], int], ...] = (
    (CredentialsRefused, 4),
    (RealApiError, 3),
    (LookalikeError, 2),
)

#: What people type for what isn't a command of its own, and where it is.
_ELSEWHERE = {
    "audit": "an audit is a run of the tests: pytest --lookalike=audit",
    "coverage": "coverage is of a run of the tests: pytest --lookalike-coverage",
    "replay": "recordings are replayed in a test, `with api.replay(SOURCE):`, or by lookalike serve --replay SOURCE",
    "mock": "a mock is declared in a test: `with api.mock() as mock:`; on a socket: lookalike serve API",
    "init": "nothing is set up; begin with a contract: lookalike learn URL PATH -o contracts/example.yaml",
}

_HELP = """Test doubles for third-party HTTP APIs, held to what the real API does.

Exit codes: 0 fine, 1 drift, 2 usage, 3 unreachable, 4 credentials refused."""


class _Commands(TyperGroup):
    """The commands; what is done elsewhere says where."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _ELSEWHERE:
            raise UsageError(f"{cmd_name} is no command\nNext: {_ELSEWHERE[cmd_name]}")
        return super().get_command(ctx, cmd_name)


class _Command(TyperCommand):
    """A command whose usage line is as POSIX writes one: Typer's newest put what is required into braces."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        return [re.sub(r"[{}]", "", piece).replace("[[", "[").replace("]]", "]") for piece in pieces]


def _version(asked: bool) -> None:
    if asked:
        out().say(f"lookalike {metadata.version('lookalike')}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """What comes before a command."""


def build() -> typer.Typer:
    """The command line as Typer knows it; its help has boxes and colours on a terminal alone."""
    rich = out().coloured
    app = typer.Typer(
        name="lookalike",
        cls=_Commands,
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # a traceback is no message; what is not ours stays a plain one
        rich_markup_mode="rich" if rich else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_top)
    for name in COMMANDS:
        module = import_module(f"lookalike.cli.{name}")
        app.command(name, cls=_Command, epilog=_epilog(module.EXAMPLE, rich))(getattr(module, name))
    return app


def _epilog(example: str, rich: bool) -> str:
    """The lines of an example, each kept on its own: as paragraphs, or after the mark that keeps lines as they are."""
    lines = [f"$ {line}" for line in example.strip().splitlines()]
    if rich:
        return "Example:\n\n" + "\n\n".join(f"[green]{line}[/green]" for line in lines)
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error of ours is one message on stderr, never a traceback."""
    try:
        with _warnings_told():
            build()(args=None if arguments is None else list(arguments), prog_name="lookalike")
    except SystemExit as ending:
        return _code(ending.code)
    except LookalikeError as error:
        _complain(str(error))
        return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))
    except BrokenPipeError:
        # Whoever read our output has left (`| head`); Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return 2
    return 0


@contextmanager
def _warnings_told() -> Iterator[None]:
    """Warnings are lines on stderr: where in the code they arise is nothing to who typed the command."""
    with warnings.catch_warnings():
        warnings.showwarning = _told
        yield


def _told(message: Warning | str, *_: Any, **__: Any) -> None:
    err().say(f"warning: {message}", "warn")


def _code(code: object) -> int:
    return code if isinstance(code, int) else int(code is not None)


def _complain(message: str) -> None:
    screen = err()
    first, *rest = message.splitlines() or ["something went wrong, and nothing is known about it"]
    screen.write("\n".join([f"{screen.paint('error:', 'bad')} {first}", *rest]) + "\n")
