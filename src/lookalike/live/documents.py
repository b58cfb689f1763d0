"""Fetches what a document's references lead to, where the user allows the URL; kept on disk for a day."""

from __future__ import annotations

import time
from collections.abc import Callable

from lookalike.contract.cache import Cache, key_of
from lookalike.errors import FileError, LookalikeError
from lookalike.live.ask import Asker
from lookalike.messages import Request
from lookalike.passage import opened

MAX_BYTES = 16 * 1024 * 1024
MAX_FETCHED = 200
_KEPT_FOR = 86_400.0


class Fetcher:
    """Gets URLs for one document, slowly and within limits; redirects stay on their host.

    A copy of the last day is used as it is. An older one is used where the URL can't be had now, so that tests run
    without a network.

    asker, cache, now: what asks, where copies are kept, the time of day (seconds since 1970)
    """

    def __init__(
        self, asker: Asker | None = None, cache: Cache | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._asker = asker or Asker(rate=20, budget=MAX_FETCHED, max_body=MAX_BYTES, retries=1, patience=5)
        self._cache = cache or Cache("refs")
        self._now = now

    def __call__(self, url: str) -> bytes:
        """What a URL holds. Raises FileError where it can't be had."""
        key = key_of(url.encode())
        kept = self._cache.get(key)
        if kept is not None and self._cache.age(key, self._now()) < _KEPT_FOR:
            return kept
        try:
            with opened():
                response = self._asker.ask(Request("GET", url, {"Accept": "application/json, */*;q=0.8"}))
        except LookalikeError as error:
            if kept is not None:
                return kept
            raise FileError(
                url, f"can't be fetched: {error}", hint="Check the URL, or keep a copy beside the document."
            ) from None
        if response.status != 200:
            if kept is not None:
                return kept
            raise FileError(url, f"can't be fetched: it answers {response.status}", hint="Correct the reference to it.")
        self._cache.put(key, response.body)
        return response.body
