"""Coverage of an API as a value: what counts, and that it adds up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lookalike
from lookalike.contract.coverage import Coverage, OperationCoverage, percent_called
from lookalike.errors import UsageError
from lookalike.messages import Response
from lookalike.report.coverage import lines_of

KEYS = ("GET /a", "POST /a", "GET /b")
STATUSES = ("", "200", "404", "429", "500", "503")


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    coverage = Coverage("sky", (OperationCoverage(key, ("200", "404", "5XX", "default")) for key in KEYS))
    for one in coverage.operations.values():
        one.mocked.update(draw(st.sets(st.sampled_from(STATUSES))))
        one.called.update(draw(st.dictionaries(st.sampled_from(STATUSES), st.integers(1, 9))))
    coverage.strangers.update(draw(st.dictionaries(st.sampled_from(["GET /x", "GET /y"]), st.integers(1, 9))))
    return coverage


def added(*ones: Coverage) -> dict[str, object]:
    total = Coverage("sky")
    for one in ones:
        total.add(Coverage.from_json(json.loads(json.dumps(one.to_json()))))
    found = total.to_json()
    return {**found, "operations": dict(sorted(found["operations"].items()))}


@given(coverages(), coverages(), coverages())
def test_workers_add_up_in_any_order_and_grouping(one: Coverage, two: Coverage, three: Coverage) -> None:
    both = Coverage("sky")
    both.add(two)
    both.add(three)
    assert added(one, two, three) == added(three, one, two) == added(one, both)
    total = Coverage.from_json(added(one, two, three))
    assert total.percent >= max(each.percent for each in (one, two, three))
    assert set(total.never_mocked) <= set(total.never_called) <= set(KEYS)


@pytest.mark.parametrize(
    ("called", "unmet"),
    [
        ((), ("200", "404", "503", "5XX")),
        (("200",), ("404", "503", "5XX")),
        (("503",), ("200", "404", "5XX")),
        (("500", "404"), ("200", "503")),
        (("",), ("200", "404", "503", "5XX")),
    ],
)
def test_a_range_is_met_by_what_isnt_named_by_itself(called: tuple[str, ...], unmet: tuple[str, ...]) -> None:
    one = OperationCoverage("GET /a", ("200", "404", "503", "5XX", "default"))
    one.called.update(called)
    assert one.unmet == unmet
    assert one.unmet_errors == tuple(status for status in unmet if status != "200")


def test_of_nothing_all_is_called() -> None:
    assert percent_called(()) == Coverage("sky").percent == 100
    assert lines_of([Coverage("sky")], verbose=True) == [
        "     operations  mocked  called  statuses",
        "sky  0           0       0       0 of 0",
    ]


DOCUMENT = """
openapi: 3.1.0
info: {title: Sky, version: "1"}
servers: [{url: "https://api.example.com/v1"}]
paths:
  /todos:
    get: {responses: {"200": {description: all}}}
    post: {responses: {"201": {description: made}}}
  /todos/{id}:
    get: {responses: {"200": {description: one}, "404": {description: none}}}
"""


def test_a_mock_says_what_it_covers(tmp_path: Path) -> None:
    import requests

    path = tmp_path / "sky.yaml"
    path.write_text(DOCUMENT, "utf-8")
    with lookalike.Api(path).mock() as mock:
        mock.route("*", "/todos").respond(200).optional()
        mock.get("/todos/{id}").respond_with(lambda request: Response(404))
        mock.get("https://elsewhere.example.com/x").respond(200)
        mock.get("/todos/8", priority=1).respond(200)
        assert requests.get("https://api.example.com/v1/todos/7", timeout=5).status_code == 404
        requests.get("https://api.example.com/v1/todos/8", timeout=5)
        requests.get("https://elsewhere.example.com/x", timeout=5)
        coverage = mock.coverage()
    assert {key: (one.mocked, dict(one.called)) for key, one in coverage.operations.items()} == {
        "GET /todos": ({"200"}, {}),
        "POST /todos": ({"200"}, {}),
        "GET /todos/{id}": ({"", "200"}, {"404": 1, "200": 1}),
    }
    assert (coverage.known, coverage.never_called, coverage.never_mocked) == (3, ("GET /todos", "POST /todos"), ())
    assert coverage.strangers == {}
    with (
        lookalike.Api(base_url="https://api.example.com").mock() as mock,
        pytest.raises(UsageError, match="nothing is"),
    ):
        mock.coverage()


def test_long_lists_are_cut_and_told_in_full_when_asked() -> None:
    coverage = Coverage("sky", (OperationCoverage(f"GET /{number:02}", ("200",)) for number in range(12)))
    assert lines_of([coverage])[-1] == "    ... and 2 more (-v shows all)"
    assert len(lines_of([coverage], verbose=True)) == 2 + 2 + 12
