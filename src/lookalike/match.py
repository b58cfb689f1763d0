"""All that a route compares with: `from lookalike.match import between, having, schema`.

Values that stand for many go wherever a value goes; `having` makes conditions. Both are combined by `&`, `|` and `~`.
"""

from lookalike.double.auth import basic, bearer
from lookalike.double.client import ClientAsked
from lookalike.double.combined import exactly
from lookalike.double.conditions import Condition, having
from lookalike.double.matcher import Matcher
from lookalike.double.matchers import ANY, absent, including, matching
from lookalike.double.schema_match import schema
from lookalike.double.values import between, satisfying

__all__ = [
    "ANY",
    "ClientAsked",
    "Condition",
    "Matcher",
    "absent",
    "basic",
    "bearer",
    "between",
    "exactly",
    "having",
    "including",
    "matching",
    "satisfying",
    "schema",
]
