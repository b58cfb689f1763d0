"""`api.replay(record=...)`: what the modes let pass and keep; and HAR that `api.record` keeps."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

import lookalike
from lookalike.api.placeholders import Placeholders
from lookalike.errors import FileError
from lookalike.messages import Exchange

TOKEN = "tok-9f8e7d6c5b4a"
PASSWORD = "correct-horse-battery"


class Real(ThreadingHTTPServer):
    """The real API: each answer says how many came before it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Real

    def log_message(self, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer: Any = {"count": len(self.server.asked), "path": self.path.partition("?")[0]}
        if self.path.startswith("/token"):
            answer = {"access_token": TOKEN, "count": len(self.server.asked)}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  http.server's name


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Real]:
    monkeypatch.chdir(tmp_path)
    server = Real()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


Ask = Callable[..., Any]


@pytest.fixture
def ask(real: Real) -> Ask:
    def get(path: str, **options: Any) -> Any:
        with requests.Session() as session:
            return session.get(real.url + path, timeout=5, **options).json()

    return get


def entries(path: str = "session.har") -> list[str]:
    log = json.loads(Path(path).read_bytes())["log"]
    return ["/" + one["request"]["url"].partition("://")[2].partition("/")[2] for one in log["entries"]]


@pytest.mark.peer("Records")
@pytest.mark.peer("HAR")
def test_once_records_a_file_that_is_not_there_and_replays_it_from_then_on(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    for _ in range(3):
        with api.replay("session.har", record="once"):
            assert [ask("/a")["count"], ask("/b")["count"], ask("/a")["count"]] == [1, 2, 3]
    assert real.asked == entries() == ["/a", "/b", "/a"]
    with pytest.raises(lookalike.UnmatchedRequest), api.replay("session.har", record="once", unused="ignore"):
        ask("/c")
    assert len(real.asked) == 3


@pytest.mark.peer("≥3 record modes")
def test_new_episodes_adds_what_is_new_and_keeps_the_rest(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    with api.replay("session.har", record="new_episodes"):
        ask("/a")
    with api.replay("session.har", record="new_episodes"):
        assert (ask("/a")["count"], ask("/b")["count"]) == (1, 2)
    assert real.asked == entries() == ["/a", "/b"]
    before = Path("session.har").read_bytes()
    with api.replay("session.har", record="new_episodes"):
        ask("/a"), ask("/b")
    assert Path("session.har").read_bytes() == before


def test_all_records_everything_anew(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    for expected in (1, 2):
        with api.replay("session.har", record="all"):
            assert ask("/a")["count"] == expected
    assert entries() == ["/a"]
    with api.replay("session.har") as replay:
        assert ask("/a")["count"] == 2
        assert len(replay.calls) == 1


def test_none_replays_and_refuses_what_is_not_there(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    with pytest.raises(FileError, match="no such file"):
        api.replay("session.har").start()
    with api.replay("session.har", record="once"):
        ask("/a")
    with api.replay("session.har"):
        ask("/a")
    assert real.asked == ["/a"]


def test_a_recording_is_written_when_the_test_fails_and_never_half(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    with pytest.raises(KeyError), api.replay("new/session.har", record="once"):
        ask("/a")["nothing"]
    assert entries("new/session.har") == ["/a"]
    assert os.listdir("new") == ["session.har"]
    Path("new").chmod(0o500)
    if not os.access("new", os.W_OK):  # root may always write
        patcher = api.replay("new/session.har", record="all")
        patcher.start()
        ask("/a")
        with pytest.raises(FileError):
            patcher.stop()
        assert entries("new/session.har") == ["/a"]
    Path("new").chmod(0o700)


def test_routes_win_while_recording_and_are_not_recorded(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    with api.replay("session.har", record="once") as replay:
        replay.get("/a").respond(json={"count": 99})
        assert (ask("/a")["count"], ask("/b")["count"]) == (99, 1)
    assert entries() == ["/b"]


CASSETTE = """\
interactions:
- request: {{body: null, headers: {{}}, method: GET, uri: '{url}/a'}}
  response:
    body: {{string: '{{"count": 7}}'}}
    headers: {{Content-Type: [application/json]}}
    status: {{code: 200, message: OK}}
version: 1
"""


@pytest.mark.parametrize("mode", ["new_episodes", "all"])
def test_another_recorder_s_file_is_replayed_and_never_written(mode: Any, real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    Path("vcr.yaml").write_text(CASSETTE.format(url=real.url), encoding="utf-8")
    with api.replay("vcr.yaml", record="once"):
        assert ask("/a")["count"] == 7
    with pytest.raises(lookalike.UsageError) as failure:
        api.replay("vcr.yaml", record=mode).start()
    assert "lookalike export vcr.yaml --to har -o vcr.har" in str(failure.value)
    with pytest.raises(lookalike.UsageError, match=r"name new\.har"):
        api.replay("new.yaml", record="once").start()
    assert real.asked == []


def test_a_recording_is_one_file(real: Real, tmp_path: Path) -> None:
    api = lookalike.Api(base_url=real.url)
    for sources in (["a.har", "b.har"], ["*.har"], [str(tmp_path)]):
        with pytest.raises(lookalike.UsageError, match="a recording is one file"):
            api.replay(*sources, record="once")


def test_a_recording_that_is_too_old_is_recorded_anew(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    with api.replay("session.har", record="once"):
        ask("/a")
    text = Path("session.har").read_text(encoding="utf-8")
    day = json.loads(text)["log"]["entries"][0]["startedDateTime"][:10]
    Path("session.har").write_text(text.replace(day, "2020-01-01"), encoding="utf-8")
    with api.replay("session.har", record="once", max_age="30d", expired="record"):
        assert ask("/a")["count"] == 2
    with api.replay("session.har", record="once", max_age="30d", expired="record"):
        assert ask("/a")["count"] == 2


# -- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.peer("Secrets scrubbed by default")
@pytest.mark.peer("Human-readable file")
def test_no_secret_is_in_the_file_and_the_same_requests_still_fit(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    for _ in range(2):
        with api.replay("session.har", record="once"), requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {TOKEN}"
            session.get(f"{real.url}/token?api_key={TOKEN}", timeout=5)
            session.post(f"{real.url}/login", json={"user": "ann", "password": PASSWORD}, timeout=5)
            session.post(f"{real.url}/form", data={"client_secret": PASSWORD, "scope": "a"}, timeout=5)
            session.get(f"{real.url}/of/{TOKEN}/here", timeout=5)
    assert len(real.asked) == 4
    written = Path("session.har").read_text(encoding="utf-8")
    assert TOKEN not in written
    assert PASSWORD not in written
    assert [one["request"]["method"] for one in json.loads(written)["log"]["entries"]] == ["GET", "POST", "POST", "GET"]


@pytest.mark.peer("Placeholder map (both directions)")
def test_placeholders_are_written_for_secrets_and_given_back(
    real: Real, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", TOKEN)
    api = lookalike.Api(base_url=real.url)
    options: dict[str, Any] = {"record": "once", "placeholders": {"<TOKEN>": "env:API_TOKEN", "<PASS>": PASSWORD}}
    for _ in range(2):
        with api.replay("session.har", **options), requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {TOKEN}"
            assert session.get(f"{real.url}/token?api_key={TOKEN}", timeout=5).json()["access_token"] == TOKEN
            session.post(f"{real.url}/login", json={"users": [{"password": PASSWORD}]}, timeout=5)
            session.post(f"{real.url}/form", data={"client_secret": PASSWORD, "scope": "a"}, timeout=5)
    assert len(real.asked) == 3
    written = Path("session.har").read_text(encoding="utf-8")
    assert TOKEN not in written
    assert PASSWORD not in written
    for shown in ("Bearer <TOKEN>", 'access_token\\": \\"<TOKEN>', "api_key=%3CTOKEN%3E", "<PASS>", "%3CPASS%3E"):
        assert shown.replace("\\ ", "") in written.replace('\\":\\"', '\\": \\"'), shown
    monkeypatch.setenv("API_TOKEN", "another-token-in-ci")
    with api.replay("session.har", unused="ignore", **options):
        assert ask("/token?api_key=another-token-in-ci")["access_token"] == "another-token-in-ci"
    monkeypatch.delenv("API_TOKEN")
    with api.replay("session.har", unused="ignore", **options):
        assert ask("/token")["access_token"] == "<TOKEN>"


def test_what_record_sees_is_kept_as_har_on_request(real: Real, ask: Ask) -> None:
    api = lookalike.Api("contracts/counts.yaml", base_url=real.url)
    with api.record(har="kept/session.har"):
        ask(f"/token?api_key={TOKEN}")
        ask("/b")
    assert [one.partition("?")[0] for one in entries("kept/session.har")] == ["/token", "/b"]
    assert TOKEN not in Path("kept/session.har").read_text(encoding="utf-8")
    entry = json.loads(Path("kept/session.har").read_bytes())["log"]["entries"][0]
    assert entry["time"] > 0
    assert api.contract is not None
    assert {one.path for one in api.contract.operations} == {"/token", "/b"}
    with api.replay("kept/session.har"):
        assert (ask("/b")["count"], ask("/token")["count"]) == (2, 1)
    with pytest.raises(lookalike.UsageError, match=r"name session\.har"):
        api.record(har="session.json").start()


def test_a_file_that_cannot_be_written_is_a_note_where_the_test_fails_already(real: Real, ask: Ask) -> None:
    api = lookalike.Api(base_url=real.url)
    Path("folder.har").write_text("no folder")
    with pytest.raises(KeyError) as failure, api.record(har="folder.har/x.har"):
        ask("/a")["nothing"]
    assert "folder.har" in "".join(failure.value.__notes__)


def test_placeholders_leave_binary_bodies_and_other_secrets_alone() -> None:
    hidden = Placeholders({"<TOKEN>": TOKEN})
    request = lookalike.Request("GET", "https://api.example.com/a", {"Authorization": f"Bearer {TOKEN} {PASSWORD}"})
    binary = lookalike.Response(200, {"Content-Type": "image/png"}, bytes(range(256)))
    written = hidden.written(Exchange(request, binary))
    assert written.response is not None
    assert written.response.content == bytes(range(256))
    assert PASSWORD not in str(written.request.headers)
    broken = lookalike.Response(200, {"Content-Type": "application/json"}, b'{"password": "' + PASSWORD.encode())
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    form = lookalike.Request("POST", "https://api.example.com/a", kind, b"password=" + PASSWORD.encode())
    shown = hidden.written(Exchange(form, broken))
    assert shown.response is not None
    assert PASSWORD.encode() not in shown.response.content + shown.request.content
    assert hidden.written(Exchange(form)).response is None
    assert hidden.names == {"<TOKEN>"}
    assert hidden
    assert not Placeholders({})


def test_an_expired_recording_needs_a_har(real: Real) -> None:
    Path("vcr.yaml").write_text(CASSETTE.format(url=real.url), encoding="utf-8")
    api = lookalike.Api(base_url=real.url)
    with pytest.raises(lookalike.UsageError, match="export"):
        api.replay("vcr.yaml", max_age="30d", expired="record").start()
