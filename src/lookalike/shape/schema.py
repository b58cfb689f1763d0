"""JSON Schema 2020-12: written from shapes, and compiled for validation by the one engine that decides validity."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import orjson

from lookalike.errors import UsageError
from lookalike.shape.facts import Facts
from lookalike.shape.shape import Shape, Union

Schema = Mapping[str, Any] | bool

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEEPEST = 1000  # levels of nesting that are validated; the engine recurses, and a native stack has an end
_DOCUMENT = "urn:lookalike:document"
_KEPT = 1024
_CODEC_LEVELS = 254  # that orjson writes


def to_schema(shape: Shape) -> dict[str, Any]:
    """The JSON Schema of a shape: what a contract states, and no more.

    Objects stay open for keys that nobody has seen (`explain` looks at those), enums stay open as `examples`; where
    only null or nothing was seen the schema is empty.
    """
    if not shape.kinds:
        return {}
    if shape.union is not None and shape.kinds == ("object",):
        return _union_schema(shape.union, shape.nullable)
    types = [*shape.kinds, *(["null"] if shape.nullable else [])]
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if shape.format:
        schema["format"] = shape.format
    if shape.enum:
        schema["examples"] = list(shape.enum)
    if shape.tuple_items:
        schema["prefixItems"] = [{"type": kinds[0] if len(kinds) == 1 else list(kinds)} for kinds in shape.tuple_items]
    elif shape.items is not None:
        schema["items"] = to_schema(shape.items)
    return schema | _object_schema(shape)


def _object_schema(shape: Shape) -> dict[str, Any]:
    if shape.map_values is not None:
        return {"additionalProperties": to_schema(shape.map_values)}
    schema: dict[str, Any] = {}
    if shape.properties:
        schema["properties"] = {key: to_schema(found.shape) for key, found in shape.properties.items()}
        required = [key for key, found in shape.properties.items() if found.required]
        if required:
            schema["required"] = required
    if shape.open_keys:
        schema["additionalProperties"] = True
    return schema


def _union_schema(union: Union, nullable: bool) -> dict[str, Any]:
    branches = []
    for value, branch in union.branches.items():
        schema = to_schema(branch)
        schema["properties"][union.tag] = {"type": "string", "const": value}
        branches.append(schema)
    # A tag that nobody has seen may come with any keys: unions of responses stay open.
    another = {"type": "string", "not": {"enum": list(union.branches)}}
    branches.append(
        {
            "type": "object",
            "properties": {union.tag: another},
            "required": [union.tag],
            "additionalProperties": True,
        }
    )
    return {"oneOf": [*branches, *([{"type": "null"}] if nullable else [])]}


class Validator:
    """A schema that is compiled when it is first used, once for equal schemas.

    schema:   a JSON Schema (2020-12), also `true` or `false`
    document: what `#/...` in it points into, such as the whole OpenAPI document; without it, the schema itself
    facts:    what was found out about it, for whoever reads it place by place

    Formats are not asserted. References are followed inside the document only; nothing is fetched.
    """

    __slots__ = ("_compiled", "document", "facts", "recursive", "schema")

    def __init__(self, schema: Schema, document: Mapping[str, Any] | None = None) -> None:
        self.schema = schema
        self.document = document
        self.recursive: bool | None = None
        self._compiled: jsonschema_rs.Draft202012Validator | None = None
        self.facts = Facts()

    def compiled(self) -> jsonschema_rs.Draft202012Validator:
        """The engine's own validator. Raises UsageError for a schema that is none, or that refers to nothing."""
        if self._compiled is None:
            self._compiled, self.recursive = _CACHE.compiled(self.schema, self.document)
        return self._compiled

    def is_valid(self, value: Any) -> bool:
        """Whether a value of decoded JSON fits. False for what is nested more than DEEPEST levels, or isn't JSON."""
        compiled = self.compiled()
        if self.recursive and too_deep(value):
            return False
        try:
            return compiled.is_valid(value)
        except (ValueError, UnicodeEncodeError):
            return False

    def errors(self, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """The engine's findings; `explain` puts them in words. Raises ValueError for a value that isn't JSON."""
        return self.compiled().iter_errors(value)

    def at(self, schema: Schema) -> Validator:
        """A validator for a part of the same document."""
        return Validator(schema, self.document if self.document is not None else _as_document(self.schema))

    def resolve(self, schema: Schema) -> Schema:
        """A schema that is only a reference, followed; another one as it is. `{}` where a reference goes in circles."""
        for _ in range(32):
            if isinstance(schema, bool) or "$ref" not in schema:
                return schema
            found = self.target(schema["$ref"])
            if found is None:
                return {}
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            if rest.keys() - {"description", "summary", "title"}:
                return {**rest, "allOf": [*rest.get("allOf", ()), found]}
            schema = found
        return {}

    def target(self, reference: Any) -> Schema | None:
        """What a local reference (`#`, `#/components/schemas/X`) points at, None if nothing (RFC 6901)."""
        found: Any = self.document if self.document is not None else self.schema
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        for part in reference[1:].split("/")[1:]:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(name)] if isinstance(found, list) else found[name]
            except (KeyError, IndexError, ValueError, TypeError):
                return None
        return found if isinstance(found, Mapping | bool) else None


