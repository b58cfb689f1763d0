"""--lookalike=verify: an item that a test made up is compared with another one that exists, or not at all."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

CONTRACT = """
openapi: 3.1.0
info: {title: Own, version: "1"}
paths:
  /users:
    get: {responses: {"200": {description: all, content: {application/json: {schema: {type: array}}}}}}
  /users/{id}: &item
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: one, content: {application/json: {schema: {type: object, properties: {id: {type: integer}, name: {type: string}}}}}}
  /users/{id}/posts:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: all, content: {application/json: {schema: {type: array}}}}}
  /users/{id}/posts/{post}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: post, in: path, required: true, schema: {type: integer}}
      responses:
        "200": {description: one, content: {application/json: {schema: {type: object, properties: {id: {type: integer}, title: {type: string}}}}}}
  /lonely/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: one, content: {application/json: {schema: {type: object}}}}
"""  # noqa: E501  a document's lines are as long as they are
TESTS = """
import lookalike, requests

URL = "{url}"
api = lookalike.Api("own.yaml", base_url=URL)

def get(path):
    return requests.get(URL + path, timeout=5)

@api.mock()
def test_user(mock):
    mock.get("/users/7").respond(json={{"id": 7, "name": "Ann"}})
    get("/users/7")

@api.mock()
def test_post(mock):
    mock.get("/users/7/posts/3").respond(json={{"id": 3, "title": "x"}})
    get("/users/7/posts/3")

@api.mock()
def test_lonely(mock):
    mock.get("/lonely/7").respond(json={{"id": 3}})
    get("/lonely/7")
"""


class Real(http.server.BaseHTTPRequestHandler):
    BODIES: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        found = self.BODIES.get(self.path)
        body = json.dumps(found if found is not None else {"error": "no such thing"}).encode()
        self.send_response(200 if found is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    bodies = {
        "/users": [{"id": 41, "name": "Bo"}], "/users/41": {"id": 41, "name": 5},
        "/users/41/posts": [{"id": 90}], "/users/41/posts/90": {"id": 90, "title": "t"},
    }  # fmt: skip
    monkeypatch.setattr(Real, "BODIES", bodies)
    monkeypatch.setattr(Real, "asked", [])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Real)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_another_item_is_asked_in_its_place(pytester: pytest.Pytester, real: str) -> None:
    pytester.path.joinpath("own.yaml").write_text(CONTRACT)
    pytester.makepyfile(TESTS.format(url=real))
    result = pytester.runpytest_inprocess("--lookalike=verify", "-p", "no:randomly")
    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*GET /users/7 (asked /users/41 in its place): json.name*"])
    result.stdout.fnmatch_lines(
        ["*GET /lonely/7 can't be compared: the real API answers 404 and no other item is known"]
    )
    result.stdout.no_fnmatch_line("*posts*")
    assert len(Real.asked) == len(set(Real.asked))


def test_each_real_api_has_a_budget(pytester: pytest.Pytester, real: str) -> None:
    pytester.path.joinpath("own.yaml").write_text(CONTRACT)
    pytester.makepyfile(TESTS.format(url=real))
    result = pytester.runpytest_inprocess("--lookalike=verify", "--lookalike-budget=2", "-p", "no:randomly")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*the call budget is used up (2 requests); raise budget*"])
    assert len(Real.asked) == 2
