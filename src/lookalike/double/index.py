"""Finds the few routes that a request's method, host and path allow, at the same cost for one route as for 1,000."""

from __future__ import annotations

from itertools import product, takewhile
from typing import TYPE_CHECKING

from lookalike.double.target import PathPattern, authority, canonical, segments_of
from lookalike.messages import split_url

if TYPE_CHECKING:
    from lookalike.double.route import Route
    from lookalike.messages import Request

_Key = tuple[str | None, str | None, object]

_REMEMBERED = 4096


class RouteIndex:
    """Routes by (method, host, path): literal paths by their text, templates by the text of their fixed segments."""

    def __init__(self) -> None:
        self._literals: dict[_Key, list[Route]] = {}
        # (number of segments) -> (positions of the fixed ones) -> (method, host, their text) -> routes
        self._templates: dict[int, dict[tuple[int, ...], dict[_Key, list[Route]]]] = {}
        # Templates that stand for any number of segments: (how many fixed ones they begin with) -> as above
        self._tails: dict[int, dict[_Key, list[Route]]] = {}
        # Regular expressions, by method and host.
        self._open: dict[tuple[str | None, str | None], list[Route]] = {}
        self._any_method = False
        self._any_host = False
        self._recent: dict[tuple[str, str], tuple[Route, ...]] = {}

    def add(self, route: Route) -> None:
        """Add a route; what was found before is forgotten."""
        target = route.target
        self._any_method |= route.method is None
        self._any_host |= target.authority is None
        pattern = target.pattern
        if isinstance(pattern, PathPattern) and pattern.tail is not None:
            front = tuple(takewhile(lambda part: isinstance(part, str), pattern.segments[: pattern.tail]))
            same = self._tails.setdefault(len(front), {})
            same.setdefault((route.method, target.authority, front), []).append(route)
        elif not isinstance(pattern, PathPattern):
            self._open.setdefault((route.method, target.authority), []).append(route)
        elif pattern.is_literal:
            key: _Key = (route.method, target.authority, canonical(pattern.template))
            self._literals.setdefault(key, []).append(route)
        else:
            texts = tuple(pattern.segments[at] for at in pattern.fixed)
            shapes = self._templates.setdefault(len(pattern.segments), {})
            shapes.setdefault(pattern.fixed, {}).setdefault((route.method, target.authority, texts), []).append(route)
        # A new table, not an emptied one: another thread may be about to write what it found before.
        self._recent = {}

    def candidates(self, request: Request) -> tuple[Route, ...]:
        """The routes whose method and URL fit, the one that wins first; what is left to check is in the message."""
        recent = self._recent
        asked = (request.method, request.url)
        found = recent.get(asked)
        if found is None:
            found = tuple(route for route in self.at_address(request) if _takes_url(route, request))
            if len(recent) >= _REMEMBERED:
                recent.clear()
            recent[asked] = found
        return found

    def at_address(self, request: Request) -> tuple[Route, ...]:
        """The routes whose method, host and path fit, the one that wins first."""
        routes = self._look_up(request)
        if len(routes) > 1:
            routes.sort(key=lambda route: route.rank, reverse=True)
        return tuple(routes)

    def _look_up(self, request: Request) -> list[Route]:
        # The URL is split once here, not at each of the request's properties.
        url = split_url(request.url)
        owner = authority(url.host, url.port)
        methods = (request.method, None) if self._any_method else (request.method,)
        owners = (owner, None) if self._any_host else (owner,)
        found: list[Route] = []
        path = canonical(url.path)
        for method in methods:
            for host in owners:
                found += self._literals.get((method, host, path), ())
        if self._templates:
            segments = segments_of(url.path)
            for fixed, routes in self._templates.get(len(segments), {}).items():
                texts = tuple([segments[at] for at in fixed])
                for method in methods:
                    for host in owners:
                        for route in routes.get((method, host, texts), ()):
                            pattern = route.target.pattern
                            if isinstance(pattern, PathPattern) and pattern.match(segments) is not None:
                                found.append(route)
        if self._tails or self._open:
            found += self._of_any_length(request, list(product(methods, owners)))
        if self._any_host:
            found = [route for route in found if route.target.hosts is None or route.target.hosts.fullmatch(owner)]
        return found

    def _of_any_length(self, request: Request, owners: list[tuple[str | None, str | None]]) -> list[Route]:
        segments = segments_of(request.path)
        likely: list[Route] = []
        for length, routes in self._tails.items():
            front = tuple(segments[:length])
            for method, host in owners:
                likely += routes.get((method, host, front), ())
        for key in owners:
            likely += self._open.get(key, ())
        return [route for route in likely if route.target.pattern.find(request) is not None]


def _takes_url(route: Route, request: Request) -> bool:
    return all(next(check.explain(request), None) is None for check in route.of_url)
