"""The doubles that are measured, each as a context manager: a `Case` in, the base URL to ask out.

Each is used as its own documentation says, with what makes it answer as often as it is asked; its check that every
route was used is off, since one of many is asked for. Nothing is imported before it is used.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

BASE = "https://api.example.com"
SMALL = {"userId": 1, "id": 1, "title": "delectus aut autem", "completed": False}
LARGE = {**SMALL, "title": "x" * 1_000_000}
BODIES = {"small": SMALL, "1 MB": LARGE}


@dataclass(frozen=True)
class Case:
    """How many routes are declared, and which of BODIES all of them answer."""

    routes: int
    size: str

    @cached_property
    def body(self) -> dict[str, Any]:
        """What a route answers."""
        return BODIES[self.size]

    @cached_property
    def content(self) -> bytes:
        """The body as it is sent."""
        return json.dumps(self.body).encode()

    @cached_property
    def paths(self) -> list[str]:
        """The declared routes' paths."""
        return [f"/todos/{number}" for number in range(1, self.routes + 1)]

    @cached_property
    def path(self) -> str:
        """What is asked for: the route in the middle."""
        return self.paths[self.routes // 2]


def _document() -> dict[str, Any]:
    kinds = {"userId": "integer", "id": "integer", "title": "string", "completed": "boolean"}
    schema = {
        "type": "object",
        "required": sorted(kinds),
        "properties": {name: {"type": kind} for name, kind in kinds.items()},
    }
    ok = {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}
    todo_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Todos", "version": "1"},
        "servers": [{"url": BASE}],
        "paths": {"/todos/{id}": {"get": {"parameters": [todo_id], "responses": ok}}},
    }


# An API is declared once a project and its cassettes lie on the disk: neither is made anew for each test.
_folder = tempfile.TemporaryDirectory(prefix="lookalike-benchmark-")
_made: dict[Any, Any] = {}


def _once(key: Any, make: Callable[[], Any]) -> Any:
    if key not in _made:
        _made[key] = make()
    return _made[key]


def _api(contract: bool) -> Any:
    from lookalike import Api

    if not contract:
        return Api(base_url=BASE)
    file = Path(_folder.name, "todos.json")
    file.write_text(json.dumps(_document()))
    return Api(file)


@contextmanager
def lookalike(case: Case, *, contract: bool = False) -> Iterator[str]:
    """A mock with the case's routes, held to nothing or to an OpenAPI document."""
    api = _once(("lookalike", contract), lambda: _api(contract))
    with api.mock() as mock:
        for path in case.paths:
            mock.get(path).respond(json=case.body).optional()
        yield BASE


def lookalike_with_contract(case: Case) -> AbstractContextManager[str]:
    """A mock that is held to a document."""
    return lookalike(case, contract=True)


@contextmanager
def responses(case: Case) -> Iterator[str]:
    """responses, as a context manager."""
    import responses as library

    with library.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for path in case.paths:
            mock.get(BASE + path, json=case.body)
        yield BASE


@contextmanager
def requests_mock(case: Case) -> Iterator[str]:
    """requests-mock, as a context manager."""
    import requests_mock as library

    with library.Mocker() as mock:
        for path in case.paths:
            mock.get(BASE + path, json=case.body)
        yield BASE


@contextmanager
def respx(case: Case) -> Iterator[str]:
    """respx, as a context manager."""
    import respx as library

    with library.mock(assert_all_called=False) as mock:
        for path in case.paths:
            mock.get(BASE + path).respond(json=case.body)
        yield BASE


@contextmanager
def pook(case: Case) -> Iterator[str]:
    """pook."""
    import pook as library

    with library.use():
        for path in case.paths:
            library.get(BASE + path).persist().reply(200).json(case.body)
        yield BASE


