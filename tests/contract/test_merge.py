"""Three documents into one: what a person wrote stays, what lookalike wrote follows."""

from __future__ import annotations

import io
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lookalike.contract.merge import merge, widened
from lookalike.shape.learn import learn
from lookalike.shape.policy import derive
from lookalike.shape.schema import Validator, to_schema


@pytest.mark.parametrize(
    ("base", "mine", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": 5}, {"a": 2}, {"a": 5}),
        ({"a": 1}, {"a": 1}, {}, {}),
        ({"a": 1}, {"a": 5}, {}, {"a": 5}),
        ({"a": 1}, {}, {"a": 2}, {}),
        ({}, {"a": 5}, {"a": 2}, {"a": 5}),
        ({}, {"b": 5}, {"a": 2}, {"a": 2, "b": 5}),
        ({}, {"o": {"b": 5}}, {"o": {"a": 1, "b": 2}}, {"o": {"a": 1, "b": 5}}),
        ({"o": {"a": 1, "b": 2}}, {"o": {"a": 1, "b": 3}}, {"o": {"a": 9, "b": 9}}, {"o": {"a": 9, "b": 3}}),
        ({"o": {"a": 1, "b": 2}}, {"o": {"a": 1, "b": 3}}, {}, {"o": {"b": 3}}),
        ({"o": {"a": 1}}, {"o": {"a": 1}}, {"o": [1]}, {"o": [1]}),
        ({"o": {"a": 1}}, {"o": {"a": 2}}, {"o": [1]}, {"o": {"a": 2}}),
        # a pin holds a whole node, whatever the machine would do with it
        ({"o": {"a": 1}}, {"o": {"a": 1, "x-pinned": True}}, {"o": {"a": 2, "c": 3}}, {"o": {"a": 1, "x-pinned": True}}),  # noqa: E501  a row a line
        ({"o": {"a": 1}}, {"o": {"a": 1, "x-pinned": True}}, {}, {"o": {"a": 1, "x-pinned": True}}),
        ({"o": {"p": {"a": 1}}}, {"o": {"p": {"a": 1, "x-pinned": True}}}, {}, {"o": {"p": {"a": 1, "x-pinned": True}}}),  # noqa: E501  a row a line
        # a new item has its place in lookalike's order, wherever that is among a person's own
        ({"p": [{"name": "b"}]}, {"p": [{"name": "b"}]}, {"p": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}, {"p": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}),  # noqa: E501  a row a line
        ({"p": [{"name": "b"}]}, {"p": [{"name": "x"}, {"name": "b"}]}, {"p": [{"name": "b"}, {"name": "c"}]}, {"p": [{"name": "x"}, {"name": "b"}, {"name": "c"}]}),  # noqa: E501  a row a line
        ({"p": [{"name": "a"}, {"name": "b"}]}, {"p": [{"name": "b"}]}, {"p": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}, {"p": [{"name": "b"}, {"name": "c"}]}),  # noqa: E501  a row a line
        # names that are no text tell nothing apart
        ({"p": [{"name": "b"}]}, {"p": [{"name": ["b"]}]}, {"p": [{"name": "c"}]}, {"p": [{"name": ["b"]}]}),
        # lists of text follow as long as nobody touched them
        ({"r": ["a", "b"]}, {"r": ["a", "b"]}, {"r": ["b", "c", "d"]}, {"r": ["b", "c", "d"]}),
        ({"r": ["a", "b"]}, {"r": ["a", "b"]}, {"r": ["b", "a"]}, {"r": ["b", "a"]}),
        ({"r": ["a"]}, {"r": ["a", "z"]}, {"r": ["b"]}, {"r": ["a", "z"]}),
        ({"r": ["a"]}, {"r": ["a"]}, {"r": ["a"]}, {"r": ["a"]}),
        ({"r": [["a"]]}, {"r": [["a"]]}, {"r": [["b"]]}, {"r": [["b"]]}),
        # parameters are known by their place and name
        (
            [{"in": "query", "name": "a", "s": 1}, {"in": "query", "name": "b"}, {"in": "query", "name": "gone"}],
            [{"in": "query", "name": "a", "s": 1, "d": "mine"}, {"in": "query", "name": "own"}, {"in": "query", "name": "gone"}],  # noqa: E501  a row a line
            [{"in": "query", "name": "a", "s": 2}, {"in": "query", "name": "b"}, {"in": "query", "name": "c"}],
            [{"in": "query", "name": "a", "s": 2, "d": "mine"}, {"in": "query", "name": "own"}, {"in": "query", "name": "c"}],  # noqa: E501  a row a line
        ),
        ([{"url": "u"}], [{"url": "mine"}], [{"url": "u"}], [{"url": "mine"}]),
        ([], [], [{"url": "u"}], [{"url": "u"}]),
    ],
)  # fmt: skip
def test_merging(base: Any, mine: Any, new: Any, expected: Any) -> None:
    before = deepcopy((base, new))
    assert merge(base, mine, new) == expected
    assert (base, new) == before


