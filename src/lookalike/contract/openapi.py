"""Reading OpenAPI 3.0, 3.1, 3.2 and Swagger 2.0: operations, indexed at once and read in full when first used.

References are local (`#/...`); what other files say was brought in by `references.py`. What an operation holds is read
in `reader.py`, Swagger's in `swagger.py`. The schemas themselves become JSON Schema 2020-12 in `schemas.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lookalike.contract.operation import Details, Media, Operation
from lookalike.errors import FileError

LEARNED = "learned"
# Beside what a person wrote about something that the API has no more: whoever reads the document passes it by.
GONE = "x-gone-since"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
# Where what other files say stands in a document that was brought together: `#/x-files/common.yaml/...`.
FILES = "x-files"

# What is written so may lead out of the document, or needs names looked up; nothing else is walked through.
_LEADS_OUT = re.compile(rb"""\$ref["']?\s*:(?!\s*["']?#(?:/|["'\s]))|\$(?:id|anchor|dynamicRef|dynamicAnchor|self)\b""")
_SUPPORTED = re.compile(r"3\.([012])(\.\d+.*)?$")
_METHOD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_RECORDED = frozenset({"log", "interactions", "http_interactions"})
_RECORDED_HINT = "It looks like recorded traffic. Learn a contract from it: lookalike learn FILE -o contract.yaml"
_INDEX = re.compile(r"[0-9]{1,9}")
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_ABSOLUTE = re.compile(r"https?://[^/{}]+", re.IGNORECASE)


def leads_out(content: bytes) -> bool:
    """Whether a document's text may have references that are no local pointers."""
    return _LEADS_OUT.search(content) is not None


def pointer_to(*keys: object, base: str = "#") -> str:
    """A JSON pointer in its URI form, `#/paths/~1todos/get` (RFC 6901, sections 3 and 6)."""
    return base + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def pointer_keys(pointer: str) -> list[str]:
    """The keys of a pointer `#/a/b~1c`, decoded."""
    from urllib.parse import unquote

    return [unquote(key).replace("~1", "/").replace("~0", "~") for key in pointer[1:].split("/")[1:]]


def is_index(key: str) -> bool:
    """Whether a key of a pointer may be a place in a list; other scripts' digits and endless ones are none."""
    return _INDEX.fullmatch(key) is not None


def shown_pointer(pointer: str, origins: Mapping[str, str] | None = None) -> str:
    """A pointer as the user's own files have it: `common.yaml#/Pet` for what another file says.

    origins: where parts of a converted document come from, `{pointer: words}`; the longest that fits is taken
    """
    for known in _prefixes(pointer) if origins else ():
        if origins and known in origins:
            return origins[known] + pointer[len(known) :]
    if pointer.startswith(f"#/{FILES}/"):
        name, _, below = pointer[len(FILES) + 3 :].partition("/")
        return f"{pointer_keys('#/' + name)[0]}#{'/' + below if below else ''}"
    return pointer


def _prefixes(pointer: str) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


