"""The parts of one operation of an OpenAPI 3 document: parameters, body, responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from lookalike.contract.openapi import Document, is_gone, pointer_to, words_of
from lookalike.contract.operation import Answer, Body, Details, Header, Media, Parameter, Place
from lookalike.errors import FileError

PLACES: dict[str, Place] = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}
# OpenAPI 3.1, section 4.8.12.2: the styles that apply where none is named.
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
# Header parameters of these names are described elsewhere in a document and ignored here (section 4.8.12.1).
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})


class Reader:
    """Reads the parts of one operation."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def details(self, node: Mapping[str, Any], pointer: str, item: Mapping[str, Any], item_pointer: str) -> Details:
        parameters = {
            (one.place, one.name): one
            for source, base in ((item, item_pointer), (node, pointer))
            for one in self._parameters(source.get("parameters"), pointer_to("parameters", base=base))
        }
        return Details(
            parameters=tuple(parameters.values()),
            request_body=self._body(node.get("requestBody"), pointer_to("requestBody", base=pointer)),
            responses={
                str(status).upper() if str(status) != "default" else "default": self._answer(status, answer, pointer)
                for status, answer in self._document.mapping(
                    node.get("responses"), pointer_to("responses", base=pointer)
                ).items()
                if not str(status).startswith("x-") and not is_gone(answer)
            },
        )

    def _parameters(self, nodes: Any, pointer: str) -> Iterator[Parameter]:
        if nodes is None:
            return
        if not isinstance(nodes, list):
            raise self._document.error(f"expected a list, this is {words_of(nodes)}", place=pointer)
        for at, node in enumerate(nodes):
            node, place = self._document.resolve(node, pointer_to(at, base=pointer))
            where = PLACES.get(str(self._document.mapping(node, place).get("in")))
            name = node.get("name")
            if node.get("in") == "querystring":
                yield self._query_string(node, place)
                continue
            if where is None or not isinstance(name, str):
                raise self._document.error(
                    "a parameter needs `name`, and `in` as one of path, query, header, cookie", place=place
                )
            if where == "header" and name.lower() in IGNORED_HEADERS:
                continue
            yield self._parameter(node, name, where, place)

    def _parameter(self, node: Mapping[str, Any], name: str, where: Place, place: str) -> Parameter:
        style = str(node.get("style") or _STYLES[where])
        schema, media = node.get("schema"), ""
        pointer = pointer_to("schema", base=place)
        content = self._document.mapping(node.get("content"), pointer_to("content", base=place))
        for media, entry in content.items():
            pointer = pointer_to("content", media, "schema", base=place)
            schema = self._document.mapping(entry, pointer).get("schema")
        return Parameter(
            name=name,
            place=where,
            required=bool(node.get("required")) or where == "path",
            schema=schema,
            style=style,
            explode=bool(node.get("explode", style in ("form", "cookie"))),
            pointer=pointer,
            media=media,
            multi=bool(node.get("x-multi-segment")),
            examples=self._examples(node, place),
        )

    def _query_string(self, node: Mapping[str, Any], place: str) -> Parameter:
        """The whole query as one value (OpenAPI 3.2, section 4.12.1): a form's fields are parameters of their own."""
        base = pointer_to("content", base=place)
        content = self._document.mapping(node.get("content"), base)
        form = "application/x-www-form-urlencoded"
        pointer = pointer_to(form, "schema", base=base)
        schema = self._document.mapping(content.get(form), pointer).get("schema")
        # What is no form has no names that could be looked at.
        if schema is None:
            schema = {"type": "object"}
        return Parameter(str(node.get("name") or ""), "query", False, schema, "form", True, pointer)

    def _body(self, node: Any, pointer: str) -> Body | None:
        if node is None:
            return None
        node, pointer = self._document.resolve(node, pointer)
        node = self._document.mapping(node, pointer)
        return Body(bool(node.get("required")), self._media(node.get("content"), pointer), pointer)

    def _answer(self, status: object, node: Any, operation: str) -> Answer:
        node, pointer = self._document.resolve(node, pointer_to("responses", status, base=operation))
        node = self._document.mapping(node, pointer)
        headers = {}
        for name, header in self._document.mapping(node.get("headers"), pointer_to("headers", base=pointer)).items():
            header, place = self._document.resolve(header, pointer_to("headers", name, base=pointer))
            header = self._document.mapping(header, place)
            headers[str(name)] = Header(
                str(name), bool(header.get("required")), header.get("schema"), pointer_to("schema", base=place)
            )
        name = str(status) if status == "default" else str(status).upper()
        media = self._media(node.get("content"), pointer)
        return Answer(name, str(node.get("description") or ""), media, headers, pointer)

    def _media(self, content: Any, pointer: str) -> dict[str, Media]:
        base = pointer_to("content", base=pointer)
        found = {}
        for name, entry in self._document.mapping(content, base).items():
            entry, place = self._document.resolve(entry, pointer_to(name, base=base))
            if is_gone(entry):
                continue
            entry = self._document.mapping(entry, place)
            kind = str(name).partition(";")[0].strip().lower()
            found[kind] = Media(
                kind,
                entry.get("schema"),
                pointer_to("schema", base=place),
                entry.get("itemSchema"),
                pointer_to("itemSchema", base=place) if "itemSchema" in entry else "",
                self._examples(entry, place),
            )
        return found

    def _examples(self, entry: Mapping[str, Any], pointer: str) -> tuple[Any, ...]:
        """The values that a media type or a parameter shows; those that only a URL has are left out."""
        found = [entry["example"]] if "example" in entry else []
        named = entry.get("examples")
        for name, one in named.items() if isinstance(named, Mapping) else ():
            with suppress(FileError):  # an example that can't be found is no reason not to use the operation
                one, _ = self._document.resolve(one, pointer_to("examples", name, base=pointer))
            if isinstance(one, Mapping):
                found += [one[word] for word in ("dataValue", "value") if word in one][:1]
        return tuple(found)
