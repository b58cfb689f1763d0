"""`lookalike learn` from recorded traffic: which API it is about, what is written, what is told, how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from lookalike.cli import app
from lookalike.contract import files

PAGE = ("text/html", "<!doctype html><title>Hello</title>")


def line(url: str, status: int = 200, kind: str = "application/json", body: str = '{"id": 1, "name": "Ulm"}') -> str:
    answer = {"status": status, "headers": {"content-type": kind}, "content": body}
    return orjson.dumps({"request": {"url": url}, "response": answer, "day": "2026-11-20"}).decode()


API = [
    line("https://api.test/places/1"),
    line("https://api.test/places/2"),
    line("https://api.test/places/9", 404, body='{"error": "no such place"}'),
    line("https://api.test/places/8", 500, "text/html", "<html>sorry"),
    line("https://api.test/home", 200, *PAGE),
    line("https://cdn.test/logo.png", 200, "image/png", "x"),
]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def record(name: str, *lines: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(one + "\n" for one in lines), "utf-8")


def run(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    ended = app.run(arguments)
    said = capsys.readouterr()
    assert ended == code, said.out + said.err
    return said.out + said.err


def operations(path: str = "api.yaml") -> list[str]:
    return sorted(one.key for one in files.load(path).operations)


def test_the_host_that_answers_json_is_learned_and_errors_teach(capsys: pytest.CaptureFixture[str]) -> None:
    record("a.ndjson", *API)
    said = run(capsys, 0, "learn", "a.ndjson", "-o", "api.yaml")
    assert "GET /places/{id}  200 (2 times), 404, 500" in said
    assert "1 exchange for browsers (pages, scripts, pictures) left out; --html learns them" in said
    assert "1 exchange with 1 other host left out: cdn.test" in said
    contract = files.load("api.yaml")
    assert contract.base_url == "https://api.test"
    assert operations() == ["GET /places/{id}"]
    assert contract.operations[0].answer(404) is not None
    before = Path("api.yaml").read_bytes(), Path("api.evidence.json").read_bytes()
    run(capsys, 0, "learn", "a.ndjson", "-o", "api.yaml")
    assert (Path("api.yaml").read_bytes(), Path("api.evidence.json").read_bytes()) == before
    run(capsys, 0, "learn", "a.ndjson", "-o", "pages.yaml", "--html")
    assert operations("pages.yaml") == ["GET /home", "GET /places/{id}"]


def test_several_hosts(capsys: pytest.CaptureFixture[str]) -> None:
    record("a.ndjson", *API, line("http://other.test:8080/v1/things"))
    said = run(capsys, 2, "learn", "a.ndjson", "-o", "api.yaml")
    assert "which API is meant? 2 hosts answer with JSON," in said
    assert [word for one in said.splitlines() if one.strip().startswith("api.test") for word in one.split()] == [
        "api.test",
        "5",
        "exchanges,",
        "3",
        "with",
        "JSON",
    ]
    assert "--base-url https://api.test -o api.yaml" in said
    assert "Each: lookalike learn a.ndjson -o contracts/" in said
    assert not Path("api.yaml").exists()
    run(capsys, 0, "learn", "a.ndjson", "-o", "api.yaml", "--base-url", "http://other.test:8080/v1")
    assert operations() == ["GET /things"]
    run(capsys, 0, "learn", "a.ndjson", "-o", "each/")
    assert sorted(one.name for one in Path("each").glob("*.yaml")) == ["api.test.yaml", "other.test-8080.yaml"]
    assert operations("each/other.test-8080.yaml") == ["GET /v1/things"]
    assert "no exchange with https://nobody.test" in run(
        capsys, 2, "learn", "a.ndjson", "-o", "no.yaml", "--base-url", "https://nobody.test"
    )
    record("b.ndjson", API[0])
    assert "which the contract is about" in run(capsys, 2, "learn", "b.ndjson", "-o", "api.yaml")


def test_each_host_has_a_heading_and_the_count_of_its_own_files(capsys: pytest.CaptureFixture[str]) -> None:
    record("a.ndjson", *API[:3])
    record("b.ndjson", line("https://other.test/things"))
    said = run(capsys, 0, "learn", "a.ndjson", "b.ndjson", "-o", "each/")
    assert said.startswith("api.test\n  GET /places/{id}")
    assert "\n\nother.test\n  GET /things" in said
    assert "3 answers from 1 file came" in said
    assert "1 answer from 1 file came" in said
    assert "other host" not in said


def test_exchanges_that_are_not_learned_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    asked = orjson.loads(API[0])
    asked["request"]["method"] = "OPTIONS"
    others = [line(f"https://h{number}.test/x") for number in range(6)]
    record("a.ndjson", line("https://api.test/v1/places/1"), *API[:2], *others, orjson.dumps(asked).decode())
    said = run(capsys, 0, "learn", "a.ndjson", "-o", "api.yaml", "--base-url", "https://api.test/v1")
    assert "6 exchanges with 6 other hosts left out: h0.test, h1.test, h2.test, h3.test, h4.test and 1 more" in said
    assert "2 exchanges left out: not below https://api.test/v1" in said
    assert "1 exchange left out: without an answer, or HEAD, OPTIONS, TRACE or CONNECT" in said
    assert "\n\n" not in said


def test_a_configured_api_learns_from_recordings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.lookalike.apis.places]\ncontract = "places.yaml"\nbase_url = "https://api.test"\n', "utf-8"
    )
    record("logs/a.ndjson", *API)
    run(capsys, 0, "learn", "places", "logs")
    assert operations("places.yaml") == ["GET /places/{id}"]
    assert "where should the contract" in run(capsys, 2, "learn", "logs")


def test_what_is_left_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    record("logs/a.ndjson", *API, *["{}"] * 9)
    record("logs/a notice.txt", "nothing")
    said = run(capsys, 0, "learn", "logs", "-o", "api.yaml")
    assert "10 entries skipped" in said
    assert "logs/a.ndjson, line 7: no 'request'" in said
    assert "notice" not in said  # which entries of recordings come before
    assert "and 5 more (2 different reasons); -v tells them" in said
    assert said.count("\n") + 5 - 1 == run(capsys, 0, "learn", "logs", "-o", "api.yaml", "-v").count("\n")


def test_a_file_that_is_named_and_no_recording(capsys: pytest.CaptureFixture[str]) -> None:
    record("a.ndjson", *API)
    record("notes.txt", "nothing")
    said = run(capsys, 2, "learn", "a.ndjson", "notes.txt", "-o", "api.yaml")
    assert "notes.txt: is text, no recorded traffic" in said
    assert operations() == ["GET /places/{id}"]
    assert "no recorded traffic" in run(capsys, 2, "learn", "notes.txt", "-o", "b.yaml")
    record("more/x.txt", "nothing")
    assert "no exchange could be read" in run(capsys, 2, "learn", "more", "-o", "b.yaml")
    assert "no such file" in run(capsys, 2, "learn", "gone.har", "-o", "b.yaml")
    assert "what should it be asked" in run(capsys, 2, "learn", "https://api.test", "-o", "b.yaml")
    assert not Path("b.yaml").exists()


def test_processes_write_the_same_files(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(4):
        record(f"logs/{number}.ndjson", *API[number:])
    run(capsys, 0, "learn", "logs", "-o", "api.yaml", "--jobs", "2")
    run(capsys, 0, "learn", "logs", "-o", "one/api.yaml", "--jobs", "1")
    for name in ("api.yaml", "api.evidence.json"):
        assert Path(name).read_bytes() == Path("one", name).read_bytes()


def test_an_interruption_writes_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    record("a.ndjson", *API)
    monkeypatch.setattr("lookalike.learning.recorded.read", interrupted)
    assert "interrupted, nothing is written" in run(capsys, 130, "learn", "a.ndjson", "-o", "api.yaml")
    assert not Path("api.yaml").exists()


def test_evidence_is_kept_beside_a_vendors_document(capsys: pytest.CaptureFixture[str]) -> None:
    vendor = (
        "openapi: 3.1.0\ninfo: {title: Places, version: '1'}\nservers: [{url: 'https://api.test'}]\n"
        "paths:\n  /places/{id}:\n    get:\n      responses: {'200': {description: A place}}\n"
    )
    record("a.ndjson", *API)
    Path("vendor.yaml").write_text(vendor, "utf-8")
    assert "unchanged, not learned" in run(capsys, 0, "learn", "a.ndjson", "-o", "vendor.yaml")
    assert Path("vendor.yaml").read_text("utf-8") == vendor
    assert files.load("vendor.yaml").evidence is not None


def test_a_vendors_document_with_several_servers(capsys: pytest.CaptureFixture[str]) -> None:
    servers = "\n".join(f"- url: https://api.example.com/{version}" for version in ("v1", "v2"))
    vendor = f"openapi: 3.1.0\ninfo: {{title: V, version: '1'}}\nservers:\n{servers}\npaths: {{}}\n"
    Path("vendor.yaml").write_text(vendor, "utf-8")
    record("v2.ndjson", line("https://api.example.com/v2/things/1"))
    said = run(capsys, 2, "learn", "v2.ndjson", "-o", "vendor.yaml")
    assert "1 exchange with api.example.com, all below other paths" in said
    assert "--base-url https://api.example.com/v2" in said
    wrong = run(capsys, 2, "learn", "v2.ndjson", "-o", "vendor.yaml", "--base-url", "https://api.example.com")
    assert "https://api.example.com is no server of vendor.yaml" in wrong
    assert not Path("vendor.evidence.json").exists()
    run(capsys, 0, "learn", "v2.ndjson", "-o", "vendor.yaml", "--base-url", "https://api.example.com/v2")
    assert files.load("vendor.yaml").evidence is not None


def test_shards_are_merged_and_twice_the_same_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    record("1.ndjson", *API[:2])
    record("2.ndjson", *API[2:])
    run(capsys, 0, "learn", "1.ndjson", "-o", "1/api.yaml")
    run(capsys, 0, "learn", "2.ndjson", "-o", "2/api.yaml")
    run(capsys, 0, "learn", "1.ndjson", "2.ndjson", "-o", "whole/api.yaml")
    run(capsys, 0, "merge", "1/api.yaml", "2/api.yaml", "-o", "merged/api.yaml")
    assert Path("merged/api.evidence.json").read_bytes() == Path("whole/api.evidence.json").read_bytes()
    before = Path("merged/api.yaml").read_bytes(), Path("merged/api.evidence.json").read_bytes()
    run(capsys, 0, "merge", "2/api.yaml", "2/api.yaml", "1/api.yaml", "-o", "merged/api.yaml")
    assert (Path("merged/api.yaml").read_bytes(), Path("merged/api.evidence.json").read_bytes()) == before