class Document:
    """An OpenAPI document as it was parsed, with what it takes to read it.

    root:    the parsed document
    path:    the file's name for messages
    version: `(2, 0)`, `(3, 0)`, `(3, 1)` or `(3, 2)`
    origins: where parts of it come from, if a document of another format was converted: `{pointer: words}`
    files:   the other files that it was brought together from
    """

    def __init__(
        self,
        root: Any,
        path: str = "<document>",
        *,
        origins: Mapping[str, str] | None = None,
        files: Iterable[Path] = (),
    ) -> None:
        self.path = path
        self.origins = origins or {}
        self.files = tuple(files)
        self.root: dict[str, Any] = self._checked(root)
        self.version = (2, 0) if "swagger" in self.root else (3, int(str(self.root["openapi"])[2]))
        self._references: dict[str, tuple[Any, str]] = {}

    def _checked(self, root: Any) -> dict[str, Any]:
        if root is None:
            raise self.error("the file is empty", hint="An OpenAPI document begins with `openapi: 3.1.0`.")
        if not isinstance(root, dict):
            raise self.error(
                f"a contract is a mapping, this is {words_of(root)}",
                hint="An OpenAPI document begins with `openapi: 3.1.0`.",
            )
        if "swagger" in root:
            if str(root["swagger"]) not in ("2.0", "2"):
                raise self.error(
                    f"Swagger {root['swagger']} is not read, only 2.0",
                    place="#/swagger",
                    hint="Convert it first, for example with https://converter.swagger.io.",
                )
            return self._of_mappings(root, ("paths", "definitions", "parameters", "responses", "info"))
        if "openapi" not in root:
            raise self.error(
                "this is no OpenAPI document: it has no `openapi` key",
                hint=_RECORDED_HINT
                if root.keys() & _RECORDED
                else "It begins with `openapi: 3.1.0`; Swagger 2.0 and Postman collections are read too.",
            )
        if not isinstance(root["openapi"], str) or not _SUPPORTED.match(root["openapi"]):
            raise self.error(
                f"OpenAPI {root['openapi']!r} is not read, only 3.0, 3.1 and 3.2",
                place="#/openapi",
                hint='Write the version as `openapi: "3.1.0"` if the document keeps to it.',
            )
        return self._of_mappings(root, ("paths", "components", "info"))

    def _of_mappings(self, root: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
        for key in keys:
            if root.get(key) is not None and not isinstance(root[key], dict):
                raise self.error(f"expected a mapping, this is {words_of(root[key])}", place=f"#/{key}")
        return root

    def error(self, problem: str, *, place: str = "", hint: str = "") -> FileError:
        """A FileError about this document."""
        return FileError(self.path, problem, place=self.shown(place), hint=hint)

    def shown(self, pointer: str) -> str:
        """A pointer as the user's own files have it."""
        return shown_pointer(pointer, self.origins)

    def at(self, pointer: str) -> Any:
        """The node that a pointer names, references on the way not followed. Raises FileError."""
        node: Any = self.root
        for key in pointer_keys(pointer):
            if isinstance(node, Mapping) and key in node:
                node = node[key]
            elif isinstance(node, Mapping) and is_index(key) and int(key) in node:
                node = node[int(key)]  # YAML reads `200:` as a number
            elif isinstance(node, list) and is_index(key) and int(key) < len(node):
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
                    "references lead in a circle: "
                    + " -> ".join(map(self.shown, [*seen[seen.index(pointer) :], pointer])),
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
            hint="Only a document that is read from a file leads to others.",
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
            raise self.error(f"expected a mapping, this is {words_of(node)}", place=pointer)
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
        if self.version == (2, 0):
            from lookalike.contract.swagger import base_url

            return base_url(self.root)
        found = self.server_urls(self.root.get("servers"))
        return found[0] if found else None

    def server_urls(self, servers: Any) -> list[str]:
        """The absolute URLs of a list of servers, variables replaced by their defaults; what is relative is left out.

        A list whose first server is relative gives none: nobody says that another of them is meant.
        """
        found = []
        for server in servers if isinstance(servers, list) else ():
            url = _server_url(server) if isinstance(server, Mapping) else ""
            if not _ABSOLUTE.match(url):
                break
            found.append(url.rstrip("/"))
        return found

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
            if is_gone(item):
                continue
            for method, pointer, node in self._methods(item, place):
                if not is_gone(node):
                    yield self._operation(path, method, self.mapping(node, pointer), pointer, item, place)

    def _methods(self, item: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, Any]]:
        """Methods of a path with their operations; OpenAPI 3.2 knows QUERY and takes any other by its name (4.9)."""
        for method in METHODS:
            if method in item:
                yield method, pointer_to(method, base=place), item[method]
        if self.version < (3, 2):
            return
        if "query" in item:
            yield "query", pointer_to("query", base=place), item["query"]
        base = pointer_to("additionalOperations", base=place)
        for method, node in self.mapping(item.get("additionalOperations"), base).items():
            if not _METHOD.fullmatch(method):
                raise self.error(f"{method!r} is no method of HTTP", place=base, hint="Write it as in `LINK`.")
            yield method, pointer_to(method, base=base), node

    def _operation(
        self, path: str, method: str, node: Mapping[str, Any], pointer: str, item: Mapping[str, Any], place: str
    ) -> Operation:
        servers = node.get("servers") or item.get("servers")
        return Operation(
            id=str(node.get("operationId") or f"{method} {path}"),
            method=method.upper(),
            path=path,
            summary=str(node.get("summary") or ""),
            pointer=pointer,
            servers=tuple(self.server_urls(servers)) if servers else (),
            multi=self._spanning(path, node, item),
            read=lambda: self._details(node, pointer, item, place),
        )

    def _spanning(self, path: str, node: Mapping[str, Any], item: Mapping[str, Any]) -> str:
        """The name of the last path parameter where it may hold slashes (`x-multi-segment`, GitHub's word)."""
        whole = _VARIABLE.fullmatch(path.rpartition("/")[2])
        for source in (node, item) if whole is not None else ():
            parameters = source.get("parameters")
            for one in parameters if isinstance(parameters, list) else ():
                reference = one.get("$ref") if isinstance(one, Mapping) else None
                if isinstance(reference, str):
                    with suppress(FileError):  # a reference that leads nowhere is told where the operation is used
                        one, _ = self.resolve(one, "#/paths")
                named = isinstance(one, Mapping) and one.get("x-multi-segment") is True and one.get("name")
                if whole is not None and named == whole.group(1):
                    return whole.group(1)
        return ""

    def _details(self, node: Mapping[str, Any], pointer: str, item: Mapping[str, Any], place: str) -> Details:
        if self.version == (2, 0):
            from lookalike.contract.swagger import SwaggerReader

            return SwaggerReader(self).details(node, pointer, item, place)
        from lookalike.contract.reader import Reader

        return Reader(self).details(node, pointer, item, place)

    def security_parameters(self) -> set[tuple[str, str]]:
        """(place, name in lower case) of what security schemes send, which no operation lists as a parameter."""
        keys = ("securityDefinitions",) if self.version == (2, 0) else ("components", "securitySchemes")
        node: Any = self.root
        for key in keys:
            node = self.mapping(node.get(key), pointer_to(*keys))
        found = set()
        for name, scheme in node.items():
            scheme, _ = self.resolve(scheme, pointer_to(*keys, name))
            if isinstance(scheme, Mapping) and scheme.get("type") == "apiKey":
                found.add((str(scheme.get("in")), str(scheme.get("name")).lower()))
        return found


def _server_url(server: Mapping[str, Any]) -> str:
    variables = server.get("variables") or {}

    def default(match: re.Match[str]) -> str:
        variable = variables.get(match.group(1)) if isinstance(variables, Mapping) else None
        return str(variable.get("default", match.group(0))) if isinstance(variable, Mapping) else match.group(0)

    return _VARIABLE.sub(default, str(server.get("url", "")))


def media_for(media: Mapping[str, Media], kind: str) -> Media | None:
    """The entry that covers a media type: by its name, then `type/*`, then `*/*` (OpenAPI 3.1, section 4.8.14)."""
    return media.get(kind) or media.get(f"{kind.partition('/')[0]}/*") or media.get("*/*")


def is_gone(node: Any) -> bool:
    """Whether a node is only a person's words about what the API has no more."""
    return isinstance(node, Mapping) and GONE in node


def is_json(kind: str) -> bool:
    """Whether a media type is JSON, or a range that JSON falls in."""
    return kind in ("application/json", "text/json", "application/*", "*/*") or kind.endswith("+json")


def words_of(value: Any) -> str:
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
