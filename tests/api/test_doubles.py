"""Fakes, recordings and servers: a fake is asked in process and on a socket, a recording learns from it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

import lookalike
from lookalike import Api, UnmatchedRequest, UsageError
from lookalike.api import Fake, Recording

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example.com/v1}]
paths:
  /items/{id}:
    get:
      responses:
        "200":
          description: an item
          content:
            application/json:
              schema:
                type: object
                required: [id, name]
                properties: {id: {type: integer}, name: {type: string}}
"""
HOME = "https://jsonplaceholder.typicode.com"
pack = Api("jsonplaceholder")


def get(url: str) -> requests.Response:
    return requests.get(url, timeout=5)


def test_a_fake_behaves_as_its_pack_does() -> None:
    with pack.fake() as fake:
        assert get(f"{HOME}/todos/1").json()["id"] == 1
        assert get(f"{HOME}/todos/0").status_code == 404
        assert len(fake.calls) == 2
        assert fake.calls.last.request.path == "/todos/0"


def test_a_fake_in_each_spelling() -> None:
    @pack.fake()
    def decorated(fake: Fake) -> int:
        return get(f"{HOME}/todos/1").status_code

    async def asynchronous() -> int:
        async with pack.fake():
            return get(f"{HOME}/todos/1").status_code

    patcher = pack.fake()
    patcher.start()
    assert get(f"{HOME}/todos/1").status_code == 200
    patcher.stop()
    assert decorated() == 200  # type: ignore[call-arg]  # the decorator passes it
    assert asyncio.run(asynchronous()) == 200


def test_a_fake_somewhere_else() -> None:
    with Api("jsonplaceholder", base_url="https://mirror.test/v1").fake() as fake:
        assert get("https://mirror.test/v1/todos?id=2").json()[0]["id"] == 2
        assert get("https://mirror.test/v1/todos/1").json()["id"] == 1
        assert len(fake.calls) == 2


def test_what_a_pack_takes_reaches_it() -> None:
    with pack.fake(stateful=True):
        made = requests.post(f"{HOME}/todos", json={"title": "x"}, timeout=5).json()
        assert get(f"{HOME}/todos/{made['id']}").json()["title"] == "x"
    with pytest.raises(UsageError, match="statefull"):
        pack.fake(statefull=True).start()


def test_nothing_else_leaves_while_a_fake_is_active_and_a_swallowed_miss_is_raised_again() -> None:
    with pytest.raises(UnmatchedRequest, match=r'allow=\["other\.test"\]'), pack.fake():
        get("https://other.test/")
    with pytest.raises(UnmatchedRequest, match="is not for jsonplaceholder"), pack.fake():  # noqa: SIM117  the order is the test
        with pytest.raises(UnmatchedRequest):
            get("https://other.test/")
    with pytest.raises(KeyError) as caught, pack.fake():  # noqa: PT012  what is inside is the test
        with pytest.raises(UnmatchedRequest):
            get("https://other.test/")
        raise KeyError
    assert "other.test" in caught.value.__notes__[0]


@pytest.mark.parametrize("double", [pack.mock, pack.fake, pack.record])
def test_a_blocked_socket_that_was_swallowed_is_raised_again(double: Any) -> None:
    with pytest.raises(lookalike.BlockedConnection), double():  # noqa: SIM117  the order is the test
        with pytest.raises(lookalike.BlockedConnection):
            socket.create_connection(("203.0.113.1", 80), timeout=1)


