"""What somebody asks of calls: a method, a path and the criteria of a route, each as optional as the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.double.asked import Criteria, Path
from lookalike.double.match import Check, compile_checks, reasons_of
from lookalike.double.misuse import CRITERIA_HABITS, refusal
from lookalike.double.target import Target, parse_target
from lookalike.errors import UsageError
from lookalike.messages import Request, SplitUrl, split_url
from lookalike.mismatch import Mismatch

__tracebackhide__ = True

CRITERIA = tuple(Criteria.__annotations__)


class Question:
    """Asks requests as a route does, and needs no path.

    call: how it was spelled, for messages: `mock.calls.where(`. Raises UsageError for what no request could fit.
    """

    def __init__(
        self, call: str, method: str | None, path: Path | None, base_url: str | None, asked: Mapping[str, Any]
    ) -> None:
        self.method = checked_method(method, call)
        self.home: SplitUrl | None = split_url(base_url) if base_url else None
        criteria = checked_criteria(call, asked)
        self.target: Target | None = None
        if path is not None:
            self.target = parse_target(path, base_url, call)
            add_query(criteria, self.target.query, f"{call}{path!r})")
        self.checks: tuple[Check, ...] = compile_checks(criteria)

    def explain(self, request: Request) -> Iterator[Mismatch]:
        """Why a request isn't what was asked for; nothing where it is."""
        if self.target is not None:
            asker: Any = self  # a route's address and checks, without its replies
            yield from reasons_of(asker, request)
            return
        if self.method is not None and self.method != request.method:
            yield Mismatch("method", self.method, request.method)
        for check in self.checks:
            yield from check.explain(request)

    @property
    def label(self) -> str:
        """`POST /todos`, `any call` where neither is asked for."""
        path = self.target.label if self.target is not None else ""
        return " ".join(part for part in (self.method or ("ANY" if path else ""), path) if part) or "any call"


def checked_method(method: object, call: str) -> str | None:
    """The method in upper case; None for any. Raises UsageError."""
    if method is None or method == "*":
        return None
    if not isinstance(method, str) or not method or method.startswith("/"):
        raise UsageError(f'{call}{method!r}): a method is a word, and comes first: {call}"GET", "/todos")')
    return method.upper()


def checked_criteria(call: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The criteria that say something. Raises UsageError for a keyword that isn't one."""
    for keyword in asked:
        if keyword not in CRITERIA:
            raise UsageError(refusal(f"{call})", keyword, CRITERIA, {**CRITERIA_HABITS, **_OF_ROUTES}))
    return {key: value for key, value in asked.items() if value is not None or key == "json"}


_OF_ROUTES = {
    "name": 'a route is found by its name as mock["name"]',
    "priority": "it decides between routes, calls have none",
}


def add_query(criteria: dict[str, Any], query: tuple[tuple[str, str], ...], spelled: str) -> None:
    """Add what a path says after its question mark to `params`. Raises UsageError where both say one name."""
    if not query:
        return
    params = criteria.get("params", {})
    if not isinstance(params, Mapping):
        raise UsageError(f"{spelled}: params= takes a dict, not {params!r}")
    wanted: dict[str, Any] = {}
    for name, value in query:
        if name in params:
            raise UsageError(f"{spelled}: the parameter {name!r} is in the path and in params=; keep one of them")
        earlier = wanted.get(name)
        wanted[name] = value if earlier is None else [*(earlier if isinstance(earlier, list) else [earlier]), value]
    criteria["params"] = {**wanted, **params}
