"""The same styles with lookalike: `requests` runs for real, and every mocked answer is held to the API's contract."""

from unittest.mock import patch

import lookalike
from project import services
from project.services import get_todos, get_uncompleted_todos
from project.tests.data import MAKE_THE_BED, WALK_THE_DOG, api


@api.mock()
def test_decorator(mock):
    mock.get("/todos").respond(json=[])

    assert get_todos().ok


def test_context_manager():
    with api.mock() as mock:
        mock.get("/todos").respond(json=[])
        response = get_todos()

    assert response.ok


def test_patcher():
    patcher = api.mock()
    mock = patcher.start()
    mock.get("/todos").respond(json=[])
    response = get_todos()
    patcher.stop()

    assert response.ok


@patch("project.services.get_todos")
@api.mock()
def test_stacked_decorators(mock_get_todos, mock):
    mock.get("/users").respond_like(json=[{"name": "Ann"}])
    mock_get_todos.return_value = None

    assert get_uncompleted_todos() == []
    assert services.get_users().json()[0]["name"] == "Ann"


@api.mock()
def test_the_whole_answer(mock):
    mock.get("/todos").respond(json=[MAKE_THE_BED])

    assert get_todos().json() == [MAKE_THE_BED]


@api.mock()
def test_a_failing_answer(mock):
    mock.get("/todos").respond(500)

    assert get_todos() is None


def test_every_service_returns_the_answer_or_none():
    for name in ("posts", "comments", "albums", "photos", "users", "todos"):
        service = getattr(services, f"get_{name}")
        with api.mock() as mock:
            mock.get(f"/{name}").respond_like(json=[{"id": 7}]).then.respond(503)
            assert service().json()[0]["id"] == 7
            assert service() is None


@api.mock()
def test_uncompleted_todos(mock):
    mock.get("/todos").respond_like(json=[{"title": "Make the bed", "completed": False}, {"completed": True}])

    assert [todo["title"] for todo in get_uncompleted_todos()] == ["Make the bed"]


@patch("project.services.get_todos")
def test_the_service_itself_mocked(mock_get_todos):
    mock_get_todos.return_value = api.reply("GET", "/todos", json=[MAKE_THE_BED, WALK_THE_DOG])

    assert get_uncompleted_todos() == [MAKE_THE_BED]
    assert mock_get_todos.called


def test_a_mock_that_lies_fails_where_it_is_declared():
    with api.mock() as mock:
        try:
            mock.get("/todos").respond(json=[MAKE_THE_BED | {"completed": "no"}])
        except lookalike.ContractViolation as violation:
            assert "completed" in str(violation)
        else:
            raise AssertionError("the contract says that completed is a boolean")


class TestTodos:
    @classmethod
    def setup_class(cls):
        cls.patcher = api.mock()
        cls.mock = cls.patcher.start()

    @classmethod
    def teardown_class(cls):
        cls.patcher.stop()

    def test_ok(self):
        self.mock.get("/todos").respond(json=[MAKE_THE_BED])

        assert get_todos().json() == [MAKE_THE_BED]

    def test_not_ok(self):
        self.mock.get("/todos").respond(404)

        assert get_todos() is None


class TestUncompletedTodos:
    @classmethod
    def setup_class(cls):
        cls.patcher = api.mock()
        cls.mock = cls.patcher.start()

    @classmethod
    def teardown_class(cls):
        cls.patcher.stop()

    def test_todos(self):
        self.mock.get("/todos").respond(json=[MAKE_THE_BED, WALK_THE_DOG])

        assert get_uncompleted_todos() == [MAKE_THE_BED]

    def test_no_todos(self):
        self.mock.get("/todos").respond(500)

        assert get_uncompleted_todos() == []
