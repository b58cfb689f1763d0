"""A document brought together with the files that its references lead to, in memory: afterwards all are local.

What another file says stands under `#/x-files/NAME/...`, where messages find its own name again. Besides pointers,
`$id`, `$anchor`, `$dynamicRef` and OpenAPI 3.2's `$self` are followed (JSON Schema 2020-12 core, section 8).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from lookalike.contract.openapi import FILES, is_index, pointer_keys, pointer_to, shown_pointer
from lookalike.errors import FileError

MAX_FILES = 5_000
MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 300  # levels; whatever the interpreter's own limit is
_TEXTS = frozenset({".md", ".txt", ".html"})
# Values, in which `$ref` is somebody's data; as a name in one of these maps it is none.
_VALUES = frozenset({"example", "default", "enum", "const", "value", "dataValue", "serializedValue"})
_NAMES = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas", "parameters",
     "responses", "headers", "paths", "requestBodies", "pathItems", "callbacks", "links", "webhooks", "mediaTypes"}
)  # fmt: skip
_NOWHERE: Any = object()


class Source(Protocol):
    """Where a document's other files are from."""

    def read(self, uri: str, reference: str, place: str) -> tuple[Any, str]:
        """What a path or URL holds, parsed, and its name for people. Raises FileError where it may not be read."""


@dataclass(slots=True)
class _Resource:
    """One file, or the part of one that has an `$id`.

    root: what it holds; base: its pointer in the whole; anchors: pointers by name
    """

    uri: str
    root: Any
    base: str
    anchors: dict[str, str] = field(default_factory=dict)
    dynamic: dict[str, list[str]] = field(default_factory=dict)


def gather(root: Any, uri: str, source: Source, path: str) -> Any:
    """The document with all that its references lead to, as one; what is only local is left as it is.

    uri:  what references are relative to, a path or a URL
    path: the document's name for messages
    Raises FileError that names the reference and its place.
    """
    if not isinstance(root, Mapping):
        return root
    return _Gatherer(source, path).gathered(root, uri)


