"""Going through JSON values and messages, and putting them together again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lookalike.messages import Exchange, Fault, Headers, Request, Response
from lookalike.secrets.names import name_below

_NOT_OF_THE_BODY = frozenset({"content-md5", "digest", "content-digest", "repr-digest"})

# The way to a value in JSON, from its end: what is above, and the key or number here.
Trail = tuple[Any, str | int] | None


def copied(value: Any, key: Callable[[str], str], scalar: Callable[[Any, str, Trail], Any]) -> Any:
    """A copy of a JSON value whose keys and scalars went through functions; two keys don't become one.

    scalar: is told the name that the value stands under, which inside of a secret is the secret's, and its path
    """
    holder: list[Any] = [None]
    work: list[tuple[Any, Any, Any, str, Trail]] = [(holder, 0, value, "", None)]
    while work:
        parent, place, item, name, trail = work.pop()
        if isinstance(item, dict):
            copy: dict[str, Any] = {}
            parent[place] = copy
            for one in item:
                below = name_below(name, one)
                clean = unique = key(one)
                number = 1
                while unique in copy:
                    number += 1
                    unique = f"{number}{clean}"
                copy[unique] = None
                work.append((copy, unique, item[one], below, (trail, unique)))
        elif isinstance(item, list | tuple):
            parent[place] = row = [None] * len(item)
            work.extend((row, i, one, name, (trail, i)) for i, one in enumerate(item))
        else:
            parent[place] = scalar(item, name, trail)
    return holder[0]


def path_of(trail: Trail) -> str:
    parts: list[str] = []
    while trail is not None:
        trail, step = trail
        parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return (" json" + "".join(reversed(parts))) if parts else ""


def each(
    exchange: Exchange, request: Callable[[Request], Request], response: Callable[[Response], Response]
) -> Exchange:
    fault = exchange.fault
    asked = request(exchange.request)
    answered = response(exchange.response) if exchange.response is not None else None
    if fault is not None and fault.response is not None:
        fault = Fault(fault.kind, response(fault.response))
    return replace(exchange, request=asked, response=answered, fault=fault)


def answered(response: Response, headers: Headers, content: bytes, reason: str) -> Response:
    return Response(
        response.status, headers, content, delay=response.delay, reason=reason, http_version=response.http_version
    )


def framed(headers: Headers, message: Request | Response, content: bytes) -> Headers:
    """Header fields that fit the written body: its coding is undone, its length and digest may be others."""
    pairs = []
    for name, value in headers.pairs:
        lower = name.lower()
        if lower == "content-encoding" or (lower in _NOT_OF_THE_BODY and content != message.content):
            continue
        pairs.append((name, str(len(content)) if lower == "content-length" and message.content else value))
    return Headers(pairs)


def type_alone(headers: Headers) -> Headers:
    return Headers([pair for pair in headers.pairs if pair[0].lower() == "content-type"])
