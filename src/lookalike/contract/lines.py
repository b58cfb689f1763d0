"""In which line of a document's text something stands, for reports that point there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from lookalike.contract.openapi import pointer_to
from lookalike.yaml_events import Parser, parser

# What the parser in Python takes seconds for is not worth a line number.
_MOST_WITHOUT_LIBYAML = 1 << 20


def lines_of(text: str, pointers: Collection[str]) -> dict[str, int]:
    """The lines, from 1, at which the keys stand that JSON pointers (`#/paths/~1todos/get`, RFC 6901) lead to.

    text: YAML or JSON, which YAML is nearly always. A pointer that leads nowhere, or everything in a text that can't be
    read, is left out: a report is worth more without a line than none.
    """
    wanted = set(pointers)
    if not wanted:
        return {}
    try:
        using = parser("libyaml")
    except ImportError:
        if len(text) > _MOST_WITHOUT_LIBYAML:
            return {}
        using = parser("python")
    found: dict[str, int] = {}
    try:
        following = using.events(text)
        following()
        following()
        _Walk(using, following, wanted, found).value(following(), "#")
    except (using.error, StopIteration, RecursionError, ValueError, _Done):
        pass
    return found


class _Done(Exception):
    """Every pointer was found."""


class _Walk:
    def __init__(self, using: Parser, following: Callable[[], Any], wanted: set[str], found: dict[str, int]) -> None:
        self._using = using
        self._next = following
        self._wanted = wanted
        self._found = found

    def value(self, event: Any, pointer: str) -> None:
        """Walk through the value that begins with an event."""
        if type(event) is self._using.mapping:
            self._mapping(pointer)
        elif type(event) is self._using.sequence:
            self._sequence(pointer)

    def _mapping(self, pointer: str) -> None:
        event = self._next()
        while type(event) not in self._using.ends:
            if type(event) is not self._using.scalar:
                raise ValueError("a key that is no text")
            below = pointer_to(event.value, base=pointer)
            self._at(below, event)
            self.value(self._next(), below)
            event = self._next()

    def _sequence(self, pointer: str) -> None:
        number = 0
        event = self._next()
        while type(event) not in self._using.ends:
            below = pointer_to(number, base=pointer)
            self._at(below, event)
            self.value(event, below)
            number += 1
            event = self._next()

    def _at(self, pointer: str, event: Any) -> None:
        if pointer in self._wanted:
            self._found[pointer] = event.start_mark.line + 1
            if len(self._found) == len(self._wanted):
                raise _Done
