"""Mounted applications: WSGI and ASGI, what they are told, what they answer, and what they raise."""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import flask
import pytest
import trio
from fastapi import BackgroundTasks, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route as StarletteRoute

from lookalike import waiting
from lookalike.double.mock import MockDouble
from lookalike.errors import UsageError
from lookalike.messages import Request, Response

BASE = "https://api.test/v1"
Start = Callable[..., Any]


def respond(mock: MockDouble, request: Request) -> Response:
    answer = mock.handle(request)
    assert isinstance(answer, Response)
    return answer


def get(mock: MockDouble, path: str, **headers: str) -> Response:
    return respond(mock, Request("GET", BASE + path, headers))


def pieces(response: Response) -> list[bytes]:
    assert response.chunks is not None
    return list(waiting.pieces(response.chunks()))


def mounted(app: Any, path: str = "/app", **options: Any) -> MockDouble:
    mock = MockDouble("api", BASE)
    mock.mount(path, app, **options)
    return mock


def flask_app() -> flask.Flask:
    app = flask.Flask("todos")

    @app.route("/echo/<path:rest>", methods=["GET", "POST", "PUT"])
    def echo(rest: str) -> Any:
        asked = flask.request
        return {
            "rest": rest, "method": asked.method, "root": asked.script_root, "url": asked.url,
            "args": asked.args.to_dict(flat=False), "json": asked.get_json(silent=True), "form": asked.form.to_dict(),
            "cookie": asked.cookies.get("a"), "x": asked.headers.get("x-a"), "length": asked.content_length,
        }  # fmt: skip

    @app.get("/stream")
    def stream() -> Any:
        return flask.Response((part for part in ("a", "", "b")), 201, {"x-a": "1"}, mimetype="text/plain")

    @app.get("/boom")
    def boom() -> Any:
        raise KeyError("boom")

    return app


class TestFlask:
    @pytest.mark.peer("Mount an ASGI/WSGI app")
    def test_what_it_is_told(self) -> None:
        mock = mounted(flask_app())
        got = respond(mock, Request(
            "POST", f"{BASE}/app/echo/%C3%BC%20x/y?q=1&q=2",
            [("content-type", "application/json"), ("cookie", "a=1"), ("cookie", "b=2"), ("x-a", "1"), ("x-a", "2")],
            b'{"n":1}',
        ))  # fmt: skip
        assert (got.status, got.content_type, got.chunks) == (200, "application/json", None)
        told = got.json()
        assert told.pop("url").startswith("https://api.test/v1/app/echo/")
        assert told == {
            "rest": "ü x/y", "method": "POST", "root": "/v1/app", "args": {"q": ["1", "2"]}, "json": {"n": 1},
            "form": {}, "cookie": "1", "x": "1, 2", "length": 7,
        }  # fmt: skip
        mock.finish()

    def test_a_form_and_a_chunked_body(self) -> None:
        headers = {"content-type": "application/x-www-form-urlencoded", "transfer-encoding": "chunked"}
        got = respond(mounted(flask_app()), Request("PUT", f"{BASE}/app/echo/x", headers, b"a=1")).json()
        assert (got["form"], got["length"]) == ({"a": "1"}, 3)

    def test_a_stream_comes_in_its_pieces_each_time_it_is_read(self) -> None:
        got = get(mounted(flask_app()), "/app/stream")
        assert (got.status, got.headers["x-a"], got.reason) == (201, "1", "CREATED")
        assert pieces(got) == pieces(got) == [b"a", b"b"]

    def test_its_own_errors_are_its_answers_and_raised_ones_fail_the_test(self) -> None:
        app = flask_app()
        assert get(mounted(app), "/app/nowhere").status == 404
        assert get(mounted(app), "/app/boom").status == 500  # Flask answers by itself
        app.testing = True
        mock = mounted(app)
        with pytest.raises(KeyError, match="boom"):
            get(mock, "/app/boom")
        with pytest.raises(KeyError, match="boom"):
            mock.finish()

    @pytest.mark.parametrize(
        ("path", "asked", "root"),
        [
            ("", "/echo/x", "/v1"),
            ("/", "/echo/x", "/v1"),
            ("/a/b/", "/a/b/echo/x", "/v1/a/b"),
            ("/a b", "/%61%20b/echo/x", "/v1/a b"),
            ("/users/{id}", "/users/7/echo/x", "/v1/users/7"),
        ],
    )
    def test_where_it_is_mounted(self, path: str, asked: str, root: str) -> None:
        got = get(mounted(flask_app(), path), asked).json()
        assert (got["rest"], got["root"]) == ("x", root)

    def test_at_another_host(self) -> None:
        mock = MockDouble("api", BASE)
        mock.mount("https://other.test/x", flask_app())
        got = respond(mock, Request("GET", "https://other.test/x/echo/y")).json()
        assert (got["root"], got["url"]) == ("/x", "https://other.test/x/echo/y")

    def test_a_served_double_is_at_its_own_address(self) -> None:
        got = get(mounted(flask_app()), "/app/echo/x", host="127.0.0.1:5005").json()
        assert (got["root"], got["url"]) == ("/app", "http://127.0.0.1:5005/app/echo/x")

    def test_behind_one_route(self) -> None:
        mock = MockDouble("api", BASE)
        mock.get("/echo/{id}").respond_from(flask_app()).rate_limited(1)
        assert [get(mock, "/echo/7").status for _ in range(2)] == [200, 429]
        assert mock.calls[0].response is not None
        assert mock.calls[0].response.json()["root"] == "/v1"
        without = MockDouble("api")
        without.get("/echo/{id}").respond_from(flask_app())
        assert respond(without, Request("GET", "http://any.test/echo/1")).json()["root"] == ""


