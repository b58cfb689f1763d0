"""The policy's priors tuned on some folders of recordings and measured on another, each folder in turn.

`measure` says how right the priors are that lookalike has. Those were fitted on recordings, perhaps on the very ones
that are measured; here each folder is judged by priors that were chosen without it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from unittest import mock

from benchmarks.accuracy.endpoints import Endpoint
from benchmarks.accuracy.measure import Score, measure
from benchmarks.accuracy.table import TARGETS, Row

from lookalike.contract import compare_causes
from lookalike.shape import policy
from lookalike.shape.policy import DEFAULT, Policy, Prior

STEADY = (0.5, 1.0, 1.5)
CHANCES = (0.05, 0.07)
LOOSE = (0.5, 0.75)
_LOOSE_STATEMENTS = ("sometimes", "not_null", "values", "format", "header")
_STEADY_STATEMENTS = ("present", "kind", "status")


@dataclass(frozen=True)
class Tuned:
    """What was chosen on all other folders: the beta of what is steady, alpha and chance of what is loose."""

    steady: float
    loose: float
    chance: float

    @property
    def policy(self) -> Policy:
        """The policy with these priors."""
        loose = Prior(self.loose, 1.0, chance=self.chance)
        priors = dict.fromkeys(_STEADY_STATEMENTS, Prior(0.5, self.steady)) | dict.fromkeys(_LOOSE_STATEMENTS, loose)
        return replace(DEFAULT, priors=priors)

    def __str__(self) -> str:
        return f"Beta(0.5, {self.steady}), Beta({self.loose}, 1) to {self.chance:.0%}"


GRID = tuple(Tuned(steady, loose, chance) for steady in STEADY for loose in LOOSE for chance in CHANCES)


@contextmanager
def judged_by(tuned: Tuned) -> Iterator[None]:
    """Certainty by other priors, for as long as it lasts."""
    with mock.patch.object(compare_causes, "judge", functools.partial(policy.judge, policy=tuned.policy)):
        yield


def held_out(
    folders: Mapping[str, Sequence[Endpoint]],
    learned: Sequence[int],
    *,
    splits: int,
    seed: int,
    grid: Sequence[Tuned] = GRID,
) -> list[Row]:
    """Each folder's score by the priors that are best on the others, then the sum of all.

    Best is, of the priors that notice and decide most of what is planted, the one with the smallest share of other
    answers that are DRIFT or SUSPECT, as a mean over folders so that a large one doesn't decide alone.
    """
    scores: dict[Tuned, dict[tuple[str, int], Score]] = {}
    for tuned in grid:
        with judged_by(tuned):
            scores[tuned] = {
                (name, size): measure(found, size, splits=splits, seed=seed)
                for name, found in folders.items()
                for size in learned
            }
    rows = []
    totals = {size: Score() for size in learned}
    for name, found in sorted(folders.items()):
        others = [other for other in folders if other != name]
        best = min(grid, key=lambda tuned: _badness([scores[tuned][one, size] for one in others for size in learned]))
        for size in learned:
            rows.append(Row(f"{name} ({best})", len(found), size, scores[best][name, size]))
            totals[size].add(scores[best][name, size])
    every = sum(map(len, folders.values()))
    return rows + [Row("all, each held out", every, size, totals[size]) for size in learned]


def _badness(scores: Sequence[Score]) -> tuple[float, ...]:
    """What is worse, first: missed changes, then DRIFT beyond what is allowed, then the mean share of alarms."""
    missed = sum(of - hits for score in scores for found in (score.first, score.within) for hits, of in found.values())
    seen = [score for score in scores if score.checked]
    drift = sum(score.drift / score.checked for score in seen) / max(1, len(seen))
    alarms = sum((score.drift + score.suspect) / score.checked for score in seen) / max(1, len(seen))
    return missed, max(0.0, drift - min(one for one, _ in TARGETS.values())), alarms
