"""What columns take for granted is proved: what a place was so far says nothing of what it is next."""

from collections import OrderedDict
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from lookalike.errors import UsageError
from lookalike.shape import formats
from lookalike.shape.counts import Counts
from lookalike.shape.learn import BATCH, learn

ODD: list[Any] = [
    None, [], [1, 2], ["a", "b"], {}, "", "ab", 2, 1.5, True, {"a": "x"}, {"b": 1, "a": 2}, {"a": 1, "b": None},
    {"b": 1, "c": 1}, OrderedDict(b=1, a=1), {"12345678": 1, "a": 1}, [[]], "x\ny",
]  # fmt: skip


def written(counts: Counts) -> bytes:
    return orjson.dumps(counts.to_json(), option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize(
    "usual", [{"a": 1, "b": 2}, {}, "open", "2026-01-02T03:04:05Z", 1, None, ["a"], [["a"], ["b"]]]
)
@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("targets", [False, True])
def test_what_comes_unexpected_counts_as_if_it_came_alone(usual: Any, odd: Any, targets: Any) -> None:
    bodies = [usual, usual, usual, odd, usual, odd, odd, usual]
    bodies = [{"at": body, "all": [body] * (index % 3)} for index, body in enumerate(bodies)]
    asked = [f"/{index % 3}" for index in range(len(bodies))] if targets else []
    alone = learn(bodies, targets=asked, batch=1)
    for batch in (2, 3, 8):
        assert written(learn(bodies, targets=asked, batch=batch)) == written(alone)


@pytest.mark.parametrize("usual", [{"a": {"b": [{"c": 1}, {"c": 2}]}}, [["a"], ["b"]], [{"a": []}]])
def test_columns_are_emptied_and_the_bodies_are_not(usual: Any) -> None:
    bodies = [{"at": usual, "all": [usual] * (index % 3)} for index in range(9)] + [{"at": odd} for odd in ODD]
    before = deepcopy(bodies)
    learn(bodies, batch=4)
    assert bodies == before


@pytest.mark.parametrize("odd", [b"x", {1: 2, "b": 1}, [{"a": 1}, {1, 2}], {"a": 1, 2: 2}], ids=repr)
def test_what_is_no_json_is_refused_where_json_was_expected(odd: Any) -> None:
    with pytest.raises(UsageError, match="no JSON"):
        learn([[{"a": 1, "b": 2}], [{"a": 1, "b": 2}, odd]], batch=1)


def test_batches_of_many_places_and_few_values_grow_and_count_the_same() -> None:
    bodies = [{f"k{step}": {"n": index} for step in range(index % 5, 9)} for index in range(3 * BATCH)]
    assert written(learn(bodies)) == written(learn(bodies, batch=7))


MOMENTS = [(date(2026, 1, 1) + timedelta(step)).isoformat() + f"T{step % 24:02}:{step % 60:02}:{step % 61:02}Z"
           for step in range(365)]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "column", "others"),
    [
        (
            "date-time",
            MOMENTS,
            ["2026-00-02T03:04:05Z", "2026-13-02T03:04:05Z", "2026-01-00T03:04:05Z", "2026-01-32T03:04:05Z",
             "2026-01-02T24:04:05Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05X",
             "2026-01-02T03:04\n05Z", "２026-01-02T03:04:05Z", "2026-01-02"],
        ),
        ("uri", ["https://a.example/x", "http://b.example", "https://c"] * 9,
         ["https://", "http://", "https://a b", "x", "https://a\nhttps://b", "", "https://a\x1fb"]),
        ("digits", ["1", "22", "0333"] * 9, ["", "1\n2", "a", "1.5", "٣"]),
        ("hex", ["c0ffee", "00", "AB"] * 9, ["", "g", "0\n1", "\n", "é"]),
    ],
)  # fmt: skip
def test_a_format_of_a_column_is_that_of_each_string(name: Any, column: Any, others: Any) -> None:
    bit = formats.mask([name])
    assert formats.matching(column, bit) == bit
    assert formats.matching([*column, *column], bit) == bit
    for other in others:
        for at in (0, 5, len(column)):
            mixed = [*column[:at], other, *column[at:]]
            joined = "\n".join(mixed)
            assert formats.matching(mixed, bit) == 0, other
            assert formats.matching(mixed, bit, joined, min(map(len, mixed))) == 0, other


@pytest.mark.parametrize("also", ["2026-01-02T03:04:05.123Z", "2026-01-02t03:04:05z", "2026-01-02T03:04:05+01:00"])
def test_moments_that_are_written_otherwise_are_moments_too(also: Any) -> None:
    bit = formats.mask(["date-time"])
    assert formats.matching([*MOMENTS, also], bit) == bit
