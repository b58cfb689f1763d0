"""The real answer, altered: what a door is given, what a changed copy is, and what of it a contract minds."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.double.mock import MockDouble
from lookalike.errors import ContractViolation, UsageError
from lookalike.messages import PassThrough, Request, Response

BASE = "https://api.test/v1"
GET = Request("GET", BASE + "/todos")
JSON = {"content-type": "application/json; charset=utf-8"}
REAL = Response(200, {**JSON, "content-encoding": "gzip", "content-length": "99", "etag": '"1"', "x-a": "1"},
                gzip.compress(b'{"n":1}'), reason="Fine")  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"json": {"n": 2}}, (200, b'{"n":2}', [("x-a", "1"), ("content-type", "application/json; charset=utf-8")])),
        ({"text": "no"}, (200, b"no", [("x-a", "1"), ("content-type", "text/plain; charset=utf-8")])),
        ({"content": b"\xff"}, (200, b"\xff", [("content-type", "application/json; charset=utf-8"), ("x-a", "1")])),
        ({"json": 1, "headers": {"Content-Type": "a/b"}}, (200, b"1", [("x-a", "1"), ("Content-Type", "a/b")])),
        ({"status": 503}, (503, REAL.content, list(REAL.headers.pairs))),
        ({"headers": {"X-A": None, "etag": "2"}},
         (200, REAL.content, [*((n, v) for n, v in REAL.headers.pairs if n not in ("x-a", "etag")), ("etag", "2")])),
    ],
)  # fmt: skip
def test_a_changed_copy(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    got = REAL.altered(**changes)
    assert (got.status, got.content, list(got.headers.pairs)) == expected
    assert REAL.json() == {"n": 1}
    assert got.reason == ("" if "status" in changes else "Fine")


def test_a_changed_copy_of_a_stream() -> None:
    streamed = Response(200, {"transfer-encoding": "chunked"}, chunks=lambda: [b"a"], delay=1.5, http_version="1.0")
    got = streamed.altered(headers={"x": "1"})
    assert (got.chunks, got.delay, got.http_version) == (streamed.chunks, 1.5, "1.0")
    assert got.headers.pairs == (("transfer-encoding", "chunked"), ("x", "1"))
    got = streamed.altered(json=[], delay=3)
    assert (got.chunks, got.content, got.delay) == (None, b"[]", 3)
    assert got.headers.pairs == (("content-type", "application/json"),)


def test_two_bodies_are_refused() -> None:
    with pytest.raises(UsageError, match="here are json and text; keep one"):
        REAL.altered(json=1, text="a")


def test_what_a_door_gives() -> None:
    seen: list[Response] = []
    assert not PassThrough().reads_whole
    assert PassThrough().given(REAL) is REAL
    assert PassThrough(seen.append).reads_whole
    assert PassThrough(seen.append).given(REAL) is REAL
    both = PassThrough(seen.append, lambda real: real.altered(status=404))
    assert both.reads_whole
    assert (both.given(REAL).status, [one.status for one in seen]) == (404, [200, 200])


def through(mock: MockDouble, real: Response = REAL, request: Request = GET) -> Response:
    """What a client gets where the real API answers with `real`."""
    answer = mock.handle(request)
    assert isinstance(answer, PassThrough)
    return answer.given(real)


def test_the_journal_shows_what_the_client_got() -> None:
    mock = MockDouble("api", BASE)
    mock.get("/todos").pass_through(alter=lambda real: real.altered(json={**real.json(), "m": 2}))
    assert through(mock).json() == {"n": 1, "m": 2}
    assert mock.calls.last.response is not None
    assert mock.calls.last.response.json() == {"n": 1, "m": 2}
    mock.get("/todos").pass_through(alter=lambda real: real)
    assert through(mock) is REAL


@pytest.mark.parametrize(
    ("alter", "kind", "told"),
    [
        (lambda real: None, UsageError, "returned NoneType; return the response, or a changed copy of it"),
        (lambda real: real.json()["x"], KeyError, "x"),
    ],
)
def test_mistakes_are_raised_again_at_the_end(
    alter: Callable[[Response], Any], kind: type[Exception], told: str
) -> None:
    mock = MockDouble("api", BASE)
    mock.get("/todos").pass_through(alter=alter)
    with pytest.raises(kind, match=told):
        through(mock)
    with pytest.raises(kind, match=told):
        mock.finish()


def test_a_failure_that_it_plays_is_not() -> None:
    def fail(real: Response) -> Response:
        raise ConnectionResetError

    mock = MockDouble("api", BASE)
    mock.get("/todos").pass_through(alter=fail)
    with pytest.raises(ConnectionResetError):
        through(mock)
    mock.finish()


def test_misuse_is_told() -> None:
    mock = MockDouble("api", BASE)
    with pytest.raises(UsageError, match="alter= is a function of the real response"):
        mock.get("/todos").pass_through(alter={"json": 1})  # type: ignore[arg-type]  # wrong on purpose
    assert not mock.routes


class TestContract:
    def mocked(self, **said: Any) -> MockDouble:
        ok = {"description": "", "content": {"application/json": {"schema": {"required": ["n"]}}}}
        paths = {"/todos": {"get": {"responses": {"200": ok}}}}
        document = Document({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths})
        mock = MockDouble("api", BASE, contract=Contract(document))
        mock.pass_through("/todos", **said)
        return mock

    def test_what_is_altered_is_held_to_it(self) -> None:
        mock = self.mocked(alter=lambda real: real.altered(json={"m": 1}))
        with pytest.raises(ContractViolation, match=r"pass_through\(alter=...\) to ANY /todos/... contradicts"):
            through(mock)
        with pytest.raises(ContractViolation):
            mock.finish()

    def test_what_the_real_api_contradicts_itself_is_not(self) -> None:
        mock = self.mocked(alter=lambda real: real.altered(headers={"x": "1"}))
        assert through(mock, Response(200, JSON, b"{}")).headers["x"] == "1"
        mock.finish()

    def test_a_lie_may_be_said(self) -> None:
        mock = self.mocked(alter=lambda real: real.altered(json={}), unchecked="next month")
        assert through(mock).json() == {}
        assert [lie.why for lie in mock.lies] == ["next month"]


class TestPassingAPathThrough:
    @pytest.mark.peer("Per host / prefix")
    @pytest.mark.parametrize(
        ("path", "passes", "stays"),
        [
            ("/files", ["/v1/files", "/v1/files/", "/v1/files/a/b?c=1", "/v1/f%69les/a"], ["/v1/filesystem", "/v1/x"]),
            ("/files/", ["/v1/files", "/v1/files/a"], ["/v1/x"]),
            ("/", ["/v1", "/v1/", "/v1/x/y"], ["/v2/x"]),
            ("", ["/v1/x/y"], ["/x"]),
            ("/users/{id:int}/files", ["/v1/users/1/files/x"], ["/v1/users/eva/files/x", "/v1/users/1"]),
            ("https://cdn.test", ["https://cdn.test/", "https://cdn.test/a/b"], ["/v1/x", "https://other.test/a"]),
            ("https://cdn.test/a", ["https://cdn.test/a/b"], ["https://cdn.test/b"]),
            ("https://{name}.cdn.test/a", ["https://eu.cdn.test/a/b"], ["https://cdn.test/a"]),
        ],
    )
    def test_by_host_and_prefix(self, path: str, passes: list[str], stays: list[str]) -> None:
        mock = MockDouble("api", BASE)
        mock.route("*", "*/{rest:path}", name="others", priority=-1).respond(200).optional()
        mock.pass_through(path)
        for method in ("GET", "POST"):
            for asked, real in [*((one, True) for one in passes), *((one, False) for one in stays)]:
                url = asked if asked.startswith("https:") else f"https://api.test{asked}"
                assert isinstance(mock.handle(Request(method, url)), PassThrough) is real, url

    @pytest.mark.peer("Predicate")
    def test_by_a_function_of_the_request(self) -> None:
        mock = MockDouble("api", BASE)
        mock.get("/todos").respond(json=[])
        mock.pass_through(where=lambda request: "x-real" in request.headers)
        assert isinstance(mock.handle(Request("GET", GET.url, {"x-real": "1"})), PassThrough)
        assert isinstance(mock.handle(GET), Response)

    def test_newer_routes_win_and_it_may_stay_unused(self) -> None:
        mock = MockDouble("api", BASE)
        mock.pass_through()
        mock.get("/todos").respond(json=[])
        assert isinstance(mock.handle(GET), Response)
        mock.finish()
