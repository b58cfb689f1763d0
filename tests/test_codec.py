"""JSON and content codings."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import gzip
import json
import uuid
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.codec import decode_content, decode_json, encode_json, json_faults
from lookalike.errors import InvalidJson, UsageError

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(VALUES)
def test_law_json_survives_and_is_what_the_standard_library_reads(value: Any) -> None:
    content = encode_json(value)
    assert decode_json(content) == value == json.loads(content)
    assert json_faults(content) == []


def test_integers_beyond_64_bits_are_written() -> None:
    assert encode_json({"big": 2**70, "ä": "é"}) == '{"big":1180591620717411303424,"ä":"é"}'.encode()


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x", {"a": {1}}, "\ud800", {(1, 2): 3}])
def test_what_json_does_not_know_is_told(value: Any) -> None:
    with pytest.raises(UsageError, match="can't be written as JSON"):
        encode_json(value)


def test_a_value_that_contains_itself_is_told() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(UsageError, match="can't be written as JSON"):
        encode_json(value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON at line 1, column 1"),
        (b'{"a": 1,}', "not JSON at line 1, column 8"),
        (b'{"a":\n nope}', "not JSON at line 2, column 2"),
        (b"NaN", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'"\xff"', "not JSON"),
        (b"[" * 2000 + b"]" * 2000, "not JSON"),
        (b"<html>", "(near '<html>')"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(content: bytes, told: str) -> None:
    with pytest.raises(InvalidJson) as caught:
        decode_json(content)
    assert told in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b'{"a":1}', []),
        (b'{"a":1,"a":2,"b":1,"b":1}', ["key 'a' given twice", "key 'b' given twice"]),
        (b'{"x":{"a":1,"a":2}}', ["key 'a' given twice"]),
        (b"\xef\xbb\xbf[]", ["begins with a byte order mark"]),
        (b"[NaN, Infinity]", ["NaN is not a JSON value", "Infinity is not a JSON value"]),
        (b"nope", ["not JSON: Expecting value: line 1 column 1 (char 0)"]),
    ],
)
def test_faults_of_a_body_in_words(content: bytes, faults: list[str]) -> None:
    assert json_faults(content) == faults


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(rb'{"id": "\ud800"}', id="half-a-pair"),
        pytest.param(rb'{"\udc00": 1}', id="half-a-pair-in-a-key"),
        pytest.param('{"id": 1}'.encode("utf-16"), id="utf-16"),
    ],
)
def test_what_decode_json_refuses_is_a_fault_without_an_excerpt(content: bytes) -> None:
    with pytest.raises(InvalidJson):
        decode_json(content)
    (fault,) = json_faults(content)
    assert fault.startswith("not JSON: ")
    assert "near" not in fault


def test_deep_nesting_is_a_fault_and_no_crash() -> None:
    (fault,) = json_faults(b"[" * 100_000)
    assert fault.startswith("not JSON")


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@given(st.binary(max_size=500))
def test_law_codings_are_undone(content: bytes) -> None:
    assert decode_content(content, "") == content
    assert decode_content(content, "identity") == content
    assert decode_content(content, "unheard-of") == content
    assert decode_content(gzip.compress(content), "gzip") == content
    assert decode_content(gzip.compress(content), "X-GZIP") == content
    assert decode_content(gzip.compress(content), "gzip, identity") == content
    assert decode_content(zlib.compress(content), "deflate") == content
    assert decode_content(raw_deflate(content), "deflate") == content
    assert decode_content(gzip.compress(zlib.compress(content)), "deflate, gzip") == content
    assert decode_content(gzip.compress(content) + gzip.compress(b"more"), "gzip") == content + b"more"
    assert decode_content(gzip.compress(content) + b"\0\0", "gzip") == content


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, deflate", "br, gzip"])
def test_broken_content_stays_as_it_is(coding: str) -> None:
    assert decode_content(b"no coding at all", coding) == b"no coding at all"


def test_content_that_ends_too_early_stays_as_it_is() -> None:
    half = gzip.compress(b"x" * 1000)[:-10]
    assert decode_content(half, "gzip") == half
    # What an unknown coding wraps, nobody can unwrap.
    assert decode_content(gzip.compress(b"x"), "gzip, br") == gzip.compress(b"x")


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int


PLAIN: list[tuple[object, str]] = [
    (datetime.date(2026, 1, 2), '"2026-01-02"'),
    (datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.UTC), '"2026-01-02T03:00:00+00:00"'),
    (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    (Colour.RED, '"red"'),
    (Point(1), '{"x":1}'),
    ("é", '"é"'),
]


@pytest.mark.parametrize(("value", "written"), PLAIN, ids=repr)
def test_a_value_is_written_alike_wherever_it_stands(value: object, written: str) -> None:
    """Also beside what the faster encoder refuses: numbers as keys, and integers beyond 64 bits."""
    assert encode_json(value).decode() == written
    assert encode_json({"a": value}).decode() == f'{{"a":{written}}}'
    assert encode_json({3: value, None: 1, True: 2}).decode() == f'{{"3":{written},"null":1,"true":2}}'
    assert encode_json([2**70, value]).decode() == f"[{2**70},{written}]"
