"""`lookalike show`: a contract as a tree, with its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from lookalike.cli.opening import NAMES, allow_refs_option, complete, contract_of, open_api
from lookalike.cli.screen import Screen, out
from lookalike.contract.contract import Contract
from lookalike.contract.disagreements import disagreements
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Answer, Operation
from lookalike.errors import UsageError
from lookalike.report.terminal import Style
from lookalike.report.tree import Row, Tree

EXAMPLE = """
lookalike show contracts/jsonplaceholder.yaml
lookalike show contracts/jsonplaceholder.yaml "GET /todos" --days
"""

_GRADE_STYLE: dict[str, Style] = {"firm": "good", "likely": "", "assumed": "warn"}


def show(
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help=NAMES, autocompletion=complete)],
    operation: Annotated[
        str, typer.Argument(metavar="[OPERATION]", help='One operation: "GET /todos", or a path.', show_default=False)
    ] = "",
    days: Annotated[bool, typer.Option("--days", help="Also say on which days each operation was seen.")] = False,
    allow_refs: Annotated[list[str] | None, allow_refs_option] = None,
) -> None:
    """Show a contract as a tree, with its evidence.

    Each place has its kind, its presence, the counts behind that, and how sure it is: assumed, likely or firm.
    """
    opened = contract_of(open_api(contract, allow_refs))
    screen = out()
    chosen = _chosen(opened, operation)
    kind = "learned" if opened.learned else "from a document"
    count = f"{len(opened.operations)} operation{'' if len(opened.operations) == 1 else 's'}"
    screen.say(f"{screen.paint(opened.title, 'strong')}  {opened.base_url or ''}".rstrip())
    screen.say(f"{opened.source}, {kind}, {count}", "dim")
    for one in chosen:
        screen.say()
        _show(screen, opened, one, _seen(opened, one) if days else "")
    _disagreements(screen, opened, chosen, whole=not operation)


def _chosen(contract: Contract, words: str) -> list[Operation]:
    if not words:
        return sorted(contract.operations, key=lambda one: (one.path, one.method))
    method, _, path = words.strip().rpartition(" ")
    methods = [method.strip().upper()] if method else ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    found = [one for name in methods if (one := contract.find(name, path)) is not None and one.method == name]
    if not found:
        near = ", ".join(f'"{one.key}"' for one in contract.nearest(methods[0], path))
        raise UsageError(
            f"{contract.source or contract.name} has no operation {words!r}" + (f"\nNearest: {near}" if near else "")
        )
    return found


def _disagreements(screen: Screen, contract: Contract, chosen: list[Operation], *, whole: bool) -> None:
    """Where a vendor's document and the evidence beside it disagree; of all operations, what no document names too."""
    keys = {one.key for one in chosen}
    found = [one for one in disagreements(contract) if one.operation in keys or (whole and one.place == "operation")]
    if not found:
        return
    screen.say()
    screen.say(f"document and traffic disagree in {len(found)} place{'' if len(found) == 1 else 's'}", "warn")
    screen.table(((one.operation, ""), (one.text, "warn")) for one in found)


def _seen(contract: Contract, operation: Operation) -> str:
    """The days of the evidence that counts now: what an accepted change has outdated isn't among it."""
    counts = contract.evidence.counts_of(operation) if contract.evidence is not None else None
    if counts is None or not counts.last:
        return "no day known"
    days = counts.last if counts.first in ("", counts.last) else f"{counts.first} to {counts.last}"
    return f"seen {counts.n} time{'' if counts.n == 1 else 's'}, {days}"


def _show(screen: Screen, contract: Contract, operation: Operation, seen: str) -> None:
    told = "  ".join(filter(None, (operation.summary, seen)))
    screen.say(f"{screen.paint(operation.key, 'strong')}  {screen.paint(told, 'dim')}".rstrip())
    rows = list(_rows(contract, operation))
    screen.table(
        (
            (row.name, ""),
            (row.kind, ""),
            (row.presence, "warn" if row.presence == "sometimes" else ""),
            (row.evidence, "dim"),
            (row.grade, _GRADE_STYLE.get(row.grade, "")),
            (row.examples, "dim"),
        )
        for row in rows
    )


def _rows(contract: Contract, operation: Operation) -> Iterator[Row]:
    tree = Tree(contract.document, learned=contract.learned)
    for parameter in operation.parameters:
        presence = "always" if parameter.required else "optional"
        kind = next(tree.rows("", parameter.schema, parameter.pointer)).kind
        yield Row(f"{parameter.place} {parameter.name}", kind, presence)
    if operation.request_body is not None:
        for kind, media in operation.request_body.media.items():
            yield from _body(tree, f"takes {kind}", kind, media.schema, media.pointer, None)
    for status, answer in operation.responses.items():
        yield from _answer(contract, tree, operation, status, answer)


def _answer(contract: Contract, tree: Tree, operation: Operation, status: str, answer: Answer) -> Iterator[Row]:
    shape = contract.shape_of(operation, int(status)) if status.isdigit() else None
    if not answer.media:
        yield Row(status, "no body")
    for kind, media in answer.media.items():
        yield from _body(tree, f"{status} {kind}", kind, media.schema, media.pointer, shape)


def _body(tree: Tree, name: str, kind: str, schema: Any, pointer: str, shape: Any) -> Iterator[Row]:
    if is_json(kind):
        yield from tree.rows(name, schema, pointer, shape)
    else:
        yield Row(name, "text" if kind.startswith("text/") else "bytes")
