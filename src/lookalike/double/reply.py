"""One answer of a route: known bytes, a function, a failure, or the real API."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lookalike.double.body import Chunks, json_body
from lookalike.double.faults import make_fault
from lookalike.double.source import Place
from lookalike.errors import LookalikeError, UsageError
from lookalike.messages import Answer, Fault, PassThrough, Request, Response

PathParameters = Callable[[Request], Mapping[str, str]]


class Reply(ABC):
    """One answer.

    place:     the line that declares it
    times:     how often it answers, None for once, or for ever where it is the route's last
    unchecked: why it may contradict the contract, `""` where it may not
    used:      how often it answered
    limit:     how often it may answer; the route sets it
    """

    def __init__(self, place: Place, unchecked: str = "") -> None:
        self.place = place
        self.unchecked = unchecked
        self.times: int | None = None
        self.used = 0
        self.limit = float("inf")

    @property
    @abstractmethod
    def label(self) -> str:
        """As messages show it: `respond(200)`."""

    @abstractmethod
    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        """What the request gets. The path's parameters are only looked up where they are asked for."""

    @property
    def response(self) -> Response | None:
        """The response where it is known beforehand."""
        return None

    @property
    def needed(self) -> int:
        """How often it has to answer before the mock ends."""
        return 1 if self.times is None else self.times


class StaticReply(Reply):
    """The same response each time, built when it was declared.

    whole: the response as a contract judges it, with a stream's chunks as its content; None where they aren't known
    partial: for a reply that a contract completed, what the test said of the body, MISSING for nothing
    """

    def __init__(self, response: Response, place: Place, unchecked: str, whole: Response | None) -> None:
        super().__init__(place, unchecked)
        self._response = response
        self.whole = whole
        self.partial: tuple[Any] | None = None
        self.kept = _with_reusable(response, True)

    @property
    def label(self) -> str:
        return f"respond({self._response.status})"

    @property
    def response(self) -> Response:
        return self._response

    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        response = self._response
        if response.delay and request.timeout is not None and response.delay > request.timeout:
            return Fault("read-timeout")
        return response


def _with_reusable(response: Response, reusable: bool) -> Response:
    return Response(
        response.status,
        response.headers,
        response.content,
        chunks=response.chunks,
        delay=response.delay,
        reason=response.reason,
        http_version=response.http_version,
        reusable=reusable,
    )


class FunctionReply(Reply):
    """What a function of the test returns: a Response, (status, value), or a value to be sent as JSON.

    It gets the request as its first argument, and the path's parameters by name where it asks for them.
    status: for results that don't say one
    """

    def __init__(self, function: Any, names: Sequence[str], place: Place, unchecked: str, status: int) -> None:
        super().__init__(place, unchecked)
        self._status = status
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
            own = Request(request.method, request.url, request.headers, request.content, timeout=request.timeout)
            result = self._function(own, **named)
        else:
            result = self._function(**named)
        return self._understood(result)

    def _understood(self, result: Any) -> Answer:
        status = self._status
        if isinstance(result, (Response, Fault, PassThrough)):
            return result
        if isinstance(result, tuple) and len(result) == 2 and type(result[0]) is int:
            status, result = result
            check_status(status, self.label)
            if result is None:
                return Response(status)
        if isinstance(result, bytes):
            return Response(status, (), result)
        if isinstance(result, str):
            return Response(status, (("content-type", "text/plain; charset=utf-8"),), result.encode())
        if result is None:
            raise UsageError(
                f"{self.label}, declared at {self.place}, returned None; return a value for the JSON body, "
                "(status, value), or a Response"
            )
        try:
            body = json_body(result)
        except UsageError as error:
            raise UsageError(f"{self.label}, declared at {self.place}: {error}") from None
        return Response(status, (("content-type", body.kind),), body.content)


def _plan(function: Any, names: Sequence[str]) -> tuple[Callable[..., Any], bool, frozenset[str] | None]:
    """The function, whether it takes the request, and which path parameters it takes (None for all)."""
    if not callable(function):
        raise UsageError(f".respond_with() takes a function of the request, not {function!r}; write .respond(json=...)")
    called = function if inspect.isroutine(function) else type(function).__call__
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called):
        raise UsageError(
            f".respond_with({function!r}): an async function; a double answers at once, so use a plain def"
        )
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


def is_slip(error: BaseException) -> bool:
    """Whether what a test's own function raised is a mistake in it, not a failure of a client that it plays.

    Clients fail with exceptions of their own or with an OSError, so Python's other built-in ones are mistakes, and so
    is an error of lookalike.
    """
    if isinstance(error, OSError):
        return False
    return isinstance(error, AssertionError | LookalikeError) or type(error).__module__ == "builtins"


def watched(chunks: Chunks, slipped: Callable[[BaseException], None]) -> Chunks:
    """The chunks of a test's own function; what goes wrong in it is told, then raised."""

    def watch() -> Iterator[bytes]:
        try:
            yield from chunks()
        except Exception as error:
            if is_slip(error):
                slipped(error)
            raise

    return watch


class FaultReply(Reply):
    """A failure in place of an answer. Raises UsageError for an unknown kind."""

    def __init__(self, kind: object, place: Place) -> None:
        super().__init__(place)
        self._fault = make_fault(kind)

    @property
    def label(self) -> str:
        return f'fail("{self._fault.kind}")'

    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        return self._fault


class RealReply(Reply):
    """The real API answers."""

    @property
    def label(self) -> str:
        return "pass_through()"

    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        return PassThrough()


def check_status(status: object, spelled: str) -> int:
    """The status, if it is one. Raises UsageError."""
    if type(status) is int and 200 <= status <= 599:
        return status
    right = f".respond(json={status!r})" if isinstance(status, (dict, list)) else ".respond(404)"
    if isinstance(status, str) and status.isdecimal() and 200 <= int(status) <= 599:
        right = f".respond({int(status)})"
    raise UsageError(f"{spelled}: a status is a number from 200 to 599, not {status!r}; write {right}")


def check_delay(delay: object) -> float:
    """The delay in seconds, if it is one. Raises UsageError."""
    if isinstance(delay, (int, float)) and not isinstance(delay, bool) and 0 <= delay < float("inf"):
        return float(delay)
    raise UsageError(f"delay= is a number of seconds, not {delay!r}")
