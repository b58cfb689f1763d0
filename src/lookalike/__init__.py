"""Test doubles for third-party HTTP APIs, held to what the real API does.

    api = lookalike.Api("jsonplaceholder")
    with api.mock() as mock:
        mock.get("/todos").respond(json=[...])

Every name here is imported when it is first used: `import lookalike` costs what this file costs.
"""

from __future__ import annotations

# Checkers know the name; importing typing for it would cost more than all the rest here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from lookalike.api.api import Api as Api
    from lookalike.api.doubles import Mock as Mock
    from lookalike.api.skip import skip_real as skip_real
    from lookalike.api.structure import assert_same_structure as assert_same_structure
    from lookalike.api.structure import compare as compare
    from lookalike.contract.verdict import ApiReport as ApiReport
    from lookalike.contract.verdict import Verdict as Verdict
    from lookalike.double.conditions import having as having
    from lookalike.double.matchers import ANY as ANY
    from lookalike.double.matchers import absent as absent
    from lookalike.double.matchers import including as including
    from lookalike.double.matchers import matching as matching
    from lookalike.double.route import Route as Route
    from lookalike.double.router import Router as Router
    from lookalike.errors import BlockedConnection as BlockedConnection
    from lookalike.errors import ContractViolation as ContractViolation
    from lookalike.errors import CredentialsRefused as CredentialsRefused
    from lookalike.errors import DoubleError as DoubleError
    from lookalike.errors import FileError as FileError
    from lookalike.errors import InvalidJson as InvalidJson
    from lookalike.errors import LookalikeError as LookalikeError
    from lookalike.errors import RealApiError as RealApiError
    from lookalike.errors import UnmatchedRequest as UnmatchedRequest
    from lookalike.errors import Unreachable as Unreachable
    from lookalike.errors import UnusedRoute as UnusedRoute
    from lookalike.errors import UsageError as UsageError
    from lookalike.messages import Exchange as Exchange
    from lookalike.messages import Request as Request
    from lookalike.messages import Response as Response
    from lookalike.mismatch import Mismatch as Mismatch

__version__ = "0.1.0"

_ROOMS = {
    "api.api": ("Api",),
    "api.structure": ("assert_same_structure", "compare"),
    "api.doubles": ("Mock",),
    "api.skip": ("skip_real",),
    "contract.verdict": ("ApiReport", "Verdict"),
    "double.conditions": ("having",),
    "double.matchers": ("ANY", "absent", "including", "matching"),
    "double.route": ("Route",),
    "double.router": ("Router",),
    "errors": (
        "BlockedConnection", "ContractViolation", "CredentialsRefused", "DoubleError", "FileError", "InvalidJson",
        "LookalikeError", "RealApiError", "UnmatchedRequest", "Unreachable", "UnusedRoute", "UsageError",
    ),
    "messages": ("Exchange", "Request", "Response"),
    "mismatch": ("Mismatch",),
}  # fmt: skip
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "ANY",
    "Api",
    "ApiReport",
    "BlockedConnection",
    "ContractViolation",
    "CredentialsRefused",
    "DoubleError",
    "Exchange",
    "FileError",
    "InvalidJson",
    "LookalikeError",
    "Mismatch",
    "Mock",
    "RealApiError",
    "Request",
    "Response",
    "Route",
    "Router",
    "UnmatchedRequest",
    "Unreachable",
    "UnusedRoute",
    "UsageError",
    "Verdict",
    "absent",
    "assert_same_structure",
    "compare",
    "having",
    "including",
    "matching",
    "skip_real",
]


if not TYPE_CHECKING:  # checkers see the imports above, and so a name that isn't there is an error for them too

    def __getattr__(name: str) -> object:
        if name in _HOME:
            from importlib import import_module

            value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
            globals()[name] = value
            return value
        hint = ""
        if not name.startswith("_"):
            from lookalike.double.misuse import MODULE_HABITS

            hint = f"; write {MODULE_HABITS[name]}" if name in MODULE_HABITS else ""
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__} - {"TYPE_CHECKING", "annotations"})
