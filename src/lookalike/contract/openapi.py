"""Reading OpenAPI 3.0 and 3.1 documents: operations, indexed at once and read in full when first used.

References are local (`#/...`). The schemas themselves become JSON Schema 2020-12 in `schemas.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lookalike.contract.operation import Answer, Body, Details, Header, Media, Operation, Parameter, Place
from lookalike.errors import FileError

LEARNED = "learned"
# Beside what a person wrote about something that the API has no more: whoever reads the document passes it by.
GONE = "x-gone-since"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")

_PLACES: dict[str, Place] = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}
# OpenAPI 3.1, section 4.8.12.2: the styles that apply where none is named.
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
# Header parameters of these names are described elsewhere in a document and ignored here (section 4.8.12.1).
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_SUPPORTED = re.compile(r"3\.([01])(\.\d+.*)?$")
_VARIABLE = re.compile(r"\{([^{}]+)\}")


def pointer_to(*keys: object, base: str = "#") -> str:
    """A JSON pointer in its URI form, `#/paths/~1todos/get` (RFC 6901, sections 3 and 6)."""
    return base + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def pointer_keys(pointer: str) -> list[str]:
    """The keys of a pointer `#/a/b~1c`, decoded."""
    from urllib.parse import unquote

    return [unquote(key).replace("~1", "/").replace("~0", "~") for key in pointer[1:].split("/")[1:]]


class Document:
    """An OpenAPI document as it was parsed, with what it takes to read it.

    root:    the parsed document
    path:    the file's name for messages
    version: `(3, 0)` or `(3, 1)`
    """

    def __init__(self, root: Any, path: str = "<document>") -> None:
        self.path = path
        self.root: dict[str, Any] = self._checked(root)
        self.version = (3, int(str(self.root["openapi"])[2]))
        self._references: dict[str, tuple[Any, str]] = {}

    def _checked(self, root: Any) -> dict[str, Any]:
        if root is None:
            raise self.error("the file is empty", hint="An OpenAPI document begins with `openapi: 3.1.0`.")
        if not isinstance(root, dict):
            raise self.error(
                f"a contract is a mapping, this is {_words(root)}",
                hint="An OpenAPI document begins with `openapi: 3.1.0`.",
            )
        if "swagger" in root:
            raise self.error(
                f"Swagger {root['swagger']} is not read, only OpenAPI 3.0 and 3.1",
                place="#/swagger",
                hint="Convert it first, for example with https://converter.swagger.io.",
            )
        if "openapi" not in root:
            raise self.error(
                "this is no OpenAPI document: it has no `openapi` key", hint="It begins with `openapi: 3.1.0`."
            )
        if not isinstance(root["openapi"], str) or not _SUPPORTED.match(root["openapi"]):
            raise self.error(
                f"OpenAPI {root['openapi']!r} is not read, only 3.0 and 3.1",
                place="#/openapi",
                hint='Write the version as `openapi: "3.1.0"` if the document keeps to it.',
            )
        for key in ("paths", "components", "info"):
            if root.get(key) is not None and not isinstance(root[key], dict):
                raise self.error(f"expected a mapping, this is {_words(root[key])}", place=f"#/{key}")
        return root

    def error(self, problem: str, *, place: str = "", hint: str = "") -> FileError:
        """A FileError about this document."""
        return FileError(self.path, problem, place=place, hint=hint)

    def at(self, pointer: str) -> Any:
        """The node that a pointer names, references on the way not followed. Raises FileError."""
        node: Any = self.root
        for key in pointer_keys(pointer):
            if isinstance(node, Mapping) and key in node:
                node = node[key]
            elif isinstance(node, Mapping) and key.isdigit() and int(key) in node:
                node = node[int(key)]  # YAML reads `200:` as a number
            elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                raise self.error(
                    f"the reference {pointer!r} leads nowhere: there is no {key!r}",
                    place=pointer,
                    hint=f"Known there: {_known(node)}.",
                )
        return node

    def resolve(self, node: Any, pointer: str) -> tuple[Any, str]:
        """Follow `$ref` until something else is there; (node, its own pointer). Raises FileError."""
        seen = [pointer]
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            pointer = self.local(node["$ref"], seen[-1])
            if pointer in seen:
                raise self.error(
                    f"references lead in a circle: {' -> '.join([*seen[seen.index(pointer) :], pointer])}",
                    place=seen[-1],
                    hint="Let one of them hold the thing itself.",
                )
            seen.append(pointer)
            found = self._references.get(pointer)
            if found is None:
                found = self._references[pointer] = (self._referred(pointer, seen[-2]), pointer)
            node = found[0]
        return node, pointer

    def local(self, reference: str, place: str) -> str:
        """A reference as a local pointer. Raises FileError where it leads out of the document."""
        if reference == "#" or reference.startswith("#/"):
            return reference
        if reference.startswith("#"):
            raise self.error(
                f"the anchor {reference!r} can't be followed",
                place=place,
                hint="Write it as a pointer, such as `#/components/schemas/Name`.",
            )
        raise self.error(
            f"the reference {reference!r} leads to another file",
            place=place,
            hint="Bundle the document into one file first, for example with `redocly bundle`.",
        )

    def _referred(self, pointer: str, place: str) -> Any:
        try:
            return self.at(pointer)
        except FileError as error:
            raise self.error(error.problem, place=place, hint=error.hint) from None

    def mapping(self, node: Any, pointer: str) -> Mapping[str, Any]:
        """A node that must be a mapping, keys as strings; nothing is an empty one. Raises FileError."""
        if node is None:
            return {}
        if not isinstance(node, Mapping):
            raise self.error(f"expected a mapping, this is {_words(node)}", place=pointer)
        return node

    @property
    def title(self) -> str:
        """`info.title`, or empty."""
        return str((self.root.get("info") or {}).get("title") or "")

    @property
    def learned(self) -> bool:
        """Whether lookalike wrote the document from traffic: `info.version` is `learned`."""
        return (self.root.get("info") or {}).get("version") == LEARNED

    @property
    def base_url(self) -> str | None:
        """The first server's URL with its variables' defaults, None where it is missing or relative."""
        servers = self.root.get("servers")
        if not isinstance(servers, list) or not servers or not isinstance(servers[0], Mapping):
            return None
        server = servers[0]
        variables = server.get("variables") or {}

        def default(match: re.Match[str]) -> str:
            variable = variables.get(match.group(1))
            return str(variable.get("default", match.group(0))) if isinstance(variable, Mapping) else match.group(0)

        url = _VARIABLE.sub(default, str(server.get("url", "")))
        return url.rstrip("/") if re.match(r"https?://[^/{}]+", url, re.IGNORECASE) else None

    def operations(self) -> Iterator[Operation]:
        """Every operation, in the document's order; details are read when they are first asked for."""
        for path, item in self.mapping(self.root.get("paths"), "#/paths").items():
            if not isinstance(path, str) or not path.startswith("/"):
                if str(path).startswith("x-"):
                    continue
                raise self.error(f"a path begins with a slash, this is {path!r}", place=pointer_to("paths", path))
            place = pointer_to("paths", path)
            item, place = self.resolve(item, place)
            item = self.mapping(item, place)
            for method in METHODS:
                if method in item and not is_gone(item) and not is_gone(item[method]):
                    yield self._operation(path, method, item, place)

    def _operation(self, path: str, method: str, item: Mapping[str, Any], place: str) -> Operation:
        pointer = pointer_to(method, base=place)
        node = self.mapping(item[method], pointer)
        return Operation(
            id=str(node.get("operationId") or f"{method} {path}"),
            method=method.upper(),
            path=path,
            summary=str(node.get("summary") or ""),
            pointer=pointer,
            read=lambda: _Reader(self).details(node, pointer, item, place),
        )

    def security_parameters(self) -> set[tuple[str, str]]:
        """(place, name in lower case) of what security schemes send, which no operation lists as a parameter."""
        schemes = self.mapping((self.root.get("components") or {}).get("securitySchemes"), "#/components")
        found = set()
        for name, scheme in schemes.items():
            scheme, _ = self.resolve(scheme, pointer_to("components", "securitySchemes", name))
            if isinstance(scheme, Mapping) and scheme.get("type") == "apiKey":
                found.add((str(scheme.get("in")), str(scheme.get("name")).lower()))
        return found


