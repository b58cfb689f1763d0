"""A reply that a function of the test makes, sync or async."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike import waiting
from lookalike.double.reply import PathParameters, Reply
from lookalike.double.results import answer_of
from lookalike.double.source import Place
from lookalike.errors import ContractViolation, UsageError
from lookalike.messages import Answer, Request

if TYPE_CHECKING:
    from lookalike.double.route import Route

# The request whose asker can await: what a function returns for that is then handed on and not waited for here. The
# request itself, as a function may ask others meanwhile, and begin tasks that inherit this, whose askers can't.
_awaiting: ContextVar[Request | None] = ContextVar("lookalike_awaiting", default=None)


class Awaited(NamedTuple):
    """What an async function will answer."""

    result: Callable[[], Awaitable[Answer]]


class Pending(NamedTuple):
    """The same, and which route and reply it is for; `violation` is the request's."""

    result: Callable[[], Awaitable[Answer]]
    route: Route
    reply: Reply
    violation: ContractViolation | None


def asked(handle: Callable[[Request], Answer], request: Request) -> Answer | Pending:
    """What `handle` answers, `Pending` where an async function does."""
    token = _awaiting.set(request)
    try:
        return handle(request)
    finally:
        _awaiting.reset(token)


def awaiting(request: Request) -> bool:
    """Whether who sent this request can await: a reply may then answer with `Awaited`."""
    return _awaiting.get() is request


class FunctionReply(Reply):
    """What a function of the test returns, as `answer_of` reads it.

    What an async one awaits runs in the loop of who asked, or in one of its own where that can't await.

    It gets the request as its first argument, and the path's parameters by name where it asks for them.
    status:   for results that don't say one
    remember: told what goes wrong in a stream that the function returns
    """

    def __init__(
        self,
        function: Any,
        names: Sequence[str],
        place: Place,
        unchecked: str,
        status: int,
        remember: Callable[[BaseException], None],
    ) -> None:
        super().__init__(place, unchecked)
        self._status = status
        self._remember = remember
        called = function if inspect.isroutine(function) else type(function).__call__
        self.awaits = inspect.iscoroutinefunction(called)
        self._function, self._request, self._names = _plan(function, names)

    @property
    def label(self) -> str:
        return f"respond_with({getattr(self._function, '__name__', repr(self._function))})"

    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        named = {}
        if self._names is None or self._names:
            values = path_parameters(request)
            named = {name: value for name, value in values.items() if self._names is None or name in self._names}
        if self._request:
            # A request of its own: what the function does to the decoded JSON, the journal doesn't show.
            own = Request(
                request.method, request.url, request.headers, request.content,
                timeout=request.timeout, options=lambda: request.options,
            )  # fmt: skip
            result = self._function(own, **named)
        else:
            result = self._function(**named)
        return self._waited(request, result) if hasattr(result, "__await__") else self._understood(result)

    def _waited(self, request: Request, result: Awaitable[Any]) -> Any:
        async def understood() -> Answer:
            return self._understood(await result)

        return Awaited(understood) if awaiting(request) else waiting.run(understood)

    def _understood(self, result: Any) -> Answer:
        return answer_of(result, self._status, f"{self.label}, declared at {self.place}", self._remember)


def _plan(function: Any, names: Sequence[str]) -> tuple[Callable[..., Any], bool, frozenset[str] | None]:
    """The function, whether it takes the request, and which path parameters it takes (None for all)."""
    failure = function if isinstance(function, type) else type(function)
    if issubclass(failure, BaseException):
        raise UsageError(
            f".respond_with() takes a function of the request, not {function!r}; write .fail({failure.__name__}(...))"
        )
    if not callable(function):
        raise UsageError(f".respond_with() takes a function of the request, not {function!r}; write .respond(json=...)")
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return function, True, frozenset()
    takes_request, taken, everything = False, set(), False
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            everything = True
        elif parameter.kind is parameter.VAR_POSITIONAL:
            takes_request = True
        elif parameter.name in names and parameter.kind is not parameter.POSITIONAL_ONLY:
            taken.add(parameter.name)
        elif not takes_request and parameter.kind is not parameter.KEYWORD_ONLY and not taken:
            takes_request = True
        elif parameter.default is parameter.empty:
            known = ", ".join(names) or "none"
            raise UsageError(
                f".respond_with(): its parameter {parameter.name!r} is neither the request, which comes first, "
                f"nor a parameter of the path (there: {known})"
            )
    return function, takes_request, None if everything else frozenset(taken)
