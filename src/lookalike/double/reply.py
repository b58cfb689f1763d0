"""One answer of a route: known bytes, a function, a failure, or the real API."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from lookalike.double.faults import made_error, make_fault
from lookalike.double.source import Place
from lookalike.errors import LookalikeError, UsageError
from lookalike.messages import Answer, PassThrough, Request, Response, has_no_body

PathParameters = Callable[[Request], Mapping[str, Any]]


class Reply(ABC):
    """One answer.

    place:     the line that declares it
    times:     how often it answers, None for once, or for ever where it is the route's last
    unchecked: why it may contradict the contract, `""` where it may not
    used:      how often it answered
    limit:     how often it may answer; the route sets it
    awaits:    whether it answers by something async
    """

    awaits = False

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

    def state(self) -> dict[str, Any]:
        """What a snapshot keeps of it."""
        return dict(vars(self))

    def restore(self, state: dict[str, Any]) -> None:
        """Be again as a snapshot says."""
        vars(self).update(state)

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
        return self._response


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


def is_slip(error: BaseException) -> bool:
    """Whether what a test's own function raised is a mistake in it, not a failure of a client that it plays.

    Clients fail with exceptions of their own or with an OSError, so Python's other built-in ones are mistakes, and so
    is an error of lookalike.
    """
    if isinstance(error, OSError):
        return False
    return isinstance(error, AssertionError | LookalikeError) or type(error).__module__ == "builtins"


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


class RaisingReply(Reply):
    """An exception of the test's in place of an answer; `raised` is the last one, which is no mistake of the test."""

    def __init__(self, error: BaseException | type[BaseException], place: Place) -> None:
        super().__init__(place)
        self._make = made_error(error)
        self.raised: Exception = self._make()

    @property
    def label(self) -> str:
        return f"fail({type(self.raised).__name__})"

    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        self.raised = self._make()
        raise self.raised


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
    failure = status if isinstance(status, type) else type(status)
    if issubclass(failure, BaseException):
        right = f".fail({failure.__name__}(...)), which raises it"
    raise UsageError(f"{spelled}: a status is a number from 200 to 599, not {status!r}; write {right}")


def check_body(status: int, has_body: bool, spelled: str) -> None:
    """Raise UsageError for a body where the status has none."""
    if has_body and has_no_body(status):
        raise UsageError(
            f"{spelled}: an answer of {status} has no body, and a client would not see this one; leave it out, or say "
            "another status"
        )


def check_delay(delay: object) -> float:
    """The delay in seconds, if it is one. Raises UsageError."""
    if isinstance(delay, (int, float)) and not isinstance(delay, bool) and 0 <= delay < float("inf"):
        return float(delay)
    if isinstance(delay, timedelta) and delay >= timedelta():
        return delay.total_seconds()
    raise UsageError(f"delay= is a number of seconds or a timedelta, not {delay!r}")
