"""What only some values of some answers contradict: how much must have been seen before that is drift."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.contract.compare import compare
from lookalike.contract.compare_asked import names_credentials
from lookalike.contract.learning import learn
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response
from lookalike.shape.policy import judge

BASE = "https://api.test"


def page(number: int, items: Any) -> Exchange:
    body = json.dumps(items).encode()
    return Exchange(
        Request("GET", f"{BASE}/things?page={number}"), Response(200, {"Content-Type": "application/json"}, body)
    )


def held(known: list[Any], fresh: list[Any]) -> Verdict:
    contract = learn([page(at, items) for at, items in enumerate(known)], base_url=BASE)
    return Verdict.of(compare(contract, [page(100 + at, items) for at, items in enumerate(fresh)]))


FULL: dict[str, Any] = {"id": 1, "note": "a"}
NULL: dict[str, Any] = {"id": 1, "note": None}
LESS: dict[str, Any] = {"id": 1}


@pytest.mark.parametrize("odd", [NULL, LESS], ids=["null", "missing"])
def test_a_part_that_comes_and_goes_on_pages_is_no_drift_after_a_few_of_them(odd: Any) -> None:
    some = [[FULL] * 7 + [odd]] * 3 + [[FULL] * 8] * 2
    assert held([[FULL] * 8], some) is not Verdict.DRIFT
    assert held([[FULL] * 8] * 3, some) is not Verdict.DRIFT
    assert held([[FULL] * 8], [[FULL] * 7 + [odd]] * 5) is Verdict.SUSPECT
    # Its twin: many such pages were seen, and not one had it.
    assert held([[FULL] * 8] * 40, some) is Verdict.DRIFT


@pytest.mark.parametrize(("odd", "verdict"), [(NULL, Verdict.DRIFT), (LESS, Verdict.DRIFT)])
def test_a_part_that_is_gone_from_all_of_them_is(odd: Any, verdict: Verdict) -> None:
    assert held([[FULL] * 8], [[odd] * 8] * 5) is verdict


def test_some_answers_against_what_is_only_assumed_are_suspect_at_most() -> None:
    assert judge(4, 5, 4, "not_null", grade="assumed") == "suspect"
    assert judge(4, 5, 4, "not_null", grade="likely") == "drift"
    assert judge(5, 5, 4, "not_null", grade="assumed") == "drift"
    assert judge(5, 5, 4, "not_null", grade="assumed", partly=True) == "suspect"
    # Keys, types and statuses don't merely vary.
    assert judge(4, 5, 4, "present", grade="assumed") == "drift"


def test_an_object_of_a_variant_never_seen_lacks_nothing() -> None:
    card = {"payment": {"type": "card", "brand": "visa", "year": 2030}}
    bank = {"payment": {"type": "bank", "country": "DE"}}
    assert held([card], [bank] * 5) is not Verdict.DRIFT
    # Its twins: no new tag, and no key of its own.
    assert held([card], [{"payment": {"type": "card", "country": "DE"}}] * 5) is Verdict.DRIFT
    assert held([card], [{"payment": {"type": "bank"}}] * 5) is Verdict.DRIFT
    # One key that is missing may be gone all the same, as long as the object is no item of many.
    assert held([card], [{"payment": {"type": "bank", "country": "DE", "year": 2030}}] * 5) is Verdict.DRIFT


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("x-oauth-scopes", True),
        ("x-token-expiration", True),
        ("access-control-allow-credentials", False),
        ("etag", False),
    ],
)
def test_which_headers_of_answers_speak_of_who_asked(header: str, told: bool) -> None:
    assert names_credentials(header) is told
