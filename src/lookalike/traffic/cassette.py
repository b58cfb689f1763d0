"""Cassettes: what vcrpy, Ruby VCR, go-vcr, Betamax, cassetter and their kin recorded, in YAML, JSON or TOML."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, BinaryIO, cast

import orjson

from lookalike.messages import Exchange
from lookalike.traffic.bodies import Unreadable
from lookalike.traffic.elements import elements
from lookalike.traffic.interaction import exchange
from lookalike.traffic.lines import BLOCK, Lines
from lookalike.traffic.opened import Opened
from lookalike.traffic.pieces import Pieces
from lookalike.traffic.unfinished import is_cut
from lookalike.traffic.yaml_items import LISTS, Item
from lookalike.traffic.yaml_items import items as yaml_items


def recognises(name: str, head: bytes) -> bool:
    """Whether the file begins as a cassette does; what is in it decides, not its name."""
    return any(pattern.search(head) is not None for pattern, _ in _KINDS)


def read(opened: Opened) -> Iterator[Exchange]:
    """The exchanges of a cassette, in the order in which they were recorded.

    Raises FileError where it holds no list of interactions; one that can't be read goes to `opened.skip`.
    """
    for item in _items_of(opened.head)(opened):
        if item.why:
            opened.skip(item.entry, item.why)
            continue
        try:
            found = exchange(item.value, limit=opened.limits.body)
        except Unreadable as error:
            opened.skip(item.entry, f"{error}; the file ends there" if item.cut else str(error))
            continue
        if item.last and is_cut(item.value, found, inside_line=item.cut):
            opened.skip(item.entry, "the file ends within it")
        else:
            yield found


def _items_of(head: bytes) -> Callable[[Opened], Iterator[Item]]:
    return next((items for pattern, items in _KINDS if pattern.search(head) is not None), yaml_items)


def _json_items(opened: Opened) -> Iterator[Item]:
    """The items of JSON: parsed at once where the file is small, which takes a third of the time."""
    small = min(_SMALL, opened.limits.entry)
    source = opened.stream
    start = source.read(small + 1)
    if len(start) <= small:
        try:
            document = orjson.loads(start)
        except orjson.JSONDecodeError:
            pass
        else:
            for number, value in enumerate(_list_in(document), 1):
                yield Item(f"interaction {number}", value)
            return
    rest = iter(lambda: source.read(BLOCK), b"")
    opened = replace(opened, stream=cast("BinaryIO", io.BufferedReader(Pieces(chain((start,), rest)))))
    for number, value in elements(opened, *((name,) for name in LISTS), (), word="interaction"):
        yield Item(f"interaction {number}", value)


_SMALL = 4 * 1024**2


def _list_in(document: Any) -> list[Any]:
    if isinstance(document, dict):
        document = next((document[name] for name in LISTS if name in document), None)
    return document if isinstance(document, list) else []


def _toml_items(opened: Opened) -> Iterator[Item]:
    """The tables of TOML's array `interactions`, each parsed by itself; what stands before them says nothing here."""
    for number, (text, last) in enumerate(_tables(opened)):
        if not number:
            continue
        entry = f"interaction {number}"
        if text is None:
            yield Item(entry, None, f"it is larger than {opened.limits.entry:,} bytes")
            continue
        try:
            value = tomllib.loads(text.decode("utf-8", "replace"))["interactions"][0]
            yield Item(entry, value, last=last, cut=last and not text.endswith(b"\n"))
        except (tomllib.TOMLDecodeError, RecursionError, KeyError, IndexError, TypeError) as error:
            yield Item(entry, None, f"not TOML: {error}")


def _tables(opened: Opened) -> Iterator[tuple[bytes | None, bool]]:
    lines, limit = Lines(opened), opened.limits.entry
    parts: list[bytes] = []
    size = 0
    while piece := lines.piece():
        begin = 0
        for match in _TABLE.finditer(piece):
            parts.append(piece[begin : match.start()])
            yield (b"".join(parts) if size + match.start() - begin <= limit else None), False
            parts, size, begin = [], 0, match.start()
        size += len(piece) - begin
        parts = [*parts, piece[begin:]] if size <= limit else []
    yield (b"".join(parts) if size <= limit else None), True


_TABLE = re.compile(rb"^\[\[interactions\]\]", re.M)
_MEMBER = rb"""\s*+"[^"\\]*+"\s*+:\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s,"{}\[\]]++|\{[^{}]*+\})\s*+,"""
_KINDS: tuple[tuple[re.Pattern[bytes], Callable[[Opened], Iterator[Item]]], ...] = (
    (re.compile(rb"\A\s*+\{(?:" + _MEMBER + rb')*?\s*+"(?:http_)?interactions"\s*:\s*[\[n]'), _json_items),
    (re.compile(rb'\A\s*+\[\s*+\{\s*+"(?:request|response)"\s*+:\s*+\{'), _json_items),
    (_TABLE, _toml_items),
    (re.compile(rb"""^(?:(?:http_)?interactions|"(?:http_)?interactions")\s*:(?=\s|\Z)""", re.M), yaml_items),
    (re.compile(rb"""^-\s+(?:[&!]\S*\s+)*["']?(?:request|response)["']?\s*:""", re.M), yaml_items),
    (re.compile(rb"\A(?:---|\s)*\{[^\[]{0,1000}?(?:http_)?interactions\s*:\s*\["), yaml_items),
)  # what each begins with
