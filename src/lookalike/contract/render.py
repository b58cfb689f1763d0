"""Evidence written as an OpenAPI 3.1 document that people review, edit and diff."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from lookalike.contract.counts import MANY, AnswerCounts, BodyCounts, OperationCounts, ParameterCounts, RequestCounts
from lookalike.contract.headers import header_class
from lookalike.contract.ledger import Learned, Ledger, shape_of_body
from lookalike.contract.openapi import LEARNED, METHODS, is_json
from lookalike.contract.pagination import pagination
from lookalike.contract.skeleton import is_form
from lookalike.contract.templates import free_name, singular
from lookalike.shape.policy import derive, grade, size
from lookalike.shape.schema import to_schema

_ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")
_VERBS = {"POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
_NO_RESOURCE = re.compile(r"v\d+(\.\d+)?|api|rest")
# Digits without a word beside them, other than a currency's code: `5.00`, `-3`, `EUR 12,50`, `12.50EUR`.
_AMOUNT = re.compile(r"(?:[A-Z]{3})?[^A-Za-z]*[0-9][^A-Za-z]*(?:[A-Z]{3})?")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
# An API's bad days are no part of what it promises; 304 is between a client's cache and the server.
_UNSAID = frozenset({"304", "429"})
_MIN_SHARED = 2

_PATH_TYPES: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer"},
    "uuid": {"type": "string", "format": "uuid"},
    "number": {"type": "string"},
    "date": {"type": "string"},
}
_TEXT_TYPES: tuple[tuple[frozenset[str], Mapping[str, Any]], ...] = (
    (frozenset({"integer"}), {"type": "integer"}),
    (frozenset({"integer", "number"}), {"type": "number"}),
    (frozenset({"boolean"}), {"type": "boolean"}),
    (frozenset({"date"}), {"type": "string", "format": "date"}),
    (frozenset({"uuid"}), {"type": "string", "format": "uuid"}),
)


def render(ledger: Ledger, *, title: str, base_url: str) -> dict[str, Any]:
    """The document of what the evidence's current eras say; the same evidence gives the same bytes.

    What is counted stays in the evidence. The document has a grade (`x-grade`: assumed, likely, firm) beside each body,
    and in steps how much was seen (`x-seen`), which change seldom, so that a night's new counts make no diff.
    """
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": LEARNED,
            "description": "Learned from traffic by lookalike. Edit it: what you write stays when more is learned.",
        },
    }
    if base_url:
        document["servers"] = [{"url": base_url}]
    paths: dict[str, dict[str, Any]] = {}
    ids: set[str] = set()
    learned = sorted(ledger.operations.values(), key=lambda one: (one.path, _rank(one.method)))
    for one in learned:
        # OpenAPI 3.1 has no place for other methods; what was counted of them stays in the evidence.
        operation = _operation(one, ids) if one.method.lower() in METHODS else None
        if operation is not None:
            paths.setdefault(one.path, _path_item(one))[one.method.lower()] = operation
    document["paths"] = paths
    schemas = _share(paths)
    if schemas:
        document["components"] = {"schemas": schemas}
    return document


def _rank(method: str) -> tuple[int, str]:
    return (_ORDER.index(method) if method in _ORDER else len(_ORDER), method)


def _path_item(one: Learned) -> dict[str, Any]:
    parameters = []
    names = [name for part in one.path.split("/") for name in _VARIABLE.findall(part)]
    places = [at for at, part in enumerate(one.path.strip("/").split("/")) if "{" in part]
    for name, at in zip(names, places, strict=True):
        forms = {form for skeleton in one.skeletons for form in [skeleton[at].partition("}")[0][1:]]}
        forms = forms if all(is_form(skeleton[at]) for skeleton in one.skeletons) else set()
        kind = forms.pop() if len(forms) == 1 else ""
        schema = dict(_PATH_TYPES.get(kind, {"type": "string"}))
        parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    return {"parameters": parameters} if parameters else {}


def _operation(one: Learned, ids: set[str]) -> dict[str, Any] | None:
    counts = one.counts
    responses = {
        status: _answer(status, answer)
        for status, answer in sorted(counts.answers.items())
        if status not in _UNSAID and status[0] in "234"
    }
    if not responses:
        return None
    rendered: dict[str, Any] = {"operationId": free_name(_operation_id(one), ids)}
    parameters = _query(counts)
    if parameters:
        rendered["parameters"] = parameters
    body = _request_body(counts.accepted, counts.refused.named)
    if body:
        rendered["requestBody"] = body
    rendered["responses"] = responses
    pages = pagination(counts) if one.method == "GET" else {}
    if pages:
        rendered["x-pagination"] = pages
    return rendered


def _operation_id(one: Learned) -> str:
    parts = [part for part in one.path.strip("/").split("/") if part and not _NO_RESOURCE.fullmatch(part)]
    names = [_word(part) for part in parts if "{" not in part] or ["root"]
    on_item = bool(parts) and "{" in parts[-1]
    if one.method == "GET":
        verb = "list" if not on_item and _is_list(one, parts) else "get"
    elif one.method == "POST" and (on_item or (parts and singular(parts[-1]) == parts[-1])):
        verb = "post"
    else:
        verb = _VERBS.get(one.method, one.method.lower())
    return ".".join([*names, verb])


def _word(part: str) -> str:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", part) if word]
    return words[0] + "".join(word[0].upper() + word[1:] for word in words[1:]) if words else "value"


def _is_list(one: Learned, parts: list[str]) -> bool:
    for status, answer in sorted(one.counts.answers.items()):
        for kind, body in sorted(answer.media.items()):
            if status.startswith("2") and is_json(kind) and body.n > body.empty + body.broken:
                return (
                    "array" in derive(body.shape).kinds or singular(parts[-1] if parts else "") != (parts or [""])[-1]
                )
    return bool(parts) and singular(parts[-1]) != parts[-1]


def _query(counts: OperationCounts) -> list[dict[str, Any]]:
    rendered = []
    for name, one in sorted(counts.accepted.query.items()):
        if name == MANY:
            continue
        node: dict[str, Any] = {"name": name, "in": "query"}
        if _needed(name, counts):
            node["required"] = True
        node["schema"] = _parameter_schema(one)
        rendered.append(node)
    return rendered


def _needed(name: str, counts: OperationCounts) -> bool:
    """A parameter is required where every accepted request had it and one without it was refused."""
    refused = counts.refused
    without = refused.n - (refused.query[name].n if name in refused.query else 0)
    if refused.named and "missing" not in refused.named.get(name, ()):
        return False  # The refusals say what they are about, and it isn't this.
    return MANY not in refused.query and counts.accepted.query[name].n == counts.accepted.n and without > 0


def _parameter_schema(one: ParameterCounts) -> dict[str, Any]:
    forms = frozenset(one.forms)
    schema = dict(next((schema for known, schema in _TEXT_TYPES if forms and forms <= known), {"type": "string"}))
    return {"type": "array", "items": schema} if one.repeated else schema


def _request_body(accepted: RequestCounts, named: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    content = _content(accepted.media)
    if not content:
        return {}
    for media in content.values():
        _tell_refusals(media.get("schema"), named)
    # That a body may be left out is known once one was; that it may not, only after enough were sent.
    required = accepted.bare == 0 and grade(size(accepted.n, 1), 1) != "assumed"
    return {"required": True, "content": content} if required else {"content": content}


def _tell_refusals(schema: Any, named: Mapping[str, Mapping[str, int]]) -> None:
    """What refusals said of fields (`x-refused`: missing, invalid), in the schema of bodies that were accepted."""
    for name, why in named.items():
        node = schema
        for part in name.split("."):
            node = node.get("items", node) if isinstance(node, dict) else None
            node = node.get("properties", {}).get(part) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node["x-refused"] = sorted(why)


def _answer(status: str, answer: AnswerCounts) -> dict[str, Any]:
    rendered: dict[str, Any] = {"description": _phrase(status)}
    headers = {
        header_name(name): {"schema": {"type": "string"}}
        for name in sorted(answer.headers)
        if name not in (MANY, "content-type") and header_class(name) == "contract"
    }
    if headers:
        rendered["headers"] = headers
    content = _content(answer.media)
    if content:
        rendered["content"] = content
    return rendered


def _step(n: int, noun: str) -> str:
    """A count in steps of 1, 2 and 5, so that the document changes when it means something: `200+ values` for 371."""
    size = 10 ** (len(str(n)) - 1)
    step = max(factor * size for factor in (1, 2, 5) if factor * size <= max(n, 1))
    return f"1 {noun}" if n == 1 else f"{step}+ {noun}s"


def _phrase(status: str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return f"Status {status}"


def header_name(name: str) -> str:
    return "-".join(
        {"etag": "ETag", "ratelimit": "RateLimit", "github": "GitHub", "www": "WWW", "id": "ID"}.get(
            part, part.capitalize()
        )
        for part in name.split("-")
    )


def _content(media: Mapping[str, BodyCounts]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for kind, body in sorted(media.items()):
        if not kind or kind == MANY or body.n == body.empty:
            continue
        node: dict[str, Any] = {}
        if is_json(kind) and body.n > body.empty + body.broken:
            shape = shape_of_body(body)
            known = shape.items or shape
            node["x-grade"] = shape.grade
            node["x-seen"] = f"{_step(known.n, 'value')} in {_step(known.r, 'response')}"
            node["schema"] = _without_amounts(to_schema(shape))
        content[kind] = node
    return content


def _without_amounts(node: Any) -> Any:
    """A schema without lists of values that are numbers in text: amounts are somebody's data, not words of an API."""
    if isinstance(node, list):
        return [_without_amounts(one) for one in node]
    if not isinstance(node, dict):
        return node
    seen = node.get("examples")
    amounts = isinstance(seen, list) and any(isinstance(one, str) and _AMOUNT.fullmatch(one) for one in seen)
    return {key: _without_amounts(one) for key, one in node.items() if key != "examples" or not amounts}


