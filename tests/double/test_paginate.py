"""Lists in pages: the four styles, what they answer to wrong values, and that walking them gives the list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.double.mock import MockDouble
from lookalike.errors import ContractViolation, UsageError
from lookalike.messages import Request, Response
from lookalike.mismatch import Mismatch

BASE = "https://api.test/v1"
URL = f"{BASE}/todos"


def paginated(items: Any, style: Any = "link", **options: Any) -> MockDouble:
    double = MockDouble("api", BASE)
    double.get("/todos").paginate(items, style, **options)
    return double


def ask(double: MockDouble, url: str = URL, **headers: str) -> Response:
    answer = double.handle(Request("GET", url, headers))
    assert isinstance(answer, Response)
    return answer


def links(response: Response) -> dict[str, str]:
    """A Link header's URLs by their relation (RFC 8288)."""
    found = {}
    for part in response.headers["link"].split(", ") if "link" in response.headers else ():
        url, _, relation = part.partition(">; rel=")
        found[relation.strip('"')] = url.removeprefix("<")
    return found


def relative(urls: dict[str, str]) -> dict[str, str]:
    return {name: url.removeprefix(URL) for name, url in urls.items()}


class TestLink:
    @pytest.mark.peer("Pagination helper")
    def test_relations_as_github_names_them(self) -> None:
        double = paginated(range(7), size=3)
        first, second, last = (ask(double, URL + query) for query in ("", "?page=2", "?page=3"))
        assert (first.json(), second.json(), last.json()) == ([0, 1, 2], [3, 4, 5], [6])
        assert relative(links(first)) == {"next": "?page=2", "last": "?page=3"}
        assert relative(links(second)) == {"prev": "?page=1", "next": "?page=3", "last": "?page=3", "first": "?page=1"}
        assert relative(links(last)) == {"prev": "?page=2", "first": "?page=1"}

    def test_one_page_has_no_links(self) -> None:
        for items in ([], [1, 2]):
            assert "link" not in ask(paginated(items)).headers

    def test_other_parameters_stay_where_they_are(self) -> None:
        got = links(ask(paginated(range(9)), f"{URL}?q=a%20b&per_page=3&page=2&tag=x&tag=y&empty="))
        assert relative(got)["next"] == "?q=a+b&per_page=3&page=3&tag=x&tag=y&empty="

    @pytest.mark.parametrize(
        "query", ["page=0", "page=-1", "page=x", "page=", "page=%C2%B2", "per_page=0", "per_page=x"]
    )
    def test_what_makes_no_sense_counts_as_not_given(self, query: str) -> None:
        assert ask(paginated(range(7), size=3), f"{URL}?{query}").json() == [0, 1, 2]

    def test_beyond_the_end_is_empty_and_leads_back(self) -> None:
        got = ask(paginated(range(7), size=3), f"{URL}?page=9")
        assert (got.status, got.json()) == (200, [])
        assert relative(links(got)) == {"prev": "?page=3", "last": "?page=3", "first": "?page=1"}

    def test_names_sizes_and_headers_can_be_others(self) -> None:
        double = paginated(
            range(9), size=2, max_size=4, params={"page": "p", "size": "n"}, first=0, total_header="X-Total",
            headers={"x-api": "yes"},
        )  # fmt: skip
        got = ask(double, f"{URL}?p=1&n=100")
        assert (got.json(), got.headers["x-total"], got.headers["x-api"]) == ([4, 5, 6, 7], "9", "yes")
        assert relative(links(got))["prev"] == "?p=0&n=100"


