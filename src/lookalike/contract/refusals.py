"""What a refusal says of a request: the fields that it names, and whether they are missing or wrong.

The forms are those of GitHub, Linode, Rails, Django REST framework, FastAPI, JSON:API (jsonapi.org, "Error Objects"),
Stripe, Google (google.rpc.BadRequest), Microsoft (REST API guidelines, section 7.10.2) and RFC 9457's extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from lookalike.secrets import is_secret_name, is_sensitive

Why = Literal["missing", "invalid"]

_NAME = re.compile(r"[A-Za-z_$@][\w$@-]{0,63}(?:\.[A-Za-z_$@][\w$@-]{0,63}){0,6}")
_MISSING = re.compile(
    r"missing|required|blank|must be (?:present|provided|supplied|given)|not (?:provided|supplied|given)"
    r"|(?:can(?:no|')t|may not|must not|should not) be (?:blank|empty|null)",
    re.IGNORECASE,
)
# Keys that name a field, that say what is wrong with it, and that hold a list of such objects.
_FIELDS = ("field", "param", "parameter", "target", "property", "attribute", "propertyName", "name", "path")
_REASONS = ("code", "type", "reason", "message", "msg", "error", "detail", "description", "messageKey", "title")
_LISTS = (
    "errors", "error", "detail", "details", "invalid-params", "invalid_params", "fieldViolations", "field_violations",
    "violations", "validationErrors", "validation_errors", "fields", "innererror",
)  # fmt: skip
_BROAD = frozenset({"name", "path"})  # too common to name a field but in a list of errors
_WHOLE = frozenset({"base", "non_field_errors", "__all__", "body", "query", "header", "data", "attributes"})
_DEEPEST = 5
_MOST = 64


def named(body: Any) -> dict[str, Why]:
    """The fields that the JSON body of a refusal names, `customer` or `lines.sku`; indices are left out."""
    found: dict[str, Why] = {}
    for path, why in _named(body, 0, listed=False):
        name = ".".join(part for part in path if part not in _WHOLE or len(path) == 1)
        if len(found) < _MOST and _NAME.fullmatch(name) and name not in _WHOLE and not _private(name):
            found[name] = "missing" if "missing" in (why, found.get(name)) else "invalid"
    return found


def _private(name: str) -> bool:
    return is_sensitive(name) or any(is_secret_name(part) for part in name.split("."))


_Named = Iterator[tuple[list[str], Why]]


def _named(node: Any, depth: int, *, listed: bool) -> _Named:
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for one in node[:_MOST]:
            yield from _named(one, depth + 1, listed=True)
    elif isinstance(node, Mapping):
        path = _field(node, listed)
        if path:
            yield path, _why(node)
        held = [name for name in _LISTS if isinstance(node.get(name), list | dict)]
        for name in held:
            yield from _named(node[name], depth + 1, listed=listed or name != "error")
        if not path and not held:
            yield from _by_name(node)


def _field(node: Mapping[str, Any], listed: bool) -> list[str]:
    """The path of the field that an error object is about, empty where it names none."""
    source = node.get("source")
    if isinstance(source, Mapping):
        node, listed = {"path": source.get("pointer"), "param": source.get("parameter")}, True
    if isinstance(node.get("loc"), list):
        return [part for part in node["loc"] if isinstance(part, str)]
    for name in _FIELDS:
        value = node.get(name)
        if isinstance(value, str) and value and (listed or name not in _BROAD):
            return [part for part in re.split(r"[./\[\]]+", value) if part and not part.isdigit()]
    return []


def _why(node: Mapping[str, Any]) -> Why:
    said = " ".join(str(node[name]) for name in _REASONS if isinstance(node.get(name), str))
    return "missing" if _MISSING.search(said) else "invalid"


def _by_name(node: Mapping[str, Any]) -> _Named:
    """`{"title": ["can't be blank"]}`, as Rails and Django have it: each value a list of sentences."""
    if not all(isinstance(said, list) and said and all(isinstance(one, str) for one in said) for said in node.values()):
        return
    for name, said in node.items():
        yield re.split(r"[./\[\]]+", name), "missing" if _MISSING.search(" ".join(said)) else "invalid"
