"""JSON Schema 2020-12 of every JSON body: one document, a definition for each operation and status."""

from __future__ import annotations

from typing import Any

import orjson

from lookalike.contract.contract import Contract
from lookalike.export.bodies import bodies
from lookalike.export.formats import Options

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def export(contract: Contract, options: Options) -> bytes:
    """The document as JSON."""
    return orjson.dumps(schema_of(contract), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def schema_of(contract: Contract) -> dict[str, Any]:
    """The document: `#/$defs/ListTodos200` is what `GET /todos` answers with 200, as its description says."""
    found = bodies(contract)
    own = {one.name: _described(one.schema, _words(one.operation.key, one.status)) for one in found.own}
    shared = dict(sorted(found.shared.items()))
    return {"$schema": DIALECT, "title": contract.title, "$defs": {**own, **shared}}


def _words(key: str, status: str) -> str:
    return f"What {key} answers with {status}." if status else f"What {key} takes."


def _described(schema: Any, words: str) -> Any:
    """With what it is about, where the contract says nothing better."""
    if schema is True or schema == {}:
        return {"description": words}
    if not isinstance(schema, dict) or "description" in schema:
        return schema
    return {"description": words, **schema}
