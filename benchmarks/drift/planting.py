"""Changes planted into fresh answers: for each kind of drift, how the answers of an endpoint look when it happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from benchmarks.drift.endpoints import Endpoint
from benchmarks.drift.survey import Seen

from lookalike.messages import Exchange

Answers = list[Exchange]


@dataclass(frozen=True)
class Plant:
    """One change in fresh answers.

    kind:    of `KINDS`
    place:   where it must be told, "" where the kind has no place of its own
    answers: the changed ones
    good:    whether the requests are known to have succeeded; proven: whether the credentials are good elsewhere
    also:    kinds that are the same change, as told by what all the answers say together
    """

    kind: str
    place: str
    answers: Answers
    good: bool = False
    proven: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """Where a change is planted: an endpoint with what was learned of it and successful fresh answers."""

    endpoint: Endpoint
    learned: Sequence[Exchange]
    fresh: Answers
    places: dict[str, Seen]
    random: Random = field(compare=False)

    def choose(self, wanted: Callable[[str, Seen], bool]) -> str | None:
        """A place at random among those that are as wanted."""
        found = sorted(place for place, seen in self.places.items() if wanted(place, seen))
        return self.random.choice(found) if found else None


Planter = Callable[[Ground], Plant | None]
PLANTERS: dict[str, Planter] = {}


def plants(kind: str) -> Callable[[Planter], Planter]:
    """Register a planter for a kind."""

    def register(planter: Planter) -> Planter:
        PLANTERS[kind] = planter
        return planter

    return register
