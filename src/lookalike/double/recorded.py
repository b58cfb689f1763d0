"""Recorded exchanges, found by what a request is compared with; and how far they are played."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice
from threading import Lock

from lookalike.double.compared import Comparison
from lookalike.double.target import authority
from lookalike.messages import Exchange, Request
from lookalike.secrets import REDACTED

_DIFFERENCES = 200
_SMALL = 4096
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """One recorded exchange: its file, as it is shown, and which entry of it, from 1."""

    exchange: Exchange
    file: str = ""
    entry: int = 0

    @property
    def place(self) -> str:
        """`session.har, entry 3`"""
        return f"{self.file}, entry {self.entry}" if self.file else f"entry {self.entry}"

    @property
    def day(self) -> str:
        """The day of the exchange, `YYYY-MM-DD`: as recorded, else by its Date (RFC 9110, 6.6.1); else empty."""
        if self.exchange.day:
            return self.exchange.day
        told = self.exchange.response.headers.get("date", "") if self.exchange.response is not None else ""
        try:
            return parsedate_to_datetime(told).date().isoformat()
        except (ValueError, TypeError):
            return ""

    def age(self, today: date) -> int | None:
        """Days since then, None where it isn't known."""
        try:
            return (today - date.fromisoformat(self.day)).days
        except ValueError:
            return None


class Recordings:
    """Recorded exchanges in their order; read once, they may be played many times.

    nearest: play, of those that are equal in what is compared, the one that differs least in everything else
    """

    def __init__(self, recorded: Sequence[Recorded], comparison: Comparison, *, nearest: bool = False) -> None:
        self.recorded = tuple(recorded)
        self.comparison = comparison
        self.nearest = nearest
        self.hosts = {authority(one.exchange.request.host, one.exchange.request.port) for one in self.recorded}
        self.plain = [comparison.plain(one.exchange.request) for one in self.recorded]
        self._keys = [comparison.key(one) for one in self.plain]
        self._buckets: dict[Hashable, list[int]] = {}
        for at, key in enumerate(self._keys):
            self._buckets.setdefault(key, []).append(at)
        self._found: dict[Hashable, list[int]] = {}

    @cached_property
    def _redacted(self) -> tuple[dict[Hashable, list[int]], list[tuple[re.Pattern[str], int]]]:
        """Those that hold nothing personal in clear, by what would be written of them; and what fits those that hold
        a secret which only the whole exchange gave away.
        """
        written: dict[Hashable, list[int]] = {}
        wild: list[tuple[re.Pattern[str], int]] = []
        for at, one in enumerate(self.recorded):
            key = self.comparison.key(self.comparison.written(one.exchange.request))
            if key == self._keys[at]:
                written.setdefault(key, []).append(at)
                text = repr(key)
                if REDACTED in text:
                    pattern = r"[^/&\"'\s]+".join(re.escape(part) for part in text.split(REDACTED))
                    wild.append((re.compile(pattern), at))
        return written, wild

    def candidates(self, request: Request) -> list[int]:
        """Which of them a request is alike to: in their order, or the nearest first."""
        if self.comparison.functions or self.nearest:
            return self._compared(request)
        seen = self.comparison.seen(request)
        found = self._found.get(seen)
        if found is None:
            found = self._compared(request)
            if len(request.content) <= _SMALL:
                if len(self._found) >= _REMEMBERED:
                    self._found.clear()
                self._found[seen] = found
        return found

    def _compared(self, request: Request) -> list[int]:
        comparison = self.comparison
        plain = comparison.plain(request)
        found = self._buckets.get(comparison.key(plain), [])
        if not found and self.recorded:
            key = comparison.key(comparison.written(request))
            written, wild = self._redacted
            found = written.get(key, [])
            if not found and wild:
                text = repr(key)
                found = [at for pattern, at in wild if pattern.fullmatch(text)]
        if comparison.functions:
            found = [at for at in found if next(self._doubts(at, request), None) is None]
        if self.nearest and len(found) > 1:
            return sorted(found, key=lambda at: self._distance(at, plain))
        return found

    def _doubts(self, at: int, request: Request) -> Iterator[object]:
        return self.comparison.doubts(self.recorded[at].exchange.request, request)

    def _distance(self, at: int, plain: Request) -> int:
        """How many differences there are in all that isn't compared."""
        found = self.comparison.explain(self.plain[at], plain, ("query", "body", "headers"))
        return sum(1 for _ in islice(found, _DIFFERENCES))


class Playing:
    """How often each recording was played; safe from any thread."""

    def __init__(self, recordings: Recordings) -> None:
        self.recordings = recordings
        self.played = [0] * len(recordings.recorded)
        self._lock = Lock()
        self._next = 0

    def take(self, request: Request, *, repeat: bool, ordered: bool) -> int | None:
        """Which recording answers, None for none: of those that are alike the first that wasn't played.

        repeat:  after these, the last one again
        ordered: only the next of all may answer
        """
        found = self.recordings.candidates(request)
        with self._lock:
            fresh = [at for at in found if not self.played[at]]
            if ordered:
                fresh = [at for at in fresh if at == self._next]
            at = fresh[0] if fresh else self._again(found) if repeat else None
            if at is not None:
                self.played[at] += 1
                while self._next < len(self.played) and self.played[self._next]:
                    self._next += 1
            return at

    def _again(self, found: Sequence[int]) -> int | None:
        played = [at for at in found if self.played[at]]
        if not played:
            return None
        return played[0] if self.recordings.nearest else played[-1]

    @property
    def turn(self) -> int | None:
        """The next one where they are played in order; None after the last."""
        return self._next if self._next < len(self.played) else None

    def go_back(self, played: Sequence[int]) -> None:
        """Each was played so often."""
        with self._lock:
            self.played = list(played)
            self._next = next((at for at, count in enumerate(played) if not count), len(played))

    def unplayed(self) -> list[int]:
        """Those that answered nothing."""
        return [at for at, count in enumerate(self.played) if not count]
