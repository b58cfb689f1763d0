"""Each kind of drift that two documents show: the smallest pair that shows it, and one that must not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.contract.schemas import Bundler
from lookalike.messages import Exchange, Request, Response

S, I, B, N = ({"type": kind} for kind in ("string", "integer", "boolean", "number"))  # noqa: E741  the kinds' first letters


def contract(paths: dict[str, Any], components: dict[str, Any] | None = None) -> Contract:
    root = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://api.test"}],
        "paths": paths,
        "components": {"schemas": components or {}},
    }
    return Contract(Document(root, "t.yaml"))


def json_of(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def operation(**more: Any) -> dict[str, Any]:
    return {"responses": {"200": json_of(obj(id=I))}, **more}


def obj(*, need: str | None = None, **properties: Any) -> dict[str, Any]:
    required = sorted(properties) if need is None else need.split()
    return {"type": "object", "properties": properties, "required": required}


def answering(schema: Any) -> Contract:
    return contract({"/things": {"get": {"responses": {"200": json_of(schema)}}}})


def sending(schema: Any, **more: Any) -> Contract:
    body = {"content": {"application/json": {"schema": schema}}, **more}
    return contract({"/things": {"post": operation(requestBody=body)}})


def asking(**parameters: Any) -> Contract:
    nodes = [{"name": name, "in": "query", **node} for name, node in parameters.items()]
    return contract({"/things": {"get": operation(parameters=nodes)}})


def show(found: list[Drift]) -> list[tuple[str, str]]:
    return [(drift.kind, drift.place) for drift in found]


CARD = obj(type={"const": "card"}, last=S)
BANK = obj(type={"const": "bank"}, iban=S)
COIN = obj(type={"const": "coin"}, hash=S)
TWO = {"oneOf": [CARD, BANK]}

RESPONSES: list[tuple[Any, Any, str, str]] = [
    (obj(id=I, name=S), obj(id=I), "field-removed", "json.name"),
    (obj(id=I, name=S), obj(need="id", id=I, name=S), "field-became-optional", "json.name"),
    (obj(need="id", id=I, name=S), obj(id=I), "optional-field-removed", "json.name"),
    (obj(id=I), obj(id={"type": ["integer", "null"]}), "became-nullable", "json.id"),
    (obj(id={"type": ["integer", "null"]}), obj(id=I), "became-firmer", "json.id"),
    (obj(need="", id=I), obj(id=I), "became-firmer", "json.id"),
    (obj(id=I), obj(id=S), "type-changed", "json.id"),
    (obj(id=I), obj(id={"type": ["integer", "string"]}), "type-widened", "json.id"),
    (obj(id=I), obj(id=N), "type-widened", "json.id"),
    (obj(id=I), obj(id={}), "type-widened", "json.id"),
    (obj(id=N), obj(id=I), "type-narrowed", "json.id"),
    (obj(id={"type": ["integer", "string"]}), obj(id=I), "type-narrowed", "json.id"),
    (obj(id=I), obj(id=I, name=S), "field-added", "json.name"),
    (obj(s={"enum": ["a", "b"]}), obj(s={"enum": ["a", "b", "c"]}), "enum-value-added", "json.s"),
    (obj(s={"enum": ["a", "b"]}), obj(s=S), "enum-value-added", "json.s"),
    (obj(s={"enum": ["a", "b"]}), obj(s={"enum": ["a"]}), "enum-value-gone", "json.s"),
    (obj(s={"const": "a"}), obj(s={"const": "b"}), "constant-changed", "json.s"),
    (obj(d={**S, "format": "date-time"}), obj(d={**S, "format": "date"}), "format-changed", "json.d"),
    (obj(d={**S, "format": "date-time"}), obj(d=S), "format-changed", "json.d"),
    ({"type": "array", "items": I}, {"type": "array", "items": S}, "item-type-changed", "json[]"),
    (obj(m=obj(a=I)), obj(m={"type": "object", "additionalProperties": I}), "object-became-map", "json.m"),
    (TWO, {"oneOf": [CARD, BANK, COIN]}, "union-branch-added", "json.type"),
    (TWO, {"oneOf": [obj(last=S), obj(iban=S)]}, "discriminator-gone", "json.type"),
    (obj(id=I, name=S), obj(data=obj(id=I, name=S)), "body-wrapped", "json"),
    (obj(data=obj(id=I, name=S)), obj(id=I, name=S), "body-wrapped", "json"),
    (obj(id=I, done=B), obj(id=I, finished=B), "field-renamed", "json.done"),
    (obj(id=I, street=S), obj(id=I, address=obj(street=S)), "field-moved", "json.street"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "kind", "place"), RESPONSES)
def test_a_response(old: Any, new: Any, kind: str, place: str) -> None:
    assert show(diff(answering(old), answering(new))) == [(kind, place)]
    assert diff(answering(old), answering(old)) == []
    assert kind not in [one for one, _ in show(diff(answering(new), answering(new)))]
    assert "documents" in KINDS[kind].found


REQUESTS: list[tuple[Any, Any, str, str]] = [
    (obj(id=I), obj(id=I, name=S), "request-requires-more", "request json.name"),
    (obj(id=I), obj(need="id", id=I, name=S), "request-part-added", "request json.name"),
    (obj(id=I, name=S), obj(id=I), "request-part-removed", "request json.name"),
    (obj(need="", id=I), obj(id=I), "request-became-required", "request json.id"),
    (obj(id=I), obj(need="", id=I), "request-laxer", "request json.id"),
    (obj(id={"type": ["integer", "string"]}), obj(id=I), "request-type-narrowed", "request json.id"),
    (obj(id=I), obj(id=N), "request-type-widened", "request json.id"),
    (obj(id=I), obj(id={}), "request-type-widened", "request json.id"),
    (obj(d=S), obj(d={**S, "format": "date"}), "request-type-narrowed", "request json.d"),
    (obj(d={**S, "format": "date"}), obj(d=S), "request-type-widened", "request json.d"),
    (obj(id={"type": ["integer", "null"]}), obj(id=I), "request-null-refused", "request json.id"),
    (obj(s={"enum": ["a", "b"]}), obj(s={"enum": ["a"]}), "request-enum-value-gone", "request json.s"),
    (obj(s={"enum": ["a"]}), obj(s={"enum": ["a", "b"]}), "request-type-widened", "request json.s"),
    (obj(s=S), obj(s={"enum": ["a"]}), "request-became-enum", "request json.s"),
    (obj(n={**I, "default": 1}), obj(n={**I, "default": 2}), "request-default-changed", "request json.n"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "kind", "place"), REQUESTS)
def test_a_request_body(old: Any, new: Any, kind: str, place: str) -> None:
    assert show(diff(sending(old), sending(new))) == [(kind, place)]
    assert diff(sending(new), sending(new)) == []
    assert "documents" in KINDS[kind].found


@pytest.mark.parametrize(
    ("old", "new", "kind", "severity"),
    [
        ({}, {"q": {"required": True, "schema": S}}, "request-requires-more", Severity.BREAKING),
        ({}, {"q": {"schema": S}}, "request-part-added", Severity.ADDITIVE),
        ({"q": {"schema": S}}, {}, "request-part-removed", Severity.RISKY),
        ({"q": {"schema": S}}, {"q": {"required": True, "schema": S}}, "request-became-required", Severity.BREAKING),
        ({"q": {"required": True, "schema": S}}, {"q": {"schema": S}}, "request-laxer", Severity.INFO),
        ({"q": {"schema": S}}, {"q": {"schema": I}}, "request-type-narrowed", Severity.BREAKING),
        ({"q": {"schema": {**I, "default": 1}}}, {"q": {"schema": I}}, "request-default-changed", Severity.RISKY),
    ],
)
def test_a_parameter(old: Any, new: Any, kind: str, severity: Severity) -> None:
    (drift,) = diff(asking(**old), asking(**new))
    assert (drift.kind, drift.place, drift.severity) == (kind, "query q", severity)
    assert diff(asking(**new), asking(**new)) == []


def one(**operation_parts: Any) -> Contract:
    return contract({"/things": {"get": {"responses": {"200": json_of(obj(id=I))}, **operation_parts}}})


def responses(**parts: Any) -> Contract:
    return one(responses={name.lstrip("_"): part for name, part in parts.items()})


OK = json_of(obj(id=I))
TEXT = {"description": "", "content": {"text/csv": {}}}
NOTHING = {"description": ""}
LINKED = {**OK, "headers": {"Link": {"required": True, "schema": S}}}
OPTIONAL = {**OK, "headers": {"Link": {"schema": S}}}

OPERATIONS: list[tuple[Contract, Contract, str, Severity]] = [
    (responses(_200=OK), responses(_201=OK), "success-status-changed", Severity.RISKY),
    (responses(_200=OK), responses(_200=OK, _202=OK), "success-status-changed", Severity.RISKY),
    (responses(_200=OK, _202=OK), responses(_200=OK), "success-status-changed", Severity.RISKY),
    (responses(_200=OK), responses(_404=NOTHING, _200=OK), "error-status-added", Severity.INFO),
    (responses(_200=OK), responses(_200=TEXT), "media-type-changed", Severity.BREAKING),
    (responses(_200=OK), responses(_200=NOTHING), "body-empty", Severity.BREAKING),
    (responses(_200=LINKED), responses(_200=OK), "header-removed", Severity.BREAKING),
    (responses(_200=OPTIONAL), responses(_200=OK), "header-removed", Severity.RISKY),
    (responses(_200=LINKED), responses(_200=OPTIONAL), "header-became-optional", Severity.RISKY),
    (one(), one(deprecated=True), "deprecated", Severity.RISKY),
    (one(), contract({}), "operation-removed", Severity.BREAKING),
    (contract({}), one(), "operation-added", Severity.ADDITIVE),
    (
        responses(_200=OK, _404=json_of(obj(message=S))),
        responses(_200=OK, _404=json_of(obj(message=I))),
        "error-body-changed",
        Severity.RISKY,
    ),
    (sending(obj(id=I)), sending(obj(id=I), required=True), "request-became-required", Severity.BREAKING),
    (sending(obj(id=I), required=True), sending(obj(id=I)), "request-laxer", Severity.INFO),
    (contract({"/things": {"post": operation()}}), sending(obj(id=I)), "request-part-added", Severity.ADDITIVE),
    (
        contract({"/things": {"post": operation()}}),
        sending(obj(id=I), required=True),
        "request-requires-more",
        Severity.BREAKING,
    ),
    (sending(obj(id=I)), contract({"/things": {"post": operation()}}), "request-part-removed", Severity.RISKY),
]


@pytest.mark.parametrize(("old", "new", "kind", "severity"), OPERATIONS)
def test_an_operation(old: Contract, new: Contract, kind: str, severity: Severity) -> None:
    (drift,) = diff(old, new)
    assert (drift.kind, drift.severity) == (kind, severity)
    assert diff(new, new) == []
    assert "documents" in KINDS[kind].found


def test_a_success_that_leaves_none() -> None:
    (gone, added) = diff(responses(_200=OK), responses(_404=NOTHING))
    assert [gone.kind, added.kind] == ["success-gone", "error-status-added"]


def test_a_media_type_of_the_request_that_is_gone() -> None:
    form = {"content": {"application/json": {"schema": obj(id=I)}, "application/x-www-form-urlencoded": {}}}
    old = contract({"/things": {"post": operation(requestBody=form)}})
    (drift,) = diff(old, sending(obj(id=I)))
    assert (drift.kind, drift.place) == ("request-media-type-removed", "body application/x-www-form-urlencoded")


class TestSharedSchemas:
    def test_a_change_in_one_is_one_finding_with_all_its_places(self) -> None:
        ref = {"$ref": "#/components/schemas/User"}
        paths = {
            "/users": {"get": {"responses": {"200": json_of({"type": "array", "items": ref})}}},
            "/teams/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": I}],
                "get": {"responses": {"200": json_of(obj(owner=ref))}},
            },
        }
        old = contract(paths, {"User": obj(id=I, login=S)})
        new = contract(paths, {"User": obj(id=I, login=I)})
        (drift,) = diff(old, new)
        assert drift.at == (("GET /teams/{id}", "json.owner.login"), ("GET /users", "json[].login"))

    def test_one_that_refers_to_itself_ends(self) -> None:
        node = obj(need="id", id=I, children={"type": "array", "items": {"$ref": "#/components/schemas/Node"}})
        other = obj(need="id", id=S, children={"type": "array", "items": {"$ref": "#/components/schemas/Node"}})
        paths = {"/tree": {"get": {"responses": {"200": json_of({"$ref": "#/components/schemas/Node"})}}}}
        assert show(diff(contract(paths, {"Node": node}), contract(paths, {"Node": other}))) == [
            ("type-changed", "json.id")
        ]

    def test_one_among_scalars_keeps_its_name_and_places_do_not_multiply(self) -> None:
        refs = {name: {"$ref": f"#/components/schemas/{name}"} for name in ("A", "B", "C")}

        def components(last: Any) -> dict[str, Any]:
            any_of = {name: {"anyOf": [S, ref, {"type": "null"}]} for name, ref in refs.items()}
            return {
                "A": obj(id=S, b=any_of["B"], b2=any_of["B"], c={"allOf": [refs["C"]], "description": "x"}),
                "B": obj(id=S, a=any_of["A"], c=any_of["C"]),
                "C": obj(id=S, a=any_of["A"], last=last),
            }

        paths = {f"/{n}": {"get": {"responses": {"200": json_of(refs["A"])}}} for n in ("x", "y")}
        (drift,) = diff(contract(paths, components(S)), contract(paths, components(I)))
        assert (drift.kind, drift.at) == ("type-changed", (("GET /x", "json.c.last"), ("GET /y", "json.c.last")))

    def test_alternatives_that_change_are_read_together(self) -> None:
        components = {"A": obj(id=I, a=S), "B": obj(id=I, b=S)}
        either = {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}
        paths, more = ({"/x": {"get": {"responses": {"200": json_of(one)}}}} for one in (either["oneOf"][0], either))
        assert show(diff(contract(paths, components), contract(more, components))) == [
            ("field-became-optional", "json.a"),
            ("field-added", "json.b"),
        ]

    def test_null_in_the_words_of_3_0(self) -> None:
        assert show(diff(answering(obj(id=I)), answering(obj(id={**I, "nullable": True})))) == [
            ("became-nullable", "json.id")
        ]

    def test_all_of_is_read_as_one(self) -> None:
        both = {"allOf": [obj(id=I), obj(name=S)]}
        assert diff(answering(both), answering(obj(id=I, name=S))) == []
        assert show(diff(answering(both), answering(obj(id=I, name=I)))) == [("type-changed", "json.name")]


class TestLearned:
    def exchanges(self, **more: Any) -> list[Exchange]:
        body = json.dumps({"id": 1, "name": "some words", **more}).encode()
        answer = Response(200, {"Content-Type": "application/json"}, body)
        return [Exchange(Request("GET", f"https://api.test/things/{i}"), answer) for i in range(20)]

    def learn(self, exchanges: list[Exchange]) -> Contract:
        return learn(exchanges, base_url="https://api.test", name="t", day="2026-11-20")

    def test_two_that_learned_the_same(self) -> None:
        assert diff(self.learn(self.exchanges()), self.learn(self.exchanges())) == []

    def test_two_that_differ(self) -> None:
        (drift,) = diff(self.learn(self.exchanges(at="a b")), self.learn(self.exchanges()))
        assert (drift.kind, drift.place, drift.suggestion) == ("field-removed", "json.at", "")

    def test_what_a_learned_one_has_not_seen_is_no_difference(self) -> None:
        path = {"/things/{id}": {"parameters": [{"name": "id", "in": "path", "required": True, "schema": I}]}}
        path["/things/{id}"]["get"] = {"responses": {"200": json_of(obj(need="id", id=I, name=S, rare=S))}}  # type: ignore[assignment]  # another form of it
        vendor = contract({**path, "/others": {"get": operation()}})
        assert [one for one in diff(vendor, self.learn(self.exchanges())) if one.severity.rank < 3] == []
        assert sorted(one.kind for one in diff(self.learn(self.exchanges(new=1)), vendor)) == [
            "field-added",
            "field-became-optional",
            "field-removed",
            "operation-added",
        ]


def test_where_a_field_moved_is_told_in_full_and_once_for_a_shared_schema() -> None:
    def people(person: Any) -> Contract:
        shared = {"$ref": "#/components/schemas/Person"}
        many = {"type": "object", "properties": {"found": {"type": "array", "items": shared}}, "required": ["found"]}
        paths = {
            f"/{name}": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {
                "schema": schema}}}}}} for name, schema in (("one", shared), ("many", many))
        }  # fmt: skip
        root = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
        return Contract(Document({**root, "components": {"schemas": {"Person": person}}}, "t.yaml"))

    (drift,) = diff(people(obj(id=I, email=S)), people(obj(id=I, contact=obj(email=S))))
    assert drift.kind == "field-moved"
    assert drift.at == (("GET /many", "json.found[].email"), ("GET /one", "json.email"))
    assert drift.detail == "json.found[].contact.email"
    (both,) = diff(people(obj(id=I, a=S, b=S)), people(obj(id=I, more=obj(a=S, b=S))))
    assert both.detail == "json.found[].more"


def test_a_diff_copies_no_schema_that_operations_share(monkeypatch: pytest.MonkeyPatch) -> None:
    def one(**more: Any) -> Contract:
        components = {"Thing": obj(id=I, **more), "Page": obj(next=S, items={"type": "array", "items": ref})}
        return contract({"/things": {"get": {"responses": {"200": json_of({"$ref": page})}}}}, components)

    ref, page = {"$ref": "#/components/schemas/Thing"}, "#/components/schemas/Page"
    bundled: list[str] = []
    monkeypatch.setattr(Bundler, "bundle", lambda self, node, pointer: bundled.append(pointer))
    assert show(diff(one(name=S), one())) == [("field-removed", "json.items[].name")]
    assert bundled == []
