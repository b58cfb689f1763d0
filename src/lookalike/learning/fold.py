"""From exchanges to a tally: a batch at a time, so that memory doesn't grow with the recording."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from lookalike.contract.learning import digest
from lookalike.contract.recording import SKIPPED_METHODS
from lookalike.contract.seen import Seen, seen_of
from lookalike.errors import UsageError
from lookalike.learning.repeats import learn_clean
from lookalike.learning.tally import Host, Side, Tally
from lookalike.messages import Exchange, Response, SplitUrl, split_url

BATCH = 34_000_000  # bytes of bodies that are learned together: those of a whole chunk of NDJSON
MOST = 20_000  # exchanges that are
# Of pages, in place of an API's answers: what a browser asks for to show them.
_OF_PAGES = ("text/html", "application/xhtml+xml", "text/css", "text/javascript", "application/javascript",
             "application/x-javascript", "image/", "font/", "application/font", "application/x-font", "video/",
             "audio/", "application/wasm")  # fmt: skip


def fold(exchanges: Iterable[Exchange], tally: Tally, *, base_url: str = "") -> None:
    """Count exchanges into a tally, in place.

    base_url: of the API, to which paths are relative, and all that is counted then; without it each host is counted,
              from its root
    """
    sink = Sink(tally, base_url)
    for one in exchanges:
        sink.add(one)
    sink.flush()


class Sink:
    """Takes exchanges, and counts them batch by batch into a tally; `flush` is to be called at the end."""

    def __init__(self, tally: Tally, base_url: str = "") -> None:
        self.tally = tally
        self._base = split_url(base_url) if base_url else None
        self._home = home_of(base_url) if base_url else ""
        self._waiting: dict[tuple[str, bool], tuple[list[Seen], list[bytes]]] = {}
        self._size = self._n = 0

    def add(self, exchange: Exchange) -> None:
        """Take one exchange."""
        request, response = exchange.request, exchange.response
        try:
            name = host_of(split_url(request.url))
        except UsageError:
            name = ""
        if response is None or not name or request.method.upper() in SKIPPED_METHODS:
            self.tally.unanswered += 1
            return
        base = self.base_of(name)
        seen = seen_of(exchange, base) if base is not None else None
        if seen is None:
            self.host(name).elsewhere += 1
            return
        self.take(name, [seen], [digest(exchange)], page=_is_page(response), secure=request.scheme == "https")
        self._size += len(response.content) + len(request.content)
        self._n += 1
        if self._size >= BATCH or self._n >= MOST:
            self.flush()

    def take(
        self, name: str, found: list[Seen], digests: list[bytes], *, page: bool = False, secure: bool = True
    ) -> None:
        """Take exchanges with a host that are taken apart already, with their digests; all of pages, or none."""
        host = self.host(name)
        if not page:
            host.json += sum([one.media.json for one in found])
        host.secure = host.secure or secure
        waiting = self._waiting.get((name, page))
        if waiting is None:
            self._waiting[name, page] = (found, digests)
        else:
            waiting[0].extend(found)
            waiting[1].extend(digests)

    def host(self, name: str) -> Host:
        """What the tally says of a host."""
        host = self.tally.hosts.get(name)
        if host is None:
            host = self.tally.hosts[name] = Host()
        return host

    def base_of(self, name: str) -> SplitUrl | None:
        """To what paths of a host are relative; None where it isn't counted."""
        if self._base is None:
            return split_url(f"https://{name}")
        return self._base if name == self._home else None

    def flush(self) -> None:
        """Count what waits."""
        for (name, page), (found, digests) in self._waiting.items():
            host = self.tally.hosts[name]
            side = Side(learn_clean(found))
            side.identity.add(digests)
            if page:
                host.pages += side
            else:
                host.answers += side
        self._waiting.clear()
        self._size = self._n = 0


def host_of(parts: SplitUrl) -> str:
    """The host of a URL; the usual ports are one, as http and https are one API."""
    host = f"[{parts.host}]" if ":" in parts.host else parts.host
    return host if parts.port in (80, 443) else f"{host}:{parts.port}"


def home_of(base_url: str) -> str:
    """The host of a base URL. Raises UsageError where it is none."""
    return host_of(split_url(base_url))


def _is_page(response: Response) -> bool:
    """Whether an answer is for a browser: a page, a script, a picture. Errors teach, whatever their body is."""
    if not 200 <= response.status < 300:
        return False
    if is_for_browsers(response.headers.get("content-type", "")):
        return True
    return not response.is_json and response.content[:64].lstrip()[:14].lower().startswith(
        (b"<!doctype html", b"<html")
    )


@lru_cache(maxsize=4096)
def is_for_browsers(content_type: str) -> bool:
    """Whether a Content-Type is of pages and what belongs to them."""
    return content_type.strip().lower().startswith(_OF_PAGES)
