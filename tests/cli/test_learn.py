"""`lookalike learn` where some of the API refuses, fails or stands behind a login; and how credentials are given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from lookalike.cli import app
from lookalike.contract import files

KEY = "s3cret-of-the-sky"
LOGIN = b"<!doctype html><title>Please log in</title>"


class _Sky(BaseHTTPRequestHandler):
    BODIES: ClassVar[dict[str, tuple[int, str, bytes]]] = {
        "/v1/places": (200, "application/json", b'[{"id": 1, "name": "Ulm"}]'),
        "/v1/places/1": (200, "application/json", b'{"id": 1, "name": "Ulm"}'),
        "/v1/home": (200, "text/html", LOGIN),
        "/v1/about": (200, "text/html", b"<!doctype html><h1>About</h1>"),
    }

    def do_GET(self) -> None:
        sent = self.headers.get("X-Api-Key", "") or self.headers.get("Authorization", "")
        status, kind, body = self.BODIES.get(self.path, (404, "application/json", b"{}"))
        if self.path == "/v1/secret":
            status, body = (200, b'{"id": 7}') if KEY in sent else (401, b"{}")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def sky() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sky)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """All that a command says, which must end with this code."""
    ended = app.run(arguments)
    said = capsys.readouterr()
    assert ended == code, said.out + said.err
    return said.out + said.err


def operations() -> list[str]:
    return sorted(one.key for one in files.load("sky.yaml").operations)


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("/secret", 4, "GET /secret failed: the API answered 401"),
        ("/home", 3, "GET /v1/home answered an HTML page (it looks like a login page?): not learned"),
        ("/things/{id}", 2, "GET /things/{id} has nothing that fills it"),
    ],
)
def test_the_rest_is_written(path: str, code: int, words: str, sky: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, code, "learn", sky, path, "/places", "/places/{id}", "-o", "sky.yaml")
    assert words in said
    assert operations() == ["GET /places", "GET /places/{id}"]
    assert ("[tool.lookalike.apis.sky]" in said) is (code == 4)


@pytest.mark.parametrize(("path", "code"), [("/secret", 4), ("/home", 3)])
def test_nothing_is_written_where_nothing_is_learned(
    path: str, code: int, sky: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(capsys, code, "learn", sky, path, "-o", "sky.yaml")
    assert said.startswith(f"error: nothing was learned from {sky}")
    assert ("--bearer env:API_TOKEN" in said) is (code == 4)
    assert list(project.iterdir()) == []


def test_errors_alone_are_told(sky: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["learn", sky, "/plases", "-o", "sky.yaml"]) == 0
    assert capsys.readouterr().err == (
        "warning: no answer is a good one: 404 is all that came\n"
        f"Check the paths, the base URL {sky}, and whether credentials are needed: --header, --bearer\n"
    )
    said = run(capsys, 0, "learn", sky, "/plases", "/places", "-o", "sky.yaml")
    assert "no answer is a good one" not in said


def test_the_budget_is_named_as_the_command_line_spells_it(sky: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, 3, "learn", sky, "/places", "/places/1", "-o", "sky.yaml", "--budget", "1")
    assert "GET /places/1 was not asked: the call budget (1 request) is used up; raise it with --budget" in said
    assert operations() == ["GET /places"]


def test_a_page_that_is_the_apis_own(sky: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, 3, "learn", sky, "/places", "/about", "-o", "sky.yaml")
    run(capsys, 0, "learn", sky, "/places", "/about", "-o", "sky.yaml", "--html")
    run(capsys, 0, "learn", sky, "/about", "-o", "sky.yaml")
    assert operations() == ["GET /about", "GET /places"]


@pytest.mark.parametrize(
    "option",
    [("--header", "X-Api-Key: env:SKY_KEY"), ("--header", "X-Api-Key:env:SKY_KEY"), ("--bearer", "env:SKY_KEY")],
)
def test_credentials_come_from_the_environment(
    option: tuple[str, str], sky: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKY_KEY", KEY)
    said = run(capsys, 0, "learn", sky, "/secret", "-o", "sky.yaml", *option)
    written = Path("sky.yaml").read_text("utf-8") + files.evidence_path("sky.yaml").read_text("utf-8")
    assert KEY not in said + written
    assert "OK" in run(capsys, 0, "verify", "sky.yaml", *option)
    assert run(capsys, 4, "verify", "sky.yaml").startswith("AUTH")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--header", f"X-Api-Key: {KEY}"], "Write: --header 'X-Api-Key: env:API_KEY'"),
        (["--header", KEY], "Write: --header 'X-Api-Key: env:API_KEY'"),
        (["--bearer", KEY], "Write: --bearer env:API_TOKEN"),
        (["--bearer", "env:"], "Write: --bearer env:API_TOKEN"),
        (["--bearer", "env:NO_SUCH"], "NO_SUCH is not set"),
        (["--bearer", "env:A", "--header", "X: env:A"], "one of the two"),
    ],
)
def test_a_secret_has_no_place_on_a_command_line(
    options: list[str], words: str, sky: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(capsys, 2, "learn", sky, "/secret", "-o", "sky.yaml", *options)
    assert words in said
    assert KEY not in said
    assert list(project.iterdir()) == []


def test_the_file_is_the_projects_own(sky: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "where should the contract" in run(capsys, 2, "learn", sky, "/places")
    (project / "pyproject.toml").write_text(
        f'[tool.lookalike.apis.sky]\ncontract = "sky.yaml"\nbase_url = "{sky}"\n', "utf-8"
    )
    run(capsys, 0, "learn", "sky", "/places")
    assert operations() == ["GET /places"]


def test_a_whole_url_in_place_of_a_path(sky: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "as in /places\n" in run(capsys, 2, "learn", sky, f"{sky}/places", "-o", "sky.yaml")
    assert "as in /a/b\n" in run(capsys, 2, "learn", sky, "https://other.test/a/b", "-o", "sky.yaml")
