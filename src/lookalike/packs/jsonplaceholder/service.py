"""The routes and verbs of json-server 0.16 (router/index.js, nested.js, plural.js, singular.js)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder.headers import HTML, Reply
from lookalike.packs.jsonplaceholder.listing import listing, related
from lookalike.packs.jsonplaceholder.plurals import singular
from lookalike.packs.jsonplaceholder.query import Query
from lookalike.packs.jsonplaceholder.store import Collection, Row, Store, text_of
from lookalike.packs.jsonplaceholder.thrown import Thrown

_NESTED = re.compile(r"/([^/]+?)/([^/]+?)/([^/]+?)/?")
# What Express escapes in a Location: what a URL can't hold, and per cent signs that begin no escape.
_UNSAFE = re.compile(r"%(?![0-9a-fA-F]{2})|[^\x21\x23-\x3b\x3d\x3f-\x5f\x61-\x7a\x7c\x7e]")


@dataclass(slots=True)
class Call:
    """A request as Express hands it over.

    path:     still percent-encoded
    body:     what the body parsers made of the request's body; `{}` where they made nothing
    full_url: as the client asked for it, for links
    """

    method: str
    path: str
    query: Query
    body: Any
    full_url: str


class Service:
    """json-server over a store. With `keeps` what is written is there afterwards; without, as on the public service,

    every request finds the store as it was.
    """

    def __init__(self, store: Store, *, keeps: bool = False) -> None:
        self.store = store
        self.keeps = keeps
        self.writes = 0
        self._routes = [
            (re.compile(rf"/{re.escape(name)}/?(?=/|\Z)(.*)", re.IGNORECASE | re.DOTALL), name) for name in store.names
        ]

    def answer(self, call: Call) -> Reply:
        """What json-server answers. Raises Thrown where it throws."""
        reads = call.method in ("GET", "HEAD")
        if reads and re.fullmatch("/db/?", call.path, re.IGNORECASE):
            return Reply(200, self.store.text())
        delay = js.parse_float(call.query.pop("_delay", ""))
        reply = self._nested_or_own(call, reads=reads)
        # setTimeout takes what is beyond 32 bits for nothing.
        reply.delay = delay / 1000 if 0 < delay < 2**31 else 0.0
        return reply

    def _nested_or_own(self, call: Call, *, reads: bool) -> Reply:
        nested = _NESTED.fullmatch(call.path)
        # Express decodes a path's parameters before it looks at the method.
        parent, parent_id, child = [_decoded(part) for part in nested.groups()] if nested is not None else ("", "", "")
        if parent and (reads or call.method == "POST"):
            call.path = "/" + child.partition("?")[0]
            key = f"{singular(parent)}Id"
            if reads:
                call.query[key] = parent_id
            else:
                call.body = js.ordered({**js.spread(call.body), key: parent_id})
        for pattern, name in self._routes:
            found = pattern.fullmatch(call.path)
            if found is None:
                continue
            kept = self.store[name]
            rest = found[1]
            if rest in ("", "/"):
                reply = self._all(name, kept, call) if isinstance(kept, Collection) else self._single(name, kept, call)
            else:
                one = re.fullmatch(r"/([^/]+?)/?", rest)
                reply = self._one(name, kept, _decoded(one[1]), call) if one and isinstance(kept, Collection) else None
            if reply is not None:
                return reply
        return Reply(404, b"{}")

    def _all(self, name: str, collection: Collection, call: Call) -> Reply | None:
        if call.method in ("GET", "HEAD"):
            found = listing(self.store, name, collection, call.query, call.full_url)
            call.query = found.query
            return Reply(200, text_of(found.rows), headers=found.headers)
        return self._create(collection, call) if call.method == "POST" else None

    def _create(self, collection: Collection, call: Call) -> Reply:
        body = js.spread(call.body)
        seed = f"{len(collection.rows)} {call.full_url}"
        if self.keeps:
            body["id"] = body["id"] if js.truthy(body.get("id")) else collection.next_id(seed)
            if collection.find(js.to_string(body["id"])) is not None:
                raise Thrown("Error: Insert failed, duplicate id", "create")
            collection.add(js.ordered(body))
            self.writes += 1
        else:
            body["id"] = collection.next_id(seed)
        location = f"{call.full_url}/{js.to_string(body['id'])}"
        return Reply(201, js.stringify(js.ordered(body)), headers=_created(location))

    def _one(self, name: str, collection: Collection, wanted: str, call: Call) -> Reply | None:
        row = collection.find(wanted)
        match call.method:
            case "GET" | "HEAD":
                if row is None:
                    return None
                return Reply(200, related(self.store, name, row, call.query, "show").text)
            case "PUT" | "PATCH":
                return self._update(collection, row, call)
            case "DELETE":
                return self._remove(collection, row)
        return None

    def _update(self, collection: Collection, row: Row | None, call: Call) -> Reply | None:
        body = js.spread(call.body)
        if row is None:
            if self.keeps:
                return None
            if call.method == "PUT":
                raise Thrown("TypeError: Cannot read properties of undefined (reading 'id')", "update")
            return Reply(200, js.stringify(body))
        value = {**row.value, **body} if call.method == "PATCH" else body
        if self.keeps or call.method == "PUT":
            value["id"] = row.id
        value = js.ordered(value)
        if self.keeps:
            collection.put(row, value)
            self.writes += 1
        return Reply(200, js.stringify(value))

    def _remove(self, collection: Collection, row: Row | None) -> Reply | None:
        if not self.keeps:
            return Reply(200, b"{}")
        if row is not None:
            collection.remove(row)
        # json-server looks for orphans even if there was nothing to remove.
        for dependent, orphan in self.store.orphans():
            dependent.remove(orphan)
        self.writes += 1
        return Reply(200, b"{}") if row is not None else None

    def _single(self, name: str, row: Row, call: Call) -> Reply | None:
        match call.method:
            case "GET" | "HEAD":
                return Reply(200, row.text)
            case "POST" | "PUT":
                value = call.body
            case "PATCH":
                value = js.ordered({**js.spread(row.value), **js.spread(call.body)})
            case _:
                return None
        if self.keeps:
            self.store[name] = Row(value)
            self.writes += 1
        if call.method != "POST":
            return Reply(200, js.stringify(value))
        return Reply(201, js.stringify(value), headers=_created(call.full_url))


def failure(thrown: Thrown) -> Reply:
    """What json-server answers when it has thrown: the stack trace as HTML."""
    return Reply(500, thrown.stack.encode(), HTML)


def _created(location: str) -> list[tuple[str, str]]:
    location = _UNSAFE.sub(lambda found: quote(found[0], safe=""), location)
    return [("Access-Control-Expose-Headers", "Location"), ("Location", location)]


def _decoded(part: str) -> str:
    """decodeURIComponent. Raises Thrown where the escapes aren't UTF-8."""
    if "%" not in part:
        return part
    try:
        if re.search(r"%(?![0-9a-fA-F]{2})", part):
            raise ValueError
        return unquote_to_bytes(part).decode()
    except ValueError:
        raise Thrown(f"URIError: Failed to decode param '{part}'", "decode") from None
