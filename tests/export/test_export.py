"""What a contract is exported to: each format by its own rules, and back again."""

from __future__ import annotations

import importlib.util
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from lookalike import packs
from lookalike.cli import app
from lookalike.contract.contract import Contract
from lookalike.contract.files import load, save
from lookalike.contract.learning import learn
from lookalike.contract.openapi import Document
from lookalike.errors import UsageError
from lookalike.export.examples import Examples, exchanges
from lookalike.export.formats import FORMATS, Models, Options, format_named
from lookalike.export.json_schema import schema_of
from lookalike.export.names import free, operation_name, pascal
from lookalike.export.openapi import document_of
from lookalike.export.wiremock import mappings_of
from lookalike.messages import Exchange, Request, Response
from lookalike.traffic import read

BASE = "https://api.test/v1"
JSON = {"content-type": "application/json"}
MADE = [one for one in FORMATS if one.module]


def exchange(method: str, path: str, status: int = 200, body: Any = None, *, sent: Any = None) -> Exchange:
    request = Request(
        method, BASE + path, {} if sent is None else JSON, b"" if sent is None else json.dumps(sent).encode()
    )
    return Exchange(
        request, Response(status, JSON, b"" if body is None else json.dumps(body).encode()), day="2026-11-20"
    )


def user(number: int) -> dict[str, Any]:
    name = None if number % 3 == 0 else f"n{number}"
    more = {"note": "x"} if number % 2 else {}
    key = str(uuid.UUID(int=number * 7919))
    return {"id": number, "key": key, "name": name, "odd key": {"n": number / 2}, "tags": ["a"], "on": True, **more}


def traffic() -> list[Exchange]:
    found = [exchange("GET", f"/users/{number}", 200, user(number)) for number in range(1, 60)]
    found += [exchange("GET", "/users", 200, [user(number) for number in range(1, 40)])]
    found += [exchange("GET", f"/users/{number}", 404, {"error": "no"}) for number in (900, 901)]
    found += [exchange("POST", "/users", 201, user(number), sent={"name": "x"}) for number in range(40)]
    found += [exchange("DELETE", f"/users/{number}", 204) for number in range(1, 9)]
    return found


