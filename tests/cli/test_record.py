"""`lookalike record`: real programs ask a real API through it, and a contract learns from the answers."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from lookalike.cli import app, notebook
from lookalike.contract import files

SECRET = "s3cret-Zq81-Hx55-plain"
TODO = {"id": 1, "title": "Buy milk", "done": False}
PAGE = b"<!DOCTYPE html><title>Sign in</title>"


class Upstream(ThreadingHTTPServer):
    """The real API; `asked` are the requests that reached it: method, target, headers, body."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        self.release = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def headers(self, target: str) -> dict[str, str]:
        return {name.lower(): value for _, one, fields, _ in self.asked if one == target for name, value in fields}


JSON = {"Content-Type": "application/json"}
_ANSWERS: dict[str, tuple[int, list[tuple[str, str]], bytes]] = {
    "/todos": (200, [*JSON.items(), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], json.dumps([TODO] * 3).encode()),
    "/todos/1": (200, [*JSON.items()], json.dumps(TODO).encode()),
    "/todos/2": (200, [*JSON.items()], json.dumps(TODO | {"id": 2}).encode()),
    "/todos/9": (404, [*JSON.items()], b'{"message": "no such todo"}'),
    "/packed": (200, [*JSON.items(), ("Content-Encoding", "gzip")], gzip.compress(json.dumps(TODO).encode(), mtime=0)),
    "/old": (302, [("Location", "/todos"), ("Connection", "X-Private"), ("X-Private", "1")], b""),
    "/chunked": (200, [("Content-Type", "text/plain")], b""),
    "/none": (204, [], b""),
    "/page": (200, [("Content-Type", "text/html")], PAGE),
    "/welcome": (200, [("Content-Type", "text/html")], PAGE),
    "/liar": (200, [*JSON.items()], b"{'id': 1}"),
    "/me": (200, [*JSON.items()], json.dumps({"access_token": SECRET, "name": "Ada"}).encode()),
    "/big": (200, [("Content-Type", "text/plain")], b"x" * 5000),
    "/401": (401, [*JSON.items()], b'{"message": "who?"}'),
    "/429": (429, [*JSON.items()], b'{"message": "slowly"}'),
    "/503": (503, [*JSON.items()], b'{"message": "later"}'),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def log_message(self, *args: Any) -> None:
        """Says nothing."""

    def _any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, self.headers.items(), content))
        path = self.path.partition("?")[0]
        if path == "/slow":
            self.server.release.wait(30)
        status, fields, body = _ANSWERS.get(path, (404, [], b""))
        if self.command == "POST":
            status, fields, body = 201, [*JSON.items()], json.dumps({"id": 3, **json.loads(content)}).encode()
        if path.startswith("/fails/"):
            status, fields, body = 500, [], b"oh"
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        if path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            return
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _any  # noqa: N815  http.server's names


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    return tmp_path


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether the recorder's loop runs, which then takes signals too: what isn't HTTP gets an answer of its own."""
    with closing(socket.socket()) as probe:
        probe.settimeout(10)
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return False
        probe.sendall(b"?\r\n\r\n")
        return probe.recv(12) == b"HTTP/1.1 400"


def recorded(upstream: str, ask: Callable[[str, requests.Session], object], *options: str, code: int = 0) -> None:
    """Run the command, let a client ask through it, and end it as Ctrl-C does."""
    port = free_port()
    failures: list[BaseException] = []

    def client() -> None:
        for _ in range(500):
            if listens(port):
                break
            time.sleep(0.01)
        else:
            failures.append(TimeoutError("the recorder didn't listen"))
            return
        try:
            with requests.Session() as session:
                session.trust_env = False
                ask(f"http://127.0.0.1:{port}", session)
        except BaseException as error:
            failures.append(error)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=client)
    thread.start()
    ended = app.run(["record", "--upstream", upstream, "--port", str(port), *options])
    thread.join()
    for failure in failures:
        raise failure
    assert ended == code


def keys(path: str) -> list[str]:
    return sorted(operation.key for operation in files.load(path).operations)


def test_answers_come_back_as_they_are(upstream: Upstream, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = {}

    def ask(url: str, client: requests.Session) -> None:
        found["list"] = client.get(f"{url}/todos", params={"done": "no"}, headers={"Accept-Encoding": "br, gzip;q=0.5"})
        for number in (1, 2, 9):
            found[str(number)] = client.get(f"{url}/todos/{number}")
        found["post"] = client.post(f"{url}/todos", json={"title": "Öl"})
        with client.get(f"{url}/packed", stream=True) as packed:
            found["packed"], found["bytes"] = packed, packed.raw.read(decode_content=False)
        found["old"] = client.get(f"{url}/old", allow_redirects=False)
        found["head"] = client.head(f"{url}/todos/1")
        found["unsaid"] = client.head(f"{url}/chunked")
        found["chunked"] = client.get(f"{url}/chunked")
        found["none"] = client.delete(f"{url}/none")
        found["options"] = client.options(f"{url}/todos")

    recorded(upstream.url, ask, "-o", "contracts/todos.yaml")

    assert found["list"].json() == [TODO] * 3
    assert found["list"].raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert [found[number].status_code for number in "129"] == [200, 200, 404]
    assert (found["post"].status_code, found["post"].json()) == (201, {"id": 3, "title": "Öl"})
    assert found["packed"].headers["Content-Encoding"] == "gzip"
    assert found["bytes"] == _ANSWERS["/packed"][2]
    assert (found["old"].status_code, found["old"].headers["Location"]) == (302, "/todos")
    assert "X-Private" not in found["old"].headers
    assert found["head"].headers["Content-Length"] == str(len(_ANSWERS["/todos/1"][2]))
    assert found["head"].content == b""
    assert "Content-Length" not in found["unsaid"].headers
    assert found["chunked"].content == b"abcde"
    assert (found["none"].status_code, found["none"].content) == (204, b"")
    assert found["options"].status_code == 200

    sent = upstream.headers("/todos?done=no")
    assert sent["host"] == upstream.url.removeprefix("http://")
    assert sent["accept-encoding"] == "gzip;q=0.5", "no coding is offered that the contract couldn't learn from"
    assert ("POST", "/todos", b'{"title": "\\u00d6l"}') in [(one[0], one[1], one[3]) for one in upstream.asked]

    assert keys("contracts/todos.yaml") == [
        "DELETE /none", "GET /chunked", "GET /old", "GET /packed", "GET /todos", "GET /todos/{id}", "POST /todos",
    ]  # fmt: skip
    contract = files.load("contracts/todos.yaml")
    assert contract.base_url == upstream.url
    operation = contract.find("GET", "/todos/{id}")
    assert operation is not None
    assert sorted(operation.responses) == ["200", "404"]
    said, complaints = capsys.readouterr()
    assert complaints == ""
    lines = said.splitlines()
    assert lines[0].startswith(f"recording {upstream.url} at http://127.0.0.1:")
    assert lines[1] == "until Ctrl-C, then contracts/todos.yaml learns from it"
    assert lines[2:6] == ["GET /todos?done=no  200", "GET /todos/1  200", "GET /todos/2  200", "GET /todos/9  404"]
    assert lines[6] == "POST /todos  201"
    assert re.search(r"^  GET /todos/\{id\} +200 \(2 times\), 404$", said, re.MULTILINE)
    assert re.search(r"^  contracts/todos\.yaml +OpenAPI 3\.1, 7 operations$", said, re.MULTILINE)
    assert re.search(r"^  contracts/todos\.evidence\.json +the counts behind it; 9 answers came$", said, re.MULTILINE)


def test_credentials_are_sent_on_and_neither_shown_nor_written(
    upstream: Upstream, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(url: str, client: requests.Session) -> None:
        client.headers.update({"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET, "Cookie": f"session={SECRET}"})
        client.headers["Proxy-Authorization"] = f"Basic {SECRET}"
        assert client.get(f"{url}/me", params={"api_key": SECRET}).json()["access_token"] == SECRET
        client.post(f"{url}/todos", json={"title": "x", "password": SECRET})
        client.get(f"{url}/liar", params={"token": SECRET})
        client.get(f"{url}/page", params={"token": SECRET}, headers={"Accept": "application/json"})

    recorded(upstream.url, ask, "-o", "api.yaml")

    sent = upstream.headers(f"/me?api_key={SECRET}")
    assert (sent["authorization"], sent["x-api-key"], sent["cookie"]) == (
        f"Bearer {SECRET}", SECRET, f"session={SECRET}",
    )  # fmt: skip
    assert "proxy-authorization" not in sent, "it is for the recorder, not for the API"
    said, complaints = capsys.readouterr()
    assert "GET /me?api_key=REDACTED  200" in said
    assert "  GET /page answered an HTML page (it looks like a login page?): not learned\n" in said
    assert "GET /liar says it is JSON" in said
    assert SECRET not in said + complaints
    written = sorted(project.rglob("api.*"))
    assert [path.name for path in written] == ["api.evidence.json", "api.yaml"]
    assert not [path for path in written if SECRET in path.read_text(encoding="utf-8")]


def test_refusals_failures_and_pages_teach_nothing(upstream: Upstream, capsys: pytest.CaptureFixture[str]) -> None:
    def ask(url: str, client: requests.Session) -> None:
        for path in ("/401", "/401", "/429", "/503", "/welcome", "/todos", "/todos/1"):
            client.get(url + path)
        client.get(f"{url}/page", headers={"Accept": "application/json, text/plain, */*"})

    recorded(upstream.url, ask, "-o", "api.yaml")

    assert keys("api.yaml") == ["GET /todos", "GET /todos/{id}"]
    said = capsys.readouterr().out
    assert "GET /401  401" in said
    assert said.count(": not learned\n") == 5
    for line in (
        "GET /401 answered 401, which says who asks and not how the API is",
        "GET /429 answered 429: too much was asked",
        "GET /503 answered 503: the server failed",
        "GET /welcome answered an HTML page (it looks like a login page?)",
        "GET /page answered an HTML page (it looks like a login page?)",
    ):
        assert f"  {line}: not learned\n" in said


def test_pages_that_are_the_apis_own(upstream: Upstream) -> None:
    def ask(url: str, client: requests.Session) -> None:
        client.get(f"{url}/todos")
        client.get(f"{url}/welcome")

    recorded(upstream.url, ask, "-o", "api.yaml", "--html")
    assert keys("api.yaml") == ["GET /todos", "GET /welcome"]


def test_a_page_where_the_contract_knows_json(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(upstream.url, lambda url, client: client.get(f"{url}/todos"), "-o", "api.yaml")
    before = Path("api.yaml").read_bytes(), Path("api.evidence.json").read_bytes()
    monkeypatch.setitem(_ANSWERS, "/todos", (200, [("Content-Type", "text/html")], PAGE))
    capsys.readouterr()

    recorded(upstream.url, lambda url, client: [client.get(f"{url}/todos") for _ in range(2)], "-o", "api.yaml")

    said = capsys.readouterr().out
    assert "2 answers came and taught nothing new, so nothing is written" in said
    assert said.count("GET /todos answered an HTML page") == 1
    assert (Path("api.yaml").read_bytes(), Path("api.evidence.json").read_bytes()) == before


def test_more_failures_than_are_named(upstream: Upstream, capsys: pytest.CaptureFixture[str]) -> None:
    def ask(url: str, client: requests.Session) -> None:
        for number in range(23):
            client.get(f"{url}/fails/{number}")

    recorded(upstream.url, ask, "-o", "api.yaml")
    said = capsys.readouterr().out
    assert said.count("the server failed: not learned") == 20
    assert "  and 3 more like these\n" in said
    assert not Path("api.yaml").exists()


def test_what_exists_learns_more_and_keeps_what_people_wrote(upstream: Upstream) -> None:
    recorded(upstream.url, lambda url, client: client.get(f"{url}/todos"), "-o", "api.yaml")
    text = Path("api.yaml").read_text(encoding="utf-8")

    def ask(url: str, client: requests.Session) -> None:
        client.get(f"{url}/todos/1")
        # Edited while the recorder runs: the end reads the file again.
        Path("api.yaml").write_text("# Ours\n" + text.replace("title: api", "title: The todos"), encoding="utf-8")

    recorded(upstream.url, ask, "-o", "api.yaml")
    assert keys("api.yaml") == ["GET /todos", "GET /todos/{id}"]
    after = Path("api.yaml").read_text(encoding="utf-8")
    assert after.startswith("# Ours\n")
    assert "title: The todos" in after


def test_a_contract_of_another_host_learns_from_this_one(upstream: Upstream) -> None:
    recorded(upstream.url, lambda url, client: client.get(f"{url}/todos"), "-o", "api.yaml")
    for path in (Path("api.yaml"), Path("api.evidence.json")):
        text = path.read_text(encoding="utf-8").replace(upstream.url, "https://api.example.com/v1")
        path.write_text(text, encoding="utf-8")
    recorded(upstream.url, lambda url, client: client.get(f"{url}/todos/1"), "-o", "api.yaml")
    assert keys("api.yaml") == ["GET /todos", "GET /todos/{id}"]
    assert files.load("api.yaml").base_url == "https://api.example.com/v1"


def test_what_a_broken_file_cannot_take_is_not_lost(upstream: Upstream, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(upstream.url, lambda url, client: client.get(f"{url}/todos"), "-o", "api.yaml")

    def ask(url: str, client: requests.Session) -> None:
        client.get(f"{url}/todos/1")
        Path("api.yaml").write_text("openapi: [", encoding="utf-8")

    recorded(upstream.url, ask, "-o", "api.yaml", code=2)
    assert keys("api-recorded.yaml") == ["GET /todos/{id}"]
    assert "lookalike merge api.yaml api-recorded.yaml -o api.yaml" in capsys.readouterr().err
    assert Path("api.yaml").read_text(encoding="utf-8") == "openapi: ["


def test_a_long_recording_is_learned_in_parts(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "_FULL", 100)
    grown: list[bool] = []

    def ask(url: str, client: requests.Session) -> None:
        client.get(f"{url}/todos")
        grown.append(Path("api.yaml").exists())
        Path("api.yaml").write_text("openapi: [", encoding="utf-8")
        client.get(f"{url}/big")  # a part that can't be written waits for the end
        Path("api.yaml").unlink()
        client.get(f"{url}/none")

    recorded(upstream.url, ask, "-o", "api.yaml")
    assert grown == [True]
    assert keys("api.yaml") == ["GET /big", "GET /none"]


def test_no_answer_is_a_502_that_says_why(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    port, found = free_port(), {}

    def ask(url: str, client: requests.Session) -> None:
        found["answer"] = client.get(f"{url}/todos", params={"token": SECRET})

    recorded(f"http://127.0.0.1:{port}/", ask, "-o", "api.yaml")
    assert found["answer"].status_code == 502
    assert found["answer"].text == (
        f"The real API gave no answer.\nhttp://127.0.0.1:{port}/todos: the connection was refused; "
        "check the port in --upstream, and that the API is running\n"
    )
    said = capsys.readouterr().out
    assert "GET /todos?token=REDACTED  502  the connection was refused\n" in said
    assert said.endswith("no answer was seen, so nothing is written\n")
    assert [path.name for path in project.iterdir()] == ["pyproject.toml"]


@pytest.mark.parametrize(
    ("path", "options", "words"),
    [
        (
            "/big",
            ("--max-body", "0.004"),
            "larger than the limit (more than 4,000 bytes); ask for less at once; in Python max_body= raises the limit",
        ),
        ("/slow", ("--timeout", "0.2"), "no answer came in time"),
    ],
)
def test_an_answer_beyond_a_limit(upstream: Upstream, path: str, options: tuple[str, ...], words: str) -> None:
    found = {}

    def ask(url: str, client: requests.Session) -> None:
        found["limited"] = client.get(url + path)
        found["after"] = client.get(f"{url}/todos/1")

    recorded(upstream.url, ask, "-o", "api.yaml", *options)
    assert found["limited"].status_code == 502
    assert words in found["limited"].text
    assert found["after"].json() == TODO
    assert keys("api.yaml") == ["GET /todos/{id}"]


def test_a_client_that_takes_it_for_its_proxy(upstream: Upstream) -> None:
    """Requests in absolute form go to the upstream, whatever scheme they name."""

    def ask(url: str, client: requests.Session) -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        with closing(connection):
            connection.request("GET", f"{upstream.url.replace('http:', 'HTTP:')}/todos/1")
            assert json.loads(connection.getresponse().read()) == TODO

    recorded(f"{upstream.url}/", ask, "-o", "api.yaml")
    assert [one[1] for one in upstream.asked] == ["/todos/1"]


def test_a_base_path_stays_in_front(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_ANSWERS, "/v1/todos", _ANSWERS["/todos"])
    recorded(f"{upstream.url}/v1/", lambda url, client: client.get(f"{url}/todos"), "-o", "api.yaml")
    assert [one[1] for one in upstream.asked] == ["/v1/todos"]
    assert keys("api.yaml") == ["GET /todos"]


def test_where_the_contract_is(upstream: Upstream, project: Path) -> None:
    def ask(url: str, client: requests.Session) -> None:
        client.get(f"{url}/todos")

    recorded(upstream.url, ask)
    name = upstream.url.removeprefix("http://").replace(":", "-")
    assert keys(f"contracts/{name}.yaml") == ["GET /todos"]
    (project / "pyproject.toml").write_text(
        f'[tool.lookalike.apis.todos]\ncontract = "mine/todos.yaml"\nbase_url = "{upstream.url}/"\n', encoding="utf-8"
    )
    recorded(upstream.url, ask)
    assert keys("mine/todos.yaml") == ["GET /todos"]


def test_an_address_that_others_reach_is_said(upstream: Upstream, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(upstream.url, lambda url, client: None, "--host", "0.0.0.0")
    said = capsys.readouterr().out
    assert "other machines can reach it: it listens on 0.0.0.0" in said
    assert said.endswith("no answer was seen, so nothing is written\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--upstream", "api.example.com/v1"], "Write it as https://api.example.com/v1"),
        (["--upstream", "localhost:3000"], "Write it as http://localhost:3000"),
        (["--upstream", "ftp://api.example.com"], "is not an absolute http or https URL"),
        (["--upstream", "https://"], "is not an absolute http or https URL"),
        (["--upstream", "https://api.example.com:port"], "is not a URL"),
        (["--upstream", f"https://me:{SECRET}@api.example.com"], "holds a user or password"),
        (["--upstream", f"https://api.example.com/?api_key={SECRET}"], "has a query or fragment"),
        (["--upstream", "https://api.example.com", "--port", "70000"], "70000 is no port"),
        (["--upstream", "https://api.example.com", "-o", "pyproject.toml/api.yaml"], "is no folder"),
        (["--upstream", "https://api.example.com", "-o", "broken.yaml"], "broken.yaml"),
        ([], "--upstream"),
    ],
)
def test_what_cannot_begin(arguments: list[str], words: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "broken.yaml").write_text("openapi: [", encoding="utf-8")
    assert app.run(["record", *arguments]) == 2
    complaint = capsys.readouterr().err
    assert words in complaint
    assert SECRET not in complaint


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert app.run(["record", "--upstream", "https://api.example.com", "--port", port]) == 2
    assert "the port is in use" in capsys.readouterr().err


def test_a_process_that_is_told_to_end_learns_first(upstream: Upstream, project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lookalike.cli", "record", "--upstream", upstream.url, "-o", "api.yaml", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r" at (http://\S+)", process.stdout.readline())
    assert found is not None
    with requests.Session() as client:
        client.trust_env = False
        assert client.get(f"{found[1]}/todos").json() == [TODO] * 3
    process.send_signal(signal.SIGTERM)
    said, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints) == (0, "")
    assert "GET /todos  200" in said
    assert keys("api.yaml") == ["GET /todos"]


def test_the_traffic_is_kept_as_har_on_request(upstream: Upstream, capsys: pytest.CaptureFixture[str]) -> None:
    def ask(url: str, client: requests.Session) -> None:
        client.get(f"{url}/me?api_key={SECRET}")
        client.get(f"{url}/todos/1")

    recorded(upstream.url, ask, "-o", "todos.yaml", "--har", "kept/session.har")
    assert "kept/session.har: 2 exchanges, without secrets" in capsys.readouterr().out
    text = Path("kept/session.har").read_text(encoding="utf-8")
    assert SECRET not in text
    entries = json.loads(text)["log"]["entries"]
    assert [one["request"]["url"].partition("?")[0] for one in entries] == [
        f"{upstream.url}/me", f"{upstream.url}/todos/1",
    ]  # fmt: skip
    assert all(one["time"] > 0 for one in entries)

    recorded(upstream.url, lambda url, client: None, "-o", "todos.yaml", "--har", "kept/none.har")
    assert [one.name for one in Path("kept").iterdir()] == ["session.har"], "nothing is left of what saw nothing"
    assert app.run(["record", "--upstream", upstream.url, "--har", "session.json"]) == 2
    assert "name session.har" in capsys.readouterr().err
