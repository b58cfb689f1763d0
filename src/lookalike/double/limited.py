"""A rate limit around a reply: some requests are answered, then one is told to wait (RFC 6585, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Lock
from typing import Any, Literal

from lookalike.double.functions import Awaited
from lookalike.double.reply import PathParameters, Reply, check_status
from lookalike.errors import UsageError
from lookalike.messages import Answer, Request, Response

Clock = Callable[[], datetime | float]


@dataclass(frozen=True, slots=True)
class Limit:
    """What is said of a rate limit.

    after:       requests that are answered at first, in the window that is open
    limited:     requests that are refused then, after which a new window begins; None for all
    retry_after: seconds, or the moment itself; None for no such header
    form:        how Retry-After says it (RFC 9110, section 10.2.3): `seconds` or `date`
    clock:       what time it is: seconds since 1970, or a datetime with a time zone; None where nobody knows
    quota:       requests in a whole window: what the headers call the limit
    prefix:      of the headers `-Limit`, `-Remaining` and `-Reset`, `""` for none
    draft:       whether there are `RateLimit` and `RateLimit-Policy` too (draft-ietf-httpapi-ratelimit-headers)
    """

    after: int
    limited: int | None
    retry_after: float | datetime | None
    form: Literal["seconds", "date"]
    clock: Clock | None
    quota: int
    prefix: str
    draft: bool

    def headers(self, left: int, *, refused: bool) -> dict[str, str]:
        """The header fields of an answer, `left` requests before the limit."""
        now = None if self.clock is None else _moment(self.clock(), "clock=")
        wait = self.retry_after
        until = wait if isinstance(wait, datetime) else None if now is None else now + timedelta(seconds=wait or 0)
        seconds = self._seconds(now)
        said: dict[str, str] = {}
        if refused and wait is not None:
            dated = until is not None and (self.form == "date" or seconds is None)
            said["retry-after"] = _http_date(until) if dated and until is not None else str(seconds)
        if self.prefix:
            said[f"{self.prefix}-Limit"] = str(self.quota)
            said[f"{self.prefix}-Remaining"] = str(left)
            # Where the moment is known, it is told as GitHub does, in seconds since 1970; else as seconds from now.
            if until is not None:
                said[f"{self.prefix}-Reset"] = str(_ceiling(until.timestamp()))
            elif seconds is not None:
                said[f"{self.prefix}-Reset"] = str(seconds)
        if self.draft:
            said["ratelimit-policy"] = f'"default";q={self.quota}' + (f";w={seconds}" if seconds else "")
            said["ratelimit"] = f'"default";r={left}' + (f";t={seconds}" if seconds is not None else "")
        return said

    def _seconds(self, now: datetime | None) -> int | None:
        if isinstance(self.retry_after, datetime):
            return None if now is None else max(0, _ceiling((self.retry_after - now).total_seconds()))
        return None if self.retry_after is None else _ceiling(self.retry_after)


class LimitedReply(Reply):
    """Another reply, as long as the limit isn't reached; then the refusal.

    inner:   the reply that answers
    refusal: the answer at the limit, without the limit's headers
    """

    def __init__(self, inner: Reply, limit: Limit, refusal: Response) -> None:
        super().__init__(inner.place, inner.unchecked)
        self.inner = inner
        self.times = inner.times
        self.awaits = inner.awaits
        self._limit = limit
        self._refusal = refusal
        self._at = 0
        self._lock = Lock()

    @property
    def label(self) -> str:
        return f"{self.inner.label}.rate_limited(after={self._limit.after})"

    @property
    def needed(self) -> int:
        """One request has to meet the limit: a limit that nothing meets shows nothing."""
        return self._limit.after + 1 if self.times is None else self.times

    def answer(self, request: Request, path_parameters: PathParameters) -> Answer:
        left = self._left()
        if left < 0:
            return self._refused()
        return self._with_headers(self.inner.answer(request, path_parameters), left)

    def _left(self) -> int:
        """How many requests are left in this window after this one; -1 where it is one too many."""
        limit = self._limit
        with self._lock:
            at = self._at
            self._at += 1
        if at < limit.after:
            return limit.after - 1 - at
        if limit.limited is None:
            return -1
        refused, answered = limit.limited, limit.quota
        at = (at - limit.after) % (refused + answered)
        return answered - 1 - (at - refused) if at >= refused else -1

    def _refused(self) -> Response:
        return self._refusal.altered(headers=self._limit.headers(0, refused=True))

    def _with_headers(self, answer: Answer, left: int) -> Answer:
        if isinstance(answer, Awaited):
            return self._awaited(answer, left)  # the mock takes it from here
        if not isinstance(answer, Response):
            return answer
        return answer.altered(headers=self._limit.headers(left, refused=False))

    def _awaited(self, answer: Awaited, left: int) -> Awaited:
        async def result() -> Answer:
            return self._with_headers(await answer.result(), left)

        return Awaited(result)


def make_limit(said: Mapping[str, Any]) -> Limit:
    """The limit as `Route.rate_limited` is told it. Raises UsageError for what makes no sense."""
    for name, fits, what in _FITTING:
        if not fits(said[name]):
            raise UsageError(f"{_CALL}: {name}= is {what}, not {said[name]!r}")
    wait, form, clock = said["retry_after"], said["form"], said["clock"]
    if isinstance(wait, datetime):
        wait, form = _moment(wait, "retry_after="), "date"
    elif form == "date" and (clock is None or wait is None):
        raise UsageError(
            f'{_CALL}: form="date" needs a moment; give retry_after=datetime(..., tzinfo=UTC), or the seconds and '
            "clock=time.time"
        )
    quota = (said["after"] or _QUOTA) if said["limit"] is None else said["limit"]
    return Limit(said["after"], said["for_"], wait, form, clock, quota, said["prefix"], said["draft"])


def check_refusal(status: object) -> int:
    """The status of the refusal. Raises UsageError for one that is no error."""
    code = check_status(status, _CALL)
    if code < 400:
        raise UsageError(f"{_CALL}: status= is an error, 429 or as GitHub's 403, not {status!r}")
    return code


_CALL = ".rate_limited()"
_QUOTA = 60  # requests in a window of which nothing is left and nothing else is said


def _is_count(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def _is_wait(value: object) -> bool:
    return value is None or isinstance(value, datetime) or (type(value) in (int, float) and 0 <= value < float("inf"))  # type: ignore[operator]  # a number, by its type


_FITTING: tuple[tuple[str, Callable[[object], bool], str], ...] = (
    ("after", lambda value: _is_count(value, 0), "how many requests are answered first, 0 or more"),
    ("for_", lambda value: value is None or _is_count(value, 1), "how many requests are refused, or None for all"),
    ("retry_after", _is_wait, "a number of seconds or a datetime"),
    ("form", lambda value: value in ("seconds", "date"), '"seconds" or "date"'),
    ("clock", lambda value: value is None or callable(value), "a function that tells the time, as time.time does"),
    ("limit", lambda value: value is None or _is_count(value, 1), "a number of requests, 1 or more"),
    ("prefix", lambda value: isinstance(value, str), 'how the headers begin, "X-RateLimit", or ""'),
    ("draft", lambda value: isinstance(value, bool), "True or False"),
)
"""What each keyword takes, and how that is told."""


def _moment(said: Any, keyword: str) -> datetime:
    if isinstance(said, datetime):
        if said.tzinfo is None:
            raise UsageError(f"{_CALL}: {keyword} is {said!r}, which has no time zone; write datetime(..., tzinfo=UTC)")
        return said.astimezone(UTC)
    if type(said) in (int, float):
        return datetime.fromtimestamp(said, UTC)
    raise UsageError(f"{_CALL}: {keyword} tells seconds since 1970 or a datetime, not {said!r}")


def _http_date(moment: datetime) -> str:
    """RFC 9110, section 5.6.7; a part of a second is rounded up, so that nobody comes too early."""
    whole = moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)
    return format_datetime(whole, usegmt=True)


def _ceiling(seconds: float) -> int:
    return -int(-seconds // 1)