@contextmanager
def pytest_httpx(case: Case) -> Iterator[str]:
    """pytest-httpx without pytest: what its fixture does."""
    import httpx
    from pytest_httpx import HTTPXMock
    from pytest_httpx._options import _HTTPXMockOptions

    mock = HTTPXMock(_HTTPXMockOptions(can_send_already_matched_responses=True))
    real, real_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    async def ask(transport: Any, request: Any) -> Any:
        return await mock._handle_async_request(transport, request)

    for path in case.paths:
        mock.add_response(url=BASE + path, json=case.body)
    httpx.HTTPTransport.handle_request = lambda self, request: mock._handle_request(self, request)  # type: ignore
    httpx.AsyncHTTPTransport.handle_async_request = ask  # type: ignore[method-assign]
    try:
        yield BASE
    finally:
        httpx.HTTPTransport.handle_request = real  # type: ignore[method-assign]
        httpx.AsyncHTTPTransport.handle_async_request = real_async  # type: ignore[method-assign]


@contextmanager
def aioresponses(case: Case) -> Iterator[str]:
    """aioresponses, as a context manager."""
    from aioresponses import aioresponses as library

    with library() as mock:
        for path in case.paths:
            mock.get(BASE + path, payload=case.body, repeat=True)
        yield BASE


def _cassette(case: Case) -> Path:
    interactions = [
        {
            "request": {"method": "GET", "uri": BASE + path, "body": None, "headers": {}},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"]},
                "body": {"string": case.content.decode()},
                "url": BASE + path,
            },
        }
        for path in case.paths
    ]
    file = Path(_folder.name, f"{case.routes} {case.size}.json")
    file.write_text(json.dumps({"version": 1, "interactions": interactions}))
    return file


@contextmanager
def vcrpy(case: Case) -> Iterator[str]:
    """vcrpy, replaying a cassette in its faster format, JSON."""
    import vcr

    file = _once(("vcrpy", case), lambda: _cassette(case))
    with vcr.use_cassette(str(file), serializer="json", record_mode="none", allow_playback_repeats=True):
        yield BASE


@contextmanager
def httpretty(case: Case) -> Iterator[str]:
    """HTTPretty, as a context manager."""
    import httpretty as library

    with library.enabled():
        for path in case.paths:
            library.register_uri(library.GET, BASE + path, body=case.content, content_type="application/json")
        yield BASE


@contextmanager
def mocket(case: Case) -> Iterator[str]:
    """mocket, as a context manager."""
    from mocket import Mocketizer
    from mocket.mocks.mockhttp import Entry

    with Mocketizer():
        for path in case.paths:
            Entry.single_register(
                Entry.GET, BASE + path, body=case.content.decode(), headers={"Content-Type": "application/json"}
            )
        yield BASE


@contextmanager
def pytest_httpserver(case: Case) -> Iterator[str]:
    """pytest-httpserver, its server started once and its routes cleared after each test, as its fixture does."""
    from pytest_httpserver import HTTPServer

    def start() -> HTTPServer:
        server = HTTPServer()
        server.start()
        return server

    server = _once("pytest-httpserver", start)
    for path in case.paths:
        server.expect_request(path).respond_with_json(case.body)
    try:
        yield server.url_for("").rstrip("/")
    finally:
        server.clear()


@contextmanager
def nothing(case: Case) -> Iterator[str]:
    """No double: the client's floor answers by itself."""
    yield BASE


Tool = Callable[[Case], AbstractContextManager[str]]

#: By the name that people know. "floor" is what a client takes with a transport that only hands out a response.
TOOLS: dict[str, Tool] = {
    "floor": nothing,
    "lookalike": lookalike,
    "lookalike with contract": lookalike_with_contract,
    "responses": responses,
    "requests-mock": requests_mock,
    "respx": respx,
    "pytest-httpx": pytest_httpx,
    "aioresponses": aioresponses,
    "pook": pook,
    "vcrpy": vcrpy,
    "httpretty": httpretty,
    "mocket": mocket,
    "pytest-httpserver": pytest_httpserver,
}
