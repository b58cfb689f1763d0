"""Which places of a contract answers have: what is known, what is met, and that it adds up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.contract.coverage import Coverage, percent_met
from lookalike.contract.coverage_places import MOST, PlaceTree, places_of
from lookalike.contract.files import load
from lookalike.messages import Response
from lookalike.report.coverage import lines_of
from lookalike.report.suite_page import suite_page
from lookalike.report.suite_page.coverage import coverage_section

NODE = {"type": "object", "properties": {"id": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Node"}}}
OWNER = {"type": "object", "properties": {"login": {"type": "string"}, "odd key": {}}}
LIST = {"type": "array", "items": {"allOf": [{"properties": {"owner": OWNER}}, {"properties": {"title": {}}}]}}
RATES = {"properties": {"rates": {"type": "object", "additionalProperties": {"properties": {"value": {}}}}}}


def document(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}, "text/plain": {"schema": {"properties": {"no": {}}}}}
    error = {"description": "", "content": {"application/json": {"schema": {"properties": {"error": {}}}}}}
    operation = {"responses": {"200": {"description": "", "content": content}, "404": error}}
    return {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": operation}},
        "components": {"schemas": {"Node": NODE}},
    }  # fmt: skip


def contract_of(folder: Path, schema: Any) -> Any:
    path = folder / "sky.json"
    path.write_text(json.dumps(document(schema)), "utf-8")
    return load(path, base_url="https://sky.test")


@pytest.mark.parametrize(
    ("schema", "places"),
    [
        (LIST, {"json[].owner", "json[].owner.login", 'json[].owner["odd key"]', "json[].title"}),
        (RATES, {"json.rates", "json.rates.*.value"}),
        ({"$ref": "#/components/schemas/Node"}, {"json.id", "json.next"}),
        ({"type": "string"}, set()),
        (True, set()),
    ],
)
def test_places_of_a_schema(tmp_path: Path, schema: Any, places: set[str]) -> None:
    contract = contract_of(tmp_path, schema)
    assert places_of(contract.document, contract.operations[0]) == places


def test_places_have_a_limit(tmp_path: Path) -> None:
    contract = contract_of(tmp_path, {"properties": {f"k{n}": {} for n in range(MOST + 9)}})
    assert len(places_of(contract.document, contract.operations[0])) == MOST


def test_places_in_a_body() -> None:
    known = {"json[].owner", "json[].owner.login", "json[].title", "json.rates", "json.rates.*.value"}
    assert set(PlaceTree(known).met([{"owner": {"login": None}}, {"new": 1}])) == {"json[].owner", "json[].owner.login"}
    assert set(PlaceTree(known).met({"rates": {"EUR": {"value": 1}}})) == {"json.rates", "json.rates.*.value"}


@pytest.mark.parametrize(
    ("response", "met"),
    [
        (Response(200, json=[{"title": "x"}]), {"json[].title"}),
        (Response(404, json={"error": "x"}), set()),
        (Response(200, {"Content-Type": "application/json"}, b"{"), set()),
        (Response(200, {"Content-Type": "text/plain"}, b"x"), set()),
        (None, set()),
    ],
)
def test_what_counts_as_met(tmp_path: Path, response: Response | None, met: set[str]) -> None:
    contract = contract_of(tmp_path, LIST)
    coverage = Coverage.of(contract)
    coverage.received(contract, contract.operations[0], response)
    coverage.received(contract, None, response)
    assert coverage.operations["GET /a"].met == met
    assert percent_met([coverage]) == (25.0 if met else 0.0 if coverage.operations["GET /a"].places else 100.0)


def test_doubles_meet_places_and_workers_add_up(tmp_path: Path) -> None:
    import requests

    contract_of(tmp_path, LIST)
    api = lookalike.Api(tmp_path / "sky.json", base_url="https://sky.test")
    total = Coverage("sky")
    bodies: list[Any] = [[{"title": "x", "owner": {"login": "x", "odd key": 1}}], [{"owner": {}}]]
    for body in bodies:
        with api.mock() as mock:
            mock.get("/a").respond(json=body)
            assert requests.get("https://sky.test/a", timeout=5).ok
            total.add(Coverage.from_json(json.loads(json.dumps(mock.coverage().to_json()))))
    assert total.operations["GET /a"].met == total.operations["GET /a"].places
    assert lines_of([total])[1].endswith("4 of 4 (100%)")


def test_places_of_what_no_answer_came_of_count_too(tmp_path: Path) -> None:
    whole = document(LIST)
    whole["paths"]["/b"] = {"get": whole["paths"]["/a"]["get"]}
    path = tmp_path / "sky.json"
    path.write_text(json.dumps(whole), "utf-8")
    contract = load(path, base_url="https://sky.test")
    coverage = Coverage.of(contract)
    coverage.meet(contract, contract.operations[0], b'[{"title": 1}]')
    assert percent_met([coverage]) == 25.0
    coverage.count_places(contract)
    assert [one.known_places for one in coverage.operations.values()] == [4, 4]
    again = Coverage("sky")
    again.add(Coverage.from_json(json.loads(json.dumps(coverage.to_json()))))
    assert percent_met([coverage]) == percent_met([again]) == 12.5
    assert lines_of([again])[1].endswith("1 of 8 (12%)")


def test_places_that_no_answer_had_are_told_and_drawn(tmp_path: Path) -> None:
    contract = contract_of(tmp_path, LIST)
    coverage = Coverage.of(contract, "<script>alert(1)</script>")
    coverage.received(contract, contract.operations[0], Response(200, json=[{"title": 1}]))
    lines = lines_of([coverage])
    assert "  places that no answer had:" in lines
    assert '    GET /a: json[].owner, json[].owner.login, json[].owner["odd key"]' in lines
    section = coverage_section([coverage])
    assert (section.name, section.told) == ("coverage", "0 of 1 operation called, 1 of 4 places met")
    page = suite_page([section])
    assert "<script>alert" not in page
    assert "draw.coverage" in page
