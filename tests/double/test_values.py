"""Values that stand for many: types, ranges, functions, regular expressions, schemas, and `&`, `|`, `~` of them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

import dirty_equals
import pytest
from dirty_equals import Contains, IsApprox, IsDatetime, IsInt, IsJson, IsList, IsPartialDict, IsPositive, IsStr, IsUUID
from hypothesis import given
from hypothesis import strategies as st

from lookalike.double.diff import differences, is_pure, prepare
from lookalike.double.match import explain
from lookalike.double.matcher import MISSING, Matcher
from lookalike.double.mock import MockDouble
from lookalike.double.wording import has_matcher
from lookalike.errors import UsageError
from lookalike.match import ANY, absent, between, exactly, including, matching, satisfying, schema
from lookalike.messages import Request
from lookalike.shape.schema import Validator

BASE = "https://api.test"


def reasons(expected: Any, got: Any) -> list[str]:
    return [str(one) for one in differences(prepare(expected), got)]


def is_even(value: int) -> bool:
    return value % 2 == 0


FITS: list[tuple[Any, list[Any], list[Any]]] = [
    # expected, what fits, what doesn't
    (between(1, 9), [1, 9, 5.5], [0, 10, 9.1, "5", True, None, MISSING, [5]]),
    (between(18), [18, 1e9], [17]),
    (between(high=9), [9, -1], [10]),
    (between(0.5, 0.5), [0.5], [0.6]),
    (between("a", "c"), ["a", "bee", "c"], ["d", 1, None]),
    (between(date(2026, 1, 1), date(2026, 12, 31)), ["2026-11-22"], ["2027-01-01", 2026]),
    (re.compile("a+"), ["aa"], ["ab", 1, MISSING]),
    (re.compile("A+", re.IGNORECASE), ["aa"], ["ab"]),
    (is_even, [2, 0], [1, "x", MISSING]),
    (str.isdigit, ["12"], ["a", 12]),
    (partial(max, 3), [5], []),
    ("abc".startswith, ["a"], ["b"]),
    (satisfying(is_even), [2], [3]),
    (int | None, [1, None], [1.5, "1", True, MISSING]),
    (exactly({"a": 1}), [{"a": 1}], [{"a": 1, "b": 2}, {}, MISSING]),
    (exactly(absent), [MISSING], [None]),
    (including({"a": exactly({"b": 1})}), [{"a": {"b": 1}, "c": 1}], [{"a": {"b": 1, "c": 2}}]),
    (~matching("x+"), ["y", None, 1, MISSING], ["x", "xx"]),
    (ANY & ~matching("x+"), ["y", None], ["x", MISSING]),
    (matching("[ab]+") & including("a"), ["ba"], ["b", "ac"]),
    (matching("a") | between(1, 2) | None, ["a", 1, None], ["b", 3, MISSING]),
    (absent | int, [MISSING, 1], ["x", None]),
    (int | matching("a"), [1, "a"], ["b"]),
    (re.compile("b") | matching("a"), ["a", "b"], ["c"]),
    ({"a": 1} | including({"b": 2}), [{"a": 1}, {"b": 2, "c": 3}], [{"a": 1, "c": 3}]),
    ([1] & including([1]), [[1]], [[1, 2]]),
    (~absent, [None, 1], [MISSING]),
    (schema({"type": "integer", "minimum": 1}), [1, 2.0], [0, "1", MISSING]),
    (schema({"properties": {"a": {"type": "string"}}}), [{"a": "x", "more": 1}, 7], [{"a": 1}]),
    (schema({"properties": {"a": {}}, "additionalProperties": False}), [{"a": 1}], [{"b": 1}]),
    (schema(True), [1, None], [MISSING]),
    (schema(False), [], [1]),
    ({"x": [schema({"$ref": "#/$defs/n", "$defs": {"n": {"type": "null"}}})]}, [{"x": [None]}], [{"x": [1]}]),
    # dirty-equals, as objects and as classes
    (IsInt, [1], ["1", True, MISSING]),
    (IsInt(gt=3), [4], [3]),
    (IsStr(regex="a+") | IsPositive, ["aa", 3], ["b", -3]),
    ({"id": IsUUID, "rows": [IsPartialDict(a=1)]},
     [{"id": "0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa", "rows": [{"a": 1, "b": 2}]}],
     [{"id": "x", "rows": [{"a": 1}]}, {"id": "0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa", "rows": [{}]}]),
    (IsList(1, 2, check_order=False), [[2, 1]], [[1, 3]]),
    (IsJson({"a": IsInt}), ['{"a": 1}'], ['{"a": "1"}']),
    (IsApprox(3, delta=1), [3.5], [5]),
    (~IsInt() & ~IsStr(), [None], [1, "a"]),
    (Contains("a"), ["abc", ["a"]], ["b"]),
    (IsDatetime(iso_string=True), ["2026-11-22T10:00:00"], ["yesterday"]),
    (matching("b") | IsInt(), ["b", 1], ["c"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "fitting", "others"), FITS, ids=lambda value: getattr(value, "__name__", repr(value))[:40]
)
def test_what_fits_a_value(expected: Any, fitting: list[Any], others: list[Any]) -> None:
    for value in fitting:
        assert reasons(expected, value) == []
    for value in others:
        assert reasons(expected, value), value
    if isinstance(expected, Matcher):
        assert all(expected == value for value in fitting)
        assert not any(expected == value for value in others)


def test_a_function_that_never_says_no_is_asked() -> None:
    assert reasons(partial(max, 3), 0) == []


WORDS: list[tuple[Any, Any, list[str]]] = [
    (between(1, 9), 10, ["json: expected a number from 1 to 9, got 10"]),
    (between(18), "x", ['json: expected a number from 18, got "x"']),
    (between(high=9), MISSING, ["json: expected a number up to 9, got missing"]),
    (between("a"), 1, ['json: expected a text from "a", got 1']),
    (is_even, 3, ["json: expected a value that is_even is true of, got 3"]),
    (len, 3, ["json: expected a value that len is true of, got 3 (TypeError: object of type 'int' has no len())"]),
    (lambda value: False, 1, ["json: expected a value that <lambda> is true of, got 1"]),
    (re.compile("a+"), "b", ['json: expected a string that a+ matches, got "b"']),
    (int | None, "x", ['json: expected an integer or null, got "x"']),
    (~matching("x"), "x", ['json: expected anything but a string that x matches, got "x"']),
    (matching("a") & matching("b"), "c",
     ['json: expected a string that a matches, got "c"', 'json: expected a string that b matches, got "c"']),
    (including({"a": 1}) | including({"b": [1, 2]}), {"b": [1, 3]},
     ['json.a: expected 1, got missing; or something with {"b":[1,2]}']),
    (int | including({"a": {"b": 1}}), {"a": {"b": 2}}, ["json.a.b: expected 1, got 2; or an integer"]),
    (IsInt(gt=3), 3, ["json: expected IsInt(gt=3), got 3"]),
    ({"a": IsStr}, {"a": 3}, ["json.a: expected IsStr, got 3"]),
    (schema({"title": "A todo", "type": "object", "required": ["id"]}), {},
     ["json.id: expected any value, got missing"]),
    ({"t": schema({"title": "A todo"})}, {}, ["json.t: expected what the schema A todo allows, got missing"]),
    ({"t": schema({"type": "null"})}, {}, ["json.t: expected what the schema allows, got missing"]),
    ({"t": schema({"type": "null"})}, {"t": 1}, ["json.t: expected null, got 1"]),
]  # fmt: skip


LONG = "all work and no play " * 50


@pytest.mark.parametrize(
    ("expected", "got", "told", "instead"),
    [
        (f"{LONG}tea and {LONG}", f"{LONG}milk and {LONG}",
         '…"ay all work and no play tea and all work and no "', '…"ay all work and no play milk and all work and no"'),
        (LONG, f"{LONG}tea", '…"ay all work and no play "', '…"ay all work and no play tea"'),
    ],
)  # fmt: skip
def test_of_long_texts_that_begin_alike_the_difference_is_shown(
    expected: str, got: str, told: str, instead: str
) -> None:
    (found,) = differences(prepare(expected), got)
    assert (found.expected, found.got) == (told, instead)


def test_no_credential_is_shown_where_long_texts_differ() -> None:
    """Also where the first difference is in the middle of one."""
    one, other = (f"{LONG} Authorization: Bearer abcdefghijklmnop{end} {LONG}" for end in ("qrstuvwxyz", "zyxwvutsrq"))
    (found,) = differences(prepare(one), other)
    assert not re.search("Bearer abc|qrst|zyxw", str(found))


class Odd:
    """Raises for whatever it is asked, as arrays of NumPy do when they are asked whether they are equal."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("the truth value is ambiguous")

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        raise RuntimeError("not even this")


