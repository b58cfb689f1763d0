"""Several doubles of one API at the same time: one that got no request says which of the others answered them."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from typing import Any

import httpx
import pytest
import requests

import lookalike
from lookalike.api.beside import Beside
from lookalike.double.mock import MockDouble
from lookalike.double.source import caller
from lookalike.errors import UnmatchedRequest, UnusedRoute
from lookalike.messages import Request

BASE = "https://api.example.com"
API = lookalike.Api(base_url=BASE)
HERE = "tests/api/test_beside.py"


def line() -> int:
    return sys._getframe(1).f_lineno


async def task(me: int, begun: list[int]) -> Any:
    begun.append(line() + 1)
    async with API.mock() as mock, httpx.AsyncClient() as client:
        mock.get("/me").respond(json=me)
        await asyncio.sleep(0.001 * (1 + me))
        return (await client.get(f"{BASE}/me")).json()


def test_a_task_s_mock_says_that_another_one_answered() -> None:
    begun: list[int] = []

    async def main() -> list[Any]:
        return await asyncio.gather(*(task(me, begun) for me in range(3)), return_exceptions=True)

    *others, last = asyncio.run(main())
    assert last == 2
    for count, error in enumerate(others, 1):
        assert type(error) is UnusedRoute
        assert str(error).partition("\n\nNext: ")[2] == (
            "nothing was requested of this mock.\n"
            f"Answered meanwhile by another double of this API, begun at {HERE}:{begun[0]}: "
            f"{count} request{'s' if count > 1 else ''}.\n"
            "The innermost answers; tasks that run at the same time each have a mock of their own with "
            'api.mock(scope="context").\n'
            "Or say .optional()."
        )


def test_what_ended_before_is_told_too() -> None:
    around = API.mock()
    mock = around.start()
    mock.get("/a").respond()
    mock.get("/b").respond()
    begun = line() + 1
    with API.mock() as inside:
        inside.get("/a").respond()
        for _ in range(2):
            requests.get(f"{BASE}/a", timeout=5)
    with API.mock(), lookalike.Api(base_url="https://other.example.com").mock() as other:
        other.get("/x").respond()
        requests.get("https://other.example.com/x", timeout=5)
    requests.get(f"{BASE}/b", timeout=5)
    with pytest.raises(UnusedRoute) as caught:
        around.stop()
    told = str(caught.value).partition("\n\nNext: ")[2].splitlines()
    assert told[:2] == [
        "remove what isn't needed, or say .optional().",
        f"Answered meanwhile by another double of this API, begun at {HERE}:{begun}: 2 requests.",
    ]


def test_one_that_ended_is_not_kept() -> None:
    beside = Beside()
    double = MockDouble("api", BASE)
    double.get("/a").respond()
    beside.begins(double, caller())
    double.handle(Request("GET", f"{BASE}/a"))
    beside.ends(double)
    kept = weakref.ref(double)
    del double
    gc.collect()
    assert kept() is None
    assert list(beside.answered().values()) == [1]


def test_what_another_one_missed_was_not_answered() -> None:
    around = API.mock()
    around.start().get("/a").respond()
    with API.mock() as inside:
        with pytest.raises(UnmatchedRequest) as caught:
            requests.get(f"{BASE}/a", timeout=5)
        inside.failures.clear()
    assert str(caught.value).splitlines()[-1] == (
        'Tasks that run at the same time each have a mock of their own with api.mock(scope="context").'
    )
    with pytest.raises(UnusedRoute, match="nothing was requested at all"):
        around.stop()


def test_one_that_is_served_to_every_client_says_who_goes_past() -> None:
    patcher = API.mock()
    mock = patcher.start()
    mock.get("/a").respond()
    with mock.serve(everything=True):
        pass
    with pytest.raises(UnusedRoute, match=r"went past serve\(everything=True\): aiohttp without trust_env=True"):
        patcher.stop()
