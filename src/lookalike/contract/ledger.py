"""The evidence behind a learned contract: what each recording counted, what is disputed, and where eras begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.operation import Operation
from lookalike.contract.recording import RecordingCounts
from lookalike.shape.shape import Shape


@dataclass(frozen=True, slots=True)
class Recording:
    """What one recording counted, with its day (`YYYY-MM-DD`, `""` where unknown)."""

    day: str
    counts: RecordingCounts


@dataclass(frozen=True, slots=True)
class Era:
    """From which day on an operation's evidence is read, without the recordings of that day that came before it."""

    day: str
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ledger:
    """Everything in NAME.evidence.json.

    recordings: by id, an order-free hash of the recording's exchanges
    disputed:   by operation (`METHOD /template`), then by id: answers that contradict and aren't read until accepted
    eras:       by operation
    document:   the OpenAPI document that lookalike wrote last, to tell a person's edits from its own
    base_url:   where the exchanges were seen
    """

    recordings: Mapping[str, Recording] = field(default_factory=dict)
    disputed: Mapping[str, Mapping[str, Recording]] = field(default_factory=dict)
    eras: Mapping[str, Era] = field(default_factory=dict)
    document: Mapping[str, Any] | None = None
    base_url: str = ""

    def shape_of(self, operation: Operation, status: int, kind: str = "") -> Shape | None:
        """The learned shape of a reply's JSON body."""
        return None

    def request_shape(self, operation: Operation, kind: str) -> Shape | None:
        """The learned shape of a request's JSON body."""
        return None

    def by_hand(self, root: Mapping[str, Any], pointer: str) -> bool:
        """Whether a person wrote or pinned the node at a pointer of the document."""
        return False
