"""Conditions: `having(...)` with `&`, `|` and `~`, as a route's second value or as `where=`."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.double.conditions import Condition
from lookalike.double.match import explain
from lookalike.double.mock import MockDouble
from lookalike.double.route import Route
from lookalike.double.router import Router
from lookalike.errors import UnmatchedRequest, UsageError
from lookalike.match import ANY, absent, basic, between, exactly, having, including, matching
from lookalike.messages import Request, Response

BASE = "https://api.test"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def route_of(condition: Condition) -> Route:
    return MockDouble("api", BASE).post("/x", condition).respond()


def told(condition: Condition, request: Request) -> list[str]:
    return [str(one) for one in explain(route_of(condition), request)]


def post(query: str = "", headers: Any = (), content: bytes = b"") -> Request:
    return Request("POST", f"{BASE}/x{query}", headers, content)


TOLD: list[tuple[Condition, Request, list[str]]] = [
    (having(params={"a": 1}), post("?a=1"), []),
    (having(params={"a": 1}), post("?a=2"), ['query a: expected "1", got "2"']),
    (having(params={"a": 1}) & having(headers={"h": ANY}), post(),
     ['query a: expected "1", got missing', "header h: expected any value, got missing"]),
    (having(json={"a": 1}) | having(form={"a": "1"}), post(content=b'{"a":2}'),
     ['json.a: expected 1, got 2; or form a "1"']),
    (having(json={"a": 1}) | having(form={"a": "1"}), post("", FORM, b"a=2"),
     ['form a: expected "1", got "2"; or json {"a":1}']),
    (having(params={"a": 1, "b": 2}) | having(params={"c": 3}) | having(headers={"h": absent}), post("", {"h": "1"}),
     ['query c: expected "3", got missing; or query a "1" and query b "2" or header h nothing']),
    (~having(headers={"X-Debug": "1"}), post("", {"x-debug": "1"}),
     ['header X-Debug: expected anything but "1", got just that']),
    (~having(headers={"X-Debug": "1"}), post(), []),
    (~having(headers={"X-No": ANY}), post("", {"x-no": "1"}), ["header X-No: expected nothing, got just that"]),
    (~having(headers={"X-Debug": absent}), post(), ["header X-Debug: expected any value, got just that"]),
    (~having(json={"a": ANY}), post(content=b'{"a":1}'), ["json: expected anything but {'a': ANY}, got just that"]),
    (~having(params={"a": 1, "b": 2}), post("?a=1&b=2"),
     ['request: expected anything but query a "1" and query b "2", got just that']),
    (~(having(params={"a": 1}) | having(params={"b": 2})), post("?b=2"),
     ['request: expected anything but (query a "1" or query b "2"), got just that']),
    (~(having(params={"a": 1}) & ~having(params={"b": 2})), post("?a=1"),
     ['request: expected anything but query a "1" and anything but query b "2", got just that']),
    (having(where=lambda request: False) | having(scheme="http"), post(),
     ["where: expected <lambda> to be true, got False; or scheme http"]),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "request_", "reasons"), TOLD)
def test_what_a_condition_tells(condition: Condition, request_: Request, reasons: list[str]) -> None:
    assert told(condition, request_) == reasons


SECRET = "s3cret-t0ken-0123456789"
BASIC = b64encode(f"kim:{SECRET}".encode()).decode()
CREDENTIALS: list[tuple[Condition, Request]] = [
    (~having(headers={"Authorization": f"Bearer {SECRET}"}), post("", {"authorization": f"Bearer {SECRET}"})),
    (~having(auth=basic("kim", SECRET)), post("", {"authorization": f"Basic {BASIC}"})),
    (having(auth=basic("kim", SECRET)), post("", {"authorization": f"Bearer {SECRET}"})),
    (having(auth=basic("kim", "another")), post("", {"authorization": f"Basic {BASIC}"})),
    (having(auth=absent), post("", {"authorization": SECRET})),
    (
        ~having(json={"password": SECRET}, params={"access_token": SECRET}),
        post(f"?access_token={SECRET}", (), b'{"password":"%s"}' % SECRET.encode()),
    ),
    (having(params={"page": 1}) | having(headers={"X-Api-Key": SECRET}, cookies={"session": SECRET}), post()),
    (
        having(xml=f"<login><password>{SECRET}</password></login>"),
        post("", (), b"<login><password>x</password></login>"),
    ),
    (having(xml="<a password='x'/>"), post("", (), f"<a password='{SECRET}'/>".encode())),
    (having(client={"proxy": f"http://me:{SECRET}@proxy.test"}), post()),
]


@pytest.mark.parametrize(("condition", "request_"), CREDENTIALS)
def test_a_credential_in_a_condition_is_never_told(condition: Condition, request_: Request) -> None:
    double = MockDouble("api", BASE)
    double.post("/x", condition).respond()
    with pytest.raises(UnmatchedRequest) as caught:
        double.handle(request_)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(condition)
    assert BASIC not in str(caught.value)


def test_a_condition_goes_with_keywords_and_into_where() -> None:
    double = MockDouble("api", BASE)
    either = having(params={"a": 1}) | having(params={"b": 2})
    double.post("/x").respond(404)
    double.post("/x", either, headers={"h": "1"}).respond(201)
    double.post("/x", where=~either).respond(202)
    double.post("/x", either, where=lambda request: "c" in request.params).respond(203)
    double.route("*", "/x", either & having(headers={"h": "2"})).respond(204)
    asked = [("?a=1", "1"), ("", "1"), ("?b=2&c", "1"), ("?b=2", "2"), ("?b=2", "3")]
    assert [_status(double, post(query, {"h": header})) for query, header in asked] == [201, 202, 203, 204, 404]


def _status(double: MockDouble, request: Request) -> int:
    answer = double.handle(request)
    assert isinstance(answer, Response)
    return answer.status


def test_a_routers_route_takes_a_condition() -> None:
    router = Router()
    router.get("/x", ~having(params={"a": ANY})).respond(201)
    double = MockDouble("api", BASE)
    double.include(router)
    assert _status(double, Request("GET", f"{BASE}/x")) == 201
    with pytest.raises(UnmatchedRequest):
        double.handle(Request("GET", f"{BASE}/x?a=1"))


def test_what_is_asked_of_the_url_alone_is_decided_once_for_a_url() -> None:
    by_url = having(params={"a": 1}) | ~having(scheme="https")
    assert by_url.of_url
    assert by_url.pure
    assert not (by_url & having(headers={"h": "1"})).of_url
    assert not (by_url | having(where=lambda request: True)).pure
    assert not having(params={"a": lambda value: True}).of_url
    # Of conditions that all have to be met, each is decided for itself.
    route = route_of(having(params={"a": 1}) & having(headers={"h": "1"}))
    assert (len(route.of_url), len(route.of_message)) == (1, 1)


def test_a_newer_route_that_asks_the_same_shadows_the_older_one() -> None:
    def condition() -> Condition:
        return having(params={"a": matching("x")}) | ~having(json=including({"b": between(1, 2)}))

    double = MockDouble("api", BASE)
    double.post("/x", condition()).respond(201)
    double.post("/x", condition()).respond(202)
    assert _status(double, post("?a=x")) == 202
    double.finish()


MISUSES: list[tuple[Any, str]] = [
    (lambda m: having(), "having() asks for nothing"),
    (lambda m: having(params=None), "having() asks for nothing"),
    (
        lambda m: having(parms={"a": 1}),  # type: ignore[call-arg]  # wrong on purpose
        "having() has no keyword 'parms'; did you mean \"params\"?",
    ),
    (
        lambda m: having(timeout=5),  # type: ignore[call-arg]  # wrong on purpose
        "having() has no keyword 'timeout'; what the client was told is client=",
    ),
    (lambda m: having(params={"a": 1}) and having(params={"b": 1}), "combine conditions with &, | and ~"),
    (lambda m: not having(params={"a": 1}), "a condition is neither true nor false"),
    (
        lambda m: having(params={"a": 1}) | (lambda request: True),  # type: ignore[operator]  # wrong on purpose
        "a function goes into where=",
    ),
    (
        lambda m: having(params={"a": 1}) & {"b": 1},  # type: ignore[operator]  # wrong on purpose
        "having(...) is combined with having(...), not with {'b': 1}",
    ),
    (
        lambda m: m.post("/x", {"a": 1}),
        "a route's second value is a condition, having(...), not {'a': 1}; criteria are",
    ),
    (lambda m: m.post("/x", having(json=1), where=5), "where= takes a function of the request"),
    (lambda m: m.get("/x", query={"a": 1}), "has no keyword 'query'; a query is params={...}."),
    (lambda m: m.get("/x", timeout=5), 'what the client was told is client={"verify": False}'),
    (lambda m: m.post("/x", data={"a": 1}), "has no keyword 'data'; a body is json=..., form=..."),
    (lambda m: m.post("/x", headers=exactly({"a": "1"})), "each client adds headers of its own"),
    (lambda m: m.post("/x", params=matching("a")), "params= takes a dict of names and values"),
    (lambda m: m.post("/x?a=1", params=exactly({"b": "1"})), "params= takes a dict, not exactly"),
    (lambda m: m.post("/x", client={"timeuot": 1}), "client= has no option 'timeuot'. There are timeout, verify,"),
    (lambda m: m.post("/x", client=5), 'client= takes a dict, client={"timeout": 5, "verify": False}'),
    (lambda m: m.post("/x", client={"timeout": "5"}), "client['timeout'] is '5'; give a int or float"),
    (lambda m: m.post("/x", client={"timeout": True}), "client['timeout'] is True"),
    (lambda m: m.post("/x", client={"timeout": (2, 5)}), "(2, 5): a tuple is requests' (connect, read), and compared"),
    (lambda m: m.post("/x", client={"timeout": (2, 5)}), 'waits for an answer; write client={"timeout": 5}'),
    (lambda m: m.post("/x", json={}, form={}), "json= and form=: a request has one body, JSON or a form; keep one of"),
    (lambda m: m.post("/x", json=[1], xml="<a/>"), "json= and xml=: a request has one body, JSON or XML; keep one of"),
    (lambda m: m.post("/x", json={}, files={"a": b"b"}), "json= and files=: a request has one body"),
    (lambda m: m.post("/x", form={"a": 1}, xml="<a/>"), "form= and xml=: a request has one body, a form or XML"),
    (lambda m: m.post("/x", json=including({"a": 1}), form={"b": 1}), "json= and form=: a request has one body"),
    (lambda m: m.post("/x", json={"a": 1}, content=b"a=1"), "json= and content=: b'a=1' is no JSON, so no request has"),
    (lambda m: m.post("/x", json={"a": 1}, text="a"), "json= and text=: 'a' is no JSON"),
    (lambda m: m.post("/x", having(json={}, form={"b": 1})), "json= and form=: a request has one body"),
    (lambda m: m.get("/x", side_effect=1), "'side_effect'; it is declared on the route: .fail(exception), or .respond"),
    (lambda m: m.post("/x", client={"verify": 1}), "client['verify'] is 1; give a bool or str"),
    (lambda m: m.post("/x", auth="token"), 'auth= takes ("user", "password"), basic("user", ANY), bearer("token")'),
    (lambda m: m.post("/x", auth=("a", "b", "c")), "or absent, not tuple"),
    (lambda m: m.post("/x", auth=("a", 5)), "basic(): the password is a str or a matcher, not int"),
    (lambda m: m.post("/x", auth=("a:b", "c")), "a user name holds no colon (RFC 7617, section 2)"),
    (lambda m: m.post("/x", xml="<a>"), "xml='<a>': not XML: no element found"),
    (lambda m: m.post("/x", xml={"a": 1}), "xml= takes XML as text or bytes"),
    (lambda m: m.post("/x", xml="<!DOCTYPE a><a/>"), "a document type declaration, which is never read"),
    (lambda m: m.post("/x", text=b"x"), 'text= takes the text, including("a part of it"), a regular expression'),
    (lambda m: m.post("/x", text={"a": 1}), "text= takes the text"),
    (
        lambda m: m.post("/x", files={"a": ("n", b"", "t", 1)}),
        "is (file name, content) or (file name, content, content",
    ),
]


@pytest.mark.parametrize(("misuse", "said"), MISUSES)
def test_misuse_is_a_usage_error(misuse: Any, said: str) -> None:
    double = MockDouble("api", BASE)
    with pytest.raises(UsageError) as caught:
        misuse(double)
    assert said in str(caught.value)
    assert double.routes == ()


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(
        [
            having(params={"a": 1}),
            having(params=exactly({"a": 1})),
            having(headers={"h": matching("x+")}),
            having(headers={"h": absent}),
            having(json=including({"b": 1})),
            having(json={"b": int}),
            having(form={"b": "1"}),
            having(text=including("b")),
            having(scheme="https"),
            having(where=lambda request: request.json()["b"] == 1),
        ]
    ),
    lambda inner: (
        st.tuples(inner, inner).map(lambda two: two[0] & two[1])
        | st.tuples(inner, inner).map(lambda two: two[0] | two[1])
        | inner.map(lambda one: ~one)
    ),
    max_leaves=5,
)
REQUESTS = st.builds(
    lambda scheme, query, headers, content: Request("POST", f"{scheme}://api.test/x{query}", headers, content),
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", "?a=1", "?a=1&c=2", "?a=2"]),
    st.sampled_from([{}, {"h": "xx"}, {"h": "y"}]),
    st.sampled_from([b"", b'{"b":1}', b'{"b":1,"c":2}', b"b=1", b"[]"]),
)


def met(condition: Condition, request: Request) -> bool:
    return not list(condition.explain(request))


@given(CONDITIONS, CONDITIONS, REQUESTS)
def test_law_and_or_and_not_are_those_of_logic(one: Condition, other: Condition, request: Request) -> None:
    assert met(~one, request) is not met(one, request)
    assert met(~~one, request) is met(one, request)
    assert told(~~one, request) == told(one, request)
    assert met(one & other, request) is (met(one, request) and met(other, request))
    assert met(one | other, request) is (met(one, request) or met(other, request))
    assert met(~(one & other), request) is met(~one | ~other, request)
    assert met(~(one | other), request) is met(~one & ~other, request)


@given(CONDITIONS, REQUESTS)
def test_law_a_route_matches_exactly_where_nothing_is_explained(condition: Condition, request: Request) -> None:
    double = MockDouble("api", BASE)
    route = double.post("/x", condition).respond(201)
    reasons = explain(route, request)
    assert (reasons == []) is met(condition, request)
    if reasons:
        with pytest.raises(UnmatchedRequest):
            double.handle(request)
    else:
        assert _status(double, request) == 201
    assert all(reason.where and reason.expected and reason.got for reason in reasons)


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1", "2"])), st.lists(st.sampled_from("abc"), max_size=3)
)
def test_law_exactly_these_parameters_are_these_parameters(wanted: dict[str, str], names: list[str]) -> None:
    request = post("?" + "&".join(f"{name}=1" for name in names))
    whole, part = (MockDouble("api", BASE).post("/x", params=one) for one in (exactly(wanted), wanted))
    same = {name: request.params.get_all(name) for name in request.params} == {k: [v] for k, v in wanted.items()}
    assert (explain(whole, request) == []) is same
    if not explain(whole, request):
        assert explain(part, request) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"json": {"a": 1}, "content": b'{"a":1}'},
        {"json": {"a": 1}, "text": including("a")},
        {"form": {"a": "1"}, "files": {"b": ANY}},
        {"json": absent, "form": {"a": "1"}},
        {"json": ~including({"b": 1}), "form": {"a": "1"}},
    ],
    ids=lambda asked: " ".join(asked),
)
def test_criteria_that_one_body_may_fit_are_left_alone(asked: dict[str, Any]) -> None:
    assert MockDouble("api", BASE).post("/x", **asked).checks
