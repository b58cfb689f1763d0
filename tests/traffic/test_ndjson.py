"""NDJSON of exchanges: what is read, what is left out and why, and that what is written is read back."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike import traffic
from lookalike.messages import Exchange, Request, Response
from lookalike.traffic import ndjson
from lookalike.traffic.opened import Limits

LIMITS = Limits()
URL = "https://api.example.com/things"


def read(*lines: bytes, limits: Limits = LIMITS) -> tuple[list[Exchange], list[str]]:
    skipped: list[str] = []
    found = list(ndjson.exchanges(lines, lambda number, why: skipped.append(f"{number}: {why}"), limits))
    return found, skipped


def one(response: dict[str, Any], **request: Any) -> Exchange:
    found, skipped = read(
        orjson.dumps({"request": {"url": URL, **request}, "response": {"status": 200, **response}, "day": "2026-11-20"})
    )
    assert skipped == []
    return found[0]


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"content": '{"a": 1}'}, b'{"a": 1}'),
        ({"body": "text"}, b"text"),
        ({"text": "täxt"}, "täxt".encode()),
        ({"json": {"a": [1, None]}}, b'{"a":[1,null]}'),
        ({"json": None}, b"null"),
        ({"body": {"a": 1}}, b'{"a":1}'),
        ({"base64": "AAH/"}, b"\x00\x01\xff"),
        ({"content": {"text": "AAH/", "encoding": "base64", "mimeType": "x/y"}}, b"\x00\x01\xff"),
        ({"content": {"text": "plain", "mimeType": "text/plain", "size": 5}}, b"plain"),
        ({}, b""),
    ],
)
def test_a_body_in_each_of_its_forms(body: dict[str, Any], content: bytes) -> None:
    assert one(body).response == Response(200, (), content)
    assert one({}, **body).request.content == content


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1", "X-B": ["2", "3"]},
        [["X-A", "1"], ["X-B", "2"], ["X-B", "3"]],
        [{"name": "X-A", "value": "1"}, {"name": "X-B", "value": "2"}, {"name": "X-B", "value": "3"}],
        [["X-A", 1], ["X-B", 2], ["X-B", 3], ["X-C", None]],
    ],
)
def test_headers_in_each_of_their_forms(headers: Any) -> None:
    found = one({"headers": headers}).response
    assert found is not None
    assert found.headers.pairs == (("X-A", "1"), ("X-B", "2"), ("X-B", "3"))


def test_headers_of_a_coding_that_is_undone_are_gone() -> None:
    codings = {"content-encoding": "gzip", "content-length": "40", "x": "1"}
    kept = one({"headers": codings, "content": "{}"}).response
    assert kept is not None
    assert dict(kept.headers) == {"x": "1"}
    raw = one({"headers": codings, "base64": "AAH/"}).response
    assert raw is not None
    assert dict(raw.headers) == codings
    length = one({"headers": {"Content-Length": "2", "Transfer-Encoding": "chunked"}, "content": "{}"}).response
    assert length is not None
    assert dict(length.headers) == {"Content-Length": "2"}


@pytest.mark.parametrize(
    ("entry", "day"),
    [
        ({"day": "2026-11-20"}, "2026-11-20"),
        ({"time": "2026-11-20T12:30:00Z"}, "2026-11-20"),
        ({"time": 1_795_177_800}, "2026-11-20"),
        ({"time": "yesterday"}, ""),
        ({"time": -5}, ""),
        ({}, ""),
    ],
)
def test_the_day(entry: dict[str, Any], day: str) -> None:
    found, _ = read(orjson.dumps({"request": {"url": URL}, "response": {"status_code": 204}, "elapsed": 0.5, **entry}))
    assert (found[0].day, found[0].elapsed) == (day, 0.5)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"[1]", "no object"),
        (b'{"request": 1, "response": {}}', "no object under 'request'"),
        (b'{"response": {}}', "no 'request'"),
        (b'{"request": {}, "response": {}}', "no request.url"),
        (b'{"request": {"url": "https://a.test/"}, "response": {}}', "no response.status"),
        (b'{"request": {"url": "/a"}, "response": {"status": 200}}', "no absolute URL"),
        (b'{"request": {"url": "ftp://a.test/"}, "response": {"status": 200}}', "absolute http"),
        (b'{"request": {"url": "https://a.test/"}, "response": {"status": "200"}}', "no status"),
        (b'{"request": {"url": "https://a.test/", "method": 7}, "response": {"status": 200}}', "no method"),
        (b'{"request": {"url": "https://a.test/"}, "response": {"status": 200, "base64": "?"}}', "no base64"),
        (b'{"request": {"url": "https://a.test/"}, "response": {"status": 200, "headers": [1]}}', "no names"),
        (b'{"request": {"url": "https://a', "cut off"),
        (b'{"request": nul}\n', "not JSON at column"),
    ],
)
def test_a_line_that_is_no_exchange_is_left_out(line: bytes, why: str) -> None:
    good = b'{"request": {"url": "https://a.test/"}, "response": {"status": 200}}\n'
    found, skipped = read(good, b"\n", line, good)
    assert len(found) == 2
    assert len(skipped) == 1
    assert skipped[0].startswith("3: ")
    assert why in skipped[0]


def test_limits(tmp_path: Path) -> None:
    good = b'{"request": {"url": "https://a.test/"}, "response": {"status": 200, "content": "%b"}}\n'
    path = tmp_path / "session.ndjson"
    path.write_bytes(good % b"" + good % (b"x" * 5000) + good % b"y" + good % (b"z" * 150))
    limits = Limits(entry=1000, body=100)
    skipped: list[str] = []
    found = list(traffic.read(path, skipped=lambda one: skipped.append(str(one)), limits=limits))
    assert [one.response.content for one in found if one.response] == [b"", b"y"]
    assert "longer than 1,000 bytes" in skipped[0]
    assert "body is longer than 100 bytes" in skipped[-1]


def test_a_file_is_recognised_plain_and_compressed_and_with_a_mark(tmp_path: Path) -> None:
    line = b'{"request": {"url": "https://a.test/", "headers": {}}, "response": {"status": 200}}\n'
    (tmp_path / "a.log").write_bytes(b"\xef\xbb\xbf" + line * 2)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line * 3))
    (tmp_path / "c.ndjson").write_bytes(line[:-2] + b', "x": "' + b"y" * 100_000 + b'"}\n')
    assert len(list(traffic.read(tmp_path))) == 6
    assert not ndjson.recognises("x.json", b'{"request": {"url": "/a"}, "response": {"status": 200}}')  # WireMock's
    assert not ndjson.recognises("x.json", b'{"log": {"request": 1}}')
    assert not ndjson.recognises("x.json", b"text")
    assert not ndjson.recognises("x.ndjson", b'{"request": {"url": "https://')


PAIRS = st.lists(st.tuples(st.sampled_from(["a", "B", "content-length", "content-encoding"]), st.text(max_size=3)))
MESSAGES = st.builds(
    lambda method, path, sent, pairs, status, got, more, day, elapsed: Exchange(
        Request(method, f"https://a.test/{path}", pairs, sent), Response(status, more, got), day=day, elapsed=elapsed
    ),
    st.sampled_from(["GET", "POST"]), st.sampled_from(["", "x?y=1"]), st.binary(max_size=9), PAIRS,
    st.integers(100, 599), st.one_of(st.binary(max_size=9), st.just(b'{"a": 1}')), PAIRS,
    st.sampled_from(["", "2026-11-20"]), st.sampled_from([0.0, 0.25]),
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=4))
def test_what_is_written_is_read_back(found: list[Exchange]) -> None:
    again, skipped = read(*map(ndjson.line, found))
    assert skipped == []
    assert again == found


def test_a_file_is_written_redacted(tmp_path: Path) -> None:
    secret = Exchange(
        Request("GET", URL, {"Authorization": "Bearer sk_live_abcdefghijklmnop"}),
        Response(200, {"content-type": "application/json"}, chunks=lambda: [b'{"a"', b": 1}"]),
    )
    unanswered = Exchange(Request("GET", URL))
    assert ndjson.write(tmp_path / "out.ndjson", [secret, unanswered]) == 1
    assert b"sk_live" not in (tmp_path / "out.ndjson").read_bytes()
    assert [one.response.json() for one in traffic.read(tmp_path / "out.ndjson") if one.response] == [{"a": 1}]


def test_nothing_is_left_of_a_file_that_fails(tmp_path: Path) -> None:
    def failing() -> Any:
        yield Exchange(Request("GET", URL), Response(200))
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        ndjson.write(tmp_path / "out.ndjson", failing())
    assert list(tmp_path.iterdir()) == []
