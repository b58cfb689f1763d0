"""Lines in bulk, exchanges one by one, any chunks over any processes: the same counts and the same identity."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.contract.learning import exchanges_id
from lookalike.contract.recording import learn_exchanges
from lookalike.learning import bulk
from lookalike.learning.fold import Sink, fold
from lookalike.learning.plan import chunks, learn_chunk, plan
from lookalike.learning.tally import Tally, whole
from lookalike.traffic import find, ndjson
from lookalike.traffic.opened import Limits

LIMITS = Limits()
BODIES = st.one_of(
    st.sampled_from([
        '{"id": 1, "name": "a"}', '[{"id": 1}, {"id": 2, "tag": null}]', "[]", "{", "", "<html>", " <!DOCTYPE html>",
        "text", '{"größe": "ü"}', '{"a": {"b": [1, 2.5, "x"]}}',
    ]),
    st.text(max_size=5),
)  # fmt: skip
PARTS = st.dictionaries(st.sampled_from(["content", "body", "text"]), BODIES, max_size=1) | st.sampled_from([
    {"json": {"a": 1}}, {"base64": "eyJhIjogMX0="}, {"content": None}, {"content": {"a": [1]}}, {"body": 7},
])  # fmt: skip
HEADERS = st.one_of(
    st.none(),
    st.dictionaries(
        st.sampled_from([
            "Content-Type", "content-type", "ETag", "content-length", "Content-Encoding", "transfer-encoding", "x-id",
        ]),
        st.sampled_from([
            "application/json", "application/json; charset=utf-8", "application/problem+json", "text/html", "image/png",
            "text/plain", "nothing", "2", "22", "gzip", "",
        ]) | st.sampled_from([["1", "2"], [], None, 5]),
        max_size=4,
    ),
    st.just([["content-type", "application/json"], ["Link", "<x>"]]),
)  # fmt: skip
URLS = st.sampled_from([
    "https://api.example.com/things/1", "https://api.example.com/things/2?page=1&q=a%20b", "http://api.example.com/v1/x",
    "https://api.example.com", "https://api.example.com?x=1", "https://api.example.com/a b", "https://api.example.com/#f",
    "https://API.example.com/things/9", "https://other.test:8443/users/me", "https://u:p@other.test/ä", "ftp://a/b",
    "/x",
    "https://api.example.com/v1/things/7?api_key=secret&x=1", "https://other.test/1.1/users/ab12cd34ef", "https://[::1]/x",
    7,
])  # fmt: skip
ENTRIES = st.builds(
    lambda method, url, sent, got, heads, status, more: {
        "request": {**({"method": method} if method is not None else {}), "url": url, "headers": heads[0], **sent},
        "response": {"status": status, "headers": heads[1], **got},
        **more,
    },
    st.sampled_from(["GET", "POST", "HEAD", "get", "PURGE", None, 5]), URLS, st.just({}) | PARTS, PARTS,
    st.tuples(HEADERS, HEADERS), st.sampled_from([200, 201, 204, 301, 400, 404, 422, 500, "200", 99]),
    st.sampled_from([
        {}, {"day": "2026-11-20"}, {"day": "2026-11-21"}, {"time": "2026-11-20T10:00:00Z"}, {"time": 1_795_177_800},
        {"day": "soon"}, {"day": 20}, {"elapsed": 1},
    ]),
)  # fmt: skip
LINES = st.one_of(
    ENTRIES.map(orjson.dumps), st.sampled_from([b"", b"[]", b"{", b"\xef\xbb\xbf{}", b"null", b'{"request": 1}'])
)
BASES = st.sampled_from(["", "https://api.example.com", "https://api.example.com/v1"])


def as_bytes(tally: Tally) -> bytes:
    return orjson.dumps(tally.to_json())


def one_by_one(lines: list[bytes], base_url: str) -> Tally:
    tally = Tally()
    fold(ndjson.exchanges(lines, tally.skip, LIMITS), tally, base_url=base_url)
    return tally


def in_bulk(lines: list[bytes], base_url: str) -> Tally:
    tally = Tally()
    sink = Sink(tally, base_url)
    assert bulk.feed(lines, sink, LIMITS) == len(lines)
    sink.flush()
    return tally


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(LINES, max_size=12), BASES)
def test_in_bulk_and_one_by_one_are_the_same_bytes(lines: list[bytes], base_url: str) -> None:
    assert as_bytes(in_bulk(lines, base_url)) == as_bytes(one_by_one(lines, base_url))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(ENTRIES.map(orjson.dumps), max_size=12), st.integers(1, 12), st.randoms(use_true_random=False))
def test_parts_add_up_in_any_order(lines: list[bytes], cut: int, rng: Any) -> None:
    shuffled = rng.sample(lines, len(lines))
    parts = whole([in_bulk(shuffled[:cut], ""), in_bulk(shuffled[cut:], "")])
    assert (
        as_bytes(parts)[: as_bytes(parts).index(b'"skipped"')]
        == (told := as_bytes(in_bulk(lines, "")))[: told.index(b'"skipped"')]
    )
    assert as_bytes(Tally.from_json(orjson.loads(as_bytes(parts)))) == as_bytes(parts)


def line(number: int, **more: Any) -> bytes:
    body = orjson.dumps({"id": number, "name": "thing", "tags": ["a"] * (number % 3)}).decode()
    return orjson.dumps({
        "request": {"method": "GET", "url": f"https://api.example.com/things/{number}"},
        "response": {"status": 200, "headers": {"content-type": "application/json"}, "content": body},
        "day": "2026-11-20", **more,
    })  # fmt: skip


def test_counts_and_identity_are_those_of_the_exchanges() -> None:
    lines = [line(number) for number in range(50)]
    found = list(ndjson.exchanges(lines, lambda number, why: None, LIMITS))
    host = in_bulk(lines, "").hosts["api.example.com"]
    assert host.answers.counts.to_json() == learn_exchanges(found, base_url="https://api.example.com").to_json()
    assert host.answers.identity.id == exchanges_id(found)
    assert (host.json, host.secure, host.n) == (50, True, 50)


@pytest.mark.parametrize("size", [1, 7, 100, 231, 5000, 10**9])
def test_any_chunks_are_the_same_bytes(size: int, tmp_path: Path) -> None:
    """Also where a chunk ends within a line, at its end, or has no line that begins in it."""
    lines = [line(number) for number in range(20)]
    lines[3] = b'{"request": '
    lines[11] = b""
    lines[17] = line(17, note="x" * 3000)
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"\n".join(lines) + b"\n")
    [work] = plan(find(path), chunk=size)
    assert work.chunks == max(1, -(-path.stat().st_size // size))
    tally = whole(learn_chunk(one) for one in chunks(work, chunk=size))
    tally.lines = 0
    assert as_bytes(tally) == as_bytes(one_by_one([one + b"\n" for one in lines], ""))
    [(where, why)] = tally.skipped
    assert where == 4
    assert why.startswith("not JSON at column")


def test_compressed_is_the_same_recording(tmp_path: Path) -> None:
    content = b"".join(line(number) + b"\n" for number in range(30))
    (tmp_path / "a.ndjson").write_bytes(content)
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(content))
    plain, packed = plan(find(tmp_path / "a.ndjson", tmp_path / "b.ndjson.gz"), chunk=1000)
    assert (plain.chunks > 1, packed.chunks) == (True, 1)
    one, other = (whole(learn_chunk(part) for part in chunks(work, chunk=1000)) for work in (plain, packed))
    assert one.hosts["api.example.com"].answers.identity.id == other.hosts["api.example.com"].answers.identity.id
    assert one.hosts["api.example.com"].to_json() == other.hosts["api.example.com"].to_json()


SECRETS = (
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=24)
    .filter(
        lambda secret: (
            any(map(str.isalpha, secret)) and secret.lower() not in "authorization application example things"
        )
    )
    .map(lambda secret: f"q7{secret}")
)  # no word that evidence has of its own

CARRIERS = st.sampled_from(["header", "cookie", "answer header", "query", "asked body", "answer body"])
ECHOES = st.sampled_from(["value", "key", "path", "asked", "header name"])


def carrying(secret: str, carrier: str, echo: str) -> dict[str, Any]:
    """An exchange that has a credential where one is, and again where nothing says what it is."""
    asked: dict[str, Any] = {"ref": secret if echo == "asked" else "none"}
    told: dict[str, Any] = {"ref": secret if echo == "value" else "none", **({secret: 1} if echo == "key" else {})}
    path = f"/things/{secret if echo == 'path' else 'open'}"
    heads: dict[str, str] = {"Content-Type": "application/json"}
    answer_heads = {**heads, **({f"X-{secret}": "1"} if echo == "header name" else {})}
    if carrier == "header":
        heads["Authorization"] = f"Bearer {secret}"
    elif carrier == "cookie":
        heads["Cookie"] = f"session_id={secret}"
    elif carrier == "answer header":
        answer_heads["X-Csrf-Token"] = secret
    elif carrier == "query":
        path += f"?api_key={secret}"
    else:
        (asked if carrier == "asked body" else told)["client_secret"] = secret
    return {
        "request": {
            "method": "POST", "url": f"https://api.example.com{path}", "headers": heads,
            "content": orjson.dumps(asked).decode(),
        },
        "response": {"status": 200, "headers": answer_heads, "content": orjson.dumps(told).decode()},
    }  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(SECRETS, CARRIERS, ECHOES)
def test_a_credential_that_is_repeated_reaches_no_counts(secret: str, carrier: str, echo: str) -> None:
    lines = [orjson.dumps(carrying(secret, carrier, echo))] * 3
    counted = as_bytes(in_bulk(lines, ""))
    assert secret.lower() not in counted.decode().lower()
    assert counted == as_bytes(one_by_one(lines, ""))
