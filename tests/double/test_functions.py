"""Functions that answer, sync and async, for clients that can await and for those that can't: one table."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest
import trio

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.double.mock import MockDouble
from lookalike.errors import ContractViolation, UnmatchedRequest, UsageError
from lookalike.messages import Answer, Fault, PassThrough, Request, Response

BASE = "https://api.test"
Ask = Callable[[MockDouble, Request], Answer]


def in_asyncio(double: MockDouble, request: Request) -> Answer:
    return asyncio.run(double.handle_async(request))


def in_trio(double: MockDouble, request: Request) -> Answer:
    return trio.run(double.handle_async, request)


WAYS: dict[str, Ask] = {"sync": MockDouble.handle, "asyncio": in_asyncio, "trio": in_trio}


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest) -> Ask:
    return WAYS[request.param]


def request(path: str = "/users/7", method: str = "GET", content: bytes = b"") -> Request:
    headers = {"content-type": "application/json"} if content else {}
    return Request(method, BASE + path, headers, content)


def plain(request: Request, user: str) -> Any:
    return 201, {"id": user, "path": request.path}


async def coroutine(request: Request, user: str) -> Any:
    return 201, {"id": user, "path": request.path}


class Called:
    async def __call__(self, request: Request, user: str) -> Any:
        return 201, {"id": user, "path": request.path}


FUNCTIONS = {
    "function": plain,
    "coroutine function": coroutine,
    "object": Called(),
    "partial": functools.partial(coroutine),
    "function that returns a coroutine": lambda request, user: coroutine(request, user),
}


@pytest.mark.peer("Callback / dynamic")
@pytest.mark.peer("Async callback")
@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_gets_the_request_and_the_path_s_parameters(ask: Ask, function: Any) -> None:
    double = MockDouble("api", BASE)
    route = double.get("/users/{user}").respond_with(function)
    answer = ask(double, request())
    assert isinstance(answer, Response)
    assert (answer.status, answer.json()) == (201, {"id": "7", "path": "/users/7"})
    assert [(call.request, call.response) for call in route.calls] == [(request(), answer)]
    assert route.call_count == 1
    double.finish()


@pytest.mark.parametrize("result", [Fault("reset"), PassThrough(), Response(299, delay=2.0)])
def test_what_it_returns_may_be_an_answer(ask: Ask, result: Answer) -> None:
    async def answering() -> Answer:
        return result

    double = MockDouble("api", BASE)
    double.get("/x").respond_with(answering)
    answer = ask(double, request("/x"))
    assert type(answer) is type(result)
    if isinstance(answer, Response):
        assert double.calls.last.elapsed == 2.0
        hasty = Request("GET", BASE + "/x", timeout=1.0)
        assert ask(double, hasty) == Fault("read-timeout")
        assert (double.calls.last.fault, double.calls.last.elapsed) == (Fault("read-timeout"), 2.0)


def test_the_request_s_own_options_are_there(ask: Ask) -> None:
    double = MockDouble("api", BASE)

    async def telling(request: Request) -> Any:
        return [request.timeout, request.options.timeout]

    double.get("/x").respond_with(telling)
    answer = ask(double, Request("GET", BASE + "/x", timeout=3.0))
    assert isinstance(answer, Response)
    assert answer.json() == [3.0, 3.0]


def raising(error: Exception) -> tuple[Callable[[], Any], Callable[[], Any]]:
    def function() -> Any:
        raise error

    async def coroutine() -> Any:
        await asyncio.sleep(0) if _in_asyncio() else await trio.lowlevel.checkpoint()
        raise error

    return function, coroutine


def _in_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("which", [0, 1], ids=["function", "coroutine function"])
@pytest.mark.parametrize(
    ("error", "fails"),
    [(ConnectionResetError("by the test"), False), (KeyError("slip"), True), (AssertionError("no body"), True)],
)
def test_what_it_raises_the_code_under_test_meets(ask: Ask, which: int, error: Exception, fails: bool) -> None:
    double = MockDouble("api", BASE)
    route = double.get("/x").respond_with(raising(error)[which])
    with pytest.raises(type(error)) as caught:
        ask(double, request("/x"))
    assert caught.value is error
    assert (route.call_count, len(route.calls), route.calls.last.response) == (1, 1, None)
    assert double.failures == ([error] if fails else [])


def test_a_function_that_answers_nothing_is_told(ask: Ask) -> None:
    async def nothing() -> Any:
        return None

    for one in (nothing, lambda: None):
        double = MockDouble("api", BASE)
        double.get("/x").respond_with(one)
        with pytest.raises(UsageError, match="returned None; return a value for the JSON body") as caught:
            ask(double, request("/x"))
        assert double.failures == [caught.value]


def contract() -> Contract:
    body = {"content": {"application/json": {"schema": {"type": "object", "required": ["name"]}}}, "required": True}
    answer = {
        "description": "",
        "content": {"application/json": {"schema": {"type": "object", "required": ["id"],
                                                     "properties": {"id": {"type": "integer"}}}}},
    }  # fmt: skip
    document = {
        "openapi": "3.1.0",
        "info": {"title": "users", "version": "1"},
        "paths": {"/users": {"post": {"requestBody": body, "responses": {"201": answer, "400": {"description": ""}}}}},
    }
    return Contract(Document(document, "users.yaml"), name="users", base_url=BASE)


def posted(ask: Ask, result: Any, content: bytes) -> tuple[MockDouble, Answer | BaseException]:
    async def created(request: Request) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    double = MockDouble("users", BASE, contract=contract())
    double.post("/users").respond_with(created)
    try:
        return double, ask(double, request("/users", "POST", content))
    except Exception as error:
        return double, error


CHECKS: list[tuple[Any, bytes, type, str]] = [
    ({"id": 1}, b'{"name": "Ann"}', Response, ""),
    ({"id": "one"}, b'{"name": "Ann"}', ContractViolation, "json.id"),
    ({"id": 1}, b"{}", ContractViolation, "json.name"),
    ((400, {"error": "no name"}), b"{}", Response, ""),
    # A function that wasn't written for such a request may well fail on it.
    (KeyError("name"), b"{}", ContractViolation, "json.name"),
    (KeyError("name"), b'{"name": "Ann"}', KeyError, "name"),
]


@pytest.mark.parametrize(("result", "content", "kind", "told"), CHECKS)
def test_replies_and_requests_are_held_to_the_contract(
    ask: Ask, result: Any, content: bytes, kind: type, told: str
) -> None:
    double, got = posted(ask, result, content)
    assert type(got) is kind
    assert told in str(got)
    assert double.failures == ([] if isinstance(got, Response) else [got])
    assert len(double.calls) == 1


def test_a_miss_is_a_miss(ask: Ask) -> None:
    double = MockDouble("api", BASE)
    double.get("/x").respond_with(coroutine_without_parameters)
    with pytest.raises(UnmatchedRequest) as caught:
        ask(double, request("/y"))
    assert double.failures == [caught.value]
    assert len(double.calls) == 1


async def coroutine_without_parameters() -> Any:
    return {}


def test_it_runs_in_the_loop_of_who_awaits() -> None:
    threads: list[int] = []
    loops: list[Any] = []

    async def where() -> Any:
        threads.append(threading.get_ident())
        loops.append(asyncio.get_running_loop())
        return {}

    double = MockDouble("api", BASE)
    double.get("/x").respond_with(where)

    async def main() -> Any:
        await double.handle_async(request("/x"))
        return asyncio.get_running_loop()

    loop = asyncio.run(main())
    assert (threads, loops) == ([threading.get_ident()], [loop])
    before = threading.active_count()
    double.handle(request("/x"))
    assert threads[1] != threads[0]
    assert threading.active_count() == before, "the loop that it ran in is gone"


def test_two_that_wait_for_each_other_do_so_in_one_loop() -> None:
    double = MockDouble("api", BASE)
    met = []

    async def main() -> None:
        meeting = asyncio.Barrier(2)

        async def meet() -> Any:
            await meeting.wait()
            met.append(1)
            return {}

        double.get("/x").respond_with(meet)
        await asyncio.gather(*(double.handle_async(request("/x")) for _ in range(2)))

    asyncio.run(main())
    assert met == [1, 1]


@pytest.mark.peer("Sequence of replies")
def test_in_a_sequence(ask: Ask) -> None:
    double = MockDouble("api", BASE)
    double.get("/users/{user}").respond(503).then.respond_with(coroutine).times(1).then.respond_with(plain)
    answers = [ask(double, request()) for _ in range(3)]
    assert [answer.status for answer in answers if isinstance(answer, Response)] == [503, 201, 201]
    double.finish()


class Own(Exception):
    """A client's own exception."""


