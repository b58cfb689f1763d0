"""A route: which requests it is for, the replies that it gives to them, and the calls that it got."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from datetime import timedelta
from os import PathLike
from threading import Lock
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar

from lookalike.double import contracts
from lookalike.double.asserting import RouteAssertions, Subject
from lookalike.double.body import Body, HeaderValues, json_body, make_body
from lookalike.double.cookies import CookieValues
from lookalike.double.encoding import Coding
from lookalike.double.functions import FunctionReply
from lookalike.double.helpers import RouteHelpers
from lookalike.double.journal import Calls
from lookalike.double.match import Check
from lookalike.double.matcher import MISSING
from lookalike.double.misuse import REPLY_HABITS, ROUTE_HABITS, habits_of, names_of, spelled
from lookalike.double.reply import (
    FaultReply,
    RaisingReply,
    RealReply,
    Reply,
    StaticReply,
    check_body,
    check_status,
)
from lookalike.double.responses import Said, make_response, status_of
from lookalike.double.source import Place, caller
from lookalike.double.target import Target
from lookalike.double.told import times_of
from lookalike.double.turns import Turns
from lookalike.errors import DoubleError, UsageError
from lookalike.messages import FaultKind, Request, Response, SplitUrl, has_no_body
from lookalike.secrets import mask_url

if TYPE_CHECKING:
    from lookalike.double.order import Order
    from lookalike.double.owner import Owner

__tracebackhide__ = True

T = TypeVar("T")
Values = Iterable[T] | AsyncIterable[T] | Callable[[], Iterable[T] | AsyncIterable[T]]


def _refused(route: Route) -> None:
    route.give_up()


class Route(Turns, RouteAssertions, RouteHelpers):
    """A matcher with its replies. Made by a mock's `get`, `post` and so on; each method here returns the route.

    name, method, target, checks, priority, place: as declared; `method` is None for any
    of_url, of_message: the checks that look at the URL alone, and the others
    """

    # Slots: an attribute that a test sets and nobody reads would pass for a declaration.
    __slots__ = (
        "__weakref__", "_adding", "_at", "_count", "_lock", "_owner", "_replies", "checks", "fixed", "home",
        "may_stay_unused", "method", "name", "of_message", "of_url", "order", "place", "priority", "pure",
        "rank", "target",
    )  # fmt: skip

    def __init__(
        self,
        owner: Owner,
        method: str | None,
        target: Target,
        checks: tuple[Check, ...],
        *,
        name: str,
        priority: int,
        order: int,
        home: SplitUrl | None,
    ) -> None:
        self._owner = owner
        self.method = method
        self.target = target
        self.checks = checks
        self.name = name
        self.priority = priority
        self.rank = (priority, order)
        self.home = home
        self.place: Place = caller()
        self.pure = all(check.pure for check in checks)
        self.of_url = tuple(check for check in checks if check.of_url)
        self.of_message = tuple(check for check in checks if not check.of_url)
        self.fixed: Response | None = None
        self.may_stay_unused = False
        self.order: Order | None = None
        self._replies: list[Reply] = []
        self._at = 0
        self._count = 0
        self._adding = False
        self._lock = Lock()

    # -- what it answers -------------------------------------------------------------------------------------------

    @spelled(
        ".respond()",
        REPLY_HABITS,
        refused=_refused,
        by_name="after the status all is said by name, .respond(200, json=...)",
    )
    def respond(
        self,
        status: int | None = None,
        *,
        json: Any = MISSING,
        text: str | None = None,
        content: bytes | str | None = None,
        html: str | None = None,
        file: str | PathLike[str] | IO[bytes] | None = None,
        stream: Values[bytes | str | timedelta] | None = None,
        sse: Values[Any] | None = None,
        headers: HeaderValues | None = None,
        cookies: CookieValues | None = None,
        encoding: Coding | Sequence[Coding] | None = None,
        redirect: str | None = None,
        reason: str = "",
        http_version: Literal["1.0", "1.1", "2"] = "1.1",
        delay: float | timedelta = 0.0,
        unchecked: str = "",
    ) -> Route:
        """Answer with this. Without a status: the contract's only success status, else 200.

        Where the contract names several without 200: the lowest that has a body; where it names redirects only, the
        lowest of those.

        file:      a path, or a file opened for bytes; its name says the content type
        stream:    chunks: a list, an iterator, or a function that yields them, sync or async; a `timedelta` among
                   them is a pause
        sse:       server-sent events, from the same kinds of sources: a text, or a dict of event, id, retry and data
        cookies:   a value by name, None for a cookie that is deleted, or a dict of `value` and its attributes
        encoding:  content codings that the body is sent in: gzip, deflate, br, zstd
        redirect:  where the client goes; without a status, 302
        reason:    the phrase after the status
        http_version: "1.0", "1.1" or "2", as far as the client knows it
        delay:     seconds, or a timedelta, that the answer takes; nothing sleeps, a client that waits less times out
        unchecked: why the reply may contradict the contract

        Raises UsageError for what can't be sent, ContractViolation for what the contract forbids.
        """
        bodies = {"text": text, "content": content, "html": html, "file": file, "stream": stream, "sse": sse}
        given = {name: value for name, value in bodies.items() if value is not None}
        if json is not MISSING:
            given["json"] = json
        said = Said(headers, cookies, encoding, redirect, reason, http_version, delay)
        return self._declare(lambda: self._static(status, make_body(given), said, unchecked))

    @spelled(
        ".respond_like()",
        REPLY_HABITS,
        refused=_refused,
        by_name="after the status all is said by name, .respond_like(200, json=...)",
    )
    def respond_like(
        self,
        status: int | None = None,
        *,
        json: Any = MISSING,
        headers: HeaderValues | None = None,
        cookies: CookieValues | None = None,
        delay: float | timedelta = 0.0,
        unchecked: str = "",
    ) -> Route:
        """Answer with what the test is about, the contract supplies the rest: believable, and always the same.

        Raises UsageError where there is no contract, or nothing can be made up that fits it, and as `respond` does.
        """

        def make() -> StaticReply:
            contract, path = self._owner.contract, self.target.relative
            if contract is None or path is None or self.method is None:
                raise UsageError(
                    ".respond_like(): no contract here supplies the rest; say the whole with .respond(json=...)"
                )
            code = contract.default_status(self.method, path) if status is None else check_status(status, "status")
            check_body(code, json is not MISSING, f".respond_like({code})")
            if has_no_body(code):
                body = Body()
            elif json is MISSING:
                _, kind, value = contract.example(self.method, path, code)
                body = json_body(value, kind or "application/json") if value is not None else Body()
            else:
                # What can't be written is blamed on the test's own value, before the contract adds to it.
                json_body(json)
                body = json_body(contract.complete(self.method, path, code, json))
            reply = self._static(code, body, Said(headers, cookies, delay=delay), unchecked)
            reply.partial = (json,)
            return reply

        return self._declare(make)

    @spelled(".respond_with()", REPLY_HABITS, refused=_refused)
    def respond_with(self, function: Callable[..., Any], *, unchecked: str = "") -> Route:
        """Answer with what the function returns: a value for the JSON body, (status, value), (status, headers, value),
        text, bytes, a generator of chunks, or a Response.

        It gets the request first, and path parameters by name: `def todo(request, id): ...`. An async function runs in
        the loop of an async client; a sync client waits for it. Text becomes text/plain,
        bytes are sent as they are. What it raises, the code under test meets; Python's own exceptions but OSError (a
        KeyError, say) are mistakes in the function and raised again when the mock ends, if they were swallowed.
        """
        names, remember = self.target.pattern.names, self._owner.remember
        return self._declare(
            lambda: FunctionReply(function, names, caller(), _why(unchecked), self._default_status(), remember)
        )

    @spelled(".fail()", REPLY_HABITS, refused=_refused)
    def fail(self, kind: FaultKind | BaseException | type[BaseException]) -> Route:
        """Fail in place of an answer, as the client's own exception: `dns`, `refused`, `connect-timeout`,
        `read-timeout`, `tls`, `reset`, `closed`, `closed-mid-body`, `bad-chunk`. Raises UsageError for another kind.

        An exception, or a class of them, is raised as it is; of what a socket raises (an OSError of Python's own) the
        client makes its own, as ever.
        """
        if isinstance(kind, BaseException) or (isinstance(kind, type) and issubclass(kind, BaseException)):
            return self._declare(lambda: RaisingReply(kind, caller()))
        return self._declare(lambda: FaultReply(kind, caller()))

    @spelled(".pass_through()", REPLY_HABITS, refused=_refused)
    def pass_through(self, *, alter: Callable[[Response], Response] | None = None, unchecked: str = "") -> Route:
        """Let the real API answer; `alter` makes of its Response what the client gets.

        `response.altered(json=..., status=..., headers=...)` is a changed copy. What it raises, the code under test
        meets. An altered answer is held to the contract, unless the real one contradicts it already.
        """
        return self._declare(lambda: self._real(alter, _why(unchecked)))

    @property
    def then(self) -> Route:
        """The next reply is added after those that are there; without it, a new reply replaces them."""
        if not self._replies:
            raise UsageError(".then comes after a reply: .respond(503).then.respond(json=[])")
        self._adding = True
        return self

    @spelled(".times()", REPLY_HABITS, refused=_refused)
    def times(self, count: int) -> Route:
        """The last declared reply answers exactly `count` requests; a later one finds the next reply, or no match."""
        if type(count) is not int or count < 0:
            raise UsageError(f".times({count!r}): a number of requests, 0 or more")
        if not self._replies:
            raise UsageError(f".times({count}) comes after a reply: .respond(503).times({count})")
        with self._lock:
            self._replies[-1].times = count
            self._arm()
        self._owner.changed(self)
        return self

    def optional(self) -> Route:
        """The route, or some of its replies, may stay unused."""
        self.may_stay_unused = True
        return self

    def _static(self, status: int | None, body: Body, said: Said, unchecked: str) -> StaticReply:
        code = status_of(status, self._default_status, said)
        kind = body.kind
        if kind == "application/json" and self._owner.contract is not None:
            kind = contracts.json_kind(self._owner.contract, self.method, self.target.relative, code)
        response, whole = make_response(code, kind, body, said, self._owner.remember)
        return StaticReply(response, caller(), _why(unchecked), whole)

    def _real(self, alter: Callable[[Response], Response] | None, unchecked: str) -> Reply:
        if alter is None:
            return RealReply(caller())
        from lookalike.double.altered import AlteredReply

        owner = self._owner
        return AlteredReply(alter, unchecked, self, contract=owner.contract, warn=owner.warn, remember=owner.remember)

    def _default_status(self) -> int:
        contract, path = self._owner.contract, self.target.relative
        if contract is None or path is None or self.method is None:
            return 200
        return contract.default_status(self.method, path)

    def _declare(self, make: Callable[[], Reply]) -> Route:
        try:
            reply = make()
            contracts.check_declared(self, reply, self._owner.contract, self._owner.warn)
        except (UsageError, DoubleError):
            self.give_up()
            raise
        with self._lock:
            if self._adding:
                self._replies.append(reply)
            else:
                self._replies = [reply]
                self._at = 0
            self._adding = False
            self._arm()
        self._owner.changed(self)
        return self

    def give_up(self) -> None:
        """Its declaration failed: without a reply it is forgotten, as the error tells enough."""
        if not self._replies:
            self._owner.withdraw(self)

    def _arm(self) -> None:
        """Know beforehand how often each reply may answer, and whether the answer is always the same."""
        *earlier, last = self._replies
        for reply in earlier:
            reply.limit = 1 if reply.times is None else reply.times
        repeats = last.times is None and self.order is None
        last.limit = float("inf") if repeats else last.needed
        response = last.response
        any_method = not self.of_one_operation and self._owner.contract is not None
        always = not earlier and repeats and self.pure and not any_method
        settled = always and response is not None and not response.delay and response.chunks is None
        self.fixed = last.kept if settled and isinstance(last, StaticReply) else None

    # -- what a mock does with it ----------------------------------------------------------------------------------

    def path_parameters(self, request: Request) -> dict[str, Any]:
        """The values of the path's parameters, without percent-encoding, as their converters give them."""
        return self.target.pattern.find(request) or {}

    @property
    def awaits_reply(self) -> bool:
        """Whether another reply was announced and none was declared: the last word was `.then`, or `.flaky()`."""
        return self._adding

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The replies, in order."""
        return tuple(self._replies)

    @property
    def allowed(self) -> float:
        """How many calls the replies are for altogether; infinity where the last one repeats."""
        return sum(reply.limit for reply in self._replies)

    @property
    def of_one_operation(self) -> bool:
        """Whether it is known before a request which operation of a contract it is for."""
        return self.method is not None and not self.target.pattern.of_home

    @property
    def label(self) -> str:
        """`GET /todos/{id}`"""
        return f"{self.method or 'ANY'} {mask_url(self.path)}"

    @property
    def path(self) -> str:
        """The path as declared, without the query."""
        return self.target.label

    @property
    def declared_at(self) -> str:
        """File and line of the declaration: `tests/test_todos.py:14`."""
        return str(self.place)

    # -- what a test asks it ---------------------------------------------------------------------------------------

    @property
    def calls(self) -> Calls:
        """The exchanges that this route answered, in order (of those that the journal keeps)."""
        return self._owner.journal.calls_by(self)

    @property
    def call_count(self) -> int:
        """How many requests this route answered."""
        return self._count

    @property
    def called(self) -> bool:
        """Whether this route answered a request."""
        return self._count > 0

    def _asserted(self) -> Subject:
        return Subject(self._told, self.calls, self.call_count, self._owner.journal.calls)

    @property
    def _told(self) -> str:
        return f"{self.label} ({self.name + ', ' if self.name else ''}declared at {self.place})"

    def __dir__(self) -> list[str]:
        return names_of(self)

    def __repr__(self) -> str:
        return f"<Route {self._told}: called {times_of(self.call_count)}>"


habits_of(Route, "a route", ROUTE_HABITS)


def _why(unchecked: object) -> str:
    if isinstance(unchecked, str):
        return unchecked.strip()
    raise UsageError(f'unchecked= says why, in words: unchecked="the vendor announced this", not {unchecked!r}')
