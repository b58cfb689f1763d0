"""Pacts (https://github.com/pact-foundation/pact-specification): what a consumer may count on, with matching rules.

An interaction is an operation with the status that it answers when all is well; how a provider comes to answer with
another one, a contract doesn't know. Its body has what the contract requires, and rules say of each place what holds
there, so that the provider may answer with other values and with more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import is_json
from lookalike.contract.schemas import Bundler
from lookalike.export.examples import Example, Examples
from lookalike.shape.places import Places
from lookalike.shape.schema import Schema, Validator

Rules = dict[str, list[dict[str, Any]]]
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 64
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction, before a version of the specification writes it.

    body:  what the response must have at least, None where it has no JSON body
    rules: for the body, by path (`$.items[*].id`)
    path:  a regular expression for the path, `""` where it has no variables
    """

    description: str
    example: Example
    body: Any
    rules: Rules
    path: str


def interactions(contract: Contract) -> Iterator[Interaction]:
    """Those of a contract, in the document's order."""
    bundler = Bundler(contract.document, "response")
    for example in Examples(contract).all(only_default=True):
        if example.status < 400:
            body, rules = _promised(contract, example, bundler)
            operation = example.operation
            description = f"{operation.key} answers with {example.status}"
            yield Interaction(description, example, body, rules, _path_pattern(operation.path))


def _path_pattern(path: str) -> str:
    pieces = _VARIABLE.split(path)
    if len(pieces) == 1:
        return ""
    return f"^{''.join('[^/]+' if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))}$"


def _promised(contract: Contract, example: Example, bundler: Bundler) -> tuple[Any, Rules]:
    answer = example.operation.answer(example.status)
    media = answer.media.get(example.media) if answer is not None else None
    if media is None:
        media = next((one for kind, one in answer.media.items() if is_json(kind)), None) if answer is not None else None
    if not is_json(example.media) or media is None:
        return None, {}
    schema = True if media.schema is None else bundler.bundle(media.schema, media.pointer)
    walk = _Walk(Validator(schema))
    return walk.promise(example.answer, [schema], "$", _DEEPEST), walk.rules


class _Walk:
    """Goes through a value with the schemas that apply to it, and notes what they say as rules."""

    def __init__(self, validator: Validator) -> None:
        self._places = Places(validator)
        self.rules: Rules = {}

    def promise(self, value: Any, schemas: Sequence[Schema], path: str, depth: int) -> Any:
        """The value with what is required of it alone."""
        applied = self._places.applicable(schemas, value)
        matchers = _matchers(value, applied)
        if matchers:
            self.rules[path] = matchers
        if depth and isinstance(value, dict):
            required = {name for schema in applied for name in _names(schema.get("required"))}
            return {
                key: self.promise(one, self._places.below(applied, key), path + _step(key), depth - 1)
                for key, one in value.items()
                if key in required
            }
        if depth and isinstance(value, list):
            # One item stands for all of them.
            return [self.promise(one, self._places.below(applied, 0), f"{path}[*]", depth - 1) for one in value[:1]]
        return value


def _names(required: Any) -> list[str]:
    return [name for name in required if isinstance(name, str)] if isinstance(required, list) else []


def _step(key: str) -> str:
    if _PLAIN.fullmatch(key):
        return f".{key}"
    return "['" + key.replace("\\", "\\\\").replace("'", "\\'") + "']"


def _matchers(value: Any, schemas: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What must hold at a place: nothing where the schemas allow any kind."""
    kinds = _kinds(schemas)
    if value is None or not kinds:
        return [{"match": "null"}] if kinds == {"null"} else []
    own = {"integer": {"match": "integer"}, "number": {"match": "number"}}
    if isinstance(value, bool) or not isinstance(value, int | float):
        found: dict[str, Any] = {"match": "type"}
        if isinstance(value, str) and any(schema.get("format") == "uuid" for schema in schemas):
            found = {"match": "regex", "regex": _UUID}
    else:
        found = own["number" if "number" in kinds else "integer"] if kinds & own.keys() else {"match": "type"}
    others = kinds - {"null", *_kind_of(value)}
    if others - {"integer", "number"}:
        return []  # another kind may come, for which Pact has no word
    return [found, {"match": "null"}] if "null" in kinds else [found]


def _kind_of(value: Any) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int | float):
        return {"integer", "number"}
    return {"string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"}


def _kinds(schemas: Sequence[Mapping[str, Any]]) -> set[str]:
    """The kinds that all schemas allow; none where no schema says one."""
    said = [
        {kind} if isinstance(kind, str) else set(kind)
        for schema in schemas
        if isinstance(kind := schema.get("type"), str | list)
    ]
    return set.intersection(*said) if said else set()