def test_without_a_pack_a_fake_answers_with_samples(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(DOCUMENT, "utf-8")
    api = Api(path)
    with api.fake() as fake:
        first = get("https://shop.example.com/v1/items/1").json()
        assert sorted(first) == ["id", "name"]
        assert get("https://shop.example.com/v1/items/1").json() == first
        assert get("https://shop.example.com/v1/nothing").status_code == 404
        assert len(fake.calls) == 3
    with pytest.raises(UsageError, match="takes no options"):
        api.fake(stateful=True).start()


def test_served() -> None:
    with pack.serve() as url:
        assert get(f"{url}/todos/1").json()["id"] == 1
    with pack.mock() as mock:
        mock.get("/todos/1").respond_like(json={"title": "served"})
        with mock.serve() as url:
            assert get(f"{url}/todos/1").json()["title"] == "served"
    with pack.fake() as fake, fake.serve() as url:
        assert get(f"{url}/todos/2").json() == get(f"{HOME}/todos/2").json()


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    """The real API, on a socket."""
    with pack.serve() as url:
        yield url


def test_a_recording_learns(real: str) -> None:
    api = Api(base_url=real)
    with api.record() as recording:
        for number in range(1, 4):
            assert get(f"{real}/todos/{number}").json()["id"] == number
        assert len(recording.calls) == 3
    assert [exchange.request.path for exchange in recording.exchanges] == ["/todos/1", "/todos/2", "/todos/3"]
    assert all(exchange.response is not None and exchange.response.json() for exchange in recording.exchanges)
    assert recording.exchanges[0].day
    assert [operation.key for operation in recording.contract.operations] == ["GET /todos/{todoId}"] or [
        operation.method for operation in recording.contract.operations
    ] == ["GET"]


def test_a_recording_is_known_while_it_goes_on(real: str) -> None:
    with Api(base_url=real).record() as recording:
        get(f"{real}/todos")
        assert recording.contract.find("GET", "/todos") is not None


def test_a_recording_writes_the_contract_s_files_and_brings_them_up_to_date(real: str, tmp_path: Path) -> None:
    path = tmp_path / "contracts" / "new.yaml"
    api = Api(path, base_url=real)
    with api.record():
        get(f"{real}/todos")
    assert path.exists()
    assert (tmp_path / "contracts" / "new.evidence.json").exists()
    with api.record() as recording:
        get(f"{real}/users")
    assert recording.contract.find("GET", "/todos") is not None
    contract = Api(path).contract
    assert contract is not None
    assert contract.find("GET", "/users") is not None
    with Api(path).mock() as mock, pytest.raises(lookalike.ContractViolation, match="completed"):
        mock.get("/todos").respond(json=[{"userId": 1, "id": 1, "title": "x", "completed": "no"}])


def test_beside_a_document_of_somebody_else_is_what_was_seen(real: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(DOCUMENT, "utf-8")
    with Api(path, base_url=real).record():
        get(f"{real}/todos")
    assert path.read_text("utf-8") == DOCUMENT
    contract = Api(path, base_url=real).contract
    assert contract is not None
    assert not contract.learned
    assert contract.evidence is not None
    assert [one.key for one in contract.evidence.operations.values()] == ["GET /todos"]


def test_nothing_recorded_writes_nothing(tmp_path: Path, real: str) -> None:
    with Api(tmp_path / "new.yaml", base_url=real).record() as recording:
        pass
    assert isinstance(recording, Recording)
    assert not list(tmp_path.iterdir())


def test_verify_against_the_pack_itself(real: str) -> None:
    report = Api("jsonplaceholder", base_url=real).verify(samples=1, rate=1000.0)
    assert report.api == "jsonplaceholder"
    assert report.results


def test_verify_finds_drift(tmp_path: Path, real: str) -> None:
    path = tmp_path / "new.yaml"
    with Api(path, base_url=real).record():
        for number in range(1, 9):
            get(f"{real}/todos/{number}")
    changed = Api(base_url="https://changed.test").mock()
    with changed as mock:
        mock.get("/todos/{id}").respond(json={"userId": 1, "id": 1, "name": "renamed", "completed": False})
        with mock.serve() as url:
            report = Api(path, base_url=url).verify(rate=1000.0)
    assert str(report.verdict) in ("DRIFT", "SUSPECT")
    assert report.drifts


def test_a_server_s_options() -> None:
    options: dict[str, Any] = {"stateful": True}
    server = pack.serve(**options)
    assert server.port == 0


def missed(url: str) -> str:
    with pytest.raises(UnmatchedRequest) as caught:
        get(url)
    return str(caught.value)


def test_a_mock_inside_of_another_one_says_what_it_hides() -> None:
    api = Api(base_url="https://sky.example.com")
    with api.mock() as outer:
        route = outer.get("/places").respond(json=[]).optional()
        with api.mock() as inner:
            said = missed("https://sky.example.com/places")
            assert said.splitlines()[0] == "GET https://sky.example.com/places matches no route: none is declared."
            assert said.splitlines()[-2] == (
                "Another mock of sky.example.com is active around this one, which hides it: "
                f"it declares GET /places at {route.declared_at}."
            )
            assert "its first route is GET /places at " in missed("https://sky.example.com/other")
            inner.get("/cities").respond(json=[]).optional()
            assert "it declares GET /places at " in missed("https://sky.example.com/places")
            assert "Another mock" not in missed("https://sky.example.com/other")
            inner.failures.clear()
        assert "Another mock" not in missed("https://sky.example.com/other")
        outer.failures.clear()


def test_a_request_that_went_past_the_mock_is_told() -> None:
    with pack.serve() as url:
        port = url.rpartition(":")[2]
        mock = pack.mock()
        double = mock.start()
        double.get("/todos").respond(json=[])
        assert get(f"http://localhost:{port}/todos/1").status_code == 200
        with pytest.raises(
            lookalike.UnusedRoute, match=rf"let through: localhost:{port} \(loopback\)\. The mock stands"
        ):
            mock.stop()
    assert double.journal.passed == (f"localhost:{port} (loopback)",)


def test_a_request_to_an_allowed_host_is_told() -> None:
    with pack.mock(allow=["*.invalid"]) as mock:
        with pytest.raises(requests.ConnectionError):
            get("http://db.invalid/x")
        assert mock.journal.passed == ("db.invalid:80 (allowed)",)
