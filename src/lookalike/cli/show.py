"""`lookalike show`: a contract as a tree, with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import typer

from lookalike.cli.opening import NAMES, allow_refs_option, complete, contract_of, open_api
from lookalike.cli.screen import Screen, out
from lookalike.contract.contract import Contract
from lookalike.contract.disagreements import Disagreement, disagreements
from lookalike.contract.files import replace_file
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Answer, Operation, is_code
from lookalike.counted import counted
from lookalike.errors import UsageError
from lookalike.report.page.data import seen
from lookalike.report.terminal import Style
from lookalike.report.tree import Row, Tree

EXAMPLE = """
lookalike show contracts/jsonplaceholder.yaml
lookalike show contracts/jsonplaceholder.yaml "GET /todos" --days
lookalike show contracts/jsonplaceholder.yaml --html jsonplaceholder.html
"""

_GRADE_STYLE: dict[str, Style] = {"firm": "good", "likely": "", "assumed": "warn"}


def show(
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help=NAMES, autocompletion=complete)],
    operation: Annotated[
        str, typer.Argument(metavar="[OPERATION]", help='One operation: "GET /todos", or a path.', show_default=False)
    ] = "",
    days: Annotated[bool, typer.Option("--days", help="Also say on which days each operation was seen.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--operation", metavar="PATTERN", help='Only these: "GET /repos/*"; may be given again.'),
    ] = None,
    status: Annotated[str, typer.Option("--status", metavar="STATUS", help="Only answers of this status.")] = "",
    sources: Annotated[
        bool, typer.Option("--sources", help="Also say which recording has seen each place last, when, how often.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page to browse, in one file, instead.")
    ] = None,
    allow_refs: Annotated[list[str] | None, allow_refs_option] = None,
) -> None:
    """Show a contract as a tree, with its evidence.

    Each place has its kind, its presence, the counts behind that, how sure it is (assumed, likely or firm), and
    examples. Where a vendor's document and the evidence beside it disagree, that is said below an operation.
    """
    opened = contract_of(open_api(contract, allow_refs))
    screen = out()
    chosen = _fitting(opened, _chosen(opened, operation), only or (), status)
    odd = disagreements(opened)
    if html is not None:
        from lookalike.report.page import page

        replace_file(html, page(opened, chosen, odd, status=status).encode())
        screen.say(f"{screen.paint(str(html), 'strong')}  {counted(len(chosen), 'operation')}")
        return
    kind = "learned" if opened.learned else "from a document"
    count = counted(len(opened.operations), "operation")
    screen.say(f"{screen.paint(opened.title, 'strong')}  {opened.base_url or ''}".rstrip())
    screen.say(f"{opened.source}, {kind}, {count}", "dim")
    for one in chosen:
        screen.say()
        _show(screen, opened, one, (seen(opened, one) or "no day known") if days else "", status, sources)
        for each in odd:
            if each.operation == one.key and status in ("", each.status):
                screen.say(f"  ! {each.text}", "warn")
    _unnamed(screen, opened, odd, everything=not (operation or only or status))


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


def _fitting(contract: Contract, found: list[Operation], patterns: Sequence[str], status: str) -> list[Operation]:
    """Those that fit a pattern, and answer with the status."""
    if patterns:
        found = [one for one in found if any(fnmatchcase(one.key.lower(), pattern.lower()) for pattern in patterns)]
        if not found:
            raise UsageError(f"{contract.source or contract.name} has no operation like {' or '.join(patterns)}")
    if status:
        found = [one for one in found if status in one.responses]
        if not found:
            raise UsageError(f"no operation here answers {status}")
    return found


def _unnamed(screen: Screen, contract: Contract, odd: Sequence[Disagreement], *, everything: bool) -> None:
    """What was seen of operations that the document doesn't have."""
    known = {one.key for one in contract.operations}
    others = [one for one in odd if one.operation not in known] if everything else []
    if others:
        screen.say()
        screen.say("In traffic alone", "strong")
        for one in others:
            screen.say(f"  ! {one.operation} {one.text}", "warn")


def _show(
    screen: Screen, contract: Contract, operation: Operation, told: str, status: str = "", sources: bool = False
) -> None:
    told = "  ".join(filter(None, (operation.summary, told)))
    screen.say(f"{screen.paint(operation.key, 'strong')}  {screen.paint(told, 'dim')}".rstrip())
    screen.table(
        (
            (row.name, ""),
            (row.kind, ""),
            (row.presence, "warn" if row.presence == "sometimes" else ""),
            (row.evidence, "dim"),
            (row.grade, _GRADE_STYLE.get(row.grade, "")),
            (row.examples, "dim"),
            (_source(contract, operation, of, row) if sources else "", "dim"),
        )
        for of, row in _rows(contract, operation, status)
    )


def _source(contract: Contract, operation: Operation, status: str, row: Row) -> str:
    """The latest recording that has seen a row's place, and how many others have."""
    found = contract.provenance(operation, status, row.place) if row.place else []
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0]}{more}" if found else ""


def _rows(contract: Contract, operation: Operation, only: str) -> Iterator[tuple[str, Row]]:
    """The rows of an operation, each with the status that it is of."""
    tree = Tree(contract.document, learned=contract.learned)
    if not only:
        for parameter in operation.parameters:
            presence = "always" if parameter.required else "optional"
            kind = next(tree.rows("", parameter.schema, parameter.pointer)).kind
            place = f"query {parameter.name}" if parameter.place == "query" else ""
            yield "", Row(f"{parameter.place} {parameter.name}", kind, presence, place=place)
        if operation.request_body is not None:
            for kind, media in operation.request_body.media.items():
                for row in _body(tree, f"takes {kind}", kind, media.schema, media.pointer, None):
                    yield "", replace(row, place=f"request {row.place}")
    for status, answer in operation.responses.items():
        if only in ("", status):
            yield from ((status, row) for row in _answer(contract, tree, operation, status, answer))


def _answer(contract: Contract, tree: Tree, operation: Operation, status: str, answer: Answer) -> Iterator[Row]:
    shape = contract.shape_of(operation, int(status)) if is_code(status) else None
    if not answer.media:
        yield Row(status, "no body", place="status")
    for kind, media in answer.media.items():
        yield from _body(tree, f"{status} {kind}", kind, media.schema, media.pointer, shape)


def _body(tree: Tree, name: str, kind: str, schema: Any, pointer: str, shape: Any) -> Iterator[Row]:
    if is_json(kind):
        yield from tree.rows(name, schema, pointer, shape)
    else:
        yield Row(name, "text" if kind.startswith("text/") else "bytes")