def _share(paths: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Objects that several bodies have in common, as a whole or as items of a list, moved to components and named."""
    places: dict[str, list[tuple[dict[str, Any], str, str]]] = {}
    for path, item in paths.items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for holder, key in _bodies(operation):
                if _worth_sharing(holder[key]):
                    places.setdefault(_fingerprint(holder[key]), []).append((holder, key, path))
    schemas: dict[str, Any] = {}
    for found in sorted((found for found in places.values() if len(found) >= _MIN_SHARED), key=lambda one: one[0][2]):
        # Called after a collection or its item, `/users/{id}`, rather than after `/users/me`.
        named = min((path for _, _, path in found), key=lambda path: (_alone(path), path))
        name = free_name(_resource(named), set(schemas))
        schemas[name] = found[0][0][found[0][1]]
        for holder, key, _ in found:
            holder[key] = {"$ref": f"#/components/schemas/{name}"}
    return {name: schemas[name] for name in sorted(schemas)}


def _bodies(operation: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
    found = []
    for answer in [*operation["responses"].values(), operation.get("requestBody", {})]:
        for media in answer.get("content", {}).values():
            schema = media.get("schema")
            if isinstance(schema, dict):
                found.append((schema, "items") if isinstance(schema.get("items"), dict) else (media, "schema"))
    return found


def _worth_sharing(schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties")
    return isinstance(properties, Mapping) and len(properties) >= 2


def _fingerprint(value: Any) -> str:
    from lookalike.codec import encode_json

    return encode_json(value).decode()


def _resource(path: str) -> str:
    """`Todo` for `/todos` and `/todos/{id}`."""
    names = [part for part in path.strip("/").split("/") if part and "{" not in part]
    word = _word(singular(names[-1])) if names else "Root"
    return word[0].upper() + word[1:]


def _alone(path: str) -> bool:
    """Whether a path ends in what is no collection, `/users/me`: a poor name for what it shares with others."""
    last = path.rpartition("/")[2]
    return "{" not in last and singular(last) == last
