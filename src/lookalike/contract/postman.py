"""Postman collections (2.0 and 2.1) as documents: operations, parameters, and what saved examples show.

Formats: https://schema.postman.com. What an example promises, and what it doesn't: `saved.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from lookalike.codec import decode_json
from lookalike.contract.openapi import Document, is_json, pointer_to, words_of
from lookalike.contract.paths import normal
from lookalike.contract.saved import Asked, Saved, rendered, with_other_methods
from lookalike.errors import FileError, InvalidJson
from lookalike.secrets import is_secret_name

_VARIABLE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_NESTED = 10  # variables in the values of variables
_DEEPEST = 100  # folders in folders
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
_METHOD = re.compile(r"[A-Z]{1,32}")
_PREVIEWS = {"json": "application/json", "html": "text/html", "xml": "application/xml", "text": "text/plain"}
# Headers that clients add, and those that say who asks: no parameters of an operation.
_UNSAID = frozenset({"accept", "accept-encoding", "authorization", "cache-control", "connection", "content-length",
                     "content-type", "cookie", "host", "postman-token", "user-agent"})  # fmt: skip


def is_collection(root: Any) -> bool:
    """Whether a parsed file is a Postman collection, of whatever version."""
    if not isinstance(root, Mapping) or "openapi" in root or "swagger" in root:
        return False
    inner = root.get("collection", root)
    return isinstance(inner, Mapping) and ("item" in inner or ("requests" in inner and "order" in inner))


def convert(root: Mapping[str, Any], path: str) -> Document:
    """A collection as a document; messages point at the collection's own places.

    Raises FileError for a collection of version 1, and for one that is broken.
    """
    base = "#/collection" if isinstance(root.get("collection"), Mapping) else "#"
    return _Converter(root["collection"] if base != "#" else root, path, base).document()


class _Converter:
    def __init__(self, root: Mapping[str, Any], path: str, base: str) -> None:
        self._root = root
        self._path = path
        self._base = base
        self._variables = _variables(root.get("variable"))
        self._operations: dict[tuple[str, str], Saved] = {}

    def document(self) -> Document:
        if "item" not in self._root:
            raise self._error(
                "Postman collections of version 1 are not read, only 2.0 and 2.1", "", "Export it from Postman as 2.1."
            )
        for item, pointer in self._items():
            self._add(item, pointer)
        info = self._root.get("info")
        info = info if isinstance(info, Mapping) else {}
        base_url = self._base_url()
        paths: dict[str, dict[str, Any]] = {}
        origins: dict[str, str] = {}
        for (method, _), one in self._operations.items():
            name = next((known for known in paths if normal(known) == normal(one.asked.path)), one.asked.path)
            node = rendered(one, base_url)
            self._note(one, pointer_to("paths", name, method.lower()), origins)
            paths.setdefault(name, {})[method.lower()] = node
        document: dict[str, Any] = {
            "openapi": "3.2.0",
            "info": {"title": str(info.get("name") or "collection"), "version": "collection"},
            "paths": paths,
        }
        if base_url:
            document["servers"] = [{"url": base_url}]
        return Document(with_other_methods(document, origins), self._path, origins=origins)

    def _error(self, problem: str, place: str, hint: str = "") -> FileError:
        return FileError(self._path, problem, place=place, hint=hint)

    def _items(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        """Every request of every folder, in order."""
        stack = [(self._root["item"], f"{self._base}/item", 0)]
        while stack:
            items, pointer, depth = stack.pop()
            if isinstance(items, Mapping) and "request" in items:
                yield items, pointer
                continue
            if isinstance(items, Mapping):
                items, pointer = items.get("item", []), f"{pointer}/item"
            if not isinstance(items, list):
                raise self._error(f"expected a list of requests and folders, this is {words_of(items)}", pointer)
            if depth > _DEEPEST:
                raise self._error("folders are nested too deeply", pointer)
            for at in range(len(items) - 1, -1, -1):
                if not isinstance(items[at], Mapping):
                    raise self._error(
                        f"expected a request or a folder, this is {words_of(items[at])}", f"{pointer}/{at}"
                    )
                stack.append((items[at], f"{pointer}/{at}", depth + 1))

    def _add(self, item: Mapping[str, Any], pointer: str) -> None:
        request = item["request"]
        request = {"url": request} if isinstance(request, str) else request
        if not isinstance(request, Mapping):
            raise self._error(f"expected a request, this is {words_of(request)}", f"{pointer}/request")
        method = str(request.get("method") or "GET").upper()
        asked = self._asked(request.get("url"))
        if asked is None or not _METHOD.fullmatch(method):
            return  # a request that nobody has filled in yet
        key = (method, asked.origin + normal(asked.path))
        one = self._operations.get(key)
        if one is None:
            one = self._operations[key] = Saved(asked, str(item.get("name") or ""), f"{pointer}/request")
        self._request(one, request, asked)
        responses = item.get("response")
        for at, response in enumerate(responses if isinstance(responses, list) else ()):
            if isinstance(response, Mapping):
                self._response(one, response, f"{pointer}/response/{at}")

    def _request(self, one: Saved, request: Mapping[str, Any], asked: Asked) -> None:
        for name, value in asked.query:
            one.query.setdefault(name, []).extend([value] if value else [])
        for name, value in _pairs(request.get("header")):
            if name.lower() not in _UNSAID and not is_secret_name(name):
                one.headers.setdefault(name, []).append(self._filled(value))
        kind, body = self._body(request)
        if kind:
            one.bodies.setdefault(kind, []).extend(body)

    def _response(self, one: Saved, response: Mapping[str, Any], pointer: str) -> None:
        code = response.get("code")
        if not isinstance(code, int) or not 100 <= code <= 599:
            return
        status = str(code)
        media = one.answers.setdefault(status, {})
        one.places.setdefault(status, pointer)
        original = response.get("originalRequest")
        if isinstance(original, Mapping):
            asked = self._asked(original.get("url"))
            if asked is not None and normal(asked.path) == normal(one.asked.path):
                self._request(one, original, asked)
        text = response.get("body")
        if not isinstance(text, str) or not text:
            return
        headers = {name.lower(): value for name, value in _pairs(response.get("header"))}
        preview = str(response.get("_postman_previewlanguage") or "").lower()
        kind = headers.get("content-type", "").partition(";")[0].strip().lower() or _PREVIEWS.get(preview, "")
        values = self._json(text) if is_json(kind) or not kind else []
        kind = kind or ("application/json" if values else "text/plain")
        media.setdefault(kind, []).extend(values)

    def _body(self, request: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """A request's body: its media type, and its value where that can be read."""
        body = request.get("body")
        if not isinstance(body, Mapping):
            return "", []
        mode = body.get("mode")
        named = {name.lower(): value for name, value in _pairs(request.get("header"))}
        kind = named.get("content-type", "").partition(";")[0].strip().lower()
        if mode in ("urlencoded", "formdata"):
            usual = "application/x-www-form-urlencoded" if mode == "urlencoded" else "multipart/form-data"
            return usual, []
        if mode == "graphql":
            return kind or "application/json", []
        text = body.get("raw")
        if mode != "raw" or not isinstance(text, str) or not text.strip():
            return "", []
        options = body.get("options")
        raw = options.get("raw") if isinstance(options, Mapping) else None
        language = str(raw.get("language") or "") if isinstance(raw, Mapping) else ""
        values = self._json(text) if is_json(kind) or language in ("json", "") else []
        kind = kind or _PREVIEWS.get(language, "") or ("application/json" if values else "text/plain")
        return kind, values

    def _json(self, text: str) -> list[Any]:
        """A text's value in a list; an empty one where it is no JSON, whatever stands for its variables."""
        for candidate in (text, _VARIABLE.sub(self._value_of, text), _VARIABLE.sub("null", text)):
            try:
                return [decode_json(candidate.encode())]
            except (InvalidJson, UnicodeEncodeError):
                continue
        return []

    def _value_of(self, match: re.Match[str]) -> str:
        return self._filled(match.group(0))

    def _filled(self, text: str) -> str:
        """A text with the values of the collection's variables; those that have none stay."""
        for _ in range(_NESTED):
            filled = _VARIABLE.sub(lambda match: self._variables.get(match.group(1), match.group(0)), text)
            if filled == text or len(filled) > 10_000:
                break
            text = filled
        return text

    def _asked(self, url: Any) -> Asked | None:
        parts = url if isinstance(url, Mapping) else {"raw": url}
        raw = parts.get("raw")
        if not isinstance(raw, str) or not raw.strip():
            raw = _joined(parts)
        if not raw:
            return None
        before, _, query = raw.strip().partition("#")[0].partition("?")
        origin, path = self._split(before)
        values = {name: self._filled(value) for name, value in _pairs(parts.get("variable"))}
        template = self._template(path, values)
        pairs = _pairs(parts.get("query")) if isinstance(parts.get("query"), list) else parse_qsl(query, True)
        asked = [
            (name, "" if is_secret_name(name) else self._filled(value))
            for name, value in pairs
            if name and not _VARIABLE.search(name)
        ]
        return Asked(origin, template, asked, values)

    def _split(self, text: str) -> tuple[str, str]:
        """Where a URL leads, and its path: what a leading variable stands for is part of the former."""
        leading = _VARIABLE.match(text)
        if leading is not None:
            known = self._filled(leading.group(0))
            rest = text[leading.end() :]
            if known.startswith("{{") or rest[:1] not in ("", "/"):
                origin, path = ("", rest) if rest[:1] in ("", "/") else self._host(self._filled(text))
            elif _SCHEME.match(known) or "." in known or known.startswith("localhost"):
                origin, path = (known if _SCHEME.match(known) else f"https://{known}"), rest
            else:
                origin, path = "", text
        else:
            origin, path = self._host(text)
        return self._filled(origin).rstrip("/"), path or "/"

    @staticmethod
    def _host(text: str) -> tuple[str, str]:
        match = _SCHEME.match(text)
        if match is None and text.startswith("/"):
            return "", text
        scheme = match.group(1).lower() if match is not None else "https"
        host, slash, path = text[match.end() if match is not None else 0 :].partition("/")
        return f"{scheme}://{host}", slash + path

    def _template(self, path: str, values: dict[str, str]) -> str:
        """A path with `:id` and `{{id}}` as `{id}`; no name twice."""
        taken: set[str] = set()

        def variable(name: str) -> str:
            plain = re.sub(r"[^\w.-]", "_", name) or "value"
            free, number = plain, 2
            while free in taken:
                free, number = f"{plain}{number}", number + 1
            taken.add(free)
            if name in self._variables:
                values.setdefault(free, self._filled(self._variables[name]))
            return "{" + free + "}"

        parts = []
        for part in path.strip("/").split("/"):
            if part.startswith(":") and len(part) > 1:
                parts.append(variable(part[1:]))
                continue
            pieces = _VARIABLE.split(part)
            literal = [piece.replace("{", "%7B").replace("}", "%7D") for piece in pieces[::2]]
            named = [variable(name) for name in pieces[1::2]]
            parts.append("".join(text + name for text, name in zip(literal, [*named, ""], strict=True)))
        return "/" + "/".join(unquote(part) if "{" not in part and "%7" not in part else part for part in parts)

    def _base_url(self) -> str:
        counted = Counter(one.asked.origin for one in self._operations.values() if one.asked.origin)
        return next((origin for origin, _ in counted.most_common(1) if "{" not in origin), "")

    def _note(self, one: Saved, pointer: str, origins: dict[str, str]) -> None:
        origins[pointer] = one.pointer
        for status, place in one.places.items():
            origins[pointer_to("responses", status, base=pointer)] = place
            for kind in one.answers[status]:
                origins[pointer_to("responses", status, "content", kind, "schema", base=pointer)] = f"{place}/body"


