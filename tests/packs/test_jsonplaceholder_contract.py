"""The pack's contract, and that the fake keeps to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from lookalike.messages import Request, Response
from lookalike.packs import load

PACK = load("jsonplaceholder")
FAKE = PACK.fake()
NAMES = ["posts", "comments", "albums", "photos", "todos", "users"]
CHILDREN = {"posts": ["comments"], "albums": ["photos"], "users": ["posts", "albums", "todos"]}
PARENTS = {"posts": ["user"], "albums": ["user"], "todos": ["user"], "comments": ["post"], "photos": ["album"]}
NESTED = [(parent, child) for parent, children in CHILDREN.items() for child in children]

words = st.text(st.sampled_from("abcm 19.-"), max_size=4)
fields = st.sampled_from(["id", "userId", "title", "completed", "address.city", "company.name", "nope"])
operators = st.sampled_from(["", "_gte", "_lte", "_ne", "_like"])
common = st.one_of(
    st.tuples(st.builds(str.__add__, fields, operators), words),
    st.tuples(st.sampled_from(["q", "callback"]), words),
    st.tuples(st.just("_sort"), fields),
    st.tuples(st.just("_order"), st.sampled_from(["asc", "desc", "desc,asc"])),
    st.tuples(st.sampled_from(["_page", "_limit", "_start", "_end", "_delay"]), st.integers(-5, 300).map(str)),
)
ids = st.one_of(st.integers(1, 250), st.sampled_from([0, 5001, 99999]))


def related(name: str) -> Any:
    """The parameters that a list or an item of this collection takes."""
    pairs = [("_embed", child) for child in CHILDREN.get(name, [])] + [
        ("_expand", one) for one in PARENTS.get(name, [])
    ]
    return st.lists(st.sampled_from(pairs), max_size=2, unique=True) if pairs else st.just([])


def body(name: str) -> Any:
    """A body that fits the contract."""
    properties = PACK.document["components"]["schemas"][name[:-1].capitalize() + "Input"]["properties"]
    kinds = {"string": words, "integer": st.integers(0, 99), "boolean": st.booleans(), "object": st.just({})}
    return st.fixed_dictionaries({}, optional={key: kinds[one["type"]] for key, one in properties.items()})


@st.composite
def asked(draw: Any) -> Request:
    """A request that fits the contract."""
    form = draw(st.sampled_from(["list", "item", "nested", "write", "create", "create nested", "db"]))
    name = draw(st.sampled_from(NAMES))
    method, content, query = "GET", b"", []
    parent, child = draw(st.sampled_from(NESTED))
    path = {
        "list": f"/{name}",
        "create": f"/{name}",
        "db": "/db",
        "nested": f"/{parent}/{draw(ids)}/{child}",
        "create nested": f"/{parent}/{draw(ids)}/{child}",
    }.get(form, f"/{name}/{draw(ids)}")
    if form in ("list", "nested", "item"):
        last = child if form == "nested" else name
        query = draw(related(last)) + (draw(st.lists(common, max_size=3)) if form != "item" else [])
    if form == "write":
        method = draw(st.sampled_from(["PUT", "PATCH", "DELETE"]))
    if form.startswith("create"):
        method = "POST"
    if method not in ("GET", "DELETE"):
        content = json.dumps(draw(body(child if form == "create nested" else name))).encode()
    return Request(method, f"{PACK.base_url}{path}{encoded(query)}", [("Content-Type", "application/json")], content)


def encoded(query: list[tuple[str, str]]) -> str:
    from urllib.parse import urlencode

    return "?" + urlencode(query) if query else ""


def test_the_document_is_valid() -> None:
    validate(PACK.document)


def test_it_has_every_operation() -> None:
    found = {operation.id for operation in PACK.contract.operations}
    expected = {f"{name}.{verb}" for name in NAMES for verb in ("list", "create", "get", "replace", "update", "delete")}
    expected |= {f"{parent}.{child}.{verb}" for parent, child in NESTED for verb in ("list", "create")}
    assert found == expected | {"db.get", "site.get"}


@given(asked())
@settings(max_examples=60, deadline=None)
def test_what_fits_the_contract_is_answered_within_it(request: Request) -> None:
    assert PACK.contract.check_request(request, request.target) == []
    answer = FAKE.handle(request)
    assert isinstance(answer, Response)
    assert PACK.contract.check_reply(request.method, request.path, answer) == []


@pytest.mark.parametrize(
    ("method", "path", "value", "words"),
    [
        ("GET", "/todos/1", {"userId": 1, "id": 1, "title": "x", "completed": "no"}, "json.completed"),
        ("GET", "/todos/1", {"userId": 1, "id": 1, "title": "x"}, "json.completed"),
        ("GET", "/todos/1", {"userId": 1, "id": 1, "titel": "x", "completed": True}, "titel"),
        ("GET", "/todos", {"userId": 1}, "an array"),
        ("GET", "/users", [{"id": 1, "name": "x"}], "json[0].address"),
    ],
)
def test_a_reply_that_lies_is_found(method: str, path: str, value: Any, words: str) -> None:
    response = Response(200, [("Content-Type", "application/json")], json.dumps(value).encode())
    found = PACK.contract.check_reply(method, path, response)
    assert [one.level for one in found] == ["violation"] * len(found) != []
    assert words in " ".join(map(str, found))


@pytest.mark.parametrize("target", ["/todos", "/todos/1", "/users/1", "/posts/2", "/comments"])
def test_the_changed_api_breaks_it_where_it_changed(target: str) -> None:
    changed = PACK.fake(changed=True)
    answer = changed.handle(Request("GET", PACK.base_url + target))
    assert isinstance(answer, Response)
    assert PACK.contract.check_reply("GET", target, answer)


def test_a_reply_that_says_little_is_completed_without_relations() -> None:
    completed = PACK.contract.complete("GET", "/todos", 200, [{}, {"completed": True}])
    assert [set(one) for one in completed] == [{"userId", "id", "title", "completed"}] * 2
    assert completed[1]["completed"] is True
    assert set(PACK.contract.example("GET", "/users/1")[2]) == {
        "id", "name", "username", "email", "address", "phone", "website", "company",
    }  # fmt: skip


def test_the_lie_is_named_by_the_element_as_it_is() -> None:
    response = Response(
        200, [("Content-Type", "application/json")], b'{"userId":1,"id":1,"titel":"x","completed":"no"}'
    )
    completed, title = map(str, PACK.contract.check_reply("GET", "/todos/1", response))
    assert completed.startswith('json.completed: expected a boolean, got "no" (the document says so: ')
    assert title.endswith('did you mean "title"?')
