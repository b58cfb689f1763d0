"""The pytest plugin, run by pytest itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lookalike
import lookalike.intercept.door
import lookalike.pytest_plugin.active
import lookalike.pytest_plugin.ending
import lookalike.pytest_plugin.real
import lookalike.pytest_plugin.summary

pack = lookalike.Api("jsonplaceholder")
HOME = "https://jsonplaceholder.typicode.com"
TODO = '{"userId": 1, "id": 1, "title": "x", "completed": False}'

# Strict as ours; plugins that cost seconds to import are left out.
OPTIONS = """
[tool.pytest.ini_options]
addopts = "--strict-markers -p no:randomly -p no:hypothesispytest -p no:anyio"
filterwarnings = ["error"]
xfail_strict = true
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project of its own, as strict as ours."""
    pytester.makepyprojecttoml(OPTIONS)
    return pytester


def write(run: pytest.Pytester, body: str) -> None:
    run.makepyfile(
        "import lookalike, os, pytest, requests, unittest\n"
        f"HOME, TODO = {HOME!r}, {TODO}\n"
        "get = lambda path='/todos': requests.get(HOME + path, timeout=5)\n" + body
    )


def test_the_fixture_gives_a_mock(run: pytest.Pytester) -> None:
    write(
        run,
        """
@pytest.fixture
def todos(mock_api):
    mock = mock_api("jsonplaceholder")
    mock.get("/todos").respond(json=[TODO])
    return mock

def test_one(todos, mock_api):
    assert get().json() == [TODO]
    assert mock_api("jsonplaceholder") is todos

def test_override(todos, mock_api):
    mock_api("jsonplaceholder").get("/todos").respond(json=[])
    assert get().json() == []

def test_several(mock_api):
    one = mock_api(base_url="https://one.test")
    two = mock_api(lookalike.Api(base_url="https://two.test"), allow=["db"])
    one.get("/a").respond(text="1")
    two.get("/a").respond(text="2")
    assert requests.get("https://one.test/a").text + requests.get("https://two.test/a").text == "12"

def test_misuse(mock_api):
    with pytest.raises(lookalike.UsageError, match="give one of the two"):
        mock_api(lookalike.Api(base_url="https://two.test"), base_url="https://x.test")
    with pytest.raises(lookalike.UsageError, match="no API is called"):
        mock_api("nobody")

