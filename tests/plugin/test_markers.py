"""The marker `lookalike`, the fixture's options, and how a miss is shown: the test's own line, none of ours."""

from __future__ import annotations

import pytest

import lookalike
import lookalike.intercept.aiohttp
import lookalike.intercept.aiohttp_protocol
import lookalike.intercept.door
import lookalike.intercept.http_client
import lookalike.intercept.httpcore
import lookalike.intercept.urllib3_lane
import lookalike.pytest_plugin.active
import lookalike.pytest_plugin.ending
import lookalike.pytest_plugin.real
import lookalike.pytest_plugin.summary

# Here, before a run of pytest inside of this one: what it imports first, it forgets.
assert lookalike.Api(base_url="https://api.test").mock()

OPTIONS = """
[tool.pytest.ini_options]
addopts = "--strict-markers -p no:randomly -p no:hypothesispytest -p no:anyio"
filterwarnings = ["error", "ignore::lookalike.errors.UncoveredClient"]
xfail_strict = true
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project of its own, as strict as ours."""
    pytester.makepyprojecttoml(OPTIONS)
    return pytester


@pytest.mark.peer("pytest marker options")
def test_a_marker_says_how_strict_the_mocks_of_a_test_are(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
import lookalike, pytest, requests

api = lookalike.Api(base_url="https://api.test")
pytestmark = pytest.mark.lookalike(unused="ignore")

def test_of_the_module(mock_api):
    mock_api(api).get("/x").respond()

@pytest.mark.lookalike(unmatched=404)
def test_both(mock_api):
    mock_api(api).get("/x").respond()
    assert requests.get("https://api.test/y").status_code == 404

@pytest.mark.lookalike(unmatched=404)
def test_every_spelling():
    with api.mock() as mock:
        mock.get("/x").respond()
        assert requests.get("https://api.test/y").status_code == 404

@pytest.mark.lookalike(unused="fail")
class TestStrict:
    def test_of_the_class(self, mock_api):
        mock_api(api).get("/x").respond()

    @pytest.mark.lookalike(unused="ignore")
    def test_of_the_test(self, mock_api):
        mock_api(api).get("/x").respond()

def test_the_argument_wins(mock_api):
    mock_api(api, unused="fail").get("/x").respond()

@pytest.mark.lookalike(unusd="ignore")
def test_misspelt(mock_api):
    mock_api(api)

@pytest.mark.lookalike("ignore")
def test_by_position(mock_api):
    mock_api(api)
"""
    )
    result = run.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, failed=4)
    result.stdout.fnmatch_lines(
        [
            "*TestStrict.test_of_the_class*",
            "E*lookalike.UnusedRoute: 1 part of the mock was declared and not used.",
            "*test_the_argument_wins*",
            "E*lookalike.UnusedRoute: 1 part of the mock was declared and not used.",
            "E*lookalike.UsageError: @pytest.mark.lookalike() has no keyword 'unusd'; did you mean \"unused\"? *",
            "E*lookalike.UsageError: @pytest.mark.lookalike('ignore'): say it by name: *",
        ]
    )


@pytest.mark.peer("Own pytest fixture")
def test_the_fixture_takes_what_a_mock_takes(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
import lookalike, pytest, requests

BASE = "https://api.test"
api = lookalike.Api(base_url=BASE)
router = lookalike.Router()
router.get("/base").respond(204)

@pytest.fixture
def mock(mock_api):
    return mock_api(api, router=router, unmatched=404)

def test_one(mock):
    assert requests.get(BASE + "/base").status_code == 204
    assert requests.get(BASE + "/other").status_code == 404

def test_asked_again_it_is_changed(mock, mock_api):
    other = lookalike.Router()
    other.get("/more").respond(201)
    assert mock_api(api, router=[other], unmatched="fail") is mock
    assert requests.get(BASE + "/base").status_code == 204
    assert requests.get(BASE + "/more").status_code == 201
    with pytest.raises(lookalike.UnmatchedRequest):
        requests.get(BASE + "/other")
    mock.failures.clear()
"""
    )
    run.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


CLIENTS = {
    "requests": ("import requests", "requests.get(URL)"),
    "requests session": ("import requests", 'requests.Session().get(URL, params={"page": 1})'),
    "httpx": ("import httpx", "httpx.get(URL)"),
    "urllib": ("import urllib.request", "urllib.request.urlopen(URL)"),
    "httpx async": (
        (
            "import asyncio, httpx\nasync def go():\n    async with httpx.AsyncClient() as client:\n"
            "        await client.get(URL)"
        ),
        "asyncio.run(go())",
    ),
    "aiohttp": (
        (
            "import asyncio, aiohttp\nasync def go():\n    async with aiohttp.ClientSession() as session:\n"
            "        await session.get(URL)"
        ),
        "asyncio.run(go())",
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_miss_is_shown_without_our_frames_and_the_clients(client: str, run: pytest.Pytester) -> None:
    imports, call = CLIENTS[client]
    run.makepyfile(
        f"""
import lookalike
URL = "https://api.test/todo"
{imports}
api = lookalike.Api(base_url="https://api.test")

def service():
    {call}

def test_it(mock_api):
    mock_api(api).get("/todos").respond(json=[])
    service()
"""
    )
    result = run.runpytest_inprocess("-p", "no:cacheprovider", "--tb=short")
    result.assert_outcomes(failed=1)
    shown = [line for line in result.outlines if ".py:" in line and ": in " in line]
    ours = [line for line in shown if "test_a_miss_is_shown" in line]
    assert [line.rpartition(" in ")[2] for line in ours][:2] == ["test_it", "service"]
    assert [line for line in shown if line not in ours] == []
    result.stdout.fnmatch_lines(["E   *did you mean /todos? Fix the code's request or the route at *"])
    assert "site-packages" not in "\n".join(shown)


ASSERTS = {
    "assert_called_with": 'mock["create"].assert_called_with(json={"title": "Sleep"})',
    "assert_any_call": 'mock["create"].assert_any_call(json={"title": "Sleep"})',
    "mock.assert_called": 'mock.assert_called("POST", "/todos", json={"title": "Sleep"})',
    "where": 'mock.calls.where("POST", json={"title": "Sleep"}).last',
    "snapshot": "with mock.snapshot():\n        mock.get('/never').respond()",
}


@pytest.mark.parametrize("asserts", ASSERTS)
def test_a_failed_assertion_is_shown_at_the_tests_line(asserts: str, run: pytest.Pytester) -> None:
    run.makepyfile(
        f"""
import lookalike, requests
api = lookalike.Api(base_url="https://api.test")

def test_it(mock_api):
    mock = mock_api(api)
    mock.post("/todos", name="create").respond(201)
    requests.post("https://api.test/todos", json={{"title": "Eat"}})
    {ASSERTS[asserts]}
"""
    )
    result = run.runpytest_inprocess("-p", "no:cacheprovider", "--tb=short")
    result.assert_outcomes(failed=1)
    shown = [line for line in result.outlines if ".py:" in line and ": in " in line]
    assert [line.rpartition(" in ")[2] for line in shown] == ["test_it"]