class _Gatherer:
    def __init__(self, source: Source, path: str) -> None:
        self._source = source
        self._path = path
        self._resources: dict[str, _Resource] = {}
        self._files: dict[str, _Resource] = {}
        self._names: dict[str, str] = {}

    def gathered(self, root: Mapping[str, Any], uri: str) -> Any:
        main = self._resources[uri] = _Resource(uri, root, "#")
        pending = [main]
        self._index(main)
        done: list[tuple[_Resource, Any]] = []
        while pending:
            resource = pending.pop()
            before = len(self._files)
            done.append((resource, self._rewritten(resource.root, resource, resource.base, "")))
            pending += list(self._files.values())[before:]
        whole = dict(done[0][1])
        others = {self._names[one.uri]: value for one, value in done[1:]}
        if others:
            whole[FILES] = dict(sorted(others.items()))
        return whole

    def _index(self, resource: _Resource) -> None:
        """Note what has a name in a resource: parts with an `$id`, and anchors."""
        self._resources.setdefault(resource.uri, resource)
        for word in ("$self", "$id"):
            own = resource.root.get(word) if isinstance(resource.root, Mapping) else None
            if isinstance(own, str):
                # What is relative is still looked for beside the file: that is where people have it.
                self._resources.setdefault(self._identity(resource.uri, own, resource.base), resource)
        stack = [(resource.root, resource.base, resource)]
        while stack:
            node, pointer, within = stack.pop()
            if isinstance(node, Mapping):
                own = node.get("$id")
                if isinstance(own, str) and node is not resource.root:
                    within = _Resource(self._identity(within.uri, own, pointer), node, pointer)
                    self._resources.setdefault(within.uri, within)
                for word in ("$anchor", "$dynamicAnchor"):
                    if isinstance(node.get(word), str):
                        within.anchors[node[word]] = pointer
                        if word == "$dynamicAnchor":
                            resource.dynamic.setdefault(node[word], []).append(pointer)
            stack += [(below, at, within) for _, below, at in _below(node, pointer)]

    def _identity(self, base: str, own: str, place: str) -> str:
        """What a resource calls itself, as a whole URL. Raises FileError."""
        try:
            return urldefrag(urljoin(base, own))[0]
        except ValueError as error:
            raise self._error(f"{own!r} is no URL: {error}", place, hint="Correct the name, or take it out.") from None

    def _rewritten(self, node: Any, resource: _Resource, pointer: str, key: str) -> Any:
        """A copy with every reference made local; what has none is not copied."""
        try:
            return self._copied(node, resource, pointer, key, 0)
        except RecursionError:
            raise FileError(self._path, "nested too deeply", place=shown_pointer(pointer)) from None

    def _copied(self, node: Any, resource: _Resource, pointer: str, key: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise RecursionError
        if isinstance(node, list):
            return [
                self._copied(one, resource, pointer_to(at, base=pointer), "", depth + 1) for at, one in enumerate(node)
            ]
        if not isinstance(node, Mapping):
            return node
        names = key in _NAMES
        if not names and isinstance(node.get("$id"), str):
            resource = next((one for one in self._resources.values() if one.root is node), resource)
        result: dict[str, Any] = {}
        for name, value in node.items():
            below = pointer_to(name, base=pointer)
            if name == "$ref" and isinstance(value, str) and not names:
                result[name] = self._target(value, resource, pointer)
            elif name == "$dynamicRef" and isinstance(value, str) and not names:
                result |= self._dynamic(value, resource, pointer)
            elif name == "mapping" and key == "discriminator" and isinstance(value, Mapping):
                result[name] = {tag: self._mapped(one, resource, below) for tag, one in value.items()}
            elif (name in _VALUES or (name == "examples" and isinstance(value, list))) and not names:
                result[name] = value
            else:
                result[name] = self._copied(value, resource, below, "" if names else str(name), depth + 1)
        return result

    def _mapped(self, value: Any, resource: _Resource, place: str) -> Any:
        """A value of a discriminator's mapping: a reference, or the name of a schema."""
        looks_like_one = isinstance(value, str) and ("#" in value or "/" in value or value.endswith((".json", ".yaml")))
        return self._target(value, resource, place) if looks_like_one else value

    def _dynamic(self, reference: str, resource: _Resource, place: str) -> dict[str, Any]:
        """What a `$dynamicRef` leads to where one place alone has the name; of several none is certain."""
        name = reference.partition("#")[2]
        places = list(dict.fromkeys(one for each in self._resources.values() for one in each.dynamic.get(name, ())))
        if len(places) > 1:
            return {}
        return {"$ref": places[0] if places else self._target(reference, resource, place)}

    def _target(self, reference: str, resource: _Resource, place: str) -> str:
        """A reference as a local pointer. Raises FileError."""
        rest, _, fragment = reference.partition("#")
        try:
            uri = _joined(resource.uri, rest) if rest else resource.uri
        except ValueError as error:
            raise self._error(f"the reference {reference!r} is no URL: {error}", place) from None
        found = self._resources.get(uri) or self._files.get(uri) or self._opened(uri, reference, place)
        if not fragment:
            return found.base
        if not fragment.startswith("/"):
            anchor = found.anchors.get(unquote(fragment))
            if anchor is None:
                raise self._error(
                    f"the reference {reference!r} leads nowhere: there is no anchor {fragment!r}",
                    place,
                    hint="A pointer, such as `#/components/schemas/Name`, needs no anchor.",
                )
            return anchor
        if found.base != "#" and not rest and _at(found.root, fragment) is _NOWHERE:
            # Many give a schema an `$id` and go on to refer to what is elsewhere in the same file.
            file = self._file_of(found)
            if _at(file.root, fragment) is not _NOWHERE:
                found = file
        return found.base + fragment

    def _file_of(self, resource: _Resource) -> _Resource:
        inside = [one for one in self._files.values() if resource.base.startswith(one.base)]
        return inside[0] if inside else next(iter(self._resources.values()))

    def _opened(self, uri: str, reference: str, place: str) -> _Resource:
        if len(self._files) >= MAX_FILES:
            raise self._error(f"more than {MAX_FILES:,} files belong to this document", place, hint="Bundle it first.")
        try:
            root, name = self._source.read(uri, reference, shown_pointer(place))
        except RecursionError:
            raise self._error(f"{reference!r} is nested too deeply", place) from None
        while name in self._names.values():
            name += "_"
        self._names[uri] = name
        resource = self._files[uri] = _Resource(uri, root, pointer_to(FILES, name))
        self._index(resource)
        return resource

    def _error(self, problem: str, place: str, hint: str = "") -> FileError:
        return FileError(self._path, problem, place=shown_pointer(place), hint=hint)


def _below(node: Any, pointer: str) -> Iterator[tuple[str, Any, str]]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            if isinstance(value, Mapping | list) and name not in _VALUES:
                yield str(name), value, pointer_to(name, base=pointer)
    elif isinstance(node, list):
        for at, value in enumerate(node):
            if isinstance(value, Mapping | list):
                yield "", value, pointer_to(at, base=pointer)


def _at(root: Any, fragment: str) -> Any:
    for key in pointer_keys("#" + fragment):
        if isinstance(root, Mapping) and key in root:
            root = root[key]
        elif isinstance(root, list) and is_index(key) and int(key) < len(root):
            root = root[int(key)]
        else:
            return _NOWHERE
    return root


def _joined(base: str, reference: str) -> str:
    """A reference against what it is relative to: URLs as RFC 3986 has it, paths as the file system has it.

    Raises ValueError for what is neither.
    """
    if urlsplit(reference).scheme in ("http", "https") or urlsplit(base).scheme in ("http", "https"):
        joined = urldefrag(urljoin(base, reference))[0]
        urlsplit(joined).port  # noqa: B018  raises where it is none
        return joined
    if reference.startswith("file:"):
        reference = urlsplit(reference).path
    if "\0" in unquote(reference):
        raise ValueError("a zero byte is in it")
    return os.path.normpath(Path(base).parent / unquote(reference))


Fetch = Callable[[str], bytes]


class Files:
    """The files of one document: those in its folder, and what the user allows besides.

    own:   the document's file
    parse: a file's bytes and its path as JSON values
    allow: URLs (`https://schemas.example.com/`) and folders that references may lead to
    fetch: gets a URL
    """

    def __init__(
        self,
        own: Path,
        *,
        shown: str,
        read: Callable[[Path], bytes],
        parse: Callable[[bytes, Path], Any],
        allow: tuple[str, ...] = (),
        fetch: Fetch | None = None,
    ) -> None:
        self._own = own
        self._shown = shown
        self._folder = Path(os.path.realpath(own)).parent
        self._read = read
        self._parse = parse
        self._allow = allow
        self._fetch = fetch
        self._bytes = 0
        self._folders = [self._folder, *(Path(os.path.realpath(one)) for one in allow if "://" not in one)]
        self.fetched = False
        self.read_files: list[Path] = []

    def read(self, uri: str, reference: str, place: str) -> tuple[Any, str]:
        """What a path or URL holds, parsed, and its name for people. Raises FileError where it may not be read."""
        scheme = urlsplit(uri).scheme
        if scheme in ("http", "https"):
            return self._from_url(uri, reference, place)
        if len(scheme) > 1:
            raise self._error(
                f"the reference {reference!r} can't be followed: {scheme} is no kind of file here",
                place,
                hint="Files and http URLs can be.",
            )
        return self._from_disk(Path(uri), reference, place)

    def may_read(self, path: Path) -> bool:
        """Whether a file is in the document's folder, or in one that is allowed; links followed."""
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(folder) for folder in self._folders)

    def _from_disk(self, path: Path, reference: str, place: str) -> tuple[Any, str]:
        real = Path(os.path.realpath(path))
        if not self.may_read(path):
            raise self._error(
                f"the reference {reference!r} leads out of the document's folder",
                place,
                hint=_hint(os.path.dirname(path), "Nothing outside of it is read unless you allow it"),
            )
        if not os.path.isfile(real):  # False for a name that is too long, too
            raise self._error(
                f"the reference {reference!r} leads nowhere: there is no such file",
                place,
                hint=f"It would be {os.path.relpath(real, self._folder)} beside {self._own.name}.",
            )
        self.read_files.append(path)
        name = os.path.relpath(real, self._folder).replace(os.sep, "/")
        return self._parsed(self._read(real), Path(self._shown).parent / name), name

    def _parsed(self, content: bytes, path: Path) -> Any:
        self._bytes += len(content)
        if self._bytes > MAX_BYTES:
            raise FileError(
                self._shown, f"the files that belong to it are more than {MAX_BYTES:,} bytes", hint="Bundle it first."
            )
        # Longer descriptions are kept beside a document as text.
        return content.decode("utf-8", "replace") if path.suffix in _TEXTS else self._parse(content, path)

    def _from_url(self, url: str, reference: str, place: str) -> tuple[Any, str]:
        if not allows(self._allow, url):
            raise self._error(
                f"the reference {reference!r} leads to a URL" + (f", {url}" if url not in reference else ""),
                place,
                hint=_hint(url.rpartition("/")[0] + "/", "Nothing is fetched unless you allow it"),
            )
        if self._fetch is None:
            raise self._error(f"nobody here fetches {url}", place, hint="Open the document with lookalike.Api.")
        self.fetched = True
        path = urlsplit(url).path
        return self._parsed(
            self._fetch(url), Path(url if path.endswith((".json", ".yaml", ".yml")) else url + ".yaml")
        ), url

    def _error(self, problem: str, place: str, hint: str = "") -> FileError:
        return FileError(self._shown, problem, place=place, hint=hint)


def _hint(place: str, why: str) -> str:
    return (
        f'{why}: allow_refs = ["{place}"] under [tool.lookalike.apis.NAME] in pyproject.toml,'
        f' Api(..., allow_refs=["{place}"]), or --allow-refs {place} on the command line.'
    )


def allows(allow: tuple[str, ...], url: str) -> bool:
    """Whether a URL is one of those that are allowed, or below one; scheme, host and port are the same."""
    asked = urlsplit(url)
    if asked.username is not None or asked.password is not None or ".." in unquote(asked.path).split("/"):
        return False
    for one in allow:
        known = urlsplit(one)
        if (known.scheme, known.hostname, known.port) != (asked.scheme, asked.hostname, asked.port):
            continue
        path = known.path.rstrip("/")
        if asked.path == known.path or asked.path.startswith(path + "/") or not path:
            return True
    return False
