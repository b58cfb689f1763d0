"""The same as `unittest.TestCase`s, for people who run `python -m unittest`."""

import unittest
from unittest.mock import Mock, patch

import requests

import lookalike
from project.constants import BASE_URL, SKIP_REAL
from project.services import get_todos, get_uncompleted_todos
from project.tests.data import MAKE_THE_BED, WALK_THE_DOG, api


class WithUnittestMock(unittest.TestCase):
    def setUp(self):
        patcher = patch("project.services.requests.get")
        self.mock_get = patcher.start()
        self.addCleanup(patcher.stop)

    def test_ok(self):
        self.mock_get.return_value = Mock(ok=True)
        self.mock_get.return_value.json.return_value = [MAKE_THE_BED]

        self.assertEqual(get_todos().json(), [MAKE_THE_BED])

    def test_not_ok(self):
        self.mock_get.return_value.ok = False

        self.assertIsNone(get_todos())

    @patch("project.services.get_todos")
    def test_uncompleted(self, mock_get_todos):
        mock_get_todos.return_value.json.return_value = [MAKE_THE_BED, WALK_THE_DOG]

        self.assertEqual(get_uncompleted_todos(), [MAKE_THE_BED])
        self.assertFalse(self.mock_get.called)

    @patch("project.services.get_todos", return_value=None)
    def test_uncompleted_of_nothing(self, mock_get_todos):
        self.assertEqual(get_uncompleted_todos(), [])
        self.assertTrue(mock_get_todos.called)


class WithLookalike(unittest.TestCase):
    def setUp(self):
        patcher = api.mock()
        self.mock = patcher.start()
        self.addCleanup(patcher.stop)

    def test_ok(self):
        self.mock.get("/todos").respond(json=[MAKE_THE_BED])

        self.assertEqual(get_todos().json(), [MAKE_THE_BED])

    def test_not_ok(self):
        self.mock.get("/todos").respond(500)

        self.assertIsNone(get_todos())

    def test_uncompleted(self):
        self.mock.get("/todos").respond(json=[MAKE_THE_BED, WALK_THE_DOG])

        self.assertEqual(get_uncompleted_todos(), [MAKE_THE_BED])


@api.mock()
class WithADecoratedClass(unittest.TestCase):
    def test_not_ok(self, mock):
        mock.get("/todos").respond(404)

        self.assertEqual(get_uncompleted_todos(), [])


@unittest.skipIf(SKIP_REAL, "Skipping tests that hit the real API server.")
class Real(unittest.TestCase):
    def test_alive(self):
        self.assertTrue(requests.get(f"{BASE_URL}/todos", timeout=10).ok)

    def test_contract_by_keys(self):
        actual = get_todos().json().pop()
        with patch("project.services.requests.get") as mock_get:
            mock_get.return_value.json.return_value = [MAKE_THE_BED]
            mocked = get_todos().json().pop()

        self.assertEqual(list(actual.keys()), list(mocked.keys()))


@lookalike.skip_real
class RealWithLookalike(unittest.TestCase):
    def test_contract_by_structure(self):
        actual = get_todos()
        with api.mock() as mock:
            mock.get("/todos").respond(json=[MAKE_THE_BED])
            mocked = get_todos()

        lookalike.assert_same_structure(actual, mocked)
