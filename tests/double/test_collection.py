"""A stateful resource: what each method does, below parents, in pages, held to a contract; and that it is a dict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.double.collection import Collection
from lookalike.double.mock import MockDouble
from lookalike.errors import ContractViolation, UsageError
from lookalike.messages import Request, Response

BASE = "https://api.test/v1"


def collected(rows: Any = (), path: str = "/todos", **options: Any) -> tuple[MockDouble, Collection]:
    double = MockDouble("api", BASE)
    return double, double.collection(path, rows, **options)


def ask(double: MockDouble, method: str, path: str, body: Any = None) -> Response:
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = double.handle(Request(method, BASE + path, {"content-type": "application/json"}, content))
    assert isinstance(answer, Response)
    return answer


@pytest.mark.peer("Stateful fake resource (CRUD memory)")
def test_a_life() -> None:
    double, todos = collected([{"id": 1, "title": "sleep"}])
    created = ask(double, "POST", "/todos", {"title": "eat"})
    assert (created.status, created.json()) == (201, {"id": 2, "title": "eat"})
    assert created.headers["location"] == f"{BASE}/todos/2"
    assert ask(double, "GET", "/todos").json() == [{"id": 1, "title": "sleep"}, {"id": 2, "title": "eat"}]
    assert ask(double, "GET", "/todos/2").json() == {"id": 2, "title": "eat"}
    assert ask(double, "PUT", "/todos/2", {"title": "drink", "id": 7}).json() == {"id": 2, "title": "drink"}
    assert ask(double, "PATCH", "/todos/2", {"done": True, "title": None}).json() == {"id": 2, "done": True}
    deleted = ask(double, "DELETE", "/todos/1")
    assert (deleted.status, deleted.content) == (204, b"")
    assert todos.rows == [{"id": 2, "done": True}]
    assert repr(todos) == "<Collection /todos: 1 row>"
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        missing = ask(double, method, "/todos/1", {})
        assert (missing.status, missing.json()) == (404, {"error": "there is no /todos/1"})
    double.finish()


def test_unused_it_fails_nothing_and_rows_are_its_own() -> None:
    mine = [{"id": 1, "tags": ["a"]}]
    double, todos = collected(mine)
    mine[0]["tags"].append("b")  # type: ignore[attr-defined]  # a list
    assert todos.rows == [{"id": 1, "tags": ["a"]}]
    todos.rows.append({"id": 5})
    assert ask(double, "GET", "/todos/5").json() == {"id": 5}
    assert ask(double, "POST", "/todos", {}).json() == {"id": 6}
    assert len(todos.routes) == 8
    double.finish()
    collected()[0].finish()


def test_a_snapshot_keeps_the_rows() -> None:
    double, todos = collected([{"id": 1, "tags": ["a"]}])
    for _ in range(2):
        with double.snapshot():
            todos.rows[0]["tags"].append("b")
            assert ask(double, "POST", "/todos", {}).json() == {"id": 2}
            assert ask(double, "DELETE", "/todos/1").status == 204
        assert todos.rows == [{"id": 1, "tags": ["a"]}]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/todos", b"no json", 400),
        ("POST", "/todos", [1], 400),
        ("POST", "/todos", None, 400),
        ("PUT", "/todos/1", b"{", 400),
        ("PATCH", "/todos/1", "x", 400),
        ("POST", "/todos", {"id": 1}, 409),
        ("POST", "/todos", {"id": "1"}, 409),
        ("POST", "/todos", {"id": 9}, 201),
        ("POST", "/todos", {"id": None}, 201),
        ("HEAD", "/todos", None, 200),
        ("HEAD", "/todos/1", None, 200),
    ],
)
def test_statuses(method: str, path: str, body: Any, status: int) -> None:
    double, _ = collected([{"id": 1}])
    assert ask(double, method, path, body).status == status


class TestIds:
    @pytest.mark.parametrize(
        ("rows", "made"),
        [
            ([], [1, 2]),
            ([{"id": 4}, {"id": 2}], [5, 6]),
            ([{"id": "4"}], ["5", "6"]),
            ([{"title": "a"}, {"title": "b"}], [3, 4]),
            ([{"id": 3}, {"title": "b"}], [5, 6]),
        ],
    )
    def test_count_on(self, rows: list[Any], made: list[Any]) -> None:
        double, _ = collected(rows)
        assert [ask(double, "POST", "/todos", {}).json()["id"] for _ in made] == made

    def test_are_never_given_again(self) -> None:
        double, _ = collected([{"id": 1}])
        ask(double, "POST", "/todos", {})
        ask(double, "DELETE", "/todos/2")
        assert ask(double, "POST", "/todos", {}).json()["id"] == 3

    def test_that_are_no_numbers(self) -> None:
        made = [ask(collected([{"id": "a"}])[0], "POST", "/todos", {}).json()["id"] for _ in range(2)]
        assert made[0] == made[1]
        assert len(made[0]) == 36
        double, _ = collected([{"id": "a"}])
        assert len({ask(double, "POST", "/todos", {}).json()["id"] for _ in range(3)}) == 3
        double, _ = collected([{"id": made[0]}, {"id": "b"}])
        ask(double, "DELETE", "/todos/b")
        assert ask(double, "POST", "/todos", {}).json()["id"] != made[0]
        double, _ = collected([{"id": made[0]}])
        assert ask(double, "POST", "/todos", {}).json()["id"] not in ("", made[0])
        double, _ = collected([{"id": "a"}], new_id=lambda ever: f"{max(ever)}b")
        assert [ask(double, "POST", "/todos", {}).json()["id"] for _ in range(2)] == ["ab", "abb"]

    def test_of_another_key_and_in_odd_places(self) -> None:
        double, todos = collected([{"slug": "a b/c"}], id="slug")
        assert ask(double, "GET", "/todos/a%20b%2Fc").json() == {"slug": "a b/c"}
        got = ask(double, "POST", "/todos", {"slug": "ü/x"})
        assert got.headers["location"] == f"{BASE}/todos/%C3%BC%2Fx"
        assert [row["slug"] for row in todos.rows] == ["a b/c", "ü/x"]


ROWS = [
    {"id": 1, "done": True, "user": 1, "note": None},
    {"id": 2, "done": False, "user": 1, "note": "x"},
    {"id": 3, "done": False, "user": 2},
]


@pytest.mark.parametrize(
    ("query", "ids"),
    [("", [1, 2, 3]), ("done=true", [1]), ("done=false&user=1", [2]), ("user=1&user=2", [1, 2, 3]), ("user=9", []),
     ("unknown=1", [1, 2, 3]), ("note=null", [1, 3]), ("note=x", [2])],
)  # fmt: skip
def test_lists_are_filtered(query: str, ids: list[int]) -> None:
    double, _ = collected(ROWS)
    assert [row["id"] for row in ask(double, "GET", f"/todos?{query}").json()] == ids
    double, _ = collected(ROWS, filter=False)
    assert len(ask(double, "GET", f"/todos?{query}").json()) == 3


def test_lists_in_pages() -> None:
    double, _ = collected(ROWS, paginate={"style": "page", "size": 1, "headers": {"x-api": "1"}})
    got = ask(double, "GET", "/todos?user=1&page=2")
    assert got.json() == {"count": 2, "next": None, "previous": f"{BASE}/todos?user=1&page=1", "results": [ROWS[1]]}
    assert got.headers["x-api"] == "1"
    assert ask(double, "GET", "/todos?page=x").status == 400


def test_below_parents() -> None:
    double, todos = collected(ROWS, "/users/{user}/todos/")
    assert [row["id"] for row in ask(double, "GET", "/users/1/todos").json()] == [1, 2]
    assert ask(double, "GET", "/users/2/todos/1").status == 404
    assert ask(double, "POST", "/users/2/todos", {"user": 9}).json() == {"id": 4, "user": 2}
    assert ask(double, "PUT", "/users/2/todos/3", {}).json() == {"id": 3, "user": 2}
    assert len(todos.rows) == 4
    double, _ = collected([{"id": 1, "userId": "eva"}], "/users/{user:str}/todos", parents={"user": "userId"})
    assert ask(double, "POST", "/users/7/todos", {}).json() == {"id": 2, "userId": "7"}


def test_a_served_one_tells_where_it_is() -> None:
    double, _ = collected()
    got = double.handle(Request("POST", BASE + "/todos", {"host": "127.0.0.1:5005"}, b"{}"))
    assert isinstance(got, Response)
    assert got.headers["location"] == "http://127.0.0.1:5005/todos/1"


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        ("abc", {}, "mock.collection('/todos') takes a list of rows, each a dict, not 'abc'"),
        ([1], {}, "a row is a dict, and row 0 is 1"),
        ([{"id": 1}, {"id": "1"}], {}, "row 1 has the id of another, '1'"),
        ([{"x": {1}}], {}, "json[0].x: a set can't be written as JSON"),
        ([], {"key": "id"}, "mock.collection('/todos') has no keyword 'key'"),
        ([], {"paginate": {"style": "pages"}}, 'did you mean "page"?'),
    ],
)
def test_misuse_is_told(rows: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as error:
        collected(rows, **options)
    assert told in str(error.value)


def contract(deleted: Any = None) -> Contract:
    todo = {
        "type": "object",
        "required": ["id", "title", "done"],
        "properties": {"id": {"type": "integer"}, "title": {"type": "string"}, "done": {"type": "boolean"}},
    }
    one = {"description": "", "content": {"application/json": {"schema": todo}}}
    many = {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": todo}}}}
    lost = {"description": "", "content": {"application/json": {"schema": {"const": {"code": "lost"}}}}}
    paths = {
        "/todos": {"get": {"responses": {"200": many}}, "post": {"responses": {"202": one}}},
        "/todos/{id}": {
            "get": {"responses": {"200": one, "404": lost}},
            "patch": {"responses": {"200": {"description": "nothing is shown"}}},
            "put": {"responses": {"200": one}},
            "delete": {"responses": {"200": deleted or {"description": ""}}},
        },
    }
    return Contract(Document({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths}))


class TestContract:
    def test_rows_are_held_to_it_where_they_are_declared(self) -> None:
        double = MockDouble("api", BASE, contract=contract())
        with pytest.raises(ContractViolation, match=r"collection \(listing\) to GET /todos contradicts"):
            double.collection("/todos", [{"id": 1, "title": "x", "done": "no"}])
        assert not double.routes
        paged: Any = {"paginate": {"style": "link", "size": 1}}
        with pytest.raises(ContractViolation, match=r"collection \(one\) to GET /todos/\{id\}"):
            double.collection("/todos", [{"id": 1, "title": "x", "done": True}, {"id": 2}], **paged)
        double.collection("/todos", [{"id": 1}], unchecked="the next version")
        assert ask(double, "GET", "/todos/1").json() == {"id": 1}

    def test_statuses_are_its_own_and_what_it_requires_is_supplied(self) -> None:
        double = MockDouble("api", BASE, contract=contract())
        todos = double.collection("/todos", [{"id": 1, "title": "x", "done": True}])
        created = ask(double, "POST", "/todos", {"title": "eat"})
        assert (created.status, created.json()["title"]) == (202, "eat")
        assert isinstance(created.json()["done"], bool)
        patched = ask(double, "PATCH", "/todos/1", {"done": False})
        assert (patched.status, patched.content, todos.rows[0]["done"]) == (200, b"", False)
        assert ask(double, "GET", "/todos/9").json() == {"code": "lost"}
        assert (ask(double, "DELETE", "/todos/1").status, len(todos.rows)) == (200, 1)
        with pytest.raises(ContractViolation):
            ask(double, "PUT", "/todos/2", {"title": 5})

    @pytest.mark.parametrize(("schema", "shown"), [({"const": {}}, {}), ({"required": ["id"]}, {"id": 1, "t": 2})])
    def test_what_is_deleted_is_shown_where_it_says_so(self, schema: Any, shown: Any) -> None:
        answer = {"description": "", "content": {"application/json": {"schema": schema}}}
        double = MockDouble("api", BASE, contract=contract(answer))
        double.collection("/todos", [{"id": 1, "t": 2}], unchecked="they are not yet as they will be")
        assert ask(double, "DELETE", "/todos/1").json() == shown


SCALARS = st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2)
BODIES = st.dictionaries(st.sampled_from(["a", "b", "c"]), SCALARS | st.dictionaries(st.just("d"), SCALARS), max_size=3)


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2, as its pseudocode has it."""
    if isinstance(patch, dict):
        target = dict(target) if isinstance(target, dict) else {}
        for name, value in patch.items():
            if value is None:
                target.pop(name, None)
            else:
                target[name] = merge_patch(target.get(name), value)
        return target
    return patch


