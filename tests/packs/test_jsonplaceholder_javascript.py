"""JavaScript's ways with values, texts and patterns, where Python's differ. What is expected is what Node 20 says."""

from __future__ import annotations

import contextlib
import json
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import InvalidJson
from lookalike.packs.jsonplaceholder import javascript as js
from lookalike.packs.jsonplaceholder import regexp
from lookalike.packs.jsonplaceholder.places import get
from lookalike.packs.jsonplaceholder.plurals import plural, singular
from lookalike.packs.jsonplaceholder.query import parse

NUMBERS = [
    (0.0, "0"), (-0.0, "0"), (-1.0, "-1"), (1.5, "1.5"), (0.1, "0.1"), (1e21, "1e+21"), (-1e21, "-1e+21"),
    (1e20, "100000000000000000000"), (123456789012345680000.0, "123456789012345680000"), (1e-6, "0.000001"),
    (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (-2.5e-10, "-2.5e-10"), (5e-324, "5e-324"), (1e22, "1e+22"),
    (1.7976931348623157e308, "1.7976931348623157e+308"), (0.000001234, "0.000001234"), (100000.5, "100000.5"),
    (123456.789, "123456.789"), (4.35, "4.35"), (2.0**53, "9007199254740992"), (2.0**53 + 2, "9007199254740994"),
    (1e16, "10000000000000000"), (12345678901234567890.0, "12345678901234567000"), (1 / 3, "0.3333333333333333"),
    (9.5e20, "950000000000000000000"), (inf, "Infinity"), (-inf, "-Infinity"), (nan, "NaN"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), NUMBERS)
def test_numbers_as_text(value: float, text: str) -> None:
    assert js.to_string(js.number(value)) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_is_that_number(value: float) -> None:
    text = js.to_string(js.number(value))
    assert float(text) == value
    assert js.to_number(text) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('abc-é"\\', min_size=1), inner, max_size=4),
    )
)
def test_what_is_written_is_read_again(value: Any) -> None:
    text = js.stringify(js.parse(json.dumps(value)))
    assert js.parse(text) == value
    assert js.stringify(js.parse(text)) == text


