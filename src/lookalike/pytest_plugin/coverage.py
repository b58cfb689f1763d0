"""`--lookalike-coverage`: what a run did with each API, at its end, and a floor for it."""

from __future__ import annotations

import pytest

from lookalike.api.api import Api
from lookalike.api.coverage import covered
from lookalike.codec import decode_json, encode_json
from lookalike.contract.coverage import Coverage, percent_called, percent_met
from lookalike.double.double import Double
from lookalike.errors import LookalikeError
from lookalike.report.coverage import lines_of


class Kept:
    """The coverage of each API of a run, by a key of its own; workers of pytest-xdist each have theirs, added up."""

    def __init__(self, places_floor: float | None = None) -> None:
        self.places_floor = places_floor
        self.apis: dict[str, Coverage] = {}
        self.broken: set[str] = set()

    def closed(self, api: Api, double: Double) -> None:
        """A double ended: count what it declared, and what it was asked."""
        try:
            contract = api.contract
            if contract is None:
                return
            key = f"{api.name} {api.path or ''}"
            if key not in self.apis:
                self.apis[key] = Coverage.of(contract, api.name)
            covered(contract, double, self.apis[key])
        except LookalikeError as error:
            self.broken.add(f"{api.name}: {error}")

    def as_data(self) -> str:
        """All of it as text."""
        apis = {key: one.to_json() for key, one in self.apis.items()}
        return encode_json({"apis": apis, "broken": sorted(self.broken)}).decode()

    def add(self, data: str) -> None:
        """Count in what a worker kept."""
        kept = decode_json(data.encode())
        for key, found in kept["apis"].items():
            self.apis.setdefault(key, Coverage(found["api"])).add(Coverage.from_json(found))
        self.broken.update(kept["broken"])

    def shortfall(self, floor: float | None) -> str:
        """Why a run is below its floors, in percent of operations called and of places met; empty where it isn't."""
        short = self._called_shortfall(floor)
        if short or self.places_floor is None:
            return short
        option = f"--lookalike-coverage-places-fail-under={self.places_floor:g}"
        if not any(one.places for api in self.apis.values() for one in api.operations.values()):
            return f"{option}: no test received a success whose contract names places"
        reached = percent_met(self.apis.values())
        if reached >= self.places_floor:
            return ""
        return f"{option}: the answers have {reached:.1f}% of the places of the operations that were answered"

    def _called_shortfall(self, floor: float | None) -> str:
        if floor is None:
            return ""
        if not self.apis:
            return f"--lookalike-coverage-fail-under={floor:g}: no test had a double of an API with a contract"
        reached = percent_called(self.apis.values())
        if reached >= floor:
            return ""
        return f"--lookalike-coverage-fail-under={floor:g}: the tests call {reached:.1f}% of the operations"


def write(terminal: pytest.TerminalReporter, kept: Kept, floor: float | None, *, verbose: bool) -> None:
    """Write the table, and whether the floor is reached."""
    terminal.write_sep("=", "lookalike: coverage of APIs")
    if kept.apis:
        for line in lines_of(kept.apis.values(), verbose=verbose):
            terminal.write_line(line)
        _draw(terminal, kept)
    else:
        terminal.write_line("no test had a double of an API with a contract", yellow=True)
    for line in sorted(kept.broken):
        terminal.write_line(f"not counted: {line}", yellow=True)
    missing = kept.shortfall(floor)
    if missing:
        terminal.write_line(f"FAIL {missing}", red=True)


def _draw(terminal: pytest.TerminalReporter, kept: Kept) -> None:
    """Put the coverage on the run's page, where one is asked for."""
    if not terminal.config.getoption("lookalike_report"):
        return
    from lookalike.pytest_plugin.page import add_section
    from lookalike.report.suite_page.coverage import coverage_section

    try:
        add_section(terminal.config, coverage_section(kept.apis.values()))
    except LookalikeError as error:
        terminal.write_line(str(error), red=True)