class TestBodies:
    def test_page(self) -> None:
        assert ask(paginated(range(5), "page", size=2), f"{URL}?page=2").json() == {
            "count": 5, "next": f"{URL}?page=3", "previous": f"{URL}?page=1", "results": [2, 3],
        }  # fmt: skip

    def test_offset(self) -> None:
        assert ask(paginated(range(5), "offset"), f"{URL}?offset=1&limit=2").json() == {
            "items": [1, 2], "total": 5, "offset": 1, "limit": 2,
            "next": f"{URL}?offset=3&limit=2", "previous": f"{URL}?offset=0&limit=2",
        }  # fmt: skip

    def test_cursor(self) -> None:
        double = paginated(range(3), "cursor", size=2)
        first = ask(double).json()
        assert (first["data"], first["has_more"]) == ([0, 1], True)
        second = ask(double, f"{URL}?{urlencode({'cursor': first['next_cursor']})}").json()
        assert second == {"data": [2], "next_cursor": None, "has_more": False}
        assert ask(paginated(range(3), "cursor", size=2)).json() == first

    def test_cursors_as_stripe_has_them(self) -> None:
        items = [{"id": f"ch_{number}"} for number in range(3)]
        double = paginated(
            items, "cursor", size=2, by="id", params={"cursor": "starting_after"}, keys={"next": None},
            extra={"object": "list", "url": "/v1/todos"},
        )  # fmt: skip
        assert ask(double, f"{URL}?starting_after=ch_1").json() == {
            "object": "list", "url": "/v1/todos", "data": [{"id": "ch_2"}], "has_more": False,
        }  # fmt: skip
        assert ask(double, f"{URL}?starting_after=ch_9").status == 400

    def test_cursors_as_slack_has_them(self) -> None:
        double = paginated(
            range(3), "cursor", size=2, end="", extra={"ok": True},
            keys={"items": "channels", "next": "response_metadata.next_cursor", "more": None},
        )  # fmt: skip
        first = ask(double).json()
        cursor = first["response_metadata"]["next_cursor"]
        assert first == {"ok": True, "channels": [0, 1], "response_metadata": {"next_cursor": cursor}}
        assert ask(double, f"{URL}?cursor={cursor}").json()["response_metadata"] == {"next_cursor": ""}

    def test_every_key(self) -> None:
        names = ("items", "total", "pages", "page", "size", "offset", "next", "previous", "next_page", "more")
        got = ask(paginated(range(5), "page", size=2, keys={name: name for name in names}), f"{URL}?page=3").json()
        assert got == {
            "items": [4], "total": 5, "pages": 3, "page": 3, "size": 2, "offset": 4, "next": None,
            "previous": f"{URL}?page=2", "next_page": None, "more": False,
        }  # fmt: skip

    def test_a_bare_list_and_a_link_header_in_any_style(self) -> None:
        got = ask(paginated(range(5), "offset", size=2, keys={"items": None}, link=True))
        assert (got.json(), relative(links(got))) == ([0, 1], {"next": "?offset=2", "last": "?offset=4"})
        got = ask(paginated(range(5), "cursor", size=2, link=True))
        assert links(got)["next"].endswith(got.json()["next_cursor"])

    @pytest.mark.parametrize(
        ("style", "query"),
        [("page", "page=0"), ("page", "page=x"), ("page", "per_page=0"), ("offset", "offset=-1"), ("offset", "limit=x"),
         ("cursor", "cursor=x"), ("cursor", "cursor=YWZ0ZXI6OQ"), ("cursor", "cursor=YWZ0ZXI6MA"),
         ("cursor", "limit=0"), ("cursor", "cursor=YWZ0ZXI6MDE"), ("cursor", "cursor=%C3%A9"), ("cursor", "cursor=a"),
         ("page", "page=" + "9" * 5000)],
    )  # fmt: skip
    def test_wrong_values_are_refused(self, style: str, query: str) -> None:
        got = ask(paginated(range(5), style), f"{URL}?{query}")
        assert got.status == 400
        assert query.partition("=")[0] in got.json()["error"]

    @pytest.mark.parametrize(("style", "query"), [("page", "page=9"), ("offset", "offset=99")])
    def test_beyond_the_end_is_empty(self, style: str, query: str) -> None:
        got = ask(paginated(range(5), style), f"{URL}?{query}").json()
        assert (got.get("results", got.get("items")), got["next"]) == ([], None)
        assert got["previous"] is not None


def test_links_lead_to_where_the_client_asked() -> None:
    """A double on a socket of its own is asked there, below its root; another Host without a port is a virtual host."""
    double = paginated(range(5), size=2)
    assert links(ask(double, host="127.0.0.1:5005"))["next"] == "http://127.0.0.1:5005/todos?page=2"
    assert links(ask(double, host="api.test"))["next"] == f"{URL}?page=2"
    assert links(ask(double, host="eu.api.test"))["next"] == "https://eu.api.test/todos?page=2"
    assert links(ask(double, host="not a host:x"))["next"] == f"{URL}?page=2"


def test_what_is_declared_is_sent_whatever_happens_to_the_objects() -> None:
    items = [{"id": 1}]
    double = paginated(items)
    items[0]["id"] = 2
    items.append({"id": 3})
    assert ask(double).json() == [{"id": 1}]


MISUSE: list[tuple[Any, str, dict[str, Any], str]] = [
    ("abc", "link", {}, "takes the list of all items"),
    ({"a": 1}, "link", {}, "takes the list of all items"),
    ([{1, 2}], "link", {}, "json[0]: a set can't be written as JSON; write a list"),
    ([1], "links", {}, "the style is link, page, cursor or offset, not 'links'; did you mean \"link\"?"),
    ([1], "link", {"per_page": 3}, "has no keyword 'per_page'; items on a page are size=..."),
    ([1], "link", {"size": 0}, ".paginate(): size= is "),
    ([1], "link", {"size": "3"}, "size= is a whole number from 1, not '3'"),
    ([1], "link", {"max_size": 0}, "max_size= is a whole number from 1"),
    ([1], "link", {"params": {"cursor": "c"}}, "what can be named here is page or size"),
    ([1], "link", {"params": {"page": None}}, "a name is a str"),
    ([1], "link", {"params": "p"}, "params= takes a dict"),
    ([1], "page", {"keys": {"rows": "rows"}}, "what can be named here is items, total"),
    ([1], "page", {"keys": {"items": "data", "total": "data.total"}}, "keys= puts two things at 'data'"),
    ([1], "page", {"keys": {"items": "data", "total": "data"}}, "keys= puts two things at 'data'"),
    ([1], "page", {"keys": {"total": "meta.total"}, "extra": {"meta": 1}}, "into 'meta', which is no object"),
    ([1], "page", {"extra": {"when": {1, 2}}}, "a set can't be written as JSON"),
    ([1], "page", {"by": "id"}, 'by= is for style="cursor"'),
    ([{"a": 1}], "cursor", {"by": "id"}, "item 0 has no such key"),
    ([{"id": 1}, {"id": 1}], "cursor", {"by": "id"}, "item 1 has the id of another"),
    ([1], "link", {"status": "200"}, ".paginate(): a status is a number"),
]


