"""What the doubles of both dialects have in common."""

from __future__ import annotations

from lookalike.double.double import Double
from lookalike.messages import Exchange, Request, Response

BASE_URL = "https://jsonplaceholder.typicode.com"

_KEPT = 512  # answers to GET that are kept
# What an answer to a bodyless request depends on besides its URL.
_ASKED = ("host", "origin", "accept-encoding", "if-none-match", "if-modified-since", "cache-control",
          "access-control-request-headers")  # fmt: skip


class Answering(Double):
    """A double that answers by `_made`, and keeps what it made for reads until something is written."""

    def __init__(self, *, journal_limit: int | None) -> None:
        super().__init__("jsonplaceholder", BASE_URL, journal_limit=journal_limit)
        self._kept: dict[tuple[str | None, ...], Response] = {}

    def handle(self, request: Request) -> Response:
        """Answer a request and note both in the journal."""
        response = self._answer(request)
        self.journal.record(Exchange(request, response))
        return response

    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD") or request.content:
            return self._made(request)
        asked = request.headers
        key = (request.method, request.target, *[asked.get(name) for name in _ASKED])
        response = self._kept.get(key)
        if response is None:
            response = self._made(request)
            if len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = response
        return response

    def _made(self, request: Request) -> Response:
        raise NotImplementedError

    def _written(self) -> None:
        """Something is written: what was answered before no longer holds."""
        self.version += 1
        self._kept.clear()
