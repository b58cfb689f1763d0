"""Every JSON body of a contract as a named schema, with what they share beside them: local to one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Media, Operation
from lookalike.contract.schemas import Bundler, Direction
from lookalike.export.names import free, operation_name, pascal

# Under these stand values, in which `$ref` is somebody's data.
VALUES = frozenset({"const", "default", "enum", "example", "examples"})
# And under these names that somebody chose.
MAPS = frozenset(
    {"$defs", "content", "definitions", "dependentSchemas", "headers", "paths", "patternProperties", "properties",
     "responses", "schemas"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON body: what an operation takes, or answers with a status.

    name:   of its schema, unique in the document
    status: as the contract has it, `""` for the request's body
    """

    name: str
    operation: Operation
    status: str
    media: str
    schema: Any


@dataclass
class Bodies:
    """The schemas of one document: `own` of the operations, `shared` what they refer to, by name.

    where: what references begin with: `#/$defs/`
    """

    where: str = "#/$defs/"
    shared: dict[str, Any] = field(default_factory=dict)
    own: list[Body] = field(default_factory=list)
    _renamed: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, direction: Direction, schema: Any) -> Any:
        """A bundled schema with its definitions put beside it, under names that nothing else has."""
        if not isinstance(schema, Mapping):
            return schema
        new = {name: one for name, one in schema.get("$defs", {}).items() if (direction, name) not in self._renamed}
        for name in new:
            self._name(direction, name)
        for name, one in new.items():
            self.shared[self._renamed[direction, name]] = self._local(direction, one)
        return self._local(direction, {key: one for key, one in schema.items() if key != "$defs"})

    def _name(self, direction: Direction, name: str) -> None:
        """A request and a response may have different schemas of one name: what is readOnly or writeOnly differs."""
        wanted = pascal(name)
        if direction == "request" and ("response", name) in self._renamed:
            wanted += "Input"
        self._renamed[direction, name] = free(wanted, self.shared)
        self.shared[self._renamed[direction, name]] = {}  # the place is taken

    def _local(self, direction: Direction, node: Any) -> Any:
        def local(reference: str) -> str:
            renamed = self._renamed.get((direction, reference.removeprefix("#/$defs/")))
            return reference if renamed is None else self.where + renamed

        return _referring(node, local)

    def without_twins(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with one schema where requests and responses have the same one; `shared` follows."""
        same = {
            own: self._renamed["response", name]
            for (direction, name), own in self._renamed.items()
            if direction == "request" and ("response", name) in self._renamed
        }

        def merged(reference: str) -> str:
            other = same.get(reference.removeprefix(self.where))
            return reference if other is None else self.where + other

        # Schemas that go in circles are the same as long as nothing tells them apart.
        while other := [a for a, b in same.items() if _referring(self.shared[a], merged) != self.shared[b]]:
            for name in other:
                del same[name]
        for name in same:
            del self.shared[name]
        self.shared = {name: _referring(one, merged) for name, one in self.shared.items()}
        found: dict[str, Any] = _referring(document, merged)
        return found


def _referring(node: Any, renamed: Callable[[str], str]) -> Any:
    """A copy of a node with its references changed."""
    if isinstance(node, list):
        return [_referring(one, renamed) for one in node]
    if not isinstance(node, Mapping):
        return node
    found: dict[str, Any] = {}
    for key, one in node.items():
        if key == "$ref" and isinstance(one, str):
            found[key] = renamed(one)
        elif key in MAPS and isinstance(one, Mapping):
            found[key] = {name: _referring(below, renamed) for name, below in one.items()}
        else:
            found[key] = one if key in VALUES else _referring(one, renamed)
    return found


class Schemas:
    """Any schema of a contract as part of one document."""

    def __init__(self, contract: Contract, where: str = "#/$defs/") -> None:
        self._bundlers = {
            "response": Bundler(contract.document, "response"),
            "request": Bundler(contract.document, "request"),
        }
        self.bodies = Bodies(where)

    def of(self, direction: Direction, node: Any, pointer: str) -> Any:
        """The schema of a node, local to the document; the empty one where the contract says nothing."""
        if node is None:
            return {}
        return self.bodies.add(direction, self._bundlers[direction].bundle(node, pointer))


def bodies(contract: Contract) -> Bodies:
    """All JSON bodies of a contract. Raises FileError where its document is broken."""
    schemas = Schemas(contract)
    found = []
    for operation, status, media in json_media(contract):
        found.append(
            (operation, status, media, schemas.of("response" if status else "request", media.schema, media.pointer))
        )
    merged = schemas.bodies.without_twins({"$defs": {str(at): one[3] for at, one in enumerate(found)}})["$defs"]
    taken = set(schemas.bodies.shared)
    for at, (operation, status, media, _) in enumerate(found):
        name = operation_name(operation) + (pascal(status).lstrip("_") if status else "Request")
        name = free(name, taken)
        taken.add(name)
        schemas.bodies.own.append(Body(name, operation, status, media.name, merged[str(at)]))
    return schemas.bodies


def json_media(contract: Contract) -> Iterator[tuple[Operation, str, Media]]:
    """(operation, status, media) of each JSON body, the status `""` for what an operation takes."""
    for operation in contract.operations:
        for status, answer in operation.responses.items():
            yield from ((operation, status, one) for kind, one in answer.media.items() if is_json(kind))
        if operation.request_body is not None:
            yield from ((operation, "", one) for kind, one in operation.request_body.media.items() if is_json(kind))
