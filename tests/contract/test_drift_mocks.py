"""Which declared replies a drift makes false, and what is said of a finding."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.contract.compare_causes import gather
from lookalike.contract.compare_finding import Finding
from lookalike.contract.compare_mocks import judge
from lookalike.contract.compare_places import key_place, steps, values_at
from lookalike.contract.contract import Contract
from lookalike.contract.drift import DeclaredMock, Drift, fingerprint, last_part
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.openapi import Document

PATHS = {path: {"get": {"responses": {"200": {"description": ""}}}} for path in ("/things", "/users")}
CONTRACT = Contract(
    Document({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [], "paths": PATHS}, "t.yaml")
)


def mock(body: Any, status: int = 200, path: str = "/things", where: str = "tests/test_a.py:3") -> DeclaredMock:
    return DeclaredMock("", "GET", path, status, body, where)


def drift(kind: str, place: str, detail: str = "", **more: Any) -> Drift:
    return Drift(kind, KINDS[kind].severity, (("GET /things", place),), "before", "now", detail, **more)


FALSE: list[tuple[Drift, Any, Any]] = [
    (drift("field-removed", "json[].a"), [{"a": 1}], [{"b": 1}]),
    (drift("field-renamed", "json.a", "b"), {"a": 1}, {"b": 1}),
    (drift("field-moved", "json.a", "c.a"), {"a": None}, {"c": {"a": 1}}),
    (drift("type-changed", "json.a", "string"), {"a": 1}, {"a": "1"}),
    (drift("type-changed", "json.a", "string"), {"a": 1}, {"a": None}),
    (drift("type-changed", "json.a", "number"), {"a": "1"}, {"a": 1}),
    (drift("item-type-changed", "json[]", "string"), [1], ["1"]),
    (drift("format-changed", "json.a", "date"), {"a": "2026-01-01T00:00:00Z"}, {"a": "2026-01-01"}),
    (drift("format-changed", "json.a", "date"), {"a": "no"}, {"a": 7}),
    (drift("body-wrapped", "json", "inside the key data"), {"id": 1}, {"data": {"id": 1}}),
    (drift("body-wrapped", "json", "no longer inside the key data"), {"data": [1]}, [1]),
    (drift("body-wrapped", "json", "inside the key data"), [1], {"data": [1]}),
    (drift("body-empty", "body"), {"id": 1}, None),
    (drift("field-removed", 'json["odd key"]'), {"odd key": 1}, {"odd": 1}),
    (drift("field-removed", "json.map.*.a"), {"map": {"x": {"a": 1}}}, {"map": {"x": {"b": 1}}}),
]


@pytest.mark.parametrize(("found", "false", "true"), FALSE)
def test_a_mock_is_false_where_it_shows_what_is_no_longer_there(found: Drift, false: Any, true: Any) -> None:
    mocks = [mock(false, where="tests/test_a.py:20"), mock(true, where="tests/test_a.py:3")]
    (judged,) = judge([found], mocks, contract=CONTRACT)
    assert [one.where for one in judged.mocks] == ["tests/test_a.py:20"]


@pytest.mark.parametrize("kind", ["path-gone", "success-gone", "operation-removed", "redirected"])
def test_a_success_is_false_where_none_comes_any_more(kind: str) -> None:
    mocks = [mock({}, where="a.py:1"), mock({}, 500, where="a.py:2"), mock({}, path="/users", where="a.py:3")]
    (judged,) = judge([drift(kind, "status")], mocks, contract=CONTRACT)
    assert [one.where for one in judged.mocks] == ["a.py:1"]


def test_another_success_status_makes_the_old_one_false() -> None:
    mocks = [mock({}, 200, where="a.py:1"), mock({}, 201, where="a.py:2"), mock({}, 404, where="a.py:3")]
    (judged,) = judge([drift("success-status-changed", "status", "201")], mocks, contract=CONTRACT)
    assert [one.where for one in judged.mocks] == ["a.py:1"]


@pytest.mark.parametrize(
    "found",
    [
        drift("became-nullable", "json.a"),
        drift("type-widened", "json.a", "string"),
        drift("field-added", "json.b"),
        drift("field-became-optional", "json.a"),
        drift("enum-value-added", "json.a"),
        drift("field-removed", "json.a", certainty="suspect"),
    ],
)
def test_what_merely_adds_and_what_is_suspected_make_no_mock_false(found: Drift) -> None:
    (judged,) = judge([found], [mock({"a": 1})], contract=CONTRACT)
    assert judged.mocks == ()


def test_mocked_errors_are_held_to_errors() -> None:
    mocks = [mock({"message": 1}, 404, where="a.py:1"), mock({"message": 1}, 200, where="a.py:2")]
    body = drift("field-removed", "json.message")
    error = Drift("field-removed", Severity.RISKY, (("GET /things", "404 json.message"),), "", "")
    first, second = judge([body, error], mocks, contract=CONTRACT)
    assert [one.where for one in first.mocks] == ["a.py:2"]
    assert [one.where for one in second.mocks] == ["a.py:1"]


def test_mocks_come_in_the_order_of_their_lines() -> None:
    mocks = [mock({"a": 1}, where=where) for where in ("b.py:1", "a.py:10", "a.py:9", "elsewhere")]
    (judged,) = judge([drift("field-removed", "json.a")], mocks, contract=CONTRACT)
    assert [one.where for one in judged.mocks] == ["a.py:9", "a.py:10", "b.py:1", "elsewhere"]


def test_a_mock_of_an_unknown_path_keeps_its_own_operation() -> None:
    found = Drift("field-removed", Severity.BREAKING, (("GET /gone", "json.a"),), "", "")
    named = DeclaredMock("GET /gone", "GET", "/gone", 200, {"a": 1}, "a.py:1")
    assert judge([found], [named], contract=CONTRACT)[0].mocks == (named,)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("json.title", "title"),
        ("json[].title", "title"),
        ("json[].tags[]", "each value of tags"),
        ("json", "the body"),
        ("json[]", "each item of the body"),
        ("json.rates.*", "each value of rates"),
        ('json["odd key"]', "odd key"),
        ('json["a.b/c[0]"]', "a.b/c[0]"),
        ('json["a["]', "a["),
        ('json["a"]["["]', "["),
        ('json.x["\\"]"]', '\\"]'),
        ("header Link", "Link"),
        ("404 json.error", "error"),
        ("request json.name", "name"),
        ("query page", "page"),
        ("status", "status"),
    ],
)
def test_a_sentence_names_the_last_part_of_a_place(place: str, name: str) -> None:
    assert last_part(place) == name


def test_every_sentence_can_be_said() -> None:
    for kind in KINDS:
        said = drift(kind, "json.a", "other").sentence
        assert said
        assert "{" not in said
        assert not said.endswith(".")


def test_every_kind_is_looked_for() -> None:
    order = ("answers", "evidence", "documents")
    assert all(kind.found and kind.found == tuple(one for one in order if one in kind.found) for kind in KINDS.values())
    # What only documents show has a reason in the nature of traffic.
    assert all(kind.why for kind in KINDS.values() if "answers" not in kind.found)
    assert [one.rank for one in Severity] == [0, 1, 2, 3, 4]


_TRAFFIC = ("test_kinds_pages.py", "test_kinds_traffic.py")


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (
            "answers",
            (
                "test_drift_answers.py",
                "test_drift_transport.py",
                "test_kinds_answers.py",
                "test_kinds_pages.py",
                "test_kinds_traffic.py",
            ),
        ),
        ("evidence", ("test_drift_answers.py", "test_kinds_answers.py", "test_kinds_evidence.py", *_TRAFFIC)),
        ("documents", ("test_drift_documents.py", "test_kinds_documents.py")),
    ],
)
def test_every_kind_that_is_claimed_is_shown_by_a_pair(where: str, names: tuple[str, ...]) -> None:
    shown = "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)
    claimed = {kind.id for kind in KINDS.values() if where in kind.found}
    assert {kind for kind in claimed if f'"{kind}"' not in shown} == set()


def test_many_places_of_one_cause_are_named_shortly() -> None:
    at = tuple(("GET /things", f"json.{name}") for name in "abcdef")
    found = Drift("field-removed", Severity.BREAKING, at, "", "")
    assert found.sentence == "the field a, b, c, d and 2 more is gone"
    assert (found.operation, found.place, found.operations) == ("GET /things", "json.a", ("GET /things",))


def test_fingerprints_are_short_and_depend_on_all_parts() -> None:
    marks = {fingerprint("a", "b", "c", "d"), fingerprint("a", "b", "c", ""), fingerprint("ab", "", "c", "d")}
    assert len(marks) == 3
    assert all(len(mark) == 12 for mark in marks)


def test_a_document_is_told_to_be_corrected() -> None:
    findings = [
        Finding("field-removed", "GET /things", ("json.a",), "", ""),
        Finding("field-added", "GET /things", ("json.b",), "", ""),
    ]
    texts = [one.suggestion for one in gather(findings, operations=1, learned=False)]
    assert texts == [
        "correct code and mocks, and the document, if the API is meant to be so now",
        "nothing, or take it into the document",
    ]
    assert "lookalike accept" in gather(findings, operations=1, learned=True)[0].suggestion
    info = Finding("became-firmer", "GET /things", ("json.a",), "", "")
    assert gather([info], operations=1, learned=True)[0].suggestion == ""


@given(st.lists(st.text(max_size=6), max_size=4))
def test_places_are_read_back_as_they_were_written(keys: list[str]) -> None:
    place, value = "json", 1
    for key in keys:
        place = key_place(place, key)
    for key in reversed(keys):
        value = {key: value}  # type: ignore[assignment]  # any JSON
    assert steps(place) == ["." + key for key in keys]
    assert list(values_at(value, steps(place))) == [1]


@given(st.text(alphabet=string.printable, max_size=8))
def test_odd_keys_are_quoted(key: str) -> None:
    place = key_place("json", key)
    assert place == f"json.{key}" or place == f"json[{json.dumps(key)}]"
