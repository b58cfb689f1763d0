"""WireMock's mappings (https://wiremock.org/docs/stubbing/): a believable answer for each operation.

Each operation answers with its default status; with another one, or with an error, where the request asks for it as
Prism has it: `Prefer: code=404` (RFC 7240). `metadata.baseUrl` keeps where the API is.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import orjson

from lookalike.codec import encode_json
from lookalike.contract.contract import Contract
from lookalike.contract.openapi import is_json
from lookalike.contract.operation import Operation
from lookalike.export.examples import NOWHERE, Example, Examples
from lookalike.export.formats import Options

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_WHOLE = re.compile(r"\{[^{}]+\}")


def export(contract: Contract, options: Options) -> bytes:
    """One file for the folder `mappings`, of WireMock 3 and newer."""
    return orjson.dumps(mappings_of(contract), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def mappings_of(contract: Contract) -> dict[str, Any]:
    """The mappings as JSON values."""
    base = contract.base_url or NOWHERE
    origin, prefix = base[: len(base) - len(urlsplit(base).path)], urlsplit(base).path.rstrip("/")
    found = []
    for example in Examples(contract).all():
        default = contract.default_status(example.operation.method, example.operation.path)
        found.append(_mapping(example, origin, prefix, asked_for=example.status != default))
    return {"mappings": found, "meta": {"total": len(found)}}


def _mapping(example: Example, origin: str, prefix: str, *, asked_for: bool) -> dict[str, Any]:
    operation = example.operation
    request: dict[str, Any] = {"method": operation.method, **_path(operation, prefix)}
    if example.query:
        request["queryParameters"] = {name: {"matches": ".*"} for name, _ in example.query}
    if asked_for:
        request["headers"] = {"Prefer": {"contains": f"code={example.status}"}}
    name = f"{operation.key} {example.status}"
    return {
        # The same each time, so that what WireMock has is replaced.
        "id": str(uuid5(NAMESPACE_URL, f"{origin}{prefix}{name}")),
        "name": name,
        # The lowest number wins: what has fewer variables, and of that what was asked for.
        "priority": 2 * len(_VARIABLE.findall(operation.path)) + (1 if asked_for else 2),
        "request": request,
        "response": _response(example),
        "metadata": {"baseUrl": origin},
    }


def _path(operation: Operation, prefix: str) -> dict[str, str]:
    """`urlPathTemplate` has a variable for a whole segment; what else there is, is a pattern."""
    path = prefix + operation.path
    if "{" not in path:
        return {"urlPath": path}
    multi = {one.name for one in operation.parameters if one.multi}
    plain = all(_WHOLE.fullmatch(part) or "{" not in part for part in path.split("/"))
    if plain and not multi:
        return {"urlPathTemplate": path}
    pieces = _VARIABLE.split(path)
    pattern = "".join(
        ((".+" if piece in multi else "[^/]+") if at % 2 else re.escape(piece)) for at, piece in enumerate(pieces)
    )
    return {"urlPathPattern": pattern}


def _response(example: Example) -> dict[str, Any]:
    written: dict[str, Any] = {"status": example.status}
    if example.fields:
        written["headers"] = dict(example.fields)
    if not example.media:
        return written
    # Text and no `jsonBody`, where a null would be no body at all.
    written["body"] = encode_json(example.answer).decode() if is_json(example.media) else str(example.answer)
    return written