def test_an_object_that_raises_fits_nothing_and_is_shown_all_the_same() -> None:
    (told,) = reasons({"a": Odd()}, {"a": 1})
    assert re.fullmatch(
        r"json.a: expected <.*Odd object at 0x\w+>, got 1 \(ValueError: the truth value is ambiguous\)", told
    )


@pytest.mark.parametrize(("expected", "got", "told"), WORDS)
def test_the_words_of_a_mismatch(expected: Any, got: Any, told: list[str]) -> None:
    assert reasons(expected, got) == told


def test_a_dirty_equals_object_is_told_as_it_was_written_after_it_fitted_too() -> None:
    value = IsInt(gt=3)
    prepared = prepare({"n": value})
    assert list(differences(prepared, {"n": 4})) == []
    assert str(next(differences(prepared, {"n": 1}))) == "json.n: expected IsInt(gt=3), got 1"


@pytest.mark.parametrize(
    ("matcher", "shown"),
    [
        (between(1, None), "between(1, None)"),
        (satisfying(is_even), "satisfying(is_even)"),
        (exactly([1]), "exactly([1])"),
        (~ANY, "~ANY"),
        (~~ANY, "ANY"),
        ((ANY | absent) & ~absent, "(ANY | absent) & ~absent"),
        (schema({"type": "null"}), "schema({'type': 'null'})"),
    ],
)
def test_how_matchers_are_shown(matcher: Matcher, shown: str) -> None:
    assert repr(matcher) == shown
    assert hash(matcher) == hash(shown)


