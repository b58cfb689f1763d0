"""Which requests a route matches: every criterion, with what fits, what doesn't, and the reason that is given."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lookalike.codec import encode_json
from lookalike.double.conditions import having
from lookalike.double.match import explain
from lookalike.double.matchers import ANY, absent, including, matching
from lookalike.double.mock import MockDouble
from lookalike.errors import UnmatchedRequest, UsageError
from lookalike.messages import Request, Response

BASE = "https://api.test"


def mock(base: str | None = BASE) -> MockDouble:
    return MockDouble("api", base)


def ask(double: MockDouble, method: str, url: str, headers: Any = (), content: bytes = b"") -> Response:
    if url.startswith("/"):
        url = BASE + url
    answer = double.handle(Request(method, url, headers, content))
    assert isinstance(answer, Response)
    return answer


ADDRESSES = [
    # declared, requested, matches
    ("/todos", "https://api.test/todos", True),
    ("/todos", "http://api.test/todos", True),
    ("/todos", "https://API.Test:443/todos", True),
    ("/todos", "http://api.test:443/todos", True),
    ("/todos", "https://api.test:8443/todos", False),
    ("/todos", "https://api.test/todos/", False),
    ("/todos/", "https://api.test/todos", False),
    ("/todos", "https://api.test/todos?page=2", True),
    ("/todos", "https://api.test/Todos", False),
    ("/", "https://api.test", True),
    ("/", "https://api.test?x=1", True),
    ("//edam/user", "https://api.test//edam/user", True),
    ("//edam/user", "https://api.test/edam/user", False),
    ("/a b", "https://api.test/a%20b", True),
    ("/a%20b", "https://api.test/a b", True),
    ("/a%2Fb", "https://api.test/a/b", False),
    ("/a%2Fb", "https://api.test/a%2fb", True),
    ("/100%", "https://api.test/100%25", True),
    ("/ä", "https://api.test/%C3%A4", True),
    ("/%FF", "https://api.test/%ff", True),
    ("/todos/{id}", "https://api.test/todos/1", True),
    ("/todos/{id}", "https://api.test/todos/a%2Fb", True),
    ("/todos/{id}", "https://api.test/todos/", False),
    ("/todos/{id}", "https://api.test/todos/1/", False),
    ("/todos/{id}", "https://api.test/todos/1/comments", False),
    ("/todos/{id}/", "https://api.test/todos/1/", True),
    ("/{a}/{b}", "https://api.test/x/y", True),
    ("/files/{name}.json", "https://api.test/files/report.json", True),
    ("/files/{name}.json", "https://api.test/files/.json", False),
    ("/files/{name}.json", "https://api.test/files/report.yaml", False),
    ("/{from}..{to}", "https://api.test/a..b", True),
    ("https://other.test/x", "https://other.test/x", True),
    ("https://other.test/x", "http://other.test:80/x", True),
    ("HTTPS://Other.TEST/x", "https://other.test/x", True),
    ("https://other.test/x", "https://api.test/x", False),
    ("https://other.test", "https://other.test/", True),
    ("https://other.test:8080/x", "https://other.test:8080/x", True),
    ("https://other.test:8080/x", "https://other.test/x", False),
    ("https://other.test/users/{id}", "https://other.test/users/7", True),
    ("https://{tenant}.saas.test/x", "https://acme.saas.test/x", True),
    ("https://{tenant}.saas.test/x", "https://a.b.saas.test/x", False),
    ("https://{tenant}.saas.test:8080/{id}", "https://acme.saas.test:8080/1", True),
    ("https://{tenant}.saas.test:443/{id}", "https://acme.saas.test/1", True),
    ("https://[::1]:8080/x", "http://[::1]:8080/x", True),
    ("https://[::1]:8080/x", "http://[::1]:9090/x", False),
    ("/todos?userId=1", "https://api.test/todos?userId=1&page=2", True),
    ("/todos?userId=1", "https://api.test/todos?userId=2", False),
    ("/todos?userId=1", "https://api.test/todos", False),
    ("/todos?id=1&id=2", "https://api.test/todos?id=1&id=2", True),
    ("/todos?id=1&id=2&id=3", "https://api.test/todos?id=1&id=2&id=3", True),
    ("/todos?id=1&id=2", "https://api.test/todos?id=1", False),
    ("/todos?q=", "https://api.test/todos?q=", True),
    ("/todos?q=a+b", "https://api.test/todos?q=a%20b", True),
]


@pytest.mark.parametrize(("declared", "requested", "matches"), ADDRESSES)
def test_address(declared: str, requested: str, matches: bool) -> None:
    double = mock()
    route = double.get(declared).respond()
    request = Request("GET", requested)
    assert (explain(route, request) == []) is matches
    if matches:
        assert double.handle(request) is route.fixed
    else:
        with pytest.raises(UnmatchedRequest):
            double.handle(request)


@pytest.mark.parametrize(
    ("declared", "requested", "matches"),
    [
        ("/todos", "https://api.test/v1/todos", True),
        ("/todos", "https://api.test/todos", False),
        ("/", "https://api.test/v1/", True),
        ("/todos/{id}", "https://api.test/v1/todos/3", True),
        ("https://api.test/v1/todos", "https://api.test/v1/todos", True),
        ("https://api.test/v2/todos", "https://api.test/v2/todos", True),
    ],
)
def test_the_base_urls_own_path_counts(declared: str, requested: str, matches: bool) -> None:
    double = mock("https://api.test/v1/")
    route = double.get(declared).respond()
    assert (explain(route, Request("GET", requested)) == []) is matches


def test_without_a_base_url_a_path_is_any_hosts() -> None:
    double = mock(None)
    double.get("/x").respond(201)
    assert ask(double, "GET", "https://one.test/x").status == 201
    assert ask(double, "GET", "http://two.test:99/x").status == 201
    assert double.covers("anything.test", 1)


def test_covers_its_own_host_and_those_of_its_routes() -> None:
    double = mock()
    double.get("https://other.test:8080/x").respond()
    double.get("https://{tenant}.saas.test/x").respond()
    covered = [("api.test", 443), ("api.test", 80), ("other.test", 8080), ("acme.saas.test", 443)]
    assert all(double.covers(*one) for one in covered)
    assert not any(double.covers(*one) for one in [("api.test", 81), ("other.test", 443), ("saas.test", 443)])


JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}

CRITERIA: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    # asked, request (target, headers, content), the reasons
    ({"params": {"page": 2}}, {"target": "?page=2&x=1"}, []),
    ({"params": {"page": 2.5}}, {"target": "?page=2.5"}, []),
    ({"params": {"page": "2"}}, {"target": "?page=3"}, ['query page: expected "2", got "3"']),
    ({"params": {"page": "2"}}, {"target": ""}, ['query page: expected "2", got missing']),
    ({"params": {"page": "2"}}, {"target": "?page=2&page=3"}, ['query page: expected "2", got ["2","3"]']),
    ({"params": {"id": [1, "2"]}}, {"target": "?id=1&id=2"}, []),
    ({"params": {"id": ["1", "2"]}}, {"target": "?id=1"}, ['query id: expected ["1","2"], got ["1"]']),
    ({"params": {"id": ["1", "2"]}}, {"target": "?id=1&id=3"}, ['query id: expected "2", got "3"']),
    ({"params": {"id": ["1"]}}, {"target": ""}, ['query id: expected ["1"], got missing']),
    ({"params": {"done": True}}, {"target": "?done=True"}, []),
    ({"params": {"done": True}}, {"target": "?done=true"}, []),
    ({"params": {"done": False}}, {"target": "?done=1"}, ['query done: expected "false", got "1"']),
    ({"params": {"done": [True, False]}}, {"target": "?done=1"},
     ['query done: expected [true, false], got ["1"]']),
    ({"params": {"page": None}}, {"target": ""}, []),
    ({"params": {"page": absent}}, {"target": "?page=1"}, ['query page: expected nothing, got "1"']),
    ({"params": {"page": ANY}}, {"target": "?page="}, []),
    ({"params": {"page": ANY}}, {"target": ""}, ["query page: expected any value, got missing"]),
    ({"params": {"page": matching(r"\d+")}}, {"target": "?page=12"}, []),
    ({"params": {"page": matching(r"\d+")}}, {"target": "?page=1a"},
     [r'query page: expected a string that \d+ matches, got "1a"']),
    ({"params": {"page": including("1")}}, {"target": "?page=313"}, []),
    ({"headers": {"X-Id": "7"}}, {"headers": {"x-id": "7", "other": "1"}}, []),
    ({"headers": {"x-id": 7}}, {"headers": {"X-ID": "7"}}, []),
    ({"headers": {"x-id": "7"}}, {"headers": {}}, ['header x-id: expected "7", got missing']),
    ({"headers": {"a": "1, 2"}}, {"headers": [("a", "1"), ("A", "2")]}, []),
    ({"headers": {"a": ["1", "2"]}}, {"headers": [("a", "1"), ("A", "2")]}, []),
    ({"headers": {"a": absent}}, {"headers": {}}, []),
    ({"headers": {"accept": matching("application/.*")}}, {"headers": {"accept": "application/json"}}, []),
    ({"cookies": {"s": "1"}}, {"headers": {"cookie": "a=2; s=1"}}, []),
    ({"cookies": {"s": "1"}}, {"headers": {"cookie": "a=2"}}, ['cookie s: expected "1", got missing']),
    ({"json": {"a": 1}}, {"content": b'{"a":1}'}, []),
    ({"json": {"a": 1}}, {"content": b'{ "a": 1.0 }'}, []),
    ({"json": {"a": 1}}, {"content": b'{"a":true}'}, ["json.a: expected 1, got true"]),
    ({"json": {"a": 1}}, {"content": b'{"a":1,"b":2}'}, ["json.b: expected no such key, got 2"]),
    ({"json": {"a": 1, "b": {"c": [1]}}}, {"content": b'{"b":{"c":[2,3]}}'},
     ["json.a: expected 1, got missing", "json.b.c: expected 1 item, got 2 items", "json.b.c[0]: expected 1, got 2",
      "json.b.c[1]: expected no such item, got 3"]),
    ({"json": {"odd key": 1}}, {"content": b'{"odd key":2}'}, ['json["odd key"]: expected 1, got 2']),
    ({"json": [1, 2]}, {"content": b"[2, 1]"}, ["json[0]: expected 1, got 2", "json[1]: expected 2, got 1"]),
    ({"json": (1, 2)}, {"content": b"[1,2]"}, []),
    ({"json": None}, {"content": b"null"}, []),
    ({"json": {}}, {"content": b""}, ["body: expected JSON, got no body"]),
    ({"json": {"id": 2**64 + 1}}, {"content": b'{"id": 18446744073709551617}'}, []),
    ({"json": {"id": ANY}}, {"content": b'{"id":null}'}, []),
    ({"json": {"id": ANY}}, {"content": b"{}"}, ["json.id: expected any value, got missing"]),
    ({"json": {"id": absent}}, {"content": b"{}"}, []),
    ({"json": {"id": absent}}, {"content": b'{"id":1}'}, ["json.id: expected nothing, got 1"]),
    ({"json": {"id": matching("c_.*")}}, {"content": b'{"id":"c_1"}'}, []),
    ({"json": including({"a": {"b": 1}})}, {"content": b'{"a":{"b":1,"c":2},"d":3}'}, []),
    ({"json": including({"a": [{"b": 1}]})}, {"content": b'{"a":[{"b":2},{"b":1,"c":2}]}'}, []),
    ({"json": including({"a": [{"b": 1}]})}, {"content": b'{"a":[{"b":2}]}'},
     ["json.a: expected an item like {\"b\":1}, got 1 item that doesn't fit"]),
    ({"json": including([1, 1])}, {"content": b"[1,2]"}, ["json: expected an item like 1, got 2 items that don't fit"]),
    ({"json": including([1])}, {"content": b"[]"}, ["json: expected an item like 1, got []"]),
    ({"json": {"a": including({"b": absent})}}, {"content": b'{"a":{}}'}, []),
    ({"json": {"a": including({"b": 1})}}, {"content": b"{}"},
     ['json.a: expected something with {"b":1}, got missing']),
    ({"json": including({"a": {"b": str}})}, {"content": b"{}"}, ["json.a: expected {'b': str}, got missing"]),
    ({"json": including({"a": str})}, {"content": b"{}"}, ["json.a: expected a string, got missing"]),
    ({"json": including([int])}, {"content": b"[]"}, ["json: expected an item like an integer, got []"]),
    ({"json": including("x")}, {"content": b'"axe"'}, []),
    ({"json": including("x")}, {"content": b'"a"'}, ['json: expected a text with "x" in it, got "a"']),
    ({"form": {"a": 1, "b": ["2", "3"]}}, {"headers": FORM, "content": b"a=1&b=2&b=3"}, []),
    ({"form": {"a": "1"}}, {"headers": FORM, "content": b"a=1&c="}, ['form c: expected no such field, got ""']),
    ({"form": {"a": "1"}}, {"headers": FORM, "content": b"a=2"}, ['form a: expected "1", got "2"']),
    ({"form": including({"a": "1"})}, {"headers": FORM, "content": b"a=1&c=4"}, []),
    ({"form": {"a": "1"}}, {"headers": JSON, "content": b'{"a":"1"}'}, ['form a: expected "1", got missing']),
    ({"content": b"\x00\x01"}, {"content": b"\x00\x01"}, []),
    ({"content": "text"}, {"content": b"text"}, []),
    ({"content": b"\x00"}, {"content": b""}, ['body: expected "\\u0000", got no body']),
    ({"content": b"x"}, {"content": b"\xff\xfe"}, ['body: expected "x", got 2 bytes that begin with ff fe']),
    ({"content": matching("a+")}, {"content": b"aaa"}, []),
    ({"content": including("needle")}, {"content": b"hay needle hay"}, []),
    ({"content": including(b"needle")}, {"content": b"hay"}, ['body: expected a text with "needle" in it, got "hay"']),
    ({"scheme": "https"}, {}, []),
    ({"scheme": "http"}, {}, ["scheme: expected http, got https"]),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "sent", "reasons"), CRITERIA)
def test_criteria(asked: dict[str, Any], sent: dict[str, Any], reasons: list[str]) -> None:
    double = mock()
    route = double.post("/x", **asked).respond(201)
    url = f"{BASE}/x{sent.get('target', '')}"
    request = Request("POST", url, sent.get("headers", ()), sent.get("content", b""))
    assert [str(reason) for reason in explain(route, request)] == reasons
    if reasons:
        with pytest.raises(UnmatchedRequest):
            double.handle(request)
    else:
        answer = double.handle(request)
        assert isinstance(answer, Response)
        assert answer.status == 201


def test_a_body_that_is_no_json_is_a_reason() -> None:
    route = mock().post("/x", json={"a": 1})
    (reason,) = explain(route, Request("POST", BASE + "/x", content=b"{oops"))
    assert (reason.where, reason.expected) == ("body", "JSON")
    assert "line 1, column 2" in reason.got


def test_a_gzipped_body_is_compared_decoded() -> None:
    import gzip

    double = mock()
    double.post("/x", json={"a": 1}, content=b'{"a":1}').respond(201)
    assert ask(double, "POST", "/x", {"content-encoding": "gzip"}, gzip.compress(b'{"a":1}')).status == 201


class Between:
    """An object of a user's own, as dirty-equals has them."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and self.low <= other <= self.high

    __hash__ = None  # type: ignore[assignment]  # unhashable on purpose

    def __repr__(self) -> str:
        return f"Between({self.low}, {self.high})"


