"""Holding a mock to its contract: what a reply or a request contradicts, said with the evidence for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from lookalike.double.columns import aligned
from lookalike.double.matcher import MISSING
from lookalike.double.reply import Reply, StaticReply
from lookalike.double.source import relative
from lookalike.errors import ContractViolation, UsageError
from lookalike.messages import Request, Response
from lookalike.mismatch import Mismatch
from lookalike.secrets import mask_url

if TYPE_CHECKING:
    from lookalike.double.route import Route

__tracebackhide__ = True

_WHICH = ("path", "method")  # what is wrong where the contract has no such operation


class ContractLike(Protocol):
    """What a double asks of a contract; `lookalike.contract.contract.Contract` is one."""

    @property
    def name(self) -> str:
        """The API's name."""

    @property
    def source(self) -> str:
        """Where the contract was read from."""

    def find(self, method: str, path: str) -> Any:
        """The operation, or None."""

    def nearest(self, method: str, path: str) -> list[Any]:
        """The operations that may have been meant."""

    def meant(self, method: str, path: str) -> Any:
        """The operation that a path is a slip of, or None."""

    def check_reply(self, method: str, path: str, response: Response) -> list[Mismatch]:
        """What the contract doesn't allow in a reply."""

    def check_request(self, request: Request, path: str) -> list[Mismatch]:
        """What the contract doesn't allow in a request."""

    def default_status(self, method: str, path: str) -> int:
        """The only success status, else 200."""

    def complete(self, method: str, path: str, status: int, partial: Any) -> Any:
        """A whole body for a part of one."""

    def example(self, method: str, path: str, status: int | None = None) -> tuple[int, str, Any]:
        """Status, media type and value of a believable reply."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a contract has only never seen, in a reply or a request of a test.

    route: `GET /todos`; place: the line that declares the route or its reply; side: `reply` or `request`
    """

    route: str
    place: str
    side: str
    mismatch: Mismatch

    def __str__(self) -> str:
        return f"{self.place}: the {self.side} of {self.route}: {self.mismatch}"


@dataclass(frozen=True, slots=True)
class Lie:
    """A reply that may contradict the contract, and why."""

    route: str
    place: str
    why: str


def json_kind(contract: ContractLike, method: str | None, path: str | None, status: int) -> str:
    """The media type for a JSON reply: application/json, unless the contract names only another JSON type."""
    operation = contract.find(method, path) if method is not None and path is not None else None
    answer = operation.answer(status) if operation is not None else None
    kinds: list[str] = [
        str(kind).partition(";")[0].strip().lower() for kind in (answer.media if answer is not None else ())
    ]
    special = [kind for kind in kinds if kind.endswith("+json") and "*" not in kind]
    if special and "application/json" not in kinds and not any("*" in kind for kind in kinds):
        return special[0]
    return "application/json"


def check_declared(route: Route, reply: Reply, contract: ContractLike | None, warn: Callable[[Doubt], None]) -> None:
    """Hold a declared reply to the contract. Raises ContractViolation; doubts go to `warn`."""
    if isinstance(reply, StaticReply) and reply.whole is not None:
        check_reply(route, reply, reply.whole, contract, warn)


def check_reply(
    route: Route,
    reply: Reply,
    response: Response,
    contract: ContractLike | None,
    warn: Callable[[Doubt], None],
    method: str | None = None,
    path: str | None = None,
) -> None:
    """Hold a response to the contract, unless the reply is `unchecked`. Raises ContractViolation."""
    method, path = method or route.method, path or route.target.relative
    if contract is None or path is None or method is None or reply.unchecked:
        return
    found = contract.check_reply(method, path, response)
    wrong = _sorted_out(found, route, reply, "reply", warn)
    if wrong and isinstance(reply, StaticReply) and reply.partial is not None:
        _refuse_made_up(wrong, reply.partial[0], contract)
    if wrong:
        unknown = all(one.where in _WHICH for one in wrong)
        heading = "is no operation of" if unknown else "contradicts"
        raise ContractViolation(
            f"{route.label if unknown else f'{reply.label} to {route.label}'} {heading} {_named(contract)}.\n\n"
            + _rows(wrong)
            + f"\n\nNext: fix the mock at {reply.place}, {_completed(wrong, reply)}"
            + 'or say the lie on purpose: unchecked="why".'
        )


def _completed(wrong: list[Mismatch], reply: Reply) -> str:
    """A hint at `respond_like`, where a reply only lacks what the contract can supply."""
    lacks = all(one.got == "missing" and one.where.startswith("json") for one in wrong)
    plain = isinstance(reply, StaticReply) and reply.partial is None
    return "let .respond_like(json=...) supply what is missing, " if lacks and plain else ""


def _refuse_made_up(wrong: list[Mismatch], said: Any, contract: ContractLike) -> None:
    """Raises UsageError where nothing that the test said is wrong, only what was made up around it."""
    if all(one.where.startswith("json") and not _says(said, one.where) for one in wrong):
        raise UsageError(
            f".respond_like(): nothing can be made up here that fits {_named(contract)}.\n\n"
            + _rows(wrong)
            + "\n\nNext: say these places yourself, .respond_like(json={...}), or the whole, .respond(json={...})."
        )


def _says(said: Any, place: str) -> bool:
    """Whether a value has a place in words."""
    from lookalike.contract.checks import place_path

    if said is MISSING:
        return False
    for step in place_path(place.removeprefix("json")):
        if isinstance(said, list) and isinstance(step, int):
            if step >= len(said):
                return False
        elif not isinstance(said, dict):
            return True  # what stands there is the test's own
        elif step not in said:
            return isinstance(step, int)
        said = said[step]
    return True


def request_violation(
    route: Route,
    reply: Reply,
    request: Request,
    found: list[Mismatch],
    contract: ContractLike,
    warn: Callable[[Doubt], None],
) -> ContractViolation | None:
    """The error for what a contract found in a request, None where nothing forbids it."""
    wrong = _sorted_out(found, route, reply, "request", warn)
    if not wrong:
        return None
    return ContractViolation(
        f"the request {request.method} {mask_url(request.url)} contradicts {_named(contract)}.\n\n"
        + _rows(wrong)
        + "\n\nNext: fix the code that sends it. To test what such a request leads to, let the mock refuse it with a "
        + f'status from 400 to 499, or say unchecked="why", at {reply.place}.'
    )


def _sorted_out(
    found: Iterable[Mismatch], route: Route, reply: Reply, side: str, warn: Callable[[Doubt], None]
) -> list[Mismatch]:
    wrong = []
    for mismatch in found:
        if mismatch.level == "violation":
            wrong.append(mismatch)
        else:
            warn(Doubt(route.label, str(reply.place), side, mismatch))
    return wrong


def _named(contract: ContractLike) -> str:
    # A path on the way is told as short as it can be; one inside an installed package helps nobody.
    path = relative(contract.source)
    source = f" ({path})" if path and path != contract.name and not os.path.isabs(path) else ""
    return f"the contract of {contract.name}{source}"


def _rows(wrong: list[Mismatch]) -> str:
    return aligned(wrong, limit=20)
