"""The data as json-server 1 takes it: every id is a text."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from lookalike.errors import FileError
from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.store import Collection, Row, Store


def new_id(seed: str) -> str:
    """Eleven letters made of `seed`: json-server draws them at random."""
    return urlsafe_b64encode(sha256(seed.encode("utf-8", "replace")).digest()[:8]).decode().rstrip("=")


def normalized(store: Store, path: str | Path | None = None) -> Store:
    """A store of the same values with ids that are texts, and with one for every object that has none.

    Raises FileError for a row that is no object.
    """
    names = [name for name in store.names if name != "$schema"]
    if path is not None:
        for name in names:
            _check(store, name, path)
    return Store({name: _source(store, name) for name in names})


def _check(store: Store, name: str, path: str | Path) -> None:
    collection = store.collection(name)
    for index, row in enumerate(collection.rows if collection is not None else ()):
        if not isinstance(row.value, dict):
            raise FileError(
                path,
                "is no object, as every row must be for json-server 1",
                place=f"json[{json.dumps(name)}][{index}]",
                hint='Write it as {"id": "1"}, or leave out dialect="1".',
            )


def _source(store: Store, name: str) -> Callable[[], Any]:
    def made() -> Any:
        kept = store[name]
        if isinstance(kept, Row):
            return kept.value
        return [_with_id(row.value, f"{name} {index}") for index, row in enumerate(kept.rows)]

    return made


def _with_id(value: dict[str, Any], seed: str) -> dict[str, Any]:
    if "id" not in value:
        return {**value, "id": new_id(seed)}
    found = value["id"]
    if isinstance(found, int | float) and not isinstance(found, bool):
        return {**value, "id": js.to_string(found)}
    return value


def find(collection: Collection, wanted: str) -> Row | None:
    """The first row with this id; ids that aren't texts are never found."""
    row = collection.find(wanted)
    if row is None or row.id == wanted:
        return row
    return next((one for one in collection.rows if one.id == wanted), None)
