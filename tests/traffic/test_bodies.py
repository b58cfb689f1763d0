"""What recorders write as requests, responses, headers and bodies, as values."""

from __future__ import annotations

import base64
import gzip
import sys
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.codec import coding_library
from lookalike.fields import Headers
from lookalike.traffic import codings
from lookalike.traffic.bodies import Unreadable, base64_body, fields, plain, request, response, text_body, text_of
from lookalike.traffic.dates import day_of, seconds_of

_STDLIB = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"


def test_a_response_known_as_decoded_is_not_looked_at() -> None:
    body = gzip.compress(b"x", mtime=0)
    fields_ = [("content-encoding", "gzip"), ("content-type", "application/gzip")]
    found = response(200, fields_, body, decoded=True)
    assert found.content == body
    assert found.headers.pairs == (("content-type", "application/gzip"),)
    assert response("404", {}, b"x", reason=None).reason == ""


def test_a_requests_coding_is_undone() -> None:
    found = request("put", "http://x.test", [("Content-Encoding", "gzip")], gzip.compress(b"x"))
    assert (found.method, found.content, found.headers.pairs) == ("PUT", b"x", ())


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        (Headers([("A", "1"), ("a", "2")]), [("A", "1"), ("a", "2")]),
        (
            {"a": ("1", "2"), "b": None, "c": 3, "d": b"4", 5: "6"},
            [("a", "1"), ("a", "2"), ("c", "3"), ("d", "4"), ("5", "6")],
        ),
        ([("a", "1"), {"key": "b", "value": "2"}, ["c"], 5], [("a", "1"), ("b", "2")]),
        (["a", "1", "b"], [("a", "1")]),
        ([], []),
        ({"a": "\u00e9"}, [("a", "\u00e9")]),
        ({"a": " x "}, [("a", "x")]),
    ],
)
def test_fields_in_any_form(value: Any, pairs: list[tuple[str, str]]) -> None:
    assert fields(value) == pairs


@given(st.binary(max_size=60))
def test_base64_in_any_alphabet_and_without_padding(body: bytes) -> None:
    plain_ = base64.b64encode(body).decode()
    assert base64_body(plain_) == base64_body(plain_.rstrip("=")) == body
    assert base64_body(base64.urlsafe_b64encode(body).decode()) == body
    assert base64_body("\n".join(plain_)) == body


@pytest.mark.parametrize("text", ["a", "a===", "ab*d", "ab=c", "?", "\u00e9"])
def test_no_base64(text: str) -> None:
    with pytest.raises(Unreadable):
        base64_body(text)


@given(st.text(), st.sampled_from(["", "text/plain", "text/plain; charset=latin-1", "text/plain; charset=utf-16"]))
def test_text_of_a_body_is_read_again(text: str, kind: str) -> None:
    body = text_body(text, kind)
    decoded = {"latin-1": "latin-1", "utf-16": "utf-16"}.get(kind.partition("charset=")[2], "utf-8")
    if decoded == "latin-1" and any(ord(one) > 255 for one in text):
        decoded = "utf-8"
    if decoded == "utf-16" and text.isascii():
        decoded = "utf-8"
    assert body.decode(decoded) == text


def test_text_of_what_is_none() -> None:
    values: list[Any] = [None, True, [], 5, 1.5, b"\xff"]
    assert [text_of(value) for value in values] == [None, None, None, "5", "1.5", "\ufffd"]


class TestCodings:
    @pytest.mark.parametrize("coding", ["br", "zstd"])
    def test_a_missing_library_is_named_unless_it_is_text(self, coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = [("content-encoding", coding)]
        coded = coding_library(coding).compress(b"hello \xff" * 9)
        monkeypatch.setattr(codings, "coding_library", lambda name: None)
        with pytest.raises(Unreadable, match=rf'coded by {coding}; run: pip install "lookalike\[encodings\]"'):
            plain(pairs, coded)
        assert plain(pairs, b"hello") == ([], b"hello")

    @pytest.mark.parametrize("name", ["zstandard", _STDLIB])
    def test_zstandard_by_each_library(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        library = import_module(name)
        monkeypatch.setattr(codings, "coding_library", lambda coding: library)
        body = b"x" * 3_000_000
        coded = library.compress(body) + library.compress(b"y")
        assert codings.undone(coded, "zstd", 1 << 22) == body + b"y"
        assert codings.undone(library.compress(body)[:-5], "zstd", 1 << 22) is None
        with pytest.raises(codings.TooLarge):
            codings.undone(coded, "zstd", 1_000_000)

    def test_brotli_and_gzip_cut_off_are_none_of_it(self) -> None:
        brotli = coding_library("br")
        assert codings.undone(brotli.compress(b"hello" * 50)[:-3], "br", 1000) is None
        assert codings.undone(gzip.compress(b"hello")[:-3], "gzip", 1000) is None
        assert codings.undone(b"\xff\xff", "deflate", 1000) is None
        assert codings.undone(b"x", "gzip, no-such", 1000) is None
        assert codings.undone(b"x", "no-such, gzip", 1000) is None

    def test_gzip_in_members_with_padding(self) -> None:
        coded = gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0"
        assert codings.undone(coded, "gzip", 10) == b"ab"

    @given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip", "x, gzip"]))
    def test_any_bytes_under_any_coding(self, body: bytes, coding: str) -> None:
        try:
            pairs, found = plain([("content-encoding", coding)], body, limit=10_000)
        except Unreadable:
            return
        assert len(found) <= 10_000
        assert pairs == ([("content-encoding", coding)] if coding.startswith("x") and body else [])


def test_days_and_durations_of_values() -> None:
    assert day_of(datetime(2026, 11, 20, 3, tzinfo=UTC)) == "2026-11-20"
    assert day_of(date(2026, 11, 20)) == "2026-11-20"
    assert day_of(None) == ""
    assert seconds_of(2, unit=1) == 2.0
    assert seconds_of("1500") == 1.5
