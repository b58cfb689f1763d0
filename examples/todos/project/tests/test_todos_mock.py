"""Every style of replacing the API with `unittest.mock` alone. Nothing here knows what the API really answers."""

from unittest.mock import Mock, patch

from project import services
from project.services import get_todos, get_uncompleted_todos
from project.tests.data import MAKE_THE_BED, WALK_THE_DOG


@patch("project.services.requests.get")
def test_decorator(mock_get):
    mock_get.return_value.ok = True

    assert get_todos() is not None


def test_context_manager():
    with patch("project.services.requests.get") as mock_get:
        mock_get.return_value.ok = True
        response = get_todos()

    assert response is not None


def test_patcher():
    patcher = patch("project.services.requests.get")
    mock_get = patcher.start()
    mock_get.return_value.ok = True
    response = get_todos()
    patcher.stop()

    assert response is not None


@patch("project.services.get_todos")
@patch("project.services.requests.get")
def test_stacked_decorators(mock_get, mock_get_todos):
    mock_get.return_value.ok = True
    mock_get_todos.return_value = None

    assert get_uncompleted_todos() == []
    assert services.get_users() is not None
    mock_get.assert_called_once()


@patch("project.services.requests.get")
def test_the_whole_answer(mock_get):
    mock_get.return_value = Mock(ok=True)
    mock_get.return_value.json.return_value = [MAKE_THE_BED]

    assert get_todos().json() == [MAKE_THE_BED]


@patch("project.services.requests.get")
def test_a_failing_answer(mock_get):
    mock_get.return_value.ok = False

    assert get_todos() is None


def test_every_service_returns_the_answer_or_none():
    for name in ("posts", "comments", "albums", "photos", "users", "todos"):
        service = getattr(services, f"get_{name}")
        with patch("project.services.requests.get") as mock_get:
            mock_get.return_value = Mock(ok=True)
            assert service() is mock_get.return_value
            mock_get.return_value = Mock(ok=False)
            assert service() is None
        assert mock_get.call_args.args[0].endswith(f"/{name}")


@patch("project.services.get_todos")
def test_the_service_itself_mocked(mock_get_todos):
    mock_get_todos.return_value.json.return_value = [MAKE_THE_BED, WALK_THE_DOG]

    assert get_uncompleted_todos() == [MAKE_THE_BED]
    assert mock_get_todos.called


@patch("project.services.get_todos")
def test_the_service_itself_gives_nothing(mock_get_todos):
    mock_get_todos.return_value = None

    assert get_uncompleted_todos() == []
    assert mock_get_todos.called


class TestTodos:
    @classmethod
    def setup_class(cls):
        cls.patcher = patch("project.services.requests.get")
        cls.mock_get = cls.patcher.start()

    @classmethod
    def teardown_class(cls):
        cls.patcher.stop()

    def test_ok(self):
        self.mock_get.return_value = Mock(ok=True)
        self.mock_get.return_value.json.return_value = [MAKE_THE_BED]

        assert get_todos().json() == [MAKE_THE_BED]

    def test_not_ok(self):
        self.mock_get.return_value = Mock(ok=False)

        assert get_todos() is None


class TestUncompletedTodos:
    @classmethod
    def setup_class(cls):
        cls.patcher = patch("project.services.get_todos")
        cls.mock_get_todos = cls.patcher.start()

    @classmethod
    def teardown_class(cls):
        cls.patcher.stop()

    def test_todos(self):
        self.mock_get_todos.return_value = Mock()
        self.mock_get_todos.return_value.json.return_value = [MAKE_THE_BED, WALK_THE_DOG]

        assert get_uncompleted_todos() == [MAKE_THE_BED]

    def test_no_todos(self):
        self.mock_get_todos.return_value = None

        assert get_uncompleted_todos() == []
