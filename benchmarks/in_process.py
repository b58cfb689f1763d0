"""CPU time of one mocked GET in process, beside the doubles that people use and a floor that only builds a response.

    python -m benchmarks.in_process [--quick]

The floor is a session with an adapter that does nothing but make a Response (requests) and `MockTransport` (httpx). All
tools take turns in one process, each declares its routes anew each round, and the route in the middle is asked for.
Medians of CPU time. lookalike runs the client's whole stack and keeps a journal; `with contract` it also holds request
and reply to an OpenAPI document. pook and pytest-httpx are measured where they are installed.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

BASE = "https://api.example.com"
SMALL = {"userId": 1, "id": 1, "title": "delectus aut autem", "completed": False}
LARGE = {**SMALL, "title": "x" * 1_000_000}
CASES = (("small", 1), ("small", 1000), ("1 MB", 1))

Send = Callable[[], Any]
Ready = AbstractContextManager[Send]  # entered, it gives what sends one request


@dataclass(frozen=True)
class Case:
    """What is asked for: the last part of each route's path, and the body that all answer."""

    routes: int
    body: dict[str, Any]

    @cached_property
    def paths(self) -> list[str]:
        """The declared routes' paths."""
        return [f"/todos/{number}" for number in range(1, self.routes + 1)]

    @cached_property
    def url(self) -> str:
        """What is asked for: the route in the middle."""
        return BASE + self.paths[self.routes // 2]


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


@contextmanager
def lookalike(case: Case, *, contract: bool) -> Iterator[None]:
    """A mock with the case's routes, held to a document or to nothing."""
    from lookalike import Api

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "todos.json")
        file.write_text(json.dumps(_document()))
        api = Api(file) if contract else Api(base_url=BASE)
        with api.mock() as mock:
            for path in case.paths:
                mock.get(path).respond(json=case.body).optional()
            yield


@contextmanager
def responses(case: Case) -> Iterator[None]:
    """responses, as a context manager."""
    import responses as library

    with library.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for path in case.paths:
            mock.get(BASE + path, json=case.body)
        yield


@contextmanager
def requests_mock(case: Case) -> Iterator[None]:
    """requests-mock, as a context manager."""
    import requests_mock as library

    with library.Mocker() as mock:
        for path in case.paths:
            mock.get(BASE + path, json=case.body)
        yield


@contextmanager
def respx(case: Case) -> Iterator[None]:
    """respx, as a context manager."""
    import respx as library

    with library.mock(assert_all_called=False) as mock:
        for path in case.paths:
            mock.get(BASE + path).respond(json=case.body)
        yield


@contextmanager
def pook(case: Case) -> Iterator[None]:
    """pook, whose mocks answer as often as they are asked."""
    import pook as library

    with library.use():
        for path in case.paths:
            library.get(BASE + path).persist().reply(200).json(case.body)
        yield


@contextmanager
def pytest_httpx(case: Case) -> Iterator[None]:
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
        yield
    finally:
        httpx.HTTPTransport.handle_request = real  # type: ignore[method-assign]
        httpx.AsyncHTTPTransport.handle_async_request = real_async  # type: ignore[method-assign]


def _plain_adapter(body: bytes) -> Any:
    import requests

    class Plain(requests.adapters.BaseAdapter):
        def send(self, request: Any, *args: Any, **options: Any) -> Any:
            response = requests.Response()
            response.status_code = 200
            response.headers["Content-Type"] = "application/json"
            response._content = body
            response.url = request.url
            response.request = request
            return response

        def close(self) -> None:
            """Nothing to close."""

    return Plain()


@contextmanager
def session_floor(case: Case) -> Iterator[Send]:
    """A session whose adapter makes a response."""
    import requests

    with requests.Session() as session:
        session.mount("https://", _plain_adapter(json.dumps(case.body).encode()))
        yield lambda: session.get(case.url).content


@contextmanager
def get_floor(case: Case) -> Iterator[Send]:
    """`requests.get`, a session a request, with that adapter."""
    import requests

    adapter = _plain_adapter(json.dumps(case.body).encode())

    def send() -> Any:
        with requests.Session() as session:
            session.mount("https://", adapter)
            return session.get(case.url).content

    yield send


@contextmanager
def httpx_floor(case: Case) -> Iterator[Send]:
    """A client with MockTransport."""
    import httpx

    body = json.dumps(case.body).encode()
    headers = {"Content-Type": "application/json"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers=headers, content=body))
    with httpx.Client(transport=transport) as client:
        yield lambda: client.get(case.url).content


@contextmanager
def async_httpx_floor(case: Case) -> Iterator[Send]:
    """An async client with MockTransport."""
    import httpx

    body = json.dumps(case.body).encode()
    headers = {"Content-Type": "application/json"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers=headers, content=body))
    with _async_client(case.url, transport=transport) as send:
        yield send