TEXT = """\
# our own words at the top
openapi: 3.1.0
info:
  title: Todos   # as marketing calls it
paths:
  /todos:
    get:
      # which fields do we rely on?
      properties:
        gone:
          type: string
          # the next one matters
        id:
          type: integer
        title: # theirs
          type: string
      required:
        - id # always
        - title
"""


def round_trip(text: str) -> tuple[YAML, Any]:
    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml, yaml.load(text)


def dumped(yaml: YAML, value: Any) -> str:
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def test_comments_stay_even_where_what_they_stood_at_goes() -> None:
    yaml, mine = round_trip(TEXT)
    base = plain(mine)
    new = deepcopy(base)
    get = new["paths"]["/todos"]["get"]
    del get["properties"]["gone"]
    get["properties"] = {"id": {"type": "string"}, "new": {"type": "boolean"}, "title": {"type": "string"}}
    get["required"] = ["id"]
    merged = merge(base, mine, new)
    text = dumped(yaml, merged)
    assert plain(merged) == new
    for comment in (
        "# our own words at the top", "# as marketing calls it", "# which fields do we rely on?",
        "# the next one matters", "# theirs", "# always",
    ):  # fmt: skip
        assert text.count(comment) == 1, comment
    assert text.index("# the next one matters") < text.index("id:")
    assert list(merged["paths"]["/todos"]["get"]["properties"]) == ["id", "new", "title"]


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_a_comment_of_any_removed_key_stays(key: str) -> None:
    yaml, mine = round_trip("a: 1 # one\nb:\n  x: 1 # two\nc: 3 # three\n")
    base = plain(mine)
    new = {name: value for name, value in base.items() if name != key}
    text = dumped(yaml, merge(base, mine, new))
    assert all(f"# {word}" in text for word in ("one", "two", "three"))
    assert plain(YAML(typ="safe", pure=True).load(text)) == new


leaves = st.integers(0, 3) | st.sampled_from(["a", "b"])
trees = st.recursive(
    leaves,
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=4) | st.lists(leaves, max_size=3),
    max_leaves=10,
)
documents = st.dictionaries(st.sampled_from("abcd"), trees, max_size=4)


@given(documents, documents)
def test_an_untouched_document_becomes_the_new_one(base: Any, new: Any) -> None:
    assert merge(base, deepcopy(base), new) == new


@given(documents, documents)
def test_without_news_a_document_stays_as_it_is(base: Any, mine: Any) -> None:
    assert merge(base, deepcopy(mine), base) == mine


@given(documents, documents, documents)
def test_merging_twice_changes_nothing_more(base: Any, mine: Any, new: Any) -> None:
    once = merge(base, deepcopy(mine), new)
    assert merge(new, deepcopy(once), new) == once


@given(documents, documents, documents)
def test_what_a_person_changed_at_the_top_stays(base: Any, mine: Any, new: Any) -> None:
    merged = merge(base, deepcopy(mine), new)
    for key, value in mine.items():
        if not isinstance(value, dict | list) and (key not in base or base[key] != value):
            assert merged[key] == value


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["a", "2026-11-20"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(values, min_size=1, max_size=3), st.lists(values, min_size=1, max_size=3))
def test_a_widened_schema_allows_what_either_allowed(ours: list[Any], theirs: list[Any]) -> None:
    schema = widened(to_schema(derive(learn(ours))), to_schema(derive(learn(theirs))))
    assert all(Validator(schema).is_valid(value) for value in [*ours, *theirs])


def test_widened_schemas_keep_what_they_have_in_common() -> None:
    one = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a", "b"]}
    other = {"type": ["object", "null"], "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert widened(one, other) == {
        "type": ["object", "null"],
        "properties": {"a": {"type": ["integer", "string"]}, "b": {"type": "string"}},
        "required": ["a"],
    }