TEXT, NUMBERS = {"type": "string"}, {"type": "array", "items": {"type": "integer"}}
PET = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
PAIR = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"], "additionalProperties": False}
NAMES = ("Tree", "Leaf", "Hidden")
TREE, LEAF = ({"$ref": f"#/components/schemas/{name}"} for name in NAMES[:2])
SAID = {"type": "object", "description": "What went wrong."}
VENDOR: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": 'Ven"dor', "version": "7", "x-logo": "y"},
    "servers": [{"url": "https://vendor.test/api"}],
    "paths": {
        "/compare/{base}...{head}": {
            "parameters": [
                {"name": "base", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "head", "in": "path", "required": True, "schema": {"type": "string"}},
            ],
            "get": {"responses": {"200": {"description": "fine", "content": {"text/plain": {"schema": TEXT}}}}},
        },
        "/pets": {
            "post": {
                "operationId": "add-pet",
                "security": [{"key": []}],
                "parameters": [
                    {"name": "dry", "in": "query", "required": True, "schema": NUMBERS},
                    {"name": "X-Need", "in": "header", "required": True, "schema": {"type": "string", "enum": ["a"]}},
                    {"name": "sid", "in": "cookie", "required": True, "schema": {"type": "string", "enum": ["s"]}},
                    {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
                ],
                "requestBody": {"required": True, "content": PET},
                "responses": {
                    "201": {
                        "description": "made",
                        "headers": {"X-Rate": {"required": True, "schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    },
                    "4XX": {"description": "", "content": {"application/json": {}}},
                    "default": {"description": "other", "content": {"application/json": {"schema": SAID}}},
                },
            },
            "head": {"responses": {}},
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {"Pet": {
            "type": "object",
            "required": ["id", "name", "secret"],
            "properties": {
                "id": {"type": "integer", "readOnly": True},
                "name": {"type": "string", "nullable": True, "format": "email"},
                "secret": {"type": "string", "writeOnly": True},
                "mother": {"$ref": "#/components/schemas/Pet"},
                "weight": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            },
        }},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def learned() -> Contract:
    return learn(traffic(), base_url=BASE, name="users", title="Users")


@pytest.fixture(scope="module")
def vendor() -> Contract:
    return Contract(Document(VENDOR, "vendor.json"))


@pytest.fixture(scope="module")
def pack() -> Contract:
    return packs.load("jsonplaceholder").contract


@pytest.fixture(params=["learned", "vendor", "pack"])
def contract(request: pytest.FixtureRequest) -> Contract:
    found: Contract = request.getfixturevalue(request.param)
    return found


def exported(contract: Contract, name: str, **options: Any) -> Any:
    return json.loads(format_named(name).export(contract, Options(suffix=".json", **options)))


@pytest.mark.parametrize("form", MADE, ids=lambda form: form.name)
def test_the_same_contract_gives_the_same_bytes(form: Any, contract: Contract) -> None:
    first = form.export(contract)
    assert first.endswith(b"\n")
    assert form.export(contract) == first


def test_an_unknown_format_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="no format 'raml' to export to; there are json-schema, openapi,"):
        format_named("raml")


# --- JSON Schema


def validator(document: dict[str, Any], name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**document, "$ref": f"#/$defs/{name}"})


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9**20) | st.floats(-1, 1) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "$ref", "x-y"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=50)
@given(values=st.lists(_json, min_size=1, max_size=5))
def test_the_json_schema_accepts_every_value_that_was_learned(values: list[Any]) -> None:
    found = learn([exchange("GET", "/things", 200, value) for value in values], base_url=BASE, title="T")
    document = orjson.loads(format_named("json-schema").export(found))
    if not document["$defs"]:
        assert values == [None] * len(values)
        return
    own = validator(document, "ThingsList200" if "ThingsList200" in document["$defs"] else "ThingsGet200")
    # The body `null` is no body.
    assert [value for value in values if value is not None and not own.is_valid(value)] == []


def test_what_requests_and_responses_have_alike_is_there_once() -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}, "leaf": LEAF}}
    leaf = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    hidden = {"type": "object", "required": ["id"], "properties": {"id": {"readOnly": True}, "tree": TREE}}
    bodies = {
        name: {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}} for name in NAMES
    }
    paths = {
        f"/{name}": {"put": {"requestBody": body, "responses": {"default": {"description": "", **body}}}}
        for name, body in bodies.items()
    }
    schemas = dict(zip(NAMES, (tree, leaf, hidden), strict=True))
    root = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    document = document_of(Contract(Document(root, "x.json")))
    validate(document)
    assert sorted(document["components"]["schemas"]) == ["Hidden", "HiddenInput", "Leaf", "Tree"]
    put = document["paths"]["/Tree"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"] == TREE
    assert put["responses"]["default"]["content"]["application/json"]["schema"] == TREE
    own = schema_of(Contract(Document(root, "x.json")))["$defs"]
    assert {name for name in own if name.endswith("Input")} == {"HiddenInput"}
    assert own["HiddenInput"]["properties"]["tree"] == {"$ref": "#/$defs/Tree"}


def test_each_body_has_a_definition(vendor: Contract) -> None:
    document = schema_of(vendor)
    assert list(document["$defs"]) == ["AddPet201", "AddPet4XX", "AddPetDefault", "AddPetRequest", "Pet", "PetInput"]
    assert document["$defs"]["AddPetDefault"]["description"] == "What went wrong."
    assert document["$defs"]["AddPet4XX"] == {"description": "What POST /pets answers with 4XX."}
    assert document["$defs"]["AddPetRequest"] == {"description": "What POST /pets takes.", "$ref": "#/$defs/PetInput"}
    pet = {"id": 1, "name": None, "mother": {"id": 2, "name": "a"}}
    assert validator(document, "AddPet201").is_valid(pet)
    assert not validator(document, "AddPetRequest").is_valid(pet)
    assert validator(document, "AddPetRequest").is_valid({"name": "a", "secret": "s"})
    assert not validator(document, "AddPet201").is_valid({**pet, "weight": 0})


# --- OpenAPI


def test_the_openapi_document_is_valid_and_without_marks(contract: Contract) -> None:
    document = exported(contract, "openapi")
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert "x-" not in {key[:2].lower() for key in keys(document["paths"], below=("properties", "headers"))}


def keys(node: Any, below: tuple[str, ...]) -> Iterator[str]:
    for key, one in node.items() if isinstance(node, dict) else ():
        yield key
        if key not in below:
            yield from keys(one, below)
    for one in node if isinstance(node, list) else ():
        yield from keys(one, below)


def test_the_openapi_document_is_a_contract_that_accepts_the_same(learned: Contract, tmp_path: Path) -> None:
    path = tmp_path / "out.yaml"
    path.write_bytes(format_named("openapi").export(learned, Options(".yaml")))
    back = load(path)
    assert (back.title, back.base_url, back.learned) == ("Users", BASE, False)
    assert back.document.root["info"]["version"] == "2026-11-20"
    assert [one.key for one in back.operations] == [one.key for one in learned.operations]
    for one in traffic():
        path_of = back.relative(one.request.url)
        assert path_of is not None
        assert one.response is not None
        told = back.check_reply(one.request.method, path_of, one.response)
        assert [reason for reason in told if reason.level == "violation"] == []


def test_an_older_document_becomes_3_1(vendor: Contract) -> None:
    document = document_of(vendor)
    assert document["info"] == {"title": 'Ven"dor', "version": "7"}
    assert document["components"]["securitySchemes"] == VENDOR["components"]["securitySchemes"]
    pet = document["components"]["schemas"]["Pet"]
    assert pet["required"] == ["id", "name"]
    assert pet["properties"]["name"]["type"] == ["string", "null"]
    assert pet["properties"]["mother"] == {"$ref": "#/components/schemas/Pet"}
    post = document["paths"]["/pets"]["post"]
    assert post["security"] == [{"key": []}]
    assert post["responses"]["201"]["headers"]["X-Rate"] == {"required": True, "schema": {"type": "integer"}}
    assert post["responses"]["4XX"]["description"] == "Status 4XX"
    assert post["requestBody"]["required"] is True
    assert post["parameters"][3]["content"] == {"application/json": {"schema": {"type": "object"}}}
    assert document["paths"]["/pets"]["head"]["responses"] == {"default": {"description": "Not described."}}


# --- typed Python


def module_of(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]
    return module


def test_typed_python_is_imported_and_clean(learned: Contract, vendor: Contract, tmp_path: Path) -> None:
    pytest.importorskip("datamodel_code_generator")
    written = []
    models: tuple[Models, ...] = ("typed-dict", "pydantic")
    for name, contract in (("users", learned), ("vendor", vendor)):
        for kind in models:
            path = tmp_path / f"{name}_{kind.replace('-', '_')}.py"
            path.write_bytes(format_named("python").export(contract, Options(models=kind)))
            written.append(path)
            assert any(word.startswith(("Users", "AddPet")) for word in vars(module_of(path)))
    text = written[0].read_text()
    assert text.startswith('"""Users: what it takes and answers. Written by `lookalike export`."""\n')
    api = pytest.importorskip("mypy.api")
    said, complaints, code = api.run(["--strict", "--no-incremental", *map(str, written[::2])])
    assert (code, complaints) == (0, ""), said


def test_pydantic_models_take_what_was_learned(learned: Contract, tmp_path: Path) -> None:
    pytest.importorskip("datamodel_code_generator")
    pydantic = pytest.importorskip("pydantic")
    path = tmp_path / "user_models.py"
    path.write_bytes(format_named("python").export(learned, Options(models="pydantic")))
    names = vars(module_of(path))
    model = names["UsersGet200"]
    assert model.model_validate(user(1))
    with pytest.raises(pydantic.ValidationError):
        model.model_validate({**user(1), "id": "one"})


def test_without_bodies_or_without_the_extra_there_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, learned: Contract
) -> None:
    bare = learn([exchange("DELETE", "/x", 204)], base_url=BASE)
    pytest.importorskip("datamodel_code_generator")
    with pytest.raises(UsageError, match="no JSON bodies"):
        format_named("python").export(bare)
    monkeypatch.setitem(sys.modules, "datamodel_code_generator", None)
    with pytest.raises(UsageError, match=r'pip install "lookalike\[types\]"'):
        format_named("python").export(learned)


