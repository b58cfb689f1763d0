"""The fixture and marker `replay_api`, `--lookalike-record`, `--lookalike-har` and `--lookalike-orphans`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import lookalike
import lookalike.api.replaying
import lookalike.intercept.door
import lookalike.pytest_plugin.ending
import lookalike.pytest_plugin.orphans
import lookalike.pytest_plugin.replayed
import lookalike.pytest_plugin.summary
import lookalike.traffic
import lookalike.traffic.har_file

pack = lookalike.Api("jsonplaceholder")

OPTIONS = """
[tool.pytest.ini_options]
addopts = "--strict-markers -p no:randomly -p no:hypothesispytest -p no:anyio"
"""

TESTS = """
import lookalike, pytest, requests
REAL = {real!r}
get = lambda path: requests.get(REAL + path, timeout=5).json()

def test_fixture(replay_api):
    replay = replay_api(base_url=REAL)
    assert get("/todos/1")["id"] == 1
    assert len(replay.calls) == 1

@pytest.mark.replay_api(base_url=REAL)
@pytest.mark.parametrize("number", [1, 2])
def test_marker(number):
    assert get(f"/todos/{{number}}")["id"] == number

class TestClass:
    @pytest.mark.replay_api(base_url=REAL)
    def test_method(self):
        get("/users/1")
"""


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with pack.serve() as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A run in this process forgets what it imports; a library in C can't be imported twice."""
    cassette = tmp_path_factory.mktemp("read") / "one.yaml"
    cassette.write_text(CASSETTE.format(real="http://127.0.0.1", path=""))
    assert len(list(lookalike.traffic.read(cassette))) == 1


@pytest.fixture
def run(pytester: pytest.Pytester, real: str) -> pytest.Pytester:
    pytester.makepyprojecttoml(OPTIONS)
    pytester.makepyfile(test_todos=TESTS.format(real=real))
    return pytester


RECORDED = [
    "TestClass.test_method.har", "test_fixture.har", "test_marker[1].har", "test_marker[2].har",
]  # fmt: skip


def test_each_test_has_a_recording_of_its_own(run: pytest.Pytester) -> None:
    result = run.runpytest_inprocess("--lookalike-record=once")
    result.assert_outcomes(passed=4)
    folder = run.path / "cassettes" / "test_todos"
    assert sorted(one.name for one in folder.iterdir()) == RECORDED
    written = {one.name: one.read_bytes() for one in folder.iterdir()}
    run.runpytest_inprocess().assert_outcomes(passed=4)
    run.runpytest_inprocess("--lookalike-record=all", "-k", "method").assert_outcomes(passed=1, deselected=3)
    assert {one.name: one.read_bytes() for one in folder.iterdir()}.keys() == written.keys()


def test_without_a_recording_the_error_says_how_to_make_one(run: pytest.Pytester) -> None:
    result = run.runpytest_inprocess("-k", "fixture")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(["*test_fixture.har: no such file*", "*pytest --lookalike-record=*"])


CASSETTE = """\
interactions:
- request: {{body: null, headers: {{}}, method: GET, uri: '{real}/{path}'}}
  response:
    body: {{string: '{{"id": 1}}'}}
    headers: {{Content-Type: [application/json]}}
    status: {{code: 200, message: OK}}
version: 1
"""


@pytest.mark.parametrize("folder", ["cassettes/test_todos", "cassettes"])
def test_cassettes_of_an_earlier_recorder_are_found_and_rerecorded_as_har(
    folder: str, run: pytest.Pytester, real: str
) -> None:
    place = run.path / folder
    place.mkdir(parents=True)
    (place / "TestClass.test_method.yaml").write_text(CASSETTE.format(real=real, path="users/1"))
    run.runpytest_inprocess("-k", "method").assert_outcomes(passed=1, deselected=3)
    run.runpytest_inprocess("-k", "method", "--lookalike-record=all").assert_outcomes(passed=1, deselected=3)
    har = run.path / "cassettes" / "test_todos" / "TestClass.test_method.har"
    assert json.loads(har.read_bytes())["log"]["entries"][0]["response"]["status"] == 200


