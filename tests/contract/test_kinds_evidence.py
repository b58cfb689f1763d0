"""What two learned contracts show beside what answers do, what a learned one and a document show, and what none can."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
INFO, RISKY, BREAKING, ADDITIVE = Severity.INFO, Severity.RISKY, Severity.BREAKING, Severity.ADDITIVE
Make = Callable[[int], Exchange]
Told = tuple[str, str, Severity]


def get(
    i: int, body: Any, status: int = 200, *, path: str = "/things", kind: str = "application/json", **headers: str
) -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Content-Type": kind, **headers}
    return Exchange(Request("GET", f"{BASE}{path}/{i}"), Response(status, told, content))


def learned(make: Make, count: int = 40, first: int = 1) -> Contract:
    return learn([make(i) for i in range(first, first + count)], base_url=BASE, day="2026-11-20")


def a(value: Callable[[int], Any]) -> Contract:
    return learned(lambda i: get(i, {"a": value(i)}))


def document(schema: Any, *, required: Sequence[str] = ("a",), path: str = "/things/{id}") -> Contract:
    body = {"type": "object", "required": list(required), "properties": {"a": schema}}
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    answer = {"200": {"description": "", "content": {"application/json": {"schema": body}}}}
    root = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
        path: {"get": {"parameters": parameters, "responses": answer}}}}  # fmt: skip
    return Contract(Document(root, "t.yaml"), base_url=BASE)


def told(drifts: Sequence[Drift]) -> list[Told]:
    return [(one.kind, one.place, one.severity) for one in drifts]


STRING, INTEGER = {"type": "string"}, {"type": "integer"}
# A document, evidence that shows what it forbids, and evidence that doesn't.
FROM_DOCUMENT: list[tuple[Any, Callable[[int], Any], Callable[[int], Any], Told]] = [
    ({**STRING, "maxLength": 8}, lambda i: "w " * 9, lambda i: "w w", ("string-longer", "json.a", INFO)),
    ({**INTEGER, "maximum": 50}, lambda i: 1000 + i, lambda i: i, ("number-outside-range", "json.a", INFO)),
    ({**INTEGER, "minimum": 0}, lambda i: -i, lambda i: i, ("number-outside-range", "json.a", INFO)),
    ({**INTEGER, "minimum": 500}, lambda i: i, lambda i: 500 + i, ("number-outside-range", "json.a", INFO)),
    ({"type": "array", "items": INTEGER, "minItems": 1}, lambda i: [1] * (i % 2), lambda i: [i],
     ("array-length-changed", "json.a", RISKY)),
    ({"type": "array", "items": INTEGER, "maxItems": 3}, lambda i: [1] * 4, lambda i: [i] * 3,
     ("array-length-changed", "json.a", INFO)),
    (STRING, lambda i: i, lambda i: "w w", ("type-changed", "json.a", BREAKING)),
    (STRING, lambda i: None, lambda i: "w w", ("became-nullable", "json.a", BREAKING)),
    (STRING, lambda i: [None, "w w"][i % 2], lambda i: "w w", ("became-nullable", "json.a", BREAKING)),
    ({"enum": ["open", "done"]}, lambda i: ["open", "late"][i % 2], lambda i: "open",
     ("enum-value-added", "json.a", RISKY)),
    # What it may say and wasn't seen to is no difference.
    ({"type": ["string", "null"]}, lambda i: 1, lambda i: "w w", ("type-changed", "json.a", BREAKING)),
    ({"type": ["string", "integer"]}, lambda i: True, lambda i: 1, ("type-changed", "json.a", BREAKING)),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "shows", "near", "expected"), FROM_DOCUMENT)
def test_evidence_held_against_a_document(
    schema: Any, shows: Callable[[int], Any], near: Callable[[int], Any], expected: Told
) -> None:
    assert told(diff(document(schema), a(near))) == []
    found = diff(document(schema), a(shows))
    assert told(found) == [expected]
    assert found[0].certainty == "firm"
    assert "says the document" in found[0].before or found[0].severity is not INFO


# Evidence, a document that promises less, and one that promises what was seen.
TO_DOCUMENT: list[tuple[Callable[[int], Any], Any, Any, Told]] = [
    (lambda i: i, STRING, INTEGER, ("type-changed", "json.a", BREAKING)),
    (lambda i: i, {"type": ["integer", "null"]}, INTEGER, ("became-nullable", "json.a", BREAKING)),
    (lambda i: [i], {"type": "array", "items": STRING}, {"type": "array", "items": INTEGER},
     ("item-type-changed", "json.a[]", BREAKING)),
    # How far values reach is no promise of what was learned.
    (lambda i: "w w", {"type": ["string", "integer"]}, {**STRING, "maxLength": 3},
     ("type-widened", "json.a", BREAKING)),
    (lambda i: i, {"type": "number"}, {**INTEGER, "maximum": 10**9}, ("type-widened", "json.a", BREAKING)),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "other", "same", "expected"), TO_DOCUMENT)
def test_a_document_held_against_evidence(seen: Callable[[int], Any], other: Any, same: Any, expected: Told) -> None:
    assert told(diff(a(seen), document(same))) == []
    assert told(diff(a(seen), document(other))) == [expected]


def thing(i: int) -> Exchange:
    return get(i, {"id": i})


def failing(i: int, why: Any) -> Exchange:
    return thing(i) if i % 2 else get(i, {"why": why}, 409)


EVIDENCE: list[tuple[Make, Make, Make, Told]] = [
    (thing, lambda i: get(i, b"{]"), thing, ("json-malformed", "body", BREAKING)),
    (thing, lambda i: get(i, b"", 301, Location="https://x.test/"), lambda i: get(i, b"", 304),
     ("redirected", "status", RISKY)),
    (thing, lambda i: get(i, {"id": i}, Sunset="Sat, 31 Dec 2027 23:59:59 GMT"), lambda i: get(i, {"id": i}, ETag="x"),
     ("deprecated", "header Sunset", RISKY)),
    (thing, lambda i: get(i, b""), thing, ("body-empty", "body", BREAKING)),
    (lambda i: get(i, {"id": i}, ETag="x"), thing, lambda i: get(i, {"id": i}, ETag="y"),
     ("header-removed", "header ETag", BREAKING)),
    (lambda i: get(i, {"id": i}, ETag="x"), lambda i: get(i, {"id": i}, ETag="x") if i % 2 else thing(i),
     lambda i: get(i, {"id": i}, ETag="y"), ("header-became-optional", "header ETag", RISKY)),
    (thing, lambda i: get(i, b"<a/>", kind="text/xml"), thing,
     ("media-type-changed", "header Content-Type", BREAKING)),
    (thing, lambda i: get(i, {"id": i}, 202), thing, ("success-status-changed", "status", RISKY)),
    (thing, lambda i: failing(i, "x"), thing, ("error-status-added", "status", INFO)),
    (lambda i: failing(i, "x"), lambda i: failing(i, 3), thing, ("error-body-changed", "409 json.why", RISKY)),
    (thing, lambda i: thing(i) if i % 2 else get(i, [], path="/others"), thing,
     ("operation-added", "path", ADDITIVE)),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "near", "expected"), EVIDENCE, ids=[row[3][0] for row in EVIDENCE])
def test_evidence_held_against_evidence(old: Make, new: Make, near: Make, expected: Told) -> None:
    known = learned(old)
    assert expected[0] not in {one.kind for one in diff(known, learned(near))}
    found = diff(known, learned(lambda i: new(i) if expected[0] != "redirected" or i % 2 else old(i)))
    assert [one for one in told(found) if one[0] != "header-changed"] == [expected]
    assert diff(known, learned(old, first=60)) == []
    assert "evidence" in KINDS[expected[0]].found


def test_little_evidence_is_a_suspicion_and_much_is_none() -> None:
    (few,) = diff(learned(lambda i: get(i, {"a": 1}), 1), learned(lambda i: get(i, {"a": "x y"}), 1))
    assert (few.kind, few.certainty) == ("type-changed", "suspect")
    (many,) = diff(learned(lambda i: get(i, {"a": 1}), 9), learned(lambda i: get(i, {"a": "x y"}), 9))
    assert (many.kind, many.certainty) == ("type-changed", "likely")


def test_what_a_few_new_answers_lack_may_be_for_want_of_them() -> None:
    rare = learned(lambda i: get(i, {"id": i, **({"note": "w w"} if i % 9 == 0 else {}), "last": [None, i][i % 2]}))
    assert diff(rare, learned(lambda i: get(i, {"id": i, "last": i}), 3)) == []
    many = learned(lambda i: get(i, {"id": i % 40, "last": i % 40}), 400)
    assert told(diff(rare, many)) == [
        ("optional-field-removed", "json.note", RISKY),
        ("became-firmer", "json.last", INFO),
    ]


def test_a_nullable_object_that_several_bodies_share_is_looked_into() -> None:
    def shared(value: Any) -> Contract:
        def owner(i: int) -> dict[str, Any]:
            return {"id": i, "login": "n n", "site": "w w", "at": value(i)}

        def make(i: int) -> Exchange:
            return get(i, {"owner": owner(i) if i % 2 else None}, path="/things" if i % 4 < 2 else "/others")

        return learned(make, 80)

    (drift,) = diff(shared(lambda i: i), shared(lambda i: "w w"))
    assert drift.kind == "type-changed"
    assert drift.at == (("GET /others/{id}", "json.owner.at"), ("GET /things/{id}", "json.owner.at"))
    assert {one.kind for one in diff(shared(lambda i: "w w"), shared(lambda i: "w " * 40))} == {"string-longer"}


def post(sent: Any, status: int = 201, body: Any = None, query: str = "") -> Exchange:
    request = Request("POST", f"{BASE}/things{query}", {"Content-Type": "application/json"}, json.dumps(sent).encode())
    return Exchange(
        request, Response(status, {"Content-Type": "application/json"}, json.dumps(body or {"id": 1}).encode())
    )


def posts(sent: Callable[[int], Any], *more: Exchange, query: str = "") -> Contract:
    return learn([*(post(sent(i), query=query) for i in range(20)), *more], base_url=BASE, day="2026-11-20")


def refusal(field: str) -> Exchange:
    return post({}, 422, {"errors": [{"field": field, "message": "is missing"}]})


SENT: list[tuple[Contract, Contract, list[Told]]] = [
    (posts(lambda i: {"t": "x"}), posts(lambda i: {"t": "x", "note": "y"}),
     [("request-part-added", "request json.note", ADDITIVE)]),
    (posts(lambda i: {"t": "x"}), posts(lambda i: {"t": "x"}, query="?dry=1"),
     [("request-part-added", "query dry", ADDITIVE)]),
    (posts(lambda i: {"t": "x"}), posts(lambda i: {"t": ["x", 1][i % 2]}),
     [("request-type-widened", "request json.t", ADDITIVE)]),
    (posts(lambda i: {"t": "x"}, query="?n=1"), posts(lambda i: {"t": "x"}, query="?n=many"),
     [("request-type-widened", "query n", ADDITIVE)]),
    (posts(lambda i: {"t": "x"}), posts(lambda i: {"t": "x", "note": "y"}, refusal("note")),
     [("error-status-added", "status", INFO), ("request-requires-more", "request json.note", BREAKING)]),
    (posts(lambda i: {"t": "x", **({"note": "y"} if i % 2 else {})}),
     posts(lambda i: {"t": "x", "note": "y"}, refusal("note")),
     [("error-status-added", "status", INFO), ("request-became-required", "request json.note", BREAKING)]),
    (posts(lambda i: {"t": "x", "note": "y"}), posts(lambda i: {"t": "x", **({"note": "y"} if i % 2 else {})}),
     [("request-laxer", "request json.note", INFO)]),
    # What isn't sent any more may still be taken, and what always was may not have to be.
    (posts(lambda i: {"t": "x", "note": "y"}), posts(lambda i: {"t": "x"}), []),
    (posts(lambda i: {"t": ["x", 1][i % 2]}), posts(lambda i: {"t": "x"}), []),
    (posts(lambda i: {"t": ["x", None][i % 2]}), posts(lambda i: {"t": "x"}), []),
    (posts(lambda i: {"t": "x", **({"note": "y"} if i % 2 else {})}), posts(lambda i: {"t": "x", "note": "y"}), []),
    (posts(lambda i: {"t": "x"}, query="?n=1"), posts(lambda i: {"t": "x"}), []),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), SENT)
def test_what_requests_that_were_taken_show(old: Contract, new: Contract, expected: list[Told]) -> None:
    assert sorted(told(diff(old, new))) == sorted(expected)
    assert all("evidence" in KINDS[kind].found for kind, _, _ in expected)


def test_a_default_never_shows_in_traffic() -> None:
    said = {"t": {**STRING, "default": "x"}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": said, "required": ["t"]}}}}
    root = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"post": {
        "requestBody": {**body, "required": True}, "responses": {"201": {"description": ""}}}}}}  # fmt: skip
    vendor = Contract(Document(root, "t.yaml"), base_url=BASE)
    taken = posts(lambda i: {"t": "x"})
    for old, new in ((vendor, taken), (taken, vendor)):
        assert "request-default-changed" not in {one.kind for one in diff(old, new)}
    assert KINDS["request-default-changed"].found == ("documents",)
    assert KINDS["request-default-changed"].why == "a default never shows in traffic"
