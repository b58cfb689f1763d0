"""Where responses asks the first route that is declared and a mock the newest: what `lookalike migrate` makes of it."""
# ruff: noqa: E501  a row of a table is a line

from __future__ import annotations

import pytest

from lookalike.cli.migrate.finishing import rewrite

_HEAD = """
import re

import pytest
import requests
import responses
from responses import matchers
from responses.registries import OrderedRegistry

URL = "https://api.example.com/v1"


"""


def _function(*lines: str, decorated: bool = True) -> str:
    body = "\n".join("    " + line for line in lines)
    return f"{_HEAD.lstrip()}{'@responses.activate' if decorated else ''}\ndef test_it():\n{body}\n"


def _run(text: str) -> None:
    names: dict[str, object] = {}
    exec(compile(text, "test_it.py", "exec"), names)
    test = names["test_it"]
    assert callable(test)
    test()


#: Lines of a test that passes before and after, and what of it is in the new text.
_SAME = {
    "a query before any": (
        ['responses.get(URL + "?page=1", json=1)', "responses.get(URL, json=2)",
         'assert [requests.get(URL + "?page=1").json() for _ in "abc"] == [1, 2, 2]'],
        'mock.get(URL, params=exactly({"page": "1"}), priority=1).respond(json=1).times(1)',
    ),
    "any before a query: the newest is right once the first has answered": (
        ["responses.get(URL, json=1)", 'responses.get(URL + "?page=2", json=2)',
         'assert [requests.get(URL + one).json() for one in ("", "?page=2")] == [1, 2]'],
        'mock.get(URL, params=exactly({"page": "2"})).respond(json=2)\n',
    ),
    "an URL before an expression": (
        ['responses.get(f"{URL}/a", json=1)', r'responses.get(re.compile(r"https://api\.example\.com/v1/"), json=2)',
         'assert [requests.get(URL + one).json() for one in ("/a", "/b", "/a")] == [1, 2, 2]'],
        'mock.get(f"{URL}/a", priority=1).respond(json=1).times(1)',
    ),
    "an expression before an URL": (
        [r'responses.get(re.compile(r"https://api\.example\.com/v1/.*"), json=1)', 'responses.get("https://api.example.com/v1/a", json=2)',
         'assert [requests.get(URL + one).json() for one in ("/b", "/a")] == [1, 2]'],
        'mock.get("https://api.example.com/v1/a").respond(json=2)',
    ),
    "an expression of other URLs": (
        ['responses.get(f"{URL}/a", json=1)', r'responses.get(re.compile(r"https://other\.example/"), json=2)',
         'assert [requests.get(one).json() for one in (URL + "/a", "https://other.example/", URL + "/a")] == [1, 2, 1]'],
        'mock.get(f"{URL}/a").respond(json=1)\n',
    ),
    "three deep": (
        ['responses.get(URL, match=[matchers.query_param_matcher({"p": 1}), matchers.header_matcher({"X": "y"})], json=1)',
         'responses.get(URL, match=[matchers.query_param_matcher({"p": 1})], json=2)',
         'responses.get(URL, match=[matchers.query_param_matcher({"p": 2})], json=3)', "responses.get(URL, json=4)",
         'assert [requests.get(URL + "?p=1", headers={"X": "y"}).json() for _ in "abcd"] == [1, 2, 4, 4]',
         'assert requests.get(URL + "?p=2").json() == 3'],
        'headers={"X": "y"}, priority=2).respond(json=1).times(1)',
    ),
    "one that is narrower than one before it is no less in front than that": (
        ['responses.get(URL, match=[matchers.header_matcher({"X": "y"})], json=1)', "responses.get(URL, json=2)",
         'responses.get(URL, match=[matchers.header_matcher({"X": "y", "Z": "z"})], json=3)',
         'assert requests.get(URL, headers={"X": "y"}).json() == 1'],
        'mock.get(URL, headers={"X": "y", "Z": "z"}, priority=1).respond(json=3)',
    ),
    "turns before any": (
        ['responses.get(URL, json=1, match=[matchers.query_param_matcher({"p": 1})])',
         'responses.get(URL, json=2, match=[matchers.query_param_matcher({"p": 1})])', "responses.get(URL, json=3)",
         'assert [requests.get(URL + "?p=1").json() for _ in "abcd"] == [1, 2, 3, 3]'],
        "route.then.respond(json=2).times(1)",
    ),
    "a part before the whole": (
        ['responses.get(URL, match=[matchers.query_param_matcher({"p": "1"}, strict_match=False)], json=1)',
         'responses.get(URL, match=[matchers.query_param_matcher({"p": "1", "q": "2"})], json=2)',
         'assert [requests.get(URL + one).json() for one in ("?p=1", "?p=1&q=2")] == [1, 2]'],
        'params=exactly({"p": "1", "q": "2"})).respond(json=2)',
    ),
    "the whole before a part": (
        ['responses.get(URL, match=[matchers.query_param_matcher({"p": "1", "q": "2"})], json=1)',
         'responses.get(URL, match=[matchers.query_param_matcher({"p": "1"}, strict_match=False)], json=2)',
         'assert [requests.get(URL + "?p=1&q=2").json() for _ in "ab"] == [1, 2]'],
        'params=exactly({"p": "1", "q": "2"}), priority=1).respond(json=1).times(1)',
    ),
    "parts of different values": (
        ['responses.post(URL, match=[matchers.json_params_matcher({"a": 1}, strict_match=False)], json=1)',
         'responses.post(URL, match=[matchers.json_params_matcher({"a": 2}, strict_match=False)], json=2)',
         'assert [requests.post(URL, json={"a": one}).json() for one in (1, 1, 2)] == [1, 1, 2]'],
        'mock.post(URL, json=including({"a": 1})).respond(json=1)\n',
    ),
    "a smaller part after a greater": (
        ['responses.post(URL, match=[matchers.json_params_matcher({"a": 1, "b": 2}, strict_match=False)], json=1)',
         'responses.post(URL, match=[matchers.json_params_matcher({"a": 1}, strict_match=False)], json=2)',
         'assert [requests.post(URL, json={"a": 1, "b": 2}).json() for one in "ab"] == [1, 2]'],
        'mock.post(URL, json=including({"a": 1, "b": 2}), priority=1).respond(json=1).times(1)',
    ),
    "lists are compared too": (
        ['responses.post(URL, match=[matchers.json_params_matcher({"a": [1]})], json=1)',
         'responses.post(URL, match=[matchers.json_params_matcher({"a": [2]})], json=2)',
         'assert [requests.post(URL, json={"a": [one]}).json() for one in (1, 1, 2)] == [1, 1, 2]'],
        'mock.post(URL, json={"a": [1]}).respond(json=1)\n',
    ),
    "values that are only known later": (
        ["one, two = {'a': 1}, {'a': 2}", "responses.post(URL, match=[matchers.json_params_matcher(one)], json=1)",
         "responses.post(URL, match=[matchers.json_params_matcher(two)], json=2)",
         "assert [requests.post(URL, json=each).json() for each in (one, one, two)] == [1, 1, 2]"],
        "mock.post(URL, json=one).respond(json=1)\n",
    ),
    "other criteria that set them apart": (
        ['responses.post(URL, match=[matchers.header_matcher({"X": "y"}), matchers.json_params_matcher({"a": 1})], json=1)',
         'responses.post(URL, match=[matchers.query_param_matcher({"p": 1}), matchers.json_params_matcher({"a": 2})], json=2)',
         'assert requests.post(URL, json={"a": 1}, headers={"X": "y"}).json() == 1'],
        'mock.post(URL, headers={"X": "y"}, json={"a": 1}).respond(json=1)\n',
    ),
    "asked before the later is declared": (
        ['responses.get(URL + "?p=1", json=1)', 'assert [requests.get(URL + "?p=1").json() for _ in "ab"] == [1, 1]',
         "responses.get(URL, json=2)", 'assert requests.get(URL + "?p=1").json() == 2'],
        'mock.get(URL, params=exactly({"p": "1"})).respond(json=1)\n',
    ),
    "asked in a block before the later is declared": (
        ['responses.get(URL + "?p=1", json=1)', "with requests.Session() as session:", '    assert session.get(URL + "?p=1").json() == 1',
         '    assert session.get(URL + "?p=1").json() == 1', "responses.get(URL, json=2)", 'assert requests.get(URL + "?p=1").json() == 2'],
        "mock.get(URL).respond(json=2)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _SAME)
def test_the_first_of_two_routes_answers_as_it_did(name: str) -> None:
    lines, becomes = _SAME[name]
    before = _function(*lines)
    after = rewrite(before)
    assert after.left == ()
    assert becomes in after.text
    _run(before)
    _run(after.text)


#: Two declarations that can't be told apart.
_UNSURE = {
    "each asks for what the other doesn't": (
        'responses.get(URL, match=[matchers.query_param_matcher({"p": 1})])', 'responses.get(URL, match=[matchers.header_matcher({"X": "y"})])'
    ),
    "parts that go together": (
        'responses.get(URL, match=[matchers.header_matcher({"A": "b"})])', 'responses.get(URL, match=[matchers.header_matcher({"X": "y"})])'
    ),
    "one URL in two spellings": ('responses.get(URL + "/a")', 'responses.get(f"{URL}/a")'),
    "two expressions of the query": (
        r'responses.get(re.compile(r".*\?.*a=1"))', r'responses.get(re.compile(r".*\?.*b=1"))'
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _UNSURE)
def test_routes_that_take_partly_the_same_are_told(name: str) -> None:
    first, later = _UNSURE[name]
    done = rewrite(_function(first, later))
    [left] = done.left
    assert "there the first that is declared answers them" in left.reason
    assert "priority=1" in left.form
    assert done.text.splitlines()[left.line - 1].strip() == later
    assert first not in done.text


def test_each_block_and_each_order_has_its_own_turns() -> None:
    before = _function(
        "for value in (1, 2):", "    with responses.RequestsMock() as rsps:", "        rsps.get(URL, json=value)",
        "        assert requests.get(URL).json() == value", "with responses.RequestsMock() as rsps:", "    rsps.get(URL, json=3)",
        "    assert requests.get(URL).json() == 3", decorated=False,
    )  # fmt: skip
    after = rewrite(before)
    assert after.left == ()
    assert ".then" not in after.text
    _run(before)
    _run(after.text)
    before = _function(
        "with responses.RequestsMock(registry=OrderedRegistry) as rsps:", "    rsps.get(URL, json=1)", '    rsps.get(URL + "/b", json=2)',
        "    rsps.get(URL, json=3)", '    assert [requests.get(one).json() for one in (URL, URL + "/b", URL)] == [1, 2, 3]', decorated=False,
    )  # fmt: skip
    after = rewrite(before)
    assert "ordered=True" in after.text
    assert after.left == ()
    _run(before)
    _run(after.text)


_RAISING = (
    "pytest.raises(requests.ConnectionError)", "pytest.raises((ValueError, requests.exceptions.ConnectionError))",
    'pytest.raises(requests.exceptions.ConnectionError, match="refused")',
)  # fmt: skip


@pytest.mark.parametrize("raising", _RAISING)
def test_an_expected_connection_error_is_told(raising: str) -> None:
    done = rewrite(_function("responses.get(URL)", f"with {raising}:", '    requests.get(URL + "/other")'))
    [left] = done.left
    assert "lookalike.UnmatchedRequest" in left.reason
    assert "pytest.raises(lookalike.UnmatchedRequest)" in left.form
    assert done.text.splitlines()[left.line - 1].strip() == f"with {raising}:"


def test_a_connection_error_that_is_declared_is_not_told() -> None:
    text = _function(
        'responses.get(URL, body=requests.ConnectionError("gone"))',
        "with pytest.raises(requests.ConnectionError):",
        "    requests.get(URL)",
    )
    other = "\n\n@responses.activate\ndef test_other():\n    with pytest.raises(requests.ConnectionError):\n        requests.get(URL)\n"
    assert rewrite(text).left == ()
    done = rewrite(text + other)
    [left] = done.left
    assert left.line == len(done.text.splitlines()) - 1
    assert rewrite(
        "import pytest\nimport responses\nfrom responses import ConnectionError\n\n\ndef test():\n    pytest.raises(ConnectionError, print)\n"
    ).text
