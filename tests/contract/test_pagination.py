"""Pages recognised in traffic, and stated in the document."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.contract.learning import learn
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
ROWS = [{"id": 1}, {"id": 2}]


def stated(query: str, body: Any, headers: dict[str, str] | None = None, method: str = "GET") -> Any:
    seen = Exchange(Request(method, f"{BASE}/things{query}"), Response(200, headers or {}, json=body))
    operation = learn([seen], base_url=BASE).document.root["paths"]["/things"][method.lower()]
    return operation.get("x-pagination")


@pytest.mark.parametrize(
    ("query", "body", "headers", "expected"),
    [
        ("?page=2&per_page=2", ROWS, {"Link": '<https://api.test/things?page=3>; rel="next"', "X-Total-Count": "9"},
         {"style": "page", "parameters": ["page", "per_page"], "items": "json[]", "next": "header link",
          "total": "header x-total-count"}),
        ("", ROWS, {"Link": '<https://api.test/things?page=2>; rel="next"'},
         {"style": "link", "items": "json[]", "next": "header link"}),
        ("?limit=2&starting_after=x", {"data": ROWS, "has_more": True}, None,
         {"style": "cursor", "parameters": ["starting_after", "limit"], "items": "json.data[]",
          "next": "json.has_more"}),
        ("", {"members": ROWS, "response_metadata": {"next_cursor": "dXNlcg=="}}, None,
         {"style": "cursor", "items": "json.members[]", "next": "json.response_metadata.next_cursor"}),
        ("?offset=0&limit=2", {"results": ROWS, "count": 9, "next": "https://api.test/things?offset=2"}, None,
         {"style": "offset", "parameters": ["offset", "limit"], "items": "json.results[]", "next": "json.next",
          "total": "json.count"}),
        ("", {"data": ROWS, "page": 1, "pages": 4, "results": 9}, None,
         {"style": "page", "items": "json.data[]", "total": ["json.pages", "json.results"]}),
        # no pages: nothing leads on, no list, two lists, another document's link
        ("?limit=2", ROWS, None, None),
        ("", {"id": 1, "next": "b"}, None, None),
        ("?page=1", {"a": ROWS, "b": ROWS}, None, None),
        ("", {"id": 1}, {"Link": '<https://api.test/>; rel="self"'}, None),
    ],
)  # fmt: skip
def test_pages(query: str, body: Any, headers: dict[str, str] | None, expected: Any) -> None:
    assert stated(query, body, headers) == expected


def test_what_is_made_is_no_page() -> None:
    assert stated("?page=1", ROWS, method="POST") is None
