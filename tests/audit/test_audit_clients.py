"""What clients receive, where it is of an odd kind: nothing of it reaches a test, and nothing is said that isn't so."""

from __future__ import annotations

import importlib
import unittest.mock
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import respx
import vcr.cassette  # type: ignore[import-untyped]  # it has no types
from requests.adapters import HTTPAdapter

from lookalike.audit import install, sent
from lookalike.audit import requests as of_requests
from lookalike.audit import vcr as of_vcr
from lookalike.audit.ear import HEARD_ALREADY, Declared, Ear, hops, place_outside
from lookalike.audit.sent import heard_of, with_body
from lookalike.intercept.imports import when_imported
from lookalike.intercept.patching import Patches

for _name in ("requests", "httpx", "respx", "mocks", "vcr"):  # before tests in which a run forgets modules
    importlib.import_module(f"lookalike.audit.{_name}")
URL = "https://api.test/todos/1"


@pytest.fixture
def ear() -> Iterator[Ear]:
    one = Ear(ours=lambda host, port: host == "ours.test")
    one.test, one.place = "t::test", "t.py:1"
    stop = install(one, when_imported=when_imported, patches=Patches())
    yield one
    stop()
    assert one.troubles == set()


def told(ear: Ear) -> list[tuple[str, str, int | None, bytes | None, str]]:
    return [(one.method, one.url, one.status, one.content, one.declared.library) for one in ear.end()]


def test_what_is_on_this_machine_ours_or_no_address_is_nobody_s_mock() -> None:
    ear = Ear(ours=lambda host, port: host == "ours.test")
    for url in ("http://localhost:1/a", "http://127.0.0.1/a", "https://ours.test/a", "https://["):
        assert heard_of(ear, "GET", url, 200, (), None) is None
    assert heard_of(ear, "GET", URL, 200, (), HEARD_ALREADY) is None
    assert ear.heard == []
    one = heard_of(ear, "GET", URL, 200, (), None)
    assert one is not None
    assert (one.status, one.declared.library) == (200, "another double, or a server")


def test_a_body_is_kept_where_it_is_said_and_not_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "BODY_KEPT", 4)
    ear = Ear(ours=lambda host, port: False)
    read: list[Any] = []
    ear.reader = lambda *what: read.append(what)
    by = Declared("x", body=False)
    for content in (b"1234", b"12345", b""):
        heard_of(ear, "GET", URL, 200, (), by)
        with_body(ear, ear.heard[-1], content)
    assert [one.content for one in ear.heard] == [b"1234", None, None]
    assert [what[3] for what in read] == [b"1234", b"12345", b""]
    ear.heard[-1].received = None
    with_body(ear, ear.heard[-1], b"1")
    assert len(read) == 3


