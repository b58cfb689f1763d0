"""What a test asserts of the calls: every assertion, both ways, and the text of each failure to the letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lookalike.double.journal import Calls
from lookalike.double.matchers import ANY, including, matching
from lookalike.double.mock import MockDouble
from lookalike.double.route import Route
from lookalike.errors import DoubleError, UsageError
from lookalike.messages import Request

BASE = "https://api.test/v1"


@pytest.fixture
def mock() -> MockDouble:
    """Two todos were made, and one was read."""
    double = MockDouble("api", BASE)
    double.post("/todos", name="todos.create").respond(201)
    double.get("/todos/{id}", name="todos.read").respond(json={})
    double.get("/never", name="never").respond().optional()
    ask(double, "POST", "/todos?page=1", b'{"title":"Sleep","tags":["a"]}', {"x-id": "1"})
    ask(double, "POST", "/todos?page=2", b'{"title":"Eat","tags":["a"]}', {"x-id": "2"})
    ask(double, "GET", "/todos/7")
    return double


def ask(double: MockDouble, method: str, path: str, content: bytes = b"", headers: Any = ()) -> None:
    double.handle(Request(method, BASE + path, headers, content))


EAT = {"title": "Eat", "tags": ["a"]}
SLEEP = {"title": "Sleep", "tags": ["a"]}

TRUE: list[Callable[[MockDouble, Route], None]] = [
    lambda m, r: r.assert_called(),
    lambda m, r: m["todos.read"].assert_called_once(),
    lambda m, r: m["never"].assert_not_called(),
    lambda m, r: r.assert_called_with(),
    lambda m, r: r.assert_called_with(json=EAT, params={"page": 2}, headers={"X-Id": matching(r"\d")}),
    lambda m, r: r.assert_called_with(json=including({"title": "Eat"})),
    lambda m, r: r.assert_called_with(where=lambda request: request.path.endswith("/todos")),
    lambda m, r: r.assert_any_call(json=SLEEP),
    lambda m, r: r.assert_has_calls([{"json": SLEEP}, {"json": EAT, "params": {"page": ANY}}]),
    lambda m, r: r.assert_has_calls([{"json": EAT}]),
    lambda m, r: r.assert_has_calls([{"json": EAT}, {"json": SLEEP}], any_order=True),
    lambda m, r: m["todos.read"].assert_called_once_with(params={"page": None}),
    lambda m, r: m.assert_called(),
    lambda m, r: m.assert_called("POST", "/todos", json=EAT),
    lambda m, r: m.assert_called("POST", "/todos?page=2"),
    lambda m, r: m.assert_called(path="/todos/{id}"),
    lambda m, r: m.assert_called(json=EAT),
    lambda m, r: m.assert_called("get", "https://api.test/v1/todos/7"),
    lambda m, r: m.assert_any_call("POST", json=SLEEP),
    lambda m, r: m.assert_called_once("GET"),
    lambda m, r: m.assert_called_once("POST", json=SLEEP),
    lambda m, r: m.assert_not_called("DELETE"),
    lambda m, r: m.assert_not_called("POST", "/users"),
    lambda m, r: m.assert_called_with("POST", "/todos", json=EAT),
    lambda m, r: m.assert_called_once_with("GET", "/todos/7", params={"page": None}),
    lambda m, r: m.assert_has_calls(
        [{"method": "POST", "json": EAT}, {"method": "GET", "path": "/todos/{id}"}]
    ),
]  # fmt: skip


@pytest.mark.peer("assert_called_with style")
@pytest.mark.parametrize("asserts", TRUE)
def test_what_is_true_passes(asserts: Callable[[MockDouble, Route], None], mock: MockDouble) -> None:
    asserts(mock, mock["todos.create"])


FALSE: list[tuple[Callable[[MockDouble, Route], None], str]] = [
    (
        lambda m, r: r.assert_called_with(json=SLEEP, headers={"X-Id": "1"}),
        (
            "POST /todos (todos.create, declared at {create}) was called, but not with this.\n"
            "\n"
            "POST https://api.test/v1/todos?page=2, the last of 2 calls:\n"
            '  header X-Id    expected "1"      got "2"\n'
            '  json.title     expected "Sleep"  got "Eat"\n'
            "\n"
            "Call 1 was. (assert_any_call looks at all of them.)"
        ),
    ),
    (
        lambda m, r: m["todos.read"].assert_called_with(params={"page": 1}),
        (
            "GET /todos/{{id}} (todos.read, declared at {read}) was called, but not with this.\n"
            "\n"
            "GET https://api.test/v1/todos/7:\n"
            '  query page    expected "1"  missing'
        ),
    ),
    (
        lambda m, r: r.assert_called_once_with(json=EAT),
        (
            "POST /todos (todos.create, declared at {create}) was called twice, not once.\n"
            "Its calls:\n"
            "  POST https://api.test/v1/todos?page=1 -> 201\n"
            "  POST https://api.test/v1/todos?page=2 -> 201"
        ),
    ),
    (
        lambda m, r: r.assert_any_call(json={"title": "Eat", "tags": ["b"]}),
        (
            "POST /todos (todos.create, declared at {create}): none of 2 calls fits.\n"
            "\n"
            "Nearest: POST https://api.test/v1/todos?page=2, call 2 of 2\n"
            '  json.tags[0]    expected "b"  got "a"\n'
            "Others:\n"
            '  POST https://api.test/v1/todos?page=1, call 1    json.title: expected "Eat", got "Sleep"'
        ),
    ),
    (
        lambda m, r: m["never"].assert_called_with(json=1),
        (
            "GET /never (never, declared at {never}) was never called.\n"
            "What was requested instead:\n"
            "  POST https://api.test/v1/todos?page=1 -> 201\n"
            "  POST https://api.test/v1/todos?page=2 -> 201\n"
            "  GET https://api.test/v1/todos/7 -> 200"
        ),
    ),
    (
        lambda m, r: r.assert_has_calls([{"json": SLEEP}, {"json": SLEEP}]),
        (
            "POST /todos (todos.create, declared at {create}) didn't get these 2 calls in a row: the first fits, then "
            "POST https://api.test/v1/todos?page=2:\n"
            '  json.title    expected "Sleep"  got "Eat"\n'
            "\n"
            "Its calls:\n"
            "  POST https://api.test/v1/todos?page=1 -> 201\n"
            "  POST https://api.test/v1/todos?page=2 -> 201"
        ),
    ),
    (
        lambda m, r: r.assert_has_calls([{"json": SLEEP}, {"json": EAT}, {"json": EAT}]),
        (
            "POST /todos (todos.create, declared at {create}) didn't get these 3 calls in a row: the first 2 fit, then "
            "no call more\n"
            "\n"
            "Its calls:\n"
            "  POST https://api.test/v1/todos?page=1 -> 201\n"
            "  POST https://api.test/v1/todos?page=2 -> 201"
        ),
    ),
    (
        lambda m, r: r.assert_has_calls([{"json": SLEEP}, {"json": SLEEP}], any_order=True),
        (
            "POST /todos (todos.create, declared at {create}): the only call that is left doesn't fit.\n"
            "\n"
            "Nearest: POST https://api.test/v1/todos?page=2\n"
            '  json.title    expected "Sleep"  got "Eat"'
        ),
    ),
    (
        lambda m, r: r.assert_has_calls([{}, {}, {}], any_order=True),
        (
            "POST /todos (todos.create, declared at {create}): no call that is left fits.\n"
            "\n"
            "Its calls:\n"
            "  POST https://api.test/v1/todos?page=1 -> 201\n"
            "  POST https://api.test/v1/todos?page=2 -> 201"
        ),
    ),
    (
        lambda m, r: m.assert_called("GET", "/todo/7"),
        (
            "GET /todo/7 of the mock of api: none of 3 calls fits.\n"
            "\n"
            "Nearest: GET https://api.test/v1/todos/7, call 3 of 3\n"
            "  path    expected /todo/7  got /todos/7\n"
            "Others:\n"
            "  POST https://api.test/v1/todos?page=2, call 2    method: expected GET, got POST\n"
            "  POST https://api.test/v1/todos?page=1, call 1    method: expected GET, got POST"
        ),
    ),
    (
        lambda m, r: m.assert_not_called("POST", "/todos", json=EAT),
        (
            "POST /todos with these criteria was called once and should not have been.\n"
            "Its calls:\n"
            "  POST https://api.test/v1/todos?page=2 -> 201"
        ),
    ),
    (
        lambda m, r: m.assert_called_once("POST"),
        (
            "POST was called twice, not once.\n"
            "Its calls:\n"
            "  POST https://api.test/v1/todos?page=1 -> 201\n"
            "  POST https://api.test/v1/todos?page=2 -> 201"
        ),
    ),
    (
        lambda m, r: m.assert_called_with("GET", "/users"),
        (
            "GET /users was never called.\n"
            "What was requested instead:\n"
            "  POST https://api.test/v1/todos?page=1 -> 201\n"
            "  POST https://api.test/v1/todos?page=2 -> 201\n"
            "  GET https://api.test/v1/todos/7 -> 200"
        ),
    ),
    (
        lambda m, r: m.assert_called_once_with("GET", "/todos/{id}", headers={"Authorization": "Bearer s3cret"}),
        (
            "GET /todos/{{id}} was called, but not with this.\n"
            "\n"
            "GET https://api.test/v1/todos/7:\n"
            "  header Authorization    expected a secret (masked)  missing"
        ),
    ),
    (
        lambda m, r: m.assert_has_calls([{"method": "DELETE", "path": "/todos/7"}]),
        (
            "the mock of api: none of 3 calls fits.\n"
            "\n"
            "Nearest: GET https://api.test/v1/todos/7, call 3 of 3\n"
            "  method    expected DELETE  got GET\n"
            "Others:\n"
            "  POST https://api.test/v1/todos?page=2, call 2    method: expected DELETE, got POST\n"
            "  POST https://api.test/v1/todos?page=1, call 1    method: expected DELETE, got POST"
        ),
    ),
]


@pytest.mark.parametrize(("asserts", "told"), FALSE)
def test_what_is_false_says_what_differs(
    asserts: Callable[[MockDouble, Route], None], told: str, mock: MockDouble
) -> None:
    with pytest.raises(DoubleError) as caught:
        asserts(mock, mock["todos.create"])
    places = {name.removeprefix("todos."): mock[name].declared_at for name in ("todos.create", "todos.read", "never")}
    assert str(caught.value) == told.format(**places)


def test_nothing_happened() -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(DoubleError, match=r"^the mock of api was never called.\nNothing was requested.$"):
        double.assert_has_calls([{}])


def test_many_calls_are_cut() -> None:
    double = MockDouble("api", BASE)
    route = double.post("/x").respond()
    for at in range(30):
        ask(double, "POST", "/x", b"[%d]" % at)
    with pytest.raises(DoubleError) as caught:
        route.assert_any_call(json=[99])
    lines = str(caught.value).splitlines()
    assert lines[2] == "Nearest: POST https://api.test/v1/x, call 30 of 30"
    assert lines[-1] == "  ... and 24 more"


MISUSE: list[tuple[Callable[[Any, Any], object], str]] = [
    (lambda m, r: r.assert_called_with(jsn=1), "has no keyword 'jsn'; did you mean \"json\"?"),
    (lambda m, r: r.assert_any_call(name="x"), "'name'; a route is found by its name as mock[\"name\"]."),
    (lambda m, r: m.assert_called("POST", "/todos", data=1), "'data'; a body is json=..., form=..., text=..."),
    (lambda m, r: m.assert_called("/todos"), "mock.assert_called('/todos'): a method is a word, and comes first"),
    (lambda m, r: m.assert_called("GET", "todos"), "mock.assert_called('todos'): a route's path begins with /"),
    (lambda m, r: m.assert_called("GET", "/x?a=1", params={"a": 2}), "the parameter 'a' is in the path and in params="),
    (lambda m, r: r.assert_has_calls({"json": 1}), 'write a list of what each call has: route'),
    (lambda m, r: r.assert_has_calls([1]), 'each call is a dict of criteria, {"json": {...}}, not 1'),
    (lambda m, r: r.assert_has_calls([{"path": "/x"}]), "has no criterion 'path'"),
    (lambda m, r: m.assert_has_calls([{"pth": "/x"}]), "has no criterion 'pth'; did you mean \"path\"?"),
    (lambda m, r: r.assert_has_calls([]), ".assert_has_calls() takes a list that isn't empty"),
    (lambda m, r: m.calls.where(status="200"), "calls.where(status='200'): a status is a number"),
    (lambda m, r: m["todos.creat"], "no route is named 'todos.creat'; did you mean \"todos.create\"? There are todos."),
    (lambda m, r: MockDouble("x")["y"], "no route is named 'y'. A route is named as it is declared: name=\"...\""),
]  # fmt: skip


@pytest.mark.parametrize(("misuse", "told"), MISUSE)
def test_misuse(misuse: Callable[[MockDouble, Any], object], told: str, mock: MockDouble) -> None:
    with pytest.raises(UsageError) as caught:
        misuse(mock, mock["todos.create"])
    assert told in str(caught.value)


FILTERS: list[tuple[Callable[[Calls], Calls], list[int]]] = [
    (lambda c: c.where(), [0, 1, 2]),
    (lambda c: c.where("POST"), [0, 1]),
    (lambda c: c.where(method="*"), [0, 1, 2]),
    (lambda c: c.where("POST", "/todos", json=including({"title": "Eat"})), [1]),
    (lambda c: c.where(path="/todos/{id}"), [2]),
    (lambda c: c.where(path="/todos?page=1"), [0]),
    (lambda c: c.where(path="/v1/todos"), []),
    (lambda c: c.where(params={"page": None}), [2]),
    (lambda c: c.where(headers={"x-id": "2"}), [1]),
    (lambda c: c.where(status=201), [0, 1]),
    (lambda c: c.where(status=500), []),
    (lambda c: c[1:].where("POST"), [1]),
    (lambda c: c.where("POST").where(path="/todos")[-1:], [1]),
]


@pytest.mark.peer("Call log")
@pytest.mark.parametrize(("narrowed", "expected"), FILTERS)
def test_calls_are_filtered(narrowed: Callable[[Calls], Calls], expected: list[int], mock: MockDouble) -> None:
    assert list(narrowed(mock.calls)) == [mock.calls[at] for at in expected]


def test_of_a_route_that_answers_faults_no_status_is_found(mock: MockDouble) -> None:
    mock.get("/down").fail("reset")
    ask(mock, "GET", "/down")
    assert len(mock.calls.where(status=201)) == 2
    assert mock.calls.where(path="/down").last.response is None


@pytest.mark.peer("Named mocks")
def test_routes_are_found_by_name(mock: MockDouble) -> None:
    assert mock["todos.create"] is mock.routes["todos.create"] is mock.routes[0]
    assert mock.routes[-1].name == "never"
    assert mock.routes[1:] == (mock["todos.read"], mock["never"])
    newer = mock.get("/again", name="never").respond()
    assert mock["never"] is newer
    assert "users" not in [route.name for route in mock.routes]


def test_what_a_route_was_asked_is_in_its_calls(mock: MockDouble) -> None:
    route = mock["todos.create"]
    assert (route.called, route.call_count, len(route.calls)) == (True, 2, 2)
    assert route.calls.last.request.json() == EAT
    assert route.calls.where(json=SLEEP).last.request.params["page"] == "1"
