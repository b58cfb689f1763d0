"""Asks the real API: slowly, seldom, safely, and with a reason where no usable answer comes."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from lookalike.errors import CredentialsRefused, RealApiError, Unreachable, UsageError
from lookalike.live.credentials import Credentials
from lookalike.live.pages import looks_like_html, page_reason, what_page
from lookalike.live.reasons import REASONS, unreachable
from lookalike.live.wire import Limits, exchange, shown
from lookalike.messages import Exchange, Headers, Request, Response

__all__ = ["REASONS", "Asked", "Asker"]

SAFE = frozenset({"GET", "HEAD"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NETWORK_LOGIN = 511  # RFC 6585, section 6: never from the API itself
_FOR_NOW = frozenset({302, 303, 307})
_MOST_REDIRECTS = 5
_WORTH_RETRYING = frozenset({"reset", "truncated", "wrong-length", "bad-chunk", "bad-coding"})
_SECONDS = re.compile(r"\d{1,9}")
_DEFAULT_HEADERS = (
    ("Accept", "application/json, */*;q=0.5"),
    ("Accept-Encoding", "gzip"),
    ("User-Agent", "lookalike"),
    ("Connection", "close"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question.

    response:  the last answer
    redirects: the redirects that were followed to it, as exchanges, in order, without credentials
    url:       what the last answer is from
    elapsed:   seconds on the asker's clock, waiting and retries included
    """

    response: Response
    redirects: tuple[Exchange, ...] = ()
    url: str = ""
    elapsed: float = 0.0


