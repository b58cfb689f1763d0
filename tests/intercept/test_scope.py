"""Whose requests a double answers: the process's or one context's, nested, in threads, asyncio and trio."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import http.client
import random
import socket
import ssl
import threading
import urllib.request
import weakref
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
import requests
import trio

import lookalike
from lookalike.errors import BlockedConnection, UnmatchedRequest, UsageError
from lookalike.intercept import active, install

BASE = "https://api.example.com"
API = lookalike.Api(base_url=BASE)


def get(url: str) -> Any:
    return requests.get(url, timeout=5).json()


def in_thread(work: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


# Whose it is ----------------------------------------------------------------------------------------------------------


@pytest.mark.peer("Context-local state (contextvars/ALS)")
def test_each_of_a_hundred_tasks_sees_its_own_double() -> None:
    async def task(client: httpx.AsyncClient, me: int) -> None:
        async with API.mock(scope="context") as mock:
            mock.get("/me").respond(json=me)
            for _ in range(3):
                assert (await client.get(f"{BASE}/me")).json() == me
                await asyncio.sleep(0)
            assert [call.response.json() for call in mock.calls if call.response] == [me] * 3

    async def main() -> None:
        async with httpx.AsyncClient() as client, asyncio.TaskGroup() as group:
            for me in range(100):
                group.create_task(task(client, me))

    asyncio.run(main())
    assert not active.any_active()


def test_tasks_of_trio_see_their_own_doubles() -> None:
    async def task(client: httpx.AsyncClient, me: int) -> None:
        with API.mock(scope="context") as mock:
            mock.get("/me").respond(json=me)
            await trio.lowlevel.checkpoint()
            assert (await client.get(f"{BASE}/me")).json() == me
            assert get(f"{BASE}/me") == me

    async def main() -> None:
        async with httpx.AsyncClient() as client, trio.open_nursery() as nursery:
            for me in range(30):
                nursery.start_soon(task, client, me)

    trio.run(main)


@pytest.mark.peer("Threads inside one test")
def test_threads_that_copy_the_context_see_it_and_others_do_not(server: Any) -> None:
    with lookalike.Api(base_url=server.url).mock(scope="context") as mock:
        mock.get("/x").respond(json="double")
        assert asyncio.run(asyncio.to_thread(get, f"{server.url}/x")) == "double"
        here = contextvars.copy_context()
        assert in_thread(lambda: here.run(get, f"{server.url}/x")) == "double"
        assert in_thread(lambda: get(f"{server.url}/x")) == {"real": True}
        assert len(mock.calls) == 2
    with lookalike.Api(base_url=server.url).mock() as mock:
        mock.get("/x").respond(json="double")
        assert in_thread(lambda: get(f"{server.url}/x")) == "double"
    assert [path for _, path, _ in server.hits] == ["/x"]


CLIENTS: dict[str, Callable[[str], Any]] = {
    "requests": lambda url: requests.get(url, timeout=5).json(),
    "httpx": lambda url: httpx.get(url).json(),
    "urllib": lambda url: urllib.request.urlopen(url).read(),
    "httpx async": lambda url: asyncio.run(async_get(url)),
}


async def async_get(url: str) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).json()


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("client", list(CLIENTS))
def test_where_no_double_is_seen_real_traffic_passes(server: Any, client: str) -> None:
    elsewhere = contextvars.copy_context()
    with lookalike.Api(base_url=server.url).mock(scope="context") as mock:
        mock.get("/x").respond(json="double")
        elsewhere.run(CLIENTS[client], f"{server.url}/x")
        assert [len(server.hits), len(mock.calls)] == [1, 0]
        CLIENTS[client](f"{server.url}/x")
        assert [len(server.hits), len(mock.calls)] == [1, 1]


@pytest.mark.usefixtures("lane")
def test_one_session_serves_contexts_with_and_without_a_double(server: Any) -> None:
    """A connection that a double answered is no way to the real server, nor the other way round."""
    elsewhere = contextvars.copy_context()
    url = f"{server.url}/x"
    with (
        requests.Session() as session,
        httpx.Client() as client,
        lookalike.Api(base_url=server.url).mock(scope="context") as mock,
    ):
        mock.get("/x").respond(json="double")
        for _ in range(3):
            assert session.get(url).json() == client.get(url).json() == "double"
            assert elsewhere.run(session.get, url).json() == {"real": True}
            assert elsewhere.run(client.get, url).json() == {"real": True}


def test_a_name_that_one_context_allows_stays_blocked_in_another() -> None:
    far = ("10.255.255.1", 5432)
    reached: list[Any] = []

    async def reach(allow: tuple[str, ...]) -> None:
        with API.mock(scope="context", allow=allow) as mock:
            try:
                sock = await asyncio.get_running_loop().run_in_executor(None, socket.socket)
                with sock:
                    if allow:
                        await asyncio.get_running_loop().getaddrinfo("db", 5432)
                    sock.connect(far)
            finally:
                mock.failures.clear()

    async def main() -> None:
        await asyncio.create_task(reach(("db",)))
        with pytest.raises(BlockedConnection):
            await asyncio.create_task(reach(()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", far)])
        patch.setattr(socket.socket, "connect", lambda _, address: reached.append(address), raising=False)
        asyncio.run(main())
        with API.mock(scope="context"):
            in_thread(lambda: with_socket(far))  # nothing is active there
    assert reached == [far, far]


def with_socket(address: Any) -> None:
    with socket.socket() as sock:
        sock.connect(address)


def test_certificates_are_read_at_once_where_no_double_is_seen() -> None:
    elsewhere = contextvars.copy_context()
    with API.mock(scope="context"):
        assert "_lookalike_deferred" in vars(ssl.create_default_context())
        assert "_lookalike_deferred" not in vars(elsewhere.run(ssl.create_default_context))


@pytest.mark.parametrize("spelled", ["mock", "fake", "record"])
def test_a_scope_is_one_of_two_words(spelled: str) -> None:
    with pytest.raises(UsageError, match=rf'api\.{spelled}\(scope=\'task\'\): scope is "process" .* or "context"'):
        getattr(API, spelled)(scope="task")


def test_fakes_and_recordings_have_a_scope_too(server: Any) -> None:
    elsewhere = contextvars.copy_context()
    fakes = lookalike.Api("jsonplaceholder").fake(scope="context")
    with fakes:
        assert get("https://jsonplaceholder.typicode.com/todos/1")["id"] == 1
        assert not elsewhere.run(active.any_active)
    with lookalike.Api(base_url=server.url).record(scope="context") as recording:
        elsewhere.run(get, f"{server.url}/unheard")
        get(f"{server.url}/heard")
        assert [exchange.request.path for exchange in recording.exchanges] == ["/heard"]


# Its beginning and end ------------------------------------------------------------------------------------------------


def test_a_double_may_end_in_another_context_than_it_began() -> None:
    patcher = API.mock(scope="context")
    began = contextvars.copy_context()
    began.run(patcher.start)
    assert began.run(active.any_active)
    assert not active.any_active()
    patcher.stop()
    assert not began.run(active.any_active)
    assert http.client.HTTPConnection.putrequest.__module__ == "http.client"


def test_an_async_generator_may_begin_and_end_it_in_different_tasks() -> None:
    @asynccontextmanager
    async def fixture() -> AsyncIterator[lookalike.Mock]:
        async with API.mock(scope="context") as mock:
            mock.get("/x").respond(json=1).optional()
            yield mock

    async def main() -> None:
        held = fixture()
        await asyncio.create_task(held.__aenter__())
        assert not active.any_active()
        await asyncio.create_task(held.__aexit__(None, None, None))

    asyncio.run(main())


def test_doubles_of_contexts_end_in_any_order(doubled: Any) -> None:
    context = contextvars.copy_context()
    undos = [context.run(install, API.mock().session().double, scope="context") for _ in range(4)]
    order = [2, 0, 3, 1]
    for left, at in zip([3, 2, 1, 0], order, strict=True):
        undos[at]()
        undos[at]()
        assert len(context.run(active.doubles)) == left


def test_a_context_that_lives_on_holds_no_double(scripted: Any) -> None:
    context = contextvars.copy_context()

    def work() -> weakref.ref[Any]:
        double = scripted(None)
        install(double, scope="context")()
        return weakref.ref(double)

    gone = context.run(work)
    gc.collect()
    assert gone() is None
    assert context.run(active.doubles) == ()


# Nested ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("around", "inside", "expected"),
    [
        ("process", "process", "inside"),
        ("process", "context", "inside"),
        ("context", "context", "inside"),
        ("context", "process", "around"),  # a context's double is inside of the process's, whichever began first
    ],
)
def test_the_innermost_double_that_knows_the_host_answers(around: Any, inside: Any, expected: str) -> None:
    with ExitStack() as stack:
        for name, scope in (("around", around), ("inside", inside)):
            mock = stack.enter_context(API.mock(scope=scope))
            mock.get("/x").respond(json=name).optional()
        other = stack.enter_context(lookalike.Api(base_url="https://other.example.com").mock(scope="context"))
        other.get("/x").respond(json="other")
        assert get(f"{BASE}/x") == expected
        assert get("https://other.example.com/x") == "other"


def test_what_nobody_claims_is_told_to_the_innermost_double_of_the_context() -> None:
    with API.mock() as around, lookalike.Api(base_url="https://mine.example.com").mock(scope="context") as mine:
        with pytest.raises(UnmatchedRequest):
            get("https://nobody.example.com/x")
        assert [len(mine.failures), len(around.failures)] == [1, 0]
        with pytest.raises(UnmatchedRequest):
            in_thread(lambda: get("https://nobody.example.com/x"))
        assert [len(mine.failures), len(around.failures)] == [1, 1]
        mine.failures.clear()
        around.failures.clear()


# Under load -----------------------------------------------------------------------------------------------------------


@pytest.mark.peer("Threads inside one test")
def test_sixteen_threads_lose_no_call_and_see_no_other_s_answer() -> None:
    """Threads with a host of their own, for which doubles enter and leave, share one that is always there."""
    threads, rounds = 16, 12
    shared = lookalike.Api(base_url="https://shared.example.com")
    together = threading.Barrier(threads)
    clients: list[Callable[[str], Any]] = [CLIENTS["requests"], CLIENTS["httpx"], CLIENTS["urllib"]]

    def work(me: int) -> None:
        mine = lookalike.Api(base_url=f"https://host{me}.example.com")
        scope: Any = "context" if me % 2 else "process"
        choose = random.Random(me)
        together.wait()
        for turn in range(rounds):
            with mine.mock(scope=scope) as mock:
                mock.get("/n").respond(json=[me, turn])
                asked = choose.randrange(1, 4)
                for _ in range(asked):
                    got = choose.choice(clients)(f"https://host{me}.example.com/n")
                    assert got in ([me, turn], b"[%d,%d]" % (me, turn))
                choose.choice(clients)(f"https://shared.example.com/from/{me}/{turn}")
                assert [call.request.path for call in mock.calls] == ["/n"] * asked

    with shared.mock() as common:
        common.get("/from/{me}/{turn}").respond(json="shared")
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
        paths = [call.request.path for call in common.calls]
    assert sorted(paths) == sorted(f"/from/{me}/{turn}" for me in range(threads) for turn in range(rounds))
    assert not active.any_active()


def test_seams_come_and_go_under_requests_that_are_nobody_s(server: Any) -> None:
    """The last double's end takes the seams out while other threads are in the middle of a request to a real server."""
    over = threading.Event()
    asked = ["requests", "httpx", "urllib", "requests"]

    def request(client: str) -> int:
        done = 0
        while not over.is_set() or not done:
            CLIENTS[client](f"{server.url}/n")
            done += 1
        return done

    def flip(me: int) -> None:
        api = lookalike.Api(base_url=f"https://host{me}.example.com")
        scope: Any = "context" if me % 2 else "process"
        for turn in range(40):
            with api.mock(scope=scope) as mock:
                mock.get("/n").respond(json=turn)
                assert get(f"https://host{me}.example.com/n") == turn

    with ThreadPoolExecutor(8) as pool:
        requesting = [pool.submit(request, client) for client in asked]
        try:
            list(pool.map(flip, range(4)))
        finally:
            over.set()
        done = sum(one.result() for one in requesting)
    assert len(server.hits) == done
    assert not active.any_active()
