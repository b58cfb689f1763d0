"""`lookalike merge`: one contract from what several runs learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.screen import out
from lookalike.contract.contract import Contract
from lookalike.counted import counted
from lookalike.errors import UsageError
from lookalike.intercept.active import is_loopback
from lookalike.messages import split_url

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

    The order doesn't matter, and the same run twice changes nothing. Contracts of several servers are refused.
    """
    from lookalike.contract import files, learning

    found = sorted((_learned(path) for path in file), key=lambda one: (one.title, one.source))
    known = [_learned(output)] if output.exists() else []
    _check_servers(found)
    base, *others = [*known, *found]
    if _server(base) not in {"", *(_server(one) for one in found)}:
        out().say(f"{output} is about {base.base_url}; what is merged into it is from {found[0].base_url}", "warn")
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
    out().say(f"{output}  {counted(operations, 'operation')} from {counted(runs, 'run')}")


def _check_servers(found: Sequence[Contract]) -> None:
    """Raises UsageError for contracts of more than one API."""
    servers = {server: one for one in found if (server := _server(one))}
    if len(servers) > 1:
        said = ", ".join(f"{one.source} is about {one.base_url}" for _, one in sorted(servers.items()))
        raise UsageError(
            f"these are contracts of several APIs, and a contract is about one: {said}\n"
            "Merge them into a file each; if they are one API, give them the same URL under `servers`"
        )


def _server(contract: Contract) -> str:
    """Which API a contract is about: its base URL; ports of this machine change from run to run."""
    parts = split_url(contract.base_url) if contract.base_url else None
    if parts is None or contract.base_url is None:
        return ""
    return f"localhost{parts.path.rstrip('/')}" if is_loopback(parts.host) else contract.base_url


def _learned(path: Path) -> Contract:
    from lookalike.contract import files

    contract = files.load(path)
    if contract.evidence is None:
        raise UsageError(f"{path} has no evidence beside it: only learned contracts can be merged")
    return contract