@contextmanager
def _async_client(url: str, **options: Any) -> Iterator[Send]:
    """A client on a loop of its own; requests go by tens, so that starting the loop weighs little."""
    import asyncio

    import httpx

    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(**options)

        async def ten() -> None:
            for _ in range(_BATCH):
                await client.get(url)

        yield lambda: runner.run(ten())
        runner.run(client.aclose())


_BATCH = 10

Tool = Callable[[Case], AbstractContextManager[None]]
LOOKALIKE: dict[str, Tool] = {
    "lookalike": lambda case: lookalike(case, contract=False),
    "lookalike with contract": lambda case: lookalike(case, contract=True),
}
FOR_REQUESTS: dict[str, Tool] = {**LOOKALIKE, "responses": responses, "requests-mock": requests_mock}
FOR_HTTPX: dict[str, Tool] = {**LOOKALIKE, "respx": respx, "pytest-httpx": pytest_httpx, "pook": pook}


def _session(case: Case, tool: Tool) -> Ready:
    @contextmanager
    def ready() -> Iterator[Send]:
        import requests

        with tool(case), requests.Session() as session:
            yield lambda: session.get(case.url).content

    return ready()


def _get(case: Case, tool: Tool) -> Ready:
    @contextmanager
    def ready() -> Iterator[Send]:
        import requests

        with tool(case):
            yield lambda: requests.get(case.url).content

    return ready()


def _httpx(case: Case, tool: Tool) -> Ready:
    @contextmanager
    def ready() -> Iterator[Send]:
        import httpx

        with tool(case), httpx.Client() as client:
            yield lambda: client.get(case.url).content

    return ready()


def _async_httpx(case: Case, tool: Tool) -> Ready:
    @contextmanager
    def ready() -> Iterator[Send]:
        with tool(case), _async_client(case.url) as send:
            yield send

    return ready()


@dataclass(frozen=True)
class Client:
    """How one client sends, its floor, and the tools that double it."""

    name: str
    floor: Callable[[Case], Ready]
    ready: Callable[[Case, Tool], Ready]
    tools: dict[str, Tool]
    batch: int = 1


CLIENTS = (
    Client("requests.Session", session_floor, _session, FOR_REQUESTS),
    Client("requests.get", get_floor, _get, FOR_REQUESTS),
    Client("httpx.Client", httpx_floor, _httpx, FOR_HTTPX),
    Client("httpx.AsyncClient", async_httpx_floor, _async_httpx, FOR_HTTPX, _BATCH),
)


@dataclass(frozen=True)
class Row:
    """The median CPU microseconds of one request, and their ratio to the floor."""

    client: str
    body: str
    routes: int
    tool: str
    microseconds: float
    ratio: float


def rows(*, quick: bool = False, clients: Sequence[str] = ()) -> list[Row]:
    """Measure all; with `quick`, briefly."""
    found = []
    for client in CLIENTS:
        if clients and client.name not in clients:
            continue
        taken = _measure(client, rounds=3 if quick else 9, seconds=0.03 if quick else 0.15)
        for (body, routes, tool), value in taken.items():
            found.append(Row(client.name, body, routes, tool, value, value / taken[body, routes, "floor"]))
    return found


def _installed(module: str) -> bool:
    return find_spec(module) is not None


Key = tuple[str, int, str]  # body, routes, tool


def _measure(client: Client, *, rounds: int, seconds: float) -> dict[Key, float]:
    """Median microseconds of a request by case and tool, a case's floor first."""
    runs: dict[Key, Callable[[], Ready]] = {}
    for body, routes in CASES:
        case = Case(routes, SMALL if body == "small" else LARGE)
        runs[body, routes, "floor"] = partial(client.floor, case)
        for name, tool in client.tools.items():
            if name not in ("pook", "pytest-httpx") or _installed(name.replace("-", "_")):
                runs[body, routes, name] = partial(client.ready, case, tool)
    taken: dict[Key, list[float]] = {key: [] for key in runs}
    order = list(runs)
    for turn in range(rounds):
        # Side by side, each round from another start: a machine that is busy for a while is so for all.
        at = turn * len(order) // rounds
        for key in order[at:] + order[:at]:
            with runs[key]() as send:
                taken[key].append(_one(send, seconds) / client.batch)
    return {key: median(values) * 1e6 for key, values in taken.items()}


def _one(send: Send, seconds: float) -> float:
    """CPU seconds of one call of `send`, over about so many seconds of calls."""
    send()
    gc.collect()
    start = time.process_time()
    send()
    count = max(3, int(seconds / max(time.process_time() - start, 1e-6)))
    start = time.process_time()
    for _ in range(count):
        send()
    return (time.process_time() - start) / count


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="rough figures in a minute")
    parser.add_argument("clients", nargs="*", help=f"of {', '.join(client.name for client in CLIENTS)}")
    asked = parser.parse_args()
    for row in rows(quick=asked.quick, clients=asked.clients):
        print(
            f"{row.client:18} {row.body:6} {row.routes:5} {row.tool:25} {row.microseconds:10,.0f} us {row.ratio:8.2f}"
        )


if __name__ == "__main__":
    main()
