"""Paths and the base URL that they are below: what is said where one of them has a part of the other too often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lookalike.double.match import of_address
from lookalike.double.target import below
from lookalike.messages import Request, SplitUrl
from lookalike.secrets import mask_url

if TYPE_CHECKING:
    from lookalike.double.route import Route

# A base's path is short: /v1, /api/v2.
_LONGEST = 2


def base_slip(routes: Sequence[Route], request: Request, home: SplitUrl | None, base_url: str | None) -> str:
    """The next step where a route would match if its path, or the request's, began elsewhere; empty where none would.

    Three slips: a route's path repeats the base URL's, the code leaves it out, or it is missing in the base URL.
    """
    if home is None or base_url is None:
        return ""
    ours = [route for route in routes if route.target.relative is not None and route.path.startswith("/")]
    prefix, path = home.path.rstrip("/"), below(request.path, home)
    base = mask_url(base_url)
    if prefix:
        route = _fitting(ours, request, prefix + request.path)
        if route is not None and path is not None:
            short = mask_url(route.path).removeprefix(prefix)
            return f"Next: paths are below {base}; write {_spelled(route, short)} at {route.place}."
        if route is not None:
            return (
                f"Next: the mock's base URL is {base}, and the code asks without {prefix}; "
                "change the code's URL or the base URL."
            )
    for cut in _beginnings(path or ""):
        rest = (path or "")[len(cut) :]
        literal = [route for route in ours if "{" not in route.path.split("/")[1]]
        route = _fitting(literal, request, prefix + rest)
        if route is not None:
            whole = cut + mask_url(route.path)
            return (
                f'Next: where {cut} is part of the API\'s base URL, say Api(base_url="{base}{cut}"); '
                f"else write {_spelled(route, whole)} at {route.place}."
            )
    return ""


def _beginnings(path: str) -> Iterable[str]:
    """What of a path may be a base's: its first segment, its first two, without numbers of something."""
    segments = path.split("/")[1:]
    for count in range(1, min(_LONGEST, len(segments) - 1) + 1):
        if not any(one.isdigit() or not one for one in segments[:count]):
            yield "/" + "/".join(segments[:count])


def _fitting(routes: Sequence[Route], request: Request, path: str) -> Route | None:
    scheme, _, rest = request.url.partition("://")
    netloc = rest.partition("/")[0].partition("?")[0]
    moved = Request(request.method, f"{scheme}://{netloc}{path}")
    return next((route for route in routes if next(of_address(route, moved), None) is None), None)


def _spelled(route: Route, path: str) -> str:
    verb = f"{route.method.lower()}(" if route.method in _VERBS else f'route("{route.method or "*"}", '
    return f'mock.{verb}"{path}")'


_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
