"""The dialect of json-server 1, answer by answer, as version 1.0.0-beta.15 itself gave it over the same data.

`json_server_1.json` beside this file holds what it was asked and what it answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.double.double import Double
from lookalike.errors import FileError, UsageError
from lookalike.messages import Request, Response
from lookalike.packs import load
from lookalike.packs.jsonplaceholder.one import complaint, order, paths
from lookalike.packs.jsonplaceholder.store import Row

RECORDED = json.loads(Path(__file__).with_name("json_server_1.json").read_text())
ALWAYS = {
    "x-powered-by": "tinyhttp",
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
    "access-control-allow-headers": "content-type",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dump") / "db.json"
    made.write_text(json.dumps(RECORDED["db"]))
    return made


@pytest.fixture(scope="module")
def double(path: Path) -> Double:
    return load("jsonplaceholder").fake(data=path, dialect="1")


def named(exchange: dict[str, Any]) -> str:
    return " ".join([exchange["ask"], *exchange.get("headers", {}).values(), exchange.get("body", "")])


def check(exchange: dict[str, Any], double: Double) -> None:
    method, target = exchange["ask"].split(" ", 1)
    headers = exchange.get("headers", {})
    content = exchange.get("body", "").encode()
    response = double.handle(Request(method, f"https://jsonplaceholder.typicode.com{target}", headers.items(), content))
    assert isinstance(response, Response)
    text = response.content.decode()
    if exchange["status"] == 201:
        new = response.json()["id"]
        assert len(new) == 11
        text = text.replace(new, "NEW")
    assert (response.status, text) == (exchange["status"], exchange["text"])
    expected = dict(exchange.get("answer", {}))
    always = {"x-powered-by": "tinyhttp"} if expected.pop("cors", None) else ALWAYS
    if exchange["status"] != 204:
        expected.setdefault("content-type", "application/json")
    answered = {name.lower(): value for name, value in response.headers.pairs}
    length = answered.pop("content-length", str(len(response.content)))
    assert length == str(len(response.content))
    assert answered == always | expected


@pytest.mark.parametrize("exchange", RECORDED["exchanges"], ids=named)
def test_it_answers_like_json_server_1(exchange: dict[str, Any], double: Double) -> None:
    check(exchange, double)


def test_what_is_written_is_there(path: Path) -> None:
    double = load("jsonplaceholder").fake(data=path, dialect="1", stateful=True)
    for exchange in RECORDED["sequence"]:
        check(exchange, double)


def test_a_dialect_that_there_is_not() -> None:
    with pytest.raises(UsageError, match=r"no dialect '2'; the dialects are: 0\.16, 1"):
        load("jsonplaceholder").fake(dialect="2")
    with pytest.raises(UsageError, match="leave out"):
        load("jsonplaceholder").fake(dialect="1", data="db.json", changed=True)


def test_the_packs_own_data(fake: Callable[..., Any]) -> None:
    ask = fake(dialect="1")
    assert ask.get("/todos/1") == fake().get("/todos/1") | {"id": "1"}
    page = ask.get("/photos?_page=2&_per_page=20&albumId=3")
    assert {**page, "data": len(page["data"])} == {
        "first": 1, "prev": 1, "next": 3, "last": 3, "pages": 3, "items": 50, "data": 20,
    }  # fmt: skip
    assert ask("GET", "/db").status == 404
    assert "summary" in fake(dialect="1", changed=True).get("/todos/1")
    assert ask.double.version == 0


def test_state_is_its_own_and_ids_are_new(fake: Callable[..., Any]) -> None:
    ask, other = fake(dialect="1", stateful=True), fake(dialect="1", stateful=True)
    new = [ask.send("POST", "/todos", '{"title": "x"}').json()["id"] for _ in range(20)]
    assert len(set(new)) == 20
    assert new[0] == other.send("POST", "/todos", "{}").json()["id"]
    assert ask.get(f"/todos/{new[3]}") == {"title": "x", "id": new[3]}
    assert ask("DELETE", f"/todos/{new[3]}").status == 200
    assert ask.send("POST", "/todos", "{}").json()["id"] not in new
    assert ask.double.version == 22
    assert len(other.get("/todos")) == 201


def test_ids_of_what_has_none_and_what_is_left_out(fake: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text('{"$schema": {}, "a": [{"n": 1}, {"id": 1.5}, {"id": true}], "b": {"id": 1}}')
    ask = fake(data=path, dialect="1")
    rows = ask.get("/a")
    assert [row["id"] for row in rows][1:] == ["1.5", True]
    assert ask.get(f"/a/{rows[0]['id']}") == rows[0] == fake(data=path, dialect="1").get("/a")[0]
    assert ask("GET", "/$schema").status == 404
    assert ask.get("/b") == {"id": 1}


def test_rows_must_be_objects(fake: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text('{"a": [{}, 5]}')
    with pytest.raises(FileError, match=r'json\["a"\]\[1\]: is no object, as every row must be for json-server 1'):
        fake(data=path, dialect="1")


def test_the_start_page(fake: Callable[..., Any]) -> None:
    ask = fake(dialect="1")
    answer = ask("GET", "/")
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert '<a href="/todos">' in answer.text
    tag = answer.headers["etag"]
    assert [ask("GET", "/", if_none_match=one).status for one in (tag, "*", '"x"')] == [304, 304, 200]
    head = ask("HEAD", "/")
    assert (head.status, head.content, head.headers["etag"]) == (200, b"", tag)


def test_a_body_has_an_end(fake: Callable[..., Any]) -> None:
    ask = fake(dialect="1")
    assert ask.send("POST", "/todos", '{"a":"' + "x" * 102_392 + '"}').status == 201
    answer = ask.send("POST", "/todos", '{"a":"' + "x" * 102_393 + '"}')
    assert (answer.status, answer.text) == (500, "Payload too large. Limit: 102400 bytes")
    answer = ask.send("POST", "/todos", '{"a":' + "[" * 50_000)
    assert answer.status == 500


@given(st.text('{}[]",:-.0123456789eE+truefalsn\\ \n'))
def test_any_text_that_isnt_json_has_a_complaint(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        assert "JSON" in complaint.complaint(text)


WORDS = ["_", "-a", "10", "1a", "9", "a", "A", "ab", "Ab", "b", "B", "é", "ß", "z", "Z"]


def test_words_are_ordered_as_in_a_dictionary() -> None:
    rows = [Row({"s": word}) for word in sorted(WORDS)]
    assert [row.value["s"] for row in order.ordered(rows, "s")] == WORDS
    assert [row.value["s"] for row in order.ordered(rows, "-s")] == WORDS[::-1]


PLACES = [
    ("a", 1), ("b.c", [1, "xyz"]), ("b.c.0", 1), ("b.c[1].length", 3), ("b.c.length", 2), ("x\\.y", 7), ("n.x", None),
    ("", None), ("b..c", None), ("__proto__", None), ("[]", None), ("b.c[1][2]", "z"), ("b.c.9", None), ("z.", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), PLACES)
def test_places(text: str, value: Any) -> None:
    found = paths.get({"a": 1, "b": {"c": [1, "xyz"]}, "x.y": 7, "n": None}, text)
    assert (None if repr(found) == "undefined" else found) == value
