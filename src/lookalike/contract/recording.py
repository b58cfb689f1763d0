"""What one recording says of an API: exchanges counted, operation by operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lookalike.messages import Exchange


@dataclass(frozen=True)
class RecordingCounts:
    """What a recording counted."""


def learn_exchanges(exchanges: Iterable[Exchange], *, base_url: str, day: str = "") -> RecordingCounts:
    """Count exchanges."""
    raise NotImplementedError
