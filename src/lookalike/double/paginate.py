"""A route that answers with the page of a list that a request asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lookalike.double import contracts
from lookalike.double.address import address_of
from lookalike.double.body import json_copy
from lookalike.double.pages import Cut, Pages, WrongPage
from lookalike.double.refusals import refusal
from lookalike.double.reply import PathParameters, Reply
from lookalike.double.source import caller
from lookalike.errors import UsageError
from lookalike.messages import Request, Response

if TYPE_CHECKING:
    from lookalike.double.contracts import ContractLike
    from lookalike.double.route import Route

__tracebackhide__ = True


class PagesReply(Reply):
    """Answers with the page that the request asks for.

    items: the whole list when a request comes
    """

    def __init__(
        self,
        pages: Pages,
        items: Callable[[], Sequence[Any]],
        *,
        told: str,
        unchecked: str,
        respond: Callable[[Sequence[Any], Cut, Request], Response],
        refuse: Callable[[Request, str], Response],
    ) -> None:
        super().__init__(caller(), unchecked)
        self._pages = pages
        self._items = items
        self._told = told
        self._respond = respond
        self._refuse = refuse

    @property
    def label(self) -> str:
        return self._told

    def answer(self, request: Request, path_parameters: PathParameters) -> Response:
        items = self._items()
        try:
            cut = self._pages.cut(request, items)
        except WrongPage as wrong:
            return self._refuse(request, str(wrong))
        return self._respond(items, cut, request)


def pages_reply(
    route: Route,
    items: Iterable[Any],
    style: str,
    options: Mapping[str, Any],
    *,
    contract: ContractLike | None,
    status: int,
    check: Callable[[Reply, Response], None],
) -> PagesReply:
    """The reply of `Route.paginate`; each of its pages is held to the contract here, by `check`."""
    call = ".paginate()"
    if isinstance(items, (str, bytes, Mapping)) or not hasattr(items, "__iter__"):
        raise UsageError(f"{call} takes the list of all items, not {items!r}")
    pages = Pages(call, style, options)
    # What is declared is what is sent, whatever the test does to its own objects afterwards.
    known: list[Any] = json_copy(list(items))
    pages.check(call, known)
    path, home = route.target.relative, route.home
    kind = "application/json" if contract is None else contracts.json_kind(contract, route.method, path, status)

    def respond(given: Sequence[Any], cut: Cut, request: Request) -> Response:
        return pages.answer(given, cut, address_of(request, home), status, kind, options.get("headers"))

    def refuse(request: Request, why: str) -> Response:
        return refusal(contract, request.method, path, 400, why)

    reply = PagesReply(
        pages,
        lambda: known,
        told=f'paginate("{style}")',
        unchecked=options.get("unchecked", ""),
        respond=respond,
        refuse=refuse,
    )
    first = sample_request(route)
    whole = pages.cut(first, known)
    for start in range(0, len(known) or 1, whole.size):
        check(reply, respond(known, Cut(start, whole.size, whole.total), first))
    return reply


def sample_request(route: Route) -> Request:
    """A request as the route may get it, without a query."""
    scheme = route.home.scheme if route.home is not None else "https"
    host = route.target.authority or "api.invalid"
    return Request(route.method or "GET", f"{scheme}://{host}{route.target.pattern.template}")
