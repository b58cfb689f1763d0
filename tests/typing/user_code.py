# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""Code as users write it, checked by mypy and pyright; each ignored line is a mistake that both must find."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

import httpx
import requests

import lookalike
from lookalike import ANY, Api, ApiReport, Exchange, Mismatch, Mock, Request, Response, Route, including, matching
from lookalike.api import Fake, Patcher, Recording

api = Api("jsonplaceholder")
by_path = Api(Path("contracts/github.yaml"), base_url="https://api.github.com", auth={"bearer": "env:GITHUB_TOKEN"})
by_url = Api(base_url="https://api.example.com")

# -- what is given -----------------------------------------------------------------------------------------------------

assert_type(api.mock(), Patcher[Mock])
assert_type(api.mock().start(), Mock)
assert_type(api.fake(stateful=True).start(), Fake)
assert_type(api.record().start(), Recording)
assert_type(api.verify(), ApiReport)
assert_type(api.base_url, str | None)
assert_type(api.reply("GET", "/todos", json=[]), requests.Response)
assert_type(api.reply("GET", "/todos", json=[], client="requests"), requests.Response)
assert_type(api.reply("GET", "/todos", json=[], client="httpx"), httpx.Response)
assert_type(lookalike.compare({}, {}), list[Mismatch])


def answer(request: Request) -> dict[str, str]:
    return {"path": request.path}


with api.mock(allow=["db"]) as mock:
    route = mock.get("/todos", params={"userId": 1}, headers={"X-Id": matching(r"\d+")}, json=including({"a": ANY}))
    assert_type(route, Route)
    assert_type(route.respond(503).then.respond(json=[]).times(2).optional(), Route)
    assert_type(route.call_count, int)
    assert_type(mock.calls[0], Exchange)
    assert_type(mock.calls.last.request, Request)
    assert_type(mock.calls.last.response, Response | None)
    with mock.serve() as mock_url:
        assert_type(mock_url, str)
    mock.post("/todos").respond_with(answer)
    assert_type(mock.get("/todos").paginate([{"id": 1}], "page", size=3, keys={"items": "data", "next": None}), Route)
    assert_type(route.rate_limited(2, retry_after=datetime(2026, 1, 1, tzinfo=UTC), clock=time.time), Route)
    assert_type(route.flaky(fail=2, with_=["reset", 503], then=answer), Route)
    assert_type(mock.collection("/todos", [{"id": 1}], paginate={"style": "link"}).rows[0]["id"], Any)
    assert_type(mock.mount("/app", answer, kind="wsgi", where=lambda asked: asked.path != "/"), Route)
    assert_type(mock.get("/todos").pass_through(alter=lambda real: real.altered(json=[], headers={"x": None})), Route)
    assert_type(mock.pass_through("https://cdn.example.com", priority=2), Route)

with api.serve() as url:
    assert_type(url, str)

with api.record() as recording:
    assert_type(recording.exchanges[0], Exchange)


async def asynchronously() -> None:
    async with api.mock() as mock:
        assert_type(mock, Mock)


# -- replies -----------------------------------------------------------------------------------------------------------


async def chunks() -> AsyncIterator[bytes | timedelta]:
    yield b"one"
    yield timedelta(seconds=2)


async def answering(request: Request, todo: str) -> tuple[int, dict[str, str]]:
    return 201, {"id": todo}


def replies(route: Route) -> None:
    assert_type(route.respond(file=Path("a.csv"), encoding=["gzip", "br"], reason="Fine", http_version="2"), Route)
    assert_type(route.respond(stream=chunks).then.respond(stream=chunks()).then.respond(sse=["a", {"id": 1}]), Route)
    assert_type(route.respond(stream=[b"one", "two", timedelta(seconds=1)], delay=2), Route)
    assert_type(route.respond(redirect="/new", cookies={"a": "1", "b": None, "c": {"value": 1, "path": "/"}}), Route)
    assert_type(route.respond_with(answering), Route)
    assert_type(route.fail("reset").then.fail(requests.Timeout).then.fail(OSError("full")), Route)


# -- decorated functions keep their types ------------------------------------------------------------------------------


@api.mock()
def function(number: int, mock: Mock) -> str:
    return str(number)


@api.mock(into="other")
async def coroutine(number: int, *, other: Mock) -> str:
    return str(number)


@api.mock()
def fixture(mock: Mock) -> Iterator[Mock]:
    yield mock


@api.mock()
async def async_fixture(mock: Mock) -> AsyncIterator[Mock]:
    yield mock


@api.mock()
class TestTodos:
    answer = 42

    def test_one(self, mock: Mock) -> None: ...


@lookalike.skip_real
def skipped(number: int) -> str:
    return str(number)


@lookalike.skip_real
class TestReal:
    answer = 42


def uses(mock: Mock) -> None:
    assert_type(function(1, mock), str)
    assert_type(fixture(mock), Iterator[Mock])
    assert_type(TestTodos().answer, int)
    assert_type(skipped(1), str)
    assert_type(TestReal().answer, int)


def in_pytest(mock_api: Callable[..., Mock]) -> None:
    mock_api("jsonplaceholder").get("/todos").respond(json=[])


# -- mistakes ----------------------------------------------------------------------------------------------------------

Api(1)  # type: ignore[arg-type]
Api("jsonplaceholder", "https://api.example.com")  # type: ignore[call-arg]
api.mock(allow="db", into=1)  # type: ignore[arg-type]
api.mock(strict=True)  # type: ignore[call-arg]
api.mock(function)  # type: ignore[arg-type]
api.reply("GET", "/todos", client="urllib")  # type: ignore[call-overload]
mock.get(1)  # type: ignore[arg-type]
mock.get("/todos", parms={})  # type: ignore[call-arg]
mock.get("/todos").respond("200")  # type: ignore[arg-type]
mock.get("/todos").respond(text=1)  # type: ignore[arg-type]
mock.get("/todos").respond(status_code=404)  # type: ignore[call-arg]
mock.get("/todos").respond(200, {})  # type: ignore[call-arg]
mock.get("/todos").respond(file=b"a")  # type: ignore[arg-type]
mock.get("/todos").respond(stream=[1])  # type: ignore[list-item]
mock.get("/todos").respond(redirect=True)  # type: ignore[arg-type]
mock.get("/todos").respond(encoding=7)  # type: ignore[arg-type]
mock.get("/todos").fail(7)  # type: ignore[arg-type]
mock.get("/todos").fail("rest")  # type: ignore[arg-type]
mock.get("/todos").respond(encoding="lzma")  # type: ignore[arg-type]
mock.get("/todos").respond(http_version="3")  # type: ignore[arg-type]
mock.get("/todos", scheme="ftp")  # type: ignore[arg-type]
mock.get("/todos").responds(json=[])  # type: ignore[attr-defined]
mock.get("/todos").paginate([1], "pages")  # type: ignore[arg-type]
mock.get("/todos").paginate([1], per_page=3)  # type: ignore[call-arg]
mock.get("/todos").pass_through(alter=lambda real: real.json)  # type: ignore[arg-type, return-value]
mock.collection("/todos", [1])  # type: ignore[list-item]
mock.get("/todos").side_effect = 1  # type: ignore[attr-defined]
Api("sky", baseurl="https://api.example.com")  # type: ignore[call-arg]
mock.get("/todos").times("twice")  # type: ignore[arg-type]
_ = mock.nonsense  # type: ignore[attr-defined]
function("one", mock)  # type: ignore[arg-type]
skipped("one")  # type: ignore[arg-type]
_ = lookalike.nonsense  # type: ignore[attr-defined]
