"""Going back to what a mock was like."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.double.mock import MockDouble
from lookalike.double.strictness import STRICT
from lookalike.errors import UnmatchedRequest, UnusedRoute, UsageError
from lookalike.messages import Request

BASE = "https://api.test"


def ask(double: MockDouble, path: str) -> Any:
    answer: Any = double.handle(Request("GET", BASE + path))
    return answer.status


def test_routes_replies_counts_and_calls_are_as_they_were() -> None:
    double = MockDouble("api", BASE)
    route = double.get("/a").respond(201).then.respond(202).times(2)
    assert ask(double, "/a") == 201
    state = double.snapshot()
    version = double.version
    double.get("https://other.test/b").respond()
    route.respond(500).optional()
    double.get("/a", priority=1).respond(404)
    assert ask(double, "/a") == 404
    double.handle(Request("GET", "https://other.test/b"))
    assert double.covers("other.test", 443)
    double.rollback(state)
    assert double.routes == (route,)
    assert not double.covers("other.test", 443)
    assert double.version > version
    assert (route.call_count, len(double.calls), double.journal.total) == (1, 1, 1)
    assert [reply.label for reply in route.replies] == ["respond(201)", "respond(202)"]
    with pytest.raises(UnusedRoute, match="never reached, expected twice"):
        double.finish()
    assert [ask(double, "/a"), ask(double, "/a")] == [202, 202]
    double.finish()


def test_a_state_can_be_gone_back_to_more_than_once() -> None:
    double = MockDouble("api", BASE)
    double.get("/a").respond(201).then.respond(202)
    state = double.snapshot()
    for _ in range(3):
        assert [ask(double, "/a"), ask(double, "/a")] == [201, 202]
        double.rollback(state)
    assert len(double.calls) == 0
    ask(double, "/a")
    double.rollback(state, keep_calls=True)
    assert len(double.calls) == 1


def test_a_block_goes_back_at_its_end() -> None:
    double = MockDouble("api", BASE)
    double.get("/a").respond(200)
    with double.snapshot():
        double.get("/a").respond(404)
        assert ask(double, "/a") == 404
    assert ask(double, "/a") == 200
    double.finish()


def test_what_a_block_declares_and_does_not_use_fails() -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UnusedRoute) as caught, double.snapshot():
        route = double.get("/a").respond()
    assert f"GET /a   (declared at {route.declared_at}): never called" in str(caught.value)
    assert double.routes == ()
    with pytest.raises(KeyError), double.snapshot():  # noqa: PT012  what is inside is the test
        double.get("/a").respond()
        raise KeyError
    assert double.routes == ()
    loose = MockDouble("api", BASE, strictness=STRICT.changed({"unused": "ignore"}, "mock"))
    with loose.snapshot():
        loose.get("/a").respond()
    assert loose.routes == ()


def test_a_failure_is_not_forgotten() -> None:
    double = MockDouble("api", BASE)
    state = double.snapshot()
    with pytest.raises(UnmatchedRequest):
        ask(double, "/a")
    double.rollback(state)
    with pytest.raises(UnmatchedRequest):
        double.finish()


def test_an_order_goes_back_too() -> None:
    double = MockDouble("api", BASE)
    with double.in_order() as order:
        double.get("/a").respond(201)
        double.get("/b").respond(202)
    ask(double, "/a")
    state = double.snapshot()
    assert ask(double, "/b") == 202
    assert order.turn is None
    double.rollback(state)
    assert order.turn is double.routes[1]
    assert ask(double, "/b") == 202
    double.finish()


def test_routes_put_in_an_order_later_are_free_again() -> None:
    double = MockDouble("api", BASE)
    one, two = double.get("/1").respond(), double.get("/2").respond()
    state = double.snapshot()
    double.in_order(two, one)
    with pytest.raises(UnmatchedRequest):
        ask(double, "/1")
    double.failures.clear()
    double.rollback(state)
    assert [ask(double, path) for path in ("/1", "/1", "/2")] == [200] * 3
    double.finish()


def test_another_mocks_state_is_refused() -> None:
    with pytest.raises(UsageError, match=r"mock.rollback\(\): this snapshot is of another mock"):
        MockDouble("api", BASE).rollback(MockDouble("api", BASE).snapshot())
