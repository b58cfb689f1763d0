"""A miss that failed its test is told once, wherever its mock ends; one that was swallowed is raised again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# A run in this process throws away what it imported first, so all of it is imported here.
import lookalike.intercept.door
import lookalike.pytest_plugin.active
import lookalike.pytest_plugin.left  # noqa: F401  loaded before the runs within

SWALLOWED = "swallowed this"

PROJECT = """
import asyncio, unittest, pytest, requests, httpx, lookalike

api = lookalike.Api(base_url="https://api.example.com")
URL = "https://api.example.com/miss"

@pytest.fixture
def own():
    with api.mock() as mock:
        yield mock

@pytest.fixture
def patched():
    patcher = api.mock()
    yield patcher.start()
    patcher.stop()

@pytest.fixture
async def asynchronous():
    async with api.mock() as mock:
        yield mock

async def aget():
    async with httpx.AsyncClient() as client:
        await client.get(URL)

class Sync(unittest.TestCase):
    def setUp(self):
        self.mock = self.enterContext(api.mock())

class Cleaned(unittest.TestCase):
    def setUp(self):
        patcher = api.mock()
        self.mock = patcher.start()
        self.addCleanup(patcher.stop)

class Torn(unittest.TestCase):
    def setUp(self):
        self.patcher = api.mock()
        self.mock = self.patcher.start()

    def tearDown(self):
        self.patcher.stop()

class Async(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.mock = await self.enterAsyncContext(api.mock())
"""

FAILING = {
    "a fixture": "def test_it(own): requests.get(URL)",
    "a patcher in a fixture": "def test_it(patched): requests.get(URL)",
    "with an unused route": "def test_it(own):\n    own.get('/x').respond()\n    requests.get(URL)",
    "a cause": (
        "def test_it(own):\n    try:\n        requests.get(URL)\n"
        "    except AssertionError as error:\n        raise ValueError('mine') from error"
    ),
    "a group": (
        "def test_it(own):\n    async def main():\n        async with asyncio.TaskGroup() as group:\n"
        "            group.create_task(aget())\n    asyncio.run(main())"
    ),
    "a setup": "@pytest.fixture\ndef asked(own): requests.get(URL)\ndef test_it(asked): pass",
    "asyncio.run": "def test_it(own): asyncio.run(aget())",
    "anyio": "pytestmark = pytest.mark.anyio\nasync def test_it(asynchronous): await aget()",
    "enterContext": "class Test(Sync):\n    def test_it(self): requests.get(URL)",
    "addCleanup": "class Test(Cleaned):\n    def test_it(self): requests.get(URL)",
    "tearDown": "class Test(Torn):\n    def test_it(self): requests.get(URL)",
    "subTest": "class Test(Sync):\n    def test_it(self):\n        with self.subTest(): requests.get(URL)",
    "IsolatedAsyncioTestCase": "class Test(Async):\n    async def test_it(self): await aget()",
}
_CATCH = "\n    try: requests.get(URL)\n    except AssertionError: pass"
SWALLOWING = {
    "a fixture": f"def test_it(own):{_CATCH}",
    "pytest.raises": "def test_it(own):\n    with pytest.raises(AssertionError): requests.get(URL)",
    "pytest.raises with a function": "def test_it(own): pytest.raises(AssertionError, requests.get, URL)",
    "a context hidden": (
        "def test_it(own):\n    try:\n        requests.get(URL)\n"
        "    except AssertionError:\n        raise ValueError('mine') from None"
    ),
    "enterContext": f"class Test(Sync):\n  def test_it(self):{_CATCH}",
    "assertRaises": (
        "class Test(Cleaned):\n    def test_it(self):\n"
        "        with self.assertRaises(AssertionError): requests.get(URL)"
    ),
    "assertRaises with a function": (
        "class Test(Torn):\n    def test_it(self): self.assertRaises(AssertionError, requests.get, URL)"
    ),
    "IsolatedAsyncioTestCase": (
        "class Test(Async):\n  async def test_it(self):\n    try: await aget()\n    except AssertionError: pass"
    ),
}


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A strict project; plugins that cost seconds to import are left out."""
    pytester.makeini(
        "[pytest]\naddopts = -p no:randomly -p no:hypothesispytest\n"
        "filterwarnings =\n    error\n    ignore::lookalike.errors.UncoveredClient\n"
    )
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n")
    return pytester


@pytest.mark.parametrize("case", FAILING)
def test_a_miss_that_failed_the_test_is_told_once(run: pytest.Pytester, case: str) -> None:
    run.makepyfile(PROJECT + FAILING[case])
    result = run.runpytest_inprocess("-rN")
    told = result.parseoutcomes()
    assert told.get("failed", 0) + told.get("errors", 0) == 1, told
    assert SWALLOWED not in result.stdout.str()
    assert "UnusedRoute" not in result.stdout.str()


@pytest.mark.parametrize("case", SWALLOWING)
def test_a_miss_that_was_swallowed_is_raised_again(run: pytest.Pytester, case: str) -> None:
    run.makepyfile(PROJECT + SWALLOWING[case])
    assert SWALLOWED in run.runpytest_inprocess("-rN").stdout.str()


_UNITTEST = ("enterContext", "addCleanup", "tearDown", "subTest", "IsolatedAsyncioTestCase")


def test_the_runner_of_unittest_tells_it_once_too(tmp_path: Path) -> None:
    """One process for all cases, each a class of its own."""
    once = [FAILING[case].replace("class Test", f"class Once{at}") for at, case in enumerate(_UNITTEST)]
    again = [text.replace("class Test", f"class Again{at}") for at, text in enumerate(SWALLOWING.values())]
    again = [text for text in again if text.startswith("class")]
    (tmp_path / "test_it.py").write_text("\n".join([PROJECT, *once, *again]), "utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "unittest", "-q", "test_it"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stderr
    assert f"Ran {len(once) + len(again)} tests" in told
    assert told.count(SWALLOWED) == len(again)
    assert f"FAILED (failures={len(once) + len(again)})" in told
