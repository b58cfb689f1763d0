"""Each criterion of a route, met and missed by what real clients send: in process, and over a real socket."""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import httpx
import pytest
import requests
from dirty_equals import IsInt, IsPartialDict, IsStr, IsUUID

import lookalike
from lookalike import ANY, Mock, Route, absent, having, including, matching
from lookalike.double.match import explain
from lookalike.match import ClientAsked, basic, bearer, between, exactly, schema

BASE = "https://api.example.com"


@dataclass
class Case:
    """Rows of the peers' table, how a route is declared, a request that fits, one that doesn't, and the place named."""

    rows: tuple[str, ...]
    declare: Callable[[Mock], Route]
    fits: dict[str, Any]
    misses: dict[str, Any]
    place: str
    method: str = "POST"
    path: str = "/x"
    others: dict[str, Any] = field(default_factory=dict)


def case(*rows: str, place: str, fits: dict[str, Any], misses: dict[str, Any], **asked: Any) -> Case:
    return Case(rows, lambda mock: mock.post("/x", **asked), fits, misses, place)


TODO = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 1}}}
ORDER = '<o:order xmlns:o="urn:orders" id="7" currency="EUR">\n  <o:item sku="a">Tea &amp; milk</o:item>\n</o:order>'
SAME = '<order xmlns="urn:orders" currency="EUR" id="7"><item sku="a"> Tea &#38; milk </item><!-- new --></order>'
OTHER = '<order xmlns="urn:orders" currency="EUR" id="7"><item sku="b">Tea &#38; milk</item></order>'
XML = {"content-type": "application/xml"}
PART = ("cat.png", b"\x89PNG\r\n", "image/png")

