"""A ready-made API."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.codec import decode_json
from lookalike.double.double import Double
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.contract.contract import Contract


@dataclass(frozen=True)
class Pack:
    """A ready-made API: its contract, and a double that behaves like it.

    name:     what it is loaded by
    summary:  the API in a line
    base_url: where the real one is, without a trailing slash
    path:     the file of its contract, an OpenAPI 3.1 document in JSON
    make:     makes the double
    options:  what `make` gets unless `fake` says otherwise
    """

    name: str
    summary: str
    base_url: str
    path: Path
    make: Callable[..., Double]
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The contract's document, read when it is first asked for."""
        document: dict[str, Any] = decode_json(self.path.read_bytes())
        return document

    @cached_property
    def contract(self) -> Contract:
        """The contract, made when it is first asked for."""
        from lookalike.contract.contract import Contract
        from lookalike.contract.openapi import Document

        document = Document(self.document, path=str(self.path))
        return Contract(document, name=self.name, base_url=self.base_url, source=self.name)

    def fake(self, **options: Any) -> Double:
        """A double that behaves like the API. Raises UsageError for an option that the pack doesn't have."""
        chosen = {**self.options, **options}
        known = sorted(inspect.signature(self.make).parameters)
        for name in chosen:
            if name not in known:
                raise UsageError(f"the pack {self.name!r} has no option {name!r}; it has: {', '.join(known)}")
        return self.make(**chosen)
