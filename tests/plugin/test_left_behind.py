"""Doubles that a test starts and nobody stops: stopped where what they belong to is over, and told of."""

from __future__ import annotations

import pytest

# A run in this process throws away what it imported first, so all of it is imported here.
import lookalike.intercept.door
import lookalike.pytest_plugin.active
import lookalike.pytest_plugin.left  # noqa: F401  loaded before the runs within

PROJECT = """
import unittest, pytest, requests, lookalike
from lookalike.intercept import active

api = lookalike.Api(base_url="https://api.example.com")
KEPT = []

def start(path="/x"):
    patcher = api.mock()
    KEPT.append(patcher)
    mock = patcher.start()
    if path:
        mock.get(path).respond(json=1)
    return mock

def get(path="/x"):
    return requests.get("https://api.example.com" + path).json()
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A strict project; plugins that cost seconds to import are left out."""
    pytester.makeini(
        "[pytest]\naddopts = -p no:randomly -p no:hypothesispytest -p no:anyio\n"
        "filterwarnings =\n    error\n    ignore::lookalike.errors.UncoveredClient\n"
    )
    return pytester


def test_a_test_that_leaves_a_double_behind_is_told_with_the_line(run: pytest.Pytester) -> None:
    run.makepyfile(
        PROJECT
        + """
def test_leaves():
    start()
    assert get() == 1

def test_leaves_what_isn_t_used():
    api.mock(scope="context").start().get("/never").respond(json=1)

def test_fails_in_between():
    patcher = api.mock()
    patcher.start()
    assert 1 == 2
    patcher.stop()

def test_leaves_a_generator():
    def block():
        with api.mock() as mock:
            yield mock
    KEPT.append(block())
    next(KEPT[-1])

def test_is_clean():
    assert not active.any_active()
    KEPT[0].stop()
"""
    )
    result = run.runpytest_inprocess()
    result.assert_outcomes(passed=4, failed=1, errors=4)
    name = "test_a_test_that_leaves_a_double_behind_is_told_with_the_line.py"
    result.stdout.fnmatch_lines([
        "*ERROR at teardown of test_leaves _*",
        f"E*UsageError: the mock of api.example.com that was started at {name}:10 was never stopped",
        "*Next: call stop() on its patcher*",
        "*ERROR at teardown of test_leaves_what_isn_t_used _*",
        f"E*that was started at {name}:23 was never stopped; ended now, it says:",
        "*GET /never *never called",
        "*Next: nothing was requested at all*",
        "*And call stop() on its patcher*",
        "*ERROR at teardown of test_fails_in_between _*",
        f"E*that was started at {name}:27 was never stopped",
        "*ERROR at teardown of test_leaves_a_generator _*",
        f"E*that was started at {name}:33 was never stopped",
    ])  # fmt: skip


def test_what_spans_tests_is_left_alone_until_its_scope_ends(run: pytest.Pytester) -> None:
    run.makepyfile(
        PROJECT
        + """
class TestOrderly:
    @classmethod
    def setup_class(cls):
        cls.patcher = api.mock()
        cls.patcher.start().get("/x").respond(json=1)

    @classmethod
    def teardown_class(cls):
        cls.patcher.stop()

    def test_one(self):
        assert get() == 1

    def test_two(self):
        assert get() == 1


class TestForgetful:
    @classmethod
    def setup_class(cls):
        start()

    def test_one(self):
        assert get() == 1

    def test_two(self):
        assert get() == 1


class TestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.patcher = api.mock()
        cls.patcher.start()
        cls.addClassCleanup(cls.patcher.stop)

    def setUp(self):
        patcher = api.mock()
        patcher.start().get("/y").respond(json=2)
        self.addCleanup(patcher.stop)

    def test_one(self):
        assert get("/y") == 2

    def test_two(self):
        assert get("/y") == 2

@pytest.fixture(scope="module")
def wide():
    with api.mock() as mock:
        yield mock

def test_wide(wide):
    wide.get("/w").respond(json=1)
    assert get("/w") == 1

def test_wide_still(wide):
    assert get("/w") == 1
    assert active.any_active()
"""
    )
    result = run.runpytest_inprocess()
    result.assert_outcomes(passed=8, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of TestForgetful.test_two _*", "E*was never stopped*"])


def test_the_error_of_a_teardown_stays_the_error(run: pytest.Pytester) -> None:
    run.makepyfile(
        PROJECT
        + """
@pytest.fixture
def failing():
    yield
    raise RuntimeError("of its own")

def test_leaves(failing):
    start(None)
"""
    )
    result = run.runpytest_inprocess()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["E*RuntimeError: of its own", "E*lookalike: the mock of *was never stopped"])


def test_what_a_whole_run_holds_is_told_as_the_interpreter_ends(run: pytest.Pytester) -> None:
    run.makeconftest(
        "import lookalike\nPATCHER = lookalike.Api(base_url='https://api.example.com').mock()\nPATCHER.start()\n"
    )
    run.makepyfile("def test_nothing(): pass\n")
    result = run.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stderr.fnmatch_lines([
        "*conftest.py:3: NeverStopped: the mock of api.example.com that was started at conftest.py:3 was never stop*",
        "Next: call stop() on its patcher*",
    ])  # fmt: skip


PARALLEL = """
import random, time, pytest, requests, lookalike

api = lookalike.Api(base_url="https://api.example.com")

@pytest.fixture(scope="module")
def shared():
    with api.mock() as mock:
        mock.get("/shared").respond(json="shared").optional()
        yield mock

@pytest.mark.parametrize("number", range(30))
def test_mine(number, shared, mock_api):
    mock = mock_api(base_url="https://mine.example.com")
    mock.get("/n").respond(json=number)
    assert requests.get("https://mine.example.com/n").json() == number
    assert requests.get("https://api.example.com/shared").json() == "shared"

def test_left(shared):
    api.mock().start()
"""


@pytest.mark.peer("pytest-xdist without file races (by design)")
def test_workers_in_random_order_meet_no_double_of_another_test(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio\n"
        "filterwarnings =\n    error\n    ignore::lookalike.errors.UncoveredClient\n"
    )
    pytester.makepyfile(PARALLEL)
    result = pytester.runpytest_inprocess("-n2", "-p", "randomly", "-p", "xdist")
    result.assert_outcomes(passed=31, errors=1)
    result.stdout.fnmatch_lines(["E*was never stopped"])
