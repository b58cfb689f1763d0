"""A path that has a part of the base URL too often, or too seldom: the miss says what belongs where."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lookalike.double.mock import MockDouble
from lookalike.errors import UnmatchedRequest
from lookalike.messages import Request

HOST = "https://api.pay.example"
BASE = f"{HOST}/v1"


def next_of(base: str, route: tuple[str, Any], method: str, url: str, contract: Any = None) -> tuple[str, str]:
    """The next step that a miss names, and where the route was declared."""
    double = MockDouble("pay", base, contract=contract)
    declared = double.route(*route).respond()
    with pytest.raises(UnmatchedRequest) as caught:
        double.handle(Request(method, url))
    return str(caught.value).partition("\n\nNext: ")[2], declared.declared_at


@pytest.mark.parametrize(
    ("route", "method", "path", "spelled"),
    [
        (("GET", "/v1/charges"), "GET", "/charges", 'mock.get("/charges")'),
        (("GET", "/v1/charges/{id}"), "GET", "/charges/3?expand=1", 'mock.get("/charges/{id}")'),
        (("*", "/v1/charges"), "POST", "/charges", 'mock.route("*", "/charges")'),
        (("PURGE", "/v1/charges"), "PURGE", "/charges", 'mock.route("PURGE", "/charges")'),
    ],
)
def test_a_route_that_repeats_the_base(route: Any, method: str, path: str, spelled: str) -> None:
    told, place = next_of(BASE, route, method, BASE + path)
    assert told == f"paths are below {BASE}; write {spelled} at {place}."


def test_a_request_without_the_base_s_path() -> None:
    told, _ = next_of(BASE, ("GET", "/charges"), "GET", f"{HOST}/charges")
    assert told == (
        f"the mock's base URL is {BASE}, and the code asks without /v1; change the code's URL or the base URL."
    )


@pytest.mark.parametrize(
    ("base", "route", "path", "cut", "whole"),
    [
        (HOST, "/charges", "/v1/charges", "/v1", "/v1/charges"),
        (HOST, "/charges/{id}", "/api/v2/charges/7", "/api/v2", "/api/v2/charges/{id}"),
        (BASE, "/charges", "/v1/live/charges", "/live", "/live/charges"),
    ],
)
def test_a_base_that_lacks_a_part(base: str, route: str, path: str, cut: str, whole: str) -> None:
    told, place = next_of(base, ("GET", route), "GET", HOST + path)
    assert told == (
        f'where {cut} is part of the API\'s base URL, say Api(base_url="{base}{cut}"); '
        f'else write mock.get("{whole}") at {place}.'
    )


class Contract:
    """Has every operation that it is asked for."""

    name = "pay"

    def find(self, method: str, path: str) -> Any:
        return self

    def default_status(self, method: str, path: str) -> int:
        return 200

    def check_reply(self, *asked: Any) -> list[Any]:
        return []


@pytest.mark.parametrize(
    ("base", "route", "path"),
    [
        (BASE, ("GET", "/charges"), "/v1/refunds"),
        (BASE, ("POST", "/v1/charges"), "/v1/charges"),
        (HOST, ("GET", "/{anything}"), "/v1/charges"),
        (HOST, ("GET", "/charges"), "/7/charges"),
        (HOST, ("GET", "/charges"), "/a/b/c/charges"),
        (HOST, ("GET", f"{HOST}/charges"), "/v1/charges"),
        (HOST, ("GET", re.compile("/charges")), "/v1/charges"),
    ],
)
def test_other_misses_name_no_base(base: str, route: Any, path: str) -> None:
    told, _ = next_of(base, route, "GET", HOST + path)
    assert "base" not in told
    assert "below" not in told


def test_where_the_contract_has_the_operation_the_base_is_right() -> None:
    told, _ = next_of(HOST, ("GET", "/charges"), "GET", f"{HOST}/v1/charges", Contract())
    assert "base" not in told
