"""Requests sent on to the real API as they came, and which of its answers are worth learning."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from time import perf_counter

from lookalike.contract.contract import Contract
from lookalike.contract.learning import fold, learn
from lookalike.double.double import Double
from lookalike.errors import Unreachable
from lookalike.live.sift import NotLearned, sift
from lookalike.live.wire import Limits, exchange
from lookalike.messages import Answer, Exchange, Headers, PassThrough, Request, Response

# Between a client and the next server alone (RFC 9110, section 7.6.1). Expect is dealt with by who took the request.
_HOP_BY_HOP = frozenset({
    "connection", "expect", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
_READABLE = frozenset({"gzip", "x-gzip", "deflate", "identity"})  # what `Response.body` undoes
_UNCOUNTED = frozenset({"HEAD", "OPTIONS", "TRACE"})  # `learn_exchanges` says why
_FOLD = re.compile(r"\s*[\r\n]+\s*")
_OPTIONS: Mapping[str, str] = {"the base URL": "--upstream"}


class Relay(Double):
    """Sends every request on to the real API, and tells of each what came of it.

    upstream: the API's base URL
    limits:   of one answer; it is read whole before it goes to the client
    heard:    called with each answered request, in the thread that asked
    failed:   called with each request that got no answer
    tls:      the context for https, the platform's default one for None
    """

    def __init__(
        self,
        upstream: str,
        *,
        limits: Limits,
        heard: Callable[[Exchange], None],
        failed: Callable[[Request, Unreachable], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(upstream, upstream, journal_limit=0)
        self._limits = limits
        self._heard = heard
        self._failed = failed
        self._tls = tls

    def handle(self, request: Request) -> Answer:
        """Leave the answer to the real API: `forward`."""
        return PassThrough()

    def forward(self, request: Request) -> Response:
        """The real API's answer, as it is but for the headers of its connection. Raises Unreachable; any thread."""
        request = self._aimed(request)
        sent = Request(request.method, request.url, _onward(request.headers), request.content)
        began = perf_counter()
        try:
            response = exchange(sent, self._limits, tls=self._tls)
        except Unreachable as error:
            self._failed(request, error)
            raise Unreachable(_told(error), reason=error.reason) from None
        taken = perf_counter() - began
        self._heard(Exchange(request, response, elapsed=taken, day=date.today().isoformat()))
        return _back(request, response)

    def _aimed(self, request: Request) -> Request:
        """The request with the upstream's own scheme and port, which a client that takes this for its proxy may change.

        Without it `http://` in such a request would show credentials that are meant for `https://`.
        """
        home, base_url = self._home, self.base_url
        if home is None or base_url is None or request.url.startswith(base_url):
            return request
        origin = base_url[: base_url.index("/", base_url.index("://") + 3)] if home.path != "/" else base_url
        return Request(request.method, origin + request.target, request.headers, request.content)


def _onward(headers: Headers) -> Headers:
    """What the API gets: its own Host, credentials and all, and no offer of a coding that nobody here can read."""
    pairs = []
    for name, value in _end_to_end(headers):
        lower = name.lower()
        if lower == "accept-encoding":
            value = _readable(value)
        if lower != "host":
            pairs.append((name, value))
    return Headers([*pairs, ("Connection", "close")])


def _back(request: Request, response: Response) -> Response:
    pairs = [(name, _FOLD.sub(" ", value)) for name, value in _end_to_end(response.headers)]
    if request.method == "HEAD" and "content-length" not in response.headers:
        # The server would say a length of 0, which nobody said; chunked says nothing of the length.
        pairs.append(("Transfer-Encoding", "chunked"))
    return Response(
        response.status, pairs, response.content, reason=response.reason, http_version=response.http_version
    )


def _end_to_end(headers: Headers) -> list[tuple[str, str]]:
    named = {one.strip().lower() for field in headers.get_all("connection") for one in field.split(",")}
    return [(name, value) for name, value in headers.pairs if name.lower() not in _HOP_BY_HOP | named]


def _readable(accepted: str) -> str:
    codings = [one.strip() for one in accepted.split(",")]
    return ", ".join(one for one in codings if one.partition(";")[0].strip().lower() in _READABLE) or "identity"


def _told(error: Unreachable) -> str:
    """The error in the words of who started the recorder."""
    url, _, rest = str(error).partition(": ")
    for name, option in _OPTIONS.items():
        rest = re.sub(rf"\b{name}\b", option, rest)
    return f"The real API gave no answer.\n{url}: {rest}"


@dataclass(slots=True)
class Lesson:
    """What came of exchanges.

    contract: with what they taught, None where there was none and nothing to learn
    learned:  the exchanges that taught
    dropped:  those that teach nothing, and why
    """

    contract: Contract | None
    learned: list[Exchange]
    dropped: list[NotLearned]


def lesson(
    known: Contract | None, exchanges: Iterable[Exchange], *, base_url: str, name: str, html: bool = False
) -> Lesson:
    """What exchanges with the API at `base_url` teach a contract, or a new one of that name; see `sift`.

    A contract that says another base URL learns them as if it had been asked there.
    """
    home = (known.base_url if known is not None else None) or base_url
    asked = [moved(one, base_url, home) for one in exchanges if one.request.method not in _UNCOUNTED]
    learned, dropped = sift(asked, known, html=html)
    taught = _taught(known, learned, home, name)
    return Lesson(taught if taught is not None and taught.operations else known, learned, dropped)


def _taught(known: Contract | None, exchanges: list[Exchange], home: str, name: str) -> Contract | None:
    if not exchanges:
        return known
    return fold(known, exchanges) if known is not None else learn(exchanges, base_url=home, name=name)


def moved(one: Exchange, base_url: str, home: str) -> Exchange:
    """An exchange with the API at `base_url` as if it had been asked at `home`."""
    request = one.request
    if home == base_url:
        return one
    url = home.rstrip("/") + request.url.removeprefix(base_url)
    return Exchange(Request(request.method, url, request.headers, request.content), one.response, day=one.day)
