"""YAML 1.2 as JSON values, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lookalike import yaml_events
from lookalike.contract.yaml import MAX_NODES, plain_value, read_strictly, read_yaml
from lookalike.contract.yaml_plain import NotPlain, read_plain
from lookalike.errors import FileError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("a: no", {"a": "no"}),
        ("a: yes", {"a": "yes"}),
        ("a: on", {"a": "on"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 2026-11-20", {"a": "2026-11-20"}),
        ("a: 2026-11-20T10:00:00Z", {"a": "2026-11-20T10:00:00Z"}),
        ("a: 010", {"a": 10}),
        ("a: 0o17", {"a": 15}),
        ("a: 0x1F", {"a": 31}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: -3", {"a": -3}),
        ("a: +1.5e3", {"a": 1500.0}),
        ("a: .5", {"a": 0.5}),
        ("a: true\nb: False", {"a": True, "b": False}),
        ("a: ~\nb: null\nc:", {"a": None, "b": None, "c": None}),
        ("a: '1'\nb: \"true\"\nc: |\n  null", {"a": "1", "b": "true", "c": "null"}),
        ("a: !!str 1", {"a": "1"}),
        ("200: ok\ntrue: x\n1.0: y", {"200": "ok", "true": "x", "1.0": "y"}),
        ("[1, [2, {a: b}]]", [1, [2, {"a": "b"}]]),
        ("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": {"k": 1}}),
        ("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3", {"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 3}}),
        ("a: &x {k: 1}\nc: &y {m: 1, k: 9}\nb:\n  <<: [*x, *y]", {"a": {"k": 1}, "c": {"m": 1, "k": 9}, "b": {"m": 1, "k": 1}}),  # noqa: E501  a row a line
        ("a: =", {"a": "="}),
    ],
)  # fmt: skip
def test_values(text: str, expected: Any) -> None:
    assert read_yaml(text, "a.yaml") == expected


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: [1, 2", "line 1", "not YAML"),
        ("a: b: c", "line 1, column 5", "mapping values are not allowed"),
        ("a:\n\t- b", "line 2", "not YAML"),
        ("a: 1\nb: 2\na: 3", "line 3, column 1", "the key 'a' is given twice, first in line 1"),
        ("a: !!python/object:os.system x", "line 1, column 4", "the tag !!python/object:os.system isn't read"),
        ("a: !!binary aGk=", "line 1, column 4", "the tag !!binary isn't read"),
        ("a: !!set {x, y}", "line 1", "the tag !!set isn't read"),
        ("a: !own [1]", "line 1", "the tag !own isn't read"),
        ("a: .nan", "line 1, column 4", ".nan is no JSON number"),
        ("a: -.inf", "line 1, column 4", "-.inf is no JSON number"),
        ("a: -1e999", "line 1, column 4", "-1e999 is more than a JSON number holds"),
        ("[a]: b", "line 1, column 1", "a key is text"),
        ("a: &x [*x]", "line 1", "an alias stands inside what it names"),
        ("a: *nowhere", "line 1", "undefined alias"),
        (BOMB, "line", f"more than {MAX_NODES:,} values"),
        ("[" * 500, "", "nested too deeply"),
        ("a: 1\n---\nb: 2", "line 2", "a second document begins"),
        ("a: \x00", "", "not YAML"),
    ],
    ids=range(18),
)
def test_what_is_refused_names_the_line_and_the_next_step(text: str, place: str, problem: str) -> None:
    with pytest.raises(FileError) as caught:
        read_yaml(text, "a.yaml")
    assert problem in str(caught.value)
    assert caught.value.place.startswith(place)
    assert caught.value.hint


def test_an_alias_is_not_copied() -> None:
    value = read_yaml("a: &x [1]\nb: *x", "a.yaml")
    assert value["a"] is value["b"]


WORDS = r"a b 1 0x1F 0o7 1e3 .5 1. .inf ~ null true = no 12:30 2026-11-20 -1 08 1_000 1e999 é \ \n \/ % @ ` ! &x *x ?"
MARKS = (
    "- ", ": ", ":", "\n", "  ", "{", "}", "[", "]", ", ", ",", "'", '"', "#", " #", "<<: ", "\t", "\r\n", "---\n",
    "...\n", "\x07", "\u2028", "\x85", ">\n", "|\n",
)  # fmt: skip
PIECES = [*WORDS.split(), *MARKS]


@given(st.sampled_from(["", "a: ", "- a\n- ", "{", "a:\n  b: "]), st.lists(st.sampled_from(PIECES), max_size=12))
@example("", ["|\n", "#"])
@example("a: ", ["&x", "12:30"])
@example("a: ", ["1", "\t"])
@example("a: ", ["'", "\\", "/", "'"])
def test_libyaml_reads_what_the_strict_reader_does(begin: str, pieces: list[str]) -> None:
    text = begin + "".join(pieces)
    # ruamel.yaml takes `.5e3` for text, which section 10.3.2 has as a number.
    assume(".5" not in text)
    try:
        fast = read_plain(text, plain_value, MAX_NODES)
    except NotPlain:
        return
    assert repr(read_strictly(text, "a.yaml")) == repr(fast)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!str 1", "a: !own b", "!x a: 1", "&x a: 1", "%YAML 1.1\n---\na: 1", "%TAG ! x:\n---\na: 1",
        "a: 1\n---\nb: 1", "a: 1\na: 2", "a: *x", "a: &x [*x]", "? [a]\n: 1", "<<: {a: 1}", "a: .inf", ".inf: a",
        "1e999: a", "a", "", "a: \ufeff", "[" * 600 + "]" * 600, "a: b: c",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_strict_reader(text: str) -> None:
    with pytest.raises(NotPlain):
        read_plain(text, plain_value, MAX_NODES)


def test_aliases_that_explode_are_left_to_the_strict_reader() -> None:
    with pytest.raises(NotPlain):
        read_plain(BOMB, plain_value, 10_000)


def test_without_libyaml_documents_are_read_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    yaml_events.parser.cache_clear()
    monkeypatch.setattr(yaml_events, "import_module", missing)
    try:
        assert read_yaml("a: [1, no]", "a.yaml") == {"a": [1, "no"]}
    finally:
        yaml_events.parser.cache_clear()
