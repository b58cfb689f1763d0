"""The text of a miss, to the letter."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lookalike.double.matchers import including
from lookalike.double.mock import MockDouble
from lookalike.errors import UnmatchedRequest
from lookalike.messages import Request

BASE = "https://api.test"


def miss(double: MockDouble, method: str, url: str, headers: Any = (), content: bytes = b"") -> str:
    with pytest.raises(UnmatchedRequest) as caught:
        double.handle(Request(method, url if "://" in url else BASE + url, headers, content))
    assert double.failures[-1] is caught.value
    assert double.calls.last.request.method == method
    assert double.calls.last.response is None
    return str(caught.value)


def test_the_example_of_the_design() -> None:
    double = MockDouble("api", BASE)
    double.get("/users/{id}").respond()
    double.post("/orders").respond()
    users = double.post("/users", json={"name": str, "age": int}, name="users.create").respond(201)
    assert miss(double, "POST", "/users", content=b'{"name": null}') == (
        "POST https://api.test/users matches none of 3 routes.\n"
        "\n"
        f"Nearest: POST /users   (users.create, declared at {users.declared_at})\n"
        "  json.name    expected a string    got null\n"
        "  json.age     expected an integer  missing\n"
        "Others:\n"
        "  GET  /users/{id}    method: expected GET, got POST\n"
        "  POST /orders        path: expected /orders, got /users\n"
        "\n"
        f"Next: change the route at {users.declared_at} or the code's request, "
        'or declare mock.post("/users", json={"name": None}).respond(...)'
    )


def test_the_place_is_relative_to_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = Path(__file__)
    monkeypatch.chdir(here.parent.parent)
    route = MockDouble("api", BASE).get("/x")
    line = route.place.line
    assert route.declared_at == f"double/test_miss.py:{line}"
    assert "MockDouble" in here.read_text().splitlines()[line - 1]
    monkeypatch.chdir(tmp_path)
    assert route.declared_at == f"{str(here).replace(os.sep, '/')}:{line}"


def test_no_routes_at_all() -> None:
    assert miss(MockDouble("api", BASE), "GET", "/todos?x=1") == (
        "GET https://api.test/todos?x=1 matches no route: none is declared.\n"
        "\n"
        'Next: declare mock.get("/todos", params={"x": "1"}).respond(...)'
    )


@pytest.mark.parametrize(
    ("method", "url", "declaration"),
    [
        ("GET", "https://other.test/a?b=1", 'mock.get("https://other.test/a", params={"b": "1"}).respond(...)'),
        ("PROPFIND", "/a", 'mock.route("PROPFIND", "/a").respond(...)'),
        ("DELETE", "http://api.test:80/a", 'mock.delete("/a").respond(...)'),
        ("GET", "http://api.test:81/a", 'mock.get("http://api.test:81/a").respond(...)'),
    ],
)
def test_the_declaration_that_would_help(method: str, url: str, declaration: str) -> None:
    assert miss(MockDouble("api", BASE), method, url).endswith(f"Next: declare {declaration}")


def test_below_the_base_urls_path() -> None:
    double = MockDouble("api", BASE + "/v1")
    route = double.get("/todos").respond()
    assert miss(double, "GET", "/v1/posts") == (
        "GET https://api.test/v1/posts doesn't match the only route.\n"
        "\n"
        f"Nearest: GET /todos   (declared at {route.declared_at})\n"
        "  path    expected /todos  got /posts\n"
        "\n"
        'Next: declare mock.get("/posts").respond(...)'
    )
    assert "  path    expected /v1/todos  got /v2/todos\n" in miss(double, "GET", "/v2/todos")
    assert "  path    expected /todos  got /\n" in miss(double, "GET", "/v1")


def test_a_typo_in_the_path() -> None:
    double = MockDouble("api", BASE)
    route = double.get("/users").respond()
    double.get("/todos").respond()
    text = miss(double, "GET", "/user")
    assert text.endswith(f"Next: did you mean /users? Fix the code's request or the route at {route.declared_at}.")


def test_many_routes() -> None:
    double = MockDouble("api", BASE)
    for at in range(1000):
        double.get(f"/items/{at}").respond()
    text = miss(double, "POST", "/items/7")
    assert text.startswith(
        "POST https://api.test/items/7 matches none of 1000 routes.\n\nNearest: GET /items/7   (declared at "
    )
    assert "\n  method    expected GET  got POST\nOthers:\n  GET /items/" in text
    assert "\n  ... and 994 more\n" in text


@pytest.mark.parametrize(
    ("wanted", "got", "hint"),
    [
        ("/todos", "/todos/", "a trailing slash makes another path"),
        ("/{version}/me", "/v3/me/", "a trailing slash makes another path"),
        ("/users/{id:int}/", "/users/7", "a trailing slash makes another path"),
        ("/todos", "//todos", "a doubled slash makes another path"),
        ("/users/{id:int}", "/users//7", "a doubled slash makes another path"),
        ("/Todos", "/todos", "case matters in paths"),
    ],
)
def test_paths_that_nearly_match_say_how(wanted: str, got: str, hint: str) -> None:
    double = MockDouble("api", BASE)
    double.get(wanted).respond()
    assert f"  path    expected {wanted}  got {got}  ({hint})\n" in miss(double, "GET", got)


def test_another_host() -> None:
    double = MockDouble("api", BASE)
    double.get("/x").respond()
    double.get("https://{t}.saas.test/x", name="saas").respond()
    text = miss(double, "GET", "https://other.test:8443/x")
    assert "  host    expected api.test  got other.test:8443\n" in text
    assert "GET https://{t}.saas.test/x    host: expected {t}.saas.test, got other.test:8443\n" in text


def test_a_route_that_answered_as_often_as_it_may() -> None:
    double = MockDouble("api", BASE)
    route = double.get("/x").respond(200).times(1)
    double.handle(Request("GET", BASE + "/x"))
    text = miss(double, "GET", "/x")
    assert "  times    expected 1 request  got another one after these\n" in text
    assert text.endswith(
        f"Next: raise .times(...) at {route.declared_at}, add .then with another reply, "
        'or declare mock.get("/x").respond(...)'
    )


def test_a_route_that_only_fails_is_told_to_say_what_answers_afterwards() -> None:
    double = MockDouble("api", BASE)
    route = double.get("/x").flaky(fail=1)
    double.handle(Request("GET", BASE + "/x"))
    text = miss(double, "GET", "/x")
    assert "  times    expected 1 request  got another one after these\n" in text
    assert text.endswith(
        f"Next: say at {route.declared_at} what answers afterwards, .respond(...), "
        'or declare mock.get("/x").respond(...)'
    )


def test_of_a_large_body_only_what_differs_is_shown() -> None:
    from lookalike.codec import encode_json

    items = [{"id": at, "tags": ["a", "b"], "title": f"title {at}"} for at in range(500)]
    double = MockDouble("api", BASE)
    double.post("/x", json={"items": items}).respond()
    changed = [*items[:250], {"id": 250, "tags": ["a", "c"], "title": "x" * 500}, *items[251:]]
    text = miss(double, "POST", "/x", content=encode_json({"items": changed}))
    assert '  json.items[250].tags[1]    expected "b"          got "c"\n' in text
    assert f'  json.items[250].title      expected "title 250"  got "{"x" * 58}…\n' in text
    assert len(text.splitlines()) == 7


def test_many_differences_are_counted() -> None:
    double = MockDouble("api", BASE)
    double.post("/x", json=list(range(40))).respond()
    text = miss(double, "POST", "/x", content=b"[" + b",".join([b"-1"] * 40) + b"]")
    assert "  json[11]    expected 11  got -1\n  ... and 28 more\n" in text


SECRETS: list[tuple[dict[str, Any], str, Any, bytes, str]] = [
    ({"headers": {"Authorization": "Bearer hunter2hunter2"}}, "/x", {"authorization": "Bearer hunter3"}, b"",
     "  header Authorization    expected a secret (masked)  got another (masked)\n"),
    ({"headers": {"Authorization": "Bearer hunter2hunter2"}}, "/x", {}, b"",
     "  header Authorization    expected a secret (masked)  missing\n"),
    ({"cookies": {"sid": "hunter2"}}, "/x", {"cookie": "sid=hunter3"}, b"",
     "  cookie sid    expected a secret (masked)  got another (masked)\n"),
    ({"params": {"api_key": "hunter2"}}, "/x?api_key=hunter3", {}, b"",
     "  query api_key    expected a secret (masked)  got another (masked)\n"),
    ({"params": {"key": "hunter2hunter2hunter2"}}, "/x?key=hunter3hunter3hunter3", {}, b"",
     "  query key    expected a secret (masked)  got another (masked)\n"),
    ({"params": {"token": None}}, "/x?token=hunter3", {}, b"",
     "  query token    expected nothing  got one (masked)\n"),
    ({"form": {"password": "hunter2"}}, "/x", {}, b"password=hunter3",
     "  form password    expected a secret (masked)  got another (masked)\n"),
    ({"json": {"user": {"password": "hunter2"}}}, "/x", {}, b'{"user":{"password":"hunter3"}}',
     "  json.user.password    expected a secret (masked)  got another (masked)\n"),
    ({"json": {"user": {"api.password [1]": "hunter2"}}}, "/x", {}, b'{"user":{"api.password [1]":"hunter3"}}',
     '  json.user["api.password [1]"]    expected a secret (masked)  got another (masked)\n'),
    ({"json": {"user": {"password": "hunter2"}}}, "/x", {}, b'{"user":1}',
     '  json.user    expected {"password":"REDACTED"}  got 1\n'),
    ({"json": including({"user": {"password": "hunter2"}})}, "/x", {}, b'{"user":1}',
     '  json.user    expected {"password":"REDACTED"}  got 1\n'),
    ({"json": {"a": 1}}, "/x", {}, b'{"a":"' + b"long " * 9 + b'ghp_hunter3hunter3hunter3hunter3hunter30000"}',
     "REDACTED"),
    ({"params": {"a": 1}}, "https://user:hunter2@api.test/x?access_token=hunter3", {}, b"", "access_token=REDACTED"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "url", "headers", "content", "told"), SECRETS)
def test_credentials_are_masked(asked: dict[str, Any], url: str, headers: Any, content: bytes, told: str) -> None:
    double = MockDouble("api", BASE)
    double.post("/x", **asked).respond()
    text = miss(double, "POST", url, headers, content)
    assert told in text
    assert "hunter" not in text
    double.failures.clear()
    with pytest.raises(AssertionError) as caught:
        double.finish()
    assert "hunter" not in str(caught.value)
    assert "hunter" not in repr(double.calls)


def test_a_tests_own_data_is_shown() -> None:
    double = MockDouble("api", BASE)
    double.post("/x", json={"email": "ann@example.com"}).respond()
    text = miss(double, "POST", "/x?q=ann", content=b'{"email": "bob@example.com"}')
    assert '  json.email    expected "ann@example.com"  got "bob@example.com"\n' in text


@pytest.mark.parametrize(
    ("deep", "kind"), [(b"[" * 900 + b"]" * 900, "an array"), (b'{"a":' * 900 + b"1" + b"}" * 900, "an object")]
)
def test_a_body_that_is_nested_deeply_is_told_by_its_kind(deep: bytes, kind: str) -> None:
    double = MockDouble("api", "https://api.test")
    double.post("/a", json=1).respond(200)
    with pytest.raises(UnmatchedRequest, match=f"expected 1  got {kind} that is nested too deeply to be shown"):
        double.handle(Request("POST", "https://api.test/a", (), deep))


class Places:
    """What a miss asks of a contract: which operations there are."""

    name = "sky"
    known = ("/v1/places", "/v1/places/{id}", "/v1/cities/{id}")

    def find(self, method: str, path: str) -> Any:
        for template in self.known:
            wanted = template.split("/")
            fits = all("{" in one or one == other for one, other in zip(wanted, path.split("/"), strict=False))
            if method == "GET" and len(wanted) == len(path.split("/")) and fits:
                return SimpleNamespace(method="GET", path=template)
        return None

    def meant(self, method: str, path: str) -> Any:
        return SimpleNamespace(method="GET", path=self.known[0]) if "place" in path else None

    def default_status(self, method: str, path: str) -> int:
        return 200

    def check_reply(self, *asked: Any) -> list[Any]:
        return []

    check_request = check_reply


NEXT_BY_CONTRACT: list[tuple[str, str, str]] = [
    # the route, the request, what is next; {place} is the route's
    (
        "/v1/place/{id}", "/v1/places/1",
        ("did you mean /v1/places/{{id}}? Fix the route at {place}: the contract of sky has GET /v1/places/{{id}}, "
         "and no GET /v1/place/{{id}}."),
    ),
    (
        "/v1/places/{id}", "/v1/place/1",
        ("did you mean /v1/places/{{id}}? Fix the code's request: the contract of sky has GET /v1/places/{{id}}, "
         "and no GET /v1/place/1."),
    ),
    ("/v1/places", "/v1/places/1", 'declare mock.get("/v1/places/1").respond(...)'),
    ("/v1/places/7", "/v1/places/1", 'declare mock.get("/v1/places/1").respond(...)'),
    ("/v1/plces", "/v1/placs", "did you mean /v1/plces? Fix the code's request or the route at {place}."),
    (
        "/v1/cities/{id}", "/v1/place",
        ('declare mock.get("/v1/place").respond(...)\n'
         "The contract of sky has no GET /v1/place; did you mean GET /v1/places?"),
    ),
    ("/v1/cities/{id}", "/v2", 'declare mock.get("/v2").respond(...)\nThe contract of sky has no GET /v2.'),
    ("https://a.test/v1/place", "/v1/places", 'declare mock.get("/v1/places").respond(...)'),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "asked", "told"), NEXT_BY_CONTRACT)
def test_the_contract_says_who_is_wrong(declared: str, asked: str, told: str) -> None:
    contract: Any = Places()
    double = MockDouble("sky", BASE, contract=contract)
    route = double.get(declared).respond()
    assert miss(double, "GET", asked).endswith("\n\nNext: " + told.format(place=route.declared_at))


def test_without_routes_the_contract_doubts_what_was_asked() -> None:
    contract: Any = Places()
    assert miss(MockDouble("sky", BASE, contract=contract), "GET", "/v1/place") == (
        "GET https://api.test/v1/place matches no route: none is declared.\n\n"
        'Next: declare mock.get("/v1/place").respond(...)\n'
        "The contract of sky has no GET /v1/place; did you mean GET /v1/places?"
    )
    elsewhere = miss(MockDouble("sky", BASE, contract=contract), "GET", "https://other.test/x")
    assert elsewhere.endswith('Next: declare mock.get("https://other.test/x").respond(...)')


def test_without_a_contract_another_number_of_segments_is_another_resource() -> None:
    double = MockDouble("api", BASE)
    double.get("/v1/places").respond()
    assert miss(double, "GET", "/v1/places/1").endswith('Next: declare mock.get("/v1/places/1").respond(...)')


@pytest.mark.parametrize(
    ("asked", "headers", "content", "keyword"),
    [
        ({"json": {"amount": "5.00"}}, {}, b'{"amount": "5.00", "currency": "EUR"}', "json"),
        ({"form": {"a": "1"}}, {"content-type": "application/x-www-form-urlencoded"}, b"a=1&b=2", "form"),
        ({"json": {"amount": "5.00"}}, {}, b'{"amount": "6.00", "currency": "EUR"}', ""),
        ({"json": {"amount": "5.00"}}, {}, b"{}", ""),
    ],
)
def test_what_is_more_than_asked_for_may_be_a_part(
    asked: dict[str, Any], headers: dict[str, str], content: bytes, keyword: str
) -> None:
    double = MockDouble("api", BASE)
    route = double.post("/pay", **asked).respond()
    last = miss(double, "POST", "/pay", headers, content).splitlines()[-1]
    declared = '{"amount": "5.00", "currency": "EUR"}' if keyword == "json" else '{"a": "1", "b": "2"}'
    if keyword:
        assert last == (
            f"Next: if the request may have more than this, say {keyword}=lookalike.including({{...}}) at "
            f"{route.declared_at}; else change it there or in the code's request, or declare "
            f'mock.post("/pay", {keyword}={declared}).respond(...)'
        )
    else:
        assert last.startswith("Next: change the route at ")


def test_what_was_let_through_is_told() -> None:
    double = MockDouble("api", BASE)
    double.journal.let_through("localhost:8123", "loopback")
    double.journal.let_through("localhost:8123", "loopback")
    assert miss(double, "GET", "/x").endswith("respond(...)\nLet through meanwhile: localhost:8123 (loopback).")


@pytest.mark.parametrize(
    ("path", "asked", "why"),
    [
        ("/a/{id:int}", "/a/x", '("x" is no integer)'),
        ("/a/{id:float}", "/a/x", '("x" is no number)'),
        ("/a/{id:uuid}/b", "/a/x/b", '("x" is no UUID)'),
        ("/a/{when:date}", "/a/2026-02-31", '("2026-02-31" is no date)'),
        ("/a/{id:int}.json", "/a/x.json", '("x.json" doesn\'t fit {id:int}.json)'),
        ("/a/{id}.json", "/a/x", '("x" doesn\'t fit {id}.json)'),
        ("/a/{id:re:[a-z]{2}}", "/a/7", '("7" doesn\'t fit {id:re:[a-z]{2}})'),
        ("/{a:int}/{b:int}", "/1/x", '("x" is no integer)'),
        ("/a/{id:int}", "/a/%20", '(" " is no integer)'),
    ],
)
def test_a_parameter_of_another_kind_is_told(path: str, asked: str, why: str) -> None:
    double = MockDouble("api", "https://api.test/v1")
    double.get(path).respond()
    with pytest.raises(UnmatchedRequest) as caught:
        double.handle(Request("GET", f"https://api.test/v1{asked}"))
    told = str(caught.value)
    assert f"expected {path}" in told
    assert why in told
    assert "Next: fix the code's request, or the route's parameter at " in told
    assert "did you mean" not in told


@pytest.mark.parametrize(
    ("path", "asked"), [("/a/{id:int}", "/b/x"), ("/a/{id:int}", "/a/"), ("/a/{id:path}/b", "/a/b"), ("/a/{id}", "/a")]
)
def test_what_misses_otherwise_says_nothing_of_parameters(path: str, asked: str) -> None:
    double = MockDouble("api", "https://api.test")
    double.get(path).respond()
    with pytest.raises(UnmatchedRequest) as caught:
        double.handle(Request("GET", f"https://api.test{asked}"))
    assert " is no " not in str(caught.value)
    assert "doesn't fit" not in str(caught.value)
