"""Several operations are asked at once, as many as are allowed, and nobody can tell from the report."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.contract.verdict import Verdict
from lookalike.live.ask import Asker
from lookalike.live.verify import verify
from lookalike.messages import Request

Ask = Callable[..., Asker]


class Api:
    """An API of `/0` to `/9`; `meet` is how many requests have to be there before one is answered."""

    def __init__(self, meet: int = 1, instead: dict[str, tuple[int, dict[str, str]]] | None = None) -> None:
        self.instead = instead or {}
        self.asked: list[str] = []
        self.now = self.most = 0
        self._lock = threading.Lock()
        self._barrier = threading.Barrier(meet)

    def answer(self, path: str) -> tuple[int, dict[str, str]]:
        with self._lock:
            self.asked.append(path)
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            if path not in ("/0", "/1"):  # those are asked alone
                self._barrier.wait(20)
            return self.instead.pop(path, (200, {}))
        finally:
            with self._lock:
                self.now -= 1


@contextmanager
def served(api: Api) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers = api.answer(self.path)
            body = b'{"id": 1}'
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def contract(count: int = 10) -> Contract:
    body = {"schema": {"type": "object", "properties": {"id": {"type": "string"}}}}
    get = {"responses": {"200": {"description": "", "content": {"application/json": body}}}}
    paths = {f"/{number}": {"get": get} for number in range(count)}
    return Contract(Document({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}, "t.yaml"))


def test_as_many_at_once_as_are_allowed(asker: Ask) -> None:
    api = Api(meet=4)
    with served(api) as url:
        report = verify(contract(), asker(at_once=4, timeout=30, deadline=30), base_url=url, day="2026-11-22")
    assert api.most == 4
    assert sorted(api.asked) == [f"/{number}" for number in range(10)]
    assert {one.verdict for one in report.results} == {Verdict.DRIFT}


@pytest.mark.parametrize("instead", [{}, {"/3": (401, {}), "/7": (403, {})}, {"/5": (404, {})}])
def test_the_report_is_that_of_one_after_the_other(asker: Ask, instead: dict[str, tuple[int, dict[str, str]]]) -> None:
    reports = []
    for at_once in (1, 8):
        with served(Api(instead=dict(instead))) as url:
            report = verify(contract(), asker(at_once=at_once), base_url=url, day="2026-11-22")
            results = tuple(replace(one, detail=one.detail.replace(url, "")) for one in report.results)
            reports.append((results, report.drifts, report.message.replace(url, "")))
    assert reports[0] == reports[1]


def test_a_budget_that_may_not_last_is_spent_in_order(asker: Ask) -> None:
    api = Api()
    with served(api) as url:
        verify(contract(), asker(budget=5), base_url=url)
    assert api.asked == [f"/{number}" for number in range(5)]


def test_nobody_asks_while_the_api_says_to_wait(clock: Any) -> None:
    api = Api(instead={"/1": (429, {"Retry-After": "7"})})
    with served(api) as url:
        asker = Asker(rate=1e6, clock=clock, sleep=clock.sleep, now=clock)
        began = clock()
        asker.ask(Request("GET", f"{url}/1"))
        assert clock() >= began + 7
        asker.ask(Request("GET", f"{url}/0"))
    told = threading.Event()
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        told.set()

    api = Api(instead={"/1": (429, {"Retry-After": "7"})})
    with served(api) as url:
        frozen = Asker(rate=1e6, clock=lambda: 100.0, sleep=sleep, now=clock)
        frozen.ask(Request("GET", f"{url}/1"))
        waited.clear()
        frozen.ask(Request("GET", f"{url}/0"))
    assert waited == [pytest.approx(7, abs=0.01)]


def test_a_rate_holds_for_all_together(clock: Any) -> None:
    waits: list[float] = []
    with served(Api()) as url:
        asker = Asker(rate=10, clock=lambda: 100.0, sleep=waits.append, now=clock)
        threads = [threading.Thread(target=asker.ask, args=(Request("GET", f"{url}/0"),)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(waits) == pytest.approx([0.1, 0.2, 0.3, 0.4])