CASES = [
    case(
        "Query exact",
        params=exactly({"page": 2, "tag": ["a", "b"]}),
        place="query debug",
        fits={"params": {"page": 2, "tag": ["a", "b"]}},
        misses={"params": {"page": 2, "tag": ["a", "b"], "debug": 1}},
    ),
    case(
        "Query subset",
        params={"tag": ["a", "b"], "page": between(1, 9), "open": True},
        place="query page",
        fits={"params": {"tag": ["a", "b"], "page": 3, "open": "true", "debug": 1}},
        misses={"params": {"tag": ["a", "b"], "page": 10, "open": "true"}},
    ),
    case(
        "Header match",
        headers={"x-id": 7},
        place="header x-id",
        fits={"headers": {"X-ID": "7"}},
        misses={"headers": {"X-ID": "8"}},
    ),
    case(
        "Header regex",
        headers={"X-Id": re.compile(r"id-\d+")},
        place="header X-Id",
        fits={"headers": {"X-Id": "id-12"}},
        misses={"headers": {"X-Id": "id-12b"}},
    ),
    case(
        "Header must be absent",
        headers={"X-Debug": absent},
        place="header X-Debug",
        fits={},
        misses={"headers": {"X-Debug": "1"}},
    ),
    case(
        "Cookie match",
        cookies={"session": "abc"},
        place="cookie session",
        fits={"cookies": {"session": "abc", "theme": "dark"}},
        misses={"cookies": {"session": "abd"}},
    ),
    case(
        "JSON body exact",
        json={"id": 1, "tags": ["a"]},
        place="json.more",
        fits={"json": {"tags": ["a"], "id": 1}},
        misses={"json": {"id": 1, "tags": ["a"], "more": 2}},
    ),
    case(
        "JSON subset",
        json=including({"items": [{"sku": "a"}]}),
        place="json.items",
        fits={"json": {"items": [{"sku": "b"}, {"sku": "a", "n": 1}], "id": 1}},
        misses={"json": {"items": [{"sku": "b"}]}},
    ),
    case(
        "JSON subset",
        json={"id": int, "name": matching("[A-Z].*"), "age": between(18), "note": lambda v: len(v) < 9},
        place="json.id",
        fits={"json": {"id": 1, "name": "Kim", "age": 40, "note": "short"}},
        misses={"json": {"id": True, "name": "Kim", "age": 40, "note": "short"}},
    ),
    case(
        "JSON subset",
        json={"id": IsInt, "who": {"uid": IsUUID}, "rows": [IsPartialDict(a=1)], "s": IsStr(regex="a+")},
        place="json.rows[0]",
        fits={
            "json": {
                "id": 3,
                "who": {"uid": "0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa"},
                "rows": [{"a": 1, "b": 2}],
                "s": "aa",
            }
        },
        misses={
            "json": {"id": 3, "who": {"uid": "0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa"}, "rows": [{"a": 2}], "s": "aa"}
        },
    ),
    case(
        "JSON Schema of request",
        json=schema(TODO),
        place="json.id",
        fits={"json": {"id": 1, "more": "is welcome"}},
        misses={"json": {"id": 0}},
    ),
    case(
        "Form urlencoded",
        form={"a": 1, "b": ["x", "y"]},
        place="form b",
        fits={"data": {"a": "1", "b": ["x", "y"]}},
        misses={"data": {"a": "1", "b": ["x", "z"]}},
    ),
    case(
        "Multipart / files",
        form={"title": "Cat"},
        files={"photo": ("cat.png", b"\x89PNG\r\n", "image/png")},
        place="file photo type",
        fits={"data": {"title": "Cat"}, "files": {"photo": PART}},
        misses={"data": {"title": "Cat"}, "files": {"photo": (*PART[:2], "image/gif")}},
    ),
    case(
        "Raw body exact", content=b"\x00\xff", place="body", fits={"content": b"\x00\xff"}, misses={"content": b"\x00"}
    ),
    case(
        "Body regex / contains",
        text=including("needle") & re.compile(r"hay.*", re.DOTALL),
        place="text",
        fits={"content": "hay\nneedle"},
        misses={"content": "needle hay"},
    ),
    case(
        "XML body",
        xml=ORDER,
        place="xml /order/item/@sku",
        fits={"content": SAME, "headers": XML},
        misses={"content": OTHER, "headers": XML},
    ),
    case(
        "Auth helper",
        auth=("kim", "s3cret pw"),
        place="auth password",
        fits={"auth": ("kim", "s3cret pw")},
        misses={"auth": ("kim", "another")},
    ),
    case(
        "Auth helper",
        auth=bearer(matching("tok-.*")) | basic("kim", ANY),
        place="auth",
        fits={"headers": {"Authorization": "bearer tok-1"}},
        misses={"headers": {"Authorization": "Digest x"}},
    ),
    case(
        "Free predicate",
        place="where",
        where=lambda request: "x-id" in request.headers,
        fits={"headers": {"X-Id": "1"}},
        misses={},
    ),
    Case(
        ("Boolean algebra of matchers",),
        lambda mock: mock.post("/x", having(json={"a": 1}) | having(form={"a": 1}) & ~having(headers={"X-Debug": ANY})),
        {"data": {"a": "1"}},
        {"data": {"a": "1"}, "headers": {"X-Debug": "1"}},
        "header X-Debug",
    ),
    Case(
        ("Any-method",),
        lambda mock: mock.route("*", "/x", params={"a": 1}),
        {"params": {"a": 1}},
        {"params": {"a": 2}},
        "query a",
        method="REPORT",
    ),
    Case(
        ("URL regex",),
        lambda mock: mock.get(re.compile(r"/todos/(?P<id>\d+)")),
        {},
        {},
        "path",
        "GET",
        "/todos/12",
        {"path": "/todos/ab"},
    ),
    Case(
        ("Path template → parameters",),
        lambda mock: mock.get("/todos/{id:int}"),
        {},
        {},
        "path",
        "GET",
        "/todos/12",
        {"path": "/todos/1x"},
    ),
]


Send = Callable[..., int]


def by_requests(method: str, url: str, *, content: Any = None, **sent: Any) -> int:
    content = content.encode() if isinstance(content, str) else content
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, **({"data": content} if content is not None else {}), **sent).status_code


def by_httpx(method: str, url: str, *, cookies: Any = None, **sent: Any) -> int:
    with httpx.Client(cookies=cookies, trust_env=False) as client:
        return client.request(method, url, **sent).status_code


@pytest.fixture(params=["requests", "httpx", "requests on a socket", "httpx on a socket"])
def send(request: pytest.FixtureRequest) -> Callable[[Mock], Send]:
    by = by_requests if request.param.startswith("requests") else by_httpx

    def prepare(mock: Mock) -> Send:
        return lambda method, path, **sent: by(method, f"{BASE}{path}", **sent)

    def on_socket(mock: Mock) -> Send:
        def ask(method: str, path: str, **sent: Any) -> int:
            with mock.serve() as url:
                return by(method, f"{url}{path}", **sent)

        return ask

    return on_socket if request.param.endswith("socket") else prepare


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(one, marks=[pytest.mark.peer(row) for row in one.rows], id=f"{one.rows[0]}: {one.place}")
        for one in CASES
    ],
)
def test_a_criterion_as_clients_send_it(one: Case, send: Callable[[Mock], Send]) -> None:
    api = lookalike.Api(base_url=BASE)
    with api.mock() as mock:
        route = one.declare(mock).respond(201)
        mock.route("*", "/{rest:path}", priority=-1).optional().respond(404)
        ask = send(mock)
        assert ask(one.method, one.path, **one.fits) == 201
        assert ask(one.method, one.others.get("path", one.path), **one.misses) == 404
        assert explain(route, mock.calls[0].request) == []
        assert one.place in [reason.where for reason in explain(route, mock.calls.last.request)]


