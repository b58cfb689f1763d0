"""How a list is cut into pages, as far as evidence tells: by which parameters one turns them, and what leads on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from lookalike.contract.compare_places import ITEMS, ROOT, key_place, steps
from lookalike.contract.counts import AnswerCounts, OperationCounts
from lookalike.contract.openapi import is_json
from lookalike.shape.counts import Counts

# Words of the field, plain (without case and separators): what turns pages in a query, what leads on in a body.
_TURNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("cursor", frozenset({
        "cursor", "after", "before", "startingafter", "endingbefore", "nextcursor", "pagetoken", "nextpagetoken",
        "continuationtoken", "continue", "marker", "since", "sinceid", "maxid", "startkey", "exclusivestartkey",
        "scrollid",
    })),
    ("page", frozenset({"page", "pagenumber", "pageno", "pageindex", "p"})),
    ("offset", frozenset({"offset", "start", "skip", "from", "startat", "startindex", "first"})),
)  # fmt: skip
_SIZES = frozenset({
    "perpage", "pagesize", "limit", "count", "size", "maxresults", "top", "rows", "take", "itemsperpage", "pagelimit",
})  # fmt: skip
_NEXT = frozenset({
    "next", "nextcursor", "nextpage", "nextpagetoken", "nextlink", "nexturl", "nexttoken", "hasmore", "hasnext",
    "hasnextpage", "endcursor", "continuationtoken", "cursor", "nextpageurl", "marker",
    "lastevaluatedkey", "nextuntil", "odatanextlink",
})  # fmt: skip
_TOTALS = frozenset({
    "total", "totalcount", "totalresults", "totalitems", "totalpages", "pages", "results", "pagecount", "totalelements",
    "totalrecords", "count", "lastpage",
})  # fmt: skip
_HOLDERS = frozenset({
    "meta", "metadata", "paging", "pagination", "links", "pageinfo", "page", "cursors", "responsemetadata", "info",
})  # fmt: skip
_NUMBERS: Mapping[str, frozenset[str]] = {
    "page": frozenset({"page", "currentpage", "pagenumber", "pageno", "pageindex"}),
    "offset": frozenset({"offset", "skip", "startat", "startindex"}),
}
_BACK = frozenset({"prev", "previous", "prevpage", "previouspage", "prevurl", "previousurl", "first", "last", "self"})
_TOTAL_HEADERS = ("x-total-count", "x-total", "x-total-pages", "x-pagination-total-count", "total-count")
NEXT_HEADERS = ("link", "x-next-page", "x-next-cursor", "x-continuation-token")

Role = Literal["next", "number", "total", "size", "holder", "back"]


def pagination(counts: OperationCounts) -> dict[str, Any]:
    """How an operation's answers are cut into pages, empty where nothing says that they are.

    style:      `page`, `offset`, `cursor`, or `link` where only a link leads on
    parameters: of the query, those that turn pages and those that say how long one is
    items:      the place of a page's items; next, total: what leads on and what says how many there are, as places
    """
    found: dict[str, list[str]] = {"items": [], "next": [], "total": []}
    turning: set[str] = set()
    for status, answer in sorted(counts.answers.items()):
        if status.startswith("2"):
            turning |= set(_told(answer, found))
    if not found["items"]:
        return {}
    query = sorted(counts.accepted.query)
    sizes = [name for name in query if _plain(name) in _SIZES]
    style, turns = style_of(query)
    leads = bool(found["next"]) or bool(turning)
    # A limit alone is no page, nor is a list that somebody counted.
    if not turns and not leads:
        return {}
    style = style or ("cursor" if _by_cursor(found["next"]) else "page" if turning else "link")
    rendered: dict[str, Any] = {"style": style}
    if turns or sizes:
        rendered["parameters"] = [*turns, *sizes]
    places = {name: sorted(set(places)) for name, places in found.items() if places}
    return rendered | {name: some[0] if len(some) == 1 else some for name, some in places.items()}


def style_of(names: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """How a query turns pages, by the names of its parameters, and those that do; empty where none does."""
    known = sorted(names)
    for style, words in _TURNS:
        found = tuple(name for name in known if _plain(name) in words)
        if found:
            return style, found
    return "", ()


def role_of(key: str) -> Role | None:
    """What a key beside a page's items says of the pages, by its name; None where it has none of the field's."""
    plain = _plain(key)
    if plain in _NEXT:
        return "next"
    if any(plain in names for names in _NUMBERS.values()):
        return "number"
    if plain in _TOTALS:
        return "total"
    if plain in _HOLDERS:
        return "holder"
    return "size" if plain in _SIZES else "back" if plain in _BACK else None


def number_style(key: str) -> str:
    """What a number at a key counts: `page` or `offset`, empty where it is neither."""
    return next((style for style, names in _NUMBERS.items() if _plain(key) in names), "")


def is_size(name: str) -> bool:
    """Whether a parameter of a query says how long a page is."""
    return _plain(name) in _SIZES


def counts_pages(key: str) -> bool:
    """Whether a total counts pages rather than items."""
    return "page" in _plain(key)


def is_of_pages(place: str) -> bool:
    """Whether a place is about how a list is cut into pages: a header, or a key beside the items."""
    if place.startswith("header "):
        return place.removeprefix("header ").lower() in (*NEXT_HEADERS, *_TOTAL_HEADERS)
    path = [step.removeprefix(".") for step in steps(place)]
    return (
        bool(path) and role_of(path[-1]) is not None and all(role_of(key) in ("holder", "number") for key in path[:-1])
    )


def _by_cursor(places: Iterable[str]) -> bool:
    return any(word in _plain(place.rpartition(".")[2]) for place in places for word in ("cursor", "token", "more"))


def _told(answer: AnswerCounts, found: dict[str, list[str]]) -> Iterator[str]:
    """What answers with one status say goes into `found`; yields the names of numbers of pages."""
    for kind, body in sorted(answer.media.items()):
        if not is_json(kind) or not body.shape.n:
            continue
        items = list(_lists(body.shape, ROOT))
        if not items:
            continue
        found["items"] += items
        yield from _leads(body.shape, ROOT, found, deeper=True)
    if found["items"]:
        found["next"] += [f"header {name}" for name in NEXT_HEADERS if name in answer.headers]
        found["total"] += [f"header {name}" for name in _TOTAL_HEADERS if name in answer.headers]


def _lists(counts: Counts, place: str) -> Iterator[str]:
    """The list that a page is: the body, or the only key of it that has a list of objects."""
    if counts.kinds.keys() == {"array"}:
        yield place + ITEMS
        return
    lists = [
        key_place(place, key) + ITEMS
        for key, child in sorted(_keys(counts).items())
        if child.kinds.keys() - {"null"} == {"array"}
    ]
    if len(lists) == 1:
        yield lists[0]


def _leads(counts: Counts, place: str, found: dict[str, list[str]], *, deeper: bool) -> Iterator[str]:
    keys = _keys(counts)
    for key, child in sorted(keys.items()):
        plain, here, kinds = _plain(key), key_place(place, key), child.kinds.keys() - {"null"}
        if plain in _HOLDERS and kinds == {"object"} and deeper:
            yield from _leads(child, here, found, deeper=False)
        elif plain in _NEXT and kinds <= {"string", "boolean", "integer", "object"}:
            found["next"].append(here)
        elif plain in _TOTALS and kinds == {"integer"}:
            found["total"].append(here)
        elif plain == "page" and kinds == {"integer"} and not _TOTALS.isdisjoint(map(_plain, keys)):
            yield here


def _keys(counts: Counts) -> Mapping[str, Counts]:
    return counts.object.keys if counts.object is not None else {}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