@pytest.mark.peer("Raise exception")
def test_an_exception_of_the_test_s_is_raised_as_it_is(ask: Ask) -> None:
    double = MockDouble("api", BASE)
    error = KeyError("given")
    route = double.get("/x").fail(error).times(2).then.fail(Own).then.fail(AssertionError("played"))
    for _ in range(2):
        with pytest.raises(KeyError) as caught:
            ask(double, request("/x"))
        assert caught.value is error
    with pytest.raises(Own):
        ask(double, request("/x"))
    with pytest.raises(AssertionError, match="played"):
        ask(double, request("/x"))
    assert (route.call_count, len(route.calls)) == (4, 4)
    assert double.failures == []
    assert [reply.label for reply in route.replies] == ["fail(KeyError)", "fail(Own)", "fail(AssertionError)"]
    double.finish()


class Demanding(Exception):
    def __init__(self, first: object, second: object) -> None:
        super().__init__(first, second)


class Worded(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)


def test_a_class_that_asks_for_a_text_gets_one() -> None:
    double = MockDouble("api", BASE)
    double.get("/x").fail(Worded)
    with pytest.raises(Worded, match="as the test says"):
        double.handle(request("/x"))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Demanding, r"give one, \.fail\(Demanding\(\.\.\.\)\)"),
        (KeyboardInterrupt, "raises an Exception"),
        (int, "no such"),
    ],
)
def test_what_can_not_be_raised(error: Any, told: str) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError, match=told):
        double.get("/x").fail(error)
    assert not double.routes


