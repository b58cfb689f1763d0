"""What a document's references lead to, fetched: once a day, from a copy where the network is gone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.contract.cache import Cache, key_of
from lookalike.double.mock import MockDouble
from lookalike.errors import FileError
from lookalike.live.ask import Asker
from lookalike.live.documents import Fetcher
from lookalike.serve import Server

PET = {"type": "object", "properties": {"name": {"type": "string"}}}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Cache("refs")


@pytest.fixture
def schemas() -> Iterator[tuple[MockDouble, str]]:
    mock = MockDouble("schemas", "http://schemas.test")
    mock.get("/pet.json").respond(json=PET).then.respond(json={})
    mock.get("/none.json").respond(404)
    mock.get("/down.json").respond(500)
    server = Server(mock)
    yield mock, server.start()
    server.stop()


def fetcher(now: float = 0.0) -> Fetcher:
    return Fetcher(Asker(rate=1000, retries=0, sleep=lambda _: None), now=lambda: now)


def test_a_url_is_fetched_once_a_day(schemas: tuple[MockDouble, str], cache: Cache) -> None:
    mock, url = schemas
    page = f"{url}/pet.json"
    assert json.loads(fetcher()(page)) == PET
    folder = cache.folder
    assert folder is not None
    os.utime(folder / key_of(page.encode()), (1000, 1000))
    assert json.loads(fetcher(1000 + 86_000)(page)) == PET
    assert len(mock.calls) == 1
    assert json.loads(fetcher(1000 + 87_000)(page)) == {}
    assert len(mock.calls) == 2


@pytest.mark.parametrize(("path", "problem"), [("/none.json", "it answers 404"), ("/down.json", "can't be fetched: ")])
def test_what_can_not_be_had_is_an_error_unless_there_is_a_copy(
    schemas: tuple[MockDouble, str], cache: Cache, path: str, problem: str
) -> None:
    url = schemas[1] + path
    with pytest.raises(FileError, match=problem):
        fetcher()(url)
    cache.put(key_of(url.encode()), b"kept")
    assert fetcher(1e12)(url) == b"kept"


def document(folder: Path, reference: str) -> Path:
    answer = {"description": "Fine.", "content": {"application/json": {"schema": {"$ref": reference}}}}
    root: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}}
    root["paths"] = {"/pet": {"get": {"responses": {"200": answer}}}}
    path = folder / "pets.json"
    path.write_text(json.dumps(root))
    return path


def test_an_api_follows_what_is_allowed(schemas: tuple[MockDouble, str], tmp_path: Path) -> None:
    path = document(tmp_path, f"{schemas[1]}/pet.json")
    with pytest.raises(FileError, match="Nothing is fetched unless you allow it"):
        _ = lookalike.Api(path, base_url="https://pets.test").contract
    api = lookalike.Api(path, base_url="https://pets.test", allow_refs=[schemas[1]])
    with api.mock() as mock:
        mock.get("/pet").respond(json={"name": "Rex"}).optional()
        with pytest.raises(lookalike.ContractViolation, match="a string"):
            mock.get("/pet").respond(json={"name": 1})


def test_a_project_says_what_is_allowed(
    schemas: tuple[MockDouble, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document(tmp_path, f"{schemas[1]}/pet.json")
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.lookalike.apis.pets]\ncontract = "pets.json"\nallow_refs = ["{schemas[1]}"]\n'
    )
    monkeypatch.chdir(tmp_path)
    contract = lookalike.Api("pets").contract
    assert contract is not None
    assert contract.operations[0].key == "GET /pet"


def test_a_part_in_another_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "pet.json").write_text(json.dumps(PET))
    api = lookalike.Api(document(tmp_path, "pet.json"), base_url="https://pets.test")
    first = api.contract
    assert first is api.contract
    (tmp_path / "pet.json").write_text('{"type": "array", "items": {}}')
    assert api.contract is not first