def test_an_object_that_decides_by_equality_is_a_matcher() -> None:
    route = mock().post("/x", json={"n": Between(1, 3)}, params={"p": Between(1, 2)})
    assert explain(route, Request("POST", BASE + "/x?p=1", content=b'{"n":2}'))[0].where == "query p"
    reasons = explain(route, Request("POST", BASE + "/x?p=1", content=b'{"n":9}'))
    assert str(reasons[1]) == "json.n: expected Between(1, 3), got 9"


@pytest.mark.parametrize(
    ("kind", "fits", "words"),
    [
        (str, ["", "a"], "a string"),
        (int, [1, 1.0, -3], "an integer"),
        (float, [1, 1.5, -3], "a number"),
        (bool, [True, False], "a boolean"),
        (list, [[], [1]], "an array"),
        (dict, [{}, {"a": 1}], "an object"),
        (type(None), [None], "null"),
    ],
)
def test_types_stand_for_json_kinds(kind: type, fits: list[Any], words: str) -> None:
    from lookalike.codec import encode_json

    route = mock().post("/x", json={"v": kind})
    for value in ["", "a", 1, 1.0, -3, 1.5, True, False, [], [1], {}, {"a": 1}, None]:
        request = Request("POST", BASE + "/x", content=encode_json({"v": value}))
        expected_fit = any(isinstance(value, bool) == isinstance(one, bool) and value == one for one in fits)
        reasons = explain(route, request)
        assert (reasons == []) is expected_fit, value
        assert all(reason.expected == words for reason in reasons)


