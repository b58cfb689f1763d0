"""Changes planted into an OpenAPI document, for each kind that is found between two documents."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document

RESOURCES = ("repos", "charges", "orders", "places", "jobs", "tickets")
Node = dict[str, Any]


@dataclass(frozen=True)
class Rewrite:
    """A change of the operations of one resource: what is read (GET of an item), what is written (POST)."""

    kind: str
    place: str
    edit: Callable[[Resource], None]


@dataclass(frozen=True)
class Resource:
    """The parts of a document that are about one resource."""

    root: Node
    name: str

    @property
    def paths(self) -> Node:
        return self.root["paths"]  # type: ignore[no-any-return]

    @property
    def read(self) -> Node:
        return self.paths[f"/{self.name}/{{id}}"]["get"]  # type: ignore[no-any-return]

    @property
    def write(self) -> Node:
        return self.paths[f"/{self.name}"]["post"]  # type: ignore[no-any-return]

    @property
    def answer(self) -> Node:
        return self.read["responses"]["200"]  # type: ignore[no-any-return]

    @property
    def media(self) -> Node:
        return next(iter(self.answer["content"].values()))

    @property
    def body(self) -> Node:
        return self.media["schema"]  # type: ignore[no-any-return]

    @property
    def fields(self) -> Node:
        return self.body["properties"]  # type: ignore[no-any-return]

    @property
    def sent(self) -> Node:
        return self.write["requestBody"]["content"]["application/json"]["schema"]  # type: ignore[no-any-return]

    @property
    def asked(self) -> Node:
        """The query parameter `state`."""
        return self.read["parameters"][1]  # type: ignore[no-any-return]


def contract(edit: Callable[[Resource], None] | None = None, name: str = "") -> Contract:
    """The document, with an edit of one of its resources."""
    paths: Node = {}
    for one in RESOURCES:
        paths |= copy.deepcopy(_paths(one))
    servers = [{"url": "https://api.planted.test/v2"}]
    root = {"openapi": "3.1.0", "info": {"title": "planted", "version": "1"}, "servers": servers, "paths": paths}
    if edit is not None:
        edit(Resource(root, name))
    return Contract(Document(root, "planted.yaml"))


def _paths(name: str) -> Node:
    failed = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    read = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
            {
                "name": "state",
                "in": "query",
                "schema": {"type": "string", "enum": ["open", "closed"], "default": "open"},
            },
            {"name": "since", "in": "query", "required": True, "schema": {"type": "integer"}},
            {"name": "label", "in": "query", "schema": {"type": ["string", "null"]}},
        ],
        "responses": {
            "200": {
                "description": "",
                "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                "content": {"application/json; charset=utf-8": {"schema": _item(name)}},
            },
            "404": {"description": "", "content": {"application/json": {"schema": failed}}},
        },
    }
    sent = {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"type": "string"},
            "count": {"type": "number", "default": 1},
            "limit": {"type": "integer", "maximum": 100},
            "level": {"type": "string", "enum": ["low", "high"]},
            "note": {"type": ["string", "null"]},
        },
    }
    body = {
        "required": True,
        "content": {"application/json": {"schema": sent}, "application/x-www-form-urlencoded": {}},
    }
    made = {"201": {"description": "", "content": {"application/json": {"schema": _item(name)}}}}
    return {
        f"/{name}/{{id}}": {"get": read, "delete": {"responses": {"204": {"description": ""}}}},
        f"/{name}": {
            "post": {
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
                "requestBody": body,
                "responses": made,
            }
        },
    }


def _item(name: str) -> Node:
    card = {
        "type": "object",
        "required": ["type", "brand"],
        "properties": {"type": {"const": "card"}, "brand": {"type": "string"}},
    }
    bank = {
        "type": "object",
        "required": ["type", "iban"],
        "properties": {"type": {"const": "bank"}, "iban": {"type": "string"}},
    }
    return {
        "type": "object",
        "dependentRequired": {"hint": ["seal"]},
        "required": ["id", "title", "state", "made", "tags", "owner", "paid", "object", "score"],
        "properties": {
            "id": {"type": "integer"},
            "title": {"type": "string", "maxLength": 80},
            "state": {"type": "string", "enum": ["open", "closed"]},
            "made": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "minItems": 1, "items": {"type": "string"}},
            "key": {"type": "string", "pattern": "^[a-z]{3}_"},
            "share": {"type": "number", "maximum": 1},
            "owner": {
                "type": "object",
                "required": ["login"],
                "properties": {"login": {"type": "string"}, "rank": {"type": "integer"}, "admin": {"type": "boolean"}},
            },
            "paid": {"oneOf": [card, bank]},
            "object": {"const": name},
            "score": {"type": ["number", "string"]},
            "hint": {"type": "string", "default": "none"},
            "at": {
                "type": "array",
                "items": {"type": "number"},
                "prefixItems": [{"type": "number"}, {"type": "number"}],
            },
            "seal": {"type": "string", "readOnly": True},
        },
    }


def _drop(field: str) -> Callable[[Resource], None]:
    def edit(it: Resource) -> None:
        del it.fields[field]
        it.body["required"] = [one for one in it.body["required"] if one != field]

    return edit


def _put(field: str, **node: Any) -> Callable[[Resource], None]:
    return lambda it: it.fields[field].update(node)


def _optional(it: Resource) -> None:
    it.body["required"].remove("title")


def _firmer(it: Resource) -> None:
    it.body["required"].append("hint")


def _renamed(it: Resource) -> None:
    it.fields["title_text"] = it.fields.pop("title")
    it.body["required"] = ["title_text" if one == "title" else one for one in it.body["required"]]


def _moved(it: Resource) -> None:
    inner = {"owner": it.fields.pop("owner")}
    it.fields["people"] = {"type": "object", "required": ["owner"], "properties": inner}
    it.body["required"] = ["people" if one == "owner" else one for one in it.body["required"]]


def _wrapped(it: Resource) -> None:
    it.media["schema"] = {"type": "object", "required": ["data"], "properties": {"data": it.body}}


def _to_map(it: Resource) -> None:
    it.fields["owner"] = {"type": "object", "additionalProperties": {"type": "string"}}


def _variant(it: Resource) -> None:
    more = {
        "type": "object",
        "required": ["type", "coin"],
        "properties": {"type": {"const": "coin"}, "coin": {"type": "string"}},
    }
    it.fields["paid"]["oneOf"].append(more)


def _fewer_variants(it: Resource) -> None:
    del it.fields["paid"]["oneOf"][1]


def _untagged(it: Resource) -> None:
    for one in it.fields["paid"]["oneOf"]:
        del one["properties"]["type"]
        one["required"].remove("type")


def _status(it: Resource) -> None:
    it.read["responses"]["206"] = it.read["responses"].pop("200")


def _no_success(it: Resource) -> None:
    del it.read["responses"]["200"]


def _error_body(it: Resource) -> None:
    it.read["responses"]["404"]["content"]["application/json"]["schema"]["properties"]["error"] = {"type": "integer"}


def _media(it: Resource) -> None:
    it.answer["content"] = {"application/xml": {"schema": {"type": "string"}}}


def _gone(it: Resource) -> None:
    del it.paths[f"/{it.name}/{{id}}"]["delete"]


def _new_operation(it: Resource) -> None:
    it.paths[f"/{it.name}/{{id}}"]["patch"] = {"responses": {"204": {"description": ""}}}


def _parameter(**node: Any) -> Callable[[Resource], None]:
    return lambda it: it.read["parameters"].append(
        {"name": "zone", "in": "query", "schema": {"type": "string"}, **node}
    )


def _no_form(it: Resource) -> None:
    del it.write["requestBody"]["content"]["application/x-www-form-urlencoded"]


def _no_note(it: Resource) -> None:
    del it.sent["properties"]["note"]


def _sent(field: str, **node: Any) -> Callable[[Resource], None]:
    return lambda it: it.sent["properties"][field].update(node)


def _sent_required(it: Resource) -> None:
    it.sent["required"].append("level")


def _sent_lax(it: Resource) -> None:
    it.sent["required"].remove("title")


def _headers(**found: Any) -> Callable[[Resource], None]:
    return lambda it: it.answer.__setitem__("headers", found)


def _other_error(it: Resource) -> None:
    it.read["responses"]["410"] = it.read["responses"].pop("404")


def _charset(it: Resource) -> None:
    it.answer["content"] = {"application/json; charset=iso-8859-1": it.media}


def _more_headers(it: Resource) -> None:
    it.answer["headers"]["Via"] = {"schema": {"type": "string"}}


def _version(it: Resource) -> None:
    it.root["servers"][0]["url"] = "https://api.planted.test/v3"


def _pages(it: Resource) -> None:
    it.write["parameters"] = [{"name": "cursor", "in": "query", "schema": {"type": "string"}}]


def _state(**schema: Any) -> Callable[[Resource], None]:
    return lambda it: it.asked["schema"].update(schema)


REWRITES = (
    Rewrite("field-removed", "json.title", _drop("title")),
    Rewrite("field-removed", "json.owner", _drop("owner")),
    Rewrite("optional-field-removed", "json.hint", _drop("hint")),
    Rewrite("field-became-optional", "json.title", _optional),
    Rewrite("became-nullable", "json.title", _put("title", type=["string", "null"])),
    Rewrite("became-firmer", "json.hint", _firmer),
    Rewrite("type-changed", "json.id", _put("id", type="string")),
    Rewrite("type-changed", "json.title", _put("title", type="array")),
    Rewrite("type-widened", "json.id", _put("id", type=["integer", "string"])),
    Rewrite("type-narrowed", "json.score", _put("score", type="number")),
    Rewrite("type-equivalent", "json.id", _put("id", type="number", multipleOf=1)),
    Rewrite("field-added", "json.extra", lambda it: it.fields.update(extra={"type": "string"})),
    Rewrite("enum-value-added", "json.state", _put("state", enum=["open", "closed", "stale"])),
    Rewrite("enum-value-gone", "json.state", _put("state", enum=["open"])),
    Rewrite("constant-changed", "json.object", _put("object", const="other")),
    Rewrite("format-changed", "json.made", _put("made", format="date")),
    Rewrite("string-longer", "json.title", _put("title", maxLength=200)),
    Rewrite("id-form-changed", "json.key", _put("key", pattern="^[A-Z]{3}-")),
    Rewrite("number-outside-range", "json.share", _put("share", maximum=100)),
    Rewrite("array-length-changed", "json.tags", _put("tags", minItems=0)),
    Rewrite("presence-rule-broken", "json.hint", lambda it: it.body.pop("dependentRequired")),
    Rewrite("error-status-changed", "status", _other_error),
    Rewrite("charset-changed", "header Content-Type", _charset),
    Rewrite("header-type-changed", "header ETag", _headers(ETag={"required": True, "schema": {"type": "integer"}})),
    Rewrite("header-changed", "header Via", _more_headers),
    Rewrite("api-version-moved", "server", _version),
    Rewrite("pagination-changed", "query page", _pages),
    Rewrite("auth-changed", "security", lambda it: it.read.update(security=[{"oauth": ["read"]}])),
    Rewrite("item-type-changed", "json.tags[]", lambda it: it.fields["tags"].update(items={"type": "integer"})),
    Rewrite("tuple-changed", "json.at", _put("at", prefixItems=[{"type": "number"}])),
    Rewrite("object-became-map", "json.owner", _to_map),
    Rewrite("union-branch-added", "json.paid", _variant),
    Rewrite("union-branch-gone", "json.paid", _fewer_variants),
    Rewrite("discriminator-gone", "json.paid", _untagged),
    Rewrite("body-wrapped", "json", _wrapped),
    Rewrite("field-renamed", "json.title", _renamed),
    Rewrite("field-moved", "json.owner", _moved),
    Rewrite("read-write-flipped", "json.seal", _put("seal", readOnly=False, writeOnly=True)),
    Rewrite("response-default-changed", "json.hint", _put("hint", default="some")),
    Rewrite("body-empty", "body", lambda it: it.answer.pop("content")),
    Rewrite("success-status-changed", "status", _status),
    Rewrite("success-gone", "status", _no_success),
    Rewrite("error-status-added", "status", lambda it: it.read["responses"].update({"409": {"description": ""}})),
    Rewrite("error-body-changed", "404 json.error", _error_body),
    Rewrite("media-type-changed", "header Content-Type", _media),
    Rewrite("header-removed", "header ETag", _headers()),
    Rewrite("header-became-optional", "header ETag", _headers(ETag={"schema": {"type": "string"}})),
    Rewrite("deprecated", "operation", lambda it: it.read.update(deprecated=True)),
    Rewrite("operation-removed", "path", _gone),
    Rewrite("operation-added", "path", _new_operation),
    Rewrite("request-requires-more", "query zone", _parameter(required=True)),
    Rewrite("request-part-added", "query zone", _parameter()),
    Rewrite("request-part-removed", "query state", lambda it: it.read["parameters"].pop(1)),
    Rewrite("request-part-removed", "request json.note", _no_note),
    Rewrite("request-became-required", "query state", lambda it: it.asked.update(required=True)),
    Rewrite("request-became-required", "request json.level", _sent_required),
    Rewrite("request-laxer", "query since", lambda it: it.read["parameters"][2].update(required=False)),
    Rewrite("request-laxer", "request json.title", _sent_lax),
    Rewrite("request-enum-value-gone", "query state", _state(enum=["open"])),
    Rewrite("request-enum-value-gone", "request json.level", _sent("level", enum=["low"])),
    Rewrite("request-became-enum", "request json.title", _sent("title", enum=["a", "b"])),
    Rewrite("request-type-narrowed", "request json.count", _sent("count", type="integer")),
    Rewrite("request-type-widened", "request json.limit", _sent("limit", type="number")),
    Rewrite("request-null-refused", "request json.note", _sent("note", type="string")),
    Rewrite("request-null-refused", "query label", lambda it: it.read["parameters"][3]["schema"].update(type="string")),
    Rewrite("request-limit-tightened", "request json.limit", _sent("limit", maximum=50)),
    Rewrite("request-default-changed", "query state", _state(default="closed")),
    Rewrite("request-default-changed", "request json.count", _sent("count", default=2)),
    Rewrite("request-media-type-removed", "body application/x-www-form-urlencoded", _no_form),
)
