"""What a vendor's document forbids: replies and requests that contradict it, in its own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.openapi import Document
from lookalike.errors import FileError
from lookalike.messages import Request, Response

TODO = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "completed": {"type": "boolean"},
        "owner": {"$ref": "#/components/schemas/User"},
    },
}
ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


def content(schema: Any, kind: str = "application/json") -> dict[str, Any]:
    return {"content": {kind: {"schema": schema}}}


def query(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


ITEM = {"$ref": "#/components/schemas/Todo"}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
PATHS: dict[str, Any] = {
    "/todos": {
        "get": {
            "parameters": [
                query("page", {"type": "integer"}),
                query("state", {"enum": ["open", "done"]}, required=True),
                query("ids", NUMBERS),
                query("csv", NUMBERS, explode=False),
                query("pipes", NUMBERS, style="pipeDelimited", explode=False),
                query("deep", {"properties": {"a": {"type": "integer"}}}, style="deepObject"),
                query("flag", {"type": "boolean"}),
                query("text", {"type": "string"}),
                {"name": "where", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
                {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "integer"}},
                {"name": "sid", "in": "cookie", "schema": {"type": "integer"}},
            ],
            "responses": {
                "200": {
                    "description": "",
                    "headers": {
                        "X-Total": {"required": True, "schema": {"type": "integer"}},
                        "Content-Type": {"required": True, "schema": {"type": "integer"}},
                        "Link": {"schema": {"type": "string"}},
                    },
                    **content({"type": "array", "items": ITEM}),
                },
                "4XX": {"description": "", **content(ERROR)},
                "default": {"description": "", **content(ERROR)},
            },
        },
        "post": {
            "requestBody": {"required": True, **content(ITEM)},
            "responses": {"201": {"description": "", **content(ITEM, "application/vnd.api+json")}},
        },
    },
    "/todos/{id}": {
        "parameters": [{"name": "id", "in": "path", "schema": {"type": "integer"}}],
        "get": {
            "responses": {
                "200": {"description": "", **content(ITEM)},
                "404": {"description": "", **content(ERROR)},
                "302": {"description": ""},
            }
        },
        "delete": {"responses": {"204": {"description": "", **content(ITEM)}}},
        "put": {
            "requestBody": content(
                {"properties": {"n": {"type": "integer"}, "l": {"type": "array"}, "m": {"properties": {"k": {"type": "integer"}}}}},  # noqa: E501  a row a line
                "application/x-www-form-urlencoded",
            ),
            "responses": {"200": {"description": "", **content({"type": "string"}, "text/plain")}},
        },
        "patch": {"requestBody": {"content": {}}, "responses": {}},
    },
    "/search": {"get": {"parameters": [query("filters", {"type": "object"})], "responses": {"2XX": {"description": ""}}}},  # noqa: E501  a row a line
    "/find": {
        "get": {
            "parameters": [query("by", {"type": "object", "properties": {"name": {"type": "integer"}}})],
            "responses": {"200": {"description": ""}, "201": {"description": ""}},
        }
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def contract() -> Contract:
    root = {
        "openapi": "3.1.0",
        "info": {"title": "Todos", "version": "1"},
        "servers": [{"url": "https://api.test/v1"}],
        "paths": PATHS,
        "components": {
            "schemas": {"Todo": TODO, "User": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}},
            "securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "signature_id"}},
        },
    }
    return Contract(Document(root, "todos.yaml"))


def reply(value: Any = None, status: int = 200, kind: str = "application/json", **headers: str) -> Response:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status, {"content-type": kind, **named} if kind else named, body)


GOOD = {"id": 1, "title": "a"}
SAYS = "the document says so: #/components/schemas/Todo"


@pytest.mark.parametrize(
    ("method", "path", "response", "expected"),
    [
        ("GET", "/todos/1", reply(GOOD), []),
        ("get", "/todos/{todo}", reply(GOOD), []),
        ("GET", "/todos/1", reply({**GOOD, "completed": "no"}),
         [f'json.completed: expected a boolean, got "no" ({SAYS}/properties/completed)']),
        ("GET", "/todos/1", reply({"id": 1}), [f"json.title: expected a string, got missing ({SAYS}/properties/title)"]),  # noqa: E501  a row a line
        ("GET", "/todos/1", reply({**GOOD, "owner": {"name": 3}}),
         [("json.owner.name: expected a string or null, got 3 "
          "(the document says so: #/components/schemas/User/properties/name)")]),
        ("GET", "/todos/1", reply(b"{"),
         [("body: expected JSON, got text that is not JSON at line 1, column 2: unexpected end of data (near '{') "
          "(the document says so: #/paths/~1todos~1{id}/get/responses/200/content/application~1json/schema)")]),
        ("GET", "/todos/1", reply(b""),
         [("body: expected JSON, got an empty body "
          "(the document says so: #/paths/~1todos~1{id}/get/responses/200/content/application~1json/schema)")]),
        ("GET", "/todos/1", reply(b"hi", kind="text/plain"),
         [("header content-type: expected application/json, got text/plain "
          "(the document says so: #/paths/~1todos~1{id}/get/responses/200)")]),
        ("GET", "/todos/1", reply(b"", kind=""),
         [("body: expected a body of application/json, got none "
          "(the document says so: #/paths/~1todos~1{id}/get/responses/200)")]),
        ("GET", "/todos/1", reply(GOOD, kind="application/hal+json"), []),
        ("POST", "/todos", reply(GOOD, 201), []),
        ("GET", "/todos/1", reply(GOOD, 202),
         ["status: expected 200 or 302, got 202 (the document says so: #/paths/~1todos~1{id}/get/responses)"]),
        ("GET", "/todos/1", reply(b"", 304, ""), []),
        ("GET", "/todos/1", reply(b"", 302, ""), []),
        # errors that aren't named may be anything; those that are named are held to what is said of them
        ("GET", "/todos/1", reply({"whatever": 1}, 500), []),
        ("GET", "/todos/1", reply({"error": 1}, 404),
         [("json.error: expected a string, got 1 "
          "(the document says so: #/paths/~1todos~1{id}/get/responses/404/content/application~1json/schema/properties/error)")]),  # noqa: E501  a row a line
        ("GET", "/todos", reply({"error": 1}, 500), []),
        ("GET", "/todos", reply({"error": "x"}, 418), []),
        ("GET", "/todos", reply({"error": "x"}, 202), []),
        ("GET", "/todos", reply([], X_Total="3"), []),
        ("HEAD", "/todos/1", reply(b"", kind="application/json"), []),
        ("DELETE", "/todos/1", reply(b"", 204, ""), []),
        ("PATCH", "/todos/1", reply(GOOD, 202), []),
        ("PUT", "/todos/1", reply(b"text", kind="text/plain"), []),
        ("GET", "/todos", reply([]),
         [("header X-Total: expected a value, got missing "
          "(the document says so: #/paths/~1todos/get/responses/200/headers/X-Total/schema)")]),
        ("GET", "/todos", reply([], X_Total="many"),
         [('header X-Total: expected an integer, got "many" '
          "(the document says so: #/paths/~1todos/get/responses/200/headers/X-Total/schema)")]),
        ("GET", "/nowhere/1", reply({}, 500), []),
        ("GET", "/todo", reply([]),
         [("path: expected an operation of the contract, got GET /todo "
          "(todos.yaml has no such operation); did you mean GET /todos?")]),
        ("DELETE", "/todos", reply([]),
         ["method: expected GET or POST, got DELETE (todos.yaml has no such operation)"]),
    ],
)  # fmt: skip
def test_replies(contract: Contract, method: str, path: str, response: Response, expected: list[str]) -> None:
    found = contract.check_reply(method, path, response)
    assert [str(one) for one in found] == expected
    assert {one.level for one in found} <= {"violation"}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/v1/team", "/v1/teams"),
        ("/v1/teams/7/member", "/v1/teams/{id}/members"),
        ("/v1/team/7/members", "/v1/teams/{id}/members"),
        ("/v2/teams", "/v1/teams"),
        ("/teams", "/v1/teams"),
        # What all paths have in common makes none of them likelier.
        ("/v1/endpoint", None),
        ("/v1/tokens/self", None),
        ("/v1/teams/7/sources", None),
        ("/v1", None),
        ("/elsewhere/7", None),
    ],
)
def test_an_operation_is_meant_where_its_words_are_nearly_there(asked: str, meant: str | None) -> None:
    paths: dict[str, Any] = {
        path: {"get": {"responses": {}}} for path in ("/v1/health", "/v1/teams", "/v1/teams/{id}/members")
    }
    contract = Contract(Document({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}))
    found = contract.meant("GET", asked)
    assert (found.path if found is not None else None) == meant


def test_an_unknown_key_is_a_violation_that_names_the_nearest(contract: Contract) -> None:
    (found,) = contract.check_reply("GET", "/todos/1", reply({**GOOD, "complete": True}))
    assert (found.where, found.level) == ("json.complete", "violation")
    assert "completed" in found.expected + found.hint


def test_a_streamed_body_is_not_read(contract: Contract) -> None:
    response = Response(200, {"content-type": "application/json"}, chunks=lambda: [b"{"])
    assert contract.check_reply("GET", "/todos/1", response) == []


GET = {"X-Tenant": "7"}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
OK = "/todos?state=open"
PARAMETERS = "the document says so: #/paths/~1todos/get/parameters"


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "expected"),
    [
        ("GET", OK, GET, b"", []),
        ("GET", f"{OK}&page=2&ids=1&ids=2&csv=1,2&pipes=1|2&deep[a]=1&flag=true", GET, b"", []),
        ("GET", f"{OK}&where=%7B%22a%22:1%7D", {**GET, "cookie": "sid=1"}, b"", []),
        ("HEAD", OK, GET, b"", []),
        ("OPTIONS", "/anything", {}, b"", []),
        ("GET", "/todos", GET, b"", [f"query state: expected a value, got missing ({PARAMETERS}/1/schema)"]),
        ("GET", OK, {}, b"", [f"header X-Tenant: expected a value, got missing ({PARAMETERS}/9/schema)"]),
        ("GET", f"{OK}&page=two", GET, b"", [f'query page: expected an integer, got "two" ({PARAMETERS}/0/schema)']),
        ("GET", "/todos?state=late", GET, b"",
         [f'query state: expected one of "open", "done", got "late" ({PARAMETERS}/1/schema)']),
        ("GET", f"{OK}&ids=1&ids=x", GET, b"",
         [f'query ids[1]: expected an integer, got "x" ({PARAMETERS}/2/schema/items)']),
        ("GET", f"{OK}&csv=1,x", GET, b"",
         [f'query csv[1]: expected an integer, got "x" ({PARAMETERS}/3/schema/items)']),
        ("GET", f"{OK}&deep[a]=x", GET, b"",
         [f'query deep.a: expected an integer, got "x" ({PARAMETERS}/5/schema/properties/a)']),
        ("GET", f"{OK}&flag=yes", GET, b"", [f'query flag: expected a boolean, got "yes" ({PARAMETERS}/6/schema)']),
        ("GET", f"{OK}&where=%7B", GET, b"",
         [f'query where: expected an object, got "{{" ({PARAMETERS}/8/content/application~1json/schema)']),
        ("GET", OK, {**GET, "cookie": "sid=x"}, b"",
         [f'cookie sid: expected an integer, got "x" ({PARAMETERS}/10/schema)']),
        ("GET", "/todos/abc", {}, b"",
         ['path id: expected an integer, got "abc" (the document says so: #/paths/~1todos~1{id}/parameters/0/schema)']),
        ("GET", "/todos/{id}", {}, b"", []),
        ("POST", "/todos", JSON, b'{"id": 1, "title": "a"}', []),
        ("POST", "/todos", JSON, b'{"id": "1", "title": "a"}',
         [f'json.id: expected an integer, got "1" ({SAYS}/properties/id)']),
        ("POST", "/todos", {}, b"",
         ["body: expected a body, got none (the document says so: #/paths/~1todos/post/requestBody)"]),
        ("POST", "/todos", FORM, b"id=1",
         [("header content-type: expected application/json, got application/x-www-form-urlencoded "
          "(the document says so: #/paths/~1todos/post/requestBody)")]),
        ("POST", "/todos", JSON, b"{",
         [("body: expected JSON, got text that is not JSON at line 1, column 2: unexpected end of data (near '{') "
          "(the document says so: #/paths/~1todos/post/requestBody/content/application~1json/schema)")]),
        ("POST", "/todos", {"content-type": "application/hal+json"}, b'{"id": 1, "title": "a"}', []),
        ("PUT", "/todos/1", FORM, b"n=1&l=x&m[k]=2", []),
        ("PUT", "/todos/1", FORM, b"n=1&l[]=x&l[]=y", []),
        ("PUT", "/todos/1", FORM, b"l=x&l=y", []),
        ("PUT", "/todos/1", FORM, b"n=x",
         [('form.n: expected an integer, got "x" (the document says so: #/paths/~1todos~1{id}/put/requestBody/content/'
          "application~1x-www-form-urlencoded/schema/properties/n)")]),
        ("PUT", "/todos/1", {}, b"", []),
        ("PATCH", "/todos/1", JSON, b"{}", []),
        ("DELETE", "/todos/1", JSON, b"{}", []),
        ("GET", "/search?anything=goes", {}, b"", []),
        ("GET", "/find?name=1", {}, b"", []),
        ("GET", "/find?name=x", {}, b"",
         [('query by.name: expected an integer, got "x" '
          "(the document says so: #/paths/~1find/get/parameters/0/schema/properties/name)")]),
        ("GET", "/nowhere", {}, b"",
         [("path: expected an operation of the contract, got GET /nowhere "
          "(todos.yaml has no such operation)")]),
    ],
)  # fmt: skip
def test_requests(
    contract: Contract, method: str, target: str, headers: dict[str, str], body: bytes, expected: list[str]
) -> None:
    request = Request(method, "https://api.test/v1" + target, headers, body)
    found = contract.check_request(request, target.partition("?")[0])
    assert [str(one) for one in found] == expected
    assert {one.level for one in found} <= {"violation"}


def test_an_unknown_parameter_is_a_warning_with_the_nearest_name(contract: Contract) -> None:
    request = Request("GET", f"https://api.test/v1{OK}&pag=2&signature_id=x&access_token=y", GET)
    (found,) = contract.check_request(request, "/todos")
    assert (found.where, found.level, found.hint) == ("query pag", "warning", 'did you mean "page"?')


def test_a_body_without_a_type_is_a_warning(contract: Contract) -> None:
    (found,) = contract.check_request(Request("POST", "https://api.test/v1/todos", {}, b"{}"), "/todos")
    assert (found.where, found.got, found.level) == ("header content-type", "missing", "warning")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [("GET", "/todos", 200), ("POST", "/todos", 201), ("DELETE", "/todos/1", 204), ("GET", "/search", 200),
     ("GET", "/find", 200), ("PATCH", "/todos/1", 200), ("GET", "/nowhere", 200)],
)  # fmt: skip
def test_the_default_status_is_the_only_success(contract: Contract, method: str, path: str, expected: int) -> None:
    assert contract.default_status(method, path) == expected


def test_what_is_left_unsaid_is_supplied(contract: Contract) -> None:
    whole = contract.complete("GET", "/todos", 200, [{}, {"completed": True}])
    assert contract.check_reply("GET", "/todos", reply(whole, X_Total="2")) == []
    assert whole[1]["completed"] is True
    assert whole == contract.complete("GET", "/todos", 200, [{}, {"completed": True}])
    assert contract.complete("PUT", "/todos/1", 200, {"a": 1}) == {"a": 1}
    assert contract.complete("GET", "/nowhere", 200, {"a": 1}) == {"a": 1}


def test_an_example_fits_and_is_always_the_same(contract: Contract) -> None:
    status, kind, value = contract.example("GET", "/todos/1")
    assert (status, kind) == (200, "application/json")
    assert contract.check_reply("GET", "/todos/1", reply(value)) == []
    assert contract.example("GET", "/todos/1") == (status, kind, value)
    assert contract.example("POST", "/todos")[:2] == (201, "application/vnd.api+json")
    assert contract.example("GET", "/todos/1", 404)[0] == 404
    assert contract.example("PUT", "/todos/1") == (200, "text/plain", "")
    assert contract.example("GET", "/search") == (200, "", None)
    assert contract.example("PATCH", "/todos/1") == (200, "", None)
    assert contract.example("GET", "/nowhere") == (200, "", None)


def test_a_contract_says_what_it_is(contract: Contract) -> None:
    assert (contract.name, contract.title, contract.base_url, contract.learned) == (
        "Todos", "Todos", "https://api.test/v1", False,
    )  # fmt: skip
    assert repr(contract) == "<Contract Todos, from a document, 8 operations>"
    operation = contract.find("GET", "/todos/1")
    assert operation is not None
    assert contract.shape_of(operation, 200) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [("https://api.test/v1/todos?x=1", "/todos"), ("http://API.test/v1", "/"), ("https://api.test/v2/todos", None),
     ("https://api.test:8443/v1/todos", None), ("https://other.test/v1/todos", None)],
)  # fmt: skip
def test_paths_are_relative_to_the_base_url(contract: Contract, url: str, expected: str | None) -> None:
    assert contract.relative(url) == expected


def test_a_contract_without_a_base_url_knows_no_url() -> None:
    root = {"openapi": "3.0.0", "info": {}, "paths": {}}
    assert Contract(Document(root)).relative("https://x.test/") is None
    assert Contract(Document(root), base_url="https://x.test/").relative("https://x.test/a") == "/a"


def test_a_schema_that_is_none_names_its_place() -> None:
    paths = {"/a": {"get": {"responses": {"200": content({"type": "datetime"})}}}}
    contract = Contract(Document({"openapi": "3.1.0", "info": {}, "paths": paths}, "bad.yaml"))
    with pytest.raises(FileError, match=r"bad\.yaml, #/paths/~1a/get/responses/200/content/application~1json/schema"):
        contract.check_reply("GET", "/a", reply({}))


def test_an_error_in_another_form_is_doubtful_only(contract: Contract) -> None:
    """A proxy on the way answers in its own form, and tests must be able to throw that at their code."""
    [found] = contract.check_reply("GET", "/todos/1", reply(b"<h1>Not here</h1>", 404, "text/html"))
    assert (found.where, found.got, found.level) == ("header content-type", "text/html", "warning")


def test_a_pointer_leads_to_one_place_whatever_a_key_holds() -> None:
    keys = ["a/b", "a~1b", "a.b [0]", "~"]
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in keys}}
    document = Document(
        {
            "openapi": "3.1.0",
            "paths": {"/x": {"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}}},
        },
        "odd.yaml",
    )
    found = Contract(document).check_reply("GET", "/x", reply(dict.fromkeys(keys, 1)))
    pointers = [one.evidence.removeprefix("the document says so: ") for one in found]
    assert sorted(pointer.partition("/properties/")[2] for pointer in pointers) == sorted(
        ["a~1b", "a~01b", "a.b [0]", "~0"]
    )
    assert [document.at(pointer) for pointer in pointers] == [{"type": "string"}] * 4
    assert sorted(one.where for one in found) == ['json["a.b [0]"]', 'json["a/b"]', 'json["a~1b"]', 'json["~"]']
