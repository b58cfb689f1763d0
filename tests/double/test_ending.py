"""When a mock ends: what was swallowed is raised again, what was declared and not used fails, and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lookalike.double.match import reasons_of
from lookalike.double.matchers import including
from lookalike.double.mock import MockDouble
from lookalike.errors import ContractViolation, DoubleError, UnmatchedRequest, UnusedRoute, UsageError
from lookalike.messages import Request

BASE = "https://api.test"


def mock() -> MockDouble:
    return MockDouble("api", BASE)


def ask(double: MockDouble, path: str, method: str = "GET", content: bytes = b"") -> None:
    try:
        double.handle(Request(method, BASE + path, (), content))
    except (AssertionError, UsageError):
        return


def ended(double: MockDouble) -> DoubleError:
    with pytest.raises(DoubleError) as caught:
        double.finish()
    return caught.value


def test_nothing_wrong() -> None:
    double = mock()
    double.finish()
    double.get("/x").respond()
    double.get("/y").respond().optional()
    double.get("/z").respond(503).then.respond().optional()
    ask(double, "/x")
    ask(double, "/z")
    double.finish(None)


def test_a_swallowed_miss_is_raised_again() -> None:
    double = mock()
    ask(double, "/x")
    error = ended(double)
    assert error is double.failures[0]
    assert error.__notes__ == [
        (
            "(The code under test swallowed this; it is raised again as the mock ends. "
            "A test that expects it says mock.failures.clear().)"
        )
    ]
    assert ended(double).__notes__ == error.__notes__
    double.failures.clear()
    double.finish()


def test_several_are_one_message() -> None:
    double = mock()
    route = double.get("/x").respond()
    ask(double, "/y")
    ask(double, "/z")
    error = ended(double)
    assert type(error) is UnmatchedRequest
    assert error.__cause__ is double.failures[0]
    text = str(error)
    assert text.startswith(
        "3 things went wrong while the mock was active.\n\n1. UnmatchedRequest: GET https://api.test/y"
    )
    assert "\n\n2. UnmatchedRequest: GET https://api.test/z doesn't match" in text
    assert "\n\n3. UnusedRoute: 1 part of the mock was declared and not used.\n" in text
    assert route.declared_at in text


def test_a_swallowed_usage_error_is_raised_as_one_of_several() -> None:
    double = mock()
    double.get("/x")
    ask(double, "/x")
    ask(double, "/y")
    error = ended(double)
    assert type(error) is DoubleError
    assert "1. UsageError: GET /x, declared at" in str(error)
    assert "never called; it has no reply, add .respond(...)" in str(error)


def test_unused_routes_to_the_letter() -> None:
    double = mock()
    first = double.get("/todos", params={"page": 2}, name="second page").respond()
    second = double.post("/todos").respond(503).times(2)
    third = double.get("/users").respond(200).then.respond(503).then.respond(200).times(2)
    double.get("/todos", params={"page": 1}).respond()
    for _ in range(2):
        ask(double, "/todos?page=1")
    ask(double, "/users")
    ask(double, "/users")
    assert type(ended(double)) is UnusedRoute
    assert str(ended(double)) == (
        "3 parts of the mock were declared and not used.\n"
        "\n"
        f"  GET /todos   (second page, declared at {first.declared_at}): never called\n"
        '      nearest request: GET https://api.test/todos?page=1   query page: expected "2", got "1"\n'
        "      nearest request: GET https://api.test/users   path: expected /todos, got /users\n"
        f"  POST /todos   (declared at {second.declared_at}): never called, expected twice\n"
        "      nearest request: GET https://api.test/todos?page=1   method: expected POST, got GET\n"
        f"  GET /users   (reply 3 of 3, respond(200), declared at {third.declared_at}): never reached, expected twice; "
        "the route was called twice\n"
        "\n"
        "Next: remove what isn't needed, or say .optional()."
    )


def test_nothing_was_requested() -> None:
    double = mock()
    route = double.get("/x").respond()
    assert str(ended(double)) == (
        "1 part of the mock was declared and not used.\n"
        "\n"
        f"  GET /x   (declared at {route.declared_at}): never called\n"
        "\n"
        "Next: nothing was requested at all; call the code under test inside of the mock, or say .optional()."
    )


def test_times_not_met() -> None:
    double = mock()
    double.get("/x").respond().times(3)
    ask(double, "/x")
    assert "(respond(200), declared at " in str(ended(double))
    assert "): reached once, expected 3 times; the route was called once" in str(ended(double))
    ask(double, "/x")
    ask(double, "/x")
    double.finish()


def test_a_long_list_is_cut() -> None:
    double = mock()
    for at in range(1000):
        double.get(f"/{at}", params={"a": at}).respond()
    text = str(ended(double))
    assert text.startswith("1000 parts of the mock were declared and not used.")
    assert "\n  ... and 980 more\n" in text


SHADOWED: list[tuple[Callable[[MockDouble], object], bool]] = [
    # what is declared over `double.get("/todos/1", params={"a": 1})`, and whether that hides it
    (lambda m: m.get("/todos/1").respond(), True),
    (lambda m: m.get("/todos/{id}").respond(), True),
    (lambda m: m.get("/todos/{id}", params={"a": 1}).respond(), True),
    (lambda m: m.route("*", "/todos/1").respond(), True),
    (lambda m: m.get("https://api.test/todos/1").respond(), True),
    (lambda m: m.get("/todos/1", params={"a": 2}).respond(), False),
    (lambda m: m.get("/todos/1", headers={"a": "1"}).respond(), False),
    (lambda m: m.post("/todos/1").respond(), False),
    (lambda m: m.get("/todos/2").respond(), False),
    (lambda m: m.get("/todos/1").respond().times(1), False),
    (lambda m: m.get("/todos/1", priority=-1).respond(), False),
    (lambda m: m.get("https://other.test/todos/1").respond(), False),
]


@pytest.mark.parametrize(("declare", "hidden"), SHADOWED)
def test_a_route_that_a_stronger_one_shadows_is_not_unused(
    declare: Callable[[MockDouble], object], hidden: bool
) -> None:
    double = mock()
    route = double.get("/todos/1", params={"a": 1}).respond()
    newer = declare(double)
    newer.optional()  # type: ignore[attr-defined]  # as a client wraps it
    if hidden:
        double.finish()
    else:
        assert route.declared_at in str(ended(double))


def test_a_route_whose_request_a_stronger_one_took_is_not_unused() -> None:
    double = mock()
    double.post("/x", json=including({"a": 1})).respond()
    double.post("/x", json={"a": 1, "b": 2}).respond()
    ask(double, "/x", "POST", b'{"a":1,"b":2}')
    double.finish()


def test_only_the_overriding_route_is_reported_when_neither_was_called() -> None:
    double = mock()
    double.get("/x").respond()
    newer = double.get("/x").respond(500)
    text = str(ended(double))
    assert text.startswith("1 part of the mock was")
    assert newer.declared_at in text


def test_a_template_is_compared_with_an_ipv6_host() -> None:
    double = MockDouble("api", "http://[::1]:8080")
    double.get("/x/{id}").respond()
    double.get("/x/{other}").respond().optional()
    double.finish()


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def test_a_block_that_fails_with_something_else_keeps_its_error() -> None:
    double = mock()
    double.get("/x").respond()
    ask(double, "/y")
    error = KeyError("title")
    double.finish(error)
    double.finish(error)
    assert [note.partition("\n")[0] for note in notes(error)] == [
        "lookalike: UnmatchedRequest: GET https://api.test/y doesn't match the only route.",
        "lookalike: 1 part of the mock was declared and not used.",
    ]


def carried_as_itself(miss: BaseException) -> BaseException:
    return miss


def carried_as_cause(miss: BaseException) -> BaseException:
    error = RuntimeError()
    error.__cause__ = miss
    return error


def carried_as_context(miss: BaseException) -> BaseException:
    error = RuntimeError()
    error.__context__ = ValueError()
    error.__context__.__context__ = miss
    miss.__context__ = error
    return error


def carried_in_a_group(miss: BaseException) -> BaseException:
    return BaseExceptionGroup("g", [ValueError(), BaseExceptionGroup("h", [miss])])


def carried_as_argument(miss: BaseException) -> BaseException:
    return OSError(ValueError("x"), miss)


def carried_as_reason(miss: BaseException) -> BaseException:
    error = OSError()
    error.reason = miss  # type: ignore[attr-defined]  # as a client wraps it
    return error


@pytest.mark.parametrize(
    "carry",
    [carried_as_itself, carried_as_cause, carried_as_context, carried_in_a_group, carried_as_argument,
     carried_as_reason],
)  # fmt: skip
def test_a_block_that_fails_with_ours_gets_no_note_about_it(carry: Callable[[BaseException], BaseException]) -> None:
    double = mock()
    ask(double, "/y")
    error = carry(double.failures[0])
    double.finish(error)
    assert notes(error) == []


def test_a_miss_that_from_none_hides_is_added() -> None:
    double = mock()
    ask(double, "/y")
    error = RuntimeError("service failed")
    error.__context__ = double.failures[0]
    error.__suppress_context__ = True
    double.finish(error)
    assert len(notes(error)) == 1


def test_an_interrupt_stays_an_interrupt() -> None:
    double = mock()
    ask(double, "/y")
    error = KeyboardInterrupt()
    double.finish(error)
    assert len(notes(error)) == 1


def test_a_door_can_add_what_it_raised() -> None:
    double = mock()
    error = ContractViolation("x")
    double.remember(error)
    double.remember(error)
    assert double.failures == [error]
    assert ended(double) is error


@pytest.mark.parametrize("error", [ContractViolation("declared wrongly"), UsageError("spelled wrongly")])
def test_after_a_failure_of_ours_what_is_unused_is_no_news(error: Exception) -> None:
    double = mock()
    double.get("/never").respond(json=[])
    double.finish(error)
    assert notes(error) == []


def test_after_a_miss_what_is_unused_is_no_news() -> None:
    double = mock()
    double.get("/never").respond(json=[])
    ask(double, "/y")
    double.finish(double.failures[0])
    assert notes(double.failures[0]) == []


def test_what_was_let_through_is_told_where_nothing_was_asked() -> None:
    double = mock()
    double.get("/x").respond()
    for port in range(8123, 8133):
        double.journal.let_through(f"localhost:{port}", "loopback")
    assert str(ended(double)).endswith(
        "\n\nNext: nothing was requested of the mock; let through: localhost:8123 (loopback), "
        "localhost:8124 (loopback), localhost:8125 (loopback), localhost:8126 (loopback), localhost:8127 (loopback). "
        "The mock stands in for https://api.test: let the code ask that. Or say .optional()."
    )
    double.get("/y").respond()
    ask(double, "/y")
    assert "say .optional().\nLet through: localhost:8123 (loopback), " in str(ended(double))
    double.journal.clear()
    assert double.journal.passed == ()


def test_without_a_base_url_only_the_place_is_told() -> None:
    double = MockDouble("api")
    double.get("https://api.test/x").respond()
    double.journal.let_through("db:80", "allowed")
    assert str(ended(double)).endswith("of the mock; let through: db:80 (allowed). Or say .optional().")


def slip(request: Request) -> str:
    return {"id": "1"}["name"]


def test_a_swallowed_slip_of_the_tests_own_function_is_raised_again() -> None:
    double = mock()
    double.get("/x").respond_with(slip)
    with pytest.raises(KeyError) as caught:
        double.handle(Request("GET", BASE + "/x"))
    with pytest.raises(KeyError) as again:
        double.finish()
    assert again.value is caught.value
    assert "(The code under test swallowed this;" in again.value.__notes__[0]
    assert again.value.__notes__[1] == (
        "(A failure that is meant is said so: .fail(KeyError('name')) raises exactly that, and fails no test.)"
    )
    assert any(entry.name == "slip" for entry in again.traceback)
    double.failures.clear()
    double.finish()


def test_several_slips_are_one_message() -> None:
    double = mock()
    double.get("/x").respond_with(slip)
    for _ in range(2):
        with pytest.raises(KeyError):
            double.handle(Request("GET", BASE + "/x"))
    assert "1. KeyError: 'name'\n\n2. KeyError: 'name'" in str(ended(double))
    assert ended(double).__cause__ is double.failures[0]


class ClientError(Exception):
    """As clients have them."""


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (KeyError("name"), True), (TypeError("x"), True), (ValueError("x"), True), (UsageError("x"), True),
        (ConnectionResetError("x"), False), (TimeoutError(), False), (ClientError("x"), False),
    ],
)  # fmt: skip
def test_a_function_may_play_a_client_that_fails(error: Exception, kept: bool) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one"
        raise error

    def answer(request: Request) -> None:
        raise error

    for reply in ({"function": answer}, {"stream": chunks}):
        double = mock()
        route: Any = double.get("/x")
        (route.respond_with if "function" in reply else route.respond)(**reply)
        with pytest.raises(type(error)):
            consume(double)
        assert [one is error for one in double.failures] == [True] * kept


def consume(double: MockDouble) -> None:
    answer: Any = double.handle(Request("GET", BASE + "/x"))
    list(answer.chunks())


def test_how_a_failure_is_meant_is_said_beside_others_too() -> None:
    def broken(request: Request) -> None:
        raise ValueError("x" * 100)

    double = MockDouble("api", "https://api.test")
    double.get("/a").respond_with(broken)
    double.get("/never").respond()
    with pytest.raises(ValueError, match="xxx"):
        double.handle(Request("GET", "https://api.test/a"))
    with pytest.raises(DoubleError) as caught:
        double.finish()
    assert ".fail(ValueError(...)) raises exactly that" in str(caught.value)
    with pytest.raises(UnmatchedRequest):
        double.handle(Request("GET", "https://api.test/b"))
    double.failures.pop(0)
    with pytest.raises(DoubleError) as caught:
        double.finish()
    assert "A failure that is meant" not in str(caught.value)


def test_a_failure_that_is_meant_fails_no_test() -> None:
    double = MockDouble("api", "https://api.test")
    double.get("/a").fail(ValueError("meant"))
    with pytest.raises(ValueError, match="meant"):
        double.handle(Request("GET", "https://api.test/a"))
    assert double.failures == []
    double.finish()


def test_what_is_left_over_is_found_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite's many routes aren't each compared with each of its many requests."""
    compared: list[str] = []

    def reasons(route: Any, request: Request) -> Iterator[Any]:
        compared.append(request.path)
        return reasons_of(route, request)

    monkeypatch.setattr("lookalike.double.ending.reasons_of", reasons)
    double = mock()
    double.get("/used/{id}").respond(json={})
    for at in range(20):
        double.get(f"/unused/{at}").respond(json={})
        ask(double, f"/used/{at}")
    double.get("/used/7", where=lambda request: False).respond(json={})
    assert "21 parts of the mock were declared and not used" in str(ended(double))
    assert compared == ["/used/7"]
