"""What a route answers where one word says what would be many: pages, a rate limit, failures first, an app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from lookalike.double import contracts
from lookalike.double.matcher import MISSING
from lookalike.double.misuse import REPLY_HABITS, spelled
from lookalike.double.reply import Reply, check_status
from lookalike.errors import UsageError
from lookalike.messages import Response

if TYPE_CHECKING:
    from datetime import datetime
    from threading import Lock

    from lookalike.double.asked import Asked
    from lookalike.double.collection import Collection, CollectionOptions
    from lookalike.double.everything import Everything
    from lookalike.double.limited import Clock
    from lookalike.double.mock import MockDouble
    from lookalike.double.owner import Owner
    from lookalike.double.pages import PageOptions, StyleName
    from lookalike.double.route import Route
    from lookalike.double.target import Target

__tracebackhide__ = True

Failure = int | str | BaseException | type[BaseException]


def _refused(route: Any) -> None:
    route.give_up()


class RouteHelpers:
    """The part of a route that other files know how to do; each method returns the route."""

    __slots__ = ()

    if TYPE_CHECKING:
        method: str | None
        target: Target
        _owner: Owner
        _adding: bool
        _replies: list[Reply]

        _lock: Lock

        def _declare(self, make: Callable[[], Reply]) -> Route: ...
        def _default_status(self) -> int: ...
        def _arm(self) -> None: ...

    def paginate(self, items: Iterable[Any], style: StyleName = "link", **options: Unpack[PageOptions]) -> Route:
        """Answer with the page of `items` that the request asks for.

        link:   `?page=2&per_page=30`, the bare list, and a Link header with next, prev, first and last (RFC 8288), as
                GitHub has it
        page:   the same parameters, and `{"count", "next", "previous", "results"}`
        cursor: `?cursor=...&limit=20`, and `{"data", "next_cursor", "has_more"}`
        offset: `?offset=40&limit=20`, and `{"items", "total", "offset", "limit", "next", "previous"}`

        Beyond the last page the list is empty; more than `max_size` items are never on one. What is no number, or no
        cursor that was given out, is refused with 400; `link` takes it as if it weren't there. Each page is held to the
        contract here. Raises UsageError and ContractViolation as `respond` does.
        """
        from lookalike.double.paginate import pages_reply

        route: Any = self

        def make() -> Reply:
            said = options.get("status")
            status = self._default_status() if said is None else check_status(said, ".paginate()")
            return pages_reply(
                route, items, style, options, contract=self._owner.contract, status=status, check=self._check
            )

        return self._declare(make)

    def _check(self, reply: Reply, response: Response) -> None:
        route: Any = self
        contracts.check_reply(route, reply, response, self._owner.contract, self._owner.warn)

    @spelled(".rate_limited()", REPLY_HABITS)
    def rate_limited(
        self,
        after: int,
        *,
        retry_after: float | datetime | None = None,
        for_: int | None = 1,
        form: str = "seconds",
        clock: Clock | None = None,
        limit: int | None = None,
        prefix: str = "X-RateLimit",
        draft: bool = False,
        status: int = 429,
        json: Any = MISSING,
    ) -> Route:
        """Let the reply before it answer `after` requests, refuse the next `for_`, and begin a new window.

        retry_after: what Retry-After says: seconds, or the moment as a datetime with a time zone
        for_:        how many requests are refused before a new window begins; None for all. Requests count, not time:
                     nothing waits, so a client that really sleeps is done as soon as it asks again
        form:        how seconds are told: `seconds`, or `date`, which needs a clock
        clock:       tells the time, in seconds since 1970 or as a datetime: `time.time`
        limit:       requests in a whole window, as the headers say it; without it `after`, or 60 where that is 0
        prefix:      of the headers `-Limit`, `-Remaining` and `-Reset`, which each answer gets; `""` for none. Reset is
                     in seconds since 1970 where the moment is known (a datetime, a clock), else in seconds from now
        draft:       whether there are `RateLimit` and `RateLimit-Policy` too (draft-ietf-httpapi-ratelimit-headers-10)
        status:      of the refusal, 429
        json:        its body; else the contract's example, or `{"error": ...}`

        A mock that ends before a request was refused fails: the limit was never reached. Raises UsageError.
        """
        from lookalike.double.limited import LimitedReply, check_refusal, make_limit

        said = {"after": after, "retry_after": retry_after, "for_": for_, "form": form, "clock": clock, "limit": limit,
                "prefix": prefix, "draft": draft}  # fmt: skip
        made, code = make_limit(said), check_refusal(status)
        if not self._replies:
            raise UsageError(".rate_limited() comes after a reply: .respond(json=[]).rate_limited(after=2)")
        refusal = self._refusal(code, "rate limit exceeded", json)
        return self._insert(lambda last: [LimitedReply(last, made, refusal)])

    def _refusal(self, status: int, message: str, json: Any = MISSING) -> Response:
        from lookalike.double.refusals import refusal

        plain = refusal(self._owner.contract, self.method, self.target.relative, status, message)
        return plain if json is MISSING else plain.altered(json=json)

    @spelled(".flaky()", REPLY_HABITS)
    def flaky(self, fail: int = 1, *, with_: Failure | Sequence[Failure] = 503, then: Any = MISSING) -> Route:
        """Fail the first `fail` requests, then answer.

        with_: a status from 400 on, or what `fail` takes, `"reset"`; several take turns
        then:  what answers afterwards: what a function of `respond_with` may return, or such a function. Without it
               the reply that is there already, else the one that is declared next

        Raises UsageError.
        """
        from lookalike.double import flaky

        route: Any = self
        found = flaky.failures(fail, with_, self._refusal)
        if then is MISSING and self._replies and not self._adding:
            return self._insert(lambda last: [*found, last])
        for failure in found:
            # Whatever comes next is added: `.flaky(fail=2).respond(json=[])` is meant as it reads.
            route = self._declare(lambda failure=failure: failure).then  # type: ignore[misc]  # a default binds it
        same: Route = route if then is MISSING else flaky.answer(route, then)
        return same

    def respond_from(self, app: Any, *, kind: Literal["wsgi", "asgi"] | None = None, unchecked: str = "") -> Route:
        """Answer with what a WSGI or ASGI application answers to the path below the base URL; see `mock.mount`."""
        route: Any = self
        root = route.home.path.rstrip("/") if route.home is not None else ""
        return self._respond_from(app, kind, unchecked, root.count("/"))

    def _respond_from(self, app: Any, kind: str | None, unchecked: str, depth: int) -> Route:
        from lookalike.double.apps import AppReply

        route: Any = self
        owner = self._owner
        return self._declare(
            lambda: AppReply(
                app, kind, depth, route.home, unchecked=unchecked, remember=owner.remember, at_end=owner.at_end
            )
        )

    def _answer_by(self, reply: Reply) -> Route:
        return self._declare(lambda: reply)

    def _insert(self, make: Callable[[Reply], Sequence[Reply]]) -> Route:
        """Put others in the place of the last reply."""
        route: Any = self
        with self._lock:
            self._replies[-1:] = make(self._replies[-1])
            self._arm()
        self._owner.changed(route)
        same: Route = route
        return same


class MockHelpers:
    """The part of a mock that other files know how to do."""

    if TYPE_CHECKING:

        def _declare(
            self, verb: str, method: str | None, path: Any, asked: Mapping[str, Any], *, everything: bool = False
        ) -> Route: ...

    def mount(
        self,
        path: str,
        app: Any,
        *,
        kind: Literal["wsgi", "asgi"] | None = None,
        unchecked: str = "",
        **asked: Unpack[Asked],
    ) -> Route:
        """Let a WSGI or ASGI application answer all that is asked below a path (`""` for all), by any method.

        path: below the base URL, or an absolute URL; the application doesn't see it in its own path (PEP 3333's
              SCRIPT_NAME, ASGI's root_path)
        kind: where it can't be seen which of the two the application is

        An ASGI application runs in the client's own asyncio loop where there is one, else in a loop of its own;
        `lifespan` is not run. What an application raises, the code under test meets, and the mock raises it again at
        its end. Its answers are held to the contract. Raises UsageError for what is no application.
        """
        route = self._declare("mount(", None, path or "/", asked, everything=True)
        depth = cast("Everything", route.target.pattern).depth
        return route._respond_from(app, kind, unchecked, depth)

    def pass_through(
        self,
        path: str = "/",
        *,
        alter: Callable[[Response], Response] | None = None,
        unchecked: str = "",
        **asked: Unpack[Asked],
    ) -> Route:
        """Let the real API answer all that is asked below a path or an absolute URL, by any method.

        asked: what else is asked of the request: `where=function`, `headers={...}`; alter: see `Route.pass_through`

        The route may stay unused. A newer route, or one with a higher `priority=`, still takes its requests.
        """
        route = self._declare("pass_through(", None, path or "/", asked, everything=True)
        return route.pass_through(alter=alter, unchecked=unchecked).optional()

    def collection(
        self, path: str, rows: Iterable[Mapping[str, Any]] = (), **options: Unpack[CollectionOptions]
    ) -> Collection:
        """A small stateful resource: list, get, create, replace, patch and delete rows; see `Collection`.

        path: of the list, `/todos`; a row is one segment below. A parameter in it chooses the rows:
              `/users/{userId}/todos`
        rows: what there is at first, each with its id, or without and then numbered

        Raises UsageError, and ContractViolation where the rows contradict the contract.
        """
        from lookalike.double.collection import Collection

        return Collection(cast("MockDouble", self), path, rows, options)