# --- Pact


@pytest.mark.parametrize("version", ["pact-v3", "pact-v4"])
def test_a_pact_asks_for_what_is_required_and_no_more(learned: Contract, version: str) -> None:
    pact = exported(learned, version, consumer="shop")
    assert (pact["consumer"], pact["provider"]) == ({"name": "shop"}, {"name": "Users"})
    assert pact["metadata"]["pactSpecification"]["version"] == {"pact-v3": "3.0.0", "pact-v4": "4.0"}[version]
    by_name = {one["description"]: one for one in pact["interactions"]}
    assert sorted(by_name) == [
        "DELETE /users/{id} answers with 204",
        "GET /users answers with 200",
        "GET /users/{id} answers with 200",
        "POST /users answers with 201",
    ]
    one = by_name["GET /users/{id} answers with 200"]
    assert one["request"]["matchingRules"]["path"]["matchers"] == [{"match": "regex", "regex": "^/users/[^/]+$"}]
    body = one["response"]["body"]
    body = body["content"] if version == "pact-v4" else body
    assert set(body) == {"id", "key", "name", "odd key", "tags", "on"}
    rules = {path: rule["matchers"] for path, rule in one["response"]["matchingRules"]["body"].items()}
    assert rules["$.id"] == [{"match": "integer"}]
    assert rules["$.key"][0]["match"] == "regex"
    assert rules["$.name"] == [{"match": "type"}, {"match": "null"}]
    assert rules["$['odd key'].n"] == [{"match": "number"}]
    assert rules["$.tags[*]"] == [{"match": "type"}]
    listed = by_name["GET /users answers with 200"]["response"]["matchingRules"]["body"]
    assert listed["$[*].id"] == {"combine": "AND", "matchers": [{"match": "integer"}]}
    assert by_name["DELETE /users/{id} answers with 204"]["response"] == {"status": 204}
    assert len({json.dumps(one.get("key", one["description"])) for one in pact["interactions"]}) == 4


