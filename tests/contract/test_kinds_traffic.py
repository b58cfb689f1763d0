"""Kinds that headers, statuses, orders and refusals show, in answers and in evidence: a pair, and a near miss."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from lookalike.contract.compare import compare
from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.counts import RecordingCounts
from lookalike.contract.drift import Drift
from lookalike.contract.key_order import ANY, either, order_of, read_order
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.contract.sorting import NO_LIST, UNSORTED, Sorting
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
INFO, RISKY, BREAKING = Severity.INFO, Severity.RISKY, Severity.BREAKING
Make = Callable[[int], Exchange]


def get(
    path: str, body: Any, status: int = 200, kind: str = "application/json", version: str = "1.1", **headers: str
) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps(body).encode()
    response = Response(status, {"Content-Type": kind, **named}, content, http_version=version)
    return Exchange(Request("GET", BASE + path), response)


def learned(make: Make, count: int = 40, first: int = 1) -> Contract:
    found = [make(i) for i in range(first, first + count)]
    return learn(found, base_url=BASE, name="things", day="2026-11-20")


class Pair(NamedTuple):
    """What is learned, what shows the kind, what nearly does; and where and how severe it is told."""

    kind: str
    old: Make
    new: Make
    near: Make
    place: str
    severity: Severity


def thing(i: int, **more: Any) -> Exchange:
    return get(f"/things/{i}", {"id": i}, **more)


def rows(i: int, *ids: int) -> Exchange:
    return get(f"/rows?page={i}", [{"id": one, "size": (one * 7) % 5} for one in ids])


def missing(i: int, status: int, code: str) -> Exchange:
    return get(f"/things/{i}", {"code": code}, status) if i % 2 else thing(i)


KIND = "header Content-Type"
PAIRS = [
    Pair(
        "charset-changed",
        lambda i: thing(i, kind="application/json; charset=utf-8"),
        lambda i: thing(i, kind="application/json; charset=latin1"),
        lambda i: thing(i, kind="application/json"),
        KIND,
        INFO,
    ),
    Pair(
        "header-type-changed",
        lambda i: thing(i, X_Pages=str(i)),
        lambda i: thing(i, X_Pages=f"{i} of 9"),
        lambda i: thing(i, X_Pages="777"),
        "header X-Pages",
        RISKY,
    ),
    Pair("header-changed", thing, lambda i: thing(i, Via="1.1 x"), lambda i: thing(i, Date="x"), "header Via", INFO),
    Pair(
        "header-changed", lambda i: thing(i, Server="x"), thing, lambda i: thing(i, Server="y"), "header Server", INFO
    ),
    Pair(
        "api-version-moved",
        lambda i: thing(i, X_Api_Version="2026-01-15"),
        lambda i: thing(i, X_Api_Version="2026-02-01"),
        lambda i: thing(i, X_Api_Version="2026-01-15"),
        "header X-Api-Version",
        RISKY,
    ),
    Pair(
        "rate-limit-changed",
        lambda i: thing(i, X_RateLimit_Limit="5000"),
        lambda i: thing(i, X_RateLimit_Limit="60"),
        lambda i: thing(i, X_RateLimit_Limit="5000"),
        "header X-RateLimit-Limit",
        INFO,
    ),
    Pair(
        "connection-changed",
        thing,
        lambda i: thing(i, version="1.0"),
        lambda i: thing(i, version="2"),
        "connection",
        INFO,
    ),
    Pair(
        "order-changed",
        lambda i: rows(i, i + 3, i + 2, i + 1),
        lambda i: rows(i, i + 1, i + 3, i + 2),
        lambda i: rows(i, 9, 5, 1),
        "json[].id",
        INFO,
    ),
    Pair(
        "order-changed",
        lambda i: get(f"/things/{i}", {"id": i, "name": "a b"}),
        lambda i: get(f"/things/{i}", {"name": "a b", "id": i}),
        lambda i: get(f"/things/{i}", {"id": i, "name": "c d"}),
        "json",
        INFO,
    ),
    Pair(
        "order-changed",
        lambda i: get(f"/rows?page={i}", [{"id": i, "name": "a b"}]),
        lambda i: get(f"/rows?page={i}", [{"name": "a b", "id": i}]),
        lambda i: get(f"/rows?page={i}", [{"id": i, "name": "c d"}]),
        "json[]",
        INFO,
    ),
]
NAMES = [f"{at} {pair.kind}" for at, pair in enumerate(PAIRS)]


def told(drifts: list[Drift]) -> list[tuple[str, str, Severity]]:
    return [(one.kind, one.place, one.severity) for one in drifts]


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_answers_show_it_and_a_near_miss_does_not(pair: Pair) -> None:
    contract = learned(pair.old)
    assert told(compare(contract, [pair.near(i) for i in range(50, 60)])) == []
    found = compare(contract, [pair.new(i) for i in range(50, 60)])
    assert told(found) == [(pair.kind, pair.place, pair.severity)]
    assert "answers" in KINDS[pair.kind].found
    assert (Verdict.of(found) is Verdict.OK) is (pair.severity is INFO)
    assert Verdict.of(compare(learned(pair.old, 1), [pair.new(2)])) is not Verdict.DRIFT


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_evidence_shows_it_to_evidence(pair: Pair) -> None:
    assert told(diff(learned(pair.old), learned(pair.near))) == []
    assert told(diff(learned(pair.old), learned(pair.new))) == [(pair.kind, pair.place, pair.severity)]


def test_a_known_cause_with_another_status_is_a_changed_error_status() -> None:
    contract = learned(lambda i: missing(i, 404, "not_found"))
    found = compare(contract, [missing(i, 410, "not_found") for i in range(51, 61)])
    assert [(one.kind, one.severity, one.detail) for one in found] == [("error-status-changed", RISKY, "404 410")]
    found = compare(contract, [missing(i, 409, "conflict") for i in range(51, 61)])
    assert [(one.kind, one.severity, one.detail) for one in found] == [("error-status-added", INFO, "409")]
    assert compare(contract, [missing(i, 404, "not_found") for i in range(51, 61)]) == []


def asked(query: str = "?state=open", status: int = 200, body: Any = None) -> Exchange:
    return get(f"/things{query}", body if body is not None else [{"id": 1}], status)


def sent(content: Any, status: int = 201, body: Any = None, kind: str = "application/json") -> Exchange:
    request = Request("POST", BASE + "/things", {"Content-Type": kind}, json.dumps(content).encode())
    return Exchange(request, Response(status, {"Content-Type": "application/json"}, json.dumps(body or {}).encode()))


def because(field: str, message: str) -> dict[str, Any]:
    return {"errors": [{"field": field, "message": message}]}


def document() -> Contract:
    answer = {"description": "", "content": {"application/json": {"schema": {}}}}
    refusal = {"400": answer, "405": answer, "415": answer, "422": answer}
    parameters = [
        {"name": "state", "in": "query", "required": False, "schema": {"type": "string", "enum": ["open", "closed"]}},
        {"name": "since", "in": "query", "required": True, "schema": {"type": "string"}},
        {"name": "label", "in": "query", "schema": {"type": "string"}},
    ]
    body = {"type": "object", "required": ["title"], "properties": {"title": {}, "note": {}}}
    things = {
        "get": {"parameters": parameters, "responses": {"200": answer, **refusal}},
        "post": {
            "requestBody": {"content": {"application/json": {"schema": body}}},
            "responses": {"201": answer, **refusal},
        },
    }
    root = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/things": things}}
    return Contract(Document(root, "t.yaml"), base_url=BASE)


GOOD = {"title": "x", "note": None}
REFUSALS = [
    ("request-requires-more", asked(status=422, body=because("owner", "is required")), "query owner"),
    ("request-requires-more", sent(GOOD, 422, because("owner", "is missing")), "request json.owner"),
    ("request-became-required", asked(status=400, body=because("label", "is required")), "query label"),
    ("request-enum-value-gone", asked(status=422, body=because("state", "is invalid")), "query state"),
    ("request-became-enum", sent(GOOD, 422, because("title", "must be one of a, b")), "request json.title"),
    ("request-limit-tightened", sent(GOOD, 422, because("title", "is too long")), "request json.title"),
    ("request-type-narrowed", sent(GOOD, 422, because("title", "must be an integer")), "request json.title"),
    ("request-null-refused", sent(GOOD, 422, because("note", "is invalid")), "request json.note"),
    ("request-part-removed", sent(GOOD, 422, because("title", "unknown field")), "request json.title"),
    ("request-media-type-removed", sent(GOOD, 415, {"message": "no"}), "body application/json"),
    ("operation-removed", asked(status=405, body={"message": "no"}), "path"),
]


@pytest.mark.parametrize(("kind", "answer", "place"), REFUSALS, ids=[f"{row[0]} {row[2]}" for row in REFUSALS])
def test_a_refusal_of_what_was_good_says_what_is_to_blame(kind: str, answer: Exchange, place: str) -> None:
    target = answer.request.url.removeprefix(BASE)
    (drift,) = compare(document(), [answer], known_good=[target])
    assert (drift.kind, drift.place) == (kind, place)
    assert drift.severity is BREAKING or kind == "request-limit-tightened"
    assert compare(document(), [answer], known_good=[]) == [] or answer.request.method == "POST"


def test_a_refusal_that_names_nothing_is_told_as_one() -> None:
    (drift,) = compare(document(), [asked(status=422, body={"message": "no"})], known_good=["/things?state=open"])
    assert drift.kind == "success-gone"


def test_what_is_taken_without_what_was_required() -> None:
    found = compare(document(), [asked("?state=open")])
    assert told(found) == [("request-laxer", "query since", INFO)]
    assert compare(document(), [asked("?since=1")]) == []
    found = compare(document(), [sent({"note": "x"})])
    assert told(found) == [("request-laxer", "request json.title", INFO)]
    assert compare(document(), [sent({"title": "x"})]) == []


def test_a_learned_contract_demands_what_refusals_named() -> None:
    taught = [sent({"title": "x", "note": "y"}) for _ in range(9)]
    contract = learn(
        [*taught, sent({"note": "y"}, 422, because("title", "is missing"))], base_url=BASE, day="2026-11-20"
    )
    assert told(compare(contract, [sent({"note": "y"})])) == [("request-laxer", "request json.title", INFO)]
    assert compare(contract, [sent({"title": "y"})]) == []


def test_sortings_add_up_and_the_unsorted_absorbs() -> None:
    both = Sorting(3, ("json[].id +", "json[].size -"))
    assert both + Sorting(2, ("json[].id +",)) == Sorting(5, ("json[].id +",))
    assert both + NO_LIST == NO_LIST + both == both
    assert both + UNSORTED == UNSORTED + both == UNSORTED == both + Sorting(1, ("json[].other +",))
    assert [Sorting.from_json(one.to_json()) for one in (both, NO_LIST, UNSORTED)] == [both, NO_LIST, UNSORTED]
    with pytest.raises(TypeError, match="no keys"):
        Sorting.from_json({"lists": 1, "by": []})


def named(i: int, *keys: str) -> Exchange:
    return get(f"/things/{i}", dict.fromkeys(keys, "a b"))


# What was learned, what comes, and why the order of its keys says nothing.
KEYS: list[tuple[str, Make, Make]] = [
    ("a key that comes and goes", lambda i: named(i, "a", "b", *"c" * (i % 2)), lambda i: named(i, "b", "a")),
    ("both orders", lambda i: named(i, *["ab", "ba"][i % 2]), lambda i: named(i, "b", "a")),
    ("keys that are data", lambda i: named(i, "me@x.test", "b"), lambda i: named(i, "b", "me@x.test")),
    ("too few", lambda i: named(i % 3, "a"), lambda i: named(i, "a")),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_an_order_of_keys_that_says_nothing(old: Make, new: Make) -> None:
    contract = learned(old)
    assert "order-changed" not in {one.kind for one in compare(contract, [new(i) for i in range(50, 60)])}
    assert "order-changed" not in {one.kind for one in diff(contract, learned(new))}


def test_orders_of_keys_add_up_and_several_absorb() -> None:
    one, other = order_of({"a": 1, "b": 2}), order_of([{"b": 1, "a": 2}])
    assert len({one, other, ""}) == 3
    assert [either(one, right) for right in ("", one, other, ANY)] == [one, one, ANY, ANY]
    assert [either(left, one) for left in ("", one, other, ANY)] == [one, one, ANY, ANY]
    assert (either(ANY, ""), either("", "")) == (ANY, "")
    assert order_of({"me@x.test": 1, "b": 2}) == ANY
    assert order_of({"a": 1}) == order_of([]) == order_of("a") == ""
    assert [read_order(one) for one in (None, one, ANY)] == ["", one, ANY]
    with pytest.raises(TypeError, match="no order of keys"):
        read_order("a, b")


def test_an_order_that_was_asked_for_says_nothing() -> None:
    contract = learned(lambda i: get(f"/rows?sort=x&page={i}", [{"id": 1}, {"id": 2}, {"id": 3}]))
    assert compare(contract, [get(f"/rows?page={i}", [{"id": 3}, {"id": 1}, {"id": 2}]) for i in range(50, 60)]) == []


def test_evidence_from_before_says_nothing_of_headers() -> None:
    contract = learned(lambda i: thing(i, X_Api_Version="2026-01-15"))
    assert contract.evidence is not None
    (recording,) = contract.evidence.recordings.values()
    written = recording.counts.to_json()
    for counts in written.values():
        for answer in counts["answers"].values():
            assert answer.pop("words") == {"x-api-version": {"2026-01-15": 40}}
    (operation,) = RecordingCounts.from_json(written).operations.values()
    assert operation.answers["200"].words == {}
