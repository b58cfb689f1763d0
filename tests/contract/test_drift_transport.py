"""Drift of status, redirects, media type, headers and raw bodies: the pair that shows it and its twin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from lookalike.contract.compare import compare
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import Severity
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
JSON = {"Content-Type": "application/json"}


def exchange(path: str, body: Any = None, status: int = 200, method: str = "GET", **headers: str) -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(Request(method, BASE + path), Response(status, {**JSON, **named}, content))


def learned(count: int = 40, **headers: Any) -> Contract:
    exchanges = [exchange(f"/things/{i}", {"id": i}, **headers) for i in range(count)]
    exchanges += [exchange("/things", [{"id": i} for i in range(200)], **headers)]
    return learn(exchanges, base_url=BASE, name="things", day="2026-11-20")


CONTRACT = learned(ETag='"x"', X_Total_Count="200", Server="x")
GOOD = tuple(f"/things/{i}" for i in range(10))


def found(answers: Sequence[Exchange], contract: Contract = CONTRACT, **more: Any) -> list[Drift]:
    return compare(contract, answers, known_good=GOOD, **more)


def answers(count: int = 3, **more: Any) -> list[Exchange]:
    more = {"ETag": '"y"', "X_Total_Count": "1", "Server": "x", **more}
    return [exchange(f"/things/{i}", **{"body": {"id": i}, **more}) for i in range(count)]


def show(drifts: Sequence[Drift]) -> list[tuple[str, str, str]]:
    return [(drift.kind, drift.place, drift.detail) for drift in drifts]


def test_what_is_as_it_was_is_nothing() -> None:
    assert found(answers()) == []


@pytest.mark.parametrize(
    ("fresh", "expected"),
    [
        (answers(status=201), ("success-status-changed", "status", "201")),
        (answers(status=204, body=b""), ("body-empty", "body", "204")),
        (answers(body=b""), ("body-empty", "body", "")),
        (answers(status=404, body={}), ("path-gone", "path", "")),
        (answers(status=410, body={}), ("path-gone", "path", "")),
        (answers(status=405, body={}), ("operation-removed", "path", "")),
        (answers(status=422, body={}), ("success-gone", "status", "422")),
        (answers(Content_Type="text/xml", body=b"<a/>"), ("media-type-changed", "header Content-Type", "text/xml")),
        (answers(body=b'\xef\xbb\xbf{"id": 1}'), ("json-malformed", "body", "begins with a byte order mark")),
        (answers(body=b'{"id": 1, "id": 2}'), ("json-malformed", "body", "key  given twice")),
        (answers(body=b'{"id": 1'), ("json-malformed", "body", "not JSON")),
        (answers(Sunset="Sat, 31 Dec 2027 23:59:59 GMT"), ("deprecated", "header Sunset", "")),
        (answers(Deprecation="@1688169599"), ("deprecated", "header Deprecation", "")),
    ],
)  # fmt: skip
def test_the_smallest_answers_that_show_it(fresh: list[Exchange], expected: tuple[str, str, str]) -> None:
    shown = found(fresh)
    assert show(shown) == [expected]
    assert not shown[0].suspect


@pytest.mark.parametrize("status", [500, 503, 429])
def test_failures_of_the_server_are_never_drift(status: int) -> None:
    assert found(answers(status=status, body={})) == []


@pytest.mark.parametrize("status", [401, 403])
def test_refusals_are_drift_only_with_proven_credentials(status: int) -> None:
    fresh = answers(status=status, body={})
    assert found(fresh) == []
    assert show(found(fresh, proven=True)) == [("auth-changed", "status", str(status))]


class TestGone:
    def test_one_id_may_be_a_fixture_that_is_gone(self) -> None:
        (drift,) = found(answers(1, status=404, body={}))
        assert (drift.kind, drift.severity, drift.certainty) == ("fixture-gone", Severity.ENVIRONMENT, "suspect")

    def test_one_of_several_ids_is_nothing(self) -> None:
        assert (
            found([*answers(1, status=404, body={}), exchange("/things/5", {"id": 5}, ETag="y", X_Total_Count="1")])
            == []
        )

    def test_a_target_that_never_succeeded_may_be_missing(self) -> None:
        fresh = [exchange(f"/things/{i}", {}, 404) for i in (900, 901)]
        assert [(one.kind, one.severity) for one in found(fresh)] == [("error-status-added", Severity.INFO)]

    def test_a_path_without_parameters_is_known_to_be_good(self) -> None:
        assert show(found([exchange("/things", {}, 404)])) == [("path-gone", "path", "")]


class TestRedirects:
    def test_one_where_there_was_none(self) -> None:
        fresh = [
            exchange("/things", b"", 301, Location="https://u:secret@new.test/things?token=secret"),
            exchange("/things", [{"id": 1}], ETag="y", X_Total_Count="1"),
        ]
        (drift,) = found(fresh)
        assert (drift.kind, drift.detail) == ("redirected", "301 new.test")
        assert drift.now == "301 to https://new.test/things, asked for /things"

    @pytest.mark.parametrize("headers", [{}, {"Location": "http://[bad"}])
    def test_one_that_leads_nowhere(self, headers: dict[str, Any]) -> None:
        (drift,) = found([exchange("/things", b"", 302, **headers)])
        assert (drift.kind, drift.detail) == ("redirected", "302")

    def test_a_known_one_is_nothing(self) -> None:
        contract = learn([exchange("/old", b"", 302, Location="/new")], base_url=BASE, day="2026-11-20")
        assert compare(contract, [exchange("/old", b"", 302, Location="/new")]) == []

    def test_not_modified_is_none(self) -> None:
        assert found([exchange("/things", b"", 304)]) == []


class TestHeaders:
    def test_a_header_of_the_contract_that_is_gone(self) -> None:
        fresh = [exchange(f"/things/{i}", {"id": i}, ETag="y", Server="x") for i in range(3)]
        (drift,) = found(fresh)
        assert (drift.kind, drift.places, drift.severity) == (
            "header-removed", ("header X-Total-Count",), Severity.BREAKING,
        )  # fmt: skip
        assert drift.before == "always there, in all 40 responses seen"
        assert drift.now == "missing in all 3 answers"

    def test_one_that_comes_and_goes(self) -> None:
        fresh = [*answers(2), exchange("/things/2", {"id": 2}, ETag="y"), exchange("/things/3", {"id": 3}, ETag="y")]
        assert [drift.kind for drift in found(fresh)] == ["header-became-optional"]

    def test_infrastructure_comes_and_goes_without_a_verdict(self) -> None:
        (drift,) = found(answers(Via="1.1 x"))
        assert (drift.kind, drift.severity) == ("header-changed", Severity.INFO)
        assert Verdict.of([drift]) is Verdict.OK

    def test_a_head_request_has_headers_and_no_body(self) -> None:
        head = [exchange(f"/things/{i}", b"", method="HEAD", ETag="y", Server="x") for i in range(3)]
        assert [drift.kind for drift in found(head)] == ["header-removed"]


def document(**responses: Any) -> Contract:
    root = {
        "openapi": "3.1.0",
        "info": {"title": "things", "version": "1"},
        "servers": [{"url": BASE}],
        "paths": {"/thing": {"get": {"responses": {name.lstrip("_"): one for name, one in responses.items()}}}},
    }
    return Contract(Document(root, "things.yaml"))


def content(schema: Any, kind: str = "application/json") -> dict[str, Any]:
    return {"description": "", "content": {kind: {"schema": schema}}}


ERROR = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
FLAG = {"type": "object", "properties": {"ok": {"type": "boolean"}}}


class TestErrorBodies:
    def test_another_shape_is_risky_and_names_its_status(self) -> None:
        contract = document(_200=content(FLAG), _404=content(ERROR))
        contract_paths = [exchange("/thing", {"detail": "no"}, 404)]
        drifts = [drift for drift in compare(contract, contract_paths) if drift.kind == "error-body-changed"]
        assert [(one.place, one.severity) for one in drifts] == [("404 json.message", Severity.RISKY)]
        assert drifts[0].sentence == "the body of an error has another shape"

    def test_the_same_shape_is_nothing(self) -> None:
        contract = document(_200=content(FLAG), _400=content(ERROR))
        fresh = [exchange("/thing", {"message": "no"}, 400)]
        assert [drift.kind for drift in compare(contract, fresh)] == ["success-gone"]

    def test_the_default_of_a_document_describes_errors_not_server_failures(self) -> None:
        contract = document(_200=content(FLAG), default=content(ERROR))
        assert compare(contract, [exchange("/thing", {"x": 1}, 503)]) == []

    def test_a_new_field_in_an_error_is_an_addition(self) -> None:
        contract = document(default=content(ERROR))
        (drift,) = compare(contract, [exchange("/thing", {"message": "no", "code": 1}, 404)])
        assert (drift.kind, drift.place, drift.severity) == ("field-added", "404 json.code", Severity.ADDITIVE)


class TestDocuments:
    def test_a_success_that_is_not_named(self) -> None:
        (drift,) = compare(document(_200=content(FLAG)), [exchange("/thing", {"ok": True}, 202)])
        assert (drift.kind, drift.before, drift.certainty) == (
            "success-status-changed",
            "200, says the document",
            "firm",
        )

    def test_a_range_names_its_statuses(self) -> None:
        assert compare(document(**{"2XX": content(FLAG)}), [exchange("/thing", {"ok": True}, 202)]) == []

    def test_other_json_media_types_are_json(self) -> None:
        fresh = [exchange("/thing", {"ok": True}, Content_Type="application/vnd.api+json")]
        assert compare(document(_200=content(FLAG)), fresh) == []

    def test_a_body_that_no_schema_describes_is_free(self) -> None:
        contract = document(_200={"description": "", "content": {"application/json": {}}})
        assert compare(contract, [exchange("/thing", [1])]) == []
        assert compare(document(_200={"description": ""}), [exchange("/thing", [1])]) == []

    def test_a_required_header(self) -> None:
        described = {**content(FLAG), "headers": {"Link": {"required": True, "schema": {"type": "string"}}}}
        assert [d.kind for d in compare(document(_200=described), [exchange("/thing", {})])] == ["header-removed"]
        assert compare(document(_200=described), [exchange("/thing", {}, Link="<x>")]) == []

    def test_an_announced_end_that_the_document_names_is_known(self) -> None:
        described = {**content(FLAG), "headers": {"Sunset": {"schema": {"type": "string"}}}}
        assert compare(document(_200=described), [exchange("/thing", {}, Sunset="x")]) == []
