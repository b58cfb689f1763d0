"""`lookalike uses`: which places of each API's answers a project reads, and in which tests."""

from __future__ import annotations

import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lookalike import config
from lookalike.api.reads_file import DEFAULT, read_reads
from lookalike.cli.opening import complete_configured
from lookalike.cli.screen import Screen, out
from lookalike.contract.reads import Reads
from lookalike.counted import counted
from lookalike.errors import UsageError
from lookalike.report.terminal import Style
from lookalike.report.uses import Use, stacked
from lookalike.report.uses import uses as rows_of

EXAMPLE = """
lookalike uses
lookalike uses github
lookalike uses --run "tests -n 4"
"""


def uses(
    api: Annotated[
        list[str] | None,
        typer.Argument(metavar="API", help="Names of APIs. All for none.", autocompletion=complete_configured),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="ARGUMENTS", help='Run pytest first, with these arguments: --run "tests -n 4".'),
    ] = None,
) -> None:
    """Show what the project reads of each API, with the lines and tests that read it.

    As the tests' last runs noted it: `pytest --lookalike-uses` and `pytest --lookalike=verify` do. What no test reads
    isn't shown; where something read an answer without a trace, that is said.
    Exit codes: 0 fine, else what pytest ends with.
    """
    code = _ran(run) if run is not None else 0
    path = _file()
    known = read_reads(path)
    if code and not known:
        raise UsageError(
            f"pytest ended with {code}, and no test received an answer\n"
            f"Next: correct what it says above; `pytest --lookalike-uses {run}` runs the same"
        )
    if not known:
        raise UsageError(
            f"nothing is known of what the tests read: there is no {DEFAULT} in {path.parent.parent}\n"
            "Next: pytest --lookalike-uses notes it; lookalike uses --run ARGUMENTS runs pytest so"
        )
    for name in api or ():
        if name not in known:
            raise UsageError(
                f"no test of the last runs received an answer of {name!r}\n{config.nearest(name, sorted(known))}"
                f"Known: {', '.join(sorted(known))}"
            )
    screen = out()
    for number, name in enumerate(sorted(api or known)):
        if number:
            screen.say()
        _show(screen, name, known[name])
    raise typer.Exit(code)


def _ran(arguments: str) -> int:
    """Run pytest in a process of its own, as `pytest ARGUMENTS` would; its exit code."""
    try:
        given = shlex.split(arguments)
    except ValueError as error:
        raise UsageError(f"--run {arguments!r} can't be read as arguments: {error}") from None
    return subprocess.run([sys.executable, "-m", "pytest", "--lookalike-uses", *given], check=False).returncode


def _file() -> Path:
    project = config.load().path
    return (project.parent if project is not None else Path.cwd()) / DEFAULT


def _show(screen: Screen, name: str, reads: Reads) -> None:
    tests = set().union(*reads.tests.values())
    received = len(tests)
    screen.say(f"{screen.paint(name, 'strong')}  {counted(received, 'test')}")
    for operation in sorted(reads.operations, key=lambda key: key.split(" ")[::-1]):
        rows = list(rows_of(reads, operation))
        screen.say()
        of = len(reads.tests[operation])
        told = counted(of, "test")
        if len(rows) == 1 and not (rows[0].lines or rows[0].doubt):
            screen.say(f"{screen.paint(operation, 'strong')}  {told}, body not read")
            continue
        screen.say(f"{screen.paint(operation, 'strong')}  {told}")
        screen.table(map(_cells, rows), narrow=partial(stacked, rows))


def _cells(row: Use) -> list[tuple[str, Style]]:
    """A doubt stands where the tests would, so that it doesn't make the rows wider."""
    tests: list[tuple[str, Style]] = [(row.tests, "dim")] if row.tests or not row.doubt else []
    doubt: list[tuple[str, Style]] = [(row.doubt, "warn")] if row.doubt else []
    return [(row.name, ""), (row.lines, ""), *tests, *doubt]
