"""False alarms and missed changes, over many random splits of an endpoint's exchanges into what is learned and what is
checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from benchmarks.accuracy.endpoints import Endpoint
from benchmarks.accuracy.planting import Change, changes, is_told

from lookalike.contract.compare import compare
from lookalike.contract.compare_asked import names_credentials
from lookalike.contract.contract import Contract
from lookalike.contract.learning import learn
from lookalike.contract.verdict import Verdict
from lookalike.messages import Exchange

WITHIN = 5  # distinct fresh answers within which a planted change has to be DRIFT
CAUSES = 12


@dataclass
class Score:
    """What was counted for contracts from one number of responses.

    checked:  other answers, each checked alone; drift, suspect: of those
    later:    of these, answers that aren't older than what was learned; later_drift, later_suspect: of those. An older
              one may lack what the API began to have since
    causes:   what findings were about, by kind, for who tunes
    first:    planted changes by kind: (noticed at the first answer, of all)
    anyhow:   the same in any other answers, older ones and such to somebody else too: (noticed at the first, of all)
    within:   planted changes by kind: (DRIFT within five distinct answers, of those with five)
    missed:   planted changes that weren't noticed in time
    """

    checked: int = 0
    drift: int = 0
    suspect: int = 0
    later: int = 0
    later_drift: int = 0
    later_suspect: int = 0
    causes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    first: dict[str, list[int]] = field(default_factory=dict)
    within: dict[str, list[int]] = field(default_factory=dict)
    anyhow: dict[str, list[int]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add what was counted elsewhere."""
        self.checked += other.checked
        self.drift += other.drift
        self.suspect += other.suspect
        self.later += other.later
        self.later_drift += other.later_drift
        self.later_suspect += other.later_suspect
        self.causes.update(other.causes)
        for mine, theirs in (
            (self.first, other.first),
            (self.within, other.within),
            (self.anyhow, other.anyhow),
        ):
            for kind, (hits, of) in theirs.items():
                had = mine.setdefault(kind, [0, 0])
                had[0] += hits
                had[1] += of
        self.missed += other.missed


def measure(found: Iterable[Endpoint], learned: int, *, splits: int = 8, seed: int = 0) -> Score:
    """The score of contracts from `learned` responses of each endpoint."""
    total = Score()
    for endpoint in found:
        random = Random(f"{seed} {learned} {endpoint.base_url} {endpoint.operation}")
        for _ in range(splits):
            total.add(_split(endpoint, learned, random))
    return total


def _split(endpoint: Endpoint, learned: int, random: Random) -> Score:
    score = Score()
    shuffled = random.sample(endpoint.exchanges, len(endpoint.exchanges))
    known, others = shuffled[:learned], shuffled[learned:]
    if not others:
        return score
    contract = learn(known, base_url=endpoint.base_url)
    newest = max(one.day for one in known)
    for one in others:
        verdict, causes = _verdict(contract, [one])
        score.checked += 1
        score.drift += verdict is Verdict.DRIFT
        score.suspect += verdict is Verdict.SUSPECT
        later = one.day >= newest
        score.later += later
        score.later_drift += later and verdict is Verdict.DRIFT
        score.later_suspect += later and verdict is Verdict.SUSPECT
        score.causes.update((str(verdict), kind, f"{endpoint.operation} {place}") for kind, place in causes)
    _plant(endpoint, contract, known, others, random, score)
    return score


def _verdict(contract: Contract, answers: Sequence[Exchange]) -> tuple[Verdict, list[tuple[str, str]]]:
    drifts = compare(contract, answers)
    verdict = Verdict.of(drifts)
    return verdict, [(one.kind, one.place) for one in drifts if Verdict.of([one]) is verdict and verdict in _TOLD]


_CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "private-token"})
_TOLD = (Verdict.DRIFT, Verdict.SUSPECT)


def _plant(
    endpoint: Endpoint, contract: Contract, known: Sequence[Exchange], others: Sequence[Exchange], random: Random,
    score: Score,
) -> None:  # fmt: skip
    """Changes planted in the successful answers among the others, to distinct requests.

    What is planted is fresh: an API changes after it was learned, and is asked by the same client. So a planted answer
    is of the day of the newest learned one, and came to a request with credentials where the learned ones have them.
    """
    newest = max(one.day for one in known)
    others = list(_distinct(others))
    fresh = [replace(one, day=newest) for one in others if _by_same(one, known)]
    if not others or not any(one.response is not None and one.response.status < 300 for one in known):
        return
    for change in changes(endpoint.exchanges, random):
        _count(score.anyhow, change.kind, bool(_about(change, contract, [change.apply(others[0])])))
        planted = [change.apply(one) for one in fresh[:WITHIN]]
        if not planted:
            continue
        noticed = bool(_about(change, contract, planted[:1]))
        _count(score.first, change.kind, noticed)
        if not noticed:
            score.missed.append(f"first: {endpoint.operation} {change.kind} {change.place}")
        if len(planted) == WITHIN:
            drifted = any(Verdict.DRIFT in _about(change, contract, planted[: n + 1]) for n in range(WITHIN))
            _count(score.within, change.kind, drifted)
            if not drifted:
                score.missed.append(f"within: {endpoint.operation} {change.kind} {change.place}")


def _by_same(one: Exchange, known: Sequence[Exchange]) -> bool:
    """Whether an answer came to a request with credentials, if all the learned ones that succeeded did."""
    succeeded = [other for other in known if other.response is not None and other.response.status < 300]
    return _has_credentials(one) or not all(map(_has_credentials, succeeded))


def _has_credentials(one: Exchange) -> bool:
    """Whether a request had credentials, by its headers, or by those of the answer where a recorder left them out."""
    sent = any(name.lower() in _CREDENTIALS for name, _ in one.request.headers.pairs)
    answered = one.response.headers.pairs if one.response is not None else ()
    return sent or any(names_credentials(name.lower()) for name, _ in answered)


def _about(change: Change, contract: Contract, planted: Sequence[Exchange]) -> set[Verdict]:
    """The verdicts of the findings about a planted change, of targets that used to succeed; without those of less."""
    drifts = compare(contract, planted, known_good={one.request.target for one in planted})
    return {verdict for one in drifts if (verdict := Verdict.of([one])) in _TOLD and is_told(change, one.places)}


def _count(into: dict[str, list[int]], kind: str, hit: bool) -> None:
    had = into.setdefault(kind, [0, 0])
    had[0] += hit
    had[1] += 1


def _distinct(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    seen = set()
    for one in exchanges:
        key = (one.request.target, one.request.content)
        if one.response is not None and 200 <= one.response.status < 300 and key not in seen:
            seen.add(key)
            yield one
