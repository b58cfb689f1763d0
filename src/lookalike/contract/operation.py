"""An operation: one method on one path template, with what it takes and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Place = Literal["path", "query", "header", "cookie"]

_CODE = re.compile(r"[0-9]{3}")


def is_code(status: str) -> bool:
    """Whether a document's word for statuses is one status: no range, no `default`, no slip of the pen."""
    return _CODE.fullmatch(status) is not None


@dataclass(frozen=True, slots=True)
class Media:
    """What a body of one media type looks like.

    schema:   the document's node, None where it says nothing; `pointer` is where it is
    items:    in OpenAPI 3.2, the schema of each item of a stream (`itemSchema`, section 4.14.1), else None;
              `items_pointer` is where it is
    examples: whole bodies that the document shows beside the schema
    """

    name: str
    schema: Any
    pointer: str
    items: Any = None
    items_pointer: str = ""
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a request (OpenAPI 3.1, section 4.8.12).

    style, explode: how the value is written, the defaults filled in
    media:          the media type where the value is encoded by `content` and not by a style, else `""`
    multi:          a path parameter that may hold slashes (`x-multi-segment`)
    examples:       values that the document shows beside the schema
    """

    name: str
    place: Place
    required: bool
    schema: Any
    style: str
    explode: bool
    pointer: str
    media: str = ""
    multi: bool = False
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """One header of a response."""

    name: str
    required: bool
    schema: Any
    pointer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers with one status: `200`, a range such as `4XX`, or `default`."""

    status: str
    description: str
    media: Mapping[str, Media]
    headers: Mapping[str, Header]
    pointer: str


@dataclass(frozen=True, slots=True)
class Body:
    """What an operation takes as its request body, by media type."""

    required: bool
    media: Mapping[str, Media]
    pointer: str


@dataclass(frozen=True, slots=True)
class Details:
    """The parts of an operation that are read from the document when they are first asked for."""

    parameters: tuple[Parameter, ...] = ()
    request_body: Body | None = None
    responses: Mapping[str, Answer] = field(default_factory=dict)


class Operation:
    """One method on one path template; parameters, body and responses are read from the document at first use.

    id:      the operationId, or `get /todos/{id}` where the document gives none
    method:  in upper case
    path:    the template, beginning with a slash, relative to the base URL
    summary: the document's sentence about it, or empty
    pointer: where it is in the document
    servers: absolute URLs of its own servers, or of its path's, in place of the document's; most have none
    multi:   the name of its last path parameter where that may hold slashes, else `""`
    """

    __slots__ = ("_details", "_read", "id", "method", "multi", "path", "pointer", "servers", "summary")

    def __init__(
        self,
        *,
        id: str,  # noqa: A002  OpenAPI's own word
        method: str,
        path: str,
        summary: str = "",
        pointer: str = "",
        servers: tuple[str, ...] = (),
        multi: str = "",
        read: Callable[[], Details] = Details,
    ) -> None:
        self.id = id
        self.method = method
        self.path = path
        self.summary = summary
        self.pointer = pointer
        self.servers = servers
        self.multi = multi
        self._read = read
        self._details: Details | None = None

    @property
    def details(self) -> Details:
        """Everything below, read once. Raises FileError where the document is broken there."""
        details = self._details
        if details is None:
            details = self._details = self._read()
        return details

    @property
    def key(self) -> str:
        """`GET /todos/{id}`: what reports and eras call the operation by."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters of the path and of the operation, the operation's own first where both name one."""
        return self.details.parameters

    @property
    def request_body(self) -> Body | None:
        """What it takes as a body, None where the document says nothing."""
        return self.details.request_body

    @property
    def responses(self) -> Mapping[str, Answer]:
        """By status as the document writes it: `200`, `4XX`, `default`."""
        return self.details.responses

    def answer(self, status: int) -> Answer | None:
        """The answer that the document describes for a status: the code, its range, then `default`."""
        responses = self.details.responses
        return responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")

    def names(self, status: int) -> bool:
        """Whether the document names this status, by its code or its range (`default` names none)."""
        responses = self.details.responses
        return str(status) in responses or f"{status // 100}XX" in responses

    @property
    def success_statuses(self) -> tuple[int, ...]:
        """The 2xx codes that are named, sorted; a range `2XX` counts as 200."""
        return self._named("2", 200)

    @property
    def redirects(self) -> tuple[int, ...]:
        """The 3xx codes that are named, sorted; a range `3XX` counts as 302."""
        return self._named("3", 302)

    def _named(self, first: str, ranged: int) -> tuple[int, ...]:
        names = [name for name in self.responses if name[:1] == first and (name[1:] == "XX" or is_code(name))]
        return tuple(sorted({ranged if name[1:] == "XX" else int(name) for name in names}))

    def __repr__(self) -> str:
        return f"<Operation {self.key}>"
