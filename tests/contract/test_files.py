"""Contracts on disk: read whole or not at all, written so that nothing is harmed, edits and comments kept."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract import disk, files, text, yaml
from lookalike.contract.cache import Cache
from lookalike.contract.files import evidence_path, load, read_evidence, save
from lookalike.contract.learning import accept, dispute, fold, learn
from lookalike.contract.written import WIDTH, lines
from lookalike.errors import FileError
from lookalike.messages import Exchange, Request, Response

BASE = "https://api.test"
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder / "lookalike" / "yaml"


def exchange(path: str, body: Any, status: int = 200) -> Exchange:
    return Exchange(Request("GET", BASE + path), Response(status, JSON, json.dumps(body).encode()), day="2026-11-20")


def todos(count: int = 40, **more: Any) -> list[Exchange]:
    return [exchange(f"/todos/{number}", {"id": number, "title": "x", **more}) for number in range(1, count + 1)]


def vendor(folder: Path, name: str = "api.yaml", **parts: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "v", "version": "1"}, "paths": {}, **parts}))
    return path


@pytest.mark.parametrize("name", ["todos.yaml", "todos.yml", "todos.json"])
def test_what_is_saved_is_loaded(tmp_path: Path, name: str) -> None:
    path = tmp_path / "new" / "folder" / name
    contract = learn(todos(), base_url=BASE, name="todos")
    save(contract, path)
    assert sorted(os.listdir(path.parent)) == sorted([name, "todos.evidence.json"])
    again = load(path)
    assert (again.name, again.base_url, again.source, again.learned) == ("todos", BASE, str(path), True)
    assert again.document.root == contract.document.root
    assert again.evidence == contract.evidence
    reply = Response(200, JSON, b'{"id": "1", "title": "x"}')
    assert again.check_reply("GET", "/todos/1", reply) == contract.check_reply("GET", "/todos/1", reply) != []
    before = {one: (path.parent / one).read_bytes() for one in os.listdir(path.parent)}
    save(again, path)
    assert {one: (path.parent / one).read_bytes() for one in os.listdir(path.parent)} == before


def test_eras_and_disputes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    contract = dispute(learn(todos(), base_url=BASE), todos(5, id="x"))
    save(contract, path)
    assert load(path).evidence == contract.evidence
    accepted = accept(load(path), "GET /todos/{id}", day="2026-11-20")
    save(accepted, path)
    assert load(path).evidence == accepted.evidence
    assert accepted.evidence is not None
    assert accepted.evidence.eras["GET /todos/{id}"].without
    assert "type: string" in path.read_text()


def test_edits_and_comments_stay_when_more_is_learned(tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE, name="todos"), path)
    text = path.read_text()
    text = text.replace("paths:", "# mine\npaths:").replace(
        "          description: OK", "          description: One todo  # good"
    )
    text = text.replace("title: todos", "title: Our todos")
    path.write_text(text)
    contract = load(path)
    assert contract.title == "Our todos"
    save(fold(contract, [*todos(3, done=True), exchange("/todos", [{"id": 1}])]), path)
    after = path.read_text()
    assert "# mine\npaths:" in after
    assert "description: One todo  # good" in after
    assert "title: Our todos" in after
    assert "done:\n" in after
    assert "  /todos:\n" in after
    assert after.index("  /todos:\n") < after.index("  /todos/{id}:\n")


def test_an_edit_made_while_the_contract_was_in_memory_stays(tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE, name="todos"), path)
    contract = load(path)
    path.write_text(path.read_text().replace("title: todos", "title: Meanwhile"))
    save(fold(contract, todos(2, done=True)), path)
    assert load(path).title == "Meanwhile"
    assert "done:" in path.read_text()


def test_what_a_person_formatted_stays_to_the_byte_if_nothing_is_new(tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE), path)
    odd = path.read_text().replace("openapi: 3.1.0", "openapi:    '3.1.0'   # odd")
    path.write_text(odd)
    save(load(path), path)
    assert path.read_text() == odd


def test_a_vendors_document_is_never_written(tmp_path: Path) -> None:
    path = vendor(tmp_path, servers=[{"url": BASE}])
    before = path.read_bytes()
    contract = load(path)
    assert not contract.learned
    save(contract, path)
    assert os.listdir(tmp_path) == ["api.yaml"]
    save(fold(contract, todos()), path)
    assert path.read_bytes() == before
    again = load(path)
    assert again.evidence is not None
    assert not again.learned
    copy = tmp_path / "copy.yaml"
    save(again, copy)
    assert load(copy).document.root == again.document.root
    with pytest.raises(FileError, match="lookalike didn't write this document"):
        save(learn(todos(), base_url=BASE), vendor(tmp_path, "other.yaml"))


def test_a_learned_document_without_its_evidence_is_still_one(tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    save(learn([*todos(), exchange("/other", {"a": 1})], base_url=BASE), path)
    evidence_path(path).unlink()
    text = path.read_text().replace("Learned from traffic by lookalike.", "Ask Ann.")
    path.write_text(text.replace(" title:\n", " title:\n" + 20 * " " + "description: What to do\n"))
    again = r"todos\.evidence\.json is missing, .* restore it from version control, or learn again"
    with pytest.warns(UserWarning, match=again):
        contract = load(path)
    assert (contract.learned, contract.evidence) == (True, None)
    (found,) = contract.check_reply("GET", "/todos/1", Response(200, JSON, b'{"id": "1", "title": "x"}'))
    assert (found.level, found.evidence[:14]) == ("violation", "the document s")
    assert contract.check_reply("GET", "/new", Response(200, JSON, b"{}"))[0].level == "warning"
    # what can't be proven to be lookalike's own stays when more is learned
    learned = fold(contract, todos(2, done=True))
    save(learned, path)
    whole = load(path)
    assert whole.evidence is not None
    assert whole.document.root == learned.document.root
    assert whole.document.root["info"]["description"].startswith("Ask Ann.")
    assert list(whole.document.root["paths"]) == ["/other", "/todos/{id}"]
    media = whole.document.root["paths"]["/todos/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert media["schema"]["properties"]["title"]["description"] == "What to do"
    assert media["schema"]["properties"]["done"] == {"type": "boolean"}
    assert media["x-seen"] == "2+ values in 2+ responses"


def test_the_base_url_that_is_given_wins(tmp_path: Path) -> None:
    path = vendor(tmp_path, servers=[{"url": BASE}])
    assert load(path, base_url="http://localhost:3000/").base_url == "http://localhost:3000"


BROKEN = [
    ("api.yaml", b"", "the file is empty"),
    ("api.yaml", b"  \n", "the file is empty"),
    ("api.yaml", b"# nothing\n", "the file is empty"),
    ("api.yaml", b"- 1", "a contract is a mapping, this is a list"),
    ("api.yaml", b"openapi: 3.1.0\ninfo: {a: b: c}", "line 2, column 12"),
    ("api.yaml", b"a: 1\na: 2", "given twice"),
    ("api.yaml", b"a: \xff", "this is no UTF-8 text"),
    ("api.json", b'{"openapi": ', "not JSON at line 1"),
    ("api.yaml", b'{"openapi": ', "not YAML"),
    ("api.yaml", b"[" * 50_000, "nested too deeply"),
    ("api.yaml", b"swagger: '1.2'", "Swagger 1.2 is not read"),
    ("api.yaml", b"openapi: 2.0.0", "OpenAPI '2.0.0' is not read"),
    ("api.yaml", b"openapi: 3.1.0\npaths:\n  /a:\n    get:\n      responses:\n        200:\n          $ref: '#/no'",
     "#/paths/~1a/get/responses/200: the reference '#/no' leads nowhere"),
    ("api.yaml", b"openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n    A:\n      allOf:\n        - $ref: other.yaml#/A",  # noqa: E501  a row a line
     "the reference 'other.yaml#/A' leads nowhere: there is no such file"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "problem"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_document_is_one_clear_error(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        load(path)
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.hint
    assert path.read_bytes() == content


def test_a_reference_in_an_example_is_no_reference(tmp_path: Path) -> None:
    schema = {"type": "object", "example": {"$ref": "#/nowhere"}}
    assert load(vendor(tmp_path, components={"schemas": {"A": schema}})).operations == ()


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "this is a folder"),
    ],
)
def test_what_is_no_file_says_so(tmp_path: Path, make: Any, problem: str) -> None:
    path = tmp_path / "api.yaml"
    make(path)
    with pytest.raises(FileError, match=problem):
        load(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "MAX_DOCUMENT", 10)
    with pytest.raises(FileError, match=r"bytes are too many for a contract, the limit is 10"):
        load(vendor(tmp_path))


@pytest.mark.parametrize("end", [b"", b"}"], ids=["anywhere", "after an object"])
def test_evidence_that_is_cut_in_half_is_one_clear_error(end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE), path)
    beside = evidence_path(path)
    content = beside.read_bytes()
    half = content[: content.index(end, len(content) // 2) + len(end)]
    beside.write_bytes(half)
    with pytest.raises(FileError) as caught:
        load(path)
    assert f"{beside}, evidence: cut off after {len(half):,} bytes" in str(caught.value)
    assert caught.value.hint == "Restore it from version control, or delete it and learn again."
    assert beside.read_bytes() == half


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[]", "this is no evidence that this version reads: expected 'lookalike-evidence/1', got 'list'"),
        (b'{"format": "lookalike-evidence/9"}', "got 'lookalike-evidence/9'"),
        (b'{"format": "lookalike-evidence/1"}', "broken evidence: KeyError 'recordings'"),
        (b'{"format": "lookalike-evidence/1", "recordings": {"a": 3}}', "broken evidence: AttributeError"),
        (b'{"a": nope}', "not JSON at line 1"),
    ],
)
def test_what_is_no_evidence_says_so(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "a.evidence.json"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_evidence(path)
    assert problem in str(caught.value)


def test_broken_counts_are_named_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE), path)
    beside = evidence_path(path)
    beside.write_text(beside.read_text().replace('"answers"', '"answers_"').replace('"n": 40', '"m": 40'))
    contract = load(path)
    with pytest.raises(FileError, match=r"todos\.evidence\.json: broken counts: KeyError 'n'"):
        contract.check_reply("GET", "/todos/1", Response(200, JSON, b"{}"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("x-since: 2001-13-45", "can't be brought up to date: month must be in 1..12"),
        ("x-size: !!int '7'", "would be read as something else"),
    ],
)
def test_a_document_that_cannot_be_written_back_stays_as_it_is(tmp_path: Path, words: str, problem: str) -> None:
    own = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE), own)
    own.write_text(own.read_text() + words + "\n")
    before = own.read_bytes(), evidence_path(own).read_bytes()
    changed = fold(load(own), [exchange("/users", [{"id": 1}])])
    with pytest.raises(FileError, match="Put such values into quotes") as caught:
        save(changed, own)
    assert problem in str(caught.value)
    assert (own.read_bytes(), evidence_path(own).read_bytes()) == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("n",), {}),
        (("n",), -1),
        (("n",), "40"),
        (("targets",), [3]),
        (("first",), 3),
        (("answers", "200", "n"), [4]),
        (("answers", "200", "last"), 20260102),
        (("answers", "200", "headers"), {"etag": "many"}),
        (("answers", "200", "media", "application/json", "n"), None),
        (("accepted",), {"n": 3.5}),
        (("accepted",), {"query": {"page": {"forms": {"integer": []}}}}),
        (("accepted",), {"query": {"page": {"repeated": {}}}}),
    ],
)
def test_counts_that_are_none_are_named_and_not_added_up(tmp_path: Path, path: tuple[str, ...], value: Any) -> None:
    own = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE), own)
    beside = evidence_path(own)
    data = json.loads(beside.read_bytes())
    [recording] = data["recordings"].values()
    node = recording["counts"]["GET /todos/{int}"]
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    beside.write_text(json.dumps(data))
    contract = load(own)
    with pytest.raises(FileError, match=r"todos\.evidence\.json: broken counts: "):
        fold(contract, [exchange("/todos/77", {"id": 77})])


def test_the_evidence_of_another_contract_is_refused(tmp_path: Path) -> None:
    save(learn(todos(), base_url=BASE), tmp_path / "todos.yaml")
    save(learn([exchange("/posts/1", {})], base_url=BASE), tmp_path / "posts.yaml")
    os.replace(tmp_path / "posts.evidence.json", tmp_path / "todos.evidence.json")
    with pytest.raises(FileError, match=r"this is the evidence of another contract: it knows /posts/\{id\}"):
        load(tmp_path / "todos.yaml")


def test_a_write_that_fails_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE), path)
    before = {one: (tmp_path / one).read_bytes() for one in ("todos.yaml", "todos.evidence.json")}
    changed = fold(load(path), todos(2, done=True))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="can't be written: No space left on device"):
        save(changed, path)
    assert {one: (tmp_path / one).read_bytes() for one in before} == before
    assert not list(tmp_path.glob(".*"))


def test_a_new_contract_is_put_into_yaml_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dumped: list[object] = []

    def dump(root: Any, own: Path) -> bytes:
        dumped.append(own)
        return text.dump(root, own)

    monkeypatch.setattr(files, "dump", dump)
    save(learn(todos(), base_url=BASE), tmp_path / "todos.yaml")
    assert dumped == [tmp_path / "todos.yaml"]
    assert load(tmp_path / "todos.yaml").evidence is not None


def test_a_rename_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, target: object) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(FileError, match="can't be written: Permission denied") as caught:
        save(learn(todos(), base_url=BASE), tmp_path / "todos.yaml")
    assert caught.value.path == str(tmp_path)  # whichever of the two files came first
    assert not list(tmp_path.glob("*todos*"))


def test_a_contract_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "todos.yaml"
    save(learn(todos(), base_url=BASE), path)
    path.chmod(0o640)
    save(fold(load(path), todos(2, done=True)), path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_parsed_yaml_is_kept_and_believed_only_for_the_same_bytes(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "api.yaml"
    text = "openapi: 3.1.0\ninfo: {title: one, version: '1'}\npaths: {}\n" + "# filling\n" * 4000
    path.write_text(text)
    assert load(path).title == "one"
    (kept,) = cache.iterdir()
    Cache("yaml").put(kept.name, b'{"openapi": "3.1.0", "info": {"title": "from the cache"}}')
    assert load(path).title == "from the cache"
    for broken in (b"{broken", b'{"openapi": "3.1.0", "info": {"title": "somebody else wrote this"}}'):
        kept.write_bytes(broken)
        assert load(path).title == "one"
    path.write_text(text.replace("one", "two"))
    assert load(path).title == "two"
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("where", ["relative/cache", ""])
def test_a_cache_that_cannot_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    path = tmp_path / "api.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: one, version: '1'}\npaths: {}\n" + "# filling\n" * 4000)
    home = tmp_path / "home"
    home.write_text("a file where the home folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", where)
    monkeypatch.setenv("HOME", str(home))
    assert load(path).title == "one"


def test_what_was_written_is_already_parsed(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "todos.yaml"
    contract = learn(todos(1, **{f"field{number}": number for number in range(500)}), base_url=BASE)
    save(contract, path)
    monkeypatch.setattr(yaml, "read_yaml", None)
    assert load(path).document.root == contract.document.root


def test_evidence_is_written_in_lines() -> None:
    value = {"short": {"n": 1, "r": [1, 2]}, "long": {f"key{number}": [number] * 3 for number in range(20)}, "e": {}}
    text = lines(value)
    assert json.loads(text) == value
    assert text.splitlines()[1] == ' "short": {"n": 1, "r": [1, 2]},'
    assert all(len(line) <= WIDTH + 20 for line in text.splitlines())
