"""Typed Python of what vendors' documents do and classes can't: each module is parsed, imported, and clean for mypy."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.export.alone import standing_alone
from lookalike.export.formats import Models, Options, format_named

REF = "#/components/schemas/"


def body(schema: Any) -> dict[str, Any]:
    return {"description": "ok", "content": {"application/json": {"schema": schema}}}


def operation(name: str, taken: Any, given: Any) -> dict[str, Any]:
    return {
        "operationId": name,
        "requestBody": body(taken),
        "responses": {"200": body(given)},
    }


def extends(base: str, own: Any) -> dict[str, Any]:
    return {"allOf": [{"$ref": REF + base}, own]}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Clouds", "version": "1"},
    "paths": {
        "/walls": {
            # A key that is optional in the base is required, and another has another type.
            "post": operation(
                "createWall",
                extends("Wall", {"type": "object", "required": ["label"], "properties": {"rules": {"type": "string"}}}),
                extends("Wall", {"required": ["id", "nested"], "properties": {"nested": {"properties": {"more": {}}}}}),
            ),
        },
        "/lists": {
            # A base that says which of its keys come together.
            "post": operation("createList", extends("Together", {"required": ["a"]}), {"$ref": REF + "Field"}),
        },
        "/plain": {"post": operation("createPlain", extends("Wall", {"properties": {"own": {"type": "integer"}}}), {})},
    },
    "components": {
        "schemas": {
            "Wall": {
                "type": "object",
                "description": "A wall.",
                "properties": {
                    "id": {"type": "integer"},
                    "label": {"type": "string", "default": "none"},
                    "rules": {"type": "array", "items": {"type": "string"}},
                    "mode": {"allOf": [{"$ref": REF + "Mode"}], "default": "title"},
                    "nested": {"type": "object", "properties": {"one": {"type": "integer"}}},
                    "size": {"type": "string", "format": "int64"},
                },
            },
            # Members of an enum that are methods of a string, one that is a word of Python's, one that is empty.
            "Mode": {"type": "string", "enum": ["title", "index", "class", ""], "default": "index"},
            "Together": {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            "Field": {
                "type": "object",
                "required": ["last"],
                "properties": {
                    "first": {"$ref": REF + "Mode"},
                    "class": {"type": "string"},
                    "two words": {"type": "string", "enum": ["format", "count"], "default": "count"},
                    "last": {"type": "integer"},
                },
            },
        }
    },
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(Document(DOCUMENT, "clouds.json"))


def imported(path: Path) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]
    return vars(module)


@pytest.mark.parametrize("models", ["typed-dict", "pydantic"])
def test_what_classes_cant_extend_is_clean(models: Models, contract: Contract, tmp_path: Path) -> None:
    pytest.importorskip("datamodel_code_generator")
    api = pytest.importorskip("mypy.api")
    path = tmp_path / f"clouds_{models.replace('-', '_')}.py"
    path.write_bytes(format_named("python").export(contract, Options(models=models)))
    said, complaints, code = api.run(["--strict", "--no-incremental", str(path)])
    assert (code, complaints) == (0, ""), said
    names = imported(path)
    assert {"CreateWallRequest", "CreateWall200", "CreateListRequest"} <= names.keys()
    # What is only added to is extended still.
    assert "class CreatePlainRequest(Wall" in path.read_text()


def test_models_hold_what_is_taken_to_both_parts(contract: Contract, tmp_path: Path) -> None:
    pytest.importorskip("datamodel_code_generator")
    pydantic = pytest.importorskip("pydantic")
    path = tmp_path / "cloud_models.py"
    path.write_bytes(format_named("python").export(contract, Options(models="pydantic")))
    taken = imported(path)["CreateWallRequest"]
    made = taken.model_validate({"label": "x", "rules": "all", "mode": "title", "id": 3})
    assert (made.label, made.rules, made.id) == ("x", "all", 3)
    for wrong in ({"rules": "all"}, {"label": "x", "rules": ["all"]}, {"label": "x", "mode": "other"}):
        with pytest.raises(pydantic.ValidationError):
            taken.model_validate(wrong)


def of(own: Any, **shared: Any) -> Any:
    return standing_alone({"$defs": {"Own": own, **shared}})["$defs"]["Own"]


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


BASE = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}


@pytest.mark.parametrize(
    "own",
    [
        {"allOf": [ref("Base"), {"properties": {"c": {}}}]},
        {"allOf": [ref("Base"), {"required": ["a"], "properties": {"a": {"type": "integer"}}}]},
        {"allOf": [{"required": ["a"]}, {"properties": {"a": {}}}]},
        {"allOf": [ref("Base"), {"required": ["b"], "oneOf": [{"properties": {}}]}]},
        {"allOf": [ref("Nothing"), {"required": ["b"]}]},
        {"allOf": [ref("Own"), {"required": ["b"]}]},
        {"allOf": [ref("Base"), {"type": "string", "required": ["b"]}]},
        {"allOf": [ref("Base"), True, {"required": ["b"]}]},
        {"properties": {"allOf": {"type": "string"}}, "examples": [{"allOf": [ref("Base"), {"required": ["b"]}]}]},
    ],
    ids=["adds", "says-again", "no-base", "branches", "unknown", "circle", "other-type", "anything", "only-named-so"],
)
def test_what_changes_nothing_stays_as_it_is(own: Any) -> None:
    assert of(own, Base=BASE) == own


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (
            {"description": "B.", "allOf": [ref("Base"), {"required": ["b"]}]},
            {"description": "B.", "type": "object", "properties": BASE["properties"], "required": ["a", "b"]},
        ),
        (
            {"allOf": [ref("Free")], "type": ["object", "null"], "properties": {"a": {"type": "string"}}},
            {"type": ["object", "null"], "properties": {"a": {"type": "string"}}},
        ),
        (  # what is said of a key beside its type is added to it, whichever part says it
            {"allOf": [ref("Base"), {"properties": {"a": {"description": "A."}, "b": {"maxLength": 3}}}]},
            {
                "type": "object",
                "properties": {"a": {"type": "integer", "description": "A."}, "b": {"type": "string", "maxLength": 3}},
                "required": ["a"],
            },
        ),
        (
            {"allOf": [{"properties": {"a": {"title": "A"}}}, ref("Base")]},
            {
                "type": "object",
                "properties": {"a": {"type": "integer", "title": "A"}, "b": {"type": "string"}},
                "required": ["a"],
            },
        ),
        (  # objects below are extended in turn
            {"allOf": [ref("Deep"), {"properties": {"d": {"required": ["a"], "properties": {"a": {}}}}}]},
            {
                "type": "object",
                "properties": {"d": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}},
            },
        ),
        (
            {"allOf": [ref("Deep"), {"properties": {"d": ref("Base")}}]},
            {"type": "object", "properties": {"d": ref("Base")}},
        ),
        (
            {"allOf": [ref("Deep"), {"properties": {"d": False}}]},
            {"type": "object", "properties": {"d": False}},
        ),
    ],
    ids=["required", "nullable", "said-later", "said-before", "deep", "another", "never"],
)
def test_what_changes_its_base_has_all_keys_itself(own: Any, expected: Any) -> None:
    free = {"properties": {"a": {"type": "integer"}}}
    assert of(own, Base=BASE, Free=free, Deep={"properties": {"d": ref("Free")}}) == expected
