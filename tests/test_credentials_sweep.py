"""The credentials that an API is asked with are in no output, message, report or file of any command or mode, though
the API repeats them wherever it can.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import quote, quote_plus, unquote_to_bytes

import pytest

from lookalike import packs
from lookalike.cli import app
from lookalike.live.ask import Asker

packs.load("jsonplaceholder")  # pytester forgets modules that a run within the run has imported
# Of no form that tells what it is; and one that a URL must encode.
SECRETS = ("Zq7kfhWm20xVbTnp", "b/4Jm+x=Rw9&Kd uL")
KINDS: dict[str, str] = {
    "bearer": "bearer = {value}",
    "basic": "basic = {value}",
    "header": "header = {value}",
    "scheme": "header = {value}",
    "cookie": "cookie = {value}",
    "query": "query = {value}",
}
# What stands before the secret, where the kind wants something.
BEFORE = {
    "bearer": "", "basic": "bob:", "header": "X-Own-Thing: ", "scheme": "authorization: Token ", "cookie": "sid=",
    "query": "appid=",
}  # fmt: skip


class Echo(BaseHTTPRequestHandler):
    """Repeats all that it is sent: in the body's values and keys, in headers, and in pages for people."""

    # Set by a test: what the state of the API is; and all that it was sent.
    state = "good"
    got: ClassVar[list[str]] = []

    def log_message(self, *args: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        sent = [value for name, value in self.headers.items() if name.lower() not in ("host", "accept")]
        sent += [value.rpartition(" ")[2] for value in sent] + [part.partition("=")[2] for part in query.split("&")]
        sent += [part.partition("=")[2] for part in self.headers.get("Cookie", "").split("; ")]
        self.got.extend(sent)
        told = [one for one in dict.fromkeys(sent) if len(one) > 6]
        status, kind, body = self._answer(path, told, query)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for number, one in enumerate(told):
            self.send_header(f"X-Echo-{number}", one)
            self.send_header("Set-Cookie", f"kept{number}={quote(one, safe='')}; Path=/")
        if status == 302:
            self.send_header("Location", f"/things?went=1&{query}&back={quote(told[-1], safe='')}")
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str, told: list[str], query: str) -> tuple[int, str, bytes]:
        page = f"<html><title>{told}</title>Sign in: {told} <a href='?{query}'></html>".encode()
        if self.state == "refused":
            return 401, "text/html", page
        if self.state == "page":
            return 200, "text/html", page
        if self.state == "failing":
            return 500, "text/plain", page
        if self.state == "away" and "went=1" not in query:
            return 302, "text/plain", b""
        thing = {"id": 1, "name": "one", "sent": told, "keys": {one: len(one) for one in told}}
        if self.state == "changed":
            thing = {"id": "1", "label": " ".join(told), "by": {f"x{one}": {"at": one} for one in told}}
        if self.state == "other":
            thing["id"] = told[0] if told else "x"
        return 200, "application/json", json.dumps([thing] if path == "/things" else thing).encode()


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    Echo.state = "good"
    Echo.got.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def arrived(secret: str) -> bool:
    """Whether the API was asked with it: what nobody sends, nobody tells."""
    known = (secret, quote(secret, safe=""), base64.b64encode(f"bob:{secret}".encode()).decode())
    return any(one in got for got in Echo.got for one in known)