class Adapter(HTTPAdapter):
    """Answers by itself, as a test's own does."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        found = requests.Response()
        found.request, found.url, found.status_code = request, str(request.url), 200
        found.headers["Content-Encoding"] = "identity"
        found.raw = Pieces()
        return found


class Pieces:
    def stream(self, size: int, decode_content: bool = True) -> Iterator[bytes]:
        yield from (b"ab", b"cd", b"ef")

    def close(self) -> None:
        """Nothing is open."""

    release_conn = close


def test_a_streamed_body_is_heard_to_its_end_and_passed_on_whole(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_requests, "BODY_KEPT", 3)
    session = requests.Session()
    session.mount("https://", Adapter())
    assert b"".join(session.get(URL, stream=True).iter_content(2)) == b"abcdef"
    left = session.get(URL, stream=True)
    assert next(left.iter_content(2)) == b"ab"
    assert [one[3] for one in told(ear)] == [b"abcd", None]


def test_a_session_that_is_heard_is_heard_once(ear: Ear) -> None:
    heard = requests.Session.send
    assert of_requests.heard_by(ear, heard) is heard
    assert of_requests.heard_by(Ear(ours=lambda host, port: False), heard) is not heard


def test_a_streamed_body_of_httpx_is_kept_up_to_its_limit(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.audit.httpx.BODY_KEPT", 3)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Chunks(), request=request)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client, client.stream("GET", URL) as response:
        assert b"".join(response.iter_raw()) == b"abcdef"
    assert [one[3] for one in told(ear)] == [b"abcd"]


class Chunks(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield from (b"ab", b"cd", b"ef")


def test_a_flow_of_authentication_and_redirects_are_heard_one_by_one(ear: Ear) -> None:
    class Flow(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Any:
            yield httpx.Request("POST", "https://api.test/token")
            yield request

    with respx.mock as router:
        router.post("https://api.test/token").respond(201, json={})
        router.get("https://api.test/old").respond(302, headers={"Location": URL})
        router.get(URL).respond(200, json={"id": 1})
        with httpx.Client(auth=Flow(), follow_redirects=True) as client:
            assert client.get("https://api.test/old").json() == {"id": 1}
    assert [one[:3] for one in told(ear)] == [
        ("POST", "https://api.test/token", 201), ("GET", "https://api.test/old", 302), ("GET", URL, 200),
    ]  # fmt: skip


def test_routes_of_respx_say_a_status_in_each_spelling(ear: Ear) -> None:
    with respx.mock as router:
        router.get("https://api.test/a").return_value = httpx.Response(203)
        router.get("https://api.test/b").side_effect = lambda request: httpx.Response(204)
        router.get("https://api.test/c").respond(json={})
        router.get("https://api.test/d") % {"json": {}}
        router.get("https://api.test/e") % 418
        router.get("https://api.test/f").mock(return_value=httpx.Response(205))
        router.get("https://api.test/g")
        for name in "abcdefg":
            httpx.get(f"https://api.test/{name}")
        with pytest.raises(respx.models.AllMockedAssertionError):
            httpx.get("https://api.test/nowhere")
    assert [(one[1][-1], one[2]) for one in told(ear)] == [
        ("a", 203), ("b", 204), ("c", None), ("d", None), ("e", 418), ("f", 205), ("g", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("response", "content"),
    [
        ({"status": {"code": 200}, "headers": {"A": ["b"]}, "body": {"string": "text"}}, b"text"),
        ({"status_code": 200, "headers": [(b"A", b"b")], "content": b"bytes"}, b"bytes"),
        ({"status_code": 200, "headers": None}, None),
    ],
)
def test_cassettes_are_of_several_forms(response: dict[str, Any], content: bytes | None) -> None:
    ear = Ear(ours=lambda host, port: False)
    of_vcr._hear(ear, vcr.request.Request("GET", URL, None, {}), response, Declared("vcrpy", "c.yaml entry 1"))
    assert [(one.status, one.content) for one in ear.heard] == [(200, content)]
    answered: list[Declared] = []
    token = hops.set(answered)
    try:
        of_vcr._hear(ear, vcr.request.Request("GET", URL, None, {}), response, HEARD_ALREADY)
    finally:
        hops.reset(token)
    assert answered == [HEARD_ALREADY]
    assert len(ear.heard) == 1


def test_what_goes_wrong_with_a_mock_is_told_and_reaches_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    ear = Ear(ours=lambda host, port: False)
    stop = install(ear, when_imported=when_imported, patches=Patches())
    try:
        monkeypatch.setattr("lookalike.audit.mocks.Patched.called", 5)
        assert unittest.mock.Mock(return_value=1)(URL) == 1
        assert asyncio.run(unittest.mock.AsyncMock(return_value=2)(URL)) == 2
    finally:
        stop()
    assert ear.troubles == {"unittest.mock: TypeError: 'int' object is not callable"}


def test_what_stands_in_and_is_neither_function_nor_mock_is_left_as_it_is(ear: Ear) -> None:
    class Sender:
        def __call__(self, url: str) -> str:
            return url

    own = Sender()
    with unittest.mock.patch("requests.get", new=own):
        stands: Any = requests.get
        assert stands is own
        assert stands(URL) == URL
    assert told(ear) == []


def test_of_nobody_s_own_lines_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert place_outside().startswith("tests/audit/test_audit_clients.py:")
    monkeypatch.setattr("lookalike.audit.ear.is_own", lambda file: False)
    assert place_outside() == ""
