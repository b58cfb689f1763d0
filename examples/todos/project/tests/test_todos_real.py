"""The tests that ask the real API. `SKIP_REAL=True` leaves them out."""

from unittest import skipIf
from unittest.mock import patch

import requests

import lookalike
from project.constants import BASE_URL, SKIP_REAL
from project.services import get_todos
from project.tests.data import MAKE_THE_BED, api

WHY = "Skipping tests that hit the real API server."


@skipIf(SKIP_REAL, WHY)
def test_the_api_is_alive():
    assert requests.get(f"{BASE_URL}/todos", timeout=10).ok


@skipIf(SKIP_REAL, WHY)
def test_the_service_answers():
    assert get_todos() is not None


@skipIf(SKIP_REAL, WHY)
def test_contract_by_keys():
    actual = get_todos().json().pop()
    with patch("project.services.requests.get") as mock_get:
        mock_get.return_value.ok = True
        mock_get.return_value.json.return_value = [MAKE_THE_BED]
        mocked = get_todos().json().pop()

    assert list(actual.keys()) == list(mocked.keys())


@lookalike.skip_real
def test_contract_by_structure():
    """Keys and kinds at every place of the answer, not only the keys of its last item."""
    actual = get_todos()
    with api.mock() as mock:
        mock.get("/todos").respond(json=[MAKE_THE_BED])
        mocked = get_todos()

    lookalike.assert_same_structure(actual, mocked)


@lookalike.skip_real
class TestReal:
    def test_alive(self):
        assert get_todos().ok