def test_a_pact_says_what_a_request_needs(vendor: Contract) -> None:
    three, four = (
        next(one["request"] for one in exported(vendor, version)["interactions"] if one["request"]["method"] == "POST")
        for version in ("pact-v3", "pact-v4")
    )
    assert set(three["query"]) == {"dry"}
    assert three["headers"] == {"X-Need": "a", "cookie": "sid=s", "content-type": "application/json"}
    assert set(three["body"]) >= {"name", "secret"}
    assert three["matchingRules"]["query"]["dry"]["matchers"] == [{"match": "type"}]
    assert four["headers"]["X-Need"] == ["a"]
    assert four["body"] == {"content": three["body"], "contentType": "application/json", "encoded": False}


# --- WireMock


def test_wiremock_mappings_read_back_teach_the_same_operations(learned: Contract, tmp_path: Path) -> None:
    path = tmp_path / "mappings" / "all.json"
    path.parent.mkdir()
    path.write_bytes(format_named("wiremock").export(learned))
    told: list[Any] = []
    back = learn(read(path, skipped=told.append), base_url=BASE)
    assert told == []
    assert {one.key for one in back.operations} == {one.key for one in learned.operations}
    for operation in back.operations:
        same = learned.find(operation.method, operation.path)
        assert same is not None
        assert set(operation.responses) == set(same.responses)


