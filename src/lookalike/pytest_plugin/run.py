"""What one run of pytest keeps of its mocks, for its summary and for asking the real API."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lookalike.api.api import Api
from lookalike.api.declared import declared_by
from lookalike.api.doubles import Mock
from lookalike.codec import decode_json, encode_json
from lookalike.contract.reads import Reads
from lookalike.double.double import Double
from lookalike.double.journal import Journal
from lookalike.errors import DoubleError, LookalikeError, UsageError
from lookalike.messages import Answer, Exchange, PassThrough, Request, Response
from lookalike.pytest_plugin.beside_mocks import mocks_file
from lookalike.pytest_plugin.options import BUDGET

__tracebackhide__ = True

SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the real API differs from a mock or a contract.

    what: `GET /todos: json[].title: expected a string, got missing`; tests: their names, sorted
    """

    api: str
    what: str
    tests: tuple[str, ...]


@dataclass(slots=True)
class Seen:
    """One request that a double answered, or that reached the real API, with the tests that sent it."""

    api: str
    exchange: Exchange
    tests: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Playing:
    """A mock of the running test, or one that a wider fixture holds; since: the calls it had when the test began."""

    mock: Mock
    since: int = 0
    closed: bool = False


def run_for(config: pytest.Config) -> Run:
    """What a run is to keep, as its options say."""
    option = config.getoption
    try:
        keeps_mocks = mocks_file(config) is not None
    except LookalikeError:
        keeps_mocks = False  # said at the end of the run
    run = Run(option("lookalike_mode"), unsafe=option("lookalike_unsafe"), keeps_mocks=keeps_mocks)
    run.har_folder = option("lookalike_har") or ""
    run.budget = option("lookalike_budget")
    return run


class Run:
    """What is kept.

    apis:     the APIs that were mocked, by a key of their own
    mocks:    the declared replies, as lines of the file, where there is to be one
    unknown:  where replies were declared against nothing known, by API
    lies:     replies with `unchecked="why"`; warnings: what contracts have only never seen, as (API, text)
    seen:     mode verify: what doubles answered to distinct safe requests; live and record: what the real API answered
    failed:   mode record: the tests that failed, whose answers aren't learned
    reads, unread: what the tests read, and where the real API lacks what nothing was seen to read
    findings, notes: what asking the real API came to; additions: what it answers beyond the contracts
    """

    def __init__(self, mode: str, *, unsafe: bool, keeps_mocks: bool) -> None:
        self.mode = mode
        self.unsafe = unsafe
        self.keeps_mocks = keeps_mocks
        self.apis: dict[str, Api] = {}
        self.mocks: list[dict[str, Any]] = []
        self.unknown: dict[str, set[str]] = {}
        self.lies: set[tuple[str, str]] = set()
        self.warnings: set[tuple[str, str]] = set()
        self.seen: dict[tuple[Any, ...], Seen] = {}
        self.findings: list[Finding] = []
        self.additions: set[str] = set()
        self.notes: list[str] = []
        self.learned: list[str] = []
        self.not_learned: set[str] = set()
        self.failed: set[str] = set()
        self.budget = BUDGET  # mode verify: requests that each real API is asked at most
        self.har_folder = ""  # mode record: where traffic is kept as HAR, where anybody asked
        self.playing: list[Playing] = []
        self.reads: Mapping[str, Reads] = {}  # by API, once the tests ran; empty where nobody tracked
        self.unread: set[str] = set()

    def begin(self) -> None:
        """A test begins: of the mocks before it, only those that are still open play for it."""
        self.playing = [Playing(one.mock, one.mock.journal.total) for one in self.playing if not one.closed]

    def faulted(self) -> bool:
        """Whether a mock let a request of the running test fail, as `.fail("refused")` declares."""
        for one in self.playing:
            new = one.mock.journal.total - one.since
            calls = one.mock.calls
            if any(self._failed(one.mock, call) for call in calls[max(0, len(calls) - new) :]):
                return True
        return False

    def _failed(self, mock: Mock, call: Exchange) -> bool:
        passed = mock.stands_aside and (self.unsafe or call.request.method in SAFE)
        return call.fault is not None and not passed

    def opening(self, api: Api, mock: Mock, test: str, *, real: bool) -> Double:
        """What is installed for a mock: itself, or a double around it that listens or lets the real API answer."""
        key = self._key(api)
        self.playing.append(Playing(mock))
        if self.mode == "verify":
            return Listening(mock, lambda exchange: self.note(key, exchange, test, once=True))
        if self.mode in ("live", "record") and real:
            mock.stands_aside = True
            return Real(mock, lambda exchange: self.note(key, exchange, test, once=False), unsafe=self.unsafe)
        return mock

    def closed(self, api: Api, mock: Mock, test: str) -> None:
        """A mock ended: keep what it declared and what was doubtful."""
        self._key(api)
        for one in self.playing:
            one.closed = one.closed or one.mock is mock
        if self.keeps_mocks:
            self.mocks += declared_by(mock, api.name, test)
        if mock.contract is None:
            places = {str(reply.place) for route in mock.routes for reply in route.replies}
            if places:
                self.unknown.setdefault(api.name, set()).update(places)
        self.lies.update((api.name, f"{lie.place}: {lie.route}: {lie.why}") for lie in mock.lies)
        self.warnings.update((api.name, str(warning)) for warning in mock.warnings)

    def note(self, key: str, exchange: Exchange, test: str, *, once: bool) -> None:
        """Keep an exchange; with `once`, each distinct request with each of its answers only the first time."""
        request, response = exchange.request, exchange.response or Response()
        asked = (key, request.method, request.url, request.headers.get("accept", ""))
        place = (*asked, response.status, response.content_type, response.content) if once else (len(self.seen), test)
        self.seen.setdefault(place, Seen(key, exchange)).tests.add(test)

    def _key(self, api: Api) -> str:
        key = f"{api.name} {api.path or api.base_url}"
        self.apis.setdefault(key, api)
        return key

    # -- from a worker of pytest-xdist to its controller -------------------------------------------------------------

    def as_data(self) -> str:
        """All of it as text."""
        return encode_json({
            "apis": {key: [*api.spelled, api.given_auth] for key, api in self.apis.items()},
            "mocks": self.mocks,
            "unknown": {name: sorted(places) for name, places in self.unknown.items()},
            "failed": sorted(self.failed),
            "lies": sorted(self.lies),
            "warnings": sorted(self.warnings),
            "seen": [[seen.api, _packed(seen.exchange), sorted(seen.tests)] for seen in self.seen.values()],
        }).decode()  # fmt: skip

    def add(self, data: str) -> None:
        """Take over what a worker kept."""
        kept = decode_json(data.encode())
        for key, (named, base_url, auth) in kept["apis"].items():
            self.apis.setdefault(key, Api(named, base_url=base_url, auth=auth))
        self.mocks += kept["mocks"]
        self.failed.update(kept["failed"])
        for name, places in kept["unknown"].items():
            self.unknown.setdefault(name, set()).update(places)
        self.lies.update((name, text) for name, text in kept["lies"])
        self.warnings.update((name, text) for name, text in kept["warnings"])
        for key, packed, tests in kept["seen"]:
            for test in tests:
                self.note(key, _unpacked(packed), test, once=self.mode == "verify")


