"""The audit's section: what `audit.js` draws, as JSON values."""

from __future__ import annotations

from typing import Any

from lookalike.contract.audited import Audit, AuditedApi, Finding, natural
from lookalike.counted import counted
from lookalike.report.suite_page import Section

_MOST_TESTS = 50


def audit_section(audit: Audit) -> Section:
    """The section of an audit."""
    lying, hosts = audit.lying, len(audit.unnamed)
    told = f"{counted(audit.mocks, 'mock')} of {counted(len(audit.apis), 'API')}, {lying:,} lie{'s' * (lying == 1)}"
    if hosts:
        told += f", {counted(hosts, 'host')} without a contract"
    data = {
        "apis": [_api(api) for _, api in sorted(audit.apis.items())],
        "unnamed": [
            {"host": host, "places": sorted(places, key=natural)} for host, places in sorted(audit.unnamed.items())
        ],
        "unread": [[name, why] for name, why in sorted(audit.unread.items())],
        "troubles": sorted(audit.troubles),
    }
    return Section("audit", "Audit of the mocks", told, data)


def _api(api: AuditedApi) -> dict[str, Any]:
    mocks = len(api.mocks)
    operations = api.coverage.operations.values()
    return {
        "name": api.name,
        "source": api.source,
        "mocks": mocks,
        "lying": len(api.lying),
        "strangers": len(api.strangers),
        "unsaid": api.unsaid,
        "tests": len({test for mock in api.mocks.values() for test in mock.tests}),
        "operations": api.coverage.known,
        "mocked": sum(one.is_mocked and bool(one.documented) for one in operations),
        "lies": [_finding(one) for one in api.lies],
        "unknown": [_finding(one) for one in api.unknown],
        "disputes": [_finding(one) for one in api.disputes],
        "doubts": [_finding(one) for one in api.doubts],
        "never": list(api.never_mocked),
        "errors": [[key, list(unmet)] for key, unmet in api.errors_never_met],
        "all": [
            [mock.operation, mock.place, mock.library, sorted(mock.statuses), mock.received, len(mock.lies)]
            for mock in sorted(api.mocks.values(), key=lambda one: (one.operation, natural(one.place), one.library))
        ],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "operations": list(one.operations),
        "where": one.said.where,
        "expected": one.said.expected,
        "got": one.said.got,
        "evidence": one.said.evidence,
        "hint": one.said.hint,
        "mocks": len(one.mocks),
        "places": [list(place) for place in dict.fromkeys((mock.place, mock.library) for mock in one.mocks)],
        "tests": list(one.tests[:_MOST_TESTS]),
        "many": len(one.tests),
    }
