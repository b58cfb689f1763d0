"""Bodies that know the path they answer."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document

PLACE = {
    "type": "object",
    "required": ["id", "name", "userId"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "userId": {"type": ["string", "integer"]},
        "place_code": {"type": "string", "pattern": "^[a-z]+$"},
    },
}
CODE = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


def operation(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"get": {"responses": {"200": {"description": "", "content": content}}}}


@pytest.fixture(scope="module")
def contract() -> Contract:
    paths = {
        "/places/{id}": operation(PLACE),
        "/places/by-number/{placeId}": operation(PLACE),
        "/users/{id}/places": operation({"type": "array", "items": PLACE, "minItems": 2}),
        "/owners/{user_id}/places": operation({"type": "array", "items": PLACE, "minItems": 2}),
        "/codes/{code}": operation(CODE),
        "/code/{id}": operation(CODE),
        "/streets/{placeCode}": operation({**PLACE, "required": ["id", "place_code"]}),
        "/names/{id}": operation({"type": "string"}),
    }
    return Contract(Document({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/places/9", {"id": 9}),
        ("/places/9?x=1", {"id": 9}),
        ("/code/a%20b", {"id": "a b"}),
        ("/code/007", {"id": "007"}),
        ("/streets/ulm", {"place_code": "ulm"}),
    ],
)
def test_an_object_has_the_values_of_its_path(contract: Contract, path: str, expected: dict[str, Any]) -> None:
    _, _, body = contract.example("GET", path)
    assert {key: body[key] for key in expected} == expected
    assert contract.example("GET", path)[2] == body
    whole = contract.complete("GET", path, 200, {})
    assert {key: whole[key] for key in expected} == expected


@pytest.mark.parametrize("path", ["/users/3/places", "/owners/3/places"])
def test_each_item_belongs_to_whom_the_path_names(contract: Contract, path: str) -> None:
    _, _, body = contract.example("GET", path)
    assert len(body) >= 2
    assert {one["userId"] for one in body} == {3}


def test_what_a_person_says_wins(contract: Contract) -> None:
    assert contract.complete("GET", "/places/9", 200, {"id": 4})["id"] == 4
    whole = contract.complete("GET", "/users/3/places", 200, [{"userId": "x"}, {"name": "Ulm"}])
    assert [one["userId"] for one in whole] == ["x", 3]


@pytest.mark.parametrize(
    ("path", "template"),
    [
        # of another type, another form, another name; no value at all; no object
        ("/places/abc", "/places/{id}"),
        ("/streets/12", "/streets/{placeCode}"),
        ("/codes/x", "/codes/{code}"),
        ("/places/{id}", "/places/{id}"),
        ("/names/x", "/names/{id}"),
    ],
)
def test_what_does_not_fit_is_left(contract: Contract, path: str, template: str) -> None:
    assert contract.example("GET", path) == contract.example("GET", template)