class _Beside(Double):
    """A double in front of a mock, which stays what the test sees: its journal, its routes, its failures."""

    def __init__(self, mock: Mock, heard: Callable[[Exchange], None]) -> None:
        super().__init__(mock.name, mock.base_url)
        self._mock = mock
        self._heard = heard
        self.journal: Journal = mock.journal

    @property
    def version(self) -> int:
        """The mock's own: what it declares later must reach the doors that keep bytes."""
        return self._mock.version

    @version.setter
    def version(self, value: int) -> None:
        """The mock's own is what counts."""

    @property
    def awaits(self) -> bool:  # type: ignore[override]  # read only here
        """As the mock."""
        return self._mock.awaits

    def covers(self, host: str, port: int) -> bool:
        """What the mock covers."""
        return self._mock.covers(host, port)

    def claims(self, host: str, port: int) -> bool:
        """What the mock claims."""
        return self._mock.claims(host, port)

    def remember(self, error: BaseException) -> None:
        """What a guard blocked is raised again by the mock."""
        self._mock.remember(error)

    def again(self, request: Callable[[], Request], response: Response) -> None:
        self._mock.again(request, response)

    def _is_home(self, request: Request) -> bool:
        return self.base_url is not None and super().covers(request.host, request.port)


class Listening(_Beside):
    """Lets the mock answer, and hears what it answered to safe requests."""

    def handle(self, request: Request) -> Answer:
        """Let the mock answer."""
        return self._listened(request, self._mock.handle(request))

    async def handle_async(self, request: Request) -> Answer:
        """The same, awaited."""
        return self._listened(request, await self._mock.handle_async(request))

    def _listened(self, request: Request, answer: Answer) -> Answer:
        if isinstance(answer, Response) and request.method in SAFE and self._is_home(request) and self._tells(answer):
            self._heard(Exchange(request, answer))
        return answer

    def _tells(self, answer: Response) -> bool:
        """Whether an answer claims that the real API gives such ones: errors and lies said on purpose don't."""
        return answer.ok and answer.chunks is None and not self._is_lie(answer)

    def _is_lie(self, answer: Response) -> bool:
        replies = (reply for route in self._mock.routes for reply in route.replies if reply.unchecked)
        known = (reply.response for reply in replies)
        return any(one is not None and one.content == answer.content for one in known)


class Real(_Beside):
    """Lets the real API answer safe requests; the mock only counts them. Others stay the mock's."""

    def __init__(self, mock: Mock, heard: Callable[[Exchange], None], *, unsafe: bool) -> None:
        super().__init__(mock, heard)
        self._unsafe = unsafe

    def handle(self, request: Request) -> Answer:
        """Let the request pass, or the mock answer."""
        return self._mock.handle(request) if self._is_mocked(request) else self._passing(request)

    async def handle_async(self, request: Request) -> Answer:
        """The same, awaited."""
        return await self._mock.handle_async(request) if self._is_mocked(request) else self._passing(request)

    def _is_mocked(self, request: Request) -> bool:
        return not self._is_home(request) or not (request.method in SAFE or self._unsafe)

    def _passing(self, request: Request) -> PassThrough:
        before = len(self._mock.failures)
        try:
            self._mock.handle(request)
        except (DoubleError, UsageError):
            # The real API is what the test is held to now, not what was declared.
            del self._mock.failures[before:]

        def observe(response: Response) -> None:
            self._heard(Exchange(request, response, day=time.strftime("%Y-%m-%d")))

        return PassThrough(observe)


def _packed(exchange: Exchange) -> list[Any]:
    request, response = exchange.request, exchange.response or Response()
    return [
        request.method, request.url, request.headers.pairs, base64.b64encode(request.content).decode(),
        response.status, response.headers.pairs, base64.b64encode(response.content).decode(), exchange.day,
    ]  # fmt: skip


def _unpacked(packed: list[Any]) -> Exchange:
    method, url, headers, content, status, answered, body, day = packed
    request = Request(method, url, [(name, value) for name, value in headers], base64.b64decode(content))
    return Exchange(request, Response(status, [(n, v) for n, v in answered], base64.b64decode(body)), day=day)
