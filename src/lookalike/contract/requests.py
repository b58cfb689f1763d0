"""What a contract forbids a request: parameters and body."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is prepared for an operation when its first request comes.

    parameters: each with its schema, standing alone, and the kinds that the schema allows
    known:      names that a query may have, None where it may have any
    """

    parameters: tuple[tuple[Parameter, Any, set[str]], ...]
    known: frozenset[str] | None
    has_path: bool
    has_body: bool


class RequestChecks:
    """Holds requests to the contract."""

    def __init__(self, compiled: Compiled, *, learned: bool) -> None:
        self._compiled = compiled
        self._learned = learned
        self._bodies = BodyChecks(compiled, learned=learned)
        self._security: set[tuple[str, str]] | None = None
        self._plans: dict[Operation, _Plan] = {}

    def check(self, operation: Operation, request: Request, path: str) -> list[Mismatch]:
        """What is wrong with a request for an operation."""
        plan = self._plans.get(operation)
        if plan is None:
            plan = self._plans[operation] = self._plan(operation)
        found: list[Mismatch] = []
        if plan.parameters:
            values = path_values(operation.path, path) if plan.has_path else {}
            for parameter, schema, kinds in plan.parameters:
                found += self._parameter(parameter, _value(parameter, request, values, schema, kinds))
        if request.query and plan.known is not None:
            found += self._unknown(operation, request.params, plan.known)
        if request.content or (plan.has_body and request.method.upper() not in ("GET", "HEAD")):
            found += self._body(operation, request)
        return found

    def query_names(self, operation: Operation) -> frozenset[str] | None:
        """Names that a query may have, None where it may have any."""
        plan = self._plans.get(operation)
        if plan is None:
            plan = self._plans[operation] = self._plan(operation)
        return plan.known

    def _plan(self, operation: Operation) -> _Plan:
        parameters = []
        for parameter in operation.parameters:
            schema: Any = True
            if parameter.schema is not None:
                schema = self._compiled.node(parameter.schema, parameter.pointer, "request")
            parameters.append((parameter, schema, types_of(schema)))
        return _Plan(
            parameters=tuple(parameters),
            known=None if self._compiled.any_query(operation) else _known_names(parameters),
            has_path=any(parameter.place == "path" for parameter, _, _ in parameters),
            has_body=operation.request_body is not None,
        )

    def _parameter(self, parameter: Parameter, value: Any) -> list[Mismatch]:
        where = f"{parameter.place} {parameter.name}"
        if value is _ABSENT:
            if not parameter.required or parameter.place == "path":
                return []
            return [Mismatch(where, "a value", "missing", evidence=self._evidence(parameter.pointer))]
        if parameter.schema is None:
            return []
        found = self._bodies.check_node(parameter.schema, parameter.pointer, value, "request", None, where)
        if found and self._learned and not self._compiled.by_hand(parameter.pointer):
            # Forms of parameters are what happened to be sent, not what the API would refuse.
            return [
                Mismatch(one.where, one.expected, one.got, "so in all requests seen", one.hint, "warning")
                for one in found
            ]
        return found

    def _evidence(self, pointer: str) -> str:
        if self._learned and not self._compiled.by_hand(pointer):
            return "sent in all requests that were accepted; one without it was refused"
        return says(self._compiled.document.shown(pointer))

    def _unknown(self, operation: Operation, params: MultiDict, known: frozenset[str]) -> list[Mismatch]:
        """Query parameters that the contract doesn't name: most servers ignore them, so these are warnings."""
        found = []
        for name in params:
            plain = name.partition("[")[0]
            if name in known or plain in known or f"{plain}[]" in known:
                continue
            if self._security is None:
                self._security = self._compiled.document.security_parameters()
            if ("query", name.lower()) in self._security or is_secret_name(name):
                continue
            near = difflib.get_close_matches(name, sorted(known), 1)
            found.append(
                Mismatch(
                    f"query {name}",
                    "a parameter of the contract",
                    "an unknown one",
                    evidence=f"never seen for {operation.key}"
                    if self._learned
                    else says(self._compiled.document.shown(operation.pointer)),
                    hint=f'did you mean "{near[0]}"?' if near else "",
                    level="warning",
                )
            )
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
        return (
            "so in all requests that were accepted" if self._learned else says(self._compiled.document.shown(pointer))
        )

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


def _known_names(parameters: list[tuple[Parameter, Any, set[str]]]) -> frozenset[str] | None:
    """Names that a query may have, those of an exploded object's properties too; None where such an object is open."""
    found: set[str] = set()
    for parameter, schema, kinds in parameters:
        if parameter.place != "query":
            continue
        found.add(parameter.name)
        if "object" in kinds and not parameter.media and parameter.style == "form" and parameter.explode:
            properties = schema.get("properties") if isinstance(schema, Mapping) else None
            if not isinstance(properties, Mapping) or not properties:
                return None
            found |= set(properties)
    return frozenset(found)


@lru_cache(maxsize=4096)
def _path_patterns(template: str) -> tuple[tuple[int, bool, tuple[str, ...], re.Pattern[str]], ...]:
    """For each segment with parameters: its position, whether it is the last, the names, and what it matches."""
    own = split_path(template)
    return tuple(
        (
            at,
            at == len(own) - 1,
            tuple(names(piece)),
            re.compile("(.+)".join(re.escape(literal) for literal in _VARIABLE.split(piece)[::2]), re.DOTALL),
        )
        for at, piece in enumerate(own)
        if "{" in piece
    )


def path_values(template: str, path: str) -> dict[str, str]:
    """The values of a template's parameters in a concrete path; a last parameter takes the segments that are left."""
    parts = split_path(path)
    found: dict[str, str] = {}
    for at, last, wanted, pattern in _path_patterns(template):
        if at >= len(parts):
            continue
        text = "/".join(parts[at:]) if last else parts[at]
        match = pattern.fullmatch(text)
        if match is not None and "{" not in text:
            found.update(zip(wanted, match.groups(), strict=True))
    return found


def _value(parameter: Parameter, request: Request, path: Mapping[str, str], schema: Any, kinds: set[str]) -> Any:
    """A parameter's value in a request, decoded by its style; _ABSENT where it wasn't sent."""
    if parameter.place == "query" and parameter.style == "deepObject":
        deep = deep_object(request.params, parameter.name, schema)
        return _ABSENT if deep is None else deep
    values = _texts(parameter, request, path)
    if not values:
        if parameter.place == "query" and parameter.style == "form" and parameter.explode and "object" in kinds:
            exploded = exploded_object(request.params, schema)
            if exploded:
                return exploded
        if parameter.place == "query" and kinds & {"array", "object"}:
            # Many clients write lists and objects with brackets, whatever the style is said to be.
            deep = deep_object(request.params, parameter.name, schema)
            return _ABSENT if deep is None else deep
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
    """A form's fields as the object that the schema describes: kinds read from text, `a[b]` nested, `a[0]` listed."""
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
            deep = deep_object(form, plain, own)
            if deep is None:  # `a[b`: brackets that mean nothing are part of the name
                found[name] = form[name]
                continue
            found[plain] = deep[""] if isinstance(deep, dict) and deep.keys() == {""} else deep
            continue
        values = form.get_all(name)
        listed = len(values) > 1 or "array" in types_of(own)
        found[name] = decode_parameter(values, own, style="form", explode=True) if listed else scalar(values[0], own)
    return found
