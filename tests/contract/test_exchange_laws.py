"""The laws of evidence on whole exchanges: any parts, order and process give the same bytes; what is never kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import reduce
from random import Random
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.accuracy.service import recordings

from lookalike.contract.counts import RecordingCounts
from lookalike.contract.files import evidence_bytes
from lookalike.contract.learning import exchanges_id, learn
from lookalike.contract.ledger import Ledger, Recording
from lookalike.contract.recording import learn_exchanges
from lookalike.messages import Exchange, Request, Response
from lookalike.shape.words import looks_like_identifier

BASE = "https://api.test"
JSON = "application/json"

words = st.sampled_from(["open", "closed", "2026-11-20", "evt_1a2b3c4d5e", "a b c", "", "x" * 50, "ä", "text/html"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "name", "data", "7", "EUR", "a.txt", "next"]), inner, max_size=5
        )
    ),
    max_leaves=10,
)
refusals = st.sampled_from([
    {"errors": [{"field": "name", "code": "missing_field"}]}, {"errors": [{"field": "type", "reason": "bad"}]}, {},
])  # fmt: skip
paths = st.sampled_from([
    "/", "/users/7", "/users/8", "/users/me", "/users/ada", "/users/bob", "/v1beta/things", "/v1beta/things/x-1-y",
    "/days/2026-11-20", "/files/a.json", "/orgs/<ORG>/members",
])  # fmt: skip
queries = st.sampled_from(["", "?page=1", "?page=2&per_page=5", "?q=%C3%A4&q=b", "?token=hunter2hunter2", "?after="])
headers = st.dictionaries(
    st.sampled_from(
        ["Link", "X-Total-Count", "ETag", "Set-Cookie", "X-Request-Id", "Server", "X-Api-Version", "bad name"]
    ),
    st.sampled_from(["a", "b", "7", "2026-01-15"]), max_size=4,
)  # fmt: skip


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    method = draw(st.sampled_from(["GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]))
    sent = draw(st.none() | values) if method in ("POST", "PUT", "PATCH") else None
    status = draw(st.sampled_from([200, 200, 200, 201, 204, 301, 400, 404, 422, 500]))
    answered = draw(refusals if status in (400, 422) else values)
    body = draw(st.sampled_from([orjson.dumps(answered), orjson.dumps(answered), b"", b"{broken", b"<html>"]))
    kind = draw(st.sampled_from([JSON, JSON, "application/problem+json; charset=utf-8", "text/html", ""]))
    request = Request(
        method, BASE + draw(paths) + draw(queries), {"Content-Type": JSON} if sent is not None else {},
        b"" if sent is None else orjson.dumps(sent),
    )  # fmt: skip
    day = draw(st.sampled_from(["", "2026-11-19", "2026-11-20"]))
    return Exchange(request, Response(status, {"Content-Type": kind, **draw(headers)}, body), day=day)


def counted(found: list[Exchange]) -> RecordingCounts:
    return learn_exchanges(found, base_url=BASE, day="2026-11-21")


def written(counts: RecordingCounts) -> bytes:
    return orjson.dumps(counts.to_json())


@settings(max_examples=120, deadline=None)
@given(st.lists(exchanges(), max_size=12), st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_parts_in_any_order_give_the_same_bytes(found: list[Exchange], rng: Random, parts: int) -> None:
    whole = written(counted(found))
    shuffled = rng.sample(found, len(found))
    chunks = [counted(shuffled[at::parts]) for at in range(parts)]
    rng.shuffle(chunks)
    assert written(reduce(RecordingCounts.__add__, chunks, RecordingCounts())) == whole
    assert written(reduce(lambda one, other: other + one, chunks)) == whole
    again = [RecordingCounts.from_json(orjson.loads(written(one))) for one in chunks]
    assert written(reduce(RecordingCounts.__add__, again)) == whole


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(exchanges(), min_size=1, max_size=4), max_size=4), st.randoms(use_true_random=False))
def test_evidence_merges_in_any_order_and_twice(shards: list[list[Exchange]], rng: Random) -> None:
    ledgers = [
        Ledger({exchanges_id(shard): Recording.of(counted(shard), "2026-11-21", [f"shard{at % 2}.har"])}, base_url=BASE)
        for at, shard in enumerate(shards)
    ]
    empty = Ledger(base_url=BASE)
    whole = evidence_bytes(reduce(Ledger.merge, ledgers, empty))
    twice = [*ledgers, *ledgers]
    rng.shuffle(twice)
    assert evidence_bytes(reduce(Ledger.merge, twice, empty)) == whole


def texts(node: Any) -> set[str]:
    """All texts in JSON, keys too."""
    if isinstance(node, dict):
        return set(node) | {text for one in node.values() for text in texts(one)}
    if isinstance(node, list):
        return {text for one in node for text in texts(one)}
    return {node} if isinstance(node, str) else set()


prose = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(st.lists(prose, min_size=1, max_size=6), st.sampled_from(["note", "label", "state", "owner"]))
def test_values_are_kept_only_where_they_look_like_identifiers(said: list[str], key: str) -> None:
    found = [
        Exchange(Request("GET", f"{BASE}/things/{at}"), Response(200, json={key: text, "items": [{key: text}]}))
        for at, text in enumerate(said)
    ]
    kept = texts(counted(found).to_json()) & set(said)
    known = texts(counted([Exchange(one.request, Response(200, json={key: 1})) for one in found]).to_json())
    assert all(looks_like_identifier(text) for text in kept - known)
    assert not kept - known or key != "owner"


@settings(max_examples=40, deadline=None)
@given(st.integers(65, 120), st.integers(0, 1000))
def test_values_that_do_not_repeat_are_not_kept(count: int, seed: int) -> None:
    names = [f"state{at}" for at in range(count)]
    Random(seed).shuffle(names)
    found = [
        Exchange(Request("GET", f"{BASE}/things/{at}"), Response(200, json={"state": name}))
        for at, name in enumerate(names)
    ]
    assert not texts(counted(found).to_json()) & set(names)


_CHILD = """
import sys, orjson
from random import Random
from lookalike.contract.recording import learn_exchanges
from tests.accuracy.service import BASE, recordings
found = recordings(5, count=6)
Random(sys.argv[1]).shuffle(found)
part, parts = int(sys.argv[2]), int(sys.argv[3])
mine = sorted(recordings(5, count=6), key=lambda one: (one.request.url, one.request.content, one.response.content))
keys = [(one.request.url, one.request.content, one.response.content) for one in mine][part::parts]
left = list(keys)
taken = []
for one in found:
    key = (one.request.url, one.request.content, one.response.content)
    if key in left:
        left.remove(key)
        taken.append(one)
sys.stdout.buffer.write(orjson.dumps(learn_exchanges(taken, base_url=BASE).to_json()))
"""


def test_processes_with_other_hash_seeds_add_up_to_the_same_bytes() -> None:
    base = "https://api.shop.test"
    whole = written(learn_exchanges(recordings(5, count=6), base_url=base))
    parts = []
    for part in range(3):
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, f"order{part}", str(part), "3"], capture_output=True, check=True, timeout=60,
            env={**os.environ, "PYTHONHASHSEED": str(17 * part), "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        parts.append(RecordingCounts.from_json(json.loads(done.stdout)))
    assert written(parts[2] + parts[0] + parts[1]) == whole


def test_the_document_is_the_same_whatever_the_order() -> None:
    found = recordings(6, count=5)
    forth = learn(found, base_url="https://api.shop.test")
    back = learn(reversed(found), base_url="https://api.shop.test")
    assert forth.document.root == back.document.root
    assert evidence_bytes(forth.evidence or Ledger()) == evidence_bytes(back.evidence or Ledger())