def test_wiremock_mappings_ask_for_the_path_and_prefer_the_plainer(learned: Contract, vendor: Contract) -> None:
    found = {one["name"]: one for one in mappings_of(learned)["mappings"]}
    one, missing = found["GET /users/{id} 200"], found["GET /users/{id} 404"]
    assert one["request"] == {"method": "GET", "urlPathTemplate": "/v1/users/{id}"}
    assert missing["request"]["headers"] == {"Prefer": {"contains": "code=404"}}
    assert found["GET /users 200"]["priority"] < missing["priority"] < one["priority"]
    assert one["metadata"] == {"baseUrl": "https://api.test"}
    assert json.loads(one["response"]["body"])["on"] in (True, False)
    assert found["DELETE /users/{id} 204"]["response"] == {"status": 204}
    odd = {one["name"]: one for one in mappings_of(vendor)["mappings"]}
    compared = odd["GET /compare/{base}...{head} 200"]
    assert compared["request"]["urlPathPattern"] == r"/api/compare/[^/]+\.\.\.[^/]+"
    assert compared["response"]["headers"] == {"Content-Type": "text/plain"}
    assert set(odd["POST /pets 201"]["response"]["headers"]) == {"Content-Type", "X-Rate"}
    assert odd["POST /pets 201"]["request"]["queryParameters"] == {"dry": {"matches": ".*"}}


# --- examples, and HAR


def test_examples_keep_to_their_contract(contract: Contract) -> None:
    for one in Examples(contract).all():
        made = one.exchange(contract.base_url or "")
        assert made.response is not None
        told = contract.check_reply(one.operation.method, one.path, made.response)
        told += contract.check_request(made.request, one.path)
        assert [reason for reason in told if reason.level == "violation"] == []


@pytest.mark.parametrize(
    ("parameter", "query"),
    [
        ({"schema": NUMBERS}, "p=1&p=2"),
        ({"schema": NUMBERS, "explode": False}, "p=1%2C2"),
        ({"schema": NUMBERS, "explode": False, "style": "pipeDelimited"}, "p=1%7C2"),
        ({"schema": PAIR}, "a=1"),
        ({"schema": PAIR, "explode": False}, "p=a%2C1"),
        ({"schema": PAIR, "style": "deepObject"}, "p%5Ba%5D=1"),
        ({"content": {"application/json": {"schema": PAIR}}}, "p=%7B%22a%22%3A1%7D"),
        ({}, "p=1"),
    ],
)
def test_parameters_are_written_in_their_style(parameter: dict[str, Any], query: str) -> None:
    needed = {"name": "p", "in": "query", "required": True, "schema": {"const": 1}, **parameter}
    if "content" in parameter:
        del needed["schema"]
    headed = {"name": "H", "in": "header", "required": True, "explode": True, "schema": PAIR}
    answer = {"200": {"description": "", "headers": {"Any": {"required": True}}}}
    root = {"openapi": "3.1.0", "info": {"title": "", "version": "1"}}
    paths = {"/{x}": {"get": {"parameters": [needed, headed], "responses": answer}}}
    (found,) = exchanges(Contract(Document({**root, "paths": paths}, "x.json")))
    assert (found.request.url, found.request.headers["H"]) == (f"http://localhost/1?{query}", "a=1")
    assert found.response is not None
    assert "any" in found.response.headers


