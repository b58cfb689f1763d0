"""Pages, rate limits, failures first, collections, mounted applications, altered answers: as real clients meet them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.server
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import flask
import httpx
import pytest
import requests
import urllib3
from fastapi import FastAPI
from requests.adapters import HTTPAdapter
from starlette.responses import StreamingResponse

import lookalike
from lookalike import passage
from lookalike.messages import Request, Response

URL = "https://api.example.com/v1"
api = lookalike.Api(base_url=URL)


@pytest.mark.usefixtures("lane")
class TestPages:
    @pytest.mark.peer("Pagination helper")
    def test_requests_follows_links(self) -> None:
        with api.mock() as mock:
            mock.get("/todos", params={"state": "open"}).paginate([{"id": at} for at in range(7)], size=3)
            found: list[int] = []
            url: str | None = f"{URL}/todos?state=open"
            while url:
                answer = requests.get(url)
                found += [row["id"] for row in answer.json()]
                url = answer.links.get("next", {}).get("url")
        assert found == list(range(7))

    def test_httpx_follows_cursors(self) -> None:
        with api.mock() as mock, httpx.Client(base_url=URL) as client:
            mock.get("/todos").paginate(["abcde", *range(4)], "cursor", size=2)
            found, cursor = [], ""
            while True:
                page = client.get("/todos", params={"cursor": cursor} if cursor else {}).json()
                found += page["data"]
                cursor = page["next_cursor"]
                if not page["has_more"]:
                    break
        assert found == ["abcde", 0, 1, 2, 3]

    def test_pygithub_walks_its_own_lists(self) -> None:
        github = pytest.importorskip("github")
        repos = [{"id": at, "full_name": f"o/{at}", "name": str(at)} for at in range(65)]
        with lookalike.Api(base_url="https://api.github.com").mock() as mock:
            mock.get("/users/o").respond(json={"login": "o", "url": "https://api.github.com/users/o"})
            route = mock.get("/users/o/repos").paginate(repos)
            user = github.Github(retry=None).get_user("o")
            assert [repo.id for repo in user.get_repos()] == list(range(65))
            assert user.get_repos().totalCount == 65
            assert [repo.id for repo in user.get_repos().reversed][:2] == [64, 63]
        assert route.call_count >= 3

    def test_a_served_mock_links_to_its_own_address(self) -> None:
        with api.mock() as mock, mock.serve() as url:
            mock.get("/todos").paginate(range(5), "page", size=2)
            found: list[int] = []
            following: str | None = f"{url}/todos"
            while following:
                assert following.startswith(url)
                page = httpx.get(following).json()
                found += page["results"]
                following = page["next"]
        assert found == list(range(5))


@pytest.mark.usefixtures("lane")
class TestLimits:
    @pytest.mark.peer("Retry-After / rate-limit helper")
    def test_urllib3_waits_as_it_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        waited: list[float] = []
        monkeypatch.setattr("time.sleep", waited.append)
        with api.mock() as mock, urllib3.PoolManager(retries=urllib3.Retry(3, backoff_factor=0)) as pool:
            route = mock.get("/todos").respond(json=[]).rate_limited(after=1, retry_after=7)
            assert [pool.request("GET", f"{URL}/todos").status for _ in range(2)] == [200, 200]
        assert (route.call_count, waited) == (3, [7])

    def test_at_once_where_it_is_told_zero(self) -> None:
        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=urllib3.Retry(2, status_forcelist=[429])))
        with api.mock() as mock, session:
            route = mock.get("/todos").respond(json=[]).rate_limited(after=0, retry_after=0, for_=2)
            assert session.get(f"{URL}/todos").status_code == 200
        assert route.call_count == 3

    def test_a_client_that_never_waits_is_told_so(self) -> None:
        with api.mock() as mock:
            mock.get("/todos").respond(json=[]).rate_limited(after=2, retry_after=30)
            got = [httpx.get(f"{URL}/todos") for _ in range(3)]
        assert [one.status_code for one in got] == [200, 200, 429]
        assert (got[2].headers["retry-after"], got[1].headers["x-ratelimit-remaining"]) == ("30", "0")


@pytest.mark.usefixtures("lane")
def test_flaky() -> None:
    with api.mock() as mock:
        mock.get("/todos").flaky(fail=2, with_=["reset", 503], then=[1])
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{URL}/todos")
        assert [requests.get(f"{URL}/todos").status_code for _ in range(2)] == [503, 200]
    with api.mock() as mock, requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=urllib3.Retry(3, status_forcelist=[503], backoff_factor=0)))
        mock.get("/todos").flaky(fail=2, with_=["reset", 503], then=[1])
        assert session.get(f"{URL}/todos").json() == [1]


@pytest.mark.peer("Stateful fake resource (CRUD memory)")
@pytest.mark.usefixtures("lane")
def test_a_collection() -> None:
    with api.mock() as mock, httpx.Client(base_url=URL) as client:
        todos = mock.collection("/todos", [{"id": 1, "title": "sleep"}])
        made = requests.post(f"{URL}/todos", json={"title": "eat"})
        assert requests.get(made.headers["location"]).json() == {"id": 2, "title": "eat"}
        assert client.patch("/todos/2", json={"done": True}).json() == {"id": 2, "title": "eat", "done": True}
        assert client.delete("/todos/1").status_code == 204
        assert requests.get(f"{URL}/todos?done=true").json() == todos.rows == [{"id": 2, "title": "eat", "done": True}]


def applications() -> tuple[flask.Flask, FastAPI]:
    plain, modern = flask.Flask("plain"), FastAPI()

    @plain.post("/sum")
    def add() -> Any:
        return {"sum": sum(flask.request.get_json())}

    @plain.get("/parts")
    def parts() -> Any:
        return flask.Response((part for part in ("a", "bc")), mimetype="text/plain")

    @modern.post("/sum")
    async def add_async(numbers: list[int]) -> Any:
        return {"sum": sum(numbers)}

    @modern.get("/parts")
    async def parts_async() -> Any:
        async def each() -> AsyncIterator[str]:
            yield "a"
            await asyncio.sleep(0)
            yield "bc"

        return StreamingResponse(each(), media_type="text/plain")

    return plain, modern


@pytest.mark.peer("Mount an ASGI/WSGI app")
@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("which", [0, 1], ids=["flask", "fastapi"])
class TestApplications:
    def test_requests(self, which: int) -> None:
        with api.mock() as mock:
            mock.mount("/app", applications()[which])
            assert requests.post(f"{URL}/app/sum", json=[1, 2]).json() == {"sum": 3}
            with requests.get(f"{URL}/app/parts", stream=True) as answer:
                assert list(answer.iter_content(None)) == [b"a", b"bc"]
            assert requests.get(f"{URL}/app/nowhere").status_code == 404

    def test_httpx_async(self, which: int) -> None:
        async def ask() -> None:
            async with httpx.AsyncClient(base_url=URL) as client:
                assert (await client.post("/app/sum", json=[1, 2])).json() == {"sum": 3}
                async with client.stream("GET", "/app/parts") as answer:
                    assert [piece async for piece in answer.aiter_bytes()] == [b"a", b"bc"]
                async with client.stream("GET", "/app/parts"):
                    pass  # hangs up without having read

        with api.mock() as mock:
            mock.mount("/app", applications()[which])
            asyncio.run(ask())

    def test_served(self, which: int) -> None:
        with api.mock() as mock, mock.serve() as url:
            mock.mount("/app", applications()[which])
            assert httpx.post(f"{url}/app/sum", json=[1, 2]).json() == {"sum": 3}
            assert httpx.get(f"{url}/app/parts").text == "abc"


@pytest.fixture
def real() -> Iterator[str]:
    """A real API, whose answers are compressed and say their length."""

    class Answering(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content = gzip.compress(b'{"path":"%b"}' % self.path.encode())
            self.send_response(200)
            for name, value in (("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("X-Real", "yes"),
                                ("Content-Length", str(len(content)))):  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """A test's output is its own."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def doubled(answer: Response) -> Response:
    return answer.altered(status=201, json={**answer.json(), "altered": True}, headers={"X-Real": None, "X-Mine": "1"})


