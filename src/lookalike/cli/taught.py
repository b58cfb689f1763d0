"""What answers teach a contract's file, and how that is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lookalike.cli.screen import Screen, out
from lookalike.contract.contract import Contract
from lookalike.contract.disk import from_here
from lookalike.counted import counted
from lookalike.errors import InvalidJson, UsageError
from lookalike.messages import Exchange


def write(known: Contract | None, exchanges: list[Exchange], *, base_url: str, target: Path, title: str) -> None:
    """Teach the contract and write its files. Raises UsageError where no answer can be read, FileError."""
    from lookalike.contract import files, learning
    from lookalike.live.record import moved

    unreadable = unreadable_of(exchanges)
    if unreadable and len(unreadable) == len(exchanges):
        raise UsageError(f"nothing to learn from {base_url}: {'; '.join(unreadable)}\nAsk paths that answer JSON")
    contract = (
        learning.learn(exchanges, base_url=base_url, name=target.stem, title=title)
        if known is None
        else learning.fold(known, exchanges := [moved(one, base_url, known.base_url or base_url) for one in exchanges])
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    files.save(contract, target)
    report(out(), contract, exchanges, target)
    for text in unreadable:
        out().say(f"  {text}; its body taught nothing", "warn")


def existing(path: Path, base_url: str) -> Contract | None:
    """The contract as its file has it now, learned or a vendor's; None where there is none.

    base_url: where the API is, for a document that doesn't say it
    Raises FileError where it can't be read.
    """
    from lookalike.contract import files

    if not path.exists():
        return None
    contract = files.load(path)
    return contract if contract.base_url else files.load(path, base_url=base_url)


def unreadable_of(exchanges: list[Exchange]) -> list[str]:
    """The answers that claim to be JSON and aren't, or nest deeper than a parser goes."""
    found = []
    for exchange in exchanges:
        response = exchange.response
        if response is None or not response.is_json or not response.content:
            continue
        try:
            response.json()
        except InvalidJson as error:
            found.append(f"{exchange.request.method} {exchange.request.path} says it is JSON, and is {error}")
    return found


def report(screen: Screen, contract: Contract, exchanges: list[Exchange], output: Path) -> None:
    """Which operations the answers were found to be of, and what was written."""
    seen: dict[str, Counter[int]] = {}
    for exchange in exchanges:
        path = contract.relative(exchange.request.url)
        operation = contract.find(exchange.request.method, path) if path is not None else None
        if operation is not None and exchange.response is not None:
            seen.setdefault(operation.key, Counter())[exchange.response.status] += 1
    for_each = sorted(seen.items(), key=lambda item: item[0].partition(" ")[2])
    screen.table(((key, "strong"), (_statuses(statuses), "")) for key, statuses in for_each)
    from lookalike.contract.files import evidence_path

    document = "OpenAPI 3.1" if contract.learned else "unchanged, not learned"
    screen.table(
        [
            (
                (str(from_here(output)), "good"),
                (f"{document}, {counted(len(contract.operations), 'operation')}", "dim"),
            ),
            (
                (str(from_here(evidence_path(output))), "good"),
                (f"the counts behind it; {counted(len(exchanges), 'answer')} came", "dim"),
            ),
        ]
    )


def _statuses(statuses: Counter[int]) -> str:
    return ", ".join(
        f"{status}" + (f" ({times} times)" if times > 1 else "") for status, times in sorted(statuses.items())
    )
