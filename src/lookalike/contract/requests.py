"""What a contract forbids a request: parameters and body."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from lookalike.codec import decode_json
from lookalike.contract.checks import BodyChecks, says
from lookalike.contract.compiled import Compiled
from lookalike.contract.openapi import is_json, media_for
from lookalike.contract.operation import Body, Media, Operation, Parameter
from lookalike.contract.paths import names, split_path
from lookalike.contract.values import decode_parameter, deep_object, exploded_object, scalar, types_of
from lookalike.errors import InvalidJson
from lookalike.messages import MultiDict, Request
from lookalike.mismatch import Mismatch
from lookalike.secrets import is_secret_name

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_FORM = "application/x-www-form-urlencoded"
_ABSENT: Any = object()


class RequestChecks:
    """Holds requests to the contract."""

    def __init__(self, compiled: Compiled, *, learned: bool) -> None:
        self._compiled = compiled
        self._learned = learned
        self._bodies = BodyChecks(compiled, learned=learned)
        self._security: set[tuple[str, str]] | None = None

    def check(self, operation: Operation, request: Request, path: str) -> list[Mismatch]:
        """What is wrong with a request for an operation."""
        values = path_values(operation.path, path)
        found: list[Mismatch] = []
        for parameter in operation.parameters:
            found += self._parameter(parameter, request, values)
        found += self._unknown(operation, request.params)
        if request.method.upper() not in ("GET", "HEAD") or request.content:
            found += self._body(operation, request)
        return found

    def _parameter(self, parameter: Parameter, request: Request, path: Mapping[str, str]) -> list[Mismatch]:
        where = f"{parameter.place} {parameter.name}"
        schema = True
        if parameter.schema is not None:
            schema = self._compiled.node(parameter.schema, parameter.pointer, "request")
        value = _value(parameter, request, path, schema)
        if value is _ABSENT:
            # Cookies and credentials are often added by something that a test leaves out.
            if not parameter.required or parameter.place == "path":
                return []
            return [
                Mismatch(
                    where,
                    "a value",
                    "missing",
                    evidence=self._evidence(parameter.pointer),
                )
            ]
        if parameter.schema is None:
            return []
        found = self._bodies.check_node(parameter.schema, parameter.pointer, value, "request", None, where)
        if self._learned and not self._compiled.by_hand(parameter.pointer):
            # Forms of parameters are what happened to be sent, not what the API would refuse.
            return [
                Mismatch(one.where, one.expected, one.got, "so in all requests seen", one.hint, "warning")
                for one in found
            ]
        return found

    def _evidence(self, pointer: str) -> str:
        if self._learned and not self._compiled.by_hand(pointer):
            return "sent in all requests that were accepted; one without it was refused"
        return says(pointer)

    def _unknown(self, operation: Operation, params: MultiDict) -> list[Mismatch]:
        """Query parameters that the contract doesn't name: most servers ignore them, so these are warnings."""
        known = {one.name for one in operation.parameters if one.place == "query"}
        open_names = self._open_names(operation)
        if open_names is None:
            return []
        if self._security is None:
            self._security = self._compiled.document.security_parameters()
        found = []
        for name in params:
            plain = name.partition("[")[0]
            if name in known or plain in known or f"{plain}[]" in known or name in open_names:
                continue
            if ("query", name.lower()) in self._security or is_secret_name(name):
                continue
            near = difflib.get_close_matches(name, sorted(known), 1)
            found.append(
                Mismatch(
                    f"query {name}",
                    "a parameter of the contract",
                    "an unknown one",
                    evidence=f"never seen for {operation.key}" if self._learned else says(operation.pointer),
                    hint=f'did you mean "{near[0]}"?' if near else "",
                    level="warning",
                )
            )
        return found

    def _open_names(self, operation: Operation) -> set[str] | None:
        """Names that come from an exploded object; None where such an object takes any name."""
        found: set[str] = set()
        for parameter in operation.parameters:
            if parameter.place != "query" or parameter.media or parameter.style != "form" or not parameter.explode:
                continue
            schema = self._compiled.node(parameter.schema, parameter.pointer, "request") if parameter.schema else True
            if "object" in types_of(schema):
                properties = schema.get("properties") if isinstance(schema, Mapping) else None
                if not isinstance(properties, Mapping) or not properties:
                    return None
                found |= set(properties)
        return found

    def _body(self, operation: Operation, request: Request) -> list[Mismatch]:
        body = operation.request_body
        if body is None:
            if request.content and self._learned:
                return [Mismatch("body", "none", "one", f"never seen for {operation.key}", level="warning")]
            return []
        if not request.content:
            required = body.required and bool(body.media)
            return [Mismatch("body", "a body", "none", self._body_evidence(body.pointer))] if required else []
        kind = request.content_type
        media = media_for(body.media, kind) or _same_json(body, kind)
        if media is None:
            return self._wrong_media(body, kind)
        if kind == _FORM:
            return self._form(media, request)
        return self._json(operation, media, request) if is_json(kind) else []

    def _json(self, operation: Operation, media: Media, request: Request) -> list[Mismatch]:
        try:
            value = request.json()
        except InvalidJson as error:
            return [Mismatch("body", "JSON", f"text that is {error}", self._body_evidence(media.pointer))]
        shape = self._compiled.request_shape(operation, media.name)
        return self._bodies.check(media, value, "request", shape, "json")

    def _body_evidence(self, pointer: str) -> str:
        return "so in all requests that were accepted" if self._learned else says(pointer)

    def _wrong_media(self, body: Body, kind: str) -> list[Mismatch]:
        if not body.media:
            return []
        return [
            Mismatch(
                "header content-type",
                " or ".join(sorted(body.media)),
                kind or "missing",
                evidence=self._body_evidence(body.pointer),
                # Without a type servers guess, so it is the body that will tell.
                level="warning" if self._learned or not kind else "violation",
            )
        ]

    def _form(self, media: Media, request: Request) -> list[Mismatch]:
        if media.schema is None or self._learned:
            return []
        schema = self._compiled.schema(media, "request")
        value = form_value(request.form, schema)
        return self._bodies.check(media, value, "request", None, "form")


