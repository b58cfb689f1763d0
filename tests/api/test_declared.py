"""The file of declared replies: what a verification reads to say which mocks a change makes false."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import lookalike
from lookalike.api.declared import declared_by, read_lines, read_mocks, write_mocks
from lookalike.contract.drift import DeclaredMock

pack = lookalike.Api("jsonplaceholder")


def declare() -> list[dict[str, object]]:
    with pack.mock() as mock:
        mock.get("/todos/{id}").respond_like(json={"title": "x"}).optional()
        mock.post("/users").respond(201, text="bob@work.test", unchecked="another media type").optional()
        mock.get("/todos").respond(502).then.respond(503, json={"token": "hunter2secret"}).optional()
        mock.get("/posts").respond_with(lambda request: []).optional()
        mock.get("https://other.test/a").respond(json=1).optional()
        mock.get("/large").respond(503, text="x" * 200_000).optional()
        mock.route("*", "/any").respond(json=1).optional()
        mock.get("/broken").respond(500, content="{", headers={"Content-Type": "application/json"}).optional()
    return declared_by(mock, "jsonplaceholder", "tests/test_a.py::test_one")


def test_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / ".lookalike" / "mocks.ndjson"
    lines = declare()
    write_mocks(path, lines + lines)
    assert [(line["method"], line["path"], line["status"]) for line in read_lines(path)] == [
        ("GET", "/todos/{id}", 200), ("GET", "/todos", 502), ("GET", "/todos", 503),
    ]  # fmt: skip
    assert b"hunter2secret" not in path.read_bytes()
    mocks = read_mocks(path, api="jsonplaceholder", contract=pack.contract)
    assert isinstance(mocks[0], DeclaredMock)
    assert (mocks[0].operation, mocks[0].body["title"]) == ("GET /todos/{id}", "x")
    assert mocks[1].body is None
    assert mocks[0].where.startswith("tests/api/test_declared.py:")
    assert read_mocks(path, api="other") == []
    assert read_mocks(path, api="jsonplaceholder")[0].operation == ""


def test_the_same_lines_give_the_same_bytes(tmp_path: Path) -> None:
    lines = declare()
    write_mocks(tmp_path / "a", lines)
    write_mocks(tmp_path / "b", lines[::-1])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


def test_lines_of_other_tests_may_stay(tmp_path: Path) -> None:
    path = tmp_path / "mocks.ndjson"
    old = {
        "api": "x",
        "method": "GET",
        "path": "/old",
        "status": 200,
        "json": None,
        "where": "t.py:3",
        "test": "t.py::a",
    }
    write_mocks(path, [old])
    write_mocks(path, [old | {"path": "/new", "test": "t.py::b"}], keep=lambda test: test == "t.py::a")
    assert [line["path"] for line in read_lines(path)] == ["/new", "/old"]
    write_mocks(path, [])
    assert read_lines(path) == []


@pytest.mark.parametrize(
    "text", ['{"api": ', "[]", json.dumps({"api": "x", "method": "GET", "path": "/", "where": "a:1"})]
)
def test_a_broken_file_names_its_line_and_is_written_anew(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mocks.ndjson"
    path.write_text(text + "\n", "utf-8")
    with pytest.raises(lookalike.FileError, match=r"mocks\.ndjson, line 1: .*\n?.*"):
        read_mocks(path, api="x")
    write_mocks(path, [], keep=lambda test: True)
    assert path.read_bytes() == b""


def test_no_file_and_no_folder(tmp_path: Path) -> None:
    assert read_lines(tmp_path / "none") == []
    (tmp_path / "file").write_text("")
    with pytest.raises(lookalike.FileError, match="can't be written"):
        write_mocks(tmp_path / "file" / "mocks.ndjson", [])
    with pytest.raises(lookalike.FileError, match="can't be read"):
        read_lines(tmp_path)


def test_a_stream_of_the_test_s_own_is_not_run_for_it() -> None:
    """It may have no end, fail, or do what the test counts."""
    ran: list[int] = []

    def endless() -> Iterator[str]:
        while True:
            ran.append(1)
            yield "{}\n"

    with lookalike.Api(base_url="https://api.test").mock(unused="ignore") as mock:
        mock.get("/todos/1").respond(stream=endless)
        mock.get("/todos/2").respond(stream=endless, headers={"content-type": "application/json"})
        mock.get("/todos/3").respond(stream=['{"id"', ": 3}"], headers={"content-type": "application/json"})
        found = declared_by(mock, "api")
    assert [(line["path"], line["status"], line["json"]) for line in found] == [
        ("/todos/1", 200, None), ("/todos/3", 200, {"id": 3}),
    ]  # fmt: skip
    assert not ran
