"""A contract's life on the command line: learned, learned more, verified, changed, accepted, merged, compared."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import lookalike
from lookalike.api.said import polite_rate
from lookalike.cli import app
from lookalike.cli.asking import asker_for
from lookalike.contract import files, learning
from lookalike.messages import Exchange, Request, Response
from lookalike.serve import Server

Serve = Callable[..., str]
CONTRACT = "contracts/todos.yaml"
PATHS = ["/todos", "/todos/{id}", "/users", "/users/{id}", "/comments"]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves the pack on one port, as it is or changed; the next call stops the one before."""
    with ExitStack() as stack:
        port = 0

        def begin(*, changed: bool = False) -> str:
            nonlocal port
            stack.close()
            server = lookalike.Api("jsonplaceholder").serve(port=port, changed=changed)
            url = stack.enter_context(server)
            port = server.port
            return url

        yield begin


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """What a command prints; it must end with this code and complain of nothing."""
    ended = app.run(arguments)
    found = capsys.readouterr()
    assert (ended, found.err) == (code, ""), found.out + found.err
    return found.out


@pytest.mark.peer("CLI")
def test_a_whole_life(serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = serve()
    first = said(capsys, 0, "learn", url, *PATHS, "-o", CONTRACT)
    assert "GET /todos/{id}" in first
    assert "200 (5 times)" in first
    (project / "pyproject.toml").write_text(f'[tool.lookalike.apis.todos]\ncontract = "{CONTRACT}"\n', encoding="utf-8")

    again = said(capsys, 0, "learn", url, "/todos/9999", "-o", CONTRACT)
    assert "404" in again
    assert "5 operations" in again
    assert "404" in said(capsys, 0, "show", "todos", "GET /todos/{id}")
    assert said(capsys, 0, "verify").startswith("OK  todos at ")

    serve(changed=True)
    assert "verify --update learns it" in said(capsys, 1, "verify")
    drift = said(capsys, 1, "verify", "--update")
    assert "--update" not in drift
    assert "renamed to summary" in drift
    assert "todos.yaml: updated" in drift
    mark = drift[: drift.index("id has another type")].rpartition("lookalike accept ")[2].split()[0]
    assert "likes" in said(capsys, 0, "show", "todos", "/comments"), "what was added is learned"
    assert "summary" not in said(capsys, 0, "show", "todos", "/todos"), "what contradicts is not"

    (project / ".lookalike").mkdir(exist_ok=True)
    mocked = '{"api": "todos", "method": "GET", "path": "/todos/1", "status": 200, "json": %s, "where": "test_a.py:%d"}'
    lines = [mocked % ('{"id": 1, "title": "x"}', 14), mocked % ('{"id": "1", "summary": "x"}', 20)]
    (project / ".lookalike" / "mocks.ndjson").write_text("\n".join(lines) + "\n", "utf-8")
    accepted = said(capsys, 0, "accept", mark)
    assert accepted.endswith("test_a.py:14 is false now: correct it\n"), accepted
    assert "GET /todos/{id} is read from today on" in accepted
    assert "summary" in said(capsys, 0, "show", "todos", "/todos")
    assert "renamed" not in said(capsys, 1, "verify")


def test_additions_are_drift_where_that_is_asked_for(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, 0, "learn", serve(), "/comments", "-o", CONTRACT)
    serve(changed=True)
    assert said(capsys, 0, "verify", CONTRACT).startswith("ADDITIVE")
    assert said(capsys, 1, "verify", CONTRACT, "--strict").startswith("ADDITIVE")


def test_accepting_needs_an_api_that_answers(serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, 0, "learn", serve(), "/comments", "-o", CONTRACT)
    text = Path(CONTRACT).read_text(encoding="utf-8")
    path = project / "contracts" / "away.yaml"
    path.write_bytes(Path(CONTRACT).read_bytes())
    path.with_suffix(".evidence.json").write_bytes(Path(CONTRACT).with_suffix(".evidence.json").read_bytes())
    (project / "pyproject.toml").write_text(
        '[tool.lookalike.apis.away]\ncontract = "contracts/away.yaml"\nbase_url = "http://127.0.0.1:9"\n',
        encoding="utf-8",
    )
    assert app.run(["accept", "0123456789ab", "away"]) == 3
    assert "nothing was accepted" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == text


def test_a_pack_and_a_vendors_document_are_not_learned_into(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(
        f'[tool.lookalike.apis.jsonplaceholder]\nbase_url = "{serve()}"\n', encoding="utf-8"
    )
    assert "isn't updated" in said(capsys, 0, "verify", "jsonplaceholder", "--update", "--budget", "30")


def vendors(path: Path, url: str) -> bytes:
    """A document that somebody wrote, as it is written."""
    path.write_text(
        f"""openapi: 3.0.3
info: {{title: V, version: '1'}}
servers: [{{url: '{url}'}}]
paths:
  /todos:
    get: {{responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{type: array}}}}}}}}}}}}
""",
        encoding="utf-8",
    )
    return path.read_bytes()


@pytest.mark.parametrize("told", [True, False])
def test_beside_a_vendors_document_is_what_was_seen(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str], told: bool
) -> None:
    """Also where the document names another server than the one that was asked."""
    url = serve()
    before = vendors(project / "vendor.yaml", url if told else "https://api.vendor.test/v1")
    assert "unchanged, not learned" in said(capsys, 0, "learn", url, "/todos", "-o", "vendor.yaml")
    assert (project / "vendor.yaml").read_bytes() == before
    ledger = files.load("vendor.yaml").evidence
    assert ledger is not None
    assert [one.key for one in ledger.operations.values()] == ["GET /todos"]
    if told:
        assert "vendor.yaml wasn't learned, and stays as it is; vendor.evidence.json: updated" in said(
            capsys, 0, "verify", "vendor.yaml", "--update"
        )
        assert (project / "vendor.yaml").read_bytes() == before


def test_what_contradicts_changes_the_evidence_alone(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, 0, "learn", serve(), "/todos", "-o", CONTRACT)
    assert "todos.yaml: updated" in said(capsys, 0, "verify", CONTRACT, "--update")
    assert "todos.yaml: nothing to learn" in said(capsys, 0, "verify", CONTRACT, "--update")
    before = Path(CONTRACT).read_bytes()
    serve(changed=True)
    told = said(capsys, 1, "verify", CONTRACT, "--update")
    assert Path(CONTRACT).read_bytes() == before
    assert "todos.yaml is as it was; contracts/todos.evidence.json: updated" in told


class Locked(BaseHTTPRequestHandler):
    """An API that takes nobody's credentials."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def test_accepting_with_refused_credentials_ends_with_4(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Locked) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        answer = Response(200, {"content-type": "application/json"}, b'{"id": 1}')
        exchange = Exchange(Request("GET", f"{url}/things"), answer, day="2026-11-20")
        files.save(learning.learn([exchange], base_url=url, title="locked"), "locked.yaml")
        try:
            ended = app.run(["accept", "0123456789ab", "locked.yaml"])
        finally:
            server.shutdown()
            thread.join()
    assert (ended, "nothing was accepted" in capsys.readouterr().err) == (4, True)


def test_an_api_without_a_contract_does_not_stop_the_others(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, 0, "learn", serve(), "/todos", "-o", CONTRACT)
    bare = '[tool.lookalike.apis.bare]\nbase_url = "https://bare.example.com"\n'
    Path("pyproject.toml").write_text(f'{bare}[tool.lookalike.apis.todos]\ncontract = "{CONTRACT}"\n', "utf-8")
    told = said(capsys, 0, "verify")
    assert told.startswith("UNVERIFIED  bare at https://bare.example.com")
    assert "Learn one: lookalike learn https://bare.example.com" in told
    assert "OK  todos at " in told
    assert "bare: " not in said(capsys, 0, "verify", "--update")
    assert app.run(["verify", "bare"]) == 2
    Path("pyproject.toml").write_text(bare, "utf-8")
    assert app.run(["verify"]) == 2
    assert "has no contract" in capsys.readouterr().err


def test_contracts_of_two_servers_are_not_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, server in (("a", "https://a.test"), ("b", "https://b.test"), ("c", "http://localhost:1"),
                         ("d", "http://127.0.0.1:2")):  # fmt: skip
        answer = Response(200, {"content-type": "application/json"}, b'{"id": 1}')
        exchange = Exchange(Request("GET", f"{server}/things"), answer, day="2026-11-20")
        files.save(learning.learn([exchange], base_url=server, title=name), f"{name}.yaml")
    assert app.run(["merge", "a.yaml", "b.yaml", "-o", "both.yaml"]) == 2
    assert "a.yaml is about https://a.test, b.yaml is about https://b.test" in capsys.readouterr().err
    assert not Path("both.yaml").exists()
    assert "about" not in said(capsys, 0, "merge", "c.yaml", "d.yaml", "-o", "here.yaml"), "ports are of no account"
    assert "b.yaml is about https://b.test; what is merged into it is from https://a.test" in said(
        capsys, 0, "merge", "a.yaml", "-o", "b.yaml"
    )


def test_learning_from_an_api_of_the_project(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text(
        f"""[tool.lookalike.apis.todos]
contract = "{CONTRACT}"
base_url = "{serve()}"
auth = {{ bearer = "env:TODOS_TOKEN" }}
""",
        encoding="utf-8",
    )
    monkeypatch.delenv("TODOS_TOKEN", raising=False)
    assert app.run(["learn", "todos", "/todos", "-o", CONTRACT]) == 2
    assert "TODOS_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("TODOS_TOKEN", "s3cret-token-of-todos")
    assert "GET /todos" in said(capsys, 0, "learn", "todos", "/todos", "-o", CONTRACT)
    written = Path(CONTRACT).read_bytes() + files.evidence_path(CONTRACT).read_bytes()
    assert b"s3cret" not in written


def test_an_api_without_a_base_url_cannot_be_learned(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.lookalike.apis.todos]\ncontract = "x.yaml"\n', encoding="utf-8")
    assert app.run(["learn", "todos", "/todos", "-o", "x.yaml"]) == 2
    assert "has no base_url" in capsys.readouterr().err


def test_two_contracts_merged_and_compared(serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = serve()
    said(capsys, 0, "learn", url, "/todos", "/todos/{id}", "-o", "one/todos.yaml")
    said(capsys, 0, "learn", url, "/users", "-o", "two/todos.yaml")
    one, two = "one/todos.yaml", "two/todos.yaml"
    assert "3 operations from 2 runs" in said(capsys, 0, "merge", one, two, "-o", CONTRACT)
    merged = (Path(CONTRACT).read_bytes(), files.evidence_path(CONTRACT).read_bytes())
    said(capsys, 0, "merge", two, one, one, "-o", CONTRACT)
    assert (Path(CONTRACT).read_bytes(), files.evidence_path(CONTRACT).read_bytes()) == merged

    assert said(capsys, 0, "diff", CONTRACT, CONTRACT) == "no difference that matters to a consumer\n"
    added = said(capsys, 0, "diff", one, CONTRACT)
    assert app.run(["diff", one, CONTRACT, "--strict"]) == int("additive" in added)
    capsys.readouterr()
    said(capsys, 0, "learn", serve(changed=True), "/todos", "/todos/{id}", "-o", "three/todos.yaml")
    assert "renamed to summary" in said(capsys, 1, "diff", one, "three/todos.yaml")


def test_serving_to_other_machines_is_said(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(self: Server, listener: object, listening: Callable[[], None], **_: object) -> None:
        listening()
        listener.close()  # type: ignore[attr-defined]  # a generator's
        await asyncio.sleep(0)

    monkeypatch.setattr(Server, "_serve", at_once)
    told = said(capsys, 0, "serve", "jsonplaceholder", "--port", "0", "--host", "0.0.0.0")
    assert "other machines can reach it" in told
    assert "answered 0 requests" in told
    assert "other machines" not in said(capsys, 0, "serve", "jsonplaceholder", "--port", "0")


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://localhost", True),
        ("http://api.localhost", True),
        ("https://api.example.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_a_loopback_address_isnt_spared(url: str, loopback: bool) -> None:
    assert asker_for(url, rate=2, budget=7, timeout=3).left == 7
    assert polite_rate(url) == (500 if loopback else 5)
    asked = asker_for(url, rate=None, budget=7, timeout=3)
    assert vars(asked)["_pause"] == 1 / polite_rate(url), "the same as Python's"


def test_a_server_that_is_just_starting_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`lookalike serve ... &` and the next command, pasted together."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = lookalike.Api("jsonplaceholder").serve(port=port)
    timer = threading.Timer(0.3, server.start)
    timer.start()
    try:
        assert app.run(["learn", f"http://127.0.0.1:{port}", "/todos/1", "-o", str(tmp_path / "late.yaml")]) == 0
    finally:
        timer.join()
        server.stop()
    assert "GET /todos/{id}  200" in capsys.readouterr().out


def mark_of(drift: str, sentence: str) -> str:
    """The fingerprint of the finding with this sentence."""
    return drift[drift.index(sentence) :].partition("lookalike accept ")[2].split()[0]


def drifted(serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A configured API whose comments' ids became strings; the finding's fingerprint."""
    said(capsys, 0, "learn", serve(), *PATHS[2:4], "-o", CONTRACT)
    (project / "pyproject.toml").write_text(f'[tool.lookalike.apis.todos]\ncontract = "{CONTRACT}"\n', encoding="utf-8")
    serve(changed=True)
    return mark_of(said(capsys, 1, "verify"), "id has another type")


def test_a_finding_is_ignored_until_a_day(serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mark = drifted(serve, project, capsys)
    told = said(capsys, 0, "ignore", mark, "--until", "2099-12-31", "--why", "ticket 4711")
    assert told.startswith("ignored  id has another type, until 2099-12-31\n")
    verified = said(capsys, 0, "verify")
    assert verified.startswith("OK  todos at ")
    assert f"ignored until 2099-12-31: id has another type ({mark})" in verified
    assert lookalike.Api("todos").verify().verdict == "OK"

    said(capsys, 0, "verify", "--update")
    ids = [line.split() for line in said(capsys, 0, "show", "todos").splitlines() if " id " in line]
    assert ids, "the contract still knows the field"
    assert all("integer" in line for line in ids), "what is ignored is not learned"

    path = project / "lookalike-decisions.yaml"
    written = path.read_text("utf-8")
    path.write_text(written.replace("api: todos", "api: todos  # asked on the phone"), "utf-8")
    said(capsys, 0, "ignore", mark, "todos", "--until", "2098-01-31", "--why", "sooner")
    again = path.read_text("utf-8")
    assert again.count("fingerprint") == 1
    assert "asked on the phone" in again
    assert "2098-01-31" in again
    assert written.startswith("# Decisions about findings of `lookalike verify`")

    path.write_text(again.replace("2098-01-31", "2001-01-31"), "utf-8")
    assert "no longer ignored, 2001-01-31 is past" in said(capsys, 1, "verify")
    path.write_text(again, "utf-8")
    serve()
    assert f"not found any more, the decision can go: id has another type ({mark})" in said(capsys, 0, "verify")


def test_ignoring_needs_a_finding_a_day_and_a_reason(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = drifted(serve, project, capsys)
    good = ["--until", "2099-12-31", "--why", "because"]
    for arguments, complaint in (
        (
            ["ignore", "0123456789ab", *good],
            f"todos has no finding 0123456789ab now; there is:\n  {mark}  id has another type",
        ),
        (["ignore", mark, "--why", "because"], "--until is missing: say the last day; write it as --until 2"),
        (["ignore", mark, "--until", "31.12.2099", "--why", "because"], "--until '31.12.2099' is no day"),
        (
            ["ignore", mark, "--until", "2001-12-31", "--why", "because"],
            "is past, so nothing would be ignored; write a later day: 2",
        ),
        (["ignore", mark, "--until", "2099-12-31"], "--why is missing"),
    ):
        assert app.run(arguments) == 2
        assert complaint in capsys.readouterr().err
    path = project / "lookalike-decisions.yaml"
    assert not path.exists()
    for text, complaint in (
        (
            "version: 99\n",
            "this is a mapping that begins with `version`, where a list of decisions is expected\nNext: begin",
        ),
        ("nothing\n", "this is no list, where a list of decisions is expected"),
        ("- api: todos\n", "entry 1: `fingerprint` is missing or no text\nNext: a finding that is ignored has api, "),
        ("- {api: a, fingerprint: b, what: c, accepted: '2026-01-01'}\n", "entry 1: `at` is missing or no text"),
        ("- {api: a, fingerprint: b, what: c, accepted: soon, at: [GET /a]}\n", "entry 1: `accepted` is no day: soon"),
        ("- [\n", "not YAML"),
        (
            "- {api: a, fingerprint: b, what: c, why: d, until: soon}\n",
            'entry 1: `until` is no day: soon\nNext: write it as until: "2027-01-31".',
        ),
        ("- {api: a, fingerprint: b, what: c, why: d, until: '2099-01-01', who: me}\n", "`who` is not known"),
    ):
        path.write_text(text, "utf-8")
        assert app.run(["verify"]) == 2
        assert complaint in capsys.readouterr().err
        assert app.run(["ignore", mark, *good]) == 2
        capsys.readouterr()
        assert path.read_text("utf-8") == text
    path.write_bytes(b"\xff\xfe")
    assert app.run(["verify"]) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_nothing_is_ignored_of_an_api_that_cannot_be_asked(
    serve: Serve, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = drifted(serve, project, capsys)
    (project / "pyproject.toml").write_text(
        f'[tool.lookalike.apis.todos]\ncontract = "{CONTRACT}"\nbase_url = "http://127.0.0.1:9"\n', encoding="utf-8"
    )
    assert app.run(["ignore", mark, "--until", "2099-12-31", "--why", "because"]) == 3
    assert "nothing was noted" in capsys.readouterr().err
    assert not (project / "lookalike-decisions.yaml").exists()
