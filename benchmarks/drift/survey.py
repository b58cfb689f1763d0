"""What recorded answers have at each place, so that a change is planted where it is one."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.drift.endpoints import Endpoint

from lookalike.contract.compare_places import ITEMS, ROOT, key_place, kind_of, steps
from lookalike.messages import Exchange, Response

_BODY_HEADERS = frozenset({"content-length"})


@dataclass
class Seen:
    """What was seen at a place: values, and of how many objects that may have it; `key` is "" for items."""

    key: str
    kinds: Counter[str] = field(default_factory=Counter)
    values: list[Any] = field(default_factory=list)
    of: int = 0

    @property
    def n(self) -> int:
        return sum(self.kinds.values())

    @property
    def always(self) -> bool:
        """Whether every object has the key."""
        return self.of == self.n

    def only(self, *kinds: str) -> bool:
        """Whether all values are of one of these kinds, and none is null."""
        return bool(self.n) and set(self.kinds) <= set(kinds)


def body_of(exchange: Exchange) -> Any:
    """The JSON body of a successful answer, None for any other."""
    response = exchange.response
    if response is None or not 200 <= response.status < 300 or not response.content:
        return None
    return json.loads(response.content)


def survey(endpoint: Endpoint, exchanges: Sequence[Exchange]) -> dict[str, Seen]:
    """The places of successful bodies, without those in maps and tuples."""
    bodies = [body for one in exchanges if (body := body_of(one)) is not None]
    found: dict[str, Seen] = {}
    for body in bodies:
        _walk(body, ROOT, "", found)
    shut = (*endpoint.maps, *endpoint.tuples, *endpoint.avoid)
    told = {key_place(union.place, union.tag) for union in endpoint.unions} | set(endpoint.constants)
    return {place: seen for place, seen in found.items() if not place.startswith(shut or ("\0",)) and place not in told}


def _walk(value: Any, place: str, key: str, found: dict[str, Seen]) -> None:
    seen = found.setdefault(place, Seen(key))
    seen.kinds[kind_of(value)] += 1
    seen.values.append(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            _walk(inner, key_place(place, name), name, found)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, place + ITEMS, "", found)
    parents = seen.values if "object" in seen.kinds else ()
    if parents:
        objects = seen.kinds["object"]
        for name in {name for one in parents if isinstance(one, dict) for name in one}:
            below = found.get(key_place(place, name))
            if below is not None:
                below.of = objects


def holders(body: Any, place: str) -> Iterator[tuple[Any, Any]]:
    """The object or array and the key or index, for each value at a place."""
    yield from _holders(body, steps(place))


def _holders(value: Any, path: list[str]) -> Iterator[tuple[Any, Any]]:
    if not path:
        return
    step, rest = path[0], path[1:]
    keys: list[Any]
    if step == ITEMS:
        keys = list(range(len(value))) if isinstance(value, list) else []
    else:
        keys = [step[1:]] if isinstance(value, dict) and step[1:] in value else []
    for key in keys:
        if rest:
            yield from _holders(value[key], rest)
        else:
            yield value, key


def edited(exchange: Exchange, edit: Callable[[Any], Any]) -> Exchange:
    """The answer with its body changed in place, or replaced by what `edit` gives unless that is None."""
    body = copy.deepcopy(body_of(exchange))
    if body is None:
        return exchange
    other = edit(body)
    return answered(exchange, content=json.dumps(body if other is None else other).encode())


def answered(
    exchange: Exchange, *, status: int = 0, content: bytes | None = None, headers: dict[str, str | None] | None = None
) -> Exchange:
    """The answer with another status or body, and with headers added, replaced, or (None) left out."""
    response = exchange.response
    if response is None:
        return exchange
    changed = {name.lower(): value for name, value in (headers or {}).items()}
    pairs = [
        (name, value)
        for name, value in response.headers.pairs
        if name.lower() not in changed | dict.fromkeys(_BODY_HEADERS)
    ]
    pairs += [(name, value) for name, value in (headers or {}).items() if value is not None]
    body = response.content if content is None else content
    return Exchange(exchange.request, Response(status or response.status, pairs, body), day=exchange.day)
