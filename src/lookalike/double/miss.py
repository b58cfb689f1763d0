"""What a request that matches no route is told: the nearest route, each place that differs, and the next step."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from lookalike.counted import counted
from lookalike.double.base import base_slip
from lookalike.double.columns import aligned, masked
from lookalike.double.declaration import declaration
from lookalike.double.match import of_address, reasons_of
from lookalike.double.nearness import distance, likeness
from lookalike.double.target import PathPattern, below
from lookalike.double.told import told_mismatch
from lookalike.messages import Request, SplitUrl
from lookalike.mismatch import Mismatch
from lookalike.secrets import mask_url

if TYPE_CHECKING:
    from lookalike.double.contracts import ContractLike
    from lookalike.double.route import Route

_OTHERS = 5
_ROWS = 12
# Of so many routes, those whose address is nearest are compared as a whole.
_COMPARED = 20
_FIRST = 3
_BEGUN = 40


def reasons(route: Route, request: Request, most: int | None = None) -> list[Mismatch]:
    """Why a route doesn't answer a request: what doesn't match, or that it answered as often as it may.

    most: how many reasons are enough
    """
    found = list(islice(reasons_of(route, request), most))
    if not found and route.replies and route.call_count >= route.allowed:
        count = int(route.allowed)
        found = [Mismatch("times", counted(count, "request"), "another one after these")]
    return found


def describe_miss(
    request: Request,
    routes: Sequence[Route],
    home: SplitUrl | None,
    contract: ContractLike | None = None,
    base_url: str | None = None,
) -> str:
    """The whole message. With a contract it says who is wrong: the route, or the request."""
    asked = f"{request.method} {mask_url(request.url)}"
    told = f"{asked} matches none of {len(routes)} routes."
    if len(routes) == 1:
        told = f"{asked} doesn't match the only route."
    known = _Known(contract, request, _path_at_home(request, home))
    path = known.path if known.path is not None else mask_url(request.url).partition("?")[0]
    line = declaration(request, path)
    if not routes:
        return f"{asked} matches no route: none is declared.\n\nNext: declare {line}{known.doubt}"
    early = _out_of_turn(routes, request)
    if early is not None:
        return f"{asked} came out of turn.\n\n{_turn(early)}"
    ranked = sorted(((_distance(one, request, found), one, found) for one, found in _all(routes, request)), key=_first)
    _, nearest, found = ranked[0]
    found = reasons(nearest, request) if len(found) >= _BEGUN else found
    parts = [told, "", _nearest(nearest, found)]
    if len(ranked) > 1:
        parts += ["Others:", _others([(one, why) for _, one, why in ranked[1:]])]
    slip = "" if known.request else base_slip(routes, request, home, base_url)
    parts += ["", slip or _next(nearest, found, request, line, known)]
    return "\n".join(parts)


class _Known:
    """What the contract, where there is one, says of a request and of the routes that may have been meant.

    path: the request's path as a route would be declared with it, None where it isn't for the API's own host
    """

    def __init__(self, contract: ContractLike | None, request: Request, path: str | None) -> None:
        self._contract = contract if path is not None else None
        self._method = request.method
        self.path = path

    @property
    def request(self) -> bool:
        """Whether the contract has an operation for the request."""
        return self._has(self.path)

    def route(self, route: Route) -> bool:
        """Whether it has one for a route."""
        return self._has(route.target.relative)

    def blames(self, route: Route) -> str:
        """Which of a request and a route that is much like it is wrong; empty where the contract can't tell."""
        contract, path = self._contract, self.path
        if contract is None or path is None or route.target.relative is None or self.request == self.route(route):
            return ""
        if self.request:
            meant = contract.find(self._method, path).path
            return (
                f"did you mean {meant}? Fix the route at {route.place}: the contract of {contract.name} has "
                f"{self._method} {meant}, and no {self._method} {route.path}."
            )
        return (
            f"did you mean {mask_url(route.path)}? Fix the code's request: the contract of {contract.name} has "
            f"{self._method} {route.path}, and no {self._method} {path}."
        )

    @property
    def doubt(self) -> str:
        """That the contract doesn't know what was asked, and what it knows instead."""
        contract, path = self._contract, self.path
        if contract is None or path is None or self.request:
            return ""
        near = contract.meant(self._method, path)
        hint = "." if near is None else f"; did you mean {near.method} {near.path}?"
        return f"\nThe contract of {contract.name} has no {self._method} {path}{hint}"

    def _has(self, path: str | None) -> bool:
        contract = self._contract
        return contract is not None and path is not None and contract.find(self._method, path) is not None


def _out_of_turn(routes: Sequence[Route], request: Request) -> Route | None:
    """A route in an order that the request is for, where it is another one's turn."""
    fitting = [one for one in routes if one.order is not None and next(reasons_of(one, request), None) is None]
    return next((one for one in fitting if not one.complete), fitting[0] if fitting else None)