def path_values(template: str, path: str) -> dict[str, str]:
    """The values of a template's parameters in a concrete path; a last parameter takes the segments that are left."""
    own, parts = split_path(template), split_path(path)
    found: dict[str, str] = {}
    for at, piece in enumerate(own):
        wanted = names(piece)
        if not wanted or at >= len(parts):
            continue
        text = "/".join(parts[at:]) if at == len(own) - 1 else parts[at]
        form = "(.+)".join(re.escape(literal) for literal in _VARIABLE.split(piece)[::2])
        match = re.fullmatch(form, text, re.DOTALL)
        if match is not None and "{" not in text:
            found.update(zip(wanted, match.groups(), strict=True))
    return found


def _value(parameter: Parameter, request: Request, path: Mapping[str, str], schema: Any) -> Any:
    """A parameter's value in a request, decoded by its style; _ABSENT where it wasn't sent."""
    if parameter.place == "query" and parameter.style == "deepObject":
        deep = deep_object(request.params, parameter.name, schema)
        return _ABSENT if deep is None else deep
    values = _texts(parameter, request, path)
    kinds = types_of(schema)
    if not values:
        if parameter.place == "query" and parameter.style == "form" and parameter.explode and "object" in kinds:
            exploded = exploded_object(request.params, schema)
            return exploded or _ABSENT
        return _ABSENT
    if is_json(parameter.media) and parameter.media:
        try:
            return decode_json(values[0].encode())
        except InvalidJson:
            return values[0]
    return decode_parameter(values, schema, style=parameter.style, explode=parameter.explode)


def _texts(parameter: Parameter, request: Request, path: Mapping[str, str]) -> list[str]:
    name = parameter.name
    if parameter.place == "path":
        return [path[name]] if name in path else []
    if parameter.place == "header":
        return [request.headers[name]] if name in request.headers else []
    source = request.cookies if parameter.place == "cookie" else request.params
    return source.get_all(name) or source.get_all(name + "[]")


def _same_json(body: Body, kind: str) -> Media | None:
    if not is_json(kind):
        return None
    return next((media for name, media in body.media.items() if is_json(name)), None)


def form_value(form: MultiDict, schema: Any) -> dict[str, Any]:
    """A form's fields as the object that the schema describes: kinds read from text, `a[b]` nested."""
    found: dict[str, Any] = {}
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    for name in form:
        plain = name.partition("[")[0]
        if plain in found:
            continue
        own = (properties or {}).get(plain, True) if isinstance(properties, Mapping) else True
        if isinstance(own, Mapping) and isinstance(schema, Mapping) and "$defs" in schema:
            own = {**own, "$defs": schema["$defs"]}
        if "[" in name:
            found[plain] = form.get_all(name) if name == plain + "[]" else deep_object(form, plain, own)
            continue
        values = form.get_all(name)
        found[name] = decode_parameter(values, own, style="form", explode=True) if len(values) > 1 else (
            scalar(values[0], own) if "array" not in types_of(own) else [scalar(values[0], True)]
        )  # fmt: skip
    return found
