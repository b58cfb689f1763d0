"""A mock held to a contract: replies when they are declared, requests when they arrive, lies that are said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lookalike.double.contracts import ContractLike, Doubt, Lie
from lookalike.double.fake import Fake
from lookalike.double.mock import MockDouble
from lookalike.double.route import Route
from lookalike.errors import ContractViolation, UsageError
from lookalike.messages import Fault, Request, Response
from lookalike.mismatch import Mismatch

BASE = "https://api.test/v1"
TODO = {"userId": 1, "id": 1, "title": "sleep", "completed": False}
EVIDENCE = "boolean in all 200 values seen, in 1 response"


class Todos:
    """A small contract: todos whose `completed` is a boolean, and which are created with 201."""

    name = "todos"
    source = "contracts/todos.yaml"

    def __init__(self, kind: str = "application/json") -> None:
        self.kind = kind
        self.checked: list[str] = []

    def find(self, method: str, path: str) -> Any:
        template = "/todos" if path == "/todos" else "/todos/{id}" if path.startswith("/todos/") else None
        if template is None or method not in ("GET", "POST") or (method == "POST" and template != "/todos"):
            return None
        answer = SimpleNamespace(media={self.kind: None})
        return SimpleNamespace(method=method, path=template, answer=lambda status: answer if status < 400 else None)

    def nearest(self, method: str, path: str) -> list[Any]:
        return [SimpleNamespace(method="GET", path="/todos")]

    def meant(self, method: str, path: str) -> Any:
        return self.nearest(method, path)[0]

    def check_reply(self, method: str, path: str, response: Response) -> list[Mismatch]:
        self.checked.append(f"{method} {path} {response.status}")
        if response.status >= 400:
            return []
        if self.find(method, path) is None:
            return [Mismatch("path", "an operation", path, level="warning")]
        if response.status == 204:
            return []
        found = []
        rows = response.json() if isinstance(response.json(), list) else [response.json()]
        for at, row in enumerate(rows):
            if not isinstance(row.get("completed"), bool):
                found.append(Mismatch(f"json[{at}].completed", "a boolean", repr(row.get("completed")), EVIDENCE))
            found += [
                Mismatch(f"json[{at}].{key}", "no such key", "a value", hint='did you mean "title"?')
                for key in row
                if key not in TODO
            ]
        return found

    def check_request(self, request: Request, path: str) -> list[Mismatch]:
        self.checked.append(f"{request.method} {path}")
        if "strange" in request.params:
            return [Mismatch("query strange", "no such parameter", "1", level="warning")]
        if request.method == "POST" and "title" not in request.json():
            return [Mismatch("json.title", "a string", "missing", "required")]
        return []

    def default_status(self, method: str, path: str) -> int:
        return 201 if method == "POST" else 200

    def complete(self, method: str, path: str, status: int, partial: Any) -> Any:
        return [{**TODO, **one} for one in partial] if isinstance(partial, list) else {**TODO, **partial}

    def example(self, method: str, path: str, status: int | None = None) -> tuple[int, str, Any]:
        if status == 204:
            return 204, "", None
        return status or self.default_status(method, path), self.kind, [TODO] if path.endswith("todos") else TODO


def held(contract: ContractLike | None = None) -> MockDouble:
    return MockDouble("todos", BASE, contract=contract or Todos())


def ask(double: MockDouble, method: str, path: str, content: bytes = b"") -> Response:
    answer = double.handle(Request(method, BASE + path, (), content))
    assert isinstance(answer, Response)
    return answer


def test_a_reply_that_contradicts_fails_at_its_line_to_the_letter() -> None:
    double = held()
    route = double.get("/todos")
    with pytest.raises(ContractViolation) as caught:
        route.respond(json=[{**TODO, "completed": "no", "titel": "x"}])
    assert str(caught.value) == (
        "respond(200) to GET /todos contradicts the contract of todos (contracts/todos.yaml).\n"
        "\n"
        f"  json[0].completed    expected a boolean    got 'no'     ({EVIDENCE})\n"
        '  json[0].titel        expected no such key  got a value  (did you mean "title"?)\n'
        "\n"
        f"Next: fix the mock at {route.declared_at.rpartition(':')[0]}:{route.place.line + 2}, "
        'or say the lie on purpose: unchecked="why".'
    )
    assert double.routes == ()
    double.finish()


def test_a_reply_that_fits_is_declared() -> None:
    double = held()
    double.get("/todos").respond(json=[TODO])
    assert ask(double, "GET", "/todos").json() == [TODO]
    assert double.warnings == []


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_errors_are_free(status: int) -> None:
    held().get("/todos").respond(status, text="anything")


def test_a_lie_is_said_on_purpose_and_listed() -> None:
    double = held()
    route = double.get("/todos").respond(json=[{"odd": 1}], unchecked=" the vendor announced it ")
    assert double.lies == [Lie("GET /todos", str(route.replies[0].place), "the vendor announced it")]
    assert ask(double, "GET", "/todos").json() == [{"odd": 1}]


def test_what_was_only_never_seen_is_a_warning() -> None:
    double = held()
    route = double.get("/albums").respond(json=[])
    place = str(route.replies[0].place)
    mismatch = Mismatch("path", "an operation", "/albums", level="warning")
    assert double.warnings == [Doubt("GET /albums", place, "reply", mismatch)]
    assert str(double.warnings[0]) == f"{place}: the reply of GET /albums: path: expected an operation, got /albums"


def test_a_request_that_contradicts_is_raised_into_the_code() -> None:
    double = held()
    route = double.post("/todos").respond(json=TODO)
    assert ask(double, "POST", "/todos", b'{"title":"x"}').status == 201
    with pytest.raises(ContractViolation) as caught:
        ask(double, "POST", "/todos", b"{}")
    assert str(caught.value) == (
        "the request POST https://api.test/v1/todos contradicts the contract of todos (contracts/todos.yaml).\n"
        "\n"
        "  json.title    expected a string  missing  (required)\n"
        "\n"
        "Next: fix the code that sends it. To test what such a request leads to, let the mock refuse it with a status "
        f'from 400 to 499, or say unchecked="why", at {route.declared_at}.'
    )
    assert double.failures == [caught.value]
    assert (route.call_count, route.calls.last.response) == (2, None)


def test_a_request_with_a_doubt_passes_and_is_told_once() -> None:
    double = held()
    double.get("/todos").respond(json=[TODO])
    for _ in range(3):
        ask(double, "GET", "/todos?strange=1")
    assert [(doubt.side, doubt.mismatch.where) for doubt in double.warnings] == [("request", "query strange")]


def declared(route: Route, how: str) -> Route:
    if how == "refused":
        return route.respond(422, json={"title": ["required"]})
    if how == "unchecked":
        return route.respond(json=TODO, unchecked="the document forgot it")
    if how == "refused by a function":
        return route.respond_with(lambda request: (400, {}))
    if how == "accepted by a function":
        return route.respond_with(lambda request: TODO)
    if how == "a function that can't":
        return route.respond_with(lambda request: request.json()["title"])
    return route.fail("reset") if how == "failed" else route.respond(503)


@pytest.mark.parametrize(
    ("how", "passes"),
    [
        ("refused", True),
        ("unchecked", True),
        ("refused by a function", True),
        ("accepted by a function", False),
        ("a function that can't", False),
        ("failed", False),
        ("a server's error", False),
    ],
)
def test_a_wrong_request_may_be_refused(how: str, passes: bool) -> None:
    double = held()
    declared(double.post("/todos"), how)
    wrong = Request("POST", BASE + "/todos", (), b"{}")
    if passes:
        assert isinstance(double.handle(wrong), Response)
    else:
        with pytest.raises(ContractViolation):
            double.handle(wrong)


def test_the_same_request_is_checked_once_unless_it_is_large() -> None:
    contract = Todos()
    double = held(contract)
    double.post("/todos").respond(json=TODO)
    contract.checked.clear()
    for _ in range(3):
        ask(double, "POST", "/todos", b'{"title":"x"}')
    assert contract.checked == ["POST /todos"]
    large = b'{"title":"' + b"x" * 5000 + b'"}'
    ask(double, "POST", "/todos", large)
    ask(double, "POST", "/todos", large)
    assert len(contract.checked) == 3
    for at in range(1100):
        ask(double, "POST", "/todos", b'{"title":"%d"}' % at)
    assert len(contract.checked) == 1103


def test_a_functions_reply_is_checked_when_it_comes() -> None:
    double = held()
    double.get("/todos/{id}").respond_with(lambda **names: {"completed": names["id"]})
    with pytest.raises(ContractViolation, match=r"respond_with\(<lambda>\) to GET /todos/\{id\} contradicts"):
        ask(double, "GET", "/todos/7")
    double.get("/todos/{id}").respond_with(lambda **names: {"completed": names["id"]}, unchecked="on purpose")
    assert ask(double, "GET", "/todos/7").json() == {"completed": "7"}


def test_a_route_for_any_method_is_checked_when_it_answers() -> None:
    double = held()
    double.route("*", "/todos").respond(json=[{"completed": 1}])
    with pytest.raises(ContractViolation):
        ask(double, "GET", "/todos")
    double.route("*", "/todos").respond(json=[TODO])
    assert ask(double, "GET", "/todos").status == 200


def test_another_hosts_routes_are_not_checked() -> None:
    contract = Todos()
    double = held(contract)
    double.get("https://other.test/v1/todos").respond(json=[{"odd": 1}])
    double.get("https://api.test/v2/todos").respond(json=[{"odd": 1}])
    double.handle(Request("GET", "https://other.test/v1/todos?strange=1"))
    assert (contract.checked, double.warnings) == ([], [])
    double.get("https://api.test/v1/todos").respond(json=[TODO])
    assert contract.checked == ["GET /todos 200"]


def test_a_stream_is_checked_where_it_is_known() -> None:
    contract = Todos()
    double = held(contract)
    double.get("/todos").respond(stream=[b'[{"completed"', b":true}]"])
    with pytest.raises(ContractViolation):
        double.get("/todos").respond(stream=[b'[{"completed"', b":1}]"])
    contract.checked.clear()
    double.get("/todos").respond(stream=lambda: [b"?"])
    double.get("/todos").fail("reset")
    assert contract.checked == []


def test_the_status_is_the_contracts_only_success() -> None:
    double = held()
    double.post("/todos").respond(json=TODO)
    double.post("/todos/{id}/copy").respond_with(lambda request: TODO)
    assert ask(double, "POST", "/todos", b'{"title":""}').status == 201
    assert ask(double, "POST", "/todos/1/copy", b'{"title":""}').status == 201


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("application/json", 200, "application/json"),
        ("application/vnd.api+json", 200, "application/vnd.api+json"),
        ("application/vnd.api+json; charset=utf-8", 200, "application/vnd.api+json"),
        ("application/vnd.api+json", 404, "application/json"),
        ("text/plain", 200, "application/json"),
        ("*/*", 200, "application/json"),
    ],
)
def test_json_has_the_contracts_own_json_type(kind: str, status: int, expected: str) -> None:
    double = held(Todos(kind))
    double.get("/todos").respond(status, json=[TODO])
    assert ask(double, "GET", "/todos").content_type == expected
    double.get("/todos").respond(json=[TODO], headers={"content-type": "application/json"})
    assert ask(double, "GET", "/todos").content_type == "application/json"


def test_respond_like_says_only_what_the_test_is_about() -> None:
    double = held(Todos("application/vnd.api+json"))
    double.get("/todos").respond_like(json=[{}, {"completed": True}], headers={"x-count": 2}, cookies={"a": "b"})
    answer = ask(double, "GET", "/todos")
    assert answer.json() == [TODO, {**TODO, "completed": True}]
    assert (answer.content_type, answer.headers["x-count"]) == ("application/vnd.api+json", "2")
    double.get("/todos/{id}").respond_like()
    assert ask(double, "GET", "/todos/1").json() == TODO
    double.get("/todos/{id}").respond_like(204, delay=2)
    with pytest.raises(UsageError, match=r"^\.respond_like\(204\): an answer of 204 has no body"):
        double.get("/todos/{id}").respond_like(204, json={"id": 1})
    assert ask(double, "GET", "/todos/1").status == 204
    double.post("/todos").respond_like(json={})
    assert ask(double, "POST", "/todos", b'{"title":""}').status == 201


def test_respond_like_is_checked_and_blames_the_tests_own_value() -> None:
    double = held()
    with pytest.raises(ContractViolation):
        double.get("/todos/{id}").respond_like(json={"completed": "no"})
    double.get("/todos/{id}").respond_like(json={"completed": "no"}, unchecked="on purpose")
    with pytest.raises(UsageError, match=r"json\.completed: a set can't be written as JSON"):
        double.get("/todos/{id}").respond_like(json={"completed": {1}})
    with pytest.raises(UsageError, match="no contract here supplies the rest"):
        double.get("https://other.test/x").respond_like(json={})
    with pytest.raises(UsageError, match="a status is a number"):
        double.get("/todos").respond_like("200")  # type: ignore[arg-type]  # wrong on purpose


def test_a_function_gets_its_request_before_a_doubtful_one_is_judged() -> None:
    double = held()
    seen: list[Any] = []

    def refuse(request: Request) -> Any:
        seen.append(request.json())
        return Fault("reset")

    double.post("/todos").respond_with(refuse)
    with pytest.raises(ContractViolation):
        ask(double, "POST", "/todos", b"{}")
    assert seen == [{}]


# -- fakes ---------------------------------------------------------------------------------------------------------


def fake_ask(fake: Fake, method: str, path: str) -> Response:
    return fake.handle(Request(method, "https://api.test" + path))


def test_a_fake_answers_each_operation_with_an_example() -> None:
    fake = Fake(Todos(), BASE)
    first = fake_ask(fake, "GET", "/v1/todos")
    assert (first.status, first.content_type, first.json()) == (200, "application/json", [TODO])
    assert fake_ask(fake, "GET", "/v1/todos") is first
    assert first.reusable
    one = fake_ask(fake, "GET", "/v1/todos/7")
    assert one.json() == TODO
    assert fake_ask(fake, "GET", "/v1/todos/7") is one
    assert fake_ask(fake, "GET", "/v1/todos/8") is not one  # its id is another one
    assert fake_ask(fake, "POST", "/v1/todos").status == 201
    assert (fake.name, len(fake.calls)) == ("todos", 6)


def test_a_fake_says_what_it_does_not_have() -> None:
    fake = Fake(Todos(), BASE)
    missing = fake_ask(fake, "GET", "/v1/todoz")
    assert (missing.status, missing.json()) == (
        404,
        {"error": "todos has no operation GET /todoz", "nearest": "GET /todos"},
    )
    assert fake_ask(fake, "GET", "/other").status == 404
    wrong = fake_ask(fake, "DELETE", "/v1/todos")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, POST")
    assert wrong.json() == {"error": "todos has no operation DELETE /todos", "allowed": ["GET", "POST"]}


def test_a_fake_answers_without_a_body_and_with_text() -> None:
    class Plain(Todos):
        def example(self, method: str, path: str, status: int | None = None) -> tuple[int, str, Any]:
            return (200, "text/plain", "hello") if method == "GET" else (204, "", None)

    fake = Fake(Plain())
    assert fake_ask(fake, "GET", "/todos").content == b"hello"
    assert fake_ask(fake, "POST", "/todos").content == b""
