"""Exchanges counted: the laws of evidence, and what is counted of each operation."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.contract.counts import MANY, NAMES_CAP, TARGETS_CAP, OperationCounts, RecordingCounts
from lookalike.contract.headers import countable, header_class
from lookalike.contract.recording import learn_exchanges
from lookalike.errors import UsageError
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test/v1"


def exchange(
    method: str,
    path: str,
    status: int = 200,
    body: Any = None,
    *,
    sent: Any = None,
    day: str = "",
    base: str = BASE,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Exchange:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sending = b"" if sent is None else json.dumps(sent).encode()
    request = Request(method, base + path, {"content-type": "application/json"} if sent is not None else {}, sending)
    return Exchange(request, Response(status, {"content-type": kind, **(headers or {})}, content), day=day)


def written(counts: RecordingCounts) -> bytes:
    return orjson.dumps(counts.to_json())


def operation(counts: RecordingCounts, name: str) -> OperationCounts:
    method, _, path = name.partition(" /")
    return counts.operations[method, tuple(path.split("/"))]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.sampled_from(["", "a", "2026-11-20", "cus_1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=4),
    max_leaves=8,
)
exchanges = st.builds(
    exchange,
    st.sampled_from(["GET", "GET", "POST", "PUT", "DELETE", "HEAD"]),
    st.sampled_from(["/a", "/a/1", "/a/2?x=1", "/a/2?x=1&x=b&y=", "/b/c", "/b/d", "/b/7/e", "/", "/k?token=secret1"]),
    st.sampled_from([200, 201, 204, 304, 400, 404, 422, 500]),
    json_values | st.just(b"<html>"),
    sent=st.none() | json_values,
    day=st.sampled_from(["", "2026-11-19", "2026-11-20"]),
    base=st.sampled_from([BASE, BASE, BASE, "https://other.test"]),
    kind=st.sampled_from(["application/json", "application/json; charset=utf-8", "text/html", ""]),
    headers=st.sampled_from([{}, {"Link": "<x>"}, {"X-Total-Count": "3", "Date": "now"}]),
)


def learned(found: list[Exchange]) -> RecordingCounts:
    return learn_exchanges(found, base_url=BASE, day="2026-11-21")


@settings(max_examples=60, deadline=None)
@given(st.lists(exchanges, max_size=14), st.lists(st.integers(0, 14), max_size=3), st.randoms(use_true_random=False))
def test_learning_in_parts_in_any_order_gives_the_same_bytes(
    found: list[Exchange], cuts: list[int], rng: random.Random
) -> None:
    whole = written(learned(found))
    shuffled = list(found)
    rng.shuffle(shuffled)
    edges = [0, *sorted(min(cut, len(shuffled)) for cut in cuts), len(shuffled)]
    parts = [learned(shuffled[start:end]) for start, end in pairwise(edges)]
    rng.shuffle(parts)
    total = RecordingCounts()
    for part in parts:
        total = total + part
    assert written(total) == whole


@settings(max_examples=30, deadline=None)
@given(*[st.lists(exchanges, max_size=5) for _ in range(3)])
def test_adding_is_associative_and_commutative_and_nothing_is_its_identity(
    one: list[Exchange], two: list[Exchange], three: list[Exchange]
) -> None:
    a, b, c = learned(one), learned(two), learned(three)
    assert written((a + b) + c) == written(a + (b + c))
    assert written(a + b) == written(b + a)
    assert written(a + RecordingCounts()) == written(a) == written(RecordingCounts() + a)


@settings(max_examples=30, deadline=None)
@given(st.lists(exchanges, max_size=8))
def test_written_then_read_is_the_same(found: list[Exchange]) -> None:
    counts = learned(found)
    data = orjson.loads(written(counts))
    assert written(RecordingCounts.from_json(data)) == written(counts)
    again = RecordingCounts.from_json(data) + RecordingCounts.from_json(data)
    assert written(again) == written(counts + counts)


def test_names_beyond_the_cap_are_counted_no_more_and_stay_so() -> None:
    many = [exchange("GET", f"/a?p{number}=1", 200, {}) for number in range(NAMES_CAP + 1)]
    total = learned(many)
    assert list(operation(total, "GET /a").accepted.query) == [MANY]
    assert written(learned(many[:100]) + learned(many[100:])) == written(total)
    assert list(operation(total + learned(many[:1]), "GET /a").accepted.query) == [MANY]


def test_an_item_and_its_collection_are_different_operations() -> None:
    counts = learned([exchange("GET", "/todos", 200, [{"id": 1}]), exchange("GET", "/todos/1", 200, {"id": 1})])
    assert sorted(counts.to_json()) == ["GET /todos", "GET /todos/{int}"]


@pytest.mark.parametrize(
    ("url", "counted"),
    [
        ("https://api.test/v1/a", True),
        ("http://api.test/v1/a", True),
        ("https://api.test:443/v1/a", True),
        ("https://api.test/v1", True),
        ("https://api.test:8443/v1/a", False),
        ("https://api.test/v2/a", False),
        ("https://api.test/v10/a", False),
        ("https://cdn.test/v1/a", False),
    ],
)
def test_only_exchanges_of_the_api_are_counted(url: str, counted: bool) -> None:
    found = Exchange(Request("GET", url), Response(200))
    assert bool(learn_exchanges([found], base_url=BASE).operations) is counted


def test_exchanges_without_a_response_and_without_meaning_are_left_out() -> None:
    found = [Exchange(Request("GET", BASE + "/a")), exchange("HEAD", "/a"), exchange("OPTIONS", "/a")]
    assert learned(found).to_json() == {}


def test_a_base_url_is_a_url() -> None:
    with pytest.raises(UsageError, match="absolute"):
        learn_exchanges([], base_url="api.test")


def test_what_is_counted_of_an_operation() -> None:
    counts = learned(
        [
            exchange("POST", "/todos?notify=true", 201, {"id": 1}, sent={"title": "x"}, day="2026-11-01"),
            exchange("POST", "/todos", 201, {"id": 2}, sent={"title": "y", "done": True}),
            exchange("POST", "/todos", 422, {"error": "title"}, sent={"done": True}),
            exchange("POST", "/todos", 415, {"error": "body"}),
            exchange("POST", "/todos", 500, b"oops", kind="text/plain"),
        ]
    )
    one = operation(counts, "POST /todos")
    assert (one.n, one.first, one.last) == (5, "2026-11-01", "2026-11-21")
    assert {status: answer.n for status, answer in one.answers.items()} == {"201": 2, "422": 1, "415": 1, "500": 1}
    assert (one.accepted.n, one.accepted.bare, one.accepted.media["application/json"].n) == (2, 0, 2)
    assert (one.refused.n, one.refused.bare, one.refused.media["application/json"].n) == (2, 1, 1)
    assert one.accepted.query["notify"].to_json() == {"n": 1, "forms": {"boolean": 1}}
    assert one.targets == ()


def test_bodies_that_are_empty_or_broken_are_told_apart() -> None:
    counts = learned([exchange("GET", "/a", 200, body) for body in (b"", b"{", {"id": 1})])
    body = operation(counts, "GET /a").answers["200"].media["application/json"]
    assert (body.n, body.empty, body.broken) == (3, 1, 1)


def test_forms_of_query_parameters() -> None:
    query = (
        "i=1&n=1.5&b=true&d=2026-11-20&t=2026-11-20T10:00:00Z&e=&w=word&r=1&r=2&u=6f1c1c6e-6b3a-4f5e-9d4c-0a1b2c3d4e5f"
    )
    found = operation(learned([exchange("GET", f"/a?{query}&a%20b=1", 200, {})]), "GET /a").accepted.query
    forms = {name: next(iter(one.forms)) for name, one in found.items()}
    assert forms == {
        "i": "integer", "n": "number", "b": "boolean", "d": "date", "t": "date-time", "e": "empty", "w": "text",
        "r": "integer", "u": "uuid",
    }  # fmt: skip
    assert found["r"].repeated == 1


def test_targets_to_ask_again_are_few_and_hold_no_secret() -> None:
    found = [exchange("GET", f"/todos/{number}?token=abc123secret&q=a%20b", 200, {}) for number in range(20)]
    found += [exchange("GET", "/todos/99", 404, {}), exchange("GET", "/todos/98?mail=jane%40example.com", 200, {})]
    one = operation(learned(found), "GET /todos/{int}")
    assert len(one.targets) == TARGETS_CAP
    assert all(target.endswith("?q=a%20b") and target.startswith("/todos/") for target in one.targets)
    assert not {"/todos/99", "/todos/98"} & set(one.targets)
    assert b"secret1" not in written(learned([exchange("GET", "/k?token=secret1", 200, {})]))


def test_a_secret_in_the_path_is_no_target() -> None:
    token = "ghp_" + "a1B2" * 9
    counts = learned([exchange("GET", f"/hooks/{token}/x", 200, {})])
    assert token.encode() not in written(counts)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Link", "contract"),
        ("X-RateLimit-Remaining", "contract"),
        ("ETag", "contract"),
        ("Retry-After", "contract"),
        ("X-Acme-Version", "contract"),
        ("Date", "volatile"),
        ("X-Request-Id", "volatile"),
        ("Set-Cookie", "volatile"),
        ("Server", "infrastructure"),
        ("CF-Cache-Status", "infrastructure"),
        ("Strict-Transport-Security", "infrastructure"),
    ],
)
def test_headers_have_classes(name: str, expected: str) -> None:
    assert header_class(name) == expected


def test_what_is_no_header_name_is_not_counted() -> None:
    assert countable("X-Total-Count") == "x-total-count"
    assert countable("no name") == countable("") == countable("*") == countable("x" * 80) == ""