def test_what_is_not_played_or_not_recorded_fails_the_test_itself(run: pytest.Pytester, real: str) -> None:
    place = run.path / "cassettes" / "test_todos"
    place.mkdir(parents=True)
    (place / "TestClass.test_method.yaml").write_text(CASSETTE.format(real=real, path="users/2"))
    (place / "test_fixture.yaml").write_text(
        CASSETTE.format(real=real, path="todos/1") + CASSETTE.format(real=real, path="gone").partition("\n")[2]
    )
    text = (place / "test_fixture.yaml").read_text().replace("version: 1\n", "", 1)
    (place / "test_fixture.yaml").write_text(text)
    result = run.runpytest_inprocess("-k", "method or fixture")
    result.assert_outcomes(failed=2, deselected=2)
    result.stdout.fnmatch_lines(["*UnusedRoute: 1 recording was never played*", "*GET /gone *entry 2)"])
    result.stdout.fnmatch_lines(["*UnmatchedRequest: GET *matches none of 1 recording.*"])


@pytest.mark.peer("Orphan cassette detection")
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_recordings_that_no_test_replays_are_named_and_fail(run: pytest.Pytester, options: tuple[str, ...]) -> None:
    result = run.runpytest_inprocess("--lookalike-record=once", "--lookalike-orphans=cassettes", *options)
    result.assert_outcomes(passed=4)
    assert result.ret == 0
    folder = run.path / "cassettes"
    (folder / "test_todos" / "test_gone.har").write_bytes((folder / "test_todos" / "test_fixture.har").read_bytes())
    (folder / "notes.txt").write_text("no recording")
    result = run.runpytest_inprocess("--lookalike-orphans=cassettes", *options)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*recordings that no test replays*", "  cassettes/test_todos/test_gone.har"])
    result.stdout.no_fnmatch_line("*notes.txt*")
    result = run.runpytest_inprocess("--lookalike-orphans=nowhere", "-k", "nothing")
    result.stdout.fnmatch_lines(["*nowhere: no such file or folder*"])


def test_record_mode_keeps_har_on_request(run: pytest.Pytester, real: str) -> None:
    run.makepyfile(
        test_real=f"""
import lookalike, pytest, requests
api = lookalike.Api(base_url={real!r})

@pytest.mark.real_api
@api.mock()
def test_real(mock):
    mock.get("/todos/1").respond(json={{"id": 1}})
    assert requests.get("{real}/todos/1?api_key=s3cr3t-s3cr3t", timeout=5).json()["id"] == 1
"""
    )
    result = run.runpytest_inprocess("test_real.py", "--lookalike=record", "--lookalike-har=kept")
    result.assert_outcomes(passed=1)
    (har,) = (run.path / "kept").iterdir()
    assert har.name == f"{real.removeprefix('http://').replace(':', '-')}.har"
    assert "s3cr3t" not in har.read_text()
    assert json.loads(har.read_bytes())["log"]["entries"][0]["request"]["method"] == "GET"


def test_several_apis_and_named_recordings_in_one_test(run: pytest.Pytester, real: str) -> None:
    (run.path / "one.yaml").write_text(CASSETTE.format(real="http://one.test", path="a"))
    (run.path / "two.yaml").write_text(CASSETTE.format(real="http://two.test", path="b"))
    run.makepyfile(
        test_two="""
import lookalike, pytest, requests
ONE, TWO = "http://one.test", "http://two.test"

@pytest.mark.replay_api(lookalike.Api(base_url=TWO), "two.yaml")
def test_both(replay_api):
    replay_api(lookalike.Api(base_url=ONE), "one.yaml")
    assert requests.get(ONE + "/a").json() == requests.get(TWO + "/b").json() == {"id": 1}

@pytest.mark.replay_api(base_url=TWO, recording=1)
def test_wrong():
    pass

def test_twice_said(replay_api):
    replay_api(lookalike.Api(base_url=ONE), "one.yaml", base_url=TWO)

def test_two_failures(replay_api):
    replay_api(lookalike.Api(base_url=ONE), "one.yaml")
    replay_api(lookalike.Api(base_url=TWO), "two.yaml")
"""
    )
    result = run.runpytest_inprocess("test_two.py", "-W", "ignore::lookalike.errors.UncoveredClient")
    result.assert_outcomes(passed=1, failed=2, errors=1)
    result.stdout.fnmatch_lines(["*api.replay() has no keyword 'recording'*"])
    result.stdout.fnmatch_lines(["*give one of the two*"])
    result.stdout.fnmatch_lines(["*GET /b *two.yaml, entry 1)*", "*GET /a *one.yaml, entry 1)*"])
