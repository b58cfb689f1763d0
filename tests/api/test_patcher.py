"""Every spelling of a double: the same double, the same strictness."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from unittest.mock import MagicMock, patch

import httpx
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lookalike

API = "https://api.example.com"
api = lookalike.Api(base_url=API)
other = lookalike.Api(base_url="https://other.example.com")

Body = Callable[[lookalike.Mock], None]


def by_with(body: Body) -> None:
    with api.mock() as mock:
        body(mock)


def by_async_with(body: Body) -> None:
    async def run() -> None:
        async with api.mock() as mock:
            body(mock)

    asyncio.run(run())


def by_decorator(body: Body) -> None:
    @api.mock()
    def run(mock: lookalike.Mock) -> None:
        body(mock)

    run()  # type: ignore[call-arg]  # the decorator passes it


def by_coroutine_decorator(body: Body) -> None:
    @api.mock(into="named")
    async def run(*, named: lookalike.Mock) -> None:
        body(named)

    asyncio.run(run())  # type: ignore[call-arg]  # the decorator passes it


def by_keywords(body: Body) -> None:
    @api.mock()
    def run(**options: Any) -> None:
        body(options["mock"])

    run()


def by_generator(body: Body) -> None:
    @api.mock()
    def run(mock: lookalike.Mock) -> Iterator[int]:
        yield 1
        body(mock)

    list(run())  # type: ignore[call-arg]  # the decorator passes it


def by_async_generator(body: Body) -> None:
    @api.mock()
    async def items(mock: lookalike.Mock) -> AsyncIterator[int]:
        yield 1
        body(mock)

    async def run() -> list[int]:
        return [item async for item in items()]  # type: ignore[call-arg]  # the decorator passes it

    asyncio.run(run())


def by_class(body: Body) -> None:
    @api.mock()
    class Tests:
        def test(self, mock: lookalike.Mock) -> None:
            body(mock)

    Tests().test()  # type: ignore[call-arg]  # the decorator passes it


def by_hidden_coroutine(body: Body) -> None:
    async def inner(mock: lookalike.Mock) -> None:
        await asyncio.sleep(0)
        body(mock)

    def disguise(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **options: Any) -> Any:
            return function(*args, **options)

        return wrapper

    wrapped = disguise(inner)
    asyncio.run(api.mock()(wrapped)())


def by_start_and_stop(body: Body) -> None:
    patcher = api.mock()
    mock = patcher.start()
    try:
        body(mock)
    except BaseException as error:
        patcher.__exit__(type(error), error, error.__traceback__)
        raise
    patcher.stop()


SPELLINGS = [
    by_with,
    by_async_with,
    by_decorator,
    by_coroutine_decorator,
    by_keywords,
    by_generator,
    by_async_generator,
    by_class,
    by_hidden_coroutine,
    by_start_and_stop,
]
spelled = pytest.mark.parametrize("spelling", SPELLINGS)


def get(path: str) -> requests.Response:
    return requests.get(API + path, timeout=5)


@spelled
def test_the_double_answers_and_is_gone_afterwards(spelling: Callable[[Body], None]) -> None:
    seen = []

    def body(mock: lookalike.Mock) -> None:
        mock.get("/todos").respond(json=[1])
        seen.append(get("/todos").json())

    spelling(body)
    spelling(body)
    assert seen == [[1], [1]]


@spelled
def test_a_miss_that_was_swallowed_is_raised_again(spelling: Callable[[Body], None]) -> None:
    def body(mock: lookalike.Mock) -> None:
        with pytest.raises(lookalike.UnmatchedRequest):
            get("/nowhere")

    with pytest.raises(lookalike.UnmatchedRequest, match="/nowhere"):
        spelling(body)


@spelled
def test_an_unused_route_fails(spelling: Callable[[Body], None]) -> None:
    def body(mock: lookalike.Mock) -> None:
        mock.get("/todos").respond(json=[])

    with pytest.raises(lookalike.UnusedRoute, match="/todos"):
        spelling(body)


@spelled
def test_another_failure_stays_with_ours_as_a_note(spelling: Callable[[Body], None]) -> None:
    def body(mock: lookalike.Mock) -> None:
        mock.get("/todos").respond(json=[])
        raise KeyError("theirs")

    with pytest.raises(KeyError, match="theirs") as caught:
        spelling(body)
    assert any("never called" in note for note in caught.value.__notes__)


def test_starting_twice_and_stopping_without_a_start_are_misuse() -> None:
    patcher = api.mock()
    with pytest.raises(lookalike.UsageError, match="isn't started"):
        patcher.stop()
    patcher.start()
    with pytest.raises(lookalike.UsageError, match=r"was started at .*test_patcher\.py:\d+"):
        patcher.start()
    patcher.stop()
    with pytest.raises(lookalike.UsageError, match="stopped already"):
        patcher.stop()
    with patcher as mock:
        assert isinstance(mock, lookalike.Mock)


def test_the_parameter_is_hidden_and_everything_else_stays() -> None:
    def function(one: int, mock: lookalike.Mock, *, two: str = "2") -> str:
        """Its words."""
        return f"{one}{two}"

    wrapped = api.mock()(function)
    assert list(inspect.signature(wrapped).parameters) == ["one", "two"]
    assert (wrapped.__name__, wrapped.__doc__) == ("function", "Its words.")
    assert wrapped(1, two="3") == "13"  # type: ignore[call-arg]  # the decorator passes it


def test_a_function_without_the_parameter_is_covered_all_the_same() -> None:
    @api.mock()
    def without(one: int) -> int:
        with pytest.raises(lookalike.UnmatchedRequest):
            get("/x")
        return one

    with pytest.raises(lookalike.UnmatchedRequest):
        without(1)


def test_what_the_caller_passes_wins() -> None:
    @api.mock()
    def function(mock: object) -> object:
        return mock

    assert function(mock=1) == 1


def test_two_doubles_stack_with_names_of_their_own() -> None:
    @other.mock(into="second")
    @api.mock()
    def function(mock: lookalike.Mock, second: lookalike.Mock) -> tuple[str, str]:
        mock.get("/a").respond(text="a")
        second.get("/b").respond(text="b")
        return get("/a").text, requests.get("https://other.example.com/b", timeout=5).text

    assert function() == ("a", "b")  # type: ignore[call-arg]  # the decorator passes it


def test_two_doubles_for_one_parameter_are_misuse() -> None:
    with pytest.raises(lookalike.UsageError, match='into="other"'):

        @other.mock()
        @api.mock()
        def function(mock: lookalike.Mock) -> None: ...


@pytest.mark.parametrize("outside", [True, False])
def test_it_stacks_with_unittest_mock(outside: bool) -> None:
    def function(listdir: MagicMock, mock: lookalike.Mock) -> str:
        import os

        mock.get("/a").respond(text="a")
        assert os.listdir is listdir
        return get("/a").text

    patched = patch("os.listdir")
    double = api.mock()
    wrapped: Any = patched(double(function)) if outside else double(patched(function))
    assert wrapped() == "a"


def test_it_stands_between_two_patches() -> None:
    @patch("os.listdir")
    @api.mock()
    @patch("os.getcwd")
    def function(getcwd: MagicMock, listdir: MagicMock, mock: lookalike.Mock) -> str:
        import os

        assert (os.getcwd, os.listdir) == (getcwd, listdir)
        mock.get("/a").respond(text="a")
        return get("/a").text

    assert function() == "a"


@api.mock()
@given(number=st.integers(0, 3))
@settings(max_examples=5, suppress_health_check=[HealthCheck.differing_executors])
def test_it_covers_a_property_test(number: int, mock: lookalike.Mock) -> None:
    mock.get("/n").respond(json=number)
    assert get("/n").json() == number


@settings(max_examples=5)
@given(number=st.integers(0, 3))
@api.mock()
def test_each_example_has_a_fresh_double(number: int, mock: lookalike.Mock) -> None:
    assert not mock.routes
    mock.get("/n").respond(json=number)
    assert get("/n").json() == number


@pytest.fixture
@api.mock()
def todos(mock: lookalike.Mock) -> Iterator[list[int]]:
    mock.get("/todos").respond(json=[1, 2])
    yield get("/todos").json()
    assert get("/todos").ok


@other.mock()
@pytest.mark.parametrize("number", [1, 2])
def test_it_works_in_fixtures_and_under_parametrize(todos: list[int], mock: lookalike.Mock, number: int) -> None:
    mock.get("/n").respond(json=number)
    assert number in todos
    assert requests.get("https://other.example.com/n", timeout=5).json() == number


def test_generators_pass_on_what_is_sent_and_thrown() -> None:
    @api.mock()
    def numbers(mock: lookalike.Mock) -> Iterator[Any]:
        try:
            got = yield 1
            yield got
        except KeyError:
            yield "caught"

    made: Any = numbers
    generator = made()
    assert (next(generator), generator.send("sent"), generator.throw(KeyError)) == (1, "sent", "caught")
    generator.close()


def test_async_generators_pass_on_what_is_sent_and_thrown() -> None:
    closed = []

    @api.mock()
    async def numbers(mock: lookalike.Mock) -> AsyncIterator[Any]:
        try:
            got = yield 1
            yield got
        except KeyError:
            yield "caught"
        finally:
            closed.append(True)

    async def run() -> list[Any]:
        made: Any = numbers
        generator = made()
        found = [await anext(generator), await generator.asend("sent"), await generator.athrow(KeyError)]
        await generator.aclose()
        return found

    assert asyncio.run(run()) == [1, "sent", "caught"]
    assert closed == [True]


def test_static_and_class_methods() -> None:
    class Service:
        @api.mock()
        @staticmethod
        def plain(mock: lookalike.Mock) -> str:
            mock.get("/a").respond(text="a")
            return get("/a").text

        @api.mock()
        @classmethod
        def made(cls, mock: lookalike.Mock) -> str:
            mock.get("/a").respond(text=cls.__name__)
            return get("/a").text

    service: Any = Service
    assert (service.plain(), service.made()) == ("a", "Service")


def test_concurrent_calls_have_doubles_of_their_own() -> None:
    found: list[int] = []

    @api.mock()
    def run(mock: lookalike.Mock) -> None:
        found.append(id(mock))
        mock.get("/a").respond(json=1)
        get("/a")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
        thread.join()
    assert len(found) == 4


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.anyio
@api.mock()
async def test_a_coroutine_test_on_asyncio_and_trio(anyio_backend: str, mock: lookalike.Mock) -> None:
    mock.get("/a").respond(text=anyio_backend)
    async with httpx.AsyncClient() as client:
        assert (await client.get(API + "/a")).text == anyio_backend


@pytest.mark.anyio
async def test_a_coroutine_test_with_the_fixture(mock_api: Callable[..., lookalike.Mock], anyio_backend: str) -> None:
    mock_api(base_url=API).get("/a").respond(text=anyio_backend)
    async with httpx.AsyncClient() as client:
        assert (await client.get(API + "/a")).text == anyio_backend


def test_httpx_sync_and_async() -> None:
    async def ask() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(API + "/a")).status_code

    with api.mock() as mock:
        mock.get("/a").respond(202)
        assert httpx.get(API + "/a").status_code == 202
        assert asyncio.run(ask()) == 202
        assert len(mock.calls) == 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: api.mock(allow="db"), r'allow=\["db"'),
        (lambda: api.mock(allow=[1]), "allow is a list"),  # type: ignore[list-item]  # wrong on purpose
        (lambda: api.mock(into="not a name"), "parameter"),
        (lambda: api.mock(into=1), "parameter"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: api.mock(lambda: 1), "parentheses"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: api.fake(lambda: 1), "parentheses"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: api.record(lambda: 1), "parentheses"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: api.mock()(1), "can't be decorated"),  # type: ignore[call-overload]  # wrong on purpose
        (lambda: api.mock()(pytest.fixture(lambda: 1)), "put @pytest.fixture above"),
        (lambda: api.mock()(lambda mock, /: 1), "positional-only"),
        (lambda: api.mock()(type("Empty", (), {})), "no method that begins with 'test'"),
    ],
)
def test_misuse_says_what_to_write(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(lookalike.UsageError, match=message):
        wrong()


def test_any_callable_is_covered() -> None:
    wrapped: Any = api.mock()(functools.partial(len, [1]))
    assert wrapped() == 1


def test_named_hosts_pass_and_others_do_not() -> None:
    with api.mock(allow=["*.internal"]) as mock:
        mock.get("/a").respond(204)
        get("/a")
        with pytest.raises(requests.ConnectionError):
            requests.get("http://nowhere.internal:9/", timeout=5)


def test_what_is_not_begun_says_how_to_begin_it() -> None:
    patcher = lookalike.Api(base_url="https://api.example.com").mock()
    with pytest.raises(AttributeError, match=r"(?s)has no \.get; .* with .*mock\(\) as mock.*patcher\.start\(\)"):
        patcher.get("/todos")  # type: ignore[attr-defined]  # wrong on purpose
    assert not hasattr(patcher, "post")
