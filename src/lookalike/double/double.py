"""What stands in for an API: a request goes in, an answer comes out. No socket, no clock, no client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from lookalike.double.journal import Calls, Journal
from lookalike.messages import Answer, Exchange, Request, Response, split_url


class Double(ABC):
    """Stands in for one API. Doors call `handle` with requests whose URL is absolute, on the API's own host.

    name:     the API's name, for messages
    base_url: the API's base URL without a trailing slash, or None where any host may be asked
    version:  changes whenever a declaration does; a door may keep the bytes of a `reusable` response until then
    journal:  the exchanges that happened
    awaits:   whether some answer is better awaited: a door that serves many at once then calls `handle_async`
    """

    awaits = False

    def __init__(self, name: str, base_url: str | None = None, *, journal_limit: int | None = 10_000) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/") if base_url else None
        self.version = 0
        self.journal = Journal(journal_limit, self.base_url)
        self._home = split_url(self.base_url) if self.base_url else None

    @abstractmethod
    def handle(self, request: Request) -> Answer:
        """Answer a request and note both in the journal. Raises a DoubleError where it can't be answered."""

    async def handle_async(self, request: Request) -> Answer:
        """The same for a door that can await, so that a reply's coroutine function runs in the caller's own loop."""
        return self.handle(request)

    def covers(self, host: str, port: int) -> bool:
        """Whether requests to this host (lower case) and port are this double's. The scheme is not compared:

        the default ports of http and https are equal, as `http://` and `https://` of one host are one API.
        """
        home = self._home
        if home is None:
            return True
        return host == home.host and (port == home.port or {port, home.port} <= {80, 443})

    def claims(self, host: str, port: int) -> bool:
        """Whether a host that it covers is its own by name: then it answers for this machine and allowed hosts too."""
        return self._home is not None

    def again(self, request: Callable[[], Request], response: Response) -> None:
        """Note that a door sent a `reusable` response again by itself; `request` makes the request when looked at."""
        self.journal.record(lambda: Exchange(request(), response))

    @property
    def calls(self) -> Calls:
        """The exchanges that happened, in order."""
        return self.journal.calls
