"""Floors of coverage: how much of an API tests must exercise, in percent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from lookalike.contract.coverage import Coverage, percent_called, percent_met, percent_of_statuses

#: What has a floor: how it is measured, and how it is told.
MEASURES: Mapping[str, tuple[Callable[[Iterable[Coverage]], float], str]] = {
    "operations": (percent_called, "the tests call {:.1f}% of the operations"),
    "statuses": (percent_of_statuses, "the tests meet {:.1f}% of the documented statuses"),
    "places": (percent_met, "the answers have {:.1f}% of the places"),
}
_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Floors:
    """Floors by measure, from 0 to 100.

    options: what the command line says: over all APIs together, in place of what the project says of that measure
    project: over all APIs together
    apis:    by the name of an API: of it alone
    """

    options: Mapping[str, float] = field(default_factory=lambda: _NONE)
    project: Mapping[str, float] = field(default_factory=lambda: _NONE)
    apis: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def shortfalls(self, coverages: Sequence[Coverage], spelled: Mapping[str, str]) -> list[str]:
        """Why coverages are below their floors, a sentence each.

        spelled: the options by measure, `--lookalike-coverage-fail-under`
        """
        found = []
        for measure in MEASURES:
            if measure in self.options:
                floor = self.options[measure]
                found.append(_shortfall(measure, floor, coverages, f"{spelled[measure]}={floor:g}"))
                continue
            if measure in self.project:
                floor = self.project[measure]
                found.append(_shortfall(measure, floor, coverages, f"[tool.lookalike.coverage] {measure} = {floor:g}"))
            for name, floors in sorted(self.apis.items()):
                if measure in floors:
                    own = [one for one in coverages if one.api == name]
                    said = f"[tool.lookalike.apis.{name}] coverage.{measure} = {floors[measure]:g}"
                    found.append(_shortfall(measure, floors[measure], own, said))
        return [one for one in found if one]


def _shortfall(measure: str, floor: float, coverages: Sequence[Coverage], said: str) -> str:
    reach, sentence = MEASURES[measure]
    if not coverages:
        return f"{said}: no test had a double of an API with a contract"
    reached = reach(coverages)
    if measure == "places" and not any(one.known_places for api in coverages for one in api.operations.values()):
        return f"{said}: the contract names no places"
    return "" if reached >= floor else f"{said}: {sentence.format(reached)}"