def test_where_takes_a_rule_of_the_tests_own() -> None:
    double = mock()
    route = double.post("/x", where=lambda request: request.json()["n"] > 3).respond(201)
    assert ask(double, "POST", "/x", content=b'{"n":4}').status == 201
    assert [str(one) for one in explain(route, Request("POST", BASE + "/x", content=b'{"n":1}'))] == [
        "where: expected <lambda> to be true, got False"
    ]
    # A rule that fails on a request doesn't match it, and says why.
    assert [str(one) for one in explain(route, Request("POST", BASE + "/x", content=b"{}"))] == [
        "where: expected <lambda> to be true, got KeyError: 'n'"
    ]


def multipart(parts: list[tuple[str, str | None, bytes]], boundary: str = "b0undary") -> tuple[dict[str, str], bytes]:
    body = b""
    for name, filename, content in parts:
        extra = f'; filename="{filename}"' if filename is not None else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return {"content-type": f"multipart/form-data; boundary={boundary}"}, body + f"--{boundary}--\r\n".encode()


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        ({"files": {"upload": b"\x00\r\n\xff"}}, []),
        ({"files": {"upload": ANY}}, []),
        ({"files": {"upload": ("a \"b\".bin", ANY)}}, []),
        ({"files": {"upload": ("c.bin", ANY)}}, ['file upload name: expected "c.bin", got "a \\"b\\".bin"']),
        ({"files": {"upload": "text"}}, ['file upload: expected "text", got 4 bytes that begin with 00 0d 0a ff']),
        ({"files": {}}, ["file upload: expected no such file, got 4 bytes"]),
        ({"files": including({})}, []),
        ({"files": including({"upload": b"\x00\r\n\xff"})}, []),
        ({"files": {"upload": ANY, "other": b"x"}}, ["file other: expected a file, got missing"]),
        ({"files": {"upload": ANY, "other": absent}}, []),
        ({"form": {"title": "Ünïcode"}}, []),
        ({"form": {"title": "x"}}, ['form title: expected "x", got "Ünïcode"']),
    ],
)  # fmt: skip
def test_multipart_forms(asked: dict[str, Any], reasons: list[str]) -> None:
    headers, content = multipart([("title", None, "Ünïcode".encode()), ("upload", 'a \\"b\\".bin', b"\x00\r\n\xff")])
    route = mock().post("/x", **asked)
    assert [str(one) for one in explain(route, Request("POST", BASE + "/x", headers, content))] == reasons