class _Reader:
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
            raise self._document.error(f"expected a list, this is {_words(nodes)}", place=pointer)
        for at, node in enumerate(nodes):
            node, place = self._document.resolve(node, pointer_to(at, base=pointer))
            where = _PLACES.get(str(self._document.mapping(node, place).get("in")))
            name = node.get("name")
            if where is None or not isinstance(name, str):
                raise self._document.error(
                    "a parameter needs `name`, and `in` as one of path, query, header, cookie", place=place
                )
            if where == "header" and name.lower() in _IGNORED_HEADERS:
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
        )

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
            schema = self._document.mapping(entry, place).get("schema")
            kind = str(name).partition(";")[0].strip().lower()
            found[kind] = Media(kind, schema, pointer_to("schema", base=place))
        return found


def media_for(media: Mapping[str, Media], kind: str) -> Media | None:
    """The entry that covers a media type: by its name, then `type/*`, then `*/*` (OpenAPI 3.1, section 4.8.14)."""
    return media.get(kind) or media.get(f"{kind.partition('/')[0]}/*") or media.get("*/*")


def is_gone(node: Any) -> bool:
    """Whether a node is only a person's words about what the API has no more."""
    return isinstance(node, Mapping) and GONE in node


def is_json(kind: str) -> bool:
    """Whether a media type is JSON, or a range that JSON falls in."""
    return kind in ("application/json", "text/json", "application/*", "*/*") or kind.endswith("+json")


def _words(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a mapping"}
    return names.get(type(value), "a " + type(value).__name__)


def _known(node: Any) -> str:
    if isinstance(node, Mapping):
        keys: Iterable[str] = sorted(map(str, node))
        shown = list(keys)[:8]
        return ", ".join(shown) + (", ..." if len(node) > len(shown) else "") if shown else "nothing"
    return f"{len(node)} items" if isinstance(node, list) else "no keys"
