"""Names that lookalike doesn't have: keywords of replies, attributes of routes and mocks."""

from __future__ import annotations

import copy
import inspect
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from lookalike.double.mock import MockDouble
from lookalike.errors import UsageError

BASE = "https://api.test"
KNOWN = "There are status, json, text, content, html, file, stream, sse, headers, cookies, encoding, redirect, reason, "

KEYWORDS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda r: r.respond(jsn=1), f".respond() has no keyword 'jsn'; did you mean \"json\"? {KNOWN}"),
    (lambda r: r.respond(xyzzy=1), f".respond() has no keyword 'xyzzy'. {KNOWN}"),
    (lambda r: r.respond(status_code=404), "'status_code'; write status=..., or .respond(404). There are"),
    (lambda r: r.respond(200, body="a"), "'body'; a body is json=..., text=... or content=.... There"),
    (lambda r: r.respond(return_value=1), "'return_value'; the answer's value is json=...."),
    (
        lambda r: r.respond(side_effect=1),
        "'side_effect'; write .respond_with(function), or .fail(exception) for a failure.",
    ),
    (lambda r: r.respond(content_type="a/b"), 'write headers={"content-type": "..."}'),
    (lambda r: r.respond(times=2), ".respond(...).times(2)"),
    (lambda r: r.respond(200, {"a": 1}), "takes no value {'a': 1} by position; after the status all is said by name"),
    (lambda r: r.respond_like(jsn=1), ".respond_like() has no keyword 'jsn'; did you mean \"json\"?"),
    (lambda r: r.respond_like(text="a"), ".respond_like() has no keyword 'text'"),
    (lambda r: r.respond_with(str, uncheked="a"), 'did you mean "unchecked"? There are function, unchecked.'),
    (lambda r: r.fail(kid="dns"), ".fail() has no keyword 'kid'; did you mean \"kind\"? There is kind."),
    (lambda r: r.respond().times(cuont=1), ".times() has no keyword 'cuont'; did you mean \"count\"?"),
    (lambda r: r.times(1, 2), ".times() takes no value 2 by position; say it by name"),
]


@pytest.mark.parametrize(("misuse", "told"), KEYWORDS)
def test_an_unknown_keyword_of_a_reply(misuse: Callable[[Any], Any], told: str) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError) as caught:
        misuse(double.get("/x"))
    assert told in str(caught.value)
    assert "?." not in str(caught.value)


def test_after_it_the_route_is_no_longer_there() -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError):
        double.get("/x").respond(status_code=404)  # type: ignore[call-arg]  # wrong on purpose
    assert double.routes == ()
    double.finish()


def test_a_reply_that_is_there_stays() -> None:
    double = MockDouble("api", BASE)
    route = double.get("/x").respond(404)
    with pytest.raises(UsageError):
        route.respond(status_code=404)  # type: ignore[call-arg]  # wrong on purpose
    assert double.routes == (route,)
    assert [reply.label for reply in route.replies] == ["respond(404)"]


def test_the_signature_is_as_declared() -> None:
    route = MockDouble("api", BASE).get("/x")
    assert list(inspect.signature(route.respond).parameters)[:3] == ["status", "json", "text"]


ATTRIBUTES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda m: m.get("/x").responds, 'a route has no .responds; did you mean "respond"?'),
    (lambda m: m.get("/x").return_value, "a route has no .return_value; a reply is declared with .respond(json=...)"),
    (lambda m: m.get("/x").call_args, "what was sent is route.calls.last.request"),
    (lambda m: m.get("/x").assert_call_count(2), "compare route.call_count"),
    (lambda m: setattr(m.get("/x"), "side_effect", 1), "a route has no .side_effect; a function that answers"),
    (lambda m: setattr(m.get("/x"), "return_value", 1), "a route has no .return_value"),
    (lambda m: m.return_value, "a mock has no .return_value; a reply is declared on a route"),
    (lambda m: m.call_args, "a mock has no .call_args; what was sent is mock.calls.last.request"),
    (lambda m: m.called, "a mock has no .called; ask a route"),
    (lambda m: setattr(m, "side_effect", 1), "a mock has no .side_effect"),
    (lambda m: m.get("/x").mock(side_effect=OSError), "no .mock; a reply is .respond(json=...), a failure .fail(excep"),
]


@pytest.mark.parametrize(("misuse", "told"), ATTRIBUTES)
def test_an_attribute_of_another_library(misuse: Callable[[Any], Any], told: str) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(AttributeError) as caught:
        misuse(double)
    assert isinstance(caught.value, UsageError)
    assert str(caught.value).startswith(told) or told in str(caught.value)
    double.finish(caught.value)
    # Nothing is added: neither what is unused, nor a guess of Python's own.
    assert getattr(caught.value, "__notes__", []) == []
    assert "Did you mean" not in "".join(traceback.format_exception(caught.value))


def test_has_attribute_says_no() -> None:
    double = MockDouble("api", BASE)
    route = double.get("/x").respond().optional()
    assert not hasattr(route, "side_effect")
    assert not hasattr(double, "return_value")
    assert getattr(route, "responds", 1) == 1
    assert {"respond", "calls"} <= set(dir(route))
    assert {"failures", "get"} <= set(dir(double))
    assert "side_effect" not in dir(route) + dir(double)
    assert copy.copy(route).replies == route.replies
    assert dict(inspect.getmembers(route))["called"] is False


def test_a_route_takes_no_attribute_that_it_does_not_have() -> None:
    route = MockDouble("api", BASE).get("/x")
    with pytest.raises(AttributeError):
        route.sideeffect = 1  # type: ignore[attr-defined]  # wrong on purpose
    with pytest.raises(AttributeError):
        route.called = True  # type: ignore[misc]  # wrong on purpose


@pytest.mark.parametrize(
    ("misuse", "told"),
    [
        (lambda m: m.get("/x").repsond, 'a route has no .repsond; did you mean "respond"?'),
        (lambda m: m.get("/x").xyzzy, "a route has no .xyzzy"),
        (lambda m: m.getting, 'a mock has no .getting; did you mean "get"?'),
    ],
)
def test_a_misspelt_attribute_is_explained_as_the_block_ends(misuse: Callable[[Any], Any], told: str) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(AttributeError) as caught:
        misuse(double)
    double.finish(caught.value)
    (note,) = caught.value.__notes__
    assert note.startswith(f"lookalike: {told}")


def test_an_attribute_error_of_something_else_is_left_alone() -> None:
    double = MockDouble("api", BASE)
    double.get("/x").respond()
    other: Any = "text"
    with pytest.raises(AttributeError) as caught:
        other.nonsense()
    double.finish(caught.value)
    assert [note.partition(".")[0] for note in caught.value.__notes__] == [
        "lookalike: 1 part of the mock was declared and not used"
    ]
