"""Pacts of version 4 of the specification (https://github.com/pact-foundation/pact-specification/tree/version-4)."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

from lookalike.contract.contract import Contract
from lookalike.export.formats import Options
from lookalike.export.pact import Interaction, interactions
from lookalike.export.pact_v3 import body_rules, combined, media_type, query_of


def export(contract: Contract, options: Options) -> bytes:
    """The pact between `options.consumer` and the API."""
    pact = {
        "consumer": {"name": options.consumer},
        "provider": {"name": contract.title},
        "interactions": [_interaction(one) for one in interactions(contract)],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    return orjson.dumps(pact, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _interaction(one: Interaction) -> dict[str, Any]:
    return {
        "type": "Synchronous/HTTP",
        "key": blake2b(one.description.encode(), digest_size=8).hexdigest(),
        "description": one.description,
        "pending": False,
        "request": _request(one),
        "response": _response(one),
    }


def _request(one: Interaction) -> dict[str, Any]:
    example = one.example
    request: dict[str, Any] = {"method": example.operation.method, "path": example.path}
    if example.query:
        request["query"] = query_of(example.query)
    if example.headers:
        request["headers"] = {name: [value] for name, value in example.headers}
    if example.sent is not None:
        kind = dict(example.headers)["content-type"]
        request["body"] = {"content": example.sent, "contentType": kind, "encoded": False}
    rules: dict[str, Any] = {}
    if one.path:
        rules["path"] = combined([{"match": "regex", "regex": one.path}])
    if example.query:
        rules["query"] = {name: combined([{"match": "type"}]) for name, _ in example.query}
    return {**request, "matchingRules": rules} if rules else request


def _response(one: Interaction) -> dict[str, Any]:
    response: dict[str, Any] = {"status": one.example.status}
    if one.body is None and not one.rules:
        return response
    kind = one.example.media
    response["headers"] = {"Content-Type": [kind]}
    response["body"] = {"content": one.body, "contentType": kind, "encoded": False}
    response["matchingRules"] = {"header": {"Content-Type": combined([media_type(kind)])}}
    if one.rules:
        response["matchingRules"]["body"] = body_rules(one.rules)
    return response
