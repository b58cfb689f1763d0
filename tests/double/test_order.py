"""Routes that have to be called in the order of their declaration."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.double.mock import MockDouble
from lookalike.double.strictness import STRICT
from lookalike.errors import UnmatchedRequest, UnusedRoute, UsageError
from lookalike.messages import Request

BASE = "https://api.test"


def ask(double: MockDouble, path: str, method: str = "GET") -> Any:
    answer: Any = double.handle(Request(method, BASE + path))
    return answer.status


def ordered() -> MockDouble:
    return MockDouble("api", BASE, strictness=STRICT.changed({"ordered": True}, "mock"))


NEXT = (
    "\n\nNext: change the order of the code's requests or of the declarations; more calls of one route are .times(n), "
    "what may be left out is .optional(), and what may come at any time is declared outside of the order."
)


@pytest.mark.peer("Strict order of calls")
def test_a_call_out_of_turn_says_whose_turn_it_was() -> None:
    double = ordered()
    login = double.post("/login", name="login").respond()
    todos = double.get("/todos").respond().times(2)
    with pytest.raises(UnmatchedRequest) as caught:
        ask(double, "/todos")
    assert str(caught.value) == (
        "GET https://api.test/todos came out of turn.\n"
        "\n"
        f"Asked for: GET /todos   (declared at {todos.declared_at})\n"
        f"Its turn:  POST /login   (login, declared at {login.declared_at})" + NEXT
    )
    ask(double, "/login", "POST")
    ask(double, "/todos")
    with pytest.raises(UnmatchedRequest) as caught:
        ask(double, "/login", "POST")
    assert f"Its turn:  GET /todos   (declared at {todos.declared_at}, call 2 of 2)" in str(caught.value)
    ask(double, "/todos")
    with pytest.raises(UnmatchedRequest) as caught:
        ask(double, "/todos")
    assert "Its turn:  nothing: all of the order was called" in str(caught.value)
    double.failures.clear()
    double.finish()


def test_the_same_request_is_answered_by_one_route_after_the_other() -> None:
    double = ordered()
    double.get("/job").respond(202).times(2)
    double.get("/extra").respond(204).optional()
    double.get("/job").respond(503).then.respond(200)
    double.delete("/job").respond(204)
    assert [ask(double, "/job") for _ in range(4)] == [202, 202, 503, 200]
    assert ask(double, "/job", "DELETE") == 204
    double.finish()


def test_what_is_optional_may_be_left_out_and_then_is_past() -> None:
    double = ordered()
    double.get("/a").respond()
    double.get("/b").respond().optional()
    double.get("/c").respond()
    ask(double, "/a")
    ask(double, "/c")
    with pytest.raises(UnmatchedRequest, match="nothing: all of the order was called"):
        ask(double, "/b")


def test_only_what_is_declared_in_the_block_is_in_the_order() -> None:
    double = MockDouble("api", BASE)
    double.get("/token").respond()
    with double.in_order():
        double.get("/a").respond()
        with double.in_order():
            double.get("/x").respond()
        double.get("/b").respond()
    double.get("/any").respond()
    for path in ("/token", "/token", "/any", "/x", "/a", "/token", "/b", "/any"):
        ask(double, path)
    with pytest.raises(UnmatchedRequest, match="came out of turn"):
        ask(double, "/a")


def test_an_order_of_routes_that_are_there_already() -> None:
    double = MockDouble("api", BASE)
    one, two = double.get("/1").respond(), double.get("/2").respond()
    assert ask(double, "/1") == 200
    order = double.in_order(two, one)
    assert order.routes == (two, one)
    assert order.turn is two
    assert ask(double, "/2") == 200
    assert order.turn is None  # the other one was called already, and that once
    with pytest.raises(UsageError, match=r"GET /1, declared at .*, has a place in an order already"):
        double.in_order(one)


def test_what_the_order_misses_is_unused() -> None:
    double = ordered()
    double.get("/a").respond()
    late = double.get("/b").respond()
    ask(double, "/a")
    with pytest.raises(UnusedRoute, match=f"GET /b   .declared at {late.declared_at}.: never called"):
        double.finish()


def test_in_an_order_no_route_hides_another() -> None:
    double = ordered()
    double.get("/job").respond(202).times(2)
    double.get("/job").respond(200)
    ask(double, "/job")
    with pytest.raises(UnusedRoute, match=r"^2 parts of the mock were") as caught:
        double.finish()
    assert "reached once, expected twice" in str(caught.value)


def test_a_failed_declaration_has_no_turn() -> None:
    double = ordered()
    double.get("/a").respond()
    with pytest.raises(UsageError):
        double.get("/b").respond("200")  # type: ignore[arg-type]  # wrong on purpose
    double.get("/c").respond()
    assert [ask(double, "/a"), ask(double, "/c")] == [200, 200]
    double.finish()


def test_another_route_may_answer_what_is_out_of_turn() -> None:
    double = MockDouble("api", BASE)
    double.get("/a").respond(404)
    with double.in_order():
        double.post("/b").respond()
        double.get("/a").respond(200)
    assert ask(double, "/a") == 404
    ask(double, "/b", "POST")
    assert [ask(double, "/a"), ask(double, "/a")] == [200, 404]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3)), min_size=1, max_size=6))
def test_exactly_the_declared_sequence_passes(declared: list[tuple[str, int]]) -> None:
    double = ordered()
    for path, times in declared:
        double.get(f"/{path}").respond().times(times)
    for path, times in declared:
        for _ in range(times):
            assert ask(double, f"/{path}") == 200
    double.finish()


@given(st.permutations(["/a", "/b", "/c", "/d"]))
def test_any_other_sequence_fails(asked: list[str]) -> None:
    double = ordered()
    for path in ("/a", "/b", "/c", "/d"):
        double.get(path).respond()
    in_order = asked == sorted(asked)
    try:
        for path in asked:
            ask(double, path)
    except UnmatchedRequest:
        assert not in_order
    else:
        assert in_order


def test_threads_take_turns_once() -> None:
    double = ordered()
    for _ in range(5):
        double.get("/x").respond(201).times(20)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: ask(double, "/x"), range(100))) == [201] * 100
    double.finish()


COUNTS: list[tuple[Callable[[Any], Any], list[object]]] = [
    (lambda r: r.respond(201).times(2), [201, 201, None]),
    (lambda r: r.respond(201).times(1).then.respond(202), [201, 202, 202]),
    (lambda r: r.respond(201).then.respond(202).times(1), [201, 202, None]),
    (lambda r: r.respond(201).times(0), [None]),
]


@pytest.mark.peer("Call-count limit per mock")
@pytest.mark.parametrize(("declare", "statuses"), COUNTS)
def test_a_reply_answers_as_often_as_it_says(declare: Callable[[Any], Any], statuses: list[object]) -> None:
    double = MockDouble("api", BASE)
    declare(double.get("/x"))
    found: list[object] = []
    for _ in statuses:
        try:
            found.append(ask(double, "/x"))
        except UnmatchedRequest:
            found.append(None)
    assert found == statuses


@pytest.mark.peer("Optional mock flag")
def test_an_optional_route_may_stay_unused() -> None:
    double = MockDouble("api", BASE)
    double.get("/x").respond().optional()
    double.get("/y").respond().times(2).optional()
    ask(double, "/y")
    double.finish()


@pytest.mark.peer("Explicit priority")
def test_of_several_routes_the_newest_wins_unless_a_priority_says_otherwise() -> None:
    double = MockDouble("api", BASE)
    double.get("/x", priority=1).respond(201)
    double.get("/x").respond(202)
    assert ask(double, "/x") == 201
    double.get("/x", priority=1).respond(203)
    assert ask(double, "/x") == 203
    double.get("/x", priority=2).respond(204)
    double.get("/{any}", priority=-1).respond(205)
    assert ask(double, "/x") == 204
    assert ask(double, "/y") == 205


@pytest.mark.peer("Fluent builder")
def test_a_route_is_said_in_one_breath() -> None:
    double = MockDouble("api", BASE)
    double.get("/x", params={"page": 1}).respond(503).times(2).then.fail("reset").then.respond(json=[]).optional()
    assert [reply.label for reply in double.routes[0].replies] == ["respond(503)", 'fail("reset")', "respond(200)"]