class Asker:
    """Asks one real API. Threads may share it: rate, budget and patience are those of all together.

    timeout:  seconds for connecting, and for each wait for bytes
    deadline: seconds for a whole answer, however slowly it drips
    rate:     requests a second, at most
    budget:   requests in all, at most, retries and redirects included
    auth:     `{"bearer": ...}`, `{"basic": "user:password"}`, `{"header": "X-Api-Key: ..."}`, `{"cookie": "sid=..."}`
              or `{"query": "key=..."}`, already resolved; sent to the host of the request alone, never along a redirect
              to another, never shown
    unsafe:   also let methods other than GET and HEAD through
    retries:  how often a server that fails is asked again before that is believed
    patience: seconds to wait for the API's Retry-After, in all; nobody asks meanwhile
    at_once:  how many requests may be under way at the same time, where several threads ask
    max_body: bytes of a body, as sent and decoded
    tls:      the context for https, the platform's default one for None
    clock, sleep, now: the time that waits are reckoned in, what waits, and the time of day (seconds since 1970)
    """

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        deadline: float = 30.0,
        rate: float = 5.0,
        budget: int = 200,
        auth: Mapping[str, str] | Credentials | None = None,
        unsafe: bool = False,
        retries: int = 2,
        patience: float = 60.0,
        at_once: int = 8,
        max_body: int = 50_000_000,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        if timeout <= 0 or deadline <= 0 or rate <= 0 or budget < 0 or max_body <= 0 or at_once <= 0:
            raise UsageError("timeout, deadline, rate, at_once and max_body must be above 0, and budget at least 0")
        self.unsafe = unsafe
        self.budget = budget
        self.spent = 0
        self.credentials = auth if isinstance(auth, Credentials) else Credentials.of(auth)
        self._limits = Limits(timeout, deadline, max_body)
        self._pause = 1 / rate
        self._retries = retries
        self._patience = patience
        self._tls = tls
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._next: float | None = None
        self.at_once = at_once
        self._lock = threading.Lock()
        self._under_way = threading.BoundedSemaphore(at_once)

    @property
    def left(self) -> int:
        """How many requests the budget still allows."""
        return self.budget - self.spent

    def ask(
        self, request: Request, *, expected: Collection[int] = (), wants: str = "", anonymous: bool = False
    ) -> Response:
        """The last answer to a request; see `asked`."""
        return self.asked(request, expected=expected, wants=wants, anonymous=anonymous).response

    def asked(
        self, request: Request, *, expected: Collection[int] = (), wants: str = "", anonymous: bool = False
    ) -> Asked:
        """Ask, within the rate and the budget; redirects are followed for GET and HEAD within the same host.

        expected:  statuses that are an answer here, which otherwise fail (401, 500) or are followed (302)
        wants:     what is expected in words (`JSON`, `text/csv`), so an HTML page with a success status is no answer
        anonymous: leave the credentials out

        Raises Unreachable with one of `REASONS`, CredentialsRefused for 401 and 403, and UsageError for a method that
        isn't safe.
        """
        if request.method not in SAFE and not self.unsafe:
            raise UsageError(
                f"{request.method} {shown(request)} may change something in the real API; "
                "it is asked only with unsafe=True"
            )
        own = Credentials() if anonymous else self.credentials
        began = self._clock()
        redirects: list[Exchange] = []
        try:
            current, response = self._followed(self._dressed(request, own), expected, redirects, own)
            _refuse(current, response, expected, wants, own)
        except RealApiError as error:
            # A redirect may have led to a path that repeats them.
            error.args = (own.taken_out_of(str(error)),)
            raise
        # What the API repeats of the credentials goes no further than this.
        last = own.taken_out(Exchange(Request(request.method, current.url), response))
        named = [Exchange(Request(request.method, hop.request.url, request.headers), hop.response) for hop in redirects]
        hops = tuple(map(own.taken_out, named))
        return Asked(last.response or response, hops, last.request.url, self._clock() - began)

    def _followed(
        self, current: Request, expected: Collection[int], redirects: list[Exchange], own: Credentials
    ) -> tuple[Request, Response]:
        first = shown(current)
        while True:
            response = self._answer(current, expected, own)
            following = self._following(current, response, expected, own)
            if following is None:
                return current, response
            redirects.append(Exchange(Request(current.method, current.url), response))
            if len(redirects) > _MOST_REDIRECTS or any(following.url == hop.request.url for hop in redirects):
                raise unreachable("redirects", first, detail=f"{len(redirects)} followed")
            current = following

    def _dressed(self, request: Request, own: Credentials) -> Request:
        named = {name.lower() for name, _ in own.headers}
        pairs = [pair for pair in request.headers.pairs if pair[0].lower() not in named]
        pairs += [pair for pair in _DEFAULT_HEADERS if pair[0] not in request.headers]
        return Request(
            request.method, request.url, Headers([*pairs, *own.headers]), request.content, timeout=request.timeout
        )

    def _answer(self, request: Request, expected: Collection[int], own: Credentials) -> Response:
        failures = 0
        while True:
            try:
                response = self._once(request, own)
            except Unreachable as error:
                if error.reason not in _WORTH_RETRYING or failures >= self._retries:
                    raise
                failures += 1
                self._sleep(0.5 * 2**failures)
                continue
            if not _fails(response, expected):
                return response
            if response.status == _NETWORK_LOGIN:
                raise unreachable("network-login", shown(request), detail=f"status {response.status}")
            if failures >= self._retries:
                raise _given_up(request, response, failures + 1)
            failures += 1
            self._be_patient(request, response, failures)

    def _once(self, request: Request, own: Credentials) -> Response:
        with self._lock:
            if self.left <= 0:
                raise unreachable("budget", shown(request), detail=f"{self.budget} requests")
            self.spent += 1
        with self._under_way:
            self._wait_for_turn()
            return exchange(own.in_query(request), self._limits, tls=self._tls)

    def _wait_for_turn(self) -> None:
        with self._lock:
            now = self._clock()
            turn = now if self._next is None else max(now, self._next)
            self._next = turn + self._pause
        if turn > now:
            self._sleep(turn - now)

    def _be_patient(self, request: Request, response: Response, failures: int) -> None:
        wait = retry_after(response, self._now())
        told = wait is not None
        if wait is None:
            wait = 0.5 * 2**failures
        with self._lock:
            if wait > self._patience:
                raise unreachable(
                    _why(response),
                    shown(request),
                    detail=f"status {response.status}, to be asked again in {wait:.0f} seconds",
                )
            self._patience -= wait
            if told:
                # It is told to whoever asks, not to this request alone.
                self._next = max(self._next or 0.0, self._clock() + wait)
        self._sleep(wait)

    def _following(
        self, request: Request, response: Response, expected: Collection[int], own: Credentials
    ) -> Request | None:
        location = response.headers.get("location")
        if response.status not in _REDIRECTS or response.status in expected or not location:
            return None
        if request.method not in SAFE:
            return None
        try:
            url = own.without_query(urljoin(request.url, location))
            following = Request(request.method, url, request.headers, timeout=request.timeout)
            same_host = following.host == request.host and _same_door(request, following)
        except ValueError:  # UsageError among them: what isn't a URL can't be followed
            return None
        return following if same_host else None


