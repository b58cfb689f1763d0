"""Floors of coverage as values: which hold, and what is said where one doesn't."""

from __future__ import annotations

import pytest

from lookalike.contract.coverage import Coverage, OperationCoverage
from lookalike.contract.coverage_floors import MEASURES, Floors

SPELLED = {measure: f"--{measure}" for measure in MEASURES}


def covered(api: str, *, places: int = 4) -> Coverage:
    """Half of the operations called, a third of the statuses met, a quarter of the places."""
    coverage = Coverage(api, (OperationCoverage("GET /a", ("200", "404")), OperationCoverage("GET /b", ("200",))))
    one, other = coverage.operations.values()
    one.called["200"] = 1
    one.places = {"json.a", "json.b"} if places else set()
    one.met = {"json.a"} if places else set()
    one.expected = other.expected = places // 2
    return coverage


@pytest.mark.parametrize(
    ("floors", "told"),
    [
        (Floors(), []),
        (Floors(project={"operations": 50, "statuses": 33, "places": 25}), []),
        (
            Floors(project={"operations": 50.5, "statuses": 34, "places": 26}),
            ["[tool.lookalike.coverage] operations = 50.5: the tests call 50.0% of the operations",
             "[tool.lookalike.coverage] statuses = 34: the tests meet 33.3% of the documented statuses",
             "[tool.lookalike.coverage] places = 26: the answers have 25.0% of the places"],
        ),
        (
            Floors(apis={"sky": {"places": 90}}),
            ["[tool.lookalike.apis.sky] coverage.places = 90: the answers have 25.0% of the places"],
        ),
        (
            Floors(apis={"sea": {"operations": 1}}),
            ["[tool.lookalike.apis.sea] coverage.operations = 1: no test had a double of an API with a contract"],
        ),
        (Floors(options={"places": 25}, project={"places": 99}, apis={"sky": {"places": 99}}), []),
        (Floors(options={"places": 26}), ["--places=26: the answers have 25.0% of the places"]),
    ],
)  # fmt: skip
def test_floors(floors: Floors, told: list[str]) -> None:
    assert floors.shortfalls([covered("sky"), covered("hills")], SPELLED) == told


def test_a_floor_of_what_a_contract_doesnt_name_is_no_success() -> None:
    found = Floors(options={"places": 1}).shortfalls([covered("sky", places=0)], SPELLED)
    assert found == ["--places=1: the contract names no places"]
