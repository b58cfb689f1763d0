"""A double around each test of a class: pytest's, unittest's and plain ones."""

from __future__ import annotations

import unittest
from typing import Any

import pytest
import requests

import lookalike

API = "https://api.example.com"
api = lookalike.Api(base_url=API)


def get(path: str) -> str:
    return requests.get(API + path, timeout=5).text


@api.mock()
class TestEachMethod:
    def setup_method(self, method: Any, mock: lookalike.Mock) -> None:
        mock.get("/setup").respond(text=method.__name__)
        self.seen = get("/setup")

    def teardown_method(self) -> None:
        assert get("/setup")

    def test_the_double_of_the_setup_is_the_test_s(self, mock: lookalike.Mock) -> None:
        assert self.seen == "test_the_double_of_the_setup_is_the_test_s"
        assert len(mock.routes) == 1

    @pytest.mark.parametrize("number", [1, 2])
    def test_each_test_has_a_fresh_one(self, number: int, mock: lookalike.Mock) -> None:
        mock.get("/n").respond(text=str(number))
        assert get("/n") == str(number)
        assert len(mock.routes) == 2

    @staticmethod
    def test_static(mock: lookalike.Mock) -> None:
        assert not mock.routes

    def helper(self, mock: str = "untouched") -> str:
        return mock

    def test_other_methods_stay(self) -> None:
        assert self.helper() == "untouched"


class Base:
    def test_inherited(self, mock: lookalike.Mock) -> None:
        mock.get("/a").respond(text="a")
        assert get("/a") == "a"


@api.mock()
class TestInherits(Base):
    """Inherited tests are covered; the base class is not changed."""


def test_the_base_class_is_not_changed() -> None:
    with pytest.raises(TypeError):
        Base().test_inherited()  # type: ignore[call-arg]  # the decorator passes it


@api.mock()
class TestWithUnittest(unittest.TestCase):
    def setUp(self) -> None:
        self.setup_ran = True

    def test_one(self, mock: lookalike.Mock) -> None:
        mock.get("/a").respond(text="a")
        assert get("/a") == "a"
        assert self.setup_ran


@api.mock()
class TestAsynchronously(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.setup_ran = True

    async def test_one(self, mock: lookalike.Mock) -> None:
        mock.get("/a").respond(text="a")
        assert self.setup_ran
        assert get("/a") == "a"


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_unittest_fails_for_an_unused_route_and_a_swallowed_miss() -> None:
    @api.mock()
    class Case(unittest.TestCase):
        def setUp(self, mock: lookalike.Mock) -> None:  # type: ignore[override]  # the decorator passes it
            self.mock = mock
            mock.get("/setup").respond(text="x")
            get("/setup")

        def tearDown(self) -> None:
            assert get("/setup") == "x"

        def test_unused(self, mock: lookalike.Mock) -> None:
            assert mock is self.mock
            mock.get("/a").respond(text="a")

        def test_swallowed(self) -> None:
            with pytest.raises(lookalike.UnmatchedRequest):
                get("/b")

        def test_fine(self) -> None:
            assert get("/setup") == "x"

    result = run(Case)
    assert result.testsRun == 3
    assert sorted(test.id().rpartition(".")[2] for test, _ in result.failures) == ["test_swallowed", "test_unused"]
    assert not result.errors


def test_a_setup_that_fails_leaves_nothing_behind() -> None:
    @api.mock()
    class Case(unittest.TestCase):
        def setUp(self) -> None:
            get("/nowhere")

        def test_one(self) -> None: ...

    assert len(run(Case).failures) == 1


def test_a_class_and_its_method_may_both_be_covered() -> None:
    other = lookalike.Api(base_url="https://other.example.com")

    @api.mock(into="outer")
    class Case(unittest.TestCase):
        def setUp(self, outer: lookalike.Mock) -> None:  # type: ignore[override]  # the decorator passes it
            outer.get("/a").respond(text="a")

        @other.mock()
        def test_one(self, outer: lookalike.Mock, mock: lookalike.Mock) -> None:
            mock.get("/b").respond(text="b")
            assert get("/a") == "a"
            assert requests.get("https://other.example.com/b", timeout=5).text == "b"
            assert outer is not mock

    assert run(Case).wasSuccessful()


def test_a_method_s_own_double_keeps_the_parameter() -> None:
    @api.mock()
    class Case(unittest.TestCase):
        @api.mock()
        def test_one(self, mock: lookalike.Mock) -> None:
            mock.get("/a").respond(text="inner")
            assert get("/a") == "inner"

    assert run(Case).wasSuccessful()


def test_a_subclass_that_forgets_its_setup_has_doubles_all_the_same() -> None:
    @api.mock()
    class Base(unittest.TestCase):
        def setUp(self) -> None:
            raise NotImplementedError

        def test_one(self, mock: lookalike.Mock) -> None:
            mock.get("/a").respond(text="a")
            assert get("/a") == "a"

    class Case(Base):
        def setUp(self) -> None: ...

    assert run(Case).wasSuccessful()


def test_a_subclass_covered_again_keeps_both() -> None:
    @api.mock()
    class Base(unittest.TestCase):
        def setUp(self) -> None: ...

        def test_one(self) -> None: ...

    @lookalike.Api(base_url="https://other.example.com").mock(into="second")
    class Case(Base):
        def setUp(self) -> None:
            super().setUp()

        def test_two(self, second: lookalike.Mock) -> None:
            second.get("/a").respond(text="a")
            assert requests.get("https://other.example.com/a", timeout=5).text == "a"

    assert run(Case).wasSuccessful()


def test_plain_classes_with_setup_and_teardown_as_nose_calls_them() -> None:
    seen = []

    @api.mock()
    class Plain:
        def setup(self) -> None:
            with pytest.raises(lookalike.UnmatchedRequest):
                get("/setup")

        def setUp(self) -> None:
            self.setup()

        def test_one(self, mock: lookalike.Mock) -> None:
            mock.failures.clear()
            mock.get("/a").respond(text="a")
            seen.append(get("/a"))

    plain: Any = Plain()
    plain.setUp()
    plain.test_one()
    plain.tearDown()
    plain.teardown()
    assert seen == ["a"]


def test_teardowns_may_take_the_method() -> None:
    seen = []

    @api.mock()
    class Plain:
        def test_one(self) -> None: ...

        def teardown_method(self, method: Any) -> None:
            seen.append(method)

    plain: Any = Plain()
    plain.setup_method()
    plain.test_one()
    plain.teardown_method("its method")
    assert seen == ["its method"]
