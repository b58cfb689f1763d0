"""Lists by query: filters, full text, order, pages, relations (json-server 0.16, router/plural.js)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder import regexp
from lookalike.packs.jsonplaceholder.places import get, has
from lookalike.packs.jsonplaceholder.plurals import plural, singular
from lookalike.packs.jsonplaceholder.query import Query, Value
from lookalike.packs.jsonplaceholder.store import Collection, Row, Store
from lookalike.packs.jsonplaceholder.thrown import Thrown

_OPERATOR = re.compile(r"_(lte|gte|ne|like)\Z")
_OWN = ("q", "_start", "_end", "_sort", "_order", "_limit", "_embed", "_expand")
_JSONP = ("callback", "_")


@dataclass(slots=True)
class Listing:
    """The rows of a list with the headers that come with them, and the query without what was taken from it."""

    rows: list[Row]
    query: Query
    headers: list[tuple[str, str]] = field(default_factory=list)


def listing(store: Store, name: str, collection: Collection, query: Query, full_url: str) -> Listing:
    """What GET answers for a collection. Raises Thrown where json-server throws."""
    rest = {key: value for key, value in query.items() if key not in _OWN}
    rest = {key: value for key, value in rest.items() if _counts(key, collection)}
    orders = _orders(query)
    rows = _full_text(collection.rows, query.get("q", ""))
    for key, value in rest.items():
        if key not in _JSONP:
            rows = _filtered(rows, key, value)
    rows = _ordered(rows, orders)
    found = _sliced(rows, rest, query, full_url)
    if js.truthy(query.get("_embed", "")) or js.truthy(query.get("_expand", "")):
        found.rows = [related(store, name, row, query, "list") for row in found.rows]
    return found


def related(store: Store, name: str, row: Row, query: Query, place: str) -> Row:
    """A row with what `_embed` and `_expand` put into it. Raises Thrown where a foreign key is missing."""
    if not isinstance(row.value, dict):
        return row
    value = dict(row.value)
    for children in _texts(query.get("_embed", "")):
        key = f"{singular(name)}Id"
        found = store.collection(children)
        value[children] = [
            one.value
            for one in (found.rows if found is not None else ())
            if isinstance(one.value, dict) and key in one.value and js.same(one.value[key], row.id)
        ]
    for parent in _texts(query.get("_expand", "")):
        parents = store.collection(plural(parent))
        if parents is None:
            continue
        key = get(value, f"{parent}Id")
        if (key is None or key is js.UNDEFINED) and parents.rows:
            kind = "null" if key is None else "undefined"
            raise Thrown(f"TypeError: Cannot read properties of {kind} (reading 'toString')", place)
        found_parent = parents.find(js.to_string(key))
        value.pop(parent, None) if found_parent is None else value.update({parent: found_parent.value})
    return Row(js.ordered(value))


def _texts(value: Value) -> list[str]:
    if isinstance(value, dict):
        return [js.to_string(value)]
    return value if isinstance(value, list) else [value] if value else []


def _counts(key: str, collection: Collection) -> bool:
    """A parameter whose place is in no element is ignored, unless it is an operator."""
    if key in _JSONP or _OPERATOR.search(key):
        return bool(collection.rows)
    return any(has(row.value, key) for row in collection.rows)


def _full_text(rows: list[Row], wanted: Value) -> list[Row]:
    if isinstance(wanted, dict):
        raise Thrown("TypeError: q.toLowerCase is not a function", "list")
    text = wanted[0] if isinstance(wanted, list) else wanted
    if not js.truthy(wanted):
        return rows
    text = text.lower()
    return [row for row in rows if isinstance(row.value, dict | list) and _holds(row.value, text)]


def _holds(value: Any, text: str) -> bool:
    if isinstance(value, str):
        return text != "" and text in value.lower()
    if isinstance(value, dict):
        return text != "" and any(_holds(one, text) for one in value.values())
    if isinstance(value, list):
        return text != "" and any(_holds(one, text) for one in value)
    return text != "" and js.truthy(value) and text in js.to_string(value).lower()


def _filtered(rows: list[Row], key: str, wanted: Value) -> list[Row]:
    found = _OPERATOR.search(key)
    operator = found[1] if found else ""
    path = key[: found.start()] if found else key
    values: list[Any] = wanted if isinstance(wanted, list) else [wanted]
    tests = [_test(operator, value) for value in values]
    every = operator == "ne"

    def fits(row: Row) -> bool:
        value = get(row.value, path)
        if value is None or value is js.UNDEFINED:
            return False
        results = (test(value) for test in tests)
        return all(results) if every else any(results)

    return [row for row in rows if fits(row)]


def _test(operator: str, wanted: Any) -> Callable[[Any], bool]:
    match operator:
        case "gte":
            return lambda value: js.at_most(wanted, value)
        case "lte":
            return lambda value: js.at_most(value, wanted)
        case "ne":
            return lambda value: wanted != js.to_string(value)
        case "like":
            return _like(js.to_string(wanted))
    return lambda value: wanted == js.to_string(value)


def _like(wanted: str) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        try:
            pattern = regexp.compiled(wanted)
        except regexp.InvalidRegExp as error:
            raise Thrown(f"SyntaxError: {error}", "list") from None
        return pattern.search(js.to_string(value)) is not None

    return fits


def _orders(query: Query) -> list[tuple[str, bool]]:
    """The places to order by, each with whether it descends. Raises Thrown where `_sort` or `_order` is repeated."""
    sort, order = query.get("_sort", ""), query.get("_order", "")
    if not js.truthy(sort):
        return []
    if not isinstance(sort, str):
        raise Thrown("TypeError: _sort.split is not a function", "list")
    if not isinstance(order, str):
        raise Thrown('TypeError: (_order || "").split is not a function', "list")
    orders = order.lower().split(",")
    return [(path, index < len(orders) and orders[index] == "desc") for index, path in enumerate(sort.split(","))]


def _ordered(rows: list[Row], orders: list[tuple[str, bool]]) -> list[Row]:
    if not orders:
        return rows
    columns = [[get(row.value, path) for row in rows] for path, _ in orders]
    indices = list(range(len(rows)))
    if all(_alike(column) for column in columns):
        # The last key first: each sort keeps the order of equals, a reversed one too.
        for column, (_, descending) in reversed(list(zip(columns, orders, strict=True))):
            indices.sort(key=column.__getitem__, reverse=descending)
        return [rows[index] for index in indices]

    def compare(a: int, b: int) -> int:
        for column, (_, descending) in zip(columns, orders, strict=True):
            result = js.ascending(column[a], column[b])
            if result:
                return -result if descending else result
        return a - b

    # Values of mixed kinds have no order that all agree on: the steps of one comparison are those of V8's sort.
    return [rows[index] for index in sorted(indices, key=cmp_to_key(compare))]


def _alike(column: list[Any]) -> bool:
    """Whether Python's own order is JavaScript's: all whole numbers, or all ASCII."""
    kinds = {type(value) for value in column}
    return kinds == {int} or (kinds == {str} and all(value.isascii() for value in column))


def _sliced(rows: list[Row], rest: Query, query: Query, full_url: str) -> Listing:
    page, end, limit = rest.get("_page", query.get("_page", "")), query.get("_end", ""), query.get("_limit", "")
    found = Listing(rows, rest)
    if js.truthy(end) or js.truthy(limit) or js.truthy(page):
        exposed = "X-Total-Count, Link" if js.truthy(page) else "X-Total-Count"
        found.headers = [("X-Total-Count", str(len(rows))), ("Access-Control-Expose-Headers", exposed)]
    start = _integer(query.get("_start", ""))
    if js.truthy(page):
        found.rows, links = _page(rows, _integer(page), _integer(limit) or 10, full_url)
        found.headers.append(("Link", links))
    elif js.truthy(end):
        found.rows = rows[start : _integer(end)]
    elif js.truthy(limit):
        found.rows = rows[start : start + _integer(limit)]
    return found


def _integer(value: Value) -> int:
    """`parseInt(value, 10) || 0`."""
    parsed = js.parse_int(value)
    return 0 if math.isnan(parsed) else int(parsed)


def _page(rows: list[Row], page: int, size: int, full_url: str) -> tuple[list[Row], str]:
    """A page's rows and its Link header: links are the URL with the first `page=N` replaced."""
    page = max(page, 1)
    items = rows[(page - 1) * size : page * size]
    if not items or len(items) == len(rows):
        return items, ""
    numbers = {"first": 1}
    if page > 1:
        numbers["prev"] = page - 1
    if page * size < len(rows):
        numbers["next"] = page + 1
    numbers["last"] = math.ceil(len(rows) / size)
    links = [
        f'<{full_url.replace(f"page={page}", f"page={number}", 1)}>; rel="{rel}"'
        for rel, number in numbers.items()
        if number
    ]
    return items, ", ".join(links)
