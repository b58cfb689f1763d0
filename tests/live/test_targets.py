"""Which items a list leads to, bare or in an envelope."""

from typing import Any

import pytest

from lookalike.live.targets import Lists
from lookalike.messages import Response

ITEMS = [{"id": "a1"}, {"id": "b2"}]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        (ITEMS, ["/orders/a1", "/orders/b2"]),
        ({"orders": ITEMS, "next": None}, ["/orders/a1", "/orders/b2"]),
        ({"orders": ITEMS, "buyers": [{"id": "x"}]}, ["/orders/a1", "/orders/b2"]),
        ({"data": ITEMS, "included": [{"id": "x"}]}, ["/orders/a1", "/orders/b2"]),
        ({"purchases": ITEMS, "errors": [{"id": "x"}]}, ["/orders/a1", "/orders/b2"]),
        ({"_embedded": {"orders": ITEMS}}, ["/orders/a1", "/orders/b2"]),
        ({"response": {"items": ITEMS}}, ["/orders/a1", "/orders/b2"]),
        ({"orders": [{"name": "first one"}]}, ["/orders/first%20one"]),
        ({"orders": [{"id": "", "slug": "a"}, {"id": None, "code": 7}, {"id": True}]}, ["/orders/a", "/orders/7"]),
        ({"orders": []}, []),
        ({"buyers": [{"id": "x"}], "sellers": [{"id": "y"}]}, []),
        ({"errors": [{"code": "x"}]}, []),
        ({"a": {"b": {"orders": ITEMS}}}, []),
        ({"total": 2}, []),
        ("orders", []),
        (None, []),
    ],
)
def test_a_list_fills_the_paths_of_its_items(body: Any, paths: list[str]) -> None:
    lists = Lists()
    lists.note("/orders?page=1", Response(json=body))
    assert list(lists.fill("/orders/{id}")) == paths


@pytest.mark.parametrize(
    "response",
    [
        Response(404, json=ITEMS),
        Response(text="[]"),
        Response(content="{", headers={"content-type": "application/json"}),
    ],
)
def test_what_is_no_list_leads_nowhere(response: Response) -> None:
    lists = Lists()
    lists.note("/orders", response)
    assert list(lists.fill("/orders/{id}")) == []
