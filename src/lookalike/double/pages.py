"""Pages of a list, in the four styles that APIs have: Link headers, page numbers, cursors, offsets."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from lookalike.codec import encode_json
from lookalike.double.address import Address
from lookalike.double.body import HeaderValues, json_copy, make_headers
from lookalike.double.misuse import nearest, refusal
from lookalike.errors import UsageError
from lookalike.messages import Request, Response

__tracebackhide__ = True

StyleName = Literal["link", "page", "cursor", "offset"]


class PageOptions(TypedDict, total=False):
    """How a list is cut into pages.

    size:         items on a page where the request doesn't say; 30 for `link`, else 20
    max_size:     the most that a request gets, 100
    params:       names of the query parameters, by what they are: `{"size": "limit"}`. There are `page`, `size`,
                  `cursor` and `offset`, of which each style has two
    keys:         names of the body's keys, by what they are: `items`, `total`, `pages`, `page`, `size`, `offset`,
                  `next`, `previous`, `next_page`, `more`; a dotted one is nested, None leaves it out. Without `items`
                  the body is the bare list
    extra:        more keys of the body, as they are: `{"object": "list"}`
    link:         whether there is a Link header (RFC 8288); only `link` has one otherwise
    total_header: the name of a header with the number of all items: `x-total-count`
    first:        the number of the first page, 1
    by:           `cursor` only: the key of an item that is its cursor (`id`, as Stripe's `starting_after` has it)
    end:          `cursor` only: what `next` is on the last page, None or `""`
    status, headers, unchecked: as in `respond`
    """

    size: int | None
    max_size: int
    params: Mapping[str, str]
    keys: Mapping[str, str | None]
    extra: Mapping[str, Any]
    link: bool | None
    total_header: str
    first: int
    by: str
    end: str | None
    status: int | None
    headers: HeaderValues | None
    unchecked: str


OPTIONS = tuple(PageOptions.__annotations__)


@dataclass(frozen=True, slots=True)
class Style:
    """at: which parameter says where a page begins; size: its default; strict: whether a wrong value is refused"""

    at: Literal["page", "cursor", "offset"]
    size: int
    params: Mapping[str, str]
    keys: Mapping[str, str]
    link: bool = False
    strict: bool = True


STYLES: dict[str, Style] = {
    # As GitHub has it: a value that makes no sense is taken as if it weren't there.
    "link": Style("page", 30, {"page": "page", "size": "per_page"}, {}, link=True, strict=False),
    "page": Style(
        "page",
        20,
        {"page": "page", "size": "per_page"},
        {"total": "count", "next": "next", "previous": "previous", "items": "results"},
    ),
    "cursor": Style(
        "cursor",
        20,
        {"cursor": "cursor", "size": "limit"},
        {"items": "data", "next": "next_cursor", "more": "has_more"},
    ),
    "offset": Style(
        "offset",
        20,
        {"offset": "offset", "size": "limit"},
        {
            "items": "items",
            "total": "total",
            "offset": "offset",
            "size": "limit",
            "next": "next",
            "previous": "previous",
        },
    ),
}
"""The styles, and what is said in each where a test doesn't say it."""

_KEYS = ("items", "total", "pages", "page", "size", "offset", "next", "previous", "next_page", "more")


class WrongPage(Exception):
    """A query parameter that no page answers."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One page: the items from `start` on, `size` of them at most, of `total`."""

    start: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """Where the last page starts."""
        return max(0, (self.total - 1) // self.size * self.size)

    @property
    def next(self) -> int | None:
        """Where the next page starts, None on the last."""
        after = self.start + self.size
        return after if after < self.total else None

    @property
    def previous(self) -> int | None:
        """Where the page before starts, None on the first. Beyond the end that is the last page."""
        return min(max(0, self.start - self.size), self.last) if self.start > 0 else None


class Pages:
    """Cuts a list as a request asks. Raises UsageError for options that make no sense.

    call: the call in messages: `.paginate()`
    """

    def __init__(self, call: str, style: str, options: Mapping[str, Any]) -> None:
        unknown = next((name for name in options if name not in OPTIONS), None)
        if unknown is not None:
            raise UsageError(refusal(call, unknown, OPTIONS, _HABITS))
        if style not in STYLES:
            hint = nearest(str(style), STYLES)
            raise UsageError(f"{call}: the style is {_either(STYLES)}, not {style!r}{'; ' + hint if hint else ''}")
        self.style = STYLES[style]
        size = options.get("size")
        self._size = _count(call, "size", self.style.size if size is None else size)
        self._max_size = max(_count(call, "max_size", options.get("max_size", 100)), self._size)
        self._first = _count(call, "first", options.get("first", 1), 0)
        self._params = {**self.style.params, **_known(call, "params", options.get("params", {}), self.style.params)}
        named = {**self.style.keys, **_known(call, "keys", options.get("keys", {}), _KEYS)}
        self._keys = {what: name for what, name in named.items() if name}
        names = list(self._keys.values())
        for name in names:
            if names.count(name) > 1 or any(other.startswith(f"{name}.") for other in names):
                raise UsageError(f"{call}: keys= puts two things at {name!r}")
        self._extra = json_copy(dict(options.get("extra", {})))
        link = options.get("link")
        self._link = self.style.link if link is None else link
        self._total_header = options.get("total_header", "")
        self._by, self._end = options.get("by", ""), options.get("end")
        if self._by and self.style.at != "cursor":
            raise UsageError(f'{call}: by= is for style="cursor", where an item\'s own key is its cursor')

    def cut(self, request: Request, items: Sequence[Any]) -> Cut:
        """The page that a request asks for. Raises WrongPage."""
        params = request.params
        name = self._params["size"]
        size = self._number(name, params.get(name), 1, self._size)
        size = min(size, self._max_size)
        name = self._params[self.style.at]
        said = params.get(name)
        if self.style.at == "page":
            start = (self._number(name, said, self._first, self._first) - self._first) * size
        elif self.style.at == "offset":
            start = self._number(name, said, 0, 0)
        else:
            start = self._after(name, said, items) if said else 0
        return Cut(start, size, len(items))

    def _number(self, name: str, said: str | None, least: int, default: int) -> int:
        if said is None:
            return default
        # More digits than any page has; int() itself refuses 4,300.
        if said.isascii() and said.isdigit() and len(said) < 16 and int(said) >= least:
            return int(said)
        if self.style.strict:
            raise WrongPage(f"{name} must be a whole number from {least}")
        return default

    def _after(self, name: str, cursor: str, items: Sequence[Any]) -> int:
        for at in range(len(items)) if self._by else _decoded(cursor):
            if at < len(items) and self._cursor(at + 1, items) == cursor:
                return at + 1
        raise WrongPage(f"{name} is not a cursor that was given out")

    def _cursor(self, start: int, items: Sequence[Any]) -> str:
        if self._by:
            return str(items[start - 1][self._by])
        return base64.urlsafe_b64encode(b"after:%d" % start).decode().rstrip("=")

    def check(self, call: str, items: Sequence[Any]) -> None:
        """Raises UsageError where an item lacks the key that is its cursor, or shares it."""
        if not self._by:
            return
        seen: set[str] = set()
        for at, item in enumerate(items):
            if not isinstance(item, dict) or self._by not in item:
                raise UsageError(f"{call}: by={self._by!r}, and item {at} has no such key")
            if str(item[self._by]) in seen:
                raise UsageError(f"{call}: by={self._by!r}, and item {at} has the {self._by} of another")
            seen.add(str(item[self._by]))

    def answer(
        self, items: Sequence[Any], cut: Cut, address: Address, status: int, kind: str, headers: HeaderValues | None
    ) -> Response:
        """One page as the response that carries it."""
        urls = {
            rel: None if start is None else address.url(**{self._params[self.style.at]: self._at(start, cut, items)})
            for rel, start in self._neighbours(cut).items()
        }
        pairs = list(make_headers(kind, headers, None))
        if self._link and (urls["next"] or urls["prev"]):
            said = [f'<{url}>; rel="{rel}"' for rel, url in urls.items() if url is not None and self._shown(rel, cut)]
            pairs.append(("link", ", ".join(said)))
        if self._total_header:
            pairs.append((self._total_header, str(cut.total)))
        return Response(status, pairs, encode_json(self._body(items, cut, urls)))

    def _neighbours(self, cut: Cut) -> dict[str, int | None]:
        """Where the pages around one start, in the order in which GitHub names them."""
        if self.style.at == "cursor":
            return {"prev": None, "next": cut.next, "last": None, "first": None}
        return {"prev": cut.previous, "next": cut.next, "last": cut.last, "first": 0}

    def _shown(self, rel: str, cut: Cut) -> bool:
        """The last page doesn't say that it is the last, nor the first one that it is the first."""
        if rel == "last":
            return cut.next is not None or cut.start > cut.last
        return rel != "first" or cut.start > 0

    def _at(self, start: int, cut: Cut, items: Sequence[Any]) -> str:
        """How a request asks for the page that starts there."""
        if self.style.at == "cursor":
            return self._cursor(start, items)
        return str(start if self.style.at == "offset" else start // cut.size + self._first)

    def _body(self, items: Sequence[Any], cut: Cut, urls: Mapping[str, str | None]) -> Any:
        page = list(items[cut.start : cut.start + cut.size])
        if "items" not in self._keys:
            return page
        number = cut.start // cut.size + self._first
        following = self._end if cut.next is None else self._at(cut.next, cut, items)
        values = {
            "items": page,
            "total": cut.total,
            "pages": -(-cut.total // cut.size),
            "page": number,
            "size": cut.size,
            "offset": cut.start,
            "next": following if self.style.at == "cursor" else urls["next"],
            "previous": urls["prev"],
            "next_page": None if cut.next is None else number + 1,
            "more": cut.next is not None,
        }
        body: dict[str, Any] = json_copy(self._extra)
        for what, name in self._keys.items():
            _put(body, name, values[what])
        return body


_HABITS: Mapping[str, str] = {
    **dict.fromkeys(
        ("per_page", "page_size", "limit"), "items on a page are size=..., the parameter's name is params="
    ),
    **dict.fromkeys(("envelope", "names"), 'the body\'s keys are keys={"items": "data"}'),
    "json": "the items come first, .paginate(items)",
}


def _count(call: str, name: str, value: object, least: int = 1) -> int:
    if type(value) is int and value >= least:
        return value
    raise UsageError(f"{call}: {name}= is a whole number from {least}, not {value!r}")


def _known(call: str, keyword: str, given: object, known: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise UsageError(f"{call}: {keyword}= takes a dict, not {given!r}")
    for name, value in given.items():
        if name not in known:
            raise UsageError(f"{call}: {keyword}={{{name!r}: ...}}; what can be named here is {_either(known)}")
        if not isinstance(value, str) and (value is not None or keyword == "params"):
            raise UsageError(f"{call}: {keyword}={{{name!r}: {value!r}}}; a name is a str")
    return dict(given)


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    *above, key = name.split(".")
    place: Any = body
    for step in above:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise UsageError(f".paginate(): keys= puts {name!r} into {step!r}, which is no object")
    place[key] = value


def _either(names: Any) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else str(last)


def _decoded(cursor: str) -> Sequence[int]:
    """The one place that an opaque cursor can mean, or none."""
    try:
        said = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        return ()
    word, _, number = said.partition(b":")
    return (int(number) - 1,) if word == b"after" and number.isdigit() and len(number) < 16 and int(number) else ()
