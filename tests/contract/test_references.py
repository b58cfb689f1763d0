"""Documents of many files: brought together in memory, refused beyond what the user allows, one clear error each."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract import references
from lookalike.contract.contract import Contract
from lookalike.contract.files import evidence_path, load, save
from lookalike.contract.learning import learn
from lookalike.contract.openapi import leads_out
from lookalike.contract.references import allows
from lookalike.errors import FileError
from lookalike.messages import Exchange, Request, Response

JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lookalike"


def write(folder: Path, **files: Any) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_json", ".json").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder / "api.json"


def api(schema: Any, version: str = "3.1.0", **parts: Any) -> dict[str, Any]:
    answer = {"description": "Fine.", "content": {"application/json": {"schema": schema}}}
    info = {"title": "Pets", "version": "1"}
    return {"openapi": version, "info": info, "paths": {"/pet": {"get": {"responses": {"200": answer}}}}, **parts}


def wrong(contract: Contract, body: Any) -> list[str]:
    found = contract.check_reply("GET", "/pet", Response(200, JSON, json.dumps(body).encode()))
    return [f"{one.where}: {one.expected} ({one.evidence})" for one in found]


PET = {"type": "object", "properties": {"name": {"type": "string"}, "owner": {"$ref": "owner.json#/Owner"}}}
OWNER = {"Owner": {"type": "object", "properties": {"pets": {"type": "array", "items": {"$ref": "pet.json"}}}}}


def test_references_lead_to_files_and_on_from_there_and_back(tmp_path: Path) -> None:
    path = write(
        tmp_path, api_json=api({"$ref": "./schemas/pet.json"}), schemas__pet_json=PET, schemas__owner_json=OWNER
    )
    contract = load(path)
    assert wrong(contract, {"name": "Rex", "owner": {"pets": [{"name": "Tom"}]}}) == []
    assert wrong(contract, {"owner": {"pets": [{"name": 7}]}}) == [
        "json.owner.pets[0].name: a string (the document says so: schemas/pet.json#/properties/name)"
    ]
    assert sorted(one.name for one in contract.document.files) == ["owner.json", "pet.json"]


@pytest.mark.parametrize("name", ["a path", "a response", "a parameter", "yaml", "packed", "text"])
def test_what_may_stand_in_another_file(tmp_path: Path, name: str) -> None:
    root = api({"type": "object"})
    operation = root["paths"]["/pet"]["get"]
    if name == "a path":
        write(tmp_path, paths_json={"pet": root["paths"]["/pet"]})
        root["paths"]["/pet"] = {"$ref": "paths.json#/pet"}
    elif name == "a response":
        write(tmp_path, ok_json=operation["responses"]["200"])
        operation["responses"]["200"] = {"$ref": "ok.json"}
    elif name == "a parameter":
        write(tmp_path, page_json={"name": "page", "in": "query", "schema": {"type": "integer"}})
        operation["parameters"] = [{"$ref": "page.json"}]
    elif name == "yaml":
        write(tmp_path, pet_yaml="Pet:\n  type: object\n")
        operation["responses"]["200"]["content"]["application/json"]["schema"] = {"$ref": "pet.yaml#/Pet"}
    elif name == "packed":
        (tmp_path / "pet.json").write_bytes(gzip.compress(b'{"type": "object"}'))
        operation["responses"]["200"]["content"]["application/json"]["schema"] = {"$ref": "pet.json"}
    else:
        (tmp_path / "intro.md").write_text("# Pets: all of them")
        root["info"]["description"] = {"$ref": "intro.md"}
    contract = load(write(tmp_path, api_json=root))
    assert wrong(contract, []) != []
    assert wrong(contract, {}) == []
    (found,) = contract.operations
    assert len(found.parameters) == (1 if name == "a parameter" else 0)


def test_anchors_ids_and_the_documents_own_name(tmp_path: Path) -> None:
    schemas = {
        "Name": {"$anchor": "name", "type": "string"},
        "Tag": {"$id": "https://example.com/tag", "$defs": {"Color": {"type": "integer"}}, "properties": {
            "color": {"$ref": "#/$defs/Color"}, "name": {"$ref": "#/components/schemas/Name"}}},
        "Tree": {"$dynamicAnchor": "node", "properties": {"next": {"$dynamicRef": "#node"}, "n": {"type": "integer"}}},
        "Two": {"$defs": {"a": {"$dynamicAnchor": "two"}, "b": {"$dynamicAnchor": "two"}},
                "properties": {"x": {"$dynamicRef": "#two"}}},
    }  # fmt: skip
    schema = {
        "properties": {
            "name": {"$ref": "#name"},
            "tag": {"$ref": "https://example.com/tag"},
            "tree": {"$ref": "#/components/schemas/Tree"},
            "two": {"$ref": "#/components/schemas/Two"},
            "self": {"$ref": "https://pets.example/api.json#/components/schemas/Name"},
        }
    }
    root = api(schema, "3.2.0", components={"schemas": schemas}, **{"$self": "https://pets.example/api.json"})
    contract = load(write(tmp_path, api_json=root))
    assert (
        wrong(contract, {"name": "a", "tag": {"color": 1, "name": "x"}, "tree": {"next": {"n": 1}}, "self": "s"}) == []
    )
    for body in (
        {"name": 1},
        {"tag": {"color": "red"}},
        {"tag": {"name": 1}},
        {"tree": {"next": {"n": "x"}}},
        {"self": 1},
    ):
        assert len(wrong(contract, body)) == 1, body
    assert wrong(contract, {"two": {"x": [1]}}) == []


def test_a_reference_in_an_example_is_data_and_a_property_may_be_called_so(tmp_path: Path) -> None:
    schema = {
        "properties": {"$ref": {"type": "string"}, "example": {"$ref": "pet.json"}},
        "example": {"$ref": "nowhere.json"},
    }
    contract = load(write(tmp_path, api_json=api(schema), pet_json={"type": "integer"}))
    assert wrong(contract, {"$ref": "x", "example": 1}) == []
    assert len(wrong(contract, {"example": "x"})) == 1


def test_a_discriminators_mapping_may_name_files(tmp_path: Path) -> None:
    forms = {name: {"properties": {"kind": {"type": "string"}, name: {"type": "integer"}}} for name in ("cat", "dog")}
    schema = {
        "oneOf": [{"$ref": "cat.json"}, {"$ref": "dog.json"}],
        "discriminator": {"propertyName": "kind", "mapping": {"Cat": "cat.json", "Dog": "dog.json"}},
    }
    contract = load(write(tmp_path, api_json=api(schema), cat_json=forms["cat"], dog_json=forms["dog"]))
    assert wrong(contract, {"kind": "Cat", "cat": 1}) == []
    assert wrong(contract, {"kind": "Cat", "cat": "x"}) != []


REFUSED = [
    ("nowhere.json", "leads nowhere: there is no such file", "nowhere.json"),
    ("../other.json", "leads out of the document's folder", 'allow_refs = ["'),
    ("/etc/hostname", "leads out of the document's folder", "--allow-refs /etc"),
    ("file:///etc/hostname", "leads out of the document's folder", "allow_refs"),
    ("https://schemas.example/v1/pet.json", "leads to a URL", 'allow_refs = ["https://schemas.example/v1/"]'),
    ("//schemas.example/pet.json", "leads out of the document's folder", "allow_refs"),
    ("ftp://x.example/pet.json", "leads nowhere", ""),
    ("http://[", "is no URL: Invalid IPv6 URL", ""),
    ("http://x.example:99999/pet.json", "is no URL: Port out of range", ""),
    ("a\0.json", "is no URL: a zero byte is in it", ""),
    ("a" * 300, "leads nowhere: there is no such file", ""),
    ("api.json#none", "there is no anchor 'none'", "pointer"),
    ("broken.json", "not JSON at line 1", "broken.json"),
    ("list.json#/none", "leads nowhere", ""),
    ("loop.json", "references lead in a circle: loop.json# -> loop.json#", ""),
]


@pytest.mark.parametrize(("reference", "problem", "hint"), REFUSED, ids=[repr(one[0][:40]) for one in REFUSED])
def test_what_is_refused_is_one_clear_error(tmp_path: Path, reference: str, problem: str, hint: str) -> None:
    folder = tmp_path / "docs"
    write(tmp_path, other_json={})
    path = write(
        folder, api_json=api({"$ref": reference}), broken_json="{", list_json=[1], loop_json={"$ref": "loop.json"}
    )
    with pytest.raises(FileError) as caught:
        load(path)
    assert problem in str(caught.value)
    assert hint in str(caught.value)
    assert str(folder) in str(caught.value)


def test_a_name_that_is_no_url(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        load(write(tmp_path, api_json=api({"$ref": "pet.json", "$id": "http://["}), pet_json=PET))
    assert "'http://[' is no URL" in str(caught.value)
    assert caught.value.place.endswith("/schema")


def test_a_link_out_of_the_folder_is_out_of_it(tmp_path: Path) -> None:
    write(tmp_path, secret_json={"type": "object"})
    path = write(tmp_path / "docs", api_json=api({"$ref": "pet.json"}))
    (tmp_path / "docs" / "pet.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(FileError, match="leads out of the document's folder"):
        load(path)
    assert load(path, allow_refs=[str(tmp_path)]).operations


class Web:
    def __init__(self, pages: Mapping[str, Any]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        return json.dumps(self.pages[url]).encode()


def test_urls_that_are_allowed_are_fetched_once(tmp_path: Path) -> None:
    web = Web({"https://s.example/v1/pet.json": PET, "https://s.example/v1/owner.json": OWNER})
    path = write(tmp_path, api_json=api({"items": {"$ref": "https://s.example/v1/pet.json"}}))
    contract = load(path, allow_refs=["https://s.example/v1/"], fetch=web)
    assert web.asked == ["https://s.example/v1/pet.json", "https://s.example/v1/owner.json"]
    assert wrong(contract, [{"name": 1}]) == [
        "json[0].name: a string (the document says so: https://s.example/v1/pet.json#/properties/name)"
    ]
    with pytest.raises(FileError, match="nobody here fetches"):
        load(path, allow_refs=["https://s.example/"])
    with pytest.raises(FileError, match=r"the reference 'owner.json#/Owner' leads to a URL, https://s"):
        load(path, allow_refs=["https://s.example/v1/pet.json"], fetch=web)


@pytest.mark.parametrize(
    ("allowed", "url", "expected"),
    [
        ("https://a.example/v1/", "https://a.example/v1/x.json", True),
        ("https://a.example/v1", "https://a.example/v1/x.json", True),
        ("https://a.example", "https://a.example/x.json", True),
        ("https://a.example/x.json", "https://a.example/x.json", True),
        ("https://a.example/v1", "https://a.example/v10/x.json", False),
        ("https://a.example/", "http://a.example/x.json", False),
        ("https://a.example/", "https://a.example:8443/x.json", False),
        ("https://a.example/", "https://a.example.evil/x.json", False),
        ("https://a.example/", "https://a.example@evil.example/x.json", False),
        ("https://a.example/", "https://user:pw@a.example/x.json", False),
        ("https://a.example/v1/", "https://a.example/v1/../x.json", False),
        ("https://a.example/v1/", "https://a.example/v1/%2e%2e/x.json", False),
        ("../common", "https://a.example/x.json", False),
    ],
)
def test_what_an_allowed_url_covers(allowed: str, url: str, expected: bool) -> None:
    assert allows((allowed,), url) is expected


def test_files_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, api_json=api({"anyOf": [{"$ref": "a.json"}, {"$ref": "b.json"}]}), a_json={}, b_json={})
    monkeypatch.setattr(references, "MAX_FILES", 1)
    with pytest.raises(FileError, match="more than 1 files"):
        load(path)
    monkeypatch.undo()
    monkeypatch.setattr(references, "MAX_BYTES", 3)
    with pytest.raises(FileError, match="more than 3 bytes"):
        load(path)


def test_a_file_that_is_nested_too_deeply(tmp_path: Path) -> None:
    path = write(tmp_path, api_json=api({"$ref": "deep.json"}), deep_json='{"a":' * 1000 + "1" + "}" * 1000)
    with pytest.raises(FileError, match="nested too deeply"):
        load(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"$ref": "#/a"}', False),
        ('{"$ref":"#/a"}', False),
        ("$ref: '#/a'", False),
        ("$ref: \"#/a\"\n$ref : '#/b'", False),
        ('{"$ref": "#"}', False),
        ('{"$ref": "#a"}', True),
        ('{"$ref": "a.json"}', True),
        ("$ref: a.yaml#/b", True),
        ("{$ref: a.yaml}", True),
        ("$anchor: x", True),
        ("'$self': https://x", True),
        ("$schema: x", False),
    ],
)
def test_only_what_may_lead_out_is_walked_through(text: str, expected: bool) -> None:
    assert leads_out(text.encode()) is expected


def test_a_packed_document(tmp_path: Path) -> None:
    path = tmp_path / "pets.json.gz"
    path.write_bytes(gzip.compress(json.dumps(api({"type": "object"})).encode()))
    contract = load(path)
    assert (contract.name, evidence_path(path).name) == ("pets", "pets.evidence.json")
    save(contract, path)
    assert wrong(contract, []) != []
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileError, match="broken gzip"):
        load(path)
    exchange = Exchange(Request("GET", "https://a.test/x"), Response(200, JSON, b"{}"), day="2026-11-20")
    with pytest.raises(FileError, match="a packed document is only read"):
        save(learn([exchange], base_url="https://a.test"), tmp_path / "new.json.gz")


def test_a_packed_document_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.contract.disk.MAX_DOCUMENT", 1000)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 100_000))
    with pytest.raises(FileError, match="unpacked it has more than 1,000 bytes"):
        load(path)


def test_what_was_brought_together_is_kept_until_a_file_changes(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "docs", api_json=api({"$ref": "pet.json"}), pet_json={"type": "object"})
    first = load(path)
    (kept,) = (cache / "documents").iterdir()
    with monkeypatch.context() as patched:
        patched.setattr(references, "gather", None)
        again = load(path)
    assert (again.document.root, again.document.files) == (first.document.root, first.document.files)
    kept.write_bytes(b"broken")
    assert load(path).document.root == first.document.root
    write(tmp_path / "docs", pet_json={"type": "array", "items": {}})
    assert wrong(load(path), []) == []
    (tmp_path / "docs" / "pet.json").unlink()
    with pytest.raises(FileError, match="there is no such file"):
        load(path)


def test_what_was_fetched_is_not_kept_with_it(tmp_path: Path) -> None:
    path = write(tmp_path / "docs", api_json=api({"$ref": "https://s.example/pet.json"}))
    for schema, body in (({"type": "object"}, {}), ({"type": "integer"}, 1)):
        contract = load(path, allow_refs=["https://s.example"], fetch=Web({"https://s.example/pet.json": schema}))
        assert wrong(contract, body) == []


def test_a_link_that_leads_elsewhere_now_is_not_believed(tmp_path: Path) -> None:
    path = write(tmp_path / "docs", api_json=api({"$ref": "pet.json"}), pet_json={"type": "object"})
    load(path)
    (tmp_path / "docs" / "pet.json").rename(tmp_path / "pet.json")
    (tmp_path / "docs" / "pet.json").symlink_to(tmp_path / "pet.json")
    with pytest.raises(FileError, match="leads out of the document's folder"):
        load(path)
