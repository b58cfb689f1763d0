"""The text of a verification, pinned."""

from __future__ import annotations

import re
from textwrap import dedent

from lookalike.contract.drift import DeclaredMock, Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.verdict import ApiReport, OperationResult, Verdict
from lookalike.report.terminal import Style, render, render_drifts

MOCKS = tuple(DeclaredMock("", "GET", "/todos", 200, [], f"tests/test_todos.py:{line}") for line in (14, 30))
RENAMED = Drift(
    "field-renamed",
    Severity.BREAKING,
    (("GET /todos", "json[].completed"), ("GET /todos/{id}", "json.completed")),
    "completed: boolean in all 200 values seen, in 1 response, on 2026-11-20",
    "done: boolean in all 200 objects, in 1 answer; no completed",
    detail="done",
    fingerprint="3fa29c1b0d7e",
    suggestion="correct code and mocks; if the API is meant to be so now: lookalike accept 3fa29c1b0d7e",
    mocks=MOCKS,
)
ADDED = Drift(
    "field-added", Severity.ADDITIVE, (("GET /todos", "json[].priority"),), "never seen", "integer in 1 object"
)
SUSPECT = Drift(
    "became-nullable",
    Severity.BREAKING,
    (("GET /users", "json[].email"),),
    "string in all 3 values seen, in 3 responses",
    "null in 1 of 3 values, in 1 answer",
    certainty="suspect",
)


def report(*results: OperationResult, drifts: tuple[Drift, ...] = (), message: str = "") -> ApiReport:
    return ApiReport("todos", "http://127.0.0.1:8000", "2026-11-22", results, drifts, message)


def text(expected: str) -> str:
    return dedent(expected).lstrip("\n")


def test_drift() -> None:
    results = (
        OperationResult("GET /todos", Verdict.DRIFT, 1, last_seen="2026-11-20"),
        OperationResult("POST /todos", Verdict.UNVERIFIED, 0, "not asked: POST may change something", "2026-11-20"),
        OperationResult("GET /todos/{id}", Verdict.DRIFT, 3, last_seen="2026-11-20"),
    )
    assert render(report(*results, drifts=(RENAMED, ADDED, SUSPECT))) == text(
        """
        DRIFT  todos at http://127.0.0.1:8000

             breaking  the field completed seems to be renamed to done
                where  GET /todos       json[].completed
                       GET /todos/{id}  json.completed
               before  completed: boolean in all 200 values seen, in 1 response, on 2026-11-20
                  now  done: boolean in all 200 objects, in 1 answer; no completed
                mocks  tests/test_todos.py:14, 30 are false now
                 next  correct code and mocks; if the API is meant to be so now: lookalike accept 3fa29c1b0d7e

             additive  there is a new field priority
                where  GET /todos  json[].priority
               before  never seen
                  now  integer in 1 object

              suspect  email may be null now
                where  GET /users  json[].email
               before  string in all 3 values seen, in 3 responses
                  now  null in 1 of 3 values, in 1 answer

          UNVERIFIED  POST /todos  not asked: POST may change something (last seen 2026-11-20, 2 days ago)

        3 operations: 2 DRIFT, 1 UNVERIFIED; 3 findings (1 breaking, 1 additive, 1 suspect)
        """
    )


def test_all_is_well() -> None:
    assert render(report(OperationResult("GET /todos", Verdict.OK, 1))) == text(
        """
        OK  todos at http://127.0.0.1:8000

        1 operation: 1 OK
        """
    )


def test_an_outage_is_said_once_with_the_next_step() -> None:
    words = "the connection was refused; check the port in the base URL, and that the API is running"
    message = f"http://127.0.0.1:8000/todos: {words}"
    results = tuple(OperationResult(f"GET /{name}", Verdict.UNREACHABLE, 0, message) for name in "ab")
    assert render(report(*results, message=message)) == text(
        """
        UNREACHABLE  todos at http://127.0.0.1:8000

          http://127.0.0.1:8000/todos: the connection was refused
          check the port in the base URL, and that the API is running

        2 operations: 2 UNREACHABLE
        """
    )


def test_refused_credentials() -> None:
    message = "http://x/y: the API answered 401; no credentials were sent; if the API needs some, configure auth"
    rendered = render(report(OperationResult("GET /a", Verdict.AUTH, 1, message), message=message))
    assert rendered.startswith("AUTH  todos at")
    assert rendered.count("configure auth") == 1


def test_several_apis_are_set_apart() -> None:
    both = render([report(OperationResult("GET /a", Verdict.OK)), report()])
    assert both.count("\n\nUNVERIFIED  todos") == 1
    assert both.endswith("no operation is known\n")
    assert render([]) == ""


def test_many_places_and_mocks_are_cut() -> None:
    at = tuple((f"GET /{index:02}", "json.a") for index in range(20))
    mocks = tuple(DeclaredMock("", "GET", "/", 200, {}, f"tests/test_a.py:{line}") for line in range(1, 31))
    rendered = render_drifts([Drift("field-removed", Severity.BREAKING, at, "b", "n", mocks=mocks)])
    assert "and 12 more\n" in rendered
    assert "tests/test_a.py:1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 20 more are false now" in re.sub(r"\s+", " ", rendered)
    assert max(map(len, rendered.splitlines())) <= 110


def test_one_mock_is_false() -> None:
    one = Drift("field-removed", Severity.BREAKING, (("GET /", "json.a"),), "b", "n", mocks=MOCKS[:1])
    assert "tests/test_todos.py:14 is false now" in render_drifts([one])


def test_mocks_of_several_files() -> None:
    places = ("a.py:1", "a.py:2", "b.py:3", "elsewhere")
    mocks = tuple(DeclaredMock("", "GET", "/", 200, {}, where) for where in places)
    one = Drift("field-removed", Severity.BREAKING, (("GET /", "json.a"),), "b", "n", mocks=mocks)
    assert "mocks  a.py:1, 2; b.py:3 and elsewhere are false now" in render_drifts([one])


def test_findings_alone() -> None:
    assert render_drifts([]) == "no difference that matters to a consumer\n"
    rendered = render_drifts([RENAMED])
    assert rendered.startswith("     breaking  the field completed")
    assert rendered.endswith("\n\n1 finding (1 breaking)\n")


def test_a_painter_changes_looks_and_nothing_else() -> None:
    seen: set[Style] = set()

    def paint(piece: str, style: Style) -> str:
        seen.add(style)
        return f"\x1b[1m{piece}\x1b[0m"

    results = (OperationResult("GET /a", Verdict.DRIFT), OperationResult("POST /a", Verdict.UNVERIFIED, 0, "why"))
    whole = report(*results, drifts=(RENAMED, ADDED, SUSPECT), message="no")
    assert re.sub(r"\x1b\[\dm", "", render(whole, paint=paint)) == render(whole)
    assert seen == {"bad", "warn", "good", "dim", "strong"}
    render_drifts([], paint=paint)


def test_no_line_ends_in_blanks() -> None:
    for line in render(report(OperationResult("GET /a", Verdict.OK), drifts=(RENAMED,))).splitlines():
        assert line == line.rstrip()
