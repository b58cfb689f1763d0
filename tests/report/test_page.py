"""A contract as a page: one file, nothing from outside, nothing of a contract as markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lookalike.cli import app
from lookalike.contract.files import load, save
from lookalike.contract.learning import fold, learn
from lookalike.contract.openapi import Document
from lookalike.contract.provenance import Source
from lookalike.messages import Exchange, Request, Response
from lookalike.report.page import page
from lookalike.report.tree import Place, Tree
from lookalike.shape.shape import Shape

EVIL = "</script><img src=x onerror=alert(1)>\u2028'\"&"
SHOWN = EVIL.replace("\u2028", "\\u2028")
BASE = "https://api.test"


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "wbr", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]

    @property
    def data(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.text("script")[0])
        return value


def document(**schema: Any) -> dict[str, Any]:
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    link = {"Link": {"schema": {"type": "string"}}, "ETag": {"required": True, "schema": {"type": "string"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": EVIL, "version": "1"},
        "servers": [{"url": BASE}],
        "paths": {
            "/a/{id}": {
                "get": {
                    "summary": EVIL,
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "responses": {"200": {**answer, "headers": link}, "404": {"description": "none"}},
                },
                "put": {
                    "requestBody": {"content": {"application/json": {"schema": schema}}},
                    "responses": {"200": {"description": "", "content": {"text/csv": {}, "image/png": {}}}},
                },
            }
        },
        "components": {"schemas": {"Node": {"type": "object", "properties": {
            "next": {"$ref": "#/components/schemas/Node"},
            EVIL: {"type": "string", "example": EVIL, "description": "x" * 500},
        }}}},
    }  # fmt: skip


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document(**{"$ref": "#/components/schemas/Node"})), encoding="utf-8")
    return path


def test_nothing_of_a_contract_is_markup(vendor: Path) -> None:
    contract = load(vendor)
    seen = Page(page(contract, contract.operations))
    assert seen.open == []
    assert seen.of("img") == []
    assert [one.get("type") for one in seen.of("script")] == ["application/json", None]
    assert seen.text("h1") == [SHOWN]
    assert seen.text("title") == [SHOWN]
    assert [one["summary"] for one in seen.data["operations"]] == [SHOWN, ""]
    assert not [
        name for _, attributes in seen.elements for name in attributes if name.startswith("on") or name == "style"
    ]


def test_nothing_is_asked_for(vendor: Path) -> None:
    contract = load(vendor)
    text = page(contract, contract.operations)
    seen = Page(text)
    assert not [one for _, one in seen.elements if "src" in one or (one.get("href") or "#")[0] != "#"]
    assert "innerHTML" not in text
    [policy] = [one["content"] for one in seen.of("meta") if "http-equiv" in one]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for script_or_style, content in (("script", seen.text("script")[1]), ("style", seen.text("style")[0])):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{script_or_style}-src 'sha256-{digest}'" in policy


def test_places_are_there_once_and_may_contain_themselves(vendor: Path) -> None:
    contract = load(vendor)
    data = Page(page(contract, contract.operations)).data
    get, put = data["operations"]
    assert get["key"] == "GET /a/{id}"
    assert get["parameters"] == [["path", "id", "string", "always"]]
    assert get["headers"] == {"200": [["Link", "optional"], ["ETag", "always"]]}
    assert get["bodies"] == [["200 application/json", "", 0], ["404", "no body", None]]
    assert put["bodies"] == [
        ["takes application/json", "", 0],
        ["200 text/csv", "text", None],
        ["200 image/png", "bytes", None],
    ]
    kind, evidence, grade, examples, description, place, sources, children = data["nodes"][0]
    assert (kind, evidence, grade, examples, description, place, sources) == ("object", "", "", "", "", "json", [])
    assert [child[:3] for child in children] == [["next", 0, "optional"], [SHOWN, 1, "optional"]]
    assert data["nodes"][1][3] == " ".join(EVIL.split())[:37] + "..."
    assert len(data["nodes"][1][4]) == 240
    assert len(data["nodes"]) == 2


def test_the_page_of_what_was_learned() -> None:
    exchanges = [
        Exchange(
            Request("GET", f"{BASE}/a/{n}"),
            Response(200, json={"id": n, "tags": ["x"], **({"due": None} if n % 2 else {})}),
        )
        for n in range(1, 5)
    ]  # fmt: skip
    contract = learn(exchanges, base_url=BASE, name="a", day="2026-11-22")
    data = Page(page(contract, contract.operations)).data
    [operation] = data["operations"]
    assert operation["seen"] == "seen 4 times, 2026-11-22"
    root = data["nodes"][operation["bodies"][0][2]]
    assert root[1:3] == ["4 answers", "assumed"]
    assert {child[0]: child[2:] for child in root[7]} == {
        "due": ["sometimes", 2, 4], "id": ["always", 4, 4], "tags": ["always", 4, 4],
    }  # fmt: skip
    assert data["sources"] == ["a recording, 2026-11-22"]
    assert {data["nodes"][child[1]][5]: data["nodes"][child[1]][6] for child in root[7]} == {
        "json.due": [[0, 2]], "json.id": [[0, 4]], "json.tags": [[0, 4]],
    }  # fmt: skip
    assert contract.provenance(contract.operations[0], 200, "json.due") == [Source((), "2026-11-22", 2)]


def test_one_status_alone(vendor: Path) -> None:
    contract = load(vendor)
    data = Page(page(contract, contract.operations, status="404")).data
    assert [one["bodies"] for one in data["operations"]] == [[["404", "no body", None]], []]


def test_the_command_writes_it(vendor: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "page.html"
    assert app.run(["show", str(vendor), "--html", str(target), "--operation", "GET *"]) == 0
    assert capsys.readouterr().out == f"{target}  1 operation\n"
    seen = Page(target.read_text(encoding="utf-8"))
    assert [one["data-at"] for one in seen.of("a")] == ["0"]
    assert seen.of("a")[0]["href"] == "#GET%20/a/%7Bid%7D"
    first = target.read_bytes()
    assert app.run(["show", str(vendor), "--html", str(target), "--operation", "get /a/*"]) == 0
    assert target.read_bytes() == first


def test_where_document_and_traffic_disagree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    own = tmp_path / "vendor.json"
    own.write_text(json.dumps(document(**schema)), encoding="utf-8")
    exchanges = [
        Exchange(Request("GET", f"{BASE}/a/1"), Response(200, json={"id": "x", "more": 1})),
        Exchange(Request("GET", f"{BASE}/b"), Response(200, json={})),
    ]
    save(fold(load(own), exchanges, day="2026-11-22"), own)
    assert app.run(["show", str(own)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"  ! 200 json\.id: another type came.*string in 1 of 1 value", said)
    assert "In traffic alone\n  ! GET /b " in said
    assert app.run(["show", str(own), "--html", str(tmp_path / "page.html")]) == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    [operation] = [one for one in Page(text).data["operations"] if one["key"] == "GET /a/{id}"]
    assert operation["disagreements"][0][0] == "200 json.id"
    assert '<label id="only">' in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--operation", "GET /nothing/*"], "has no operation like GET /nothing/*"),
        (["--status", "418"], "no operation here answers 418"),
    ],
)
def test_filters_that_leave_nothing(
    arguments: list[str], told: str, vendor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["show", str(vendor), *arguments]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("node", "shape", "said"),
    [
        ({"examples": ["active", "active", "gone"]}, None, "e.g. active, gone"),
        ({}, Shape(minimum=1, maximum=1000), "up to 1,000"),
        ({}, Shape(minimum=-1000, maximum=100), "between -1,000 and 100"),
        ({}, Shape(minimum=1), ""),
    ],
)
def test_examples_are_told_once_and_bounds_as_bounds(node: dict[str, Any], shape: Shape | None, said: str) -> None:
    assert Tree(Document({"openapi": "3.1.0"}), learned=True).row(Place("a", node, "", shape), "a").examples == said


def test_examples_sources_and_statuses_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exchanges = [
        Exchange(Request("GET", f"{BASE}/a/{n}?page=2"), Response(200, json={"state": "open" if n % 2 else "closed"}))
        for n in range(1, 31)
    ]  # fmt: skip
    path = tmp_path / "a.yaml"
    save(learn(exchanges, base_url=BASE, name="a", day="2026-11-22"), path)
    assert app.run(["show", str(path), "--sources"]) == 0
    said = capsys.readouterr().out
    assert "e.g. closed, open" in said
    assert "a recording of 2026-11-22: 30" in said
    assert app.run(["show", str(path), "--status", "200"]) == 0
    assert "query page" not in capsys.readouterr().out