def test_multipart_as_requests_sends_it() -> None:
    sent = requests.Request(
        "POST", BASE + "/x", data={"title": "T"}, files={"upload": ("a.txt", b"one\r\n--two", "text/plain")}
    ).prepare()
    assert isinstance(sent.url, str)
    assert isinstance(sent.body, bytes)
    route = mock().post("/x", form={"title": "T"}, files={"upload": ("a.txt", b"one\r\n--two")})
    assert explain(route, Request("POST", sent.url, dict(sent.headers), sent.body)) == []


@pytest.mark.parametrize("content", [b"", b"junk", b"--b\r\nno blank line\r\n--b--"])
def test_a_broken_multipart_body_has_no_files(content: bytes) -> None:
    route = mock().post("/x", files={})
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert explain(route, Request("POST", BASE + "/x", headers, content)) == []
    assert explain(route, Request("POST", BASE + "/x", {"content-type": "text/plain"}, content)) == []


def test_the_newest_route_wins_unless_a_priority_says_otherwise() -> None:
    double = mock()
    double.get("/x", priority=1).respond(201)
    double.get("/x").respond(202)
    assert ask(double, "GET", "/x").status == 201
    double.get("/{any}", priority=1).respond(203)
    assert ask(double, "GET", "/x").status == 203
    double.get("/x", params={"a": 1}, priority=2).respond(204)
    assert ask(double, "GET", "/x").status == 203
    assert ask(double, "GET", "/x?a=1").status == 204


