"""What was asked for an answer, and by whom, as far as that decides what the answer has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from lookalike.codec import decode_json
from lookalike.contract.compare_places import steps, values_at
from lookalike.errors import InvalidJson

# Headers of answers that speak of the credentials they were asked with: `X-OAuth-Scopes`.
_OF_CREDENTIALS = re.compile(r"(^|-)(oauth|scopes?|tokens?|credentials?)(-|$)")

_DEEP = 2


def names_credentials(header: str) -> bool:
    """Whether a header of an answer, by its name in lower case, says something of the credentials in the request."""
    # `Access-Control-Allow-Credentials` speaks of what browsers may do, whoever asked.
    return _OF_CREDENTIALS.search(header) is not None and not header.startswith("access-control-")


@dataclass(frozen=True)
class Asked:
    """How one answer came about.

    day:      when it came, `YYYY-MM-DD`, `""` where unknown
    stranger: it came to a request without the credentials that all learned ones had
    target:   what was asked, `/todos?done=yes`
    content:  the request's body
    """

    day: str = ""
    stranger: bool = False
    target: str = ""
    content: bytes = b""

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

    def mirrors(self, place: str, name: str, found: Sequence[Any]) -> bool:
        """Whether these objects at a place of the answer merely say what the request's body says there, which has no
        such key: data of who asked. An object in which the API says anything of its own is no mirror, and
        one directly below the body may lack what the API would add.
        """
        if len(steps(place)) < _DEEP or not isinstance(self._sent, dict | list):
            return False
        sent = [one for one in values_at(self._sent, steps(place)) if isinstance(one, dict) and name not in one]
        return bool(sent) and all(any(one.keys() <= other.keys() for other in sent) for one in found)
