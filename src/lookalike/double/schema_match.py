"""A matcher of JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.double.matcher import MISSING, Matcher
from lookalike.errors import UsageError
from lookalike.mismatch import Mismatch
from lookalike.shape.explain import explain
from lookalike.shape.schema import Validator


class schema(Matcher):  # noqa: N801 - read as a word in a test: json=schema({"type": "object"})
    """Fits JSON that a JSON Schema (2020-12) allows; keys that it doesn't name are welcome, unless it says otherwise.

    Formats are not asserted, as in the standard's own reading; references stay inside of the schema, nothing is
    fetched. Raises UsageError for a schema that is none.
    """

    def __init__(self, rules: Mapping[str, Any] | bool) -> None:
        if not isinstance(rules, (Mapping, bool)):
            raise UsageError(f'schema() takes a JSON Schema, schema({{"type": "object"}}), not {rules!r}')
        self._rules = rules
        self._validator = Validator(rules)
        self._validator.compiled()

    @property
    def expected(self) -> str:
        title = self._rules.get("title") if isinstance(self._rules, Mapping) else None
        return f"what the schema {title} allows" if isinstance(title, str) else "what the schema allows"

    def explain(self, got: Any, where: str) -> Iterator[Mismatch]:
        if got is MISSING:
            yield Mismatch(where, self.expected, "missing")
        else:
            yield from explain(self._validator, got, root=where, closed=False)

    def on_text(self, where: str) -> Matcher:
        raise UsageError(f"{where}: a JSON Schema is for json=, and not for a text")

    def __repr__(self) -> str:
        return f"schema({self._rules!r})"
