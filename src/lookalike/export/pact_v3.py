"""Pacts of version 3 of the specification (https://github.com/pact-foundation/pact-specification/tree/version-3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from lookalike.contract.contract import Contract
from lookalike.export.formats import Options
from lookalike.export.pact import Interaction, Rules, interactions


def export(contract: Contract, options: Options) -> bytes:
    """The pact between `options.consumer` and the API."""
    pact = {
        "consumer": {"name": options.consumer},
        "provider": {"name": contract.title},
        "interactions": [_interaction(one) for one in interactions(contract)],
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }
    return orjson.dumps(pact, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _interaction(one: Interaction) -> dict[str, Any]:
    example = one.example
    request: dict[str, Any] = {"method": example.operation.method, "path": example.path}
    if example.query:
        request["query"] = query_of(example.query)
    if example.headers:
        request["headers"] = dict(example.headers)
    if example.sent is not None:
        request["body"] = example.sent
    rules: dict[str, Any] = {}
    if one.path:
        rules["path"] = combined([{"match": "regex", "regex": one.path}])
    if example.query:
        rules["query"] = {name: combined([{"match": "type"}]) for name, _ in example.query}
    if rules:
        request["matchingRules"] = rules
    response: dict[str, Any] = {"status": example.status}
    if one.body is not None or one.rules:
        response["headers"] = {"Content-Type": example.media}
        response["body"] = one.body
        response["matchingRules"] = {"header": {"Content-Type": combined([media_type(example.media)])}}
        if one.rules:
            response["matchingRules"]["body"] = body_rules(one.rules)
    return {"description": one.description, "request": request, "response": response}


def body_rules(rules: Rules) -> dict[str, Any]:
    """The category `body`."""
    return {path: combined(matchers) for path, matchers in rules.items()}


def query_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Parameters by name, each with all its values."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def combined(matchers: list[dict[str, Any]]) -> dict[str, Any]:
    """One of the matchers is enough."""
    return {"combine": "OR" if len(matchers) > 1 else "AND", "matchers": matchers}


def media_type(media: str) -> dict[str, Any]:
    """A rule for Content-Type: whatever parameters come after the media type."""
    escaped = media.replace(".", "\\.").replace("+", "\\+")
    return {"match": "regex", "regex": f"^{escaped}(;.*)?$"}