def test_any_method() -> None:
    double = mock()
    double.route("*", "/x").respond(201)
    double.get("/x").respond(202)
    double.route("propfind", "/x").respond(207)
    assert [ask(double, method, "/x").status for method in ("GET", "POST", "PROPFIND")] == [202, 201, 207]


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_verbs(verb: str) -> None:
    double = mock()
    getattr(double, verb)("/x").respond(201)
    assert ask(double, verb.upper(), "/x").status == 201
    with pytest.raises(UnmatchedRequest):
        ask(double, "TRACE", "/x")


@pytest.mark.parametrize("base", [BASE, None])
def test_among_many_routes_each_request_finds_its_own(base: str | None) -> None:
    double = mock(base)
    for at in range(300):
        double.get(f"/a/{at}").respond(json=["literal", at])
        double.get(f"/b{at}/{{id}}").respond(json=["template", at])
        double.get(f"https://h{at}.test/x").respond(json=["host", at])
    for at in (0, 150, 299):
        assert ask(double, "GET", f"/a/{at}").json() == ["literal", at]
        assert ask(double, "GET", f"/b{at}/7").json() == ["template", at]
        assert ask(double, "GET", f"https://h{at}.test/x").json() == ["host", at]


def test_more_different_urls_than_are_remembered() -> None:
    double = mock()
    route = double.get("/{id}").respond()
    for at in range(5000):
        double.handle(Request("GET", f"{BASE}/{at}"))
    assert route.call_count == 5000


