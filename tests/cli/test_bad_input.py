"""Bad input: one clear error with the place and the next step, exit code 2, and no file is harmed."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import lookalike
from lookalike.cli import app
from lookalike.serve import Server

GOOD = """\
openapi: 3.1.0
info: {title: Todos, version: '1'}
servers: [{url: 'https://todos.example'}]
paths:
  /todos:
    get:
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {type: array}}}
"""

#: name: (the contract's text, what the message must say)
CONTRACTS = {
    "a YAML error": (GOOD.replace("title: Todos", "title: [Todos"), "line 2"),
    "an unknown reference": (GOOD.replace("{type: array}", "{$ref: '#/components/schemas/Nobody'}"), "Nobody"),
    "a wrong version": (GOOD.replace("3.1.0", "4.7.0"), "4.7.0"),
    "an old Swagger": ("swagger: '1.2'\ninfo: {title: Old}\npaths: {}\n", "swagger"),
    "no OpenAPI at all": ("- just\n- a list\n", "contract.yaml"),
    "nothing": ("", "contract.yaml"),
    "bytes": ("\x00\x01\x02", "contract.yaml"),
    "nested beyond sense": ("[" * 200_000, "contract.yaml"),
    "30 MB of nested arrays": (
        '{"openapi": "3.1.0", "x": ' + "[" * 15_000_000 + "]" * 15_000_000 + "}",
        "contract.yaml",
    ),
}


async def refuse(*_: object, **__: object) -> None:
    raise AssertionError("it began to serve")


def fails(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    """The message of a command that must fail, after looking at its form."""
    # A server that starts where it must not would run for ever.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "_serve", refuse)
        assert app.run(arguments) == code
    said = capsys.readouterr()
    assert said.err.startswith("error: "), said.err
    assert said.err.count("error: ") == 1
    assert "Traceback" not in said.err
    assert len(said.err) < 2000
    return said.err


@pytest.mark.parametrize("command", ["show", "verify", "serve", "diff"])
@pytest.mark.parametrize("name", CONTRACTS)
def test_a_broken_contract(
    name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, words = CONTRACTS[name]
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    said = fails(capsys, command, "contract.yaml", *(["contract.yaml"] if command == "diff" else []))
    assert "contract.yaml" in said
    assert words in said
    assert path.read_text(encoding="utf-8") == text
    assert [one.name for one in tmp_path.iterdir()] == ["contract.yaml"]


@pytest.mark.parametrize("command", ["show", "verify", "learn", "merge"])
def test_evidence_that_was_cut_in_half(
    command: str, learned: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    monkeypatch.chdir(learned.parent)
    evidence = learned.with_suffix(".evidence.json")
    half = evidence.read_bytes()[: evidence.stat().st_size // 2]
    evidence.write_bytes(half)
    document = learned.read_bytes()
    arguments = {
        "learn": ["learn", api, "/todos", "-o", learned.name],
        "merge": ["merge", learned.name, "-o", "other.yaml"],
    }.get(command, [command, learned.name])
    said = fails(capsys, *arguments)
    assert evidence.name in said
    assert "cut off" in said
    assert "Restore it from version control" in said
    assert (evidence.read_bytes(), learned.read_bytes()) == (half, document)
    assert len(list(learned.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["todos.example", "/todos"], ["no scheme", "https://todos.example"]),
        (["localhost:8000", "/todos"], ["no scheme", "http://localhost:8000"]),
        (["ftp://todos.example", "/todos"], ["ftp://todos.example", "http"]),
        (["http://", "/todos"], ["http"]),
        (["http://todos.example:99999", "/todos"], ["99999"]),
        (["https://todos.example", "todos"], ["'todos'", "slash"]),
        (["https://todos.example", "https://todos.example/todos"], ["slash", "/"]),
        (["https://todos.example", "/todos/{id}"], ["{id}"]),
        (["session.har", "/"], ["session.har: no such file"]),
    ],
)
def test_learn_from_what_is_no_api(
    arguments: list[str],
    words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = fails(capsys, "learn", *arguments, "-o", "out.yaml")
    assert all(word in said for word in words), said
    assert list(tmp_path.iterdir()) == []


def test_learn_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "session.har").write_text("{}", encoding="utf-8")
    assert "session.har: no exchange could be read" in fails(capsys, "learn", "session.har", "-o", "out.yaml")


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = fails(capsys, "serve", "jsonplaceholder", "--port", str(port))
    assert f"port {port}" in said
    assert "in use" in said
    assert "choose another" in said


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no port" in fails(capsys, "serve", "jsonplaceholder", f"--port={port}")


@pytest.mark.parametrize("text", ["not json", "[1, 2", '{"todos": 3}', ""])
def test_data_that_is_no_database(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "db.json"
    path.write_text(text, encoding="utf-8")
    assert "db.json" in fails(capsys, "serve", "jsonplaceholder", "--port", "0", "--data", str(path))
    assert path.read_text(encoding="utf-8") == text


def test_data_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "gone.json" in fails(
        capsys, "serve", "jsonplaceholder", "--port", "0", "--data", str(tmp_path / "gone.json")
    )


@pytest.mark.parametrize("option", ["--stateful", "--changed", "--data=x.json"])
def test_a_contract_has_no_packs_options(option: str, learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = fails(capsys, "serve", str(learned), option)
    assert option.partition("=")[0] in said
    assert "ready-made" in said


@pytest.mark.parametrize("command", ["show", "verify", "serve"])
def test_a_name_that_nobody_has(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = fails(capsys, command, "jsonplaceholdr")
    assert 'did you mean "jsonplaceholder"' in said
    assert "Known: " in said
    assert said.endswith("\nLearn one: lookalike learn URL PATH -o contracts/example.yaml\n")


@pytest.mark.parametrize(
    ("command", "way"),
    [("audit", "pytest --lookalike=audit"), ("replay", "--replay SOURCE"), ("init", "learn URL PATH")],
)
def test_what_is_no_command_says_where_it_is(command: str, way: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = fails(capsys, command)
    assert said.startswith(f"error: {command} is no command\nNext: ")
    assert way in said


def test_a_finding_of_no_api(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = fails(capsys, "accept", "3f9c2a71b0de")
    assert "which API? pyproject.toml names none\nSay its contract: lookalike accept" in said
    assert "`lookalike verify` says" in said


@pytest.mark.parametrize("command", ["show", "verify", "serve"])
def test_a_file_that_is_not_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "gone.yaml" in fails(capsys, command, "gone.yaml")


def test_verify_without_anything_to_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = fails(capsys, "verify")
    assert "there is no pyproject.toml here or above, so there is nothing to verify" in said
    assert "[tool.lookalike.apis.example]" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.lookalike", "pyproject.toml"),
        ("[tool.lookalike]\napi = 1\n", 'did you mean "apis"'),
        ("[tool.lookalike.apis.x]\ncontrct = 'a'\n", 'did you mean "contract"'),
        ("[tool.lookalike.apis.x]\nbase_url = 'example.com'\n", "https://example.com"),
        ("[tool.lookalike.apis.x]\nbase_url = 'https://example.com'\n", "has no contract"),
        ("[tool.lookalike.apis.x]\ncontract = 'gone.yaml'\n", "gone.yaml"),
        ("[tool.lookalike.apis.x]\ncontract = 'good.yaml'\nauth = { bearer = 'env:NO_SUCH_TOKEN' }\n", "NO_SUCH_TOKEN"),
    ],
)
def test_a_project_that_says_it_wrongly(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert words in fails(capsys, "verify")


def test_a_contract_without_a_base_url(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "todos.yaml"
    path.write_text(GOOD.replace("servers: [{url: 'https://todos.example'}]\n", ""), encoding="utf-8")
    said = fails(capsys, "verify", str(path))
    assert "where is the real API" in said
    assert "base_url" in said


def test_accept_needs_an_api_and_a_finding_of_it(
    learned: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.parent)
    before = learned.read_bytes()
    assert "which API?" in fails(capsys, "accept", "abc")
    assert "no finding abc" in fails(capsys, "accept", "abc", learned.name)
    assert "ready-made" in fails(capsys, "accept", "abc", "jsonplaceholder")
    assert learned.read_bytes() == before


def test_merge_needs_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "vendor.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert "no evidence" in fails(capsys, "merge", str(path), "-o", str(tmp_path / "out.yaml"))
    assert not (tmp_path / "out.yaml").exists()


class _Odd(BaseHTTPRequestHandler):
    """Answers todos, and what nobody wants."""

    BODIES: ClassVar[dict[str, tuple[int, str, bytes]]] = {
        "/todos": (200, "application/json", b'[{"id": 1, "title": "a"}, {"id": 2, "title": "b"}]'),
        "/broken": (200, "application/json", b'{"id": 1,'),
        "/text": (200, "application/json", b"this is not JSON"),
        "/deep": (200, "application/json", b"[" * 15_000_000 + b"]" * 15_000_000),
        "/page": (200, "text/html", b"<html>please sign in</html>"),
        "/secret": (401, "application/json", b"{}"),
        "/busy": (503, "text/plain", b"busy"),
    }

    def do_GET(self) -> None:
        status, kind, body = self.BODIES.get(self.path, (404, "application/json", b"{}"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def learned(tmp_path: Path, api: str, capsys: pytest.CaptureFixture[str]) -> Path:
    """A contract that was learned from the API."""
    path = tmp_path / "work" / "odd.yaml"
    assert app.run(["learn", api, "/todos", "-o", str(path)]) == 0
    capsys.readouterr()
    return path


@pytest.mark.parametrize("path", ["/broken", "/text"])
def test_a_body_that_is_not_json_is_suspect_where_json_was_once(
    path: str, learned: Path, api: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_Odd.BODIES, "/todos", _Odd.BODIES[path])
    assert app.run(["verify", str(learned)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "SUSPECT" in said.out
    assert "JSON" in said.out


def test_an_html_page_in_place_of_json_is_no_drift(
    learned: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_Odd.BODIES, "/todos", _Odd.BODIES["/page"])
    assert app.run(["verify", str(learned)]) == 3
    assert "UNREACHABLE" in capsys.readouterr().out


@pytest.mark.parametrize(("path", "code"), [("/secret", 4), ("/busy", 3)])
def test_an_api_that_refuses_or_fails_teaches_nothing(
    path: str, code: int, api: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fails(capsys, "learn", api, path, "-o", str(tmp_path / "out.yaml"), "--timeout", "5", code=code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["/deep", "/broken", "/text"])
def test_a_body_that_only_claims_to_be_json_is_one_clear_error(
    path: str, api: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """30 MB of nested arrays among them: beyond what a JSON parser reads, and no crash and no hang."""
    said = fails(capsys, "learn", api, path, "-o", str(tmp_path / "out.yaml"))
    assert f"GET {path} says it is JSON, and is not JSON at line 1, column" in said
    assert "Ask paths that answer JSON" in said
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_only_claims_to_be_json_is_named_among_others(
    api: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.yaml"
    assert app.run(["learn", api, "/todos", "/deep", "-o", str(path)]) == 0
    said = capsys.readouterr()
    assert "GET /deep says it is JSON, and is not JSON at line 1, column" in said.out
    assert said.out.rstrip().endswith("its body taught nothing")
    assert json.loads(path.with_suffix(".evidence.json").read_bytes())


def test_a_warning_is_a_line_without_our_code(tmp_path: Path) -> None:
    contract = tmp_path / "alone.yaml"
    with lookalike.Api("jsonplaceholder").serve() as url:
        assert app.run(["learn", url, "/todos", "-o", str(contract)]) == 0
    contract.with_name("alone.evidence.json").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "lookalike.cli", "show", str(contract)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert re.fullmatch(r"warning: \S+alone\.evidence\.json is missing.*\n", done.stderr)
