"""`--lookalike-coverage`: what a run did with each API, at its end, and a floor for it."""

from __future__ import annotations

import pytest

from lookalike import config as settings
from lookalike.api.api import Api
from lookalike.api.coverage import covered
from lookalike.codec import decode_json, encode_json
from lookalike.contract.contract import Contract
from lookalike.contract.coverage import Coverage
from lookalike.contract.coverage_floors import Floors
from lookalike.double.double import Double
from lookalike.errors import LookalikeError
from lookalike.pytest_plugin.options import FLOORS
from lookalike.pytest_plugin.said import asks_for_coverage
from lookalike.report.coverage import lines_of
from lookalike.visible import visible


class Kept:
    """The coverage of each API of a run, by a key of its own; workers of pytest-xdist each have theirs, added up."""

    def __init__(self, floors: Floors) -> None:
        self.floors = floors
        self.apis: dict[str, Coverage] = {}
        self.broken: set[str] = set()
        self._contracts: dict[str, Contract] = {}

    def closed(self, api: Api, double: Double) -> None:
        """A double ended: count what it declared, and what it was asked."""
        try:
            contract = api.contract
            if contract is not None:
                covered(contract, double, self._of(api, contract))
        except LookalikeError as error:
            self.broken.add(f"{api.name}: {error}")

    def audited(self, api: Api, coverage: Coverage) -> None:
        """Count in what a suite's own mocks answered for an API."""
        try:
            contract = api.contract
            if contract is not None:
                self._of(api, contract).add(coverage)
        except LookalikeError as error:
            self.broken.add(f"{api.name}: {error}")

    def _of(self, api: Api, contract: Contract) -> Coverage:
        key = f"{api.name} {api.path or ''}"
        if key not in self.apis:
            self.apis[key] = Coverage.of(contract, api.name)
        self._contracts[key] = contract
        return self.apis[key]

    def settle(self) -> None:
        """Count the places of what no test received too; once all tests ran, as a large document takes a while."""
        for key, contract in sorted(self._contracts.items()):
            try:
                self.apis[key].count_places(contract)
            except LookalikeError as error:
                self.broken.add(f"{self.apis[key].api}: {error}")
        self._contracts.clear()

    def as_data(self) -> str:
        """All of it as text."""
        self.settle()
        apis = {key: one.to_json() for key, one in self.apis.items()}
        return encode_json({"apis": apis, "broken": sorted(self.broken)}).decode()

    def add(self, data: str) -> None:
        """Count in what a worker kept."""
        kept = decode_json(data.encode())
        for key, found in kept["apis"].items():
            self.apis.setdefault(key, Coverage(found["api"])).add(Coverage.from_json(found))
        self.broken.update(kept["broken"])

    def shortfalls(self) -> list[str]:
        """Why the run is below its floors, a sentence each."""
        self.settle()
        spelled = {measure: option for measure, (option, _) in FLOORS.items()}
        return self.floors.shortfalls(list(self.apis.values()), spelled)


def kept_for(config: pytest.Config) -> Kept:
    """What a run keeps, with the floors of its options and of its project."""
    if not asks_for_coverage(config):
        return Kept(Floors())  # a page is no reason to fail
    options = {one: config.getoption(f"lookalike_{one}_floor") for one in FLOORS}
    try:
        project = settings.load(config.rootpath)
    except LookalikeError as error:
        raise pytest.UsageError(str(error)) from None
    apis = {name: one.coverage for name, one in project.apis.items() if one.coverage}
    given = {measure: floor for measure, floor in options.items() if floor is not None}
    return Kept(Floors(given, project.coverage, apis))


def write(terminal: pytest.TerminalReporter, kept: Kept, *, verbose: bool) -> None:
    """Write the table, and whether the floors are reached."""
    kept.settle()
    terminal.write_sep("=", "lookalike: coverage of APIs")
    if kept.apis:
        for line in lines_of(kept.apis.values(), verbose=verbose):
            terminal.write_line(visible(line))
        _draw(terminal, kept)
    else:
        terminal.write_line("no test had a double of an API with a contract", yellow=True)
    for line in sorted(kept.broken):
        terminal.write_line(visible(f"not counted: {line}"), yellow=True)
    for missing in kept.shortfalls():
        terminal.write_line(visible(f"FAIL {missing}"), red=True)


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
