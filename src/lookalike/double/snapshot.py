"""What a mock was like at one moment, to go back to."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from lookalike.errors import UnusedRoute, UsageError

if TYPE_CHECKING:
    from lookalike.double.mock import MockDouble
    from lookalike.double.route import Route

__tracebackhide__ = True


class Snapshot:
    """The routes of a mock, how far their replies and orders are, what was counted, and the calls.

    As a context manager it goes back at the end of the block. What went wrong stays in `mock.failures`, so nothing is
    swallowed by going back; routes that were declared since and never used fail as they would at the mock's end.
    """

    def __init__(self, mock: MockDouble) -> None:
        self._mock = mock
        self._routes = mock.routes
        self._states = [route.state() for route in self._routes]
        orders = {id(route.order): route.order for route in self._routes if route.order is not None}
        self._orders = [(order, order.routes, order.position) for order in orders.values()]
        self._calls = mock.journal.state()
        self._progress = mock.progress()

    def check(self, mock: MockDouble) -> None:
        """Raises UsageError for another mock's snapshot."""
        if mock is not self._mock:
            raise UsageError("mock.rollback(): this snapshot is of another mock; make one with mock.snapshot()")

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes that there were."""
        return self._routes

    def restore(self, *, keep_calls: bool) -> None:
        """Let routes, orders and calls be again as they were."""
        for route, state in zip(self._routes, self._states, strict=True):
            route.restore(state)
        for order, routes, position in self._orders:
            order.restore(routes, position)
        self._mock.go_back(self._progress)
        if not keep_calls:
            self._mock.journal.restore(self._calls)

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._mock.rollback(self)
        except UnusedRoute:
            # After a failure, what was left unused is its consequence, not news.
            if error is None:
                raise
