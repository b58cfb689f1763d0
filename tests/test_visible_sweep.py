"""What commands a terminal, turns text or hides it reaches no terminal and no report for people, whatever an API
answers and a test mocks.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lookalike
from lookalike import packs
from lookalike.cli import app
from lookalike.cli.screen import Screen
from lookalike.live.ask import Asker
from lookalike.visible import one_line, visible, visible_json

packs.load("jsonplaceholder")  # pytester forgets modules that a run within the run has imported
# Red and cleared screen, a title, C1's CSI, overrides and isolates of direction, marks, what nobody sees, tags.
EVIL = "\x1b[2J\x1b]0;t\x07\x9b31m\u202e\u2066\u2069\u200e\u200f\u200b\ufeff\u2028\x08\x7f\U000e0041"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0041]")
SHOWN = re.compile(r"\\u(202e|001b|2066|200e)")


class Turning(BaseHTTPRequestHandler):
    """Says the same in keys, values, headers and pages."""

    # Set by a test.
    state = "good"

    def log_message(self, *args: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        status, kind, body = self._answer(self.path.partition("?")[0])
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("X-Odd", "\u00ad\x9b31m one")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        page = f"<html><title>{EVIL}</title>Sign in {EVIL}</html>".encode()
        if self.state in ("refused", "page", "failing"):
            return {"refused": 401, "page": 200, "failing": 503}[self.state], "text/html", page
        if self.state == "broken":
            return 200, "application/json", f'{{"id": {EVIL}'.encode()
        thing: dict[str, Any] = {
            "id": 1, "name": "one", f"key{EVIL}": 1, "at": {f"deep{EVIL}\n\nOK  all is well": "x"}, "kind": f"A{EVIL}",
        }  # fmt: skip
        if self.state == "changed":
            thing |= {"id": "1", f"new{EVIL}": EVIL, "at": {f"deep{EVIL}\n\nOK  all is well": 5}, "kind": 1}
            del thing[f"key{EVIL}"]
        return 200, "application/json", json.dumps([thing] * 30 if path == "/things" else thing).encode()


@pytest.fixture
def turning() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Turning)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    Turning.state = "good"
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def configured(url: str) -> None:
    Path("pyproject.toml").write_text(
        f'[tool.lookalike.apis.things]\ncontract = "things.yaml"\nbase_url = "{url}"\n', "utf-8"
    )


def harmless(text: str, *, of: object = "") -> None:
    assert [f"{ord(one):04x}" for one in RAW.findall(text)] == [], of


FOR_PEOPLE = ("v.xml", "v.md", "v.html")
REPORTS = [part for name in (*FOR_PEOPLE, "v.json", "v.sarif", "github") for part in ("--report", name)]
COMMANDS: list[tuple[str, list[str]]] = [
    ("good", ["learn", "things", "/things", "/things/1", "-o", "things.yaml"]),
    ("good", ["show", "things.yaml"]),
    ("good", ["show", "things.yaml", "GET /things"]),
    ("good", ["show", "things.yaml", "--html", "page.html"]),
    ("good", ["verify", *REPORTS]),
    ("changed", ["verify", *REPORTS]),
    ("changed", ["history"]),
    ("changed", ["history", "--json"]),
    ("broken", ["verify", *REPORTS]),
    ("refused", ["verify", *REPORTS]),
    ("page", ["verify", *REPORTS]),
    ("failing", ["verify", *REPORTS]),
    ("changed", ["ignore", "MARK", "--until", "2099-12-31", "--why", f"why{EVIL}"]),
    ("changed", ["verify", *REPORTS]),
    ("changed", ["accept", "MARK"]),
    ("changed", ["verify", "--update"]),
    ("changed", ["learn", "things", "/things", "/more", "-o", "other.yaml"]),
    ("broken", ["learn", "things", "/things", "-o", "broken.yaml"]),
    ("page", ["learn", "things", "/things", "-o", "paged.yaml"]),
    ("good", ["diff", "things.yaml", "other.yaml", "--report", "d.md", "--report", "d.xml", "--report", "github"]),
    ("good", ["show", f"no{EVIL}.yaml"]),
    ("good", ["accept", f"no{EVIL}"]),
    ("good", ["uses"]),
    ("good", ["scan", "."]),
]


def test_no_command_lets_it_through(
    turning: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    defaults = Asker.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", lambda seconds: None)
    configured(turning)
    said: list[str] = []
    marks: list[str] = []
    for state, command in COMMANDS:
        Turning.state = state
        mark = marks.pop() if "MARK" in command and marks else "MARK"
        app.run([mark if one == "MARK" else one for one in command])
        told = capfd.readouterr()
        said.append(told.out + told.err)
        harmless(said[-1], of=command)
        marks = re.findall(r"lookalike accept ([0-9a-f]{12})", said[-1])[:2] or marks
        for path in tmp_path.glob("*"):
            if path.suffix in (".md", ".xml", ".html"):
                harmless(path.read_text("utf-8"), of=path)
        # No line of an API's own begins among ours.
        assert not re.search("^OK  all is well", said[-1], re.MULTILINE), command
    verdicts = {found for text in said for found in re.findall(r"^([A-Z]+)  things at ", text, re.MULTILINE)}
    assert {"OK", "DRIFT", "AUTH", "UNREACHABLE"} <= verdicts, verdicts
    assert sum(bool(SHOWN.search(text)) for text in said) >= 9, "it did arrive, and is written out"
    for name in (*FOR_PEOPLE, "page.html"):
        assert SHOWN.search((tmp_path / name).read_text("utf-8")), name
    [history] = [text for text, (_, command) in zip(said, COMMANDS, strict=True) if command == ["history", "--json"]]
    assert json.loads(history)[0]["findings"]


SUITE = """
import lookalike, pytest, requests, responses
from unittest import mock

