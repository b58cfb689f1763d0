"""Document against document: each rule that oasdiff names, the smallest pair that shows it, and what it means here.

A row has the rule's id (https://github.com/oasdiff/oasdiff), a pair, and our kind and severity for the consumer. The
pair the other way round, or the same document twice, must not show the kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.openapi import Document

S, I, B, N = ({"type": kind} for kind in ("string", "integer", "boolean", "number"))  # noqa: E741  as types are called
BREAKING, RISKY, ADDITIVE, INFO = Severity.BREAKING, Severity.RISKY, Severity.ADDITIVE, Severity.INFO
Row = tuple[str, Any, Any, str, Severity]


def obj(*, need: str | None = None, more: Mapping[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    required = sorted(properties) if need is None else need.split()
    return {"type": "object", "properties": properties, "required": required, **(more or {})}


def contract(paths: Mapping[str, Any], **root: Any) -> Contract:
    whole = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **root}
    return Contract(Document({"servers": [{"url": "https://api.test/v1"}], **whole}, "t.yaml"))


def json_of(schema: Any, **more: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}, **more}


def answering(schema: Any) -> Contract:
    return contract({"/things": {"get": {"responses": {"200": json_of(schema)}}}})


def of(schema: Any) -> Contract:
    """An answer with the schema at one of its keys."""
    return answering(obj(id=I, a=schema))


def sending(schema: Any, **more: Any) -> Contract:
    body = {"content": {"application/json": {"schema": schema}}, "required": True, **more}
    return contract({"/things": {"post": {"requestBody": body, "responses": {"201": json_of(obj(id=I))}}}})


def asking(schema: Any) -> Contract:
    return operation(parameters=[{"name": "q", "in": "query", "schema": schema}])


def operation(root: Mapping[str, Any] | None = None, **parts: Any) -> Contract:
    return contract({"/things": {"get": {"responses": {"200": json_of(obj(id=I))}, **parts}}}, **(root or {}))


def headed(**header: Any) -> Contract:
    link = {"Link": header} if header else {}
    return contract({"/things": {"get": {"responses": {"200": json_of(obj(id=I), headers=link)}}}})


def statuses(*names: str) -> Contract:
    return contract({"/things": {"get": {"responses": {name: json_of(obj(id=I)) for name in names}}}})


def of_media(*names: str) -> Contract:
    content = {name: {"schema": obj(id=I)} for name in names}
    return contract({"/things": {"get": {"responses": {"200": {"description": "", "content": content}}}}})


SUNSET: dict[str, Any] = {"x-sunset": "2027-01-01"}
LATER: dict[str, Any] = {"x-sunset": "2027-06-01"}
KEY = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
OAUTH = {"key": {"type": "oauth2", "flows": {}}}
SCHEMES = {"components": {"securitySchemes": KEY}}
CARD, BANK, COIN = (
    obj(type={"const": "card"}, last=S),
    obj(type={"const": "bank"}, iban=S),
    obj(type={"const": "coin"}, hash=S),
)
CAT, DOG, COW = obj(meows=B, lives=I), obj(barks=B, owner=S), obj(gives=N, farm=S)
ANIMALS = {"components": {"schemas": {"Cat": CAT, "Dog": DOG, "Cow": COW}}}


def animal(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def zoo(*names: str, **more: Any) -> Contract:
    schema = obj(id=I, a={"oneOf": [animal(name) for name in names], **more})
    return contract({"/things": {"get": {"responses": {"200": json_of(schema)}}}}, **ANIMALS)


RESPONSE: list[Row] = [
    ("response-required-property-removed", obj(id=I, a=S), obj(id=I), "field-removed", BREAKING),
    ("response-optional-property-removed", obj(need="id", id=I, a=S), obj(id=I), "optional-field-removed", RISKY),
    ("response-property-became-optional", obj(id=I, a=S), obj(need="id", id=I, a=S), "field-became-optional", BREAKING),
    ("response-property-became-nullable", obj(a=S), obj(a={"type": ["string", "null"]}), "became-nullable", BREAKING),
    ("response-body-became-nullable", obj(a=S), {**obj(a=S), "type": ["object", "null"]}, "became-nullable", BREAKING),
    ("response-property-became-not-nullable", obj(a={"type": ["string", "null"]}), obj(a=S), "became-firmer", INFO),
    ("response-property-became-required", obj(need="", a=S), obj(a=S), "became-firmer", INFO),
    ("response-property-type-changed", obj(a=S), obj(a=I), "type-changed", BREAKING),
    ("response-body-type-changed", obj(a=S), {"type": "array", "items": S}, "type-changed", BREAKING),
    ("response-property-type-generalized", obj(a=I), obj(a={"type": ["integer", "string"]}), "type-widened", BREAKING),
    ("response-property-list-of-types-widened", obj(a={"type": ["integer", "string"]}),
     obj(a={"type": ["boolean", "integer", "string"]}), "type-widened", BREAKING),
    ("response-property-type-specialized", obj(a=N), obj(a=I), "type-narrowed", INFO),
    ("response-property-list-of-types-narrowed", obj(a={"type": ["integer", "string"]}), obj(a=S),
     "type-narrowed", INFO),
    ("response-property-type-compatible", obj(a=I), obj(a={**N, "multipleOf": 1}), "type-equivalent", INFO),
    ("response-optional-property-added", obj(id=I), obj(need="id", id=I, a=S), "field-added", ADDITIVE),
    ("response-required-property-added", obj(id=I), obj(id=I, a=S), "field-added", ADDITIVE),
    ("response-property-enum-value-added", obj(a={"enum": ["x", "y"]}), obj(a={"enum": ["x", "y", "z"]}),
     "enum-value-added", RISKY),
    ("response-property-enum-value-removed", obj(a={"enum": ["x", "y"]}), obj(a={"enum": ["x"]}),
     "enum-value-gone", INFO),
    ("response-mediatype-enum-value-removed", {"enum": ["x", "y"]}, {"enum": ["x"]}, "enum-value-gone", INFO),
    ("response-property-const-removed", obj(a={"const": "x"}), obj(a=S), "constant-changed", RISKY),
    ("response-property-const-changed", obj(a={"const": "x"}), obj(a={"const": "y"}), "constant-changed", RISKY),
    ("response-property-type-changed", obj(a={**S, "format": "date-time"}), obj(a={**S, "format": "date"}),
     "format-changed", BREAKING),
    ("response-property-pattern-changed", obj(a={**S, "pattern": "^cus_"}), obj(a={**S, "pattern": "^c_"}),
     "id-form-changed", RISKY),
    ("response-property-pattern-removed", obj(a={**S, "pattern": "^cus_"}), obj(a=S), "id-form-changed", RISKY),
    ("response-property-max-length-increased", obj(a={**S, "maxLength": 5}), obj(a={**S, "maxLength": 9}),
     "string-longer", INFO),
    ("response-property-max-length-unset", obj(a={**S, "maxLength": 5}), obj(a=S), "string-longer", INFO),
    ("response-property-max-increased", obj(a={**I, "maximum": 5}), obj(a={**I, "maximum": 9}),
     "number-outside-range", INFO),
    ("response-property-max-increased", obj(a={**I, "maximum": 5}), obj(a={**I, "maximum": 2**60}),
     "number-outside-range", RISKY),
    ("response-property-min-decreased", obj(a={**I, "minimum": 5}), obj(a={**I, "minimum": 0}),
     "number-outside-range", INFO),
    ("response-property-min-items-decreased", obj(a={"type": "array", "items": S, "minItems": 2}),
     obj(a={"type": "array", "items": S, "minItems": 1}), "array-length-changed", INFO),
    ("response-property-min-items-unset", obj(a={"type": "array", "items": S, "minItems": 1}),
     obj(a={"type": "array", "items": S}), "array-length-changed", RISKY),
    ("response-property-type-changed", {"type": "array", "items": S}, {"type": "array", "items": I},
     "item-type-changed", BREAKING),
    ("response-property-prefix-items-added", obj(a={"type": "array", "prefixItems": [N]}),
     obj(a={"type": "array", "prefixItems": [N, N]}), "tuple-changed", BREAKING),
    ("response-property-prefix-items-removed", obj(a={"type": "array", "prefixItems": [N, S]}),
     obj(a={"type": "array", "prefixItems": [N]}), "tuple-changed", BREAKING),
    ("response-property-pattern-property-removed", obj(a={"type": "object", "patternProperties": {"^x-": S}}),
     obj(a={"type": "object"}), "object-became-map", RISKY),
    ("response-property-property-names-removed", obj(a={"type": "object", "propertyNames": {"pattern": "^[A-Z]{3}$"}}),
     obj(a={"type": "object"}), "object-became-map", RISKY),
    ("response-body-one-of-added", {"oneOf": [CARD, BANK]}, {"oneOf": [CARD, BANK, COIN]}, "union-branch-added", RISKY),
    ("response-property-one-of-added", obj(a={"oneOf": [CARD, BANK]}), obj(a={"oneOf": [CARD, BANK, COIN]}),
     "union-branch-added", RISKY),
    ("response-property-any-of-added", obj(a={"anyOf": [CARD, BANK]}), obj(a={"anyOf": [CARD, BANK, COIN]}),
     "union-branch-added", RISKY),
    ("response-property-one-of-removed", obj(a={"oneOf": [CARD, BANK, COIN]}), obj(a={"oneOf": [CARD, BANK]}),
     "union-branch-gone", INFO),
    ("response-property-any-of-removed", obj(a={"anyOf": [CARD, BANK, COIN]}), obj(a={"anyOf": [CARD, BANK]}),
     "union-branch-gone", INFO),
    ("response-body-type-changed", obj(id=I, a=S), obj(data=obj(id=I, a=S)), "body-wrapped", BREAKING),
    ("response-body-wrapped-in-one-of", obj(id=I, a=S), {"oneOf": [obj(id=I, a=S), obj(error=S)]},
     "field-became-optional", BREAKING),
    ("response-required-property-removed", obj(id=I, done=B), obj(id=I, finished=B), "field-renamed", BREAKING),
    ("response-required-property-removed", obj(id=I, street=S), obj(id=I, address=obj(street=S)),
     "field-moved", BREAKING),
    ("response-property-dependent-required-removed", obj(need="", a=S, b=S, more={"dependentRequired": {"a": ["b"]}}),
     obj(need="", a=S, b=S), "presence-rule-broken", RISKY),
    ("response-required-property-became-not-write-only", obj(a={**S, "writeOnly": True}), obj(a=S),
     "read-write-flipped", INFO),
    ("response-required-property-became-write-only", obj(a=S), obj(a={**S, "writeOnly": True}),
     "read-write-flipped", INFO),
    ("response-required-property-became-write-only", obj(a={**S, "readOnly": True}), obj(a={**S, "writeOnly": True}),
     "read-write-flipped", INFO),
    ("response-property-default-value-changed", obj(a={**S, "default": "x"}), obj(a={**S, "default": "y"}),
     "response-default-changed", RISKY),
]  # fmt: skip
REQUEST: list[Row] = [
    ("new-required-request-property", obj(id=I), obj(id=I, a=S), "request-requires-more", BREAKING),
    ("new-optional-request-property", obj(id=I), obj(need="id", id=I, a=S), "request-part-added", ADDITIVE),
    ("request-property-became-required", obj(need="", a=S), obj(a=S), "request-became-required", BREAKING),
    ("request-property-removed", obj(id=I, a=S), obj(id=I), "request-part-removed", RISKY),
    ("request-property-enum-value-removed", obj(a={"enum": ["x", "y"]}), obj(a={"enum": ["x"]}),
     "request-enum-value-gone", BREAKING),
    ("request-property-became-enum", obj(a=S), obj(a={"enum": ["x"]}), "request-became-enum", BREAKING),
    ("request-property-const-added", obj(a=S), obj(a={"const": "x"}), "request-became-enum", BREAKING),
    ("request-property-type-changed", obj(a=S), obj(a=I), "request-type-narrowed", BREAKING),
    ("request-property-enum-value-added", obj(a={"enum": ["x"]}), obj(a={"enum": ["x", "y"]}),
     "request-type-widened", ADDITIVE),
    ("request-property-max-increased", obj(a={**I, "maximum": 5}), obj(a={**I, "maximum": 9}),
     "request-type-widened", ADDITIVE),
    ("request-property-max-decreased", obj(a={**I, "maximum": 9}), obj(a={**I, "maximum": 5}),
     "request-limit-tightened", RISKY),
    ("request-property-max-length-set", obj(a=S), obj(a={**S, "maxLength": 5}), "request-limit-tightened", RISKY),
    ("request-property-became-not-nullable", obj(a={"type": ["string", "null"]}), obj(a=S),
     "request-null-refused", BREAKING),
    ("request-property-default-value-changed", obj(a={**S, "default": "x"}), obj(a={**S, "default": "y"}),
     "request-default-changed", RISKY),
    ("request-property-became-optional", obj(a=S), obj(need="", a=S), "request-laxer", INFO),
]  # fmt: skip
PARAMETER: list[Row] = [
    ("request-parameter-enum-value-removed", {"enum": ["x", "y"]}, {"enum": ["x"]},
     "request-enum-value-gone", BREAKING),
    ("request-parameter-became-enum", S, {"enum": ["x"]}, "request-became-enum", BREAKING),
    ("request-parameter-type-changed", S, I, "request-type-narrowed", BREAKING),
    ("request-parameter-type-generalized", I, S, "request-type-narrowed", BREAKING),
    ("request-parameter-max-length-decreased", {**S, "maxLength": 9}, {**S, "maxLength": 5},
     "request-limit-tightened", RISKY),
    ("request-parameter-pattern-added", S, {**S, "pattern": "^a"}, "request-limit-tightened", RISKY),
    ("request-parameter-became-not-nullable", {"type": ["string", "null"]}, S, "request-null-refused", BREAKING),
    ("request-parameter-default-value-changed", {**I, "default": 1}, {**I, "default": 2},
     "request-default-changed", RISKY),
    ("request-parameter-default-value-added", I, {**I, "default": 2}, "request-default-changed", RISKY),
]  # fmt: skip
Q = [{"name": "q", "in": "query", "schema": S}]
NEEDED = [{"name": "q", "in": "query", "schema": S, "required": True}]
POST = {"responses": {"201": json_of(obj(id=I))}}
FORM = {"requestBody": {"content": {"application/json": {"schema": obj(id=I)}, "text/csv": {}}}, **POST}
PLAIN = {"requestBody": {"content": {"application/json": {"schema": obj(id=I)}}}, **POST}
CURSOR = [{"name": "cursor", "in": "query", "schema": S}]
PAGE = [{"name": "page", "in": "query", "schema": I}]


def posting(node: Any) -> Contract:
    return contract({"/things": {"post": node}})


def secured(*ways: Any, schemes: Any = KEY) -> Contract:
    security = {"security": list(ways)} if ways else {}
    return operation({"components": {"securitySchemes": schemes}}, **security)


WHOLE: list[Row] = [
    ("response-body-media-type-schema-removed", statuses("200"),
     contract({"/things": {"get": {"responses": {"200": {"description": ""}}}}}), "body-empty", BREAKING),
    ("response-success-status-removed", statuses("200"), statuses("201"), "success-status-changed", RISKY),
    ("response-success-status-added", statuses("200"), statuses("200", "202"), "success-status-changed", RISKY),
    ("response-success-status-removed", statuses("200", "404"), statuses("404"), "success-gone", BREAKING),
    ("response-non-success-status-added", statuses("200"), statuses("200", "409"), "error-status-added", INFO),
    ("response-non-success-status-removed", statuses("200", "409"), statuses("200"), "error-status-changed", INFO),
    ("response-non-success-status-removed", statuses("200", "409"), statuses("200", "422"),
     "error-status-changed", RISKY),
    ("response-media-type-removed", of_media("application/xml", "text/csv"), of_media("text/csv"),
     "media-type-changed", BREAKING),
    ("response-media-type-name-generalized", of_media("text/csv"), of_media("text/*"), "media-type-changed", BREAKING),
    ("response-media-type-added", of_media("application/json; charset=utf-8"),
     of_media("application/json; charset=latin1"),
     "charset-changed", INFO),
    ("required-response-header-removed", headed(required=True, schema=S), headed(), "header-removed", BREAKING),
    ("optional-response-header-removed", headed(schema=S), headed(), "header-removed", RISKY),
    ("response-header-became-optional", headed(required=True, schema=S), headed(schema=S),
     "header-became-optional", RISKY),
    ("response-header-type-changed", headed(schema=S), headed(schema=I), "header-type-changed", RISKY),
    ("response-header-became-nullable", headed(schema=S), headed(schema={"type": ["string", "null"]}),
     "header-type-changed", RISKY),
    ("response-header-added", headed(), headed(schema=S), "header-changed", INFO),
    ("endpoint-deprecated-with-sunset", operation(), operation(deprecated=True, **SUNSET),
     "deprecated", RISKY),
    ("api-sunset-date-too-small", operation(deprecated=True, **LATER),
     operation(deprecated=True, **SUNSET), "deprecated", RISKY),
    ("sunset-deleted", operation(deprecated=True, **LATER), operation(deprecated=True),
     "deprecated", RISKY),
    ("api-version-not-bumped", operation(), operation({"servers": [{"url": "https://api.test/v2"}]}),
     "api-version-moved", RISKY),
    ("new-required-request-parameter", operation(), operation(parameters=NEEDED), "request-requires-more", BREAKING),
    ("new-optional-request-parameter", operation(), operation(parameters=Q), "request-part-added", ADDITIVE),
    ("request-parameter-became-required", operation(parameters=Q), operation(parameters=NEEDED),
     "request-became-required", BREAKING),
    ("request-parameter-removed", operation(parameters=Q), operation(), "request-part-removed", RISKY),
    ("request-parameter-removed", operation(parameters=PAGE), operation(parameters=CURSOR),
     "pagination-changed", BREAKING),
    ("request-body-added-required", posting(POST), sending(obj(id=I)), "request-requires-more", BREAKING),
    ("request-body-became-required", posting(PLAIN), sending(obj(id=I)), "request-became-required", BREAKING),
    ("request-body-removed", posting(PLAIN), posting(POST), "request-part-removed", RISKY),
    ("request-body-media-type-removed", posting(FORM), posting(PLAIN), "request-media-type-removed", BREAKING),
    ("api-security-added", secured(), secured({"key": []}), "auth-changed", BREAKING),
    ("api-security-scope-added", secured({"key": ["read"]}, schemes=OAUTH),
     secured({"key": ["read", "write"]}, schemes=OAUTH),
     "auth-changed", BREAKING),
    ("api-global-security-added", operation(SCHEMES), operation({**SCHEMES, "security": [{"key": []}]}),
     "auth-changed", BREAKING),
    ("api-security-component-type-changed", secured({"key": []}), secured({"key": []}, schemes=OAUTH),
     "auth-changed", BREAKING),
    ("api-removed-without-deprecation", operation(), contract({}), "operation-removed", BREAKING),
    ("api-removed-before-sunset", operation(deprecated=True, **LATER), contract({}),
     "operation-removed", BREAKING),
    ("api-path-removed-without-deprecation", operation(), contract({"/others": {"get": POST}}),
     "operation-removed", BREAKING),
    ("response-body-discriminator-removed", zoo("Cat", "Dog", discriminator={"propertyName": "kind"}),
     zoo("Cat", "Dog"),
     "discriminator-gone", BREAKING),
    ("response-property-discriminator-property-name-changed", zoo("Cat", "Dog", discriminator={"propertyName": "kind"}),
     zoo("Cat", "Dog", discriminator={"propertyName": "type"}), "discriminator-gone", BREAKING),
    ("response-property-discriminator-mapping-added",
     zoo("Cat", "Dog", discriminator={"propertyName": "kind", "mapping": {"cat": "Cat"}}),
     zoo("Cat", "Dog", discriminator={"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}}),
     "union-branch-added", RISKY),
    ("response-property-one-of-added", zoo("Cat", "Dog"), zoo("Cat", "Dog", "Cow"), "union-branch-added", RISKY),
    ("response-property-one-of-removed", zoo("Cat", "Dog", "Cow"), zoo("Cat", "Dog"), "union-branch-gone", INFO),
    ("operation-added", contract({}), operation(), "operation-added", ADDITIVE),
    ("response-body-type-changed of an error", statuses("200", "404"),
     contract({"/things": {"get": {"responses": {"200": json_of(obj(id=I)), "404": json_of(obj(id=S))}}}}),
     "error-body-changed", RISKY),
    ("response-property-property-names-removed", of({"type": "object", "properties": {"a": S}}),
     of({"type": "object", "additionalProperties": S}), "object-became-map", RISKY),
]  # fmt: skip
PAIRS: list[tuple[str, Contract, Contract, str, Severity]] = [
    *((rule, answering(old), answering(new), kind, severity) for rule, old, new, kind, severity in RESPONSE),
    *((rule, sending(old), sending(new), kind, severity) for rule, old, new, kind, severity in REQUEST),
    *((rule, asking(old), asking(new), kind, severity) for rule, old, new, kind, severity in PARAMETER),
    *WHOLE,
]
SEVERAL = {"response-body-wrapped-in-one-of": 2}  # keys that the other variants lack
BOTH_WAYS = {
    # What is another value this way is another one that way, and a limit that is gone is one that may be gone.
    "constant-changed", "type-changed", "item-type-changed", "format-changed", "id-form-changed", "body-wrapped",
    "tuple-changed", "object-became-map", "field-renamed", "field-moved", "success-status-changed",
    "error-status-changed", "media-type-changed", "charset-changed", "header-type-changed", "header-changed",
    "api-version-moved", "pagination-changed", "read-write-flipped", "response-default-changed",
    "request-default-changed", "discriminator-gone", "request-type-narrowed", "auth-changed", "error-body-changed",
    "deprecated", "union-branch-added", "union-branch-gone", "operation-removed", "operation-added",
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "old", "new", "kind", "severity"), PAIRS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_rule(rule: str, old: Contract, new: Contract, kind: str, severity: Severity) -> None:
    found = [(drift.kind, drift.severity) for drift in diff(old, new)]
    assert found.count((kind, severity)) == SEVERAL.get(rule, 1)
    others = [one for one in found if one[0] != kind and one[1].rank <= RISKY.rank]
    assert others == [], "one root cause is one finding"
    assert "documents" in KINDS[kind].found


@pytest.mark.parametrize(
    ("rule", "old", "new", "kind", "severity"), PAIRS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_what_is_no_change(rule: str, old: Contract, new: Contract, kind: str, severity: Severity) -> None:
    assert diff(old, old) == []
    assert diff(new, new) == []
    if kind not in BOTH_WAYS:
        assert kind not in [drift.kind for drift in diff(new, old)]


def test_every_kind_of_documents_has_a_pair() -> None:
    """With the older table beside this one, which has the pairs of no rule of oasdiff's."""
    older = Path(__file__).with_name("test_drift_documents.py").read_text(encoding="utf-8")
    claimed = {kind.id for kind in KINDS.values() if "documents" in kind.found}
    assert {kind for kind in claimed if kind not in {pair[3] for pair in PAIRS} and f'"{kind}"' not in older} == set()


