"""Swagger 2.0 read as it is, into the same operations: what messages point at is the user's own document.

Sections are those of https://spec.openapis.org/oas/v2.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.openapi import Document, is_gone, pointer_to, words_of
from lookalike.contract.operation import Answer, Body, Details, Header, Media, Parameter
from lookalike.contract.reader import IGNORED_HEADERS, PLACES

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
# What a parameter or header says beside its schema; the rest of its keys are words of JSON Schema (section 5.2.6).
_NOT_SCHEMA = frozenset(
    {"name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "x-example", "x-examples"}
)
# `collectionFormat` in OpenAPI 3's words: style and explode. Tabs have no style there; nobody was seen to use them.
_STYLES = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_SCHEMES = ("https", "http")


def base_url(root: Mapping[str, Any]) -> str | None:
    """`schemes`, `host` and `basePath` as one URL; None where there is no host (section 5.2.1)."""
    host = root.get("host")
    if not isinstance(host, str) or not host or "{" in host:
        return None
    said = root.get("schemes")
    schemes = [one for one in _SCHEMES if isinstance(said, list) and one in said]
    path = root.get("basePath")
    base = "/" + path.strip("/") if isinstance(path, str) and path.strip("/") else ""
    return f"{schemes[0] if schemes else 'https'}://{host}{base}"


class SwaggerReader:
    """Reads the parts of one operation."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def details(self, node: Mapping[str, Any], pointer: str, item: Mapping[str, Any], item_pointer: str) -> Details:
        """Parameters, body and responses; a body and form fields are the request body."""
        found: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}
        for source, base in ((item, item_pointer), (node, pointer)):
            for one, place in self._parameters(source.get("parameters"), pointer_to("parameters", base=base)):
                found[str(one["in"]), str(one["name"])] = (one, place)
        parameters = [
            self._parameter(one, place)
            for (where, name), (one, place) in found.items()
            if where in PLACES and not (where == "header" and name.lower() in IGNORED_HEADERS)
        ]
        takes = self._kinds(node, "consumes")
        bodies = [entry for (where, _), entry in found.items() if where == "body"]
        fields = [entry for (where, _), entry in found.items() if where == "formData"]
        return Details(
            parameters=tuple(parameters),
            request_body=self._body(bodies[-1], takes) if bodies else self._form(fields, takes, pointer),
            responses=dict(self._responses(node, pointer)),
        )

    def _parameters(self, nodes: Any, pointer: str) -> Iterator[tuple[Mapping[str, Any], str]]:
        if nodes is None:
            return
        if not isinstance(nodes, list):
            raise self._document.error(f"expected a list, this is {words_of(nodes)}", place=pointer)
        for at, node in enumerate(nodes):
            one, place = self._document.resolve(node, pointer_to(at, base=pointer))
            one = self._document.mapping(one, place)
            if one.get("in") not in (*PLACES, "body", "formData") or not isinstance(one.get("name"), str):
                raise self._document.error(
                    "a parameter needs `name`, and `in` as one of path, query, header, body, formData", place=place
                )
            yield one, place

    def _parameter(self, node: Mapping[str, Any], pointer: str) -> Parameter:
        where = PLACES[str(node["in"])]
        style, explode = _STYLES.get(str(node.get("collectionFormat") or "csv"), ("form", False))
        if where in ("path", "header"):
            style, explode = "simple", False
        return Parameter(
            name=str(node["name"]),
            place=where,
            required=bool(node.get("required")) or where == "path",
            schema=_schema(node),
            style=style,
            explode=explode,
            pointer=pointer,
            multi=bool(node.get("x-multi-segment")),
            examples=(node["x-example"],) if "x-example" in node else (),
        )

    def _kinds(self, node: Mapping[str, Any], word: str) -> list[str]:
        """Media types of an operation, or of the whole document; parameters of a type left out."""
        said = node.get(word, self._document.root.get(word))
        kinds = [str(one).partition(";")[0].strip().lower() for one in said] if isinstance(said, list) else []
        return [one for one in dict.fromkeys(kinds) if "/" in one]

    def _body(self, entry: tuple[Mapping[str, Any], str], takes: list[str]) -> Body:
        node, pointer = entry
        place = pointer_to("schema", base=pointer)
        media = {kind: Media(kind, node.get("schema"), place) for kind in takes or ["application/json"]}
        return Body(bool(node.get("required")), media, pointer)

    @staticmethod
    def _form(fields: list[tuple[Mapping[str, Any], str]], takes: list[str], operation: str) -> Body | None:
        if not fields:
            return None
        pointer = pointer_to("parameters", base=operation)
        named = {str(node["name"]): _field(node) for node, _ in fields}
        required = [str(node["name"]) for node, _ in fields if node.get("required") is True]
        schema = {"type": "object", "properties": named, **({"required": required} if required else {})}
        files = any(node.get("type") == "file" for node, _ in fields)
        usual = [kind for kind in takes if kind in (_FORM, _MULTIPART)] or [_MULTIPART if files else _FORM, _MULTIPART]
        return Body(bool(required), {kind: Media(kind, schema, pointer) for kind in usual}, pointer)

    def _responses(self, node: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Answer]]:
        base = pointer_to("responses", base=pointer)
        gives = self._kinds(node, "produces")
        for status, answer in self._document.mapping(node.get("responses"), base).items():
            if str(status).startswith("x-") or is_gone(answer):
                continue
            name = str(status) if str(status) == "default" else str(status).upper()
            answer, place = self._document.resolve(answer, pointer_to(status, base=base))
            yield name, self._answer(name, self._document.mapping(answer, place), place, gives)

    def _answer(self, name: str, answer: Mapping[str, Any], pointer: str, gives: list[str]) -> Answer:
        schema = answer.get("schema")
        shown = answer.get("examples")
        examples = shown if isinstance(shown, Mapping) else {}
        schema_pointer = pointer_to("schema", base=pointer)
        resolved = self._document.resolve(schema, schema_pointer)[0] if schema is not None else None
        media = {}
        if isinstance(resolved, Mapping) and resolved.get("type") == "file":
            media = {kind: Media(kind, None, schema_pointer) for kind in gives or ["*/*"]}
        elif schema is not None:
            for kind in gives or ["application/json"]:
                own = tuple(value for named, value in examples.items() if str(named).partition(";")[0].lower() == kind)
                media[kind] = Media(kind, schema, schema_pointer, examples=own)
        headers = {}
        for key, header in self._document.mapping(answer.get("headers"), pointer_to("headers", base=pointer)).items():
            place = pointer_to("headers", key, base=pointer)
            headers[str(key)] = Header(str(key), False, _schema(self._document.mapping(header, place)), place)
        return Answer(name, str(answer.get("description") or ""), media, headers, pointer)


def _schema(node: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what is no body: it stands among the other keys (section 5.2.6)."""
    return {key: value for key, value in node.items() if key not in _NOT_SCHEMA}


def _field(node: Mapping[str, Any]) -> dict[str, Any]:
    """A form's field; a file is any text."""
    return {} if node.get("type") == "file" else _schema(node)
