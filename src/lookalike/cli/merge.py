"""`lookalike merge`: one contract from what several runs learned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.screen import out
from lookalike.contract.contract import Contract
from lookalike.errors import UsageError

EXAMPLE = """
lookalike merge shard-1/github.yaml shard-2/github.yaml -o contracts/github.yaml
"""


def merge(
    file: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Learned contracts, each with its evidence beside it.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The contract to write; people's edits in it stay.")
    ],
) -> None:
    """Merge what several runs learned about one API.

    The order doesn't matter, and the same run twice changes nothing.
    """
    from lookalike.contract import files, learning

    found = sorted((_learned(path) for path in file), key=lambda one: (one.title, one.source))
    known = [_learned(output)] if output.exists() else []
    base, *others = [*known, *found]
    ledger = base.evidence
    for one in others:
        if ledger is not None and one.evidence is not None:
            ledger = ledger.merge(one.evidence)
    if ledger is None:
        raise UsageError(f"{file[0]} has no evidence to merge")
    merged = learning.with_ledger(base, ledger)
    output.parent.mkdir(parents=True, exist_ok=True)
    files.save(merged, output)
    runs, operations = len(ledger.recordings), len(merged.operations)
    out().say(
        f"{output}  {operations} operation{'' if operations == 1 else 's'} from {runs} run{'' if runs == 1 else 's'}"
    )


def _learned(path: Path) -> Contract:
    from lookalike.contract import files

    contract = files.load(path)
    if contract.evidence is None:
        raise UsageError(f"{path} has no evidence beside it: only learned contracts can be merged")
    return contract