def _turn(route: Route) -> str:
    """Whose turn it is instead, and what to do about it."""
    order = route.order
    name = f"{route.name}, " if route.name else ""
    turn = order.told(route) if order is not None else ""
    return (
        f"Asked for: {route.label}   ({name}declared at {route.place})\n"
        f"Its turn:  {turn}\n\n"
        "Next: change the order of the code's requests or of the declarations; more calls of one route are .times(n), "
        "what may be left out is .optional(), and what may come at any time is declared outside of the order."
    )


def _all(routes: Sequence[Route], request: Request) -> list[tuple[Route, list[Mismatch]]]:
    """What differs, of each: the beginning of it, as bodies may be large and there may be many routes."""
    if len(routes) <= _COMPARED:
        return [(route, reasons(route, request, _BEGUN)) for route in routes]
    begun = [(one, list(of_address(one, request)) or reasons(one, request, _FIRST)) for one in routes]
    begun.sort(key=lambda one: _distance(one[0], request, one[1]))
    near = [(route, reasons(route, request, _BEGUN)) for route, _ in begun[:_COMPARED]]
    return [*near, *begun[_COMPARED:]]


def _first(ranked: tuple[tuple[float, int], object, object]) -> tuple[float, int]:
    return ranked[0]


def _distance(route: Route, request: Request, found: list[Mismatch]) -> tuple[float, int]:
    return distance(found, route.target.pattern.template, request.path), route.rank[1]


def _nearest(route: Route, found: list[Mismatch]) -> str:
    name = f"{route.name}, " if route.name else ""
    return f"Nearest: {route.label}   ({name}declared at {route.place})\n" + aligned(found, limit=_ROWS)


def _others(others: list[tuple[Route, list[Mismatch]]]) -> str:
    shown = others[:_OTHERS]
    methods = max(len(route.method or "ANY") for route, _ in shown)
    paths = max(len(mask_url(route.path)) for route, _ in shown)
    lines = [
        f"  {(route.method or 'ANY').ljust(methods)} {mask_url(route.path).ljust(paths)}    {_why(found)}"
        for route, found in shown
    ]
    more = len(others) - len(shown)
    return "\n".join([*lines, *([f"  ... and {more} more"] if more else [])])


def _why(found: list[Mismatch]) -> str:
    return told_mismatch(masked(found[0]))


def _next(route: Route, found: list[Mismatch], request: Request, line: str, known: _Known) -> str:
    where = {one.where for one in found}
    if where == {"times"} and route.awaits_reply:
        return f"Next: say at {route.place} what answers afterwards, .respond(...), or declare {line}"
    if where == {"times"}:
        return f"Next: raise .times(...) at {route.place}, add .then with another reply, or declare {line}"
    pattern = route.target.pattern
    if where == {"path"} and isinstance(pattern, PathPattern) and pattern.misfit(request.path):
        return f"Next: fix the code's request, or the route's parameter at {route.place}, or declare {line}"
    template = pattern.template
    alike = likeness(template, request.path) if "path" in where and not where & {"host", "method"} else 0.0
    if alike > (0.6 if where == {"path"} else 0.7):
        blamed = known.blames(route)
        if blamed:
            return f"Next: {blamed}"
        # A path with one segment more or less is another resource; where the contract has both, a route is missing.
        if not known.request and (found[0].hint or template.count("/") == request.path.count("/")):
            return f"Next: did you mean {mask_url(route.path)}? Fix the code's request or the route at {route.place}."
    if where == {"host"} and difflib.SequenceMatcher(None, found[0].expected, found[0].got).ratio() > _TYPO:
        return f"Next: did you mean the host {found[0].expected}? Fix the code's URL, or declare {line}"
    if where & {"host", "path"}:
        return f"Next: declare {line}{known.doubt}"
    keyword = _only_more(found)
    if keyword:
        return (
            f"Next: if the request may have more than this, say {keyword}=lookalike.including({{...}}) at "
            f"{route.place}; else change it there or in the code's request, or declare {line}"
        )
    return f"Next: change the route at {route.place} or the code's request, or declare {line}"


_MORE = {"no such key": "json", "no such field": "form", "no such file": "files"}


def _only_more(found: list[Mismatch]) -> str:
    """The keyword whose value the request has and more, where nothing else differs."""
    keywords = {_MORE.get(one.expected, "") for one in found}
    return keywords.pop() if len(keywords) == 1 else ""


# How alike two hosts are, of which one is a typing error.
_TYPO = 0.85


def _path_at_home(request: Request, home: SplitUrl | None) -> str | None:
    at_home = home is None or (request.host == home.host and (request.port == home.port or _default(request, home)))
    return below(request.path, home) if at_home else None


def _default(request: Request, home: SplitUrl) -> bool:
    return {request.port, home.port} <= {80, 443}