@given(st.lists(st.text(min_size=1).filter(lambda text: text not in (".", "..")), min_size=1, max_size=4))
def test_law_a_path_matches_itself_however_it_is_encoded(segments: list[str]) -> None:
    segments = [one.encode("utf-8", "ignore").decode() or "x" for one in segments]
    encoded = "/" + "/".join(quote(one, safe="") for one in segments)
    double = mock()
    route = double.get(encoded).respond()
    shouted = "/" + "/".join("".join(f"%{byte:02X}" for byte in one.encode()) for one in segments)
    for path in (encoded, shouted):
        assert ask(double, "GET", BASE + path) is route.fixed
    template = "/" + "/".join(f"{{p{at}}}" for at in range(len(segments)))
    other = double.get(template, priority=1).respond()
    request = Request("GET", BASE + shouted)
    assert double.handle(request) is other.fixed
    assert list(other.path_parameters(request).values()) == segments


SEGMENTS = ["a", "b", "{x}", "{y}.a", "b.a", "", "7", "{n:int}", "{p:path}"]
NAMES = ("{x}", "{y}", "{n", "{p")
REGEXES = [re.compile("/[a-c]"), re.compile("/.*"), re.compile(r"https?://[a-z.]+\.test(:81)?/.*a")]
PATHS = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
HOSTS = st.sampled_from(["", "", "*", BASE, "http://other.test:81", "https://{t}.test"])


