"""The YAML that documents are written in, read at libyaml's speed: what is anything else is left to `yaml`.

A document of 10 MB takes the parser in Python half a minute, libyaml a few seconds. libyaml reads YAML 1.1, so a text
where the two versions differ isn't taken, nor is one with an error: `yaml` says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lookalike.yaml_events import Parser, parser

# Line breaks of YAML 1.1 that are none in 1.2 (section 5.4); byte order marks; tabs, which ruamel.yaml takes in fewer
# places; the end of a document.
_OTHERWISE = re.compile("[\x85\u2028\u2029\ufeff\t]|^\\.\\.\\.", re.MULTILINE)
_AFTER_AN_ANCHOR = frozenset({"", " ", "\n", "\r"})
_DEEPEST = 500


class NotPlain(Exception):
    """The text is to be read by `yaml`."""


def read_plain(text: str, scalar: Callable[[str], Any], most: int) -> Any:
    """The value of one document in the YAML that both versions have in common. Raises NotPlain.

    scalar: the value of a plain scalar; raises ValueError for one that is no JSON value
    most:   values, those of aliases written out
    """
    try:
        using = parser("libyaml")
    except ImportError as error:
        raise NotPlain from error
    if _OTHERWISE.search(text):
        raise NotPlain
    try:
        following = using.events(text)
        following()  # the stream's start
        document = following()
        if type(document) is not using.document or document.version or document.tags:
            raise NotPlain
        first = following()
        if type(first) is using.scalar:
            raise NotPlain
        value = _Builder(using, following, scalar, most, text).value(first, 0)[0]
        following()  # the document's end
        if type(following()) is using.document:
            raise NotPlain
    except (using.error, StopIteration, RecursionError, ValueError) as error:
        raise NotPlain from error
    return value


class _Builder:
    def __init__(
        self, using: Parser, following: Callable[[], Any], scalar: Callable[[str], Any], most: int, text: str
    ) -> None:
        self._text = text
        self._using = using
        self._next = following
        self._scalar = scalar
        self._most = most
        self._known: dict[str, Any] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}

    def value(self, event: Any, depth: int) -> tuple[Any, int]:
        """The value that begins with an event, and how many values it has."""
        kind, using = type(event), self._using
        if kind is using.alias:
            found = self._anchors.get(event.anchor)
            if found is None:
                raise NotPlain
            return found
        if event.tag is not None or depth > _DEEPEST:
            raise NotPlain
        if kind is using.scalar:
            found = (event.value if event.style else self._plain(event.value)), 1
        elif kind is using.mapping:
            found = self._mapping(depth + 1)
        elif kind is using.sequence:
            found = self._sequence(depth + 1)
        else:
            raise NotPlain
        if found[1] > self._most:
            raise NotPlain
        if event.anchor is not None:
            # YAML 1.1 ends an anchor at the colon of `&x:y`, which YAML 1.2 has in its name (section 6.9.2).
            end = event.start_mark.index + 1 + len(event.anchor)
            if self._text[end : end + 1] not in _AFTER_AN_ANCHOR:
                raise NotPlain
            self._anchors[event.anchor] = found
        return found

    def _plain(self, text: str) -> Any:
        known = self._known
        if text in known:
            return known[text]
        value = known[text] = self._scalar(text)
        return value

    def _sequence(self, depth: int) -> tuple[list[Any], int]:
        ends, following = self._using.ends, self._next
        found: list[Any] = []
        count = 1
        event = following()
        while type(event) not in ends:
            value, size = self.value(event, depth)
            found.append(value)
            count += size
            event = following()
        return found, count

    def _mapping(self, depth: int) -> tuple[dict[str, Any], int]:
        scalar, ends, following = self._using.scalar, self._using.ends, self._next
        found: dict[str, Any] = {}
        count = 1
        event = following()
        while type(event) not in ends:
            if type(event) is not scalar or event.tag is not None or event.anchor is not None:
                raise NotPlain
            key = event.value
            if not event.style:
                if key == "<<":
                    raise NotPlain
                self._plain(key)
            value, size = self.value(following(), depth)
            if key in found:
                raise NotPlain
            found[key] = value
            count += size
            event = following()
        return found, count
