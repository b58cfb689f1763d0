"""A mock: answers what the test says, held to a contract where there is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from threading import RLock
from typing import Any, Unpack, cast

from lookalike.double import contracts, ending
from lookalike.double.asked import Asked, Path
from lookalike.double.asserting import MockAssertions
from lookalike.double.conditions import Condition, asked_with
from lookalike.double.contracts import ContractLike, Doubt, Lie
from lookalike.double.double import Double
from lookalike.double.everything import everything_below, operation_path
from lookalike.double.functions import Awaited, Pending, asked
from lookalike.double.helpers import MockHelpers
from lookalike.double.index import RouteIndex
from lookalike.double.journal import Calls
from lookalike.double.match import compile_checks, explain, reasons_of
from lookalike.double.miss import describe_miss
from lookalike.double.misuse import CRITERIA_HABITS, MOCK_HABITS, habits_of, names_of, refusal
from lookalike.double.order import Order
from lookalike.double.question import add_query
from lookalike.double.reply import RaisingReply, Reply, is_slip
from lookalike.double.route import Route
from lookalike.double.router import Router, checked_router
from lookalike.double.routes import Routes
from lookalike.double.snapshot import Snapshot
from lookalike.double.strictness import STRICT, Strictness
from lookalike.double.target import authority, below, parse_target
from lookalike.errors import ContractViolation, DoubleError, UnmatchedRequest, UnusedRoute, UsageError
from lookalike.messages import Answer, Exchange, Fault, PassThrough, Request, Response

__tracebackhide__ = True

_KEYWORDS = tuple(Asked.__annotations__)


class MockDouble(MockAssertions, MockHelpers, Double):
    """Answers requests with the replies that a test declares.

    contract: what replies and requests are held to, or None
    failures: what went wrong inside, in order: each was raised into the code under test. A test that expects one
              clears it, else it is raised again when the mock ends
    warnings: what the contract has only never seen
    strictness: what fails and what doesn't, see `Switches`
    ordering: the order that new routes get a place in, or None
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        *,
        contract: ContractLike | None = None,
        journal_limit: int | None = 10_000,
        strictness: Strictness = STRICT,
    ) -> None:
        super().__init__(name, base_url, journal_limit=journal_limit)
        self.contract = contract
        self.strictness = strictness
        self.ordering = Order(self) if strictness.ordered else None
        self.failures: list[BaseException] = []
        self.at_end: list[Callable[[], None]] = []
        self.warnings: list[Doubt] = []
        self._routes: list[Route] = []
        self._declared = 0
        self._index = RouteIndex()
        self._answering: set[Route] = set()
        self._hosts: set[str] = set()
        self._owners: dict[int, tuple[Route, Response]] = {}
        self._fitting: set[tuple[object, ...]] = set()
        self._lock = RLock()

    # -- routes ----------------------------------------------------------------------------------------------------

    def get(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for GET; see `route`."""
        return self._declare("get(", "GET", path, asked_with(condition, asked))

    def post(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for POST; see `route`."""
        return self._declare("post(", "POST", path, asked_with(condition, asked))

    def put(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for PUT; see `route`."""
        return self._declare("put(", "PUT", path, asked_with(condition, asked))

    def patch(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for PATCH; see `route`. Python objects are patched by `unittest.mock`."""
        return self._declare("patch(", "PATCH", path, asked_with(condition, asked))

    def delete(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for DELETE; see `route`."""
        return self._declare("delete(", "DELETE", path, asked_with(condition, asked))

    def head(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for HEAD; see `route`."""
        return self._declare("head(", "HEAD", path, asked_with(condition, asked))

    def options(self, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for OPTIONS; see `route`."""
        return self._declare("options(", "OPTIONS", path, asked_with(condition, asked))

    def route(self, method: str, path: Path, condition: Condition | None = None, **asked: Unpack[Asked]) -> Route:
        """Declare a route for a method, `"*"` for any.

        path: begins with / and is below the base URL, is an absolute URL, or begins with */ for any host. `{name}`
        stands for one segment, `{name:int}` for one of a kind, `{name:path}` for several. A query in it is `params`.
        Percent-encoding is compared decoded; a trailing slash makes another path. A compiled regular expression matches
        the path, or the whole URL where it begins with http, from end to end.
        condition: what else is asked, `having(...)` and what `&`, `|` and `~` make of it

        Raises UsageError for anything else, and for what no request could fit.
        """
        if not isinstance(method, str) or not _METHOD.fullmatch(method):
            raise UsageError(
                f'mock.route({method!r}, ...): a method is a word, mock.route("GET", "/todos"); "*" is any'
            )
        verb = None if method == "*" else method.upper()
        return self._declare(f'route("{method}", ', verb, path, asked_with(condition, asked))

    def _declare(
        self, verb: str, method: str | None, path: Path, asked: Mapping[str, Any], *, everything: bool = False
    ) -> Route:
        call = f"mock.{verb}"
        # The path first: what isn't one was meant for something else, and so were its keywords.
        target = parse_target(path, self.base_url, call)
        if everything:
            target = everything_below(target)
        for keyword in asked:
            if keyword not in _KEYWORDS:
                raise UsageError(refusal(f"{call}{path!r})", keyword, _KEYWORDS, {**_OF_REPLIES, **CRITERIA_HABITS}))
        criteria = {key: value for key, value in asked.items() if value is not None or key == "json"}
        name, priority = criteria.pop("name", ""), criteria.pop("priority", 0)
        if not isinstance(name, str) or type(priority) is not int:
            raise UsageError(f"{call}{path!r}): name= is a str and priority= an int, not {name!r} and {priority!r}")
        add_query(criteria, target.query, f"{call}{path!r})")
        checks = compile_checks(criteria)
        with self._lock:
            self._declared += 1
            order = self._declared
            route = Route(self, method, target, checks, name=name, priority=priority, order=order, home=self._home)
            self._routes.append(route)
            if self.ordering is not None:
                self.ordering.add(route)
            if target.authority is not None:
                self._hosts.add(target.authority)
            self.version += 1
        return route

    @property
    def routes(self) -> Routes:
        """The declared routes, in order; `mock.routes["users.create"]` is the newest of this name."""
        return Routes(self._routes)

    def __getitem__(self, name: str) -> Route:
        """The newest route that was declared with this `name=`. Raises UsageError."""
        return self.routes[name]

    def in_order(self, *routes: Route) -> Order:
        """Routes to be called in this order: those that are given, and in a `with` block those that are declared in it.

        In an order each reply answers once, or as often as `.times(n)` says; what is optional may be left out. A
        request out of turn matches nothing. Raises UsageError for a route that has a place in an order already.
        """
        order = Order(self)
        for route in routes:
            order.add(route)
        return order

    def include(self, *routers: Router) -> tuple[Route, ...]:
        """Declare the routes of routers anew, here: fresh counts, replies held to this API's contract; see `Router`."""
        return tuple(route for router in routers for route in checked_router(router).declare(self))

    def snapshot(self) -> Snapshot:
        """What the mock is like now, to go back to with `rollback`, or at the end of `with mock.snapshot():`."""
        with self._lock:
            return Snapshot(self)

    def progress(self) -> Sequence[int]:
        """How far it is in what isn't a route of its own, for a snapshot."""
        return ()

    def go_back(self, progress: Sequence[int]) -> None:
        """Be again as far as it was."""

    def rollback(self, snapshot: Snapshot, *, keep_calls: bool = False) -> None:
        """Let routes, replies, counts and orders be again what they were, and the calls unless they are to be kept.

        Failures stay. Raises UnusedRoute, once all is as it was, for routes that were declared since and never used.
        """
        snapshot.check(self)
        kept = set(snapshot.routes)
        dropped = [route for route in self._routes if route not in kept]
        fails = self.strictness.unused == "fail"
        unused = ending.unused_routes(self, dropped) if fails and dropped else ""
        with self._lock:
            snapshot.restore(keep_calls=keep_calls)
            self._routes = list(snapshot.routes)
            self._answering = {route for route in self._routes if route.replies}
            self._reindex()
        if unused:
            raise UnusedRoute(unused)

    def changed(self, route: Route) -> None:
        """A route was declared further; doors forget the bytes they kept.

        Requests find a route from its first reply on: another thread may ask while it is being declared.
        """
        with self._lock:
            if route not in self._answering and route.replies:
                self._answering.add(route)
                self._index.add(route)
            if route.fixed is not None:
                self._owners[id(route.fixed)] = (route, route.fixed)
            self.awaits = self.awaits or any(reply.awaits for reply in route.replies)
            self.version += 1

    def withdraw(self, route: Route) -> None:
        """Forget a route whose declaration failed, so that it doesn't count as unused."""
        with self._lock:
            self._routes = [one for one in self._routes if one is not route]
            if route.order is not None:
                route.order.remove(route)
            self._reindex()

    def _reindex(self) -> None:
        index = RouteIndex()
        for one in self._routes:
            if one in self._answering:
                index.add(one)
        self._index = index
        self._hosts = {one.target.authority for one in self._routes if one.target.authority is not None}
        self.version += 1

    def warn(self, warning: Doubt) -> None:
        """Remember what the contract has only never seen, once."""
        with self._lock:
            if warning not in self.warnings:
                self.warnings.append(warning)

    @property
    def lies(self) -> list[Lie]:
        """The replies that say `unchecked="why"`."""
        return [
            Lie(route.label, str(reply.place), reply.unchecked)
            for route in self._routes
            for reply in route.replies
            if reply.unchecked
        ]

    def covers(self, host: str, port: int) -> bool:
        """Whether requests to this host (lower case) and port are this mock's: the API's own, or a route's."""
        if super().covers(host, port):
            return True
        owner = authority(host, port)
        return owner in self._hosts or any(
            route.target.hosts is not None and route.target.hosts.fullmatch(owner) for route in self._routes
        )

    def at_address(self, request: Request) -> tuple[Route, ...]:
        """The routes with a reply whose method, host and path fit a request, the one that wins first."""
        return self._index.at_address(request)

    def strongest(self, route: Route) -> tuple[Route, ...]:
        """The routes whose method, host and path take every request that `route` would, the one that wins first."""
        host = route.target.authority or "any.invalid"
        template = Request(route.method or "*", f"http://{host}{route.target.pattern.sample}")
        return self._index.at_address(template)

    def __dir__(self) -> list[str]:
        return names_of(self)

    # -- requests --------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        """Answer a request by the route that wins, and note both in the journal.

        Raises UnmatchedRequest, ContractViolation for a request or a function's reply that contradicts the contract,
        UsageError for a route without a reply, and what a test's own functions raise.
        """
        answering: Route | None = None
        try:
            settled = True
            for route in self._index.candidates(request):
                for check in route.of_message:
                    if next(check.explain(request), None) is not None:
                        break
                else:
                    reply = route.claim() if route.order is None else route.order.claim(route)
                    if reply is not None:
                        answering = route
                        return self._answer(route, reply, request, settled)
                # A rule of the test's own may decide otherwise the next time.
                settled = settled and route.pure
            return self._unmatched(request)
        except Exception as error:
            self._failed(request, answering, error)
            raise

    async def handle_async(self, request: Request) -> Answer:
        """The same for who can await: what an async function of a reply awaits runs in the caller's own loop."""
        answer = asked(self.handle, request)
        if not isinstance(answer, Pending):
            return answer
        route, reply = answer.route, answer.reply
        try:
            try:
                result = await answer.result()
            except Exception:
                if answer.violation is not None:
                    raise answer.violation from None
                raise
            return self._answered(route, reply, request, result, answer.violation)
        except Exception as error:
            self._failed(request, route, error)
            raise
        except BaseException:
            # The client was cancelled while it waited: it did ask, and heard nothing.
            self.journal.record(Exchange(request), by=route)
            raise

    def _failed(self, request: Request, answering: Route | None, error: Exception) -> None:
        self.journal.record(Exchange(request), by=answering)
        if answering is not None and any(
            isinstance(one, RaisingReply) and one.raised is error for one in answering.replies
        ):
            return
        if isinstance(error, (AssertionError, UsageError)) or (answering is not None and is_slip(error)):
            self.remember(error)

    def _unmatched(self, request: Request) -> Answer:
        """What a request gets that no route took; raises what `_miss` says unless the mock was told not to."""
        strictness = self.strictness
        if strictness.exhausted == "repeat":
            for route in self._index.candidates(request):
                fits = next(reasons_of(route, request), None) is None
                reply = route.repeat() if fits and route.order is None else None
                if reply is not None:
                    return self._answer(route, reply, request, False)
        error = self._miss(request)
        if strictness.unmatched == "fail" or isinstance(error, UsageError):
            raise error
        if isinstance(strictness.unmatched, int):
            text = (("content-type", "text/plain; charset=utf-8"),)
            answer = Response(strictness.unmatched, text, str(error).encode())
            self.journal.note(request, answer)
            return answer
        return self._observed(None, request, PassThrough())

    def _every(self) -> Calls:
        return self.calls

    def _miss(self, request: Request) -> DoubleError | UsageError:
        for route in self._routes:
            if not route.replies and not explain(route, request):
                return UsageError(
                    f"{route.label}, declared at {route.place}, has no reply; "
                    "add .respond(json=...) or .respond(204) to it"
                )
        told = describe_miss(request, self._routes, self._home, self.contract, self.base_url)
        return UnmatchedRequest("\n".join([told, *self.hints(request)]))

    def hints(self, request: Request) -> list[str]:
        """What else to say of a request that no route matches, a line each."""
        passed = self.journal.passed
        return [f"Let through meanwhile: {', '.join(passed)}."] if passed else []

    def elsewhere(self) -> list[str]:
        """Where requests that this mock never got went instead, as far as it is known, a sentence each."""
        return []

    def _answer(self, route: Route, reply: Reply, request: Request, settled: bool) -> Answer:
        violation = self._violation(route, reply, request) if self.contract is not None else None
        fixed = route.fixed
        if fixed is not None and settled and violation is None:
            self.journal.note(request, fixed, by=route)
            return fixed
        try:
            answer = reply.answer(request, route.path_parameters)
        except Exception:
            # A function that wasn't written for such a request may well fail on it: the request is to blame.
            if violation is not None:
                raise violation from None
            raise
        if isinstance(answer, Awaited):
            # Only `handle_async` asks so that an answer may be awaited, and it takes it from here.
            return cast("Answer", Pending(answer.result, route, reply, violation))
        return self._answered(route, reply, request, answer, violation)

    def _answered(
        self, route: Route, reply: Reply, request: Request, answer: Answer, violation: ContractViolation | None
    ) -> Answer:
        if violation is not None and not (isinstance(answer, Response) and 400 <= answer.status < 500):
            raise violation
        if isinstance(answer, Response) and (reply.response is None or not route.of_one_operation):
            path = operation_path(route, request)
            contracts.check_reply(route, reply, answer, self.contract, self.warn, request.method, path)
        return self._noted(route, reply, request, answer)

    def _violation(self, route: Route, reply: Reply, request: Request) -> ContractViolation | None:
        """What the request contradicts. A mocked refusal (4xx) and an unchecked reply are for such requests."""
        contract = self.contract
        ours = route.target.relative is not None or route.target.pattern.of_home
        path = below(request.path, self._home) if ours else None
        refusal = reply.response is not None and 400 <= reply.response.status < 500
        if contract is None or path is None or refusal or reply.unchecked:
            return None
        key = (request.method, request.url, request.headers.pairs, request.content)
        small = len(request.content) <= _SMALL
        if small and key in self._fitting:
            return None
        found = contract.check_request(request, path)
        if small and not found:
            if len(self._fitting) >= _REMEMBERED:
                self._fitting.clear()
            self._fitting.add(key)
        return contracts.request_violation(route, reply, request, found, contract, self.warn)

    def _noted(self, route: Route, reply: Reply, request: Request, answer: Answer) -> Answer:
        if isinstance(answer, PassThrough):
            return self._observed(route, request, answer)
        waits = request.timeout
        if isinstance(answer, Response) and answer.delay and waits is not None and answer.delay > waits:
            # The client waits less than the answer takes: the journal shows how long it would have taken.
            fault = Fault("read-timeout")
            self.journal.record(Exchange(request, None, fault, elapsed=answer.delay), by=route)
            return fault
        self.journal.note(request, answer, by=route)
        return answer

    def _observed(self, route: Route | None, request: Request, answer: PassThrough) -> PassThrough:
        seen: list[Response] = []
        self.journal.record(lambda: Exchange(request, seen[-1] if seen else None), by=route)

        def observe(response: Response) -> None:
            seen.append(response)
            if answer.observe is not None:
                answer.observe(response)

        def alter(response: Response) -> Response:
            changed = answer.alter(response) if answer.alter is not None else response
            seen.append(changed)
            return changed

        return PassThrough(observe, None if answer.alter is None else alter)

    def again(self, request: Callable[[], Request], response: Response) -> None:
        """Note that a door sent a `reusable` response again by itself; it counts as a call of its route."""
        owner = self._owners.get(id(response))
        route = owner[0] if owner is not None else None
        if route is not None:
            route.count_again(response)
        self.journal.record(lambda: Exchange(request(), response), by=route)

    # -- the end ---------------------------------------------------------------------------------------------------

    def left_over(self) -> str:
        """What was declared and not used, in words; empty where nothing is left."""
        return ending.unused_routes(self, self.routes)

    def remember(self, error: BaseException) -> None:
        """Keep what was raised into the code under test, so that it is raised again if that swallows it."""
        with self._lock:
            if not any(one is error for one in self.failures):
                self.failures.append(error)

    def finish(self, error: BaseException | None = None) -> None:
        """End the mock: raise what the code under test swallowed, and what was declared and not used.

        error: what the block that used the mock fails with, or None. It stays what is raised: ours is added to it as
               a note. Raises DoubleError (or UsageError that was swallowed), one message for several.
        """
        while self.at_end:
            self.at_end.pop()()
        ending.finish(self, error)


habits_of(MockDouble, "a mock", MOCK_HABITS)

# A method is a token (RFC 9110, sections 5.6.2 and 9.1).
_METHOD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SMALL = 4096
_REMEMBERED = 1024
_OF_REPLIES = dict.fromkeys(
    ("status", "status_code", "html", "stream", "sse", "delay", "unchecked", "body", "reply", "response",
     "return_value"),
    "a reply is declared on the route: .respond(...)",
) | {"side_effect": "it is declared on the route: .fail(exception), or .respond_with(function)"}  # fmt: skip