def test_a_function_may_send_other_requests_itself(ask: Ask) -> None:
    """Who sends those can't await, whoever sent the first one."""

    async def inner(request: Request) -> Any:
        return {"inner": request.path}

    double = MockDouble("api", BASE)
    double.get("/inner").respond_with(inner)
    double.get("/outer").respond_with(lambda request: double.handle(Request("GET", f"{BASE}/inner")))
    answer = ask(double, request("/outer"))
    assert isinstance(answer, Response)
    assert answer.json() == {"inner": "/inner"}


def test_a_task_that_a_function_begins_sends_requests_of_its_own() -> None:
    """It inherits the context of the request that is being answered, and can't hand over what it can't await."""
    double = MockDouble("api", BASE)
    tasks: list[asyncio.Task[Answer]] = []

    async def later() -> Answer:
        return double.handle(Request("GET", f"{BASE}/users/8"))

    def begin(request: Request) -> Any:
        tasks.append(asyncio.get_running_loop().create_task(later()))
        return {}

    async def main() -> Answer:
        await double.handle_async(request("/begin"))
        return await tasks[0]

    double.get("/begin").respond_with(begin)
    double.get("/users/{user}").respond_with(coroutine)
    answer = asyncio.run(main())
    assert isinstance(answer, Response)
    assert answer.json() == {"id": "8", "path": "/users/8"}


def test_a_request_whose_client_is_cancelled_meanwhile_was_made() -> None:
    double = MockDouble("api", BASE)
    ended: list[str] = []
    asked = asyncio.Event()

    async def never(request: Request) -> Any:
        asked.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append(request.path)

    async def main() -> None:
        task = asyncio.ensure_future(double.handle_async(request("/slow")))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    route = double.get("/slow").respond_with(never)
    asyncio.run(main())
    (call,) = double.calls
    assert (call.request.path, call.response, ended) == ("/slow", None, ["/slow"])
    assert list(route.calls) == [call]
    assert double.failures == []
