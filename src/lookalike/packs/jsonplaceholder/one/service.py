"""The routes and verbs of json-server 1."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.headers import Reply
from lookalike.packs.jsonplaceholder.one.order import ordered
from lookalike.packs.jsonplaceholder.one.store import find, new_id
from lookalike.packs.jsonplaceholder.one.where import Pairs, clause, matches
from lookalike.packs.jsonplaceholder.plurals import plural, singular
from lookalike.packs.jsonplaceholder.store import Collection, Row, Store, text_of

JSON = "application/json"

_ROUTE = re.compile(r"/+([^/]+)(?:/([^/]+))?/?")
_MISSING = js.stringify({"error": "Not Found"})
_NO_OBJECT = js.stringify({"error": "Body must be a JSON object"})


@dataclass(slots=True)
class Call:
    """A request as the routes get it.

    parts: the decoded name, and the id where the path has one
    query: the parameters in order
    body:  what the body is in JSON, `{}` where there is none
    """

    method: str
    parts: list[str]
    query: Pairs
    body: Any

    def first(self, name: str) -> str | None:
        """The value of a parameter; of a repeated one the first counts."""
        return next((value for key, value in self.query if key == name), None)

    def every(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for key, value in self.query if key == name]


def route(method: str, path: str) -> list[str] | None:
    """The segments of a path for which a method has a route, still percent-encoded."""
    found = _ROUTE.fullmatch(path)
    if found is None or (method == "POST" and found[2] is not None):
        return None
    return [part for part in found.groups() if part is not None]


class Service:
    """json-server 1 over a store. With `keeps` what is written is there afterwards."""

    def __init__(self, store: Store, *, keeps: bool = False) -> None:
        self.store = store
        self.keeps = keeps
        self.writes = 0
        self._created = 0

    def answer(self, call: Call) -> Reply:
        """What json-server answers. Raises Failed where it fails."""
        name, *ids = call.parts
        if call.method == "HEAD":
            # json-server 1 takes HEAD for no verb that it knows.
            return Reply(400, b"", JSON)
        # A query is read before anyone knows whether there is something to ask.
        asked = clause(call.query) if call.method == "GET" and not ids else {}
        if call.method in ("POST", "PUT", "PATCH") and not isinstance(call.body, dict):
            return Reply(400, _NO_OBJECT, JSON)
        kept = self.store[name] if name in self.store.names else None
        reply = None
        if isinstance(kept, Collection):
            reply = self._one(name, kept, ids[0], call) if ids else self._all(name, kept, call, asked)
        elif kept is not None and not ids:
            reply = self._single(name, kept, call)
        return Reply(404, _MISSING, JSON) if reply is None else reply

    def _all(self, name: str, collection: Collection, call: Call, asked: dict[str, Any]) -> Reply | None:
        if call.method == "GET":
            return Reply(200, self._listed(name, collection, call, asked), JSON)
        if call.method != "POST":
            return None
        made = new_id(f"{name} {len(collection.rows)} {self._created}")
        value = js.ordered({**call.body, "id": made})
        if self.keeps:
            self._created += 1
            collection.add(value)
            self.writes += 1
        return Reply(201, js.stringify(value), JSON)

    def _listed(self, name: str, collection: Collection, call: Call, asked: dict[str, Any]) -> bytes:
        rows = collection.rows
        for embedded in call.every("_embed"):
            rows = [self._embedding(name, row, embedded) for row in rows]
        if asked:
            rows = [row for row in rows if matches(row.value, asked)]
        rows = ordered(rows, call.first("_sort") or "")
        page = js.parse_int(call.first("_page") or "")
        if math.isnan(page):
            return text_of(rows)
        return _paged(rows, page, js.parse_int(call.first("_per_page") or ""))

    def _embedding(self, name: str, row: Row, embedded: str) -> Row:
        """A row with what `_embed` puts into it: its children by a plural, its parent by a singular.

        Ids are compared as they are: a number in a foreign key is no text, as which every id is kept.
        """
        if plural(embedded) == embedded:
            related = self.store.collection(embedded)
            key = f"{singular(name)}Id"
            found: Any = [
                one.value
                for one in (related.rows if related is not None else ())
                if js.same(one.value.get(key, js.UNDEFINED), row.id)
            ]
        else:
            related = self.store.collection(plural(embedded))
            wanted = row.value.get(f"{embedded}Id", js.UNDEFINED)
            found = None
            if related is not None and isinstance(wanted, str):
                parent = find(related, wanted)
                found = None if parent is None else parent.value
        if related is None or found is None:
            return row
        return Row(js.ordered({**row.value, embedded: found}))

    def _one(self, name: str, collection: Collection, wanted: str, call: Call) -> Reply | None:
        row = find(collection, wanted)
        if row is None:
            return None
        match call.method:
            case "GET":
                for embedded in call.every("_embed"):
                    row = self._embedding(name, row, embedded)
                return Reply(200, row.text, JSON)
            case "PUT" | "PATCH":
                before = row.value if call.method == "PATCH" else {}
                value = js.ordered({**before, **call.body, "id": row.id})
                if self.keeps:
                    collection.put(row, value)
                    self.writes += 1
                return Reply(200, js.stringify(value), JSON)
            case "DELETE":
                if self.keeps:
                    self._remove(name, collection, row, call.every("_dependent"))
                return Reply(200, row.text, JSON)
        return None

    def _remove(self, name: str, collection: Collection, row: Row, dependents: list[str]) -> None:
        """Remove a row. References to it from other collections become null, and then the dependents' rows go

        whose reference is null: those too in which it was null before.
        """
        collection.remove(row)
        key = f"{singular(name)}Id"
        for other in self.store.names:
            related = self.store.collection(other)
            if related is None or other == name:
                continue
            for one in list(related.rows):
                if one.value.get(key) == row.id:
                    related.put(one, {**one.value, key: None})
        for related in [found for other in dependents if other != name and (found := self.store.collection(other))]:
            for one in [one for one in related.rows if one.value.get(key, row.id) is None]:
                related.remove(one)
        self.writes += 1

    def _single(self, name: str, row: Row, call: Call) -> Reply | None:
        if call.method == "GET":
            return Reply(200, row.text, JSON)
        if call.method not in ("PUT", "PATCH"):
            return None
        before = row.value if call.method == "PATCH" else {}
        value = js.ordered({**before, **call.body})
        if self.keeps:
            self.store[name] = Row(value)
            self.writes += 1
        return Reply(200, js.stringify(value), JSON)


def _paged(rows: list[Row], page: float, size: float) -> bytes:
    """A page with what surrounds it; a page or a size that isn't there is the nearest that is."""
    size = 10 if math.isnan(size) else max(int(size), 1)
    pages = max(math.ceil(len(rows) / size), 1)
    number = min(max(int(page), 1), pages)
    around = {
        "first": 1,
        "prev": number - 1 if number > 1 else None,
        "next": number + 1 if number < pages else None,
        "last": pages,
        "pages": pages,
        "items": len(rows),
    }
    shown = js.indented(text_of(rows[(number - 1) * int(size) : number * int(size)]))
    return js.stringify(around).removesuffix(b"\n}") + b',\n  "data": ' + shown + b"\n}"
