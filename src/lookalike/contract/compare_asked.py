"""What was asked for an answer, and by whom, as far as that decides what the answer has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from lookalike.codec import decode_json
from lookalike.contract.compare_places import kind_of, steps, values_at
from lookalike.errors import InvalidJson

# Headers of answers that speak of the credentials they were asked with: `X-OAuth-Scopes`.
_OF_CREDENTIALS = re.compile(r"(^|-)(oauth|scopes?|tokens?|credentials?)(-|$)")

# Parameters whose value names the keys that an answer has: `fields=id,name`, `$select=id`, `fields[articles]=title`.
_PICKS = frozenset(
    {
        "$fields", "$select", "_fields", "_source", "attributes", "columns", "field", "fields", "fl", "include_fields",
        "only", "properties", "props", "response_fields", "select",
    }
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z_$@][\w$@-]*")
# Steps from which on a place of a body lies inside of what somebody made, and is no attribute of the resource.
DEEP = 2


def names_credentials(header: str) -> bool:
    """Whether a header of an answer, by its name in lower case, says something of the credentials in the request."""
    # `Access-Control-Allow-Credentials` speaks of what browsers may do, whoever asked.
    return _OF_CREDENTIALS.search(header) is not None and not header.startswith("access-control-")


@dataclass(frozen=True)
class Picked:
    """The keys that a request asked for by name.

    by:     the parameters that name them
    names:  the keys, those below others too
    nested: some are named below others, `items(id,name)`
    """

    by: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    nested: bool = False

    def leaves_out(self, place: str, name: str, found: Sequence[Any]) -> bool:
        """Whether objects at a place lack a key because others were picked."""
        if name in self.names or not any(one.keys() & self.names for one in found):
            return False
        # What is inside of something that was picked as a whole came with it.
        return self.nested or not any(step[1:] in self.names for step in steps(place))


@dataclass(frozen=True)
class Asked:
    """How one answer came about.

    day:      when it came, `YYYY-MM-DD`, `""` where unknown
    stranger: it came to a request without the credentials that all learned ones had
    target:   what was asked, `/todos?done=yes`
    content:  the request's body
    in_part:  it has only what is to change (PATCH, RFC 5789)
    """

    day: str = ""
    stranger: bool = False
    target: str = ""
    content: bytes = b""
    in_part: bool = False

    @cached_property
    def _sent(self) -> Any:
        if not self.content:
            return None
        try:
            return decode_json(self.content)
        except InvalidJson:
            return None

    @cached_property
    def values(self) -> frozenset[str]:
        """The values of the query."""
        return frozenset(value for _, value in parse_qsl(self.target.partition("?")[2]))

    @cached_property
    def picked(self) -> Picked:
        """What the query picks by name."""
        found = [
            (name.partition("[")[0], value)
            for name, value in parse_qsl(self.target.partition("?")[2])
            if name.partition("[")[0].lower() in _PICKS and "*" not in value
        ]
        words = frozenset(word for _, value in found for word in _WORD.findall(value))
        return Picked(frozenset(name for name, _ in found), words, any(set("({/.:") & set(value) for _, value in found))

    def mirrors(self, place: str, name: str, found: Sequence[Any]) -> bool:
        """Whether these objects at a place of the answer merely say what the request's body says there, which has no
        such key: data of who asked. An object in which the API says anything of its own is no mirror, and
        one directly below the body may lack what the API would add.
        """
        if len(steps(place)) < DEEP or not isinstance(self._sent, dict | list):
            return False
        sent = [one for one in values_at(self._sent, steps(place)) if isinstance(one, dict) and name not in one]
        return bool(sent) and all(any(one.keys() <= other.keys() for other in sent) for one in found)

    def gave(self, path: Sequence[str], value: Any) -> bool:
        """Whether the request's body has this at the same place: the same scalar, or an array, or an object with no key
        that this lacks.
        """
        return any(_says_so(one, value) for one in self._at(path))

    def left_out(self, path: Sequence[str], always: frozenset[str]) -> list[frozenset[str]] | None:
        """Which of the keys that are always sent each object of the request's body at a place is without, all of them
        where there is none; None for a body that is no JSON.
        """
        if not isinstance(self._sent, dict | list):
            return None
        found = [always.difference(one) for one in self._at(path) if isinstance(one, dict)]
        return found or [always]

    def _at(self, path: Sequence[str]) -> Iterator[Any]:
        return values_at(self._sent, list(path)) if isinstance(self._sent, dict | list) else iter(())


def _says_so(sent: Any, value: Any) -> bool:
    if kind_of(sent) != kind_of(value):
        return False
    if type(sent) is dict:
        return bool(sent) and sent.keys() <= value.keys()
    return type(sent) is list or bool(sent == value)
