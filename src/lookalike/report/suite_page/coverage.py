"""The section of coverage: what `coverage.js` draws, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lookalike.contract.coverage import Coverage, OperationCoverage
from lookalike.counted import counted
from lookalike.report.suite_page import Section


def coverage_section(coverages: Iterable[Coverage]) -> Section:
    """What a run covers of each API: its operations, their statuses, and the places of their successes."""
    found = sorted(coverages, key=lambda one: one.api)
    operations = [one for coverage in found for one in coverage.operations.values()]
    called = sum(bool(one.calls) for one in operations)
    met, places = sum(len(one.met) for one in operations), sum(one.known_places for one in operations)
    told = f"{called:,} of {counted(len(operations), 'operation')} called, {met:,} of {counted(places, 'place')} met"
    data = [
        {
            "name": coverage.api,
            "operations": [_operation(one) for one in coverage.operations.values()],
            "strangers": [[request, count] for request, count in sorted(coverage.strangers.items())],
        }
        for coverage in found
    ]
    return Section("coverage", "Coverage of the APIs", told, data)


def _operation(one: OperationCoverage) -> dict[str, Any]:
    return {
        "key": one.key,
        "mocked": one.is_mocked,
        "calls": one.calls,
        "called": [[status or "no answer", count] for status, count in sorted(one.called.items())],
        "unmet": list(one.unmet),
        "documented": len(one.statuses),
        "places": one.known_places,
        "met": len(one.met),
        "missing": sorted(one.places - one.met),
    }