def wsgi(answer: Callable[[dict[str, Any], Start], Iterable[bytes]]) -> MockDouble:
    return mounted(answer, kind="wsgi")


class TestWsgi:
    """PEP 3333."""

    def test_all_ways_to_answer(self) -> None:
        def written(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
            write = start("200 OK", [("X-A", "1")])
            write(b"a")
            return [b"b"]

        def late(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
            start("204 No Content", [])
            yield b""

        def plain(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
            start("200", [("Content-Length", "2")])
            return iter([b"a", b"b"])

        assert pieces(get(wsgi(written), "/app")) == [b"a", b"b"]
        got = get(wsgi(late), "/app")
        assert (got.status, got.reason, pieces(got)) == (204, "No Content", [])
        assert get(wsgi(plain), "/app").content == b"ab"
        assert get(wsgi(lambda environ, start: start("200 OK", []) and [b"all"]), "/app").content == b"all"
        assert get(wsgi(lambda environ, start: start("200 OK", []) and []), "/app").content == b""

    def test_close_is_called(self) -> None:
        closed: list[str] = []

        class Body(list[bytes]):
            def close(self) -> None:
                closed.append(str(len(self)))

        def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
            start("200 OK", [])
            return Body([b"a"] * int(environ["QUERY_STRING"]))

        mock = wsgi(app)
        get(mock, "/app?1")
        assert closed == ["1"]
        stream = get(mock, "/app?3")
        assert stream.chunks is not None
        reading = waiting.pieces(stream.chunks())
        next(reading)
        assert closed == ["1"]
        reading.close()  # type: ignore[attr-defined]  # a generator's
        assert closed == ["1", "3"]

    def test_an_error_anew(self) -> None:
        def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
            start("200 OK", [])
            try:
                raise ValueError("late")
            except ValueError:
                start("500 Broken", [], sys.exc_info())
            return [b"no"]

        got = get(wsgi(app), "/app")
        assert (got.status, got.content) == (500, b"no")

        def later(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
            start("200 OK", [])
            yield b"a"
            try:
                raise ValueError("late")
            except ValueError:
                start("500 Broken", [], sys.exc_info())

        mock = wsgi(later)
        stream = get(mock, "/app")
        with pytest.raises(ValueError, match="late"):
            pieces(stream)
        with pytest.raises(ValueError, match="late"):
            mock.finish()

    @pytest.mark.parametrize(
        ("app", "told"),
        [
            (lambda environ, start: [b"a"], "answered without calling start_response"),
            (lambda environ, start: [start("200 OK", []), start("200 OK", [])], "called start_response twice"),
            (lambda environ, start: [start("OK", [])], "status is 'OK'; it begins with a number"),
        ],
    )
    def test_mistakes_are_told(self, app: Any, told: str) -> None:
        mock = wsgi(app)
        with pytest.raises(UsageError, match=told):
            get(mock, "/app")
        with pytest.raises(UsageError):
            mock.finish()

    def test_a_request_without_a_body_or_a_host(self) -> None:
        seen: dict[str, Any] = {}

        def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
            seen.update(environ)
            start("200 OK", [])
            return [environ["wsgi.input"].read()]

        get(wsgi(app), "/app?a=%20")
        assert "CONTENT_LENGTH" not in seen
        assert {name: seen[name] for name in ("HTTP_HOST", "SERVER_PORT", "QUERY_STRING", "PATH_INFO")} == {
            "HTTP_HOST": "api.test", "SERVER_PORT": "443", "QUERY_STRING": "a=%20", "PATH_INFO": "",
        }  # fmt: skip


def fastapi_app(events: list[str]) -> FastAPI:
    app = FastAPI()

    @app.post("/echo/{rest:path}")
    async def echo(rest: str, request: StarletteRequest) -> Any:
        events.append(threading.current_thread().name)
        return {"rest": rest, "root": request.scope["root_path"], "url": str(request.url), "json": await request.json(),
                "q": request.query_params.getlist("q"), "host": request.headers["host"]}  # fmt: skip

    @app.get("/sync")
    def sync() -> Any:
        return {"thread": threading.current_thread().name}

    @app.get("/stream")
    async def stream() -> Any:
        async def parts() -> AsyncIterator[str]:
            try:
                for number in range(1000):
                    yield f"{number};"
                    await asyncio.sleep(0)
            finally:
                events.append("closed")

        return StreamingResponse(parts())

    @app.get("/later")
    async def later(tasks: BackgroundTasks) -> Any:
        tasks.add_task(events.append, "background")
        return []

    @app.get("/boom")
    async def boom() -> Any:
        raise KeyError("boom")

    return app


async def asked(mock: MockDouble, path: str) -> Response:
    answer = await mock.handle_async(Request("GET", BASE + path))
    assert isinstance(answer, Response)
    return answer


class TestFastApi:
    @pytest.mark.peer("Mount an ASGI/WSGI app")
    @pytest.mark.parametrize("way", ["sync", "asyncio", "trio"])
    def test_what_it_is_told(self, way: str) -> None:
        events: list[str] = []
        mock = mounted(fastapi_app(events))
        request = Request("POST", f"{BASE}/app/echo/%C3%BC/y?q=1&q=2", {}, b'{"n":1}')
        if way == "sync":
            got = mock.handle(request)
        elif way == "asyncio":
            got = asyncio.run(mock.handle_async(request))
        else:
            got = trio.run(mock.handle_async, request)
        assert isinstance(got, Response)
        told = got.json()
        assert told.pop("url").startswith("https://api.test/v1/app/echo/")
        assert told == {"rest": "ü/y", "root": "/v1/app", "json": {"n": 1}, "q": ["1", "2"], "host": "api.test"}
        here = threading.current_thread().name
        assert (events == [here]) is (way == "asyncio")
        mock.finish()

    def test_plain_functions_of_it_run_too(self) -> None:
        mock = mounted(fastapi_app([]))
        assert "AnyIO" in get(mock, "/app/sync").json()["thread"]
        assert "AnyIO" in asyncio.run(asked(mock, "/app/sync")).json()["thread"]

    def test_a_stream_is_read_as_far_as_the_client_reads(self) -> None:
        events: list[str] = []
        mock = mounted(fastapi_app(events))
        before = threading.active_count()
        stream = get(mock, "/app/stream")
        assert stream.chunks is not None
        reading = waiting.pieces(stream.chunks())
        assert [next(reading), next(reading)] == [b"0;", b"1;"]
        reading.close()  # type: ignore[attr-defined]  # a generator's
        assert (events, threading.active_count()) == (["closed"], before)
        assert len(pieces(get(mock, "/app/stream"))) == 1000

    def test_a_stream_that_nobody_reads_ends_with_the_mock(self) -> None:
        events: list[str] = []
        mock = mounted(fastapi_app(events))
        before = threading.active_count()
        get(mock, "/app/stream")
        assert threading.active_count() == before + 1
        mock.finish()
        assert (events, threading.active_count()) == (["closed"], before)

    def test_a_stream_in_the_clients_own_loop(self) -> None:
        events: list[str] = []
        mock = mounted(fastapi_app(events))

        async def read() -> list[bytes]:
            stream = await asked(mock, "/app/stream")
            assert stream.chunks is not None
            reading = waiting.pieces_async(stream.chunks())
            got = [await anext(reading), await anext(reading)]
            await reading.aclose()  # type: ignore[attr-defined]  # a generator's
            assert events == ["closed"]
            whole = await asked(mock, "/app/stream")
            assert whole.chunks is not None
            assert len([piece async for piece in waiting.pieces_async(whole.chunks())]) == 1000
            return got

        assert asyncio.run(read()) == [b"0;", b"1;"]

    def test_background_tasks_are_done_before_the_client_goes_on(self) -> None:
        events: list[str] = []
        mock = mounted(fastapi_app(events))
        assert get(mock, "/app/later").json() == []
        assert asyncio.run(asked(mock, "/app/later")).json() == []
        assert events == ["background"] * 2

    @pytest.mark.parametrize("way", ["sync", "asyncio"])
    def test_what_it_raises_fails_the_test(self, way: str) -> None:
        mock = mounted(fastapi_app([]))
        with pytest.raises(KeyError, match="boom"):
            get(mock, "/app/boom") if way == "sync" else asyncio.run(asked(mock, "/app/boom"))
        with pytest.raises(KeyError, match="boom"):
            mock.finish()

    def test_head(self) -> None:
        app = Starlette(routes=[StarletteRoute("/x", lambda request: JSONResponse([1]))])
        got = respond(mounted(app), Request("HEAD", f"{BASE}/app/x"))
        assert (got.status, got.headers["content-length"]) == (200, "3")


async def silent(scope: Any, receive: Any, send: Any) -> None:
    """Answers nothing."""


async def half(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})


async def wrong(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.body", "body": b"a"})


async def patient(scope: Any, receive: Any, send: Any) -> None:
    kinds = [(await receive())["type"]]
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"a"})
    await send({"type": "http.response.body", "body": b"nobody reads on"})
    kinds.append((await receive())["type"])
    assert kinds == ["http.request", "http.disconnect"]


class TestAsgi:
    @pytest.mark.parametrize(
        ("app", "told"),
        [
            (silent, "returned without an answer"),
            (half, "without the end of its answer"),
            (wrong, "where no such message"),
        ],
    )
    def test_mistakes_are_told(self, app: Any, told: str) -> None:
        mock = mounted(app)
        with pytest.raises(UsageError, match=told):
            get(mock, "/app")
        with pytest.raises(UsageError):
            mock.finish()

    def test_what_comes_after_the_end(self) -> None:
        assert pieces(get(mounted(patient), "/app")) == [b"a"]


class _Async:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await patient(scope, receive, send)


class TestWhatIsAnApplication:
    @pytest.mark.parametrize(
        ("app", "kind"),
        [(flask.Flask("x"), "wsgi"), (FastAPI(), "asgi"), (Starlette(), "asgi"), (patient, "asgi"), (_Async(), "asgi"),
         (lambda environ, start: [], "wsgi"), (lambda scope, receive, send: None, "asgi"),
         (functools.partial(patient), "asgi"), (functools.partial(lambda x, e, s: [], 1), "wsgi")],
    )  # fmt: skip
    def test_is_seen(self, app: Any, kind: str) -> None:
        from lookalike.double.apps import kind_of

        assert kind_of(app) == kind

    @pytest.mark.parametrize(
        ("app", "options", "told"),
        [("todos:app", {}, "takes an application, not 'todos:app'"), (flask.Flask, {}, "give the object"),
         (lambda *args: [], {}, 'say kind="wsgi" or kind="asgi"'), (iter, {}, "say kind="),
         (patient, {"kind": "rack"}, 'kind= is "wsgi" or "asgi"')],
    )  # fmt: skip
    def test_else_it_is_told(self, app: Any, options: dict[str, Any], told: str) -> None:
        mock = MockDouble("api", BASE)
        with pytest.raises(UsageError, match=told):
            mock.mount("/app", app, **options)
        assert not mock.routes


def test_its_answers_are_held_to_the_contract() -> None:
    from lookalike.contract.contract import Contract
    from lookalike.contract.openapi import Document
    from lookalike.errors import ContractViolation

    ok = {"description": "", "content": {"application/json": {"schema": {"required": ["n"]}}}}
    paths = {"/todos/{id}": {"get": {"responses": {"200": ok}}}}
    contract = Contract(Document({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths}))

    answers = [b"{}", b'{"n":1}']

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "application/json")])
        return answers[-1:]

    mock = MockDouble("api", BASE, contract=contract)
    mock.mount("", app)
    assert get(mock, "/todos/1").json() == {"n": 1}
    answers.pop()
    with pytest.raises(ContractViolation, match=r"respond_from\(app\) to ANY /... contradicts"):
        get(mock, "/todos/1")
