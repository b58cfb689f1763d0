"""Changes planted into recorded answers, as an API's owner might make them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from lookalike.codec import encode_json
from lookalike.contract.compare_places import ITEMS, ROOT, VALUES, key_place, kind_of, split_place, steps
from lookalike.errors import InvalidJson
from lookalike.messages import Exchange, Response

REMOVED, RETYPED, STATUS = "removed field", "changed type", "changed status"
_BODY_HEADERS = frozenset({"content-length", "etag", "content-md5", "digest"})
# What a value becomes where its type changes: what people do to APIs, an id to text, a flag to a word, an object to
# its id, a list to one value.
_OTHER: dict[str, Callable[[Any], Any]] = {
    "string": lambda value: len(value) + 1,
    "integer": str,
    "number": str,
    "boolean": lambda value: "yes" if value else "no",
    "object": lambda value: "1",
    "array": lambda value: "1",
}
# What a success becomes: another success, a redirect for good, a refusal. 401, 403, 429 and 5xx are left out: they say
# who asks, how often, and that a server is down, and are verdicts of their own.
_SUCCESSES = (200, 201, 202, 204)
_OTHERS = (301, 400, 404, 410, 422)
# A PUT creates, or replaces, as it finds the resource (RFC 9110, section 9.3.4): that is no change.
_PUT = frozenset({200, 201, 204})
_NO_CONTENT = 204


@dataclass(frozen=True)
class Change:
    """One change, planted in every fresh answer: what kind it is, where, and how an answer looks then."""

    kind: str
    place: str
    apply: Callable[[Exchange], Exchange]


def changes(exchanges: Sequence[Exchange], random: Random) -> list[Change]:
    """One change of each kind that these exchanges, all of the endpoint, allow.

    A field that is removed is chosen at random among those that every successful answer has; one that changes its type
    among those of them with values of one kind, never null.
    """
    good = [one for one in exchanges if one.response is not None and 200 <= one.response.status < 300]
    bodies = [body for one in good if (body := _json(one)) is not None]
    found = []
    if bodies and len(bodies) == len(good):
        common = _common(bodies)
        removable = sorted(place for place in common if place != ROOT and not place.endswith(ITEMS))
        places = {place: kinds for place, kinds in common.items() if len(kinds) == 1 and "null" not in kinds}
        if removable:
            place = random.choice(removable)
            found.append(Change(REMOVED, place, _Edit(place, None)))
        if places:
            place = random.choice(sorted(places))
            found.append(Change(RETYPED, place, _Edit(place, _OTHER[next(iter(places[place]))])))
    statuses = {one.response.status for one in good if one.response is not None}
    if len(statuses) == 1 and (others := _other_statuses(exchanges)):
        other = random.choice(others)
        found.append(Change(STATUS, str(other), _Status(other)))
    return found


def _other_statuses(exchanges: Sequence[Exchange]) -> list[int]:
    """The statuses that none of an endpoint's exchanges has: what it answers now and then anyway is no change."""
    known = {one.response.status for one in exchanges if one.response is not None}
    if exchanges[0].request.method.upper() == "PUT" and known & _PUT:
        known |= _PUT
    return [status for status in (*_SUCCESSES, *_OTHERS) if status not in known]


def _json(exchange: Exchange) -> Any:
    response = exchange.response
    if response is None or not response.content or not response.is_json:
        return None
    try:
        return response.json()
    except InvalidJson:
        return None


def _common(bodies: Sequence[Any]) -> dict[str, set[str]]:
    """The places that every body reaches and every object on the way has, with the kinds of their values."""
    found: list[dict[str, set[str]]] = []
    for body in bodies:
        kinds: dict[str, set[str]] = {}
        always = _walk(body, "json", kinds)
        found.append({place: kinds[place] for place in always})
    shared = set.intersection(*(set(one) for one in found)) if found else set()
    return {place: set().union(*(one[place] for one in found)) for place in shared}


def _walk(value: Any, place: str, kinds: dict[str, set[str]]) -> set[str]:
    """The places that every value on the way has; all kinds go into `kinds`."""
    kinds.setdefault(place, set()).add(kind_of(value))
    always = {place}
    if isinstance(value, dict) and len(value) <= 300:
        for key, one in value.items():
            always |= _walk(one, key_place(place, key), kinds)
    elif isinstance(value, list) and value:
        always |= set.intersection(*(_walk(one, place + ITEMS, kinds) for one in value[:100]))
    return always


def is_told(change: Change, at: Iterable[str]) -> bool:
    """Whether findings at these places are about a change: at its place, above or below; not in a body for a status."""
    if change.kind == STATUS:
        return any(not split_place(place)[1].startswith(ROOT) for place in at)
    planted = steps(change.place)
    return any(
        all(one == other or VALUES in (one, other) for one, other in zip(planted, steps(place), strict=False))
        for place in at
        if split_place(place)[1].startswith(ROOT)
    )


@dataclass(frozen=True)
class _Edit:
    """The answer with the values at a place replaced, or without them."""

    place: str
    other: Callable[[Any], Any] | None

    def __call__(self, exchange: Exchange) -> Exchange:
        body = copy.deepcopy(_json(exchange))
        path = steps(self.place)
        if not path and self.other is not None:
            body = self.other(body)
        else:
            for holder, key in list(_holders(body, path)):
                if self.other is None:
                    del holder[key]
                else:
                    holder[key] = self.other(holder[key])
        return _with(exchange, content=encode_json(body))


def _holders(value: Any, path: list[str]) -> Iterator[tuple[Any, Any]]:
    step, rest = path[0], path[1:]
    if step == ITEMS:
        keys: list[Any] = list(range(len(value))) if isinstance(value, list) else []
    else:
        keys = [step[1:]] if isinstance(value, dict) and step[1:] in value else []
    for key in keys:
        if rest:
            yield from _holders(value[key], rest)
        else:
            yield value, key


@dataclass(frozen=True)
class _Status:
    """The answer with another status."""

    status: int

    def __call__(self, exchange: Exchange) -> Exchange:
        if self.status == _NO_CONTENT:
            return _with(exchange, status=self.status, content=b"")
        if self.status < 300:
            return _with(exchange, status=self.status)
        moved = [("Location", "https://moved.example/")] if self.status < 400 else []
        return _with(exchange, status=self.status, content=b'{"message": "Changed"}', more=moved)


def _with(
    exchange: Exchange, *, status: int = 0, content: bytes | None = None, more: Sequence[tuple[str, str]] = ()
) -> Exchange:
    response = exchange.response
    if response is None:
        return exchange
    headers = [(name, value) for name, value in response.headers.pairs if name.lower() not in _BODY_HEADERS]
    body = response.content if content is None else content
    return replace(exchange, response=Response(status or response.status, [*headers, *more], body))