def _same_door(request: Request, following: Request) -> bool:
    # To TLS on the same host is an upgrade; back to plain text would show the credentials.
    here, there = (request.scheme, request.port), (following.scheme, following.port)
    return here == there or (here, there) == (("http", 80), ("https", 443))


def retry_after(response: Response, now: float) -> float | None:
    """Seconds to wait by the Retry-After header, in either form (RFC 9110, section 10.2.3); None where there is none.

    A date is read against the answer's own Date, so a wrong clock here or there does no harm; `now` where it has none.
    """
    value = response.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    date = _date(value)
    if date is None:
        return None
    sent = _date(response.headers.get("date", ""))
    return max(0.0, date - (now if sent is None else sent))


def _date(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC).timestamp() if _sane(date) else None


def _sane(date: datetime) -> bool:
    return 1970 < date.year < 9999


def strayed(request: Request, response: Response) -> Unreachable | None:
    """The error for an answer that leads to another host for now (302, 303, 307), as gates and logins do.

    One that does so for good (301, 308) says that the API has moved.
    """
    if response.status not in _FOR_NOW or not response.headers.get("location"):
        return None
    try:
        host = urlsplit(urljoin(request.url, response.headers.get("location", ""))).hostname or ""
    except ValueError:
        host = ""
    return unreachable("elsewhere", shown(request), detail=f"{response.status} to {host or 'no URL'}")


def _fails(response: Response, expected: Collection[int]) -> bool:
    # A refusal that is expected is one; a rate limit that is worded as one isn't.
    return _spent(response) or (response.status not in expected and (response.status == 429 or response.status >= 500))


def _limited(response: Response) -> bool:
    return response.status == 429 or _spent(response)


def _spent(response: Response) -> bool:
    # How GitHub and others word a rate limit.
    return response.status == 403 and response.headers.get("x-ratelimit-remaining", "").strip() == "0"


def _given_up(request: Request, response: Response, times: int) -> Unreachable:
    return unreachable(_why(response), shown(request), detail=f"status {response.status}, {times} times")


def _why(response: Response) -> str:
    if _limited(response):
        return "rate-limit"
    if response.status == 503 and page_reason(response.text) == "maintenance-page":
        return "maintenance"
    return "server-errors"


def _refuse(
    request: Request, response: Response, expected: Collection[int], wants: str, credentials: Credentials
) -> None:
    if response.status in (401, 403) and response.status not in expected:
        raise refused(request, response, credentials)
    if wants and response.status < 300 and looks_like_html(response):
        page = response.text
        raise unreachable(page_reason(page), shown(request), wanted=wants, guess=what_page(page))


def refused(request: Request, response: Response, credentials: Credentials) -> CredentialsRefused:
    """The error for a 401 or 403, with the next step."""
    step = (
        "check that the credentials in auth are still good and may read this"
        if credentials
        else "no credentials were sent; if the API needs some, configure auth"
    )
    return CredentialsRefused(f"{shown(request)}: the API answered {response.status}; {step}")