@pytest.mark.peer("Path-only / host-agnostic")
@pytest.mark.parametrize("ask", [by_requests, by_httpx])
def test_a_path_of_any_host(ask: Send) -> None:
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("*/todos/{id:int}").respond(201)
        mock.get(re.compile(r"https?://.*/regex\?page=\d+")).respond(202)
        assert [ask("GET", f"{host}/todos/1") for host in (BASE, "http://other.test:8080")] == [201, 201]
        assert [ask("GET", f"{host}/regex?page=7") for host in (BASE, "http://other.test:8080")] == [202, 202]


@pytest.mark.peer("Path template → parameters")
def test_functions_get_what_converters_make_of_the_path() -> None:
    got: list[Any] = []

    def answer(request: lookalike.Request, **values: Any) -> dict[str, str]:
        got.append(values)
        return {}

    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("/{id:int}/{price:float}/{uid:uuid}/{day:date}/{kind:re:[a-z]+}/{name:path}.txt").respond_with(answer)
        by_requests("GET", f"{BASE}/7/1.5/0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa/2026-11-22/abc/a/b/c.txt")
        mock.get(re.compile(r"https://(?P<region>\w+)\.example\.com/(?P<rest>.*)")).respond_with(answer)
        by_httpx("GET", "https://eu.example.com/a%20b")
    assert got == [
        {
            "id": 7,
            "price": 1.5,
            "uid": UUID("0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa"),
            "day": date(2026, 11, 22),
            "kind": "abc",
            "name": "a/b/c",
        },
        {"region": "eu", "rest": "a b"},
    ]


@pytest.fixture
def pem(tmp_path: Path) -> str:
    """The certificates that the client trusts anyway, in a file of the test's own."""
    import certifi

    path = tmp_path / "bundle.pem"
    path.write_bytes(Path(certifi.where()).read_bytes())
    return str(path)


@pytest.mark.since(requests="2.32")
@pytest.mark.peer("Client options (timeout, verify, cert, proxy)")
def test_what_requests_was_told(pem: str) -> None:
    told: list[tuple[ClientAsked, dict[str, Any], str]] = [
        # asked, given to requests, the place that differs for requests without it
        ({"timeout": 5}, {"timeout": 5}, "client timeout"),
        ({"timeout": between(1, 9)}, {"timeout": (0.5, 7)}, "client timeout"),
        ({"verify": False}, {"verify": False}, "client verify"),
        ({"verify": pem}, {"verify": pem}, "client verify"),
        ({"cert": pem}, {"cert": pem}, "client cert"),
        ({"cert": (pem, pem)}, {"cert": (pem, pem)}, "client cert"),
        ({"proxy": "http://proxy.test:3128"}, {"proxies": {"https": "http://proxy.test:3128/"}}, "client proxy"),
        (
            {"proxy": "http://me:secret@proxy.test:1"},
            {"proxies": {"https": "http://me:secret@proxy.test:1"}},
            "client proxy",
        ),
    ]
    for asked, given, where in told:
        with lookalike.Api(base_url=BASE).mock() as mock, requests.Session() as session:
            session.trust_env = False
            route = mock.get("/x", client=asked).respond(204)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert session.get(f"{BASE}/x", **given).status_code == 204, asked
            mock.get("/y").respond()
            session.get(f"{BASE}/y")
            reasons = [reason for reason in explain(route, mock.calls.last.request) if reason.where != "path"]
            assert [reason.where for reason in reasons] == [where]
            assert "secret" not in str(reasons)


@pytest.mark.peer("Client options (timeout, verify, cert, proxy)")
@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_httpx_was_told(asynchronous: bool) -> None:
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("/x", client={"timeout": 4, "verify": True, "proxy": None}).respond(201)
        mock.get("/x", client={"timeout": None, "verify": False, "proxy": "http://me:pw@proxy.test:3128"}).respond(202)
        mock.get("/x", client={"verify": False, "proxy": "http://proxy.test:3128"}).respond(203)
        options: list[dict[str, Any]] = [
            {"timeout": 4},
            {"timeout": None, "verify": False, "proxy": "http://proxy.test:3128"},
        ]
        assert [_ask(asynchronous, one) for one in options] == [201, 203]
        for route in mock.routes:
            route.optional()