class TestNearMisses:
    """What looks like a change, and means none to who calls the API."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (of({**S, "maxLength": 9}), of({**S, "maxLength": 5})),
            (of({**I, "maximum": 9}), of({**I, "maximum": 5})),
            (of({"type": "array", "items": S}), of({"type": "array", "items": S, "minItems": 1})),
            (of(S), of({**S, "pattern": "^a"})),
            (of({"type": "object"}), of({"type": "object", "propertyNames": {"pattern": "a"}})),
            (of(S), of({**S, "description": "of the owner", "title": "Name", "example": "x"})),
            (secured({"key": []}), secured({"key": []}, {"other": []}, schemes=KEY)),
            (secured({"key": []}), secured({})),
            (secured({"key": []}), secured()),
            (operation(), operation({"servers": [{"url": "https://other.test/v1"}]})),
            (operation(deprecated=True), operation(deprecated=True, **SUNSET)),
            (operation(deprecated=True), operation()),
            (zoo("Cat", "Dog"), zoo("Dog", "Cat")),
            (operation(parameters=[*PAGE, *CURSOR]), operation(parameters=[*CURSOR, *PAGE])),
        ],
    )
    def test_nothing_that_matters(self, old: Contract, new: Contract) -> None:
        assert [drift for drift in diff(old, new) if drift.severity.rank <= RISKY.rank] == []

    def test_what_all_operations_show_is_one_finding(self) -> None:
        def of_all(url: str, **header: Any) -> Contract:
            ok = json_of(obj(id=I), headers={"Link": header} if header else {})
            paths = {f"/{name}": {"get": {"responses": {"200": ok}}} for name in ("a", "b", "c")}
            return contract(paths, servers=[{"url": url}])

        (moved,) = diff(of_all("https://api.test/v1"), of_all("https://api.test/v2"))
        assert (moved.kind, len(moved.at)) == ("api-version-moved", 3)
        (gone,) = diff(of_all("https://api.test", required=True, schema=S), of_all("https://api.test"))
        assert (gone.kind, len(gone.at)) == ("header-removed", 3)