class TestCase(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _mock(self, mock_api):
        self.mock = mock_api("jsonplaceholder")

    def test_one(self):
        self.mock.get("/todos").respond(json=[])
        assert get().json() == []
""",
    )
    run.runpytest_inprocess().assert_outcomes(passed=5)


def test_what_goes_wrong_inside_fails_the_test_itself(run: pytest.Pytester) -> None:
    write(
        run,
        """
def test_unused(mock_api):
    mock_api("jsonplaceholder").get("/todos").respond(json=[])

def test_swallowed(mock_api):
    mock_api("jsonplaceholder")
    try:
        get("/nowhere")
    except AssertionError:
        pass

def test_both(mock_api):
    mock_api("jsonplaceholder").get("/todos").respond(json=[])
    assert 1 == 2

def test_two_mocks(mock_api):
    mock_api(base_url="https://one.test").get("/a").respond()
    mock_api(base_url="https://two.test").get("/b").respond()

class TestCase(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _mock(self, mock_api):
        self.mock = mock_api("jsonplaceholder")

    def test_unused(self):
        self.mock.get("/todos").respond(json=[])

    def test_both(self):
        self.mock.get("/todos").respond(json=[])
        self.fail("theirs")
""",
    )
    result = run.runpytest_inprocess()
    result.assert_outcomes(failed=6)
    result.stdout.fnmatch_lines_random([
        "*GET /todos*never called*",
        "*UnmatchedRequest: GET https://jsonplaceholder.typicode.com/nowhere*",
        "*assert 1 == 2*",
        "*GET /a *never called*",
        "*GET /b *never called*",
        "*theirs*",
    ])  # fmt: skip
    assert result.stdout.str().count("never called") >= 6


def test_what_lies_between_a_test_and_a_double_is_not_shown(run: pytest.Pytester) -> None:
    write(run, 'def test_miss(mock_api):\n    mock_api("jsonplaceholder")\n    get("/nowhere")\n')
    result = run.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*site-packages*")
    result.stdout.no_fnmatch_line("*src/lookalike*")
    result.stdout.fnmatch_lines([">       get(*", "*lookalike.UnmatchedRequest:*"])
    other = 'def test_other(mock_api):\n    mock_api("jsonplaceholder")\n    requests.get("nonsense")\n'
    write(run, other)
    run.runpytest_inprocess().stdout.fnmatch_lines(["*site-packages/requests*"])


def test_the_teardown_of_other_fixtures_is_still_covered(run: pytest.Pytester) -> None:
    write(
        run,
        """
@pytest.fixture
def late(mock_api):
    mock_api("jsonplaceholder").get("/todos").respond(json=[])
    yield
    assert get().json() == []

def test_one(late):
    get()
""",
    )
    run.runpytest_inprocess().assert_outcomes(passed=1)


# -- real_api ----------------------------------------------------------------------------------------------------------


def test_skip_real_skips_marked_tests_and_says_why(run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        run,
        """
@pytest.mark.real_api
def test_one(): pass

@pytest.mark.real_api
@pytest.mark.xfail
def test_two(): assert False

@lookalike.skip_real
def test_three(): pass

@pytest.mark.real_api
class TestCase(unittest.TestCase):
    def test_four(self): pass
""",
    )
    run.runpytest_inprocess().assert_outcomes(passed=3, xfailed=1)
    monkeypatch.setenv("SKIP_REAL", "True")
    result = run.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(["*Skipping tests that hit the real API server.*"])


def test_an_api_that_cannot_be_reached_skips(run: pytest.Pytester) -> None:
    write(
        run,
        """
@pytest.mark.real_api("http://127.0.0.1:9")
def test_named(): pass

@pytest.mark.real_api(lookalike.Api(base_url="http://127.0.0.1:9"))
def test_object(): pass

@pytest.mark.real_api
def test_met(): requests.get("http://127.0.0.1:9/")

@pytest.mark.real_api
def test_met_by_urllib():
    import urllib.request
    urllib.request.urlopen("http://127.0.0.1:9/")

@pytest.mark.real_api
class TestCase(unittest.TestCase):
    def test_met(self): requests.get("http://127.0.0.1:9/")

@pytest.mark.real_api("http://127.0.0.1:9")
def test_with_a_double(mock_api):
    mock_api("jsonplaceholder").get("/todos").respond(json=[])
    assert get().ok

@pytest.mark.real_api
def test_that_fails(): assert False

def test_unmarked(): requests.get("http://127.0.0.1:9/")
""",
    )
    result = run.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=5, passed=1, failed=2)
    result.stdout.fnmatch_lines_random(["*the real API can't be reached: 127.0.0.1:9*", "*reached: ConnectionError*"])


def test_what_a_double_lets_fail_is_no_outage(run: pytest.Pytester) -> None:
    write(
        run,
        """
URL = "http://api.example.com"
api = lookalike.Api(base_url=URL)

@pytest.mark.parametrize("kind", ["refused", "dns", "reset"])
@pytest.mark.real_api
def test_mocked(mock_api, kind):
    mock_api(base_url=URL).get("/").fail(kind)
    requests.get(URL + "/")

@pytest.mark.real_api
def test_with():
    with api.mock() as mock:
        mock.get("/").fail("refused")
        requests.get(URL + "/")

@pytest.fixture(scope="module")
def shared():
    with api.mock() as mock:
        mock.get("/").fail("refused")
        yield mock

def test_shared_before(shared):
    with pytest.raises(requests.ConnectionError):
        requests.get(URL + "/")

@pytest.mark.real_api
def test_shared_met(shared): requests.get("http://127.0.0.1:9/")

@pytest.mark.real_api
def test_met(): requests.get("http://127.0.0.1:9/")
""",
    )
    result = run.runpytest_inprocess("-rs", "-p", "no:randomly")
    result.assert_outcomes(failed=4, passed=1, skipped=2)


def test_other_peoples_modules_are_left_as_they_were(run: pytest.Pytester) -> None:
    run.makeconftest(
        """
import sys

def marked():
    return sorted(name for name, module in list(sys.modules.items()) if "__tracebackhide__" in vars(module))

def pytest_runtest_logreport(report):
    if report.failed:
        hidden = [name for name in marked() if not name.startswith(("lookalike", "_pytest", "pytest", "pluggy"))]
        print("HIDDEN", len(hidden), hidden[:3])
"""
    )
    write(
        run,
        """
def test_one(mock_api):
    mock_api(base_url="http://api.example.com").get("/a").respond(json=1)
    requests.get("http://api.example.com/b")
""",
    )
    result = run.runpytest_subprocess("-s")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*HIDDEN 0 *"])
    result.stdout.no_fnmatch_line("*urllib3*:*: UnmatchedRequest*")


def test_a_proxy_is_what_has_to_be_reached(run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    write(run, '@pytest.mark.real_api("http://api.invalid")\ndef test_one(): pass\n')
    result = run.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*127.0.0.1:9*"])


# -- the summary -------------------------------------------------------------------------------------------------------

DOUBTS = """
def test_unknown(mock_api):
    mock_api(base_url="https://api.test").get("/a").respond(json=1)
    requests.get("https://api.test/a")

def test_lie(mock_api):
    mock_api("jsonplaceholder").get("/todos").respond(json=[{}], unchecked="the vendor announced it")
    get()
"""


@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_what_was_unknown_or_a_lie_is_summed_up(workers: tuple[str, ...], run: pytest.Pytester) -> None:
    write(run, DOUBTS)
    result = run.runpytest_inprocess(*workers)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([
        "*= lookalike =*",
        "replies that may contradict the contract (unchecked)",
        "*jsonplaceholder: *test_*.py:10: GET /todos: the vendor announced it",
        "declared against nothing known*",
        "*api.test: 1 reply declared at *test_*.py:6",
    ])  # fmt: skip


def test_nothing_to_say_says_nothing(run: pytest.Pytester) -> None:
    write(run, 'def test_one(mock_api):\n    mock_api("jsonplaceholder").get("/todos").respond(json=[])\n    get()\n')
    result = run.runpytest_inprocess()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*= lookalike =*")


def test_long_lists_are_cut_unless_asked_for(run: pytest.Pytester) -> None:
    lines = "".join(f'    mock.get("/{n}").respond(unchecked="lie {n:02}").optional()\n' for n in range(14))
    write(run, f'def test_one(mock_api):\n    mock = mock_api("jsonplaceholder")\n{lines}')
    run.runpytest_inprocess().stdout.fnmatch_lines(["*lie 09*", "*... and 4 more (-v shows all)"])
    run.runpytest_inprocess("-v").stdout.fnmatch_lines(["*lie 13*"])


# -- the file of declared replies --------------------------------------------------------------------------------------


def declared(path: Path) -> list[str]:
    return [json.loads(line)["test"].rpartition("::")[2] for line in path.read_text("utf-8").splitlines()]


def test_declared_replies_are_written_where_asked_for(run: pytest.Pytester) -> None:
    write(run, DOUBTS)
    run.runpytest_inprocess("--lookalike-mocks=out/mocks.ndjson")
    assert declared(run.path / "out" / "mocks.ndjson") == ["test_unknown"]
    assert not (run.path / ".lookalike").exists()


def test_a_configured_project_has_them_in_its_folder(run: pytest.Pytester) -> None:
    run.makepyprojecttoml('[tool.lookalike.apis.shop]\nbase_url = "https://shop.test"\n' + OPTIONS)
    body = """
def test_{name}(mock_api):
    mock_api("shop").get("/{name}").respond(json=1)
    requests.get("https://shop.test/{name}")
"""
    write(run, body.format(name="one") + body.format(name="two"))
    run.runpytest_inprocess().assert_outcomes(passed=2)
    path = run.path / ".lookalike" / "mocks.ndjson"
    assert declared(path) == ["test_one", "test_two"]
    assert (path.parent / ".gitignore").read_text() == "*\n"
    run.runpytest_inprocess("-k", "one")
    assert declared(path) == ["test_one", "test_two"]
    for file in run.path.glob("test_*.py"):
        file.unlink()
    run.makepyfile(test_new="import requests\n" + body.format(name="three"))
    run.runpytest_inprocess()
    assert declared(path) == ["test_three"]


def test_a_file_that_cannot_be_written_is_said(run: pytest.Pytester) -> None:
    write(run, DOUBTS)
    (run.path / "file").write_text("")
    result = run.runpytest_inprocess("--lookalike-mocks=file/mocks.ndjson")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["not kept", "*can't be written*"])


def test_no_mocks_write_an_empty_file(run: pytest.Pytester) -> None:
    write(run, "def test_one(): pass\n")
    run.runpytest_inprocess("--lookalike-mocks=mocks.ndjson").assert_outcomes(passed=1)
    assert (run.path / "mocks.ndjson").read_bytes() == b""


# -- options -----------------------------------------------------------------------------------------------------------


def test_unknown_modes_are_refused(run: pytest.Pytester) -> None:
    result = run.runpytest_subprocess("--lookalike=nonsense")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'nonsense' is no mode; write one of mock, *"])


def test_help_and_markers(run: pytest.Pytester) -> None:
    run.runpytest_inprocess("--help").stdout.fnmatch_lines(["*--lookalike=MODE*", "*--lookalike-unsafe*"])
    run.runpytest_inprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.real_api(*"])


def test_an_idle_run_imports_no_room(run: pytest.Pytester) -> None:
    run.makepyfile(
        "import sys\n"
        "def test_one():\n"
        "    assert sorted(name for name in sys.modules if name.startswith('lookalike')) == [\n"
        "        'lookalike', 'lookalike.api', 'lookalike.api.watch', 'lookalike.pytest_plugin',\n"
        "        'lookalike.pytest_plugin.options']\n"
    )
    run.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_skip_stands_at_its_test_and_nothing_is_said_of_hidden_frames(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
import lookalike, pytest

@pytest.mark.real_api("http://127.0.0.1:9")
def test_skipped():
    pass

@lookalike.Api("jsonplaceholder").mock()
def test_unused(mock):
    mock.get("/todos/1").fail("read-timeout")
"""
    )
    result = run.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=1, failed=1)
    result.stdout.fnmatch_lines(["SKIPPED ?1? test_a_skip_*.py:3: the real API can't be reached: *"])
    result.stdout.fnmatch_lines(["E *UnusedRoute: 1 part of the mock was declared and not used."])
    result.stdout.no_fnmatch_line("*traceback entries are hidden*")


def test_what_a_stream_raises_is_told_once(run: pytest.Pytester) -> None:
    """Also where the project has a [tool.lookalike], and declared replies are kept."""
    run.makepyprojecttoml("[tool.lookalike.apis.there]\nbase_url = 'https://api.test'\n" + OPTIONS)
    run.makepyfile("""
        import requests
        def test_it(mock_api):
            def broken():
                yield "a"
                raise ValueError("mine")
            mock_api("there").get("/a").respond(stream=broken)
            requests.get("https://api.test/a")
    """)
    result = run.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ValueError: mine"])