def _variables(nodes: Any) -> dict[str, str]:
    found = {}
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, Mapping) and not node.get("disabled"):
            name, value = node.get("key") or node.get("id"), node.get("value")
            if isinstance(name, str) and isinstance(value, str | int | float):
                found[name] = str(value)
    return found


def _pairs(nodes: Any) -> list[tuple[str, str]]:
    """Names and values as a list of objects, or as lines (2.0), has them; those that are switched off left out."""
    if isinstance(nodes, str):
        lines = [line.partition(":") for line in nodes.splitlines()]
        return [(name.strip(), value.strip()) for name, _, value in lines if name.strip()]
    found = []
    for node in nodes if isinstance(nodes, list) else ():
        name = (node.get("key") or node.get("id")) if isinstance(node, Mapping) else None
        if isinstance(name, str) and not node.get("disabled"):
            value = node.get("value")
            found.append((name, str(value) if isinstance(value, str | int | float) else ""))
    return found


def _joined(parts: Mapping[str, Any]) -> str:
    """A URL from its parts, where the whole isn't given."""
    host, path = parts.get("host"), parts.get("path")
    where = ".".join(map(str, host)) if isinstance(host, list) else str(host or "")
    steps = path if isinstance(path, list) else str(path or "").strip("/").split("/")
    words = [str(step.get("value", "")) if isinstance(step, Mapping) else str(step) for step in steps]
    scheme = f"{parts['protocol']}://" if isinstance(parts.get("protocol"), str) and where else ""
    port = f":{parts['port']}" if parts.get("port") and where else ""
    return f"{scheme}{where}{port}/{'/'.join(words)}" if where or any(words) else ""
