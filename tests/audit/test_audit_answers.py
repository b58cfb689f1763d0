"""What mocks and objects of a test's own say of the answer that they stand for, read without touching it."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock, PropertyMock, mock_open

import pytest
import requests

from lookalike.audit.configured import Bodies
from lookalike.audit.ear import Declared, Ear, Heard

BODY = {"id": 1}


@pytest.fixture
def ear() -> Ear:
    return Ear(ours=lambda host, port: False)


def heard() -> Heard:
    return Heard("GET", "https://api.test/todos/1", Declared("unittest.mock"), "t::test", "t.py:1")


def read(ear: Ear, result: Any) -> Heard:
    one = heard()
    Bodies(ear).read(result, one)
    return one


class Plain:
    def __init__(self, **said: Any) -> None:
        self.__dict__.update(said)


class Slots:
    __slots__ = ("status_code",)


class Answer:
    status_code = 201

    def json(self) -> Any:
        return dict(BODY)


class Later:
    status = 202

    async def json(self) -> Any:
        return dict(BODY)


def mock(**said: Any) -> Mock:
    return Mock(**said)


@pytest.mark.parametrize(
    ("result", "status", "content"),
    [
        (BytesIO(b"raw"), None, b"raw"),
        ({"id": 1}, None, None),
        (None, None, None),
        ("text", None, None),
        (Slots(), None, None),
        (Plain(), None, None),
        (Plain(status_code=True), None, None),
        (Plain(status=404, headers={"A": 1}), 404, None),
        (Plain(status_code=200, _content=b"{}"), 200, b"{}"),
        (Plain(code=200, text="\u00e9"), 200, "\u00e9".encode()),
        (Plain(content=""), None, None),
        (requests.Response(), None, None),
        (mock(), None, None),
        (mock(status_code=200), 200, None),
        (mock(status_code=True, status=204), 204, None),
        (mock(status_code=200, text="t"), 200, b"t"),
        (mock(**{"json.return_value": BODY}), None, b'{"id":1}'),
        (mock(**{"json.return_value": BODY, "status_code": 200, "text": "t"}), 200, b'{"id":1}'),
        # A `json` that was only asked after says nothing, so that the text does.
        (mock(**{"json.name": "x", "content": b"c"}), None, b"c"),
        (mock(**{"read.return_value": b"r"}), None, b"r"),
        (mock(**{"read.return_value": 5}), None, None),
        (MagicMock(**{"__enter__.return_value": mock(status=200, **{"read.return_value": "e"})}), 200, b"e"),
        (MagicMock(**{"__enter__.return_value": 5, "status": 200}), 200, None),
        # What a side effect gives is not known before it is called.
        (mock_open(read_data=b"m")(), None, None),
    ],
)  # fmt: skip
def test_what_is_said_is_read(ear: Ear, result: Any, status: int | None, content: bytes | None) -> None:
    one = read(ear, result)
    assert (one.status, one.content and one.content.replace(b" ", b"")) == (status, content)
    ear.end()


def test_headers_are_those_that_were_set(ear: Ear) -> None:
    assert read(ear, mock(headers={"A": 1})).headers == (("A", "1"),)
    assert read(ear, mock()).headers is None
    assert read(ear, Plain(headers={"A": 1})).headers == (("A", "1"),)
    assert read(ear, Plain(headers={})).headers is None


def test_a_property_of_the_mock_s_class_is_a_status(ear: Ear) -> None:
    one = MagicMock()
    type(one).status_code = PropertyMock(return_value=418)
    assert read(ear, one).status == 418


def test_a_side_effect_of_json_is_heard_when_it_is_called(ear: Ear) -> None:
    bodies = Bodies(ear)
    one, other = heard(), mock(**{"json.side_effect": [BODY]})
    bodies.read(other, one)
    assert one.content is None
    bodies.called(mock(), BODY)
    bodies.called(other.json, mock())
    assert one.content is None
    bodies.called(other.json, other.json())
    assert json.loads(one.content or b"null") == BODY
    ear.end()
    assert bodies.waiting == {}


def test_an_object_s_json_is_heard_for_each_who_got_it_and_is_its_own_again(ear: Ear) -> None:
    bodies = Bodies(ear)
    answer, ones = Answer(), [heard(), heard()]
    for one in ones:
        bodies.read(answer, one)
    assert answer.json() == BODY
    assert [(one.status, json.loads(one.content or b"null")) for one in ones] == [(201, BODY)] * 2
    assert "json" in vars(answer)
    ear.end()
    assert vars(answer) == {}


def test_a_json_that_the_object_has_itself_is_put_back(ear: Ear) -> None:
    def told() -> Any:
        return BODY

    one = mock(json=told)
    kept = heard()
    Bodies(ear).read(one, kept)
    assert one.json() == BODY
    assert json.loads(kept.content or b"null") == BODY
    ear.end()
    assert one.json is told


def test_whoever_replaced_it_meanwhile_keeps_theirs(ear: Ear) -> None:
    answer = Answer()
    read(ear, answer)
    answer.json = lambda: 5  # type: ignore[method-assign]  # as tests do
    ear.end()
    assert answer.json() == 5


def test_a_coroutine_is_heard_when_it_is_awaited(ear: Ear) -> None:
    answer, one = Later(), heard()
    Bodies(ear).read(answer, one)
    assert asyncio.run(answer.json()) == BODY
    assert (one.status, json.loads(one.content or b"null")) == (202, BODY)
    ear.end()
    assert read(ear, AsyncMock(**{"json.return_value": BODY})).content is not None


def test_a_class_takes_nothing_of_ours(ear: Ear) -> None:
    before = dict(vars(Answer))
    assert read(ear, Answer).content is None
    assert dict(vars(Answer)) == before
