"""What other doubles of an API answered while one was active: there the requests went that it never got."""

from __future__ import annotations

from lookalike.double.double import Double
from lookalike.double.source import Place


class Beside:
    """The doubles of the same API that are active at the same time as one, and how many requests they answer.

    Nothing is kept of one that ended but where it began and that number.
    """

    def __init__(self) -> None:
        self._active: dict[int, tuple[Double, Place, int]] = {}
        self._ended: dict[str, int] = {}

    def begins(self, double: Double, place: Place) -> None:
        """Another one is active from now on, or has been."""
        self._active[id(double)] = (double, place, double.journal.total)

    def ends(self, double: Double) -> None:
        """The other one ended."""
        if id(double) in self._active:
            _, place, before = self._active.pop(id(double))
            self._ended[str(place)] = self._ended.get(str(place), 0) + _answered(double, before)

    def answered(self) -> dict[str, int]:
        """How many requests the others answered so far, by where they began."""
        total = self._ended.copy()
        for double, place, before in self._active.values():
            total[str(place)] = total.get(str(place), 0) + _answered(double, before)
        return {place: count for place, count in sorted(total.items()) if count}


def _answered(double: Double, before: int) -> int:
    new = double.journal.total - before
    return sum(call.response is not None or call.fault is not None for call in double.calls[-new:]) if new > 0 else 0
