"""What of the planted changes is found, and what is found in recordings that merely vary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from random import Random
from typing import TypeVar

from benchmarks.drift import forge, in_bodies, in_documents, in_pages, in_requests, in_transport, payments, world
from benchmarks.drift.endpoints import BASE, Endpoint
from benchmarks.drift.planting import PLANTERS, Ground, Plant
from benchmarks.drift.survey import survey

from lookalike.contract.compare import compare
from lookalike.contract.compare_contracts import diff
from lookalike.contract.contract import Contract
from lookalike.contract.drift import Drift
from lookalike.contract.kinds import KINDS, Severity
from lookalike.contract.learning import learn
from lookalike.messages import Exchange

ENDPOINTS = (*forge.ENDPOINTS, *payments.ENDPOINTS, *world.ENDPOINTS)
# Importing these registers what they plant.
PLANTED_BY = (in_bodies, in_transport, in_pages, in_requests)
LEARNED, FRESH = 40, 8
# Removals, types, status and wraps: every one of them has to be found.
CERTAIN = frozenset(
    {
        "field-removed",
        "type-changed",
        "item-type-changed",
        "body-wrapped",
        "success-status-changed",
        "success-gone",
        "path-gone",
        "redirected",
        "body-empty",
        "discriminator-gone",
        "header-removed",
        "auth-changed",
    }
)
SIZES = (1, 3, 10)
_TOLD = frozenset({Severity.BREAKING, Severity.RISKY})


@dataclass
class Tally:
    """Of one kind.

    planted, found, alone: changes; those told as their kind at their place; those of which nothing else was told
    suspect: those found that the evidence couldn't decide
    missed:  the others, by name
    beside:  what else was told, by name
    false:   breaking findings beside
    """

    planted: int = 0
    found: int = 0
    suspect: int = 0
    alone: int = 0
    false: int = 0
    missed: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        _add(self, other)


@dataclass
class Again:
    """Of re-recordings that only vary, with contracts from so many answers.

    recordings, breaking, risky, suspect: of them, with such a finding (the first three for sure)
    informed: with anything told that is information; information: how many of these there are
    alarms: by name
    """

    recordings: int = 0
    breaking: int = 0
    risky: int = 0
    suspect: int = 0
    informed: int = 0
    information: int = 0
    alarms: list[str] = field(default_factory=list)

    def add(self, other: Again) -> None:
        """Add what was counted elsewhere."""
        _add(self, other)


_T = TypeVar("_T", Tally, Again)


def _add(one: _T, other: _T) -> None:
    for name in (one_field.name for one_field in fields(one)):
        setattr(one, name, getattr(one, name) + getattr(other, name))


def kinds_in_answers() -> list[str]:
    """The kinds that are found in answers, in the order of the table."""
    return [kind.id for kind in KINDS.values() if "answers" in kind.found]


def plant_all(*, each: int, seed: int, kinds: Iterable[str] | None = None) -> dict[str, Tally]:
    """The tally of every kind: at most `each` changes, over endpoints in random order and again where they are few."""
    grounds = [_Learned(endpoint, seed) for endpoint in ENDPOINTS]
    result: dict[str, Tally] = {}
    for kind in kinds_in_answers() if kinds is None else kinds:
        tally = result[kind] = Tally()
        for name, learned, plant in _planted(kind, grounds, each, Random(f"{seed} {kind}")):
            _judge(name, learned.contract, plant, tally)
    return result


class _Learned:
    """An endpoint with its contract and fresh answers, learned when first needed."""

    def __init__(self, endpoint: Endpoint, seed: int) -> None:
        self.endpoint = endpoint
        self.known = endpoint.record(LEARNED, f"{seed} known")
        self.places = survey(endpoint, self.known)
        fresh = endpoint.record(FRESH * 2, f"{seed} fresh", month=4)
        self.fresh = [one for one in fresh if one.response is not None and one.response.status < 300][:FRESH]
        self._contract: Contract | None = None

    @property
    def contract(self) -> Contract:
        if self._contract is None:
            self._contract = learn(self.known, base_url=BASE)
        return self._contract

    def ground(self, random: Random) -> Ground:
        return Ground(self.endpoint, self.known, list(self.fresh), self.places, random)


def _planted(
    kind: str, grounds: Sequence[_Learned], each: int, random: Random
) -> Iterator[tuple[str, _Learned, Plant]]:
    planter = PLANTERS.get(kind)
    made: set[tuple[str, str]] = set()
    if planter is None:
        return
    for turn in range(4):
        for one in random.sample(grounds, len(grounds)):
            if len(made) == each:
                return
            plant = planter(one.ground(Random(f"{random.random()} {turn}")))
            if plant is None or not plant.answers or (one.endpoint.operation, plant.place) in made:
                continue
            made.add((one.endpoint.operation, plant.place))
            yield f"{one.endpoint.operation} {plant.kind} {plant.place}".strip(), one, plant


def rewrite_all(*, each: int, kinds: Iterable[str] | None = None) -> dict[str, Tally]:
    """The same for documents: each change in so many resources of one."""
    wanted = [kind.id for kind in KINDS.values() if "documents" in kind.found] if kinds is None else list(kinds)
    result = {kind: Tally() for kind in wanted}
    old = in_documents.contract()
    for one in in_documents.REWRITES:
        for name in in_documents.RESOURCES[:each] if one.kind in result else ():
            new = in_documents.contract(one.edit, name)
            _told(f"{name} {one.kind} {one.place}", diff(old, new), Plant(one.kind, one.place, []), result[one.kind])
    return result


def _judge(name: str, contract: Contract, plant: Plant, tally: Tally) -> None:
    good = {one.request.url.removeprefix(BASE) for one in plant.answers} if plant.good else set()
    _told(name, compare(contract, plant.answers, known_good=good, proven=plant.proven), plant, tally)


def _told(name: str, drifts: Sequence[Drift], plant: Plant, tally: Tally) -> None:
    right = [one for one in drifts if one.kind in (plant.kind, *plant.also) and _there(one, plant)]
    right = [one for one in right if one.severity.rank <= _milder(plant.kind)]
    others = [one for one in drifts if one not in right and one.severity in _TOLD and not one.suspect]
    tally.planted += 1
    tally.found += bool(right)
    tally.suspect += bool(right) and all(one.suspect for one in right) and plant.kind != "fixture-gone"
    tally.alone += len(right) == 1 and not others
    tally.false += any(one.severity is Severity.BREAKING for one in others)
    if not right:
        told = "; ".join(f"{one.kind} {one.place} {one.severity}" for one in drifts) or "nothing"
        tally.missed.append(f"{name}: {told}")
    elif len(right) > 1 or others:
        told = "; ".join(f"{one.kind} {one.place}" for one in (*right[1:], *others))
        tally.beside.append(f"{name}: {told}")


def _milder(kind: str) -> int:
    """The mildest severity that still says something: chance is told as information only."""
    own = KINDS[kind].severity.rank
    return max(own, Severity.RISKY.rank) if own <= Severity.RISKY.rank else len(Severity)


def _there(one: Drift, plant: Plant) -> bool:
    return not plant.place or any(
        place == plant.place or place.startswith((plant.place + ".", plant.place + "[")) for place in one.places
    )


def unchanged(*, times: int, seed: int) -> dict[int, Again]:
    """What is told of each endpoint recorded again, `times` times, after learning one, three and ten answers."""
    result = {size: Again() for size in SIZES}
    for size, again in result.items():
        for endpoint in ENDPOINTS:
            for turn in range(times):
                known = endpoint.record(size, f"{seed} {turn} known {size}")
                fresh = endpoint.record(5, f"{seed} {turn} again {size}", month=4)
                _look(endpoint, known, fresh, again)
    return result


def _look(endpoint: Endpoint, known: Sequence[Exchange], fresh: Sequence[Exchange], again: Again) -> None:
    drifts = compare(learn(known, base_url=BASE), fresh)
    again.recordings += 1
    told = [one for one in drifts if one.severity in _TOLD]
    sure = {one.severity for one in told if not one.suspect}
    again.breaking += Severity.BREAKING in sure
    again.risky += Severity.RISKY in sure
    again.suspect += bool(told) and not sure
    quiet = sum(one.severity is Severity.INFO for one in drifts)
    again.informed += bool(quiet)
    again.information += quiet
    again.alarms += [f"{endpoint.operation} {one.kind} {one.place}" for one in told if not one.suspect]
