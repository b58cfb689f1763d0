"""OpenAPI 3.1 that stands alone: any contract, whatever version it was written in, without marks of lookalike's own."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import METHODS
from lookalike.contract.operation import Answer, Media, Operation, Parameter
from lookalike.contract.schemas import Direction
from lookalike.contract.text import round_trip
from lookalike.export.bodies import Schemas
from lookalike.export.formats import Options

_VERSION = "1.0.0"
# Of an operation, a server or a tag: what is as true in 3.1 as where it was written.
_KEPT = ("tags", "summary", "description", "externalDocs", "operationId", "deprecated", "security", "servers")


def export(contract: Contract, options: Options) -> bytes:
    """The document: JSON where the file's name ends in `.json`, else YAML."""
    document = document_of(contract)
    if options.suffix == ".json":
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    written = io.BytesIO()
    round_trip().dump(document, written)
    return written.getvalue()


def document_of(contract: Contract) -> dict[str, Any]:
    """The document as JSON values."""
    root = contract.document.root
    schemas = Schemas(contract, "#/components/schemas/")
    written = [one for one in contract.operations if one.method.lower() in METHODS]
    # All answers first: what they and requests name alike is called after what is answered.
    answers = [{status: _answer(answer, schemas) for status, answer in one.responses.items()} for one in written]
    paths: dict[str, dict[str, Any]] = {}
    for one, answered in zip(written, answers, strict=True):
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(contract, one, answered, schemas)
    document: dict[str, Any] = {"openapi": "3.1.0", "info": _info(contract)}
    document |= _copied(root, ("servers", "tags", "security", "externalDocs"))
    if contract.base_url and not document.get("servers"):
        document["servers"] = [{"url": contract.base_url}]
    document |= schemas.bodies.without_twins({"paths": paths})
    components: dict[str, Any] = {}
    if schemas.bodies.shared:
        components["schemas"] = dict(sorted(schemas.bodies.shared.items()))
    components |= _copied(root.get("components") or {}, ("securitySchemes",))
    return {**document, "components": components} if components else document


def _info(contract: Contract) -> dict[str, Any]:
    info = _plain(contract.document.root.get("info") or {})
    if contract.learned:
        recordings = contract.evidence.recordings.values() if contract.evidence is not None else ()
        day = max((one.day for one in recordings), default="")
        said = f"Learned from traffic{f', last on {day}' if day else ''}."
        info |= {"version": day or _VERSION, "description": said}
    return {**info, "title": str(info.get("title") or contract.title), "version": str(info.get("version") or _VERSION)}


def _copied(node: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(node[name]) for name in names if node.get(name) is not None}


def _plain(node: Any) -> Any:
    """Values of any YAML class as plain ones, without extensions."""
    if isinstance(node, Mapping):
        return {str(key): _plain(one) for key, one in node.items() if not str(key).startswith("x-")}
    return [_plain(one) for one in node] if isinstance(node, list) else node


def _operation(contract: Contract, operation: Operation, answers: dict[str, Any], schemas: Schemas) -> dict[str, Any]:
    node = contract.document.at(operation.pointer)
    written = _copied(node if isinstance(node, Mapping) else {}, _KEPT)
    if operation.parameters:
        written["parameters"] = [_parameter(one, schemas) for one in operation.parameters]
    body = operation.request_body
    if body is not None and body.media:
        written["requestBody"] = {"content": _content(body.media, "request", schemas)}
        if body.required:
            written["requestBody"]["required"] = True
    return {**written, "responses": answers or {"default": {"description": "Not described."}}}


def _parameter(one: Parameter, schemas: Schemas) -> dict[str, Any]:
    written: dict[str, Any] = {"name": one.name, "in": one.place}
    if one.required:
        written["required"] = True
    schema = schemas.of("request", one.schema, one.pointer)
    if one.media:
        return {**written, "content": {one.media: {"schema": schema}}}
    return {**written, "style": one.style, "explode": one.explode, "schema": schema}


def _answer(answer: Answer, schemas: Schemas) -> dict[str, Any]:
    written: dict[str, Any] = {"description": answer.description or _phrase(answer.status)}
    headers = {
        one.name: {
            **({"required": True} if one.required else {}),
            "schema": schemas.of("response", one.schema, one.pointer),
        }
        for one in answer.headers.values()
    }
    if headers:
        written["headers"] = headers
    if answer.media:
        written["content"] = _content(answer.media, "response", schemas)
    return written


def _phrase(status: str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return f"Status {status}"


def _content(media: Mapping[str, Media], direction: Direction, schemas: Schemas) -> dict[str, Any]:
    return {kind: _media(one, direction, schemas) for kind, one in media.items()}


def _media(media: Media, direction: Direction, schemas: Schemas) -> dict[str, Any]:
    return {} if media.schema is None else {"schema": schemas.of(direction, media.schema, media.pointer)}