@pytest.mark.parametrize(("items", "style", "options", "told"), MISUSE, ids=[told[-25:] for *_, told in MISUSE])
def test_misuse_is_told(items: Any, style: str, options: dict[str, Any], told: str) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError) as error:
        double.get("/todos").paginate(items, style, **options)  # type: ignore[arg-type]  # each style in the table
    assert told in str(error.value)
    assert not double.routes


class Strict:
    """A contract that knows GET /todos: a list of numbers below 5, answered with 200, refused in its own words."""

    name = source = "strict"

    def find(self, method: str, path: str) -> Any:
        from types import SimpleNamespace

        media = {"application/vnd.todos+json": None}
        return SimpleNamespace(answer=lambda status: SimpleNamespace(media=media)) if path == "/todos" else None

    def nearest(self, method: str, path: str) -> list[Any]:
        return []

    def meant(self, method: str, path: str) -> None:
        return None

    def check_reply(self, method: str, path: str, response: Response) -> list[Mismatch]:
        if response.status >= 400:
            return []
        return [Mismatch(f"json[{at}]", "below 5", str(one)) for at, one in enumerate(response.json()) if one >= 5]

    def check_request(self, request: Request, path: str) -> list[Mismatch]:
        return [Mismatch("query page", "a number", "x")] if request.params.get("page") == "x" else []

    def default_status(self, method: str, path: str) -> int:
        return 200

    def complete(self, method: str, path: str, status: int, partial: Any) -> Any:
        return partial

    def example(self, method: str, path: str, status: int | None = None) -> tuple[int, str, Any]:
        return status or 200, "application/vnd.todos+json", {"code": "bad_page"}


class TestContract:
    def test_each_page_is_held_to_it_where_it_is_declared(self) -> None:
        double = MockDouble("api", BASE, contract=Strict())
        with pytest.raises(ContractViolation, match=r'paginate\("link"\) to GET /todos contradicts'):
            double.get("/todos").paginate(range(7), size=2)
        assert not double.routes
        double.get("/todos").paginate(range(7), size=2, unchecked="there will be more")
        assert ask(double, f"{URL}?page=4").json() == [6]
        assert [lie.why for lie in double.lies] == ["there will be more"]

    def test_its_media_type_and_its_refusals(self) -> None:
        double = MockDouble("api", BASE, contract=Strict())
        double.get("/todos").paginate(range(5), "page", size=2, keys={"items": None})
        assert ask(double).content_type == "application/vnd.todos+json"
        refused = ask(double, f"{URL}?page=x")
        assert (refused.status, refused.json()) == (400, {"code": "bad_page"})


def walk(double: MockDouble, style: str) -> Iterator[Any]:
    """All pages from the first, each by what the one before says."""
    url: str | None = URL
    while url is not None:
        response = ask(double, url)
        body = json.loads(response.content)  # integers of any size
        if style == "link":
            yield body
            url = links(response).get("next")
        elif style == "cursor":
            yield body["data"]
            url = f"{URL}?{urlencode({'cursor': body['next_cursor']})}" if body["has_more"] else None
        else:
            yield body["results" if style == "page" else "items"]
            url = body["next"]


@pytest.mark.parametrize("style", ["link", "page", "cursor", "offset"])
@given(items=st.lists(st.integers() | st.text(max_size=3), max_size=30), size=st.integers(1, 12))
def test_all_pages_are_the_list(style: str, items: list[Any], size: int) -> None:
    pages = list(walk(paginated(items, style, size=size), style))
    assert [item for page in pages for item in page] == items
    assert all(len(page) == size for page in pages[:-1])
    assert len(pages) == max(1, -(-len(items) // size))


@given(count=st.integers(0, 30), size=st.integers(1, 12))
def test_walking_back_gives_it_too(count: int, size: int) -> None:
    double = paginated(range(count), size=size)
    url = links(ask(double)).get("last", URL)
    found: list[int] = []
    while url:
        response = ask(double, url)
        found = response.json() + found
        url = links(response).get("prev", "")
    assert found == list(range(count))
