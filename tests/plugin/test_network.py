"""The network blocked for a whole run: by the project or an option, with or without doubles, and who passes."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

# A run in this process throws away what it imported first, so all of it is imported here.
import lookalike.intercept.door
import lookalike.pytest_plugin.active
import lookalike.pytest_plugin.wall  # noqa: F401  loaded before the runs within

BLOCK = '[tool.lookalike]\nnetwork = "block"\nallow = ["localhost.test"]\n'

PLAIN = """
import socket, httpx, pytest, requests, lookalike

def fetch():
    return requests.get("https://api.example.com/todos?token=hush")

def test_requests():
    fetch()

def test_httpx():
    httpx.get("https://api.example.com/")

def test_a_socket():
    socket.create_connection(("db.example.com", 5432))

def test_swallowed():
    try:
        fetch()
    except BaseException:
        pass

def test_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_a_double():
    with lookalike.Api(base_url="https://api.example.com").mock() as mock:
        mock.get("/todos").respond(json=[])
        assert fetch().json() == []
        with pytest.raises(lookalike.UnmatchedRequest, match="doesn.t match the only route"):
            requests.get("https://other.example.com/")
        mock.failures.clear()
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A strict project; plugins that cost seconds to import are left out."""
    pytester.makeini(
        "[pytest]\naddopts = -p no:randomly -p no:hypothesispytest -p no:anyio\n"
        "filterwarnings =\n    error\n    ignore::lookalike.errors.UncoveredClient\n"
    )
    return pytester


@pytest.mark.peer("Blocks real network")
@pytest.mark.parametrize("how", ["project", "option"])
def test_no_test_reaches_the_network_without_a_double(how: str, run: pytest.Pytester) -> None:
    run.makepyfile(PLAIN)
    if how == "project":
        run.makepyprojecttoml(BLOCK)
    switch = '[[]tool.lookalike[]] network = "block"' if how == "project" else "--lookalike-network=block"
    result = run.runpytest_inprocess(*(() if how == "project" else ("--lookalike-network=block",)))
    result.assert_outcomes(passed=2, failed=4)
    name = "test_no_test_reaches_the_network_without_a_double.py"
    blocked = f"E*GET https://api.example.com/todos?token=REDACTED was blocked, at {name}:4 in {name}::test_requests: "
    result.stdout.fnmatch_lines([f"{blocked}{switch} lets nothing leave this machine*", "E*Next: put a double in*"])
    result.stdout.fnmatch_lines([
        f"E*GET https://api.example.com/ was blocked, at {name}:10 in {name}::test_httpx:*",
        f"E*a connection to db.example.com was blocked, at {name}:13 in {name}::test_a_socket:*",
        f"E*todos* was blocked, at {name}:4 in {name}::test_swallowed:*",
    ])  # fmt: skip


def test_an_open_network_is_open_and_the_option_wins(run: pytest.Pytester) -> None:
    run.makepyfile("""
        from lookalike.intercept import active
        def test_open():
            assert not active.any_active()
    """)
    run.runpytest_inprocess().assert_outcomes(passed=1)
    run.makepyprojecttoml(BLOCK)
    run.runpytest_inprocess("--lookalike-network=open").assert_outcomes(passed=1)
    run.runpytest_inprocess().assert_outcomes(failed=1)
    run.makepyprojecttoml("[tool.lookalike]\nnetwork = 'open'")
    run.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('network = "blok"', '*network = \'blok\' is neither "block" nor "open"*'),
        (
            'network = "block"\nallow = "db"',
            '*allow = \'db\' is not a list of host names; write allow = [[]"db", "*.internal"[]]*',
        ),
    ],
)
def test_a_setting_without_sense_ends_the_run(text: str, told: str, run: pytest.Pytester) -> None:
    run.makepyprojecttoml(f"[tool.lookalike]\n{text}\n")
    run.makepyfile("def test_nothing(): pass")
    result = run.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([told])


@pytest.fixture
def real() -> Iterator[str]:
    """A server under a name that isn't this machine's, as far as a run knows."""

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            """A test's output is its own."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield str(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


REAL = """
import pytest, requests
from urllib3.util import connection

@pytest.fixture(autouse=True)
def names(monkeypatch):
    real = connection.create_connection
    def here(address, *args, **options):
        return real(("127.0.0.1", address[1]), *args, **options)
    monkeypatch.setattr(connection, "create_connection", here)

@pytest.mark.real_api
def test_real():
    assert requests.get("http://api.example.com:PORT/x").json() == []

def test_other():
    requests.get("http://api.example.com:PORT/x")

def test_allowed():
    assert requests.get("http://localhost.test:PORT/x").json() == []
"""


@pytest.mark.parametrize(
    ("mode", "outcomes"),
    [
        ("live", {"passed": 2, "failed": 1}),
        ("record", {"passed": 2, "failed": 1}),
        ("mock", {"passed": 1, "failed": 1, "skipped": 1}),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_the_real_api_answers_who_may_reach_it(
    mode: str, outcomes: dict[str, int], workers: tuple[str, ...], run: pytest.Pytester, real: str
) -> None:
    run.makepyprojecttoml(BLOCK)
    run.makepyfile(REAL.replace("PORT", real))
    if workers and mode != "live":
        pytest.skip("one mode shows that workers have the wall and their controller doesn't")
    result = run.runpytest_inprocess(f"--lookalike={mode}", "-rs", *workers)
    result.assert_outcomes(**outcomes)
    if mode == "mock":
        result.stdout.fnmatch_lines(["SKIPPED*can't be reached: GET http://api.example.com*was blocked*"])


def test_importing_a_test_reaches_nothing_either(run: pytest.Pytester) -> None:
    run.makepyprojecttoml(BLOCK)
    run.makepyfile("import requests\nrequests.get('https://api.example.com/')")
    result = run.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*was blocked, at test_importing_a_test_reaches_nothing_either.py:2: *"])
