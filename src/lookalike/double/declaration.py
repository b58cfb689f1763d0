"""The line that would declare a route for a request, to be pasted into a test."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from typing import Any

from lookalike.double.columns import is_secret_value
from lookalike.errors import InvalidJson
from lookalike.messages import MultiDict, Request

_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_LONGEST = 120


def declaration(request: Request, path: str) -> str:
    """`mock.post("/users", json={"name": None}).respond(...)`.

    path: as a route is declared with it. What is a credential, or long, is left out: what isn't asked isn't compared.
    """
    verb = f"mock.{request.method.lower()}(" if request.method in _VERBS else f'mock.route("{request.method}", '
    asked = "".join(
        f", {keyword}={text}"
        for keyword, value in (("params", _plain(request.params, "query")), *_body(request))
        if (value or keyword == "json") and len(text := literal(value)) <= _LONGEST
    )
    return f"{verb}{literal(path)}{asked}).respond(...)"


def _plain(values: MultiDict, kind: str) -> dict[str, Any]:
    """Names with a value, or several; without those that are secret."""
    found: dict[str, Any] = {}
    for name in values:
        every = values.get_all(name)
        if not any(is_secret_value(f"{kind} {name}", value) for value in every):
            found[name] = every[0] if len(every) == 1 else every
    return found


def _body(request: Request) -> list[tuple[str, Any]]:
    if not request.content or len(request.content) > 4 * _LONGEST:
        return []
    if request.content_type == "application/x-www-form-urlencoded":
        return [("form", fields)] if len(fields := _plain(request.form, "form")) == len(set(request.form)) else []
    try:
        value = request.json()
    except InvalidJson:
        return []
    return [("json", value)] if isinstance(value, dict | list) and not _has_secret(value, "json") else []


def _has_secret(value: Any, where: str) -> bool:
    if isinstance(value, Mapping):
        return any(_has_secret(item, f"json.{key}") for key, item in value.items())
    if isinstance(value, list):
        return any(_has_secret(item, where) for item in value)
    return is_secret_value(where, value) if isinstance(value, str) else is_secret_value(where, "")


def literal(value: Any) -> str:
    """A JSON value as Python writes it, texts in double quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