def test_a_pact_has_no_rule_where_anything_may_come() -> None:
    properties = {
        "any": {}, "either": {"type": ["string", "integer"]}, "null": {"type": "null"},
        "whole": {"type": ["integer", "null"]}, "choice": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "maybe": {"oneOf": [{"allOf": [{"type": "string"}, {}]}, {"type": "null"}]},
        "open": {"anyOf": [{"type": "array"}, {}]},
        "list": {"type": "array", "minItems": 1, "items": {"enum": [1.5]}}, "flag": {"const": True, "type": "boolean"},
        "it's": {"type": "object"},
    }  # fmt: skip
    schema = {"type": "object", "required": list(properties), "properties": properties}
    answers = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    root = {"openapi": "3.1.0", "info": {"title": "", "version": "1"}, "paths": {"/": {"get": {"responses": answers}}}}
    pact = exported(Contract(Document(root, "x.json"), name="x"), "pact-v3")
    rules = pact["interactions"][0]["response"]["matchingRules"]["body"]
    assert {path: rule["matchers"] for path, rule in rules.items()} == {
        "$": [{"match": "type"}],
        "$.null": [{"match": "null"}],
        "$.whole": [{"match": "integer"}, {"match": "null"}],
        "$.maybe": [{"match": "type"}, {"match": "null"}],
        "$.list": [{"match": "type"}],
        "$.flag": [{"match": "type"}],
        "$['it\\'s']": [{"match": "type"}],
    }
    assert pact["provider"] == {"name": "x"}


def test_a_har_of_examples_teaches_the_contract(learned: Contract, tmp_path: Path) -> None:
    from lookalike.traffic.har_file import write

    assert write(tmp_path / "a.har", exchanges(learned)) == 5
    assert {one.request.method for one in read(tmp_path / "a.har")} == {"GET", "POST", "DELETE"}


@pytest.mark.parametrize(
    ("words", "name"),
    [("list todos", "ListTodos"), ("add-pet", "AddPet"), ("2fa", "_2fa"), ("...", "Value"), ("a.b_c", "ABC")],
)
def test_names_are_classes(words: str, name: str) -> None:
    assert pascal(words) == name


def test_operations_without_an_id_are_named_by_their_path(vendor: Contract) -> None:
    names = [operation_name(one) for one in vendor.operations]
    assert sorted(names) == ["AddPet", "GetCompareByBaseByHead", "HeadPets"]
    assert free("A", {"A", "A2"}) == "A3"


# --- the command


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_the_command_writes_each_format(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    assert app.run(["export", "jsonplaceholder", "--to", name, "-o", str(out)]) == 0
    assert capsys.readouterr().out.startswith(f"Wrote {out}: ")
    assert out.stat().st_size > 1000


def test_traffic_is_written_as_a_har_without_its_secrets(
    tmp_path: Path, learned: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    save(learned, tmp_path / "users.yaml")
    secret = "s3cr3t-value-of-a-token"
    interceptors = [
        {"scope": BASE, "method": "GET", "path": f"/users?token={secret}", "status": 200, "response": []},
        {"scope": BASE, "method": "GET", "path": {}, "status": 200, "response": []},
    ]
    (tmp_path / "nock.json").write_text(json.dumps(interceptors))
    out = tmp_path / "out.har"
    sources = [str(tmp_path / "nock.json"), str(tmp_path / "users.yaml")]
    assert app.run(["export", *sources, "--to", "har", "-o", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out == f"Wrote {out}: 6 exchanges\n"
    assert "nock.json, interceptor 2: its scope or path is no text" in said.err
    assert secret not in out.read_text()


def test_one_contract_is_exported_at_a_time(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = ["export", "jsonplaceholder", "jsonplaceholder", "--to", "openapi", "-o", str(tmp_path / "x.yaml")]
    assert app.run(arguments) == 2
    assert "takes one contract, and here are 2" in capsys.readouterr().err
    assert app.run(["export", "nothing.json", "--to", "har", "-o", str(tmp_path / "x.har")]) == 2
    assert not list(tmp_path.iterdir())
