"""`lookalike verify` as a nightly job: all APIs of a project in one run, whatever state each of them is in."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.faults import BODY, FAULTS, MALFORMED, TLS, Play, Server, document, says, whole

from lookalike.cli import app
from lookalike.live.ask import Asker
from lookalike.live.reasons import REASONS

Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def make(play: Play, certificate: str = "") -> Server:
        servers.append(Server(play, certificate))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, in which waiting for an API costs no time."""
    monkeypatch.chdir(tmp_path)
    usual(monkeypatch, "sleep", lambda seconds: None)
    return tmp_path


def usual(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    """Another default of what asks."""
    defaults = Asker.__init__.__kwdefaults__
    assert defaults is not None
    assert name in defaults
    monkeypatch.setitem(defaults, name, value)


def settings(apis: dict[str, str], more: str = "", own: dict[str, str] | None = None) -> None:
    """A project with these APIs, by name, at these URLs; each has the same document."""
    text = f"[tool.lookalike]\n{more}\n"
    for name, url in apis.items():
        Path(f"{name}.json").write_text(json.dumps(document(url)), "utf-8")
        text += (
            f'[tool.lookalike.apis.{name}]\ncontract = "{name}.json"\nbase_url = "{url}"\n{(own or {}).get(name, "")}\n'
        )
    Path("pyproject.toml").write_text(text, "utf-8")


def verified(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and what the JSON report says of each API."""
    code = app.run(["verify", "--timeout", "5", "--report", "v.json", *arguments])
    data = json.loads(Path("v.json").read_text("utf-8"))
    assert data["exit_code"] == code
    return code, {api["api"]: api for api in data["apis"]}


def is_told(api: dict[str, Any], verdict: str, words: str) -> None:
    """Each operation has this verdict, the reason is said, and it isn't drift."""
    assert {one["verdict"] for one in api["operations"]} == {api["verdict"]} == {verdict}
    assert words in api["message"]
    assert api["findings"] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_ends_with_3(
    fault: str, serve: Serve, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    play, reason = FAULTS[fault]
    usual(monkeypatch, "max_body", 1_000_000)
    settings({"things": serve(play).url})
    waits = "silence" in fault or "drip" in fault
    code, apis = verified(*(("--timeout", "0.3") if waits else ()))
    row = REASONS[reason]
    is_told(apis["things"], "UNREACHABLE", row.words.format(wanted="JSON"))
    assert row.next_step.partition("{guess}")[0] in apis["things"]["message"]
    assert code == 3
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith("UNREACHABLE things at ")
    assert told.endswith("3 operations: 3 UNREACHABLE")


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired.pem", "the certificate has expired"),
        ("self-signed.pem", "signed by nobody this machine trusts"),
        ("other-host.pem", "the certificate is for another host"),
    ],
)
def test_each_certificate_ends_with_3(
    certificate: str, words: str, serve: Serve, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    settings({"things": serve(says(whole()), certificate).url})
    code, apis = verified()
    is_told(apis["things"], "UNREACHABLE", words)
    assert code == 3


def test_a_good_certificate_is_fine(serve: Serve, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    settings({"things": serve(says(whole()), "good.pem").url})
    assert verified()[0] == 0


def test_nobody_listens_and_no_such_host(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    known = socket.getaddrinfo

    def resolve(host: str, *args: Any, **options: Any) -> Any:
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    settings({"closed": f"http://127.0.0.1:{port}", "nowhere": "http://nowhere.invalid"})
    code, apis = verified()
    is_told(apis["closed"], "UNREACHABLE", "the connection was refused")
    is_told(apis["nowhere"], "UNREACHABLE", "the host's name can't be resolved")
    assert code == 3


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_refused_credentials_end_with_4(
    status: str, serve: Serve, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THINGS_TOKEN", "planted-credential")
    url = serve(says(whole(status, b"{}"))).url
    settings({"things": url}, own={"things": 'auth = { bearer = "env:THINGS_TOKEN" }'})
    code, apis = verified()
    is_told(apis["things"], "AUTH", "check that the credentials in auth are still good")
    assert code == 4


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_nobody_can_read_ends_with_1(name: str, serve: Serve, project: Path) -> None:
    body, said = MALFORMED[name]
    settings({"things": serve(says(whole(body=body))).url})
    code, apis = verified()
    (finding,) = apis["things"]["findings"]
    assert (finding["kind"], finding["fails"], code) == ("json-malformed", True, 1)
    assert finding["now"].startswith(said)


class Shelf(Server):
    """Answers `/things` with a list, each of its items, and 404 for those that are gone."""

    def __init__(self) -> None:
        self.items = [1, 2, 3]
        self.listed = True
        super().__init__(self._answer)

    def _answer(self, peer: socket.socket) -> None:
        asked = peer.recv(65536)
        if not asked:  # the command looked whether anybody listens
            return
        path = asked.split(b" ")[1].decode()
        thing = {"name": "one"}
        if path == "/things":
            self._say(peer, [{"id": one, **thing} for one in self.items] if self.listed else None)
        else:
            number = int(path.rpartition("/")[2])
            self._say(peer, {"id": number, **thing} if number in self.items else None)

    def _say(self, peer: socket.socket, value: Any) -> None:
        peer.sendall(whole("404 Not Found", b"{}") if value is None else whole(body=json.dumps(value).encode()))


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    made = Shelf()
    yield made
    made.close()


def learned(shelf: Shelf, *paths: str) -> None:
    assert app.run(["learn", shelf.url, *paths, "-o", "things.yaml"]) == 0
    Path("pyproject.toml").write_text(
        f'[tool.lookalike.apis.things]\ncontract = "things.yaml"\nbase_url = "{shelf.url}"\n', "utf-8"
    )


def test_an_item_that_alone_is_gone_is_no_drift(
    shelf: Shelf, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learned(shelf, "/things/1")
    shelf.items = [2, 3]
    code, apis = verified()
    assert (apis["things"]["verdict"], apis["things"]["findings"], code) == ("UNVERIFIED", [], 3)
    assert "the item that was asked for is gone" in apis["things"]["operations"][0]["detail"]
    assert "last seen" in capsys.readouterr().out


def test_an_item_that_is_gone_is_replaced_by_one_of_its_list(shelf: Shelf, project: Path) -> None:
    learned(shelf, "/things", "/things/{id}")
    shelf.items = [7, 8]
    code, apis = verified()
    assert (apis["things"]["verdict"], apis["things"]["findings"], code) == ("OK", [], 0)


def test_a_path_that_is_gone_for_all_items_is_drift(shelf: Shelf, project: Path) -> None:
    learned(shelf, "/things/1", "/things/2")
    shelf.items = []
    code, apis = verified()
    assert ([one["kind"] for one in apis["things"]["findings"]], code) == (["path-gone"], 1)


RENAMED = json.dumps({"id": "1", "name": "one"}).encode()
ADDED = json.dumps({"id": 1, "name": "one", "size": 2}).encode()
STATES: dict[str, bytes] = {
    "good": whole(),
    "drifted": whole(body=RENAMED),
    "added": whole(body=ADDED),
    "locked": whole("401 Unauthorized", b"{}"),
    "out": whole("500 Oops", b""),
}


@pytest.mark.parametrize(
    ("states", "options", "code"),
    [
        (["good"], [], 0),
        (["good", "added"], [], 0),
        (["good", "added"], ["--strict"], 1),
        (["good", "added"], ["--fail-on", "additive"], 1),
        (["good", "drifted"], [], 1),
        (["good", "drifted"], ["--fail-on", "breaking"], 1),
        (["good", "out"], [], 3),
        (["out", "good", "locked"], [], 4),
        (["locked", "out", "drifted"], [], 1),
        (["locked", "out", "added"], ["--strict"], 1),
        (["locked", "out", "added"], [], 4),
    ],
)
def test_the_exit_code_of_several_apis(
    states: list[str], options: list[str], code: int, serve: Serve, project: Path
) -> None:
    settings({name: serve(says(STATES[name])).url for name in states})
    ended, apis = verified(*options)
    assert ended == code
    known = {"good": "OK", "drifted": "DRIFT", "added": "ADDITIVE", "locked": "AUTH", "out": "UNREACHABLE"}
    assert {name: api["verdict"] for name, api in apis.items()} == {name: known[name] for name in states}


# /things/1 alone moved for good: risky.
MOVED = whole("308 Permanent Redirect", b"", Location="https://elsewhere.example/things/1")


@pytest.mark.parametrize(
    ("project_says", "api_says", "options", "code"),
    [
        ("", "", [], 1),
        ('fail_on = "breaking"', "", [], 0),
        ('fail_on = "breaking"', 'fail_on = "risky"', [], 1),
        ("", 'fail_on = "breaking"', [], 0),
        ("", 'fail_on = "breaking"', ["--fail-on", "risky"], 1),
        ('fail_on = "risky"', "", ["--fail-on", "breaking"], 0),
        ("", 'fail_on = "breaking"', ["--strict"], 1),
    ],
)
def test_which_severity_fails(
    project_says: str, api_says: str, options: list[str], code: int, serve: Serve, project: Path
) -> None:
    settings({"things": serve(says(MOVED)).url}, project_says, {"things": api_says})
    ended, apis = verified(*options)
    (finding,) = apis["things"]["findings"]
    assert (finding["kind"], finding["severity"]) == ("redirected", "risky")
    assert (ended, finding["fails"], apis["things"]["verdict"]) == (code, code == 1, "DRIFT")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fail-on", "all"], "--fail-on all: there is no such severity; write additive, risky or breaking"),
        (["--fail-on", "breaking", "--strict"], "--strict is --fail-on additive"),
    ],
)
def test_severities_that_make_no_sense(
    options: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["verify", *options]) == 2
    assert said in capsys.readouterr().err


def test_all_apis_at_a_glance(serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings({name: serve(says(answer)).url for name, answer in STATES.items()})
    assert verified()[0] == 1
    told = capsys.readouterr().out
    assert re.findall(r"^(\w+)  (\w+) at ", told, re.MULTILINE) == [
        ("ADDITIVE", "added"), ("DRIFT", "drifted"), ("OK", "good"), ("AUTH", "locked"), ("UNREACHABLE", "out"),
    ]  # fmt: skip
    assert told.endswith(
        """\
5 APIs: 1 DRIFT, 1 AUTH, 1 UNREACHABLE, 1 ADDITIVE, 1 OK
  DRIFT        drifted  3 operations: 3 DRIFT; 1 finding (1 breaking)
  AUTH         locked   3 operations: 3 AUTH
  UNREACHABLE  out      3 operations: 3 UNREACHABLE
  ADDITIVE     added    3 operations: 3 ADDITIVE; 1 finding (1 additive)
  OK           good     3 operations: 3 OK
"""
    )


def test_apis_of_one_host_are_asked_one_after_the_other(project: Path) -> None:
    under_way: set[str] = set()
    together: set[frozenset[str]] = set()
    both = threading.Barrier(2, timeout=5)

    def play(peer: socket.socket) -> None:
        own = f"{peer.getsockname()[1]}"
        under_way.add(own)
        time.sleep(0.02)
        together.add(frozenset(under_way))
        # Before the answer leaves: after it the next API may be asked before this thread goes on.
        under_way.discard(own)
        says(whole())(peer)

    def meets(peer: socket.socket) -> None:
        both.wait()
        says(whole())(peer)

    servers = [Server(play), Server(play)]
    try:
        settings({f"api{number}": server.url for number, server in enumerate(servers)})
        assert verified()[0] == 0
        assert all(len(one) == 1 for one in together)
    finally:
        for server in servers:
            server.close()
    # The same machine by two names: each server answers only when both are asked.
    servers = [Server(meets), Server(meets)]
    try:
        settings({"a": servers[0].url, "b": servers[1].url.replace("localhost", "127.0.0.1")})
        assert verified()[0] == 0
    finally:
        for server in servers:
            server.close()


def test_a_variable_that_is_not_set_is_told_before_anything_is_asked(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    server = serve(says(whole()))
    settings({"a": server.url, "b": server.url}, own={"b": 'auth = { bearer = "env:NO_SUCH_TOKEN" }'})
    assert app.run(["verify"]) == 2
    assert "NO_SUCH_TOKEN, which is not set" in capsys.readouterr().err
    assert server.connections == 0


def test_a_body_that_is_right_stays_fine(serve: Serve, project: Path) -> None:
    """So that none of the faults above is told of what is no fault."""
    settings({"things": serve(says(whole(body=BODY))).url})
    code, apis = verified()
    assert (code, apis["things"]["verdict"], apis["things"]["message"]) == (0, "OK", "")