URL, EVIL = {url!r}, {evil!r}
api = lookalike.Api("things", base_url=URL)
BODY = {{"id": "1", "name": EVIL, "odd" + EVIL: 1, "at": EVIL, "kind": "A" + EVIL}}

@pytest.mark.real_api
@api.mock(unused="ignore")
def test_thing(mock):
    mock.get("/things/1").respond(json=BODY, unchecked="why" + EVIL)
    assert requests.get(URL + "/things/1", timeout=5).json()["id"]

@api.mock(unused="ignore")
def test_lie(mock):
    mock.get("/things/1").respond(json=BODY)

@api.mock(unused="ignore")
def test_miss(mock):
    mock.get("/things/" + EVIL).respond(json={{}})
    requests.post(URL + "/things/1", json={{"a" + EVIL: EVIL}}, headers={{"X-A": "\\x9b1m"}}, timeout=5)

@lookalike.Api(base_url="https://unknown.test").mock()
def test_unused(mock):
    mock.get("/" + EVIL).respond(json=1)

def test_patched():
    with mock.patch("requests.get") as patched:
        patched.return_value = mock.Mock(status_code=200, json=lambda: BODY)
        requests.get(URL + "/things/1").json()["id"]

@responses.activate
def test_others():
    responses.get(URL + "/things/1", json=BODY, status=200, headers={{"X-Odd": "\\x9b31m"}})
    requests.get(URL + "/things/1").json()["id"]
    responses.get("https://unknown.test/" + EVIL, json=BODY, status=200)
    requests.get("https://unknown.test/" + EVIL)
"""
MODES: dict[str, tuple[str, ...]] = {
    "mock": ("--lookalike-coverage", "--lookalike-report=run.html"),
    "verify": ("--lookalike=verify", "--lookalike-report=run.html"),
    "record": ("--lookalike=record", "--lookalike-har=har"),
    "live": ("--lookalike=live",),
    "audit": ("--lookalike=audit", "--lookalike-report=run.html"),
    "strict": ("--lookalike=audit", "--lookalike-strict"),
    "uses": ("--lookalike-uses", "-v"),
}


@pytest.mark.parametrize("state", ["good", "changed"])
@pytest.mark.parametrize("mode", MODES)
def test_no_mode_of_pytest_lets_it_through(
    mode: str, state: str, turning: str, pytester: pytest.Pytester, capfd: pytest.CaptureFixture[str]
) -> None:
    configured(turning)
    assert app.run(["learn", "things", "/things", "/things/1", "-o", "things.yaml"]) == 0
    Turning.state = state
    pytester.makepyfile(SUITE.format(url=turning, evil=EVIL))
    plain = ("-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:cacheprovider")
    # The lines of a test that fails are its own; what is said of it is ours.
    result = pytester.runpytest_inprocess(*plain, "--tb=short", "--color=no", *MODES[mode])
    text = result.stdout.str() + result.stderr.str()
    told = "\n".join(line for line in text.splitlines() if not line.startswith(("    ", ">")))
    harmless(told, of=mode)
    assert SHOWN.search(told), "it did arrive, and is written out"
    if "--lookalike-report=run.html" in MODES[mode]:
        page = (pytester.path / "run.html").read_text("utf-8")
        harmless(page)
        assert SHOWN.search(page) or mode == "mock"
    capfd.readouterr()
    app.run(["uses"])
    harmless("".join(capfd.readouterr()))


def test_looks_of_ours_stay_and_those_of_others_are_written_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Screen(sys.stdout)
    screen.say("no \x1b[31mred" + screen.paint("red \x1b[8m", "bad"))
    screen.table([[("a\x1b[2J\nb", "dim"), ("c", "")]])
    assert capsys.readouterr().out == (
        "no \\u001b[31mred\x1b[1;31mred \\u001b[8m\x1b[0m\n  \x1b[2ma\\u001b[2J\\nb\x1b[0m  c\n"
    )


@given(st.text())
def test_what_is_visible_stays_so(text: str) -> None:
    assert not RAW.search(visible(text))
    assert visible(visible(text)) == visible(text)
    assert "\n" not in one_line(text)
    assert visible(text).count("\n") == text.count("\n")
    if text.isascii() and text.isprintable():
        assert visible(text) == one_line(text) == text
    # In a text of JSON it says the same.
    assert json.loads(visible(json.dumps(text, ensure_ascii=False))) == text


def test_json_values_are_written_out_with_their_keys() -> None:
    assert visible_json({"a\u202e": ["x\u202ey", 1, None, "tab\tend\n"]}) == {
        "a\\u202e": ["x\\u202ey", 1, None, "tab\tend\n"]
    }
    assert visible("\U000e0041") == "\\udb40\\udc41"


def test_errors_and_warnings_say_it_so() -> None:
    error = lookalike.FileError("a\u202eb", "\x1b[31mred", place="line\n1")
    assert str(error) == "a\\u202eb, line\n1: \\u001b[31mred"
    assert str(lookalike.errors.LookalikeWarning("\u2066")) == "\\u2066"
