"""compare and assert_same_structure: keys and kinds at each place."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import lookalike
from lookalike import Response, assert_same_structure, compare
from lookalike.codec import encode_json

TODO = {"userId": 1, "id": 1, "title": "delectus", "completed": False}


@pytest.mark.parametrize(
    ("actual", "mocked"),
    [
        (TODO, {"completed": True, "title": "Make the bed", "id": 2, "userId": 9}),
        ([TODO, TODO], [TODO]),
        ([], [TODO]),
        ([TODO], []),
        (TODO, TODO | {"title": None}),
        (TODO | {"title": None}, TODO),
        (None, TODO),
        (1, 1.0),
        (1.5, 2),
        ("a", "b"),
        ([{"a": 1}, {"a": 1, "b": 2}], [{"a": 3}]),
        ([{"a": 1}, {"a": 1, "b": 2}], [{"a": 3, "b": 4}]),
        ([1, "a"], ["b"]),
        ({"a": {"b": [[1]]}}, {"a": {"b": [[2], []]}}),
        ((1, 2), [3]),
        ({1: "a"}, {"1": "b"}),
    ],
)
def test_same(actual: Any, mocked: Any) -> None:
    assert compare(actual, mocked) == []
    assert_same_structure(actual, mocked)


@pytest.mark.parametrize(
    ("actual", "mocked", "said"),
    [
        (TODO, TODO | {"completed": "no"}, ["json.completed: expected a boolean, got a string"]),
        (
            {"completed": True, "id": 1},
            {"complete": True, "id": 1},
            [
                'json.complete: expected no such key, got a boolean; did you mean "completed"?',
                "json.completed: expected a boolean, got missing",
            ],
        ),
        ([{"a": 1}], [{"a": 1}, {}], ["json[].a: expected a number, got missing in 1 of 2"]),
        ([{"a": 1, "b": None}], [{"a": 2}], ["json[].b: expected any value, got missing"]),
        ({"a": 1}, {}, ["json.a: expected a number, got missing"]),
        ({}, {"a": None}, ["json.a: expected no such key, got null"]),
        ([1], {"a": 1}, ["json: expected an array, got an object"]),
        (True, 1, ["json: expected a boolean, got a number"]),
        ([1, "a"], [True, {}], ["json[]: expected a number or a string, got a boolean or an object"]),
        ({"a": {"odd key": 1}}, {"a": {"odd key": "x"}}, ['json.a["odd key"]: expected a number, got a string']),
        ({"when": "2026"}, {"when": object()}, ["json.when: expected a string, got a object"]),
        ("a", b"a", ["json: expected a string, got bytes"]),
    ],
)
def test_different(actual: Any, mocked: Any, said: list[str]) -> None:
    assert [str(one) for one in compare(actual, mocked)] == said
    with pytest.raises(AssertionError) as caught:
        assert_same_structure(actual, mocked)
    for one in said:
        assert one.partition(":")[0] in str(caught.value)


def test_the_message_is_a_table_of_places() -> None:
    with pytest.raises(lookalike.DoubleError) as caught:
        assert_same_structure([TODO], [{"userId": "1", "id": 1, "titel": "x", "completed": True}])
    assert str(caught.value) == (
        "the mocked data isn't built like the actual data, in 3 places.\n\n"
        '  json[].titel     expected no such key  got a string  (did you mean "title"?)\n'
        "  json[].title     expected a string     missing\n"
        "  json[].userId    expected a number     got a string\n\n"
        "(expected: what the actual data has; got: what the mocked data has)"
    )


def test_responses_of_clients_and_mocks() -> None:
    api = lookalike.Api("jsonplaceholder")
    todo = {"userId": 1, "id": 1, "title": "x", "completed": False}
    actual = api.reply("GET", "/todos/1", json=todo)
    assert isinstance(actual, requests.Response)
    assert_same_structure(actual, api.reply("GET", "/todos/2", json=todo, client="httpx"))
    assert_same_structure(actual, Mock(**{"json.return_value": todo}))
    assert_same_structure(actual, Response(200, (), encode_json(todo)))
    assert compare(actual, Mock(**{"json.return_value": {}})) != []


def answer(status: int, data: Any) -> httpx.Response:
    return httpx.Response(status, json=data)


def test_an_outage_is_named_before_what_it_makes_differ() -> None:
    actual, mocked = answer(500, {"error": "down"}), answer(200, TODO)
    assert str(compare(actual, mocked)[0]) == "status: expected 500, got 200"
    assert compare(actual, mocked)[1:] == compare({"error": "down"}, TODO)
    with pytest.raises(lookalike.DoubleError) as caught:
        assert_same_structure(actual, mocked)
    assert str(caught.value).startswith(
        "the actual answer is 500, the mocked one 200; the mocked data isn't built like the actual data, in 5 places.\n"
        "\n"
        "  json.completed    expected no such key"
    )


@pytest.mark.parametrize(
    ("actual", "mocked", "said"),
    [
        (answer(401, TODO), answer(200, TODO), ["status: expected 401, got 200"]),
        (httpx.Response(502, text="<html>"), httpx.Response(200, text="ok"), ["status: expected 502, got 200"]),
        (answer(201, TODO), answer(200, TODO), []),
        (answer(500, TODO), TODO, []),
        (answer(201, {"a": 1}), answer(200, {"a": ""}),
         ["status: expected 201, got 200", "json.a: expected a number, got a string"]),
        (Mock(**{"json.return_value": TODO}), answer(500, TODO), []),
        (Mock(status_code=None, status=404, **{"json.return_value": 1}), answer(200, 1),
         ["status: expected 404, got 200"]),
    ],
)  # fmt: skip
def test_statuses(actual: Any, mocked: Any, said: list[str]) -> None:
    assert [str(one) for one in compare(actual, mocked)] == said


def test_statuses_alone_are_one_sentence() -> None:
    with pytest.raises(lookalike.DoubleError, match=r"^the actual answer is 401, the mocked one 200\.$"):
        assert_same_structure(answer(401, {}), answer(200, {}))


class Model:
    """As pydantic's models of version 1 are: `json()` is text."""

    def json(self) -> str:
        return '{"a": 1}'


def test_json_as_text_is_read() -> None:
    assert compare({"a": 2}, Model()) == []


def test_what_is_not_json_is_said() -> None:
    html = httpx.Response(200, text="<html>")
    assert "something that isn't JSON" in str(compare(html, {"a": 1})[0])
    assert compare({"a": 1}, html)[0].expected == "JSON"
    assert compare(html, html) == []


def test_a_json_that_has_to_be_awaited_is_misuse() -> None:
    class Later:
        async def json(self) -> None: ...

    with pytest.raises(lookalike.UsageError, match="await"):
        compare(Later(), {})


def test_deep_values_take_no_recursion() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    assert compare(deep, deep) == []


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=12,
)


@given(values)
def test_law_everything_is_like_itself(value: Any) -> None:
    assert compare(value, value) == []


@given(values, values)
def test_law_a_list_is_like_a_part_of_it(one: Any, other: Any) -> None:
    """What one item has, the whole list has; keys that only the other has are optional."""
    assert all(mismatch.got == "missing" or "missing in" in mismatch.got for mismatch in compare([one, other], [one]))


@given(values, values)
def test_law_differences_are_sorted_and_repeatable(one: Any, other: Any) -> None:
    found = compare(one, other)
    assert found == compare(one, other) == sorted(found, key=lambda mismatch: mismatch.where)
