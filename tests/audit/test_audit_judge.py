"""What the audit makes of what is wrong: one thing said once, and what the contract has in place of what it hasn't."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from lookalike.audit.ear import Declared, Heard
from lookalike.audit.judge import Judge, Source
from lookalike.audit.merged import merged
from lookalike.contract.audited import AuditedApi
from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.errors import UsageError
from lookalike.mismatch import Mismatch
from lookalike.report.audit import sections

USER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "login", "node_id"],
    "properties": {
        "id": {"type": "integer"},
        "login": {"type": "string"},
        "node_id": {"type": "string"},
        "kind": {"enum": ["bot", "person"]},
    },
}


def body(schema: Any, status: str = "200", **more: Any) -> dict[str, Any]:
    return {"responses": {status: {"description": "", "content": {"application/json": {"schema": schema}}}, **more}}


REF = {"$ref": "#/components/schemas/User"}
ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
FAILED = {"description": "", "content": {"application/json": {"schema": ERROR}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Users", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/user": {"get": body(REF), "patch": body(REF)},
        "/users": {"get": body({"type": "array", "items": REF}), "post": body(REF, "202", default=FAILED)},
        "/teams/{team}/members": {"get": body({"type": "object", "properties": {"lead": REF}})},
    },
    "components": {"schemas": {"User": USER}},
}


def heard(method: str, path: str, value: Any, status: int | None = 200, place: str = "tests/a.py:1") -> Heard:
    one = Heard(
        method, f"https://api.test{path}", Declared("responses", status=status is not None), "a.py::test", place
    )
    one.status = status
    one.content = orjson.dumps(value)
    return one


def audited(*ones: Heard) -> AuditedApi:
    judge = Judge([Source("users", "users.json", lambda: Contract(Document(DOCUMENT, "users.json")))])
    for one in ones:
        assert judge.judge(one) is not None
    return judge.audit.apis["users"]


def said(api: AuditedApi) -> list[tuple[str, str, str, str]]:
    return [(one.operation, one.said.where, one.said.expected, one.said.got) for one in api.lies]


WHOLE = {"id": 1, "login": "a", "node_id": "x"}


def test_the_keys_that_an_object_lacks_are_one_lie() -> None:
    assert said(audited(heard("GET", "/user", {}))) == [
        ("GET /user", "json", "the keys id, login, node_id", "none of them")
    ]
    assert said(audited(heard("GET", "/users", [{"id": 1}, WHOLE, {"login": "a"}]))) == [
        ("GET /users", "json[]", "the keys id, login, node_id", "none of them")
    ]
    assert said(audited(heard("GET", "/user", {"id": 1, "login": "a"}))) == [
        ("GET /user", "json.node_id", "a string", "missing")
    ]


def test_a_place_that_operations_share_is_one_lie_with_all_of_them() -> None:
    api = audited(
        heard("GET", "/user", {"id": "1", "login": "a", "node_id": "x"}, place="tests/a.py:1"),
        heard("PATCH", "/user", {"id": "2", "login": "a", "node_id": "x"}, place="tests/a.py:2"),
        heard("GET", "/users", [{"id": "3", "login": "a", "node_id": "x"}], place="tests/a.py:2"),
        heard("GET", "/teams/1/members", {"lead": {**WHOLE, "id": "4"}}, place="tests/a.py:3"),
        heard("GET", "/teams/2/members", {"lead": {**WHOLE, "id": None}}, place="tests/a.py:4"),
    )
    [one, other] = api.lies
    assert one.operations == ("GET /teams/{team}/members", "GET /user", "GET /users", "PATCH /user")
    assert one.operation == "GET /teams/{team}/members and 3 more operations"
    assert (one.said.where, one.said.expected, one.said.got) == ("json.id", "an integer", '"1", "2", "3" and 1 more')
    assert [mock.place for mock in one.mocks] == ["tests/a.py:1", "tests/a.py:2", "tests/a.py:2", "tests/a.py:3"]
    assert one.tests == ("a.py::test",)
    assert (other.operations, other.said.got) == (("GET /teams/{team}/members",), "null")
    assert len(api.lying) == 5
    judge = Judge([])
    judge.audit.apis["users"] = api
    lines = [line for line, _ in sections(judge.audit)]
    assert "      tests/a.py:1, tests/a.py:2, tests/a.py:3   responses, 4 mocks in 1 test: test" in lines
    whole = [line for line, _ in sections(judge.audit, verbose=True)]
    assert [line for line in whole if line.startswith("      of ")] == [f"      of {name}" for name in one.operations]
    assert not any(line.startswith("      of ") for line in lines)


def test_what_mocks_of_one_object_lack_is_one_lie_with_all_the_keys() -> None:
    api = audited(
        heard("GET", "/user", {"id": 1, "login": "a"}),
        heard("PATCH", "/user", {"id": 1}),
        heard("GET", "/teams/1/members", {"lead": {"id": 1, "node_id": "a"}}),
    )
    [one] = api.lies
    assert (one.said.where, one.said.expected, one.said.got) == ("json", "the keys login, node_id", "not all of them")
    assert one.said.evidence == "the document says so: #/components/schemas/User"
    assert len(one.operations) == len(one.mocks) == 3


def test_what_is_wrong_elsewhere_or_otherwise_stays_apart() -> None:
    api = audited(
        heard("GET", "/user", {**WHOLE, "kind": "cat", "id": 1.5}),
        heard("PATCH", "/user", {**WHOLE, "kind": 5, "odd": 1, "other": 2}),
        heard("GET", "/users", {}),
    )
    assert {(where, got) for _, where, _, got in said(api)} == {
        ("json.kind", '"cat"'), ("json.kind", "5"), ("json.id", "1.5"), ("json", 'the keys "odd", "other"'),
        ("json", "an empty object"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("DELETE", "/user", "the contract has GET or PATCH there"),
        ("GET", "/team/1/members", "did you mean GET /teams/{team}/members?"),
        ("GET", "/graphql", ""),
        ("POST", "/organizations/1/hooks", ""),
    ],
)
def test_what_the_contract_does_not_have_is_no_lie_and_names_what_is_surely_meant(
    method: str, path: str, hint: str
) -> None:
    api = audited(heard(method, path, {}))
    assert (api.lies, api.lying) == ([], [])
    [one] = api.unknown
    assert one.said.hint == hint


def test_a_query_that_a_helper_quoted_is_none_of_the_path() -> None:
    api = audited(
        heard("GET", "/users%3Fper_page%3D2%26page%3D1", [WHOLE]), heard("GET", "/nowhere%3fpage%3d1", {}),
    )  # fmt: skip
    assert [mock.operation for mock in api.mocks.values()] == ["GET /users", "GET /nowhere%3fpage%3d1"]
    assert api.lies == []


def test_a_success_that_the_document_does_not_name_is_no_wrong_error() -> None:
    assert said(audited(heard("POST", "/users", WHOLE, 201))) == [("POST /users", "status", "202", "201")]
    assert said(audited(heard("POST", "/users", {"message": "no"}, 201))) == []
    assert said(audited(heard("POST", "/users", {"id": 1}, 500))) == []


def test_a_body_that_says_no_status_lies_where_it_fits_none() -> None:
    api = audited(heard("POST", "/users", {"id": 1}, None), heard("GET", "/user", {**WHOLE}, None))
    assert said(api) == [("POST /users", "json", "the keys login, node_id", "none of them")]


def at(url: str, path: str = "/n", **more: Any) -> Contract:
    root = {"openapi": "3.1.0", "info": {"title": "n", "version": "1"}, "paths": {path: {"get": body(REF)}}, **more}
    components = {"components": DOCUMENT["components"]}
    return Contract(Document({**root, **components, **({"servers": [{"url": url}]} if url else {})}, "n.json"))


def located(judge: Judge, url: str) -> tuple[str, str] | None:
    one = Heard("GET", url, Declared("responses"), "a.py::test", "tests/a.py:1")
    one.status = 200
    judged = judge.judge(one)
    return (judged.api.name, judged.key) if judged is not None else None


def test_an_answer_is_of_the_api_that_has_the_operation_or_reaches_farthest() -> None:
    contracts = {
        "far": at("https://api.test/v1/far", "/a"), "near": at("https://api.test/v1", "/b"),
        "last": at("https://api.test", "/v1/far/c"),
    }  # fmt: skip
    judge = Judge([Source(name, "n.json", lambda name=name: contracts[name]) for name in contracts])  # type: ignore[misc]  # each its own
    assert located(judge, "https://api.test/v1/far/a?page=2") == ("far", "GET /a")
    assert located(judge, "https://api.test/v1/b") == ("near", "GET /b")
    assert located(judge, "https://api.test/v1/far/c") == ("last", "GET /v1/far/c")
    assert located(judge, "https://api.test/v1/far/d") == ("far", "GET /d")
    assert located(judge, "https://api.test/other") == ("last", "GET /other")
    # Without a host it is of the only one that has it.
    assert located(judge, "b") == ("near", "GET /b")
    assert located(judge, "/nowhere") is None
    assert located(judge, "https://elsewhere.test/a") is None
    assert located(judge, "https://[") is None
    assert judge.audit.unnamed == {"": {"tests/a.py:1"}, "elsewhere.test": {"tests/a.py:1"}}


def test_of_one_api_a_path_without_a_host_is_its_own() -> None:
    judge = Judge([Source("one", "n.json", lambda: at("https://api.test"))])
    assert located(judge, "/nowhere") == ("one", "GET /nowhere")
    assert located(Judge([]), "/nowhere") is None


def test_a_contract_that_cannot_be_held_to_says_why() -> None:
    def broken() -> Contract:
        raise UsageError("it is broken")

    judge = Judge([
        Source("none", "", lambda: None), Source("unplaced", "n.json", lambda: at("")),
        Source("broken", "b.json", broken), Source("spare", "s.json", lambda: at("https://api.test"), spare=True),
    ])  # fmt: skip
    assert located(judge, "https://api.test/n") == ("spare", "GET /n")
    assert judge.audit.unread == {
        "none": "no contract is named",
        "unplaced": "n.json names no server, and pyproject.toml no base_url",
        "broken": "it is broken",
    }


def test_what_is_remembered_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ones = [heard("GET", "/user", {"id": number}) for number in range(3)] + [heard("GET", "/users", [])]
    whole = audited(*ones).to_json()
    monkeypatch.setattr("lookalike.audit.judge._HELD", 1)
    assert audited(*ones).to_json() == whole


def test_what_is_no_json_is_held_to_its_type() -> None:
    one = heard("GET", "/user", None)
    one.content, one.headers = b"<html>", (("Content-Type", "text/html"),)
    assert said(audited(one)) == [("GET /user", "header content-type", "application/json", "text/html")]
    plain = heard("GET", "/user", None)
    plain.content = b"\xff<"
    assert said(audited(plain)) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # Keys of a learned contract have reasons of their own.
        ([("json.a", "a string", "missing", "in all 3"), ("json.b", "a string", "missing", "in all 4")],
         [("json", "the keys a, b", "none of them", "")]),
        ([("json.a", "a string", "missing", "in all 3"), ("json.b", "a string", "missing", "in all 3")],
         [("json", "the keys a, b", "none of them", "in all 3")]),
        # Most of them tell of the object: a key that is a schema of its own tells of that.
        ([("json.a", "x", "missing", "the document says so: #/S/properties/a"),
          ("json.b", "x", "missing", "the document says so: #/T")],
         [("json", "the keys a, b", "none of them", "the document says so: #/S")]),
        ([("json[0].a", "x", "missing", "r"), ("json[1].a", "x", "missing", "r")],
         [("json[0].a", "x", "missing", "r")]),
        ([("header X-A", "a value", "missing", "r"), ("header X-B", "a value", "missing", "r")],
         [("header X-A", "a value", "missing", "r"), ("header X-B", "a value", "missing", "r")]),
        ([('json["odd key"]', "x", "missing", "r"), ("json.a", "x", "missing", "r")],
         [('json["odd key"]', "x", "missing", "r"), ("json.a", "x", "missing", "r")]),
    ],
)  # fmt: skip
def test_mismatches_of_one_object_are_one(found: list[tuple[str, ...]], expected: list[tuple[str, ...]]) -> None:
    ones = merged(Mismatch(where, expected, got, why) for where, expected, got, why in found)
    assert [(one.where, one.expected, one.got, one.evidence) for one in ones] == expected
