"""A vendor's document on the command line: what traffic says beside it, and where its references may lead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.cli import app
from lookalike.contract import files, learning
from lookalike.messages import Exchange, Request, Response

PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def vendor(schema: Any, base_url: str = "https://pets.test") -> None:
    answer = {"description": "Fine.", "content": {"application/json": {"schema": schema}}}
    root = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": base_url}],
        "paths": {"/pet": {"get": {"responses": {"200": answer}}}},
    }
    Path("pets.json").write_text(json.dumps(root))


def seen(base_url: str, path: str, body: Any) -> Exchange:
    response = Response(200, {"content-type": "application/json"}, json.dumps(body).encode())
    return Exchange(Request("GET", base_url + path), response, day="2026-11-20")


def learned(*exchanges: Exchange) -> None:
    files.save(learning.fold(files.load("pets.json"), exchanges), "pets.json")


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    ended = app.run(arguments)
    found = capsys.readouterr()
    assert ended == code, found.out + found.err
    return found.out + found.err


def test_show_says_where_document_and_traffic_disagree(capsys: pytest.CaptureFixture[str]) -> None:
    vendor(PET)
    learned(seen("https://pets.test", "/pet", {"age": 3}), seen("https://pets.test", "/toys", []))
    text = said(capsys, 0, "show", "pets.json")
    assert "! 200 json.age: no document names this field; seen in 1 of 1 object" in text
    assert "! 200 json.name: what is required was missing; absent in 1 of 1 object" in text
    assert "GET /toys" in text
    assert "/toys" not in said(capsys, 0, "show", "pets.json", "GET /pet")


def test_show_has_nothing_to_say_where_they_agree(capsys: pytest.CaptureFixture[str]) -> None:
    vendor(PET)
    learned(seen("https://pets.test", "/pet", {"name": "Rex"}))
    assert "!" not in said(capsys, 0, "show", "pets.json")


def test_verify_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    with lookalike.Api(base_url="https://pets.test").mock() as mock:
        mock.get("/pet").respond(json={"name": "Rex", "size": 1}).optional()
        with mock.serve() as url:
            vendor(PET, url)
            learned(seen(url, "/pet", {"name": "Rex", "age": 3, "size": 1}))
            text = " ".join(said(capsys, 0, "verify", "pets.json").split())
    assert "there is a new field size" in text
    assert "document and traffic disagree: GET /pet 200 json.age" in text
    assert "disagree: GET /pet 200 json.size" not in text


@pytest.mark.parametrize("command", ["show", "diff"])
def test_references_lead_where_the_command_line_allows(
    project: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    shared = project.parent / f"{project.name}-shared"
    shared.mkdir()
    (shared / "pet.json").write_text(json.dumps(PET))
    vendor({"$ref": f"../{shared.name}/pet.json"})
    arguments = [command, "pets.json", *(["pets.json"] if command == "diff" else [])]
    assert f"--allow-refs {shared}" in said(capsys, 2, *arguments)
    assert "error" not in said(capsys, 0, *arguments, "--allow-refs", str(shared))
