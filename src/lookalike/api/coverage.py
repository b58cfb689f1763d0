"""What tests did with an API, read off their doubles."""

from __future__ import annotations

from lookalike.contract.contract import Contract
from lookalike.contract.coverage import Coverage
from lookalike.double.double import Double
from lookalike.double.mock import MockDouble
from lookalike.double.target import below
from lookalike.messages import split_url


def covered(contract: Contract, double: Double, into: Coverage | None = None) -> Coverage:
    """What one double declares and was asked, added to a coverage of its contract or to a new one.

    Of a double that was called more often than its journal keeps, the newest calls count.
    """
    coverage = into if into is not None else Coverage.of(contract, double.name)
    if isinstance(double, MockDouble):
        for route in double.routes:
            path = route.target.relative
            if path is None:
                continue
            for method in (route.method,) if route.method is not None else _methods(contract, path):
                for reply in route.replies:
                    status = reply.response.status if reply.response is not None else None
                    coverage.declared(contract.find(method, path), status)
    home = split_url(double.base_url) if double.base_url is not None else None
    for call in double.calls:
        request = call.request
        path = below(request.path, home) if double.covers(request.host, request.port) else None
        if path is not None:
            status = call.response.status if call.response is not None else None
            label = f"{request.method} {path}"
            operation = contract.find(request.method, path)
            coverage.called(operation, label, status)
            coverage.received(contract, operation, call.response)
    return coverage


def _methods(contract: Contract, path: str) -> list[str]:
    """The methods that a contract has at this path."""
    return sorted({one.method for one in contract.operations if contract.find(one.method, path) is one})
