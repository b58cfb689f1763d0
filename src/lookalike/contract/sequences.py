"""The items of a stream: JSON line by line, JSON text sequences, server-sent events (OpenAPI 3.2, section 4.14.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lookalike.codec import decode_json
from lookalike.errors import InvalidJson

# Looked at of one stream: a mock that is wrong is wrong early.
MAX_ITEMS = 1_000
_RETRY = re.compile(r"[0-9]{1,15}")
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_FIELDS = frozenset({"data", "event", "id", "retry"})


def items_of(kind: str, content: bytes) -> Iterator[Any]:
    """The first thousand items of a body by its media type; what is cut off or no JSON is left out."""
    split = _KINDS.get(kind)
    if split is None:
        return
    for number, item in enumerate(split(content)):
        if number >= MAX_ITEMS:
            return
        yield item


def _lines(content: bytes) -> Iterator[Any]:
    for line in content.split(b"\n"):
        yield from _json(line)


def _records(content: bytes) -> Iterator[Any]:
    """RFC 7464: each text begins with a record separator."""
    for record in content.split(b"\x1e"):
        yield from _json(record)


def _json(text: bytes) -> Iterator[Any]:
    if text.strip():
        try:
            yield decode_json(text)
        except InvalidJson:
            return


def _events(content: bytes) -> Iterator[Any]:
    """Events as OpenAPI 3.2 has them: an object of the fields that were sent, all of them texts but `retry`."""
    for block in _EVENT_END.split(content):
        event: dict[str, Any] = {}
        for line in block.decode("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name in _FIELDS:
                value = value.removeprefix(" ")
                event[name] = f"{event[name]}\n{value}" if name == "data" and name in event else value
        if "retry" in event:
            event["retry"] = int(event["retry"]) if _RETRY.fullmatch(event["retry"]) else event["retry"]
        if event:
            yield event


_KINDS: dict[str, Callable[[bytes], Iterator[Any]]] = {
    "application/jsonl": _lines,
    "application/x-ndjson": _lines,
    "application/ndjson": _lines,
    "application/json-lines": _lines,
    "application/x-jsonlines": _lines,
    "application/json": _lines,
    "application/json-seq": _records,
    "application/geo+json-seq": _records,
    "text/event-stream": _events,
}
