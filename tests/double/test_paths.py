"""Paths: converters, several segments, regular expressions, any host; and how contracts still find the operation."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike import Api
from lookalike.double.match import explain
from lookalike.double.mock import MockDouble
from lookalike.double.router import Router
from lookalike.double.template import PathPattern, segments_of
from lookalike.errors import ContractViolation, UnmatchedRequest, UsageError
from lookalike.messages import Request, Response

BASE = "https://api.test"
UID = "0c7f1ac2-31d5-4d5e-9b1f-5fa1e2c1f0aa"

PATHS: list[tuple[str, str, dict[str, Any] | None]] = [
    # declared, requested, the parameters; None where it doesn't match
    ("/t/{id:int}", "/t/7", {"id": 7}),
    ("/t/{id:int}", "/t/-7", {"id": -7}),
    ("/t/{id:int}", "/t/007", {"id": 7}),
    ("/t/{id:int}", "/t/7.0", None),
    ("/t/{id:int}", "/t/seven", None),
    ("/t/{id:int}", "/t/%D9%A1", None),
    ("/t/{id:int}", "/t/", None),
    ("/t/{id:str}", "/t/7", {"id": "7"}),
    ("/t/v{n:int}.json", "/t/v12.json", {"n": 12}),
    ("/t/{x:float}", "/t/1.5", {"x": 1.5}),
    ("/t/{x:float}", "/t/-2", {"x": -2.0}),
    ("/t/{x:float}", "/t/nan", None),
    ("/t/{id:uuid}", f"/t/{UID.upper()}", {"id": UUID(UID)}),
    ("/t/{id:uuid}", f"/t/{UID.replace('-', '')}", None),
    ("/t/{day:date}", "/t/2026-02-28", {"day": date(2026, 2, 28)}),
    ("/t/{day:date}", "/t/2026-02-31", None),
    ("/t/{a:date}..{b:date}", "/t/2026-01-01..2026-02-01", {"a": date(2026, 1, 1), "b": date(2026, 2, 1)}),
    ("/t/{p:path}", "/t/a", {"p": "a"}),
    ("/t/{p:path}", "/t/a/b%2Fc/d%20e", {"p": "a/b/c/d e"}),
    ("/t/{p:path}", "/t/a/", {"p": "a/"}),
    ("/t/{p:path}", "/t//a", {"p": "/a"}),
    ("/t/{p:path}", "/t/", None),
    ("/t/{p:path}", "/t", None),
    ("/{p:path}", "/a/b", {"p": "a/b"}),
    ("/{a}/{p:path}/{z:int}", "/x/y/z/1", {"a": "x", "p": "y/z", "z": 1}),
    ("/{a}/{p:path}/{z:int}", "/x/1", None),
    ("/{a}/{p:path}/end", "/x/y/z/END", None),
    ("/files/{p:path}.csv", "/files/a/b.csv", {"p": "a/b"}),
    ("/files/{p:path}.csv", "/files/.csv", None),
    ("/t/{id:re:[a-z]+}", "/t/abc", {"id": "abc"}),
    ("/t/{id:re:[a-z]+}", "/t/aBc", None),
    (r"/t/{id:re:[A-Z]{2}\d{2,3}}", "/t/AB123", {"id": "AB123"}),
    (r"/t/{id:re:[A-Z]{2}\d{2,3}}", "/t/AB1", None),
    ("/t/{id:re:[^/?#]+}/x", "/t/a/x", {"id": "a"}),
    ("/t/{id:re:(a|b)(?P<more>c)?}", "/t/bc", {"id": "bc"}),
    (r"/t/{id:re:\(x\)}", "/t/(x)", {"id": "(x)"}),
    ("/t/{id:re:(?i:abc)}", "/t/ABC", {"id": "ABC"}),
    ("/t/{id:re:a?b}?page=2", "/t/b?page=2", {"id": "b"}),
    ("/t/{id:re:a?b}?page=2", "/t/b?page=3", None),
    ("https://{region}.api.test/{id:int}", "https://eu.api.test/7", {"id": 7}),
    ("https://api.test/{id:int}", "/7", {"id": 7}),
    ("*/t/{id:int}", "http://anything.test:8080/t/3", {"id": 3}),
    ("*/t/{id:int}", "/t/3", {"id": 3}),
    ("*/t?a=1", "/t?a=1&b=2", {}),
    ("*/t?a=1", "/t?a=2", None),
    ("*/", "http://x.test", {}),
]


@pytest.mark.parametrize(("declared", "requested", "values"), PATHS)
def test_templates(declared: str, requested: str, values: dict[str, Any] | None) -> None:
    check(declared, requested, values)


def check(declared: Any, requested: str, values: dict[str, Any] | None, base: str = BASE) -> None:
    double = MockDouble("api", base)
    got: list[dict[str, Any]] = []

    def answer(request: Request, **named: Any) -> int:
        got.append(named)
        return 1

    route = double.get(declared).respond_with(answer)
    request = Request("GET", requested if "://" in requested else BASE + requested)
    assert (explain(route, request) == []) is (values is not None)
    if values is None:
        with pytest.raises(UnmatchedRequest):
            double.handle(request)
        return
    double.handle(request)
    assert got == [values]
    assert [type(one) for one in got[0].values()] == [type(one) for one in values.values()]


REGEXES: list[tuple[Any, str, dict[str, Any] | None]] = [
    (re.compile(r"/t/\d+"), "/t/12", {}),
    (re.compile(r"/t/\d+"), "/t/12?page=2", {}),
    (re.compile(r"/t/\d+"), "/t/12b", None),
    (re.compile(r"/t/\d+"), "http://api.test/t/12", {}),
    (re.compile(r"/t/\d+"), "https://other.test/t/12", None),
    (re.compile(r"^/t/(?P<id>\d+)$"), "/t/12", {"id": "12"}),
    (re.compile(r"/t/(?P<id>\d+)(/(?P<more>.+))?"), "/t/12", {"id": "12"}),
    (re.compile(r"/t\?page=(?P<page>\d+)"), "/t?page=7", {"page": "7"}),
    (re.compile(r"/t\?page=\d+"), "/t", None),
    (re.compile("/ä b"), "/%C3%A4%20b", {}),
    (re.compile("(?i)/T"), "/t", {}),
    (re.compile("/T", re.IGNORECASE), "/t", {}),
    (re.compile(".*"), "/any/thing", {}),
    (re.compile(r"(/a|/b)/c"), "/b/c", {}),
    (re.compile(r"https://api\.test/t/\d+"), "/t/12?x=1", {}),
    (re.compile(r"https?://[a-z]+\.test/t"), "http://other.test/t", {}),
    (re.compile(r"https?://[a-z]+\.test/t"), "http://other.test:8080/t", None),
    (re.compile(r"https?://[a-z]+\.test:8080/t"), "http://other.test:8080/t", {}),
    (re.compile(r"https://(?P<host>[^/]+)/t"), "https://any.where.test/t", {"host": "any.where.test"}),
    (re.compile(r"^https?://.*/t\?a=1$"), "https://x.test/t?a=1", {}),
    (re.compile("http.*"), "https://x.test/y", {}),
    (re.compile(r"https://\[::1\]/t"), "https://[::1]/t", {}),
]


@pytest.mark.parametrize(("declared", "requested", "values"), REGEXES)
def test_regular_expressions(declared: Any, requested: str, values: dict[str, Any] | None) -> None:
    check(declared, requested, values)


@pytest.mark.parametrize(
    ("requested", "values"),
    [("/v1/t/1", {}), ("/t/1", None), ("/v1t/1", None), ("/v2/t/1", None)],
)
def test_a_regular_expression_is_below_the_base_url(requested: str, values: dict[str, Any] | None) -> None:
    check(re.compile(r"/t/\d"), requested, values, base=f"{BASE}/v1")


def test_the_root_below_a_base_url_with_a_path() -> None:
    check(re.compile("/"), "/v1", {}, base=f"{BASE}/v1")


def test_which_hosts_a_regular_expression_makes_the_mock_answer_for() -> None:
    double = MockDouble("api", BASE)
    double.get(re.compile(r"https://[a-z]+\.saas\.test/x")).respond()
    double.get(re.compile(r"https://other\.test:443/x")).respond()
    double.get(re.compile(r"https://(?P<any>.*)/x")).respond()
    double.get(re.compile(r"https://[/]+x")).respond()
    double.get("*/x").respond()
    assert [double.covers(host, 443) for host in ("acme.saas.test", "other.test", "third.test")] == [True, True, False]


def test_the_words_of_a_path_that_does_not_match() -> None:
    double = MockDouble("api", f"{BASE}/v1")
    routes = [
        double.get("/t/{id:int}"),
        double.get(re.compile(r"/t/\d+")),
        double.get(re.compile(r"https://b\.test/x")),
    ]
    told = [[str(one) for one in explain(route, Request("GET", f"{BASE}/v1/t/x"))] for route in routes]
    assert told == [
        ['path: expected /t/{id:int}, got /t/x; "x" is no integer'],
        [r"path: expected /t/\d+, got /t/x"],
        [r"host: expected b\.test, got api.test", r"path: expected https://b\.test/x, got /v1/t/x"],
    ]
    assert [route.label for route in routes] == [r"GET /t/{id:int}", r"GET /t/\d+", r"GET https://b\.test/x"]


MISUSES: list[tuple[Any, str]] = [
    ("/t/{id:itn}", '{id:itn} has no such converter; did you mean "int"? There are {id:str}, {id:int}, {id:float}, '),
    ("/t/{id:xyz}", "{id:xyz} has no such converter. There are"),
    ("/t/{:int}", "{:int} has no such converter"),
    ("/t/{id:re:(}", "'(' is not a regular expression that can stand here"),
    ("/t/{id:re:(?i)x}", "is not a regular expression that can stand here"),
    ("/t/{id:re:[a-z}", "is not a regular expression that can stand here"),
    ("/t/{a:path}/{b:path}", "only one parameter of a template may be a {name:path}"),
    ("/t/{a:path}{b:path}", "only one parameter of a template may be a {name:path}"),
    ("/t/{a{b}}", "'{a{b}}' is not a template"),
    ("/t/{a:int}/{a}", "each parameter of a path template needs a name of its own"),
    ("/t/<uuid:id>", 'mock.get("/t/{id:uuid}")'),
    ("/t/<string:id>", 'mock.get("/t/{id}")'),
    ("*", "a route's path begins with / or is an absolute URL"),
    ("*.test/x", "a route's path begins with / or is an absolute URL"),
    (re.compile(b"/x"), "the expression is of bytes"),
    (re.compile("todos"), 'mock.get(re.compile(r"/.*todos"))'),
]


@pytest.mark.parametrize(("path", "told"), MISUSES)
def test_misuse_is_a_usage_error(path: Any, told: str) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError) as caught:
        double.get(path)
    assert told in str(caught.value)
    assert double.routes == ()


SHADOWING: list[tuple[Any, Any, bool]] = [
    # older, newer, whether the newer one takes all that the older one would
    ("/t/{id:int}", "/t/{key}", True),
    ("/t/{id:int}", "/t/{n:int}", True),
    ("/t/{id:int}", "/t/{n:float}", True),
    ("/t/{id:uuid}", "/{p:path}", True),
    ("/t/{p:path}", "/t/{q:path}", True),
    ("/t/{id:re:[a-z]+}", "/t/{x:re:[a-z]+}", True),
    ("/t/{id:re:[a-z]+}", "/t/{x}", True),
    (re.compile("/t/[a-z]+"), re.compile("/t/[a-z]+"), True),
    (re.compile("/t/[a-z]+"), "/{rest}", True),
    ("*/t", "*/t", True),
    ("/t/{id}", "/t/{id:int}", False),
    ("/t/{id:int}", "/t/7", False),
    ("/t/{p:path}", "/t/{p}", False),
    ("/t/{id:int}", "/t/{id:uuid}", False),
    ("/t/{id:re:[a-z]+}", "/t/{id:re:[a-y]+}", False),
    (re.compile("/t/[a-z]+"), re.compile("/t/[a-z]+", re.IGNORECASE), False),
    (re.compile("/t/[a-z]+"), "/t/{id}", False),
]


@pytest.mark.parametrize(("older", "newer", "takes_all"), SHADOWING)
def test_a_route_that_a_newer_one_shadows_is_not_unused(older: Any, newer: Any, takes_all: bool) -> None:
    double = MockDouble("api", BASE)
    first, second = double.get(older).respond(), double.get(newer).respond()
    assert (second in double.strongest(first)) is takes_all


def test_contracts_find_the_operation_of_a_converted_path() -> None:
    with Api("jsonplaceholder").mock() as mock:
        with pytest.raises(ContractViolation, match=r"json\.title"):
            mock.get("/todos/{id:int}").respond(json={"userId": 1, "id": 1, "completed": True})
        completed = mock.get("/todos/{id:int}").respond_like(json={"completed": True}).optional()
        assert completed.target.relative == "/todos/{id}"
        assert completed.replies[0].response is not None
        assert set(completed.replies[0].response.json()) == {"userId", "id", "title", "completed"}


def test_a_regular_expression_is_held_to_the_contract_of_what_is_asked() -> None:
    home = "https://jsonplaceholder.typicode.com"
    todo = {"userId": 1, "id": 1, "title": "Tea", "completed": False}
    with Api("jsonplaceholder").mock() as mock:
        mock.get(re.compile(r"/(todos|posts)/\d+")).respond(json=todo)
        answer = mock.handle(Request("GET", f"{home}/todos/1"))
        assert isinstance(answer, Response)
        with pytest.raises(ContractViolation, match=r"json\.completed"):
            mock.handle(Request("GET", f"{home}/posts/1"))
        mock.failures.clear()
        with pytest.raises(UsageError, match="no contract here supplies"):
            mock.get(re.compile("/todos")).respond_like()


def test_a_routers_prefix_is_in_front_of_regular_expressions_too() -> None:
    router = Router(prefix="/v2")
    router.get(re.compile(r"^/t/\d+")).respond(201)
    router.get(re.compile(r"https://other\.test/x")).respond(202)
    router.get("/t/{p:path}").respond(203)
    double = MockDouble("api", BASE)
    double.include(router)
    urls = (f"{BASE}/v2/t/7", "https://other.test/x", f"{BASE}/v2/t/a/b")
    assert [getattr(double.handle(Request("GET", url)), "status", 0) for url in urls] == [203, 202, 203]
    with pytest.raises(UnmatchedRequest):
        double.handle(Request("GET", f"{BASE}/t/7"))


SEGMENT = st.text(min_size=1, max_size=5).filter(lambda text: text not in (".", ".."))


@given(st.lists(SEGMENT, min_size=1, max_size=4), st.integers(0, 3))
def test_law_a_path_parameter_gives_back_what_was_asked(segments: list[str], at: int) -> None:
    segments = [one.encode("utf-8", "ignore").decode() or "x" for one in segments]
    front, rest = segments[: min(at, len(segments) - 1)], segments[min(at, len(segments) - 1) :]
    template = "/" + "".join(f"{quote(one, safe='')}/" for one in front) + "{rest:path}"
    path = "/" + "/".join(quote(one, safe="") for one in segments)
    assert PathPattern(template).match(segments_of(path)) == {"rest": "/".join(rest)}


@given(st.integers(), st.dates(), st.uuids())
def test_law_converters_give_back_the_value(number: int, day: date, uid: UUID) -> None:
    got = PathPattern("/{n:int}/{d:date}/{u:uuid}").match([str(number), str(day), str(uid)])
    assert got == {"n": number, "d": day, "u": uid}
