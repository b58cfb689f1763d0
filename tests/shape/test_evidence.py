"""Evidence files that are none, and the words of expectations."""

from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.shape.counts import EMPTY, Counts
from lookalike.shape.describe import expected
from lookalike.shape.evidence import Evidence
from lookalike.shape.learn import learn
from lookalike.shape.schema import Validator

S, I = {"type": "string"}, {"type": "integer"}  # noqa: E741  the kinds' first letters


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "evidence is an object of recordings, not list"),
        ({"x": []}, "recording x isn't complete"),
        ({"x": {"day": 3, "counts": {}}}, "recording x isn't complete"),
        ({"x": {"day": ""}}, "recording x isn't complete"),
        ({"x": {"day": "", "counts": {"n": "many"}}}, "recording x: these are no counts"),
    ],
)
def test_what_is_no_evidence_is_one_clear_error(data: Any, message: Any) -> None:
    with pytest.raises(UsageError, match=message):
        Evidence.from_json(data, EMPTY, Counts.from_json)


def test_evidence_says_what_it_is() -> None:
    evidence = Evidence(EMPTY).sealed(learn([1]), id="x")
    assert repr(evidence) == "<Evidence of 1 recordings>"
    assert evidence != 3
    assert evidence.days == ()
    assert evidence.total(since="2026-01-01") == EMPTY
    assert Counts.total([]) == EMPTY


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (True, "any value"), (False, "nothing"), ({}, "any value"), ({"const": "x"}, '"x"'),
        ({"enum": [1, 2]}, "one of 1, 2"),
        ({"type": ["null", "string"]}, "a string or null"), ({"oneOf": [S, I, S]}, "a string or an integer"),
        ({"anyOf": [S, {"type": "null"}]}, "a string or null"), ({"allOf": [{"title": "x"}, I]}, "an integer"),
        ({"allOf": [{"title": "x"}]}, "any value"), ({"properties": {}}, "an object"), ({"items": S}, "an array"),
        ({"prefixItems": [S]}, "an array"), ({"$ref": "#/nowhere"}, "any value"), ({"type": "widget"}, "widget"),
    ],
)  # fmt: skip
def test_expectations_in_words(schema: Any, words: Any) -> None:
    assert expected(schema, Validator({})) == words
