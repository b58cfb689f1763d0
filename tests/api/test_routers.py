"""A base of routes that tests extend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

import lookalike
from lookalike import ContractViolation, Router, UnmatchedRequest, UsageError

BASE = "https://api.test"
api = lookalike.Api(base_url=BASE)


def base() -> Router:
    router = Router()
    router.get("/todos", name="todos").respond(json=[])
    router.post("/todos", json={"title": str}).respond(503).then.respond(201, json={"id": 1})
    router.get("/todos/{id}").respond_with(lambda request, **path: {"id": int(path["id"])})
    return router


def status(path: str, method: str = "GET", **options: Any) -> int:
    return requests.request(method, path if "://" in path else BASE + path, **options).status_code


@pytest.mark.peer("Reusable router + base URL")
def test_each_mock_has_fresh_copies() -> None:
    router = base()
    for _ in range(2):
        with api.mock(router=router) as mock:
            assert [status("/todos", "POST", json={"title": "a"}) for _ in range(3)] == [503, 201, 201]
            assert requests.get(f"{BASE}/todos/7").json() == {"id": 7}
            assert mock["todos"].call_count == 0
            assert [route.call_count for route in mock.routes] == [0, 3, 1]


def test_a_test_overrides_and_extends() -> None:
    with api.mock(router=base()) as mock:
        mock.get("/todos").respond(500)
        mock.get("/users").respond(json=[])
        assert [status("/todos"), status("/users"), status("/todos/1")] == [500, 200, 200]


def test_what_is_included_later_is_newer() -> None:
    with api.mock() as mock:
        mock.get("/todos").respond(500).optional()
        routes = mock.include(base())
        assert [route.label for route in routes] == ["GET /todos", "POST /todos", "GET /todos/{id}"]
        assert status("/todos") == 200


def test_prefixes_and_base_urls() -> None:
    users = Router(prefix="/users")
    users.get("/me").respond(201)
    users.get("https://absolute.test/x").respond(202)
    elsewhere = Router(base_url="https://other.test/api/", prefix="/v3")
    elsewhere.get("/ping").respond(203)
    elsewhere.include(users)
    router = Router(prefix="/v2/").include(users, prefix="/beta").include(elsewhere)
    router.get("/root").respond(204)
    with api.mock(router=[router, users]):
        assert status("/v2/beta/users/me") == 201
        assert status("/users/me") == 201
        assert status("https://absolute.test/x") == 202
        assert status("https://other.test/api/v3/ping") == 203
        assert status("https://other.test/api/v3/users/me") == 201
        assert status("/v2/root") == 204


def test_a_router_that_is_included_may_go_on() -> None:
    inner, outer = Router(), Router()
    outer.include(inner)
    inner.get("/late").respond()
    with api.mock(router=outer):
        assert status("/late") == 200


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_every_method(verb: str) -> None:
    router = Router()
    getattr(router, verb)("/x").respond(204)
    router.route("PROPFIND", "/x").respond(207)
    with api.mock(router=router):
        assert status("/x", verb.upper()) == 204
        assert status("/x", "PROPFIND") == 207


def test_messages_name_the_line_of_the_router() -> None:
    router = Router()
    planned = router.get("/todos", params={"page": 1}).respond(json=[])
    line = repr(planned).rpartition(":")[2].rstrip(">")
    with pytest.raises(UnmatchedRequest) as caught, api.mock(router=router) as mock:  # noqa: PT012  what is inside is the test
        assert mock.routes[0].declared_at.endswith(f"test_routers.py:{line}")
        status("/todos?page=2")
    assert f"test_routers.py:{line})" in str(caught.value)


def test_replies_are_held_to_the_contract_of_the_mock_that_includes_them(tmp_path: Path) -> None:
    router = Router()
    router.get("/todos").respond(json={"not": "a list"})
    router.get("/users/{id}").respond_like(json={"name": "Ann"}).then.respond(404)
    with api.mock(), pytest.raises(UsageError, match="no contract here supplies the rest"), api.mock(router=router):
        pass
    known = lookalike.Api("jsonplaceholder")
    with pytest.raises(ContractViolation) as caught, known.mock(router=router):
        pass
    assert "test_routers.py" in str(caught.value)
    good = Router()
    good.get("/users/{id}").respond_like(json={"name": "Ann"}).then.respond(404)
    with known.mock(router=good):
        assert requests.get("https://jsonplaceholder.typicode.com/users/3").json()["name"] == "Ann"
        assert status("https://jsonplaceholder.typicode.com/users/3") == 404


MISUSE: list[tuple[Callable[[Any], object], str]] = [
    (lambda r: r.get("todos"), "a route's path begins with / or is an absolute URL"),
    (lambda r: r.get("/x", parms={}), "has no keyword 'parms'; did you mean \"params\"?"),
    (lambda r: r.get("/x").respond(jsn=1), ".respond() has no keyword 'jsn'"),
    (lambda r: r.get("/x").responds(200), 'a route has no .responds; did you mean "respond"?'),
    (lambda r: r.get("/x").then, ".then comes after a reply"),
    (lambda r: r.get("/x").respond().calls, "a router's route is declared anew in each mock, so it has no .calls"),
    (lambda r: r.get("/x").assert_called(), 'ask the mock\'s own: mock["NAME"].assert_called'),
    (lambda r: r.get("/x").respond(stream=iter([b"a"])), "runs once, but a router's route answers in many mocks"),
    (lambda r: r.include(r), "a router can't contain itself"),
    (lambda r: Router().include(Router().include(r)) and r.include(Router().include(r)), "can't contain itself"),
    (lambda r: r.include(3), "3 is no router; make one: router = lookalike.Router()"),
    (lambda r: Router(prefix="v2"), "Router(): prefix='v2': a prefix begins with a slash"),
    (lambda r: r.include(Router(), prefix="v2"), "router.include(): prefix='v2': a prefix begins with a slash"),
    (lambda r: Router(base_url="api.test"), "api.test"),
    (lambda r: api.mock(router=3), "3 is no router"),  # type: ignore[arg-type]  # wrong on purpose
]


@pytest.mark.parametrize(("misuse", "told"), MISUSE)
def test_misuse_fails_where_it_is_said(misuse: Callable[[Any], object], told: str) -> None:
    router = Router()
    with pytest.raises(UsageError) as caught:
        misuse(router)
    assert told in str(caught.value)


def test_after_a_failed_reply_the_route_is_not_there() -> None:
    router = Router()
    with pytest.raises(UsageError):
        router.get("/x").respond(jsn=1)  # type: ignore[call-arg]  # wrong on purpose
    with api.mock(router=router) as mock:
        assert mock.routes == ()


def test_streams_of_lists_and_functions_run_in_each_mock() -> None:
    router = Router()
    router.get("/list").respond(stream=[b"a", b"b"])
    router.get("/function").respond(stream=lambda: iter([b"c", b"d"]))
    for _ in range(2):
        with api.mock(router=router):
            assert requests.get(f"{BASE}/list").content == b"ab"
            assert requests.get(f"{BASE}/function").content == b"cd"


def test_what_can_be_said_of_it_is_what_can_be_said_of_a_route() -> None:
    planned = Router().get("/x")
    assert {"respond", "times", "optional"} <= set(dir(planned))
    assert not hasattr(planned, "_nothing")


@pytest.mark.peer("Reusable router + base URL")
def test_apps_and_what_passes_are_below_the_prefix() -> None:
    def app(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("content-type", "text/plain")])
        return [environ["SCRIPT_NAME"].encode(), environ["PATH_INFO"].encode()]

    router = Router(prefix="/v2")
    router.mount("/app", app)
    router.pass_through("/real")
    router.get("/odd", lookalike.having(params={"a": "1"})).respond(201)
    with api.mock(router=router) as mock:
        assert requests.get(f"{BASE}/v2/app/x").text == "/v2/app/x"
        assert mock.routes[1].replies[0].label == "pass_through()"
        assert status("/v2/odd?a=1") == 201


@pytest.mark.parametrize("name", ["mock", "start", "calls", "routes"])
def test_what_a_router_is_not_says_how_it_is_used(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        getattr(Router(), name)
    assert str(caught.value) == f"a router has no .{name}; a mock takes it over: with api.mock(router=router) as mock"
    assert name not in dir(Router())