def _ask(asynchronous: bool, options: dict[str, Any]) -> int:
    if not asynchronous:
        with httpx.Client(**options, trust_env=False) as client:
            return client.get(f"{BASE}/x").status_code

    async def ask() -> int:
        async with httpx.AsyncClient(**options, trust_env=False) as client:
            return (await client.get(f"{BASE}/x")).status_code

    import asyncio

    return asyncio.run(ask())


def test_what_the_standard_library_was_told() -> None:
    import ssl
    import urllib.request

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("/x", client={"timeout": 3, "verify": True, "proxy": absent}).respond(text="plain")
        mock.get("/x", client={"verify": False, "proxy": "http://proxy.test:3128"}).respond(text="proxied")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({"https": "http://proxy.test:3128", "http": "http://proxy.test:3128"}),
            urllib.request.HTTPSHandler(context=context),
        )
        assert urllib.request.urlopen(f"{BASE}/x", timeout=3).read() == b"plain"
        assert opener.open(f"{BASE}/x").read() == b"proxied"
        mock.get("/x", client={"verify": None, "proxy": "http://proxy.test:3128"}).respond(text="forwarded")
        assert opener.open(f"{BASE.replace('https', 'http')}/x").read() == b"forwarded"


def test_a_connection_that_the_client_let_go_is_not_kept_by_the_journal() -> None:
    import gc

    from urllib3.connection import HTTPSConnection

    def connections() -> int:
        gc.collect()
        return sum(type(one) is HTTPSConnection for one in gc.get_objects())

    before = connections()
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("/x").respond()
        for _ in range(3):
            by_requests("GET", f"{BASE}/x")
        assert connections() == before
        assert mock.calls.last.request.options.verify is True


@pytest.mark.peer("Named mocks")
@pytest.mark.peer("Explicit priority")
def test_names_and_priorities() -> None:
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("/x", name="strong", priority=1).respond(201)
        mock.get("/x", name="newest").optional().respond(202)
        assert by_requests("GET", f"{BASE}/x") == 201
        assert [(route.name, route.called) for route in mock.routes] == [("strong", True), ("newest", False)]


@pytest.mark.peer("Call-count limit per mock")
@pytest.mark.peer("Optional mock flag")
def test_count_limits_and_optional_routes() -> None:
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("/x").respond(503).times(2).then.respond(200)
        mock.get("/never").respond().optional()
        assert [by_httpx("GET", f"{BASE}/x") for _ in range(4)] == [503, 503, 200, 200]
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.get("/x").respond().times(1)
        by_requests("GET", f"{BASE}/x")
        with pytest.raises(lookalike.UnmatchedRequest, match=r"times\s+expected 1 request"):
            by_requests("GET", f"{BASE}/x")
        mock.failures.clear()


async def _aiohttp_form(name: str) -> None:
    form = aiohttp.FormData()
    form.add_field("photo", b"PNG", filename=name, content_type="image/png")
    async with aiohttp.ClientSession() as session, session.post(f"{BASE}/x", data=form) as answer:
        assert answer.status == 200


UPLOADS: dict[str, Callable[[str], Any]] = {
    "requests": lambda name: requests.post(f"{BASE}/x", files={"photo": (name, b"PNG")}),
    "httpx": lambda name: httpx.post(f"{BASE}/x", files={"photo": (name, b"PNG")}),
    "aiohttp": lambda name: asyncio.run(_aiohttp_form(name)),
}


@pytest.mark.parametrize("client", UPLOADS)
@pytest.mark.parametrize("name", ["cat.png", "Kätzchen.png", 'a "cat".png', "100%25.png", "my cat.png"])
def test_a_file_s_name_is_what_the_client_was_told(client: str, name: str) -> None:
    """aiohttp percent-encodes it, the others only its quotes, as browsers do."""
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.post("/x", files={"photo": (name, b"PNG")}).respond()
        UPLOADS[client](name)
        with pytest.raises(lookalike.UnmatchedRequest, match="file photo name"):
            UPLOADS[client]("dog.png")
        mock.failures.clear()


@pytest.mark.parametrize("send", [requests.post, httpx.post])
def test_a_field_s_name_may_have_quotes(send: Any) -> None:
    with lookalike.Api(base_url=BASE).mock() as mock:
        mock.post("/x", files={'the "photo"': b"PNG"}).respond()
        assert send(f"{BASE}/x", files={'the "photo"': ("a.png", b"PNG")}).status_code == 200