TEXTS = [
    ("", "0", "NaN", "NaN"), ("0", "0", "0", "0"), (" 12 ", "12", "12", "12"), ("0x10", "16", "0", "0"),
    ("0b11", "3", "0", "0"), ("0o7", "7", "0", "0"), ("1e3", "1000", "1", "1000"), (".5", "0.5", "NaN", "0.5"),
    ("5.", "5", "5", "5"), ("+5", "5", "5", "5"), ("-5", "-5", "-5", "-5"), ("-0x5", "NaN", "0", "0"),
    ("Infinity", "Infinity", "NaN", "Infinity"), ("-Infinity", "-Infinity", "NaN", "-Infinity"),
    ("abc", "NaN", "NaN", "NaN"), ("1a", "NaN", "1", "1"), ("1_0", "NaN", "1", "1"), ("\u00a07\ufeff", "7", "7", "7"),
    ("\u0663", "NaN", "NaN", "NaN"), ("1e", "NaN", "1", "1"), ("--1", "NaN", "NaN", "NaN"), ("0x", "NaN", "0", "0"),
    ("NaN", "NaN", "NaN", "NaN"), ("1e400", "Infinity", "1", "Infinity"), ("- 1", "NaN", "NaN", "NaN"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number", "integer", "decimal"), TEXTS)
def test_texts_as_numbers(text: str, number: str, integer: str, decimal: str) -> None:
    found = [js.to_number(text), js.parse_int(text), js.parse_float(text)]
    assert [js.to_string(js.number(one)) for one in found] == [number, integer, decimal]


@pytest.mark.parametrize(
    ("value", "text", "number", "true"),
    [
        (None, "null", 0, False), (js.UNDEFINED, "undefined", None, False), (True, "true", 1, True),
        (False, "false", 0, False), ([1, None, [2, "x"]], "1,,2,x", None, True), ([], "", 0, True),
        ({}, "[object Object]", None, True), ("", "", 0, False), ("0", "0", 0, True), (0, "0", 0, False),
        ([7], "7", 7, True),
    ],
)  # fmt: skip
def test_other_values(value: Any, text: str, number: float | None, true: bool) -> None:
    assert js.to_string(value) == text
    found = js.to_number(value)
    assert (None if found != found else found) == number
    assert js.truthy(value) is true
    assert repr(js.UNDEFINED) == "undefined"


@pytest.mark.parametrize(
    ("a", "b", "less"),
    [
        (1, 2, True), ("10", 9, False), ("10", "9", True), ("a", 1, None), (None, 1, True), (js.UNDEFINED, 1, None),
        (True, 2, True), ([2], 10, True), ([2], "10", False), ({}, "[p", True), ("\U0001f600", "\uffff", True),
        ("a", "a", False),
    ],
)  # fmt: skip
def test_comparison(a: Any, b: Any, less: bool | None) -> None:
    assert js.less(a, b) is less


def test_order_puts_nothing_last() -> None:
    assert js.ascending(None, 5) == js.ascending(js.UNDEFINED, None) == js.ascending(nan, js.UNDEFINED) == 1
    assert js.ascending(5, None) == js.ascending(1, 2) == -1
    assert js.ascending("a", 1) == js.ascending(2, 2) == js.ascending([1], {}) * 0 == 0
    assert not js.same(True, 1)
    assert not js.same([], [])


def test_parsing() -> None:
    assert list(js.parse('{"b": 1, "10": 2, "9": 3, "01": 4, "a": 5, "4294967295": 6}')) == [
        "9", "10", "b", "01", "a", "4294967295",
    ]  # fmt: skip
    assert js.parse("[1.0, 1e2, -0, 1E400, 123456789012345678901]") == [1, 100, 0, inf, 123456789012345678901.0]
    assert js.parse("1" * 500) == js.parse("1" * 350) == inf
    assert js.parse("-" + "1" * 350) == -inf
    assert js.parse(b"\xef\xbb\xbf[1]") == [1]
    assert js.stringify(js.parse('["\\ud800", {"\\udc00": "\\ud83d\\ude00"}]')) == (
        '[\n  "\\ud800",\n  {\n    "\ufffd": "\U0001f600"\n  }\n]'.encode()
    )
    assert js.stringify([js.Number(inf), js.number(1e21), "\x7f\x1f\u2028"]) == (
        '[\n  null,\n  1e+21,\n  "\x7f\\u001f\u2028"\n]'.encode()
    )
    with pytest.raises(InvalidJson, match="Unexpected token N in JSON at position 0"):
        js.parse("NaN")
    with pytest.raises(TypeError):
        js.stringify([object()])
    assert js.spread("text") == {}


PATTERNS = json.loads(Path(__file__).with_name("node_regexp.json").read_text())


@pytest.mark.parametrize("pattern", PATTERNS["matches"])
def test_patterns(pattern: str) -> None:
    matches = PATTERNS["matches"][pattern]
    if matches is None:
        with pytest.raises(regexp.InvalidRegExp, match="Invalid regular expression: /"):
            regexp.compiled(pattern)
        return
    found = regexp.compiled(pattern)
    assert [text for text in PATTERNS["texts"] if found.search(text)] == [
        text for text, match in zip(PATTERNS["texts"], matches, strict=True) if match == "1"
    ]


@given(st.text("ab1()[]{}*+?|^$.\\-dwsDWSbBkuxc0<>=!:,"))
def test_any_pattern_compiles_or_is_refused(pattern: str) -> None:
    with contextlib.suppress(regexp.InvalidRegExp):
        assert regexp.compiled(pattern).groups <= pattern.count("(")


NOUNS = [
    ("post", "posts"), ("category", "categories"), ("boy", "boys"), ("person", "people"), ("child", "children"),
    ("box", "boxes"), ("class", "classes"), ("status", "statuses"), ("bus", "buses"), ("quiz", "quizzes"),
    ("analysis", "analyses"), ("leaf", "leaves"), ("knife", "knives"), ("potato", "potatoes"), ("photo", "photos"),
    ("datum", "data"), ("index", "indices"), ("matrix", "matrices"), ("movie", "movies"), ("cactus", "cacti"),
    ("sheep", "sheep"), ("Person", "People"), ("MAN", "MEN"), ("album", "albums"), ("dish", "dishes"),
    ("phenomenon", "phenomena"), ("house", "houses"), ("shelf", "shelves"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "many"), NOUNS)
def test_nouns(one: str, many: str) -> None:
    assert (plural(one), singular(many)) == (many, one)
    assert (plural(many), singular(one)) == (many, one)


def test_an_empty_noun_stays() -> None:
    assert (plural(""), singular("")) == ("", "")


PLACES = [
    ("a", 1), ("b.c", [1, {"d": "xyz"}]), ("b.c.0", 1), ("b.c[1].d", "xyz"), ('b["c"].length', 2), ("b.c[1].d.1", "y"),
    ("b.c[1].d.length", 3), ("dotted.key", 7), ("b.c.2", js.UNDEFINED), ("b.c.01", js.UNDEFINED), ("a.b", js.UNDEFINED),
    ("n.x", js.UNDEFINED), ("", js.UNDEFINED), ("b..c", js.UNDEFINED), ("z", js.UNDEFINED), ("b['c'][0]", 1),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), PLACES)
def test_places(path: str, value: Any) -> None:
    holder = {"a": 1, "b": {"c": [1, {"d": "xyz"}]}, "dotted.key": 7, "n": None}
    assert get(holder, path) == value


QUERIES = [
    ("a=1&b=2", {"a": "1", "b": "2"}), ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}), ("a", {"a": ""}), ("a=", {"a": ""}),
    ("=1&&", {}), ("a[]=1", {"a": ["1"]}), ("a[]=1&a[]=2", {"a": ["1", "2"]}), ("a[0]=1&a[1]=2", {"a": ["1", "2"]}),
    ("a[x]=1&a[y]=2", {"a": {"x": "1", "y": "2"}}), ("a[21]=1", {"a": {"21": "1"}}), ("a=1&a[x]=2", {"a": ["1", "2"]}),
    ("a[x]=1&a=2", {"a": {"x": "1"}}), ("a+b=c%20d", {"a b": "c d"}), ("a=%zz", {"a": "%zz"}), ("a=%ff", {"a": "%ff"}),
    ("a=b=c", {"a": "b=c"}), ("[x]=1", {"[x]": "1"}), ("a.b=1", {"a.b": "1"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "query"), QUERIES)
def test_queries(text: str, query: dict[str, Any]) -> None:
    assert parse(text) == query


def test_a_query_has_an_end() -> None:
    assert len(parse("&".join(f"a{index}=1" for index in range(2000)))) == 1000
