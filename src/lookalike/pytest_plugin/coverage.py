"""`--lookalike-coverage`: what a run did with each API, at its end, and a floor for it."""

from __future__ import annotations

import pytest

from lookalike.api.api import Api
from lookalike.api.coverage import covered
from lookalike.codec import decode_json, encode_json
from lookalike.contract.coverage import Coverage, percent_called
from lookalike.double.double import Double
from lookalike.errors import LookalikeError
from lookalike.report.coverage import lines_of


class Kept:
    """The coverage of each API of a run, by a key of its own; workers of pytest-xdist each have theirs, added up."""

    def __init__(self) -> None:
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
        """Why a run is below its floor, in percent of operations called; empty where it isn't."""
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
    else:
        terminal.write_line("no test had a double of an API with a contract", yellow=True)
    for line in sorted(kept.broken):
        terminal.write_line(f"not counted: {line}", yellow=True)
    missing = kept.shortfall(floor)
    if missing:
        terminal.write_line(f"FAIL {missing}", red=True)
