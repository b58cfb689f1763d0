"""How an answer leads on to the next page: in one that came, and in all that a contract knows of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from lookalike.contract.compare_form import Form
from lookalike.contract.compare_places import ROOT, key_place, kind_of, steps
from lookalike.contract.pagination import NEXT_HEADERS, counts_pages, number_style, role_of

_NEXT = re.compile(r"\brel\s*=\s*\"?[^\",;]*\bnext\b", re.IGNORECASE)
_LINK_HEADER = "link header"
_HEADER_STYLES = {"link": _LINK_HEADER, "x-next-page": "page"}
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|[/?]")
_TOKENS = ("cursor", "token", "marker", "key")
_FIRST_PAGES = frozenset({"", "0", "1"})


class Way(NamedTuple):
    """What leads on: its style (`link header`, `link`, `page`, `offset` or `cursor`) and its place."""

    style: str
    place: str


class _Node(Protocol):
    """JSON at a place: a value, or what a contract says of one."""

    @property
    def kinds(self) -> frozenset[str]: ...

    @property
    def address(self) -> bool | None: ...

    @property
    def keys(self) -> Mapping[str, _Node]: ...


@dataclass(frozen=True, slots=True)
class _Value:
    value: Any

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset({kind_of(self.value)} - {"null"})

    @property
    def address(self) -> bool | None:
        return _ADDRESS.match(self.value) is not None if isinstance(self.value, str) else None

    @property
    def keys(self) -> dict[str, _Value]:
        return {key: _Value(one) for key, one in self.value.items()} if isinstance(self.value, dict) else {}


@dataclass(frozen=True, slots=True)
class Known:
    """What a contract says."""

    form: Form

    @property
    def kinds(self) -> frozenset[str]:
        """Without null."""
        return self.form.kinds

    @property
    def address(self) -> bool | None:
        """Whether strings are addresses, None where that isn't said."""
        return True if self.form.format in ("uri", "uri-reference", "url") else None

    @property
    def keys(self) -> dict[str, Known]:
        """Those that have a name."""
        return {key: Known(one.form) for key, one in self.form.fields.items()}


class _Key(NamedTuple):
    """A key beside a page's items that says something of the pages."""

    name: str
    place: str
    node: Any


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer, or all that a contract knows of, says of its pages.

    ways:    what may lead on, whether it does or not
    leading: of one answer, those that lead to a further page
    further: of one answer, whether there is a further page
    length:  of one answer, how many items it has
    """

    ways: Mapping[Way, Any]
    leading: frozenset[Way] = frozenset()
    further: bool = False
    length: int = 0


def known_page(form: Form, headers: Collection[str]) -> Page | None:
    """What a contract says of an operation's pages; None where its answers have no list.

    headers: the names of those that it knows, in lower case; the ways are mapped to the form at their place, or None
    """
    root = Known(form)
    if _items(root) is None:
        return None
    ways: dict[Way, Any] = {_header_way(name): None for name in NEXT_HEADERS if name in headers}
    keys = list(_keys(root, ROOT, deeper=True)) if form.kinds == {"object"} else []
    known = _chosen(ways, keys, lambda one: one.node.form)
    # Where only null was seen, nothing says yet what leads on.
    return Page({way: form for way, form in known.items() if form is None or not form.unknown})


def page_of(body: Any, headers: Mapping[str, str], query: Mapping[str, str]) -> Page | None:
    """What one answer says of its pages; None where it has no list, or an empty one.

    headers: by name in any case; query: of the request, by name
    """
    root = _Value(body)
    items = _items(root)
    if items is None or not items.value:
        return None
    said = {name: headers[name] for name in NEXT_HEADERS if name in headers}
    keys = list(_keys(root, ROOT, deeper=True))
    ways = _chosen({_header_way(name): value for name, value in said.items()}, keys, lambda one: one.node.value)
    leading = {way for way, value in ways.items() if _leads(way, value)}
    flags = [one.node.value for one in keys if one.node.kinds == {"boolean"} and role_of(one.name) == "next"]
    length = len(items.value)
    more = _counted_more(keys, length, query)
    if flags and not any(flags):
        leading, more = set(), False
    numbered = {way for way in ways if way.style in ("page", "offset") and role_of(_last(way)) == "number"}
    leading = leading | numbered if any(flags) or more else leading - numbered
    return Page(ways, frozenset(leading), bool(leading) or any(flags) or more, length)


def _items(root: Any) -> Any:
    """The list that a page is: the body, or the only key of it that has one."""
    if root.kinds == {"array"}:
        return root
    lists = [one for one in root.keys.values() if one.kinds == {"array"}]
    return lists[0] if len(lists) == 1 else None


def _header_way(name: str) -> Way:
    return Way(_HEADER_STYLES.get(name, "cursor"), f"header {name.title()}")


def _keys(root: Any, place: str, *, deeper: bool) -> Iterator[_Key]:
    for name, node in sorted(root.keys.items()):
        role, here = role_of(name), key_place(place, name)
        if role in ("holder", "number") and node.kinds == {"object"} and deeper:
            yield from _keys(node, here, deeper=False)
        elif role in ("next", "number", "total", "size"):
            yield _Key(name, here, node)


def _chosen(ways: dict[Way, Any], keys: Sequence[_Key], what: Any) -> dict[Way, Any]:
    """What leads on: what names the next page; where nothing does, the number of this one; else that there is more."""
    flags = [one for one in keys if role_of(one.name) == "next" and one.node.kinds == {"boolean"}]
    for one in keys:
        if role_of(one.name) == "next" and one not in flags and one.node.kinds <= {"string", "integer", "object"}:
            ways[Way(_style(one), one.place)] = what(one)
    if not ways:
        counted = any(role_of(one.name) == "total" for one in keys)
        for one in keys:
            style = number_style(one.name)
            if style and one.node.kinds == {"integer"} and (counted or flags):
                ways[Way(style, one.place)] = what(one)
    return ways or {Way("cursor", one.place): what(one) for one in flags}


def _style(one: _Key) -> str:
    name, kinds = one.name.lower(), one.node.kinds
    token = any(word in name for word in _TOKENS)
    if "integer" in kinds:
        return "offset" if "offset" in name else "cursor" if token else "page"
    if "object" in kinds or one.node.address:
        return "link"
    if one.node.address is None:  # a contract that doesn't say, or null
        return "cursor" if token else "link"
    return "cursor" if token or "page" not in name else "page"


def _leads(way: Way, value: Any) -> bool:
    if way.style == _LINK_HEADER:
        return _NEXT.search(str(value)) is not None
    return bool(value)


def _counted_more(keys: Sequence[_Key], length: int, query: Mapping[str, str]) -> bool:
    """Whether the totals beside a page count more than it, and those before it, can have."""
    numbers = [(one.name, one.node.value) for one in keys if one.node.kinds == {"integer"}]
    pages = [value for name, value in numbers if role_of(name) == "total" and counts_pages(name)]
    items = [value for name, value in numbers if role_of(name) == "total" and not counts_pages(name)]
    sizes = [value for name, value in numbers if role_of(name) == "size"]
    for name, value in numbers:
        style = number_style(name)
        if style == "offset" and items:
            return bool(value + length < max(items))
        if style == "page" and (pages or (items and sizes)):
            return bool(value < max(pages) if pages else value * max(sizes) < max(items))
    first = all(value in _FIRST_PAGES for name, value in query.items() if number_style(name))
    return first and bool(items) and max(items) > length


def _last(way: Way) -> str:
    return steps(way.place)[-1].removeprefix(".") if way.place.startswith(ROOT) else ""
