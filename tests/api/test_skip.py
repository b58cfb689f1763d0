"""skip_real: SKIP_REAL is read when a test is called."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any

import pytest

import lookalike
from lookalike import skip_real

REASON = "Skipping tests that hit the real API server."


@skip_real
def function(value: int) -> int:
    return value


@skip_real
async def coroutine(value: int) -> int:
    return value


@pytest.mark.parametrize("said", ["", "0", "false", "no", "False", "NO", " 0 "])
def test_false_runs(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert function(1) == 1
    monkeypatch.setenv("SKIP_REAL", said)
    assert function(1) == 1
    assert asyncio.run(coroutine(2)) == 2


@pytest.mark.parametrize("said", ["1", "true", "True", "yes", "anything"])
def test_true_skips(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIP_REAL", said)
    with pytest.raises(unittest.SkipTest, match=REASON):
        function(1)
    with pytest.raises(unittest.SkipTest, match=REASON):
        asyncio.run(coroutine(1))


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = []

    @skip_real
    class Case(unittest.TestCase):
        def setUp(self) -> None:
            reached.append("setUp")

        def test_one(self) -> None:
            reached.append("test")

        def helper(self) -> None: ...

    assert run(Case).wasSuccessful()
    assert reached == ["setUp", "test"]
    monkeypatch.setenv("SKIP_REAL", "1")
    assert [reason for _, reason in run(Case).skipped] == [REASON]
    assert reached == ["setUp", "test"]


def test_what_a_class_sets_up_is_skipped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = []

    @skip_real
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            reached.append("setUpClass")

        def test_one(self) -> None: ...

    monkeypatch.setenv("SKIP_REAL", "1")
    assert [reason for _, reason in run(Case).skipped] == [REASON]
    assert reached == []


@skip_real
class TestWithPytest:
    @classmethod
    def setup_class(cls) -> None:
        cls.ready = True

    def setup_method(self, method: Any) -> None:
        self.method = method.__name__

    ready = False

    def test_runs_where_nothing_says_skip(self) -> None:
        assert self.ready
        assert self.method == "test_runs_where_nothing_says_skip"


@skip_real
class TestAsynchronously(unittest.IsolatedAsyncioTestCase):
    @staticmethod
    def setup_class() -> None: ...

    async def asyncSetUp(self) -> None:
        self.ready = True

    async def test_runs_where_nothing_says_skip(self) -> None:
        assert self.ready


def test_it_stacks_with_a_double(monkeypatch: pytest.MonkeyPatch) -> None:
    api = lookalike.Api(base_url="https://api.example.com")

    @skip_real
    @api.mock()
    def covered(mock: lookalike.Mock) -> bool:
        return isinstance(mock, lookalike.Mock)

    wrapped: Any = covered
    assert wrapped() is True
    monkeypatch.setenv("SKIP_REAL", "yes")
    with pytest.raises(unittest.SkipTest):
        wrapped()


def test_a_set_up_that_a_class_inherits_does_not_run_either(monkeypatch: pytest.MonkeyPatch) -> None:
    class Base(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            raise AssertionError("reached the real API")

    class Derived(Base):
        def test_it(self) -> None: ...

    monkeypatch.setenv("SKIP_REAL", "1")
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(skip_real(Derived)).run(result)
    assert (result.errors, result.failures) == ([], [])
    assert [reason for _, reason in result.skipped] == ["Skipping tests that hit the real API server."]
    with pytest.raises(AssertionError, match="reached"):
        Base.setUpClass()


def test_misuse() -> None:
    with pytest.raises(lookalike.UsageError, match="nothing to skip"):
        skip_real(type("Empty", (), {}))
    with pytest.raises(lookalike.UsageError, match="can't be decorated"):
        skip_real("SKIP")  # type: ignore[call-overload]  # wrong on purpose
