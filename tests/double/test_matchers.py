"""Laws of comparing: what fits has no difference, and equality of JSON is JSON's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.codec import decode_json, encode_json
from lookalike.double.diff import differences, prepare
from lookalike.double.matcher import MISSING
from lookalike.double.matchers import ANY, absent, including, matching
from lookalike.double.wording import child, words

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def fits(expected: Any, got: Any, *, part: bool = False) -> bool:
    return not list(differences(prepare(expected), got, part=part))


@given(VALUES)
def test_law_a_value_fits_itself_its_parts_and_what_the_wire_makes_of_it(value: Any) -> None:
    assert fits(value, value)
    assert fits(value, value, part=True)
    assert fits(ANY, value)
    assert fits(including(value), value)
    try:
        again = decode_json(encode_json(value))
    except ValueError:
        return
    assert fits(value, again)


@given(VALUES, VALUES)
def test_law_what_fits_is_equal_as_json_and_the_other_way_round(one: Any, other: Any) -> None:
    def canonical(value: Any) -> Any:
        if isinstance(value, bool):
            return ("bool", value)
        if isinstance(value, dict):
            return {key: canonical(item) for key, item in value.items()}
        return [canonical(item) for item in value] if isinstance(value, list) else value

    # Beyond 64 bits the decoder rounds, so there the comparison does too.
    if not re.search(r"\d{18}|e\+?1[89]|e\+?[2-9]\d", repr((one, other))):
        assert fits(one, other) is (canonical(one) == canonical(other))
    assert fits(one, other) is fits(other, one)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), st.dictionaries(st.text(max_size=5), VALUES))
def test_law_a_part_of_an_object_fits_the_whole(part: dict[str, Any], rest: dict[str, Any]) -> None:
    assert fits(including(part), {**rest, **part})
    assert fits(part, {**rest, **part}) is not bool(set(rest) - set(part))


@given(st.lists(VALUES, max_size=5), st.randoms(use_true_random=False))
def test_law_a_part_of_an_array_fits_in_any_order(values: list[Any], random: Any) -> None:
    scalars = [value for value in values if not isinstance(value, (list, dict))]
    shuffled = random.sample(scalars, len(scalars))
    assert fits(including(shuffled[: len(shuffled) // 2]), scalars)


@given(VALUES, VALUES)
def test_law_each_difference_names_a_place_and_two_sides(one: Any, other: Any) -> None:
    for difference in differences(prepare(one), other):
        assert difference.where.startswith("json")
        assert difference.expected
        assert difference.got
        assert len(difference.got) <= 80


@pytest.mark.parametrize(
    ("matcher", "fitting", "other", "shown"),
    [
        (ANY, [None, 0, "x", []], [MISSING], "ANY"),
        (absent, [MISSING], [None, 0], "absent"),
        (matching(r"\d+"), ["12", b"12"], ["1a", "a1", 12, None, MISSING], r"matching('\\d+')"),
        (matching("ab", re.IGNORECASE), ["AB"], ["abc"], "matching('ab')"),
        (matching(re.compile("ab")), ["ab"], ["AB"], "matching('ab')"),
        (including({"a": 1}), [{"a": 1, "b": 2}], [{"a": 2}, [], None, MISSING], "including({'a': 1})"),
        (including([1]), [[2, 1]], [[2], {}], "including([1])"),
        (including([ANY, 1]), [[1, 2], [2, 1]], [[1], [2, 2]], "including([ANY, 1])"),
        (including("x"), ["axe", b"axe"], ["a", None, MISSING], "including('x')"),
        (including(b"x"), ["axe", b"axe"], ["a"], "including(b'x')"),
        (including({"a": {1}}), [], [{"a": [1]}], "including({'a': {1}})"),
        (including(5), [5, 5.0], [6, True], "including(5)"),
    ],
)
def test_matchers_decide_by_equality_too(matcher: Any, fitting: list[Any], other: list[Any], shown: str) -> None:
    assert all(matcher == one for one in fitting)
    assert all(matcher != one for one in other)
    assert repr(matcher) == shown
    assert isinstance(hash(matcher), int)


def test_matchers_in_an_assertion() -> None:
    todo = {"id": 7, "tags": ["a"]}
    assert todo == {"id": ANY, "tags": including(["a"])}
    assert todo != {"id": matching(r"\d+"), "tags": ANY}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MISSING, "missing"),
        (None, "null"),
        ("no", '"no"'),
        (b"", "no body"),
        (b"\xff", "1 bytes that begin with ff"),
        (ANY, "any value"),
        ({"a": ANY}, "{'a': ANY}"),
        ([1, {"a": 2}], '[1,{"a":2}]'),
        ("x" * 100, '"' + "x" * 58 + "…"),
        (object, "<class 'object'>"),
    ],
)
def test_words(value: Any, text: str) -> None:
    assert words(value) == text
    assert repr(MISSING) == "missing"


@pytest.mark.parametrize(
    ("key", "place"), [("name", "json.name"), (0, "json[0]"), ("odd key", 'json["odd key"]'), ("1", 'json["1"]')]
)
def test_places(key: object, place: str) -> None:
    assert child("json", key) == place


def test_bytes_that_are_no_text_are_shown_from_where_they_differ() -> None:
    head = bytes(100)
    (found,) = differences(head + b"\1\2\3", head + b"\1\3" + bytes(20))
    assert found.expected == "103 bytes, from byte 101 on 02 03"
    assert found.got == "122 bytes, from byte 101 on 03 00 00 00 00 00 00 00…"
    (found,) = differences(b"\xff", b"\xff\xfe")
    assert found.expected == "1 bytes, from byte 1 on nothing more"