TEXTS: list[tuple[Any, list[str], list[str]]] = [
    (int, ["1", "-20"], ["1.5", "x", "", "١"]),
    (float, ["1", "1.5", "-2e3"], ["x"]),
    (bool, ["true", "False"], ["1"]),
    (str, ["", "x\ny"], []),
    (int | None, ["1"], ["x"]),
    (between(1, 9), ["1", "9.0", "1e0"], ["10", "x", ""]),
    (between("b"), ["b", "c"], ["a"]),
    (re.compile(r"\d+"), ["12"], ["x"]),
    (str.isdigit, ["12"], ["x"]),
    (~matching("x"), ["y"], ["x"]),
    (int & ~matching("0.*"), ["10"], ["01", "x"]),
    (exactly(5), ["5"], ["6"]),
    (exactly("5"), ["5"], ["6"]),
    (matching("a") | 5, ["a", "5"], ["6"]),
    (IsStr(regex="a+"), ["aa"], ["b"]),
    (date(2026, 11, 22), ["2026-11-22"], ["2026-11-23"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "fitting", "others"), TEXTS, ids=lambda value: getattr(value, "__name__", repr(value))[:30]
)
def test_values_that_come_as_text(expected: Any, fitting: list[str], others: list[str]) -> None:
    route = MockDouble("api", BASE).get("/x", headers={"x-v": expected}, params={"v": expected})
    for value in (*fitting, *others):
        found = explain(route, Request("GET", f"{BASE}/x?{urlencode({'v': value})}", {"x-v": value}))
        assert (found == []) is (value in fitting), value


def test_a_parameter_of_a_type_or_none_may_be_left_out() -> None:
    route = MockDouble("api", BASE).get("/x", params={"page": int | None, "tag": matching("a") | None})
    assert explain(route, Request("GET", f"{BASE}/x")) == []
    assert explain(route, Request("GET", f"{BASE}/x?page=3&tag=a")) == []
    (reason,) = explain(route, Request("GET", f"{BASE}/x?page=x"))
    assert str(reason) == 'query page: expected an integer or nothing, got "x"'


MISUSES: list[tuple[Any, str]] = [
    (lambda: between(), "give one bound or both, between(1, 9)"),
    (lambda: between(1, "2"), "the bounds are two numbers, two texts or two dates"),
    (lambda: between(True, 2), "the bounds are two numbers"),
    (lambda: between(float("nan")), "between(nan, None)"),
    (lambda: between(2, 1), "nothing is between them"),
    (lambda: between([1], [2]), "the bounds are two numbers"),
    (lambda: satisfying(1), "satisfying() takes a function of the value"),  # type: ignore[arg-type]  # wrong on purpose
    (lambda: schema({"type": "strng"}), "this JSON Schema can't be used"),
    (lambda: schema("{}"), "schema() takes a JSON Schema"),  # type: ignore[arg-type]  # wrong on purpose
    (lambda: schema({"$ref": "https://elsewhere.test/s"}), "this JSON Schema can't be used"),
    (lambda: matching("("), "not a regular expression"),
    (lambda: prepare({"a": re.compile(b"x")}), "the expression is of bytes; write it as text"),
    (lambda: bool(ANY), "ANY is neither true nor false; combine matchers with &, | and ~"),
    (lambda: matching("a") and matching("b"), "matching('a') is neither true nor false"),
    (lambda: not ANY, "neither true nor false"),
    (lambda: MockDouble("api", BASE).get("/x", params={"a": schema({})}), "params['a']: a JSON Schema is for json="),
    (lambda: MockDouble("api", BASE).get("/x", params={"a": int | list}), "an array never comes as text"),
    (lambda: prepare({"a": int | Decimal}), "json.a: the type int | decimal.Decimal is never in JSON"),
    (lambda: prepare({"a": Decimal}), "the type Decimal is never in JSON"),
    (lambda: prepare({"a": ANY | {1}}), "exactly: a set is never in JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("misuse", "told"), MISUSES)
def test_misuse_is_a_usage_error(misuse: Any, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        misuse()
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("value", "pure"),
    [
        ({"a": [1, ANY]}, True),
        ({"a": [is_even]}, False),
        ([IsInt], False),
        (ANY | is_even, False),
        (~satisfying(is_even), False),
        (exactly({"a": IsInt}), False),
        (including({"a": 1}), True),
        (including({"a": is_even}), False),
    ],
)
def test_what_may_decide_otherwise_the_next_time_is_known(value: Any, pure: bool) -> None:
    assert is_pure(prepare(value)) is pure
    assert MockDouble("api", BASE).post("/x", json=value).pure is pure


def test_a_function_as_a_parameter_is_asked_at_each_request() -> None:
    turns = iter([True, False])
    double = MockDouble("api", BASE)
    double.get("/x").respond(404)
    double.get("/x", params={"a": lambda value: next(turns)}).respond(200)
    answers: list[Any] = [double.handle(Request("GET", f"{BASE}/x?a=1")) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 404]


def test_every_name_of_dirty_equals_is_taken_as_it_is() -> None:
    kinds = [getattr(dirty_equals, name) for name in dirty_equals.__all__ if name.startswith("Is")]
    for kind in [one for one in kinds if isinstance(one, type)]:
        assert has_matcher(prepare({"a": kind}))


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "ab", "b"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner)
)
MATCHERS: st.SearchStrategy[Matcher] = st.recursive(
    st.sampled_from([ANY, absent, matching("a.*"), including("b"), between(0, 3), satisfying(is_even), schema({})])
    | VALUES.map(exactly)
    | VALUES.map(including),
    lambda inner: (
        st.tuples(inner, inner).map(lambda two: two[0] & two[1])
        | st.tuples(inner, inner).map(lambda two: two[0] | two[1])
        | inner.map(lambda one: ~one)
    ),
    max_leaves=4,
)
GOT = VALUES | st.just(MISSING)


def fits(matcher: Matcher, got: Any) -> bool:
    return next(matcher.explain(got, "x"), None) is None


@given(MATCHERS, MATCHERS, GOT)
def test_law_and_or_and_not_are_those_of_logic(one: Matcher, other: Matcher, got: Any) -> None:
    assert fits(~one, got) is not fits(one, got)
    assert fits(~~one, got) is fits(one, got)
    assert repr(~~one) == repr(one)
    assert fits(one & other, got) is (fits(one, got) and fits(other, got))
    assert fits(one | other, got) is (fits(one, got) or fits(other, got))
    assert fits(~(one & other), got) is fits(~one | ~other, got)
    assert fits(~(one | other), got) is fits(~one & ~other, got)


@given(MATCHERS, GOT)
def test_law_a_mismatch_has_words_on_both_sides(matcher: Matcher, got: Any) -> None:
    for reason in matcher.explain(got, "x"):
        assert reason.where.startswith("x")
        assert reason.expected
        assert reason.got


@given(VALUES, VALUES)
def test_law_what_fits_exactly_fits_as_a_part(value: Any, got: Any) -> None:
    assert fits(exactly(value), value)
    assert fits(including(value), value)
    if fits(exactly(value), got):
        assert fits(including(value), got)


SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([{}, {"type": "integer"}, {"type": ["string", "null"]}, {"enum": [1, "a"]}, {"minimum": 2}, True]),
    lambda inner: st.fixed_dictionaries(
        {}, optional={"properties": st.dictionaries(st.sampled_from("ab"), inner), "required": st.just(["a"]),
                      "items": inner, "not": inner, "anyOf": st.lists(inner, min_size=1, max_size=2),
                      "additionalProperties": inner | st.just(False)},
    ),
    max_leaves=4,
)  # fmt: skip


@given(SCHEMAS, VALUES)
def test_law_a_schema_fits_what_the_standard_allows(rules: Any, value: Any) -> None:
    assert fits(schema(rules), value) is Validator(rules).is_valid(value)
