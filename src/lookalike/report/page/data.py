"""What a page shows, as JSON: operations, and the places of their schemas, each schema that several share once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.disagreements import Disagreement
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Media, Operation, is_code
from lookalike.counted import counted
from lookalike.report.tree import Place, Tree

_LONGEST = 240
# Beyond this many places times recordings, where each place comes from takes longer than a page may.
_MOST_LOOKED_UP = 400_000


def data_of(
    contract: Contract, operations: Iterable[Operation], disagreements: Sequence[Disagreement], *, status: str = ""
) -> dict[str, Any]:
    """`{"operations": [...], "nodes": [...], "sources": [...]}`.

    An operation: `{"key", "summary", "seen", "parameters": [[place, name, kind, presence, description]], "bodies":
    [[title, text, node or null]], "headers": {title: [[name, presence]]}, "disagreements": [[place, text]]}`.
    A node: `[kind, evidence, grade, examples, description, place, sources, children]`, where a child is `[name, node,
    presence, present, of]` and a source of one `[source, count]`.
    """
    build = _Builder(contract, status)
    told = [build.operation(one, disagreements) for one in operations]
    return {"operations": told, "nodes": build.nodes, "sources": list(build.sources)}


class _Builder:
    """Collects the nodes of a page; a schema without evidence of its own is one node wherever it is used."""

    def __init__(self, contract: Contract, status: str) -> None:
        self._contract = contract
        self._status = status
        self._often = "sometimes" if contract.learned else "optional"
        self._tree = Tree(contract.document, learned=contract.learned)
        self._known: dict[tuple[str, int], int] = {}
        self._kept: list[Place] = []  # so that no id is used twice
        self._budget = _MOST_LOOKED_UP
        self.nodes: list[list[Any]] = []
        self.sources: dict[str, int] = {}

    def operation(self, operation: Operation, disagreements: Sequence[Disagreement]) -> dict[str, Any]:
        """One operation."""
        bodies: list[list[Any]] = []
        headers: dict[str, list[list[str]]] = {}
        if operation.request_body is not None and not self._status:
            bodies += [
                self._body(operation, f"takes {kind}", "", media)
                for kind, media in operation.request_body.media.items()
            ]
        for status, answer in operation.responses.items():
            if self._status and status != self._status:
                continue
            bodies += [self._body(operation, f"{status} {kind}", status, media) for kind, media in answer.media.items()]
            if not answer.media:
                bodies.append([status, "no body", None])
            if answer.headers:
                headers[status] = [
                    [name, "always" if header.required else self._often] for name, header in answer.headers.items()
                ]
        return {
            "key": operation.key,
            "summary": operation.summary,
            "seen": seen(self._contract, operation),
            "parameters": self._parameters(operation),
            "bodies": bodies,
            "headers": headers,
            "disagreements": [
                [" ".join(filter(None, (one.status, one.place))), one.text]
                for one in disagreements
                if one.operation == operation.key and self._status in ("", one.status)
            ],
        }

    def _parameters(self, operation: Operation) -> list[list[str]]:
        return [
            [
                one.place,
                one.name,
                next(self._tree.rows("", one.schema, one.pointer)).kind,
                "always" if one.required else "optional",
            ]
            for one in operation.parameters
        ]

    def _body(self, operation: Operation, title: str, status: str, media: Media) -> list[Any]:
        kind = title.partition(" ")[2]
        if not is_json(kind):
            return [title, "text" if kind.startswith("text/") else "bytes", None]
        shape = self._contract.shape_of(operation, int(status)) if is_code(status) else None
        root = Place(title, media.schema, media.pointer, shape, place="json" if status else "request json")
        return [title, "", self._node(operation, status, root)]

    def _node(self, operation: Operation, status: str, root: Place) -> int:
        """The number of a place's node; nodes below it are made one after the other, as schemas may be deep."""
        first, work = self._number(root)
        todo = [(first, root)] if work else []
        while todo:
            number, place = todo.pop()
            row = self._tree.row(place, "")
            node, _ = self._tree.resolved(place)
            children = []
            for child in self._tree.children(place):
                below, new = self._number(child)
                if new:
                    todo.append((below, child))
                known = child.property
                counts = [known.present, known.of] if known is not None else []
                children.append([child.name, below, self._presence(child), *counts])
            # The counts of a key are its row's; what is below is the value's own.
            self.nodes[number] = [
                row.kind, row.evidence, row.grade, row.examples.removeprefix("e.g. "), _description(node), place.place,
                self._sources(operation, status, place), children,
            ]  # fmt: skip
        return first

    def _presence(self, place: Place) -> str:
        return {True: "always", False: self._often, None: ""}[place.required]

    def _number(self, place: Place) -> tuple[int, bool]:
        _, pointer = self._tree.resolved(place)
        key = (pointer, id(place.shape) if place.shape is not None else 0)
        if key in self._known:
            return self._known[key], False
        self._known[key] = number = len(self.nodes)
        self._kept.append(place)
        self.nodes.append([])
        return number, True

    def _sources(self, operation: Operation, status: str, place: Place) -> list[list[int]]:
        evidence = self._contract.evidence
        if evidence is None or place.shape is None or self._budget <= 0:
            return []
        self._budget -= len(evidence.recordings)
        found = []
        for one in self._contract.provenance(operation, status, place.place):
            name = ", ".join(one.labels) or "a recording"
            words = f"{name}, {one.day}" if one.day else name
            found.append([self.sources.setdefault(words, len(self.sources)), one.count])
        return found


def seen(contract: Contract, operation: Operation) -> str:
    """The days of the evidence that counts now: what an accepted change has outdated isn't among it."""
    counts = contract.evidence.counts_of(operation) if contract.evidence is not None else None
    if counts is None or not counts.last:
        return ""
    days = counts.last if counts.first in ("", counts.last) else f"{counts.first} to {counts.last}"
    return f"seen {counted(counts.n, 'time')}, {days}"


def _description(node: Any) -> str:
    text = node.get("description") if isinstance(node, Mapping) else None
    if not isinstance(text, str):
        return ""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
