"""What a route may ask of a request, as its keywords: the same for routes, for filters of calls and for assertions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from lookalike.messages import Request


class Criteria(TypedDict, total=False):
    """What a request is compared with. What isn't asked isn't compared.

    params, headers, cookies: each named one must fit, others may be there; a value is a str, a number, a list for a
                              repeated one, or a matcher; None is `absent`
    json, form, files, content: equal as a whole; `including(...)` for a part
    where:    a function of the request that is true for those that match
    scheme:   `http` or `https`; not compared otherwise
    """

    params: Mapping[str, Any] | None
    headers: Mapping[str, Any] | None
    cookies: Mapping[str, Any] | None
    json: Any
    form: Any
    files: Any
    content: Any
    where: Callable[[Request], object] | None
    scheme: str | None


class Asked(Criteria, total=False):
    """What a route is declared with: criteria, and what is said of the route itself.

    name:     for messages, and for `mock["name"]`
    priority: of several routes that match, the highest wins, then the newest
    """

    name: str
    priority: int
