"""The fixture `mock_api`, asked twice for one API: the same mock; what can't be changed any more is an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import requests

import lookalike
from lookalike.errors import UsageError

BASE = "https://api.asked.example"
API = lookalike.Api(base_url=BASE)
MockApi = Callable[..., lookalike.Mock]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({}, {"ordered": True}, "ordered=False, not with ordered=True"),
        ({"ordered": True}, {"ordered": False}, "ordered=True, not with ordered=False"),
        ({}, {"scope": "context"}, "scope='process', not with scope='context'"),
        ({}, {"allow": ["db"]}, "allow=[], not with allow=['db']"),
        ({}, {"clients": ["httpx"]}, "clients=None, not with clients=['httpx']"),
        (
            {"clients": ["httpx"], "allow": ("Db",)},
            {"clients": ["requests"], "scope": "process", "allow": ["x", "db"]},
            "allow=['Db'], clients=['httpx'], not with allow=['x', 'db'], clients=['requests']",
        ),
    ],
)
def test_what_can_t_be_changed_any_more_is_an_error(
    mock_api: MockApi, first: dict[str, Any], second: dict[str, Any], told: str
) -> None:
    mock = mock_api(API, **first)
    with pytest.raises(UsageError) as caught:
        mock_api(API, **second)
    assert str(caught.value).startswith(
        "mock_api(): this test has its mock of api.asked.example from tests/plugin/test_asked_again.py:"
    )
    assert f", which began with {told}. " in str(caught.value)
    assert mock_api(API) is mock


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"clients": ["requests", "httpx"]}, {"clients": ["httpx", "urllib3"]}),  # requests is urllib3's
        ({"allow": ["a", "b"]}, {"allow": ("B", "a")}),
        ({"scope": "context", "ordered": True}, {"scope": "context", "ordered": True}),
        ({}, {"unused": "ignore", "unmatched": 404, "swallowed": "ignore", "exhausted": "repeat"}),
    ],
)
def test_what_is_the_same_or_can_be_changed_is_taken(
    mock_api: MockApi, first: dict[str, Any], second: dict[str, Any]
) -> None:
    mock = mock_api(API, **first)
    assert mock_api(API, **second) is mock


def test_clients_are_those_of_api_mock(mock_api: MockApi) -> None:
    with API.mock() as others:
        mock = mock_api(API, clients=["httpx"])
        mock.get("/a").respond(json=1).optional()
        others.get("/a").respond(json="another's")
        assert requests.get(f"{BASE}/a", timeout=5).json() == "another's"


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({"into": "mock"}, ()),
        ({"unusd": "ignore"}, ('did you mean "unused"?',)),
        ({"assert_all_called": False}, ('write unused="ignore"',)),
    ],
)
def test_an_unknown_keyword_is_told_all_that_there_are(
    mock_api: MockApi, keywords: dict[str, Any], told: Sequence[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        mock_api(API, **keywords)
    said = str(caught.value)
    assert said.startswith(f"mock_api() has no keyword {next(iter(keywords))!r}")
    assert said.endswith(
        "There are api, base_url, allow, scope, clients, router, unmatched, unused, swallowed, exhausted, ordered."
    )
    assert all(one in said for one in told)


@pytest.mark.parametrize("router", ["base", 3, ["base"]])
def test_what_is_no_router_is_named_whole(mock_api: MockApi, router: Any) -> None:
    wrong = router[0] if isinstance(router, list) else router
    with pytest.raises(UsageError, match=rf"^{wrong!r} is no router; make one: router = lookalike.Router\(\)"):
        API.mock(router=router)
    mock_api(API)
    with pytest.raises(UsageError, match=rf"^{wrong!r} is no router"):
        mock_api(API, router=router)
