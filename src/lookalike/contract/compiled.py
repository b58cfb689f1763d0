"""What a contract compiles at first use: schemas, validators, and the shapes behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lookalike.contract.openapi import Document, is_json, media_for
from lookalike.contract.operation import Media, Operation, is_code
from lookalike.contract.promised_formats import FormatCheck
from lookalike.contract.schemas import Bundler, Direction
from lookalike.errors import UsageError
from lookalike.shape.schema import Validator

if TYPE_CHECKING:
    from lookalike.contract.counts import OperationCounts
    from lookalike.contract.ledger import Ledger
    from lookalike.shape.shape import Grade, Shape


_DIRECTIONS: tuple[Direction, ...] = ("request", "response")


class Compiled:
    """Schemas by their pointer, compiled once, and the learned shape at each place where there is one."""

    def __init__(self, document: Document, evidence: Ledger | None) -> None:
        self.document = document
        self.evidence = evidence
        self._bundlers = {direction: Bundler(document, direction) for direction in _DIRECTIONS}
        self._schemas: dict[tuple[str, str], Any] = {}
        self._validators: dict[tuple[str, str], Validator] = {}
        self._formats: dict[tuple[str, str], FormatCheck] = {}

    def schema(self, media: Media, direction: Direction) -> Any:
        """The schema of a body, standing alone. Raises FileError where the document is broken there."""
        return self.node(media.schema if media.schema is not None else True, media.pointer, direction)

    def sampled(self, media: Media) -> Any:
        """The schema of a reply's body with the bodies that the document shows beside it, for who makes one up."""
        schema = self.schema(media, "response")
        if not media.examples or (isinstance(schema, Mapping) and schema.keys() & {"example", "examples"}):
            return schema
        return {**(schema if isinstance(schema, Mapping) else {}), "examples": list(media.examples)}

    def formats(self, node: Any, pointer: str, direction: Direction) -> FormatCheck:
        """What tells values that plainly lack the format that a node of the document names."""
        key = (pointer, direction)
        found = self._formats.get(key)
        if found is None:
            found = self._formats[key] = FormatCheck(self.node(node, pointer, direction))
        return found

    def node(self, node: Any, pointer: str, direction: Direction) -> Any:
        """Any schema of the document, standing alone."""
        key = (pointer, direction)
        found = self._schemas.get(key)
        if found is None:
            found = self._schemas[key] = self._bundlers[direction].bundle(node, pointer)
        return found

    def validator(self, node: Any, pointer: str, direction: Direction) -> Validator:
        """The compiled schema of a node of the document."""
        key = (pointer, direction)
        found = self._validators.get(key)
        if found is None:
            found = Validator(self.node(node, pointer, direction))
            try:
                found.compiled()
            except UsageError as error:
                raise self.document.error(
                    str(error), place=pointer, hint="Correct the schema there, or in what it refers to."
                ) from None
            self._validators[key] = found
        return found

    @staticmethod
    def json_media(operation: Operation, status: int) -> Media | None:
        """The JSON body that the document describes for a status, None where it describes none."""
        answer = operation.answer(status)
        if answer is None:
            return None
        found: Mapping[str, Media] = answer.media
        named = media_for(found, "application/json")
        if named is not None:
            return named
        return next((media for kind, media in found.items() if is_json(kind)), None)

    def shape_of(self, operation: Operation, status: int, kind: str = "") -> Shape | None:
        """The learned shape of a reply's JSON body; of a media type, or of the JSON one."""
        return self.evidence.shape_of(operation, status, kind) if self.evidence is not None else None

    def seen(self, operation: Operation, status: str) -> tuple[int, Grade] | None:
        """Answers with a status that were seen, and how sure they make us of what all of them had."""
        counts = self.evidence.counts_of(operation) if self.evidence is not None else None
        answer = counts.answers.get(status) if counts is not None else None
        if answer is None:
            return None
        from lookalike.shape.policy import grade, size  # documents have no grades

        shape = self.shape_of(operation, int(status)) if is_code(status) else None
        targets = max(shape.targets, 1) if shape is not None else 1
        return answer.n, grade(size(answer.n, targets), targets)

    def past_of(self, operation: Operation, status: int, kind: str) -> Shape | None:
        """What was said of a reply's JSON body before its current era."""
        return self.evidence.past_of(operation, status, kind) if self.evidence is not None else None

    def eras(self, operation: Operation) -> tuple[OperationCounts | None, OperationCounts | None]:
        """What was counted of an operation in its current eras, and before them."""
        if self.evidence is None:
            return None, None
        return self.evidence.counts_of(operation), self.evidence.past_counts_of(operation)

    def saw_broken(self, operation: Operation, status: int, kind: str) -> bool:
        """Whether the API itself was seen to answer with nothing, or with JSON that is none."""
        counts = self.evidence.counts_of(operation) if self.evidence is not None else None
        answer = counts.answers.get(str(status)) if counts is not None else None
        body = answer.media.get(kind) if answer is not None else None
        return body is not None and body.broken + body.empty > 0

    def any_query(self, operation: Operation) -> bool:
        """Whether more parameters were seen than are kept by name."""
        counts = self.evidence.counts_of(operation) if self.evidence is not None else None
        if counts is None:
            return False
        from lookalike.contract.counts import MANY  # documents have no counts

        return MANY in counts.accepted.query

    def request_shape(self, operation: Operation, kind: str) -> Shape | None:
        """The learned shape of a request's JSON body."""
        return self.evidence.request_shape(operation, kind) if self.evidence is not None else None

    def by_hand(self, pointer: str, *, missing: bool = False) -> bool:
        """Whether a person wrote or pinned the node at a pointer of a learned document, or that it must be there."""
        return self.evidence is not None and self.evidence.by_hand(self.document.root, pointer, missing=missing)
