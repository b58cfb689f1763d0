"""What a route may ask of a request, as its keywords: the same for routes, for filters of calls and for assertions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from lookalike.messages import Request

if TYPE_CHECKING:
    from lookalike.double.client import ClientAsked
    from lookalike.double.conditions import Condition
    from lookalike.double.matcher import Matcher


Path = str | re.Pattern[str]


class Criteria(TypedDict, total=False):
    """What a request is compared with. What isn't asked isn't compared.

    params, headers, cookies: each named one must fit, others may be there; a value is a str, a number, a list for a
                              repeated one, or a matcher; None is `absent`; `exactly({...})` for no others
    json, form, files, text, xml, content: equal as a whole; `including(...)` for a part
    auth:     `("user", "password")`, `basic(...)` or `bearer(...)`
    client:   how the client was told to ask: timeout, verify, cert, proxy
    where:    a function of the request that is true for those that match, or a condition (`having`)
    scheme:   `http` or `https`; not compared otherwise
    """

    params: Mapping[str, Any] | Matcher | None
    headers: Mapping[str, Any] | Matcher | None
    cookies: Mapping[str, Any] | Matcher | None
    json: Any
    form: Any
    files: Any
    text: Any
    xml: str | bytes | None
    content: Any
    auth: tuple[Any, Any] | Matcher | None
    client: ClientAsked | None
    where: Callable[[Request], object] | Condition | None
    scheme: Literal["http", "https"] | None


class Asked(Criteria, total=False):
    """What a route is declared with: criteria, and what is said of the route itself.

    name:     for messages, and for `mock["name"]`
    priority: of several routes that match, the highest wins, then the newest
    """

    name: str
    priority: int