async def _httpx_async(url: str) -> tuple[int, Any, Any]:
    async with httpx.AsyncClient() as client:
        got = await client.get(url)
        return got.status_code, got.json(), got.headers


def _aiohttp(url: str) -> tuple[int, Any, Any]:
    aiohttp = pytest.importorskip("aiohttp")

    async def ask() -> tuple[int, Any, Any]:
        async with aiohttp.ClientSession() as session, session.get(url) as got:
            return got.status, await got.json(), got.headers

    return asyncio.run(ask())


def _tornado(url: str) -> tuple[int, Any, Any]:
    httpclient = pytest.importorskip("tornado.httpclient")
    import json

    async def ask() -> tuple[int, Any, Any]:
        client = httpclient.AsyncHTTPClient(force_instance=True)
        got = await client.fetch(url)
        client.close()
        return got.code, json.loads(got.body), got.headers

    return asyncio.run(ask())


def _requests(url: str) -> tuple[int, Any, Any]:
    got = requests.get(url)
    return got.status_code, got.json(), got.headers


def _httpx(url: str) -> tuple[int, Any, Any]:
    got = httpx.get(url)
    return got.status_code, got.json(), got.headers


CLIENTS = {
    "requests": _requests,
    "httpx": _httpx,
    "httpx async": lambda url: asyncio.run(_httpx_async(url)),
    "aiohttp": _aiohttp,
    "tornado": _tornado,
}