@st.composite
def declarations(draw: st.DrawFn) -> tuple[str, Any, int, dict[str, Any]]:
    path: Any = draw(HOSTS) + draw(PATHS.filter(lambda path: all(path.count(name) < 2 for name in NAMES)))
    path = draw(st.sampled_from(REGEXES)) if draw(st.integers(0, 5)) == 0 else path
    not_debug = ~having(params={"q": 1}) | having(headers={"h": ANY})
    asked: dict[str, Any] = draw(
        st.sampled_from([{}, {}, {"params": {"q": 1}}, {"headers": {"h": absent}}, {"where": not_debug}])
    )
    return draw(st.sampled_from(["GET", "POST", "*"])), path, draw(st.sampled_from([0, 0, 0, 1, -1])), asked


@given(
    st.lists(declarations(), max_size=8),
    st.lists(
        st.tuples(
            st.sampled_from(["GET", "POST", "PUT"]),
            st.sampled_from([BASE, "http://other.test:81", "https://x.test", "https://a.b.test"]),
            PATHS.map(lambda path: path.format(x="c", y="%62", n=7, p="a/b") if ":" not in path else "/a/7/b"),
            st.sampled_from(["", "?q=1"]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_law_the_index_finds_what_explaining_every_route_finds(
    declared: list[tuple[str, Any, int, dict[str, Any]]], asked: list[tuple[str, str, str, str]], home: bool
) -> None:
    double = mock() if home else mock(None)
    routes = [
        double.route(method, path, priority=priority, **more).respond() for method, path, priority, more in declared
    ]
    for method, host, path, query in asked:
        request = Request(method, host + path + query)
        fitting = [route for route in routes if not explain(route, request)]
        if fitting:
            winner = max(fitting, key=lambda route: (route.priority, routes.index(route)))
            assert double.handle(request) is winner.fixed
        else:
            with pytest.raises(UnmatchedRequest):
                double.handle(request)


def deep(levels: int) -> Any:
    value: Any = {}
    for at in range(levels):
        value = [value] if at % 2 else {"a": value}
    return value


def test_a_value_of_many_levels_is_compared() -> None:
    double = mock()
    double.post("/x", json=deep(200)).respond(204)
    sent = encode_json(deep(200))
    assert ask(double, "POST", "/x", content=sent).status == 204
    with pytest.raises(UnmatchedRequest):
        ask(double, "POST", "/x", content=encode_json(deep(199)))


MISUSES: list[tuple[Any, str]] = [
    (lambda m: m.patch("sky.place", return_value=1), "unittest.mock.patch('sky.place')"),
    (
        lambda m: m.get("/p/<int:id>"),
        "'<int:id>' is no parameter here; one is written as {name}, mock.get(\"/p/{id:int}\")",
    ),
    (lambda m: m.get("/p/<id>/q"), 'mock.get("/p/{id}/q")'),
    (lambda m: m.get("https://a.test/:one/<x>?y=:z"), 'mock.get("https://a.test/{one}/{x}?y=:z")'),
    (lambda m: m.route("GET", "/p/:id"), 'mock.route("GET", "/p/{id}") (a literal colon is %3A)'),
    (lambda m: m.patch("services.get_todos"), "unittest.mock.patch('services.get_todos')"),
    (lambda m: m.get("todos/1"), 'right: mock.get("/todos/1")'),
    (lambda m: m.get("services.get_todos"), 'right: mock.get("/todos/1")'),
    (lambda m: m.get(""), 'right: mock.get("/todos/1")'),
    (lambda m: m.get(7), "mock.get(7): a route's path begins with / or is an absolute URL."),
    (lambda m: m.get("ftp://x.test/a"), "begins with / or is an absolute URL"),
    (lambda m: m.get("/x#top"), "what follows # is never sent"),
    (lambda m: m.get("/{}"), "'{}' is not a template"),
    (lambda m: m.get("/{id"), "'{id' is not a template"),
    (lambda m: m.get("/id}"), "'id}' is not a template"),
    (lambda m: m.get("/{id}/{id}"), "a name of its own"),
    (lambda m: m.get("https:///x"), "is not an absolute http or https URL"),
    (
        lambda m: m.get("/x", param={}),
        "mock.get('/x') has no keyword 'param'; did you mean \"params\"? There are params, headers,",
    ),
    (lambda m: m.get("/x", status=404), "; a reply is declared on the route: .respond(...)."),
    (lambda m: m.get("/x", xyzzy=1), "There are params, headers, cookies"),
    (lambda m: m.get("/x", params=[1]), 'params= takes a dict of names and values, params={"name": "value"}'),
    (lambda m: m.get("/x?a=1", params=[1]), "params= takes a dict"),
    (lambda m: m.get("/x?a=1", params={"a": 2}), "'a' is in the path and in params="),
    (lambda m: m.get("/x", params={"a": {"b": 1}}), "params['a'] is {'b': 1}, which no text fits"),
    (lambda m: m.get("/x", headers={"a": {1}}), "where=lambda request: ..."),
    (
        lambda m: m.get("/x", params={"a": list}),
        "params['a']: an array never comes as text; write str, bool, int, float",
    ),
    (lambda m: m.get("/x", params={"a": Request}), "which no text fits"),
    (lambda m: m.get("/x", headers={"a": b"x"}), "headers['a'] is b'x'"),
    (lambda m: m.post("/x", json={"a": {1, 2}}), "json.a: a set is never in JSON"),
    (lambda m: m.post("/x", json=[Request]), "json[0]: the type Request is never in JSON"),
    (lambda m: m.post("/x", json=deep(201)), "json: a value nested deeper than 200 levels"),
    (lambda m: m.post("/x", json=deep(5000)), "json: a value nested deeper than 200 levels"),
    (lambda m: m.post("/x", json=including({"a": deep(1000)})), "including: a value nested deeper than 200 levels"),
    (lambda m: m.post("/x", content=7), "content takes bytes, text or a matcher, not 7"),
    (lambda m: m.post("/x", files=[1]), "files= takes a dict"),
    (lambda m: m.post("/x", files={"a": io.BytesIO()}), "files['a'] is an open file"),
    (lambda m: m.post("/x", where=True), "where= takes a function of the request"),
    (lambda m: m.post("/x", scheme="ftp"), 'scheme= is "http" or "https", not \'ftp\''),
    (lambda m: m.post("/x", name=7), "name= is a str and priority= an int"),
    (lambda m: m.post("/x", priority="high"), "name= is a str and priority= an int"),
    (lambda m: m.route("GET /x", "/x"), "a method is a word"),
    (lambda m: m.route("GET", "todos"), 'right: mock.route("GET", "/todos") or mock.route("GET", "https://api.'),
    (lambda m: m.route("GET", "/x", param=1), "mock.route(\"GET\", '/x') has no keyword 'param'"),
    (lambda m: m.route(None, "/x"), "a method is a word"),
    (lambda m: matching("("), "not a regular expression"),
]


@pytest.mark.parametrize(("misuse", "told"), MISUSES)
def test_misuse_is_a_usage_error_that_says_how(misuse: Any, told: str) -> None:
    double = mock()
    with pytest.raises(UsageError) as caught:
        misuse(double)
    assert told in str(caught.value)
    assert double.routes == ()


def test_the_patch_that_was_meant_for_unittest() -> None:
    with pytest.raises(UsageError) as caught:
        mock().patch("services.get_todos")
    assert str(caught.value) == (
        "mock.patch('services.get_todos'): a route's path begins with / or is an absolute URL.\n"
        "  wrong: mock.patch('services.get_todos')\n"
        '  right: mock.patch("/todos/1")   declares the answer to an HTTP PATCH\n'
        "  right: unittest.mock.patch('services.get_todos')   replaces a Python object, if that was meant"
    )


@pytest.mark.parametrize("path", ["/places:search", "/a/b:c", "/time/12:30", "/x/:8080", "/a?b=:c", "/a<b"])
def test_a_colon_that_is_no_parameter_stays(path: str) -> None:
    double = mock()
    double.get(path).respond()
    assert ask(double, "GET", path).status == 200
