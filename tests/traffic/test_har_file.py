"""The HAR that is written: valid, redacted, the same bytes each time, whole or not there."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import FileError
from lookalike.messages import Exchange, Fault, Request, Response, has_no_body
from lookalike.secrets import redact
from lookalike.traffic import Skipped, read
from lookalike.traffic.har_file import HarWriter, entry, write

NAMED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}
# What the page of HAR 1.2 says must be there (http://www.softwareishard.com/blog/har-12-spec/), in our words.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["log"],
    "properties": {"log": {
        "type": "object",
        "required": ["version", "creator", "entries"],
        "properties": {
            "version": {"const": "1.2"},
            "creator": {
                "type": "object", "required": ["name", "version"],
                "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
            },
            "entries": {"type": "array", "items": {
                "type": "object",
                "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
                "properties": {
                    "startedDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
                    "time": {"type": "number", "minimum": 0},
                    "cache": {"type": "object"},
                    "request": {
                        "type": "object",
                        "required": [
                            "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize",
                            "bodySize",
                        ],
                        "properties": {
                            "method": {"type": "string"}, "url": {"type": "string"}, "httpVersion": {"type": "string"},
                            "cookies": NAMED, "headers": NAMED, "queryString": NAMED,
                            "headersSize": {"type": "integer", "minimum": -1},
                            "bodySize": {"type": "integer", "minimum": -1},
                            "postData": {
                                "type": "object", "required": ["mimeType", "text"],
                                "properties": {"mimeType": {"type": "string"}, "text": {"type": "string"}},
                            },
                        },
                    },
                    "response": {
                        "type": "object",
                        "required": [
                            "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL",
                            "headersSize", "bodySize",
                        ],
                        "properties": {
                            "status": {"type": "integer"}, "statusText": {"type": "string"},
                            "httpVersion": {"type": "string"}, "cookies": NAMED, "headers": NAMED,
                            "content": {
                                "type": "object", "required": ["size", "mimeType"],
                                "properties": {
                                    "size": {"type": "integer"}, "mimeType": {"type": "string"},
                                    "text": {"type": "string"}, "encoding": {"const": "base64"},
                                },
                            },
                            "redirectURL": {"type": "string"},
                            "headersSize": {"type": "integer"}, "bodySize": {"type": "integer"},
                        },
                    },
                    "timings": {
                        "type": "object", "required": ["send", "wait", "receive"],
                        "properties": {
                            **{name: {"type": "number", "minimum": 0} for name in ("send", "wait", "receive")},
                            **{name: {"type": "number", "minimum": -1} for name in ("blocked", "dns", "ssl")},
                        },
                    },
                },
            }},
        },
    }},
}  # fmt: skip
HAR = jsonschema_rs.Draft202012Validator(SCHEMA)

_names = st.text("abcXYZ019-_.!#$%&'*+^`|~", min_size=1, max_size=8)
_values = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=12)
_headers = st.lists(st.tuples(_names, _values), max_size=4)
_types = st.sampled_from(
    [
        "",
        "application/json",
        "text/plain; charset=latin-1",
        "text/html; charset=utf-16",
        "image/png",
        "text/x; charset=?",
    ]
)
_bodies = st.one_of(st.binary(max_size=40), st.text(max_size=40).map(str.encode), st.just(b'{"id": 1, "on": null}'))


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    kind, asked = draw(_types), draw(_bodies)
    headers = [*draw(_headers), ("content-type", kind)] if kind else draw(_headers)
    path = draw(st.text("abc/%20?&=;", max_size=12))
    request = Request(draw(st.sampled_from(["GET", "POST"])), f"https://api.test/{path}", draw(_headers), asked)
    status = draw(st.integers(200, 599).filter(lambda status: not has_no_body(status)))
    response = Response(status, headers, draw(_bodies), reason=draw(st.sampled_from(["", "Fine"])))
    elapsed = draw(st.sampled_from([0.0, 0.25, 12.5]))
    return Exchange(request, response, elapsed=elapsed, day=draw(st.sampled_from(["", "2026-11-20"])))


def body_of(node: dict[str, Any]) -> bytes:
    text: str = node.get("text", "")
    return base64.b64decode(text) if node.get("encoding") == "base64" else text.encode()


@given(found=st.lists(exchanges(), max_size=4))
def test_it_is_valid_the_same_each_time_and_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, found: list[Exchange]
) -> None:
    one, other = (tmp_path_factory.mktemp("har") / "a.har" for _ in range(2))
    assert write(one, found) == write(other, iter(found)) == len(found)
    assert one.read_bytes() == other.read_bytes()
    log = json.loads(one.read_bytes())
    assert [error.message for error in HAR.iter_errors(log)] == []
    for exchange, node in zip(found, log["log"]["entries"], strict=True):
        kept = redact(exchange)
        assert kept.response is not None
        assert (node["request"]["method"], node["request"]["url"]) == (kept.request.method, kept.request.url)
        assert body_of(node["request"].get("postData", {})) == kept.request.content
        assert body_of(node["response"]["content"]) == kept.response.content
        assert node["response"]["headers"] == [{"name": n, "value": v} for n, v in kept.response.headers.pairs]
        assert node["response"]["status"] == kept.response.status
        assert node["time"] == exchange.elapsed * 1000


_WIRE = ("content-length", "content-encoding", "transfer-encoding")


def without_wire(message: Request | Response) -> list[tuple[str, str]]:
    """The header fields as a reader gives them: what spoke of the wire is gone, values have no space around them."""
    return [(name, value.strip()) for name, value in message.headers.pairs if name.lower() not in _WIRE]


@given(found=st.lists(exchanges(), min_size=1, max_size=4))
def test_what_is_written_is_read_as_it_was_redacted(
    tmp_path_factory: pytest.TempPathFactory, found: list[Exchange]
) -> None:
    path = tmp_path_factory.mktemp("har") / "a.har"
    write(path, found)
    told: list[Skipped] = []
    for back, exchange in zip(read(path, skipped=told.append), found, strict=True):
        kept = redact(exchange)
        assert back.response is not None
        assert kept.response is not None
        assert (back.request.method, back.request.url) == (kept.request.method, kept.request.url)
        assert (back.request.content, back.response.content) == (kept.request.content, kept.response.content)
        assert list(back.request.headers.pairs) == without_wire(kept.request)
        assert list(back.response.headers.pairs) == without_wire(kept.response)
        assert (back.response.status, back.response.reason) == (kept.response.status, kept.response.reason)
        assert (back.day, back.elapsed) == (exchange.day, exchange.elapsed)
    assert told == []


def one_exchange(**more: Any) -> Exchange:
    request = Request("GET", "https://api.test/me?token=s3cr3t-t0ken-value", {"Authorization": "Bearer s3cr3t-t0ken"})
    return Exchange(request, Response(200, {"content-type": "application/json"}, b'{"id": 1}'), **more)


def test_no_secret_is_written(tmp_path: Path) -> None:
    write(tmp_path / "a.har", [one_exchange()])
    assert b"s3cr3t" not in (tmp_path / "a.har").read_bytes()


@pytest.mark.parametrize(
    ("kind", "content", "written"),
    [
        ("application/json", '{"a": "é"}'.encode(), {"text": '{"a": "é"}'}),
        ("text/plain; charset=latin-1", "é".encode("latin-1"), {"text": "6Q==", "encoding": "base64"}),
        ("text/plain; charset=latin-1", "é".encode(), {"text": "w6k=", "encoding": "base64"}),
        ("image/png", b"\x89PNG", {"text": "iVBORw==", "encoding": "base64"}),
        ("text/plain", b"", {"text": ""}),
    ],
)
def test_text_is_text_and_bytes_are_base64(kind: str, content: bytes, written: dict[str, str]) -> None:
    node = entry(Exchange(Request("GET", "https://api.test/"), Response(200, {"content-type": kind}, content)))
    found = node["response"]["content"]
    assert found == {"size": len(content), "mimeType": kind, **written}


def test_cookies_redirects_and_odd_text_are_said() -> None:
    request = Request("GET", "https://api.test/?q=1&q=", {"Cookie": "a=1; b=2"}, timeout=1)
    headers = [("Location", "/x"), ("Set-Cookie", "s=1; Path=/"), ("Set-Cookie", "t=2"), ("x", "a\udce9")]
    node = entry(Exchange(request, Response(302, headers)))
    assert node["request"]["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert node["request"]["queryString"] == [{"name": "q", "value": "1"}, {"name": "q", "value": ""}]
    assert node["response"]["cookies"] == [{"name": "s", "value": "1"}, {"name": "t", "value": "2"}]
    assert node["response"]["redirectURL"] == "/x"
    assert node["response"]["headers"][-1] == {"name": "x", "value": "a?"}


@pytest.mark.parametrize(("fault", "why"), [(Fault("refused"), "refused"), (None, "no answer")])
def test_who_was_not_answered_has_the_status_0(tmp_path: Path, fault: Fault | None, why: str) -> None:
    write(tmp_path / "a.har", [Exchange(Request("GET", "https://api.test/"), fault=fault)])
    log = json.loads((tmp_path / "a.har").read_bytes())
    assert HAR.is_valid(log)
    node = log["log"]["entries"][0]
    assert (node["response"]["status"], node["_error"]) == (0, why)


def test_the_file_is_there_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.har"
    har = HarWriter(path, creator="tests", version="7")
    har.add(one_exchange(day="2026-11-20"))
    assert not path.exists()
    har.close()
    har.close()
    assert json.loads(path.read_bytes())["log"]["creator"] == {"name": "tests", "version": "7"}
    with pytest.raises(FileError, match="finished"):
        har.add(one_exchange())

    def breaking() -> Iterator[Exchange]:
        yield one_exchange()
        raise OSError("the source broke")

    before = path.read_bytes()
    with pytest.raises(OSError, match="the source broke"):
        write(path, breaking())
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["a.har"]


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="can't be written"):
        HarWriter(tmp_path / "file" / "a.har")
    (tmp_path / "dir.har").mkdir()
    with pytest.raises(FileError, match="can't be written"):
        write(tmp_path / "dir.har", [])
    assert sorted(os.listdir(tmp_path)) == ["dir.har", "file"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    har = HarWriter(tmp_path / "a.har")

    class Full:
        def write(self, content: bytes) -> int:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            raise OSError(28, "No space left on device")

    assert har._file._file is not None
    har._file._file.close()
    monkeypatch.setattr(har._file, "_file", Full())
    with pytest.raises(FileError, match="No space left"):
        har.add(one_exchange())
    assert os.listdir(tmp_path) == []
    har.discard()