@pytest.mark.usefixtures("lane")
class TestTheRealAnswer:
    @pytest.mark.peer("Fetch real reply and alter it")
    @pytest.mark.parametrize("client", CLIENTS)
    def test_altered(self, real: str, client: str) -> None:
        with lookalike.Api(base_url=real).mock() as mock:
            mock.get("/todos").pass_through(alter=doubled)
            status, body, headers = CLIENTS[client](f"{real}/todos")
            assert (status, body) == (201, {"path": "/todos", "altered": True})
            assert "x-real" not in {name.lower() for name in headers}
            assert headers["X-Mine"] == "1"
            shown = mock.calls.last.response
            assert shown is not None
            assert (shown.status, shown.json()) == (status, body)

    @pytest.mark.parametrize("client", CLIENTS)
    def test_as_it_is(self, real: str, client: str) -> None:
        with lookalike.Api(base_url=real).mock() as mock:
            mock.get("/todos").pass_through(alter=lambda answer: answer)
            status, body, headers = CLIENTS[client](f"{real}/todos")
            assert (status, body, headers["X-Real"]) == (200, {"path": "/todos"}, "yes")

    @pytest.mark.parametrize("client", CLIENTS)
    def test_a_mistake_in_the_function(self, real: str, client: str) -> None:
        def ask() -> None:
            with lookalike.Api(base_url=real).mock() as mock:
                mock.get("/todos").pass_through(alter=lambda answer: None)  # type: ignore[arg-type,return-value]  # wrong on purpose
                with contextlib.suppress(requests.RequestException, httpx.HTTPError, OSError):
                    CLIENTS[client](f"{real}/todos")

        with pytest.raises(lookalike.UsageError, match="returned NoneType"):
            ask()

    @pytest.mark.peer("Per host / prefix")
    @pytest.mark.peer("Predicate")
    def test_some_of_it(self, real: str) -> None:
        with lookalike.Api(base_url=real).mock() as mock:
            mock.route("*", "/{rest:path}").respond(json={"double": True})
            mock.pass_through("/real")
            mock.pass_through(where=lambda request: "x-real" in request.headers)
            for path, headers, body in (
                ("/real/a", {}, {"path": "/real/a"}),
                ("/other", {}, {"double": True}),
                ("/other", {"X-Real": "1"}, {"path": "/other"}),
            ):
                assert requests.get(real + path, headers=headers).json() == body
                assert httpx.get(real + path, headers=headers).json() == body

    def test_served(self, real: str) -> None:
        from lookalike.double.mock import MockDouble
        from lookalike.serve import Server

        mock = MockDouble("api", real)
        mock.get("/todos").pass_through(alter=doubled)

        def upstream(request: Request) -> Response:
            with passage.opened():
                answer = httpx.get(request.url, headers={"host": request.url.split("/")[2]})
            return Response(answer.status_code, {"content-type": "application/json", "x-real": "1"}, answer.content)

        with Server(mock, upstream=upstream) as url:
            got = requests.get(f"{url}/todos")
        assert (got.status_code, got.json(), got.headers["x-mine"]) == (201, {"path": "/todos", "altered": True}, "1")


@pytest.mark.usefixtures("lane")
def test_boto3_tries_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3")
    config = pytest.importorskip("botocore.config").Config(retries={"total_max_attempts": 4, "mode": "standard"})
    waited: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waited.append)
    with lookalike.Api(base_url="https://dynamodb.eu-central-1.amazonaws.com").mock() as mock:
        throttled = {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"}
        route = mock.post("/").respond(json={"TableNames": ["a"]}).flaky(1, with_="reset")
        route.rate_limited(after=0, status=400, json=throttled, for_=1)
        client = boto3.client(
            "dynamodb", "eu-central-1", aws_access_key_id="x", aws_secret_access_key="x", config=config
        )
        assert client.list_tables()["TableNames"] == ["a"]
        client.close()
    assert route.call_count == 3
    assert len(waited) == 2
