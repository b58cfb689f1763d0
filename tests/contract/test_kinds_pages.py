"""Pages that are turned, or cut, in another way: in answers and between contracts; and what is no such thing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from lookalike.contract.compare import compare
from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
Make = Callable[[int], Exchange]


def get(query: str, body: Any, **headers: str) -> Exchange:
    told = {"Content-Type": "application/json", **{name.replace("_", "-"): one for name, one in headers.items()}}
    return Exchange(Request("GET", f"{BASE}/rows{query}"), Response(200, told, json.dumps(body).encode()))


def rows(count: int = 5) -> list[Any]:
    return [{"id": at, "name": f"n {at}"} for at in range(count)]


def link(page: int, rel: str = "next") -> str:
    return f'<{BASE}/rows?page={page}>; rel="{rel}"'


def at(i: int, **beside: Any) -> Exchange:
    return get(f"?page={i}", {"data": rows(), **beside})


# Each way to lead on, with its style.
WAYS: dict[str, tuple[str, Make]] = {
    "header": ("link header", lambda i: get(f"?page={i}", rows(), Link=link(i + 1))),
    "number": ("page", lambda i: at(i, meta={"page": i, "pages": 99, "total": 500})),
    "url": ("link", lambda i: at(i, next=f"{BASE}/rows?page={i + 1}", count=500)),
    "token": ("cursor", lambda i: at(i, next_cursor=f"dXN{i}")),
    "flag": ("cursor", lambda i: at(i, has_more=True)),
    "offset": ("offset", lambda i: at(i, offset=i * 5, limit=5, total=500)),
    "info": ("cursor", lambda i: at(i, pageInfo={"hasNextPage": True, "endCursor": f"dXN{i}"})),
    "next page": ("page", lambda i: at(i, paging={"next_page": i + 1})),
    "page header": ("page", lambda i: get(f"?page={i}", rows(), X_Next_Page=str(i + 1))),
}
BY_HEADER, BY_NUMBER, BY_URL, BY_TOKEN = (WAYS[name][1] for name in ("header", "number", "url", "token"))
ROOTS = (BY_HEADER, WAYS["page header"][1])
OTHERS = [
    pytest.param(old, new, style, id=f"{before} to {after}")
    for (before, (was, old)), (after, (style, new)) in itertools.product(WAYS.items(), WAYS.items())
    if was != style
]


def learned(make: Make, count: int = 20, first: int = 1) -> Contract:
    return learn([make(i) for i in range(first, first + count)], base_url=BASE, day="2026-11-20")


def told(drifts: list[Drift]) -> list[str]:
    return [one.kind for one in drifts]


@pytest.mark.parametrize(("old", "new", "style"), OTHERS)
def test_another_way_to_turn_pages_is_one_finding(old: Make, new: Make, style: str) -> None:
    contract = learned(old)
    found = compare(contract, [new(i) for i in range(30, 36)])
    wrapped = ["body-wrapped"] if (old in ROOTS) is not (new in ROOTS) else []
    assert sorted(told(found)) == [*wrapped, "pagination-changed"]
    (changed,) = (one for one in found if one.kind == "pagination-changed")
    assert (changed.severity, changed.certainty, changed.detail) == (Severity.BREAKING, "likely", style)
    assert changed.now.startswith(f"{style} by ")
    assert changed.now.endswith("in all 6 answers that lead on")
    assert "in 20 answers seen" in changed.before
    again = compare(learned(old, 25), [new(i) for i in range(40, 44)])
    assert changed.fingerprint in {one.fingerprint for one in again}
    assert told(compare(contract, [old(i) for i in range(30, 36)])) == []


@pytest.mark.parametrize(("old", "new", "style"), OTHERS)
def test_evidence_shows_it_to_evidence(old: Make, new: Make, style: str) -> None:
    found = diff(learned(old), learned(new))
    wrapped = ["body-wrapped"] if (old in ROOTS) is not (new in ROOTS) else []
    assert sorted(told(found)) == [*wrapped, "pagination-changed"]
    assert {one.detail for one in found if one.kind == "pagination-changed"} == {style}
    assert diff(learned(old), learned(old, first=50)) == []


def test_a_single_answer_is_a_suspicion() -> None:
    (drift,) = compare(learned(BY_NUMBER, 1), [BY_TOKEN(9)])
    assert (drift.kind, drift.certainty) == ("pagination-changed", "suspect")
    assert Verdict.of([drift]) is Verdict.SUSPECT


# What is learned, what comes, and why it says nothing of how pages are turned.
QUIET: list[tuple[str, Make, Make]] = [
    ("a last page", BY_HEADER, lambda i: get(f"?page={i}", rows(), X_Next_Cursor="")),
    ("a last page with a null", BY_NUMBER, lambda i: at(i, next_cursor=None)),
    ("a flag that says it is the last", BY_NUMBER, lambda i: at(i, pageInfo={"hasNextPage": False, "endCursor": "x"})),
    ("an empty page", BY_HEADER, lambda i: get(f"?page={i}", [], X_Next_Cursor="x")),
    ("a second way beside the first", BY_HEADER, lambda i: get(f"?page={i}", rows(), Link=link(i), X_Next_Cursor="x")),
    ("a second way in the body", BY_URL, lambda i: at(i, next=f"{BASE}/rows?page=9", count=500, next_cursor="x")),
    ("a first page that leads back", BY_HEADER, lambda i: get(f"?page={i}", rows(), Link=link(1, "prev"))),
    ("one way that has another name", BY_TOKEN, lambda i: at(i, nextCursor=f"dXN{i}")),
    ("only that there is more", BY_TOKEN, lambda i: at(i, has_more=True)),
    ("no pages before", lambda i: get(f"?page={i}", {"data": rows()}), BY_TOKEN),
    ("no list before", lambda i: get(f"?page={i}", {"id": i, "next": "b"}), BY_TOKEN),
    ("no list now", BY_TOKEN, lambda i: get(f"?page={i}", {"id": i, "next_page": 3})),
    ("null alone was seen", lambda i: at(i, next=None), lambda i: at(i, next_page=3)),
    ("another text at the same place", lambda i: at(i, next=f"{BASE}/rows?page=9"), lambda i: at(i, next="dXN")),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in QUIET], ids=[row[0] for row in QUIET])
def test_what_is_no_other_way(old: Make, new: Make) -> None:
    assert "pagination-changed" not in told(compare(learned(old), [new(i) for i in range(30, 36)]))


def full(size: int, *, asked: int | None = None, more: bool = True) -> Make:
    query = "" if asked is None else f"&per_page={asked}"
    return lambda i: get(f"?page={i}{query}", rows(size), **({"Link": link(i + 1)} if more else {}))


def last(size: int, of: int, end: int) -> Make:
    """Pages of which the last one is short and leads nowhere."""
    return lambda i: full(of)(i) if i < end else full(size, more=False)(i)


# What is learned, what comes, and how much of a change of pages it is.
SIZES: list[tuple[str, Make, Make, int, str]] = [
    ("less than before", full(10), full(7), 4, "firm"),
    ("less than asked for", full(10, asked=10), full(7, asked=10), 4, "firm"),
    ("after a short last page", last(3, 10, 20), full(7), 4, "firm"),
    ("one page", full(10), full(7), 1, "suspect"),
    ("as many as before", full(10), full(10), 4, ""),
    ("as many as asked for", full(10, asked=10), full(7, asked=7), 4, ""),
    ("as many as nobody asked for", full(10, asked=10), full(7), 4, ""),
    ("more", full(7), full(10), 4, ""),
    ("the last one", full(10), full(7, more=False), 4, ""),
    ("mostly long ones", lambda i: full(8 + i % 3)(i), full(7), 4, "firm"),
    ("mostly long ones and a few short", lambda i: full(8 + i % 3)(i), full(7), 3, ""),
    ("pages of any length", lambda i: full(4 + i % 7)(i), lambda i: full(3 + i % 5)(i), 4, ""),
    ("one page of any length", lambda i: full(4 + i % 7)(i), full(7), 1, ""),
    ("a long one among short ones", lambda i: full(100 if i == 3 else 7)(i), full(6), 4, ""),
    ("one that is longer still", full(10), lambda i: full(10 if i % 20 == 11 else 7)(i), 4, ""),
    ("an empty one", full(10), full(0), 4, ""),
]


@pytest.mark.parametrize(
    ("old", "new", "count", "certainty"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES]
)
def test_pages_that_hold_less(old: Make, new: Make, count: int, certainty: str) -> None:
    found = [one for one in compare(learned(old), [new(i) for i in range(30, 30 + count)]) if one.detail == "size"]
    expected = [(certainty, "json[]", "size")] if certainty else []
    assert [(one.certainty, one.place, one.detail) for one in found] == expected
    if certainty == "firm":
        assert found[0].before.startswith("up to 10 items a page in 20 lists seen")
        assert found[0].now == "7 items in all 4 answers that have a further page"


@pytest.mark.parametrize(("name", "old", "new"), [row[:3] for row in SIZES], ids=[row[0] for row in SIZES])
def test_evidence_of_shorter_pages(name: str, old: Make, new: Make) -> None:
    found = [one for one in diff(learned(old), learned(new)) if one.detail == "size"]
    # What single requests asked for isn't kept, so nothing is said where any did.
    assert bool(found) is (name in ("less than before", "after a short last page", "one page"))


def test_full_pages_that_hold_less_in_evidence() -> None:
    (drift,) = diff(learned(full(10)), learned(full(7)))
    assert (drift.kind, drift.place, drift.detail) == ("pagination-changed", "json[]", "size")
    assert drift.now == "7 items at most, in 20 lists seen"
    assert told(diff(learned(full(7)), learned(full(10)))) == ["array-length-changed"]
    assert diff(learned(full(10)), learned(full(7), 2)) == []
    assert diff(learned(full(10, asked=10)), learned(full(7, asked=7))) == []
    whole = learned(full(7, more=False))
    assert [one for one in diff(learned(full(10)), whole) if one.detail == "size"] == []


@pytest.mark.parametrize(
    ("beside", "more"),
    [
        ({"total": 500}, True), ({"total": 7}, False), ({"page": 1, "total_pages": 9}, True),
        ({"page": 9, "total_pages": 9}, False), ({"has_more": True}, True), ({"has_more": False}, False),
        ({"links": {"next": {"href": "/x"}}}, True), ({"links": {"prev": "/x"}}, False),
    ],
)  # fmt: skip
def test_what_says_that_there_is_a_further_page(beside: dict[str, Any], more: bool) -> None:
    contract = learned(lambda i: get(f"?n={i}", {"data": rows(10), **beside}))
    found = compare(contract, [get(f"?n={i}", {"data": rows(7), **beside}) for i in range(30, 34)])
    assert [(one.kind, one.place) for one in found] == [("pagination-changed", "json.data[]")] * more


def document(headers: dict[str, Any], **properties: Any) -> Contract:
    schema = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"type": "array", "items": {"type": "object"}}, **properties},
    }
    answer = {"description": "", "headers": headers, "content": {"application/json": {"schema": schema}}}
    root = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/rows": {"get": {"responses": {
        "200": answer}}}}}  # fmt: skip
    return Contract(Document(root, "t.yaml"), base_url=BASE)


def test_documents_and_evidence_show_it_to_each_other() -> None:
    text: dict[str, Any] = {"type": "string"}
    numbered = document({}, page={"type": "integer"}, pages={"type": "integer"})
    headed = document({"Link": {"schema": text}})
    token = document({}, next_cursor=text)
    for old, new in ((numbered, token), (headed, token), (token, headed), (numbered, headed)):
        assert told(diff(old, new)) == ["pagination-changed"]
        assert diff(new, new) == []
    (drift,) = compare(numbered, [BY_TOKEN(i) for i in range(9)])
    assert (drift.kind, drift.certainty) == ("pagination-changed", "firm")
    assert drift.before == "page by json.page, says the document"
    assert "pagination-changed" in told(diff(numbered, learned(BY_TOKEN)))
    assert "pagination-changed" in told(diff(learned(BY_NUMBER), token))
    assert KINDS["pagination-changed"].found == ("answers", "evidence", "documents")
