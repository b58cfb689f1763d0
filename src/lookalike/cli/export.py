"""`lookalike export`: a contract, or recorded traffic, in a format of others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from lookalike import config, packs
from lookalike.cli.opening import complete, contract_of, open_api
from lookalike.cli.screen import err, out
from lookalike.contract.files import replace_file
from lookalike.counted import counted
from lookalike.errors import FileError, UsageError
from lookalike.export.formats import Models, Options, format_named
from lookalike.messages import Exchange

EXAMPLE = """
lookalike export contracts/github.yaml --to openapi -o openapi.json
lookalike export contracts/github.yaml --to python -o github_types.py
lookalike export contracts/github.yaml --to har -o github.har
"""

_To = Literal["json-schema", "openapi", "python", "pact-v3", "pact-v4", "wiremock", "har", "mocks"]


def export(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="A contract, a ready-made API, or a name from pyproject.toml; for har and mocks traffic too.",
            autocompletion=complete,
        ),
    ],
    to: Annotated[
        _To,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="json-schema, openapi, python, pact-v3, pact-v4, wiremock, har or mocks.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")],
    models: Annotated[
        Models, typer.Option("--models", metavar="KIND", help="What typed Python is made of: typed-dict or pydantic.")
    ] = "typed-dict",
    consumer: Annotated[
        str, typer.Option("--consumer", metavar="NAME", help="Who asks the API, as a Pact names it.")
    ] = "consumer",
) -> None:
    """Write a contract in a format of others.

    JSON Schema, OpenAPI 3.1, typed Python, a Pact, WireMock's mappings, or a HAR of examples. With `--to har` the
    sources may be recorded traffic in any format that is read: it is written without its secrets; with `--to mocks` it
    becomes Python code that declares mocks.
    """
    if to == "mocks":
        _mocks(source, output)
        return
    if to == "har":
        _har(source, output)
        return
    if len(source) > 1:
        raise UsageError(
            f"--to {to} takes one contract, and here are {len(source)}; `lookalike merge` makes one of them"
        )
    contract = contract_of(open_api(source[0]))
    content = format_named(to).export(contract, Options(output.suffix.lower(), models, consumer))
    replace_file(output, content)
    count = len(contract.operations)
    out().say(f"Wrote {output}: {counted(count, 'operation')} of {contract.title}")


def _har(sources: list[str], output: Path) -> None:
    from lookalike.traffic.har_file import write

    count = write(output, _exchanges(sources))
    out().say(f"Wrote {output}: {counted(count, 'exchange')}")


def _mocks(sources: list[str], output: Path) -> None:
    from lookalike.export.mocks import source

    replace_file(output, source(_exchanges(sources)).encode())
    out().say(f"Wrote {output}: with api.mock() as mock: declare(mock)")


def _exchanges(sources: list[str]) -> Iterable[Exchange]:
    """The examples of what are contracts, and what was recorded in the others."""
    from lookalike.export.examples import exchanges

    traffic: list[str] = []
    for source in sources:
        if _is_contract(source):
            yield from exchanges(contract_of(open_api(source)))
        else:
            traffic.append(source)
    if traffic:
        yield from _recorded(traffic)


def _recorded(sources: list[str]) -> Iterable[Exchange]:
    from lookalike.traffic import read

    screen = err()
    yield from read(*sources, skipped=lambda skipped: screen.say(f"skipped {skipped}", "warn"))


def _is_contract(source: str) -> bool:
    """Whether it is the name of an API, or a file that no reader of traffic knows."""
    if source in config.load().apis or source in packs.names():
        return True
    if not Path(source).is_file() or Path(source).suffix.lower() not in (".yaml", ".yml", ".json"):
        return False
    from lookalike.traffic.detect import format_of
    from lookalike.traffic.opening import opening

    with opening(source, lambda entry, why: None) as opened:
        try:
            format_of(opened)
        except FileError:
            return True
    return False
