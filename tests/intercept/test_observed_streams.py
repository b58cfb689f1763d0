"""Real answers that pass through while they are observed: those without a length come as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import lookalike
from lookalike.double.mock import MockDouble
from lookalike.serve import Server


async def endless() -> AsyncIterator[str]:
    for number in range(1_000_000):
        yield f"{number}\n"
        await asyncio.sleep(0.001)


async def broken() -> AsyncIterator[str]:
    yield "begun"
    raise ConnectionResetError("by the test")


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    double = MockDouble("real")
    double.get("/endless").respond(stream=endless)
    double.get("/watch").respond(stream=endless, headers={"content-type": "application/json"})
    double.get("/chunked").respond(stream=["one ", "two"], headers={"x-real": "yes"}, encoding="gzip")
    double.get("/ended").respond(stream=["one ", "two"], http_version="1.0")
    double.get("/length").respond(text="one two")
    double.get("/broken").respond(stream=broken)
    with Server(double) as url:
        yield url


def in_requests(url: str) -> str:
    with requests.Session() as session, session.get(url, stream=True) as answer:
        return "".join(line.decode() for line, _ in zip(answer.iter_lines(), range(3), strict=False))


def in_urllib3(url: str) -> str:
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url, preload_content=False)
        read = b"".join(piece for piece, _ in zip(answer.stream(2), range(3), strict=False))
        answer.close()
    return read.decode().replace("\n", "")


def in_httpx(library: Any) -> Callable[[str], str]:
    def ask(url: str) -> str:
        with library.stream("GET", url) as answer:
            return "".join(line for line, _ in zip(answer.iter_lines(), range(3), strict=False))

    return ask


def in_async_httpx(library: Any, run: Callable[..., Any]) -> Callable[[str], str]:
    def ask(url: str) -> str:
        async def main() -> str:
            lines: list[str] = []
            async with library.AsyncClient() as client, client.stream("GET", url) as answer:
                async for line in answer.aiter_lines():
                    lines.append(line)
                    if len(lines) == 3:
                        break
            return "".join(lines)

        outcome: str = run(main)
        return outcome

    return ask


LEAVERS: dict[str, Callable[[str], str]] = {
    "requests": in_requests,
    "urllib3": in_urllib3,
    "httpx": in_httpx(httpx),
    "httpx2": in_httpx(httpx2),
    "httpx, asyncio": in_async_httpx(httpx, lambda main: asyncio.run(main())),
    "httpx, trio": in_async_httpx(httpx, trio.run),
}


@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")  # which httpx leaves to trio itself
@pytest.mark.filterwarnings("ignore:Async generator 'lookalike.intercept.teed:ResourceWarning")
@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("ask", LEAVERS.values(), ids=LEAVERS)
def test_an_answer_without_an_end_can_be_left(real: str, ask: Callable[[str], str]) -> None:
    with lookalike.Api(base_url=real).mock() as mock:
        route = mock.get("/endless").pass_through()
        assert ask(f"{real}/endless") == "012"
    assert route.calls.last.response is not None
    assert route.calls.last.response.content.startswith(b"0\n1\n2\n"), "what was read is shown"


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("path", ["/chunked", "/ended", "/length"])
@pytest.mark.parametrize("library", [requests, httpx, httpx2], ids=lambda library: library.__name__)
def test_an_answer_with_an_end_is_whole(real: str, library: Any, path: str) -> None:
    with lookalike.Api(base_url=real).mock() as mock:
        route = mock.get(path).pass_through()
        assert library.get(f"{real}{path}").text == "one two"
        seen = route.calls.last.response
        assert seen is not None
        assert seen.body == b"one two"
        if path == "/chunked":
            assert (seen.headers["x-real"], seen.headers["content-encoding"]) == ("yes", "gzip")


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("library", [requests, httpx, httpx2], ids=lambda library: library.__name__)
def test_one_that_breaks_off_is_not_shown(real: str, library: Any) -> None:
    failed = requests.exceptions.ChunkedEncodingError if library is requests else library.RemoteProtocolError
    with lookalike.Api(base_url=real).mock() as mock:
        route = mock.get("/broken").pass_through()
        with pytest.raises(failed):
            library.get(f"{real}/broken")
        assert route.calls.last.response is None


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("library", [requests, httpx], ids=lambda library: library.__name__)
def test_one_that_is_not_read_is_left_too(real: str, library: Any) -> None:
    with lookalike.Api(base_url=real).mock() as mock:
        mock.get("/endless").pass_through()
        if library is requests:
            with requests.Session() as session:
                session.get(f"{real}/endless", stream=True).close()
        else:
            with httpx.stream("GET", f"{real}/endless"):
                pass
        seen = mock.calls.last.response
        assert seen is not None
        assert (seen.status, seen.content) == (200, b"")


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("ask", LEAVERS.values(), ids=LEAVERS)
@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Async generator 'lookalike.intercept.teed:ResourceWarning")
def test_a_part_of_json_is_not_shown(real: str, ask: Callable[[str], str]) -> None:
    with lookalike.Api(base_url=real).mock() as mock:
        route = mock.get("/watch").pass_through()
        assert ask(f"{real}/watch") == "012"
        assert route.calls.last.response is None


def test_the_client_s_timeout_for_reading_counts(real: str) -> None:
    async def stalls() -> AsyncIterator[str]:
        yield "one\n"
        await asyncio.sleep(0.5)

    double = MockDouble("stalls")
    double.get("/x").respond(stream=stalls)
    with Server(double) as url, lookalike.Api(base_url=url).mock() as mock:
        mock.get("/x").pass_through()
        with pytest.raises(requests.ConnectionError, match="timed out"):
            requests.get(f"{url}/x", timeout=(20, 0.05))
