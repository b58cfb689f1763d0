"""What a collection's requests and saved examples say together, as a document's operation.

An example says which types its values have. It doesn't say that a key must be there, that a value is never null, or
that no other status comes, so nothing of that is promised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.openapi import METHODS, pointer_to


@dataclass(slots=True)
class Asked:
    """A request as a URL says it: where to, the path as a template, and values that stood for its parameters."""

    origin: str
    path: str
    query: list[tuple[str, Any]]
    values: dict[str, str]


@dataclass(slots=True)
class Saved:
    """What several requests of one method and template say together."""

    asked: Asked
    summary: str
    pointer: str
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, list[str]] = field(default_factory=dict)
    bodies: dict[str, list[Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def rendered(one: Saved, base_url: str) -> dict[str, Any]:
    """The operation as OpenAPI 3.2 has it; one of another host than `base_url` has a server of its own."""
    names = re.findall(r"\{([^{}]+)\}", one.asked.path)
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _shown([one.asked.values.get(name, "")])}
        for name in names
    ]
    parameters += [{"name": name, "in": "query", "schema": _shown(found)} for name, found in one.query.items()]
    parameters += [{"name": name, "in": "header", "schema": _shown(found)} for name, found in one.headers.items()]
    responses: dict[str, Any] = {
        status: {
            "description": "",
            **({"content": {kind: _media(values) for kind, values in media.items()}} if media else {}),
        }
        for status, media in one.answers.items()
    }
    # What was saved is no list of all that may come.
    responses["default"] = {"description": "Not shown by an example."}
    node: dict[str, Any] = {"summary": one.summary, "parameters": parameters, "responses": responses}
    if one.bodies:
        node["requestBody"] = {"content": {kind: _media(values) for kind, values in one.bodies.items()}}
    if one.asked.origin not in ("", base_url) and "{" not in one.asked.origin:
        node["servers"] = [{"url": one.asked.origin}]
    return node


def _shown(values: list[str]) -> dict[str, Any]:
    shown = [value for value in dict.fromkeys(values) if value and "{{" not in value]
    return {"examples": shown} if shown else {}


def _media(values: list[Any]) -> dict[str, Any]:
    if not values:
        return {}
    from lookalike.shape.learn import learn
    from lookalike.shape.policy import derive
    from lookalike.shape.schema import to_schema

    schema = _open(to_schema(derive(learn(values))), root=True)
    return {"schema": schema, "examples": {str(at): {"value": value} for at, value in enumerate(values, 1)}}


def _open(schema: Any, *, root: bool = False) -> Any:
    """A schema of examples without what an example doesn't say: that a key must be there, that null never comes."""
    if not isinstance(schema, Mapping):
        return schema
    result = {key: value for key, value in schema.items() if key not in ("required", "format", "examples")}
    for word in ("properties", "patternProperties"):
        if word in result:
            result[word] = {name: _open(below) for name, below in result[word].items()}
    for word in ("items", "additionalProperties"):
        if isinstance(result.get(word), Mapping):
            result[word] = _open(result[word])
    for word in ("anyOf", "oneOf"):
        if word in result:
            result["anyOf"] = [_open(one, root=root) for one in result.pop(word)]
    if "properties" in result:
        result["additionalProperties"] = True
    kind = result.get("type")
    if kind is not None and not root:
        kinds = list(kind) if isinstance(kind, list) else [kind]
        result["type"] = kinds if "null" in kinds else [*kinds, "null"]
    return result


def with_other_methods(document: dict[str, Any], origins: dict[str, str]) -> dict[str, Any]:
    """Methods that OpenAPI has no key for stand where 3.2 has a place for them."""
    for path, item in document["paths"].items():
        for method in [one for one in item if one not in (*METHODS, "query")]:
            item.setdefault("additionalOperations", {})[method.upper()] = item.pop(method)
            old, new = (
                pointer_to("paths", path, method),
                pointer_to("paths", path, "additionalOperations", method.upper()),
            )
            for known in [one for one in origins if one == old or one.startswith(old + "/")]:
                origins[new + known[len(old) :]] = origins.pop(known)
    return document
