"""Hostile files, and files that aren't what their names say: one clear error each, in bounded memory and time."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lookalike.cli import app
from lookalike.contract.yaml import read_yaml
from lookalike.errors import FileError
from lookalike.traffic import compressed

DOCUMENT = "openapi: 3.1.0\ninfo: {title: Todos, version: '1'}\npaths: {}\n"
CASSETTE = """\
interactions:
- request: {method: GET, uri: 'https://api.example/a', body: null, headers: {}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: %s}}
"""
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MILLION = 1_000_000


def api(schema: Any, **parts: Any) -> str:
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    paths = {"/a": {"get": {"responses": {"200": answer}}}}
    return json.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **parts})


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))

#: name: (command, the file's name, what is in it, what the message must say)
HOSTILE: dict[str, tuple[str, str, str | bytes, list[str]]] = {
    "a tag in a cassette": ("learn", "a.yaml", CASSETTE % "!!python/object/apply:os.system [exit]",
                            ["a.yaml, interaction 1: line 3: the tag !!python/object/apply:os.system isn't read"]),
    "a tag in a document": ("show", "a.yaml", DOCUMENT + "x: !!python/object/apply:os.system [exit]\n",
                            ["a.yaml, line 4, column 4: the tag", "Remove the tag"]),
    "a million lists in a cassette": ("learn", "a.yaml", "interactions: " + "[" * MILLION,
                                      ["interaction 1: line 1: nested deeper than 500 levels"]),
    "a million anchors in a cassette": ("learn", "a.yaml", CASSETTE % ("&a [" * MILLION),
                                        ["interaction 1: line 3: nested deeper than 500 levels"]),
    "a million anchors in a document": ("show", "a.yaml", DOCUMENT + "x: " + "&a [" * MILLION,
                                        ["a.yaml: nested too deeply", "a few dozen levels"]),
    "a million mappings in a document": ("show", "a.yaml", DOCUMENT + "x: " + "{a: " * MILLION, ["nested too deeply"]),
    "a million lists in JSON": ("show", "a.json", '{"openapi": "3.1.0", "x": ' + "[" * MILLION,
                                ["a.json: not JSON at line 1, column 1", "Restore the file"]),
    "aliases that multiply in a document": ("show", "a.yaml", DOCUMENT + LAUGHS,
                                            ["a.yaml, line 10", "aliases make this more than 5,000,000 values"]),
    "aliases that multiply in a cassette": (
        "learn", "a.yaml",
        "interactions:\n- x:\n" + "".join(f"    {line}\n" for line in LAUGHS.splitlines()) + "  response: *a11\n",
        ["a.yaml, interaction 1: line ", "its aliases stand for more than 10,000 values"]),
    "an alias in itself": ("show", "a.yaml", DOCUMENT + "x: &x [*x]\n", ["line 4", "inside what it names"]),
    "a reference to itself": ("show", "a.json", api(to("A"), components={"schemas": {"A": to("A")}}),
                              ["#/components/schemas/A: references lead in a circle", "Let one of them"]),
    "two references to each other": (
        "show", "a.json", api(to("A"), components={"schemas": {"A": to("B"), "B": to("A")}}), ["lead in a circle"]),
    "a circle through files": (
        "show", "a.json", api({"$ref": "b.json#/A"}, components={"schemas": {"A": {"$ref": "b.json#/A"}}}),
        ["b.json#/A: references lead in a circle"]),
    "paths in a circle": ("show", "a.json", api({}).replace('"/a": {"get"', '"/b": {"$ref": "#/paths/~1c"}, "/c": '
                          '{"$ref": "#/paths/~1b"}, "/a": {"get"'), ["#/paths/~1b", "references lead in a circle"]),
    "a reference to a URL": ("show", "a.json", api({"$ref": "https://schemas.example/pet.json"}),
                             ["'https://schemas.example/pet.json' leads to a URL", "--allow-refs"]),
    "a reference to a broken URL": ("show", "a.json", api({"$ref": "http://["}), ["'http://[' is no URL"]),
    "an image as HAR": ("learn", "a.har", PNG, ["a.har: is a PNG image, no recorded traffic", "What is read: HAR"]),
    "an image as a document": ("show", "a.yaml", PNG, ["a.yaml: this is a PNG image", "A contract is YAML or JSON"]),
    "a recording as a document": ("show", "a.yaml", json.dumps({"log": {"entries": []}}),
                                  ["no OpenAPI document", "lookalike learn FILE -o contract.yaml"]),
    "a document as a recording": ("learn", "a.har", DOCUMENT, ["a.har: is an OpenAPI document, no recorded traffic"]),
    "a page as HAR": ("learn", "a.har", "<!doctype html><html>", ["is an HTML page, no recorded traffic"]),
    "gzip that is cut off": ("learn", "a.har.gz", gzip.compress(b'{"log": {"entries": []}}' * 99)[:40],
                             ["a.har.gz", "its gzip data is cut off or damaged"]),
    "a document whose gzip is cut off": ("show", "a.json.gz", gzip.compress(api({}).encode())[:40],
                                         ["a.json.gz: broken gzip", "fetch it again"]),
    "a HAR that is cut off": ("learn", "a.har", '{"log": {"entries": [{"request": {"method": "GET"',
                              ["entry 1: the file ends within it"]),
    "UTF-16 as a document": ("show", "a.yaml", DOCUMENT.encode("utf-16"), ["this is UTF-16", "Save it as UTF-8"]),
    "zstd as a document": ("show", "a.json", b"\x28\xb5\x2f\xfd abc", ["packed by Zstandard", "Unpack it first"]),
    "zero bytes as HAR": ("learn", "a.har", bytes(100), ["a.har: is binary, no recorded traffic"]),
    "zero bytes as a document": ("show", "a.yaml", b"openapi: '3.1\0'", ["a.yaml: this is binary, no text"]),
    "nothing as HAR": ("learn", "a.har", b"", ["a.har: is empty, no recorded traffic"]),
    "nothing as a document": ("show", "a.yaml", b"", ["a.yaml: the file is empty"]),
}  # fmt: skip


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The message of a command that must fail, after looking at its form."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert app.run(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: "), said
    assert said.count("error: ") == 1
    assert "Traceback" not in said
    assert len(said) < 2000
    return said


def command(name: str, file: str) -> list[str]:
    return [name, file, *(["-o", "out.yaml"] if name == "learn" else [])]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, without a project's configuration or cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.mark.parametrize("name", HOSTILE)
def test_one_clear_error(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verb, file, content, words = HOSTILE[name]
    (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "b.json").write_text(json.dumps({"A": {"$ref": "a.json#/components/schemas/A"}}))
    said = fails(capsys, *command(verb, file))
    assert all(word in said for word in words), said
    assert not (folder / "out.yaml").exists()


@pytest.mark.parametrize(("verb", "words"), [("learn", "named pipe"), ("scan", "named pipe"), ("show", "named pipe")])
def test_a_pipe_that_nobody_writes(verb: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "a.har")
    said = fails(capsys, *command(verb, "a.har"))
    assert f"a.har: this is a {words}\n" in said
    assert said.count("\n") == 2  # and the next step


@pytest.mark.parametrize(("verb", "words"), [("learn", "the folder holds no file"), ("show", "this is a folder")])
def test_a_folder(verb: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.har").mkdir()
    assert f"a.har: {words}" in fails(capsys, *command(verb, "a.har"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("verb", ["learn", "scan", "show"])
def test_a_file_that_may_not_be_read(verb: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.har").touch(0)
    assert "can't be read: Permission denied" in fails(capsys, *command(verb, "a.har"))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux has such a file")
@pytest.mark.parametrize("verb", ["learn", "scan", "show"])
def test_a_file_that_can_not_be_read(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "/proc/self/mem: can't be read: Input/output error" in fails(capsys, *command(verb, "/proc/self/mem"))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="it is there on Unix")
def test_a_device_without_an_end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("lookalike.contract.disk.MAX_DOCUMENT", 1 << 20)
    assert "/dev/zero: its bytes are too many for a contract" in fails(capsys, "show", "/dev/zero")
    assert "/dev/zero: is binary, no recorded traffic" in fails(capsys, *command("learn", "/dev/zero"))


def _packed_gzip(content: bytes) -> bytes:
    return gzip.compress(content)


def _packed_zstandard(content: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    packed: bytes = zstandard.compress(content)
    return packed


@pytest.mark.parametrize("verb", ["learn", "scan"])
@pytest.mark.parametrize("pack", [_packed_gzip, _packed_zstandard])
def test_what_unpacks_to_more_than_any_recording(
    pack: Callable[[bytes], bytes], verb: str, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(compressed, "_WORTH_A_LOOK", 1 << 20)
    (folder / "a.har.gz").write_bytes(pack(b'{"log": {"entries": [' + b" " * (4 << 20)))
    said = fails(capsys, *command(verb, "a.har.gz"))
    assert "bytes unpack to more than 500 times as many" in said
    assert "unpack it first" in said


def test_what_repeats_itself_is_no_bomb(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compressed, "_WORTH_A_LOOK", 1 << 18)
    entry = {"request": {"method": "GET", "url": "https://a.example/x"}, "response": {"status": 200, "content": {}}}
    (folder / "a.har.gz").write_bytes(gzip.compress(json.dumps({"log": {"entries": [entry] * 4_000}}).encode()))
    assert app.run(command("learn", "a.har.gz")) == 0
    assert "200 (4,000 times)" in capsys.readouterr().out


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """256 MiB of one entry, packed."""
    return gzip.compress(b'{"log": {"entries": [{"request": "' + b"a" * (256 << 20), 1)


@pytest.mark.parametrize("verb", ["learn", "show"])
def test_a_bomb_in_a_process_without_memory(verb: str, bomb: bytes, folder: Path) -> None:
    """With 1 GiB of addresses: who takes it all in, and what a parser makes of it too, fails here."""
    (folder / "a.json.gz").write_bytes(bomb)
    run = [sys.executable, "-m", "lookalike.cli", *command(verb, "a.json.gz")]
    done = subprocess.run(run, capture_output=True, text=True, preexec_fn=_limited, timeout=120, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: a.json.gz")
    assert "Traceback" not in done.stderr


def test_an_anchor_that_is_used_again_is_no_warning() -> None:
    """As pytest's settings turn any into an error."""
    assert read_yaml("a: &x 1\nb: &x 2\nc: *x\n", "a.yaml") == {"a": 1, "b": 2, "c": 2}
    with pytest.raises(FileError):
        read_yaml("a: *x\n", "a.yaml")
