"""Pacts (https://github.com/pact-foundation/pact-specification): what a consumer may count on, with matching rules.

An interaction is an operation with the status that it answers when all is well; how a provider comes to answer with
another one, a contract doesn't know. Its body has what the contract requires, and rules say of each place what holds
there, so that the provider may answer with other values and with more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_CHOICES = 8  # of choices in choices, so deep
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
        kinds = _common(_allowed(one, self._places.validator, _CHOICES) for one in schemas)
        matchers = _matchers(value, applied, kinds)
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


def _matchers(value: Any, schemas: Sequence[Mapping[str, Any]], kinds: frozenset[str] | None) -> list[dict[str, Any]]:
    """What must hold at a place: nothing where another kind may come, for which Pact has no word."""
    if kinds is None or kinds - {"null"} - _kind_of(value):
        return []
    if value is None:
        return [{"match": "null"}]
    found: dict[str, Any] = {"match": "type"}
    if "number" in _kind_of(value):
        found = {"match": "number" if "number" in kinds else "integer"}
    elif isinstance(value, str) and any(schema.get("format") == "uuid" for schema in schemas):
        found = {"match": "regex", "regex": _UUID}
    return [found, {"match": "null"}] if "null" in kinds else [found]


def _kind_of(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, int | float):
        return frozenset({"integer", "number"})
    return frozenset({"string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"})


def _allowed(schema: Schema, validator: Validator, depth: int) -> frozenset[str] | None:
    """The kinds that a schema allows at its place; None where it says nothing of them."""
    schema = validator.resolve(schema)
    if isinstance(schema, bool) or not depth:
        return None
    kind = schema.get("type")
    said: list[frozenset[str] | None] = [] if kind is None else [_kinds({kind} if isinstance(kind, str) else set(kind))]
    said += [_allowed(one, validator, depth - 1) for one in schema.get("allOf", ())]
    for word in ("anyOf", "oneOf"):
        branches = [_allowed(one, validator, depth - 1) for one in schema.get(word, ())]
        known = [one for one in branches if one is not None]
        if branches and len(known) == len(branches):
            said.append(frozenset().union(*known))
    return _common(said)


def _kinds(names: set[str]) -> frozenset[str]:
    """A whole number is a number too."""
    return frozenset(names | {"integer"} if "number" in names else names)


def _common(said: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    known = [one for one in said if one is not None]
    return frozenset.intersection(*known) if known else None