def spellings(secret: str) -> set[bytes]:
    """How a secret may be written, each as bytes."""
    raw = secret.encode()
    found = {
        raw,
        quote(secret, safe="").encode(),
        quote(secret).encode(),
        quote_plus(secret).encode(),
        raw.hex().encode(),
    }
    found.add(json.dumps(secret)[1:-1].encode())
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            bits = encode(b"\0" * offset + raw)
            found.add(bits[(0, 2, 3)[offset] : (offset + len(raw)) * 8 // 6])
    return found


def leaks(content: bytes, secret: str) -> list[bytes]:
    views = [content, unquote_to_bytes(content), unquote_to_bytes(unquote_to_bytes(content))]
    if content[:2] == b"\x1f\x8b":
        views.append(gzip.decompress(content))
    return sorted(form for form in spellings(secret) if any(form in view for view in views))


def rows_of(path: Path) -> bytes:
    """All values of a database, however its pages lie."""
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump()).encode()


def clean(folder: Path, secret: str, *outputs: str, own: tuple[str, ...] = ()) -> None:
    """Nothing in the folder and in the outputs has the secret, but what the test itself wrote."""
    for output in outputs:
        assert leaks(output.encode(), secret) == []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in own and path.suffix != ".pyc":
            assert leaks(path.read_bytes(), secret) == [], path
            if path.suffix == ".sqlite":
                assert leaks(rows_of(path), secret) == [], path


def configured(url: str, kind: str, secret: str, *, variable: bool) -> str:
    """An API `things` with the credentials of a kind; the lines of its auth."""
    whole = BEFORE[kind] + secret
    said = "env:SWEPT" if kind in ("bearer", "basic") else f"{BEFORE[kind]}env:SWEPT"
    value = json.dumps(said if variable else whole)
    text = f'[tool.lookalike.apis.things]\ncontract = "things.yaml"\nbase_url = "{url}"\n'
    Path("pyproject.toml").write_text(f"{text}auth = {{ {KINDS[kind].format(value=value)} }}\n", "utf-8")
    return whole if kind == "basic" else secret


REPORTS = [part for name in ("v.json", "v.xml", "v.sarif", "v.md", "v.html", "github") for part in ("--report", name)]
COMMANDS: list[tuple[str, list[str]]] = [
    ("good", ["learn", "things", "/things", "/things/1", "-o", "things.yaml"]),
    ("good", ["show", "things.yaml"]),
    ("good", ["verify", *REPORTS]),
    ("changed", ["verify", *REPORTS]),
    ("other", ["verify", *REPORTS]),
    ("away", ["verify", *REPORTS]),
    ("refused", ["verify", *REPORTS]),
    ("page", ["verify", *REPORTS]),
    ("failing", ["verify", *REPORTS]),
    ("changed", ["verify", "--update"]),
    ("changed", ["learn", "things", "/things", "/things/1", "/more", "-o", "other.yaml"]),
    ("away", ["learn", "things", "/things", "/things/2", "-o", "away.yaml"]),
    ("page", ["learn", "things", "/things", "-o", "page.yaml"]),
    ("refused", ["learn", "things", "/things", "-o", "refused.yaml"]),
    ("good", ["diff", "things.yaml", "other.yaml", "--report", "d.json", "--report", "d.sarif"]),
    ("good", ["show", "other.yaml"]),
    ("good", ["history"]),
    ("good", ["history", "--json"]),
    ("good", ["uses"]),
    ("good", ["scan", "."]),
]


CASES = [(kind, secret, True) for kind in KINDS for secret in SECRETS] + [(kind, SECRETS[1], False) for kind in KINDS]


@pytest.mark.parametrize(("kind", "secret", "variable"), CASES)
def test_no_command_tells(
    kind: str, secret: str, variable: bool, echo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    defaults = Asker.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", lambda seconds: None)
    if kind == "cookie":
        secret = quote(secret, safe="")  # RFC 6265, section 4.1.1
    monkeypatch.setenv("SWEPT", configured(echo, kind, secret, variable=variable))
    said = []
    for state, command in COMMANDS:
        Echo.state = state
        app.run(command)
        told = capfd.readouterr()
        said.append(told.out + told.err)
        if command[0] == "verify":
            clean(tmp_path, secret, own=("pyproject.toml",))
    clean(tmp_path, secret, *said, own=("pyproject.toml",))
    assert arrived(secret)
    verdicts = [text.partition("  ")[0].rpartition("\n")[2] for text in said[2:9]]
    assert {"OK", "DRIFT", "AUTH", "UNREACHABLE"} <= set(verdicts), verdicts
    assert len(list(tmp_path.glob("v.*"))) == 5


SUITE = """
import lookalike, pytest, requests

URL = "{url}"
api = lookalike.Api("things", base_url=URL)
OWN = {{"X-Own-Thing": "{secret}", "Authorization": "Bearer {secret}", "Cookie": "sid={cookie}"}}

def get(path):
    return requests.get(URL + path + "?appid={cookie}", headers=OWN, timeout=5)

@pytest.mark.real_api
@api.mock(unused="ignore")
def test_thing(mock):
    mock.get("/things/1").respond(json={{"id": 1, "name": "one", "sent": [], "keys": {{}}}})
    assert get("/things/1").json()["id"]

@api.mock(unused="ignore")
def test_lie(mock):
    mock.get("/things/2").respond(json={{"id": 1, "name": 5, "sent": 1}}, unchecked="why not")
    assert get("/things/2").json()["id"]

def test_patched(monkeypatch):
    from unittest import mock
    with mock.patch("requests.get") as patched:
        patched.return_value = mock.Mock(status_code=200, json=lambda: {{"id": "1"}})
        assert get("/things/3").json()["id"]
"""
MODES: dict[str, tuple[str, ...]] = {
    "verify": ("--lookalike=verify", "--lookalike-coverage"),
    "verify, several": ("--lookalike=verify", "-p", "xdist", "-n2"),
    "record": ("--lookalike=record", "--lookalike-har=har"),
    "live": ("--lookalike=live",),
    "audit": ("--lookalike=audit", "--lookalike-report=audit.html"),
    "uses": ("--lookalike-uses", "--lookalike-mocks=mocks.ndjson"),
}


STATES = [
    (mode, state) for mode in MODES if mode != "verify, several" for state in ("good", "other", "refused", "page")
]


@pytest.mark.parametrize(("mode", "state"), [*STATES, ("verify, several", "other")])
def test_no_mode_of_pytest_tells(
    mode: str, state: str, echo: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = SECRETS[1]
    configured(echo, "header", secret, variable=True)
    monkeypatch.setenv("SWEPT", secret)
    assert app.run(["learn", "things", "/things", "/things/1", "-o", "things.yaml"]) == 0
    Echo.state = state
    pytester.makepyfile(SUITE.format(url=echo, secret=secret, cookie=quote(secret, safe="")))
    plain = ("-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:cacheprovider")
    # A failing test shows the lines of the test, which has the secret; its own values are no business of ours.
    result = pytester.runpytest_inprocess(*plain, "--tb=no", "-rN", "-q", *MODES[mode])
    own = ("pyproject.toml", *(path.name for path in pytester.path.glob("test_*.py")))
    clean(pytester.path, secret, result.stdout.str(), result.stderr.str(), own=own)
    assert arrived(secret)
    if mode == "record" and state == "good":
        assert list(pytester.path.glob("har/*.har"))
    if mode == "audit":
        assert (pytester.path / "audit.html").exists()


@pytest.mark.parametrize("state", ["good", "other", "refused", "page", "away"])
def test_the_recorder_tells_nobody(state: str, echo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = SECRETS[1]
    monkeypatch.chdir(tmp_path)
    Echo.state = state
    command = ["record", "--upstream", echo, "-o", "api.yaml", "--har", "api.har", "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lookalike.cli", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    found = re.search(r" at http://(\S+?):(\d+)", first)
    assert found is not None
    connection = http.client.HTTPConnection(found[1], int(found[2]), timeout=10)
    login = base64.b64encode(f"bob:{secret}".encode()).decode()
    for authorization in (f"Bearer {secret}", f"Basic {login}"):
        fields = {"Authorization": authorization, "X-Own-Api-Key": secret, "Cookie": f"sid={quote(secret, safe='')}"}
        connection.request("GET", f"/things/1?api_key={quote(secret, safe='')}", headers=fields)
        connection.getresponse().read()
    connection.close()
    process.send_signal(signal.SIGTERM)
    said, complaints = process.communicate(timeout=30)
    clean(tmp_path, secret, first, said, complaints)
    assert arrived(secret)
    assert (tmp_path / "api.har").exists()


@pytest.mark.parametrize("secret", SECRETS)
def test_the_search_finds_each_spelling(secret: str) -> None:
    for offset in range(3):
        packed = base64.b64encode(b"x" * offset + secret.encode() + b"yz")
        assert leaks(b"before " + packed + b" after", secret)
    for form in (secret, quote(secret, safe=""), quote(quote(secret, safe=""), safe=""), json.dumps({"a": secret})):
        assert leaks(form.encode(), secret)
    assert leaks(gzip.compress(secret.encode()), secret)
    assert leaks(secret[:-1].encode(), secret) == []
