"""Contracts learned from exchanges: what they say, what they forbid, and how they change."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from lookalike.contract.contract import Contract
from lookalike.contract.learning import accept, dispute, exchanges_id, fold, learn
from lookalike.contract.ledger import Ledger
from lookalike.contract.openapi import Document
from lookalike.errors import UsageError
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
DAY = "2026-11-20"
JSON = {"content-type": "application/json"}


def exchange(
    method: str, path: str, status: int = 200, body: Any = None, *, sent: Any = None, day: str = DAY, **headers: str
) -> Exchange:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sending = b"" if sent is None else json.dumps(sent).encode()
    request = Request(method, BASE + path, JSON if sent is not None else {}, sending)
    return Exchange(request, Response(status, {**JSON, **headers}, content), day=day)


def todo(number: int, **more: Any) -> dict[str, Any]:
    return {"userId": number % 10 + 1, "id": number, "title": f"t{number}", "completed": number % 2 == 0, **more}


def traffic() -> list[Exchange]:
    found = [exchange("GET", "/todos", 200, [todo(number) for number in range(1, 201)], ETag='"x"', Server="y")]
    found += [exchange("GET", f"/todos?userId={user}", 200, [todo(3), todo(4)]) for user in (1, 2)]
    found += [exchange("GET", f"/todos/{number}", 200, todo(number)) for number in range(1, 40)]
    found += [exchange("GET", "/todos/9999", 404, {}), exchange("GET", "/todos/8", 500, b"oops")]
    found += [
        exchange("GET", f"/posts/{post}/comments", 200, [{"postId": post, "id": 1, "email": "x"}]) for post in (1, 2)
    ]
    found += [
        exchange("GET", f"/users/{name}", 200, {"login": name, "id": 1, "bio": None}) for name in ("ann", "bob", "me")
    ]
    found += [exchange("POST", "/todos", 201, todo(number), sent={"title": "x", "done": True}) for number in range(40)]
    found += [exchange("DELETE", "/todos/1", 204), exchange("PUT", "/todos/1", 200, todo(1), sent=todo(1))]
    found += [exchange("POST", "/todos/1/publish", 202, {"ok": True})]
    found += [exchange("GET", "/search?q=x", 200, {"hits": []}), exchange("GET", "/search", 400, {"error": "q"})]
    return found


@pytest.fixture(scope="module")
def learned() -> Contract:
    return learn(traffic(), base_url=BASE + "/", name="todos", title="Todos")


def reply(value: Any, status: int = 200) -> Response:
    return Response(status, JSON, json.dumps(value).encode())


def test_the_document_is_valid_openapi_3_1(learned: Contract) -> None:
    validate(json.loads(json.dumps(learned.document.root)))


def test_operations_have_names_that_read_well(learned: Contract) -> None:
    assert [(one.key, one.id) for one in learned.operations] == [
        ("GET /posts/{postId}/comments", "posts.comments.list"),
        ("GET /search", "search.get"),
        ("GET /todos", "todos.list"),
        ("POST /todos", "todos.create"),
        ("GET /todos/{id}", "todos.get"),
        ("PUT /todos/{id}", "todos.replace"),
        ("DELETE /todos/{id}", "todos.delete"),
        ("POST /todos/{todoId}/publish", "todos.publish.post"),
        ("GET /users/me", "users.me.get"),
        ("GET /users/{user}", "users.get"),
    ]


def test_what_the_document_says(learned: Contract) -> None:
    root = learned.document.root
    assert root["servers"] == [{"url": BASE}]
    items = root["paths"]["/todos/{id}"]
    assert items["parameters"] == [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    listed = root["paths"]["/todos"]["get"]
    assert listed["parameters"] == [{"name": "userId", "in": "query", "schema": {"type": "integer"}}]
    assert list(listed["responses"]["200"]["headers"]) == ["ETag"]
    media = listed["responses"]["200"]["content"]["application/json"]
    assert media["schema"] == {"type": "array", "items": {"$ref": "#/components/schemas/Todo"}}
    assert root["components"]["schemas"]["Todo"]["required"] == ["completed", "id", "title", "userId"]
    assert root["components"]["schemas"]["User"]["properties"]["login"] == {"type": "string"}
    item = items["get"]["responses"]["200"]["content"]["application/json"]
    assert (item["x-grade"], item["x-seen"]) == ("firm", "20+ values in 20+ responses")
    assert media["x-seen"] == "200+ values in 2+ responses"
    assert set(items["get"]["responses"]) == {"200", "404"}
    assert items["delete"]["responses"] == {"204": {"description": "No Content"}}
    assert root["paths"]["/todos"]["post"]["requestBody"]["required"] is True
    assert "required" not in items["put"]["requestBody"]
    search = root["paths"]["/search"]["get"]["parameters"]
    assert search == [{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}]


@pytest.mark.parametrize(
    ("method", "path", "response", "expected"),
    [
        ("GET", "/todos/1", reply(todo(1)), []),
        ("GET", "/todos/1", reply({**todo(1), "completed": "no"}), [("json.completed", "violation")]),
        ("GET", "/todos", reply([{**todo(1), "completed": "no"}]), [("json[0].completed", "violation")]),
        ("GET", "/todos/1", reply({"userId": 1, "id": 1, "title": "x"}), [("json.completed", "violation")]),
        ("GET", "/todos/1", reply(todo(1, extra=1)), [("json.extra", "violation")]),
        ("GET", "/todos/1", reply(todo(1), 202), [("status", "warning")]),
        ("GET", "/todos/1", reply({"any": 1}, 500), []),
        ("GET", "/todos/1", reply({"any": 1}, 418), []),
        (
            "GET",
            "/todos/1",
            Response(200, {"content-type": "text/html"}, b"<p>"),
            [("header content-type", "violation")],
        ),
        ("GET", "/todos/1", Response(200, JSON, b"<p>"), [("body", "violation")]),
        ("PUT", "/todos/1", reply({**todo(1), "completed": "no"}), [("json.completed", "warning")]),
        ("PUT", "/todos/1", Response(200, {"content-type": "text/html"}, b"<p>"), [("header content-type", "warning")]),
        ("GET", "/nothing", reply({}), [("path", "warning")]),
        ("PATCH", "/todos/1", reply({}), [("method", "warning")]),
    ],
)
def test_replies(
    learned: Contract, method: str, path: str, response: Response, expected: list[tuple[str, str]]
) -> None:
    assert [(one.where, one.level) for one in learned.check_reply(method, path, response)] == expected


def test_a_violation_carries_the_evidence(learned: Contract) -> None:
    (found,) = learned.check_reply("GET", "/todos/1", reply({**todo(1), "completed": "no"}))
    assert str(found) == (
        'json.completed: expected a boolean, got "no" (boolean in all 39 values seen, in 39 responses, on 2026-11-20)'
    )
    (found,) = learned.check_reply("GET", "/todos/1", Response(200, JSON, b"<p>"))
    assert found.evidence == "so in all 39 answers with 200 seen"
    (found,) = learned.check_reply("PUT", "/todos/1", Response(200, {"content-type": "text/html"}, b"<p>"))
    assert found.evidence == "so in the one answer with 200 seen"


def ask(method: str, target: str, sent: Any = None) -> Request:
    return Request(method, BASE + target, JSON if sent is not None else {}, json.dumps(sent).encode() if sent else b"")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (ask("GET", "/todos?userId=1"), []),
        (ask("GET", "/todos?userId=x"), [("query userId", "warning")]),
        (ask("GET", "/todos?userid=1"), [("query userid", "warning")]),
        (ask("GET", "/todos/abc"), [("path id", "warning")]),
        (ask("GET", "/search"), [("query q", "violation")]),
        (ask("POST", "/todos", {"title": "x", "done": True}), []),
        (ask("POST", "/todos", {"title": 1, "done": True}), [("json.title", "violation")]),
        (ask("POST", "/todos"), [("body", "violation")]),
        (ask("PUT", "/todos/1", {**todo(1), "title": 3}), [("json.title", "warning")]),
        (ask("DELETE", "/todos/1", {"a": 1}), [("body", "warning")]),
        (Request("POST", BASE + "/todos", {"content-type": "text/plain"}, b"x"), [("header content-type", "warning")]),
        (ask("PATCH", "/todos/1"), [("method", "warning")]),
    ],
)
def test_requests(learned: Contract, request_: Request, expected: list[tuple[str, str]]) -> None:
    assert [(one.where, one.level) for one in learned.check_request(request_, request_.path)] == expected


def test_every_exchange_that_was_learned_fits(learned: Contract) -> None:
    for one in traffic():
        path = learned.relative(one.request.url)
        assert path is not None
        assert one.response is not None
        assert learned.check_reply(one.request.method, path, one.response) == [], one.request.url


def test_every_request_that_was_accepted_fits(learned: Contract) -> None:
    for one in traffic():
        assert one.response is not None
        if one.response.status < 300:
            assert learned.check_request(one.request, one.request.path) == [], one.request.url


def test_a_query_of_ever_new_names_may_have_any() -> None:
    contract = learn([exchange("GET", f"/a?p{number}=1", 200, {}) for number in range(300)], base_url=BASE)
    assert "parameters" not in contract.document.root["paths"]["/a"]["get"]
    assert contract.check_request(ask("GET", "/a?new=1"), "/a") == []


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-2, 2) | st.sampled_from(["", "a", "2026-11-20"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["/a", "/b/1", "/b/x"]), st.sampled_from([200, 201, 404]), values), max_size=8)
)
def test_soundness_whatever_was_learned_fits(seen: list[tuple[str, int, Any]]) -> None:
    found = [exchange("GET", path, status, json.dumps(value).encode()) for path, status, value in seen]
    contract = learn(found, base_url=BASE)
    validate(json.loads(json.dumps(contract.document.root)))
    for path, status, value in seen:
        assert contract.check_reply("GET", path, reply(value, status)) == []


@settings(max_examples=25, deadline=None)
@given(st.permutations(traffic()[::5]), st.integers(0, 12))
def test_the_order_of_exchanges_does_not_matter(found: list[Exchange], cut: int) -> None:
    assert exchanges_id(found) == exchanges_id(traffic()[::5])
    one = learn(found, base_url=BASE)
    assert orjson.dumps(one.document.root) == orjson.dumps(learn(traffic()[::5], base_url=BASE).document.root)
    # Two recordings say what one says.
    two = fold(learn(found[:cut], base_url=BASE), found[cut:])
    assert orjson.dumps(two.document.root) == orjson.dumps(one.document.root)


def test_the_same_recording_twice_changes_nothing(learned: Contract) -> None:
    assert fold(learned, traffic()) is learned
    assert fold(learned, []) is learned
    assert fold(learned, [Exchange(Request("GET", "https://elsewhere.test/"), Response(200))]) is learned


def test_merging_evidence_is_a_union(learned: Contract) -> None:
    other = learn([exchange("GET", "/todos/77", 200, todo(77), day="2026-11-21")], base_url=BASE)
    assert learned.evidence is not None
    assert other.evidence is not None
    both = learned.evidence.merge(other.evidence)
    assert both.recordings == other.evidence.merge(learned.evidence).recordings
    assert both.merge(both).recordings == both.recordings
    assert len(both.recordings) == 2
    (id_,) = other.evidence.recordings
    broken = Ledger(recordings={id_: next(iter(learned.evidence.recordings.values()))})
    with pytest.raises(UsageError, match="has two contents"):
        other.evidence.merge(broken)


def changed(day: str = DAY) -> list[Exchange]:
    return [
        exchange("GET", f"/todos/{number}", 200, {**todo(number), "id": str(number)}, day=day)
        for number in range(1, 40)
    ]


def kinds(contract: Contract) -> tuple[str, ...]:
    operation = contract.find("GET", "/todos/1")
    assert operation is not None
    shape = contract.shape_of(operation, 200)
    assert shape is not None
    return shape.properties["id"].shape.kinds


@pytest.mark.parametrize("day", [DAY, "2026-11-25"])
def test_what_is_disputed_is_not_read_until_it_is_accepted(learned: Contract, day: str) -> None:
    held = dispute(learned, changed(day))
    assert kinds(held) == ("integer",)
    assert held.document.root == learned.document.root
    assert held.evidence is not None
    assert list(held.evidence.disputed) == ["GET /todos/{id}"]
    assert dispute(held, changed(day)).evidence == held.evidence

    new = accept(held, "GET /todos/{id}", day=day)
    assert kinds(new) == ("string",)
    assert new.evidence is not None
    assert new.evidence.disputed == {}
    (found,) = new.check_reply("GET", "/todos/1", reply(todo(1)))
    assert (found.where, found.level) == ("json.id", "violation")
    # other operations keep their evidence, and the history stays in the file
    assert new.find("GET", "/todos") is not None
    assert len(new.evidence.recordings) == 2
    assert kinds(accept(new, "GET /todos/{x}", day=day)) == ("string",) if day == "never" else True


def test_what_is_learned_after_accepting_counts(learned: Contract) -> None:
    new = accept(dispute(learned, changed()), "GET /todos/{id}", day=DAY)
    more = fold(new, [exchange("GET", "/todos/500", 200, {**todo(5), "id": None})])
    assert kinds(more) == ("string",)
    operation = more.find("GET", "/todos/1")
    assert operation is not None
    shape = more.shape_of(operation, 200)
    assert shape is not None
    assert shape.properties["id"].shape.nullable
    assert shape.r == 40


def test_only_an_operation_of_the_contract_is_accepted(learned: Contract) -> None:
    with pytest.raises(UsageError, match=r"no operation 'GET /todo'; write it as METHOD /template: GET /todos"):
        accept(learned, "GET /todo", day=DAY)
    with pytest.raises(UsageError, match=r"no operation 'todos\.get'"):
        accept(learned, "todos.get", day=DAY)


def test_what_the_contract_does_not_know_is_not_disputed(learned: Contract) -> None:
    held = dispute(learned, [exchange("GET", "/nothing"), Exchange(Request("GET", "https://else.test/"))])
    assert held.evidence is not None
    assert held.evidence.disputed == {}


def test_a_vendors_document_stays_as_it_is() -> None:
    root = {"openapi": "3.1.0", "info": {"title": "v", "version": "1"}, "paths": {"/todos": {"get": {"responses": {}}}}}
    vendor = Contract(Document(root), base_url=BASE)
    seen = fold(vendor, traffic())
    assert seen.document.root == root
    assert not seen.learned
    assert seen.evidence is not None
    assert len(seen.evidence.recordings) == 1
    with pytest.raises(UsageError, match="has no base URL"):
        fold(Contract(Document(root)), traffic())


@pytest.mark.parametrize(
    ("edit", "value", "expected"),
    [
        # a person's word is firm, whatever the evidence was
        (
            lambda item: item["properties"].update(title={"type": "string", "maxLength": 3}),
            {"title": "long"},
            "violation",
        ),
        (lambda item: item["properties"]["title"].update({"x-pinned": True}), {"title": 3}, "violation"),
        (lambda item: item.update({"x-pinned": True}), {"title": 3}, "violation"),
        (lambda item: item["required"].append("note"), {}, "violation"),
        (lambda item: item["required"].remove("title"), {"title": 3}, "warning"),
        (lambda item: item["properties"].update(note={"type": "string"}), {"note": "x"}, None),
        (lambda item: None, {"title": 3}, "warning"),
    ],
)
def test_what_a_person_wrote_counts_as_firm(edit: Any, value: Any, expected: str | None) -> None:
    contract = learn([exchange("GET", "/notes/1", 200, {"title": "x", "note": "y"}),
                      exchange("GET", "/notes/2", 200, {"title": "x"})], base_url=BASE)  # fmt: skip
    root = json.loads(json.dumps(contract.document.root))
    edit(root["paths"]["/notes/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"])
    edited = Contract(Document(root), learned=True, evidence=contract.evidence)
    found = edited.check_reply("GET", "/notes/1", reply({"title": "x", **value}))
    assert [one.level for one in found] == ([expected] if expected else [])
    assert all("a person wrote so: #/paths/~1notes~1{id}" in one.evidence for one in found if expected == "violation")
    # and it stays when more is learned
    more = fold(edited, [exchange("GET", "/notes/3", 200, {"title": "z"})])
    found = more.check_reply("GET", "/notes/1", reply({"title": "x", **value}))
    assert [one.level for one in found] == ([expected] if expected else [])


def test_broken_json_that_was_seen_is_no_contradiction() -> None:
    seen = [
        exchange("GET", "/a", 200, b"{oops"),
        exchange("GET", "/b", 200, b"{oops"),
        exchange("GET", "/b", 200, {"x": 1}),
    ]
    contract = learn(seen, base_url=BASE)
    for path in ("/a", "/b"):
        assert contract.check_reply("GET", path, Response(200, JSON, b"{oops")) == []


def test_a_contract_of_nothing_is_a_contract() -> None:
    contract = learn([], base_url=BASE)
    assert (contract.operations, contract.title, contract.learned) == ((), "api.test", True)
    assert contract.check_reply("GET", "/", reply({}))[0].level == "warning"


def test_names_beyond_the_cap_over_two_recordings_are_one_operation() -> None:
    def visits(start: int) -> list[Exchange]:
        word = "abcdefghij"
        names = [f"{word[number // 10]}{word[number % 10]}person" for number in range(start, start + 40)]
        return [exchange("GET", f"/{name}/page", 200, {"of": name}) for name in names]

    contract = fold(learn(visits(0), base_url=BASE), visits(40))
    assert [one.key for one in contract.operations] == ["GET /{name}/page"]
    operation = contract.find("GET", "/anyone/page")
    assert operation is not None
    shape = contract.shape_of(operation, 200)
    assert shape is not None
    assert shape.n == 80
    accepted = accept(dispute(contract, visits(0)[:1]), "GET /{x}/page", day="2026-11-21")
    assert [one.key for one in accepted.operations] == ["GET /{name}/page"]


def test_a_request_body_that_was_left_out_once_is_optional() -> None:
    seen = [exchange("POST", "/a", 200, {}, sent={"x": 1}) for _ in range(40)]
    assert learn(seen, base_url=BASE).document.root["paths"]["/a"]["post"]["requestBody"]["required"]
    more = learn([*seen, exchange("POST", "/a", 200, {})], base_url=BASE)
    assert "required" not in more.document.root["paths"]["/a"]["post"]["requestBody"]


def test_the_root_and_odd_statuses_are_rendered() -> None:
    seen = [
        exchange("GET", "/", 200, {"a": 1}),
        exchange("GET", "/api/v1", 299, b"x"),
        exchange("PURGE", "/a", 200, {}),
    ]
    root = learn(seen, base_url=BASE).document.root
    validate(json.loads(json.dumps(root)))
    assert "/a" not in root["paths"]
    assert root["paths"]["/"]["get"]["operationId"] == "root.get"
    assert root["paths"]["/api/v1"]["get"]["responses"]["299"]["description"] == "Status 299"


def test_formats_of_parameters_and_types_of_bodies_are_written() -> None:
    found = [exchange("GET", f"/d/2026-11-2{day}/x?at=2026-11-20&n=1.5&n=2&b=true&u=6f1c1c6e-6b3a-4f5e-9d4c-0a1b2c3d4e5f",  # noqa: E501  a row a line
                      200, {}) for day in (1, 2)]  # fmt: skip
    operation = learn(found, base_url=BASE).document.root["paths"]["/d/{date}/x"]
    assert operation["parameters"][0]["schema"] == {"type": "string"}
    assert {one["name"]: one["schema"] for one in operation["get"]["parameters"]} == {
        "at": {"type": "string", "format": "date"},
        "b": {"type": "boolean"},
        "n": {"type": "array", "items": {"type": "number"}},
        "u": {"type": "string", "format": "uuid"},
    }


@pytest.mark.parametrize("pin", [True, False])
def test_a_pinned_component_stays_shared_when_its_bodies_grow_apart(pin: bool) -> None:
    seen = [exchange("GET", "/notes", 200, [{"id": 1, "title": "x"}]), exchange("GET", "/notes/1", 200, {"id": 1, "title": "x"})]  # noqa: E501  # fmt: skip
    contract = learn(seen, base_url=BASE)
    root = json.loads(json.dumps(contract.document.root))
    if pin:
        root["components"]["schemas"]["Note"]["properties"]["title"]["x-pinned"] = True
    edited = Contract(Document(root), base_url=BASE, learned=True, evidence=contract.evidence)
    apart = fold(edited, [exchange("GET", "/notes/2", 200, {"id": 1, "title": None})])
    media = apart.document.root["paths"]["/notes/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert ("$ref" in media["schema"]) is pin
    assert ("components" in apart.document.root) is pin
    found = apart.check_reply("GET", "/notes/1", reply({"id": 1, "title": None}))
    assert [one.level for one in found] == (["violation"] if pin else [])
    validate(json.loads(json.dumps(apart.document.root)))
    more = fold(apart, [exchange("GET", "/notes/3", 200, {"id": "1", "title": None})])
    # what nobody touched in it follows
    assert more.check_reply("GET", "/notes/1", reply({"id": "1", "title": "x"})) == []
    found = more.check_reply("GET", "/notes/1", reply({"id": True, "title": "x"}))
    assert [(one.where, one.level) for one in found] == [("json.id", "warning")]


def test_a_path_that_is_nowhere_is_no_suggestion() -> None:
    contract = learn([exchange("GET", "/place", 404, {}), exchange("GET", "/places", 200, [])], base_url=BASE)
    assert [one.key for one in contract.nearest("GET", "/plac")] == ["GET /places"]
    (found,) = contract.check_reply("GET", "/plac", reply([]))
    assert found.hint == "did you mean GET /places?"
    nothing = learn([exchange("GET", "/place", 404, {})], base_url=BASE)
    assert [one.key for one in nothing.nearest("GET", "/plac")] == ["GET /place"]


def test_a_persons_enum_and_a_learned_one_speak_once() -> None:
    seen = [exchange("GET", f"/notes/{number}", 200, {"state": ("open", "done")[number % 2]}) for number in range(40)]
    contract = learn(seen, base_url=BASE)
    root = json.loads(json.dumps(contract.document.root))
    schema = root["paths"]["/notes/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["properties"]["state"]["examples"] == ["done", "open"]
    schema["properties"]["state"]["enum"] = ["done", "open"]
    edited = Contract(Document(root), learned=True, evidence=contract.evidence)
    found = edited.check_reply("GET", "/notes/1", reply({"state": "lost"}))
    assert [(one.where, one.level) for one in found] == [("json.state", "violation")]


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        ("5.00", "12.50", False),
        ("EUR 5", "EUR 7", False),
        ("-3", "open", False),
        ("open", "v2", True),
        ("EUR", "USD", True),
    ],
)
def test_amounts_are_no_words_of_an_api(one: str, other: str, kept: bool) -> None:
    seen = [
        exchange("GET", f"/payments/{number}", 200, {"paid": (one, other)[number % 2], "examples": "x"})
        for number in range(40)
    ]
    contract = learn(seen, base_url=BASE)
    schema = contract.document.root["paths"]["/payments/{id}"]["get"]["responses"]["200"]["content"]
    paid = schema["application/json"]["schema"]["properties"]
    assert ("examples" in paid["paid"]) is kept
    assert "examples" in paid


def test_a_list_is_as_sure_as_its_items() -> None:
    contract = learn([exchange("GET", "/todos", 200, [todo(1), todo(2)] * 40) for _ in range(4)], base_url=BASE)
    media = contract.document.root["paths"]["/todos"]["get"]["responses"]["200"]["content"]["application/json"]
    (operation,) = contract.operations
    shape = contract.shape_of(operation, 200)
    assert shape is not None
    assert media["x-grade"] == shape.grade == "likely"
    (found,) = contract.check_reply("GET", "/todos", reply({"items": []}))
    assert (found.where, found.level) == ("json", "violation")
    # what little was seen stays an assumption
    few = learn([exchange("GET", "/todos", 200, [todo(1)])], base_url=BASE)
    assert (
        few.document.root["paths"]["/todos"]["get"]["responses"]["200"]["content"]["application/json"]["x-grade"]
        == "assumed"
    )
    (found,) = few.check_reply("GET", "/todos", reply({"items": []}))
    assert found.level == "warning"
