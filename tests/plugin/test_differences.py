"""What the real API's answer differs in, with a contract and without."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.learning import learn
from lookalike.messages import Exchange, Request, Response
from lookalike.pytest_plugin.differences import against, beside


def answer(value: Any, status: int = 200) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(value).encode())


def place(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Ulm {number}", "note": None if number % 2 else f"words {number}", **more}


@pytest.fixture(scope="module")
def contract() -> Contract:
    """Places with a nickname sometimes, a note that may be null; once one alone, once in a list."""
    found = []
    for number in range(1, 13):
        value = place(number, **({"nickname": f"U{number}"} if number % 3 == 0 else {}))
        found.append(Exchange(Request("GET", f"https://api.test/places/{number}"), answer(value)))
    found.append(
        Exchange(Request("GET", "https://api.test/places"), answer([one.response.json() for one in found]))  # type: ignore[union-attr]  # it has one
    )
    return learn(found, base_url="https://api.test", name="places", day="2026-01-02")


NICK = place(3, nickname="U3")
FINE = place(4)

#: name: (path, real, mocked, what each line of the drift begins with, additions)
WITH: dict[str, tuple[str, Any, Any, list[str], list[str]]] = {
    "an optional key that the mock lacks": ("/places/3", NICK, FINE, [], []),
    "an optional key that the real answer lacks": ("/places/3", FINE, NICK, [], []),
    "the same in a list": ("/places", [FINE, FINE], [NICK], [], []),
    "null or not": ("/places/3", place(1), place(2), [], []),
    "a key that nobody knows": (
        "/places/3", FINE, {**FINE, "nam": "x"},
        ['json.nam: the mock answers a string, the real API has no such key; did you mean "name"?'], [],
    ),
    "a key that is new in the real answer": (
        "/places", [place(1, names="x"), place(2, names="y")], [FINE],
        [], ["json[].names: the real API answers this key, the contract doesn't know it"],
    ),
    "a key that the real answer should have": (
        "/places/3", {"id": 3, "note": None}, FINE,
        ["json.name: the real API has no such key, the contract says a string (present in"], [],
    ),
    "another type in each item, where one list alone was seen": (
        "/places", [{**FINE, "id": "4"}] * 3, [FINE],
        ["json[].id: the real API answers a string, the mock a number"], [],
    ),
    "a type that only the mock has": (
        "/places/3", FINE, {**FINE, "id": "4"}, ["json.id: the real API answers a number, the mock a string"], [],
    ),
    "a key that is missing in the mock alone": (
        "/places/3", FINE, {"id": 4, "note": "x"},
        ["json.name: the real API answers a string, the mock has no such key"], [],
    ),
    "a path that the contract doesn't know": (
        "/streets/3", {"id": 1, "nickname": "x"}, {"id": 1},
        ["json.nickname: the real API answers a string, the mock has no such key"], [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WITH)
def test_with_a_contract(name: str, contract: Contract) -> None:
    path, real, mocked, drift, additions = WITH[name]
    found = beside(contract, "GET", path, answer(real), answer(mocked))
    assert len(found.drift) == len(drift), found.drift
    for line, beginning in zip(found.drift, drift, strict=True):
        assert line.startswith(beginning)
    assert list(found.additions) == additions


#: (real, mocked, lines)
WITHOUT: list[tuple[Any, Any, list[str]]] = [
    ({"id": 1, "nickname": "x"}, {"id": 1}, ["json.nickname: the real API answers a string, the mock has no such key"]),
    (
        [{"id": 1}],
        [{"id": 1}, {}],
        ["json[].id: the real API answers a number, the mock has no such key in 1 of 2"],
    ),
    (
        {"title": "x"},
        {"title": "x", "titel": "x"},
        ['json.titel: the mock answers a string, the real API has no such key; did you mean "title"?'],
    ),
    ({"id": 1}, {"id": "1"}, ["json.id: the real API answers a number, the mock a string"]),
    ({"id": 1}, {"id": 2}, []),
]


@pytest.mark.parametrize(("real", "mocked", "lines"), WITHOUT)
def test_without_a_contract(real: Any, mocked: Any, lines: list[str]) -> None:
    assert list(beside(None, "GET", "/x", answer(real), answer(mocked)).drift) == lines


def test_the_real_answer_alone(contract: Contract) -> None:
    found = against(contract, "GET", "/places/3", answer({**NICK, "id": "3", "names": 1}))
    assert not any("did you mean" in line for line in (*found.drift, *found.additions))
    assert [line.partition(":")[0] for line in found.drift] == ["json.id"]
    assert [line.partition(":")[0] for line in found.additions] == ["json.names"]
    assert against(contract, "GET", "/places/3", answer(NICK)) == against(contract, "GET", "/places/3", answer(FINE))