def _as_document(schema: Schema) -> Mapping[str, Any] | None:
    return None if isinstance(schema, bool) else schema


class _Compiled:
    """Compiled schemas by their canonical JSON, and registries by document; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._schemas: OrderedDict[tuple[bytes, int], tuple[jsonschema_rs.Draft202012Validator, bool, Any]]
        self._schemas = OrderedDict()
        self._registries: OrderedDict[int, tuple[jsonschema_rs.Registry, Any]] = OrderedDict()

    def compiled(
        self, schema: Schema, document: Mapping[str, Any] | None
    ) -> tuple[jsonschema_rs.Draft202012Validator, bool]:
        try:
            canonical = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        except (TypeError, ValueError) as error:
            raise UsageError(f"this schema can't be compiled: {error}") from None
        recursive = b'"$ref"' in canonical or b'"$dynamicRef"' in canonical
        if not recursive:
            document = None  # Nothing refers to it, so the same compiled schema serves every document.
        key = canonical, id(document)
        with self._lock:
            known = self._schemas.get(key)
            if known is not None:
                self._schemas.move_to_end(key)
                return known[0], known[1]
        compiled = self._compile(orjson.loads(canonical), document)
        with self._lock:
            # The document is kept with it, so that no other one gets its id.
            self._schemas[key] = compiled, recursive, document
            while len(self._schemas) > _KEPT:
                self._schemas.popitem(last=False)
        return compiled, recursive

    def _compile(self, schema: Any, document: Mapping[str, Any] | None) -> jsonschema_rs.Draft202012Validator:
        try:
            if document is None:
                return jsonschema_rs.Draft202012Validator(schema, validate_formats=False, offline=True)
            return jsonschema_rs.Draft202012Validator(
                _absolute(schema), registry=self._registry(document), validate_formats=False, offline=True
            )
        except (TypeError, ValueError, jsonschema_rs.ReferencingError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise UsageError(f"this JSON Schema can't be used: {reason}") from None

    def _registry(self, document: Mapping[str, Any]) -> jsonschema_rs.Registry:
        with self._lock:
            known = self._registries.get(id(document))
        if known is None:
            # Read anew, since YAML's own classes and keys that are numbers (`200:`) are nothing that the engine takes.
            plain = orjson.loads(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
            known = jsonschema_rs.Registry([(_DOCUMENT, plain)], draft=jsonschema_rs.Draft202012), document
            with self._lock:
                self._registries[id(document)] = known
                while len(self._registries) > 16:
                    self._registries.popitem(last=False)
        return known[0]


_CACHE = _Compiled()


def _absolute(schema: Any) -> Any:
    """A part of a document with its references made absolute; the document itself is neither copied nor changed."""
    if isinstance(schema, Mapping):
        return {
            key: _DOCUMENT + value
            if key == "$ref" and isinstance(value, str) and value.startswith("#")
            else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(part) for part in schema] if isinstance(schema, list) else schema


def too_deep(value: Any, deepest: int = DEEPEST) -> bool:
    """Whether arrays and objects are nested more than `deepest` levels; without recursion."""
    if deepest >= _CODEC_LEVELS:
        try:
            orjson.dumps(value)  # It looks at a whole value faster than a loop does, and refuses what is deeper.
            return False
        except TypeError:
            pass
    level = [value]
    for _ in range(deepest):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below += [inner for inner in one.values() if isinstance(inner, dict | list | tuple)]
            elif isinstance(one, list | tuple):
                below += [inner for inner in one if isinstance(inner, dict | list | tuple)]
        if not below:
            return False
        level = below
    return True
