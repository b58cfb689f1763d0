"""How long `lookalike diff` takes between two versions of a large document, 1,200 operations and 700 shared schemas.

    python -m benchmarks diff [--quick]

Reading the two is counted apart. LOOKALIKE_DIFF=OLD:NEW names two other documents; where `oasdiff` is on the PATH, it
compares the same files. The target: under 10 seconds, or what oasdiff takes.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import orjson

OPERATIONS = 1200
SCHEMAS = 700
SECONDS = 10.0
_FAMILY = 70  # schemas that refer to one another, as those of one product do


@dataclass(frozen=True)
class Row:
    """seconds: the median by the clock; findings: how many it has; target: seconds at most, where there is one."""

    what: str
    seconds: float
    findings: int | None = None
    target: float | None = None


def rows(*, quick: bool = False) -> list[Row]:
    """Reading both, comparing them, and oasdiff where it is there."""
    from lookalike.contract.compare_contracts import diff
    from lookalike.contract.files import load

    with _documents() as (old, new):
        reading, comparing, found = [], [], 0
        for _ in range(1 if quick else 5):
            began = time.perf_counter()
            first, second = load(old), load(new)
            read = time.perf_counter()
            found = len(diff(first, second))
            comparing.append(time.perf_counter() - read)
            reading.append(read - began)
        result = [
            Row("both documents read", median(reading)),
            Row("compared", median(comparing), found, SECONDS),
        ]
        other = shutil.which("oasdiff")
        if other is not None:
            began = time.perf_counter()
            subprocess.run([other, "changelog", str(old), str(new)], capture_output=True, check=False)
            result.append(Row("oasdiff changelog, reading included", time.perf_counter() - began))
        return result


@contextmanager
def _documents() -> Iterator[tuple[Path, Path]]:
    named = os.environ.get("LOOKALIKE_DIFF", "")
    if ":" in named:
        yield Path(named.partition(":")[0]), Path(named.partition(":")[2])
        return
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "old.json", Path(folder) / "new.json"
        old.write_bytes(orjson.dumps(document()))
        new.write_bytes(orjson.dumps(changed(document())))
        yield old, new


def document() -> dict[str, Any]:
    """A document of about 10 MB; always the same."""
    rng = random.Random(7)
    names = [f"Thing{number}" for number in range(SCHEMAS)]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Large", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {path: node for number in range(OPERATIONS // 2) for path, node in _paths(number, names, rng)},
        "components": {"schemas": {name: _schema(name, names, rng) for name in names}},
    }


def _paths(number: int, names: list[str], rng: random.Random) -> Iterator[tuple[str, Any]]:
    item = {"$ref": f"#/components/schemas/{rng.choice(names)}"}
    parameters = [
        {"name": name, "in": "query", "description": "words " * 30, "schema": {"type": "integer", "minimum": 1}}
        for name in ("page", "per_page", "since")
    ]
    error = _answer({"$ref": f"#/components/schemas/{names[0]}"})
    listed = {"200": _answer({"type": "array", "items": item}), "404": error, "422": error}
    post = {"requestBody": {"content": {"application/json": {"schema": item}}}, "responses": {"201": _answer(item)}}
    yield f"/things-{number}", {"get": {"parameters": parameters, "responses": listed}, "post": post}


def _answer(schema: Any) -> dict[str, Any]:
    example = {f"key_{number}": "a value of some length" for number in range(60)}
    return {"description": "words " * 20, "content": {"application/json": {"schema": schema, "example": example}}}


def _schema(name: str, names: list[str], rng: random.Random) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": {"type": "integer"}, "state": {"enum": ["open", "closed"]}}
    for number in range(rng.randrange(8, 40)):
        kind = rng.choice(("string", "integer", "boolean", "string"))
        properties[f"{kind}_{number}"] = {"type": kind, "description": f"Of {name}: " + "words " * rng.randrange(20)}
    at = names.index(name) // _FAMILY * _FAMILY
    for other in rng.sample(names[at : at + _FAMILY], 3):
        properties[f"its_{other.lower()}"] = {"anyOf": [{"$ref": f"#/components/schemas/{other}"}, {"type": "null"}]}
    return {"type": "object", "properties": properties, "required": sorted(properties)[: len(properties) // 2]}


def changed(root: dict[str, Any]) -> dict[str, Any]:
    """The same document a release later: fields gone, renamed and new, types changed, operations gone."""
    rng = random.Random(8)
    schemas = root["components"]["schemas"]
    for name in rng.sample(sorted(schemas), 40):
        properties, required = schemas[name]["properties"], schemas[name]["required"]
        key = rng.choice(sorted(set(properties) - {"id", "state"}))
        change = rng.randrange(3)
        if change == 0:
            del properties[key]
            schemas[name]["required"] = [one for one in required if one != key]
        elif change == 1:
            properties[key] = {"type": "number"}
        else:
            properties[f"new_{key}"] = {"type": "string"}
    for path in rng.sample(sorted(root["paths"]), 5):
        del root["paths"][path]["post"]
    return root
