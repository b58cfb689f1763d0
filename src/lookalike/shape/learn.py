"""Learning: from the bodies of responses to counts."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from lookalike.errors import UsageError
from lookalike.shape.columns import Batch, feed
from lookalike.shape.counts import Counts
from lookalike.shape.parts import CAPS, Caps

BATCH = 32  # bodies at first, until it is known how large they are
_LONG = 250  # values in a column on average: shorter ones cost more than values, and far longer ones leave the cache
_LARGE = 40_000  # values in a batch, at most: as many as fit the processor's cache
_GROWTH = 8  # by how much a batch is larger than the one before, at most


def learn(
    values: Iterable[Any], *, targets: Sequence[str] = (), day: str = "", caps: Caps = CAPS, batch: int | None = None
) -> Counts:
    """Count what decoded JSON bodies look like.

    values:  each is the body of one response; an iterator is read a batch at a time
    targets: for each value what was asked for (`/todos?page=2`), kept as a hash; none at all where they aren't known
    day:     of the responses, `YYYY-MM-DD`
    caps:    how much is kept at a place
    batch:   bodies that are looked at together, which changes the speed only; as it suits the bodies where not given

    Raises UsageError for a value that isn't JSON, and where targets and values differ in number.
    """
    counts = Counts(caps)
    waiting = iter(values)
    asked, size = 0, batch or BATCH
    while True:
        with no_collections():
            column = list(islice(waiting, size))
            if not column:
                break
            n = len(column)  # which is emptied as it is learned
            asked_for = list(targets[asked : asked + n])
            asked += n
            if targets and len(asked_for) < n:
                raise UsageError(f"{len(targets)} targets for at least {asked} values; give one for each, or none")
            batched = Batch(asked_for)
            feed(counts, column, range(n) if asked_for else None, batched)
            if batch is None:
                wanted = min(_LARGE, _LONG * batched.columns)
                size = max(1, min(n * wanted // batched.values, _GROWTH * size))
            # Freed before the next batch is parsed, which then gets the same memory, still in the cache.
            del column, batched
    if len(targets) > asked:
        raise UsageError(f"{len(targets)} targets for {asked} values; give one for each, or none")
    _stamp(counts, day)
    return counts


def _stamp(counts: Counts, day: str) -> None:
    """Write the day at every place that was reached."""
    if not day or not counts:
        return
    counts.add_days(day, day)
    if counts.array is not None and counts.array.items:
        _stamp(counts.array.items, day)
    if counts.object is not None:
        for child in counts.object.keys.values():
            _stamp(child, day)
        if counts.object.rest:
            _stamp(counts.object.rest, day)


@contextmanager
def no_collections() -> Iterator[None]:
    """Keep the cycle collector off: JSON has no cycles, and a batch makes enough objects to start it many times."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
