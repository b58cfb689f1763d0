"""Collections of rows, and single objects: what json-server keeps in its db.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from lookalike.errors import FileError, InvalidJson
from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.plurals import plural
from lookalike.packs.jsonplaceholder.thrown import Thrown


class Row:
    """One value, with its text made once."""

    __slots__ = ("_text", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._text: bytes | None = None

    @property
    def text(self) -> bytes:
        """The value stringified."""
        if self._text is None:
            self._text = js.stringify(self.value)
        return self._text

    @property
    def id(self) -> Any:
        """The row's id, UNDEFINED where it has none."""
        return self.value.get("id", js.UNDEFINED) if isinstance(self.value, dict) else js.UNDEFINED


def text_of(rows: list[Row]) -> bytes:
    """The rows as a JSON array, of texts that exist already."""
    if not rows:
        return b"[]"
    return b"[\n  " + b",\n  ".join([js.indented(row.text) for row in rows]) + b"\n]"


class Collection:
    """Rows in order, found by id."""

    def __init__(self, values: list[Any]) -> None:
        self.rows = [Row(value) for value in values]
        self._by_id: dict[str, Row] | None = None
        self._last = 0.0

    def find(self, wanted: str) -> Row | None:
        """The first row with this id, compared as text."""
        if self._by_id is None:
            self._by_id = {}
            for row in self.rows:
                if row.id is not js.UNDEFINED:
                    self._by_id.setdefault(js.to_string(row.id), row)
        return self._by_id.get(wanted)

    def next_id(self, seed: str) -> int | float | str:
        """The id of a new row: the greatest number plus one, and never one that was given before.

        Where ids are texts, seven letters made of `seed`: json-server draws them at random.
        """
        if not self.rows:
            return self._counted(0)
        greatest: Any = js.UNDEFINED
        for row in self.rows:
            if row.id is None or row.id is js.UNDEFINED:
                continue
            if greatest is js.UNDEFINED or js.less(greatest, row.id):
                greatest = row.id
        if greatest is js.UNDEFINED:
            raise Thrown("TypeError: Cannot read properties of undefined (reading 'id')", "create")
        if isinstance(greatest, int | float) and not isinstance(greatest, bool):
            return self._counted(greatest)
        return sha256(seed.encode("utf-8", "replace")).hexdigest()[:7]

    def _counted(self, greatest: float) -> int | float:
        return js.number(max(greatest, self._last) + 1)

    def add(self, value: dict[str, Any]) -> None:
        """Append a row."""
        self.rows.append(Row(value))
        self._by_id = None
        if isinstance(value.get("id"), int | float):
            self._last = max(self._last, value["id"])

    def put(self, row: Row, value: dict[str, Any]) -> None:
        """Give a row another value."""
        self.rows[self.rows.index(row)] = Row(value)
        self._by_id = None

    def remove(self, row: Row) -> None:
        """Remove a row; its id is not given again."""
        self.rows.remove(row)
        self._by_id = None
        if isinstance(row.id, int | float):
            self._last = max(self._last, row.id)


class Store:
    """Everything that one API keeps. A collection is made from its values when it is first needed."""

    def __init__(self, sources: Mapping[str, Callable[[], Any]]) -> None:
        self._sources = dict(sources)
        self._kept: dict[str, Collection | Row] = {}
        self.names = tuple(self._sources)

    def __getitem__(self, name: str) -> Collection | Row:
        """A collection, or the row of a single object. Raises KeyError for an unknown name."""
        kept = self._kept.get(name)
        if kept is None:
            values = self._sources[name]()
            kept = self._kept[name] = Collection(values) if isinstance(values, list) else Row(values)
        return kept

    def __setitem__(self, name: str, kept: Row) -> None:
        self._kept[name] = kept

    def collection(self, name: str) -> Collection | None:
        """The collection of this name, None where there is none or it is a single object."""
        kept = self[name] if name in self._sources else None
        return kept if isinstance(kept, Collection) else None

    def text(self) -> bytes:
        """All of it as one JSON object."""
        if not self.names:
            return b"{}"
        parts = []
        for name in self.names:
            kept = self[name]
            text = kept.text if isinstance(kept, Row) else text_of(kept.rows)
            parts.append(js.stringify(name) + b": " + js.indented(text))
        return b"{\n  " + b",\n  ".join(parts) + b"\n}"

    def orphans(self) -> list[tuple[Collection, Row]]:
        """Rows that refer to a row which isn't there: `postId` to one of `posts`."""
        found = []
        for collection in [one for name in self.names if (one := self.collection(name)) is not None]:
            for row in collection.rows:
                for key, value in row.value.items() if isinstance(row.value, dict) else ():
                    parents = self.collection(plural(key.removesuffix("Id"))) if key.endswith("Id") else None
                    if parents is not None and value is not None and parents.find(js.to_string(value)) is None:
                        found.append((collection, row))
                        break
        return found


def read(path: str | Path) -> Store:
    """A dump in the form of json-server's db.json: an object of collections (arrays) and single objects.

    Raises FileError that says what is wrong, and where.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise FileError(path, f"can't be read: {error.strerror}", hint="Give a JSON file like db.json.") from None
    try:
        dump = js.parse(content)
    except InvalidJson:
        raise _not_json(path, content) from None
    except RecursionError:
        raise FileError(path, "is nested too deep to be data", hint="Give a JSON file like db.json.") from None
    if not isinstance(dump, dict):
        raise FileError(path, "is no JSON object", hint='Write it as {"posts": [{"id": 1}], "profile": {}}.')
    for name, value in dump.items():
        if not isinstance(value, list | dict) or "/" in name:
            problem = "a name can't hold a slash" if "/" in name else "is neither an array nor an object"
            raise FileError(path, problem, place=f"json[{json.dumps(name)}]", hint="Make it an array of objects.")
    return Store({name: _given(value) for name, value in dump.items()})


def _not_json(path: str | Path, content: bytes) -> FileError:
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return FileError(path, f"is not JSON: {error.msg}", place=f"line {error.lineno}, column {error.colno}")
    except ValueError as error:
        return FileError(path, f"is not JSON: {error}")
    return FileError(path, "is not JSON: NaN and Infinity are no values of it")


def _given(value: Any) -> Callable[[], Any]:
    return lambda: value
