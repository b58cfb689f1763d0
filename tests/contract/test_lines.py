"""In which line something stands."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lookalike import yaml_events
from lookalike.contract import lines
from lookalike.contract.lines import lines_of

TEXT = """openapi: 3.1.0
paths:
  /todos:
    get: {responses: {"200": {description: OK}}}
  "/todos/{id}":
    parameters:
      - {name: id}
    get:
      responses: {}
"""
POINTERS = ["#/paths/~1todos/get", "#/paths/~1todos~1{id}/get", "#/paths/~1todos~1{id}/parameters/0", "#/nowhere"]


def test_lines_of_yaml() -> None:
    assert lines_of(TEXT, POINTERS) == {
        "#/paths/~1todos/get": 4, "#/paths/~1todos~1{id}/get": 8, "#/paths/~1todos~1{id}/parameters/0": 7,
    }  # fmt: skip


def test_lines_of_json() -> None:
    text = json.dumps({"openapi": "3.1.0", "paths": {"/a": {"get": {}}}}, indent=2)
    assert lines_of(text, ["#/paths/~1a/get"]) == {"#/paths/~1a/get": 5}


def test_lines_where_yaml_was_imported_twice() -> None:
    """As a plugin's tests do that drop what an inner run imported."""
    program = """
import sys, yaml
for name in [name for name in sys.modules if name.partition(".")[0] == "yaml"]:
    del sys.modules[name]
from lookalike.contract.lines import lines_of
print(lines_of("a:\\n  b: 1", ["#/a/b"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "{'#/a/b': 2}\n"


@pytest.mark.parametrize("text", ["", "a: [", "- a", "a: b: c", "? [a]\n: 1", "plain", "{" * 3000])
def test_what_cannot_be_read_has_no_lines(text: str) -> None:
    assert lines_of(text, POINTERS) == {}


def test_what_was_found_before_an_error_stays() -> None:
    assert lines_of("a: 1\nb: [", ["#/a", "#/b"]) == {"#/a": 1, "#/b": 2}


def test_nothing_is_read_where_nothing_is_asked() -> None:
    assert lines_of("a: [", []) == {}


def test_without_libyaml_small_texts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(yaml_events, "import_module", missing)
    yaml_events.parser.cache_clear()
    try:
        assert lines_of(TEXT, POINTERS[:1]) == {POINTERS[0]: 4}
        monkeypatch.setattr(lines, "_MOST_WITHOUT_LIBYAML", 10)
        assert lines_of(TEXT, POINTERS[:1]) == {}
    finally:
        yaml_events.parser.cache_clear()
