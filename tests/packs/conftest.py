"""The pack's fake, asked as a door would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lookalike.double.double import Double
from lookalike.messages import Request, Response
from lookalike.packs import load

BASE = "https://jsonplaceholder.typicode.com"


class Asked:
    """A fake with short ways to ask it."""

    def __init__(self, double: Double) -> None:
        self.double = double

    def __call__(self, method: str, target: str, content: bytes | str = b"", **headers: str) -> Response:
        pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
        content = content.encode() if isinstance(content, str) else content
        answer = self.double.handle(Request(method, BASE + target, pairs, content))
        if not isinstance(answer, Response):
            raise TypeError(answer)
        return answer

    def get(self, target: str, **headers: str) -> Any:
        """The JSON of a list or an item."""
        answer = self("GET", target, **headers)
        assert answer.status == 200, (target, answer.status, answer.content)
        return answer.json()

    def send(self, method: str, target: str, content: str) -> Response:
        """A request with a JSON body."""
        return self(method, target, content, content_type="application/json")


@pytest.fixture
def ask() -> Asked:
    """The fake with the pack's own data."""
    return Asked(load("jsonplaceholder").fake())


@pytest.fixture
def fake() -> Callable[..., Asked]:
    """A fake with options."""
    return lambda **options: Asked(load("jsonplaceholder").fake(**options))
