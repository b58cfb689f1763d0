"""A mock: answers what the test says, held to a contract where there is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, Unpack

from lookalike.double import contracts, ending
from lookalike.double.asked import Asked
from lookalike.double.contracts import ContractLike, Doubt, Lie
from lookalike.double.double import Double
from lookalike.double.index import RouteIndex
from lookalike.double.match import compile_checks, explain
from lookalike.double.miss import describe_miss
from lookalike.double.misuse import MOCK_HABITS, habits_of, names_of, refusal
from lookalike.double.reply import Reply, is_slip
from lookalike.double.route import Route
from lookalike.double.target import authority, below, parse_target
from lookalike.errors import ContractViolation, DoubleError, UnmatchedRequest, UsageError
from lookalike.messages import Answer, Exchange, Fault, PassThrough, Request, Response

__tracebackhide__ = True

_KEYWORDS = tuple(Asked.__annotations__)


class MockDouble(Double):
    """Answers requests with the replies that a test declares.

    contract: what replies and requests are held to, or None
    failures: what went wrong inside, in order: each was raised into the code under test. A test that expects one
              clears it, else it is raised again when the mock ends
    warnings: what the contract has only never seen
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        *,
        contract: ContractLike | None = None,
        journal_limit: int | None = 10_000,
    ) -> None:
        super().__init__(name, base_url, journal_limit=journal_limit)
        self.contract = contract
        self.failures: list[BaseException] = []
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

    def get(self, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for GET; see `route`."""
        return self._declare("get(", "GET", path, asked)

    def post(self, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for POST; see `route`."""
        return self._declare("post(", "POST", path, asked)

    def put(self, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for PUT; see `route`."""
        return self._declare("put(", "PUT", path, asked)

    def patch(self, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for PATCH; see `route`. Python objects are patched by `unittest.mock`."""
        return self._declare("patch(", "PATCH", path, asked)

    def delete(self, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for DELETE; see `route`."""
        return self._declare("delete(", "DELETE", path, asked)

    def head(self, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for HEAD; see `route`."""
        return self._declare("head(", "HEAD", path, asked)

    def options(self, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for OPTIONS; see `route`."""
        return self._declare("options(", "OPTIONS", path, asked)

    def route(self, method: str, path: str, **asked: Unpack[Asked]) -> Route:
        """Declare a route for a method, `"*"` for any.

        path: begins with / and is below the base URL, or is an absolute URL of any host. `{name}` stands for one
        segment. A query in it is `params`. Percent-encoding is compared decoded; a trailing slash makes another path.

        Raises UsageError for anything else, and for what no request could fit.
        """
        if not isinstance(method, str) or not _METHOD.fullmatch(method):
            raise UsageError(
                f'mock.route({method!r}, ...): a method is a word, mock.route("GET", "/todos"); "*" is any'
            )
        return self._declare(f'route("{method}", ', None if method == "*" else method.upper(), path, asked)

    def _declare(self, verb: str, method: str | None, path: str, asked: Mapping[str, Any]) -> Route:
        call = f"mock.{verb}"
        # The path first: what isn't one was meant for something else, and so were its keywords.
        target = parse_target(path, self.base_url, call)
        for keyword in asked:
            if keyword not in _KEYWORDS:
                raise UsageError(refusal(f"{call}{path!r})", keyword, _KEYWORDS, _OF_REPLIES))
        criteria = {key: value for key, value in asked.items() if value is not None or key == "json"}
        name, priority = criteria.pop("name", ""), criteria.pop("priority", 0)
        if not isinstance(name, str) or type(priority) is not int:
            raise UsageError(f"{call}{path!r}): name= is a str and priority= an int, not {name!r} and {priority!r}")
        _add_query(criteria, target.query, f"{call}{path!r})")
        checks = compile_checks(criteria)
        with self._lock:
            self._declared += 1
            order = self._declared
            route = Route(self, method, target, checks, name=name, priority=priority, order=order, home=self._home)
            self._routes.append(route)
            if target.authority is not None:
                self._hosts.add(target.authority)
            self.version += 1
        return route

    @property
    def routes(self) -> tuple[Route, ...]:
        """The declared routes, in order."""
        return tuple(self._routes)

    def changed(self, route: Route) -> None:
        """A route was declared further; doors forget the bytes they kept.

        Requests find a route from its first reply on: another thread may ask while it is being declared.
        """
        with self._lock:
            if route not in self._answering:
                self._answering.add(route)
                self._index.add(route)
            if route.fixed is not None:
                self._owners[id(route.fixed)] = (route, route.fixed)
            self.version += 1

    def withdraw(self, route: Route) -> None:
        """Forget a route whose declaration failed, so that it doesn't count as unused."""
        with self._lock:
            self._routes = [one for one in self._routes if one is not route]
            index = RouteIndex()
            for one in self._routes:
                if one in self._answering:
                    index.add(one)
            self._index = index
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

    def strongest(self, route: Route) -> tuple[Route, ...]:
        """The routes whose method, host and path take every request that `route` would, the one that wins first."""
        host = route.target.authority or "any.invalid"
        template = Request(route.method or "*", f"http://{host}{route.target.pattern.template}")
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
                    reply = route.claim()
                    if reply is not None:
                        answering = route
                        return self._answer(route, reply, request, settled)
                # A rule of the test's own may decide otherwise the next time.
                settled = settled and route.pure
            raise self._miss(request)
        except Exception as error:
            self.journal.record(Exchange(request), by=answering)
            if isinstance(error, (AssertionError, UsageError)) or (answering is not None and is_slip(error)):
                self.remember(error)
            raise

    def _miss(self, request: Request) -> DoubleError | UsageError:
        for route in self._routes:
            if not route.replies and not explain(route, request):
                return UsageError(
                    f"{route.label}, declared at {route.place}, has no reply; "
                    "add .respond(json=...) or .respond(204) to it"
                )
        told = describe_miss(request, self._routes, self._home, self.contract)
        return UnmatchedRequest("\n".join([told, *self.hints(request)]))

    def hints(self, request: Request) -> list[str]:
        """What else to say of a request that no route matches, a line each."""
        passed = self.journal.passed
        return [f"Let through meanwhile: {', '.join(passed)}."] if passed else []

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
        if violation is not None and not (isinstance(answer, Response) and 400 <= answer.status < 500):
            raise violation
        if isinstance(answer, Response) and (reply.response is None or route.method is None):
            contracts.check_reply(route, reply, answer, self.contract, self.warn, request.method)
        return self._noted(route, reply, request, answer)

    def _violation(self, route: Route, reply: Reply, request: Request) -> ContractViolation | None:
        """What the request contradicts. A mocked refusal (4xx) and an unchecked reply are for such requests."""
        contract = self.contract
        path = below(request.path, self._home) if route.target.relative is not None else None
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
        if isinstance(answer, Fault) and reply.response is not None:
            # The client waits less than the answer takes: the journal shows how long it would have taken.
            self.journal.record(Exchange(request, None, answer, elapsed=reply.response.delay), by=route)
        else:
            self.journal.note(request, answer, by=route)
        return answer

    def _observed(self, route: Route, request: Request, answer: PassThrough) -> PassThrough:
        seen: list[Response] = []
        self.journal.record(lambda: Exchange(request, seen[-1] if seen else None), by=route)

        def observe(response: Response) -> None:
            seen.append(response)
            if answer.observe is not None:
                answer.observe(response)

        return PassThrough(observe)

    def again(self, request: Callable[[], Request], response: Response) -> None:
        """Note that a door sent a `reusable` response again by itself; it counts as a call of its route."""
        owner = self._owners.get(id(response))
        route = owner[0] if owner is not None else None
        if route is not None:
            route.count_again(response)
        self.journal.record(lambda: Exchange(request(), response), by=route)

    # -- the end ---------------------------------------------------------------------------------------------------

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
        ending.finish(self, error)


habits_of(MockDouble, "a mock", MOCK_HABITS)

# A method is a token (RFC 9110, sections 5.6.2 and 9.1).
_METHOD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SMALL = 4096
_REMEMBERED = 1024
_OF_REPLIES = dict.fromkeys(
    ("status", "status_code", "text", "html", "stream", "sse", "delay", "unchecked", "body", "reply", "response",
     "return_value", "side_effect"),
    "a reply is declared on the route: .respond(...)",
)  # fmt: skip


def _add_query(criteria: dict[str, Any], query: tuple[tuple[str, str], ...], spelled: str) -> None:
    if not query:
        return
    params = criteria.get("params", {})
    if not isinstance(params, Mapping):
        raise UsageError(f"{spelled}: params= takes a dict, not {params!r}")
    wanted: dict[str, Any] = {}
    for name, value in query:
        if name in params:
            raise UsageError(f"{spelled}: the parameter {name!r} is in the path and in params=; keep one of them")
        earlier = wanted.get(name)
        wanted[name] = value if earlier is None else [*(earlier if isinstance(earlier, list) else [earlier]), value]
    criteria["params"] = {**wanted, **params}
