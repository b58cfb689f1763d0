"""Simulated services in the forms of public APIs: what one endpoint answers, made from a seed, with the variation of
real traffic: ids, dates, counts, a null now and then, parts that come and go, pages, errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lookalike.messages import Exchange, Request, Response

BASE = "https://api.planted.test"
_SENT = (("Authorization", "Bearer <TOKEN>"), ("Accept", "application/json"))


@dataclass(frozen=True)
class Made:
    """One answer: what was asked, relative to the base, and what came."""

    path: str
    body: Any
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    sent: Any = None


@dataclass(frozen=True)
class Union:
    """Objects told apart by a tag: the place of the objects, the tag, and what it may say."""

    place: str
    tag: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Endpoint:
    """One operation of a simulated service.

    operation: as learning names it but for the parameters' names, `GET /repos/{}`
    make:      one answer
    maps:      places of objects whose keys are data; tuples: of arrays with a meaning by position; unions: of variants
    enums:     places with few words, constants: places with one; together: pairs of places of which one needs the other
    """

    operation: str
    make: Callable[[Random], Made]
    maps: tuple[str, ...] = ()
    tuples: tuple[str, ...] = ()
    unions: tuple[Union, ...] = ()
    enums: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    avoid: tuple[str, ...] = field(default=())

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    def record(self, count: int, seed: str, *, month: int = 3) -> list[Exchange]:
        """`count` answers to distinct requests, the same for the same seed, of the days of a month of 2026."""
        random = Random(f"{self.operation} {seed}")
        return [self._exchange(self.make(random), f"2026-{month:02}-{1 + at % 28:02}", random) for at in range(count)]

    def _exchange(self, made: Made, day: str, random: Random) -> Exchange:
        content = b"" if made.body is None else json.dumps(made.body, separators=(",", ":")).encode()
        headers = [
            ("Date", day),
            ("X-Request-Id", f"{random.getrandbits(64):016x}"),
            ("Server", random.choice(["edge", "nginx"])),
            ("X-RateLimit-Limit", "5000"),
            ("X-RateLimit-Remaining", str(random.randrange(5000))),
            ("X-Api-Version", "2026-01-15"),
            *made.headers,
        ]
        if content:
            headers += [("Content-Type", "application/json; charset=utf-8")]
        sent = b"" if made.sent is None else json.dumps(made.sent).encode()
        asked = [*_SENT, ("Content-Type", "application/json")] if sent else _SENT
        request = Request(self.method, BASE + made.path, asked, sent)
        return Exchange(request, Response(made.status, headers, content), day=day)