class AsADict(RuleBasedStateMachine):
    """A collection and a dict of rows by their ids are told the same, and stay the same."""

    def __init__(self) -> None:
        super().__init__()
        self.double, self.todos = collected()
        self.model: dict[int, dict[str, Any]] = {}
        self.last = 0

    @rule(body=BODIES)
    def create(self, body: dict[str, Any]) -> None:
        got = ask(self.double, "POST", "/todos", body)
        self.last += 1
        self.model[self.last] = {"id": self.last, **body}
        assert (got.status, got.json()) == (201, self.model[self.last])

    @rule(at=st.integers(0, 9), body=BODIES)
    def replace(self, at: int, body: dict[str, Any]) -> None:
        got = ask(self.double, "PUT", f"/todos/{at}", body)
        assert got.status == (200 if at in self.model else 404)
        if at in self.model:
            self.model[at] = {**body, "id": at}
            assert got.json() == self.model[at]

    @rule(at=st.integers(0, 9), body=BODIES)
    def patch(self, at: int, body: dict[str, Any]) -> None:
        got = ask(self.double, "PATCH", f"/todos/{at}", body)
        assert got.status == (200 if at in self.model else 404)
        if at in self.model:
            self.model[at] = merge_patch(self.model[at], body)
            assert got.json() == self.model[at]

    @rule(at=st.integers(0, 9))
    def delete(self, at: int) -> None:
        assert ask(self.double, "DELETE", f"/todos/{at}").status == (204 if self.model.pop(at, None) else 404)

    @rule(at=st.integers(0, 9))
    def get(self, at: int) -> None:
        got = ask(self.double, "GET", f"/todos/{at}")
        assert (got.status, got.json() if got.ok else None) == (
            (200, self.model[at]) if at in self.model else (404, None)
        )

    @invariant()
    def the_list_is_the_model(self) -> None:
        assert ask(self.double, "GET", "/todos").json() == list(self.model.values()) == self.todos.rows


TestAsADict = AsADict.TestCase
TestAsADict.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize(
    ("path", "options", "shown"),
    [
        ("/todos", {}, "/todos/{id}"),
        ("/todos", {"id": "slug"}, "/todos/{slug}"),
        ("/todos", {"id": "odd key"}, "/todos/{id}"),
        ("/users/{id:int}/todos", {"parents": {"id": "user"}}, "/users/{id:int}/todos/{row_id}"),
    ],
)
def test_a_miss_shows_the_parameter_as_the_rows_call_it(path: str, options: dict[str, Any], shown: str) -> None:
    double, todos = collected([], path, **options)
    assert {route.path for route in todos.routes} == {path, shown}
    created = ask(double, "POST", path.replace("{id:int}", "7"), {})
    assert created.status == 201
    assert ask(double, "GET", created.headers["location"].removeprefix(BASE)).json() == created.json()
